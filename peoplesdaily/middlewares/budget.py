"""At most so many requests a run and a day."""

from __future__ import annotations

import logging
import sqlite3
from contextlib import closing
from datetime import datetime, tzinfo
from pathlib import Path
from typing import Any, Self

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured

from peoplesdaily.extensions.limits import SettingError, count_setting, refuse, zone_of
from peoplesdaily.parsers.fields.dates import BEIJING
from peoplesdaily.runs.failures import RunEndingError
from peoplesdaily.utils.atomic_files import output_dir
from peoplesdaily.utils.event_loop import end_run

logger = logging.getLogger(__name__)


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
            self.per_run = count_setting(settings, "REQUEST_BUDGET")
            self.per_day = count_setting(settings, "REQUEST_BUDGET_DAILY")
            self.zone = zone_of(settings)
            if self.per_day:
                self._day_count = DayCount(path)
                if self._day_count.of(self._today()) >= self.per_day:
                    refuse("budget", self._used_up_today())
        except SettingError as error:
            refuse("bad_setting", f"{error}")
        except sqlite3.Error as error:
            refuse("output_failed", _uncounted(path, error))

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
        raise RunEndingError("the run ends, there is no request left for it")

    def _today(self) -> str:
        return datetime.now(self.zone).date().isoformat()

    def _used_up_today(self) -> str:
        return (
            f"REQUEST_BUDGET_DAILY of {self.per_day} requests is used up for {self._today()} "
            f"({self.crawler.settings['CRAWL_ZONE']}); run again tomorrow"
        )


def _uncounted(path: Path, error: sqlite3.Error) -> str:
    return (
        f"the requests of the day cannot be counted in {path}: {error}; make it writable, or "
        "delete it if it is damaged"
    )
