"""Articles that are wanted and not stored, when to try them again, and which are gone."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from peoplesdaily.storage.index.database import Database
from peoplesdaily.storage.index.models import INCOMPLETE, LISTED, OUTSIDE, PendingArticle, moment

# Hours until a failed article is tried again; the last one repeats.
_PAUSES = (0.25, 1, 4, 16, 72, 168)
# A misconfigured server answers "gone" to everything for an hour or two; three such answers are
# to span more than a day.
_PAUSES_OF = {"404": (6, 24, 72, 168), "410": (6, 24, 72, 168)}
# How often a failure must repeat before the article counts as gone. Only the server's word counts:
# a page without an article may be a redesign, however long it lasts.
_CONFIRMATIONS = {"404": 3, "410": 3}

# No pause is longer than the longest: a later time was written by a clock that ran ahead, possibly
# by years.
DUE = "(next_try <= :now OR next_try > :longest)"
"""Whether a row of ``pending`` may be tried again, with the values of :func:`due_at`."""


def due_at(now: datetime) -> dict[str, str]:
    """The values of :data:`DUE` for a moment."""
    return {"now": moment(now), "longest": moment(now + timedelta(hours=_PAUSES[-1]))}


class Pending:
    """Articles still to be fetched, in the tables ``pending`` and ``gone``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def find(
        self, where: str = "1", values: Sequence[Any] | Mapping[str, Any] = ()
    ) -> list[PendingArticle]:
        """Pending articles, the oldest first."""
        found = self._database.rows(
            f"SELECT * FROM pending WHERE {where} ORDER BY pending_since, id", values
        )
        return [PendingArticle(*row) for row in found]

    def due(self, spider: str, sections: Iterable[str], now: datetime) -> list[PendingArticle]:
        """What a run may try again: pending articles of its spider and of its sections.

        Of its sections also articles that were outside an earlier run's window, because the run
        may not read their lists far enough to meet them again.
        """
        return self.find(
            f"{DUE} AND (section IN (SELECT value FROM json_each(:sections))"
            f" OR (spider = :spider AND kind <> '{OUTSIDE}'))",
            {"sections": json.dumps(list(sections)), "spider": spider} | due_at(now),
        )

    def count(self, spider: str, sections: Iterable[str]) -> int:
        """How many articles runs of a spider and of sections are to try, now or later."""
        found = self._database.row(
            f"SELECT count(*) FROM pending WHERE kind <> '{OUTSIDE}' AND"
            " (spider = ? OR section IN (SELECT value FROM json_each(?)))",
            (spider, json.dumps(list(sections))),
        )
        return int(found[0])

    def failed(self, article: PendingArticle, now: datetime) -> bool:
        """Record that an article could not be fetched or read, and when to try again.

        :returns: whether the site has now confirmed often enough that it is gone.
        """
        at = moment(now)
        with self._database.transaction() as change:
            before = change.execute(
                "SELECT kind, tries, agreed, pending_since, section FROM pending WHERE id = ?",
                (article.id,),
            ).fetchone()
            if before is None:
                before = article.kind, 0, 0, at, article.section
            kind, tries, agreed, since, section = before
            tries, agreed = tries + 1, agreed + 1 if kind == article.kind else 1
            if agreed >= _CONFIRMATIONS.get(article.kind, agreed + 1):
                change.execute("DELETE FROM pending WHERE id = ?", (article.id,))
                change.execute(
                    "INSERT OR REPLACE INTO gone VALUES (?, ?, ?, ?)",
                    (article.id, article.url, article.reason or article.kind, at),
                )
                return True
            pauses = _PAUSES_OF.get(article.kind, _PAUSES)
            pause = timedelta(hours=pauses[min(tries, len(pauses)) - 1])
            change.execute(
                "INSERT OR REPLACE INTO pending VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL)",
                (
                    *(article.id, article.url, article.spider, section, article.kind),
                    *(article.reason, tries, agreed, since, moment(now + pause)),
                ),
            )
        return False

    def outside_window(self, id_: str, published: str) -> None:
        """Record the date of a story outside the run's window, so that it is not fetched again.

        :param published: its date or time, as in a record.
        """
        with self._database.transaction() as change:
            change.execute(
                "UPDATE pending SET kind = ?, published = ? WHERE id = ?", (OUTSIDE, published, id_)
            )

    def complete(self, id_: str) -> None:
        """Record that no page of a story is missing any more: its next revision ends the wait."""
        # Most stories miss no page, and a write makes other runs wait.
        if not self._database.row(
            "SELECT 1 FROM pending WHERE id = ? AND kind = ?", (id_, INCOMPLETE)
        ):
            return
        with self._database.transaction() as change:
            change.execute(
                "UPDATE pending SET kind = ? WHERE id = ? AND kind = ?", (LISTED, id_, INCOMPLETE)
            )

    def moved(self, article: PendingArticle, to: str, now: datetime) -> None:
        """Record that a story's address now leads to story ``to``: it becomes an alias of it."""
        with self._database.transaction() as change:
            change.execute(
                "INSERT OR REPLACE INTO aliases VALUES (?, ?, 1.0, ?, NULL, NULL, ?)",
                (article.id, to, article.url, moment(now)),
            )
            drop_alias(change, article.id, to)

    def retry(self, id_: str, now: datetime) -> bool:
        """Let the next run try a story that is gone or waits for its next try.

        :returns: whether there is such a story.
        """
        at = moment(now)
        with self._database.transaction() as change:
            gone = change.execute("DELETE FROM gone WHERE id = ? RETURNING url", (id_,)).fetchall()
            change.executemany(
                "INSERT OR IGNORE INTO pending VALUES (?, ?, 'article',"
                " (SELECT section FROM listings WHERE id = ? ORDER BY first_seen, section LIMIT 1),"
                f" '{LISTED}', NULL, 0, 0, ?, ?, NULL)",
                [(id_, url, id_, at, at) for (url,) in gone],
            )
            found = change.execute(
                "UPDATE pending SET next_try = ?, published = NULL,"
                f" kind = iif(kind = '{OUTSIDE}', '{LISTED}', kind) WHERE id = ?",
                (at, id_),
            ).rowcount
        return found > 0

    def drop(self, id_: str) -> None:
        """Remove a story that is no longer to be fetched."""
        with self._database.transaction() as change:
            change.execute("DELETE FROM pending WHERE id = ?", (id_,))


def drop_alias(change: sqlite3.Connection, id_: str, of_id: str) -> None:
    """Remove a pending story whose text another one has, if a finished file holds that one."""
    change.execute(
        "DELETE FROM pending WHERE id = ? AND EXISTS"
        " (SELECT 1 FROM revisions WHERE revisions.id = ? AND file IS NOT NULL)",
        (id_, of_id),
    )
