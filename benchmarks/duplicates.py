"""Near-duplicates: precision and recall by threshold on labelled pairs, and what a text costs.

    python benchmarks/duplicates.py [--stories 200] [--days 1000] [--seed 1]

Two texts are taken for duplicates where they share a band and their signatures are as similar as
the threshold says, as in a crawl, so that what the bands miss is in the figures. The tables go to
README.md. ``pip install datasketch==2.0.0`` first compares that library, too.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from random import Random

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE)]

from duplicates_pairs import NOTES, Label, Pair, Text, labelled, series, story

from peoplesdaily.storage import near_duplicates

README = HERE / "README.md"
BEGIN, END = "<!-- duplicates -->", "<!-- /duplicates -->"
THRESHOLDS = (0.3, 0.4, 0.5, 0.55, 0.6, 0.7, 0.8, 0.9)
WEIGHED = (0.5, 0.55, 0.6, 0.7)
LIBRARIES = ("rensa", "datasketch")


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


def _row(*cells: object) -> str:
    return "| " + " | ".join(str(cell) for cell in cells) + " |"


def _head(*cells: object) -> list[str]:
    return [_row(*cells), _row("---", *("---:" for _ in cells[1:]))]


def by_threshold(pairs: Sequence[Judged]) -> list[str]:
    lines = _head("", *THRESHOLDS)
    results = [precision_and_recall(pairs, threshold) for threshold in THRESHOLDS]
    lines.append(_row("precision", *(f"{precision:.3f}" for precision, _ in results)))
    lines.append(_row("recall", *(f"{recall:.3f}" for _, recall in results)))
    return lines


def by_kind(pairs: Sequence[Judged]) -> list[str]:
    lines = []
    for label in Label:
        lines += ["", f"**{label.value.capitalize()}**: percent taken for duplicates", ""]
        lines += _head("second text", "pairs", *THRESHOLDS)
        of_label = [j for j in pairs if j.pair.label is label]
        for kind, found in groupby(of_label, key=lambda j: j.pair.kind):
            some = list(found)
            shares = (sum(j.taken(t) for j in some) / len(some) for t in THRESHOLDS)
            lines.append(_row(kind, len(some), *(f"{100 * share:.3g}" for share in shares)))
    return lines[1:]


class Index:
    """The least that a crawl's index does: bands lead to the texts that are not duplicates."""

    def __init__(
        self, rule: bool, bands: Callable[[bytes], Iterable[Hashable]] = near_duplicates.bands
    ) -> None:
        self._rule = rule
        self._bands = bands
        self._texts: dict[Hashable, dict[str, bytes]] = defaultdict(dict)
        self.looked_up = self.candidates = self.duplicates = 0

    def add(self, text: Text) -> bool:
        """Whether ``text`` is a duplicate; kept where it is not."""
        signature = near_duplicates.signature(text.title, text.body)
        if signature is None:
            return False
        hashes = self._bands(signature)
        met: dict[str, bytes] = {}
        for hash_ in hashes:
            met |= self._texts[hash_]
        self.candidates += len(met)
        self.looked_up += 1
        if self._rule:
            duplicate = near_duplicates.closest(signature, met.items()) is not None
        else:
            alike = (near_duplicates.similarity(signature, other) for other in met.values())
            duplicate = max(alike, default=0.0) >= near_duplicates.threshold_for(signature)
        if duplicate:
            self.duplicates += 1
            return True
        for hash_ in hashes:
            self._texts[hash_][str(self.looked_up)] = signature
        return False


def years_of_notes(days: int, seed: int) -> list[str]:
    """Each sort of note on ``days`` days, and as many stories, in one index."""
    rng = Random(seed)
    corpus = {note: series(note, days, rng) for note in NOTES}
    corpus["stories"] = [story(rng) for _ in range(days)]
    lines = _head(
        "texts, none a duplicate", "candidates a text", "taken, %", "without the rule for series, %"
    )
    both = Index(rule=True), Index(rule=False)
    for name, texts in corpus.items():
        cells: list[str] = []
        for index in both:
            before = index.candidates, index.duplicates
            for text in texts:
                index.add(text)
            if not cells:
                cells.append(f"{(index.candidates - before[0]) / days:.1f}")
            cells.append(f"{100 * (index.duplicates - before[1]) / days:.3g}")
        lines.append(_row(f"{days} days of {name}" if name in NOTES else f"{days} {name}", *cells))
    return lines


