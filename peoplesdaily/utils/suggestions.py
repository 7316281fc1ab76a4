"""Suggestions for mistyped words."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A question that names the known word most like ``word``, with a space before it.

    >>> did_you_mean("wrold", ["world", "military"])
    " Did you mean 'world'?"
    >>> did_you_mean("xyz", ["world"])
    ''
    """
    close = get_close_matches(word.lower(), list(known), n=1, cutoff=0.6)
    return f" Did you mean {close[0]!r}?" if close else ""
