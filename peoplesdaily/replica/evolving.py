"""A replica that evolves: stories appear and change, lists reorder, failures occur.

Its state is a function of the time and of its arguments, so a month of it can be crawled twice with
the same result. The crawl's clock must be set to the same time.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from random import Random
from typing import Literal

from peoplesdaily.replica.content import BEIJING, DIRECTORIES, FRONT_PAGE, Catalogue, Entry
from peoplesdaily.replica.site import Reply, Request, Site
from peoplesdaily.replica.story import Prose, Run, Story

Kind = Literal["down", "frozen_lists", "new_lists", "new_articles"]
# One story in this many is edited some hours after publication.
_EDITED = 25
_EDITED_AFTER = timedelta(hours=5)
_DOWN = Reply(503, {"Content-Type": "text/plain"}, b"Out of order\n")


@dataclass(frozen=True, slots=True)
class Trouble:
    """A failure of the site for a period.

    :param kind: ``"down"``: every answer is 503; ``"frozen_lists"``: lists stay as they are at
        ``start``; ``"new_lists"``, ``"new_articles"``: those pages come in another markup.
    :param start: first moment, with time zone.
    :param end: first moment after it.
    :param sections: sections whose lists are affected; all if empty.
    """

    kind: Kind
    start: datetime
    end: datetime
    sections: tuple[str, ...] = ()

    def holds(self, moment: datetime, section: str | None = None) -> bool:
        """Whether it is in effect at a moment, for a section's list."""
        concerned = section is None or not self.sections or section in self.sections
        return concerned and self.start <= moment < self.end


class EvolvingSite(Site):
    """A site whose stories appear over time; call :meth:`set_clock` before each crawl.

    :param whole: every story that will ever appear.
    :param troubles: failures and their periods.
    """

    def __init__(self, whole: Catalogue, now: datetime, troubles: Sequence[Trouble] = ()) -> None:
        super().__init__(whole)
        self.whole = whole
        self.troubles = tuple(troubles)
        self.set_clock(now)

    def set_clock(self, now: datetime) -> None:
        """Set the site's time to ``now``, which must have a time zone."""
        self.now = now
        frozen = {
            name: trouble.start
            for trouble in self.troubles
            if trouble.kind == "frozen_lists" and trouble.holds(now)
            for name in (trouble.sections or (*DIRECTORIES, "home"))
        }
        self.catalogue = PublishedCatalogue(self.whole, now, frozen)
        self._page = lru_cache(maxsize=8_192)(self._render)

    def answer(self, request: Request) -> Reply:
        if self._is("down"):
            return _DOWN
        return super().answer(request)

    def edited(self, number: str) -> bool:
        """Whether a story has been edited by now."""
        when = edit_of(self.whole, number)
        return when is not None and when <= self.now

    def _is(self, kind: Kind, section: str | None = None) -> bool:
        return any(t.kind == kind and t.holds(self.now, section) for t in self.troubles)

    def _list(self, directory: str, page: str | None) -> Reply:
        reply = super()._list(directory, page)
        section = next((n for n, held in DIRECTORIES.items() if held == directory), directory)
        return self._dressed(reply) if self._is("new_lists", section) else reply

    def _story(self, number: str, page: str | None) -> Reply:
        reply = super()._story(number, page)
        return self._dressed(reply) if self._is("new_articles") else reply

    def _dressed(self, reply: Reply) -> Reply:
        return self._stamped(redesigned(reply.body)) if reply.status == 200 else reply

    def _stamped(
        self, body: bytes, kind: str = "text/html", modified: datetime | None = None
    ) -> Reply:
        """A reordered list counts as modified, whatever its newest story."""
        reply = super()._stamped(body, kind, modified)
        etag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
        return Reply(reply.status, {**reply.headers, "ETag": etag}, body)


class PublishedCatalogue(Catalogue):
    """The part of a catalogue published by a moment.

    :param frozen: sections whose lists have not changed since a moment.
    """

    def __init__(self, whole: Catalogue, now: datetime, frozen: dict[str, datetime]) -> None:
        # Shares the whole catalogue's data instead of calling its constructor.
        self._whole = whole
        self.now = now
        self.seed, self.page_bytes = whole.seed, whole.page_bytes
        self.today = now.astimezone(BEIJING).date()
        self.reposts = whole.reposts
        self.ids = tuple(n for n in whole.ids if whole.published_at(n) <= now)
        self.articles = len(self.ids)
        self._known = set(self.ids)
        self._order = {
            name: self._ordered(name, frozen.get(name, now)) for name in (*DIRECTORIES, "home")
        }
        self.story = lru_cache(maxsize=512)(self._edited)
        self.link = whole.link

    def __contains__(self, number: object) -> bool:
        return number in self._known

    def lists(self, section: str) -> Sequence[str]:
        return self._order[section]

    def entries(self, section: str) -> list[Entry]:
        printed = {entry.id: entry for entry in self._whole.entries(section)}
        return [printed[number] for number in self._order[section]]

    def published_at(self, number: str) -> datetime:
        return self._whole.published_at(number)

    def near(self, number: str, count: int, step: int = 1) -> list[str]:
        return [n for n in self._whole.near(number, count, step) if n in self._known]

    def _ordered(self, section: str, moment: datetime) -> tuple[str, ...]:
        """A list at a moment: reshuffled slightly each hour, sometimes with an old story on top."""
        shown = [n for n in self.ids if self.published_at(n) <= moment]
        if section == "home":
            return tuple(shown[:FRONT_PAGE])
        own = set(self._whole.lists(section))
        listed = [number for number in shown if number in own]
        rng = Random(f"{self.seed}:{section}:{moment:%Y-%m-%d %H}")
        for at in range(1, min(len(listed) - 1, 40), 2):
            if rng.random() < 0.1:
                listed[at], listed[at + 1] = listed[at + 1], listed[at]
        if len(listed) > 10 and rng.random() < 0.05:
            listed.insert(0, listed.pop(rng.randrange(5, len(listed))))
        return tuple(listed)

    def _edited(self, number: str) -> Story:
        story = self._whole.story(number)
        when = edit_of(self._whole, number)
        if when is None or when > self.now:
            return story
        note = Prose((Run("A correction to an earlier version was made to this paragraph."),))
        *earlier, last = story.sheets
        return replace(story, sheets=(*earlier, (*last, note)), updated_at=when.astimezone(BEIJING))


def edit_of(catalogue: Catalogue, number: str) -> datetime | None:
    """Time of a story's edit; ``None`` for most, and for stories that others repeat."""
    twins = {*catalogue.reposts, *catalogue.reposts.values()}
    if int(number) % _EDITED or number in twins:
        return None
    return (catalogue.published_at(number) + _EDITED_AFTER).astimezone(UTC)


def redesigned(page: bytes) -> bytes:
    """The page in unknown markup: other classes, ids and elements, same text."""
    html = page.decode()
    html = re.sub(r"<!--.*?-->", "", html, flags=re.DOTALL)
    html = re.sub(r'<meta name="[^"]*" content="[^"]*"\s*/?>', "", html)
    html = re.sub(r'\b(class|id)="([^"]*)"', _renamed, html)
    html = re.sub(r"<(/?)(?:h\d|ul|li|center|table|tr|td|strong|b)\b", r"<\1div", html)
    return html.encode()


def _renamed(match: re.Match[str]) -> str:
    return f'{match[1]}="n{hashlib.sha256(match[2].encode()).hexdigest()[:6]}"'
