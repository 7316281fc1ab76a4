"""Parses editor lines."""

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
    # In brackets, or as a whole line that names an account to follow.
    rf"\(\s*{_FOLLOW}{_FOLLOWED}(?:\)|$)"
    rf"|^{_FOLLOW}[^()]{{0,60}}?(?:people['’]?s daily|@|\bus on\b).*$"
    r"|^\(?(?:please )?follow (?:us|people['’]?s daily(?: online)?|@\w+) (?:on|at) "
    # "Follow us on this journey" is prose.
    r"(?!(?:this|the|an?|our)\s+(?:\w+\s+)?(?:journey|tour|trip|way|road|trail|walk)\b).{0,80}$",
    re.IGNORECASE,
)


def editors(text: str, edition: Edition = ENGLISH) -> tuple[str, ...]:
    """Editors named in the editor lines of ``text``, in order.

    >>> editors("(Editor:Tian Li,任建民)")
    ('Tian Li', '任建民')
    """
    found: dict[str, None] = {}
    for match in patterns_of(edition).editors.finditer(clean(_rounded(text))):
        found.update(dict.fromkeys(_named(match, edition)))
    return tuple(found)


def _named(match: re.Match[str], edition: Edition) -> tuple[str, ...]:
    """The names of an editor line, up to the next label: ``责编：王丽 记者：李明``."""
    return names(_LABEL_BEHIND.split(match["names"])[0], edition)


def without_service_lines(text: str, edition: Edition = ENGLISH) -> tuple[str, tuple[str, ...]]:
    """Remove promotion and editor lines; returns the rest and the editors.

    Only whole lines and bracketed parts are removed: a sentence about an editor stays.

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
    # Positions are unchanged, so the spans also apply to the original text.
    kept, position = "", 0
    for start, end in sorted(spans):
        kept += text[position:start]
        position = max(position, end)
    return (kept + text[position:]).strip(), tuple(people)


_ROUND = str.maketrans("【】[]", "()()")


def _rounded(text: str) -> str:
    """``text`` in half width, with all brackets round."""
    line = half_width(text)
    return line.translate(_ROUND) if "[" in line or "【" in line else line


_LABEL_BEHIND = re.compile(r"\s(?:记者|作者|摄影|通讯员)\s*:")

# Words that occur in no name: 从幕后走到台前的人.
_PARTICLES = re.compile(r"[的了吗呢?？。！]")


def _holds_editors(match: re.Match[str]) -> bool:
    """Whether the label is followed by editors' names, not by their words."""
    listed = match["names"]
    if not all(map(may_be_names, re.split("[,;、]", listed))):
        return False
    if match[0].startswith("("):
        # Inside a sentence it says who edited something else.
        before = match.string[max(match.start() - _NEAR, 0) : match.start()].rstrip()[-1:]
        behind = match.string[match.end() : match.end() + _NEAR].lstrip()[:1]
        return not (before.isalnum() or before in _BEHIND_NAME) or not _goes_on(behind)
    return not _PARTICLES.search(listed)


# White space before a bracket.
_NEAR = 4

_BEHIND_NAME = ("》", "”", '"', "’")


def _goes_on(letter: str) -> bool:
    """Whether ``letter`` continues a sentence: English sentences start with a capital."""
    return letter.isalpha() and not letter.isupper()
