"""Indexes that are missing, broken or foreign, files that were moved, and what dead runs left."""

from __future__ import annotations

import bz2
import gzip
import json
import logging
import lzma
import multiprocessing
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from helpers.crawls import ROOT
from helpers.fake_run import Run, drop, pending, stored

from peoplesdaily.storage.index import CorpusIndexError, Index, reconcile, tables
from peoplesdaily.storage.index import session as sessions
from peoplesdaily.storage.locks import Lock
from peoplesdaily.utils.atomic_files import OutputError, PartFile, abandoned

IDS = [str(9_000_001 + n) for n in range(6)]


@pytest.fixture
def output(tmp_path: Path) -> Path:
    """An output folder with a finished file of four stories, and two that are pending."""
    folder = tmp_path / "output"
    folder.mkdir()
    run = Run(folder)
    run.read_list(IDS)
    run.write_all(IDS[:4])
    run.session.failed(pending(IDS[4], kind="404", reason="gone"))
    run.finish()
    return folder


def index_of(output: Path) -> Path:
    return reconcile.index_path(output)


def known(output: Path) -> set[str]:
    with closing(Index(index_of(output))) as index:
        return {id_ for (id_,) in index.rows("SELECT id FROM revisions WHERE file IS NOT NULL")}


def pending_in(output: Path) -> dict[str, str]:
    with closing(Index(index_of(output))) as index:
        return {found.id: found.kind for found in index.pending.find()}


def again(output: Path) -> list[str]:
    """What a run asks for that is shown the whole list."""
    run = Run(output, name="2026-11-26T00-00-00Z")
    wanted = sorted(run.read_list(IDS))
    run.finish()
    return wanted


def overwrite(path: Path, at: int, data: bytes) -> None:
    with path.open("r+b") as file:
        file.seek(at)
        file.write(data)


def settle(output: Path) -> None:
    """Bring the journal into the file."""
    with closing(sqlite3.connect(index_of(output))) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _foreign(path: Path) -> None:
    path.unlink()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE pending (sum)")


def _older(path: Path) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA user_version = 1")


