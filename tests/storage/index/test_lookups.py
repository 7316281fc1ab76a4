"""Look-ups that stay cheap in a large index say what a look at every row would."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from random import Random

import pytest
from helpers.page_cases import sample

from peoplesdaily.items import Article
from peoplesdaily.storage import near_duplicates
from peoplesdaily.storage.index import Index, articles

NOW = datetime(2026, 11, 20, tzinfo=UTC)
BAND = 8  # bytes of a signature that make a band
LONG = (400).to_bytes(2, "little")  # words, at a signature's end


@pytest.fixture
def index() -> Iterator[Index]:
    made = Index(None)
    yield made
    made.close()


def article(number: int, day: str = "2020-11-27", section: str = "world") -> Article:
    made = sample(url=f"http://en.people.cn/n3/2020/1127/c90000-{number}.html")
    return replace(made, published_on=day, sections=(section,))


def signature(number: int, *, like: bytes = b"", bands: int = 0) -> bytes:
    """One that shares the first bands with another."""
    whole = near_duplicates.signature("", "word " * 100)
    assert whole is not None
    rest = Random(number).randbytes(len(whole) - len(LONG))
    return like[: bands * BAND] + rest[bands * BAND :] + LONG


def test_a_repeat_is_found_behind_a_mould_that_hundreds_share(index: Index) -> None:
    mould = signature(0)
    original = signature(1, like=mould, bands=3)
    index.articles.begin_revision(article(1), "run", original, (None, None))
    for number in range(2, 700):
        note = signature(number, like=mould, bands=3)
        index.articles.begin_revision(article(number), "run", note, (None, None))

    # Its own bands lead to the original, though no look-up reads all notes any more.
    repeat = original[:400] + signature(999)[400:]
    found = index.articles.near_duplicate("999", repeat, near_duplicates.THRESHOLD)

    assert found is not None
    assert found.id == "1"
    assert (
        index.articles.near_duplicate(
            "998", signature(998, like=mould, bands=3), near_duplicates.THRESHOLD
        )
        is None
    )


def test_what_a_look_up_reads_does_not_grow_with_a_band(
    index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[int] = []
    closest = near_duplicates.closest

    def counted(asked: bytes, candidates: list[tuple[str, bytes]], threshold: float) -> object:
        seen.append(len(candidates))
        return closest(asked, candidates, threshold)

    monkeypatch.setattr(near_duplicates, "closest", counted)
    mould = signature(0)
    for number in range(1, 300):
        note = signature(number, like=mould, bands=3)
        index.articles.near_duplicate(str(number), note, near_duplicates.THRESHOLD)
        index.articles.begin_revision(article(number), "run", note, (None, None))

    assert max(seen) <= 50


@pytest.mark.parametrize("recent", [1, 5, 500])
def test_a_sections_newest_is_found_however_long_it_has_slept(
    index: Index, monkeypatch: pytest.MonkeyPatch, recent: int
) -> None:
    monkeypatch.setattr(articles, "_RECENT", recent)
    chance = Random(7)
    made = [
        article(n, f"20{chance.randrange(10, 26)}-0{chance.randrange(1, 9)}-11", section)
        for n, section in enumerate(["world"] * 30 + ["sports"] * 5 + ["photo"], 1)
    ]
    chance.shuffle(made)
    index.files.add("a.jsonl", 0, 0, made)

    for section in ("world", "sports", "photo"):
        days = [a.published_on for a in made if section in a.sections]
        assert index.articles.newest(section) == max(days)
    assert index.articles.newest("travel") is None


def test_the_newest_counts_the_minute(index: Index) -> None:
    early = replace(article(1), published_at="2020-11-27T08:00:00+08:00")
    late = replace(article(2), published_at="2020-11-27T09:30:00+08:00")
    index.files.add("a.jsonl", 0, 0, [late, early, article(3)])

    assert index.articles.newest("world") == "2020-11-27T09:30:00+08:00"


def test_no_look_up_of_an_article_reads_a_whole_table(index: Index) -> None:
    asked: list[str] = []
    index.connection.set_trace_callback(asked.append)
    one = article(1)
    index.listings.states(["1", "2"], NOW)
    index.listings.sections_of("1")
    index.articles.latest("1")
    index.articles.same_text(one)
    index.articles.near_duplicate("1", signature(1), near_duplicates.THRESHOLD)
    index.leases.take(["1"], "run")
    index.articles.begin_revision(one, "run", signature(1), (None, None))
    index.pending.complete("1")
    index.articles.add_alias(article(2), "1", 1.0, NOW)
    index.files.add("a.jsonl", 0, 0, [one])
    index.articles.refresh("1", (None, None))
    index.connection.set_trace_callback(None)

    steps = [
        (row[3], query)
        for query in asked
        if query.startswith(("SELECT", "UPDATE", "DELETE", "INSERT"))
        for row in index.rows(f"EXPLAIN QUERY PLAN {query}")
    ]
    assert len(steps) > 30
    # A list that the query brings along, and its own partial results, are short.
    short = ("SCAN json_each", "SCAN (", "SCAN recent")
    assert not [s for s in steps if s[0].startswith("SCAN") and not s[0].startswith(short)]
