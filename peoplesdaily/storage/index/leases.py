"""Runs that have not ended, and the stories that each of them is fetching."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime

from peoplesdaily.storage.index.articles import delete_revisions
from peoplesdaily.storage.index.database import Database
from peoplesdaily.storage.index.models import moment


class Leases:
    """Runs and what they have reserved, in the tables ``runs`` and ``leases``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def take(self, ids: Iterable[str], run: str) -> set[str]:
        """Reserve stories for a run.

        :returns: those that are reserved for it, without those that another living run is fetching.
        """
        wanted = list(ids)
        with self._database.transaction() as change:
            change.executemany(
                "INSERT OR IGNORE INTO leases VALUES (?, ?)", [(id_, run) for id_ in wanted]
            )
            found = change.execute(
                "SELECT id FROM leases WHERE run = ? AND id IN (SELECT value FROM json_each(?))",
                (run, json.dumps(wanted)),
            ).fetchall()
        return {id_ for (id_,) in found}

    def begin_run(self, run: str, now: datetime) -> None:
        """Record that a run has begun."""
        with self._database.transaction() as change:
            change.execute("INSERT OR REPLACE INTO runs VALUES (?, ?)", (run, moment(now)))

    def runs(self) -> list[str]:
        """Runs that have not ended, dead ones too."""
        return [run for (run,) in self._database.rows("SELECT run FROM runs ORDER BY started_at")]

    def end_run(self, run: str) -> int:
        """Release what a run has reserved, and delete its revisions that no finished file holds.

        :returns: the number of such revisions.
        """
        with self._database.transaction() as change:
            lost = delete_revisions(change, "run = ?", (run,))
            change.execute("DELETE FROM leases WHERE run = ?", (run,))
            change.execute("DELETE FROM runs WHERE run = ?", (run,))
        return lost
