"""``scrapy doctor`` against the replica: well, and ill in one way at a time."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from helpers.crawls import CrawlCommand, scrapy

from peoplesdaily.replica.content import Catalogue
from peoplesdaily.replica.server import Server
from peoplesdaily.replica.site import Reply, Site
from peoplesdaily.site.sections import SECTIONS

Doctor = Callable[..., tuple[int, dict[str, dict[str, Any]]]]

# A frame that no template and no list knows.
OTHER = (
    b"<html><head><title>New</title></head><body><main><h1>New</h1>"
    + b"<p>A long sentence of a design that came later than this program. </p>" * 9
    + b"</main></body></html>"
)


@pytest.fixture
def doctor(server: Server, tmp_path: Path) -> Doctor:
    """``doctor("--sections", "world")``: the exit code, and the findings by name."""

    def run(*arguments: str, proxy: str | None = None) -> Any:
        done = scrapy(
            *("doctor", "--json", *arguments),
            *("-s", "DOWNLOAD_DELAY=0", "-s", "AUTOTHROTTLE_ENABLED=0", "-s", "RETRY_BACKOFF=0.05"),
            *("-s", f"OUTPUT_DIR={tmp_path / 'output'}"),
            proxy=proxy or server.url,
        )
        assert done.stderr == "", done.stderr
        findings = [json.loads(line) for line in done.stdout.splitlines()]
        return done.returncode, {finding["check"]: finding for finding in findings}

    return run


def test_all_is_well(doctor: Doctor, tmp_path: Path) -> None:
    code, found = doctor()

    assert {f["outcome"] for f in found.values()} == {"ok"}, found
    assert code == 0
    names = ["installation", "write access", "disk", "index", "clock", "robots.txt"]
    assert list(found) == [*names, *(f"section {name}" for name in SECTIONS)]
    assert "article 2021" in found["section world"]["detail"]
    assert not list((tmp_path / "output").iterdir()), "it leaves traces"


def test_the_table_is_for_people(server: Server, tmp_path: Path) -> None:
    done = scrapy(
        *(
            "doctor",
            "--sections",
            "world",
            "-s",
            "DOWNLOAD_DELAY=0",
            "-s",
            f"OUTPUT_DIR={tmp_path}",
        ),
        proxy=server.url,
    )
    lines = done.stdout.splitlines()
    assert lines[-1] == "7 checks, all is well"
    assert lines[-2].split()[:3] == ["section", "world", "ok"]


def test_local_asks_nothing_of_the_site(doctor: Doctor, server: Server) -> None:
    code, found = doctor("--local")

    assert (code, list(found)) == (0, ["installation", "write access", "disk", "index"])
    assert not server.log


def test_it_knows_the_index(doctor: Doctor, crawl: CrawlCommand) -> None:
    crawl("world", "-a", "max_articles=3")
    assert doctor("--local")[1]["index"]["detail"].startswith("3 articles, 0 pending")


@pytest.mark.parametrize("content", [b"", b"no database " * 99, b"SQLite format 3\0" + b"x" * 999])
def test_a_broken_index(doctor: Doctor, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "output").mkdir()
    (tmp_path / "output" / "index.sqlite").write_bytes(content)
    code, found = doctor("--local")
    assert code == (1 if content else 0)
    assert ("the next run makes a new one" in found["index"]["detail"]) == bool(content)


def test_a_list_in_another_design(doctor: Doctor, site: Site) -> None:
    site.overrides["/90777/index.html"] = Reply(200, {}, OTHER)
    # The navigation leads to the same list.
    code, found = doctor("--sections", "world,opinions")

    assert code == 76
    assert found["section world"]["outcome"] == "redesign"
    assert "/90777/index.html" in found["section world"]["detail"]
    assert found["section opinions"]["outcome"] == "ok"


def test_an_article_in_another_design(doctor: Doctor, site: Site, catalogue: Catalogue) -> None:
    story = catalogue.story(catalogue.lists("world")[0])
    site.overrides[story.path] = Reply(200, {}, OTHER)
    code, found = doctor("--sections", "world")

    assert code == 76
    assert story.path in found["section world"]["detail"]


def test_an_article_that_is_gone(doctor: Doctor, site: Site, catalogue: Catalogue) -> None:
    story = catalogue.story(catalogue.lists("world")[0])
    site.overrides[story.path] = Reply(404)
    code, found = doctor("--sections", "world")

    assert (code, found["section world"]["outcome"]) == (66, "failed_downloads")


def test_robots_txt_forbids(doctor: Doctor, site: Site) -> None:
    site.overrides["/robots.txt"] = Reply(200, {}, b"User-agent: *\nDisallow: /90777/\n")
    code, found = doctor("--sections", "world")

    assert code == 69
    assert "forbids http://en.people.cn/90777/index.html" in found["robots.txt"]["detail"]


def test_nobody_there(doctor: Doctor) -> None:
    code, found = doctor("--sections", "world", proxy="http://127.0.0.1:9")

    assert code == 69
    assert found["section world"]["outcome"] == "unreachable"
    assert "refused" in found["section world"]["detail"]


def test_a_clock_that_is_wrong(doctor: Doctor, site: Site) -> None:
    robots = site.respond("GET", "en.people.cn", "/robots.txt")
    late = {**robots.headers, "Date": "Mon, 24 Nov 2025 00:00:00 GMT"}
    site.overrides["/robots.txt"] = Reply(200, late, robots.body)
    code, found = doctor("--sections", "world")

    assert code == 1
    assert "set this machine's clock" in found["clock"]["detail"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_no_right_to_write(doctor: Doctor, tmp_path: Path) -> None:
    (tmp_path / "output").mkdir(mode=0o500)
    code, found = doctor("--local")
    assert (code, found["write access"]["outcome"]) == (73, "output")


def test_output_that_is_a_file(doctor: Doctor, tmp_path: Path) -> None:
    (tmp_path / "output").write_text("in the way")
    code, found = doctor("--local")
    assert (code, found["write access"]["outcome"]) == (73, "output")


@pytest.mark.parametrize("arguments", [("world",), ("--sections", "moon")])
def test_called_wrongly(arguments: tuple[str, ...]) -> None:
    done = scrapy("doctor", *arguments)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
