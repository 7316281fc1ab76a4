"""Every article and list page that a run asks for ends in one verdict, whatever happens."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from helpers.crawls import CrawlCommand

from peoplesdaily.replica.content import Catalogue
from peoplesdaily.replica.site import Reply, Site


def verdicts(output: Path) -> dict[str, Any]:
    """The verdicts of the newest manifest."""
    newest = max((output / "runs").glob("*.json"), key=lambda path: path.name)
    found: dict[str, Any] = json.loads(newest.read_text())["verdicts"]
    return found


def assert_the_sum_holds(found: dict[str, Any]) -> None:
    assert found["articles_asked"] == sum(found["articles"].values())
    assert found["lists_asked"] == sum(found["lists"].values())
    assert not found["articles"].get("no_verdict") and not found["lists"].get("no_verdict")


def test_a_healthy_run_and_the_next(crawl: CrawlCommand) -> None:
    first = crawl("world")
    found = verdicts(first.output)
    assert_the_sum_holds(found)
    assert found["articles"]["written"] == len(first.records)
    assert found["by_section"]["world"] == found["articles"]
    assert found["lists"]["read"] >= 1

    second = crawl("world", "-a", "recheck=9999d")
    found = verdicts(second.output)
    assert_the_sum_holds(found)
    assert found["articles"] == {"unchanged": len(first.records)}


@pytest.mark.parametrize(
    ("reply", "verdict"),
    [
        (Reply(404), "failed"),
        (Reply(410), "failed"),
        (Reply(500), "failed"),
        (Reply(200, body=b"<html><body>Nothing here.</body></html>"), "not_an_article"),
        (Reply(200), "not_an_article"),
    ],
)
def test_articles_with_a_fault(
    reply: Reply, verdict: str, crawl: CrawlCommand, site: Site, catalogue: Catalogue
) -> None:
    listed = list(catalogue.expected_ids("world"))
    bad = listed[:3]
    whole = len(catalogue.lists("world"))
    for id_ in bad:
        site.overrides[catalogue.story(id_).path] = reply
    done = crawl("world", RETRY_TIMES="0")

    found = verdicts(done.output)
    assert_the_sum_holds(found)
    assert found["articles"][verdict] == len(bad)
    assert found["articles"]["written"] == len(listed) - len(bad)
    assert sum(found["by_section"]["world"].values()) == found["articles_asked"] == whole


def test_a_run_that_is_cut_off_says_so(crawl: CrawlCommand) -> None:
    done = crawl("world", CLOSESPIDER_ITEMCOUNT="2")

    found = verdicts(done.output)
    assert_the_sum_holds(found)
    assert found["articles"]["written"] >= 2
    assert found["articles"]["cut_off"] > 0


PIPELINE = """
class Breaks:
    def process_item(self, item):
        if item.id[-1] in "13579":
            raise ZeroDivisionError("of the user's own")
        return item
"""


@pytest.mark.parametrize("order", [50, 150, 250, 350])
def test_an_exception_in_a_user_s_pipeline_is_counted_and_the_article_stays_pending(
    order: int, crawl: CrawlCommand, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "user_pipelines.py").write_text(PIPELINE)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    pipelines = {
        "peoplesdaily.pipelines.NormalisePipeline": 100,
        "peoplesdaily.pipelines.ValidatePipeline": 200,
        "peoplesdaily.pipelines.IndexPipeline": 300,
        "user_pipelines.Breaks": order,
    }
    broken = crawl("world", ITEM_PIPELINES=json.dumps(pipelines))

    found = verdicts(broken.output)
    assert_the_sum_holds(found)
    assert broken.code == 1, broken.log
    assert found["articles"]["failed"] > 0
    written = {record["id"] for record in broken.records}
    assert len(written) == found["articles"]["written"]
