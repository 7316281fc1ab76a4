"""Fetch what the publisher's search service finds."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from datetime import datetime
from typing import Any

from scrapy import Request
from scrapy.http import JsonRequest, Response
from twisted.python.failure import Failure as TwistedFailure

from peoplesdaily.parsers import PageError
from peoplesdaily.parsers.fields.dates import BEIJING
from peoplesdaily.parsers.search import SearchResults, parse_search
from peoplesdaily.runs.failures import describe
from peoplesdaily.runs.verdicts import ListVerdict
from peoplesdaily.site.editions import ENGLISH
from peoplesdaily.spiders.arguments import ArgumentError, Window, count, known_only
from peoplesdaily.spiders.base import StorySpider
from peoplesdaily.spiders.listings import MOST_FAILED_LISTS
from peoplesdaily.spiders.navigation import LIST_PRIORITY
from peoplesdaily.spiders.responses import page_text

#: By http only: https redirects to it, by 301, or answers 405.
SERVICE = "http://search.people.cn/search-platform/front/search"
#: Results on a page, the most that the service gives.
RESULTS = 100


class SearchSpider(StorySpider):
    """Query the publisher's search service and fetch the articles of the English edition it finds.

    Arguments (``-a``):

    - ``q``: the words to search for, in title and text;
    - ``since``, ``until``: publication time, a day or ``3d``/``12h`` back from now, Beijing time;
    - ``pages``: pages of 100 results at most (``all`` is the default);
    - ``max_articles``: articles at most, the first ones found.

    The service is that of 2021 and later, at search.people.cn, as public crawlers of the Chinese
    edition use it; its index begins about 2021. Whether it covers the English edition is
    unverified, and so is what ``type``, ``sortType`` and ``isFuzzy`` do: they have the values that
    those crawlers send to collect by keyword.
    """

    name = "search"

    def __init__(
        self,
        q: str | None = None,
        since: str | None = None,
        until: str | None = None,
        pages: str | int | None = None,
        max_articles: str | int | None = None,
        **other: Any,
    ) -> None:
        known_only(other, type(self))
        super().__init__(max_articles=max_articles, **other)
        self.key = " ".join((q or "").split())
        if not self.key:
            self.argument_error = ArgumentError("nothing to search for: use -a q='belt and road'")
        self.window = Window.parse(since, until, datetime.now(BEIJING))
        self.page_limit = count("pages", pages, unlimited="all")
        self._seen: set[tuple[str, ...]] = set()

    async def start(self) -> AsyncIterator[Any]:
        """Request the first page of results."""
        self.logger.info(
            "Search for %r: whether the service covers the English edition is unverified", self.key
        )
        self.frontier.offer_due()
        yield self._search_request(1)

    def _search_request(
        self, number: int, failed: int = 0, page_count: int | None = None
    ) -> Request:
        since, until = self.window.since, self.window.until
        body = {
            "key": self.key,
            "page": number,
            "limit": RESULTS,
            "hasTitle": True,
            "hasContent": True,
            "isFuzzy": False,
            "type": 0,
            "sortType": 2,
            # 0 is open; the window's end is the first moment outside.
            "startTime": max(_milliseconds(since), 0) if since else 0,
            "endTime": max(_milliseconds(until) - 1, 1) if until else 0,
        }
        self.run.lists.ask(_name(number), SERVICE)
        return JsonRequest(
            SERVICE,
            data=body,
            callback=self.parse_results,
            errback=self.search_failed,
            # All results before the first article, for new articles move them.
            priority=LIST_PRIORITY,
            dont_filter=True,
            # A redirect makes an empty GET of it, and that answers with no results at all.
            meta={"dont_redirect": True},
            cb_kwargs={"number": number, "failed": failed, "page_count": page_count},
        )

    def parse_results(
        self, response: Response, number: int, failed: int, page_count: int | None
    ) -> Iterator[Request]:
        """Read one page of results."""
        try:
            found = parse_search(page_text(response), response.url)
        except PageError as error:
            self.list_lost(_name(number), _name(number), SERVICE, error.reason, "unrecognised")
            yield from self._step_over(number, failed, page_count)
            return
        self.run.lists.decide(_name(number), ListVerdict.READ)
        if found.nameless:
            self.count("articles/without_address", found.nameless)
            self.logger.warning(
                "Search results, page %d: %d without an address left out", number, found.nameless
            )
        if found.addresses and found.addresses in self._seen:
            self.logger.info("Search results repeat themselves at page %d: end", number)
            return
        self._seen.add(found.addresses)
        english = [article for article in found.articles if article.address.edition is ENGLISH]
        self.count("articles/listed", len(english))
        self.count("articles/other_edition", len(found.addresses) - len(english))
        self.logger.info(
            "Search results, page %d of %d: %d of %d in all, %d of them of the English edition",
            number, found.pages, len(found.addresses), found.total, len(english),
        )  # fmt: skip
        self.frontier.offer(english)
        if self._goes_on(found, number):
            yield self._search_request(number + 1, page_count=found.pages)

    def search_failed(self, failure: TwistedFailure) -> Iterator[Request]:
        """Count and log a page of results that could not be fetched."""
        request: Request = failure.request  # type: ignore[attr-defined]
        found = describe(failure.value)
        name = _name(request.cb_kwargs["number"])
        self.list_lost(name, name, SERVICE, found.sentence, found.kind)
        yield from self._step_over(**request.cb_kwargs)

    def _step_over(self, number: int, failed: int, page_count: int | None) -> Iterator[Request]:
        """Skip a page that was lost, where the service has said that more follow."""
        if page_count is None or number >= page_count or failed + 1 >= MOST_FAILED_LISTS:
            return
        if self.page_limit is None or number < self.page_limit:
            yield self._search_request(number + 1, failed + 1, page_count)

    def _goes_on(self, found: SearchResults, number: int) -> bool:
        """Whether to request the next page of results; the log says why not."""
        if not found.addresses or number >= found.pages:
            return False
        if self.page_limit is not None and number >= self.page_limit:
            self.logger.info("Search results: the limit of %d pages is reached", number)
            return False
        if self.frontier.full:
            self.logger.info("Search results: max_articles is reached")
            return False
        return True


def _name(number: int) -> str:
    return f"search results, page {number}"


def _milliseconds(when: datetime) -> int:
    return int(when.timestamp() * 1000)
