"""Kill crawls, hundreds of times, and look for articles that are lost, doubled or cut.

Every round starts with an empty output folder. A crawl of four sections is started again and again
and ended by force: at a step (``dying.py``), at a request, by SIGTERM, by Ctrl-C once and twice;
then one may end by itself. Meanwhile a reader looks at the finished files all the time.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from peoplesdaily.replica.content import Catalogue
from peoplesdaily.replica.server import Hit, Server
from peoplesdaily.replica.site import Site
from peoplesdaily.storage.feed_files import BadLineError, article, finished_files, lines

SECTIONS = ("world", "business", "china", "society")
WAYS = ("step", "request", "SIGTERM", "Ctrl-C", "Ctrl-C twice")
_SETTINGS = (
    "DOWNLOAD_DELAY=0", "AUTOTHROTTLE_ENABLED=0", "CONCURRENT_REQUESTS=2",
    "CONCURRENT_REQUESTS_PER_DOMAIN=2", "LOG_LEVEL=WARNING",
)  # fmt: skip
_LATENCY = 0.005


@dataclass
class Result:
    """What a number of rounds came to."""

    kills: Counter[str] = field(default_factory=Counter)
    lost: int = 0
    doubled: int = 0
    invalid: int = 0
    left: int = 0
    unseen: int = 0
    salvaged_lines: int = 0
    repeated: int = 0
    problems: list[str] = field(default_factory=list)

    @property
    def good(self) -> bool:
        return not (self.lost or self.doubled or self.invalid or self.left or self.unseen)


class Reader(threading.Thread):
    """Reads every finished file, over and over, as any user of the corpus may."""

    def __init__(self, output: Path, result: Result) -> None:
        super().__init__(daemon=True)
        self.output, self.result = output, result
        self.looks = 0
        self._seen: dict[Path, tuple[int, int]] = {}
        self._ids: set[tuple[str, int]] = set()
        self._end = threading.Event()

    def run(self) -> None:
        while not self._end.wait(0.01):
            self.look()

    def look(self) -> None:
        found: set[tuple[str, int]] = set()
        for path in finished_files(self.output):
            data = path.read_bytes()
            for line in data.splitlines(keepends=True):
                try:
                    if not line.endswith(b"\n"):
                        raise BadLineError("cut off")
                    record = article(line)
                    found.add((record.id, record.revision))
                except BadLineError as error:
                    self.result.invalid += 1
                    self.result.problems.append(f"a reader found in {path.name}: {error}")
        if self._ids - found:
            self.result.unseen += 1
            self.result.problems.append("a reader saw lines vanish")
        self._ids = found
        self.looks += 1

    def stop(self) -> None:
        self._end.set()
        self.join()
        self.look()


class Round:
    """Crawls on one output folder until one is left alone."""

    def __init__(self, site: Site, output: Path, rng: Random, result: Result) -> None:
        self.site, self.output, self.rng, self.result = site, output, rng, result
        self.hits = 0
        self.wanted_hit = 0
        self.hit = threading.Event()
        self.server = Server(site, latency=_LATENCY, report=self._count)

    def _count(self, hit: Hit) -> None:
        self.hits += 1
        if self.hits == self.wanted_hit:
            self.hit.set()

    def start(self, step: int = 0) -> subprocess.Popen[str]:
        first, *others = SECTIONS
        flags = [
            part for value in (*_SETTINGS, f"OUTPUT_DIR={self.output}") for part in ("-s", value)
        ]
        program = [str(ROOT / "benchmarks" / "dying.py"), str(step)] if step else ["-m", "scrapy"]
        environment = {k: v for k, v in os.environ.items() if not k.lower().endswith("_proxy")}
        return subprocess.Popen(
            [sys.executable, *program, "crawl", first, "-a", f"also={','.join(others)}", *flags],
            cwd=ROOT, env={**environment, "http_proxy": self.server.url, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip

    def kill(self, way: str) -> bool:
        """Start a crawl and end it; whether it was ended before it was done."""
        if way == "step":
            # Most steps are of articles; those of the start and the end are as interesting.
            last = self.rng.choice((40, 400, 1500))
            process = self.start(self.rng.randrange(1, last))
        else:
            self.hit.clear()
            # Those that a run at the end of a round still makes are few.
            self.wanted_hit = self.hits + self.rng.choice((self.rng.randrange(1, 120), 1, 6))
            process = self.start()
            while process.poll() is None and not self.hit.wait(0.01):
                pass
            time.sleep(self.rng.random() * 0.02)
            if way == "request":
                process.kill()
            elif way == "SIGTERM":
                process.terminate()
            else:
                process.send_signal(signal.SIGINT)
                if way == "Ctrl-C twice":
                    time.sleep(self.rng.random() * 0.05)
                    process.send_signal(signal.SIGINT)
        try:
            _, log = process.communicate(timeout=60)
        except subprocess.TimeoutExpired:
            process.kill()
            raise
        self._tell(log)
        return process.returncode != 0

    def complete(self) -> None:
        process = self.start()
        _, log = process.communicate(timeout=120)
        self._tell(log)
        if process.returncode != 0:
            self.result.problems.append(f"the last run ended with {process.returncode}: {log}")
            self.result.lost += 1

    def _tell(self, log: str) -> None:
        for line in log.splitlines():
            if "Salvaged" in line:
                self.result.salvaged_lines += int(line.partition("Salvaged ")[2].split()[0])
            if line.startswith("Traceback"):
                self.result.problems.append(log)

    def run(self, ways: list[str]) -> None:
        reader = Reader(self.output, self.result)
        with self.server:
            reader.start()
            for way in ways:
                if self.kill(way):
                    self.result.kills[way] += 1
            self.complete()
            reader.stop()
        self._judge()

    def _judge(self) -> None:
        expected = _expected(self.site.catalogue)
        found = Counter(article(line).id for p in finished_files(self.output) for line in lines(p))
        self.result.lost += len(expected - set(found))
        self.result.doubled += sum(n - 1 for n in found.values()) + len(set(found) - expected)
        for id_ in (expected - set(found)) | (set(found) - expected):
            self.result.problems.append(f"{id_}: {found[id_]} lines, wanted {id_ in expected}")
        left = [p.name for p in self.output.rglob("*") if p.is_file() and _is_litter(p)]
        self.result.left += len(left)
        self.result.problems += [f"left behind: {name}" for name in left]
        asked = Counter(hit.target for hit in self.server.log if "/c" in hit.target)
        self.result.repeated += sum(n - 1 for n in asked.values())


def _is_litter(path: Path) -> bool:
    return path.name.startswith(".") or path.suffix == ".old" or path.parent.name == ".locks"


def _expected(catalogue: Catalogue) -> set[str]:
    listed = {id_ for name in SECTIONS for id_ in catalogue.lists(name)}
    return {id_ for id_ in listed if catalogue.reposts.get(id_) not in listed}


def torture(kills: int, seed: int, *, a_round: int = 8, articles: int = 120) -> Result:
    """Kill crawls ``kills`` times.

    :param a_round: kills before a crawl is left alone and the outcome is looked at.
    """
    rng, result = Random(seed), Result()
    site = Site(Catalogue(articles=articles))
    while sum(result.kills.values()) < kills:
        left = kills - sum(result.kills.values())
        ways = [rng.choice(WAYS[:1] * 3 + WAYS) for _ in range(min(a_round, left))]
        with tempfile.TemporaryDirectory() as folder:
            Round(site, Path(folder) / "output", rng, result).run(ways)
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    began = time.monotonic()
    result = torture(options.kills, options.seed)
    total = sum(result.kills.values())
    ways = ", ".join(f"{way} {number}" for way, number in sorted(result.kills.items()))
    print(f"{total} kills in {time.monotonic() - began:.0f} s ({ways})")
    print(f"lost {result.lost}, doubled {result.doubled}, invalid {result.invalid}")
    print(f"left behind {result.left}, lines that a reader saw vanish {result.unseen}")
    print(f"lines salvaged {result.salvaged_lines}")
    each = result.repeated / max(total, 1)
    print(f"pages fetched again: {each:.2f} a kill, so many seconds at a request a second")
    for problem in dict.fromkeys(result.problems):
        print(problem)
    sys.exit(0 if result.good else 1)


if __name__ == "__main__":
    main()
