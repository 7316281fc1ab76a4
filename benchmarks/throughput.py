"""Measures a full crawl against a plain Scrapy spider on the same pages; see README.md.

This process stays small and imports nothing of the project: Linux counts the memory that a parent
held when it started a child into that child's peak.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
SPEED_TARGET = 1.2
MEMORY_TARGET = 1.2
# Cached by the replica at most; beyond that it would render pages while it is measured.
MOST_PAGES = 8_000
TIMEOUT = 1_800

PLAIN, OURS = "plain", "ours"


class FailedError(Exception):
    """A crawl that did not do its work: its figures mean nothing."""


@dataclass(frozen=True, slots=True)
class Replica:
    """A served replica and what a full crawl of it must give.

    :param stories: stories with a text of their own: lines that the project must write.
    :param story_pages: lines that the plain spider must write, one a page.
    """

    proxy: str
    lists: list[str]
    spiders: list[str]
    pages: int
    story_pages: int
    stories: int
    page_bytes: int


@dataclass(frozen=True, slots=True)
class Run:
    """Figures of one crawl.

    :param wall: seconds from the process's start to its end.
    :param crawl: seconds from the spider's opening to its closing, as Scrapy counts them.
    :param cpu: user and system seconds of the process.
    :param rss: peak resident set, MB.
    """

    who: str
    pages: int
    items: int
    wall: float
    crawl: float
    cpu: float
    rss: float

    @property
    def rate(self) -> float:
        """Pages a second, start-up excluded."""
        return self.pages / self.crawl

    @property
    def rate_whole(self) -> float:
        """Pages a second, start-up included."""
        return self.pages / self.wall

    @property
    def cpu_page(self) -> float:
        """Milliseconds of CPU a page, start-up included."""
        return 1000 * self.cpu / self.pages


COLUMNS = {
    "rate": "pages/s",
    "rate_whole": "with start-up",
    "cpu_page": "CPU ms/page",
    "wall": "wall s",
    "cpu": "CPU s",
    "rss": "peak MB",
}


@contextmanager
def served(articles: int, page_bytes: int) -> Iterator[Replica]:
    """A replica in a process of its own, every page rendered."""
    process = subprocess.Popen(
        [sys.executable, str(HERE / "replica_process.py"), str(articles), str(page_bytes)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin and process.stdout
    try:
        line = process.stdout.readline()
        if not line:
            raise FailedError("the replica did not start; its traceback stands above")
        yield Replica(**json.loads(line))
    finally:
        process.stdin.close()
        process.wait()


def environment(proxy: str, home: Path) -> dict[str, str]:
    """This environment without what would change a crawl: proxies and Scrapy settings."""
    dropped = re.compile(r"SCRAPY_|.*_proxy$|PYTHON|XDG_", re.IGNORECASE)
    kept = {name: value for name, value in os.environ.items() if not dropped.match(name)}
    # A ~/.scrapy.cfg or ~/.config/scrapy.cfg of the user's is no default of Scrapy.
    return {**kept, "http_proxy": proxy, "HOME": str(home)}


def plain_command(replica: Replica, folder: Path) -> list[str]:
    """The plain spider: nothing but its output and its log are set."""
    return [
        *(sys.executable, "-m", "scrapy", "runspider", str(HERE / "plain_spider.py")),
        *("-a", f"lists={','.join(replica.lists)}"),
        *("-O", str(folder / "items.jsonl"), "-s", f"LOG_FILE={folder / 'log'}"),
    ]


def our_command(replica: Replica, folder: Path) -> list[str]:
    """The project's crawl of all sections: delays off, Scrapy's default concurrency."""
    first, *others = replica.spiders
    settings = {
        "DOWNLOAD_DELAY": 0,
        "AUTOTHROTTLE_ENABLED": 0,
        "CONCURRENT_REQUESTS": 16,
        "CONCURRENT_REQUESTS_PER_DOMAIN": 8,
        "OUTPUT_DIR": folder,
        "LOG_FILE": folder / "log",
    }
    return [
        *(sys.executable, "-m", "scrapy", "crawl", first, "-a", f"also={','.join(others)}"),
        *(part for name, value in settings.items() for part in ("-s", f"{name}={value}")),
    ]


def crawl(who: str, replica: Replica, extra: list[str], rehearsal: bool = False) -> Run:
    """Crawl once, in a process of its own.

    :param rehearsal: end after a few items: byte code gets compiled, caches of the disk filled.
    :raises Failed: the crawl failed or lost a page or an item.
    """
    folder = Path(tempfile.mkdtemp(prefix="peoplesdaily-bench-"))
    try:
        command = plain_command(replica, folder) if who == PLAIN else our_command(replica, folder)
        if who == OURS:
            command += extra
        if rehearsal:
            command += ["-s", "CLOSESPIDER_ITEMCOUNT=10"]
        cwd = folder if who == PLAIN else ROOT
        said = folder / "stderr"
        status, wall, usage = _timed(command, cwd, environment(replica.proxy, folder), said)
        log = _read(folder / "log")
        if status != 0:
            tail = f"{_read(said)}{log}"[-3000:]
            raise FailedError(f"{who}: exit status {status}; its last words:\n{tail}")
        run = Run(
            who=who,
            pages=int(_stat(log, "response_received_count")),
            items=_lines_of(who, folder),
            wall=wall,
            crawl=_stat(log, "elapsed_time_seconds"),
            cpu=usage.ru_utime + usage.ru_stime,
            rss=usage.ru_maxrss / 1024,
        )
        if not rehearsal:
            _check(run, replica, log)
        return run
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _timed(
    command: list[str], cwd: Path, env: dict[str, str], said: Path
) -> tuple[int, float, Any]:
    """Exit status, seconds and resources of one process, whose words go to a file."""
    with said.open("wb") as file:
        began = time.perf_counter()
        process = subprocess.Popen(
            command, cwd=cwd, env=env, stdin=subprocess.DEVNULL, stdout=file, stderr=file
        )
    # wait4 gives the figures of this very child; the sum of all children would mix the two.
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return process.returncode, time.perf_counter() - began, usage


def _read(path: Path) -> str:
    """The end of a log; the plain spider's has megabytes."""
    if not path.exists():
        return ""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - 100_000))
        return file.read().decode("utf-8", "replace")


