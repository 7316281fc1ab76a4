"""Every way into Scrapy keeps the corpus's promise, or says in one sentence why not.

Scripts run twice in a row: each article is stored once, and the second run finds nothing new.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from helpers.crawls import NO_PAUSES, ROOT, read_lines, scrapy

from peoplesdaily.replica.content import Catalogue
from peoplesdaily.replica.server import Server
from peoplesdaily.runs.exit_codes import HELD, OK, OUTPUT, UNREACHABLE, USAGE

SCRIPT = """
from scrapy.crawler import {process}
from scrapy.utils.project import get_project_settings

settings = get_project_settings()
for name, value in {settings!r}.items():
    settings.set(name, value, priority="cmdline")
process = {process}(settings)
{crawls}
process.start()
"""
SPIDER = """
from peoplesdaily.site.sections import SECTIONS
from peoplesdaily.spiders.listings import SectionSpider


class Mine(SectionSpider):
    name = "mine"
    section = SECTIONS["world"]
    {more}
"""
FOREIGN = """
import scrapy


class Foreign(scrapy.Spider):
    name = "foreign"
    start_urls = ["http://en.people.cn/"]
    {more}

    def parse(self, response):
        yield {{"title": response.css("title::text").get()}}
"""
Script = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def script(server: Server, tmp_path: Path) -> Script:
    """Run a program that starts crawls the way Scrapy's documentation says."""

    def run(
        process: str = "AsyncCrawlerProcess", crawls: str = 'process.crawl("world")', **more: Any
    ) -> subprocess.CompletedProcess[str]:
        settings = {**NO_PAUSES, "OUTPUT_DIR": str(tmp_path / "output"), **more}
        return python(SCRIPT.format(process=process, settings=settings, crawls=crawls), server)

    return run


def python(program: str, server: Server) -> subprocess.CompletedProcess[str]:
    kept = {k: v for k, v in os.environ.items() if not k.lower().endswith("_proxy")}
    return subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, env={**kept, "http_proxy": server.url},
        capture_output=True, text=True, timeout=120,
    )  # fmt: skip


def ids(output: Path) -> list[str]:
    """Ids of the corpus's lines."""
    folders = [path for path in output.iterdir() if path.name not in ("runs", "rejected")]
    return [r["id"] for folder in folders for p in folder.rglob("*.jsonl") for r in read_lines(p)]


def manifests(output: Path) -> list[dict[str, Any]]:
    return [json.loads(p.read_text()) for p in sorted((output / "runs").glob("*.json"))]


@pytest.mark.parametrize("process", ["AsyncCrawlerProcess", "CrawlerProcess"])
def test_a_script_run_twice_stores_each_article_once(
    process: str, script: Script, tmp_path: Path
) -> None:
    first, second = script(process), script(process)

    assert (first.returncode, second.returncode) == (0, 0), first.stderr + second.stderr
    stored = ids(tmp_path / "output")
    assert len(stored) > 5 and len(set(stored)) == len(stored)
    assert "0 new" in second.stderr.splitlines()[-1]
    first_run, second_run = manifests(tmp_path / "output")
    assert (first_run["outcome"], first_run["articles"]["new"]) == ("ok", len(stored))
    assert (second_run["outcome"], second_run["articles"]["new"]) == ("ok", 0)
    assert first_run["command"] == "script" and first_run["sections"] == ["world"]


def test_a_script_s_arguments_are_in_its_manifest(script: Script, tmp_path: Path) -> None:
    done = script(crawls='process.crawl("world", max_articles=2)')

    assert done.returncode == 0, done.stderr
    (run,) = manifests(tmp_path / "output")
    assert run["arguments"] == {"max_articles": "2"}


def test_two_sections_in_one_process_are_two_runs(script: Script, tmp_path: Path) -> None:
    done = script(crawls='process.crawl("world")\nprocess.crawl("military")')

    assert done.returncode == 0, done.stderr
    stored = ids(tmp_path / "output")
    assert len(set(stored)) == len(stored)
    assert {run["spider"] for run in manifests(tmp_path / "output")} == {"world", "military"}


