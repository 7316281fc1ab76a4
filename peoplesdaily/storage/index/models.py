"""Plain values that the index takes and returns."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

LISTED, INCOMPLETE, OUTSIDE = "listed", "incomplete", "outside_window"
"""Kinds of debt that are no failure of the article: not tried yet, a page missing, not wanted."""


NO_WALK = 2**62
"""The walk of a listing that no walk has met: it is no sign of a complete one."""


Validators = tuple[str | None, str | None]
"""``ETag`` and ``Last-Modified`` of a page."""


@dataclass(frozen=True, slots=True)
class State:
    """What the index knows of a story that a list names.

    :param known: whether its line, or that of a story with the same text, is in a finished file.
    :param settled: whether it is confirmed to be gone.
    :param owed: the kind of debt, ``None`` where there is none.
    :param due: whether that debt may be tried again now.
    :param published: what an earlier visit to the page said, where the story was not wanted then.
    """

    known: bool = False
    settled: bool = False
    owed: str | None = None
    due: bool = True
    published: str | None = None


@dataclass(frozen=True, slots=True)
class Owed:
    """An article that is wanted and not stored; times are UTC, ISO 8601."""

    id: str
    url: str
    spider: str
    section: str | None
    kind: str
    reason: str | None = None
    tries: int = 0
    agreed: int = 0
    owed_since: str = ""
    next_try: str = ""
    published: str | None = None


@dataclass(frozen=True, slots=True)
class ListPage:
    """A page of a list as it was last read.

    :param floor: articles older than this moment (ISO 8601, UTC) were not wanted; ``""``: all were.
    """

    url: str
    etag: str | None
    last_modified: str | None
    floor: str
    ids: tuple[str, ...]
    next_url: str | None
    total: int | None


@dataclass(frozen=True, slots=True)
class Walk:
    """A walk along a section's list.

    :param number: counts the section's walks.
    :param complete: number of the latest walk that left no gap, 0 for none.
    :param floor: down to which moment it left none, ``""`` for the list's end.
    """

    section: str
    number: int
    complete: int
    floor: str | None

    def reaches(self, since: str | None) -> bool:
        """Whether all that was listed since ``since`` and before that walk is on record."""
        if self.floor is None or not self.complete:
            return False
        return self.floor == "" or (since is not None and self.floor <= since)


@dataclass(frozen=True, slots=True)
class Known:
    """The latest durable line of an article, as far as the index keeps it."""

    id: str
    url: str
    section: str | None
    revision: int
    pages: int
    content_hash: str
    etag: str | None
    last_modified: str | None


@dataclass(frozen=True, slots=True)
class Near:
    """An earlier story whose text a new one nearly repeats."""

    id: str
    similarity: float


def moment(when: datetime) -> str:
    """A point in time as the index writes it: UTC, to the second, comparable as text."""
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
