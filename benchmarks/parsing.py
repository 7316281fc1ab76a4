"""What a whole record costs, in units of ``lxml.etree.HTML`` on the same bytes.

    python benchmarks/parsing.py [--seconds 0.3] [--profile ERA] [--strict]

A record is decode, parse_article and merge, from bytes; the yardstick builds a tree and nothing
else. Pages: the cases in ``tests/pages``, era by era, and pages of the embedded site filled up to
30 and 60 KB. The two are timed by turns and the least of several rounds counts, because whatever
else the machine does only adds. ``--strict`` ends with code 1 where the bar is missed.
"""

from __future__ import annotations

import argparse
import cProfile
import json
import pstats
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from lxml import etree

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from peoplesdaily import pages  # noqa: E402
from peoplesdaily.replica.content import Catalogue  # noqa: E402
from peoplesdaily.replica.site import HOSTS, Site  # noqa: E402

BAR = 2.0
EPOCH = "1970-01-01T00:00:00Z"
SIZES = (30_000, 60_000)
# Of each era, so that one page's odds do not decide.
REPLICA_PAGES = 12
ROUNDS = 7


@dataclass(frozen=True, slots=True)
class Sample:
    """Pages that are timed together: bytes and address of each."""

    name: str
    pages: list[tuple[bytes, str]]

    @property
    def mean_bytes(self) -> int:
        return sum(len(data) for data, _ in self.pages) // len(self.pages)


def fixtures() -> Iterator[Sample]:
    """The first pages of the cases, era by era."""
    for folder in sorted((ROOT / "tests" / "pages").iterdir()):
        cases = sorted(path.parent for path in folder.glob("*/gold.json"))
        found = [
            (
                (case / "page.html").read_bytes(),
                json.loads((case / "meta.json").read_text(encoding="utf-8"))["url"],
            )
            for case in cases
        ]
        if found:
            yield Sample(folder.name, found)


def replica(page_bytes: int) -> Iterator[Sample]:
    """Pages of the embedded site, era by era."""
    catalogue = Catalogue(articles=200, page_bytes=page_bytes)
    site = Site(catalogue)
    by_era: dict[str, list[tuple[bytes, str]]] = {}
    for id_ in catalogue.ids:
        url = f"http://{HOSTS[0]}{catalogue.story(id_).page_path(1)}"
        data = site.respond("GET", HOSTS[0], url).body
        era = pages.parse_article(pages.decode(data), url).template
        by_era.setdefault(era, []).append((data, url))
    for era, found in sorted(by_era.items()):
        yield Sample(f"{era}, replica, {page_bytes // 1000} KB", found[:REPLICA_PAGES])


def tree(sample: Sample) -> None:
    for data, _ in sample.pages:
        etree.HTML(data)


def record(sample: Sample) -> None:
    for data, url in sample.pages:
        pages.merge([pages.parse_article(pages.decode(data), url)], crawled_at=EPOCH)


def decoded(sample: Sample) -> None:
    for data, _ in sample.pages:
        pages.decode(data)


def _seconds(work: Callable[[Sample], None], sample: Sample, times: int) -> float:
    start = time.perf_counter()
    for _ in range(times):
        work(sample)
    return (time.perf_counter() - start) / times


def measure(sample: Sample, seconds: float) -> tuple[float, float, float]:
    """Seconds a page for tree, record and decoding alone."""
    works = (tree, record, decoded)
    # The first time compiles XPaths and fills caches, as the first page of a crawl does.
    times = [max(1, int(seconds / ROUNDS / _seconds(work, sample, 2))) for work in works]
    rounds = [
        [_seconds(work, sample, n) for work, n in zip(works, times, strict=True)]
        for _ in range(ROUNDS)
    ]
    least = [min(column) / len(sample.pages) for column in zip(*rounds, strict=True)]
    return least[0], least[1], least[2]


def profile(sample: Sample) -> None:
    """Print what a record of ``sample`` spends its time on."""
    record(sample)
    profiler = cProfile.Profile()
    profiler.enable()
    for _ in range(20):
        record(sample)
    profiler.disable()
    pstats.Stats(profiler).sort_stats("tottime").print_stats(25)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=0.3, help="for each work and sample")
    parser.add_argument("--profile", metavar="ERA", help="profile samples whose name begins so")
    parser.add_argument("--strict", action="store_true", help="code 1 where the bar is missed")
    options = parser.parse_args()

    samples = [*fixtures(), *(sample for size in SIZES for sample in replica(size))]
    if options.profile is not None:
        for sample in samples:
            if sample.name.startswith(options.profile):
                print(sample.name)
                profile(sample)
        return 0
    missed = []
    print("| pages | number | bytes | tree ms | record ms | decode ms | ratio |")
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: |")
    for sample in samples:
        tree_s, record_s, decode_s = measure(sample, options.seconds)
        ratio = record_s / tree_s
        print(
            f"| {sample.name} | {len(sample.pages)} | {sample.mean_bytes:,} | {1000 * tree_s:.2f} "
            f"| {1000 * record_s:.2f} | {1000 * decode_s:.3f} | {ratio:.2f} |",
            flush=True,
        )
        if ratio > BAR:
            missed.append(sample.name)
    if missed:
        print(f"\nAbove the bar of {BAR}: {'; '.join(missed)}")
    return 1 if missed and options.strict else 0


if __name__ == "__main__":
    sys.exit(main())
