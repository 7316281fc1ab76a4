"""One page, fetched with the manners of a crawl: robots.txt, user agent, proxy, retries."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any, ClassVar

from scrapy import Request, Spider
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.extensions.feedexport import FeedExporter
from scrapy.extensions.logstats import LogStats
from scrapy.http import Response
from scrapy.settings import Settings
from twisted.python.failure import Failure as TwistedFailure

from peoplesdaily.extensions.plain_errors import PlainErrors
from peoplesdaily.runs.failures import describe
from peoplesdaily.spiders.base import StorySpider
from peoplesdaily.utils import event_loop, interrupts


class FetchError(Exception):
    """Says in one sentence why a page did not come."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """A page as it came.

    :param url: the address it came from, behind any redirect.
    :param body: the bytes, unpacked but not decoded.
    :param headers: by name; several of one name are joined by a comma, as HTTP has it.
    """

    url: str
    body: bytes
    headers: dict[str, str]


class _PageSpider(Spider):
    """Ask for one address, and keep what comes in ``answers``."""

    name = "page"
    allowed_domains: ClassVar[list[str]] = StorySpider.allowed_domains
    custom_settings = {  # noqa: RUF012 - as Scrapy's own class declares it
        "FEEDS": {},
        # No run, no progress and no summary; the answer is what the command prints.
        "EXTENSIONS": {FeedExporter: None, LogStats: None, PlainErrors: 0},
        # A person waits for the answer and may ask again.
        "RETRY_TIMES": 1,
    }

    def __init__(self, url: str, answers: list[Fetched | str], **other: Any) -> None:
        super().__init__(**other)
        self.url = url
        self.answers = answers

    async def start(self) -> AsyncIterator[Any]:
        yield Request(self.url, self.parse, errback=self.failed, dont_filter=True)

    def parse(self, response: Response) -> None:
        headers = {
            name.decode("latin-1"): b", ".join(values).decode("latin-1")
            for name, values in response.headers.items()
        }
        self.answers.append(Fetched(response.url, response.body, headers))

    def failed(self, failure: TwistedFailure) -> None:
        self.answers.append(describe(failure.value).sentence)


def fetch(url: str, settings: Settings) -> Fetched:
    """Fetch ``url``; runs the reactor, so once in a process.

    :raises FetchError: no page came.
    :raises Interrupted: somebody would not wait for it.
    """
    answers: list[Fetched | str] = []
    event_loop.choose_event_loop(settings)
    process = AsyncCrawlerProcess(settings)
    crawler = process.create_crawler(_PageSpider)
    if event_loop.run(process, crawler, url=url, answers=answers):
        interrupts.end()
    answer = answers[0] if answers else "the run ended before an answer came"
    if isinstance(answer, str):
        raise FetchError(f"{url}: {answer}")
    return answer
