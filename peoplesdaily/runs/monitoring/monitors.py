"""The monitors: each compares a run at its end with the history of its own sections.

What they find is in the manifest and sets the exit code.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, ClassVar

from spidermon import Monitor, MonitorSuite

from peoplesdaily.runs.manifest import Check, Coverage, Manifest
from peoplesdaily.runs.monitoring import anomalies
from peoplesdaily.runs.monitoring.history import History, field_counts, hours
from peoplesdaily.runs.recorder import FIELDS, RunRecorder
from peoplesdaily.site.editions import ENGLISH
from peoplesdaily.site.sections import SECTIONS
from peoplesdaily.storage.index import CorpusIndexError

logger = logging.getLogger(__name__)

MOST_EXAMPLES = 3
# Days that a volume is counted over: a busy section is missed after one, a quiet one after some.
_SPANS = (1, 2, 4, 7)
# Days over which records are gathered until they are enough to judge a field by.
_RECORDS_OF = (0, 1, 4)
_LEAST_PROBLEMS = 3


@dataclass(frozen=True)
class MonitorContext:
    """What monitors look at.

    :param run: this run, as its manifest would say now.
    :param history: earlier runs; empty for a run with -o or -O, which is not compared.
    :param redesigned: whether the run is to end as one that met another design.
    """

    run: Manifest
    history: History
    recorder: RunRecorder
    spider: Any
    redesigned: bool = False

    def examples(self, section: str | None, found: Iterable[str] = ()) -> tuple[str, ...]:
        """Three addresses to look at: what was found, then the list and its newest articles."""
        urls = list(dict.fromkeys(found))[:MOST_EXAMPLES]
        if section is not None and len(urls) < MOST_EXAMPLES:
            path = SECTIONS[section].path if section in SECTIONS else None
            urls += [f"{ENGLISH.home}{path}/index.html" if path else ENGLISH.home]
            with contextlib.suppress(CorpusIndexError):
                urls += self.recorder.session.index.articles.newest_urls(section, MOST_EXAMPLES)
        return tuple(dict.fromkeys(urls))[:MOST_EXAMPLES]

    def page_problems(self, name: str, section: str | None = None) -> list[str]:
        """Pages that were not read as they should, those of one section or of all."""
        return self.recorder.notes.problem_urls(name, section)


class RunMonitor(Monitor):  # type: ignore[misc]
    """A monitor of this project: one check for each finding, or one passed check."""

    longMessage = False
    name_of_checks: ClassVar[str]

    def test(self) -> None:
        """Run it. Spidermon takes methods that begin with ``test`` for what to run."""
        context: MonitorContext = self.data.context
        found = list(self.look(context))
        failed = [check for check in found if not check.passed]
        if not failed:
            words = "; ".join(check.message for check in found) or "nothing to look at"
            found = [Check(monitor=self.name_of_checks, passed=True, message=words)]
        context.recorder.checks += failed or found
        if failed:
            self.fail("; ".join(check.message for check in failed))

    def look(self, context: MonitorContext) -> Iterator[Check]:
        """Every finding; passed checks only for what is worth a word."""
        raise NotImplementedError

    def failed(
        self,
        context: MonitorContext,
        section: str | None,
        figure: float,
        usual: float | None,
        sentence: str,
        found: Iterable[str] = (),
    ) -> Check:
        """A failed check."""
        return Check(
            monitor=self.name_of_checks,
            section=section,
            passed=False,
            figure=round(figure, 4),
            usual=None if usual is None else round(usual, 4),
            message=f"{section}: {sentence}" if section else sentence,
            examples=context.examples(section, found),
        )

    def passed(self, sentence: str) -> Check:
        """A passed check."""
        return Check(monitor=self.name_of_checks, passed=True, message=sentence)

    def of_sections(self, compared: int, new: list[str]) -> Check:
        """What to say of sections without anomalies."""
        parts = [f"{compared} section(s) as usual"] if compared else []
        if new:
            parts.append(
                f"no history yet of {', '.join(new[:3])}"
                + (f" and {len(new) - 3} more" if len(new) > 3 else "")
            )
        return self.passed("; ".join(parts) or "the run walks no section's list")


class Listing(RunMonitor):
    """Every section's list is there, in a form that is known, and as long as it used to be."""

    name_of_checks = "listing"

    def look(self, context: MonitorContext) -> Iterator[Check]:
        sections = context.run.by_section
        # What the end of the run left unread is not a failure of the site.
        lost = {
            name: found
            for name, found in sections.items()
            if found.lists_failed > len(context.page_problems("list run_ends", name))
        }
        unknown = set(context.page_problems("list unrecognised")) | set(
            context.page_problems("list no_label")
        )
        read = [each for each in sections.values() if each.lists_read or each.lists_unchanged]
        if len(lost) > 1 and not read and not unknown:
            yield self.failed(
                context, None, len(lost), 0,
                f"none of {len(lost)} sections' lists could be fetched",
                context.page_problems("list "),
            )  # fmt: skip
            return
        for name, found in lost.items():
            urls = context.page_problems("list ", name)
            what = "shows nothing recognisable" if unknown & set(urls) else "could not be fetched"
            sentence = f"{found.lists_failed} page(s) of its list {what}, usually 0"
            yield self.failed(context, name, found.lists_failed, 0, sentence, urls)
        for name, found in sections.items():
            if not found.lists_read or name in lost:
                continue
            before = (
                each.listed / each.lists_read
                for run in context.history.runs
                if (each := run.by_section.get(name)) and each.lists_read
            )
            verdict = anomalies.length(found.listed / found.lists_read, list(before))
            if verdict.anomalous and verdict.usual is not None:
                listed = found.listed / found.lists_read
                yield self.failed(
                    context, name, listed, verdict.usual,
                    f"a page of its list names {listed:.0f} articles, usually {verdict.usual:.0f}",
                )  # fmt: skip
        yield self.passed(f"{len(read)} section(s)' lists recognised")


