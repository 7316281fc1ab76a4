"""Runs of a month: ``scrapy crawlall`` every hour on a site that lives, with time compressed.

Every run is a process of its own that crawls over HTTP as in production; only its clock is set
(time-machine), its pauses are left out, and it is forked from a process that has imported Scrapy
already (``forked.py``). ``--folder`` says where they leave their output.
"""

from __future__ import annotations

import argparse
import importlib
import json
import pkgutil
import shutil
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.forked import Ended, Forks, Order
from peoplesdaily.replica.content import Catalogue
from peoplesdaily.replica.evolving import EvolvingSite, Trouble, edit_of
from peoplesdaily.replica.server import Server
from peoplesdaily.runs.manifest import FINISHED, FOLDER, Manifest
from peoplesdaily.runs.manifest_files import read_manifests
from peoplesdaily.storage.feed_files import finished_files

END = date(2026, 11, 23)
HOUR = timedelta(hours=1)
LIMIT = 60.0
"""Seconds that a run may take; it takes less than one."""
SETTINGS = {
    "DOWNLOAD_DELAY": "0", "DOWNLOAD_DELAY_JITTER": "0", "AUTOTHROTTLE_ENABLED": "0",
    "RETRY_BACKOFF": "0.01", "RETRY_TIMES": "1", "CONTACT": "bench@example.org",
}  # fmt: skip
# Packages whose modules the forking process has imported when it forks, as a run would.
_PACKAGES = (
    "peoplesdaily.commands", "peoplesdaily.spiders", "scrapy.commands",
    "scrapy.downloadermiddlewares", "scrapy.extensions", "scrapy.spidermiddlewares",
)  # fmt: skip
_MODULES = (
    "scrapy.cmdline", "scrapy.core.downloader.handlers.http11", "scrapy.dupefilters",
    "scrapy.logformatter", "scrapy.pqueues", "scrapy.squeues", "scrapy.statscollectors",
    "time_machine", "uvloop",
)  # fmt: skip


# Deprecated; importing it warns.
_LEFT_OUT = ("statsmailer",)


def preload() -> list[str]:
    """Names of modules that need be imported once, and not in each run."""
    names = ["peoplesdaily.settings", *_MODULES]
    for package in _PACKAGES:
        path = importlib.import_module(package).__path__
        names += [
            f"{package}.{found.name}"
            for found in pkgutil.iter_modules(path)
            if found.name not in _LEFT_OUT
        ]
    return names


@dataclass
class Month:
    """What happened.

    :ivar codes: exit codes of the runs' processes; negative where a signal ended one.
    :ivar errors: runs that were killed because they did not end, died, or whose manifest does not
        agree with how their process ended.
    :ivar published: stories on the site in the end.
    :ivar missed: those of which neither they nor a story with the same text is stored.
    :ivar doubled: stories stored twice, or whose text is.
    :ivar edits: stories that were changed while the runs watched, and how many got a revision.
    """

    runs: list[Manifest]
    codes: list[int]
    seconds: float
    errors: list[str] = field(default_factory=list)
    published: int = 0
    stored: int = 0
    missed: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    edits: tuple[int, int] = (0, 0)

    def alarms(self) -> list[tuple[datetime, int, list[str]]]:
        """Runs that ended with anything but 0: start, exit code, failed checks."""
        return [
            (
                run.start,
                run.exit_code or 0,
                [f"{c.monitor} {c.section or ''}".strip() for c in run.monitors if not c.passed],
            )
            for run in self.runs
            if run.exit_code
        ]


def simulate(
    days: int,
    output: Path,
    troubles: Sequence[Trouble] = (),
    articles: int | None = None,
    say: Any = lambda line: None,
    limit: float = LIMIT,
) -> Month:
    """Crawl every hour of ``days`` days that end with :data:`END`, and count.

    :param limit: seconds that a run may take; one that takes longer is killed, and is an error.
    """
    start = datetime(END.year, END.month, END.day, 7, 7, 3, tzinfo=UTC) - timedelta(days=days)
    # Three stories in five appear lately, some forty a day; the others were there before.
    whole = Catalogue(articles or int(days * 41 / 0.6) + 60, today=END, page_bytes=6_000)
    site = EvolvingSite(whole, start, troubles)
    ends: list[Ended] = []
    flags = [f"-s{name}={value}" for name, value in SETTINGS.items()]
    began = time.monotonic()
    output.mkdir(parents=True, exist_ok=True)
    with Server(site, keep_log=False) as server, Forks(preload()) as forks:
        for number in range(days * 24 + 1):
            now = start + number * HOUR
            site.set_clock(now)
            # Once a day it looks whether what was stored has changed.
            more = ["-arecheck=2d"] if number % 24 == 20 or number == days * 24 else []
            order = Order(
                ["crawlall", f"-sOUTPUT_DIR={output}", *more, *flags],
                str(output / "month.log"), limit, server.url, now.isoformat(),
            )  # fmt: skip
            ends.append(forks.run(order))
            if number % 24 == 0:
                say(f"day {number // 24}: {time.monotonic() - began:.0f} s")
    runs, unread = read_manifests(output / FOLDER)
    assert not unread, unread
    month = Month(runs, [end.code for end in ends], time.monotonic() - began)
    month.errors = errors_of(ends, runs, start, limit)
    _count(month, site, output, start)
    return month


