"""What the spiders share: fetching stories whole, and walking a section's list."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, ClassVar

from scrapy import Request, Spider
from scrapy.http import Response, TextResponse
from twisted.python.failure import Failure as TwistedFailure

from peoplesdaily import pages, urls
from peoplesdaily.editions import EDITIONS, ENGLISH
from peoplesdaily.failures import describe
from peoplesdaily.feeds import keep_page
from peoplesdaily.files import explain, output_dir
from peoplesdaily.items import Article
from peoplesdaily.pages import ListedArticle, Listing, PageError, StoryPage
from peoplesdaily.sections import SECTIONS, Section
from peoplesdaily.spiders.arguments import ArgumentError, Window, count, known_only
from peoplesdaily.text import BEIJING, Stamp
from peoplesdaily.urls import ArticleAddress

# Lists go before articles, so that an article is written with every section that lists it; the
# further pages of a story go first of all, so that few stories are half-read at any time.
_PART, LIST_PRIORITY, _ARTICLE = 20, 10, 0
_MOST_PARTS = 300
# A list page that fails is stepped over while the list says how many there are; a row of them
# means that the list itself is down.
MOST_FAILED_LISTS = 3


class StorySpider(Spider):
    """Fetch stories, all pages of each, and yield one :class:`~peoplesdaily.items.Article` each.

    Children ask for stories with :meth:`offer` where lists name them, else with
    :meth:`story_request`.

    :param max_articles: articles at most, the first ones offered.
    :ivar window: publication times that are wanted; all of them, unless a child sets another.
    """

    allowed_domains: ClassVar[list[str]] = [
        name for edition in EDITIONS for name in (*edition.hosts, *edition.domains)
    ]

    def __init__(self, max_articles: str | int | None = None, **other: Any) -> None:
        super().__init__(**other)
        self.window = Window()
        self.article_limit = count("max_articles", max_articles)
        self._listed_in: dict[str, list[str]] = {}

    def count(self, name: str, number: int = 1) -> None:
        """Add to the statistic ``peoplesdaily/name``; docs/reading-a-run.md lists them all."""
        assert self.crawler.stats
        self.crawler.stats.inc_value(f"peoplesdaily/{name}", number)

    def story_request(self, address: ArticleAddress) -> Request:
        """The request for a story's first page."""
        self.count("articles/requested")
        return Request(
            address.story_url,
            callback=self.parse_story,
            errback=self.story_failed,
            priority=_ARTICLE,
            cb_kwargs={"id_": address.id},
        )

    @property
    def full(self) -> bool:
        """Whether as many stories as ``max_articles`` allows have been asked for."""
        return self.article_limit is not None and len(self._listed_in) >= self.article_limit

    def offer(self, article: ListedArticle, section: str | None = None) -> Iterator[Request]:
        """Ask for a listed article, once, where the arguments want it.

        :param section: the section whose list names it; an article is written with all of them.
        """
        id_ = article.address.id
        known = self._listed_in.get(id_)
        if known is not None:
            if section and section not in known:
                known.append(section)
            return
        stamps = _stamps(article)
        if stamps and not any(self.window.covers(stamp) for stamp in stamps):
            self.count("articles/outside_window")
            return
        if self.full:
            return
        self._listed_in[id_] = [section] if section else []
        yield self.story_request(article.address)

    def list_lost(self, name: str, url: str, reason: str, kind: str) -> None:
        """Count and name a list page that could not be fetched or read.

        :param name: which list it is, for the log.
        :param kind: short name of the reason, for statistics.
        """
        self.count("lists/failed")
        self.count(f"lists/failed/{kind}")
        self.logger.error("List of %s not read: %s: %s", name, url, reason)

    def sections_of(self, id_: str) -> list[str]:
        """The sections that list a story, the one that led here first."""
        return self._listed_in.get(id_, [])

    def wanted(self, article: Article) -> bool:
        """Whether a story that was read is to be written."""
        if not self.window or not article.published_on:
            return True
        moment = datetime.fromisoformat(article.published_at or f"{article.published_on}T00:00:00")
        clock = moment.time() if article.published_at else None
        return self.window.covers(Stamp(moment.date(), clock))

    def parse_story(self, response: Response, id_: str) -> Iterator[Request | Article]:
        """Read a story's first page."""
        try:
            page = _story_page(response)
        except PageError as error:
            self._refused(response, error)
            return
        if page.template == pages.GENERIC.era:
            self.count("articles/generic")
            self._keep(response, page.address.id)
        yield from self._go_on({page.address.page: page}, frozenset(), _downloaded_at(response))

    def story_failed(self, failure: TwistedFailure) -> None:
        """Count and name an article that could not be fetched."""
        found = describe(failure.value)
        url = failure.request.url  # type: ignore[attr-defined]
        self.count("articles/failed")
        self.count(f"articles/failed/{found.kind}")
        self.logger.warning("Article not fetched: %s: %s", url, found.sentence)

    def _refused(self, response: Response, error: PageError) -> None:
        if isinstance(error, pages.UnknownTemplate):
            name = "articles/unknown_template"
            address = urls.article(error.url)
            self._keep(response, address.id if address else "unknown")
        else:
            name = "articles/not_an_article"
        self.count(name)
        self.logger.warning("Article not read: %s: %s", _asked_for(response), error.reason)

    def _keep(self, response: Response, id_: str) -> None:
        """Keep the raw page for whoever writes the new era."""
        folder = output_dir(self.settings) / "unknown" / id_
        try:
            keep_page(folder, response)
        except OSError as error:
            self.logger.error("Unknown template not kept: %s", explain(error, folder))
        else:
            self.logger.warning("Unknown template: %s, kept in %s", _asked_for(response), folder)

    def _go_on(
        self, known: Mapping[int, StoryPage], missing: frozenset[int], crawled_at: str
    ) -> Iterator[Request | Article]:
        """Ask for the story's next page, or yield the story when none is left."""
        linked = {number: url for page in known.values() for number, url in page.others.items()}
        left = sorted(set(linked) - set(known) - missing)
        if left and len(known) + len(missing) >= _MOST_PARTS:
            self._part_missing(linked[left[0]], f"the story has more than {_MOST_PARTS} pages")
            left = []
        if left:
            number = left[0]
            yield Request(
                linked[number],
                callback=self.parse_part,
                errback=self.part_failed,
                priority=_PART,
                dont_filter=True,
                cb_kwargs={
                    "number": number, "known": known, "missing": missing, "crawled_at": crawled_at,
                },
            )  # fmt: skip
            return
        id_ = next(iter(known.values())).address.id
        sections = self.sections_of(id_)
        article = pages.merge(
            known.values(),
            crawled_at=crawled_at,
            section=sections[0] if sections else None,
            sections=sections,
        )
        if missing:
            self.count("articles/incomplete")
        if self.wanted(article):
            yield article
        else:
            self.count("articles/outside_window")

    def parse_part(
        self,
        response: Response,
        number: int,
        known: Mapping[int, StoryPage],
        missing: frozenset[int],
        crawled_at: str,
    ) -> Iterator[Request | Article]:
        """Read a further page of a story."""
        first = next(iter(known.values()))
        try:
            page = _story_page(response)
            if page.address.id != first.address.id or page.address.page != number:
                raise PageError(response.url, "the server sent another page instead")
        except PageError as error:
            self._part_missing(_asked_for(response), error.reason)
            yield from self._go_on(known, missing | {number}, crawled_at)
        else:
            yield from self._go_on({**known, number: page}, missing, crawled_at)

    def part_failed(self, failure: TwistedFailure) -> Iterator[Request | Article]:
        """Go on without a page of a story that could not be fetched; the loss is counted."""
        request: Request = failure.request  # type: ignore[attr-defined]
        self._part_missing(request.url, describe(failure.value).sentence)
        arguments = dict(request.cb_kwargs)
        number = arguments.pop("number")
        arguments["missing"] = arguments["missing"] | {number}
        yield from self._go_on(**arguments)

    def _part_missing(self, url: str, reason: str) -> None:
        self.count("articles/missing_pages")
        self.logger.error(
            "Page of a story missing, the story is written without it: %s: %s", url, reason
        )


