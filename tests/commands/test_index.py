"""``scrapy index`` as a user calls it, on crawls of the replica and on files made by hand."""

from __future__ import annotations

import bz2
import gzip
import json
import lzma
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from helpers.crawls import ROOT, CrawlCommand, scrapy
from helpers.page_cases import as_json, sample
from scrapy.cmdline import execute
from scrapy.utils.project import get_project_settings

from peoplesdaily.commands.index import ACTIONS
from peoplesdaily.items import Article
from peoplesdaily.replica.content import Catalogue
from peoplesdaily.replica.site import Reply, Site
from peoplesdaily.storage import locks
from peoplesdaily.storage.index import Index, PendingArticle, reconcile, tables
from peoplesdaily.storage.index import export as exporting
from peoplesdaily.storage.near_duplicates import exact_similarity

NOW = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
TEXT = tuple(
    f"On day {n} the boats of Qingshui left harbor number {n} with {3 * n} sailors aboard, and "
    f"came home before the tide had turned." for n in range(1, 8)
)  # fmt: skip


@dataclass(frozen=True)
class Done:
    """A finished ``scrapy index``."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> list[Any]:
        return [json.loads(line) for line in self.out.splitlines()]


IndexCommand = Callable[..., Done]


@pytest.fixture
def output(tmp_path: Path) -> Path:
    return tmp_path / "output"


@pytest.fixture
def index(output: Path, capfd: pytest.CaptureFixture[str]) -> IndexCommand:
    """``index("pending", "--due")`` on the test's output folder."""

    def run(*arguments: str) -> Done:
        command = ["scrapy", "index", *arguments, f"-sOUTPUT_DIR={output}"]
        capfd.readouterr()
        with pytest.raises(SystemExit) as ended:
            execute(command, get_project_settings())
        out, err = capfd.readouterr()
        assert "Traceback" not in err
        return Done(int(ended.value.code or 0), out, err)

    return run


def article(
    id_: str, title: str = "", body: tuple[str, ...] = TEXT, day: str = "2020-11-27", **more: Any
) -> Article:
    """A record of a story."""
    url = f"http://en.people.cn/n3/2020/1127/c90000-{id_}.html"
    made = sample(url=url, title=title or f"Story {id_}", paragraphs=body)
    return replace(made, published_on=day, **more)