def errors_of(
    ends: Sequence[Ended], runs: Sequence[Manifest], start: datetime, limit: float
) -> list[str]:
    """Runs that did not end as they should, or not as their manifests say.

    :param start: when the first of them began; the others did so an hour after each other.
    """
    told: dict[int, list[Manifest]] = {}
    for run in runs:
        told.setdefault((run.start - start) // HOUR, []).append(run)
    errors = []
    for number, end in enumerate(ends):
        name = f"run {number} (process {end.pid})"
        said = [(run.pid, run.state, run.exit_code) for run in told.pop(number, [])]
        if end.overdue:
            errors.append(f"{name} took longer than {limit:g} s and was killed; see month.log")
        elif end.code < 0:
            errors.append(f"{name} was ended by signal {-end.code}")
        elif said != [(end.pid, FINISHED, end.code)]:
            errors.append(f"{name} ended with {end.code}; manifests of its hour say {said}")
    return errors + [f"nobody ran {run.run}" for others in told.values() for run in others]


def _count(month: Month, site: EvolvingSite, output: Path, start: datetime) -> None:
    records = [
        json.loads(line)
        for path in finished_files(output)
        for line in path.read_text(encoding="utf-8").splitlines()
    ]
    lines = Counter(record["id"] for record in records if record["revision"] == 1)
    texts = Counter(record["content_hash"] for record in records if record["body"])
    shown = set(site.catalogue.ids)
    twin = site.whole.reposts
    others = {**twin, **{newer: older for older, newer in twin.items()}}
    month.published, month.stored = len(shown), len(lines)
    month.missed = [n for n in shown if n not in lines and others.get(n) not in lines]
    month.doubled = [n for n, often in lines.items() if often > 1]
    # Of stories of pictures alone no text says that they are the same.
    told = {record["id"] for record in records if record["body"]}
    month.doubled += [n for n in twin if n in told and twin[n] in told]
    month.doubled += [text for text, often in texts.items() if often > 1]
    edited = {
        number
        for number in shown
        if (when := edit_of(site.whole, number)) and start + 24 * HOUR < when < site.now - 24 * HOUR
    }
    revised = {record["id"] for record in records if record["revision"] == 2}
    month.edits = len(edited), len(edited & revised)


def troubles_of(days: int) -> list[Trouble]:
    """What goes wrong in a month."""
    start = datetime(END.year, END.month, END.day, 6, tzinfo=UTC) - timedelta(days=days)

    def at(day: int, hour: int) -> datetime:
        return start + timedelta(days=day, hours=hour)

    return [
        Trouble("down", at(12, 2), at(12, 7)),
        Trouble("frozen_lists", at(16, 0), at(20, 0), ("world",)),
        Trouble("new_lists", at(23, 3), at(23, 9), ("business", "sports")),
        Trouble("new_articles", at(26, 5), at(26, 9)),
    ]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--folder", type=Path, help="where the runs write; a new one")
    options = parser.parse_args()
    days, output = options.days, options.folder or ROOT / "output" / "month"
    if options.folder is None:
        shutil.rmtree(output, ignore_errors=True)
    elif output.exists():
        parser.error(f"{output} exists; name a folder that does not")
    troubles = [t for t in troubles_of(days) if t.end < datetime(2026, 11, 23, tzinfo=UTC)]
    month = simulate(days, output, troubles, say=print)
    requests = [run.requests.total for run in month.runs[1:]]
    print(f"{len(month.runs)} runs in {month.seconds:.0f} s, exit codes {Counter(month.codes)}")
    for error in month.errors:
        print(error)
    print(
        f"{month.published} published, {month.stored} stored, {len(month.missed)} missed, "
        f"{len(month.doubled)} doubled; {month.edits[1]} of {month.edits[0]} edits found"
    )
    print(f"requests a run: median {median(requests):.0f}, at most {max(requests)}")
    for trouble in troubles:
        print(f"{trouble.kind:13} {trouble.start:%d %H:%M} to {trouble.end:%d %H:%M}")
    for when, code, checks in month.alarms():
        print(f"{when:%d %H:%M} exit {code}: {', '.join(checks)}")
    return 1 if month.errors or month.missed or month.doubled else 0


if __name__ == "__main__":
    sys.exit(main())
