"""The site changes its markup between two runs, and changes it back."""

from __future__ import annotations

from pathlib import Path

import pytest
from helpers.crawls import read_lines
from helpers.failure_scenarios import WORLD, ScenarioResult, Stage

from peoplesdaily.replica.content import Catalogue
from peoplesdaily.storage.feed_files import finished_files

SECTIONS = ("world", "business")
BUSINESS = ("/90778/index.html", "/business/", "/business/index.html", "/90778/")


def records(stage: Stage) -> list[dict[str, object]]:
    return [record for path in finished_files(stage.output) for record in read_lines(path)]


def crawl(stage: Stage) -> ScenarioResult:
    # An article that failed is due again after a quarter of an hour; nobody waits that long here.
    return stage.run(
        "crawl", "world", "-aalso=business", "-apages=1",
        code="from datetime import timedelta; from peoplesdaily.storage.index import pending;"
        "pending._PAUSES = (0.0,)",
    )  # fmt: skip


@pytest.mark.parametrize("what", ["lists", "articles", "both"])
def test_a_redesign_is_told_by_the_next_run_and_costs_no_article(
    what: str, tmp_path: Path, catalogue: Catalogue
) -> None:
    listed = {*catalogue.lists("world"), *catalogue.lists("business")}
    texts = listed - {older for older, newer in catalogue.reposts.items() if newer in listed}
    with Stage.of(tmp_path / "output", catalogue) as stage:
        # What was known before: the first articles of the lists.
        first = stage.run("crawl", "all", "-asections=world,business", "-asample=2")
        assert first.code == 0, first.log
        before = records(stage)
        if what != "articles":
            for path in (WORLD, "/90777/", *BUSINESS):
                stage.site.overrides[path] = stage.plainly
        if what != "lists":
            stage.everywhere(stage.plainly, lists=False)

        for _ in range(2):
            new = crawl(stage)
            assert new.code == 76, new.log
            assert new.manifest is not None and new.manifest.outcome == "redesign"
            assert records(stage) == before, "nothing is made of pages that nobody can read"
            failed = [check for check in new.manifest.monitors if not check.passed]
            assert {check.section for check in failed} >= set(SECTIONS)
            for name in SECTIONS:
                check = next(check for check in failed if check.section == name)
                assert f"Monitor {check.monitor}: {name}: " in new.log
                assert check.examples and all(url in new.log for url in check.examples)
            if what == "articles":
                assert new.manifest.articles.pending == len(listed) - len(before)

        stage.site.overrides.clear()
        old = crawl(stage)

    assert old.code == 0, old.log
    found = records(stage)
    assert {str(record["id"]) for record in found} | set(catalogue.reposts) >= texts
    assert len({record["id"] for record in found}) == len(found)
    assert all(record["revision"] == 1 and record["template"] != "generic" for record in found)
    for record in found:
        expected = catalogue.story(str(record["id"])).record()
        assert all(record[key] == expected[key] for key in ("title", "body", "published_at"))
    assert old.manifest is not None and old.manifest.articles.pending == 0