def write(path: Path, *articles: Article) -> Path:
    """A finished file by hand."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = "".join(json.dumps(as_json(a), ensure_ascii=False) + "\n" for a in articles).encode()
    openers: dict[str, Any] = {".gz": gzip.open, ".bz2": bz2.open, ".xz": lzma.open}
    with openers.get(path.suffix, open)(path, "wb") as file:
        file.write(lines)
    return path


def opened(output: Path) -> Index:
    """The index, closed when the test is done with it."""
    return Index(reconcile.index_path(output))


def ids_in(done: Done) -> list[str]:
    return [record["id"] for record in done.json]


# --- Wrong calls and missing indexes ------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("look",), "there is no action 'look'; use one of status, pending"),
        (("pendign",), "there is no action 'pendign'; did you mean pending?"),
        (("owed",), "`scrapy index owed` is now called `scrapy index pending`"),
        (("settled", "--help"), "`scrapy index settled` is now called `scrapy index gone`"),
        (("status", "world"), "status takes options only"),
        (("pending", "world"), "pending takes options only"),
        (("pending", "--section", "nowhere"), "there is no section 'nowhere'"),
        (("pending", "--unique"), "--unique is for export, not for pending"),
        (("history",), "history takes one ID"),
        (("history", "12a"), "'12a' is no id of a story"),
        (("history", "٣"), "is no id of a story"),
        (("forget",), "forget takes one ID or several"),
        (("duplicates", "1", "2"), "duplicates takes one ID"),
        (("duplicates", "--since", "yesterday"), "--since='yesterday' is no date"),
        (("duplicates", "--limit", "0"), "--limit='0' is no count"),
        (("rebuild", "/nonexistent"), "there is nothing at /nonexistent"),
        (("export",), "export takes one FILE"),
        (("export", "corpus.csv"), "give it the ending .jsonl"),
        (("export", "-", "--since", "2026-02-01", "--until", "2026-01-01"), "nothing lies between"),
        (("export", "-", "--section", "nowhere"), "there is no section 'nowhere'"),
    ],
)
def test_a_wrong_call_is_one_sentence(
    index: IndexCommand, output: Path, arguments: tuple[str, ...], says: str
) -> None:
    write(output / "world" / "a.jsonl", article("1"))
    opened(output).close()

    done = index(*arguments)

    assert done.code == 2
    assert says in done.err.strip().splitlines()[-1]


@pytest.mark.parametrize(
    "arguments",
    [("status",), ("pending",), ("gone",), ("duplicates",), ("history", "1"), ("export", "-"),
     ("forget", "1"), ()],
)  # fmt: skip
def test_without_an_index_the_cure_is_named_and_nothing_is_made(
    index: IndexCommand, output: Path, arguments: tuple[str, ...]
) -> None:
    done = index(*arguments)

    assert (done.code, done.out) == (1, "")
    assert "there is no index at" in done.err
    assert "scrapy index rebuild" in done.err
    assert not output.exists()


@pytest.mark.parametrize("content", [b"no database at all" * 100, b""])
def test_a_file_that_is_no_index_is_named_with_the_cure(
    index: IndexCommand, output: Path, content: bytes
) -> None:
    output.mkdir()
    reconcile.index_path(output).write_bytes(content)

    done = index("status")

    assert done.code == 1
    assert "rebuild it with `scrapy index rebuild`" in done.err
    assert reconcile.index_path(output).read_bytes() == content


def test_an_index_of_a_newer_program_is_left_alone(index: IndexCommand, output: Path) -> None:
    write(output / "world" / "a.jsonl", article("1"))
    made = opened(output)
    made.connection.execute(f"PRAGMA user_version = {tables.VERSION + 1000}")
    made.close()
    before = reconcile.index_path(output).read_bytes()

    for arguments in (("status",), ("rebuild",)):
        done = index(*arguments)
        assert done.code == 1
        assert "written by a newer peoplesdaily" in done.err
    assert reconcile.index_path(output).read_bytes() == before


def test_reading_leaves_every_file_as_it_is(index: IndexCommand, output: Path) -> None:
    write(output / "world" / "a.jsonl", article("1"))
    assert index("rebuild").code == 0

    def seen() -> dict[str, bytes]:
        return {str(p): p.read_bytes() for p in output.rglob("*") if p.is_file()}

    before = seen()
    for arguments in (("status",), ("pending",), ("gone",), ("duplicates",), ("history", "1")):
        assert index(*arguments).code == 0
    assert index("export", "-").code == 0

    assert seen() == before


def test_reading_works_while_a_run_writes(index: IndexCommand, output: Path) -> None:
    write(output / "world" / "a.jsonl", article("1"))
    assert index("rebuild").code == 0
    run = "2026-11-20T08-00-00Z-world-1"
    lock = locks.Lock(reconcile.run_lock(output, run))
    lock.acquire({"run": run, "since": "2026-11-20T08:00:00Z"})
    writer = opened(output)
    writer.leases.begin_run(run, NOW)
    try:
        with writer.transaction():
            # Not committed: nobody else sees it, and nobody waits for it.
            writer.articles.begin_revision(article("2"), run, None, (None, None))
            found = index("status", "--json").json[0]
    finally:
        writer.close()
        lock.release()

    assert (found["articles"], found["writing"]) == (1, 0)
    assert found["runs"] == [{"run": run, "since": "2026-11-20T08:00:00Z", "alive": True}]


@pytest.mark.parametrize("journal", [True, False], ids=["during-a-run", "at-rest"])
def test_reading_needs_no_right_to_write(
    index: IndexCommand, output: Path, monkeypatch: pytest.MonkeyPatch, journal: bool
) -> None:
    write(output / "world" / "a.jsonl", article("1"))
    assert index("rebuild").code == 0
    writer = opened(output) if journal else None
    if writer:
        writer.leases.begin_run("2026-11-20T08-00-00Z-world-1", NOW)
    monkeypatch.setattr(os, "access", lambda *_: False)

    done = index("status", "--json")
    if writer:
        writer.close()

    assert done.json[0]["articles"] == 1
    assert len(done.json[0]["runs"]) == int(journal)


# --- status, pending, gone, forget -------------------------------------------------------------


def test_what_a_crawl_stored_and_lacks_is_counted_and_named(
    crawl: CrawlCommand, index: IndexCommand, site: Site, catalogue: Catalogue, output: Path
) -> None:
    lost = catalogue.lists("world")[1]
    site.overrides[catalogue.story(lost).path] = Reply(500)
    done = crawl("world", "-a", "max_articles=12", RETRY_TIMES="0")

    (found,) = index("status", "--json").json
    assert found["articles"] == len(done.records) > 5
    assert found["pending"]["500"] == [0, 1]
    assert found["files"] == len(done.files)
    assert found["missing"] == found["runs"] == []
    world = next(s for s in found["sections"] if s["section"] == "world")
    assert world["articles"] >= len(done.records)
    assert found["size"] > 4096
    said = index()
    assert re.search(rf"^articles +{len(done.records)}$", said.out, re.MULTILINE)
    assert "500 0 due, 1 later" in said.out

    (pending,) = index("pending", "--kind", "500", "--json").json
    assert (pending["id"], pending["section"], pending["tries"]) == (lost, "world", 1)
    assert pending["reason"] == "the server answered 500"
    line = next(text for text in index("pending").out.splitlines() if text.startswith(lost))
    assert pending["url"] in line
    assert pending["next_try"] in line
    assert index("pending", "--due", "--kind", "500").out == "Nothing is pending.\n"
    assert index("pending", "--section", "business", "--json").out == ""
    assert "Nothing is pending of kind 418; there is 500" in index("pending", "--kind", "418").out


def test_a_file_that_was_moved_away_is_counted(index: IndexCommand, output: Path) -> None:
    moved = write(output / "world" / "a.jsonl", article("1"))
    write(output / "world" / "b.jsonl", article("2"))
    assert index("rebuild").code == 0
    moved.unlink()

    assert "2 on record, 1 of them no longer there" in index("status").out
    assert index("status", "--json").json[0]["missing"] == ["world/a.jsonl"]


def test_a_dead_run_is_told_from_a_living_one(index: IndexCommand, output: Path) -> None:
    output.mkdir()
    made = opened(output)
    made.leases.begin_run("2026-11-20T08-00-00Z-world-1", NOW)
    made.close()

    assert "2026-11-20T08-00-00Z-world-1, died" in index("status").out


def confirm_gone(output: Path, id_: str, section: str) -> str:
    """Have a story confirmed to be gone."""
    url = article(id_).url
    made = opened(output)
    pending = PendingArticle(id_, url, section, section, "404", "the server answered 404")
    made.listings.record([id_], section, 1, [pending], None, NOW)
    tries = (made.pending.failed(pending, NOW + timedelta(days=day)) for day in range(5))
    assert any(tries)
    made.close()
    return url


def test_a_story_that_is_gone_is_listed_and_forgotten_on_request(
    index: IndexCommand, output: Path
) -> None:
    output.mkdir()
    url = confirm_gone(output, "9793058", "world")

    assert url in index("gone").out
    (found,) = index("gone", "--json").json
    assert (found["id"], found["reason"]) == ("9793058", "the server answered 404")
    assert "9793058" in index("forget", "9793058").out
    assert index("gone").out == "No article is gone.\n"
    (pending,) = index("pending", "--due", "--json").json
    assert (pending["id"], pending["section"], pending["tries"]) == ("9793058", "world", 0)


def test_a_forgotten_story_is_fetched_by_the_next_run(
    crawl: CrawlCommand, index: IndexCommand, catalogue: Catalogue, output: Path
) -> None:
    id_ = catalogue.expected_ids("world")[0]
    output.mkdir()
    made = opened(output)
    url = f"http://en.people.cn{catalogue.story(id_).path}"
    pending = PendingArticle(id_, url, "world", "world", "410", "the server answered 410")
    assert any(made.pending.failed(pending, NOW + timedelta(days=day)) for day in range(5))
    made.close()
    assert id_ not in {record["id"] for record in crawl("world").records}

    assert index("forget", id_).code == 0

    assert id_ in {record["id"] for record in crawl("world").records}
    # What is stored stays so.
    done = index("forget", id_)
    assert done.code == 1
    assert "neither gone nor pending" in done.err


# --- duplicates and history --------------------------------------------------------------------

EDITED = (*TEXT[:5], "Nobody was hurt in the storm, said the harbor master.", *TEXT[6:])


def with_repeats(output: Path, index: IndexCommand, suffix: str = "") -> None:
    """Story 2 nearly repeats story 1, story 3 is another name of it."""
    write(output / "world" / f"a.jsonl{suffix}", article("1", "Boats are home"))
    again = article("2", "Boats came back", EDITED, duplicate_of="1", similarity=0.777)
    again = replace(again, crawled_at="2026-11-21T09:00:00Z")
    write(output / "archive" / "old" / "b.jsonl", again)
    assert index("rebuild").code == 0
    made = opened(output)
    made.articles.add_alias(article("3", "Home again"), "1", 1.0, NOW)
    made.close()


@pytest.mark.parametrize("suffix", ["", ".gz", ".bz2", ".xz"])
def test_pairs_stand_side_by_side(index: IndexCommand, output: Path, suffix: str) -> None:
    with_repeats(output, index, suffix)

    said = index("duplicates").out

    exact = exact_similarity("Boats are home", "\n\n".join(TEXT), "", "\n\n".join(EDITED))
    near, alias = said.split("=" * 20, 1)
    assert f"2 nearly repeats 1 (estimated 0.777, exact {exact:.3f}, " in near
    assert f"world/a.jsonl{suffix}" in near
    assert "archive/old/b.jsonl" in near
    assert "Nobody was hurt" in near
    assert "paragraphs the same" in near
    assert "3 is another name of 1 (similarity 1.000" in alias
    assert "Home again" in alias
    assert "Its text was not kept." in alias

    first, second = index("duplicates", "--json").json
    assert (first["id"], first["of_id"], first["exact"]) == ("2", "1", round(exact, 3))
    assert (second["id"], second["revision"], second["exact"]) == ("3", None, None)


def test_pairs_can_be_narrowed(index: IndexCommand, output: Path) -> None:
    with_repeats(output, index)

    def ids(*arguments: str) -> list[str]:
        return ids_in(index("duplicates", "--json", *arguments))

    assert ids("--limit", "1") == ["2"]
    assert ids("--limit", "all") == ["2", "3"]
    assert ids("--since", "2026-11-21") == ["2"]
    assert ids("--since", "2026-11-22") == []
    assert ids("1") == ["2", "3"]
    assert ids("3") == ["3"]
    done = index("duplicates", "4")
    assert done.code == 1
    assert "story 4 is not on record" in done.err


def test_a_pair_whose_file_was_moved_away_is_shown_as_far_as_it_is_known(
    index: IndexCommand, output: Path
) -> None:
    with_repeats(output, index)
    (output / "world" / "a.jsonl").unlink()

    done = index("duplicates", "2")

    assert done.code == 0
    assert "exact unknown" in done.out
    assert "No text of 1: world/a.jsonl: it is no longer there." in done.out
    assert "Boats are home" in done.out
    assert index("duplicates", "2", "--json").json[0]["missing"] == ["world/a.jsonl"]


def test_a_pair_whose_file_was_changed_or_damaged_says_so(
    index: IndexCommand, output: Path
) -> None:
    with_repeats(output, index, ".gz")
    path = output / "world" / "a.jsonl.gz"
    write(path, article("4"))
    assert "world/a.jsonl.gz: it was changed" in index("duplicates", "2").out
    path.write_bytes(path.read_bytes()[:40])
    assert "world/a.jsonl.gz: it cannot be read" in index("duplicates", "2").out


def test_the_pair_has_the_revision_that_was_compared(index: IndexCommand, output: Path) -> None:
    other = tuple(f"Nothing like it was ever told before in town {n * 17}." for n in range(9))
    first = article("1", "First")
    later = replace(article("1", "Second", other), revision=2)
    write(output / "world" / "a.jsonl", first, later)
    write(output / "world" / "b.jsonl", article("2", body=EDITED, duplicate_of="1", similarity=0.7))
    assert index("rebuild").code == 0

    (pair,) = index("duplicates", "--json").json

    assert pair["of"]["revision"] == 1
    assert pair["exact"] > 0.5


def test_the_history_of_a_story(index: IndexCommand, output: Path) -> None:
    with_repeats(output, index)
    second = replace(article("1", "Boats are home", EDITED), revision=2)
    write(output / "world" / "later.jsonl.gz", replace(second, sections=("world", "business")))
    assert index("rebuild").code == 0

    said = index("history", "1").out

    assert "revision 1" in said
    assert "world/later.jsonl.gz" in said
    assert "{+Nobody" in said
    assert re.search(r"^listed by business since \d{4}-", said, re.MULTILINE)
    assert "2 nearly repeats 1, similarity 0.777" in said
    assert "3 is another name of 1" in said
    (found,) = index("history", "1", "--json").json
    assert [each["revision"] for each in found["revisions"]] == [1, 2]
    assert "signature" not in found["revisions"][0]


def test_the_history_of_a_story_that_is_not_stored(index: IndexCommand, output: Path) -> None:
    with_repeats(output, index)
    confirm_gone(output, "9", "world")

    assert "9: not stored" in index("history", "9").out
    assert "gone, confirmed at 2026-" in index("history", "9").out
    assert "listed by world since" in index("history", "9").out
    assert "3 is another name of 1" in index("history", "3").out
    done = index("history", "404")
    assert done.code == 1
    assert "story 404 is not on record" in done.err


# --- rebuild -----------------------------------------------------------------------------------


def table(output: Path, query: str) -> list[Any]:
    made = Index(reconcile.index_path(output), read_only=True)
    try:
        return made.rows(query)
    finally:
        made.close()


LINES = (
    "SELECT id, revision, path, url, title, section, published_on, published_at, source, template,"
    " pages, content_hash, has_body, duplicate_of, similarity, crawled_at, etag, last_modified,"
    " signature FROM revisions JOIN files USING (file) ORDER BY id, revision"
)
KEPT = ("pending", "gone", "aliases")


def test_a_rebuilt_index_is_the_one_that_the_crawl_made(
    crawl: CrawlCommand, index: IndexCommand, site: Site, catalogue: Catalogue, output: Path
) -> None:
    lost = catalogue.lists("world")[1]
    site.overrides[catalogue.story(lost).path] = Reply(500)
    crawl("world", RETRY_TIMES="0")
    crawl("business", RETRY_TIMES="0")
    confirm_gone(output, "9", "world")
    lines, *kept = [table(output, q) for q in (LINES, *(f"SELECT * FROM {t}" for t in KEPT))]
    bands = (
        "SELECT hash, id, revision FROM bands JOIN revisions USING (revision_id) ORDER BY 1, 2, 3"
    )
    hashes = table(output, bands)
    listings = "SELECT id, section, first_seen FROM listings"
    seen = table(output, listings)
    assert all((lines, kept[0], kept[1], hashes, seen))
    assert any(line[16] or line[17] for line in lines), "no validators"

    done = index("rebuild")

    assert done.code == 0
    assert f"{len(lines)} articles from 2 finished files" in done.out
    assert table(output, LINES) == lines
    assert [table(output, f"SELECT * FROM {t}") for t in KEPT] == kept
    assert table(output, bands) == hashes
    assert table(output, listings) == seen
    names = {path.name for path in output.iterdir()}
    assert not {name for name in names if name.startswith("index.sqlite.") or "-wal" in name}

    # The next run believes it: nothing stored is asked for.
    assert crawl("world", RETRY_TIMES="0").stat("item_scraped_count") == 0


def test_rebuild_reads_compressed_files_subfolders_and_archives(
    index: IndexCommand, output: Path, tmp_path: Path
) -> None:
    write(output / "world" / "a.jsonl", article("1"))
    write(output / "world" / "2020" / "b.jsonl.gz", article("2"))
    write(output / "rejected" / "world" / "c.jsonl", article("9"))
    archive = tmp_path / "archive"
    write(archive / "deep" / "c.jsonl.xz", article("3"))
    single = write(tmp_path / "single.jsonl.bz2", article("4"), article("1"))

    done = index("rebuild", str(archive), str(single))

    assert done.code == 0
    assert "4 articles from 4 finished files" in done.out
    known = table(output, "SELECT id FROM articles ORDER BY id")
    assert known == [("1",), ("2",), ("3",), ("4",)]
    # What is on record elsewhere needs no second mention.
    assert "4 articles from 4 finished files" in index("rebuild").out
    assert ids_in(index("export", "-")) == ["1", "2", "3", "4"]


def test_a_folder_without_finished_files_is_no_archive(
    index: IndexCommand, output: Path, tmp_path: Path
) -> None:
    output.mkdir()
    (tmp_path / "empty").mkdir()
    (tmp_path / "notes.txt").write_text("x")
    assert "no JSON Lines files" in index("rebuild", str(tmp_path / "empty")).err
    assert "not named like" in index("rebuild", str(tmp_path / "notes.txt")).err


def test_moved_articles_are_forgotten_with_a_warning_or_kept(
    index: IndexCommand, output: Path, tmp_path: Path
) -> None:
    write(output / "world" / "a.jsonl", article("1"), article("2", body=EDITED))
    moved = write(output / "world" / "b.jsonl", article("3", body=TEXT[:3]))
    assert index("rebuild").code == 0
    before = table(output, LINES)
    bands = table(output, "SELECT hash FROM bands ORDER BY 1")
    away = shutil.move(moved, tmp_path / "b.jsonl")

    done = index("rebuild", "--keep-moved")
    assert "kept, though their files are elsewhere: 1 revisions" in done.out
    assert "forgotten" not in done.err
    assert table(output, LINES) == before
    assert table(output, "SELECT hash FROM bands ORDER BY 1") == bands

    done = index("rebuild")
    assert done.code == 0
    assert "warning: 1 articles are forgotten" in done.err
    assert "  world/b.jsonl: 1 articles" in done.err
    assert index("status", "--json").json[0]["articles"] == 2

    done = index("rebuild", str(away))
    assert "3 articles from 2 finished files" in done.out


def test_rebuild_refuses_while_a_run_lives(index: IndexCommand, output: Path) -> None:
    write(output / "world" / "a.jsonl", article("1"))
    assert index("rebuild").code == 0
    before = reconcile.index_path(output).read_bytes()
    lock = locks.Lock(reconcile.run_lock(output, "2026-11-20T08-00-00Z-world-77"))
    lock.acquire({"run": "2026-11-20T08-00-00Z-world-77", "since": "2026-11-20T08:00:00Z"})
    try:
        done = index("rebuild")
    finally:
        lock.release()

    assert done.code == 75
    assert "in use by 2026-11-20T08-00-00Z-world-77 (since 2026-11-20T08:00:00Z)" in done.err
    assert reconcile.index_path(output).read_bytes() == before
    assert index("rebuild").code == 0


def test_a_dead_runs_lines_are_salvaged(index: IndexCommand, output: Path) -> None:
    write(output / "world" / "a.jsonl", article("1"))
    made = opened(output)
    made.leases.begin_run("2026-11-20T08-00-00Z-world-77", NOW)
    made.close()
    dead = reconcile.run_lock(output, "2026-11-20T08-00-00Z-world-77")
    dead.parent.mkdir(exist_ok=True)
    dead.write_text("{}")
    part = write(output / "world" / ".b.jsonl.77.part", article("2"))

    done = index("rebuild")

    assert "salvaged from runs that died: 1 articles" in done.out
    assert not part.exists()
    assert not dead.exists()
    assert index("status", "--json").json[0]["articles"] == 2


def test_a_broken_index_is_kept_beside_the_new_one(index: IndexCommand, output: Path) -> None:
    stories = [article(str(n), body=(f"Text {n}.", *TEXT)) for n in range(1, 60)]
    write(output / "world" / "a.jsonl", *stories)
    assert index("rebuild").code == 0
    confirm_gone(output, "900", "world")
    path = reconcile.index_path(output)
    with sqlite3.connect(path) as connection:
        # The page on which the signatures and texts of lines begin.
        (page,) = connection.execute(
            "SELECT rootpage FROM sqlite_master WHERE name = 'revisions'"
        ).fetchone()
        (size,) = connection.execute("PRAGMA page_size").fetchone()
    connection.close()
    data = bytearray(path.read_bytes())
    data[(page - 1) * size : page * size] = b"\xa5" * size
    path.write_bytes(data)

    assert "is damaged" in index("history", "1").err
    assert "scrapy index rebuild" in index("history", "1").err
    done = index("rebuild")

    assert done.code == 0
    (aside,) = output.glob("index.sqlite.*.old")
    assert aside.read_bytes() == bytes(data)
    assert f"is kept as {aside}" in done.out
    assert index("status", "--json").json[0]["articles"] == len(stories)
    assert index("gone", "--json").json[0]["id"] == "900"


def test_an_index_of_another_program_is_no_loss(index: IndexCommand, output: Path) -> None:
    write(output / "world" / "a.jsonl", article("1"))
    reconcile.index_path(output).write_bytes(b"no database at all" * 100)

    assert index("rebuild").code == 0

    assert index("status", "--json").json[0]["articles"] == 1
    (aside,) = output.glob("index.sqlite.*.old")
    assert aside.read_bytes().startswith(b"no database")


def test_a_line_that_is_no_record_is_named(index: IndexCommand, output: Path) -> None:
    path = write(output / "world" / "a.jsonl", article("1"))
    path.write_bytes(path.read_bytes() + b'{"id": "2"}\n')

    done = index("rebuild")

    assert "not counted, because they are no records: 1 lines" in done.out
    assert f"{path}, line 2 is no record" in done.err


def test_a_file_that_cannot_be_read_stops_it_before_anything_changes(
    index: IndexCommand, output: Path
) -> None:
    write(output / "world" / "a.jsonl", article("1"))
    assert index("rebuild").code == 0
    before = reconcile.index_path(output).read_bytes()
    bad = output / "world" / "b.jsonl.gz"
    bad.write_bytes(gzip.compress(b"x" * 5000)[:-12])

    done = index("rebuild")

    assert done.code == 1
    assert f"cannot read {bad}" in done.err
    assert reconcile.index_path(output).read_bytes() == before
    assert not list(output.glob("index.sqlite.new*"))


def test_killed_half_way_the_old_index_is_untouched(index: IndexCommand, output: Path) -> None:
    write(output / "world" / "a.jsonl", article("1"))
    assert index("rebuild").code == 0
    path = reconcile.index_path(output)
    before = path.read_bytes()
    many = [article(str(n), body=(f"Text {n}.", *TEXT)) for n in range(2, 1500)]
    write(output / "world" / "b.jsonl", *many)
    process = subprocess.Popen(
        [sys.executable, "-m", "scrapy", "index", "rebuild", f"-sOUTPUT_DIR={output}"],
        cwd=ROOT, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    new = path.with_name("index.sqlite.new")
    while not new.exists() and process.poll() is None:
        time.sleep(0.001)
    process.send_signal(signal.SIGKILL)

    assert process.wait(20) == -signal.SIGKILL
    assert new.exists()
    assert path.read_bytes() == before
    assert index("status", "--json").json[0]["articles"] == 1
    done = index("rebuild")
    assert "1499 articles from 2 finished files" in done.out
    assert not list(output.glob("index.sqlite.*"))


# --- export ------------------------------------------------------------------------------------


def corpus(output: Path, index: IndexCommand) -> None:
    write(
        output / "world" / "a.jsonl",
        article("30", day="2021-03-02", section="world", sections=("world",)),
        article("4", day="2021-03-01", body=TEXT[:4], section="world", sections=("world",)),
        article("200", day="2021-03-01", body=TEXT[1:], duplicate_of="4", similarity=0.7),
    )
    later = replace(article("4", "Edited", TEXT[:5], "2021-03-01"), revision=2)
    write(output / "business" / "b.jsonl.gz", replace(later, sections=("world",)))
    assert index("rebuild").code == 0
    made = opened(output)
    made.listings.record(["4"], "business", 1, [], None, NOW)
    made.close()


def test_the_export_is_sorted_current_and_knows_every_section(
    index: IndexCommand, output: Path
) -> None:
    corpus(output, index)

    done = index("export", "-")

    assert done.code == 0
    assert done.err == "3 articles to stdout\n"
    assert ids_in(done) == ["4", "200", "30"]
    first, second, third = done.json
    assert (first["revision"], first["title"]) == (2, "Edited")
    assert first["sections"] == ["business", "world"]
    assert list(first) == list(as_json(article("1")))
    assert third["sections"] == ["world"]
    assert second["duplicate_of"] == "4"


@pytest.mark.parametrize("name", ["all.jsonl", "all.jsonl.gz", "all.jsonl.bz2", "all.jsonl.xz"])
def test_the_export_is_one_file_that_appears_whole(
    index: IndexCommand, output: Path, tmp_path: Path, name: str
) -> None:
    corpus(output, index)
    target = tmp_path / "exports" / name

    done = index("export", str(target))

    assert done.code == 0
    assert done.err == f"3 articles in {target}\n"
    assert list(target.parent.iterdir()) == [target]
    readers: dict[str, Any] = {".gz": gzip.open, ".bz2": bz2.open, ".xz": lzma.open}
    with readers.get(target.suffix, open)(target, "rb") as file:
        assert file.read().decode() == index("export", "-").out
    again = target.read_bytes()
    assert index("export", str(target)).code == 0
    assert target.read_bytes() == again


def test_the_export_can_be_narrowed(index: IndexCommand, output: Path) -> None:
    corpus(output, index)

    def ids(*arguments: str) -> list[str]:
        return ids_in(index("export", "-", *arguments))

    assert ids("--unique") == ["4", "30"]
    assert ids("--section", "business") == ["4"]
    assert ids("--since", "2021-03-02") == ["30"]
    assert ids("--until", "2021-03-01") == ["4", "200"]
    assert ids("--since", "2021-03-01", "--until", "2021-03-01", "--unique") == ["4"]
    assert ids("--since", "2022-01-01") == []


def test_missing_files_stop_the_export_unless_it_may_be_partial(
    index: IndexCommand, output: Path, tmp_path: Path
) -> None:
    corpus(output, index)
    (output / "business" / "b.jsonl.gz").unlink()
    target = tmp_path / "all.jsonl"

    done = index("export", str(target))
    assert done.code == 1
    assert "1 article(s) cannot be exported" in done.err
    assert "business/b.jsonl.gz (no longer there)" in done.err
    assert not target.exists()
    assert index("export", "-").out == ""

    # The first revision of story 4 is not the story as it is.
    done = index("export", str(target), "--partial")
    assert done.code == 0
    assert "left out: 1 articles of business/b.jsonl.gz, no longer there" in done.err
    assert [json.loads(line)["id"] for line in target.read_text().splitlines()] == ["200", "30"]
    # What is not asked for is not missed.
    assert index("export", "-", "--since", "2021-03-02").code == 0


def test_files_that_lost_their_lines_stop_the_export(
    index: IndexCommand, output: Path, tmp_path: Path
) -> None:
    corpus(output, index)
    write(output / "world" / "a.jsonl", article("77"))
    target = tmp_path / "all.jsonl"

    done = index("export", str(target))

    assert done.code == 1
    assert "world/a.jsonl (changed: their lines are not in it any more)" in done.err
    assert list(tmp_path.glob("*all.jsonl*")) == []


def test_the_export_is_the_same_in_little_memory(
    index: IndexCommand, output: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stories = [article(str(n), day=f"2020-01-{n * 7 % 28 + 1:02}") for n in range(1, 60)]
    write(output / "world" / "a.jsonl", *stories[::2])
    write(output / "world" / "b.jsonl.gz", *stories[1::2])
    assert index("rebuild").code == 0
    whole = index("export", "-").out

    monkeypatch.setattr(exporting, "_CHUNK", 10_000)
    assert index("export", "-").out == whole

    keys = [(r["published_on"], int(r["id"])) for r in map(json.loads, whole.splitlines())]
    assert len(keys) == 59
    assert keys == sorted(keys)


@pytest.mark.parametrize(
    "name",
    [
        *("world/all.jsonl", "world/../fresh/all.jsonl", "2026-11-20T08-00-00Z.jsonl"),
        *("../link/world/all.jsonl", "../disk/all.jsonl"),
    ],
)
def test_the_export_does_not_become_a_finished_file(
    index: IndexCommand, output: Path, name: str
) -> None:
    corpus(output, index)
    (output.parent / "link").symlink_to(output)
    (output.parent / "disk").mkdir()
    (output / "china").symlink_to(output.parent / "disk")
    if "/" not in name:
        write(output / name, article("1"))

    done = index("export", str(output / name))

    assert done.code == 2
    assert "lies among the finished files" in done.err


@pytest.mark.parametrize("name", ["mine.jsonl", "../mine.jsonl", "world/../../mine.jsonl"])
def test_the_export_may_lie_beside_the_corpus(index: IndexCommand, output: Path, name: str) -> None:
    corpus(output, index)
    assert index("export", f"{output}/{name}").code == 0
    assert index("rebuild").code == 0
    assert index("export", "-").out == Path(f"{output}/{name}").read_text(encoding="utf-8")


def test_a_reader_that_has_enough_ends_the_export_quietly(
    index: IndexCommand, output: Path
) -> None:
    write(output / "world" / "a.jsonl", *(article(str(n)) for n in range(1, 300)))
    assert index("rebuild").code == 0
    process = subprocess.Popen(
        [sys.executable, "-m", "scrapy", "index", "export", "-", f"-sOUTPUT_DIR={output}"],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stderr is not None
    assert json.loads(process.stdout.readline())["id"] == "1"
    process.stdout.close()

    assert process.wait(20) == 1
    assert process.stderr.read() == b""
    process.stderr.close()


# --- The documents -----------------------------------------------------------------------------


def test_the_document_has_every_action_as_the_help_does() -> None:
    done = scrapy("index", "--help")
    assert done.returncode == 0
    page = (ROOT / "docs" / "corpus-index.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `scrapy index (\w+ ?[^`]*)` \| (.+) \|$", page, re.MULTILINE))
    expected = {f"{word} {action.takes}".strip(): action.does for word, action in ACTIONS.items()}
    assert rows == expected
    for word, action in ACTIONS.items():
        assert f"  {word:<12}{action.does}\n" in done.stdout


@pytest.mark.parametrize("word", ACTIONS)
def test_the_help_of_an_action_has_its_options_and_an_example(
    index: IndexCommand, word: str
) -> None:
    done = index(word, "--help")

    assert done.code == 0
    assert done.out.startswith(f"Usage: scrapy index {word} {ACTIONS[word].takes}\n")
    assert ACTIONS[word].does[1:] in done.out
    options = set(re.findall(r"--[a-z-]+", ACTIONS[word].takes))
    assert set(re.findall(r"^  (--[a-z-]+)", done.out, re.MULTILINE)) == options
    assert re.search(rf"^Example:\n  scrapy index {word}\b", done.out, re.MULTILINE)
