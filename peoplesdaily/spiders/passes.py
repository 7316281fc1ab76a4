"""How far a pass through a section's list has come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from peoplesdaily.storage.index import Index, ListingPass


@dataclass(slots=True)
class PassProgress:
    """A pass that is under way.

    :ivar watermark: how far back it has left no gap so far, ``None`` where it has one.
    :ivar tail: stories at the end of what was read that earlier passes have seen.
    """

    listing_pass: ListingPass
    watermark: str | None = ""
    tail: int = 0
    _pages: set[frozenset[str]] = field(default_factory=set)

    def is_new(self, ids: Sequence[str]) -> bool:
        """Whether this pass has not seen the same page before."""
        page = frozenset(ids)
        new = page not in self._pages
        self._pages.add(page)
        return new

    def lower(self, watermark: str | None) -> None:
        """Take into account how far back a page, or the end of the pass, leaves no gap."""
        gap = watermark is None or self.watermark is None
        self.watermark = None if gap else max(self.watermark or "", watermark or "")

    def overlaps(self, ids: Sequence[str], seen: set[str], overlap: int) -> bool:
        """Whether the pass has come to where an earlier one left no gap.

        One story that was listed before does not show that, because lists reorder.

        :param seen: those of ``ids`` that earlier passes have seen.
        :param overlap: how many of them in a row show it; a shorter page suffices as a whole.
        """
        for id_ in ids:
            self.tail = self.tail + 1 if id_ in seen else 0
        return self.tail >= min(overlap, len(ids))

    def end(self, index: Index, watermark: str = "") -> None:
        """End the pass; it is complete if it left no gap."""
        self.lower(watermark)
        if self.watermark is not None:
            index.listings.end_pass(self.listing_pass, self.watermark)
