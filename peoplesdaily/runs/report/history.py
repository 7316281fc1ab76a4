"""What the report takes from the run manifests, added up as they are read.

Three years of hourly runs are 26,000 manifests: only their sums are kept, and the last few.
"""

from __future__ import annotations

import os
from collections import Counter, defaultdict, deque
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from pathlib import Path
from statistics import median

from peoplesdaily.runs.exit_codes import HELD, MONITOR
from peoplesdaily.runs.manifest import (
    FINISHED,
    FOLDER,
    KILLED,
    RUNNING,
    Check,
    Coverage,
    Failure,
    Manifest,
)
from peoplesdaily.runs.manifest_files import Unreadable, scan_manifests
from peoplesdaily.runs.report.corpus import BEIJING
from peoplesdaily.storage.index.reconcile import is_alive
from peoplesdaily.utils.atomic_files import run_time

MOST_RUNS = 30
"""Runs that are listed one by one."""
MOST_EXAMPLES = 3
"""Examples of a kind of failure."""
MOST_UNREADABLE = 20
"""Files that are no manifests, listed by name."""
CLOCKS_DIFFER = timedelta(minutes=5)
"""How far in the future a run may start before it is a finding: clocks differ."""
# As many gaps between runs as tell what is usual.
_GAPS = 20


@dataclass(slots=True)
class Run:
    """A run as the page lists it: a manifest without its long parts."""

    name: str
    spider: str
    sections: tuple[str, ...]
    start: datetime
    end: datetime | None
    state: str
    seconds: float | None
    exit_code: int | None
    outcome: str | None
    problems: tuple[str, ...]
    new: int
    revisions: int
    pending: int
    checks: tuple[Check, ...]
    """What the monitors did not like."""

    @property
    def ok(self) -> bool:
        """Whether it ended and was whole."""
        return self.state == FINISHED and self.exit_code == 0

    @property
    def held(self) -> bool:
        """Whether it gave way to another run of the section."""
        return self.outcome == HELD.name


@dataclass(slots=True)
class Day:
    """The runs that started on a day in Beijing."""

    runs: int = 0
    bad: int = 0
    new: int = 0
    revisions: int = 0
    seconds: list[float] = field(default_factory=list)


@dataclass(slots=True)
class SectionHistory:
    """A section's runs."""

    last: Run | None = None
    ended: Run | None = None
    """The last run that is over."""
    starts: deque[datetime] = field(default_factory=lambda: deque(maxlen=_GAPS + 1))
    new: int = 0
    """New stories of the last run."""
    newest: datetime | None = None
    """The newest story that a list named."""

    @property
    def usual_gap(self) -> timedelta | None:
        """Time from run to run, in the middle of the last ones; ``None`` before the third run."""
        starts = list(self.starts)
        if len(starts) < 3:
            return None
        seconds = [(b - a).total_seconds() for a, b in pairwise(starts)]
        return timedelta(seconds=median(seconds))


