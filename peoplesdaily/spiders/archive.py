"""Fetch the stories on the frozen daily front pages of past days."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator
from datetime import date, datetime, timedelta
from typing import Any

from scrapy import Request, signals
from scrapy.http import Response
from twisted.python.failure import Failure as TwistedFailure

from peoplesdaily import parsers
from peoplesdaily.parsers import PageError
from peoplesdaily.parsers.fields.dates import BEIJING
from peoplesdaily.runs.failures import describe
from peoplesdaily.runs.verdicts import ListVerdict
from peoplesdaily.site import urls
from peoplesdaily.site.editions import ENGLISH
from peoplesdaily.site.sections import SECTIONS
from peoplesdaily.spiders.arguments import ArgumentError, known_only, moment
from peoplesdaily.spiders.base import StorySpider
from peoplesdaily.spiders.responses import page_text
from peoplesdaily.storage.index.models import ListPage
from peoplesdaily.storage.index.session import conditional, validators

#: The days that public crawlers have asked for; what lies outside them is unverified.
FIRST_DAY, LAST_DAY = date(2012, 1, 1), date(2021, 12, 31)

_SECTION = SECTIONS["home"].name
_DAY = timedelta(days=1)


class ArchiveSpider(StorySpider):
    """Read the frozen copies of the front page, one a day, and fetch the stories on them.

    Arguments (``-a``):

    - ``since``, ``until``: the days whose front pages are read, both included, not the days of the
      articles; a day or ``3d`` back from now, Beijing time. ``since`` is required, ``until`` is
      today by default;
    - ``max_articles``: articles at most, the first ones listed.

    The copies stand at ``http://en.people.cn/review/YYYYMMDD.html``. Nine public crawlers have
    read them, for days from 2012-01-01 to 2021; some days have none.
    """

    name = "archive"

    def __init__(
        self,
        since: str | None = None,
        until: str | None = None,
        max_articles: str | int | None = None,
        **other: Any,
    ) -> None:
        known_only(other, type(self))
        super().__init__(max_articles=max_articles, **other)
        if since is None:
            self.argument_error = ArgumentError(
                "no day given: use -a since=2012-01-01, and -a until=2012-01-31"
            )
        self.first, self.last = _bounds(since, until, datetime.now(BEIJING))
        self._asked_days = 0
        self._missing: list[date] = []

    async def start(self) -> AsyncIterator[Any]:
        """Request a day's front page when nothing else waits, so that the queue never holds years
        of days and their articles at once."""
        if self.first < FIRST_DAY or self.last > LAST_DAY:
            self.logger.warning(
                "No source shows daily front pages before %s or after %s: they may be missing",
                FIRST_DAY, LAST_DAY,
            )  # fmt: skip
        assert self.crawler.engine
        self.frontier.offer_due()
        for request in self.release():
            yield request
        for n in range((self.last - self.first).days + 1):
            if self.crawler.engine.needs_backout():
                await self.crawler.signals.wait_for(signals.scheduler_empty)
            if self.frontier.full:
                self.logger.info("Daily front pages: max_articles is reached")
                return
            self._asked_days += 1
            yield self._day_request(self.first + n * _DAY)

    def _day_request(self, day: date) -> Request:
        url = day_url(day)
        page = self.session.index.listings.page(url)
        unless = conditional(page.etag, page.last_modified) if page and not page.watermark else {}
        self.run.lists.ask(f"{day}", url, [_SECTION])
        # No priority over articles, for the queue is to run empty before the next day.
        return Request(
            url,
            headers=unless,
            meta={"handle_httpstatus_list": [304]} if unless else {},
            callback=self.parse_day,
            errback=self.day_failed,
            cb_kwargs={"day": day},
        )

    def parse_day(self, response: Response, day: date) -> Iterator[Request]:
        """Read the front page of a day."""
        asked = day_url(day)
        if response.status == 304:
            # Every article on it is stored or pending.
            self.run.lists.decide(f"{day}", ListVerdict.UNCHANGED)
            return
        if urls.canonical(response.url) != asked:
            # Some sites redirect from a missing page to today's front page.
            self._day_missing(day)
            return
        try:
            listing = parsers.parse_front_page(page_text(response), response.url)
        except PageError as error:
            self.list_lost(f"{day}", f"{day}", asked, error.reason, "unrecognised")
            return
        self.run.lists.decide(f"{day}", ListVerdict.READ)
        self.run.notes.count(_SECTION, "lists_read")
        self.run.notes.count(_SECTION, "listed", len(listing.articles))
        self.count("articles/listed", len(listing.articles))
        self.logger.info("Front page of %s: %d articles", day, len(listing.articles))
        etag, changed = validators(response)
        ids = tuple(article.address.id for article in listing.articles)
        page = ListPage(asked, etag, changed, "", ids, None, None)
        self.frontier.offer(listing.articles, _SECTION, page=page)
        yield from self.release()

    def day_failed(self, failure: TwistedFailure) -> None:
        """Note a day that has no page; count and log any other failure."""
        request: Request = failure.request  # type: ignore[attr-defined]
        day = request.cb_kwargs["day"]
        found = describe(failure.value)
        if found.gone:
            self._day_missing(day)
        else:
            self.list_lost(f"{day}", f"{day}", request.url, found.sentence, found.kind)

    def _day_missing(self, day: date) -> None:
        self.run.lists.decide(f"{day}", ListVerdict.MISSING)
        self._missing.append(day)

    def closed(self, reason: str) -> None:
        """Log the days that have no page. Scrapy calls this at the end of a run."""
        if self._missing:
            self.logger.warning(
                "No front page of %d of %d days: %s",
                len(self._missing), self._asked_days, ", ".join(_ranges(self._missing)),
            )  # fmt: skip


def day_url(day: date) -> str:
    """The address of a day's front page."""
    return f"{ENGLISH.home}review/{day:%Y%m%d}.html"


def _bounds(since: str | None, until: str | None, now: datetime) -> tuple[date, date]:
    """The first and the last day to request; days in the future are left out.

    :raises ArgumentError: a bound cannot be read, or no day is left.
    """
    first, last = _day("since", since, now), _day("until", until, now)
    if first is None:
        return now.date(), now.date()
    if first > now.date():
        raise ArgumentError(f"since={since!r} lies in the future")
    if last and last < first:
        raise ArgumentError(f"since={since!r} lies behind until={until!r}: no day is between")
    return first, min(last or now.date(), now.date())


def _day(name: str, value: str | None, now: datetime) -> date | None:
    when = moment(name, value, now)
    try:
        return when.astimezone(BEIJING).date() if when else None
    except OverflowError:
        raise ArgumentError(f"{name}={value!r} lies outside the calendar") from None


def _ranges(days: Iterable[date]) -> list[str]:
    """Days in order, those in a row as a range.

    >>> _ranges([date(2012, 1, 7), date(2012, 1, 3), date(2012, 1, 8), date(2012, 1, 9)])
    ['2012-01-03', '2012-01-07 to 2012-01-09']
    """
    rows: list[tuple[date, date]] = []
    for day in sorted(days):
        if rows and rows[-1][1] + _DAY == day:
            rows[-1] = (rows[-1][0], day)
        else:
            rows.append((day, day))
    return [f"{first}" if first == last else f"{first} to {last}" for first, last in rows]
