"""News agencies and other outlets: the only list of them, and the patterns made from it."""

from __future__ import annotations

import re
from enum import Flag, auto


class Use(Flag):
    """Where a name occurs."""

    BYLINE = auto()
    """In bylines, where it is not a person."""
    SOURCE = auto()
    """As the source, at the end of a byline without brackets."""
    PHOTO = auto()
    """In the credit of a picture."""
    SLASH = auto()
    """Before a slash in the credit of a picture."""
    CAPITALS = auto()
    """In capitals, as the whole credit at the end of a caption."""
    REPORTER = auto()
    """Before a writer's role: "Xinhua reporter"."""
    POSSESSIVE = auto()
    """In the possessive before a writer: "Xinhua's Li Lei"."""


_OUTLET = Use.BYLINE | Use.SOURCE
_ALL = _OUTLET | Use.PHOTO

AGENCIES = {
    "Xinhua": _ALL | Use.SLASH | Use.CAPITALS | Use.REPORTER | Use.POSSESSIVE,
    "Xinhua News Agency": _ALL,
    "People's Daily": _ALL | Use.SLASH | Use.REPORTER,
    "People's Daily Online": _ALL | Use.SLASH | Use.REPORTER,
    "People's Daily App": _OUTLET,
    "PD": Use.REPORTER,
    "PD Online": Use.REPORTER,
    "China Daily": _ALL | Use.CAPITALS | Use.REPORTER,
    "Global Times": _ALL | Use.REPORTER,
    "GT": Use.REPORTER | Use.POSSESSIVE,
    "CGTN": _ALL | Use.REPORTER | Use.POSSESSIVE,
    "CCTV": _ALL,
    "CRI": _OUTLET,
    "China News Service": _ALL,
    "Chinanews": Use.PHOTO | Use.SLASH,
    "Chinanews.com": _ALL | Use.SLASH,
    "CNS": _ALL | Use.SLASH,
    "CNSPhoto": Use.PHOTO,
    "ECNS": Use.BYLINE,
    "ecns.cn": _ALL,
    "CNTV": Use.PHOTO,
    "CMG": Use.PHOTO,
    "gmw.cn": Use.PHOTO,
    "VCG": Use.PHOTO | Use.SLASH | Use.CAPITALS,
    "CFP": Use.PHOTO | Use.SLASH | Use.CAPITALS,
    "AFP": Use.PHOTO | Use.SLASH | Use.CAPITALS,
    "AP": Use.PHOTO | Use.SLASH | Use.CAPITALS,
    "Reuters": Use.PHOTO | Use.SLASH | Use.CAPITALS,
    "IC": Use.PHOTO,
    "IC Photo": Use.PHOTO,
    "Imaginechina": Use.PHOTO,
    "Getty": Use.PHOTO,
    "Getty Images": Use.PHOTO,
    "People Visual": Use.PHOTO,
    "agencies": Use.BYLINE | Use.PHOTO,
    "staff": Use.BYLINE,
}


def names(use: Use) -> tuple[str, ...]:
    """The names with this use, longest first."""
    return tuple(sorted((n for n, uses in AGENCIES.items() if use in uses), key=len, reverse=True))


def alternatives(use: Use, *, upper: bool = False) -> str:
    """A regular expression of the names with this use, without a group around it.

    >>> alternatives(Use.POSSESSIVE)
    'Xinhua|CGTN|GT'
    """
    return "|".join(
        re.escape(name.upper() if upper else name).replace("'", "['’]") for name in names(use)
    )
