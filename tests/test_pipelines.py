"""The three pipelines in a crawler with the project's own settings."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from helpers.page_cases import as_json, sample
from scrapy import Spider, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem
from scrapy.extensions.corestats import CoreStats
from scrapy.utils.misc import load_object
from scrapy.utils.test import get_crawler

import peoplesdaily.settings
from peoplesdaily import pipelines
from peoplesdaily.items import Article, Dateline, Link, Media
from peoplesdaily.parsers.story import content_hash
from peoplesdaily.schemas import records

PICTURE = Media(url="http://en.people.cn/NMediaFile/1.jpg", caption=None, credit=None)
STARTED = datetime(2026, 11, 1, 8, 0, 5, tzinfo=UTC)


class WorldSpider(Spider):
    name = "world"


@pytest.fixture
def crawler(tmp_path: Path) -> Iterator[Crawler]:
    chosen = {k: v for k, v in vars(peoplesdaily.settings).items() if k.isupper()}
    # The run's start is set below; the extension that does it wants a whole run.
    chosen["EXTENSIONS"] = {**chosen["EXTENSIONS"], CoreStats: None}
    built = get_crawler(WorldSpider, {**chosen, "OUTPUT_DIR": str(tmp_path / "output")})
    built.spider = built._create_spider()
    assert built.stats
    built.stats.set_value("start_time", STARTED)
    yield built
    if not built.stats.get_value("finish_reason"):
        close(built)


Process = Callable[[Article], Article]


@pytest.fixture
def process(crawler: Crawler) -> Process:
    """The pipelines of the settings, in their order."""
    order: dict[str, int] = crawler.settings["ITEM_PIPELINES"]
    chain = [load_object(name).from_crawler(crawler) for name in sorted(order, key=order.get)]

    def run(item: Article) -> Article:
        for pipeline in chain:
            item = pipeline.process_item(item)
        return item

    return run


def stat(crawler: Crawler, name: str) -> int:
    assert crawler.stats
    return int(crawler.stats.get_value(f"peoplesdaily/{name}", 0))


def close(crawler: Crawler) -> None:
    """End the run, as the engine does: the pipelines' files are stored now."""
    assert crawler.stats
    crawler.stats.set_value("finish_reason", "finished")
    asyncio.run(
        crawler.signals.send_catch_log_async(
            signals.spider_closed, spider=crawler.spider, reason="finished"
        )
    )


def story(number: int, **fields: Any) -> Article:
    return sample(f"http://en.people.cn/n3/2020/1127/c90000-979{number:04}.html", **fields)


# --- Normalise ---------------------------------------------------------------------------------


def untidy() -> Article:
    body = "Forty\xa0boats \n came.\n\n\u200b\n\n\u3000\u3000They left. "
    return replace(
        sample(),
        title=" Boats\u3000return\u200b ",
        kicker=" ",
        subtitle="",
        source=" Xinhua ",
        description="\u200b",
        body=body,
        sections=("world", "china", "world"),
        content_hash="0" * 64,
    )


def test_normalise(crawler: Crawler) -> None:
    item = pipelines.NormalisePipeline(crawler).process_item(untidy())
    assert item.title == "Boats return"
    assert (item.kicker, item.subtitle, item.description) == (None, None, None)
    assert item.source == "Xinhua"
    assert item.body == "Forty boats came.\n\nThey left."
    assert item.sections == ("china", "world")
    assert item.content_hash == content_hash("Boats return", "Forty boats came.\n\nThey left.")
    assert records.is_valid(as_json(item))


def test_normalise_is_idempotent(crawler: Crawler) -> None:
    pipeline = pipelines.NormalisePipeline(crawler)
    once = pipeline.process_item(untidy())
    assert pipeline.process_item(once) == once


def test_normalise_leaves_a_good_record_alone(crawler: Crawler) -> None:
    assert pipelines.NormalisePipeline(crawler).process_item(sample()) == sample()


