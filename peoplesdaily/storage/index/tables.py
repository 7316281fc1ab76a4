"""The index's tables, and the upgrade from the tables of earlier versions."""

from __future__ import annotations

import sqlite3

from peoplesdaily.storage import near_duplicates

VERSION = 1_000 * 3 + near_duplicates.VERSION
"""Version of the tables, in thousands, plus the version of the signatures in them."""
UPGRADABLE = VERSION - 1_000
"""The same signatures in tables of the names before: :func:`upgrade` renames those in place."""
APPLICATION = 0x50644958
"""``PdIX``: tells the index from other programs' databases."""

_REVISIONS = """
CREATE INDEX revisions_by_text ON revisions (content_hash);
CREATE INDEX revisions_by_day ON revisions (published_on);
CREATE INDEX revisions_by_file ON revisions (file);
CREATE INDEX revisions_by_run ON revisions (run) WHERE run IS NOT NULL;
CREATE INDEX revisions_repeated ON revisions (duplicate_of) WHERE duplicate_of IS NOT NULL;
-- For other programs: the latest revision in a finished file of each article.
CREATE VIEW articles AS
    SELECT revisions.id, url, title, section, published_on, published_at, source, template, pages,
           revision, content_hash, duplicate_of, similarity,
           (SELECT min(crawled_at) FROM revisions AS first WHERE first.id = revisions.id)
           AS first_seen, files.path AS file
    FROM revisions JOIN files USING (file)
    WHERE revision = (
        SELECT max(revision) FROM revisions AS newer
        WHERE newer.id = revisions.id AND newer.file IS NOT NULL
    );
"""
_TABLES = f"""
CREATE TABLE files (
    file INTEGER PRIMARY KEY,
    path TEXT NOT NULL UNIQUE,       -- relative to the output folder where it lies in it
    size INTEGER NOT NULL,           -- with mtime: whether it was changed since
    mtime INTEGER NOT NULL,          -- nanoseconds
    lines INTEGER NOT NULL
);
CREATE TABLE revisions (             -- one row per stored line: a revision of an article
    revision_id INTEGER PRIMARY KEY,
    id TEXT NOT NULL,
    revision INTEGER NOT NULL,
    file INTEGER,                    -- the finished file that holds it; null: not finished yet,
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
CREATE TABLE bands (                 -- LSH hashes of the revisions that duplicate no other
    hash INTEGER NOT NULL,
    revision_id INTEGER NOT NULL,
    PRIMARY KEY (hash, revision_id)
) WITHOUT ROWID;
CREATE TABLE aliases (               -- stories not written because another has their text
    id TEXT PRIMARY KEY,
    of_id TEXT NOT NULL,
    similarity REAL NOT NULL,
    url TEXT NOT NULL,
    title TEXT,
    source TEXT,
    found_at TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX aliases_of ON aliases (of_id);
CREATE TABLE listings (              -- which section lists which story, and since when
    id TEXT NOT NULL,
    section TEXT NOT NULL,
    first_seen TEXT NOT NULL,
    first_pass INTEGER NOT NULL,     -- the section's listing pass that saw it first
    PRIMARY KEY (id, section)
) WITHOUT ROWID;
CREATE INDEX listings_by_section ON listings (section);
CREATE TABLE listing_passes (
    section TEXT PRIMARY KEY,
    last INTEGER NOT NULL,           -- number of the latest pass begun
    complete INTEGER NOT NULL,       -- number of the latest pass without a gap
    watermark TEXT                   -- the oldest moment it reached; '': the list's end
) WITHOUT ROWID;
CREATE TABLE addresses (             -- lists found through the site's navigation
    section TEXT PRIMARY KEY,
    url TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE list_pages (            -- list pages whose every article is stored or pending
    url TEXT PRIMARY KEY,
    etag TEXT,
    last_modified TEXT,
    watermark TEXT NOT NULL,         -- older articles than this were not wanted
    ids TEXT NOT NULL,               -- JSON list, in order
    next_url TEXT,
    total INTEGER,
    read_at TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE pending (               -- wanted and not stored
    id TEXT PRIMARY KEY,
    url TEXT NOT NULL,
    spider TEXT NOT NULL,
    section TEXT,
    kind TEXT NOT NULL,              -- 'listed': not tried yet; else the latest failure
    reason TEXT,
    tries INTEGER NOT NULL,
    agreed INTEGER NOT NULL,         -- how many of the latest tries failed in the same way
    pending_since TEXT NOT NULL,
    next_try TEXT NOT NULL,
    published TEXT                   -- kind 'outside_window': the date on the page
) WITHOUT ROWID;
CREATE TABLE gone (                  -- confirmed to be gone
    id TEXT PRIMARY KEY,
    url TEXT NOT NULL,
    reason TEXT NOT NULL,
    confirmed_at TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE runs (run TEXT PRIMARY KEY, started_at TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE leases (                -- stories that a living run is fetching
    id TEXT PRIMARY KEY,
    run TEXT NOT NULL
) WITHOUT ROWID;
{_REVISIONS}"""

