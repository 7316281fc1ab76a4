"""Spider arguments, checked before the first request."""

from __future__ import annotations

import inspect
import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from peoplesdaily.parsers.fields.dates import BEIJING, Stamp
from peoplesdaily.utils.suggestions import did_you_mean


class ArgumentError(ValueError):
    """A spider argument that cannot be used; the message is one sentence for the user.

    Raised when a spider is built.
    """


def require(spider: object) -> None:
    """Make sure that a spider has the arguments that it needs to run.

    Commands that only look at a page build spiders without.

    :raises ArgumentError: one is missing.
    """
    if error := getattr(spider, "argument_error", None):
        raise error


_BACK = re.compile(r"(\d{1,6})\s*([hdw])", re.IGNORECASE)
_HOURS = {"h": 1, "d": 24, "w": 168}


def moment(name: str, value: str | None, now: datetime, *, end: bool = False) -> datetime | None:
    """A point in time: a date or time of Beijing, or hours, days or weeks back from ``now``.

    :param end: a date without a time means the end of that day instead of its start.
    :raises ArgumentError: ``value`` is neither.
    """
    if value is None:
        return None
    text = value.strip()
    back = _BACK.fullmatch(text)
    try:
        if back:
            return now - timedelta(hours=int(back[1]) * _HOURS[back[2].lower()])
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
            day = datetime.combine(date.fromisoformat(text), time(), BEIJING)
            return day + timedelta(days=1) if end else day
        if re.match(r"\d{4}-\d{2}-\d{2}[T ]", text):
            exact = datetime.fromisoformat(text)
            return exact if exact.tzinfo else exact.replace(tzinfo=BEIJING)
    except (ValueError, OverflowError):
        pass
    raise ArgumentError(
        f"{name}={value!r} is no date; give a day such as 2026-11-01, or 3d or 12h back from now"
    )


def span(name: str, value: str | None, now: datetime) -> datetime | None:
    """The moment that lies hours, days or weeks back from ``now``.

    :raises ArgumentError: ``value`` says no such span.
    """
    if value is not None and not _BACK.fullmatch(value.strip()):
        raise ArgumentError(f"{name}={value!r} is no span of time; give 7d, 12h or 2w")
    return moment(name, value, now)


def count(name: str, value: str | int | None, *, unlimited: str | None = None) -> int | None:
    """A whole number from 1 on; ``None`` for no limit.

    :param unlimited: a word that says "no limit".
    :raises ArgumentError: ``value`` is neither.
    """
    if value is None or (unlimited and str(value).strip().lower() == unlimited):
        return None
    text = str(value).strip()
    if re.fullmatch(r"\d{1,9}", text) and int(text) > 0:
        return int(text)
    also = f", or {unlimited}" if unlimited else ""
    raise ArgumentError(f"{name}={value!r} is no count; give a whole number from 1 on{also}")


def known_only(arguments: dict[str, object], spider: type) -> None:
    """Refuse arguments that the spider does not read: most are misspelt.

    Names that begin with an underscore pass: Scrapyd hands over its job id that way.

    :raises ArgumentError: there is one.
    """
    known = arguments_of(spider)
    for name in arguments:
        if not name.startswith("_"):
            raise ArgumentError(
                f"there is no argument {name!r}; this spider takes {', '.join(known)}."
                f"{did_you_mean(name, known)}"
            )


def arguments_of(spider: type) -> dict[str, str]:
    """The arguments that a spider's ``__init__`` reads, with their help from its docstring.

    The docstring describes them in a list, ``- ``name``, ``name``: help``.
    """
    helps: dict[str, str] = {}
    for names, text in _DESCRIBED.findall(inspect.getdoc(spider) or ""):
        for name in re.findall(r"``(\w+)``", names):
            helps[name] = " ".join(text.replace("``", "").split()).rstrip(".;")
    parameters = inspect.signature(spider.__init__).parameters  # type: ignore[misc]
    return {
        name: helps.get(name, "")
        for name, parameter in parameters.items()
        if name != "self" and parameter.kind is not parameter.VAR_KEYWORD
    }


_DESCRIBED = re.compile(r"^- (``\w+``(?:, ``\w+``)*): (.+(?:\n  .+)*)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Window:
    """A span of publication times in Beijing, open where an end is ``None``.

    :param since: first moment inside.
    :param until: first moment behind it.
    """

    since: datetime | None = None
    until: datetime | None = None

    @classmethod
    def parse(cls, since: str | None, until: str | None, now: datetime) -> Window:
        """:raises ArgumentError: a bound cannot be read, or the span is empty."""
        window = cls(moment("since", since, now), moment("until", until, now, end=True))
        if window.since and window.until and window.since >= window.until:
            raise ArgumentError(
                f"since={since!r} is not before until={until!r}: nothing lies between"
            )
        if window.since and window.since > now:
            raise ArgumentError(f"since={since!r} lies in the future")
        return window

    def covers(self, stamp: Stamp) -> bool:
        """Whether a date, or some moment of a day without a time, lies inside."""
        begins_in_time = self.until is None or _span(stamp)[0] < self.until
        return begins_in_time and not self.follows(stamp)

    def follows(self, stamp: Stamp) -> bool:
        """Whether all of a date lies before the window."""
        return self.since is not None and _span(stamp)[1] <= self.since

    def __bool__(self) -> bool:
        return self.since is not None or self.until is not None


def _span(stamp: Stamp) -> tuple[datetime, datetime]:
    if stamp.clock is None:
        start = datetime.combine(stamp.day, time(), BEIJING)
        return start, start + timedelta(days=1)
    start = datetime.combine(stamp.day, stamp.clock, BEIJING)
    return start, start + timedelta(minutes=1)


NO_ADDRESS = "no address given: use -a url=ADDRESS[,ADDRESS...] or -a urls_file=FILE"


def article_urls(url: str | None, urls_file: str | None) -> list[str]:
    """Addresses from a comma list, a file with one a line, or both; ``#`` begins a comment line.

    A full-width comma is a comma, too.

    :raises ArgumentError: neither is given, the file cannot be read, or a line is no address.
    """
    lines = url.split(",") if url else []
    if urls_file:
        try:
            with Path(urls_file).open(encoding="utf-8-sig") as file:
                lines += [line for line in file if not line.lstrip().startswith("#")]
        except OSError as error:
            raise ArgumentError(
                f"urls_file={urls_file!r} cannot be read: {error.strerror}"
            ) from error
        except UnicodeDecodeError as error:
            raise ArgumentError(f"urls_file={urls_file!r} is not UTF-8 text") from error
    # A full-width comma is part of no address, and would hide the one behind it.
    parts = [part.strip() for line in lines for part in line.split("，")]
    found = list(dict.fromkeys(filter(None, parts)))
    if not found:
        raise ArgumentError(NO_ADDRESS)
    for address in found:
        if not is_address(address):
            raise ArgumentError(f"{address!r} is no http address")
    return found


def is_address(text: str) -> bool:
    """Whether ``text`` is an absolute ``http(s)`` address."""
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and " " not in text
