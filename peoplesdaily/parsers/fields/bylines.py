"""Parses bylines of any template and language."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from peoplesdaily.parsers.fields.dates import YEAR, Stamp, printed_stamp
from peoplesdaily.parsers.fields.names import writers
from peoplesdaily.site.editions import ENGLISH, Edition
from peoplesdaily.site.editions.agencies import Use, names
from peoplesdaily.site.editions.patterns import EditionPatterns, patterns_of
from peoplesdaily.utils.text import clean, half_width, plain, without_tools

_SOURCES_BY_LENGTH = names(Use.SOURCE)
# All times are Beijing time, stated or not.
_ZONE = re.compile(r"(?:\(\s*)?\b(?:GMT\s*\+\s*8|Beijing Time|BJT)\s*\)?", re.IGNORECASE)
_ZONES = ("gmt", "beijing", "bjt")
_SENTENCE = re.compile(r"(?:[a-z]{3}|[^\W\d_\x00-\x7f]{3})\.(?:\s|$)|[。！？؟।]")
_LONGEST_NAMES = 120
# By Huang Jin from People's Daily Online
_FROM = re.compile(r"[\s,]+(?:from|of|for)\s*$", re.IGNORECASE)
_CHINESE_TOOLS = re.compile(
    r"(?:\s*\|?\s*(?:手机看新闻|打印|网摘|纠错|商城|分享|推荐|收藏|[大中小]?字号))+\s*$"
)
# After the source: 来源：央视新闻 作者：张三, 文/张三 图/李四, 文/图 张三.
_WRITER_LABEL = re.compile(
    r"(?<![\s|;,])[\s|;,]+(?:(?:作者|记者|撰文|author)\s*:\s*"
    r"|(?:作者|(?:本报|本网|人民网|人民日报)?(?:特约|实习|见习)?(?:记者|通讯员))\s+"
    r"|(?:文图|图文|文\s*/\s*图|图\s*/\s*文)\s*[/:]?\s*|文\s*/\s*)(?=\S)",
    re.IGNORECASE,
)
_EDITOR_LABEL = re.compile(
    r"(?<![\s|;,])[\s|;,]+(?:责任)?编辑\s*:.*?(?=[\s|;,]+(?:作者|记者|撰文)|$)"
)
_EMPTY_BRACKETS = re.compile(r"\(\s*[,;:]?\s*\)")


class Byline(NamedTuple):
    """The contents of a byline.

    :param published: the first date that is not marked as an update.
    :param updated: the first date that is marked as an update.
    """

    source: str | None = None
    authors: tuple[str, ...] = ()
    published: Stamp | None = None
    updated: Stamp | None = None


def byline(text: str, source: str | None = None, edition: Edition = ENGLISH) -> Byline:
    """Parse a byline; any bracket, comma or part may be missing.

    :param source: the source in the page's meta data; separates author from source if the line has
        no brackets.

    >>> byline("By Huang Jin (People's Daily Online)    11:35, August 17, 2015").authors
    ('Huang Jin',)
    >>> byline("Xinhua) 09:39, September 22, 2022").source
    'Xinhua'
    >>> byline("17:15, June 26, 2024 By Chang Sha, Kou Jie ( People's Daily Online").source
    "People's Daily Online"
    """
    line = clean(half_width(text))
    folded = line.casefold()
    if any(zone in folded for zone in _ZONES):
        line = clean(_ZONE.sub(" ", line))
    dates, rest = _dates_and_rest(line, edition)
    people, printed = _people_and_source(rest, source, patterns_of(edition))
    return Byline(
        source=printed,
        authors=tuple(name for name in writers(people, edition) if name != printed),
        published=next((stamp for stamp in dates if not stamp.updated), None),
        updated=next((stamp for stamp in dates if stamp.updated), None),
    )


# Cached: a line is first recognised as a byline, then parsed.
@lru_cache(maxsize=16)
def _dates_and_rest(line: str, edition: Edition) -> tuple[tuple[Stamp, ...], str]:
    """The dates of a byline, and the rest of the line."""
    words = patterns_of(edition)
    line = without_tools(line, " ")
    dates: list[Stamp] = []
    rest, position = "", 0
    for match in words.stamp.finditer(line):
        rest += f"{line[position : match.start()]} "
        position = match.end()
        if stamp := printed_stamp(match, words):
            dates.append(stamp)
    rest += line[position:]
    if not words.mixes_chinese:
        rest = words.tools.sub(" ", rest)
    elif not rest.isascii():
        rest = _CHINESE_TOOLS.sub("", rest)
    return tuple(dates), clean(_EMPTY_BRACKETS.sub(" ", rest)).strip(" ,;|-:")


def is_byline(text: str, edition: Edition = ENGLISH) -> bool:
    """Whether ``text`` is a byline with a date, not a sentence or caption that contains one.

    >>> is_byline("(Xinhua)    09:20, August 18, 2015"), is_byline("Opened June 8, 2019. (Xinhua)")
    (True, False)
    """
    if not YEAR.search(text):
        return False
    dates, rest = _dates_and_rest(clean(half_width(text)), edition)
    if not dates:
        return False
    words = patterns_of(edition)
    if not rest or rest.startswith("(") or words.by.match(rest) or words.source_label.search(rest):
        return not _SENTENCE.search(rest)
    # Without brackets, only a clock time distinguishes a byline from prose.
    return bool(dates[0].clock) and len(rest) < _LONGEST_NAMES and not _SENTENCE.search(rest)


def _people_and_source(
    rest: str, hint: str | None, words: EditionPatterns
) -> tuple[str, str | None]:
    label = words.source_label.search(rest)
    start = _source_bracket(rest)
    if label:
        people, inside = rest[: label.start()], _EDITOR_LABEL.sub("", rest[label.end() :])
        writers = _WRITER_LABEL.search(inside)
        if writers:
            people, inside = f"{people} {inside[writers.end() :]}", inside[: writers.start()]
    elif start is not None:
        people, inside = rest[:start], rest[start + 1 :]
    elif ")" in rest and "(" not in rest:
        # The opening bracket is missing; only the meta data can separate author and source.
        people, inside = _split_source(rest.rpartition(")")[0], hint, words)
    elif words.by.match(rest):
        people, inside = _split_source(rest, hint, words)
        people = _FROM.sub("", people)
        if not people:
            people, inside = inside, ""
    else:
        people, inside = "", rest
    printed, behind = _unbracket(inside)
    if words.by.match(behind):
        # (China Daily) 09:39, September 22, 2022 By Zhang San
        people = people or behind
    printed = printed.strip(" ,;|(")
    if not people.strip(" ,;|") and words.by.match(printed):
        # (By Li Lei, People's Daily Online)
        people, printed = _split_source(printed, hint, words)
        if not people:
            people, printed = printed, ""
    if words.source_label.fullmatch(f"{printed}:"):
        # A label without a value.
        printed = ""
    return people.strip(" ,;|"), printed or None


def _split_source(line: str, hint: str | None, words: EditionPatterns) -> tuple[str, str]:
    """Split a line without an opening bracket into writers and, at its end, source."""
    known = (hint, *_SOURCES_BY_LENGTH, *words.edition.words.agencies)
    for name in known:
        if name and plain(line).endswith(plain(name)) and words.by.match(line):
            return line[: -len(name)], name
    return "", line


def _source_bracket(text: str) -> int | None:
    """Position of the last opening bracket that is not nested."""
    depth, start = 0, None
    for bracket in _BRACKET.finditer(text):
        if bracket[0] == "(":
            if depth == 0:
                start = bracket.start()
            depth += 1
        else:
            depth = max(0, depth - 1)
    return start


def _unbracket(text: str) -> tuple[str, str]:
    """Split ``text`` at its unmatched closing bracket, if any."""
    depth = 0
    for bracket in _BRACKET.finditer(text):
        if bracket[0] == "(":
            depth += 1
        elif depth == 0:
            return text[: bracket.start()].strip(), text[bracket.end() :].strip(" ,;|-")
        else:
            depth -= 1
    return text.strip(), ""


_BRACKET = re.compile(r"[()]")


def has_stamp(text: str, edition: Edition = ENGLISH) -> bool:
    """Whether ``text`` contains a full date, as bylines do."""
    return bool(YEAR.search(text) and _dates_and_rest(half_width(text), edition)[0])