@dataclass(slots=True)
class History:
    """All runs of the days that the report looks at."""

    runs: int = 0
    own: int = 0
    """Runs that wrote files of their own, and count for nothing else."""
    older: bool = False
    """Whether there are runs from before."""
    first: datetime | None = None
    last: deque[Run] = field(default_factory=lambda: deque(maxlen=MOST_RUNS))
    running: list[Run] = field(default_factory=list)
    killed: int = 0
    last_killed: Run | None = None
    ahead: int = 0
    """Runs that start after now."""
    backwards: int = 0
    """Runs that end before they start."""
    days: defaultdict[date, Day] = field(default_factory=lambda: defaultdict(Day))
    sections: defaultdict[str, SectionHistory] = field(
        default_factory=lambda: defaultdict(SectionHistory)
    )
    section_days: defaultdict[tuple[date, str], list[int]] = field(
        default_factory=lambda: defaultdict(lambda: [0, 0, 0])
    )
    """Runs, runs that were whole, and new stories by day and section."""
    fields: defaultdict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    """Records that have a field, by template."""
    records: Counter[str] = field(default_factory=Counter)
    """Records by template."""
    duplicates: Counter[str] = field(default_factory=Counter)
    """Repeated stories by source."""
    statuses: Counter[str] = field(default_factory=Counter)
    failed: Counter[str] = field(default_factory=Counter)
    """Failures by kind."""
    examples: defaultdict[str, deque[tuple[datetime, Failure]]] = field(
        default_factory=lambda: defaultdict(lambda: deque(maxlen=MOST_EXAMPLES))
    )
    unreadable: int = 0
    unreadable_first: list[Unreadable] = field(default_factory=list)

    def add(self, manifest: Manifest, now: datetime) -> None:
        """Add the run of ``manifest``, which started after those before."""
        if not manifest.incremental:
            # A question about the site, not a part of the corpus.
            self.own += 1
            return
        run = _run(manifest)
        self.runs += 1
        self.first = self.first or run.start
        self.last.append(run)
        self.ahead += run.start > now + CLOCKS_DIFFER
        self.backwards += run.end is not None and run.end < run.start
        if run.state == RUNNING:
            self.running.append(run)
        elif run.state == KILLED:
            self.killed += 1
            self.last_killed = run
        if not run.held:
            self._add_days(manifest, run)
        for template, coverage in manifest.fields.items():
            self._add_fields(template, coverage)
        self.duplicates.update(manifest.duplicates_by_source)
        self.statuses.update(manifest.requests.by_status)
        self.failed.update(manifest.requests.failed)
        self.failed.update(
            {s: n for s, n in manifest.requests.by_status.items() if s[:1] in ("4", "5")}
        )
        for failure in manifest.failures:
            self.examples[failure.kind].append((run.start, failure))

    def _add_days(self, manifest: Manifest, run: Run) -> None:
        day = run.start.astimezone(BEIJING).date()
        sums = self.days[day]
        sums.runs += 1
        sums.bad += run.state != RUNNING and not run.ok
        sums.new += run.new
        sums.revisions += run.revisions
        if run.seconds is not None:
            sums.seconds.append(run.seconds)
        for name in {*run.sections, *manifest.by_section}:
            section = self.sections[name]
            section.last = run
            section.new = manifest.by_section[name].new if name in manifest.by_section else 0
            section.starts.append(run.start)
            if run.state != RUNNING:
                section.ended = run
            counts = self.section_days[day, name]
            counts[0] += 1
            counts[1] += run.ok or run.outcome == MONITOR.name
            if (found := manifest.by_section.get(name)) is not None:
                counts[2] += found.new
                if found.newest is not None:
                    newest = datetime.fromisoformat(found.newest)
                    section.newest = max(section.newest or newest, newest)

    def _add_fields(self, template: str, coverage: Coverage) -> None:
        self.records[template] += coverage.articles
        self.fields[template].update(coverage.covered)


def _run(manifest: Manifest) -> Run:
    return Run(
        name=manifest.run,
        spider=manifest.spider,
        sections=manifest.sections,
        start=manifest.start,
        end=datetime.fromisoformat(manifest.finished_at) if manifest.finished_at else None,
        state=manifest.state,
        seconds=manifest.seconds,
        exit_code=manifest.exit_code,
        outcome=manifest.outcome,
        problems=manifest.problems,
        new=manifest.articles.new,
        revisions=manifest.articles.revisions,
        pending=manifest.articles.pending,
        checks=tuple(check for check in manifest.monitors if not check.passed),
    )


def read(output: Path, days: list[date], now: datetime) -> History:
    """Read the manifests in ``output`` of the runs that started on ``days`` in Beijing or later.

    A run that says that it runs, and does not, is taken for killed.
    """
    since = datetime.combine(days[0], time(), BEIJING)
    folder = output / FOLDER
    history = History()
    for found in scan_manifests(folder, since):
        if isinstance(found, Unreadable):
            history.unreadable += 1
            if len(history.unreadable_first) < MOST_UNREADABLE:
                history.unreadable_first.append(found)
        elif found.state == RUNNING and not _runs(output, found.run):
            history.add(found.kill(), now)
        else:
            history.add(found, now)
    history.older = _any_before(folder, run_time(since))
    return history


def _runs(output: Path, run: str) -> bool:
    try:
        return is_alive(output, run)
    except OSError:
        # Its lock is not ours to read, but it is there.
        return True


def _any_before(folder: Path, name: str) -> bool:
    try:
        with os.scandir(folder) as entries:
            return any(
                e.name[:1].isdigit() and e.name.endswith(".json") and e.name < name for e in entries
            )
    except OSError:
        return False