def test_body_of_nothing_is_no_body(crawler: Crawler) -> None:
    item = replace(sample(), body=" \n\n\u200b ")
    assert pipelines.NormalisePipeline(crawler).process_item(item).body is None


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        pytest.param("authors", (" Li\xa0Lei ", ""), ("Li Lei",), id="authors"),
        pytest.param("editors", ("任建民\u200b", " "), ("任建民",), id="editors"),
        pytest.param("keywords", ("boats\n", ""), ("boats",), id="keywords"),
        pytest.param("breadcrumb", (" English ", "\u3000"), ("English",), id="breadcrumb"),
        pytest.param(
            "images",
            (Media(url=PICTURE.url, caption=" A\xa0boat. (Xinhua) ", credit=""),),
            (Media(url=PICTURE.url, caption="A boat. (Xinhua)", credit=None),),
            id="images",
        ),
        pytest.param(
            "videos", (Media(url=PICTURE.url, caption="\u200b", credit=None),), (PICTURE,),
            id="videos",
        ),
        pytest.param(
            "related",
            (Link(title=" Piers\u3000", url="http://en.people.cn/90786/7571411.html"),),
            (Link(title="Piers", url="http://en.people.cn/90786/7571411.html"),),
            id="related",
        ),
        pytest.param(
            "dateline",
            Dateline(place=" SEOUL", date=None, agency=""),
            Dateline(place="SEOUL", date=None, agency=None),
            id="dateline",
        ),
    ],
)  # fmt: skip
def test_normalise_reaches_every_string(
    crawler: Crawler, name: str, value: object, expected: object
) -> None:
    """The contract: normalised everywhere, never an empty string, whoever made the item."""
    item = replace(sample(), **{name: value})  # type: ignore[arg-type]
    assert getattr(pipelines.NormalisePipeline(crawler).process_item(item), name) == expected


# --- Validate ----------------------------------------------------------------------------------


def test_good_record_passes(crawler: Crawler, process: Process) -> None:
    assert process(sample()) == sample()
    close(crawler)
    assert stat(crawler, "articles/rejected") == 0
    assert not list(Path(crawler.settings["OUTPUT_DIR"]).rglob("*"))


def test_rejected_record_is_kept_with_its_reasons(crawler: Crawler, process: Process) -> None:
    for number in (1, 2):
        with pytest.raises(DropItem):
            process(replace(story(number), published_on=""))
    folder = Path(crawler.settings["OUTPUT_DIR"]) / "rejected" / "world"
    path = folder / "2026-11-01T08-00-05Z.jsonl"
    # A reader never sees half a file.
    assert not path.exists()
    close(crawler)
    assert list(folder.iterdir()) == [path]
    entries = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert [entry["record"]["id"] for entry in entries] == ["9790001", "9790002"]
    assert entries[0]["record"] == {**as_json(story(1)), "published_on": ""}
    assert all(reason.startswith("published_on: ") for reason in entries[0]["reasons"])
    assert stat(crawler, "articles/rejected") == 2


def test_rejected_record_does_not_stand_in_the_way_of_a_good_one(process: Process) -> None:
    with pytest.raises(DropItem):
        process(replace(story(1), published_on=""))
    assert process(story(1)) == story(1)


def test_rejected_record_that_cannot_be_kept_is_counted(
    crawler: Crawler, process: Process, caplog: pytest.LogCaptureFixture
) -> None:
    folder = Path(crawler.settings["OUTPUT_DIR"])
    folder.mkdir()
    (folder / "rejected").write_text("in the way")
    with pytest.raises(DropItem):
        process(replace(story(1), published_on=""))
    assert stat(crawler, "articles/rejected") == 1
    assert stat(crawler, "output/failed") == 1
    assert str(folder / "rejected") in caplog.text


# --- Duplicates --------------------------------------------------------------------------------


def test_one_line_an_id(crawler: Crawler, process: Process) -> None:
    process(story(1))
    with pytest.raises(DropItem):
        process(story(1, title="Another headline", paragraphs=("Another text.",)))
    assert stat(crawler, "articles/repeated") == 1


def test_one_line_a_text(crawler: Crawler, process: Process) -> None:
    process(story(1, title="Boats return", paragraphs=("Forty boats.",)))
    with pytest.raises(DropItem, match="9790001"):
        process(story(2, title="BOATS  return", paragraphs=("Forty\xa0boats.",)))
    assert stat(crawler, "articles/duplicate") == 1


def test_another_text_is_another_story(crawler: Crawler, process: Process) -> None:
    process(story(1))
    process(story(2, paragraphs=("Fifty boats came home.",)))
    process(story(3, title="Ships return"))
    assert stat(crawler, "articles/duplicate") == 0


def test_picture_stories_of_one_headline_are_two(crawler: Crawler, process: Process) -> None:
    for number in (1, 2):
        process(story(number, title="In pics", paragraphs=(), images=(PICTURE,)))
    assert stat(crawler, "articles/duplicate") == 0


def test_rejected_text_does_not_stand_in_the_way_of_a_good_one(process: Process) -> None:
    with pytest.raises(DropItem):
        process(replace(story(1), published_on=""))
    assert process(story(2)).id == "9790002"
