"""What the report takes from the index: its view of the articles, who lists them, and the debts.

It is opened read-only, and whatever of it cannot be read is said in a note instead.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from urllib.parse import quote

from peoplesdaily.storage.index import tables
from peoplesdaily.storage.index.models import LISTED, OUTSIDE

BEIJING = timezone(timedelta(hours=8))
MOST_OWED = 20
"""Pending stories that are listed one by one."""
# A run that writes holds the index for moments only.
_PATIENCE = 5.0  # seconds


@dataclass(frozen=True, slots=True)
class PendingStory:
    """A story still to be fetched."""

    url: str
    section: str | None
    reason: str
    tries: int
    since: str
    """UTC, ISO 8601."""
    next_try: str
    """UTC, ISO 8601."""


@dataclass(slots=True)
class Corpus:
    """The index in figures."""

    note: str | None = None
    """Why it, or a part of it, could not be read."""
    missing: bool = False
    """Whether there is none."""
    known: bool = False
    """Whether there is an index with articles to count."""
    articles: int = 0
    by_day: Counter[tuple[date, str]] = field(default_factory=Counter)
    """Stories by day of publication in Beijing and section that lists them."""
    per_day: Counter[date] = field(default_factory=Counter)
    """Stories by day of publication in Beijing, each once."""
    newest: dict[str, datetime] = field(default_factory=dict)
    """Time of publication of the newest story, by section; the day's start where only that is
    known."""
    pending: int | None = None
    pending_first: tuple[PendingStory, ...] = ()
    """The longest pending stories."""


def read(path: Path, days: list[date], now: datetime) -> Corpus:
    """Read the index at ``path``.

    :param days: the days whose stories are counted, in order.
    :param now: stories from after it are not the newest ones: their dates are wrong.
    """
    if not path.is_file():
        return Corpus(missing=True, note=f"There is no index ({path.name}) yet")
    log = path.with_name(f"{path.name}-wal")
    if not log.exists():
        # No process has it open. SQLite would leave two files beside it all the same, which a crawl
        # by another user could not write to.
        corpus = _opened(path, "immutable=1", days, now)
        if not log.exists():
            return corpus
    return _opened(path, "mode=ro", days, now)


def _opened(path: Path, how: str, days: list[date], now: datetime) -> Corpus:
    corpus = Corpus()
    try:
        address = f"file:{quote(str(path))}?{how}"
        with closing(sqlite3.connect(address, uri=True, timeout=_PATIENCE)) as index:
            index.text_factory = lambda data: data.decode("utf-8", "replace")
            tables.show_old_as_new(index)
            _read(index, corpus, days, now)
    except sqlite3.Error as error:
        corpus.note = f"The index ({path.name}) cannot be read: {error}"
    return corpus


def _read(index: sqlite3.Connection, corpus: Corpus, days: list[date], now: datetime) -> None:
    # What is no database at all says so here.
    index.execute("SELECT count(*) FROM sqlite_master")
    first, last = days[0].isoformat(), days[-1].isoformat()
    latest = now.astimezone(BEIJING).isoformat(timespec="seconds")

    def articles() -> None:
        (corpus.articles,) = index.execute("SELECT count(*) FROM articles").fetchone()
        corpus.known = True
        for day, count in index.execute(
            "SELECT published_on, count(*) FROM articles "
            "WHERE published_on BETWEEN ? AND ? GROUP BY published_on",
            (first, last),
        ):
            if (when := _day(day)) is not None:
                corpus.per_day[when] += count

    def by_day() -> None:
        for day, name, count in index.execute(
            "SELECT published_on, listings.section, count(*) "
            "FROM articles JOIN listings USING (id) "
            "WHERE published_on BETWEEN ? AND ? GROUP BY published_on, listings.section",
            (first, last),
        ):
            if (when := _day(day)) is not None:
                corpus.by_day[when, str(name)] += count

    def newest() -> None:
        for name, day in index.execute(
            "SELECT listings.section, max(coalesce(published_at, published_on)) "
            "FROM articles JOIN listings USING (id) "
            "WHERE coalesce(published_at, published_on) <= ? GROUP BY listings.section",
            (latest,),
        ):
            if (at := _moment(day)) is not None:
                corpus.newest[str(name)] = at

    def pending() -> None:
        # Stories outside the window of the runs that met them are remembered, not pending.
        pending = f"FROM pending WHERE kind <> '{OUTSIDE}'"
        (corpus.pending,) = index.execute(f"SELECT count(*) {pending}").fetchone()
        corpus.pending_first = tuple(
            PendingStory(
                url, section, reason or ("not tried yet" if kind == LISTED else kind), *times
            )
            for url, section, reason, kind, *times in index.execute(
                f"SELECT url, section, reason, kind, tries, pending_since, next_try {pending} "
                "ORDER BY pending_since, id LIMIT ?",
                (MOST_OWED,),
            )
        )

    parts: list[Callable[[], None]] = [articles, by_day, newest, pending]
    for part in parts:
        try:
            part()
        except sqlite3.Error as error:
            corpus.note = f"Not all of the index could be read ({part.__name__}): {error}"


def _day(value: object) -> date | None:
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        return None


def _moment(value: object) -> datetime | None:
    try:
        at = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=BEIJING)
