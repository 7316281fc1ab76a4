"""The index made anew from the finished files, beside the old one, and put in its place."""

from __future__ import annotations

import contextlib
import logging
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from peoplesdaily.storage import feed_files, locks, near_duplicates
from peoplesdaily.storage.index import reconcile, replace, tables
from peoplesdaily.storage.index.store import Index
from peoplesdaily.storage.index.tables import CorpusIndexError, IndexBrokenError, IndexMissingError
from peoplesdaily.utils.atomic_files import OutputError, explain
from peoplesdaily.utils.interrupts import unbroken

logger = logging.getLogger(__name__)

_LINE = (
    "id", "revision", "url", "title", "section", "published_on", "published_at", "source",
    "template", "pages", "content_hash", "has_body", "duplicate_of", "similarity", "crawled_at",
    "etag", "last_modified", "signature",
)  # fmt: skip


class IndexInUseError(CorpusIndexError):
    """Living runs use the index; the message names them."""


@dataclass(slots=True)
class Rebuilt:
    """What a new index was made of.

    :ivar found: what was read from files and salvaged.
    :ivar taken: rows taken over from the old index, by table.
    :ivar kept: lines of files that are elsewhere, taken over from the old index.
    :ivar forgotten: stories of which no file has a line any more, by file.
    :ivar aside: where the old index lies now, if it was broken.
    """

    found: reconcile.Found = field(default_factory=reconcile.Found)
    taken: dict[str, int] = field(default_factory=dict)
    articles: int = 0
    kept: int = 0
    forgotten: dict[str, int] = field(default_factory=dict)
    aside: Path | None = None


def rebuild(output: Path, more: Iterable[Path] = (), *, keep_moved: bool = False) -> Rebuilt:
    """Make the index of an output folder anew. Until the last step the old one stays as it is.

    :param more: finished files elsewhere.
    :param keep_moved: keep what the old index knows of files that are no longer where they were.
    :raises IndexInUseError: a living run uses the index.
    :raises CorpusIndexError: the old one is a newer program's, or the new one cannot be written.
    :raises OutputError: a file cannot be read, or what a dead run left not be stored.
    """
    path = reconcile.index_path(output)
    try:
        with reconcile.exclusively(output):
            # A run that begins now waits for this lock before it opens the index.
            dead = _dead_runs(output)
            with replace.successor(path) as new:
                with contextlib.closing(Index(new)) as index:
                    made = _fill(index, path, output, more, keep_moved=keep_moved)
                with unbroken():
                    replace.put_in_place(new, path, made.aside)
                for lock in dead:
                    # A run may have been about to take it.
                    if not locks.is_held(lock):
                        lock.unlink(missing_ok=True)
    except OutputError:
        raise
    except OSError as error:
        raise OutputError(explain(error, replace.in_the_making(path))) from error
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
    index: Index, path: Path, output: Path, more: Iterable[Path], *, keep_moved: bool
) -> Rebuilt:
    made = Rebuilt()
    broken = _is_broken(path)
    if path.exists():
        made.taken = reconcile.carry_over(index, path)
        if broken:
            made.aside = replace.aside(path)
    with _reading(path) as old:
        files = dict.fromkeys(feed_files.finished_files(output))
        files |= dict.fromkeys(sorted(_elsewhere(old, output)))
        files |= dict.fromkeys(more)
        reconcile.reconcile(index, output, files, made.found)
        _look_for_moved(index, old, output, made, keep=keep_moved)
        reconcile.salvage(index, output, made.found)
        _take_validators(index, old)
    (made.articles,) = index.row("SELECT count(DISTINCT id) FROM lines")
    return made


def _is_broken(path: Path) -> bool:
    """:raises CorpusIndexError: the old index is to be left alone."""
    try:
        old = Index(path, read_only=True)
    except IndexMissingError:
        return False
    except IndexBrokenError:
        return True
    try:
        tables.check(old.connection, path)
    except IndexBrokenError:
        return True
    finally:
        old.close()
    return False


@contextlib.contextmanager
def _reading(path: Path) -> Iterator[sqlite3.Connection]:
    """The old index, in whatever state; an empty one where there is none."""
    with contextlib.closing(sqlite3.connect(path if path.exists() else ":memory:")) as old:
        old.execute("PRAGMA query_only = ON")
        yield old


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
    """Keep or count what no file has any more because its file was moved away."""
    version = next(_each(old, "its version", "PRAGMA user_version"), (None,))[0]
    rows = _each(
        old, "lines of files that were moved away",
        f"SELECT path, size, mtime, lines, {', '.join(_LINE)} FROM lines JOIN files USING (file)"
        " ORDER BY line",
    )  # fmt: skip
    gone: dict[str, bool] = {}
    forgotten: set[str] = set()
    with index.transaction() as change:
        for path, size, mtime, count, *line in rows:
            if path not in gone:
                gone[path] = not (output / path).exists()
            if not gone[path]:
                continue
            row = dict(zip(_LINE, line, strict=True))
            known = "SELECT 1 FROM lines WHERE id = ?"
            if keep:
                held = change.execute(
                    f"{known} AND revision = ?", (row["id"], row["revision"])
                ).fetchone()
                if held is None:
                    if version != tables.VERSION:
                        row["signature"] = None  # of another making
                    _keep(change, (path, size, mtime, count), row)
                    made.kept += 1
            elif row["id"] not in forgotten and not change.execute(known, (row["id"],)).fetchone():
                forgotten.add(row["id"])
                made.forgotten[path] = made.forgotten.get(path, 0) + 1


def _keep(change: sqlite3.Connection, file: tuple[Any, ...], row: dict[str, Any]) -> None:
    change.execute(
        "INSERT INTO files (path, size, mtime, lines) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
        file,
    )
    (line,) = change.execute(
        f"INSERT INTO lines (file, {', '.join(_LINE)}) VALUES"
        f" ((SELECT file FROM files WHERE path = ?), {', '.join('?' * len(_LINE))}) RETURNING line",
        (file[0], *row.values()),
    ).fetchone()
    if row["signature"] is not None and row["duplicate_of"] is None:
        change.executemany(
            "INSERT OR IGNORE INTO bands VALUES (?, ?)",
            [(hash_, line) for hash_ in near_duplicates.bands(row["signature"])],
        )
    # Its line is durable, as that of a file that is still here.
    change.execute("DELETE FROM aliases WHERE id = ?", (row["id"],))


def _take_validators(index: Index, old: sqlite3.Connection) -> None:
    """What the server said of a story's page is in no file; it spares a recheck the page."""
    rows = _each(
        old, "the validators of pages",
        "SELECT etag, last_modified, id, revision, content_hash FROM lines"
        " WHERE etag IS NOT NULL OR last_modified IS NOT NULL",
    )  # fmt: skip
    with index.transaction() as change:
        change.executemany(
            "UPDATE lines SET etag = ?, last_modified = ?"
            " WHERE id = ? AND revision = ? AND content_hash = ?",
            rows,
        )
