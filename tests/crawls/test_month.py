"""Hourly runs for three days on a site that lives; benchmarks/month.py runs a month of them."""

from __future__ import annotations

import os
import signal
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from benchmarks.forked import Ended, Forks, LostError, Order
from benchmarks.month import END, HOUR, errors_of, preload, simulate
from peoplesdaily.replica.evolving import Trouble
from peoplesdaily.runs.manifest import Manifest

DAYS = 3
START = datetime(END.year, END.month, END.day, 7, tzinfo=UTC) - timedelta(days=DAYS)


def test_three_days_of_hourly_runs_miss_nothing_and_double_nothing(tmp_path: Path) -> None:
    troubles = (
        Trouble("down", START + 20 * HOUR, START + 23 * HOUR),
        Trouble("new_lists", START + 40 * HOUR, START + 42 * HOUR, ("world",)),
        Trouble("new_articles", START + 60 * HOUR, START + 61 * HOUR),
    )
    month = simulate(DAYS, tmp_path / "output", troubles, articles=200)

    assert not month.errors
    assert len(month.runs) == len(month.codes) == DAYS * 24 + 1
    assert [run.exit_code for run in month.runs] == month.codes
    assert month.published == 200
    assert not month.missed
    assert not month.doubled
    assert month.edits[0] == month.edits[1] > 0
    expected = dict.fromkeys(range(20, 23), 69)
    expected |= dict.fromkeys(range(40, 42), 76)
    codes = {hour: code for hour, code in enumerate(month.codes) if code}
    assert codes.items() >= expected.items(), codes
    assert set(codes) - set(expected) <= {60}
    if 60 in codes:
        assert codes[60] == 76
    found = {
        hour: [check for check in run.monitors if not check.passed]
        for hour, run in enumerate(month.runs)
    }
    assert {hour for hour, checks in found.items() if checks} == set(codes)
    assert {check.monitor for hour in range(20, 23) for check in found[hour]} == {
        *("listing", "errors")
    }
    for hour in (40, 41):
        assert [(check.monitor, check.section) for check in found[hour]] == [("listing", "world")]
    for check in found[60]:
        assert check.monitor == "pages" and check.examples


# --- The runs' processes ------------------------------------------------------------------------


def test_a_process_that_does_not_end_says_where_it_is_and_is_killed(tmp_path: Path) -> None:
    log = tmp_path / "log"
    with Forks(preload()) as forks:
        # It serves until somebody stops it.
        end = forks.run(Order(["replica", "--quiet", "--port", "0"], str(log), 2.5))

    assert (end.code, end.overdue) == (-signal.SIGKILL, True)
    said = log.read_text(encoding="utf-8")
    assert "Timeout" in said and "replica.py" in said


def test_a_run_that_was_killed_is_an_error(tmp_path: Path) -> None:
    month = simulate(0, tmp_path / "output", articles=60, limit=0.02)

    assert month.codes == [-signal.SIGKILL]
    (error,) = month.errors
    assert "took longer than 0.02 s and was killed" in error


def test_exit_codes_are_those_of_the_processes(tmp_path: Path) -> None:
    log = tmp_path / "log"
    with Forks(["scrapy.cmdline"]) as forks:
        ends = [forks.run(Order([word], str(log), 30)) for word in ("version", "nonsense")]

    assert [(end.code, end.overdue) for end in ends] == [(0, False), (2, False)]
    assert log.read_text().startswith("Scrapy 2.")
    assert "Unknown command: nonsense" in log.read_text()


def test_forks_that_nobody_answers_for_are_lost(tmp_path: Path) -> None:
    with Forks([]) as forks:
        assert forks._process is not None
        # It takes a second to import Scrapy.
        threading.Timer(0.1, os.kill, (forks._process.pid, signal.SIGKILL)).start()
        with pytest.raises(LostError):
            forks.run(Order(["version"], str(tmp_path / "log"), 30))


def test_how_a_process_ended_is_held_against_its_manifest() -> None:
    def told(hour: int, pid: int, code: int) -> Manifest:
        begun = Manifest.begin(command="crawlall", spider="all", at=START + hour * HOUR, pid=pid)
        return begun.finish(at=begun.start, seconds=0, exit_code=code, outcome="")

    runs = [told(0, 10, 0), told(1, 11, 69), told(2, 12, 0), told(4, 14, 0), told(5, 15, 0)]
    ends = [Ended(10, 0, False), Ended(11, 69, False), Ended(12, 1, False), Ended(13, 0, False)]
    ends += [Ended(14, -11, False), Ended(15, -9, True)]
    assert errors_of(ends[:2], runs[:2], START, 60) == []
    assert errors_of(ends, runs, START, 60) == [
        "run 2 (process 12) ended with 1; manifests of its hour say [(12, 'finished', 0)]",
        "run 3 (process 13) ended with 0; manifests of its hour say []",
        "run 4 (process 14) was ended by signal 11",
        "run 5 (process 15) took longer than 60 s and was killed; see month.log",
    ]
    assert errors_of([], runs[:1], START, 60) == [f"nobody ran {runs[0].run}"]
    still = replace(runs[0], state="running", exit_code=None)
    assert errors_of(ends[:1], [still], START, 60) == [
        "run 0 (process 10) ended with 0; manifests of its hour say [(10, 'running', None)]"
    ]
