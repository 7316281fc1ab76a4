"""The record contract: what is promised, and that nothing else passes."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from dataclasses import fields
from typing import Any

import jsonschema_rs
import pytest
from helpers.page_cases import as_json, sample

from peoplesdaily.items import Article, Dateline, Link, Media
from peoplesdaily.schemas import records

# Every field of the contract, in output order, and the JSON types it may have.
CONTRACT = {
    "id": {"string"}, "url": {"string"}, "title": {"string"},
    "kicker": {"string", "null"}, "subtitle": {"string", "null"}, "section": {"string", "null"},
    "sections": {"array"}, "breadcrumb": {"array"}, "channel": {"string", "null"},
    "source": {"string", "null"}, "authors": {"array"}, "editors": {"array"},
    "published_on": {"string"}, "published_at": {"string", "null"},
    "updated_at": {"string", "null"}, "dateline": {"object", "null"}, "body": {"string", "null"},
    "images": {"array"}, "videos": {"array"}, "related": {"array"}, "keywords": {"array"},
    "description": {"string", "null"}, "language": {"string"}, "pages": {"integer"},
    "template": {"string"}, "content_hash": {"string"}, "duplicate_of": {"string", "null"},
    "similarity": {"number", "null"}, "revision": {"integer"}, "crawled_at": {"string"},
    "schema_version": {"string"},
}  # fmt: skip

Change = Callable[[dict[str, Any]], Any]


def good() -> dict[str, Any]:
    """A record with something in every field that may have something."""
    media = {"url": "http://en.people.cn/1.jpg", "caption": "A (Xinhua)", "credit": "Xinhua"}
    return {
        **as_json(sample()),
        "kicker": "Series", "subtitle": "Below", "section": "world", "sections": ["china", "world"],
        "breadcrumb": ["English", "World"], "source": "Xinhua", "authors": ["Li Lei"],
        "editors": ["任建民"], "published_at": "2020-11-27T09:25:00+08:00",
        "updated_at": "2020-11-27T10:25:00+08:00",
        "dateline": {"place": "SEOUL", "date": "2020-11-26", "agency": None},
        "images": [media], "videos": [{**media, "caption": None, "credit": None}],
        "related": [{"title": "B", "url": "http://en.people.cn/90786/7571411.html"}],
        "keywords": ["boats"], "description": "Boats.",
        "duplicate_of": "9793057", "similarity": 0.93,
    }  # fmt: skip


def test_checked_in_schema_is_the_generated_one() -> None:
    assert records.SCHEMA_FILE.read_text(encoding="utf-8") == records.schema_document()


def test_schema_is_a_schema() -> None:
    jsonschema_rs.meta.validate(json.loads(records.schema_document()))
    assert records.record_schema()["$schema"] == "https://json-schema.org/draft/2020-12/schema"


def test_schema_has_every_field_in_order_and_no_other() -> None:
    document = records.record_schema()
    assert list(document["properties"]) == list(CONTRACT)
    assert document["required"] == list(CONTRACT)
    assert document["additionalProperties"] is False
    assert [field.name for field in fields(Article)] == list(CONTRACT)


def types(property_: dict[str, Any]) -> set[str]:
    named = property_.get("type", [])
    found = {named} if isinstance(named, str) else set(named)
    for option in property_.get("anyOf", []):
        found |= types(option)
    return found


@pytest.mark.parametrize("name", CONTRACT)
def test_field_has_its_types_and_says_what_it_holds(name: str) -> None:
    property_ = records.record_schema()["properties"][name]
    assert types(property_) == CONTRACT[name]
    assert len(property_["description"]) > 10
    assert property_["description"] == " ".join(property_["description"].split())


@pytest.mark.parametrize(
    ("class_", "names"),
    [
        (Media, ["url", "caption", "credit"]),
        (Link, ["title", "url"]),
        (Dateline, ["place", "date", "agency"]),
    ],
)
def test_objects_inside_a_record(class_: type, names: list[str]) -> None:
    assert [field.name for field in fields(class_)] == names


def test_good_records_are_accepted() -> None:
    for record in (good(), as_json(sample())):
        assert list(records.violations(record)) == []
        assert records.is_valid(record)


@pytest.mark.parametrize("name", [n for n, kinds in CONTRACT.items() if "null" in kinds])
def test_absent_is_null(name: str) -> None:
    record = {**good(), name: None}
    if name == "similarity":
        record["duplicate_of"] = None
    assert list(records.violations(record)) == []


@pytest.mark.parametrize("name", [n for n, kinds in CONTRACT.items() if "array" in kinds])
def test_absent_list_is_empty_not_null(name: str) -> None:
    assert records.is_valid({**good(), name: []})
    assert not records.is_valid({**good(), name: None})


@pytest.mark.parametrize("name", CONTRACT)
def test_missing_key_is_named(name: str) -> None:
    record = good()
    del record[name]
    assert any(name in reason for reason in records.violations(record))
    assert not records.is_valid(record)


@pytest.mark.parametrize("name", [n for n, kinds in CONTRACT.items() if "string" in kinds])
@pytest.mark.parametrize("value", ["", 7, ["a"], {}])
def test_string_is_a_string_that_holds_something(name: str, value: object) -> None:
    reasons = list(records.violations({**good(), name: value}))
    assert any(reason.startswith(f"{name}: ") for reason in reasons)


@pytest.mark.parametrize("name", [n for n, kinds in CONTRACT.items() if "array" in kinds])
@pytest.mark.parametrize("value", ["a", {}, [None], [""], [7]])
def test_list_is_a_list_of_what_it_lists(name: str, value: object) -> None:
    reasons = list(records.violations({**good(), name: value}))
    assert any(reason.startswith(name) for reason in reasons)


def put(name: str, value: object) -> Change:
    return lambda record: record.update({name: value})


BROKEN: dict[str, tuple[Change, str]] = {
    "extra-key": (put("views", 7), "views"),
    "id-prefix": (put("id", "F_9793058"), "id: "),
    "id-full-width": (put("id", "９７９３０５８"), "id: "),
    "id-line-end": (put("id", "9793058\n"), "id: "),
    "url-relative": (put("url", "/n3/2020/1127/c90000-9793058.html"), "url: "),
    "url-other-scheme": (put("url", "ftp://en.people.cn/90786/7571411.html"), "url: "),
    # Canonical, says the contract: http, no query, no fragment.
    "url-tls": (put("url", "https://en.people.cn/90786/7571411.html"), "url: "),
    "url-query": (put("url", "http://en.people.cn/90786/7571411.html?a=b"), "url: "),
    "url-fragment": (put("url", "http://en.people.cn/90786/7571411.html#a"), "url: "),
    "url-trailing-dot": (put("url", "http://en.people.cn./90786/7571411.html"), "url: "),
    "url-blank": (put("url", "http://en.people.cn/a b.html"), "url: "),
    "channel-prefix": (put("channel", "c90000"), "channel: "),
    "sections-twice": (put("sections", ["world", "world"]), "sections: "),
    "day-that-is-none": (put("published_on", "2026-02-30"), "published_on: "),
    "day-with-time": (put("published_on", "2020-11-27T09:25:00+08:00"), "published_on: "),
    "day-short": (put("published_on", "2020-11-7"), "published_on: "),
    "day-null": (put("published_on", None), "published_on: "),
    "time-without-offset": (put("published_at", "2020-11-27T09:25:00"), "published_at: "),
    "time-that-is-none": (put("published_at", "2020-11-27T25:00:00+08:00"), "published_at: "),
    "time-is-a-day": (put("updated_at", "2020-11-27"), "updated_at: "),
    "crawled-in-beijing-time": (put("crawled_at", "2026-11-01T16:00:00+08:00"), "crawled_at: "),
    "pages-zero": (put("pages", 0), "pages: "),
    "pages-text": (put("pages", "1"), "pages: "),
    "pages-true": (put("pages", True), "pages: "),
    "pages-half": (put("pages", 1.5), "pages: "),
    "revision-zero": (put("revision", 0), "revision: "),
    "hash-short": (put("content_hash", "abc"), "content_hash: "),
    "hash-capitals": (put("content_hash", "A" * 64), "content_hash: "),
    "similarity-above": (put("similarity", 1.01), "similarity: "),
    "similarity-below": (put("similarity", -0.01), "similarity: "),
    "similarity-nan": (put("similarity", float("nan")), "similarity: "),
    "similarity-infinite": (put("similarity", float("inf")), "similarity: "),
    "duplicate-without-similarity": (put("similarity", None), "similarity: "),
    "version": (put("schema_version", "0.9"), "schema_version: "),
    "dateline-empty": (put("dateline", {}), "dateline: "),
    "dateline-day": (
        put("dateline", {"place": "A", "date": "2026-02-30", "agency": None}), "dateline",
    ),
    "image-relative": (
        lambda record: record["images"][0].update(url="/NMediaFile/1.jpg"), "images.0.url: ",
    ),
    "image-caption-empty": (
        lambda record: record["images"][0].update(caption=""), "images.0.caption: ",
    ),
    "image-caption-missing": (lambda record: record["images"][0].pop("caption"), "images.0: "),
    "video-extra": (lambda record: record["videos"][0].update(size=1), "videos.0: "),
    "related-title": (lambda record: record["related"][0].update(title=""), "related.0.title: "),
}  # fmt: skip


@pytest.mark.parametrize(("change", "names"), BROKEN.values(), ids=BROKEN)
def test_broken_record_is_rejected_by_name(change: Change, names: str) -> None:
    record = copy.deepcopy(good())
    change(record)
    reasons = list(records.violations(record))
    assert not records.is_valid(record)
    assert any(names in reason for reason in reasons), reasons


@pytest.mark.parametrize(
    ("media", "accepted"),
    [
        pytest.param({"images": []}, False, id="nothing"),
        pytest.param({}, True, id="pictures"),
        pytest.param({"images": [], "videos": good()["videos"]}, True, id="video"),
    ],
)
def test_record_without_a_body_needs_pictures_or_video(
    media: dict[str, Any], accepted: bool
) -> None:
    assert records.is_valid({**good(), "videos": [], "body": None, **media}) is accepted


def test_reason_for_a_missing_body_is_a_phrase_not_the_whole_record() -> None:
    record = {**good(), "title": "Boats return", "body": None, "images": [], "videos": []}
    (reason,) = records.violations(record)
    assert "body" in reason
    assert "Boats return" not in reason
