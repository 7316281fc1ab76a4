"""Splits text at its line breaks into paragraphs, and joins lines wrapped by hand."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import takewhile
from typing import NamedTuple

from peoplesdaily.utils import text

_DANGLING = re.compile(
    r"\b(?:the|of|to|an?|in|and|or|for|with|by|from|at|on|that|as|its|his|her|their|mr|ms|dr)\.?,?$",
    re.IGNORECASE,
)
_LONGEST_WORD = 12
_SENTENCE_ENDS = ".!?:;。！？：；”\"’')）]】…"


class Style(NamedTuple):
    """Style of a piece of text.

    :param link: address of the enclosing link; ``""`` if it leads nowhere.
    """

    emphasised: bool
    strong: bool
    link: str | None


UNSET = Style(emphasised=False, strong=False, link=None)
# Pieces of text; ``None`` stands for a line break.
Part = tuple[str, Style]
Parts = list[Part | None]


@dataclass(slots=True)
class _Line:
    """A line, or a paragraph joined from lines.

    :param indented: it starts with the CMS's indent.
    :param apart: it follows an empty line.
    """

    parts: list[Part]
    text: str
    indented: bool
    apart: bool = False


def split_lines(parts: Parts) -> Iterator[_Line]:
    """Split text at its line breaks into paragraphs.

    On pages of all templates, ``<br>`` may separate paragraphs. A single break inside a sentence is
    a manual line wrap, and the lines are joined.
    """
    current: _Line | None = None
    wrapped: list[str] = []
    # The first break ends the text before it; a second makes an empty line.
    breaks = -1
    for line in _lines(parts):
        if not line.text:
            breaks += 1
            continue
        if current and breaks <= 0 and _goes_on(current, line):
            current.parts += line.parts
            wrapped.append(line.text)
            current.text = line.text
        else:
            if current:
                current.text = " ".join(wrapped)
                yield current
            current, wrapped = line, [line.text]
            current.apart = breaks > 0
        breaks = 0
    if current:
        current.text = " ".join(wrapped)
        yield current


def _goes_on(before: _Line, line: _Line) -> bool:
    """Whether ``line`` continues the sentence before it."""
    if line.indented or before.text[-1] in _SENTENCE_ENDS:
        return False
    return line.text[0].islower() or _DANGLING.search(before.text[-_LONGEST_WORD:]) is not None


def _lines(parts: Parts) -> Iterator[_Line]:
    line: list[Part] = []
    for part in (*parts, None):
        if part is not None:
            line.append(part)
            continue
        raw = "".join([string for string, _ in line])
        yield _Line(line, text.clean(raw), is_indented(raw))
        line = []


def is_indented(raw: str) -> bool:
    return raw.lstrip("\r\n\t ").startswith(("\u3000", "\xa0"))


def ends_in_empty_line(parts: Parts) -> bool:
    end = list(takewhile(lambda part: part is None or part[0].isspace(), reversed(parts)))
    return end.count(None) > 1
