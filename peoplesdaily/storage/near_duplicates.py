"""How similar two texts are: MinHash signatures, their LSH bands, and the measure itself.

The functions are pure: text goes in, bytes and numbers come out. The measure is the Jaccard index
of what two texts say: word 5-grams, and each figure beside its neighbours, which counts more the
more digits it has. ``docs/decisions.md`` has the reasons and the measurement.
"""

from __future__ import annotations

import re
import struct
import unicodedata
from collections.abc import Iterable
from hashlib import blake2b

from rensa import RMinHash

from peoplesdaily.parsers.fields.dates import without_dateline
from peoplesdaily.utils.text import clean

# These are measured: see docs/decisions.md.
THRESHOLD = 0.55
"""Texts at least this similar are duplicates, where :func:`threshold_for` asks for no more."""

# A text of 50 words must be this similar; from 75 words on the threshold holds.
_SHORT_THRESHOLD, _SHORT, _LONG_ENOUGH = 0.75, 50, 75
# So many texts this similar make a series, if the text is no longer than that.
_SERIES, _RELATED, _LONGEST_NOTE = 3, 0.3, 150
_SERIES_THRESHOLD = 0.9

# Ours, raised where the same text gives other features, and the library's, which it raises where
# the same features give another signature.
VERSION = 100 * 2 + int(RMinHash.ALGORITHM_VERSION)
"""Signatures and bands of different versions cannot be compared."""

MIN_WORDS = 30
"""Shorter texts have no signature: one changed word of 21 would make another story of it."""

_GRAM = 5
# A figure beside a neighbour weighs as much as this many 5-grams for each of its first digits.
_DIGIT_WEIGHT = 6
_MOST_DIGITS = 6
_SLOTS = 256
# Slots and the number of words.
_PACKED = struct.Struct(f"<{_SLOTS}HH")
BANDS = 24
"""How many hashes a signature has."""
_ROWS = 4
_SEED = 1
_BAND_BYTES = 2 * _ROWS
_HIGHEST_BITS = int.from_bytes(b"\x00\x80" * _SLOTS, "little")
_OTHER_BITS = int.from_bytes(b"\xff\x7f" * _SLOTS, "little")

# Kana and Han: scripts without spaces, of which each character stands for a word.
_CJK = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_WEEKDAYS = frozenset(
    [f"{day}day" for day in ("mon", "tues", "wednes", "thurs", "fri", "satur", "sun")]
    + [f"{week}{day}" for week in ("周", "星期") for day in "一二三四五六日天"]
)
_NUMBER = r"\d+(?:[.,:]\d+)*"
_WORD = re.compile(rf"[^\W\d_{_CJK}]+|{_NUMBER}|(?:周|星期)[一二三四五六日天]|[{_CJK}]")
_ASCII_WORD = re.compile(rf"[a-z]+|{_NUMBER}", re.ASCII)
_APOSTROPHES = re.compile("['’‘ʼ]")


def signature(title: str, body: str | None) -> bytes | None:
    """MinHash signature of a story's text, 514 bytes; ``None`` where it is too short to tell.

    The headline does not count, because reposts change it: a first paragraph that repeats it is
    left out, and a story without a body, such as one of pictures alone, has no signature. Nor do
    the dateline, case, white space and punctuation. Equal on every machine and in every process.
    """
    words = _words(title, body)
    if len(words) < MIN_WORDS:
        return None
    grams, figures = _features(words)
    # A set has no weights: what weighs more is in it under several names.
    copies = (f"{copy}#{figure}" for figure, weight in figures.items() for copy in range(weight))
    sketch = RMinHash(num_perm=_SLOTS, seed=_SEED)
    sketch.update([*grams, *copies])
    # 16 of a slot's 32 bits: two slots agree by chance once in 65,536 times.
    return _PACKED.pack(*(slot & 0xFFFF for slot in sketch.digest()), min(len(words), 0xFFFF))


def bands(signature: bytes) -> tuple[int, ...]:
    """24 hashes, signed and of 64 bits, of which similar texts share one or more.

    A band's number is part of its hash. Of pairs with similarity 0.7, 99.9 % share a hash; with
    0.6, 96 %; with 0.55, 90 %; with 0.3, 18 %.

    :raises ValueError: the signature is not one of :func:`signature`.
    """
    _check(signature)
    return tuple(
        int.from_bytes(
            blake2b(
                signature[number * _BAND_BYTES : (number + 1) * _BAND_BYTES],
                digest_size=8,
                salt=number.to_bytes(2, "little"),
            ).digest(),
            "little",
            signed=True,
        )
        for number in range(BANDS)
    )