def _stat(log: str, name: str) -> float:
    """A statistic out of the dump that Scrapy logs at the end of a crawl."""
    found = re.findall(rf"'{name}': ([\d.]+)", log)
    if not found:
        raise FailedError(f"the log has no statistic {name}; it ends:\n{log[-3000:]}")
    return float(found[-1])


def _lines_of(who: str, folder: Path) -> int:
    """Different stories, or pages of stories, that a crawl wrote with a headline and a date."""
    names = ("url", "title", "date") if who == PLAIN else ("id", "title", "published_on")
    found: set[str] = set()
    for path in folder.rglob("*.jsonl"):
        with path.open(encoding="utf-8") as file:
            for line in file:
                key, title, day = map(json.loads(line).get, names)
                if title and day:
                    found.add(key)
    return len(found)


def _check(run: Run, replica: Replica, log: str) -> None:
    wanted = replica.story_pages if run.who == PLAIN else replica.stories
    if run.items != wanted:
        raise FailedError(
            f"{run.who}: {run.items} items written, {wanted} expected:\n{log[-3000:]}"
        )
    # The project asks for robots.txt, and for the front page twice: as a list, and for a section
    # whose address no source knows.
    extra = range(1) if run.who == PLAIN else range(4)
    if run.pages - replica.pages not in extra:
        raise FailedError(f"{run.who}: {run.pages} pages fetched, {replica.pages} expected")


def measure(replica: Replica, runs: int, extra: list[str]) -> list[Run]:
    """Both crawls by turns, so that a machine that grows slower slows both."""
    for who in (PLAIN, OURS):
        crawl(who, replica, extra, rehearsal=True)
    found = []
    for number in range(1, runs + 1):
        for who in (PLAIN, OURS):
            run = crawl(who, replica, extra)
            found.append(run)
            print(
                f"  run {number} of {runs}, {who:5}  {run.pages} pages, {run.items} items, "
                f"{run.rate:.0f} pages/s, {run.rss:.0f} MB",
                flush=True,
            )
    return found


