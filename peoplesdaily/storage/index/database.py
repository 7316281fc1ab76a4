"""The connection to an index file that may be missing, old, foreign or broken."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from peoplesdaily.storage.index import tables

_PATIENCE = 60  # seconds that a statement waits for another process's


class CorpusIndexError(Exception):
    """The index cannot be used; the message is one sentence with the remedy.

    Raised when it is opened, and by any use of a file that breaks while it is open.
    """


class IndexMissingError(CorpusIndexError):
    """There is no index to read."""


class IndexBrokenError(CorpusIndexError):
    """The file is corrupt, foreign or too old to be upgraded, and must be rebuilt."""


class IndexOutdatedError(CorpusIndexError):
    """The index has the tables of an earlier version and was opened without ``upgrade``."""


class Database:
    """The connection to an index file, shared by any number of processes.

    :param path: ``None`` for an index in memory that is lost at the end.
    :param read_only: open an existing index, change and create nothing.
    :param upgrade: upgrade the tables of an earlier version in place. Only
        :mod:`~peoplesdaily.storage.index.opening` does, once no run of that version is alive.
    :ivar broken: whether damage was found while it was open.
    :raises IndexMissingError: there is nothing to read.
    :raises IndexBrokenError: the file is corrupt, foreign or too old.
    :raises IndexOutdatedError: its tables must be upgraded first.
    """

    def __init__(
        self, path: Path | None, *, read_only: bool = False, upgrade: bool = False
    ) -> None:
        self.path = path
        self.broken = False
        self._name = path or ":memory:"
        if read_only and path is not None:
            self.connection = connect_to_read(path)
        else:
            self.connection = connect(self._name, upgrade=upgrade)

    def close(self) -> None:
        """Close the file."""
        self.connection.close()

    def copy_from(self, path: Path) -> None:
        """Copy the content of another index, if there is one, without changing that one."""
        if path.exists():
            with contextlib.closing(connect_to_read(path)) as other:
                try:
                    other.backup(self.connection)
                    _prepare(self.connection, self._name, upgrade=True)
                except sqlite3.Error as error:
                    raise translated(error, path) from error

    @contextlib.contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Commit everything done within, or nothing. Nested ones join the outermost."""
        try:
            if self.connection.in_transaction:
                yield self.connection
                return
            self.connection.execute("BEGIN IMMEDIATE")
            try:
                yield self.connection
                self.connection.execute("COMMIT")
            except BaseException:
                with contextlib.suppress(sqlite3.Error):
                    self.connection.execute("ROLLBACK")
                raise
        except sqlite3.Error as error:
            raise self._problem(error) from error

    def _problem(self, error: sqlite3.Error) -> CorpusIndexError:
        problem = translated(error, self._name)
        self.broken = self.broken or isinstance(problem, IndexBrokenError)
        return problem

    def rows(self, query: str, values: Sequence[Any] | Mapping[str, Any] = ()) -> list[Any]:
        """The rows that a query finds."""
        try:
            return self.connection.execute(query, values).fetchall()
        except sqlite3.Error as error:
            raise self._problem(error) from error

    def row(self, query: str, values: Sequence[Any] | Mapping[str, Any] = ()) -> Any:
        """The first row that a query finds, or ``None``."""
        try:
            return self.connection.execute(query, values).fetchone()
        except sqlite3.Error as error:
            raise self._problem(error) from error


def connect(path: Path | str, *, upgrade: bool = False) -> sqlite3.Connection:
    """Open the index at ``path``; a new file gets its tables.

    :param path: ``":memory:"`` for one that is not kept.
    :param upgrade: whether to upgrade the tables of an earlier version in place.
    :raises IndexBrokenError: the file is no index, or one that is too old.
    :raises IndexOutdatedError: its tables must be upgraded, and ``upgrade`` is false.
    :raises CorpusIndexError: it is newer than this program, or cannot be opened.
    """
    try:
        connection = sqlite3.connect(path, timeout=_PATIENCE, isolation_level=None)
    except sqlite3.Error as error:
        raise translated(error, path) from error
    try:
        _prepare(connection, path, upgrade=upgrade)
    except sqlite3.DatabaseError as error:
        connection.close()
        raise translated(error, path) from error
    except CorpusIndexError:
        connection.close()
        raise
    return connection


