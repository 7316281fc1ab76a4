"""What the lists of sections have shown: pages, listing passes, and who lists which story."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime

from peoplesdaily.storage.index.database import Database
from peoplesdaily.storage.index.models import (
    LISTED,
    OUTSIDE,
    ListingPass,
    ListPage,
    PendingArticle,
    State,
    moment,
)
from peoplesdaily.storage.index.pending import DUE, due_at


class Listings:
    """Lists of sections, in the tables ``listings``, ``listing_passes`` and ``list_pages``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def states(self, ids: Iterable[str], now: datetime) -> dict[str, State]:
        """What the index holds about each story."""
        wanted = list(ids)
        values = {"ids": json.dumps(wanted)} | due_at(now)
        rows = self._database.rows
        stored = {
            id_
            for (id_,) in rows(
                "SELECT id FROM revisions WHERE id IN (SELECT value FROM json_each(:ids))"
                " AND file IS NOT NULL"
                " UNION SELECT aliases.id FROM aliases JOIN revisions ON revisions.id = of_id"
                " WHERE aliases.id IN (SELECT value FROM json_each(:ids)) AND file IS NOT NULL",
                values,
            )
        }
        gone = {
            id_
            for (id_,) in rows(
                "SELECT id FROM gone WHERE id IN (SELECT value FROM json_each(:ids))", values
            )
        }
        pending = {
            id_: (kind, bool(due), published)
            for id_, kind, due, published in rows(
                f"SELECT id, kind, {DUE}, published FROM pending"
                " WHERE id IN (SELECT value FROM json_each(:ids))",
                values,
            )
        }
        return {
            id_: State(id_ in stored, id_ in gone, *pending.get(id_, (None, True, None)))
            for id_ in wanted
        }

    def begin_pass(self, section: str) -> ListingPass:
        """Number a new pass through a section's list."""
        with self._database.transaction() as change:
            number, complete, watermark = change.execute(
                "INSERT INTO listing_passes VALUES (?, 1, 0, NULL)"
                " ON CONFLICT DO UPDATE SET last = last + 1 RETURNING last, complete, watermark",
                (section,),
            ).fetchone()
        return ListingPass(section, number, complete, watermark)

    def end_pass(self, listing_pass: ListingPass, watermark: str) -> None:
        """Record that a pass left no gap between the list's top and ``watermark``."""
        number, section = listing_pass.number, listing_pass.section
        with self._database.transaction() as change:
            change.execute(
                "UPDATE listing_passes SET complete = ?, watermark = ?"
                " WHERE section = ? AND complete < ?",
                (number, watermark, section, number),
            )

    def seen_before(self, listing_pass: ListingPass, ids: Iterable[str]) -> set[str]:
        """Those of ``ids`` that the section had listed when its latest complete pass ended."""
        return {
            id_
            for (id_,) in self._database.rows(
                "SELECT id FROM listings WHERE section = ? AND first_pass <= ?"
                " AND id IN (SELECT value FROM json_each(?))",
                (listing_pass.section, listing_pass.complete, json.dumps(list(ids))),
            )
        }

    def record(
        self,
        ids: Iterable[str],
        section: str | None,
        pass_number: int,
        new: Iterable[PendingArticle],
        page: ListPage | None,
        now: datetime,
    ) -> None:
        """Record a page of a list: the stories on it, and those to fetch.

        :param new: articles to fetch; those that are pending already stay as they are.
        :param page: the page itself, if every article on it is now stored or pending.
        """
        at = moment(now)
        with self._database.transaction() as change:
            if section is not None:
                change.executemany(
                    "INSERT INTO listings VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE"
                    " SET first_pass = min(first_pass, excluded.first_pass)",
                    [(id_, section, at, pass_number) for id_ in ids],
                )
            change.executemany(
                "INSERT INTO pending VALUES (?, ?, ?, ?, ?, NULL, 0, 0, ?, ?, NULL)"
                " ON CONFLICT DO UPDATE SET kind = excluded.kind, published = NULL"
                f" WHERE kind = '{OUTSIDE}'",
                [(n.id, n.url, n.spider, n.section, LISTED, at, at) for n in new],
            )
            if page is not None:
                change.execute(
                    "INSERT OR REPLACE INTO list_pages VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                    (
                        *(page.url, page.etag, page.last_modified, page.watermark),
                        *(json.dumps(page.ids), page.next_url, page.total, at),
                    ),
                )

    def page(self, url: str) -> ListPage | None:
        """A list page as it was last read, ``None`` where an article on it was left out."""
        found = self._database.row(
            "SELECT url, etag, last_modified, watermark, ids, next_url, total FROM list_pages"
            " WHERE url = ?",
            (url,),
        )
        if found is None:
            return None
        url, etag, last_modified, watermark, ids, next_url, total = found
        return ListPage(
            url, etag, last_modified, watermark, tuple(json.loads(ids)), next_url, total
        )

    def address_of(self, section: str) -> str | None:
        """Where the site's navigation last led to a section's list."""
        found = self._database.row("SELECT url FROM addresses WHERE section = ?", (section,))
        return found[0] if found else None

    def note_address(self, section: str, url: str) -> None:
        """Record where the site's navigation leads to a section's list."""
        with self._database.transaction() as change:
            change.execute("INSERT OR REPLACE INTO addresses VALUES (?, ?)", (section, url))

    def sections_of(self, id_: str) -> list[str]:
        """Every section that has listed a story, in the order in which they did."""
        found = self._database.rows(
            "SELECT section FROM listings WHERE id = ? ORDER BY first_seen, section", (id_,)
        )
        return [section for (section,) in found]
