"""Which stories a run wants, and in which order it asks for them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from peoplesdaily.parsers import ListedArticle
from peoplesdaily.parsers.fields.dates import Stamp
from peoplesdaily.spiders.arguments import Window
from peoplesdaily.storage.index import Index, ListingPass, ListPage, PendingArticle, State
from peoplesdaily.storage.index.models import LISTED, NO_PASS, moment, utc_now


class Frontier:
    """The stories that a run is to fetch, without anything that fetches them.

    What is wanted is pending in the index before it is handed out, the oldest story first, so that
    a repost comes after its original.

    :param run: name of the run, which reserves its stories in the index.
    :param spider: name of the spider, for pending articles.
    :param window: publication times that are wanted.
    :param max_articles: stories at most, the first ones offered.
    :param sample: stories at most of each section, likewise.
    :param count: adds to a statistic of the run, such as ``articles/listed/stored``.
    :ivar tried_before: stories that an earlier run failed to fetch.
    """

    def __init__(
        self,
        index: Index,
        run: str,
        spider: str,
        *,
        window: Window | None = None,
        max_articles: int | None = None,
        sample: int | None = None,
        count: Callable[[str, int], None] = lambda name, number: None,
    ) -> None:
        self.index = index
        self.run = run
        self.spider = spider
        self.window = window or Window()
        self.max_articles = max_articles
        self.sample = sample
        self._count = count
        self.tried_before: set[str] = set()
        self._wanted_before: set[str] = set()
        self._listed_in: dict[str, list[str]] = {}
        self._waiting: list[PendingArticle] = []

    def __contains__(self, id_: object) -> bool:
        """Whether this run has asked for a story, or is going to."""
        return id_ in self._listed_in

    @property
    def full(self) -> bool:
        """Whether there are as many stories as ``max_articles`` allows."""
        return self.max_articles is not None and len(self._listed_in) >= self.max_articles

    @property
    def watermark(self) -> str:
        """``since`` as the index writes moments; ``""`` where there is none."""
        return moment(self.window.since) if self.window.since else ""

    @property
    def waiting(self) -> tuple[PendingArticle, ...]:
        """The stories that have not been handed out yet."""
        return tuple(self._waiting)

    def offer(
        self,
        articles: Sequence[ListedArticle],
        section: str | None = None,
        listing_pass: ListingPass | None = None,
        page: ListPage | None = None,
    ) -> str | None:
        """Take from a page of a list what is new and wanted.

        :param section: the section whose list it is; an article is written with all of them.
        :param page: the page for the index, which records it if no article on it is left out.
        :returns: the moment down to which all its articles are stored or pending now, ``""`` for
            all of them, ``None`` where one is left out for another reason than ``since``.
        """
        ids = [article.address.id for article in articles]
        states = self.index.listings.states(ids, utc_now())
        wanted: list[PendingArticle] = []
        sampled = self._left_to_sample(section)
        watermark: str | None = "" if self.window.until is None else None
        for article in articles:
            id_ = article.address.id
            if self._is_taken(id_, section) or self._has_outcome(states[id_]):
                continue
            if not self._in_window(article, states[id_]):
                self._count("articles/listed/outside_window", 1)
                watermark = None if watermark is None else self.watermark
            elif self.full or sampled == 0:
                watermark = None
            else:
                sampled = None if sampled is None else sampled - 1
                self.add(id_, section)
                wanted.append(self.pending(id_, article.address.story_url, LISTED))
        if page is not None:
            page = None if watermark is None else replace(page, watermark=watermark)
        number = listing_pass.number if listing_pass else NO_PASS
        with self.index.transaction():
            self.index.listings.record(ids, section, number, wanted, page, utc_now())
            mine = self.index.leases.take([article.id for article in wanted], self.run)
        self._waiting += [article for article in wanted if article.id in mine]
        if len(mine) < len(wanted):
            self._count("articles/listed/elsewhere", len(wanted) - len(mine))
        return watermark

    def offer_due(self, sections: Sequence[str] = ()) -> None:
        """Take what earlier runs could not fetch and is due."""
        found = [
            article
            for article in self.index.pending.due(self.spider, sections, utc_now())
            if article.published is None or self.window.covers(_stamp(article.published))
        ]
        mine = self.index.leases.take([article.id for article in found], self.run)
        for article in found:
            if article.id in mine and not self.full and article.id not in self:
                self.add(article.id, article.section)
                self._wanted_before.add(article.id)
                self._waiting.append(article)
                if article.tries:
                    self.tried_before.add(article.id)
                    self._count("articles/tried_again", 1)

    def add(self, id_: str, section: str | None) -> None:
        """Note that this run asks for a story."""
        self._listed_in[id_] = [section] if section else []

    def take(self, most: int | None = None) -> list[PendingArticle]:
        """Hand out waiting stories, the oldest first.

        :param most: number of stories; the others wait.
        """
        # Content ids grow with time.
        self._waiting.sort(key=lambda article: (len(article.id), article.id))
        taken = self._waiting[:most]
        self._waiting = self._waiting[len(taken) :]
        return taken

    def pending(self, id_: str, url: str, kind: str, reason: str | None = None) -> PendingArticle:
        """A story of this run as the index records it."""
        return PendingArticle(id_, url, self.spider, self.section_of(id_), kind, reason)

    def listed_in(self, id_: str) -> list[str]:
        """The sections whose lists led this run to a story."""
        return self._listed_in.get(id_, [])

    def section_of(self, id_: str) -> str | None:
        """The section that led this run to a story first."""
        return next(iter(self.listed_in(id_)), None)

    def sections_of(self, id_: str) -> list[str]:
        """The sections that have listed a story, the one that led here first."""
        on_record = self.index.listings.sections_of(id_)
        return list(dict.fromkeys((*self.listed_in(id_), *on_record)))

    def wants(self, id_: str, published: str) -> bool:
        """Whether a story that was read is to be written.

        :param published: its date or time as in a record; ``""`` where the page prints none.
        """
        if not self.window or id_ in self._wanted_before or not published:
            return True
        return self.window.covers(_stamp(published))

    def _left_to_sample(self, section: str | None) -> int | None:
        """How many more stories of a section a sample takes, ``None`` where it takes all."""
        if self.sample is None:
            return None
        taken = sum(names[:1] == [section] for names in self._listed_in.values())
        return max(0, self.sample - taken)

    def _is_taken(self, id_: str, section: str | None) -> bool:
        """Whether this run has the story already; the section is added to it then."""
        sections = self._listed_in.get(id_)
        if sections is not None and section and section not in sections:
            sections.append(section)
        return sections is not None

    def _has_outcome(self, state: State) -> bool:
        """Whether there is nothing to fetch, or not now."""
        if state.stored:
            self._count("articles/listed/stored", 1)
        elif state.gone:
            self._count("articles/listed/gone", 1)
        elif not state.due:
            self._count("articles/listed/pending", 1)
        return state.stored or state.gone or not state.due

    def _in_window(self, article: ListedArticle, state: State) -> bool:
        if state.pending is not None and state.published is None:
            # An earlier run wanted it.
            self._wanted_before.add(article.address.id)
            return True
        stamps = listed_stamps(article) if state.published is None else [_stamp(state.published)]
        return not stamps or any(self.window.covers(stamp) for stamp in stamps)

    def lies_before(self, articles: Iterable[ListedArticle]) -> bool:
        """Whether all articles are dated, and older than the window.

        Lists are not strictly sorted: one old article says nothing, a whole page of them does.
        """
        return all(
            (stamps := listed_stamps(article))
            and all(self.window.follows(stamp) for stamp in stamps)
            for article in articles
        )


def listed_stamps(article: ListedArticle) -> list[Stamp]:
    """An article's date before it is fetched, according to the list and to its address."""
    stamps = [article.stamp] if article.stamp else []
    if article.address.day and (not stamps or stamps[0].day != article.address.day):
        stamps.append(Stamp(article.address.day))
    return stamps


def _stamp(published: str) -> Stamp:
    """The date or time of a record as lists print it."""
    when = datetime.fromisoformat(published)
    return Stamp(when.date(), when.time() if "T" in published else None)