def test_one_section_twice_in_one_process_is_refused_the_second_time(
    script: Script, tmp_path: Path
) -> None:
    done = script(crawls='process.crawl("world")\nprocess.crawl("world")')

    assert done.returncode == HELD.code, done.stderr
    refusals = [line for line in done.stderr.splitlines() if "The run is refused" in line]
    assert len(refusals) == 1 and "section world is being crawled by run" in refusals[0]
    assert "Traceback" not in done.stderr
    stored = ids(tmp_path / "output")
    assert len(stored) > 5 and len(set(stored)) == len(stored)
    assert sorted(run["outcome"] for run in manifests(tmp_path / "output")) == ["held", "ok"]


def test_a_script_ends_with_the_exit_code_of_its_run(script: Script, server: Server) -> None:
    server.stop()
    done = script(RETRY_TIMES="0")

    assert done.returncode == UNREACHABLE.code
    assert f"Exit code {UNREACHABLE.code} (unreachable)" in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr


def test_a_script_whose_output_cannot_be_written_is_refused(
    script: Script, tmp_path: Path, server: Server
) -> None:
    (tmp_path / "file").write_text("in the way")
    done = script(OUTPUT_DIR=str(tmp_path / "file"))

    assert done.returncode == OUTPUT.code, done.stderr
    assert "The run is refused" in done.stderr and str(tmp_path / "file") in done.stderr
    assert "Traceback" not in done.stderr
    assert not server.log


def test_a_bad_argument_in_a_script_is_one_sentence(script: Script, server: Server) -> None:
    done = script(crawls='process.crawl("world", since="yesterday")')

    assert done.returncode == USAGE.code, done.stderr
    assert "since='yesterday' is no date" in done.stderr
    assert "Traceback" not in done.stderr
    assert not server.log


@pytest.mark.parametrize(
    ("setting", "value", "lacks"),
    [
        ("ITEM_PIPELINES", {"peoplesdaily.pipelines.IndexPipeline": None}, "IndexPipeline"),
        ("EXTENSIONS", {"peoplesdaily.storage.feeds.OutputGuard": None}, "OutputGuard"),
        ("FEED_STORAGES", {"": "scrapy.extensions.feedexport.FileFeedStorage"}, "FeedStorage"),
    ],
)
def test_a_run_without_what_keeps_the_promise_is_refused(
    setting: str, value: dict[str, Any], lacks: str, script: Script, server: Server, tmp_path: Path
) -> None:
    merge = f"settings[{setting!r}].update({value!r})\n"
    program = SCRIPT.format(
        process="AsyncCrawlerProcess",
        settings={**NO_PAUSES, "OUTPUT_DIR": str(tmp_path / "output")},
        crawls='process.crawl("world")',
    ).replace("process = ", merge + "process = ", 1)
    done = python(program, server)

    assert done.returncode == USAGE.code, done.stderr
    assert lacks in next(line for line in done.stderr.splitlines() if "is refused" in line)
    assert not server.log
    assert not list((tmp_path / "output").rglob("*.jsonl"))


def test_runspider_run_twice_stores_each_article_once(server: Server, tmp_path: Path) -> None:
    file, output = tmp_path / "mine.py", tmp_path / "output"
    file.write_text(SPIDER.format(more=""))
    flags = [f"-s{k}={v}" for k, v in {**NO_PAUSES, "OUTPUT_DIR": str(output)}.items()]
    first = scrapy("runspider", str(file), *flags, proxy=server.url)
    second = scrapy("runspider", str(file), *flags, proxy=server.url)

    assert (first.returncode, second.returncode) == (0, 0), first.stderr + second.stderr
    stored = ids(output)
    assert len(stored) > 5 and len(set(stored)) == len(stored)
    assert "0 new" in second.stderr.splitlines()[-1]


def test_runspider_into_a_file_of_the_user_leaves_the_corpus_alone(
    server: Server, tmp_path: Path
) -> None:
    file, output, own = tmp_path / "mine.py", tmp_path / "output", tmp_path / "own.jsonl"
    file.write_text(SPIDER.format(more=""))
    flags = [f"-s{k}={v}" for k, v in {**NO_PAUSES, "OUTPUT_DIR": str(output)}.items()]
    for _ in range(2):
        done = scrapy("runspider", str(file), "-O", str(own), *flags, proxy=server.url)
        assert done.returncode == 0, done.stderr
    assert len(read_lines(own)) > 5
    assert not (output / "index.sqlite").exists() and not (output / "mine").exists()