class Pages(RunMonitor):
    """Few pages are in no known template, are no article, or give a record that is rejected."""

    name_of_checks = "pages"
    KINDS = ("generic", "unknown_template", "not_an_article", "rejected")

    def look(self, context: MonitorContext) -> Iterator[Check]:
        run = context.run
        for name in run.by_section:
            urls = [url for kind in self.KINDS for url in context.page_problems(kind, name)]
            written = run.fields_by_section.get(name, Coverage()).articles
            read = written + len(urls) - len(context.page_problems("generic", name))
            many = len(urls) >= _LEAST_PROBLEMS and 2 * len(urls) >= read
            # A run of an hour may bring one page: the exit code needs its section and address.
            if many or (urls and context.redesigned):
                yield self.failed(
                    context, name, len(urls) / read, 0,
                    f"{len(urls)} of {read} pages are in no known template, no article or "
                    "rejected, usually none",
                    urls,
                )  # fmt: skip
        day = run.start - timedelta(days=1)
        bad, of = _sum(map(self._share, context.history.since(day)))
        mine, read = self._share(run)
        usual = _sum(map(self._share, context.history.before(day)))
        # A day together, since an hour brings few; but only while it goes on.
        verdict = anomalies.failures(bad + mine, of + read, *usual)
        urls = [url for kind in self.KINDS for url in context.page_problems(kind)]
        share = (bad + mine) / max(1, of + read)
        sentence = (
            f"{share:.0%} of {of + read} pages in 24 hours are in no known template, no article "
            f"or rejected, usually {verdict.usual or 0:.0%}"
        )
        if urls and verdict.anomalous:
            yield self.failed(context, None, share, verdict.usual or 0, sentence, urls)
        else:
            yield self.passed(sentence)

    def _share(self, run: Manifest) -> tuple[int, int]:
        found = run.articles
        bad = found.generic + found.unknown_template + found.not_an_article + found.rejected
        good = found.new + found.revisions + found.duplicates + found.aliases - found.generic
        return bad, max(0, good) + bad


class FieldCoverage(RunMonitor):
    """Records of each section, and of each template, have the fields that theirs used to have."""

    name_of_checks = "coverage"

    def look(self, context: MonitorContext) -> Iterator[Check]:
        run, history = context.run, context.history
        for of_run, said in ((_by_section, "{}"), (_by_template, "template {}")):
            for group in of_run(run):
                yield from self._group(context, group, of_run, said.format(group))
        records = sum(each.articles for each in run.fields.values())
        before = sum(each.articles for r in history.runs for each in r.fields.values())
        yield self.passed(f"{records} record(s) compared with {before} earlier ones")

    def _group(
        self, context: MonitorContext, group: str, of_run: Any, said: str
    ) -> Iterator[Check]:
        run, history = context.run, context.history
        found: set[str] = set()
        for days in _RECORDS_OF:
            start = run.start - timedelta(days=days)
            recent = [*history.since(start), run]
            articles, covered = field_counts(_present(recent, group, of_run))
            of_before, before = field_counts(_present(history.before(start), group, of_run))
            for name in FIELDS:
                had = before.get(name, 0)
                verdict = anomalies.coverage(covered.get(name, 0), articles, had, of_before)
                lacking = context.recorder.lacking(group, name)
                # A field that this run's records have no longer fails.
                if name in found or not verdict.anomalous or not lacking:
                    continue
                found.add(name)
                share = covered.get(name, 0) / articles
                section = group if of_run is _by_section else None
                check = self.failed(
                    context, section, share, verdict.usual,
                    f"{share:.0%} of {articles} records have the field {name}, "
                    f"usually {verdict.usual:.0%}",
                    lacking,
                )  # fmt: skip
                yield check if section else replace(check, message=f"{said}: {check.message}")


