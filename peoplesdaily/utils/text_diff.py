"""Two texts side by side, for a terminal: what differs, and little of what does not."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

from peoplesdaily.utils.text import clean

_SAME = "Both texts are the same."
_BETWEEN = " | "
_LEAST_WIDTH = 24
# Of a stretch of equal words, this many stay beside a change.
_CONTEXT = 4
# Paragraphs with fewer words in common are not two versions of one.
_ALIKE = 0.3
# Words with the space behind them; Han and Kana have no spaces.
_CJK = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u3001-\u303f\uff01-\uff60"
_WORD = re.compile(rf"[{_CJK}]\s?|[^\s{_CJK}]+\s?")


def side_by_side(a: str, b: str, width: int = 80) -> str:
    """The differences of two texts in two columns, ``a`` on the left.

    Paragraphs are compared with those that they match, in order. What only ``a`` has stands in
    ``[-…-]``, what only ``b`` has in ``{+…+}``. Equal paragraphs are counted, equal words far from
    a change left out (``…``); of a paragraph that has moved, the beginning stands in both places.
    White space within a paragraph does not count.

    :param a: paragraphs parted by line ends; of a story: headline, blank line, body.
    :param width: columns of the terminal; a Chinese character takes two. Less than 24 is as 24.

    >>> print(side_by_side("Boats\\n\\nThey left at noon.", "Boats\\n\\nThey left at dawn.", 50))
    (1 paragraph the same)
    They left at [-noon.-]  | They left at {+dawn.+}
    """
    column = (max(width, _LEAST_WIDTH) - len(_BETWEEN)) // 2
    pairs = list(_aligned(_paragraphs(a), _paragraphs(b)))
    moved = {left for left, right in pairs if not right} & {
        right for left, right in pairs if not left
    }
    lines: list[str] = []
    same = 0
    for left, right in pairs:
        if left == right:
            same += 1
            continue
        lines += _told(same)
        same = 0
        marked = _marked(_opening(left, moved), _opening(right, moved))
        lines += _columns(_wrapped(marked[0], column), _wrapped(marked[1], column), column)
    return "\n".join([*lines, *_told(same)] if lines else [_SAME])


def _opening(paragraph: str, moved: set[str]) -> str:
    """All of a paragraph, or how it begins where both texts have it."""
    words = _WORD.findall(paragraph)
    if paragraph not in moved or len(words) <= 2 * _CONTEXT:
        return paragraph
    return "".join([*words[: 2 * _CONTEXT], "… (moved)"])


def _paragraphs(text: str) -> list[str]:
    return [tidy for line in text.splitlines() if (tidy := clean(line))]


def _told(same: int) -> list[str]:
    return [f"({same} paragraph{'s' if same > 1 else ''} the same)"] if same else []


def _aligned(a: Sequence[str], b: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Paragraphs that match, beside each other; ``""`` beside one that matches none."""
    for what, a1, a2, b1, b2 in SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        if what == "equal":
            yield from zip(a[a1:a2], b[b1:b2], strict=True)
        else:
            yield from _paired(a[a1:a2], b[b1:b2])


def _paired(a: Sequence[str], b: Sequence[str]) -> Iterator[tuple[str, str]]:
    """The pairs, in order, that together have the most words in common; the rest alone."""
    words_a, words_b = ([_bare(text) for text in texts] for texts in (a, b))
    # best[i][j]: how much a[i:] and b[j:] can have in common.
    best = [[0.0] * (len(b) + 1) for _ in range(len(a) + 1)]
    for i in reversed(range(len(a))):
        for j in reversed(range(len(b))):
            pair = _alike(words_a[i], words_b[j])
            with_pair = pair + best[i + 1][j + 1] if pair >= _ALIKE else 0.0
            best[i][j] = max(best[i + 1][j], best[i][j + 1], with_pair)
    i = j = 0
    while i < len(a) or j < len(b):
        if j == len(b) or (i < len(a) and best[i][j] == best[i + 1][j]):
            yield a[i], ""
            i += 1
        elif i == len(a) or best[i][j] == best[i][j + 1]:
            yield "", b[j]
            j += 1
        else:
            yield a[i], b[j]
            i, j = i + 1, j + 1


def _bare(text: str) -> frozenset[str]:
    return frozenset(word.strip() for word in _WORD.findall(text))


def _alike(a: frozenset[str], b: frozenset[str]) -> float:
    return 2 * len(a & b) / (len(a) + len(b))


def _marked(a: str, b: str) -> tuple[str, str]:
    words_a, words_b = _WORD.findall(a), _WORD.findall(b)
    bare_a, bare_b = ([word.strip() for word in words] for words in (words_a, words_b))
    made_a: list[str] = []
    made_b: list[str] = []
    codes = SequenceMatcher(None, bare_a, bare_b, autojunk=False).get_opcodes()
    for what, a1, a2, b1, b2 in codes:
        if what == "equal":
            ends = a1 > 0 or b1 > 0, a2 < len(words_a) or b2 < len(words_b)
            made_a.append(_shortened(words_a[a1:a2], *ends))
            made_b.append(_shortened(words_b[b1:b2], *ends))
        else:
            made_a.append(_in_brackets(words_a[a1:a2], "[-", "-]"))
            made_b.append(_in_brackets(words_b[b1:b2], "{+", "+}"))
    return "".join(made_a), "".join(made_b)


def _in_brackets(words: Sequence[str], opening: str, closing: str) -> str:
    said = "".join(words)
    inner = said.rstrip()
    return f"{opening}{inner}{closing}{said[len(inner) :]}" if inner else ""


def _shortened(words: Sequence[str], after: bool, before: bool) -> str:
    """Equal words, of which the context stays: ``after`` a change, ``before`` another."""
    head, tail = _CONTEXT * after, _CONTEXT * before
    if len(words) <= head + tail + 1:
        return "".join(words)
    return "".join([*words[:head], "… ", *words[len(words) - tail :]])


def _width(text: str) -> int:
    """Columns that a terminal needs for ``text``."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(char) else 1 + (unicodedata.east_asian_width(char) in "WF")
        for char in text
    )


def _wrapped(text: str, column: int) -> list[str]:
    lines: list[str] = []
    line = ""
    for word in _WORD.findall(text):
        if _width(line) + _width(word.rstrip()) > column:
            lines.append(line.rstrip())
            line = ""
        for char in word:  # a word longer than a line, and all others
            if _width(line) + _width(char) > column and not char.isspace():
                lines.append(line.rstrip())
                line = ""
            line += char
    lines.append(line.rstrip())
    return [kept for kept in lines if kept]


def _columns(left: Sequence[str], right: Sequence[str], column: int) -> Iterator[str]:
    for number in range(max(len(left), len(right))):
        one = left[number] if number < len(left) else ""
        other = right[number] if number < len(right) else ""
        yield f"{one}{' ' * (column - _width(one))}{_BETWEEN}{other}".rstrip()
