"""Spiders that read the list pages of sections."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar

from scrapy import Request
from scrapy.http import Response
from twisted.python.failure import Failure as TwistedFailure

from peoplesdaily import parsers
from peoplesdaily.parsers import PageError
from peoplesdaily.parsers.fields.dates import BEIJING
from peoplesdaily.runs.failures import describe
from peoplesdaily.site import urls
from peoplesdaily.site.editions import ENGLISH
from peoplesdaily.site.sections import SECTIONS, Section
from peoplesdaily.spiders.arguments import ArgumentError, Window, count, known_only, span
from peoplesdaily.spiders.base import StorySpider, listed_stamps
from peoplesdaily.spiders.responses import asked_url, page_text, read_listing
from peoplesdaily.storage.index.models import (
    ListPage,
    Walk,
)
from peoplesdaily.storage.index.session import conditional, validators
from peoplesdaily.utils.suggestions import did_you_mean

LIST_PRIORITY = 10


# A list page that fails is stepped over while the list says how many there are; a row of them
# means that the list itself is down.
MOST_FAILED_LISTS = 3


@dataclass(slots=True)
class _Walking:
    """How far a walk along a list has come.

    :ivar floor: down to which moment it has left no gap so far, ``None`` where it has one.
    :ivar tail: stories at the end of what was read that earlier walks have met.
    """

    walk: Walk
    floor: str | None = ""
    tail: int = 0
    _pages: set[frozenset[str]] = field(default_factory=set)

    def is_new(self, ids: Sequence[str]) -> bool:
        """Whether this walk has not seen the very same page before."""
        page = frozenset(ids)
        new = page not in self._pages
        self._pages.add(page)
        return new

    def lower(self, floor: str | None) -> None:
        """Take in down to where a page, or the end of the walk, leaves no gap."""
        gap = floor is None or self.floor is None
        self.floor = None if gap else max(self.floor or "", floor or "")

    def pass_by(self, ids: Sequence[str], met: set[str]) -> None:
        """Count on the stories that earlier walks have met."""
        for id_ in ids:
            self.tail = self.tail + 1 if id_ in met else 0


class ListSpider(StorySpider):
    """Walk the lists of sections and fetch what they list.

    :ivar sections: whose lists are walked; children set them.
    :param sample: articles at most of each list, the first ones listed.
    """

    # A section's list brings what is new, where one page tells of all.
    DOUBTS_UNKNOWN = True

    def __init__(
        self,
        since: str | None = None,
        until: str | None = None,
        pages: str | int | None = None,
        max_articles: str | int | None = None,
        recheck: str | None = None,
        sample: str | int | None = None,
        **other: Any,
    ) -> None:
        super().__init__(max_articles, sample, **other)
        now = datetime.now(BEIJING)
        self.window = Window.parse(since, until, now)
        self.page_limit = count("pages", pages, unlimited="all")
        self.to_the_end = pages is not None and self.page_limit is None
        self.recheck = span("recheck", recheck, now)
        self.sections: list[Section] = []
        self._walks: dict[str, _Walking] = {}
        self._navigation: dict[str, str] | None = None
        self._awaiting_navigation: list[Section] = []

    async def start(self) -> AsyncIterator[Any]:
        """Ask for the first page of every section's list."""
        names = [section.name for section in self.sections]
        self.offer_debts(names)
        for section in self.sections:
            self._walks[section.name] = _Walking(self.session.begin_walk(section.name))
        for request in self._again(names):
            yield request
        for section in self.sections:
            found = self.session.address_of(section.name)
            if found is not None:
                yield self._list_request(section, found)
            elif section.path is None:
                for request in self._by_navigation(section, "its address is unverified"):
                    yield request
            else:
                base = f"{ENGLISH.home}{section.path}"
                address = urls.listing(base)
                assert address is not None, base
                yield self._list_request(section, address.url)

    def _again(self, sections: Sequence[str]) -> Iterator[Request]:
        """Ask for stored articles of the last days, if they have changed."""
        if self.recheck is None:
            return
        for known in self.session.recheck(f"{self.recheck.astimezone(BEIJING):%F}", sections):
            if known.id not in self._listed_in and not self.dry_run:
                self._listed_in[known.id] = [known.section] if known.section else []
                self.count("articles/rechecked")
                yield self.story_request(known.url, known.id, again=True, known=known)

    def _list_request(
        self, section: Section, url: str, number: int = 1, failed: int = 0, **more: Any
    ) -> Request:
        page = self._remembered(url) if number == 1 else None
        unless = conditional(page.etag, page.last_modified) if page else {}
        return Request(
            url,
            headers=unless,
            meta={"handle_httpstatus_list": [304]} if unless else {},
            callback=self.parse_list,
            errback=self.list_failed,
            priority=LIST_PRIORITY,
            # The walk itself never asks twice for a page of a list; a filter would lose lists
            # that two sections share.
            dont_filter=True,
            cb_kwargs={"section": section, "number": number, "failed": failed, **more},
        )

    def parse_list(
        self,
        response: Response,
        section: Section | None = None,
        number: int = 1,
        failed: int = 0,
        total: int | None = None,
        by_navigation: bool = False,
    ) -> Iterator[Request]:
        """Read one page of a section's list.

        :param section: whose list it is; left out in ``scrapy parse``.
        """
        if section is None:
            section = self.sections[0]
        if section.name not in self._walks:
            self._walks[section.name] = _Walking(self.session.begin_walk(section.name))
        if response.status == 304:
            yield from self._parse_unchanged(response, section, by_navigation)
            return
        try:
            listing = read_listing(response, section)
        except PageError as error:
            if number == 1 and not by_navigation and section.path != "":
                self.logger.warning("List of %s: %s: %s", section.name, response.url, error.reason)
                yield from self._by_navigation(section, "its list shows nothing recognisable")
            else:
                self._page_lost(section, response.url, error.reason, "unrecognised")
                yield from self._step_over(section, response.url, number, failed, total)
            return
        self.count("lists/read")
        self.note(section.name, "lists_read")
        self.layouts[section.name] = listing.layout
        walking = self._walks[section.name]
        ids = tuple(article.address.id for article in listing.articles)
        if not walking.is_new(ids):
            self.logger.info("List of %s repeats itself at page %d: end", section.name, number)
            self._end_walk(walking)
            return
        if by_navigation and number == 1:
            self.session.note_address(section.name, asked_url(response))
        self.count("articles/listed", len(ids))
        self.note(section.name, "listed", len(ids))
        self.logger.info(
            "List of %s, page %d%s: %d articles",
            section.name, number, f" of {listing.total}" if listing.total else "", len(ids),
        )  # fmt: skip
        page = ListPage(
            asked_url(response), *validators(response), "", ids, listing.next_url, listing.total
        )
        walking.lower(self.offer(listing.articles, section.name, walking.walk, page))
        # Lists are not strictly sorted: one old article says nothing, a whole page of them does.
        too_old = all(
            (stamps := listed_stamps(article))
            and all(self.window.follows(stamp) for stamp in stamps)
            for article in listing.articles
        )
        yield from self._walk_on(section, page, number, by_navigation, too_old=too_old)

    def parse(self, response: Response, **arguments: Any) -> Iterator[Any]:
        """What ``scrapy parse`` calls by default."""
        return self.parse_list(response, **arguments)

    def _parse_unchanged(
        self, response: Response, section: Section, by_navigation: bool
    ) -> Iterator[Request]:
        """Go on from a list's first page that is as it was: all on it is known or owed."""
        page = self._remembered(asked_url(response))
        assert page is not None
        self.count("lists/unchanged")
        self.note(section.name, "lists_unchanged")
        self.logger.info("List of %s has not changed since it was read", section.name)
        walking = self._walks[section.name]
        walking.is_new(page.ids)
        walking.lower(page.floor)
        self.session.note_listed(page.ids, section.name, walking.walk, (), None)
        yield from self._walk_on(section, page, 1, by_navigation)

    def _walk_on(
        self,
        section: Section,
        page: ListPage,
        number: int,
        by_navigation: bool,
        *,
        too_old: bool = False,
    ) -> Iterator[Request]:
        """Ask for the list's next page, or end the walk; the log says why."""
        walking, name = self._walks[section.name], section.name
        if self._overlaps(walking, page.ids):
            self.logger.info("List of %s: nothing new from page %d on: end", name, number)
            self._end_walk(walking, walking.walk.floor or "")
        elif page.next_url is None:
            self._end_walk(walking)
        elif self.page_limit is not None and number >= self.page_limit:
            self.logger.info("List of %s: the limit of %d pages is reached", name, number)
        elif self.full and len(self.sections) == 1:
            self.logger.info("List of %s: max_articles is reached", name)
        elif too_old:
            self.logger.info("List of %s: page %d lies before since: end", name, number)
            self._end_walk(walking, self.floor)
        else:
            yield self._list_request(
                section, page.next_url, number + 1, total=page.total, by_navigation=by_navigation
            )

    def _overlaps(self, walking: _Walking, ids: Sequence[str]) -> bool:
        """Whether the walk has come to where earlier ones have left no gap.

        One story that was listed before is no sign of that, for lists reorder.
        """
        walking.pass_by(ids, self.session.seen_before(walking.walk, ids))
        overlap = min(self.settings.getint("LIST_OVERLAP"), len(ids))
        reaches = walking.walk.reaches(self.floor or None)
        return reaches and not self.to_the_end and walking.tail >= overlap

    def _end_walk(self, walking: _Walking, floor: str = "") -> None:
        walking.lower(floor)
        if walking.floor is not None:
            self.session.end_walk(walking.walk, walking.floor)

    def _remembered(self, url: str) -> ListPage | None:
        """A page of a list as it was last read, if that was for all that this run wants."""
        page = self.session.list_page(url)
        since = self.floor
        return page if page and (page.floor == "" or since >= page.floor > "") else None

    def _page_lost(self, section: Section, url: str, reason: str, kind: str) -> None:
        self._walks[section.name].lower(None)
        self.note(section.name, "lists_failed")
        self.note_trouble([section.name], f"list {kind}", url)
        self.list_lost(section.name, url, reason, kind)

    def list_failed(self, failure: TwistedFailure) -> Iterator[Request]:
        """Follow the navigation where a list is gone; count and name any other failure."""
        request: Request = failure.request  # type: ignore[attr-defined]
        arguments = request.cb_kwargs
        section, number = arguments["section"], arguments["number"]
        found = describe(failure.value)
        if found.gone and number == 1 and section.path != "" and not arguments.get("by_navigation"):
            self.logger.warning(
                "List of %s is gone: %s: %s", section.name, request.url, found.sentence
            )
            yield from self._by_navigation(section, "its list is gone")
            return
        self._page_lost(section, request.url, found.sentence, found.kind)
        yield from self._step_over(
            section, request.url, number, arguments["failed"], arguments.get("total")
        )

    def _step_over(
        self, section: Section, url: str, number: int, failed: int, total: int | None
    ) -> Iterator[Request]:
        """Go on behind a list page that was lost, where the list has said that more follow."""
        address = urls.listing(url)
        if address is None or total is None or number >= total or failed + 1 >= MOST_FAILED_LISTS:
            return
        if self.page_limit is None or number < self.page_limit:
            yield self._list_request(
                section, address.page_url(address.number + 1), number + 1, failed + 1, total=total
            )

    def _by_navigation(self, section: Section, why: str) -> Iterator[Request]:
        """Find a section's list by its label in the navigation of the front page."""
        self.logger.info("Section %s is looked up in the site's navigation: %s", section.name, why)
        self.count("lists/by_navigation")
        if self._navigation is not None:
            yield from self._follow_label(section)
            return
        self._awaiting_navigation.append(section)
        if len(self._awaiting_navigation) == 1:
            yield Request(
                ENGLISH.home,
                callback=self.parse_navigation,
                errback=self.navigation_failed,
                priority=LIST_PRIORITY,
                dont_filter=True,
            )

    def parse_navigation(self, response: Response) -> Iterator[Request]:
        """Read the front page's navigation for the sections that wait for it."""
        try:
            self._navigation = parsers.parse_navigation(page_text(response), response.url)
        except PageError as error:
            self._navigation = {}
            self.logger.error("Navigation not read: %s: %s", response.url, error.reason)
        waiting, self._awaiting_navigation = self._awaiting_navigation, []
        for section in waiting:
            yield from self._follow_label(section)

    def navigation_failed(self, failure: TwistedFailure) -> None:
        """Count the sections that waited for a front page that did not come."""
        found = describe(failure.value)
        waiting, self._awaiting_navigation = self._awaiting_navigation, []
        for section in waiting:
            self._page_lost(section, ENGLISH.home, found.sentence, found.kind)

    def _follow_label(self, section: Section) -> Iterator[Request]:
        for label, url in (self._navigation or {}).items():
            if section.is_called(label):
                self.logger.info("Navigation: %s is %r, %s", section.name, label, url)
                yield self._list_request(section, url, by_navigation=True)
                return
        labels = ", ".join(section.labels)
        self._page_lost(section, ENGLISH.home, f"no navigation label {labels}", "no_label")


