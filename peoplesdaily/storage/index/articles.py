"""Revisions of articles: what is stored, and which earlier story has the same text."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from peoplesdaily.items import Article
from peoplesdaily.storage import near_duplicates
from peoplesdaily.storage.index.database import Database
from peoplesdaily.storage.index.models import NearDuplicate, StoredArticle, Validators, moment
from peoplesdaily.storage.index.pending import drop_alias

# Candidates that are compared; those that share most bands come first. Of a band that very many
# share, such as the notes of one mould, only the latest: it says little, and must not cost more
# with every note.
_MOST_CANDIDATES, _MOST_OF_A_BAND = 50, 200
# Articles of all sections among which a section's newest is looked for first.
_RECENT = 500
_CANDIDATES = (
    "SELECT id, signature FROM (SELECT revision_id, count(*) AS shared FROM ("
    + " UNION ALL ".join(
        [
            "SELECT * FROM (SELECT revision_id FROM bands WHERE hash = ?"
            f" ORDER BY revision_id DESC LIMIT {_MOST_OF_A_BAND})"
        ]
        * near_duplicates.BANDS
    )
    + f") GROUP BY revision_id ORDER BY shared DESC, revision_id LIMIT {_MOST_CANDIDATES})"
    " JOIN revisions USING (revision_id) WHERE id <> ? ORDER BY shared DESC, revision_id"
)


class Articles:
    """Revisions of articles, in the tables ``revisions``, ``bands`` and ``aliases``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def latest(self, id_: str) -> StoredArticle | None:
        """The latest revision of an article in a finished file, ``None`` where there is none."""
        found = self._latest("revisions.id = ?", (id_,))
        return found[0] if found else None

    def published_since(self, day: str, sections: Iterable[str]) -> list[StoredArticle]:
        """Articles of sections that were published on ``day`` or later."""
        return self._latest(
            "published_on >= ? AND EXISTS (SELECT 1 FROM listings WHERE listings.id = revisions.id"
            " AND listings.section IN (SELECT value FROM json_each(?)))",
            (day, json.dumps(list(sections))),
        )

    def newest(self, section: str) -> str | None:
        """Time, or date where the page prints none, of a section's newest article."""
        newest = "SELECT max(coalesce(published_at, published_on)) FROM"
        (found,) = self._database.row(
            f"{newest} (SELECT * FROM revisions ORDER BY published_on DESC LIMIT {_RECENT})"
            " AS recent"
            " WHERE EXISTS (SELECT 1 FROM listings WHERE id = recent.id AND section = ?)",
            (section,),
        )
        if found is None:
            # A section with few or only old articles: search all of them.
            (found,) = self._database.row(
                f"{newest} listings JOIN revisions USING (id) WHERE listings.section = ?",
                (section,),
            )
        return str(found) if found else None

    def newest_urls(self, section: str, most: int) -> list[str]:
        """Addresses of a section's newest articles, at most so many."""
        found = self._database.rows(
            "SELECT url FROM revisions JOIN listings ON listings.id = revisions.id"
            " AND listings.section = ? WHERE revision = 1"
            " ORDER BY published_on DESC, published_at DESC LIMIT ?",
            (section, most),
        )
        return [url for (url,) in found]

    def _latest(self, where: str, values: Sequence[Any]) -> list[StoredArticle]:
        found = self._database.rows(
            "SELECT revisions.id, url, section, revision, pages, content_hash, etag, last_modified"
            f" FROM revisions WHERE file IS NOT NULL AND {where} AND revision ="
            " (SELECT max(revision) FROM revisions AS newer WHERE newer.id = revisions.id"
            " AND newer.file IS NOT NULL) ORDER BY published_on, revisions.id",
            values,
        )
        return [StoredArticle(*row) for row in found]

    def same_text(self, article: Article) -> str | None:
        """The story under another id with the same text, preferably one in a finished file."""
        # Picture stories have no text to compare; headlines such as "In pics" recur.
        if not article.body:
            return None
        found = self._database.row(
            "SELECT id FROM revisions WHERE content_hash = ? AND id <> ? AND has_body"
            " ORDER BY file IS NULL, revision_id LIMIT 1",
            (article.content_hash, article.id),
        )
        return found[0] if found else None

    def near_duplicate(self, id_: str, signature: bytes, threshold: float) -> NearDuplicate | None:
        """The story under another id with the most similar text, if it is similar enough.

        Only stories that duplicate none themselves are candidates, so that every duplicate leads
        to a story that is kept.
        """
        candidates = self._database.rows(_CANDIDATES, (*near_duplicates.bands(signature), id_))
        found = near_duplicates.closest(signature, candidates, threshold)
        return NearDuplicate(*found) if found else None

    def begin_revision(
        self, article: Article, run: str, signature: bytes | None, validators: Validators
    ) -> bool:
        """Record a revision that a run is about to write; it is not stored yet.

        :returns: whether it is new: neither stored nor being written by another run.
        """
        key = article.id, article.revision
        with self._database.transaction() as change:
            delete_revisions(change, "id = ? AND revision = ? AND file IS NULL", key)
            if change.execute(
                "SELECT 1 FROM revisions WHERE id = ? AND revision = ?", key
            ).fetchone():
                return False
            insert_revision(change, article, None, run, signature, validators)
        return True

    def add_alias(self, article: Article, of_id: str, similarity: float, now: datetime) -> None:
        """Record a story that is not written because another has its text."""
        with self._database.transaction() as change:
            change.execute(
                "INSERT OR REPLACE INTO aliases VALUES (?, ?, ?, ?, ?, ?, ?)",
                (
                    *(article.id, of_id, similarity, article.url, article.title),
                    *(article.source, moment(now)),
                ),
            )
            drop_alias(change, article.id, of_id)

    def refresh(self, id_: str, validators: Validators) -> None:
        """Record the validators of an article's page that was fetched again and is unchanged."""
        with self._database.transaction() as change:
            change.execute(
                "UPDATE revisions SET etag = coalesce(?, etag),"
                " last_modified = coalesce(?, last_modified) WHERE revision_id ="
                " (SELECT revision_id FROM revisions WHERE id = ? AND file IS NOT NULL"
                "  ORDER BY revision DESC LIMIT 1)",
                (*validators, id_),
            )


