"""What the spiders share: fetching stories, all pages of each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, ClassVar, Self

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import DontCloseSpider
from scrapy.http import Response
from twisted.python.failure import Failure as TwistedFailure

from peoplesdaily import parsers
from peoplesdaily.items import Article
from peoplesdaily.parsers import PageError
from peoplesdaily.runs.failures import RUN_ENDS, describe
from peoplesdaily.runs.stats import figures
from peoplesdaily.runs.verdicts import ArticleVerdict
from peoplesdaily.site import urls
from peoplesdaily.site.editions import EDITIONS
from peoplesdaily.spiders.arguments import ArgumentError
from peoplesdaily.spiders.further_pages import FurtherPages, Story, page_numbers
from peoplesdaily.spiders.noting import NotingSpider
from peoplesdaily.spiders.responses import asked_url, downloaded_at, read_story_page
from peoplesdaily.storage.index.models import INCOMPLETE, StoredArticle, utc_now
from peoplesdaily.storage.index.session import conditional

# Lists go before articles, so that an article is written with every section that lists it.
_ARTICLE = 0
# Articles requested at a time, so that those of a backfill of years are not all in memory.
_BATCH = 500
_FEW = 2


class StorySpider(FurtherPages, NotingSpider):
    """Fetch stories, all pages of each, and yield one :class:`~peoplesdaily.items.Article` each.

    Children offer what a list names to :attr:`frontier`. Stories are requested when all lists are
    read.
    """

    argument_error: ArgumentError | None = None
    """Why this spider cannot run with its arguments; the run is refused with it."""

    DECIDES_UNRECOGNISED: ClassVar[bool] = False
    """Whether pages in an unrecognised template are written only if they are few."""

    allowed_domains: ClassVar[list[str]] = [
        name for edition in EDITIONS for name in (*edition.hosts, *edition.domains)
    ]

    def __init__(self, **arguments: Any) -> None:
        super().__init__(**arguments)
        self._unrecognised: dict[str, tuple[Response, bool]] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        try:
            spider = super().from_crawler(crawler, *args, **kwargs)
        except ArgumentError as error:
            # Raised in a script, it would be a traceback and exit code 0.
            spider = super().from_crawler(crawler)
            spider.argument_error = error
        spider.arguments = {k: str(v) for k, v in kwargs.items() if not k.startswith("_")}
        crawler.signals.connect(spider.release_waiting, signals.spider_idle)
        return spider

    # --- Requests ----------------------------------------------------------------------------

    def release(self, most: int | None = None) -> Iterator[Request]:
        """The requests for the stories that wait, at most so many."""
        for story in self.frontier.take(most):
            again = self.session.index.articles.latest(story.id) is not None
            yield self.story_request(story.url, story.id, again=again)

    def release_waiting(self) -> None:
        """Go on with the stories when every list is read. Scrapy's signal ``spider_idle``."""
        if self.dry_run:
            return
        requests = list(self.release(_BATCH)) or list(self.decide_unrecognised())
        if requests:
            assert self.crawler.engine
            for request in requests:
                self.crawler.engine.crawl(request)
            raise DontCloseSpider

    def story_request(
        self, url: str, id_: str, *, again: bool = False, stored: StoredArticle | None = None
    ) -> Request:
        """The request for a story's first page.

        :param again: whether the story is stored already.
        :param stored: what is stored; the page is then sent only if it has changed.
        """
        self.run.articles.ask(id_, url, self.frontier.listed_in(id_))
        unless: dict[str, str] = {}
        # A change of a further page does not show in the first page's validators.
        if stored and stored.pages == 1:
            unless = conditional(stored.etag, stored.last_modified)
        return self.first_page(
            url,
            id_,
            again=again,
            headers=unless,
            meta={"handle_httpstatus_list": [304]} if unless else {},
        )

    def first_page(
        self,
        url: str,
        id_: str,
        *,
        again: bool,
        rare: bool = False,
        missing: frozenset[int] = frozenset(),
        **more: Any,
    ) -> Request:
        """The request for the page that a story is read from first; see :meth:`parse_story`."""
        return Request(
            url,
            callback=self.parse_story,
            errback=self.story_failed,
            priority=_ARTICLE,
            dont_filter=rare,
            cb_kwargs={"id_": id_, "again": again, "rare": rare, "missing": missing},
            **more,
        )

    # --- Stories -----------------------------------------------------------------------------

    def parse_story(
        self,
        response: Response,
        id_: str | None = None,
        again: bool = False,
        rare: bool = False,
        missing: frozenset[int] = frozenset(),
    ) -> Iterator[Request | Article]:
        """Read a story's first page.

        :param id_: the story that was asked for; left out in ``scrapy parse``.
        :param rare: whether few pages of the run are in an unrecognised template.
        :param missing: numbers of pages before it that are gone.
        """
        if id_ is None:
            address = urls.article(asked_url(response))
            id_ = address.id if address else ""
        if response.status == 304:
            self.session.fetched(id_, response)
            self.session.unchanged(id_)
            self.run.articles.decide(id_, ArticleVerdict.UNCHANGED)
            return
        try:
            page = read_story_page(response)
        except PageError as error:
            self._refused(response, error, id_, again)
            return
        if page.address.id != id_:
            moved = self.frontier.pending(id_, asked_url(response), "moved")
            self.session.index.pending.moved(moved, page.address.id, utc_now())
            self.run.articles.decide(id_, ArticleVerdict.ALIAS)
            if page.address.id in self.run.articles:
                # Its own request decides what becomes of it.
                return
            id_ = page.address.id
            self.run.articles.ask(id_, page.address.story_url)
        unrecognised = page.template == parsers.GENERIC.name
        if unrecognised and self.DECIDES_UNRECOGNISED and not rare:
            self._unrecognised[id_] = response, again
            return
        # The validators of a further page are not those of the first.
        if not missing:
            self.session.fetched(page.address.id, response)
        if unrecognised:
            self.count("articles/generic")
            sections = self.frontier.sections_of(id_)
            self.run.notes.page_problem(sections, parsers.GENERIC.name, page.address.story_url)
            self.keep_unknown(response, page.address.id)
        yield from self.go_on(Story({page.address.page: page}, missing, downloaded_at(response)))

    def parse(self, response: Response, **arguments: Any) -> Iterator[Any]:
        """What ``scrapy parse`` calls by default."""
        return self.parse_story(response, **arguments)

    def story_read(self, story: Story) -> Iterator[Article]:
        """Yield a story whose pages are all read or lost, if it is wanted."""
        sections = self.frontier.sections_of(story.id)
        article = parsers.merge(
            story.pages.values(),
            crawled_at=story.crawled_at,
            section=sections[0] if sections else None,
            sections=sections,
        )
        published = article.published_at or article.published_on
        if not self.frontier.wants(story.id, published):
            self.run.articles.decide(story.id, ArticleVerdict.OUTSIDE_WINDOW)
            self.session.index.pending.outside_window(story.id, published)
            return
        if story.missing:
            self.count("articles/incomplete")
            reason = f"pages missing: {page_numbers(story.missing)}"
            self.session.failed(self.frontier.pending(story.id, article.url, INCOMPLETE, reason))
        else:
            self.session.index.pending.complete(story.id)
        yield article

    def decide_unrecognised(self) -> Iterator[Request]:
        """Read pages in an unrecognised template after all if they are few; request them again.

        If they are many the site has a new design, and the general extractor would only guess:
        the stories stay pending until the template is described.
        """
        held, self._unrecognised = self._unrecognised, {}
        assert self.crawler.stats
        found = figures(self.crawler.stats.get_stats())
        tried = len(held) + sum(
            found[name] for name in ("written", "unchanged", "duplicates", "rejected", "failed")
        )
        few = len(held) <= self.settings.getfloat("MAX_UNKNOWN_SHARE") * tried or (
            # A page that stays unrecognised while others are read is an exception.
            len(held) <= _FEW and held.keys() <= self.frontier.tried_before and found["written"] > 0
        )
        for id_, (response, again) in held.items():
            if few:
                yield self.first_page(asked_url(response), id_, again=again, rare=True)
            else:
                error = parsers.UnknownTemplateError(
                    response.url, "one of many in no template we know"
                )
                self._refused(response, error, id_, again)

    # --- Failures ----------------------------------------------------------------------------

    def story_failed(self, failure: TwistedFailure) -> Iterable[Request]:
        """Count and log an article that could not be fetched."""
        found = describe(failure.value)
        request: Request = failure.request  # type: ignore[attr-defined]
        url, arguments = request.url, request.cb_kwargs
        id_, again = arguments["id_"], arguments["again"]
        if again and found.gone:
            # What is stored stays: it was published.
            self.logger.warning("Article withdrawn by the site: %s: %s", url, found.sentence)
            self.session.index.pending.drop(id_)
            self.run.articles.decide(id_, ArticleVerdict.WITHDRAWN)
            return ()
        self.logger.warning("Article not fetched: %s: %s", url, found.sentence)
        gone = self._failed(id_, url, found.kind, found.sentence, again)
        verdict = ArticleVerdict.GONE if gone else ArticleVerdict.FAILED
        if found.kind == RUN_ENDS:
            verdict = ArticleVerdict.CUT_OFF
        reason = found.kind if verdict is ArticleVerdict.FAILED else None
        self.run.articles.decide(id_, verdict, reason)
        return ()

    def _failed(self, id_: str, url: str, kind: str, reason: str, again: bool) -> bool:
        """Record a failure; of a stored article only a missing page is pending.

        :returns: whether the article is gone now.
        """
        if id_ in self.frontier.tried_before:
            self.count("articles/failed_again")
        self.run.notes.failure(url, kind, reason, self.frontier.section_of(id_))
        address = urls.article(url)
        if again:
            self.session.still_incomplete(id_)
            return False
        story_url = address.story_url if address else url
        return self.session.failed(self.frontier.pending(id_, story_url, kind, reason))

    def _refused(self, response: Response, error: PageError, id_: str, again: bool) -> None:
        verdict = ArticleVerdict.NOT_AN_ARTICLE
        if isinstance(error, parsers.UnknownTemplateError):
            verdict = ArticleVerdict.UNKNOWN_TEMPLATE
            address = urls.article(error.url)
            self.keep_unknown(response, address.id if address else "unknown")
        self.run.articles.decide(id_, verdict)
        asked = asked_url(response)
        # A page that is no article is requested again several times, and reported once.
        if id_ not in self.frontier.tried_before or verdict is not ArticleVerdict.NOT_AN_ARTICLE:
            self.run.notes.page_problem(self.frontier.sections_of(id_), verdict, asked)
        self.logger.warning("Article not read: %s: %s", asked, error.reason)
        self._failed(id_, asked, verdict, error.reason, again)