DAMAGE: dict[str, Callable[[Path], object]] = {
    "truncated": lambda path: os.truncate(path, path.stat().st_size // 2),
    "random-header": lambda path: overwrite(path, 0, bytes(range(100))),
    "random-middle": lambda path: overwrite(path, 4096, b"\xa5" * (path.stat().st_size - 8192)),
    "zero-bytes": lambda path: os.truncate(path, 0),
    "text-file": lambda path: path.write_text("this is no database\n" * 300),
    "foreign": _foreign,
    "older-version": _older,
    "missing": lambda path: path.unlink(),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_an_index_that_cannot_be_used_is_made_anew_and_the_log_says_so(
    output: Path, damage: str, caplog: pytest.LogCaptureFixture
) -> None:
    settle(output)
    DAMAGE[damage](index_of(output))
    with caplog.at_level(logging.INFO):
        wanted = again(output)

    assert known(output) == set(IDS[:4])
    assert set(wanted) <= {IDS[4], IDS[5]}
    assert IDS[5] in wanted
    said = " ".join(record.getMessage() for record in caplog.records)
    fresh = damage in ("missing", "zero-bytes")
    assert ("There is no index yet" if fresh else "set aside as index.sqlite.") in said
    aside = list(output.glob("index.sqlite.*.old"))
    assert len(aside) == (0 if fresh else 1)


def test_an_older_index_hands_on_what_no_file_can_give_back(output: Path) -> None:
    _older(index_of(output))
    assert again(output) == [IDS[5]]
    assert pending_in(output) == {IDS[4]: "404", IDS[5]: "listed"}
    with closing(Index(index_of(output))) as index:
        assert index.listings.sections_of(IDS[0]) == ["world"]


@pytest.mark.parametrize("work", ["open", "rebuild"])
def test_a_kill_while_a_broken_index_is_replaced_loses_nothing(
    output: Path, tmp_path: Path, work: str
) -> None:
    before = pending_in(output)
    with closing(sqlite3.connect(index_of(output), isolation_level=None)) as connection:
        connection.execute("CREATE TABLE kept AS SELECT * FROM pending")
        connection.execute("DELETE FROM pending")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.execute("INSERT INTO pending SELECT * FROM kept")
        connection.execute("PRAGMA user_version = 1")
        # As a kill leaves it: what counts is in the journal only.
        shutil.copytree(output, tmp_path / "killed")
    (tmp_path / "copies").mkdir()
    killed = ROOT / "tests" / "helpers" / "kill_points.py"
    done = subprocess.run(
        [sys.executable, killed, work, tmp_path / "killed", tmp_path / "copies"],
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    then = [json.loads(line) for line in done.stdout.splitlines()]
    # Connections, links, copies, renames and removals.
    assert len(then) > 10
    assert all(one == {"pending": before, "stored": IDS[:4]} for one in then), then


def test_damage_that_shows_in_the_middle_of_a_run_is_looked_for_by_the_next(
    output: Path, caplog: pytest.LogCaptureFixture
) -> None:
    run = Run(output)
    run.session.index._problem(sqlite3.DatabaseError("database disk image is malformed"))
    run.finish()
    with caplog.at_level(logging.WARNING):
        again(output)
    assert run.session.run in caplog.text
    assert known(output) == set(IDS[:4])


def test_a_newer_index_is_left_alone(output: Path) -> None:
    with closing(sqlite3.connect(index_of(output), isolation_level=None)) as connection:
        connection.execute(f"PRAGMA user_version = {tables.VERSION + 1}")
    with pytest.raises(CorpusIndexError, match="update the program, or move the index away"):
        Run(output)
    assert index_of(output).exists()


def test_an_index_that_goes_missing_under_a_run_is_not_made_anew_by_another(output: Path) -> None:
    living = Run(output, "business")
    for path in output.glob("index.sqlite*"):
        path.unlink()
    with pytest.raises(CorpusIndexError, match="run again when that one has ended") as caught:
        Run(output)
    assert living.session.run in str(caught.value)
    living.finish()
    assert set(again(output)) == {IDS[4], IDS[5]}
    assert known(output) == set(IDS[:4])


@pytest.mark.crawl
@pytest.mark.parametrize("number", range(3))
def test_runs_that_begin_at_once_on_a_new_folder_share_an_index(
    tmp_path: Path, number: int
) -> None:
    context = multiprocessing.get_context("spawn")
    start = context.Barrier(3)
    names = ["world", "business", "china"]
    processes = [context.Process(target=_begin, args=(tmp_path, name, start)) for name in names]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    assert [process.exitcode for process in processes] == [0, 0, 0]
    assert sorted(stored(tmp_path)) == [(id_, 1) for id_ in IDS]


def _begin(output: Path, spider: str, start: Any) -> None:
    start.wait(30)
    run = Run(output, spider)
    run.write_all(run.read_list(IDS))
    run.finish()


# --- Finished files ------------------------------------------------------------------------------


def finished(output: Path) -> Path:
    (path,) = (output / "world").glob("*.jsonl")
    return path


def lose_index(output: Path) -> None:
    for path in output.glob("index.sqlite*"):
        path.unlink()


@pytest.mark.parametrize(
    ("suffix", "compress"), [(".gz", gzip.compress), (".bz2", bz2.compress), (".xz", lzma.compress)]
)
def test_compressed_files_in_subfolders_count(
    output: Path, suffix: str, compress: Callable[[bytes], bytes]
) -> None:
    path = finished(output)
    packed = output / "2026" / "11" / f"world.jsonl{suffix}"
    packed.parent.mkdir(parents=True)
    packed.write_bytes(compress(path.read_bytes()))
    path.unlink()
    lose_index(output)
    assert set(again(output)) == {IDS[4], IDS[5]}
    assert known(output) == set(IDS[:4])


def test_a_folder_may_be_a_link_to_another_disk(output: Path, tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    shutil.move(output / "world", disk)
    (output / "world").symlink_to(disk)
    (disk / "round").symlink_to(output)
    lose_index(output)
    run = Run(output, name="2026-11-26T00-00-00Z")
    run.write_all(run.read_list(IDS))
    run.die()
    again(output)
    assert sorted(stored(output)) == [(id_, 1) for id_ in IDS]
    assert not list(disk.glob(".*"))


def test_files_may_be_moved_within_the_folder_and_away(output: Path, tmp_path: Path) -> None:
    inside = output / "kept" / "november.jsonl"
    inside.parent.mkdir()
    finished(output).rename(inside)
    assert set(again(output)) == {IDS[5]}
    with closing(Index(index_of(output))) as index:
        assert index.rows("SELECT DISTINCT path FROM files JOIN revisions USING (file)") == [
            ("kept/november.jsonl",)
        ]
    inside.rename(tmp_path / "elsewhere.jsonl")
    assert set(again(output)) == {IDS[5]}
    assert known(output) == set(IDS[:4])


def test_a_line_taken_out_of_a_file_is_pending_again(output: Path) -> None:
    path = finished(output)
    rows = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(rows[1:]))
    again(output)
    assert known(output) == set(IDS[1:4])
    assert pending_in(output)[IDS[0]] == "listed"


def test_a_line_that_is_no_record_is_named_and_pending_again(
    output: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = finished(output)
    rows = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(rows[0] + b'{"id": "1"}\n' + rows[1][:50] + b"\n" + rows[2] + rows[3])
    again(output)
    assert known(output) == {IDS[0], IDS[2], IDS[3]}
    assert IDS[1] in pending_in(output)
    assert f"{path}, line 2 is no record" in caplog.text
    assert f"{path}, line 3 is no record" in caplog.text


@pytest.mark.parametrize("suffix", [".gz", ".bz2", ".xz"])
@pytest.mark.parametrize("how", ["cut", "noise"])
def test_a_torn_finished_file_stops_the_run_with_one_sentence(
    output: Path, suffix: str, how: str
) -> None:
    compress = {".gz": gzip.compress, ".bz2": bz2.compress, ".xz": lzma.compress}[suffix]
    data = compress(finished(output).read_bytes())
    torn = output / "world" / f"torn.jsonl{suffix}"
    half = len(data) // 2
    torn.write_bytes(data[:half] if how == "cut" else data[:half] + b"\x5a" * half)
    with pytest.raises(OutputError, match="repair it or move it away") as caught:
        Run(output)
    assert str(torn) in str(caught.value)
    torn.unlink()
    assert set(again(output)) == {IDS[5]}
    assert not list((output / reconcile.LOCKS).glob("*"))


# --- What dead runs left -------------------------------------------------------------------------


@pytest.mark.parametrize("index_lost", [False, True])
def test_lines_of_a_run_that_died_are_salvaged(
    output: Path, index_lost: bool, caplog: pytest.LogCaptureFixture
) -> None:
    run = Run(output, name="2026-11-25T04-00-00Z")
    run.read_list([*IDS, "9000101", "9000102"])
    run.write_all([IDS[5], "9000101"])
    run.die(half_a_line=True)
    if index_lost:
        lose_index(output)
    again(output)
    assert sorted(stored(output)) == sorted((id_, 1) for id_ in [*IDS[:4], IDS[5], "9000101"])
    assert "Salvaged 2 article(s) of a run that died" in caplog.text
    assert not list(output.rglob(".*.part"))
    if not index_lost:
        assert run.session.run in caplog.text
        assert set(pending_in(output)) == {IDS[4], "9000102"}


@pytest.mark.parametrize(
    ("suffix", "opened"), [(".gz", gzip.open), (".bz2", bz2.open), (".xz", lzma.open), ("", open)]
)
@pytest.mark.parametrize("kept", [0.0, 0.01, 0.5, 1.0])
def test_a_part_is_salvaged_as_far_as_it_goes(
    tmp_path: Path, suffix: str, opened: Any, kept: float
) -> None:
    """Cut off at any point, and with noise behind it, as power loss leaves a file."""
    whole = tmp_path / "whole"
    source = Run(tmp_path / "source")
    source.write_all(source.read_list(IDS))
    source.finish()
    with opened(whole, "wb") as file:
        file.write(finished(tmp_path / "source").read_bytes())
    data = whole.read_bytes()
    folder = tmp_path / "output" / "world"
    folder.mkdir(parents=True)
    part = folder / f".2026-11-25T03-05-07Z.jsonl{suffix}.77.part"
    part.write_bytes(data[: int(len(data) * kept)] + b"\0" * 512)
    again(tmp_path / "output")
    found = stored(tmp_path / "output")
    assert set(found) <= {(id_, 1) for id_ in IDS}
    assert len(set(found)) == len(found)
    assert kept < 1 or len(found) == len(IDS)
    assert not part.exists()


class Died(BaseException):
    """The process ends here."""


@pytest.mark.parametrize("step", ["_publish", "add_file"])
@pytest.mark.parametrize("before", [True, False])
def test_a_run_that_dies_while_it_salvages_doubles_nothing(
    output: Path, step: str, before: bool
) -> None:
    run = Run(output, name="2026-11-25T04-00-00Z")
    run.write_all(run.read_list([*IDS, "9000101"]))
    run.die()
    plain = getattr(reconcile, step)

    def die(*args: object) -> None:
        if not before:
            plain(*args)
        raise Died

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reconcile, step, die)
        with pytest.raises(Died):
            Run(output)
    again(output)
    assert sorted(stored(output)) == [(id_, 1) for id_ in sorted([*IDS[:4], IDS[5], "9000101"])]
    assert not [path for path in output.rglob(".*") if path.is_file()]


def test_what_a_run_rejected_and_half_a_copy_are_tidied_up(output: Path) -> None:
    rejected = output / "rejected" / "world"
    rejected.mkdir(parents=True)
    (rejected / ".x.jsonl.1.part").write_bytes(b'{"reasons": []}\n{"reas')
    (output / "world" / ".y.jsonl.1.join").write_bytes(b"half")
    (output / ".2026-11-25T04-00-00Z.jsonl.1.part").write_bytes(b"")
    (output / ".own.jsonl.1.part").write_bytes(b"somebody's own")
    again(output)
    assert (rejected / "x.jsonl").read_bytes() == b'{"reasons": []}\n'
    assert [path.name for path in output.rglob(".*") if path.is_file()] == [".own.jsonl.1.part"]


def test_a_part_in_the_making_is_left_alone(output: Path) -> None:
    running = Run(output, "business", name="2026-11-25T04-00-00Z")
    running.write_all(running.read_list([IDS[5]]))
    again(output)
    running.finish()
    assert (IDS[5], 1) in stored(output)


def test_a_part_is_taken_by_one_only(tmp_path: Path) -> None:
    part = tmp_path / ".x.jsonl.1.part"
    part.write_bytes(b"")
    with abandoned(part) as mine:
        assert mine
        with abandoned(part) as others:
            assert not others
    part.unlink()
    with abandoned(part) as gone:
        assert not gone


@pytest.mark.parametrize("append", [False, True])
def test_a_part_has_its_writers_lock_until_it_is_published(tmp_path: Path, append: bool) -> None:
    (tmp_path / "x.jsonl").write_bytes(b"0\n")
    file = PartFile(tmp_path / "x.jsonl")
    file.write(b"1\n")
    file.close()  # as a compressing feed does
    with abandoned(file.path) as mine:
        assert not mine
    file.publish(append=append)
    assert (tmp_path / "x.jsonl").read_bytes() == (b"0\n1\n" if append else b"1\n")


def test_two_processes_with_one_number_have_a_part_each(tmp_path: Path) -> None:
    one, other = (PartFile(tmp_path / "x.jsonl") for _ in range(2))
    one.write(b"1\n")
    other.write(b"2\n")
    one.publish(append=True)
    other.publish(append=True)
    assert (tmp_path / "x.jsonl").read_bytes() == b"1\n2\n"


def test_two_runs_with_one_number_have_a_name_each(output: Path) -> None:
    """Two containers share a folder: both processes have the same number."""
    first = Run(output, "business")
    name = reconcile.run_lock(output, first.session.run)
    assert name.exists()
    left = Lock(reconcile.run_lock(output, "x"))
    left.acquire({})
    drop(left)
    taken = first.session.run
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sessions, "run_time", lambda _: taken.rpartition("-business-")[0])
        second = sessions.Session.open(first.crawler.settings, "business", [], keeps=True)
    assert second.run != first.session.run
    second.close()
    first.finish()
    assert not list((output / reconcile.LOCKS).glob("run-*"))
