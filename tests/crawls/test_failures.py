"""Provoked failures: exit code, the one line, the manifest; and the table made of them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from helpers.crawls import ROOT
from helpers.failure_scenarios import FAILURES, Failure, Stage

from peoplesdaily.replica.content import Catalogue
from peoplesdaily.runs.exit_codes import EXIT_CODES, OK, as_table
from peoplesdaily.runs.manifest import FINISHED, KILLED
from scripts.failures import row

PAGE = ROOT / "docs" / "failures.md"


@pytest.mark.parametrize("failure", FAILURES, ids=lambda failure: failure.slug)
def test_a_failure_is_told(failure: Failure, tmp_path: Path, catalogue: Catalogue) -> None:
    with Stage.of(tmp_path / "output", catalogue) as stage:
        found = failure.provoke(stage)

    assert found.code == failure.code, found.log
    names = {outcome.code: outcome.name for outcome in EXIT_CODES}
    assert found.said, found.log
    if failure.code not in (1, 2):
        assert "Traceback" not in found.log, found.log
    if failure.code == 2:
        assert found.manifest is None
    elif found.manifest is None:
        assert "cannot write" in found.said
    elif failure.code < 0:
        assert found.manifest.state == KILLED
        assert found.manifest.exit_code is None
    else:
        assert found.manifest.state == FINISHED
        assert found.manifest.exit_code == failure.code
        assert found.manifest.outcome == names[failure.code]
        assert found.manifest.problems
        assert all(problem in found.said for problem in found.manifest.problems)
    assert row(failure, found) in PAGE.read_text(encoding="utf-8").splitlines()


def test_the_table_holds_what_is_provoked_and_nothing_else() -> None:
    rows = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line[:2] == "| "]

    assert len(rows) - 2 == len(FAILURES) >= 15
    assert len({failure.what for failure in FAILURES}) == len(FAILURES)


def test_every_exit_code_is_provoked() -> None:
    provoked = {failure.code for failure in FAILURES}

    assert {outcome.code for outcome in EXIT_CODES} - provoked == {OK.code}


def test_exit_codes_are_explained_as_they_are() -> None:
    page = (ROOT / "docs" / "exit-codes.md").read_text(encoding="utf-8")

    assert as_table() in page
    assert len(re.findall(r"^\| \d+ \|", page, re.MULTILINE)) == len(EXIT_CODES)
