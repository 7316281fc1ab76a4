"""Fetches one page as a crawl does: robots.txt, user agent, proxy, retries."""

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
    """A page could not be fetched; the message is one sentence."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """A page as downloaded.

    :param url: its address, after redirects.
    :param body: the bytes, decompressed but not decoded.
    :param headers: by name; repeated headers are joined by a comma.
    """

    url: str
    body: bytes
    headers: dict[str, str]


class _PageSpider(Spider):
    """Requests one address and appends the page, or the reason for failure, to ``answers``."""

    name = "page"
    allowed_domains: ClassVar[list[str]] = StorySpider.allowed_domains
    custom_settings = {  # noqa: RUF012 - as Scrapy's own class declares it
        "FEEDS": {},
        # No manifest, progress or summary: the command prints the result.
        "EXTENSIONS": {FeedExporter: None, LogStats: None, PlainErrors: 0},
        # A person waits and can repeat the command.
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
    """Fetch ``url``. Runs the reactor, so it works once in a process.

    :raises FetchError: the page could not be fetched.
    :raises Interrupted: on Ctrl-C or SIGTERM.
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
