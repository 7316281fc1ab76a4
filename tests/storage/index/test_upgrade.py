"""An output folder of the version before: 8 articles, an alias, one pending and one gone."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from helpers.crawls import ROOT, CrawlCommand
from helpers.fake_run import Run
from scrapy.cmdline import execute
from scrapy.utils.project import get_project_settings

from peoplesdaily.runs.report import corpus
from peoplesdaily.storage.index import CorpusIndexError, Index, opening, reconcile, tables
from peoplesdaily.storage.index.database import IndexOutdatedError
from peoplesdaily.storage.index.rebuild import rebuild
from peoplesdaily.storage.locks import Lock

ALIAS, ORIGINAL, GONE, PENDING = "20525076", "20524496", "99999991", "99999992"
# Name of each table then and now.
TABLES = {
    "files": "files", "lines": "revisions", "bands": "bands", "aliases": "aliases",
    "listings": "listings", "walks": "listing_passes", "addresses": "addresses",
    "list_pages": "list_pages", "owed": "pending", "settled": "gone", "runs": "runs",
    "claims": "leases",
}  # fmt: skip


@pytest.fixture
def output(tmp_path: Path) -> Path:
    """A copy, with files as old as the index says: a checkout gives them the time of day."""
    made = shutil.copytree(ROOT / "tests" / "data" / "upgrade" / "output", tmp_path / "output")
    with closing(sqlite3.connect(path_of(made))) as connection:
        for path, mtime in connection.execute("SELECT path, mtime FROM files"):
            os.utime(made / path, ns=(mtime, mtime))
    return made


@pytest.fixture
def command(output: Path, capfd: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """What ``scrapy index`` prints; it ends with 0."""

    def run(*arguments: str) -> str:
        with pytest.raises(SystemExit) as ended:
            execute(["scrapy", "index", *arguments, f"-sOUTPUT_DIR={output}"],
                    get_project_settings())  # fmt: skip
        said = capfd.readouterr()
        assert ended.value.code == 0, said.err
        return said.out

    return run


def path_of(output: Path) -> Path:
    return reconcile.index_path(output)


def content(output: Path) -> dict[str, list[Any]]:
    """All rows, by the tables' names of today."""
    with closing(sqlite3.connect(path_of(output))) as connection:
        there = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
        return {
            now: sorted(
                connection.execute(f"SELECT * FROM {then if then in there else now}").fetchall(),
                key=repr,
            )
            for then, now in TABLES.items()
        }


def version(output: Path) -> int:
    with closing(sqlite3.connect(path_of(output))) as connection:
        return int(connection.execute("PRAGMA user_version").fetchone()[0])


def structure(connection: sqlite3.Connection) -> dict[str, Any]:
    names = connection.execute(
        "SELECT type, name FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'"
    ).fetchall()
    return {
        name: (kind, connection.execute(f"PRAGMA table_info({name})").fetchall())
        for kind, name in names
    }


def test_the_data_is_of_the_version_before(output: Path) -> None:
    assert version(output) == tables.UPGRADABLE
    found = content(output)
    assert {name: len(rows) for name, rows in found.items()} == {
        "files": 3, "revisions": 8, "bands": 168, "aliases": 1, "listings": 60,
        "listing_passes": 2, "addresses": 0, "list_pages": 2, "pending": 1, "gone": 1, "runs": 0,
        "leases": 0,
    }  # fmt: skip


def test_a_run_upgrades_it_in_place_and_loses_nothing(output: Path) -> None:
    before = content(output)
    Run(output, "travel").finish()
    assert version(output) == tables.VERSION
    after = content(output)
    after["listing_passes"] = [row for row in after["listing_passes"] if row[0] != "travel"]
    assert after == before
    with closing(Index(None)) as new, closing(Index(path_of(output))) as upgraded:
        assert structure(upgraded.connection) == structure(new.connection)
        assert upgraded.articles.latest(ORIGINAL) is not None
    assert not list(output.glob("index.sqlite.*"))


@pytest.mark.parametrize("step", range(len(tables.upgrade_statements()) + 2))
def test_a_kill_during_the_upgrade_leaves_the_old_or_the_new_index(output: Path, step: int) -> None:
    before = content(output)
    child = os.fork()
    if not child:
        left = step

        def watch(_: str) -> None:
            nonlocal left
            left -= 1
            if left < 0:
                os._exit(9)

        with closing(sqlite3.connect(path_of(output), isolation_level=None)) as connection:
            connection.set_trace_callback(watch)
            tables.upgrade(connection)
        os._exit(0)
    os.waitpid(child, 0)
    assert content(output) == before
    assert version(output) in (tables.UPGRADABLE, tables.VERSION)
    opening.open_index(output)[0].close()
    assert version(output) == tables.VERSION
    assert content(output) == before


