"""Finished files, and the revisions of articles that they hold."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from typing import Any

from peoplesdaily.items import Article
from peoplesdaily.storage import near_duplicates
from peoplesdaily.storage.index.articles import delete_revisions, insert_revision
from peoplesdaily.storage.index.database import Database
from peoplesdaily.storage.index.models import INCOMPLETE, LISTED, NO_PASS, moment, utc_now


class Files:
    """Finished files, in the table ``files``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def on_record(self) -> dict[str, tuple[int, int]]:
        """Size and modification time, in nanoseconds, of every file on record."""
        found = self._database.rows("SELECT path, size, mtime FROM files")
        return {path: (size, mtime) for path, size, mtime in found}

    def add(
        self,
        path: str,
        size: int,
        mtime: int,
        records: Iterable[Article],
        moved: Iterable[str] = (),
    ) -> int:
        """Record a finished file: its articles are stored from now on.

        :param path: relative to the output folder where the file lies in it.
        :param moved: files that are no longer where they were; this one may hold their articles.
        :returns: how many of its revisions were not stored before.
        """
        new = 0
        with self._database.transaction() as change:
            found = change.execute("SELECT file FROM files WHERE path = ?", (path,)).fetchone()
            held: list[Any] = []
            if found:
                # Articles taken out of a file that was changed are pending from now on.
                held = change.execute(
                    "SELECT DISTINCT id, url, coalesce(section, 'article'), section FROM revisions"
                    " WHERE file = ?",
                    found,
                ).fetchall()
                change.execute("DELETE FROM files WHERE file = ?", found)
                delete_revisions(change, "file = ?", found)
            file = change.execute(
                "INSERT INTO files (path, size, mtime, lines) VALUES (?, ?, ?, 0) RETURNING file",
                (path, size, mtime),
            ).fetchone()[0]
            absent = {
                number
                for (number,) in change.execute(
                    "SELECT file FROM files WHERE path IN (SELECT value FROM json_each(?))",
                    (json.dumps(list(moved)),),
                )
            }
            lines = 0
            for record in records:
                lines += 1
                new += _store(change, record, file, absent)
            change.execute("UPDATE files SET lines = ? WHERE file = ?", (lines, file))
            at = moment(utc_now())
            change.executemany(
                f"INSERT INTO pending SELECT ?1, ?2, ?3, ?4, '{LISTED}', NULL, 0, 0, ?5, ?5, NULL"
                " WHERE NOT EXISTS (SELECT 1 FROM revisions WHERE id = ?1 AND file IS NOT NULL)"
                " ON CONFLICT DO NOTHING",
                [(*article, at) for article in held],
            )
        return new


def _store(change: sqlite3.Connection, article: Article, file: int, absent: set[int]) -> int:
    """Record one revision of a finished file; 1 where it was not stored before."""
    held = change.execute(
        "SELECT file FROM revisions WHERE id = ? AND revision = ?", (article.id, article.revision)
    ).fetchone()
    if held is None:
        signature = near_duplicates.signature(article.title, article.body)
        insert_revision(change, article, file, None, signature, (None, None))
    elif held[0] is None or held[0] in absent:
        change.execute(
            "UPDATE revisions SET file = ?, run = NULL WHERE id = ? AND revision = ?",
            (file, article.id, article.revision),
        )
    change.executemany(
        "INSERT INTO listings VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
        [(article.id, section, article.crawled_at, NO_PASS) for section in article.sections],
    )
    change.execute(
        f"DELETE FROM pending WHERE (id = ? AND kind <> '{INCOMPLETE}')"
        " OR id IN (SELECT id FROM aliases WHERE of_id = ?)",
        (article.id, article.id),
    )
    change.execute("DELETE FROM aliases WHERE id = ?", (article.id,))
    change.execute("DELETE FROM gone WHERE id = ?", (article.id,))
    return int(held is None or held[0] is None)
