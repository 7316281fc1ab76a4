"""What look-ups in the index cost as it grows, and whether a crawl notices; see README.md.

    python benchmarks/index.py [--sizes 1000,100000,1000000] [--no-crawl] [--write]

Every size is filled and measured in processes of its own.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from statistics import median
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE)]

from throughput import FailedError, environment, served

from peoplesdaily.items import Article
from peoplesdaily.parsers import merge
from peoplesdaily.parsers.story import StoryPage
from peoplesdaily.site import urls
from peoplesdaily.storage import near_duplicates
from peoplesdaily.storage.index import Index, PendingArticle, reconcile
from peoplesdaily.storage.index.models import NO_PASS
from peoplesdaily.storage.index.opening import open_index
from peoplesdaily.storage.index.session import Session

README = HERE / "README.md"
BEGIN, END = "<!-- index -->", "<!-- /index -->"
NOW = datetime(2026, 11, 20, tzinfo=UTC)
SECTIONS = ("world", "business", "china", "sports", "society")
IN_A_FILE = 100
AT_A_TIME = 20_000  # articles in a transaction of the filling
FIRST_ID = 70_000_000  # no id of the replica's
BAND = 8  # bytes of a signature that make a band
# Of a hundred articles: that are like an earlier one, and that are notes of one mould.
RELATED, OF_A_MOULD = 20, 1
ON_A_LIST = 20
ROUNDS = 300
_FIRST_DAY = date(2005, 1, 1)
CRAWLED = 100

ROWS = {
    "states": "`states` of a list page of 20",
    "same_text": "`same_text`",
    "near": "`near_duplicate`, a text like none",
    "near_related": "`near_duplicate`, a text like an earlier one",
    "near_mould": "`near_duplicate`, a note of a mould",
    "newest": "`newest` of a section",
    "listed": "`listings.record` and `leases.take` of 20 new",
    "write": "`begin_revision`",
    "known": "`files.add`, an article",
    "open": "open with nothing new",
}
FIGURES = {"size": "MB on disk", "rss": "peak MB of the process"}


# --- Filling -----------------------------------------------------------------------------------


class Made:
    """Invented articles: ``article(n)`` and ``signature(n)`` are the same in every process."""

    def __init__(self, articles: int) -> None:
        self.articles = articles
        address = urls.article("http://en.people.cn/n3/2020/1127/c90000-1.html")
        assert address
        page = StoryPage(
            address=address, template="2021", title="Boats return to Qingshui harbor",
            published_on=_FIRST_DAY, paragraphs=("Forty boats came home.",),
        )  # fmt: skip
        self._sample = merge([page], crawled_at="2026-11-20T08:00:00Z")

    def id(self, number: int) -> str:
        return str(FIRST_ID + number)

    def article(self, number: int) -> Article:
        section = SECTIONS[number % len(SECTIONS)]
        day = min(7_000 * number // self.articles, 7_001)
        return replace(
            self._sample,
            id=self.id(number),
            url=f"http://en.people.cn/n3/2020/1127/c90000-{self.id(number)}.html",
            title=f"Boat number {number} returns to Qingshui harbor on a quiet day",
            section=section,
            sections=(section,),
            published_on=f"{_FIRST_DAY + timedelta(days=day):%F}",
            content_hash=f"{number:064x}",
        )

    def signature(self, number: int) -> bytes:
        chance = Random(number)
        made = bytearray(chance.randbytes(len(_ANY)))
        kind = chance.randrange(100)
        if kind < OF_A_MOULD:
            made[: 3 * BAND] = Random("mould").randbytes(3 * BAND)
        elif kind < OF_A_MOULD + RELATED and number:
            # As alike as stories of one event are: a few bands in common.
            other = self.signature(chance.randrange(max(0, number - 5_000), number) // 7 * 7)
            for _ in range(3):
                at = chance.randrange(24) * BAND
                made[at : at + BAND] = other[at : at + BAND]
        made[-2:] = (400).to_bytes(2, "little")
        return bytes(made)

    def number(self, of: str) -> int:
        """The first one behind those filled in that is ``"mould"``, ``"related"`` or neither."""
        number = self.articles
        while True:
            kind = Random(number)
            kind.randbytes(len(_ANY))
            drawn = kind.randrange(100)
            found = (
                "mould" if drawn < OF_A_MOULD
                else "related" if drawn < OF_A_MOULD + RELATED else "alone"
            )  # fmt: skip
            if found == of:
                return number
            number += 1


_ANY = near_duplicates.signature("", "word " * 100) or b""


def fill(output: Path, articles: int) -> None:
    """Make files and their index."""
    made = Made(articles)
    output.mkdir(parents=True, exist_ok=True)
    files = [Path(section) / f"{n:06}.jsonl" for n, section in _files(articles)]
    for section in SECTIONS:
        (output / section).mkdir(exist_ok=True)
    with closing(Index(reconcile.index_path(output))) as index:
        # Filling touches every page of the index over and over, and has nothing to lose.
        index.rows("PRAGMA cache_size = -4000000")
        index.rows("PRAGMA synchronous = OFF")
        index.rows("PRAGMA journal_mode = OFF")
        for start in range(0, articles, AT_A_TIME):
            with index.transaction():
                for number in range(start, min(start + AT_A_TIME, articles)):
                    article = made.article(number)
                    index.articles.begin_revision(
                        article, "fill", made.signature(number), ('"1"', None)
                    )
                for first in range(start, min(start + AT_A_TIME, articles), IN_A_FILE):
                    path = files[first // IN_A_FILE]
                    (output / path).write_bytes(b"")
                    status = (output / path).stat()
                    some = range(first, min(first + IN_A_FILE, articles))
                    index.files.add(
                        str(path), status.st_size, status.st_mtime_ns, map(made.article, some)
                    )
        index.leases.end_run("fill")


def _files(articles: int) -> Iterator[tuple[int, str]]:
    for number in range(-(-articles // IN_A_FILE)):
        yield number, SECTIONS[number % len(SECTIONS)]


# --- Measuring ---------------------------------------------------------------------------------


def measure(output: Path, articles: int) -> dict[str, float]:
    """Microseconds of each look-up, the median of many; a cold start is in none of them."""
    made = Made(articles)
    chance = Random(articles)
    found: dict[str, float] = {}

    def opening() -> None:
        index, _ = open_index(output)
        index.close()

    found["open"] = timed(lambda _: opening(), rounds=5)
    index, _ = open_index(output)
    session = Session(index, "run", output, keeps=True)
    index.leases.begin_run("run", NOW)

    def some(_: int) -> list[str]:
        known = [made.id(chance.randrange(articles)) for _ in range(ON_A_LIST // 2)]
        return [*known, *(made.id(articles + chance.randrange(10**6)) for _ in known)]

    lists = [some(n) for n in range(ROUNDS)]
    found["states"] = timed(lambda n: index.listings.states(lists[n], NOW))
    texts = [made.article(chance.randrange(2 * articles)) for _ in range(ROUNDS)]
    texts = [replace(text, id="1", body="Some text.") for text in texts]
    found["same_text"] = timed(lambda n: index.articles.same_text(texts[n]))
    for name, of in (("near", "alone"), ("near_related", "related"), ("near_mould", "mould")):
        given, made.articles = _of_a_kind(made, of), articles
        signatures = [made.signature(number) for number in given]
        found[name] = timed(
            lambda n, all_=signatures: index.articles.near_duplicate(
                "1", all_[n], near_duplicates.THRESHOLD
            ),
            rounds=len(signatures),
        )
    found["newest"] = timed(lambda n: index.articles.newest(SECTIONS[n % len(SECTIONS)]), rounds=50)
    number = articles + 10**6
    new_ones = [
        [
            PendingArticle(
                made.id(number + n * ON_A_LIST + k), "http://en.people.cn/1", "world", "world", ""
            )
            for k in range(ON_A_LIST)
        ]
        for n in range(ROUNDS)
    ]
    found["listed"] = timed(lambda n: _record_list(index, new_ones[n]))
    new = [made.article(number + n) for n in range(ROUNDS)]
    signed = [made.signature(number + n) for n in range(ROUNDS)]
    found["write"] = timed(lambda n: session.begin_revision(new[n], signed[n]))
    # As a crawl does: all of a run's lines at its end.
    files = [new[at : at + IN_A_FILE] for at in range(0, ROUNDS, IN_A_FILE)]
    adding = timed(lambda n: index.files.add(f"world/new{n}.jsonl", 0, 0, files[n]), len(files))
    found["known"] = adding / IN_A_FILE
    index.leases.end_run("run")
    index.close()
    found["size"] = reconcile.index_path(output).stat().st_size / 1e6
    found["rss"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return found


def _record_list(index: Index, new: list[PendingArticle]) -> None:
    """Take new articles from a page of a list, as the frontier does."""
    ids = [article.id for article in new]
    with index.transaction():
        index.listings.record(ids, "world", NO_PASS, new, None, NOW)
        index.leases.take(ids, "run")


def _of_a_kind(made: Made, of: str, count: int = 50) -> list[int]:
    numbers = []
    for _ in range(count):
        numbers.append(made.number(of))
        made.articles = numbers[-1] + 1
    return numbers


def timed(act: Callable[[int], object], rounds: int = ROUNDS) -> float:
    """Median microseconds of ``act(0)``, ``act(1)``, …"""
    taken = []
    for number in range(rounds):
        began = time.perf_counter()
        act(number)
        taken.append((time.perf_counter() - began) * 1e6)
    return median(taken)


# --- A crawl -----------------------------------------------------------------------------------


def crawl(proxy: str, output: Path) -> tuple[float, float]:
    """Milliseconds of CPU and of time that a crawl of 100 new articles takes for each.

    :raises FailedError: it did not write them.
    """
    log = output.with_suffix(".log")
    command = [
        *(sys.executable, "-m", "scrapy", "crawl", "opinions", "-a", "also=world,china,business"),
        *("-a", f"max_articles={CRAWLED}", "-s", f"OUTPUT_DIR={output}", "-s", f"LOG_FILE={log}"),
        *("-s", "DOWNLOAD_DELAY=0", "-s", "AUTOTHROTTLE_ENABLED=0"),
    ]
    process = subprocess.Popen(command, cwd=HERE.parent, env=environment(proxy, output.parent))
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    said = log.read_text(encoding="utf-8")
    log.unlink()
    written = re.search(r"'item_scraped_count': (\d+)", said)
    taken = re.search(r"'elapsed_time_seconds': ([\d.]+)", said)
    if process.returncode or written is None or int(written[1]) < CRAWLED * 0.9 or taken is None:
        raise FailedError(f"crawl ended with {process.returncode}:\n{said[-3000:]}")
    cpu = usage.ru_utime + usage.ru_stime
    return 1000 * cpu / int(written[1]), 1000 * float(taken[1]) / int(written[1])


def crawls(folder: Path, sizes: list[int], runs: int) -> dict[int, list[tuple[float, float]]]:
    """Crawls with an empty index and with those of ``sizes``, by turns."""
    found: dict[int, list[tuple[float, float]]] = {size: [] for size in (0, *sizes)}
    with served(1_000, 30_000) as replica:
        for number in range(runs + 1):
            for size, taken in found.items():
                output = folder / "crawl"
                shutil.rmtree(output, ignore_errors=True)
                if size:
                    shutil.copytree(folder / str(size), output, copy_function=shutil.copy2)
                else:
                    output.mkdir()
                run = crawl(replica.proxy, output)
                if number:  # the first is a rehearsal
                    taken.append(run)
    return found


# --- Tables ------------------------------------------------------------------------------------


def table(found: dict[int, dict[str, float]]) -> str:
    """Microseconds, and beside them the ratio to the smallest index."""
    base = next(iter(found.values()))
    lines = [
        "| us | " + " | ".join(f"{size:,}" for size in found) + " |",
        "| --- |" + " ---: |" * len(found),
    ]
    for name, title in ROWS.items():
        cells = (f"{f[name]:,.0f} ({f[name] / base[name]:.1f} x)" for f in found.values())
        lines.append(f"| {title} | {' | '.join(cells)} |")
    for name, title in FIGURES.items():
        lines.append(f"| {title} | {' | '.join(f'{f[name]:,.0f}' for f in found.values())} |")
    return "\n".join(lines)


def crawl_table(found: dict[int, list[tuple[float, float]]]) -> str:
    """Medians, and the median of the ratios of neighbouring runs."""
    lines = ["| articles in the index | CPU ms an article | ms an article | ratio, CPU | ratio |"]
    lines.append("| ---: | ---: | ---: | ---: | ---: |")
    for size, runs in found.items():
        cells = [f"{median(run[k] for run in runs):.2f}" for k in (0, 1)]
        cells += [
            f"{median(run[k] / none[k] for run, none in zip(runs, found[0], strict=True)):.2f}"
            for k in (0, 1)
        ]
        lines.append(f"| {size:,} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _apart(*arguments: str) -> str:
    """What this program prints in a process of its own."""
    done = subprocess.run(
        [sys.executable, __file__, *arguments], stdout=subprocess.PIPE, text=True, check=True
    )
    return done.stdout


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", default="1000,100000,1000000", metavar="N,N,...")
    parser.add_argument("--runs", type=int, default=5, metavar="N", help="crawls of each kind")
    parser.add_argument("--no-crawl", action="store_true", help="measure look-ups only")
    parser.add_argument("--write", action="store_true", help="put the tables into README.md")
    parser.add_argument("--folder", type=Path, help="keep what is filled there, for a next time")
    parser.add_argument("--fill", nargs=2, help=argparse.SUPPRESS)
    parser.add_argument("--measure", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.fill:
        fill(Path(options.fill[0]), int(options.fill[1]))
        return 0
    if options.measure:
        print(json.dumps(measure(Path(options.measure[0]), int(options.measure[1]))))
        return 0
    sizes = [int(size) for size in options.sizes.split(",")]
    kept = options.folder is not None
    folder = options.folder or Path(tempfile.mkdtemp(prefix="peoplesdaily-bench-"))
    try:
        parts = _all(folder, sizes, options)
    finally:
        if not kept:
            shutil.rmtree(folder, ignore_errors=True)
    print("\n\n".join(parts))
    if options.write:
        page = README.read_text(encoding="utf-8")
        head, _, rest = page.partition(BEGIN)
        tail = rest.partition(END)[2]
        body = "\n\n".join(parts)
        README.write_text(f"{head}{BEGIN}\n{body}\n{END}{tail}", encoding="utf-8")
    return 0


def _all(folder: Path, sizes: list[int], options: Any) -> list[str]:
    found: dict[int, dict[str, float]] = {}
    for size in sizes:
        output = folder / str(size)
        began = time.perf_counter()
        if not output.exists():
            _apart("--fill", str(output), str(size))
            print(f"{size:,} articles filled in: {time.perf_counter() - began:.0f} s", flush=True)
        # Measuring writes; the crawls are to find what was filled in.
        work = folder / "work"
        shutil.rmtree(work, ignore_errors=True)
        shutil.copytree(output, work, copy_function=shutil.copy2)
        found[size] = json.loads(_apart("--measure", str(work), str(size)))
        shutil.rmtree(work)
    parts = [table(found)]
    if not options.no_crawl:
        within = [size for size in sizes if 1_000 < size <= 100_000]
        parts.append(crawl_table(crawls(folder, within, options.runs)))
    return parts


if __name__ == "__main__":
    sys.exit(main())
