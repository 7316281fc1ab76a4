"""A site that does not answer is left alone."""

from __future__ import annotations

import asyncio
import logging
from typing import Self

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    NotConfigured,
)
from scrapy.http import Response
from scrapy.utils.httpobj import urlparse_cached

from peoplesdaily.extensions.limits import SettingError, count_setting, refuse
from peoplesdaily.runs.failures import describe
from peoplesdaily.utils.event_loop import end_run, is_ending

logger = logging.getLogger(__name__)

_NO_ANSWER = (
    CannotResolveHostError,
    DownloadConnectionRefusedError,
    DownloadTimeoutError,
    DownloadFailedError,
)
_PROBE_TIMEOUT = 5.0  # seconds
_PROBE_PAUSE = 1.0


class Breaker:
    """Downloader middleware: end the run after ``BREAKER_FAILURES`` connection failures in a row.

    Timeouts, refused and reset connections and unresolved names count, retries too. An answer of
    any status begins a new row. What was not asked for stays pending; the finish reason is
    ``site_down``.

    A timeout alone takes half a minute and may be one page's. After one, the breaker asks for the
    host's robots.txt until that is answered or the row is full: a silent site and a slow page are
    distinguished within a minute.
    """

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.most = self._row = 0
        self._probing = False
        self._broken = False
        crawler.signals.connect(self.spider_opened, signals.spider_opened)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        if str(crawler.settings.get("BREAKER_FAILURES") or 0).strip() == "0":
            raise NotConfigured
        return cls(crawler)

    def spider_opened(self) -> None:
        try:
            self.most = count_setting(self.crawler.settings, "BREAKER_FAILURES")
        except SettingError as error:
            refuse("bad_setting", f"{error}")

    def process_response(self, request: Request, response: Response) -> Response:
        # HTTPCACHE_ENABLED stands in front of the site, up or down.
        if "cached" not in response.flags:
            self._row = 0
        return response

    async def process_exception(self, request: Request, exception: Exception) -> None:
        if not isinstance(exception, _NO_ANSWER) or is_ending(self.crawler):
            return
        self._row += 1
        if isinstance(exception, DownloadTimeoutError) and not self._probing:
            await self._probe(request)
        if self._row >= self.most and not self._broken:
            self._broken = True
            logger.critical(
                "The run ends: %d connection failures in a row (%s: %s); run again later",
                self._row,
                urlparse_cached(request).hostname,
                describe(exception).sentence,
            )
            end_run(self.crawler, "site_down")

    async def _probe(self, request: Request) -> None:
        """Ask for robots.txt until it is answered or the row is full."""
        assert self.crawler.engine
        parts = urlparse_cached(request)
        timeout = min(_PROBE_TIMEOUT, self.crawler.settings.getfloat("DOWNLOAD_TIMEOUT"))
        meta = {"dont_retry": True, "dont_obey_robotstxt": True, "dont_redirect": True}
        self._probing = True
        try:
            while 0 < self._row < self.most and not is_ending(self.crawler):
                probe = Request(
                    f"{parts.scheme}://{parts.netloc}/robots.txt",
                    meta={**meta, "download_timeout": timeout, "handle_httpstatus_all": True},
                    dont_filter=True,
                )
                before = self._row
                try:
                    await self.crawler.engine.download_async(probe)
                except Exception:
                    # It has counted already, unless it was refused before it left.
                    if self._row == before:
                        return
                await asyncio.sleep(_PROBE_PAUSE)
        finally:
            self._probing = False