class SectionSpider(StorySpider):
    """Walk the list of a section and fetch what it lists.

    Arguments (``-a``):

    - ``since``, ``until``: publication time, a day or ``3d``/``12h`` back from now, Beijing time;
    - ``pages``: list pages at most, a section (``all`` is the default);
    - ``max_articles``: articles at most, the first ones listed;
    - ``also``: further sections, separated by commas, whose lists are read in the same run.

    Set ``section``; nothing else needs to be.
    """

    section: ClassVar[Section]
    ARGUMENTS = "since, until, pages, max_articles and also"

    def __init__(
        self,
        since: str | None = None,
        until: str | None = None,
        pages: str | int | None = None,
        max_articles: str | int | None = None,
        also: str | None = None,
        **other: Any,
    ) -> None:
        known_only(other, self.ARGUMENTS)
        super().__init__(max_articles, **other)
        self.window = Window.parse(since, until, datetime.now(BEIJING))
        self.page_limit = count("pages", pages, unlimited="all")
        self.walks = _sections(self.section, also)
        self._seen_lists: dict[str, set[frozenset[str]]] = {s.name: set() for s in self.walks}
        self._navigation: dict[str, str] | None = None
        self._awaiting_navigation: list[Section] = []

    async def start(self) -> AsyncIterator[Any]:
        """Ask for the first page of every section's list."""
        for section in self.walks:
            if section.path is None:
                for request in self._by_navigation(section, "its address is unverified"):
                    yield request
            else:
                base = f"{ENGLISH.home}{section.path}"
                address = urls.listing(base)
                assert address is not None, base
                yield self._list_request(section, address.url)

    def _list_request(
        self, section: Section, url: str, number: int = 1, failed: int = 0, **more: Any
    ) -> Request:
        return Request(
            url,
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
        section: Section,
        number: int,
        failed: int = 0,
        total: int | None = None,
        by_navigation: bool = False,
    ) -> Iterator[Request]:
        """Read one page of a section's list."""
        try:
            listing = _listing(response, section)
        except PageError as error:
            if number == 1 and not by_navigation and section.path != "":
                self.logger.warning("List of %s: %s: %s", section.name, response.url, error.reason)
                yield from self._by_navigation(section, "its list shows nothing recognisable")
            else:
                self.list_lost(section.name, response.url, error.reason, "unrecognised")
                yield from self._step_over(section, response.url, number, failed, total)
            return
        self.count("lists/read")
        ids = frozenset(article.address.id for article in listing.articles)
        if ids in self._seen_lists[section.name]:
            self.logger.info("List of %s repeats itself at page %d: end", section.name, number)
            return
        self._seen_lists[section.name].add(ids)
        self.count("articles/listed", len(listing.articles))
        self.logger.info(
            "List of %s, page %d%s: %d articles",
            section.name, number, f" of {listing.total}" if listing.total else "",
            len(listing.articles),
        )  # fmt: skip
        for article in listing.articles:
            yield from self.offer(article, section.name)
        if self._goes_on(listing, section, number):
            assert listing.next_url
            yield self._list_request(
                section, listing.next_url, number + 1, total=listing.total,
                by_navigation=by_navigation,
            )  # fmt: skip

    def list_failed(self, failure: TwistedFailure) -> Iterator[Request]:
        """Follow the navigation where a list is gone; count and name any other failure."""
        request: Request = failure.request  # type: ignore[attr-defined]
        arguments = request.cb_kwargs
        section, number = arguments["section"], arguments["number"]
        found = describe(failure.value)
        if found.gone and number == 1 and section.path and not arguments.get("by_navigation"):
            self.logger.warning(
                "List of %s is gone: %s: %s", section.name, request.url, found.sentence
            )
            yield from self._by_navigation(section, "its list is gone")
            return
        self.list_lost(section.name, request.url, found.sentence, found.kind)
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

    def _goes_on(self, listing: Listing, section: Section, number: int) -> bool:
        """Whether the next page of the list is asked for; the log says why not."""
        if listing.next_url is None:
            return False
        if self.page_limit is not None and number >= self.page_limit:
            self.logger.info("List of %s: the limit of %d pages is reached", section.name, number)
            return False
        if self.full and len(self.walks) == 1:
            self.logger.info("List of %s: max_articles is reached", section.name)
            return False
        # Lists are not strictly sorted: one old article says nothing, a whole page of them does.
        if all(
            (stamps := _stamps(article)) and all(self.window.follows(stamp) for stamp in stamps)
            for article in listing.articles
        ):
            self.logger.info("List of %s: page %d lies before since: end", section.name, number)
            return False
        return True

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
            self._navigation = pages.parse_navigation(page_text(response), response.url)
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
            self.list_lost(section.name, ENGLISH.home, found.sentence, found.kind)

    def _follow_label(self, section: Section) -> Iterator[Request]:
        for label, url in (self._navigation or {}).items():
            if section.is_called(label):
                self.logger.info("Navigation: %s is %r, %s", section.name, label, url)
                yield self._list_request(section, url, by_navigation=True)
                return
        labels = ", ".join(section.labels)
        self.list_lost(section.name, ENGLISH.home, f"no navigation label {labels}", "no_label")


