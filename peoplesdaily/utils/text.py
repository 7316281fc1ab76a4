"""Strings as pure functions: tidying and comparing them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

# Controls, soft hyphen, zero-width and bidirectional marks, byte order mark, lone surrogates.
# Tabs, line ends and the separators \x1c-\x1f and \x85 are white space and stay out of it.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\xad\u061c\u180e\u200b-\u200f\u202a-\u202e"
    "\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff]"
)


def clean(text: str) -> str:
    """Normalised text: NFC, single spaces, nothing invisible, ends trimmed.

    >>> clean(" Two\\u3000\\u3000ideographic\\u00a0spaces\\u200b\\n")
    'Two ideographic spaces'
    """
    text = text.strip()
    # Printable text has no white space but spaces and nothing invisible.
    if "  " in text or not text.isprintable():
        text = " ".join(text.split())
        if not text.isprintable():
            text = " ".join(_INVISIBLE.sub("", text).split())
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def is_clean(strings: Iterable[str]) -> bool:
    """Whether each of ``strings`` is what :func:`clean` would make of it, and none is empty.

    >>> is_clean(["One", "two words"]), is_clean(["One "]), is_clean(["One", ""])
    (True, False, False)
    """
    # A space too many at an end, or an empty string, makes two spaces here.
    line = f"x {' '.join(strings)} x"
    return (
        "  " not in line
        and (line.isprintable() or not (_ODD_SPACE.search(line) or _INVISIBLE.search(line)))
        and (line.isascii() or unicodedata.is_normalized("NFC", line))
    )


def amount(text: str) -> int:
    """How much a text says, by its bytes in UTF-8: a Chinese character as much as three letters.

    >>> amount("spring tea"), amount("春茶")
    (10, 6)
    """
    return len(text) if text.isascii() else len(text.encode("utf-8", "replace"))


_ODD_SPACE = re.compile(r"[^\S ]")
_FULL_WIDTH = tuple(zip("（）：，；　،؛", "():,; ,;", strict=True))


def half_width(text: str) -> str:
    """Brackets, colons and commas as ASCII, so that one pattern reads both kinds."""
    if not text.isascii():
        # Faster than str.translate(), which looks every character up.
        for full, half in _FULL_WIDTH:
            text = text.replace(full, half)
    return text


def plain(name: str) -> str:
    """``name`` for comparing: straight apostrophes, case-folded."""
    return name.replace("’", "'").casefold()


# "Email|Print" behind a byline: at its end or beside a bar, for Print is a surname, too.
_TOOL = r"\b(?:e-?mail|print|comments?|share|font size)\b"
_TOOLS = re.compile(rf"(?:{_TOOL}\s*\|\s*|\|\s*{_TOOL})+|(?<=[\d)])\s*{_TOOL}\s*$", re.IGNORECASE)


def without_tools(line: str, instead: str) -> str:
    """``line`` with ``instead`` of its tools; they stand beside a bar or end it in a letter."""
    end = line.rstrip()[-1:]
    return _TOOLS.sub(instead, line) if "|" in line or (end.isascii() and end.isalpha()) else line
