"""What a run wants, and in which order: the frontier without a spider."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from helpers.crawls import ROOT

from peoplesdaily.parsers import ListedArticle
from peoplesdaily.parsers.fields.dates import BEIJING
from peoplesdaily.site import urls
from peoplesdaily.spiders.arguments import Window
from peoplesdaily.spiders.frontier import Frontier
from peoplesdaily.storage.index import Index, ListPage
from peoplesdaily.storage.index.models import LISTED, OUTSIDE, PendingArticle

A, B, C = "9000001", "9000002", "9000010"
SINCE = Window(since=datetime(2020, 11, 20, tzinfo=BEIJING))


def listed(id_: str, day: str = "2020/1127") -> ListedArticle:
    address = urls.article(f"http://en.people.cn/n3/{day}/c90000-{id_}.html")
    assert address is not None
    return ListedArticle(address, "", None)


@pytest.fixture
def index() -> Iterator[Index]:
    made = Index(None)
    yield made
    made.close()


@pytest.fixture
def counts() -> Counter[str]:
    return Counter()


def frontier(index: Index, counts: Counter[str] | None = None, **more: Any) -> Frontier:
    if counts is not None:
        more["count"] = lambda name, number: counts.update({name: number})
    return Frontier(index, more.pop("run", "run"), "world", **more)


def ids(found: list[PendingArticle]) -> list[str]:
    return [story.id for story in found]


def fail(index: Index, id_: str, kind: str, when: datetime) -> None:
    index.pending.failed(PendingArticle(id_, listed(id_).address.url, "world", "world", kind), when)


def test_it_needs_no_scrapy() -> None:
    code = "import sys, peoplesdaily.spiders.frontier; sys.exit('scrapy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


def test_stories_are_handed_out_oldest_first_and_once(index: Index) -> None:
    made = frontier(index)
    assert made.offer([listed(C), listed(B), listed(A)], "world") == ""
    assert ids(list(made.waiting)) == [C, B, A]
    assert ids(made.take(2)) == [A, B]
    assert ids(made.take()) == [C]
    assert made.take() == []
    assert A in made
    assert "1" not in made


def test_ids_with_more_digits_are_newer(index: Index) -> None:
    made = frontier(index)
    made.offer([listed("10000001"), listed(A)], "world")
    assert ids(made.take()) == [A, "10000001"]


def test_what_is_wanted_is_pending_before_it_is_handed_out(index: Index) -> None:
    frontier(index).offer([listed(A)], "world")
    (found,) = index.pending.find()
    assert (found.id, found.spider, found.section, found.kind) == (A, "world", "world", LISTED)


def test_a_story_has_every_section_that_lists_it(index: Index) -> None:
    made = frontier(index)
    made.offer([listed(A)], "world")
    made.offer([listed(A)], "business")
    assert made.section_of(A) == "world"
    assert made.sections_of(A) == ["world", "business"]
    assert ids(made.take()) == [A]
    assert made.section_of(B) is None


def test_what_has_an_outcome_is_left_out_and_counted(index: Index, counts: Counter[str]) -> None:
    early = datetime(2020, 1, 1, tzinfo=UTC)
    for _ in range(3):
        fail(index, A, "404", early)
    fail(index, B, "500", datetime.now(UTC))
    made = frontier(index, counts)
    assert made.offer([listed(A), listed(B)], "world") == ""
    assert made.waiting == ()
    assert counts == {"articles/listed/gone": 1, "articles/listed/pending": 1}


def test_another_run_keeps_what_it_has_leased(index: Index, counts: Counter[str]) -> None:
    frontier(index, run="other").offer([listed(A)], "world")
    made = frontier(index, counts)
    made.offer([listed(A), listed(B)], "world")
    assert ids(made.take()) == [B]
    assert counts == {"articles/listed/elsewhere": 1}


def test_max_articles_takes_the_first_ones_offered(index: Index) -> None:
    made = frontier(index, max_articles=1)
    assert not made.full
    assert made.offer([listed(B), listed(A)], "world") is None
    assert made.full
    assert ids(made.take()) == [B]


def test_a_sample_takes_so_many_of_each_section(index: Index) -> None:
    made = frontier(index, sample=1)
    made.offer([listed(A), listed(B)], "world")
    made.offer([listed(B), listed(C)], "business")
    assert ids(made.take()) == [A, B]


def test_the_window_decides_by_the_dates_of_the_list(index: Index, counts: Counter[str]) -> None:
    made = frontier(index, counts, window=SINCE)
    assert made.watermark == "2020-11-19T16:00:00Z"
    old = listed(A, "2020/1101")
    assert made.offer([old, listed(B)], "world") == made.watermark
    assert ids(made.take()) == [B]
    assert counts == {"articles/listed/outside_window": 1}
    assert made.lies_before([old])
    assert not made.lies_before([old, listed(B)])
    until = Window(until=datetime(2020, 11, 20, tzinfo=BEIJING))
    assert frontier(index, window=until).offer([listed(C)], "world") is None


def test_the_window_decides_by_what_was_read_unless_an_earlier_run_wanted_it(index: Index) -> None:
    made = frontier(index, window=SINCE)
    assert made.wants(A, "2020-11-27T09:00:00+08:00")
    assert not made.wants(A, "2020-11-01")
    assert made.wants(A, "")
    assert frontier(index).wants(A, "2020-11-01")
    early = datetime(2020, 1, 1, tzinfo=UTC)
    fail(index, A, "500", early)
    made.offer([listed(A, "2020/1101")], "world")
    assert ids(made.take()) == [A]
    assert made.wants(A, "2020-11-01")


def test_due_stories_are_taken_first_and_known_as_tried(index: Index, counts: Counter[str]) -> None:
    fail(index, A, "500", datetime(2020, 1, 1, tzinfo=UTC))
    fail(index, B, "500", datetime.now(UTC))
    made = frontier(index, counts)
    made.offer_due(["world"])
    assert ids(made.take()) == [A]
    assert made.tried_before == {A}
    assert made.wants(A, "2020-01-01")
    assert counts == {"articles/tried_again": 1}


def test_a_story_outside_an_earlier_window_is_taken_by_a_run_that_wants_it(index: Index) -> None:
    frontier(index, run="first").offer([listed(A)], "world")
    index.pending.outside_window(A, "2020-11-27")
    index.leases.end_run("first")
    later = Window(since=datetime(2020, 11, 28, tzinfo=BEIJING))
    for window, expected in ((later, []), (SINCE, [A])):
        made = frontier(index, window=window)
        made.offer_due(["world"])
        assert ids(made.take()) == expected
    assert index.pending.find()[0].kind == OUTSIDE


@pytest.mark.parametrize(
    ("more", "watermark"),
    [({}, ""), ({"window": SINCE}, "2020-11-19T16:00:00Z"), ({"max_articles": 1}, None)],
)
def test_a_page_is_remembered_unless_a_story_on_it_is_left_out(
    index: Index, more: dict[str, Any], watermark: str | None
) -> None:
    page = ListPage("http://en.people.cn/90777/index.html", '"1"', None, "", (A, B), None, 1)
    made = frontier(index, **more)
    assert made.offer([listed(A), listed(B, "2020/1101")], "world", page=page) == watermark
    found = index.listings.page(page.url)
    assert (found.watermark if found else None) == watermark


def test_an_added_story_is_not_taken_again(index: Index) -> None:
    made = frontier(index)
    made.add(A, "world")
    made.offer([listed(A)], "business")
    assert made.waiting == ()
    assert made.sections_of(A) == ["world", "business"]