class SectionSpider(ListSpider):
    """Walk the list of a section and fetch what it lists.

    Arguments (``-a``):

    - ``since``, ``until``: publication time, a day or ``3d``/``12h`` back from now, Beijing time;
    - ``pages``: list pages at most of each section; ``all`` reads every list to its end. By
      default a list is read down to where earlier runs have left no gap;
    - ``max_articles``: articles at most, the first ones listed;
    - ``also``: further sections, separated by commas, whose lists are read in the same run;
    - ``recheck``: how far back stored articles are asked for again (``7d``), if they have changed.

    Set ``section``; nothing else needs to be.
    """

    section: ClassVar[Section]

    def __init__(
        self,
        since: str | None = None,
        until: str | None = None,
        pages: str | int | None = None,
        max_articles: str | int | None = None,
        also: str | None = None,
        recheck: str | None = None,
        **other: Any,
    ) -> None:
        known_only(other, type(self))
        super().__init__(since, until, pages, max_articles, recheck, **other)
        further = chosen_sections("also", also) if also else []
        self.sections = list({s.name: s for s in (self.section, *further)}.values())


def chosen_sections(argument: str, value: str) -> list[Section]:
    """The sections that a spider argument names, separated by commas.

    :raises ArgumentError: there is no such section, or none is named.
    """
    names = list(dict.fromkeys(name.strip() for name in value.split(",") if name.strip()))
    known = ", ".join(sorted(SECTIONS))
    for name in names:
        if name not in SECTIONS:
            raise ArgumentError(
                f"{argument}={value!r}: there is no section {name!r}; known are {known}."
                f"{did_you_mean(name, SECTIONS)}"
            )
    if not names:
        raise ArgumentError(f"{argument}={value!r} names no section; known are {known}")
    return [SECTIONS[name] for name in names]
