"""Crawls that are killed at any moment; benchmarks/kills.py kills more of them."""

from __future__ import annotations

import sys
from pathlib import Path
from random import Random

import pytest
from helpers.crawls import ROOT
from helpers.fake_run import stored

from peoplesdaily.replica.content import Catalogue
from peoplesdaily.replica.site import Site

sys.path.insert(0, str(ROOT / "benchmarks"))

import kills


def test_killed_crawls_lose_double_and_cut_nothing() -> None:
    result = kills.torture(5, seed=4, a_round=5, articles=80)

    assert result.good, result.problems
    assert not result.problems
    assert sum(result.kills.values()) == 5


@pytest.mark.parametrize("back", [1, 12])
def test_killed_while_it_publishes(tmp_path: Path, back: int) -> None:
    """The last steps of a run are the flush, the rename, and what the index is told of it."""
    result = kills.Result()
    site = Site(Catalogue(articles=80))
    whole = kills.Round(site, tmp_path / "whole", Random(1), result)
    with whole.server:
        process = whole.start(10**9)
        log = process.communicate(timeout=60)[1]
    steps = int(log.rpartition("steps: ")[2].split()[0])

    killed = kills.Round(site, tmp_path / "killed", Random(1), result)
    with killed.server:
        process = killed.start(steps - back)
        process.communicate(timeout=60)
        killed.complete()
    killed._judge()
    assert process.returncode == -9
    assert result.good and not result.problems, result.problems
    assert sorted(stored(tmp_path / "killed")) == sorted(stored(tmp_path / "whole"))
