"""Editor lines: the names of a story's editors."""

from __future__ import annotations

import re

from peoplesdaily.parsers.fields.names import may_be_names, names
from peoplesdaily.site.editions import ENGLISH, Edition
from peoplesdaily.site.editions.patterns import patterns_of
from peoplesdaily.utils.text import clean, half_width

_LONGEST_SERVICE = 120


_FOLLOW = r"for (?:the )?(?:latest|more)\b[^()]{0,60}?\b(?:please )?follow\b"


_FOLLOWED = r"(?:[^()]|\([^()]{0,60}\)){0,300}"


_PROMO = re.compile(
    # In brackets, or a line of its own that names where to follow: prose follows other things.
    rf"\(\s*{_FOLLOW}{_FOLLOWED}(?:\)|$)"
    rf"|^{_FOLLOW}[^()]{{0,60}}?(?:people['’]?s daily|@|\bus on\b).*$"
    r"|^\(?(?:please )?follow (?:us|people['’]?s daily(?: online)?|@\w+) (?:on|at) "
    # "Follow us on this journey" is prose.
    r"(?!(?:this|the|an?|our)\s+(?:\w+\s+)?(?:journey|tour|trip|way|road|trail|walk)\b).{0,80}$",
    re.IGNORECASE,
)


def editors(text: str, edition: Edition = ENGLISH) -> tuple[str, ...]:
    """Names in the editor lines of ``text``, in order.

    >>> editors("(Editor:Tian Li,任建民)")
    ('Tian Li', '任建民')
    """
    found: dict[str, None] = {}
    for match in patterns_of(edition).editors.finditer(clean(_rounded(text))):
        found.update(dict.fromkeys(_named(match, edition)))
    return tuple(found)


def _named(match: re.Match[str], edition: Edition) -> tuple[str, ...]:
    """The names in an editor line, up to the next label: ``责编：王丽 记者：李明``."""
    return names(_LABEL_BEHIND.split(match["names"])[0], edition)


def without_service_lines(text: str, edition: Edition = ENGLISH) -> tuple[str, tuple[str, ...]]:
    """``text`` without promo line and editor line, and the editors that stood there.

    Only a line of its own or one in brackets goes: a sentence about an editor stays.

    >>> without_service_lines("He left. (Web editor: Li Lei, Bianji)")
    ('He left.', ('Li Lei', 'Bianji'))
    """
    words = patterns_of(edition)
    if len(text) < _LONGEST_SERVICE and words.service.match(text.strip()):
        return "", ()
    if words.mixes_chinese and ":" not in text and "：" not in text and "ollow" not in text:
        return text, ()
    line = _rounded(text)
    spans: list[tuple[int, int]] = []
    people: list[str] = []
    start = 0
    while start >= 0:
        end = start + 1
        match = words.editors.match(line, start)
        if match and _holds_editors(match):
            end = match.end()
            spans.append(match.span())
            people.extend(_named(match, edition))
        start = line.find("(", end)
    if "ollow" in line:
        spans += [match.span() for match in _PROMO.finditer(line)]
    # The line keeps every position, so the spans hold for the text as printed.
    kept, position = "", 0
    for start, end in sorted(spans):
        kept += text[position:start]
        position = max(position, end)
    return (kept + text[position:]).strip(), tuple(people)


_ROUND = str.maketrans("【】[]", "()()")


def _rounded(text: str) -> str:
    """``text`` in half width, with round brackets for others."""
    line = half_width(text)
    return line.translate(_ROUND) if "[" in line or "【" in line else line


_LABEL_BEHIND = re.compile(r"\s(?:记者|作者|摄影|通讯员)\s*:")


# What stands in no name: 从幕后走到台前的人.
_PARTICLES = re.compile(r"[的了吗呢?？。！]")


def _holds_editors(match: re.Match[str]) -> bool:
    """Whether editors' names stand behind the label, and not what one of them asks or says."""
    listed = match["names"]
    if not all(map(may_be_names, re.split("[,;、]", listed))):
        return False
    if match[0].startswith("("):
        # In the middle of a sentence it says who edited something else.
        before = match.string[max(match.start() - _NEAR, 0) : match.start()].rstrip()[-1:]
        behind = match.string[match.end() : match.end() + _NEAR].lstrip()[:1]
        return not (before.isalnum() or before in _BEHIND_NAME) or not _goes_on(behind)
    return not _PARTICLES.search(listed)


# White space that a bracket is set off with.
_NEAR = 4


_BEHIND_NAME = ("》", "”", '"', "’")


def _goes_on(letter: str) -> bool:
    """Whether a sentence goes on with ``letter``: English ones begin with a capital."""
    return letter.isalpha() and not letter.isupper()
