"""Bring the index in line with the finished files, at every start and after a crash.

The files are authoritative. What a dead run left is salvaged into finished files first.
"""

from __future__ import annotations

import contextlib
import logging
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from peoplesdaily.items import Article
from peoplesdaily.storage import feed_files, locks
from peoplesdaily.storage.index.store import Index
from peoplesdaily.utils.atomic_files import OutputError, PartFile, abandoned, explain
from peoplesdaily.utils.interrupts import breakable

logger = logging.getLogger(__name__)

NAME = "index.sqlite"
LOCKS = ".locks"
_PART = re.compile(r"\.(?P<target>.+)\.(?P<pid>\d+)\.(?:part|join)$")


@dataclass(slots=True)
class Found:
    """What was found while the index was brought in line with the files."""

    files: int = 0
    articles: int = 0
    bad_lines: int = 0
    salvaged: int = 0
    rescued: dict[str, list[Path]] = field(default_factory=dict)
    """Files made from what dead runs had written, by process id."""
    dead_runs: tuple[str, ...] = ()


def index_path(output: Path) -> Path:
    """Where the index of an output folder lies."""
    return output / NAME


def run_lock(output: Path, run: str) -> Path:
    """The lock that a run holds while it is alive."""
    return output / LOCKS / f"run-{run}.lock"


def is_alive(output: Path, run: str) -> bool:
    """Whether a run is still alive."""
    return locks.is_held(run_lock(output, run))


def exclusively(output: Path) -> contextlib.AbstractContextManager[None]:
    """The lock that protects recovery, upgrade and rebuild."""
    return locks.exclusive(output / LOCKS / "recovery.lock")


def dead_runs(index: Index, output: Path) -> list[str]:
    """Runs on record that died."""
    silent = [run for run in index.leases.runs() if not is_alive(output, run)]
    # A run that ends removes its record before it releases its lock.
    left = set(index.leases.runs()) if silent else set()
    return [run for run in silent if run in left]


def recover(index: Index, output: Path, found: Found) -> None:
    """Read finished files that are not on record, salvage what dead runs left, and release what
    those had reserved. The caller holds the recovery lock."""
    found.dead_runs = tuple(dead_runs(index, output))
    if found.dead_runs:
        logger.warning("Found what dead runs left: %s", ", ".join(found.dead_runs))
    # What an interruption leaves undone, the next recovery does.
    with breakable():
        reconcile(index, output, feed_files.finished_files(output), found)
        salvage(index, output, found)
    for dead in found.dead_runs:
        index.leases.end_run(dead)
    for lock in (output / LOCKS).glob("run-*.lock"):
        if not locks.is_held(lock):
            lock.unlink(missing_ok=True)


def reconcile(index: Index, output: Path, files: Iterable[Path], found: Found) -> None:
    """Record finished files, except those that are on record and unchanged."""
    on_record = index.files.on_record()
    missing = set(on_record)
    new = []
    for path in files:
        name = _name(path, output)
        try:
            status = path.stat()
        except FileNotFoundError:
            # Moved away since it was listed.
            continue
        missing.discard(name)
        if on_record.get(name) != (status.st_size, status.st_mtime_ns):
            new.append(path)
    # Files elsewhere are on record with their absolute path.
    missing = {name for name in missing if new and not (output / name).exists()}
    before = found.articles
    for path in new:
        add_file(index, output, path, found, missing)
    if new:
        logger.info(
            "Index: %d finished file(s) read that were not in it, %d article(s) not stored before",
            len(new), found.articles - before,
        )  # fmt: skip


def _name(path: Path, output: Path) -> str:
    """A file's name in the index: relative where it lies in the output folder."""
    # As text, because this runs for every file at the start of every run.
    inside, name = f"{output}{os.sep}", str(path)
    return name[len(inside) :] if name.startswith(inside) else str(path.absolute())


def publish(index: Index, output: Path, path: Path) -> None:
    """Record a file that was finished just now, unless another process has recorded it already.

    :raises OutputError: it cannot be read.
    """
    status = path.stat()
    if index.files.on_record().get(_name(path, output)) != (status.st_size, status.st_mtime_ns):
        add_file(index, output, path)


def add_file(
    index: Index,
    output: Path,
    path: Path,
    found: Found | None = None,
    moved: Iterable[str] = (),
) -> None:
    """Record one finished file.

    :param moved: files that are no longer where they were.
    :raises OutputError: it cannot be read.
    """
    found = found or Found()
    try:
        status = path.stat()
        found.articles += index.files.add(
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
    """Make finished files of what dead runs wrote, without revisions that are stored already."""
    for part in list(feed_files.walk(output)):
        name = _PART.match(part.name)
        if name is None:
            continue
        target = part.with_name(name["target"])
        inside = target.relative_to(output)
        corpus = feed_files.is_corpus(inside)
        # A part directly in the output folder may belong to a file of -o or -O.
        if len(inside.parts) == 1 and not corpus:
            continue
        # An unfinished copy belongs to the part that it was to become.
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
    """The file that was made, ``None`` where the part holds nothing new."""
    kept = 0

    def unknown() -> Iterator[bytes]:
        nonlocal kept
        taken: set[tuple[str, int]] = set()
        for line in feed_files.whole_lines(part, named):
            try:
                article = feed_files.article(line)
            except feed_files.BadLineError:
                # Power was lost before the line was on disk.
                found.bad_lines += 1
                continue
            key = (article.id, article.revision)
            latest = index.articles.latest(article.id)
            if key not in taken and (latest is None or latest.revision < article.revision):
                taken.add(key)
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
            # After publishing, this does nothing.
            file.discard()
    except OSError as error:
        raise OutputError(explain(error, target)) from error


def _free(target: Path) -> Path:
    """``target``, or a similar name that is not taken."""
    stem, dot, rest = target.name.partition(".")
    number = 1
    free = target
    while free.exists():
        number += 1
        free = target.with_name(f"{stem}-{number}{dot}{rest}")
    return free
