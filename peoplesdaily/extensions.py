"""What a run says of itself: a line while it goes, a summary at its end."""

from __future__ import annotations

import logging
import sys
import time
from typing import Any, Self

from scrapy import Spider, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured
from scrapy.http import Response
from scrapy.utils.asyncio import create_looping_call
from scrapy.utils.log import get_scrapy_root_handler
from tqdm import tqdm
from tqdm.contrib import DummyTqdmFile
from twisted.python.failure import Failure

from peoplesdaily.runs.failures import NETWORK_ERRORS, describe
from peoplesdaily.runs.stats import Stats, figures, output_failed
from peoplesdaily.site import urls
from peoplesdaily.storage.index import IndexProblem, Owed
from peoplesdaily.storage.index.session import session_of
from peoplesdaily.utils.event_loop import end_run

logger = logging.getLogger(__name__)

_REDRAW = 0.5  # seconds


class PlainErrors:
    """Say in one line what Scrapy logs with a traceback, where a user can be the cause.

    These are a site that cannot be reached, seen first by the robots.txt middleware, and output
    that cannot be stored. A traceback of the program's own mistakes stays.
    """

    LOGGERS = (
        "scrapy.downloadermiddlewares.robotstxt",
        "scrapy.extensions.feedexport",
        "scrapy.core.scraper",
        "scrapy.core.engine",
    )

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        for name in cls.LOGGERS:
            logging.getLogger(name).addFilter(_without_traceback)
        logging.getLogger("asyncio").addFilter(_is_no_leftover)
        logging.getLogger("scrapy.core.downloader.handlers._base_streaming").addFilter(
            _is_no_notice
        )
        return cls()


def _is_no_leftover(record: logging.LogRecord) -> bool:
    """Drop the remark on the download handler's idle sessions where a run ends before it begins.

    Scrapy closes them at a run's end, but not when an extension has refused the run.
    """
    return "Unclosed client session" not in record.getMessage()


def _is_no_notice(record: logging.LogRecord) -> bool:
    """Drop the notice that the download handler is experimental.

    docs/decisions.md says so, and why it is used all the same; a warning in every log of every
    hour would only teach people to overlook warnings.
    """
    return "is experimental" not in record.getMessage()


def _without_traceback(record: logging.LogRecord) -> bool:
    error = record.exc_info[1] if record.exc_info else None
    if isinstance(error, (OSError, IndexProblem, *NETWORK_ERRORS)):
        plain = isinstance(error, (OSError, IndexProblem))
        sentence = str(error) if plain else describe(error).sentence
        # The download error repeats what the sentence says, in Twisted's words.
        what = record.getMessage().partition(": ")[0]
        record.msg, record.args = "%s: %s", (what, sentence)
        record.exc_info = record.exc_text = None
    return True


class IndexWatch:
    """Keep account of what a run's callbacks could not do.

    A run without its index ends, for what it fetched would be fetched again. An article whose
    reading failed for a reason that nobody foresaw stays owed, with that reason.
    """

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self._ending = False
        crawler.signals.connect(self.spider_error, signals.spider_error)
        crawler.signals.connect(self.item_error, signals.item_error)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def spider_error(self, failure: Failure, response: Response, spider: Spider) -> None:
        if not self._ends(failure.value):
            arguments = response.request.cb_kwargs if response.request else {}
            self._owe(arguments.get("id_"), response.url, failure.value, spider)

    def item_error(self, failure: Failure, item: Any, spider: Spider) -> None:
        if not self._ends(failure.value):
            self._owe(getattr(item, "id", None), getattr(item, "url", ""), failure.value, spider)

    def _ends(self, error: BaseException | None) -> bool:
        if not isinstance(error, IndexProblem):
            return False
        if not self._ending:
            self._ending = True
            assert self.crawler.stats
            self.crawler.stats.inc_value("peoplesdaily/output/failed")
            logger.critical("The run ends: %s", error)
            end_run(self.crawler, "output_failed")
        return True

    def _owe(self, id_: str | None, url: str, error: BaseException | None, spider: Spider) -> None:
        address = urls.article(url)
        session = session_of(self.crawler)
        if id_ is not None and address is not None and session.latest(id_) is None:
            reason = f"{type(error).__name__}: {error}"
            session.failed(Owed(id_, address.story_url, spider.name, None, "error", reason))


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
        if not interval:
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
