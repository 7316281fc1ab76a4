"""Which of two texts are taken for duplicates, as a crawl's index decides it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from helpers.duplicate_pairs import Label, Pair, Text
from peoplesdaily.storage import near_duplicates


@dataclass(frozen=True, slots=True)
class Judged:
    """A pair and how similar its signatures are: 0 where nothing brings the two together.

    :param signature: the second text's, where it has one.
    """

    pair: Pair
    similarity: float
    signature: bytes | None = None

    def taken(self, threshold: float) -> bool:
        if self.signature is None:
            return False
        return self.similarity >= near_duplicates.threshold_for(self.signature, threshold)


def judged(pair: Pair) -> Judged:
    first, second = (near_duplicates.signature(t.title, t.body) for t in (pair.first, pair.second))
    if first is None or second is None:
        return Judged(pair, 0.0)
    met = set(near_duplicates.bands(first)) & set(near_duplicates.bands(second))
    return Judged(pair, near_duplicates.similarity(first, second) if met else 0.0, second)


def precision_and_recall(pairs: Sequence[Judged], threshold: float) -> tuple[float, float]:
    """Grey pairs count for neither."""
    taken = Counter(j.pair.label for j in pairs if j.taken(threshold))
    duplicates = sum(j.pair.label is Label.DUPLICATE for j in pairs)
    right, wrong = taken[Label.DUPLICATE], taken[Label.OTHER]
    return right / max(1, right + wrong), right / duplicates


class Index:
    """The least that a crawl's index does: bands lead to the texts that are not duplicates."""

    def __init__(self, rule: bool) -> None:
        """:param rule: whether a note of a series must be closer."""
        self._rule = rule
        self._texts: dict[int, dict[str, bytes]] = defaultdict(dict)
        self._looked_up = 0

    def add(self, text: Text) -> bool:
        """Whether ``text`` is a duplicate; kept where it is not."""
        signature = near_duplicates.signature(text.title, text.body)
        if signature is None:
            return False
        hashes = near_duplicates.bands(signature)
        met: dict[str, bytes] = {}
        for hash_ in hashes:
            met |= self._texts[hash_]
        self._looked_up += 1
        if self._rule:
            duplicate = near_duplicates.closest(signature, met.items()) is not None
        else:
            alike = (near_duplicates.similarity(signature, other) for other in met.values())
            duplicate = max(alike, default=0.0) >= near_duplicates.threshold_for(signature)
        if duplicate:
            return True
        for hash_ in hashes:
            self._texts[hash_][str(self._looked_up)] = signature
        return False
