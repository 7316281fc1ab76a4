"""How a run's end is judged: each outcome, which one comes first, what holds for all runs."""

from __future__ import annotations

import re
from typing import Any

import pytest
from helpers.crawls import ROOT
from helpers.page_cases import STEADY
from hypothesis import given
from hypothesis import strategies as st
from scrapy.settings import Settings

from peoplesdaily.runs import exit_codes
from peoplesdaily.runs.exit_codes import EXIT_CODES, ExitCode, judge

SETTINGS = Settings({"MAX_UNKNOWN_SHARE": 0.2, "MAX_FAILED_SHARE": 0.25, "MAX_REJECTED_SHARE": 0.1})
HEALTHY: dict[str, Any] = {
    "start_time": 1,
    "finish_reason": "finished",
    "peoplesdaily/lists/read": 1,
    "peoplesdaily/articles/written": 10,
}


def run(**changes: Any) -> dict[str, Any]:
    """Statistics of a healthy run with changes; ``None`` takes a value out."""
    stats = {**HEALTHY, **{_name(key): value for key, value in changes.items()}}
    return {key: value for key, value in stats.items() if value is not None}


def _name(key: str) -> str:
    return key if key in HEALTHY else f"peoplesdaily/{key.replace('__', '/')}"


@pytest.mark.parametrize(
    ("stats", "outcome"),
    [
        (run(), exit_codes.OK),
        (run(articles__written=None), exit_codes.OK),
        (run(finish_reason="closespider_timeout"), exit_codes.LIMIT),
        (run(finish_reason="closespider_itemcount"), exit_codes.OK),
        (run(finish_reason="budget"), exit_codes.OK),
        (run(articles__failed=3), exit_codes.OK),
        (run(articles__failed=4), exit_codes.FAILED),
        (run(articles__failed=4, articles__failed_again=4), exit_codes.OK),
        (run(articles__rejected=1), exit_codes.OK),
        (run(articles__rejected=2), exit_codes.REJECTED),
        (run(articles__generic=2), exit_codes.OK),
        (run(articles__generic=3), exit_codes.REDESIGN),
        (run(articles__unknown_template=3), exit_codes.REDESIGN),
        (run(articles__written=1, articles__not_an_article=2), exit_codes.REDESIGN),
        (run(articles__written=0, articles__not_an_article=1), exit_codes.FAILED),
        (run(lists__unrecognised=1), exit_codes.REDESIGN),
        (run(lists__unrecognised=1, lists__failed=1), exit_codes.REDESIGN),
        (run(articles__no_verdict=1), exit_codes.NO_VERDICT),
        (run(lists__no_verdict=1), exit_codes.NO_VERDICT),
        (run(items__failed=1), exit_codes.ERROR),
        (run(lists__failed=1), exit_codes.FAILED),
        (run(lists__failed=1, peoplesdaily__x=1), exit_codes.FAILED),
        ({**run(lists__failed=1), "peoplesdaily/lists/read": 0}, exit_codes.UNREACHABLE),
        (run(finish_reason="retry_after"), exit_codes.UNREACHABLE),
        (run(finish_reason="memusage_exceeded"), exit_codes.LIMIT),
        (run(finish_reason="shutdown"), exit_codes.INTERRUPTED),
        (run(finish_reason=None), exit_codes.INTERRUPTED),
        (run(finish_reason="start_error"), exit_codes.ERROR),
        (run(finish_reason="of its own"), exit_codes.ERROR),
        (run(start_time=None), exit_codes.ERROR),
        ({**run(), "spider_exceptions/count": 1}, exit_codes.ERROR),
        (run(finish_reason="output_failed"), exit_codes.OUTPUT),
        (run(output__failed=1), exit_codes.OUTPUT),
        (run(output__unwritten=1), exit_codes.OUTPUT),
        ({**run(), "feedexport/failed_count/FileFeedStorage": 1}, exit_codes.OUTPUT),
    ],
)
def test_a_run_is_called(stats: dict[str, Any], outcome: ExitCode) -> None:
    found, sentence = judge(stats, SETTINGS)

    assert found is outcome
    assert sentence and "\n" not in sentence


def test_what_was_never_listed_and_never_came_is_the_network_s() -> None:
    stats = {"start_time": 1, "finish_reason": "finished", "peoplesdaily/articles/failed": 2,
             "peoplesdaily/articles/failed/refused": 2}  # fmt: skip

    assert judge(stats, SETTINGS) == (
        exit_codes.UNREACHABLE,
        "none of 2 article(s) could be fetched (refused)",
    )


COUNTS = st.dictionaries(
    st.sampled_from(
        [
            "spider_exceptions/count",
            *(
                f"peoplesdaily/{name}"
                for name in (
                    *("articles/failed", "articles/failed_again", "articles/rejected"),
                    *("articles/not_an_article", "articles/unknown_template", "articles/generic"),
                    *("articles/unchanged", "articles/duplicate", "lists/read", "lists/failed"),
                    *("lists/unrecognised", "articles/cut_off", "articles/written"),
                    *("articles/gone", "articles/no_verdict", "output/unwritten"),
                )
            ),
        ]
    ),
    st.integers(0, 50),
)
REASONS = st.sampled_from(
    ["finished", "shutdown", "", "retry_after", "output_failed", "memusage_exceeded", "other",
     "closespider_timeout", "closespider_itemcount", "budget", "start_error"]
)  # fmt: skip


@STEADY
@given(counts=COUNTS, reason=REASONS)
def test_every_run_is_called_something_that_is_documented(
    counts: dict[str, int], reason: str
) -> None:
    stats = {"start_time": 1, "finish_reason": reason, **counts}
    outcome, sentence = judge(stats, SETTINGS)

    assert outcome in EXIT_CODES
    assert sentence
    if outcome is exit_codes.OK:
        assert reason in ("finished", "budget", "closespider_itemcount")
        assert not counts.get("spider_exceptions/count")
        assert "peoplesdaily/output/unwritten" not in counts


@STEADY
@given(counts=COUNTS, reason=REASONS)
def test_lost_output_comes_before_everything(counts: dict[str, int], reason: str) -> None:
    stats = {"start_time": 1, "finish_reason": reason, **counts, "peoplesdaily/output/failed": 1}

    assert judge(stats, SETTINGS)[0] is exit_codes.OUTPUT


@STEADY
@given(good=st.integers(0, 1000), failed=st.integers(1, 1000))
def test_more_failures_never_make_a_run_healthier(good: int, failed: int) -> None:
    def healthy(number: int) -> bool:
        counts = {"written": good, "failed": number}
        stats = HEALTHY | {f"peoplesdaily/articles/{name}": n for name, n in counts.items()}
        return judge(stats, SETTINGS)[0] is exit_codes.OK

    assert healthy(failed) <= healthy(failed - 1)


def test_codes_are_different_and_mean_nothing_else() -> None:
    codes = [outcome.code for outcome in EXIT_CODES]

    assert codes == sorted(set(codes))
    # 126 and 127 are the shell's, from 128 on it adds signals: 130 is Ctrl-C's.
    assert all(code < 126 or code == 130 for code in codes)
    assert len({outcome.name for outcome in EXIT_CODES}) == len(codes)


def test_the_readme_names_the_codes() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")

    assert "docs/exit-codes.md" in readme
    assert not re.search(r"; 1 that it ended\s+early", readme)