def delete_revisions(change: sqlite3.Connection, where: str, values: Sequence[Any]) -> int:
    """Delete revisions and the bands that lead to them.

    :returns: how many revisions.
    """
    found = change.execute(
        f"SELECT revision_id, signature FROM revisions WHERE {where}", values
    ).fetchall()
    for number, signature in found:
        if signature is not None:
            change.executemany(
                "DELETE FROM bands WHERE hash = ? AND revision_id = ?",
                [(hash_, number) for hash_ in near_duplicates.bands(signature)],
            )
    change.executemany(
        "DELETE FROM revisions WHERE revision_id = ?", [(number,) for number, _ in found]
    )
    return len(found)


def insert_revision(
    change: sqlite3.Connection,
    article: Article,
    file: int | None,
    run: str | None,
    signature: bytes | None,
    validators: Validators,
) -> None:
    """Insert a revision, and its bands if it duplicates no other."""
    (number,) = change.execute(
        "INSERT INTO revisions VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,"
        " ?, ?) RETURNING revision_id",
        (
            *(article.id, article.revision, file, run, article.url, article.title),
            *(article.section, article.published_on, article.published_at, article.source),
            *(article.template, article.pages, article.content_hash, bool(article.body)),
            *(article.duplicate_of, article.similarity, article.crawled_at, *validators),
            signature,
        ),
    ).fetchone()
    if article.duplicate_of is None:
        insert_bands(change, number, signature)


def insert_bands(change: sqlite3.Connection, revision_id: int, signature: bytes | None) -> None:
    """Make a revision a candidate for near-duplicates, unless its text is too short."""
    if signature is not None:
        change.executemany(
            "INSERT OR IGNORE INTO bands VALUES (?, ?)",
            [(hash_, revision_id) for hash_ in near_duplicates.bands(signature)],
        )
