"""Retries that wait as long as the site asks, and longer each time."""

from __future__ import annotations

import asyncio
import logging
import time
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from scrapy import Request, Spider
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.retry import RetryMiddleware
from scrapy.http import Response
from scrapy.settings import BaseSettings
from scrapy.utils.httpobj import urlparse_cached

from peoplesdaily.runs.failures import RunEndingError
from peoplesdaily.utils.event_loop import end_run, is_ending

logger = logging.getLogger(__name__)

_ASKS_TO_WAIT = (429, 503)


class PoliteRetryMiddleware(RetryMiddleware):
    """Scrapy's retries, with back-off and with ``Retry-After`` honoured on 429 and 503.

    A wait holds back every request to the host, not only the one that failed. It doubles with each
    retry of a request, from ``RETRY_BACKOFF`` seconds up to ``RETRY_BACKOFF_MAX``; ``Retry-After``
    is taken as given. A site that asks for more than ``RETRY_AFTER_MAX`` seconds is left alone:
    the run ends, and the next one comes again.
    """

    crawler: Crawler

    def __init__(self, settings: BaseSettings) -> None:
        super().__init__(settings)
        self.backoff = settings.getfloat("RETRY_BACKOFF")
        self.backoff_max = settings.getfloat("RETRY_BACKOFF_MAX")
        self.longest = settings.getfloat("RETRY_AFTER_MAX")
        self._free_at: dict[str, float] = {}
        self._leaving = False

    async def process_request(self, request: Request) -> None:
        """Hold the request until its host may be asked again."""
        host = _host(request)
        while (wait := self._free_at.get(host, 0.0) - time.monotonic()) > 0:
            await asyncio.sleep(min(wait, 1.0))
            if is_ending(self.crawler):
                raise RunEndingError("the run ends before it was asked for")

    def process_response(
        self, request: Request, response: Response, spider: Spider | None = None
    ) -> Request | Response:
        asked = _retry_after(response) if response.status in _ASKS_TO_WAIT else None
        if asked is not None and asked > self.longest:
            self._leave(request, asked)
            return response
        result: Request | Response = super().process_response(request, response)
        if asked is not None or result is not response:
            self._hold(request, asked, f"status {response.status}")
        return result

    def process_exception(
        self, request: Request, exception: Exception, spider: Spider | None = None
    ) -> Request | Response | None:
        result: Request | Response | None = super().process_exception(request, exception)
        if result is not None:
            self._hold(request, None, type(exception).__name__)
        return result

    def _hold(self, request: Request, asked: float | None, reason: str) -> None:
        tries = request.meta.get("retry_times", 0)
        wait = min(self.backoff * 2**tries, self.backoff_max) if asked is None else asked
        host = _host(request)
        self._free_at[host] = max(self._free_at.get(host, 0.0), time.monotonic() + wait)
        assert self.crawler.stats
        self.crawler.stats.inc_value("peoplesdaily/waits")
        logger.info("Waiting %.1f s before %s is asked again (%s)", wait, host, reason)

    def _leave(self, request: Request, asked: float) -> None:
        if self._leaving:
            return
        self._leaving = True
        logger.critical(
            "The run ends: %s asks to wait %.0f s, more than RETRY_AFTER_MAX; run again later",
            _host(request),
            asked,
        )
        end_run(self.crawler, "retry_after")


def _host(request: Request) -> str:
    return urlparse_cached(request).hostname or ""


def _retry_after(response: Response) -> float | None:
    """Seconds that the server asks for, as a number or a date; ``None`` where it asks none."""
    value = (response.headers.get("Retry-After") or b"").decode("latin-1").strip()
    if value.isdigit():
        return float(value)
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())