def similarity(a: bytes, b: bytes) -> float:
    """Estimate of :func:`exact_similarity` from two signatures; the standard error is 0.025.

    :raises ValueError: one of them is not a signature of :func:`signature`.
    """
    _check(a)
    _check(b)
    # All slots at once: a slot's highest bit is set in the sum where any of its bits differs.
    differs = int.from_bytes(a, "little") ^ int.from_bytes(b, "little")
    unequal = (((differs & _OTHER_BITS) + _OTHER_BITS) | differs) & _HIGHEST_BITS
    return 1 - unequal.bit_count() / _SLOTS


def threshold_for(signature: bytes, threshold: float = THRESHOLD) -> float:
    """How similar a text must be to an earlier one to count as its duplicate.

    More than ``threshold`` where it has fewer than 75 words: three names are all that tells two
    notes of 50 words apart.

    :raises ValueError: the signature is not one of :func:`signature`.
    """
    short = (_LONG_ENOUGH - _length(signature)) / (_LONG_ENOUGH - _SHORT)
    return threshold + max(0.0, _SHORT_THRESHOLD - threshold) * min(1.0, max(0.0, short))


def closest(
    signature: bytes, candidates: Iterable[tuple[str, bytes]], threshold: float = THRESHOLD
) -> tuple[str, float] | None:
    """The candidate that the text duplicates, and how similar it is; ``None`` where there is none.

    A short text with three relatives that are not duplicates of each other belongs to a series:
    notes of one mould with other names and figures each day. Among years of those, one is alike by
    chance, so that a similarity of 0.9 is asked for.

    :param threshold: what :func:`threshold_for` starts from.
    :param candidates: id and signature of texts that share a band and are no duplicates
        themselves; the first of equals wins. Several with one id, such as its revisions, are one
        relative.
    :raises ValueError: a signature is not one of :func:`signature`.
    """
    best: tuple[str, float] | None = None
    relatives: set[str] = set()
    for id_, other in candidates:
        alike = similarity(signature, other)
        if alike >= _RELATED:
            relatives.add(id_)
        if best is None or alike > best[1]:
            best = id_, alike
    asked = threshold_for(signature, threshold)
    if len(relatives) >= _SERIES and _length(signature) <= _LONGEST_NOTE:
        asked = max(asked, _SERIES_THRESHOLD)
    return best if best is not None and best[1] >= asked else None


def exact_similarity(title_a: str, body_a: str | None, title_b: str, body_b: str | None) -> float:
    """Weighted Jaccard index of two texts, 0 to 1; 0 where one has no words.

    Defined for texts of any length, also for those too short for a signature.

    >>> exact_similarity("Old", "Boats left at 9.", "New", "SEOUL, Nov. 26 -- BOATS left at 9")
    1.0
    """
    grams_a, figures_a = _features(_words(title_a, body_a))
    grams_b, figures_b = _features(_words(title_b, body_b))
    shared = len(grams_a & grams_b) + sum(figures_a[f] for f in figures_a.keys() & figures_b.keys())
    either = len(grams_a | grams_b) + sum((figures_a | figures_b).values())
    return shared / either if either else 0.0


def _length(signature: bytes) -> int:
    """Words of the text."""
    _check(signature)
    return int(_PACKED.unpack(signature)[-1])


def _check(signature: bytes) -> None:
    if len(signature) != _PACKED.size:
        raise ValueError(f"a signature has {_PACKED.size} bytes, this one has {len(signature)}")


def _words(title: str, body: str | None) -> list[str]:
    """The words that count, in order."""
    paragraphs = (body or "").lstrip().split("\n")
    if _folded(paragraphs[0]).split() == _folded(title).split():
        paragraphs = "\n".join(paragraphs[1:]).lstrip().split("\n")
    paragraphs[0] = without_dateline(clean(paragraphs[0]))
    text = _folded("\n".join(paragraphs))
    words = (_ASCII_WORD if text.isascii() else _WORD).findall(text)
    return [word.replace(",", "") for word in words]


def _folded(text: str) -> str:
    # NFKC makes full-width digits and letters ordinary ones.
    return _APOSTROPHES.sub("", unicodedata.normalize("NFKC", text).casefold())


def _features(words: list[str]) -> tuple[set[str], dict[str, int]]:
    """5-grams, and the weights of figures beside the word before and the word behind.

    A text of fewer than five words is one gram.
    """
    shifted = (words[start:] for start in range(min(_GRAM, len(words)) or 1))
    grams = set(map(" ".join, zip(*shifted, strict=False)))
    figures: dict[str, int] = {}
    for at, word in enumerate(words):
        if word[0].isdecimal() or word in _WEEKDAYS:
            digits = sum(map(str.isdecimal, word)) or 1
            weight = _DIGIT_WEIGHT * min(digits, _MOST_DIGITS)
            figures[" ".join(words[max(at - 1, 0) : at + 1]) + ">"] = weight
            figures["<" + " ".join(words[at : at + 2])] = weight
    return grams, figures
