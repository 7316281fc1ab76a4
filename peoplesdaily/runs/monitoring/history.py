"""What earlier runs left in their manifests, arranged for the monitors: windows and sequences."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Self

from peoplesdaily.runs.manifest import FINISHED, FOLDER, Check, Coverage, Manifest
from peoplesdaily.runs.manifest_files import Unreadable, scan_manifests

# A run that starts some minutes early or late belongs to the window of its hour all the same.
_LEEWAY = timedelta(minutes=15)
# A run with one of these takes a part of what is new.
_PARTIAL = ("max_articles", "sample")
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Windows:
    """Articles in windows of one length that end at the same time of the day.

    :param now: in the one that ends now.
    :param weekday: in earlier ones, a whole number of weeks back.
    :param days: in earlier ones, a whole number of days back.
    """

    now: int
    weekday: list[int]
    days: list[int]


@dataclass(frozen=True)
class History:
    """Earlier runs that kept an index, oldest first, and what could not be read of them.

    :param runs: finished runs.
    :param unread: files that stand in their place.
    """

    runs: Sequence[Manifest] = ()
    unread: Sequence[Unreadable] = field(default=())

    @classmethod
    def read(cls, output: Path, since: datetime, spiders: Container[str]) -> Self:
        """Read the manifests of some spiders' runs that started at ``since`` or later."""
        runs: list[Manifest] = []
        unread: list[Unreadable] = []
        for each in scan_manifests(output / FOLDER, since, spiders):
            if isinstance(each, Unreadable):
                unread.append(each)
            elif each.incremental and each.state == FINISHED:
                runs.append(each)
        return cls(runs, unread)

    def before(self, moment: datetime) -> Iterator[Manifest]:
        """Runs that started before ``moment``."""
        return (run for run in self.runs if run.start < moment)

    def since(self, moment: datetime) -> Iterator[Manifest]:
        """Runs that started at ``moment`` or later."""
        return (run for run in self.runs if run.start >= moment)

    def like(self, run: Manifest) -> list[Manifest]:
        """Healthy runs that were asked for the same as ``run``."""
        return [
            each
            for each in self.runs
            if (each.spider, each.sections, each.arguments)
            == (run.spider, run.sections, run.arguments)
            and each.finish_reason == "finished"
            and each.seconds is not None
        ]

    def volumes(self, section: str, run: Manifest, spans: Iterable[int]) -> dict[int, Windows]:
        """New articles of a section in windows of so many days, the last one ending with ``run``.

        A window in which the section's list was hardly read says nothing and is left out.
        """
        times, new, reads = self._counts(section, run)
        reach = self.days_before(run)

        def window(days: int, back: int) -> tuple[int, int]:
            end = run.start - back * _DAY + _LEEWAY
            last, first = bisect_right(times, end), bisect_right(times, end - days * _DAY)
            return new[last] - new[first], reads[last] - reads[first]

        found = {}
        for days in spans:
            now, read = window(days, 0)
            earlier = {
                back: count
                for back in range(days, reach - days + 1)
                for count, often in (window(days, back),)
                if often > 0 and 2 * often >= read
            }
            weekday = [count for back, count in earlier.items() if back % 7 == 0]
            found[days] = Windows(now, weekday, list(earlier.values()))
        return found

    def days_before(self, run: Manifest) -> int:
        """How many whole days the history reaches back from ``run``."""
        if not self.runs:
            return 0
        return max(0, (run.start + _LEEWAY - self.runs[0].start) // _DAY)

    def _counts(self, section: str, run: Manifest) -> tuple[list[datetime], list[int], list[int]]:
        """Starts of the runs at a section, and running totals of new articles and of reads."""
        times: list[datetime] = []
        new, reads = [0], [0]
        for each in (*self.runs, run):
            found = each.by_section.get(section)
            if found is None:
                continue
            whole = not any(name in each.arguments for name in _PARTIAL)
            times.append(each.start)
            new.append(new[-1] + found.new)
            reads.append(reads[-1] + (whole and found.lists_read + found.lists_unchanged > 0))
        return times, new, reads

    def ages(self, section: str, now: datetime) -> tuple[list[float], list[float]]:
        """Ages of a section's newest article at the end of each run, and the gaps between those
        that were the newest, in hours.

        :param now: when the newest one of this run was published. Its own ages are left out: a
            silence that lasts would make itself usual.
        """
        ages: list[float] = []
        newest: set[datetime] = set()
        for run in self.runs:
            found = run.by_section.get(section)
            if found is not None and found.newest is not None:
                published = datetime.fromisoformat(found.newest)
                newest.add(published)
                if published != now:
                    ages.append(max(0.0, hours(run.start - published)))
        gaps = [hours(later - earlier) for earlier, later in pairwise(sorted(newest))]
        return ages, gaps

    @cached_property
    def checks(self) -> list[tuple[Manifest, dict[tuple[str, str | None], Check]]]:
        """Failed checks of every run, by monitor and section, the newest run first."""
        return [
            (run, {(c.monitor, c.section): c for c in run.monitors if not c.passed})
            for run in reversed(self.runs)
        ]


def hours(span: timedelta) -> float:
    """A span of time in hours."""
    return span / timedelta(hours=1)


def field_counts(groups: Iterable[Coverage]) -> tuple[int, dict[str, int]]:
    """Records, and records with each field, of several runs together."""
    articles, covered = 0, dict[str, int]()
    for group in groups:
        articles += group.articles
        for name, number in group.covered.items():
            covered[name] = covered.get(name, 0) + number
    return articles, covered
