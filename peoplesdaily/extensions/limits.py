"""Hours of the day in which a run may fetch, and checks of related settings."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta, tzinfo
from typing import Any, NoReturn, Self
from zoneinfo import ZoneInfo

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.exceptions import CloseSpider, NotConfigured
from scrapy.settings import BaseSettings
from scrapy.utils.asyncio import create_looping_call

from peoplesdaily.parsers.fields.dates import BEIJING
from peoplesdaily.utils.event_loop import end_run, is_ending

logger = logging.getLogger(__name__)

_DAY = timedelta(days=1)
_TICK = 1.0  # seconds


class SettingError(ValueError):
    """A setting that cannot be used; the message names it and says what it may be."""


@dataclass(frozen=True, slots=True)
class Hours:
    """Times of the day, from ``start`` until before ``end``, over midnight where ``end`` is first.

    >>> night = Hours.parse("22:00-06:00")
    >>> night.cover(time(23)), night.cover(time(6))
    (True, False)
    """

    start: time
    end: time

    @classmethod
    def parse(cls, text: str) -> Self:
        """:raises SettingError: ``text`` is not like ``22:00-06:00``."""
        match = re.fullmatch(r"\s*(\d\d:\d\d(?::\d\d)?)\s*-\s*(\d\d:\d\d(?::\d\d)?)\s*", text)
        try:
            if match is None:
                raise ValueError
            # A day ends at 24:00, which is 00:00.
            end = "00:00" if match[2] in ("24:00", "24:00:00") else match[2]
            hours = cls(time.fromisoformat(match[1]), time.fromisoformat(end))
        except ValueError:
            raise SettingError(
                f"CRAWL_WINDOWS: {text!r} is no window; write it like 22:00-06:00"
            ) from None
        if hours.start == hours.end and match[2] == end:
            raise SettingError(f"CRAWL_WINDOWS: {text!r} is empty; the whole day is 00:00-24:00")
        return hours

    def cover(self, moment: time) -> bool:
        if self.start < self.end:
            return self.start <= moment < self.end
        return moment >= self.start or moment < self.end

    def __str__(self) -> str:
        return f"{self.start.isoformat('auto')[:8]}-{self.end.isoformat('auto')[:8]}"


def next_start(windows: Iterable[Hours], moment: time) -> time:
    """The start of the window that opens first after ``moment``."""

    def wait(hours: Hours) -> timedelta:
        since_midnight = (
            timedelta(hours=t.hour, minutes=t.minute, seconds=t.second)
            for t in (hours.start, moment)
        )
        start, now = since_midnight
        return (start - now) % _DAY

    return min(windows, key=wait).start


def zone_of(settings: BaseSettings) -> tzinfo:
    """The time zone of ``CRAWL_ZONE``.

    :raises SettingError: there is no such zone on this machine.
    """
    name = str(settings["CRAWL_ZONE"])
    # Known without a database of zones, which small images lack.
    if name == str(BEIJING):
        return BEIJING
    try:
        return ZoneInfo(name)
    except (KeyError, OSError, ValueError):
        raise SettingError(
            f"CRAWL_ZONE: there is no time zone {name!r} on this machine; give one like "
            "Europe/Berlin, or install the system's package tzdata"
        ) from None


class CrawlWindows:
    """Crawl only in the hours of ``CRAWL_WINDOWS``, in the zone of ``CRAWL_ZONE``.

    Outside them a run ends before its first request; a run that is going ends, with what it has
    written, when the window closes. Both have the finish reason ``outside_window``.
    """

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self._task: Any = None
        self.windows: list[Hours] = []
        self.zone: tzinfo = BEIJING
        crawler.signals.connect(self.spider_opened, signals.spider_opened)
        crawler.signals.connect(self.spider_closed, signals.spider_closed)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        if not crawler.settings.getlist("CRAWL_WINDOWS"):
            raise NotConfigured
        return cls(crawler)

    def spider_opened(self) -> None:
        settings = self.crawler.settings
        try:
            self.windows = [Hours.parse(str(text)) for text in settings.getlist("CRAWL_WINDOWS")]
            self.zone = zone_of(settings)
        except SettingError as error:
            refuse("bad_setting", f"{error}")
        now = datetime.now(self.zone).time()
        if not self._open(now):
            refuse(
                "outside_window",
                f"it is {now:%H:%M} in {settings['CRAWL_ZONE']}, outside CRAWL_WINDOWS "
                f"({', '.join(map(str, self.windows))}); the next one opens at "
                f"{next_start(self.windows, now):%H:%M}",
            )
        # The clock is read again and again: clocks are set, machines sleep, summers begin.
        self._task = create_looping_call(self._look)
        self._task.start(_TICK, now=False)

    def spider_closed(self) -> None:
        if self._task and self._task.running:
            self._task.stop()

    def _open(self, moment: time) -> bool:
        return any(hours.cover(moment) for hours in self.windows)

    def _look(self) -> None:
        if self._open(datetime.now(self.zone).time()) or is_ending(self.crawler):
            return
        logger.warning(
            "The run ends: CRAWL_WINDOWS (%s, %s) is over; the next run goes on",
            ", ".join(map(str, self.windows)), self.crawler.settings["CRAWL_ZONE"],
        )  # fmt: skip
        end_run(self.crawler, "outside_window")


def check(settings: BaseSettings) -> None:
    """Make sure that the settings of this module can be used.

    :raises SettingError: one cannot; the message names it.
    """
    for text in settings.getlist("CRAWL_WINDOWS"):
        Hours.parse(str(text))
    zone_of(settings)
    for name in ("REQUEST_BUDGET", "REQUEST_BUDGET_DAILY", "BREAKER_FAILURES"):
        count_setting(settings, name)


def count_setting(settings: BaseSettings, name: str) -> int:
    value = str(settings.get(name) or 0).strip()
    if not re.fullmatch(r"[0-9]+", value):
        raise SettingError(f"{name}: {value!r} is no number; 0 means no limit")
    return int(value)


def refuse(reason: str, sentence: str) -> NoReturn:
    """End a run before its first request."""
    logger.critical("Nothing is fetched: %s", sentence)
    raise CloseSpider(reason)
