"""Bringing the index in line with the files: at every start, after a crash, and from nothing.

The files are the truth. What a dead run left behind is salvaged into finished files first.
"""

from __future__ import annotations

import contextlib
import logging
import os
import re
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from peoplesdaily.items import Article
from peoplesdaily.storage import feed_files, locks
from peoplesdaily.storage.index.models import NO_WALK
from peoplesdaily.storage.index.store import Index
from peoplesdaily.utils.atomic_files import OutputError, PartFile, abandoned, explain
from peoplesdaily.utils.interrupts import breakable

logger = logging.getLogger(__name__)

NAME = "index.sqlite"
LOCKS = ".locks"
_PART = re.compile(r"\.(?P<target>.+)\.(?P<pid>\d+)\.(?:part|join)$")
# Tables that no finished file can give back.
_IRREPLACEABLE = ("owed", "settled", "aliases", "listings")


@dataclass(slots=True)
class Found:
    """What was found on the way to an index that agrees with the files."""

    files: int = 0
    articles: int = 0
    bad_lines: int = 0
    salvaged: int = 0
    rescued: dict[str, list[Path]] = field(default_factory=dict)
    """Files that were made of what dead runs wrote, by process id."""
    dead_runs: tuple[str, ...] = ()


def index_path(output: Path) -> Path:
    """Where the index of an output folder lies."""
    return output / NAME


def run_lock(output: Path, run: str) -> Path:
    """The lock that a run holds as long as it lives."""
    return output / LOCKS / f"run-{run}.lock"


def is_alive(output: Path, run: str) -> bool:
    """Whether a run is still going."""
    return locks.is_held(run_lock(output, run))


def exclusively(output: Path) -> contextlib.AbstractContextManager[None]:
    """The lock under which files and index are brought in line."""
    return locks.exclusive(output / LOCKS / "recovery.lock")


def _dead_runs(index: Index, output: Path) -> list[str]:
    """Runs on record that ended without a word."""
    silent = [run for run in index.runs() if not is_alive(output, run)]
    # A run takes itself off the record before it lets go of its lock.
    left = set(index.runs()) if silent else set()
    return [run for run in silent if run in left]


def carry_over(index: Index, old: Path) -> dict[str, int]:
    """Take from an old index what no file can give back, as far as it can be read.

    :returns: rows by table.
    """
    taken: dict[str, int] = {}
    lost: dict[str, str] = {}
    with contextlib.closing(sqlite3.connect(old, isolation_level=None)) as source:
        for table in _IRREPLACEABLE:
            columns = [name for _, name, *_ in index.rows(f"PRAGMA table_info({table})")]
            fields, marks = ", ".join(columns), ", ".join("?" * len(columns))
            # Table by table: damage in one is no reason to lose the others.
            try:
                rows = source.execute(f"SELECT {fields} FROM {table}").fetchall()
            except sqlite3.Error as error:
                lost[table] = str(error)
                continue
            with index.transaction() as change:
                change.executemany(f"INSERT OR IGNORE INTO {table} VALUES ({marks})", rows)
            taken[table] = len(rows)
    with index.transaction() as change:
        # Walks are counted anew.
        change.execute("UPDATE listings SET walk = ?", (NO_WALK,))
    if lost:
        logger.warning(
            "The old index does not give back: %s",
            "; ".join(f"{table} ({reason})" for table, reason in lost.items()),
        )
    return taken


def recover(index: Index, output: Path) -> Found:
    """Read finished files that the index does not know, salvage what dead runs left, and let go
    of what those had reserved. The caller holds the recovery lock."""
    found = Found()
    found.dead_runs = tuple(_dead_runs(index, output))
    if found.dead_runs:
        logger.warning("Found what dead runs left: %s", ", ".join(found.dead_runs))
    # Whatever this leaves undone the next recovery does.
    with breakable():
        reconcile(index, output, feed_files.finished_files(output), found)
        salvage(index, output, found)
    for dead in found.dead_runs:
        index.end_run(dead)
    for lock in (output / LOCKS).glob("run-*.lock"):
        if not locks.is_held(lock):
            lock.unlink(missing_ok=True)
    return found


def reconcile(index: Index, output: Path, files: Iterable[Path], found: Found) -> None:
    """Make known what finished files hold, those that are on record and unchanged left out."""
    on_record = index.files()
    missing = set(on_record)
    new = []
    for path in files:
        name = _name(path, output)
        try:
            status = path.stat()
        except FileNotFoundError:
            # Moved away in this very moment.
            continue
        missing.discard(name)
        if on_record.get(name) != (status.st_size, status.st_mtime_ns):
            new.append(path)
    # An archive elsewhere is on record, too, and where it was.
    missing = {name for name in missing if new and not (output / name).exists()}
    before = found.articles
    for path in new:
        add_file(index, output, path, found, missing)
    if new:
        logger.info(
            "Index: %d finished file(s) read that were not in it, %d article(s) not known before",
            len(new), found.articles - before,
        )  # fmt: skip


