"""Invented weeks without a fault, and what the monitors find in them.

Manifests of hourly runs over fifteen sections are invented: nights, weekends, a holiday week at two
fifths of the usual volume, days that vary more than chance alone, requests that fail, fields that
come and go. The real monitors run on each of them.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

from peoplesdaily.runs.manifest import (
    FINISHED,
    Articles,
    Check,
    Coverage,
    Manifest,
    Requests,
    Section,
    utc_time,
)
from peoplesdaily.runs.monitoring.history import History
from peoplesdaily.runs.monitoring.monitors import MonitorContext, RunSuite
from peoplesdaily.runs.notes import RunNotes
from peoplesdaily.runs.recorder import FIELDS
from peoplesdaily.site.sections import SECTIONS

START = datetime(2026, 3, 2, 0, 7, 3, tzinfo=UTC)
HOUR = timedelta(hours=1)
HISTORY = timedelta(days=42)
# Articles a day, from the busiest section to the quietest.
RATES = dict(zip(SECTIONS, (40, 25, 18, 14, 12, 10, 8, 7, 6, 5, 4, 3, 2, 1.5, 1), strict=True))
# By day; the holiday week is in the watched part, behind the history's first weeks.
HOLIDAY = range(50, 57)


def activity(moment: datetime, day: int) -> float:
    """How much is published at a moment, as a multiple of the mean hour's."""
    hour = (moment.hour + 8) % 24
    beijing = 1.55 if 7 <= hour < 22 else 0.08
    weekend = 0.6 if (moment + timedelta(hours=8)).weekday() >= 5 else 1.15
    return beijing * weekend * (0.4 if day in HOLIDAY else 1.0)


def poisson(rng: random.Random, mean: float) -> int:
    """A count by chance, by gaps between events."""
    count, at = 0, rng.expovariate(1.0)
    while at < mean:
        count, at = count + 1, at + rng.expovariate(1.0)
    return count


def runs(days: int, seed: int = 1, silent: dict[str, int] | None = None) -> Iterator[Manifest]:
    """Manifests of a run an hour.

    :param silent: sections that publish nothing from a day on.
    """
    rng = random.Random(seed)
    newest = dict.fromkeys(RATES, START)
    shares = {
        name: {field: min(1.0, rng.choice((0.02, 0.3, 0.7, 0.95, 1.0))) for field in FIELDS}
        for name in RATES
    }
    for number in range(days * 24):
        moment, day = START + number * HOUR, number // 24
        if number % 24 == 0:
            wobble = {name: rng.lognormvariate(-0.03, 0.25) for name in RATES}
            drift = {name: rng.gauss(0, 0.04) for name in RATES}
        sections, fields = {}, {}
        for name, rate in RATES.items():
            mean = rate / 24 * activity(moment, day) * wobble[name]
            new = poisson(rng, mean)
            if silent and day >= silent.get(name, days):
                new = 0
            if new:
                newest[name] = moment - HOUR * rng.random()
                covered = {
                    field: sum(rng.random() < share + drift[name] for _ in range(new))
                    for field, share in shares[name].items()
                }
                fields[name] = Coverage(articles=new, covered=covered)
            sections[name] = Section(
                listed=30, new=new, lists_read=1, newest=utc_time(newest[name])
            )
        total = sum(section.new for section in sections.values())
        requests = 16 + total
        failed = sum(rng.random() < 0.01 for _ in range(requests))
        yield replace(
            Manifest.begin(command="crawlall", spider="all", at=moment, pid=1),
            sections=tuple(RATES),
            state=FINISHED,
            finish_reason="finished",
            seconds=requests * 1.3 * rng.lognormvariate(0, 0.3),
            requests=Requests(total=requests, by_status={"200": requests - failed, "500": failed}),
            articles=Articles(new=total),
            by_section=sections,
            fields_by_section=fields,
        )


class _Account:
    """Every field is lacking somewhere, so that no finding is passed over."""

    session = SimpleNamespace(
        index=SimpleNamespace(articles=SimpleNamespace(newest_urls=lambda section, most: []))
    )

    notes = RunNotes()

    def lacking(self, where: str, name: str) -> list[str]:
        return ["http://en.people.cn/"]


def context(run: Manifest, before: Sequence[Manifest]) -> MonitorContext:
    """What monitors look at: a run and those before it."""
    account: Any = _Account()
    return MonitorContext(run, History(before), account, SimpleNamespace())


def look(run: Manifest, before: Sequence[Manifest]) -> list[Check]:
    """What the monitors find in a run."""
    seen = context(run, before)
    return [
        check
        for monitor in RunSuite.monitors
        for check in monitor("test").look(seen)
        if not check.passed
    ]


def watch(
    days: int, seed: int = 1, silent: dict[str, int] | None = None, since: int = 0, every: int = 1
) -> Iterator[tuple[int, Check]]:
    """Hours and failed checks.

    :param since: the first day that is watched.
    :param every: hours between two runs that are looked at.
    """
    known: list[Manifest] = []
    for hour, run in enumerate(runs(days, seed, silent)):
        if hour >= since * 24 and hour % every == 0:
            start = run.start - HISTORY
            known = [each for each in known if each.start >= start]
            for check in look(run, known):
                yield hour, check
        known.append(run)
