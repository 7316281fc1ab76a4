"""What a run says of itself: a line while it goes, a summary at its end."""

from __future__ import annotations

import logging
import sys
import time
from typing import Any, Self

from scrapy import Spider, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured
from scrapy.utils.asyncio import create_looping_call
from scrapy.utils.log import get_scrapy_root_handler
from tqdm import tqdm
from tqdm.contrib import DummyTqdmFile

from peoplesdaily.runs.recorder import recorder_of
from peoplesdaily.runs.stats import Stats, figures, output_failed

logger = logging.getLogger(__name__)

_REDRAW = 0.5  # seconds


class Progress:
    """A live line on a terminal, a log line every ``LOGSTATS_INTERVAL`` seconds elsewhere."""

    def __init__(self, crawler: Crawler, interval: float) -> None:
        self.crawler = crawler
        self.interval = interval
        self._started = time.monotonic()
        self._task: Any = None
        self._bar: tqdm[Any] | None = None
        crawler.signals.connect(self.spider_opened, signals.spider_opened)
        crawler.signals.connect(self.spider_closed, signals.spider_closed)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        interval = crawler.settings.getfloat("LOGSTATS_INTERVAL")
        # Scrapy's commands that only look at a page have no progress to report.
        if not interval or recorder_of(crawler) is None:
            raise NotConfigured
        return cls(crawler, interval)

    def spider_opened(self, spider: Spider) -> None:
        self._started = time.monotonic()
        if sys.stderr.isatty():
            _log_above_the_line()
            self._bar = tqdm(bar_format="{desc}", file=sys.stderr, leave=False, dynamic_ncols=True)
            self._task = create_looping_call(self._draw, spider)
            self._task.start(_REDRAW)
        else:
            self._task = create_looping_call(self._log, spider)
            self._task.start(self.interval, now=False)

    def spider_closed(self, spider: Spider) -> None:
        if self._task and self._task.running:
            self._task.stop()
        if self._bar is not None:
            self._bar.close()

    def _draw(self, spider: Spider) -> None:
        assert self._bar is not None
        self._bar.set_description_str(f"{spider.name}: {self.line()}")

    def _log(self, spider: Spider) -> None:
        logger.info("%s: %s", spider.name, self.line())

    def line(self) -> str:
        """Articles, pages, queue, rate, errors and time so far, in one line."""
        assert self.crawler.stats
        found = figures(self.crawler.stats.get_stats())
        seconds = max(time.monotonic() - self._started, 0.001)
        errors = found["failed"] + found["rejected"] + found["lost_lists"] + found["errors"]
        return (
            f"{found['written']} articles, {found['pages']} pages, {self._queued()} queued, "
            f"{60 * found['pages'] / seconds:.0f} pages/min, {errors} errors, "
            f"{tqdm.format_interval(seconds)}"
        )

    def _queued(self) -> int:
        engine = self.crawler.engine
        slot = getattr(engine, "_slot", None)
        if slot is None:
            return 0
        waiting = getattr(self.crawler.spider, "waiting", ())
        return len(slot.scheduler) + len(slot.inprogress) + len(waiting)


def _log_above_the_line() -> None:
    """Send log lines for the terminal through tqdm, which writes them above its own line.

    tqdm's own redirection replaces the handler and forgets its level.
    """
    handler = get_scrapy_root_handler()
    if isinstance(handler, logging.StreamHandler) and handler.stream is sys.stderr:
        handler.setStream(DummyTqdmFile(sys.stderr))


class Summary:
    """The last line of a run: new, duplicates, rejected, failed, and where the file is."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self._files: list[str] = []
        crawler.signals.connect(self.feed_slot_closed, signals.feed_slot_closed)
        crawler.signals.connect(self.engine_stopped, signals.engine_stopped)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        if recorder_of(crawler) is None:
            raise NotConfigured
        return cls(crawler)

    def feed_slot_closed(self, slot: Any) -> None:
        if slot.itemcount:
            self._files.append(f"{getattr(slot.storage, 'path', slot.uri)}")

    def engine_stopped(self) -> None:
        # After every other component has closed, so that this is what a reader sees last.
        assert self.crawler.stats
        spider = self.crawler.spider
        logger.info(
            "%s: %s", spider.name if spider else "run", self.line(self.crawler.stats.get_stats())
        )

    def line(self, stats: Stats) -> str:
        """The summary in one line."""
        found = figures(stats)
        parts = [f"{found['written'] - found['revised']} new"]
        if found["revised"]:
            parts.append(f"{found['revised']} revised")
        parts += [f"{found[name]} {name}" for name in ("duplicates", "rejected", "failed")]
        for name, words in (
            ("incomplete", "incomplete"),
            ("lost_lists", "list pages lost"),
            ("unwritten", "not written to disk"),
        ):
            if found[name]:
                parts.append(f"{found[name]} {words}")
        where = f"in {', '.join(self._files)}" if self._files else "no file was written"
        if output_failed(stats):
            where += "; the output is incomplete, see above"
        return f"{', '.join(parts)}; {where}"
