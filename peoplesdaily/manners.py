"""Politeness that is planned: the site's own pace, hours of the day, and a number of requests."""

from __future__ import annotations

import logging
import math
import re
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, time, timedelta, tzinfo
from ipaddress import ip_address
from pathlib import Path
from typing import Any, NoReturn, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from scrapy import Request, Spider, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import CloseSpider, NotConfigured
from scrapy.extensions.throttle import AutoThrottle
from scrapy.http import Response
from scrapy.robotstxt import RobotParser
from scrapy.settings import BaseSettings
from scrapy.utils.asyncio import create_looping_call

from peoplesdaily.parsers.fields.dates import BEIJING
from peoplesdaily.runs.failures import RunEnds
from peoplesdaily.utils.atomic_files import output_dir
from peoplesdaily.utils.event_loop import end_run, is_ending

logger = logging.getLogger(__name__)

_DAY = timedelta(days=1)
_TICK = 1.0  # seconds


class SettingError(ValueError):
    """A setting that cannot be used; the message names it and says what it may be."""


# --- The site's own pace ------------------------------------------------------------------------


class CrawlDelay:
    """Keep the distance between two requests to a host that its robots.txt asks for.

    Scrapy reads ``Crawl-delay`` and ``Request-rate`` and acts on neither. The larger of the two
    becomes the host's delay, where it is more than ``DOWNLOAD_DELAY``; the random part of a delay
    shrinks as far as it must. ``CRAWL_DELAY_MAX`` (seconds) is the longest distance kept; a site
    that asks for more is named in a warning.
    """

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.longest = crawler.settings.getfloat("CRAWL_DELAY_MAX")
        self.usual = crawler.settings.getfloat("DOWNLOAD_DELAY")
        self.agent = str(
            crawler.settings["ROBOTSTXT_USER_AGENT"] or crawler.settings["USER_AGENT"] or ""
        )
        self._asked: dict[str, float] = {}
        crawler.signals.connect(self.robots_parsed, signals.robots_parsed)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def robots_parsed(self, robotparser: RobotParser, request: Request) -> None:
        assert self.crawler.engine
        key = self.crawler.engine.downloader.get_slot_key(request)
        asked = asked_delay(robotparser, self.agent)
        # Ports of one host have a robots.txt each and share a slot.
        if asked <= self._asked.get(key, 0.0):
            return
        self._asked[key] = asked
        if asked > self.longest:
            logger.warning(
                "robots.txt of %s asks for %g s between two requests, more than CRAWL_DELAY_MAX: "
                "%g s are kept; raise CRAWL_DELAY_MAX to do as the site asks",
                key, asked, max(self.longest, self.usual),
            )  # fmt: skip
            asked = self.longest
        elif asked > self.usual:
            logger.info("robots.txt of %s asks for %g s between two requests", key, asked)
        self._apply(key, asked)

    def _apply(self, key: str, asked: float) -> None:
        assert self.crawler.engine
        downloader = self.crawler.engine.downloader
        # Scrapy forgets the slot of a host that has been idle and makes it anew from here.
        chosen = downloader.per_slot_settings.setdefault(key, {})
        delay = max(asked, chosen.get("delay", self.usual))
        if not delay:
            return
        jitter = chosen.get("jitter", self.crawler.settings.getfloat("DOWNLOAD_DELAY_JITTER"))
        jitter = min(jitter, 1 - asked / delay)
        chosen.update(delay=delay, jitter=jitter)
        slot = downloader.slots.get(key)
        if slot is not None:
            slot.delay, slot.jitter = max(slot.delay, delay), jitter


def asked_delay(robots: RobotParser, agent: str) -> float:
    """Seconds between two requests that a robots.txt asks ``agent`` for; 0 where it asks none.

    A ``Request-rate`` counts at all hours, also where it names some.
    """
    asked = [robots.crawl_delay(agent) or 0.0]
    # Only Scrapy's default parser knows it.
    rules: Any = getattr(robots, "rp", None)
    if hasattr(rules, "request_rate") and (rate := rules.request_rate(agent)):
        asked.append(rate.seconds / rate.requests)
    return max((seconds for seconds in asked if not math.isnan(seconds)), default=0.0)


