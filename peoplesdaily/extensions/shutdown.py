"""End a run within seconds, whatever it is waiting for."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable
from typing import Any, Self

from scrapy import Request, signals
from scrapy.core.downloader import Slot
from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler
from scrapy.crawler import Crawler
from scrapy.http import Response
from scrapy.utils.asyncio import create_looping_call
from twisted.python.failure import Failure

from peoplesdaily.runs.failures import RunEndingError
from peoplesdaily.utils.event_loop import is_ending

#: Seconds that an answer on its way has left when a run is to end. What stops a run from
#: outside gives it ten at most (docker stop).
PATIENCE = 4.0
_TICK = 0.5  # seconds

patience_over = object()
"""Signal: answers that have not come yet are not waited for any more."""


class PromptEnd:
    """Wait neither for requests that have not left yet, nor long for answers.

    Scrapy waits for both: minutes where robots.txt asks for minutes between two requests, and
    ``DOWNLOAD_TIMEOUT`` where the site is slow.
    """

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self._task: Any = None
        self._since: float | None = None
        crawler.signals.connect(self.spider_opened, signals.spider_opened)
        crawler.signals.connect(self.spider_closed, signals.spider_closed)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def spider_opened(self) -> None:
        # Scrapy has no signal for the moment in which a run begins to end.
        self._task = create_looping_call(self._look)
        self._task.start(_TICK, now=False)

    def spider_closed(self) -> None:
        if self._task and self._task.running:
            self._task.stop()

    def _look(self) -> None:
        if not is_ending(self.crawler):
            return
        self._since = self._since or time.monotonic()
        assert self.crawler.engine
        slots: Iterable[Slot] = self.crawler.engine.downloader.slots.values()
        for slot in slots:
            while slot.queue:
                _, answer = slot.queue.popleft()
                reason = RunEndingError("the run ends before it was asked for")
                answer.errback(Failure(reason))  # type: ignore[no-untyped-call]
        if time.monotonic() - self._since >= PATIENCE:
            self.crawler.signals.send_catch_log(patience_over)


class DownloadHandler(HTTP11DownloadHandler):
    """Scrapy's HTTP/1.1 handler, which gives up what is on its way when patience is over."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._tasks: set[asyncio.Task[Any]] = set()
        crawler.signals.connect(self._give_up, patience_over)

    async def download_request(self, request: Request) -> Response:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            return await super().download_request(request)
        except asyncio.CancelledError:
            task.uncancel()
            raise RunEndingError("the run ends before the answer came") from None
        finally:
            self._tasks.discard(task)

    def _give_up(self) -> None:
        for task in self._tasks:
            task.cancel()
