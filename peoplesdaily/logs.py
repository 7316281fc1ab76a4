"""Where a run's log goes, how long it is kept, and what never stands in it: secrets."""

from __future__ import annotations

import base64
import logging
import pprint
import re
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Self
from urllib.parse import unquote, urlsplit
from urllib.request import getproxies

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.settings import SETTINGS_PRIORITIES, BaseSettings, overridden_settings
from scrapy.utils.log import get_scrapy_root_handler

from peoplesdaily.storage.index.session import session_of
from peoplesdaily.utils.atomic_files import explain, output_dir

logger = logging.getLogger(__name__)

MASK = "***"
#: Shorter values are masked under their own name only: masking every "1" would make a log
#: unreadable, and no secret has three characters.
_SHORTEST = 4
_LONG_PART = 16
_SECRET_NAME = re.compile(
    r"PASSW|PASSPHRASE|PASS(?:_|$)|TOKEN|KEY|SECRET|WEBHOOK|CREDENTIAL|AUTHORIZATION|DSN(?:_|$)",
    re.IGNORECASE,
)
# user:password@ and token@ in an address. A user alone is one, too: many services take a token
# for the user.
_USERINFO = re.compile(r"(?<=://)[^\s/'\"<>]+(?=@)")
_HEADER = re.compile(
    r"((?:proxy-)?authorization|(?:set-)?cookie)(['\"]?\s*[:=]\s*\[?(?:b?['\"])?)"
    r"((?:basic|bearer|digest|token)\s+)?[^\s'\",\]]+",
    re.IGNORECASE,
)
_QUERY = re.compile(
    r"([?&;](?:[\w.-]*(?:token|key|secret|passw(?:or)?d|signature)|pass|pwd|sig|auth))=[^\s&;#'\"<>]+",
    re.IGNORECASE,
)


class Redactor:
    """Takes secrets out of a text.

    :param secrets: values that are secret wherever they stand.
    """

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        known = {form for secret in secrets for form in _forms(secret)}
        # The longest first, so that no end of one is left behind.
        ordered = sorted(known, key=lambda form: (-len(form), form))
        self._known = re.compile("|".join(map(re.escape, ordered))) if ordered else None

    def __call__(self, text: str) -> str:
        if self._known:
            text = self._known.sub(MASK, text)
        if "@" in text:
            text = _USERINFO.sub(MASK, text)
        if "=" in text:
            text = _QUERY.sub(rf"\1={MASK}", text)
        return _HEADER.sub(rf"\1\2{MASK}", text)


def is_secret_name(name: str) -> bool:
    """Whether a setting or argument of this name holds a secret.

    >>> [is_secret_name(name) for name in ("SLACK_TOKEN", "http_pass", "PASSES", "LOG_LEVEL")]
    [True, True, False, False]
    """
    return _SECRET_NAME.search(name) is not None


def masked(value: Any, name: str = "") -> Any:
    """``value`` with everything masked that stands under a secret's name, at any depth."""
    if isinstance(value, BaseSettings | Mapping):
        return {key: masked(inner, str(key)) for key, inner in value.items()}
    if name and is_secret_name(name) and value not in (None, "", False):
        return MASK
    if isinstance(value, list | tuple):
        return type(value)(masked(inner) for inner in value)
    return value


def secrets_of(settings: BaseSettings) -> Iterator[str]:
    """Every secret that this run was given: by settings, command line and proxies."""
    given = {
        name: settings.get(name)
        for name in settings
        # Scrapy's own defaults are no secrets; one of them is the word "guest".
        if (settings.getpriority(name) or 0) > SETTINGS_PRIORITIES["default"]
    }
    yield from _secrets_in(given)
    for argument in sys.argv:
        name, equals, value = argument.partition("=")
        name = re.sub(r"^-[sa]", "", name)
        if equals and is_secret_name(name):
            yield value
    for proxy in getproxies().values():
        yield from _in_address(proxy)


def _secrets_in(value: Any, name: str = "") -> Iterator[str]:
    if isinstance(value, BaseSettings | Mapping):
        for key, inner in value.items():
            yield from _in_address(str(key))
            yield from _secrets_in(inner, str(key))
    elif isinstance(value, list | tuple | set | frozenset):
        for inner in value:
            yield from _secrets_in(inner, name)
    elif isinstance(value, str | bytes | int | float) and not isinstance(value, bool):
        text = value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
        if name and is_secret_name(name):
            yield text
        yield from _in_address(text, whole=bool(name) and is_secret_name(name))


def _in_address(text: str, *, whole: bool = False) -> Iterator[str]:
    """Passwords in an address; with ``whole`` the long parts of its path and query, too.

    A webhook's token is a part of its path, and a library may log path and host apart.
    """
    if "://" not in text:
        return
    try:
        split = urlsplit(text)
        user, password = split.username, split.password
    except ValueError:
        return
    if password:
        yield password
        credentials = f"{unquote(user or '')}:{unquote(password)}"
        yield base64.b64encode(credentials.encode()).decode()
    if whole:
        for part in re.split(r"[/?&=]", f"{split.path}?{split.query}"):
            if len(part) >= _LONG_PART:
                yield part


def _forms(secret: str) -> Iterator[str]:
    """A secret as it may stand in a log: plain, decoded, and inside quotes."""
    for plain in (secret, unquote(secret), secret.strip()):
        for form in (plain, repr(plain)[1:-1]):
            if len(form) >= _SHORTEST:
                yield form
        # A printer of settings breaks long values at their spaces.
        yield from (word for word in plain.split() if len(word) >= 2 * _SHORTEST)


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