# Tables of version 2: the name of today, and of each column that has another name today.
_RENAMED: dict[str, tuple[str, dict[str, str]]] = {
    "lines": ("revisions", {"line": "revision_id"}),
    "bands": ("bands", {"line": "revision_id"}),
    "listings": ("listings", {"walk": "first_pass"}),
    "walks": ("listing_passes", {"floor": "watermark"}),
    "list_pages": ("list_pages", {"floor": "watermark"}),
    "owed": ("pending", {"owed_since": "pending_since"}),
    "settled": ("gone", {"settled_at": "confirmed_at"}),
    "claims": ("leases", {}),
}


def create(connection: sqlite3.Connection) -> None:
    """Create the tables in an empty database."""
    _in_one_transaction(
        connection, [*_statements(_TABLES), f"PRAGMA application_id = {APPLICATION}"]
    )


def upgrade(connection: sqlite3.Connection) -> None:
    """Rename the tables and columns of version 2, in one transaction; no row is touched."""
    _in_one_transaction(connection, upgrade_statements())


def upgrade_statements() -> list[str]:
    """The SQL of :func:`upgrade`, in order."""
    names = ("by_text", "by_day", "by_file", "by_run", "repeated")
    statements = ["DROP VIEW articles", *(f"DROP INDEX lines_{name}" for name in names)]
    for old, (new, columns) in _RENAMED.items():
        if old != new:
            statements.append(f"ALTER TABLE {old} RENAME TO {new}")
        for before, after in columns.items():
            statements.append(f"ALTER TABLE {new} RENAME COLUMN {before} TO {after}")
    return statements + _statements(_REVISIONS)


def show_old_as_new(connection: sqlite3.Connection) -> None:
    """Let a reader query tables of version 2 under the names of today.

    The names are temporary views of this connection, so that the file need not be writable.
    """
    present = {name for (name,) in connection.execute("SELECT name FROM main.sqlite_master")}
    if "owed" not in present:
        return
    for old, (new, columns) in _RENAMED.items():
        found = [name for _, name, *_ in connection.execute(f"PRAGMA main.table_info({old})")]
        chosen = ", ".join(f"{name} AS {columns.get(name, name)}" for name in found)
        if chosen:
            connection.execute(f"CREATE TEMP VIEW {new} AS SELECT {chosen} FROM main.{old}")


def _statements(script: str) -> list[str]:
    return [statement for part in script.split(";\n") if (statement := part.strip())]


def _in_one_transaction(connection: sqlite3.Connection, statements: list[str]) -> None:
    connection.execute("BEGIN IMMEDIATE")
    try:
        for statement in [*statements, f"PRAGMA user_version = {VERSION}"]:
            connection.execute(statement)
        connection.execute("COMMIT")
    except BaseException:
        connection.rollback()
        raise