def _name(path: Path, output: Path) -> str:
    """A file's name in the index: relative where it lies in the output folder."""
    # As text: every file of years is named so at the start of every run.
    inside, name = f"{output}{os.sep}", str(path)
    return name[len(inside) :] if name.startswith(inside) else str(path.absolute())


def publish(index: Index, output: Path, path: Path) -> None:
    """Make known what a run has finished just now, unless somebody else has read it already.

    :raises OutputError: it cannot be read.
    """
    status = path.stat()
    if index.files().get(_name(path, output)) != (status.st_size, status.st_mtime_ns):
        add_file(index, output, path)


def add_file(
    index: Index,
    output: Path,
    path: Path,
    found: Found | None = None,
    moved: Iterable[str] = (),
) -> None:
    """Make the lines of one finished file known.

    :param moved: files that are no longer where they were.
    :raises OutputError: it cannot be read.
    """
    found = found or Found()
    try:
        status = path.stat()
        found.articles += index.add_file(
            _name(path, output),
            status.st_size,
            status.st_mtime_ns,
            _articles(path, found),
            moved,
        )
    except feed_files.UNREADABLE as error:
        raise OutputError(f"cannot read {path}: {error}; repair it or move it away") from error
    found.files += 1


def _articles(path: Path, found: Found) -> Iterator[Article]:
    for number, line in enumerate(feed_files.lines(path), 1):
        try:
            yield feed_files.article(line)
        except feed_files.BadLineError as error:
            found.bad_lines += 1
            logger.error("%s, line %d is no record and does not count: %s", path, number, error)


def salvage(index: Index, output: Path, found: Found) -> None:
    """Make finished files of what dead runs wrote, without lines that are known already."""
    for part in list(feed_files.walk(output)):
        name = _PART.match(part.name)
        if name is None:
            continue
        target = part.with_name(name["target"])
        inside = target.relative_to(output)
        corpus = feed_files.is_corpus(inside)
        # A part beside the folders of spiders may belong to a file of somebody's own.
        if len(inside.parts) == 1 and not corpus:
            continue
        # A copy that was not finished belongs to the part that it was to become.
        owner = part.with_suffix(".part")
        with abandoned(owner if owner.exists() else part) as dead:
            if not dead:
                continue
            if part.suffix == ".join":
                pass
            elif inside.parts[0] == "rejected":
                _publish(_free(target), feed_files.whole_lines(part, target))
            elif corpus:
                made = _salvage_feed(index, output, part, target, found)
                if made is not None:
                    found.rescued.setdefault(name["pid"], []).append(made)
            part.unlink()


def _salvage_feed(index: Index, output: Path, part: Path, named: Path, found: Found) -> Path | None:
    """The file that was made, ``None`` where nothing in the part was new."""
    kept = 0

    def unknown() -> Iterator[bytes]:
        nonlocal kept
        told: set[tuple[str, int]] = set()
        for line in feed_files.whole_lines(part, named):
            try:
                article = feed_files.article(line)
            except feed_files.BadLineError:
                # Power was lost before all of it was on disk.
                found.bad_lines += 1
                continue
            key = (article.id, article.revision)
            latest = index.latest(article.id)
            if key not in told and (latest is None or latest.revision < article.revision):
                told.add(key)
                kept += 1
                yield line

    target = _free(feed_files.uncompressed(named))
    _publish(target, unknown())
    if kept:
        add_file(index, output, target)
        found.salvaged += kept
        logger.warning("Salvaged %d article(s) of a run that died, into %s", kept, target)
    return target if kept else None


def _publish(target: Path, lines: Iterable[bytes]) -> None:
    try:
        file = PartFile(target)
        try:
            written = sum(file.write(line) for line in lines)
            if written:
                file.publish()
        finally:
            # Nothing is left of it once it is published.
            file.discard()
    except OSError as error:
        raise OutputError(explain(error, target)) from error


def _free(target: Path) -> Path:
    """``target``, or a name like it that no file has."""
    stem, dot, rest = target.name.partition(".")
    number = 1
    free = target
    while free.exists():
        number += 1
        free = target.with_name(f"{stem}-{number}{dot}{rest}")
    return free