def weights(pairs: Sequence[Judged]) -> list[str]:
    """What figures are worth: the exact measure with other weights for a digit."""
    ours = near_duplicates._DIGIT_WEIGHT
    lines = _head(
        "5-grams a digit", *(f"{what} at {t}" for t in WEIGHED for what in ("precision", "recall"))
    )
    for weight in (0, 2, ours, 2 * ours):
        exact = []
        for judged in pairs:
            a, b = (
                near_duplicates._features(near_duplicates._words(text.title, text.body))
                for text in (judged.pair.first, judged.pair.second)
            )
            shared = sum(a[1][figure] for figure in a[1].keys() & b[1].keys())
            either = sum((a[1] | b[1]).values())
            grams = len(a[0] & b[0]), len(a[0] | b[0])
            share = weight / ours
            alike = (grams[0] + share * shared) / (grams[1] + share * either)
            exact.append(Judged(judged.pair, alike, judged.signature))
        figures = (f"{x:.3f}" for t in WEIGHED for x in precision_and_recall(exact, t))
        lines.append(_row(weight, *figures))
    return lines


def layouts(pairs: Sequence[Judged], days: int, seed: int) -> list[str]:
    """What other numbers of bands and rows would find."""
    signatures = [
        [near_duplicates.signature(t.title, t.body) for t in (j.pair.first, j.pair.second)]
        for j in pairs
        if j.pair.label is Label.DUPLICATE
    ]
    alike = [
        (a, b)
        for a, b in signatures
        if a and b and near_duplicates.similarity(a, b) >= near_duplicates.THRESHOLD
    ]
    lines = _head(
        "bands x rows",
        "similar pairs that meet, %",
        *(f"{days} days of {note}: candidates, taken %" for note in ("air quality", "condolences")),
    )
    for number, rows in ((16, 4), (24, 4), (32, 4), (24, 5), (32, 5), (48, 5), (42, 6)):

        def cut(made: bytes, number: int = number, rows: int = rows) -> set[tuple[int, bytes]]:
            return {(n, made[2 * rows * n : 2 * rows * (n + 1)]) for n in range(number)}

        met = sum(bool(cut(a) & cut(b)) for a, b in alike) / len(alike)
        cells = []
        for note in ("air quality", "condolences"):
            index = Index(rule=True, bands=cut)
            for text in series(note, days, Random(seed)):
                index.add(text)
            cells.append(f"{index.candidates / days:.0f}, {100 * index.duplicates / days:.3g}")
        lines.append(_row(f"{number} x {rows}", f"{100 * met:.1f}", *cells))
    return lines


def _microseconds(work: Callable[[], object]) -> float:
    """The least of several rounds, because whatever else the machine does only adds."""
    rounds = []
    for _ in range(5):
        start = time.perf_counter()
        work()
        rounds.append(time.perf_counter() - start)
    return 1e6 * min(rounds)


def cost(texts: Sequence[Text]) -> list[str]:
    texts = [text for text in texts if near_duplicates.signature(text.title, text.body)]
    made = [s for text in texts if (s := near_duplicates.signature(text.title, text.body))]
    words = statistics.mean(len(text.body.split()) for text in texts)

    def per_text(work: Callable[[], object]) -> str:
        return f"{_microseconds(work) / len(texts):.1f} us"

    lines = _head("", f"a text of {words:.0f} words")
    lines += [
        _row(
            "signature",
            per_text(lambda: [near_duplicates.signature(t.title, t.body) for t in texts]),
        ),
        _row("bands", per_text(lambda: [near_duplicates.bands(s) for s in made])),
        _row("similarity of two signatures", per_text(lambda: [_alike(s, made[0]) for s in made])),
        _row("kept: signature", f"{len(made[0])} bytes"),
        _row("kept: bands", f"{len(near_duplicates.bands(made[0]))} hashes of 8 bytes"),
    ]
    return lines