class Throttle(AutoThrottle):
    """Scrapy's AutoThrottle, which never goes below a delay that is set for a host.

    Scrapy's own goes down to ``DOWNLOAD_DELAY`` and up to ``AUTOTHROTTLE_MAX_DELAY`` whatever
    the host's delay.
    """

    def _response_downloaded(self, response: Response, request: Request, spider: Spider) -> None:
        super()._response_downloaded(response, request, spider)
        key, slot = self._get_slot(request, spider)
        assert self.crawler.engine
        if key is not None and slot is not None:
            set_for_host = self.crawler.engine.downloader.per_slot_settings.get(key, {})
            slot.delay = max(slot.delay, set_for_host.get("delay", 0.0))


# --- Hours of the day ---------------------------------------------------------------------------


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
    """Crawl only in the hours of ``CRAWL_WINDOWS``, told in the zone of ``CRAWL_ZONE``.

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
            _refuse("bad_setting", f"{error}")
        now = datetime.now(self.zone).time()
        if not self._open(now):
            _refuse(
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


# --- A number of requests -----------------------------------------------------------------------


class DayCount:
    """Requests of a day, shared by all processes that name one file, and by runs that are killed.

    :param path: the SQLite file; it and its folder are made where they are missing.
    :raises sqlite3.Error: it cannot be opened, or is none.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise sqlite3.OperationalError(error.strerror) from error
        with closing(self._connect()) as connection:
            self._change(
                connection, "CREATE TABLE IF NOT EXISTS requests "
                "(day TEXT PRIMARY KEY, count INTEGER NOT NULL) WITHOUT ROWID", (),
            )  # fmt: skip

    def _connect(self) -> sqlite3.Connection:
        return sqlite3.connect(self.path, timeout=60, isolation_level=None)

    @staticmethod
    def _change(connection: sqlite3.Connection, statement: str, values: tuple[Any, ...]) -> int:
        # A lock that is asked for at once is waited for; one that a reader asks for later is
        # refused at once ("database is locked").
        connection.execute("BEGIN IMMEDIATE")
        try:
            changed = connection.execute(statement, values).rowcount
        except sqlite3.Error:
            connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")
        return changed

    def take(self, day: str, limit: int) -> bool:
        """Count one more request of ``day``; ``False``, and nothing counted, where ``limit`` is
        reached.

        :raises sqlite3.Error: the file cannot be written.
        """
        with closing(self._connect()) as connection:
            changed = self._change(
                connection, "INSERT INTO requests VALUES (?, 1) "
                "ON CONFLICT (day) DO UPDATE SET count = count + 1 WHERE count < ?", (day, limit),
            )  # fmt: skip
        return changed > 0

    def of(self, day: str) -> int:
        """Requests counted on ``day``, an ISO date."""
        with closing(self._connect()) as connection:
            found = connection.execute("SELECT count FROM requests WHERE day = ?", (day,))
            row = found.fetchone()
        return int(row[0]) if row else 0