class Volume(RunMonitor):
    """Every section brings as many new articles as it does on that weekday."""

    name_of_checks = "volume"

    def look(self, context: MonitorContext) -> Iterator[Check]:
        compared, without = 0, []
        for name in context.run.by_section:
            verdicts = {
                days: (found, anomalies.volume(found.now, found.weekday, found.days))
                for days, found in context.history.volumes(name, context.run, _SPANS).items()
            }
            failures = [(d, f, v) for d, (f, v) in verdicts.items() if v.anomalous]
            if failures:
                days, found, verdict = failures[0]
                span = "24 hours" if days == 1 else f"{days} days"
                yield self.failed(
                    context, name, found.now, verdict.usual,
                    f"{found.now} new article(s) in {span}, usually {verdict.usual:.0f}",
                )  # fmt: skip
            elif verdicts[1][1].usual is None:
                without.append(name)
            else:
                compared += 1
        yield self.of_sections(compared, without)


class Freshness(RunMonitor):
    """Every section's newest article is as young as usual."""

    name_of_checks = "freshness"

    def look(self, context: MonitorContext) -> Iterator[Check]:
        compared, without = 0, []
        for name, found in context.run.by_section.items():
            if found.newest is None:
                without.append(name)
                continue
            published = datetime.fromisoformat(found.newest)
            age = max(0.0, hours(context.run.start - published))
            verdict = anomalies.freshness(age, *context.history.ages(name, published))
            if verdict.usual is None:
                without.append(name)
            elif verdict.anomalous:
                yield self.failed(
                    context, name, age, verdict.usual,
                    f"its newest article is {age:.0f} hours old, usually less than "
                    f"{verdict.usual:.0f}",
                )  # fmt: skip
            else:
                compared += 1
        yield self.of_sections(compared, without)


class Errors(RunMonitor):
    """Requests fail no more often than usual."""

    name_of_checks = "errors"

    def look(self, context: MonitorContext) -> Iterator[Check]:
        if not context.run.sections:
            # Addresses, words or days given by the user, some of which are gone: the exit code
            # reports what could not be fetched.
            yield self.passed("requests are compared in runs of sections")
            return
        failed, of = self._share(context.run)
        usual = _sum(map(self._share, context.history.runs))
        verdict = anomalies.failures(failed, of, *usual)
        sentence = (
            f"{failed} of {of} requests failed ({failed / max(1, of):.0%}), "
            f"usually {verdict.usual or 0:.0%}"
        )
        if verdict.anomalous:
            urls = [failure.url for failure in context.run.failures]
            yield self.failed(context, None, failed / of, verdict.usual or 0, sentence, urls)
        else:
            yield self.passed(sentence)

    def _share(self, run: Manifest) -> tuple[int, int]:
        statuses = run.requests.by_status.items()
        failed = sum(number for status, number in statuses if status >= "400")
        failed += sum(run.requests.failed.values())
        return failed, max(run.requests.total, failed)


class Duration(RunMonitor):
    """The run took no longer than runs of its kind do, for what it fetched."""

    name_of_checks = "duration"

    def look(self, context: MonitorContext) -> Iterator[Check]:
        run = context.run
        seconds = run.seconds or 0.0
        before = [(each.seconds or 0.0, each.requests.total) for each in context.history.like(run)]
        verdict = anomalies.duration(seconds, run.requests.total, before)
        usual = "no history yet" if verdict.usual is None else f"usually {verdict.usual:.0f}"
        sentence = f"the run took {seconds:.0f} seconds for {run.requests.total} requests, {usual}"
        if verdict.anomalous:
            urls = [failure.url for failure in run.failures]
            yield self.failed(context, None, seconds, verdict.usual, sentence, urls)
        else:
            yield self.passed(sentence)


class RunSuite(MonitorSuite):  # type: ignore[misc]
    """The monitors of a run."""

    monitors: ClassVar[list[type[RunMonitor]]] = [
        Listing, Pages, FieldCoverage, Volume, Freshness, Errors, Duration,
    ]  # fmt: skip


def _by_section(run: Manifest) -> dict[str, Coverage]:
    return run.fields_by_section


def _by_template(run: Manifest) -> dict[str, Coverage]:
    return run.fields


def _present(runs: Iterable[Manifest], group: str, of_run: Any) -> Iterator[Coverage]:
    return (found for run in runs if (found := of_run(run).get(group)) is not None)


def _sum(shares: Iterable[tuple[int, int]]) -> tuple[int, int]:
    total = [0, 0]
    for part, whole in shares:
        total[0] += part
        total[1] += whole
    return total[0], total[1]