def connect_to_read(path: Path) -> sqlite3.Connection:
    """Open the index at ``path`` read-only; runs do not wait for it.

    An index of the version before is readable as it is.

    :raises IndexMissingError: there is none.
    :raises IndexBrokenError: the file is no index, or one that is too old.
    :raises CorpusIndexError: it is newer than this program, or cannot be read.
    """
    if not path.exists():
        raise IndexMissingError(
            f"there is no index at {path}: the first crawl makes it, or `scrapy index rebuild` does"
            " from finished files"
        )
    for way in _ways_to_read(path):
        try:
            connection = sqlite3.connect(
                f"{path.absolute().as_uri()}?{way}", uri=True, timeout=_PATIENCE,
                isolation_level=None,
            )  # fmt: skip
        except sqlite3.Error as error:
            problem = translated(error, path)
            continue
        try:
            if _version(connection, path) is None:
                raise IndexBrokenError(f"{path} holds no index")
            # The first read of a table, for which the journal must be readable.
            connection.execute("SELECT 1 FROM runs LIMIT 1")
            tables.show_old_as_new(connection)
            connection.execute("PRAGMA query_only = ON")
            return connection
        except sqlite3.Error as error:
            connection.close()
            problem = translated(error, path)
            if isinstance(problem, IndexBrokenError):
                raise problem from error
        except CorpusIndexError:
            connection.close()
            raise
    raise CorpusIndexError(
        f"cannot read {path}: {problem}; give this user the right to read it"
    ) from problem


def _ways_to_read(path: Path) -> Iterator[str]:
    # A process with write access leaves no journal behind when it closes; a reader would.
    if os.access(path, os.W_OK) and os.access(path.parent, os.W_OK):
        yield "mode=rw"
    yield "mode=ro"
    # No journal can be created in the folder, and no run has one there.
    journal = path.with_name(f"{path.name}-wal")
    if not journal.exists() or not journal.stat().st_size:
        yield "mode=ro&immutable=1"


def _prepare(connection: sqlite3.Connection, path: Path | str, *, upgrade: bool) -> None:
    # Power loss may undo the latest commits, never half of one; the next run reads the finished
    # files that they recorded again.
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("PRAGMA cache_size = -16000")  # KiB
    version = _version(connection, path)
    if version == tables.UPGRADABLE and not upgrade:
        raise IndexOutdatedError(
            f"{path} was written by an earlier version of this program; the next run upgrades it"
        )
    connection.execute("PRAGMA journal_mode = WAL")
    if version is None:
        tables.create(connection)
    elif version == tables.UPGRADABLE:
        tables.upgrade(connection)


def _version(connection: sqlite3.Connection, path: Path | str) -> int | None:
    """Version of a file's tables, ``None`` where it has none yet.

    :raises CorpusIndexError: this program can neither read nor upgrade them.
    """
    version = _number(connection, "user_version")
    empty = not connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone()
    if not empty and _number(connection, "application_id") != tables.APPLICATION:
        raise IndexBrokenError(f"{path} is no index of peoplesdaily")
    if version > tables.VERSION:
        raise CorpusIndexError(
            f"{path} was written by a newer peoplesdaily (version {version} of its tables, this "
            f"one knows {tables.VERSION}); update the program, or move the index away to have a "
            "new one"
        )
    if empty:
        return None
    if version not in (tables.VERSION, tables.UPGRADABLE):
        raise IndexBrokenError(
            f"{path} has tables of version {version}, this program has {tables.VERSION}"
        )
    return version


def _number(connection: sqlite3.Connection, pragma: str) -> int:
    return int(connection.execute(f"PRAGMA {pragma}").fetchone()[0])


def check(connection: sqlite3.Connection, path: Path | str) -> None:
    """Check the whole file for damage.

    :raises IndexBrokenError: it is damaged.
    """
    try:
        found = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    except sqlite3.DatabaseError as error:
        raise translated(error, path) from error
    if found != "ok":
        raise IndexBrokenError(f"{path} is damaged: {found}")


def translated(error: sqlite3.Error, path: Path | str) -> CorpusIndexError:
    """An error of SQLite, with what to do about it."""
    text = str(error)
    if "locked" in text:
        return CorpusIndexError(
            f"{path} is locked by another process for more than {_PATIENCE} s; end it, or run later"
        )
    if "full" in text or "disk I/O" in text:
        return CorpusIndexError(f"cannot write {path}: {text}; free some space and run again")
    if "readonly" in text or "unable to open" in text:
        return CorpusIndexError(
            f"cannot write {path}: {text}; give this user the right to write there, or choose "
            "another OUTPUT_DIR"
        )
    if "malformed" in text or "not a database" in text or "no such" in text:
        return IndexBrokenError(f"{path} is damaged: {text}")
    return CorpusIndexError(f"{path}: {text}")