def test_actions_that_read_leave_it_as_it_is(output: Path, command: Callable[..., str]) -> None:
    before = path_of(output).read_bytes()
    status = json.loads(command("status", "--json"))
    assert (status["articles"], status["gone"], status["pending"]["404"]) == (8, 1, [0, 1])
    assert {s["section"]: s["watermark"] for s in status["sections"]} == {
        "business": "2026-11-22T16:00:00Z", "world": None,
    }  # fmt: skip
    assert [json.loads(command("pending", "--json"))["id"]] == [PENDING]
    assert [json.loads(command("gone", "--json"))["id"]] == [GONE]
    assert json.loads(command("history", ORIGINAL, "--json"))["revisions"][0]["revision"] == 1
    assert f"{ALIAS} is another name of {ORIGINAL}" in command("duplicates")
    assert len(command("export", "-").splitlines()) == 8
    assert path_of(output).read_bytes() == before


def test_a_reader_without_the_right_to_write_reads_it(
    output: Path, command: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)
    assert json.loads(command("pending", "--json"))["id"] == PENDING


def test_the_report_reads_it(output: Path) -> None:
    days = [corpus.date(2026, 11, day) for day in range(1, 31)]
    now = corpus.datetime(2026, 12, 1, tzinfo=corpus.BEIJING)
    found = corpus.read(path_of(output), days, now)
    assert found.note is None
    assert found.articles == 8
    assert found.pending_first[0].url.endswith(f"{PENDING}.html")


def test_forget_upgrades_it(output: Path, command: Callable[..., str]) -> None:
    assert GONE in command("forget", GONE)
    assert version(output) == tables.VERSION
    with closing(Index(path_of(output))) as index:
        assert [story.id for story in index.pending.find()] == [PENDING, GONE]


def test_rebuild_keeps_what_no_file_can_restore(output: Path, command: Callable[..., str]) -> None:
    before = content(output)
    assert "8 articles from 3 finished files" in command("rebuild")
    assert version(output) == tables.VERSION
    after = content(output)
    for name in ("aliases", "pending", "gone"):
        assert after[name] == before[name]
    assert len(after["bands"]) == len(before["bands"])
    assert [row[1:4] for row in after["listings"]] != []
    assert {row[:3] for row in after["listings"]} == {row[:3] for row in before["listings"]}
    # Validators.
    assert {row[18:20] for row in after["revisions"]} == {row[18:20] for row in before["revisions"]}


def test_a_damaged_one_is_rebuilt_with_what_can_be_read(output: Path) -> None:
    with closing(sqlite3.connect(path_of(output), isolation_level=None)) as connection:
        connection.execute("DROP VIEW articles")
    Run(output, "travel").finish()
    with closing(Index(path_of(output))) as index:
        assert [story.id for story in index.pending.find()] == [PENDING]
        assert index.row("SELECT count(*) FROM articles") == (8,)
    assert len(list(output.glob("index.sqlite.*.old"))) == 1


def test_a_living_run_of_the_old_version_keeps_its_index(output: Path) -> None:
    before = path_of(output).read_bytes()
    run = "2026-12-01T00-00-00Z-world-1"
    lock = Lock(reconcile.run_lock(output, run))
    lock.acquire({"run": run})
    try:
        with pytest.raises(CorpusIndexError, match=f"must be upgraded, and run {run} began"):
            Run(output, "travel")
        with pytest.raises(CorpusIndexError, match=run):
            opening.open_to_change(output)
        with pytest.raises(CorpusIndexError, match=run):
            rebuild(output)
        with pytest.raises(IndexOutdatedError, match="the next run upgrades it"):
            Index(path_of(output))
    finally:
        lock.release()
    assert path_of(output).read_bytes() == before


def test_a_run_that_keeps_nothing_looks_at_a_copy(output: Path) -> None:
    before = path_of(output).read_bytes()
    with closing(Index(None)) as index:
        index.copy_from(path_of(output))
        assert [story.id for story in index.pending.find()] == [PENDING]
        assert index.listings.begin_pass("business").complete == 1
    assert path_of(output).read_bytes() == before


def test_the_next_crawl_fetches_nothing_twice(
    crawl: CrawlCommand, output: Path, command: Callable[..., str]
) -> None:
    done = crawl("business", "-a", "since=2026-11-23")
    assert done.code == 0, done.log
    ids = [record["id"] for record in done.records]
    assert len(ids) == len(set(ids)) >= 8
    assert version(output) == tables.VERSION
    assert json.loads(command("status", "--json"))["gone"] == 1
