"""The index's tables, and opening a file that may be missing, old, foreign or broken."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from peoplesdaily.storage import near_duplicates

VERSION = 1_000 * 2 + near_duplicates.VERSION
"""Of the tables, in thousands, and of the signatures in them. An index of an older version is made
anew from the finished files."""
_APPLICATION = 0x50644958  # "PdIX", so that another program's database is not taken for ours
_PATIENCE = 60  # seconds that a statement waits for another process's

_TABLES = """
CREATE TABLE files (
    file INTEGER PRIMARY KEY,
    path TEXT NOT NULL UNIQUE,       -- relative to the output folder where it lies in it
    size INTEGER NOT NULL,           -- with mtime: whether it was changed since
    mtime INTEGER NOT NULL,          -- nanoseconds
    lines INTEGER NOT NULL
);
CREATE TABLE lines (                 -- one row a line of output: a revision of an article
    line INTEGER PRIMARY KEY,
    id TEXT NOT NULL,
    revision INTEGER NOT NULL,
    file INTEGER,                    -- the finished file that holds it; null: not durable yet,
    run TEXT,                        -- and this run is writing it
    url TEXT NOT NULL,
    title TEXT NOT NULL,
    section TEXT,
    published_on TEXT NOT NULL,
    published_at TEXT,
    source TEXT,
    template TEXT NOT NULL,
    pages INTEGER NOT NULL,
    content_hash TEXT NOT NULL,
    has_body INTEGER NOT NULL,
    duplicate_of TEXT,
    similarity REAL,
    crawled_at TEXT NOT NULL,
    etag TEXT,                       -- validators of the story's first page
    last_modified TEXT,
    signature BLOB,
    UNIQUE (id, revision)
);
CREATE INDEX lines_by_text ON lines (content_hash);
CREATE INDEX lines_by_day ON lines (published_on);
CREATE INDEX lines_by_file ON lines (file);
CREATE INDEX lines_by_run ON lines (run) WHERE run IS NOT NULL;
CREATE INDEX lines_repeated ON lines (duplicate_of) WHERE duplicate_of IS NOT NULL;
CREATE TABLE bands (                 -- locality-sensitive hashes of lines that repeat none
    hash INTEGER NOT NULL,
    line INTEGER NOT NULL,
    PRIMARY KEY (hash, line)
) WITHOUT ROWID;
CREATE TABLE aliases (               -- stories not written, for another has their text
    id TEXT PRIMARY KEY,
    of_id TEXT NOT NULL,
    similarity REAL NOT NULL,
    url TEXT NOT NULL,
    title TEXT,
    source TEXT,
    found_at TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX aliases_of ON aliases (of_id);
CREATE TABLE listings (              -- who lists whom since when
    id TEXT NOT NULL,
    section TEXT NOT NULL,
    first_seen TEXT NOT NULL,
    walk INTEGER NOT NULL,           -- the walk of the section's list that met it first
    PRIMARY KEY (id, section)
) WITHOUT ROWID;
CREATE INDEX listings_by_section ON listings (section);
CREATE TABLE walks (
    section TEXT PRIMARY KEY,
    last INTEGER NOT NULL,           -- number of the latest walk begun
    complete INTEGER NOT NULL,       -- of the latest that left no gap
    floor TEXT                       -- down to which time it left none; '': to the list's end
) WITHOUT ROWID;
CREATE TABLE addresses (             -- lists that the site's navigation has led to
    section TEXT PRIMARY KEY,
    url TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE list_pages (            -- pages of lists whose every article is known or owed
    url TEXT PRIMARY KEY,
    etag TEXT,
    last_modified TEXT,
    floor TEXT NOT NULL,             -- articles older than this were not wanted
    ids TEXT NOT NULL,               -- JSON list, in order
    next_url TEXT,
    total INTEGER,
    read_at TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE owed (                  -- wanted and not stored
    id TEXT PRIMARY KEY,
    url TEXT NOT NULL,
    spider TEXT NOT NULL,
    section TEXT,
    kind TEXT NOT NULL,              -- 'listed': not tried yet; else the last failure
    reason TEXT,
    tries INTEGER NOT NULL,
    agreed INTEGER NOT NULL,         -- the latest of them that failed in the same way
    owed_since TEXT NOT NULL,
    next_try TEXT NOT NULL,
    published TEXT                   -- kind 'outside_window': what the page said
) WITHOUT ROWID;
CREATE TABLE settled (               -- gone, and confirmed to be
    id TEXT PRIMARY KEY,
    url TEXT NOT NULL,
    reason TEXT NOT NULL,
    settled_at TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE runs (run TEXT PRIMARY KEY, started_at TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE claims (                -- stories that a living run is fetching
    id TEXT PRIMARY KEY,
    run TEXT NOT NULL
) WITHOUT ROWID;
-- What other programs may read: the latest durable line of each article.
CREATE VIEW articles AS
    SELECT lines.id, url, title, section, published_on, published_at, source, template, pages,
           revision, content_hash, duplicate_of, similarity,
           (SELECT min(crawled_at) FROM lines AS first WHERE first.id = lines.id) AS first_seen,
           files.path AS file
    FROM lines JOIN files USING (file)
    WHERE revision = (
        SELECT max(revision) FROM lines AS newer
        WHERE newer.id = lines.id AND newer.file IS NOT NULL
    );
"""


class CorpusIndexError(Exception):
    """The index cannot be used; the message is one sentence with the cure.

    Raised when it is opened, and by any use of a file that breaks while it is open.
    """


class IndexMissingError(CorpusIndexError):
    """There is no index to read."""


class IndexBrokenError(CorpusIndexError):
    """The file is corrupt, foreign or of an older version, and is to be made anew."""


def connect(path: Path | str) -> sqlite3.Connection:
    """Open the index at ``path``, with its tables made where the file is new.

    :param path: ``":memory:"`` for one that nobody keeps.
    :raises IndexBrokenError: the file holds something else than this version's index.
    :raises CorpusIndexError: it is newer than this program, or cannot be opened.
    """
    try:
        connection = sqlite3.connect(path, timeout=_PATIENCE, isolation_level=None)
    except sqlite3.Error as error:
        raise translated(error, path) from error
    try:
        _prepare(connection, path)
    except sqlite3.DatabaseError as error:
        connection.close()
        raise translated(error, path) from error
    except CorpusIndexError:
        connection.close()
        raise
    return connection


def connect_to_read(path: Path) -> sqlite3.Connection:
    """Open the index at ``path`` for questions: it is not changed, and no run waits for it.

    :raises IndexMissingError: there is none.
    :raises IndexBrokenError: the file holds something else than this version's index.
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
            connection.execute("PRAGMA query_only = ON")
            if _is_empty(connection, path):
                raise IndexBrokenError(f"{path} holds no index")
            # The first look at the tables' content, for which the journal must be readable.
            connection.execute("SELECT 1 FROM runs LIMIT 1")
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
    # Whoever may write leaves no journal behind on closing; a mere reader would.
    if os.access(path, os.W_OK) and os.access(path.parent, os.W_OK):
        yield "mode=rw"
    yield "mode=ro"
    # A folder in which no journal can be made, and where no run has one.
    journal = path.with_name(f"{path.name}-wal")
    if not journal.exists() or not journal.stat().st_size:
        yield "mode=ro&immutable=1"


def _prepare(connection: sqlite3.Connection, path: Path | str) -> None:
    # A commit may be lost with the power, never half of one; what it said of finished files is
    # read from them again.
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("PRAGMA cache_size = -16000")  # KiB
    empty = _is_empty(connection, path)
    connection.execute("PRAGMA journal_mode = WAL")
    if empty:
        connection.executescript(
            f"BEGIN IMMEDIATE; {_TABLES} PRAGMA application_id = {_APPLICATION};"
            f"PRAGMA user_version = {VERSION}; COMMIT;"
        )


def _is_empty(connection: sqlite3.Connection, path: Path | str) -> bool:
    """Whether a file has no tables yet.

    :raises CorpusIndexError: they are not those of this version.
    """
    version = _number(connection, "user_version")
    empty = not connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone()
    if not empty and _number(connection, "application_id") != _APPLICATION:
        raise IndexBrokenError(f"{path} is no index of peoplesdaily")
    if version > VERSION:
        raise CorpusIndexError(
            f"{path} was written by a newer peoplesdaily (version {version} of its tables, this "
            f"one knows {VERSION}); update the program, or move the index away to have a new one"
        )
    if not empty and version < VERSION:
        raise IndexBrokenError(
            f"{path} has tables of version {version}, this program has {VERSION}"
        )
    return empty


def _number(connection: sqlite3.Connection, pragma: str) -> int:
    return int(connection.execute(f"PRAGMA {pragma}").fetchone()[0])


def check(connection: sqlite3.Connection, path: Path | str) -> None:
    """Look for damage in the whole file.

    :raises IndexBrokenError: there is some.
    """
    try:
        found = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    except sqlite3.DatabaseError as error:
        raise translated(error, path) from error
    if found != "ok":
        raise IndexBrokenError(f"{path} is damaged: {found}")


def translated(error: sqlite3.Error, path: Path | str) -> CorpusIndexError:
    """What an error of SQLite means to a person."""
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
    if "malformed" in text or "not a database" in text:
        return IndexBrokenError(f"{path} is damaged: {text}")
    return CorpusIndexError(f"{path}: {text}")