class RequestBudget:
    """Downloader middleware: at most ``REQUEST_BUDGET`` requests a run, ``REQUEST_BUDGET_DAILY``
    a day.

    Every request that leaves is counted: robots.txt, retries and redirects too; the middleware
    stands last before the downloader. The day is that of ``CRAWL_ZONE``; its count is shared by
    all processes on one output folder. The request after the last one ends the run with finish
    reason ``budget``.
    """

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.per_run = self.per_day = self.count = 0
        self.zone: tzinfo = BEIJING
        self._day_count: DayCount | None = None
        self._ending = False
        crawler.signals.connect(self.spider_opened, signals.spider_opened)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        names = ("REQUEST_BUDGET", "REQUEST_BUDGET_DAILY")
        if all(str(crawler.settings.get(name) or 0).strip() == "0" for name in names):
            raise NotConfigured
        return cls(crawler)

    def spider_opened(self) -> None:
        settings = self.crawler.settings
        path = output_dir(settings) / ".state" / "requests.sqlite"
        try:
            self.per_run = _count(settings, "REQUEST_BUDGET")
            self.per_day = _count(settings, "REQUEST_BUDGET_DAILY")
            self.zone = zone_of(settings)
            if self.per_day:
                self._day_count = DayCount(path)
                if self._day_count.of(self._today()) >= self.per_day:
                    _refuse("budget", self._used_up_today())
        except SettingError as error:
            _refuse("bad_setting", f"{error}")
        except sqlite3.Error as error:
            _refuse("output_failed", _uncounted(path, error))

    def process_request(self, request: Request) -> None:
        reason = "budget"
        if self.per_run and self.count >= self.per_run:
            sentence = f"REQUEST_BUDGET of {self.per_run} requests is used up; the next run goes on"
        else:
            try:
                if self._day_count is None or self._day_count.take(self._today(), self.per_day):
                    self.count += 1
                    return
                sentence = self._used_up_today()
            except sqlite3.Error as error:
                assert self._day_count is not None
                reason, sentence = "output_failed", _uncounted(self._day_count.path, error)
        if not self._ending:
            self._ending = True
            logger.warning("The run ends: %s", sentence)
            end_run(self.crawler, reason)
        raise RunEnds("the run ends, there is no request left for it")

    def _today(self) -> str:
        return datetime.now(self.zone).date().isoformat()

    def _used_up_today(self) -> str:
        return (
            f"REQUEST_BUDGET_DAILY of {self.per_day} requests is used up for {self._today()} "
            f"({self.crawler.settings['CRAWL_ZONE']}); run again tomorrow"
        )


def check(settings: BaseSettings) -> None:
    """Make sure that the settings of this module can be used.

    :raises SettingError: one cannot; the message names it.
    """
    for text in settings.getlist("CRAWL_WINDOWS"):
        Hours.parse(str(text))
    zone_of(settings)
    for name in ("REQUEST_BUDGET", "REQUEST_BUDGET_DAILY"):
        _count(settings, name)


def _count(settings: BaseSettings, name: str) -> int:
    value = str(settings.get(name) or 0).strip()
    if not re.fullmatch(r"[0-9]+", value):
        raise SettingError(f"{name}: {value!r} is no number of requests; 0 means no limit")
    return int(value)


def _uncounted(path: Path, error: sqlite3.Error) -> str:
    return (
        f"the requests of the day cannot be counted in {path}: {error}; make it writable, or "
        "delete it if it is damaged"
    )


def _refuse(reason: str, sentence: str) -> NoReturn:
    """End a run before its first request."""
    logger.critical("Nothing is fetched: %s", sentence)
    raise CloseSpider(reason)


# --- The rest -----------------------------------------------------------------------------------


class ContactReminder:
    """Say once, at the first request that leaves this machine, that no contact is given."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        crawler.signals.connect(self.request_reached_downloader, signals.request_reached_downloader)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        if str(crawler.settings.get("CONTACT") or "").strip():
            raise NotConfigured
        return cls(crawler)

    def request_reached_downloader(self, request: Request) -> None:
        # A crawl of the replica goes to a proxy on this machine.
        if _is_local(request.meta.get("proxy") or request.url):
            return
        self.crawler.signals.disconnect(
            self.request_reached_downloader, signals.request_reached_downloader
        )
        if "no contact address given" in str(self.crawler.settings["USER_AGENT"]):
            logger.warning(
                "The site's staff cannot reach you: set CONTACT to an e-mail or web address, such "
                "as -s CONTACT=you@example.org; it becomes part of the user agent"
            )


def _is_local(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
