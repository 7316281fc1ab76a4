"""What a run asks for when earlier runs have been there, from the server's log."""

from __future__ import annotations

import hashlib
import os
import re
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest
from helpers.crawls import NO_PAUSES, ROOT, Crawl, CrawlCommand, list_page
from helpers.fake_run import Run, pending, stored, story, story_url

from peoplesdaily.replica.content import BEIJING, Catalogue
from peoplesdaily.replica.server import Server
from peoplesdaily.replica.site import Reply, Request, Site
from peoplesdaily.storage.index import Index, reconcile

SIZE = 20
MOST_PAGES = 110


class MovingList:
    """The list of World as the test changes it, in pages of 20 with validators, newest first."""

    def __init__(self, site: Site, hrefs: list[str], *, etags: bool = True) -> None:
        self.hrefs, self.etags = hrefs, etags
        self.before: dict[int, Callable[[], Reply | None]] = {}
        for number in range(1, MOST_PAGES):
            site.overrides[f"/90777/index{number if number > 1 else ''}.html"] = self

    def __call__(self, request: Request) -> Reply:
        number = int(re.findall(r"index(\d*)\.html", request.target)[0] or 1)
        instead = self.before.get(number, lambda: None)()
        if instead is not None:
            return instead
        shown = self.hrefs[(number - 1) * SIZE : number * SIZE]
        if not shown:
            return Reply(404)
        body = list_page(shown, total=-(-len(self.hrefs) // SIZE))
        if not self.etags:
            return Reply(200, {}, body)
        etag = f'"{hashlib.sha256(body).hexdigest()[:12]}"'
        if request.headers.get("If-None-Match") == etag:
            return Reply(304, {"ETag": etag})
        return Reply(200, {"ETag": etag}, body)


class Asked:
    """What a run has asked for since it was last looked at."""

    def __init__(self, server: Server) -> None:
        self.server, self.at = server, 0

    def __call__(self) -> tuple[list[str], list[str]]:
        """File names of lists, and of articles; robots.txt is asked for once a run."""
        hits, self.at = self.server.log[self.at :], len(self.server.log)
        names = [hit.target.rpartition("/")[2] for hit in hits]
        assert names.count("robots.txt") == 1
        lists = [name for name in names if name.startswith("index")]
        return lists, [name for name in names if name not in (*lists, "robots.txt")]


@pytest.fixture
def asked(server: Server) -> Asked:
    return Asked(server)


@pytest.fixture
def hrefs(catalogue: Catalogue) -> list[str]:
    """Addresses of stories with one page and a text of their own, newest first."""
    plain = [catalogue.story(id_) for id_ in catalogue.ids if id_ not in catalogue.reposts]
    return [found.path for found in plain if found.pages == 1 and found.body]


def ids(done: Crawl) -> list[str]:
    return sorted(record["id"] for record in done.records)


def id_of(href: str) -> str:
    return re.findall(r"(\d+)\.html", href)[0]


def ids_of(hrefs: list[str]) -> list[str]:
    return sorted(map(id_of, hrefs))


def end_pauses(output: Path) -> None:
    with closing(sqlite3.connect(reconcile.index_path(output), isolation_level=None)) as index:
        index.execute("UPDATE pending SET next_try = ''")


def test_what_is_known_costs_nothing_and_what_is_new_costs_itself(
    crawl: CrawlCommand, site: Site, asked: Asked, hrefs: list[str]
) -> None:
    moving = MovingList(site, hrefs[5:30])
    crawl("world")
    lists, articles = asked()
    assert (lists, len(articles)) == (["index.html", "index2.html"], 25)

    nothing = crawl("world")
    assert asked() == (["index.html"], [])
    assert nothing.code == 0
    assert len(nothing.files) == 1

    moving.hrefs = hrefs[:30]
    crawl("world")
    lists, articles = asked()
    assert (lists, len(articles)) == (["index.html"], 5)

    # One story rises to the top, and a few change places.
    order = [hrefs[29], *hrefs[:29]]
    Random(1).shuffle(order[1:9])
    moving.hrefs = order
    crawl("world")
    assert asked() == (["index.html"], [])

    path = hrefs[7]
    page = site.answer(Request("GET", "en.people.cn", path, {})).body
    changed = page.replace(b"</p>", b" And nobody was surprised.</p>")
    site.overrides[path] = Reply(200, {"ETag": '"new"'}, changed)
    done = crawl("world", "-a", "recheck=9999d")
    lists, articles = asked()
    assert (lists, len(articles)) == (["index.html"], 30)
    assert done.stat("downloader/response_status_count/304") == 29 + 1
    assert done.stat("peoplesdaily/articles/revised") == 1
    assert sorted(stored(done.output)) == sorted(
        [(id_, 1) for id_ in ids_of(hrefs[:30])] + [(id_of(path), 2)]
    )


def test_a_list_of_two_thousand_known_articles_costs_one_request(
    crawl: CrawlCommand, site: Site, asked: Asked, hrefs: list[str], tmp_path: Path
) -> None:
    old = [str(9_000_000 + n) for n in range(2_000, 0, -1)]
    run = Run(tmp_path / "output")
    run.write_all(run.read_list(old))
    run.finish()
    moving = MovingList(site, [story_url(id_).removeprefix("http://en.people.cn") for id_ in old])

    # No pass has seen them yet, so that the list is read to its end, once.
    crawl("world")
    lists, articles = asked()
    assert (len(lists), articles) == (100, [])

    crawl("world")
    assert asked() == (["index.html"], [])

    moving.hrefs = [*hrefs[:5], *moving.hrefs]
    crawl("world")
    lists, articles = asked()
    assert (lists, len(articles)) == (["index.html"], 5)

    crawl("world", "-a", "pages=all")
    lists, articles = asked()
    assert (len(lists), articles) == (101, [])


def test_a_list_without_validators_costs_one_request_too(
    crawl: CrawlCommand, site: Site, asked: Asked, hrefs: list[str]
) -> None:
    MovingList(site, hrefs[:45], etags=False)
    crawl("world")
    asked()
    crawl("world")
    assert asked() == (["index.html"], [])


def test_a_run_killed_on_its_way_does_not_hide_what_lies_behind(
    crawl: CrawlCommand, site: Site, server: Server, asked: Asked, hrefs: list[str], tmp_path: Path
) -> None:
    """The first run reads page 1 and is killed; the second finds page 1 unchanged."""
    moving = MovingList(site, hrefs[35:55])
    crawl("world")
    asked()
    moving.hrefs = hrefs[:55]
    process: list[subprocess.Popen[str]] = []

    def kill() -> Reply | None:
        os.kill(process[0].pid, signal.SIGKILL)
        return Reply(500)

    moving.before[2] = kill
    process.append(_start(server, tmp_path, "world", "-s", "RETRY_TIMES=0"))
    process[0].communicate(timeout=60)
    assert process[0].returncode == -signal.SIGKILL
    moving.before.clear()
    asked()

    done = crawl("world")
    lists, articles = asked()
    assert lists == ["index.html", "index2.html", "index3.html"]
    assert len(articles) == 35
    assert done.stat("peoplesdaily/lists/unchanged") == 1
    assert ids(done) == ids_of(hrefs[:55])


def test_a_list_page_that_was_lost_is_read_by_the_next_run(
    crawl: CrawlCommand, site: Site, asked: Asked, hrefs: list[str]
) -> None:
    moving = MovingList(site, hrefs[:55])
    moving.before[2] = lambda: Reply(500)
    done = crawl("world", RETRY_TIMES="0")
    assert ids(done) == ids_of(hrefs[:20] + hrefs[40:55])
    asked()

    moving.before.clear()
    done = crawl("world")
    lists, articles = asked()
    assert lists == ["index.html", "index2.html", "index3.html"]
    assert len(articles) == 20
    assert ids(done) == ids_of(hrefs[:55])


def test_an_article_that_failed_is_asked_for_after_it_has_left_the_list(
    crawl: CrawlCommand, site: Site, asked: Asked, hrefs: list[str], tmp_path: Path
) -> None:
    moving = MovingList(site, hrefs[:12])
    site.overrides[hrefs[3]] = Reply(500)
    done = crawl("world", RETRY_TIMES="0")
    assert ids(done) == ids_of(hrefs[:3] + hrefs[4:12])
    asked()

    moving.hrefs = hrefs[4:12]
    del site.overrides[hrefs[3]]
    crawl("world")
    assert asked() == (["index.html"], []), "its pause is not over"

    end_pauses(tmp_path / "output")
    done = crawl("world")
    assert asked() == (["index.html"], [hrefs[3].rpartition("/")[2]])
    assert ids(done) == ids_of(hrefs[:12])


def test_since_every_hour_costs_one_request_and_hides_nothing_from_a_whole_crawl(
    tmp_path: Path, asked: Asked, server: Server, site: Site, crawl: CrawlCommand
) -> None:
    recent = Catalogue(articles=400, today=datetime.now(BEIJING).date())
    fresh = Site(recent)
    for number in range(1, 30):
        path = f"/90777/index{number if number > 1 else ''}.html"
        site.overrides[path] = fresh.answer
    for id_ in recent.lists("world"):
        for page in range(1, recent.story(id_).pages + 1):
            site.overrides[recent.story(id_).page_path(page)] = fresh.answer
    site.overrides["/90777/index.html"] = fresh.answer

    def texts(done: Crawl) -> set[str]:
        """A repost stands for what it repeats, where that one lies before ``since``."""
        return {recent.reposts.get(id_, id_) for id_ in ids(done)}

    everything = set(recent.expected_ids("world"))

    done = crawl("world", "-a", "since=2d")
    lists, _ = asked()
    some = texts(done)
    assert some < everything
    assert 1 <= len(lists) < 4

    crawl("world", "-a", "since=2d")
    assert asked() == (["index.html"], [])

    done = crawl("world")
    assert texts(done) == everything
    asked()
    for arguments in ((), ("-a", "since=2d"), ()):
        crawl("world", *arguments)
        assert asked() == (["index.html"], [])


def test_a_story_that_turned_out_too_old_is_fetched_when_it_is_wanted(
    crawl: CrawlCommand, site: Site, asked: Asked, catalogue: Catalogue
) -> None:
    """Neither the list nor the address tells its date, and the list never changes again."""
    id_ = catalogue.ids[-1]
    MovingList(site, [f"/90777/{id_}.html"])
    done = crawl("world", "-a", "since=2025-01-01")
    assert asked()[1] == [f"{id_}.html"]
    assert ids(done) == []

    crawl("world", "-a", "since=2025-01-01")
    assert asked() == (["index.html"], [])

    done = crawl("world")
    assert asked()[0] == ["index.html"]
    assert ids(done) == [id_]


# --- Several at once ----------------------------------------------------------------------------


def test_sections_and_archives_in_parallel_write_nothing_twice(
    crawl: CrawlCommand, server: Server, catalogue: Catalogue, tmp_path: Path
) -> None:
    names = ["world", "business", "china", "society"]
    days = [["-a", f"since=2026-11-{first}", "-a", "until=2026-11-22"] for first in (19, 20)]
    calls = [[name] for name in names] + [["archive", *given] for given in days]
    processes = [_start(server, tmp_path, *call) for call in calls]
    logs = [process.communicate(timeout=120)[1] for process in processes]

    assert [process.returncode for process in processes] == [0] * len(calls), logs
    assert not [log for log in logs if "locked" in log or "Traceback" in log]
    found = stored(tmp_path / "output")
    assert len(set(found)) == len(found)
    listed = {id_ for name in names for id_ in catalogue.lists(name)}
    texts = {catalogue.reposts.get(id_, id_) for id_, _ in found}
    assert len(texts) == len(found)
    assert {catalogue.reposts.get(id_, id_) for id_ in listed} <= texts
    assert not list((tmp_path / "output" / reconcile.LOCKS).iterdir())
    last = crawl("world", "-a", "also=business,china,society")
    assert last.stat("peoplesdaily/articles/asked") == 0


def test_a_section_is_crawled_by_one_run_at_a_time(
    crawl: CrawlCommand, server: Server, tmp_path: Path
) -> None:
    holder = Run(tmp_path / "output")
    refused = crawl("world")
    assert refused.code == 75
    assert f"section world is being crawled by run {holder.session.run} since 20" in refused.log
    assert f"process {os.getpid()} on " in refused.log
    assert not server.log
    assert "Traceback" not in refused.log

    assert crawl("business", "-a", "max_articles=1").code == 0
    assert crawl("china", "-a", "also=world").code == 75
    holder.die()
    assert crawl("world", "-a", "max_articles=1").code == 0, "a dead process holds nothing"


def _start(server: Server, folder: Path, *arguments: str) -> subprocess.Popen[str]:
    flags = [f"-s{name}={value}" for name, value in NO_PAUSES.items()]
    return subprocess.Popen(
        [
            sys.executable, "-m", "scrapy", "crawl", *arguments, *flags,
            f"-sOUTPUT_DIR={folder / 'output'}",
        ],
        cwd=ROOT, env={**os.environ, "http_proxy": server.url},
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


# --- Disks --------------------------------------------------------------------------------------


@pytest.mark.skipif(os.geteuid() != 0, reason="mounts a small file system")
@pytest.mark.parametrize("size", ["300k", "700k"])
def test_a_disk_that_is_full_loses_nothing(
    crawl: CrawlCommand, catalogue: Catalogue, tmp_path: Path, size: str
) -> None:
    """Full for the index at the start, or somewhere on the way."""
    disk = tmp_path / "output"
    disk.mkdir()
    options = f"size={size}"
    if subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", disk]).returncode:
        pytest.skip("may not mount")
    try:
        full = crawl("world", "-a", "also=china,business")
        assert full.code not in (0, 2)
        assert "free some space and run again" in full.log
        assert "Traceback" not in full.log, full.log
        before = stored(disk)
        subprocess.run(["mount", "-o", "remount,size=64m", disk], check=True)
        done = crawl("world", "-a", "also=china,business")
        assert done.code == 0, done.log
        found = stored(disk)
    finally:
        subprocess.run(["umount", disk], check=True)
    assert set(before) <= set(found)
    assert len(set(found)) == len(found)
    listed = {id_ for name in ("world", "china", "business") for id_ in catalogue.lists(name)}
    assert {id_ for id_, _ in found} == listed - set(catalogue.reposts)


def test_a_folder_that_may_not_be_written_is_one_sentence(
    crawl: CrawlCommand, server: Server, tmp_path: Path
) -> None:
    first = Run(tmp_path / "output")
    first.write(story("9000001"))
    first.finish()
    index = reconcile.index_path(tmp_path / "output")
    if os.geteuid() == 0:
        # Root may write anywhere, but not into a folder that stands in the file's place.
        for path in index.parent.glob("index.sqlite*"):
            path.unlink()
        index.mkdir()
    else:
        index.chmod(0o444)
        index.parent.chmod(0o555)
    try:
        refused = crawl("world")
    finally:
        index.parent.chmod(0o755)
    assert refused.code not in (0, 2)
    assert "index.sqlite" in refused.log
    assert "Traceback" not in refused.log
    assert not server.log


def test_why_a_given_article_is_not_asked_for(crawl: CrawlCommand, tmp_path: Path) -> None:
    known, alias, failed, gone = (str(9000001 + n) for n in range(4))
    for ids, text in (([known], known), ([alias], known)):
        run = Run(tmp_path / "output")
        run.read_list(ids)
        run.write(story(ids[0], text))
        run.finish()
    index, now = Index(tmp_path / "output" / reconcile.NAME), datetime.now(UTC)
    index.pending.failed(pending(failed, kind="500"), now)
    while not index.pending.failed(pending(gone, kind="404"), now - timedelta(days=30)):
        pass
    index.close()
    urls = ",".join(story_url(id_) for id_ in (known, alias, failed, gone))
    done = crawl("article", "-a", f"url={urls}")

    assert done.code == 0, done.log
    for id_, why in {
        known: "stored already",
        alias: "its text is stored under another id",
        failed: "it failed a while ago",
        gone: "confirmed to be gone",
    }.items():
        assert f"Article {id_} is not requested: {why}" in done.log