def _sections(own: Section, also: str | None) -> list[Section]:
    found = {own.name: own}
    for name in (also or "").split(","):
        name = name.strip()
        if not name:
            continue
        if name not in SECTIONS:
            known = ", ".join(sorted(SECTIONS))
            raise ArgumentError(f"also={also!r}: there is no section {name!r}; known are {known}")
        found[name] = SECTIONS[name]
    return list(found.values())


def _stamps(article: ListedArticle) -> list[Stamp]:
    """An article's date before it is fetched, by the list's word and by the address's."""
    stamps = [article.stamp] if article.stamp else []
    if article.address.day and (not stamps or stamps[0].day != article.address.day):
        stamps.append(Stamp(article.address.day))
    return stamps


def page_text(response: Response) -> str:
    """The text of a response.

    :raises PageError: it is none.
    """
    if not isinstance(response, TextResponse):
        kind = (response.headers.get("Content-Type") or b"no text").decode("latin-1")
        raise PageError(response.url, f"not a web page ({kind})")
    return pages.decode(response.body)


def _listing(response: Response, section: Section) -> Listing:
    if section.path == "":
        return pages.parse_front_page(page_text(response), response.url)
    return pages.parse_listing(page_text(response), response.url)


def _story_page(response: Response) -> StoryPage:
    if urls.article(response.url) is None:
        raise pages.NotAnArticle(response.url, f"the site sent the reader on to {response.url}")
    return pages.parse_article(page_text(response), response.url)


def _asked_for(response: Response) -> str:
    """The address that was asked for, before any redirect."""
    return str(response.meta.get("redirect_urls", [response.url])[0])


def _downloaded_at(response: Response) -> str:
    """When the page came, UTC; a page out of the HTTP cache came when it was stored."""
    stored = response.meta.get("cache_timestamp")
    moment = datetime.fromtimestamp(stored, UTC) if stored else datetime.now(UTC)
    return moment.replace(microsecond=0).isoformat().replace("+00:00", "Z")
