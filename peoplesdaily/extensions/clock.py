"""A clock that is wrong makes wrong windows, budgets, ages and run names."""

from __future__ import annotations

import logging
import time
from email.utils import parsedate_to_datetime
from typing import Self

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.http import Response

logger = logging.getLogger(__name__)

#: Seconds by which this machine's clock may differ from the site's.
TOLERANCE = 600


class ClockCheck:
    """Compare this machine's clock with the ``Date`` of the answers.

    The statistic ``peoplesdaily/clock_offset`` has the seconds by which this clock is ahead of the
    site's, negative where it is behind: of the first answer, or of the first that differs by more
    than :data:`TOLERANCE`, which is one warning a run. Answers from a cache say when they were
    put there, and are left out.
    """

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self._warned = False
        crawler.signals.connect(self.response_received, signals.response_received)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def response_received(self, response: Response) -> None:
        if self._warned or "cached" in response.flags or "Age" in response.headers:
            return
        date = response.headers.get("Date")
        if not date:
            return
        try:
            offset = time.time() - parsedate_to_datetime(date.decode("latin-1")).timestamp()
        except (ValueError, OverflowError):
            return
        assert self.crawler.stats
        late = abs(offset) > TOLERANCE
        if late or self.crawler.stats.get_value("peoplesdaily/clock_offset") is None:
            self.crawler.stats.set_value("peoplesdaily/clock_offset", round(offset))
        if late:
            self._warned = True
            logger.warning(
                "This machine's clock is %d s %s the site's; set it, or times, windows and "
                "budgets are wrong",
                round(abs(offset)),
                "ahead of" if offset > 0 else "behind",
            )
