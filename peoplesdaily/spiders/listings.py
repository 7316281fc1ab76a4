"""Spiders that read the lists of sections."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import datetime
from typing import Any, ClassVar

from scrapy import Request
from scrapy.http import Response
from twisted.python.failure import Failure as TwistedFailure

from peoplesdaily.parsers import PageError
from peoplesdaily.parsers.fields.dates import BEIJING
from peoplesdaily.runs.failures import describe
from peoplesdaily.runs.verdicts import ListVerdict
from peoplesdaily.site import urls
from peoplesdaily.site.editions import ENGLISH
from peoplesdaily.site.sections import SECTIONS, Section
from peoplesdaily.spiders.arguments import ArgumentError, Window, count, known_only, span
from peoplesdaily.spiders.navigation import LIST_PRIORITY, NavigationSpider, list_key
from peoplesdaily.spiders.passes import PassProgress
from peoplesdaily.spiders.responses import asked_of, asked_url, read_listing
from peoplesdaily.storage.index.models import ListPage, utc_now
from peoplesdaily.storage.index.session import conditional, validators
from peoplesdaily.utils.suggestions import did_you_mean

MOST_FAILED_LISTS = 3
"""List pages that fail in a row after which the list itself counts as down; before that, a failed
page is stepped over while the list says how many there are."""


class ListSpider(NavigationSpider):
    """Read the lists of sections and fetch what they list.

    :ivar sections: whose lists are read; children set them.
    :param sample: articles at most of each list, the first ones listed.
    """

    # A section's list brings new articles, which share a template.
    DECIDES_UNRECOGNISED = True

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
        super().__init__(max_articles=max_articles, sample=sample, **other)
        now = datetime.now(BEIJING)
        self.window = Window.parse(since, until, now)
        self.page_limit = count("pages", pages, unlimited="all")
        self.to_the_end = pages is not None and self.page_limit is None
        self.recheck = span("recheck", recheck, now)
        self.sections: list[Section] = []
        self._passes: dict[str, PassProgress] = {}

    async def start(self) -> AsyncIterator[Any]:
        """Request the first page of every section's list."""
        names = [section.name for section in self.sections]
        listings = self.session.index.listings
        self.frontier.offer_due(names)
        for name in names:
            self._passes[name] = PassProgress(listings.begin_pass(name))
        for request in self._again(names):
            yield request
        for section in self.sections:
            found = listings.address_of(section.name)
            if found is not None:
                yield self.list_request(section, found)
            elif section.path is None:
                for request in self.by_navigation(section, "its address is unverified"):
                    yield request
            else:
                base = f"{ENGLISH.home}{section.path}"
                address = urls.listing(base)
                assert address is not None, base
                yield self.list_request(section, address.url)

    def _again(self, sections: Sequence[str]) -> Iterator[Request]:
        """Request stored articles of the last days, if they have changed."""
        if self.recheck is None:
            return
        for stored in self.session.recheck(f"{self.recheck.astimezone(BEIJING):%F}", sections):
            if stored.id not in self.frontier and not self.dry_run:
                self.frontier.add(stored.id, stored.section)
                self.count("articles/rechecked")
                yield self.story_request(stored.url, stored.id, again=True, stored=stored)

    def list_request(
        self, section: Section, url: str, number: int = 1, failed: int = 0, **more: Any
    ) -> Request:
        page = self._remembered(url) if number == 1 else None
        unless = conditional(page.etag, page.last_modified) if page else {}
        key = list_key(section, url, by_navigation=more.get("by_navigation", False))
        self.run.lists.ask(key, url, [section.name])
        return Request(
            url,
            headers=unless,
            meta={"handle_httpstatus_list": [304]} if unless else {},
            callback=self.parse_list,
            errback=self.list_failed,
            priority=LIST_PRIORITY,
            # A pass never requests a page twice; a filter would lose lists that two sections
            # share.
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
            self._passes[section.name] = PassProgress(
                self.session.index.listings.begin_pass(section.name)
            )
        lists, notes = self.run.lists, self.run.notes
        key = list_key(section, asked_url(response), by_navigation=by_navigation)
        if response.status == 304:
            lists.decide(key, ListVerdict.UNCHANGED)
            yield from self._parse_unchanged(response, section, by_navigation)
            return
        try:
            listing = read_listing(response, section)
        except PageError as error:
            if number == 1 and not by_navigation and section.path != "":
                self.logger.warning("List of %s: %s: %s", section.name, response.url, error.reason)
                lists.decide(key, ListVerdict.LOOKED_UP)
                yield from self.by_navigation(section, "its list shows nothing recognisable")
            else:
                self.page_lost(key, section, response.url, error.reason, "unrecognised")
                yield from self._step_over(section, response.url, number, failed, total)
            return
        lists.decide(key, ListVerdict.READ)
        notes.count(section.name, "lists_read")
        notes.layouts[section.name] = listing.layout
        progress = self._passes[section.name]
        ids = tuple(article.address.id for article in listing.articles)
        if not progress.is_new(ids):
            self.logger.info("List of %s repeats itself at page %d: end", section.name, number)
            progress.end(self.session.index)
            return
        if by_navigation and number == 1:
            self.session.index.listings.note_address(section.name, asked_url(response))
        self.count("articles/listed", len(ids))
        notes.count(section.name, "listed", len(ids))
        self.logger.info(
            "List of %s, page %d%s: %d articles",
            section.name, number, f" of {listing.total}" if listing.total else "", len(ids),
        )  # fmt: skip
        page = ListPage(
            asked_url(response), *validators(response), "", ids, listing.next_url, listing.total
        )
        watermark = self.frontier.offer(listing.articles, section.name, progress.listing_pass, page)
        progress.lower(watermark)
        too_old = self.frontier.lies_before(listing.articles)
        yield from self._next_page(section, page, number, by_navigation, too_old=too_old)

    def parse(self, response: Response, **arguments: Any) -> Iterator[Any]:
        """What ``scrapy parse`` calls by default."""
        return self.parse_list(response, **arguments)

    def _parse_unchanged(
        self, response: Response, section: Section, by_navigation: bool
    ) -> Iterator[Request]:
        """Go on from an unchanged first page: every article on it is stored or pending."""
        page = self._remembered(asked_url(response))
        assert page is not None
        self.run.notes.count(section.name, "lists_unchanged")
        self.logger.info("List of %s has not changed since it was read", section.name)
        progress = self._passes[section.name]
        progress.is_new(page.ids)
        progress.lower(page.watermark)
        self.session.index.listings.record(
            page.ids, section.name, progress.listing_pass.number, (), None, utc_now()
        )
        yield from self._next_page(section, page, 1, by_navigation)

    def _next_page(
        self,
        section: Section,
        page: ListPage,
        number: int,
        by_navigation: bool,
        *,
        too_old: bool = False,
    ) -> Iterator[Request]:
        """Request the list's next page, or end the pass; the log says why."""
        progress, name = self._passes[section.name], section.name
        index = self.session.index
        if self._overlaps(progress, page.ids):
            self.logger.info("List of %s: nothing new from page %d on: end", name, number)
            progress.end(index, progress.listing_pass.watermark or "")
        elif page.next_url is None:
            progress.end(index)
        elif self.page_limit is not None and number >= self.page_limit:
            self.logger.info("List of %s: the limit of %d pages is reached", name, number)
        elif self.frontier.full and len(self.sections) == 1:
            self.logger.info("List of %s: max_articles is reached", name)
        elif too_old:
            self.logger.info("List of %s: page %d lies before since: end", name, number)
            progress.end(index, self.frontier.watermark)
        else:
            yield self.list_request(
                section, page.next_url, number + 1, total=page.total, by_navigation=by_navigation
            )

    def _overlaps(self, progress: PassProgress, ids: Sequence[str]) -> bool:
        """Whether the pass has come to where earlier ones left no gap, and may end there."""
        seen = self.session.index.listings.seen_before(progress.listing_pass, ids)
        overlaps = progress.overlaps(ids, seen, self.settings.getint("LIST_OVERLAP"))
        reaches = progress.listing_pass.reaches(self.frontier.watermark or None)
        return overlaps and reaches and not self.to_the_end

    def _remembered(self, url: str) -> ListPage | None:
        """A page of a list as it was last read, if that covered all that this run wants."""
        page, since = self.session.index.listings.page(url), self.frontier.watermark
        return page if page and (page.watermark == "" or since >= page.watermark > "") else None

    def page_lost(self, key: str, section: Section, url: str, reason: str, kind: str) -> None:
        self._passes[section.name].lower(None)
        self.run.notes.count(section.name, "lists_failed")
        self.run.notes.page_problem([section.name], f"list {kind}", url)
        self.list_lost(key, section.name, url, reason, kind)

    def list_failed(self, failure: TwistedFailure) -> Iterator[Request]:
        """Follow the navigation where a list is gone; count and log any other failure."""
        request: Request = failure.request  # type: ignore[attr-defined]
        arguments = request.cb_kwargs
        section, number = arguments["section"], arguments["number"]
        found, by_navigation = describe(failure.value), arguments.get("by_navigation", False)
        key = list_key(section, asked_of(request), by_navigation=by_navigation)
        if found.gone and number == 1 and section.path != "" and not by_navigation:
            self.run.lists.decide(key, ListVerdict.LOOKED_UP)
            self.logger.warning(
                "List of %s is gone: %s: %s", section.name, request.url, found.sentence
            )
            yield from self.by_navigation(section, "its list is gone")
            return
        self.page_lost(key, section, request.url, found.sentence, found.kind)
        yield from self._step_over(
            section, request.url, number, arguments["failed"], arguments.get("total")
        )

    def _step_over(
        self, section: Section, url: str, number: int, failed: int, total: int | None
    ) -> Iterator[Request]:
        """Skip a list page that was lost, where the list has said that more follow."""
        address = urls.listing(url)
        if address is None or total is None or number >= total or failed + 1 >= MOST_FAILED_LISTS:
            return
        if self.page_limit is None or number < self.page_limit:
            yield self.list_request(
                section, address.page_url(address.number + 1), number + 1, failed + 1, total=total
            )


class SectionSpider(ListSpider):
    """Read the list of a section and fetch what it lists.

    Arguments (``-a``):

    - ``since``, ``until``: publication time, a day or ``3d``/``12h`` back from now, Beijing time;
    - ``pages``: list pages at most of each section; ``all`` reads every list to its end. By
      default a list is read down to where earlier runs have left no gap;
    - ``max_articles``: articles at most, the first ones listed;
    - ``also``: further sections, separated by commas, whose lists are read in the same run;
    - ``recheck``: how far back stored articles are requested again (``7d``), if they have changed.

    Subclasses set ``section`` and nothing else.
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