def _alike(a: bytes, b: bytes) -> float:
    return near_duplicates.similarity(a, b)


def estimates(pairs: Sequence[Judged]) -> list[str]:
    errors = [
        j.similarity - near_duplicates.exact_similarity(a.title, a.body, b.title, b.body)
        for j in pairs
        if 0.3 < j.similarity < 0.9 and (a := j.pair.first) and (b := j.pair.second)
    ]
    return [
        f"Estimate against the exact value, where it lies between 0.3 and 0.9: mean error "
        f"{statistics.mean(errors):+.4f}, standard deviation {statistics.pstdev(errors):.4f}."
    ]


def libraries(texts: Sequence[Text]) -> list[str]:
    """Sketching the same sets of features, with 256 slots."""
    sets = [_features(text) for text in texts]
    lines = _head("library", "us a text", "standard error at 0.5", "import ms", "import MB")
    for name in LIBRARIES:
        try:
            sketch, version = _sketcher(name)
        except ImportError:
            continue
        per_text = _microseconds(lambda sketch=sketch: [sketch(s) for s in sets]) / len(sets)
        halves = []
        for number in range(400):
            words = [f"{number} {at}" for at in range(600)]
            a, b = sketch(words[:400]), sketch(words[200:])
            halves.append(sum(map(int.__eq__, a, b)) / len(a) - 1 / 3)
        lines.append(
            _row(f"{name} {version}", f"{per_text:.1f}", f"{statistics.pstdev(halves):.4f}")[:-1]
            + _row(*_import_cost(name))
        )
    return lines


def _features(text: Text) -> list[str]:
    words = text.body.split()
    return [" ".join(words[at : at + 5]) for at in range(len(words) - 4)]


def _sketcher(name: str) -> tuple[Callable[[Iterable[str]], list[int]], str]:
    from importlib.metadata import version

    if name == "rensa":
        from rensa import RMinHash

        def sketch(features: Iterable[str]) -> list[int]:
            made = RMinHash(num_perm=256, seed=1)
            made.update(features)
            return made.digest()

    else:
        from datasketch import MinHash

        def sketch(features: Iterable[str]) -> list[int]:
            made = MinHash(num_perm=256, seed=1)
            made.update_batch([feature.encode() for feature in features])
            return [int(slot) for slot in made.hashvalues]

    return sketch, version(name)


_IMPORT = """
import pathlib, resource, time
def pages(): return int(pathlib.Path("/proc/self/statm").read_text().split()[1])
before, start = pages(), time.perf_counter()
import {name}
print(round(1000 * (time.perf_counter() - start)),
      (pages() - before) * resource.getpagesize() >> 20)
"""


def _import_cost(name: str) -> list[str]:
    command = [sys.executable, "-c", _IMPORT.format(name=name)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()


def report(stories: int, days: int, seed: int) -> str:
    pairs = [judged(pair) for pair in labelled(stories, seed)]
    firsts = [j.pair.first for j in pairs]
    parts = [
        [
            f"{len(pairs):,} pairs, seed {seed}. "
            f"The project's threshold is {near_duplicates.THRESHOLD}."
        ],
        by_threshold(pairs),
        by_kind(pairs),
        ["One index for years of daily notes, and stories:"],
        years_of_notes(days, seed),
        ["The exact measure, had figures another weight:"],
        weights(pairs),
        ["Other bands of the 256 slots:"],
        layouts(pairs, days, seed),
        estimates(pairs),
        cost(firsts[:1000]),
        libraries(firsts[:500]),
    ]
    return "\n\n".join("\n".join(part) for part in parts) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--stories", type=int, default=200, help="pairs of each kind")
    parser.add_argument("--days", type=int, default=1000, help="of each daily note")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    text = report(options.stories, options.days, options.seed)
    print(text)
    before, begin, rest = README.read_text(encoding="utf-8").partition(BEGIN)
    _, end, after = rest.partition(END)
    README.write_text(f"{before}{begin}\n{text}{end}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
