"""Rebuild the index from the finished files, beside the old one, and replace that."""

from __future__ import annotations

import contextlib
import logging
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from peoplesdaily.storage import feed_files, locks
from peoplesdaily.storage.index import database, reconcile, replace, tables
from peoplesdaily.storage.index.articles import insert_bands
from peoplesdaily.storage.index.database import (
    CorpusIndexError,
    IndexBrokenError,
    IndexMissingError,
)
from peoplesdaily.storage.index.models import NO_PASS
from peoplesdaily.storage.index.store import Index
from peoplesdaily.utils.atomic_files import OutputError, explain
from peoplesdaily.utils.interrupts import unbroken

logger = logging.getLogger(__name__)

# Tables that no finished file can restore.
_IRREPLACEABLE = ("pending", "gone", "aliases", "listings")
_REVISION = (
    "id", "revision", "url", "title", "section", "published_on", "published_at", "source",
    "template", "pages", "content_hash", "has_body", "duplicate_of", "similarity", "crawled_at",
    "etag", "last_modified", "signature",
)  # fmt: skip


class IndexInUseError(CorpusIndexError):
    """Living runs use the index; the message names them."""


@dataclass(slots=True)
class Rebuilt:
    """What a new index was made from.

    :ivar found: what was read from files and salvaged.
    :ivar taken: rows copied from the old index, by table.
    :ivar kept: revisions in files that are elsewhere, copied from the old index.
    :ivar forgotten: stories that no file holds any more, by file.
    :ivar aside: where the old index is kept, if it was broken.
    """

    found: reconcile.Found = field(default_factory=reconcile.Found)
    taken: dict[str, int] = field(default_factory=dict)
    articles: int = 0
    kept: int = 0
    forgotten: dict[str, int] = field(default_factory=dict)
    aside: Path | None = None


def rebuild(output: Path, more: Iterable[Path] = (), *, keep_moved: bool = False) -> Rebuilt:
    """Rebuild the index of an output folder. The old one is unchanged until the last step.

    :param more: finished files elsewhere.
    :param keep_moved: keep what the old index holds about files that are no longer where they were.
    :raises IndexInUseError: a living run uses the index.
    :raises CorpusIndexError: the old one is a newer program's, or the new one cannot be written.
    :raises OutputError: a file cannot be read, or what a dead run left cannot be stored.
    """
    try:
        with reconcile.exclusively(output):
            # A run that begins now waits for this lock before it opens the index.
            dead = _dead_runs(output)
            made = rebuild_in_place(output, reconcile.Found(), more, keep_moved=keep_moved)
            for lock in dead:
                # A run may have been about to take it.
                if not locks.is_held(lock):
                    lock.unlink(missing_ok=True)
    except OutputError:
        raise
    except OSError as error:
        new = replace.in_the_making(reconcile.index_path(output))
        raise OutputError(explain(error, new)) from error
    return made


def rebuild_in_place(
    output: Path,
    found: reconcile.Found,
    more: Iterable[Path] = (),
    *,
    keep_moved: bool = False,
    broken: bool = False,
) -> Rebuilt:
    """:func:`rebuild` for a caller that holds the recovery lock and knows that no run is alive.

    :param found: gets what is found in the files.
    :param broken: whether the old index is known to be broken, and is kept.
    """
    path = reconcile.index_path(output)
    with replace.successor(path) as new:
        made = Rebuilt(found, aside=replace.aside(path) if broken or _is_broken(path) else None)
        with contextlib.closing(Index(new)) as index:
            _fill(index, path, output, made, more, keep_moved=keep_moved)
        with unbroken():
            replace.put_in_place(new, path, made.aside)
    return made


def _dead_runs(output: Path) -> list[Path]:
    """The locks of dead runs.

    :raises IndexInUseError: there are living ones.
    """
    living, dead = [], []
    for lock in sorted((output / reconcile.LOCKS).glob("run-*.lock")):
        who = locks.holder(lock)
        if who is None:
            dead.append(lock)
        else:
            run, since = who.get("run", lock.stem), who.get("since", "an unknown time")
            living.append(f"{run} (since {since})")
    if living:
        raise IndexInUseError(
            f"the index is in use by {', '.join(living)}; run again when that has ended"
        )
    return dead


def _fill(
    index: Index,
    path: Path,
    output: Path,
    made: Rebuilt,
    more: Iterable[Path],
    *,
    keep_moved: bool,
) -> None:
    with _reading(path) as old:
        if path.exists():
            made.taken = _carry_over(index, old)
        files = dict.fromkeys(feed_files.finished_files(output))
        files |= dict.fromkeys(sorted(_elsewhere(old, output)))
        files |= dict.fromkeys(more)
        reconcile.reconcile(index, output, files, made.found)
        _look_for_moved(index, old, output, made, keep=keep_moved)
        reconcile.salvage(index, output, made.found)
        _take_validators(index, old)
    (made.articles,) = index.row("SELECT count(DISTINCT id) FROM revisions")


