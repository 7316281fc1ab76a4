"""Bad luck: each fault has a clear message and a count, and the other articles are written."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from helpers.crawls import NO_PAUSES, ROOT, Crawl, CrawlCommand, list_page, read_lines

from peoplesdaily.replica.content import Catalogue
from peoplesdaily.replica.server import Server
from peoplesdaily.replica.site import Reply, Request, Site
from peoplesdaily.runs.exit_codes import OUTPUT
from peoplesdaily.runs.manifest import KILLED, RUNNING
from peoplesdaily.runs.manifest_files import read_manifest

ERROR_PAGE = b"<html><head><title>404 Not Found</title></head><body><h1>404</h1></body></html>"
SHELL = b"<html><head><title>People's Daily Online</title></head><body><p>Welcome</p></body></html>"


def assert_plain(done: Crawl) -> None:
    assert "Traceback" not in done.log, done.log


@pytest.mark.parametrize(
    ("reply", "stat"),
    [
        pytest.param(Reply(404), "peoplesdaily/articles/failed/404", id="404"),
        pytest.param(Reply(500), "peoplesdaily/articles/failed/500", id="500"),
        pytest.param(
            Reply(200, {}, ERROR_PAGE), "peoplesdaily/articles/not_an_article", id="error-as-200"
        ),
        pytest.param(Reply(200, {}, SHELL), "peoplesdaily/articles/not_an_article", id="shell"),
        pytest.param(Reply(200, {}, b""), "peoplesdaily/articles/not_an_article", id="empty"),
        pytest.param(
            Reply(200, {"Content-Type": "image/gif"}, b"GIF89a\x00\xff"),
            "peoplesdaily/articles/not_an_article",
            id="picture",
        ),
        pytest.param(
            Reply(302, {"Location": "/"}), "peoplesdaily/articles/not_an_article", id="sent-home"
        ),
    ],
)
def test_one_bad_article_among_good_ones(
    crawl: CrawlCommand, site: Site, catalogue: Catalogue, reply: Reply, stat: str
) -> None:
    listed = list(catalogue.lists("opinions"))
    bad = catalogue.story(listed[1])
    site.overrides[bad.path] = reply
    done = crawl("opinions")

    assert done.code == 0, done.log
    assert {record["id"] for record in done.records} == set(catalogue.expected_ids("opinions")) - {
        bad.id
    }
    assert done.stat(stat) == 1, done.log
    assert bad.path in done.log
    assert "1 failed" in done.summary
    assert_plain(done)


def test_a_template_that_nobody_knows(
    crawl: CrawlCommand, site: Site, catalogue: Catalogue
) -> None:
    story = catalogue.story(catalogue.lists("opinions")[0])
    prose = "A sentence of a story in a design that came after this program was written. " * 3
    page = f"<title>New</title><article><h1>New</h1><p>{prose}</p></article>"
    site.overrides[story.path] = Reply(200, {}, page.encode())
    done = crawl("opinions")

    assert done.stat("peoplesdaily/articles/unknown_template") == 1
    assert "no template matches" in done.log


def test_a_record_that_breaks_the_contract_is_kept_with_its_reasons(
    crawl: CrawlCommand, site: Site, catalogue: Catalogue
) -> None:
    story = catalogue.story(catalogue.lists("opinions")[0])
    page = (
        '<meta name="contentid" content="F_1"><div class="d2txtCon"><h1>A headline alone</h1>'
        '<div class="origin">(Xinhua) 09:39, September 22, 2022</div></div>'
    )
    site.overrides[story.path] = Reply(200, {}, page.encode())
    done = crawl("opinions")

    (rejected,) = done.rejected
    assert rejected["record"]["title"] == "A headline alone"
    assert rejected["reasons"]
    assert story.id not in {record["id"] for record in done.records}
    assert done.stat("peoplesdaily/articles/rejected") == 1
    assert "1 rejected" in done.summary


def test_a_missing_page_of_a_story_is_counted_and_the_rest_is_written(
    crawl: CrawlCommand, site: Site, catalogue: Catalogue
) -> None:
    story = next(s for s in map(catalogue.story, catalogue.ids) if s.pages > 2)
    site.overrides[story.page_path(2)] = Reply(404)
    done = crawl("article", "-a", f"url=http://en.people.cn{story.path}")

    (record,) = done.records
    assert record["pages"] == story.pages - 1
    assert done.stat("peoplesdaily/articles/missing_pages") == 1
    assert done.stat("peoplesdaily/articles/incomplete") == 1
    assert story.page_path(2) in done.log
    assert "1 incomplete" in done.summary


def test_a_story_without_its_first_page_is_read_from_the_page_that_was_named(
    crawl: CrawlCommand, site: Site, catalogue: Catalogue
) -> None:
    story = next(s for s in map(catalogue.story, catalogue.ids) if s.pages > 2)
    site.overrides[story.path] = Reply(404)
    done = crawl("article", "-a", f"url=http://en.people.cn{story.page_path(2)}")

    (record,) = done.records
    assert record["id"] == story.id
    assert record["url"] == f"http://en.people.cn{story.path}"
    assert record["pages"] == story.pages - 1
    assert done.stat("peoplesdaily/articles/missing_pages") == 1
    assert done.stat("peoplesdaily/articles/incomplete") == 1
    assert "peoplesdaily/articles/failed" not in done.log


def test_a_story_whose_named_page_is_gone_too_has_failed(
    crawl: CrawlCommand, site: Site, catalogue: Catalogue
) -> None:
    story = next(s for s in map(catalogue.story, catalogue.ids) if s.pages > 2)
    site.overrides |= {story.path: Reply(404), story.page_path(2): Reply(404)}
    done = crawl("article", "-a", f"url=http://en.people.cn{story.page_path(2)}")

    assert not done.records
    assert done.stat("peoplesdaily/articles/failed/404") == 1


def test_a_page_of_a_story_that_repeats_another_is_a_missing_one(
    crawl: CrawlCommand, site: Site, catalogue: Catalogue
) -> None:
    story = next(s for s in map(catalogue.story, catalogue.ids) if s.pages > 2)
    site.overrides[story.page_path(3)] = site.respond("GET", "en.people.cn", story.path)
    done = crawl("article", "-a", f"url=http://en.people.cn{story.path}")

    (record,) = done.records
    assert record["pages"] == story.pages - 1
    assert done.stat("peoplesdaily/articles/missing_pages") == 1
    assert done.stat("peoplesdaily/articles/incomplete") == 1
    assert "the server sent another page of the story again" in done.log


def test_a_list_page_in_the_middle_is_lost_and_the_rest_is_read(
    crawl: CrawlCommand, site: Site, catalogue: Catalogue
) -> None:
    listed = list(catalogue.expected_ids("opinions"))
    halves = {"index.html": listed[:3], "index3.html": listed[3:]}
    for name, ids in halves.items():
        page = list_page((catalogue.story(id_).path for id_ in ids), total=3)
        site.overrides[f"/90780/{name}"] = Reply(200, {}, page)
    site.overrides["/90780/index2.html"] = Reply(500)
    done = crawl("opinions", RETRY_TIMES="0")

    assert {record["id"] for record in done.records} == set(listed)
    assert done.stat("peoplesdaily/lists/failed") == 1
    assert "1 list pages lost" in done.summary


def test_nothing_recognisable_anywhere(crawl: CrawlCommand, site: Site) -> None:
    site.overrides["/90777/index.html"] = Reply(200, {}, b"<p>A new design</p>")
    site.overrides["/"] = Reply(200, {}, b"<p>A new design</p>")
    done = crawl("world")

    assert done.code != 0
    assert "nothing recognisable" in done.log
    assert "no navigation label World" in done.log
    assert not done.files
    assert_plain(done)


def test_no_network(crawl: CrawlCommand) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    done = crawl("world", proxy=f"http://127.0.0.1:{port}", RETRY_TIMES="1")

    assert done.code != 0
    assert "the connection was refused" in done.log
    assert "http_proxy" in done.log
    assert "1 list pages lost" in done.summary
    assert_plain(done)


def test_output_that_cannot_be_written_ends_the_run_before_it_begins(
    crawl: CrawlCommand, server: Server, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("in the way")
    done = crawl("world", OUTPUT_DIR=str(tmp_path / "file"))

    assert done.code != 0
    assert "cannot write" in done.log
    assert "a part of the path is a file" in done.log
    assert not server.log
    assert_plain(done)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("world", "-a", "since=yesterday"), "since='yesterday' is no date"),
        (("world", "-a", "until=2026-02-30"), "until='2026-02-30' is no date"),
        (("world", "-a", "since=99999999d"), "since='99999999d' is no date"),
        (("world", "-a", "since=2026-02-02", "-a", "until=2026-02-01"), "is not before"),
        (("world", "-a", "pages=0"), "pages='0' is no count"),
        (("world", "-a", "max_articles=many"), "max_articles='many' is no count"),
        (("world", "-a", "sinse=3d"), "there is no argument 'sinse'"),
        (("world", "-a", "also=wrold"), "there is no section 'wrold'"),
        (("wrold",), "there is no spider 'wrold'"),
        (("article",), "no address given"),
        (("article", "-a", "url=http://www.example.com/n3/2020/1127/c1-2.html"), "is no address"),
        (("article", "-a", "urls_file=/nowhere/urls.txt"), "cannot be read"),
        (("world", "-O", "x.doc"), "Unrecognized output format"),
    ],
)
def test_bad_arguments_are_one_sentence_before_any_request(
    crawl: CrawlCommand, server: Server, arguments: tuple[str, ...], sentence: str
) -> None:
    done = crawl(*arguments)

    assert done.code == 2
    assert sentence in done.summary
    assert not server.log
    assert_plain(done)


def test_a_killed_run_leaves_nothing_that_a_reader_takes_for_output(
    server: Server, tmp_path: Path
) -> None:
    process = _start(server, tmp_path, "DOWNLOAD_DELAY=0.2")
    _await_part(tmp_path)
    process.send_signal(signal.SIGKILL)
    process.wait(10)

    assert not [p for p in tmp_path.rglob("*.jsonl") if not p.name.startswith(".")]
    (part,) = tmp_path.rglob(".*.jsonl.*.part")
    assert read_lines(part), "whole lines wait for whoever looks"


def test_a_run_that_is_asked_to_stop_publishes_what_it_has(server: Server, tmp_path: Path) -> None:
    process = _start(server, tmp_path, "DOWNLOAD_DELAY=0.2")
    _await_part(tmp_path)
    process.send_signal(signal.SIGINT)
    code = process.wait(30)

    (path,) = tmp_path.rglob("*.jsonl")
    assert read_lines(path)
    assert code != 0


LIMITED = (
    "import resource, signal, sys; signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
    "limit = int(sys.argv.pop(1)); resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit));"
    "from scrapy.cmdline import execute; sys.argv[0] = 'scrapy'; execute()"
)
"""A limit on the size of files stands in for a full disk: writes fail the same way."""


def limited(limit: int, server: Server, output: Path, *arguments: str) -> Any:
    settings = [f"-s{name}={value}" for name, value in NO_PAUSES.items()]
    return subprocess.run(
        [
            sys.executable, "-c", LIMITED, str(limit), "crawl", "world", *arguments,
            f"-sOUTPUT_DIR={output}", *settings,
        ],
        cwd=ROOT, env={**os.environ, "http_proxy": server.url}, capture_output=True, text=True,
        timeout=60,
    )  # fmt: skip


@pytest.mark.skipif(sys.platform != "linux", reason="limits the size of a file the Linux way")
def test_a_full_disk_keeps_whole_lines_and_ends_the_run(server: Server, tmp_path: Path) -> None:
    path = tmp_path / "own.jsonl"
    done = limited(20_000, server, tmp_path / "output", "-O", str(path))

    assert done.returncode != 0
    assert "cannot write" in done.stderr
    assert "not written to disk" in done.stderr
    assert read_lines(path)


def _start(server: Server, output: Path, *settings: str) -> subprocess.Popen[bytes]:
    flags = [f"-s{setting}" for setting in (*settings, "AUTOTHROTTLE_ENABLED=0")]
    return subprocess.Popen(
        [sys.executable, "-m", "scrapy", "crawl", "world", f"-sOUTPUT_DIR={output}", *flags],
        cwd=ROOT, env={**os.environ, "http_proxy": server.url},
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip


def _await_part(folder: Path) -> None:
    for _ in range(300):
        if any(part.stat().st_size for part in folder.rglob(".*.jsonl.*.part")):
            return
        time.sleep(0.05)
    raise AssertionError("the run wrote nothing")


def test_a_run_whose_last_word_finds_no_room_is_put_right_by_the_next(
    crawl: CrawlCommand, site: Site, catalogue: Catalogue, tmp_path: Path
) -> None:
    runs, aside = tmp_path / "output" / "runs", tmp_path / "aside"
    story = catalogue.story(catalogue.lists("opinions")[0])

    def take_away(request: Request) -> Reply:
        if not aside.exists():
            runs.rename(aside)
            runs.write_text("in the way")
        return site.answer(request)

    site.overrides[story.path] = take_away
    done = crawl("opinions")
    assert done.code == OUTPUT.code
    (path,) = aside.iterdir()
    assert f"cannot write {runs / path.name}" in done.log
    assert read_manifest(path).state == RUNNING

    runs.unlink()
    aside.rename(runs)
    again = crawl("opinions")
    assert again.code == 0, again.log
    assert read_manifest(runs / path.name).state == KILLED
    ids = [record["id"] for record in again.records]
    assert len(set(ids)) == len(ids) > 0


def test_a_run_that_may_not_leave_its_manifest_leaves_no_run_on_record(
    crawl: CrawlCommand, tmp_path: Path
) -> None:
    runs = tmp_path / "output" / "runs"
    runs.parent.mkdir()
    runs.write_text("in the way")
    assert crawl("opinions").code == OUTPUT.code
    runs.unlink()
    assert "dead runs" not in crawl("opinions").log


def test_the_manifest_counts_lines_not_compressed_bytes(
    crawl: CrawlCommand, tmp_path: Path
) -> None:
    path = tmp_path / "own.jsonl.gz"
    done = crawl("opinions", "-O", str(path))
    (manifest,) = (read_manifest(found) for found in (done.output / "runs").iterdir())
    assert [file.lines for file in manifest.files] == [len(read_lines(path))]


@pytest.mark.parametrize("incremental", [None, "1"])
def test_a_table_alone_is_no_part_of_the_corpus(
    crawl: CrawlCommand, tmp_path: Path, incremental: str | None
) -> None:
    """The index could never learn what is in it, and would owe it for ever."""
    feeds = json.dumps({str(tmp_path / "own.csv"): {"format": "csv"}})
    more = {"INCREMENTAL": incremental} if incremental else {}
    done = crawl("opinions", FEEDS=feeds, **more)
    assert done.code == (2 if incremental else 0), done.log
    assert not (done.output / "index.sqlite").exists()


def test_an_empty_output_folder_is_not_the_current_one(crawl: CrawlCommand, tmp_path: Path) -> None:
    """``-s OUTPUT_DIR=$FOLDER`` in a cron line where nobody has set FOLDER."""
    done = crawl("opinions", OUTPUT_DIR=" ")
    assert done.code == 2
    assert "OUTPUT_DIR is empty" in done.log


def test_the_manifest_of_a_killed_run_names_what_was_salvaged(
    server: Server, crawl: CrawlCommand, tmp_path: Path
) -> None:
    output = tmp_path / "output"
    process = _start(server, output, "DOWNLOAD_DELAY=0.2")
    _await_part(output / "world")
    process.kill()
    process.wait()
    assert crawl("science").code == 0

    (dead,) = (
        manifest
        for manifest in map(read_manifest, (output / "runs").iterdir())
        if manifest.state == KILLED
    )
    (salvaged,) = dead.files
    data = (output / salvaged.path).read_bytes()
    assert salvaged.path.startswith("world/")
    assert salvaged.lines == len(read_lines(output / salvaged.path)) > 0
    assert salvaged.sha256 == hashlib.sha256(data).hexdigest()
