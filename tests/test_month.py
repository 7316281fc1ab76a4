"""Hourly runs for three days on a site that lives; benchmarks/month.py runs a month of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.month import END, HOUR, simulate
from peoplesdaily.replica.living import Trouble

DAYS = 3
START = datetime(END.year, END.month, END.day, 7, tzinfo=UTC) - timedelta(days=DAYS)


def test_three_days_of_hourly_runs_miss_nothing_and_double_nothing(tmp_path: Path) -> None:
    troubles = (
        Trouble("down", START + 20 * HOUR, START + 23 * HOUR),
        Trouble("new_lists", START + 40 * HOUR, START + 42 * HOUR, ("world",)),
        Trouble("new_articles", START + 60 * HOUR, START + 61 * HOUR),
    )
    month = simulate(DAYS, tmp_path / "output", troubles, articles=200)

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
