"""Where a run's log goes, how long it is kept, and what never stands in it: secrets."""

from __future__ import annotations

import logging
import pprint
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Self

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.settings import BaseSettings, overridden_settings
from scrapy.utils.log import get_scrapy_root_handler

from peoplesdaily.storage.index.session import session_of
from peoplesdaily.utils.atomic_files import explain, output_dir
from peoplesdaily.utils.redaction import Redactor, masked, secrets_of

logger = logging.getLogger(__name__)


class _RedactingFormatter(logging.Formatter):
    """Another formatter, whose lines, tracebacks included, lose their secrets."""

    def __init__(self, inner: logging.Formatter | None, redact: Redactor) -> None:
        super().__init__()
        self.inner = inner or logging.Formatter()
        self.redact = redact

    def format(self, record: logging.LogRecord) -> str:
        return self.redact(self.inner.format(record))


class Logs:
    """Add-on: take secrets out of the log, and keep a run's log where ``LOG_TO_FILE`` asks.

    An add-on, because Scrapy logs the settings as soon as it has read the add-ons.

    The file is ``OUTPUT_DIR/logs/<run>.log``, named as the run's manifest. It has what the terminal
    has, at ``LOG_LEVEL``; files older than ``LOG_KEEP_DAYS`` days are deleted, and the oldest of
    more than ``LOG_KEEP_FILES``.
    """

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self._handler: logging.Handler | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def update_settings(self, settings: BaseSettings) -> None:
        redact = Redactor(secrets_of(settings))
        handler = get_scrapy_root_handler()
        if handler is not None and not isinstance(handler.formatter, _RedactingFormatter):
            handler.setFormatter(_RedactingFormatter(handler.formatter, redact))
        _replace_filter("scrapy.crawler", _MaskSettings(settings))
        _replace_filter("scrapy.extensions.memusage", _NoNews())
        if settings.getbool("LOG_TO_FILE"):
            self._keep(settings, redact)

    def _keep(self, settings: BaseSettings, redact: Redactor) -> None:
        folder = output_dir(settings) / "logs"
        name = f"{session_of(self.crawler).run}.log"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            handler = logging.FileHandler(folder / name, encoding="utf-8")
        except OSError as error:
            # The run matters more than its log.
            logger.error("This run's log is not kept: %s", explain(error, folder / name))
            return
        plain = logging.Formatter(settings["LOG_FORMAT"], settings["LOG_DATEFORMAT"])
        handler.setFormatter(_RedactingFormatter(plain, redact))
        handler.setLevel(settings["LOG_LEVEL"])
        logging.getLogger().addHandler(handler)
        self._handler = handler
        self.crawler.signals.connect(self.spider_opened, signals.spider_opened)
        days, files = settings.getfloat("LOG_KEEP_DAYS"), settings.getint("LOG_KEEP_FILES")
        tidy(folder, days, files, keep=folder / name)

    def spider_opened(self) -> None:
        # Receivers are called in the order in which they connect: behind the summary.
        self.crawler.signals.connect(self.engine_stopped, signals.engine_stopped)

    def engine_stopped(self) -> None:
        if self._handler is not None:
            logging.getLogger().removeHandler(self._handler)
            self._handler.close()


def tidy(folder: Path, days: float, files: int, keep: Path | None = None) -> None:
    """Delete logs that are older than ``days`` days, and the oldest of more than ``files``.

    :param days: 0 means for ever.
    :param files: 0 means any number.
    :param keep: never deleted: the log that is being written.
    """
    dated: list[tuple[float, Path]] = []
    for path in folder.glob("*.log"):
        try:
            dated.append((path.stat().st_mtime, path))
        except FileNotFoundError:
            continue  # another run was quicker
    newest_first = [path for _, path in sorted(dated, reverse=True) if path != keep]
    age = {path: stamp for stamp, path in dated}
    limit = time.time() - days * 86_400
    room = files - (keep is not None)
    for number, path in enumerate(newest_first):
        if (days and age[path] < limit) or (files and number >= room):
            try:
                path.unlink(missing_ok=True)
            except OSError as error:
                logger.warning("An old log is not deleted: %s", explain(error, path))
                return


class _MaskSettings(logging.Filter):
    """Mask what Scrapy's list of changed settings shows under a secret's name."""

    def __init__(self, settings: BaseSettings) -> None:
        super().__init__()
        self.settings = settings

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, Mapping) and "settings" in record.args:
            shown = masked(dict(overridden_settings(self.settings)))
            record.args = {"settings": pprint.pformat(shown)}
        return True


class _NoNews(logging.Filter):
    """Drop the line that Scrapy logs at each look at the memory while all is well."""

    def filter(self, record: logging.LogRecord) -> bool:
        return record.levelno > logging.INFO


def _replace_filter(name: str, new: logging.Filter) -> None:
    """Several crawls in one process must not pile up filters."""
    target = logging.getLogger(name)
    for old in [f for f in target.filters if isinstance(f, type(new))]:
        target.removeFilter(old)
    target.addFilter(new)