@pytest.mark.parametrize(
    "more",
    [
        'custom_settings = {"ITEM_PIPELINES": {}}',
        'custom_settings = {"EXTENSIONS": {"peoplesdaily.storage.feeds.OutputGuard": None}}',
    ],
)
def test_a_spider_that_switches_the_promise_off_writes_nothing(
    more: str, server: Server, tmp_path: Path
) -> None:
    file, output = tmp_path / "foreign.py", tmp_path / "output"
    file.write_text(FOREIGN.format(more=more))
    flags = [f"-s{k}={v}" for k, v in {**NO_PAUSES, "OUTPUT_DIR": str(output)}.items()]
    done = scrapy("runspider", str(file), *flags, proxy=server.url)

    assert done.returncode == USAGE.code, done.stderr
    assert "The run is refused" in done.stderr
    assert not list(output.rglob("*.jsonl"))


def test_an_add_on_list_without_the_lifecycle_writes_nothing(
    server: Server, tmp_path: Path
) -> None:
    program = SCRIPT.format(
        process="AsyncCrawlerProcess",
        settings={**NO_PAUSES, "OUTPUT_DIR": str(tmp_path / "output"), "ADDONS": {}},
        crawls='process.crawl("world")',
    )
    python(program, server)
    second = python(program, server)

    output = tmp_path / "output"
    stored = ids(output) if output.exists() else []
    assert len(set(stored)) == len(stored), second.stderr


# --- Commands that only look --------------------------------------------------------------------


@pytest.fixture
def address(catalogue: Catalogue) -> str:
    return str(catalogue.story(catalogue.lists("world")[0]).record()["url"])


def look(server: Server, output: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    flags = [f"-s{k}={v}" for k, v in {**NO_PAUSES, "OUTPUT_DIR": str(output)}.items()]
    done: subprocess.CompletedProcess[str] = scrapy(*arguments, *flags, proxy=server.url)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    assert not output.exists(), "it leaves no trace"
    return done


def test_shell_with_an_address(server: Server, tmp_path: Path, address: str) -> None:
    done = look(server, tmp_path / "output", "shell", address, "-c", "response.status")
    assert done.stdout.strip() == "200"


def test_shell_with_a_file(server: Server, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text("<title>A page</title>")
    code = "response.css('title::text').get()"
    done = look(server, tmp_path / "output", "shell", str(page), "-c", code)
    assert done.stdout.strip() == "A page"


@pytest.mark.parametrize("spider", [[], ["--spider=article"], ["--spider=world"]])
def test_fetch(spider: list[str], server: Server, tmp_path: Path, address: str) -> None:
    done = look(server, tmp_path / "output", "fetch", *spider, address)
    assert "</html>" in done.stdout


def test_view(
    server: Server, tmp_path: Path, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BROWSER", "true")
    look(server, tmp_path / "output", "view", address)


def test_parse_an_article(server: Server, tmp_path: Path, address: str) -> None:
    given = ("parse", "--spider=article", "-c", "parse_story", "--nocolour", "--noitems")
    done = look(server, tmp_path / "output", *given, address)
    assert "Requests" in done.stdout
    done = look(server, tmp_path / "output", *given[:-1], "--nolinks", "-d", "3", address)
    assert "'content_hash'" in done.stdout


def test_parse_with_pipelines_stores_nothing(server: Server, tmp_path: Path, address: str) -> None:
    given = ("parse", "--spider=article", "--pipelines", "--nocolour", "-d", "3")
    assert "'content_hash'" in look(server, tmp_path / "output", *given, address).stdout


def test_parse_a_list(server: Server, tmp_path: Path) -> None:
    page = "http://en.people.cn/90777/index.html"
    done = look(server, tmp_path / "output", "parse", "--spider=world", "--nocolour", page)
    assert "STATUS DEPTH LEVEL 1" in done.stdout


assert OK.code == 0
