"""The values that the index takes and returns."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

LISTED, INCOMPLETE, OUTSIDE = "listed", "incomplete", "outside_window"
"""Kinds of pending articles that did not fail: not tried yet, a page missing, not wanted."""

NO_PASS = 2**62
"""Recorded with a listing that no listing pass has seen: it does not mark a complete one."""

Validators = tuple[str | None, str | None]
"""``ETag`` and ``Last-Modified`` of a page."""


@dataclass(frozen=True, slots=True)
class State:
    """What the index holds about a story that a list names.

    :param stored: whether a finished file holds it, or a story with the same text.
    :param gone: whether the site has confirmed that it is gone.
    :param pending: the kind of the pending article, ``None`` where there is none.
    :param due: whether a pending article may be tried again now.
    :param published: its date, where an earlier run fetched it and did not want it.
    """

    stored: bool = False
    gone: bool = False
    pending: str | None = None
    due: bool = True
    published: str | None = None


@dataclass(frozen=True, slots=True)
class PendingArticle:
    """An article that is wanted and not stored; times are UTC, ISO 8601."""

    id: str
    url: str
    spider: str
    section: str | None
    kind: str
    reason: str | None = None
    tries: int = 0
    agreed: int = 0
    pending_since: str = ""
    next_try: str = ""
    published: str | None = None


@dataclass(frozen=True, slots=True)
class ListPage:
    """A page of a list as it was last read.

    :param watermark: older articles than this (ISO 8601, UTC) were not wanted; ``""``: all were.
    """

    url: str
    etag: str | None
    last_modified: str | None
    watermark: str
    ids: tuple[str, ...]
    next_url: str | None
    total: int | None


@dataclass(frozen=True, slots=True)
class ListingPass:
    """One pass through the pages of a section's list.

    :param number: counts the section's passes.
    :param complete: number of the latest pass without a gap, 0 for none.
    :param watermark: the oldest moment that pass reached, ``""`` for the list's end.
    """

    section: str
    number: int
    complete: int
    watermark: str | None

    def reaches(self, since: str | None) -> bool:
        """Whether the latest complete pass recorded everything listed since ``since``."""
        if self.watermark is None or not self.complete:
            return False
        return self.watermark == "" or (since is not None and self.watermark <= since)


@dataclass(frozen=True, slots=True)
class StoredArticle:
    """The latest revision of an article in a finished file, without its text."""

    id: str
    url: str
    section: str | None
    revision: int
    pages: int
    content_hash: str
    etag: str | None
    last_modified: str | None


@dataclass(frozen=True, slots=True)
class NearDuplicate:
    """An earlier story with nearly the same text as a new one."""

    id: str
    similarity: float


def utc_now() -> datetime:
    """The current time in UTC."""
    return datetime.now(UTC)


def moment(when: datetime) -> str:
    """A point in time as the index writes it: UTC, to the second, comparable as text."""
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