def _values(runs: list[Run], who: str, column: str) -> list[float]:
    return [getattr(run, column) for run in runs if run.who == who]


def ratios(runs: list[Run], column: str) -> tuple[float, float, float]:
    """Ours to plain: median, least and most of the ratios of neighbouring runs."""
    pairs = zip(_values(runs, OURS, column), _values(runs, PLAIN, column), strict=True)
    found = [ours / plain for ours, plain in pairs]
    return median(found), min(found), max(found)


def table(runs: list[Run]) -> str:
    """Medians with their spread, and the ratios."""
    rows = [("", *COLUMNS.values())]
    for who in (PLAIN, OURS):
        rows.append((who, *(_spread(_values(runs, who, column)) for column in COLUMNS)))
    rows.append(("ours / plain", *(f"{ratios(runs, column)[0]:.2f}" for column in COLUMNS)))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True))
        for row in rows
    )


def _spread(values: list[float]) -> str:
    digits = 2 if max(values) < 100 else 0
    low, high = min(values), max(values)
    return f"{median(values):.{digits}f} ({low:.{digits}f}-{high:.{digits}f})"


def verdicts(runs: list[Run]) -> dict[str, bool]:
    """A sentence for each target, and whether it is met."""
    speed, slowest, fastest = ratios(runs, "rate")
    memory, least, most = ratios(runs, "rss")
    return {
        f"pages/s: {speed:.2f} x plain ({slowest:.2f}-{fastest:.2f}), "
        f"target at least {SPEED_TARGET}": speed >= SPEED_TARGET,
        f"memory: {memory:.2f} x plain ({least:.2f}-{most:.2f}), "
        f"target at most {MEMORY_TARGET}": memory <= MEMORY_TARGET,
    }


def save(path: Path, replica: Replica, runs: list[Run]) -> None:
    """All figures as JSON."""
    columns = ("rate", "rate_whole", "cpu_page")
    report = {
        "replica": {
            name: value
            for name, value in asdict(replica).items()
            if name not in ("proxy", "lists", "spiders")
        },
        "cpus": os.cpu_count(),
        "python": sys.version.split()[0],
        "runs": [{**asdict(run), **{c: getattr(run, c) for c in columns}} for run in runs],
        "ratios": {column: ratios(runs, column)[0] for column in COLUMNS},
        "targets": verdicts(runs),
    }
    path.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")


def parse_arguments(arguments: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=2_000, metavar="N")
    parser.add_argument("--page-bytes", type=int, default=30_000, metavar="N")
    parser.add_argument("--runs", type=int, default=3, metavar="N", help="crawls of each")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all figures there")
    parser.add_argument("--strict", action="store_true", help="exit with 1 on a missed target")
    parser.add_argument(
        "-s", dest="settings", action="append", default=[], metavar="NAME=VALUE",
        help="a setting of our crawl, to try it",
    )  # fmt: skip
    found = parser.parse_args(arguments)
    if found.articles < 1 or found.runs < 1 or found.page_bytes < 1:
        parser.error("--articles, --runs and --page-bytes must be at least 1")
    return found


def main() -> int:
    options = parse_arguments()
    extra = [part for setting in options.settings for part in ("-s", setting)]
    try:
        with served(options.articles, options.page_bytes) as replica:
            print(
                f"{options.articles} stories on {replica.pages} pages, lists included, of "
                f"{replica.page_bytes / 1000:.1f} kB on average; "
                f"{options.runs} crawls of each, by turns",
                flush=True,
            )
            if replica.pages > MOST_PAGES:
                print("warning: more pages than the replica keeps; it renders while it is measured")
            runs = measure(replica, options.runs, extra)
    except FailedError as error:
        print(f"throughput: {error}", file=sys.stderr)
        return 1
    print(f"\nMedian (lowest-highest)\n{table(runs)}\n")
    met = verdicts(runs)
    for sentence, reached in met.items():
        print(f"{'met   ' if reached else 'MISSED'}  {sentence}")
    if options.json:
        save(options.json, replica, runs)
    return 1 if options.strict and not all(met.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
