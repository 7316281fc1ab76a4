"""The Spidermon extension that runs the monitors.

In Spidermon, a monitor that raises or is misconfigured aborts the rest of its suite with a line
in the log. Here each runs by itself, and one that did not run is a finding (:func:`complete`).
"""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from scrapy import Spider
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured
from scrapy.settings import BaseSettings
from spidermon import MonitorSuite
from spidermon.contrib.scrapy.extensions import Spidermon
from spidermon.results.monitor import MonitorResult
from spidermon.runners import MonitorRunner

from peoplesdaily.runs.exit_codes import REDESIGN, judge
from peoplesdaily.runs.manifest import FOLDER, Check, Manifest
from peoplesdaily.runs.monitoring.history import History
from peoplesdaily.runs.monitoring.monitors import MonitorContext, RunMonitor, RunSuite
from peoplesdaily.runs.recorder import RunRecorder, recorder_of

logger = logging.getLogger(__name__)

NOT_RUN = "monitors"
"""The check that fails where monitors did not run."""

# Unreadable manifests among those of the history, as a share, that leave it no history.
_TOO_MANY_UNREAD = 0.1


class _Result(MonitorResult):  # type: ignore[misc]
    """Spidermon's result of a suite, which also notes what it would only log.

    :ivar broken: monitors that raised, with the reason.
    :ivar failed: monitors of others that failed, likewise.
    """

    def __init__(self) -> None:
        super().__init__()
        self.broken: list[tuple[str, str]] = []
        self.failed: list[tuple[str, str]] = []

    def addError(self, test: Any, error: Any) -> None:  # noqa: N802
        super().addError(test, error)
        self.broken.append((_name(test), _reason(error[1])))

    def addFailure(self, test: Any, error: Any) -> None:  # noqa: N802
        super().addFailure(test, error)
        if not isinstance(test, RunMonitor):
            self.failed.append((_name(test), str(error[1]).strip() or "failed"))


class _Runner(MonitorRunner):  # type: ignore[misc]
    """Runs every monitor of a suite, whatever becomes of the one before."""

    def create_result(self) -> _Result:
        return _Result()

    def run_monitors(self) -> None:
        self.result.next_step()
        for monitor in self.suite.all_monitors:
            try:
                monitor(self.result)
            # What a monitor raises outside its test would end the suite.
            except Exception as error:
                self.result.broken.append((_name(monitor), _reason(error)))
        self.result.finish_step()


class Monitors(Spidermon):  # type: ignore[misc]
    """Spidermon's extension, which leaves what monitors find in the run's recorder.

    Other suites, in ``SPIDERMON_ENGINE_STOP_MONITORS`` and the like, run as well; a monitor
    of them that fails is a failed check.
    """

    def __init__(self, crawler: Crawler, **suites: Any) -> None:
        self._broken: list[tuple[str, str]] = []
        super().__init__(crawler, **suites)

    def load_suite(self, suite_to_load: Any) -> Any:
        try:
            return super().load_suite(suite_to_load)
        except Exception as error:
            self._broken.append((str(suite_to_load), _reason(error)))
            return MonitorSuite()

    def _run_suites(self, spider: Spider, suites: list[Any]) -> None:
        recorder = recorder_of(self.crawler)
        if recorder is None:
            return
        data = self._generate_data_for_spider(spider)
        try:
            data["context"] = self._context(recorder, spider)
        except Exception as error:
            self._broken.append(("all", _reason(error)))
            suites = [suite for suite in suites if not isinstance(suite, RunSuite)]
        for suite in suites:
            result = _Runner().run(suite, **data)
            self._broken += result.broken
            recorder.checks += [
                Check(monitor=name, passed=False, message=f"{name}: {reason}")
                for name, reason in result.failed
            ]
        recorder.checks += [_not_run(name, reason) for name, reason in self._broken]
        self._broken = []

    def _context(self, recorder: RunRecorder, spider: Spider) -> MonitorContext:
        run = replace(recorder.manifest, **recorder.figures(self.crawler), seconds=recorder.seconds)
        try:
            history = history_of(run, recorder.session.output, self.crawler.settings)
        except Exception as error:
            # What needs no history is looked at all the same.
            self._broken.append(("history", _reason(error)))
            history = History()
        recorder.history = history
        assert self.crawler.stats
        outcome, _ = judge(self.crawler.stats.get_stats(), self.crawler.settings)
        return MonitorContext(run, history, recorder, spider, outcome is REDESIGN)


def history_of(run: Manifest, output: Path, settings: BaseSettings) -> History:
    """The earlier runs that a run is compared with.

    :raises NotConfigured: there are some, and they cannot be read.
    """
    if not run.incremental:
        return History()
    days = settings.getint("MONITOR_HISTORY_DAYS")
    if days < 1:
        raise NotConfigured(f"MONITOR_HISTORY_DAYS={days} is no number of days from 1 on")
    # Lists are walked by a section's own spider and by the one for all.
    spiders = {run.spider, "all", *run.by_section}
    history = History.read(output, run.start - timedelta(days=days), spiders)
    for each in history.unread:
        logger.warning("Manifest %s is not read: %s; move it away", each.name, each.reason)
    unread, read = len(history.unread), len(history.runs)
    if unread > _TOO_MANY_UNREAD * (unread + read):
        first = history.unread[0]
        raise NotConfigured(
            f"{unread} of {unread + read} manifests in output/{FOLDER} cannot be read, such as "
            f"{first.name}: {first.reason}; move them away"
        )
    return history


def complete(recorder: RunRecorder, settings: BaseSettings) -> None:
    """Make sure that every monitor has looked: what did not run is a failed check.

    Called behind the crawl, so that it holds whatever became of the extension.
    """
    ran = {check.monitor for check in recorder.checks}
    said = " ".join(check.message for check in recorder.checks if check.monitor == NOT_RUN)
    missing = [
        name
        for name in (monitor.name_of_checks for monitor in RunSuite.monitors)
        if name not in ran and f" {name}: " not in said
    ]
    if missing:
        why = "Spidermon did not run them; see EXTENSIONS and SPIDERMON_ENGINE_STOP_MONITORS"
        if not settings.getbool("SPIDERMON_ENABLED"):
            why = "SPIDERMON_ENABLED is off"
        recorder.checks.append(_not_run(", ".join(missing), why))


def _not_run(name: str, reason: str) -> Check:
    return Check(
        monitor=NOT_RUN, passed=False, message=f"monitors did not run: {name}: {reason}"[:500]
    )


def _name(monitor: Any) -> str:
    return getattr(monitor, "name_of_checks", None) or str(monitor.monitor_name)


def _reason(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
