"""Verdicts: how each article and each list page that a run asked for ended.

A run keeps books of what it asks for. Each entry gets exactly one verdict, so that at the end
``asked`` is the sum of all verdicts; what has none is named, and the run's exit code says so.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar


class ArticleVerdict(StrEnum):
    """How an article ended that a run asked for."""

    WRITTEN = "written"
    """Stored for the first time."""
    REVISED = "revised"
    """Stored again, for its page has changed."""
    UNCHANGED = "unchanged"
    """Stored already, and its page says what it said."""
    ALIAS = "alias"
    """Its address leads to another story."""
    DUPLICATE = "duplicate"
    """Not stored: a story under another id has the same text."""
    NEAR_DUPLICATE = "near_duplicate"
    """Not stored: ``NEAR_DUPLICATES`` is ``drop``, and it nearly repeats an earlier story."""
    ELSEWHERE = "elsewhere"
    """Left to another run that is fetching it at the same time."""
    REJECTED = "rejected"
    """Its record breaks the contract."""
    OUTSIDE_WINDOW = "outside_window"
    """Published outside ``since`` and ``until``."""
    WITHDRAWN = "withdrawn"
    """Stored earlier; the site has taken it down since."""
    GONE = "gone"
    """The server has said often enough that there is no such page."""
    NOT_AN_ARTICLE = "not_an_article"
    """The page shows no story."""
    UNKNOWN_TEMPLATE = "unknown_template"
    """The page is in no known template."""
    FAILED = "failed"
    """It could not be fetched or read; the reason is beside it."""
    UNWRITTEN = "unwritten"
    """Read, and lost on the way to the disk."""
    CUT_OFF = "cut_off"
    """The run ended before it came."""
    NO_VERDICT = "no_verdict"
    """It got lost: no other verdict was given."""


class ListVerdict(StrEnum):
    """How a list page ended that a run asked for."""

    READ = "read"
    UNCHANGED = "unchanged"
    MISSING = "missing"
    """A day of the archive for which the site has no page."""
    LOOKED_UP = "looked_up"
    """It is gone or unrecognisable; the list is looked up in the site's navigation instead."""
    UNRECOGNISED = "unrecognised"
    """It came, and shows nothing recognisable."""
    FAILED = "failed"
    """It could not be fetched; the reason is beside it."""
    CUT_OFF = "cut_off"
    """The run ended before it came."""
    NO_VERDICT = "no_verdict"
    """It got lost: no other verdict was given."""


_V = TypeVar("_V", ArticleVerdict, ListVerdict)


@dataclass(slots=True)
class Entry(Generic[_V]):
    """One article or list page that was asked for.

    :param sections: the sections whose lists named it; empty where no list did.
    :param reason: short name of why it failed: ``"404"``, ``"timeout"``.
    """

    url: str
    sections: tuple[str, ...] = ()
    verdict: _V | None = None
    reason: str | None = None


class Books(Generic[_V]):
    """What a run has asked for, of one kind, and the verdict of each.

    :param kind: ``"articles"`` or ``"lists"``, the first word of their statistics.
    :param count: adds to a statistic.
    """

    def __init__(self, kind: str, count: Callable[[str, int], None]) -> None:
        self.kind = kind
        self._count = count
        self._entries: dict[str, Entry[_V]] = {}

    def ask(self, key: str, url: str, sections: Iterable[str] = ()) -> None:
        """Note what is asked for; once only, however often it is."""
        if key not in self._entries:
            self._entries[key] = Entry(url, tuple(sections))
            self._count(f"{self.kind}/asked", 1)

    def decide(self, key: str, verdict: _V, reason: str | None = None, url: str = "") -> None:
        """Give a verdict; the first one stays.

        :param reason: counted beside the verdict, where there is one.
        :param url: for what was not noted when it was asked for.
        """
        self.ask(key, url or key)
        if self._entries[key].verdict is None:
            self._set(self._entries[key], verdict, reason)

    def correct(self, key: str, verdict: _V, reason: str | None = None) -> None:
        """Replace a verdict that a later step has proven wrong."""
        entry = self._entries[key]
        if entry.verdict is not None:
            self._count(f"{self.kind}/{entry.verdict}", -1)
        self._set(entry, verdict, reason)

    def _set(self, entry: Entry[_V], verdict: _V, reason: str | None) -> None:
        entry.verdict, entry.reason = verdict, reason
        self._count(f"{self.kind}/{verdict}", 1)
        if reason:
            self._count(f"{self.kind}/{verdict}/{reason}", 1)

    def __contains__(self, key: object) -> bool:
        """Whether it was asked for."""
        return key in self._entries

    def close(self, missing: _V) -> dict[str, Entry[_V]]:
        """Give what is left without a verdict the last one.

        :returns: what it was given to, by key.
        """
        left = {key: entry for key, entry in self._entries.items() if entry.verdict is None}
        for entry in left.values():
            self._set(entry, missing, None)
        return left

    @property
    def asked(self) -> int:
        """How many there are."""
        return len(self._entries)

    def totals(self) -> dict[str, int]:
        """Number of entries by verdict; their sum is :attr:`asked` once the books are closed."""
        found = Counter(str(e.verdict) for e in self._entries.values() if e.verdict is not None)
        return dict(sorted(found.items()))

    def by_section(self) -> dict[str, dict[str, int]]:
        """Number of entries by section and verdict; an article of two sections counts in both."""
        found: dict[str, Counter[str]] = {}
        for entry in self._entries.values():
            for section in entry.sections:
                found.setdefault(section, Counter())[str(entry.verdict)] += 1
        return {name: dict(sorted(counts.items())) for name, counts in sorted(found.items())}