def _is_broken(path: Path) -> bool:
    """:raises CorpusIndexError: the old index is to be left alone."""
    try:
        old = Index(path, read_only=True)
    except IndexMissingError:
        return False
    except IndexBrokenError:
        return True
    try:
        database.check(old.connection, path)
    except IndexBrokenError:
        return True
    finally:
        old.close()
    return False


@contextlib.contextmanager
def _reading(path: Path) -> Iterator[sqlite3.Connection]:
    """The old index in any state; an empty one where there is none."""
    there = path if path.exists() else ":memory:"
    with contextlib.closing(sqlite3.connect(there, isolation_level=None)) as old:
        with contextlib.suppress(sqlite3.Error):
            tables.show_old_as_new(old)
        yield old


def _carry_over(index: Index, old: sqlite3.Connection) -> dict[str, int]:
    """Copy from an old index what no file can restore, as far as it can be read.

    :returns: rows by table.
    """
    taken: dict[str, int] = {}
    for table in _IRREPLACEABLE:
        columns = [name for _, name, *_ in index.rows(f"PRAGMA table_info({table})")]
        fields, marks = ", ".join(columns), ", ".join("?" * len(columns))
        # Table by table, because damage in one need not lose the others.
        try:
            rows = old.execute(f"SELECT {fields} FROM {table}").fetchall()
        except sqlite3.Error as error:
            logger.warning("The old index does not give back its table %s: %s", table, error)
            continue
        with index.transaction() as change:
            change.executemany(f"INSERT OR IGNORE INTO {table} VALUES ({marks})", rows)
        taken[table] = len(rows)
    with index.transaction() as change:
        # The new index counts listing passes from 1.
        change.execute("UPDATE listings SET first_pass = ?", (NO_PASS,))
    return taken


def _each(old: sqlite3.Connection, what: str, query: str) -> Iterator[Any]:
    """Rows of an old index, as far as they can be read."""
    try:
        if old.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone():
            yield from old.execute(query)
    except sqlite3.Error as error:
        logger.warning("The old index does not give back %s: %s", what, error)


def _elsewhere(old: sqlite3.Connection, output: Path) -> set[Path]:
    """Files on record that lie outside the output folder and are still there."""
    rows = _each(old, "its list of files", "SELECT path FROM files")
    return {Path(name) for (name,) in rows if Path(name).is_absolute() and Path(name).is_file()}


def _look_for_moved(
    index: Index, old: sqlite3.Connection, output: Path, made: Rebuilt, *, keep: bool
) -> None:
    """Keep or count revisions whose file was moved away."""
    version = next(_each(old, "its version", "PRAGMA user_version"), (None,))[0]
    rows = _each(
        old, "revisions in files that were moved away",
        f"SELECT path, size, mtime, lines, {', '.join(_REVISION)}"
        " FROM revisions JOIN files USING (file) ORDER BY revision_id",
    )  # fmt: skip
    gone: dict[str, bool] = {}
    forgotten: set[str] = set()
    with index.transaction() as change:
        for path, size, mtime, count, *values in rows:
            if path not in gone:
                gone[path] = not (output / path).exists()
            if not gone[path]:
                continue
            row = dict(zip(_REVISION, values, strict=True))
            stored = "SELECT 1 FROM revisions WHERE id = ?"
            if keep:
                held = change.execute(
                    f"{stored} AND revision = ?", (row["id"], row["revision"])
                ).fetchone()
                if held is None:
                    if version not in (tables.VERSION, tables.UPGRADABLE):
                        row["signature"] = None  # of another making
                    _keep(change, (path, size, mtime, count), row)
                    made.kept += 1
            elif row["id"] not in forgotten and not change.execute(stored, (row["id"],)).fetchone():
                forgotten.add(row["id"])
                made.forgotten[path] = made.forgotten.get(path, 0) + 1


def _keep(change: sqlite3.Connection, file: tuple[Any, ...], row: dict[str, Any]) -> None:
    change.execute(
        "INSERT INTO files (path, size, mtime, lines) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
        file,
    )
    (number,) = change.execute(
        f"INSERT INTO revisions (file, {', '.join(_REVISION)}) VALUES"
        f" ((SELECT file FROM files WHERE path = ?), {', '.join('?' * len(_REVISION))})"
        " RETURNING revision_id",
        (file[0], *row.values()),
    ).fetchone()
    if row["duplicate_of"] is None:
        insert_bands(change, number, row["signature"])
    # The story is stored, as if its file were still here.
    change.execute("DELETE FROM aliases WHERE id = ?", (row["id"],))


def _take_validators(index: Index, old: sqlite3.Connection) -> None:
    """Copy the validators, which no file holds; they make a recheck cheap."""
    rows = _each(
        old, "the validators of pages",
        "SELECT etag, last_modified, id, revision, content_hash FROM revisions"
        " WHERE etag IS NOT NULL OR last_modified IS NOT NULL",
    )  # fmt: skip
    with index.transaction() as change:
        change.executemany(
            "UPDATE revisions SET etag = ?, last_modified = ?"
            " WHERE id = ? AND revision = ? AND content_hash = ?",
            rows,
        )
