"""Parses dates of bylines and lists, and datelines.

Times are Beijing time (UTC+8). The edition decides which date forms count; English and Chinese
pages mix theirs, so these two share one set.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, time, timedelta, timezone
from functools import lru_cache
from typing import NamedTuple

from peoplesdaily.site.editions import ENGLISH, Edition
from peoplesdaily.site.editions.patterns import EditionPatterns, patterns_of
from peoplesdaily.utils.text import clean, half_width, plain

BEIJING = timezone(timedelta(hours=8), "Asia/Shanghai")
_BEIJING_OFFSET = "+08:00"

YEAR = re.compile(r"\d{4}")
"""A cheap pre-filter: every date has it, few other lines do."""

# The site has been online since 1997; other years are typing or parsing errors.
_SITE_YEARS = range(1997, 2100)
_NOON = 12


class Stamp(NamedTuple):
    """A printed date, with its time if there is one.

    :param updated: the date is marked as an update.
    """

    day: date
    clock: time | None = None
    updated: bool = False

    def isoformat(self) -> str | None:
        """ISO 8601 with Beijing's offset; ``None`` without a time."""
        if self.clock is None:
            return None
        return f"{self.day}T{self.clock}{_BEIJING_OFFSET}"


def _clock(text: str | None, half: str | None) -> time | None:
    """Parse a time; ``half`` is its am or pm marker."""
    if not text:
        return None
    try:
        hour, minute, *_ = (int(part) for part in re.findall(r"\d+", text))
        if half and hour <= _NOON:
            hour = hour % _NOON + _NOON * (half.lower() == "p")
        return time(hour, minute)
    except ValueError:
        return None


def printed_stamp(match: re.Match[str], words: EditionPatterns) -> Stamp | None:
    """The date in a match of :attr:`EditionPatterns.stamp`; ``None`` for an impossible date."""
    year, month, day = next(names for names in words.day_forms if match[names[0]])
    number = words.months.get(match[month].lower()) or int(match[month])
    try:
        printed = date(int(match[year]), number, int(match[day]))
    except ValueError:
        return None
    if printed.year not in _SITE_YEARS:
        return None
    clock = _clock(match["before"], match["half"]) or _clock(match["after"], match["half_after"])
    return Stamp(printed, clock, bool(match["update"] or match["late"]))


def stamps(text: str, edition: Edition = ENGLISH) -> list[Stamp]:
    """Every date in ``text``, in order.

    >>> stamps("(Xinhua)    09:20, August 18, 2015")[0].isoformat()
    '2015-08-18T09:20:00+08:00'
    >>> stamps("April 11, 2025")
    [Stamp(day=datetime.date(2025, 4, 11), clock=None, updated=False)]
    """
    if not YEAR.search(text):
        return []
    words = patterns_of(edition)
    found = (printed_stamp(match, words) for match in words.stamp.finditer(half_width(text)))
    return [stamp for stamp in found if stamp]


def without_stamps(text: str, edition: Edition = ENGLISH) -> str:
    """``text`` without its dates."""
    return patterns_of(edition).stamp.sub(" ", text)


# --- Datelines ---------------------------------------------------------------------------------

# How a dateline ends in English and Chinese: after a day or, in brackets, an agency.
_DATELINE_END = re.compile(r"--|[—–―电讯]|\)\s*-|-\s")
_DATELINE_SIGN = re.compile(r"[(\d]")
_LONGEST_DATELINE = 110
_HALF_A_YEAR = timedelta(days=184)


class WireDateline(NamedTuple):
    """Place, date and agency of a dateline."""

    place: str | None
    day: date | None
    agency: str | None


def dateline(
    paragraph: str, published: date | None, edition: Edition = ENGLISH
) -> WireDateline | None:
    """Parse the dateline of a first paragraph; ``None`` if it has none.

    :param published: the day of publication, to infer the year: a dateline of December in a story
        of January is from the previous year.

    >>> dateline("SEOUL, Nov. 26 (Xinhua) -- China is ready", date(2020, 11, 27))
    WireDateline(place='SEOUL', day=datetime.date(2020, 11, 26), agency='Xinhua')
    """
    words = patterns_of(edition)
    match = _dateline(paragraph[:_LONGEST_DATELINE], edition)
    if match is None:
        return None
    printed = match.groupdict()
    place, agency = clean(printed.get("place") or ""), printed.get("agency")
    # Without a date, "Place (Agency) --" might be "Name (age) --".
    if not printed["month"] and not (
        agency and (place.isupper() or plain(agency) in words.agencies)
    ):
        return None
    # "WHO (World Health Organization) -- ..."
    if place and agency and place == "".join(filter(str.isupper, agency)):
        return None
    day = _day_near(printed, published, words) if printed["month"] else None
    return WireDateline(place or None, day, clean(agency) if agency else None)


# Cached: a first paragraph is checked against captions, then parsed.
@lru_cache(maxsize=16)
def _dateline(head: str, edition: Edition) -> re.Match[str] | None:
    words = patterns_of(edition)
    head = half_width(head)
    # The full pattern is slow on prose.
    if words.mixes_chinese and not (_DATELINE_SIGN.search(head) and _DATELINE_END.search(head)):
        return None
    return next(filter(None, (form.match(head) for form in words.datelines)), None)


def without_dateline(paragraph: str) -> str:
    """Remove anything like a dateline from the start of ``paragraph``, to compare texts.

    Unlike :func:`dateline` it ignores the case of the place, which reposts change. Removing too
    much is harmless if both texts lose the same.

    >>> without_dateline("Seoul (Agencies) - China is ready")
    'China is ready'
    """
    match = _dateline(paragraph[:_LONGEST_DATELINE], ENGLISH)
    if not match or not (match["month"] or match["agency"]):
        return paragraph
    return paragraph[match.end() :].lstrip()


def _day_near(
    printed: dict[str, str | None], published: date | None, words: EditionPatterns
) -> date | None:
    """The dateline's day in the year closest to the day of publication."""
    named, number, year = printed["month"] or "", printed["day"] or "", printed.get("year")
    month, day = words.months.get(named.lower()) or int(named), int(number)
    if year:
        years: tuple[int, ...] = (int(year),)
    elif published:
        years = (published.year - 1, published.year, published.year + 1)
    else:
        return None
    days = list(_valid_days(years, month, day))
    if not days:
        return None
    nearest = min(days, key=lambda found: abs(found - published) if published else timedelta())
    # Feb. 29 in a year without one is a typing error, not a day of another year.
    near = year or published is None or abs(nearest - published) <= _HALF_A_YEAR
    return nearest if near else None


def _valid_days(years: tuple[int, ...], month: int, day: int) -> Iterator[date]:
    for year in years:
        try:
            yield date(year, month, day)
        except ValueError:
            continue
