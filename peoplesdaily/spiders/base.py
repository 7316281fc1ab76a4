"""What the spiders share: fetching stories whole, and walking a section's list."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, ClassVar, Self

from scrapy import Request, Spider, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import DontCloseSpider
from scrapy.http import Response
from twisted.python.failure import Failure as TwistedFailure

from peoplesdaily import parsers
from peoplesdaily.items import Article
from peoplesdaily.parsers import ListedArticle, PageError, StoryPage
from peoplesdaily.parsers.fields.dates import Stamp
from peoplesdaily.runs.failures import describe
from peoplesdaily.runs.notes import FailedPage
from peoplesdaily.runs.stats import figures
from peoplesdaily.site import urls
from peoplesdaily.site.editions import EDITIONS
from peoplesdaily.site.sections import SECTIONS
from peoplesdaily.spiders.arguments import ArgumentError, Window, count
from peoplesdaily.spiders.responses import asked_url, downloaded_at, read_story_page
from peoplesdaily.storage.index.models import (
    INCOMPLETE,
    LISTED,
    Known,
    ListPage,
    Owed,
    State,
    Walk,
    moment,
)
from peoplesdaily.storage.index.session import Session, conditional, session_of
from peoplesdaily.storage.raw_pages import keep_page
from peoplesdaily.utils.atomic_files import explain, output_dir

# Lists go before articles, so that an article is written with every section that lists it; the
# further pages of a story go first of all, so that few stories are half-read at any time.
_PART, _ARTICLE = 20, 0
# Articles asked for at a time: those of a backfill of years are not all in memory.
_BATCH = 500
_MOST_FAILURES = 5
_MOST_PARTS = 300
_FEW = 2


class StorySpider(Spider):
    """Fetch stories, all pages of each, and yield one :class:`~peoplesdaily.items.Article` each.

    Children tell :meth:`offer` what a list names. What is wanted of it is on record in the index
    before anything is asked for, and requested when all lists are read, the oldest story first,
    so that a repost comes after what it repeats.

    :param max_articles: articles at most, the first ones offered.
    :param sample: articles at most of each section, likewise.
    :ivar window: publication times that are wanted; all of them, unless a child sets another.
    :ivar dry_run: whether lists are read and nothing else; what would be asked for is said.
    :ivar failures: the first pages that could not be fetched or read.
    :ivar layouts: which markup listed a section's articles, by section.
    :ivar by_section: counts of the lists, by section: ``listed``, ``lists_read`` and so on.
    :ivar trouble: pages that were not read as they should, by section and what was wrong: the
        addresses. Those that earlier runs have met are left out.
    """

    argument_error: ArgumentError | None = None
    """Why this spider cannot run with its arguments; the run is refused with it."""

    DOUBTS_UNKNOWN: ClassVar[bool] = False
    """Whether pages in no known template are written only if they are few."""

    allowed_domains: ClassVar[list[str]] = [
        name for edition in EDITIONS for name in (*edition.hosts, *edition.domains)
    ]

    def __init__(
        self,
        max_articles: str | int | None = None,
        sample: str | int | None = None,
        **other: Any,
    ) -> None:
        super().__init__(**other)
        self.window = Window()
        self.article_limit = count("max_articles", max_articles)
        self.sample = count("sample", sample)
        self.dry_run = False
        self.failures: list[FailedPage] = []
        self.by_section: dict[str, Counter[str]] = {}
        self.layouts: dict[str, str] = {}
        self.trouble: dict[tuple[str, str], list[str]] = {}
        self._listed_in: dict[str, list[str]] = {}
        self._waiting: list[Owed] = []
        self._doubtful: dict[str, tuple[Response, bool]] = {}
        self._wanted_before: set[str] = set()
        self._tried_before: set[str] = set()

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        try:
            spider = super().from_crawler(crawler, *args, **kwargs)
        except ArgumentError as error:
            # Raised in a script, it would be a traceback and exit code 0.
            spider = super().from_crawler(crawler)
            spider.argument_error = error
        crawler.signals.connect(spider.release_waiting, signals.spider_idle)
        return spider

    @property
    def session(self) -> Session:
        """This run's use of the index."""
        return session_of(self.crawler)

    def note(self, section: str, name: str, number: int = 1) -> None:
        """Add to a count of one section."""
        self.by_section.setdefault(section, Counter())[name] += number

    def note_trouble(self, sections: Iterable[str], name: str, url: str) -> None:
        """Keep the address of a page of sections that was not read as it should."""
        for section in sections:
            self.trouble.setdefault((section, name), []).append(url)

    def note_failure(self, url: str, kind: str, reason: str, section: str | None = None) -> None:
        """Keep a failure as an example for whoever looks into it, some of every section."""
        told = sum(failure.section == section for failure in self.failures)
        if told < _MOST_FAILURES:
            self.failures.append(FailedPage(url, kind, reason, section))

    def count(self, name: str, number: int = 1) -> None:
        """Add to the statistic ``peoplesdaily/name``; docs/reading-a-run.md lists them all."""
        assert self.crawler.stats
        self.crawler.stats.inc_value(f"peoplesdaily/{name}", number)

    @property
    def full(self) -> bool:
        """Whether as many stories as ``max_articles`` allows have been asked for."""
        return self.article_limit is not None and len(self._listed_in) >= self.article_limit

    @property
    def floor(self) -> str:
        """``since`` as the index writes moments; ``""`` where there is none."""
        return moment(self.window.since) if self.window.since else ""

    def offer(
        self,
        articles: Sequence[ListedArticle],
        section: str | None = None,
        walk: Walk | None = None,
        page: ListPage | None = None,
    ) -> str | None:
        """Take down what a page of a list names, and ask later for what is new and wanted.

        :param section: the section whose list it is; an article is written with all of them.
        :param page: the page for the index, which remembers it if nothing on it is left out.
        :returns: the moment down to which everything on it is known or owed now, ``""`` for all of
            it, ``None`` where something is left out for another reason than ``since``.
        """
        ids = [article.address.id for article in articles]
        states = self.session.states(ids)
        wanted: list[Owed] = []
        sampled = self._left_to_sample(section)
        floor: str | None = "" if self.window.until is None else None
        for article in articles:
            id_ = article.address.id
            if self._is_taken(id_, section) or self._is_settled(states[id_]):
                continue
            if not self._in_window(article, states[id_]):
                self.count("articles/outside_window")
                floor = None if floor is None else self.floor
            elif self.full or sampled == 0:
                floor = None
            else:
                sampled = None if sampled is None else sampled - 1
                self._listed_in[id_] = [section] if section else []
                wanted.append(self._debt(id_, article.address.story_url, LISTED))
        remembered = replace(page, floor=floor) if page and floor is not None else None
        mine = self.session.note_listed(ids, section, walk, wanted, remembered)
        self._waiting += [debt for debt in wanted if debt.id in mine]
        if len(mine) < len(wanted):
            self.count("articles/elsewhere", len(wanted) - len(mine))
        return floor

    def _left_to_sample(self, section: str | None) -> int | None:
        """How many more stories of a section a sample takes, ``None`` where it takes all."""
        if self.sample is None:
            return None
        taken = sum(names[:1] == [section] for names in self._listed_in.values())
        return max(0, self.sample - taken)

    def _is_taken(self, id_: str, section: str | None) -> bool:
        """Whether this run has asked for a story already; it gains the section then."""
        known = self._listed_in.get(id_)
        if known is not None and section and section not in known:
            known.append(section)
        return known is not None

    def _is_settled(self, state: State) -> bool:
        """Whether there is nothing to ask for, or not now."""
        if state.known:
            self.count("articles/known")
        elif state.settled:
            self.count("articles/settled")
        elif not state.due:
            self.count("articles/owed")
        return state.known or state.settled or not state.due

    def _in_window(self, article: ListedArticle, state: State) -> bool:
        if state.owed is not None and state.published is None:
            # An earlier run wanted it.
            self._wanted_before.add(article.address.id)
            return True
        stamps = listed_stamps(article) if state.published is None else [_stamp(state.published)]
        return not stamps or any(self.window.covers(stamp) for stamp in stamps)

    def offer_debts(self, sections: Sequence[str] = ()) -> None:
        """Ask again for what earlier runs could not get and is due."""
        for debt in self.session.due(self.name, sections, self._covers):
            if not self.full and debt.id not in self._listed_in:
                self._listed_in[debt.id] = [debt.section] if debt.section else []
                self._wanted_before.add(debt.id)
                self._waiting.append(debt)
                if debt.tries:
                    self._tried_before.add(debt.id)
                    self.count("articles/tried_again")

    @property
    def waiting(self) -> list[Owed]:
        """The stories that are to be asked for."""
        return list(self._waiting)

    def _covers(self, debt: Owed) -> bool:
        return debt.published is None or self.window.covers(_stamp(debt.published))

    def release(self, most: int | None = None) -> Iterator[Request]:
        """The requests for what was offered, the oldest first.

        :param most: number of stories; the others wait on.
        """
        # Content ids grow with time.
        self._waiting.sort(key=lambda debt: (len(debt.id), debt.id))
        waiting, self._waiting = self._waiting[:most], self._waiting[len(self._waiting[:most]) :]
        for debt in waiting:
            yield self.story_request(
                debt.url, debt.id, again=self.session.latest(debt.id) is not None
            )

    def release_waiting(self) -> None:
        """Go on with the stories when every list is read. Scrapy's signal ``spider_idle``."""
        if self.dry_run:
            return
        requests = list(self.release(_BATCH)) or list(self.settle_doubts())
        if requests:
            assert self.crawler.engine
            for request in requests:
                self.crawler.engine.crawl(request)
            raise DontCloseSpider

    def story_request(
        self, url: str, id_: str, *, again: bool = False, known: Known | None = None
    ) -> Request:
        """The request for a story's first page.

        :param again: whether its line is stored already.
        :param known: what is stored, to be asked for only if it has changed.
        """
        self.count("articles/requested")
        # What a further page says shows in that page only.
        unless = conditional(known.etag, known.last_modified) if known and known.pages == 1 else {}
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

    def _debt(self, id_: str, url: str, kind: str, reason: str | None = None) -> Owed:
        sections = self._listed_in.get(id_)
        return Owed(id_, url, self.name, sections[0] if sections else None, kind, reason)

    def list_lost(self, name: str, url: str, reason: str, kind: str) -> None:
        """Count and name a list page that could not be fetched or read.

        :param name: which list it is, for the log.
        :param kind: short name of the reason, for statistics.
        """
        self.count("lists/failed")
        self.count(f"lists/failed/{kind}")
        self.note_failure(url, kind, reason, name if name in SECTIONS else None)
        self.logger.error("List of %s not read: %s: %s", name, url, reason)

    def sections_of(self, id_: str) -> list[str]:
        """The sections that have listed a story, the one that led here first."""
        return list(dict.fromkeys((*self._listed_in.get(id_, ()), *self.session.sections_of(id_))))

    def wanted(self, article: Article) -> bool:
        """Whether a story that was read is to be written."""
        if not self.window or article.id in self._wanted_before or not article.published_on:
            return True
        return self.window.covers(_stamp(article.published_at or article.published_on))

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
        :param rare: whether few pages of the run are in no template that is known.
        :param missing: numbers of pages before it that are gone.
        """
        if id_ is None:
            address = urls.article(asked_url(response))
            id_ = address.id if address else ""
        if response.status == 304:
            self.count("articles/unchanged")
            self.session.fetched(id_, response)
            self.session.unchanged(id_)
            return
        try:
            page = read_story_page(response)
        except PageError as error:
            self._refused(response, error, id_, again)
            return
        if page.address.id != id_:
            self.session.moved(self._debt(id_, asked_url(response), "moved"), page.address.id)
        unknown = page.template == parsers.GENERIC.era
        if unknown and self.DOUBTS_UNKNOWN and not rare:
            self._doubtful[id_] = response, again
            return
        # What the server says of a further page is not true of the first.
        if not missing:
            self.session.fetched(page.address.id, response)
        if unknown:
            self.count("articles/generic")
            self.note_trouble(self.sections_of(id_), parsers.GENERIC.era, page.address.story_url)
            self._keep(response, page.address.id)
        yield from self._go_on({page.address.page: page}, missing, downloaded_at(response))

    def parse(self, response: Response, **arguments: Any) -> Iterator[Any]:
        """What ``scrapy parse`` calls by default."""
        return self.parse_story(response, **arguments)

    def settle_doubts(self) -> Iterator[Request]:
        """Read pages in no known template after all if they are few; ask for them once more.

        Where they are many the site has a new design, and what the general extractor makes of it
        would be a guess a page: the stories stay owed until somebody has described it.
        """
        doubtful, self._doubtful = self._doubtful, {}
        assert self.crawler.stats
        found = figures(self.crawler.stats.get_stats())
        tried = len(doubtful) + sum(
            found[name] for name in ("written", "unchanged", "duplicates", "rejected", "failed")
        )
        few = len(doubtful) <= self.settings.getfloat("MAX_UNKNOWN_SHARE") * tried or (
            # One that is still odd while others are read is just odd.
            len(doubtful) <= _FEW and doubtful.keys() <= self._tried_before and found["written"] > 0
        )
        for id_, (response, again) in doubtful.items():
            if few:
                yield self.first_page(asked_url(response), id_, again=again, rare=True)
            else:
                error = parsers.UnknownTemplateError(
                    response.url, "one of many in no template we know"
                )
                self._refused(response, error, id_, again)

    def story_failed(self, failure: TwistedFailure) -> Iterable[Request]:
        """Count and name an article that could not be fetched."""
        found = describe(failure.value)
        request: Request = failure.request  # type: ignore[attr-defined]
        url, arguments = request.url, request.cb_kwargs
        id_, again = arguments["id_"], arguments["again"]
        if again and found.gone:
            # Its line stays: what was published was published.
            self.count("articles/withdrawn")
            self.logger.warning("Article withdrawn by the site: %s: %s", url, found.sentence)
            self.session.forgive(id_)
            return ()
        self.count("articles/failed")
        self.count(f"articles/failed/{found.kind}")
        self.logger.warning("Article not fetched: %s: %s", url, found.sentence)
        self._owe(id_, url, found.kind, found.sentence, again)
        return ()

    def _owe(self, id_: str, url: str, kind: str, reason: str, again: bool) -> None:
        """Note what could not be had; of a stored article only a missing page is owed."""
        if id_ in self._tried_before:
            self.count("articles/failed_again")
        self.note_failure(url, kind, reason, next(iter(self._listed_in.get(id_, ())), None))
        address = urls.article(url)
        if again:
            self.session.still_incomplete(id_)
        else:
            story_url = address.story_url if address else url
            self.session.failed(self._debt(id_, story_url, kind, reason))

    def _refused(self, response: Response, error: PageError, id_: str, again: bool) -> None:
        if isinstance(error, parsers.UnknownTemplateError):
            name = "articles/unknown_template"
            address = urls.article(error.url)
            self._keep(response, address.id if address else "unknown")
        else:
            name = "articles/not_an_article"
        self.count(name)
        asked = asked_url(response)
        # A page that turns out to be no article is asked for again several times.
        if id_ not in self._tried_before or name != "articles/not_an_article":
            self.note_trouble(self.sections_of(id_), name.rpartition("/")[2], asked)
        self.logger.warning("Article not read: %s: %s", asked, error.reason)
        self._owe(id_, asked, name.rpartition("/")[2], error.reason, again)

    def _keep(self, response: Response, id_: str) -> None:
        """Keep the raw page for whoever writes the new era."""
        folder = output_dir(self.settings) / "unknown" / id_
        try:
            keep_page(folder, response)
        except OSError as error:
            self.logger.error("Unknown template not kept: %s", explain(error, folder))
        else:
            self.logger.warning("Unknown template: %s, kept in %s", asked_url(response), folder)

    def _go_on(
        self, known: Mapping[int, StoryPage], missing: frozenset[int], crawled_at: str
    ) -> Iterator[Request | Article]:
        """Ask for the story's next page, or yield the story when none is left."""
        linked = {number: url for page in known.values() for number, url in page.others.items()}
        left = sorted(set(linked) - set(known) - missing)
        if left and len(known) + len(missing) >= _MOST_PARTS:
            self.part_missing(linked[left[0]], f"the story has more than {_MOST_PARTS} pages")
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
        article = parsers.merge(
            known.values(),
            crawled_at=crawled_at,
            section=sections[0] if sections else None,
            sections=sections,
        )
        debt = self._debt(id_, article.url, INCOMPLETE, f"pages missing: {_numbers(missing)}")
        if not self.wanted(article):
            self.count("articles/outside_window")
            self.session.not_wanted(debt, article.published_at or article.published_on)
            return
        if missing:
            self.count("articles/incomplete")
            self.session.failed(debt)
        else:
            self.session.whole(id_)
        yield article

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
            page = read_story_page(response)
            if page.address.id != first.address.id or page.address.page != number:
                raise PageError(response.url, "the server sent another page instead")
            if any(_is_same(page, other) for other in known.values()):
                raise PageError(response.url, "the server sent another page of the story again")
        except PageError as error:
            self.part_missing(asked_url(response), error.reason)
            yield from self._go_on(known, missing | {number}, crawled_at)
        else:
            yield from self._go_on({**known, number: page}, missing, crawled_at)

    def part_failed(self, failure: TwistedFailure) -> Iterator[Request | Article]:
        """Go on without a page of a story that could not be fetched; the loss is counted."""
        request: Request = failure.request  # type: ignore[attr-defined]
        self.part_missing(request.url, describe(failure.value).sentence)
        arguments = dict(request.cb_kwargs)
        number = arguments.pop("number")
        arguments["missing"] = arguments["missing"] | {number}
        yield from self._go_on(**arguments)

    def part_missing(self, url: str, reason: str) -> None:
        """Count and name a page of a story that could not be had."""
        self.count("articles/missing_pages")
        self.logger.error(
            "Page of a story missing, the story is written without it: %s: %s", url, reason
        )


def listed_stamps(article: ListedArticle) -> list[Stamp]:
    """An article's date before it is fetched, by the list's word and by the address's."""
    stamps = [article.stamp] if article.stamp else []
    if article.address.day and (not stamps or stamps[0].day != article.address.day):
        stamps.append(Stamp(article.address.day))
    return stamps


def _stamp(published: str) -> Stamp:
    """The date or time of a record as lists print it."""
    when = datetime.fromisoformat(published)
    return Stamp(when.date(), when.time() if "T" in published else None)


def _numbers(pages_: Iterable[int]) -> str:
    return ", ".join(map(str, sorted(pages_)))


def _is_same(page: StoryPage, other: StoryPage) -> bool:
    """Whether two pages of a story tell and show the same, and not merely nothing."""
    told = page.paragraphs, page.images, page.videos
    return any(told) and told == (other.paragraphs, other.images, other.videos)
