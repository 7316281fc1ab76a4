"""Pages of a story merged into its record."""

from __future__ import annotations

import hashlib
from datetime import date
from itertools import permutations
from typing import Any

import pytest
from helpers.page_cases import CRAWLED_AT, SAMPLE_URL, story_page

from peoplesdaily import parsers
from peoplesdaily.items import SCHEMA_VERSION, Article, Dateline, Link, Media
from peoplesdaily.parsers import StoryPage

LONG = "The harbor of Qingshui opened again this week after two years of work on its piers."
OTHER = "Captains said that they had waited for the day ever since the first storm of spring."
SHORT = "Boats came home."
CHINESE = "11月3日，云岭村迎来采茶旺季，茶农们抢抓农时采摘秋茶。"
SHORT_CHINESE = "采茶忙。"


def merge(*story: StoryPage, **run: Any) -> Article:
    return parsers.merge(story, crawled_at=CRAWLED_AT, **run)


def picture(name: str, caption: str | None = None) -> Media:
    return Media(url=f"http://en.people.cn/NMediaFile/{name}.jpg", caption=caption, credit=None)


def test_record_of_one_page() -> None:
    article = merge(
        story_page(kicker="Series", breadcrumb=("English", "World"), source="Xinhua"),
        section="world",
        sections=["world", "china", "world"],
    )
    assert article.id == "9793058"
    assert article.url == SAMPLE_URL
    assert article.channel == "90000"
    assert article.section == "world"
    assert article.sections == ("china", "world")
    assert article.language == "en"
    assert (article.pages, article.revision, article.crawled_at) == (1, 1, CRAWLED_AT)
    assert (article.duplicate_of, article.similarity) == (None, None)
    assert article.schema_version == SCHEMA_VERSION
    assert (article.kicker, article.breadcrumb, article.source) == (
        "Series", ("English", "World"), "Xinhua",
    )  # fmt: skip


def test_text_comes_in_page_order_whatever_order_the_pages_come_in() -> None:
    story = [story_page(n, paragraphs=(f"Page {n}.",), editors=(f"E{n}",)) for n in (1, 2, 10)]
    merged = [merge(*order) for order in permutations(story)]
    assert merged[0].body == "Page 1.\n\nPage 2.\n\nPage 10."
    assert merged[0].editors == ("E1", "E2", "E10")
    assert merged[0].pages == 3
    assert all(article == merged[0] for article in merged)


def test_head_is_the_first_page() -> None:
    first = story_page(1, source="Xinhua", authors=("Li Lei",), others={2: "x"})
    later = story_page(2, source="CRI", authors=("Wang Fei",), title="Other", kicker="Other")
    article = merge(later, first)
    assert (article.source, article.authors, article.kicker) == ("Xinhua", ("Li Lei",), None)
    assert article.title == first.title


@pytest.mark.parametrize(
    ("number", "others", "title", "expected"),
    [
        pytest.param(5, {}, "Ice cream (5)", "Ice cream", id="page-5"),
        pytest.param(5, {}, "Ice cream（5）", "Ice cream", id="full-width"),
        pytest.param(5, {}, "Ice cream(5)", "Ice cream", id="no-space"),
        pytest.param(1, {2: "x"}, "Ice cream (1)", "Ice cream", id="page-1-of-many"),
        pytest.param(1, {}, "Ice cream (1)", "Ice cream (1)", id="one-page-story"),
        pytest.param(1, {2: "x"}, "Ice cream (3)", "Ice cream (3)", id="its-own-number"),
        pytest.param(2, {}, "Ice cream (3)", "Ice cream (3)", id="another-number"),
        pytest.param(2, {}, "Ice (2) cream", "Ice (2) cream", id="inside"),
        pytest.param(2, {}, "(2)", "(2)", id="nothing-else"),
    ],
)
def test_page_number_of_the_title(
    number: int, others: dict[int, str], title: str, expected: str
) -> None:
    assert merge(story_page(number, others=others, title=title)).title == expected


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        pytest.param((LONG,), (LONG, OTHER), (LONG, OTHER), id="repeated-lead"),
        pytest.param((LONG, SHORT), (SHORT, OTHER), (LONG, SHORT, SHORT, OTHER), id="short-line"),
        pytest.param((CHINESE,), (CHINESE, OTHER), (CHINESE, OTHER), id="chinese-lead"),
        pytest.param(
            (SHORT_CHINESE,), (SHORT_CHINESE,), (SHORT_CHINESE, SHORT_CHINESE), id="short-chinese"
        ),
        pytest.param((LONG, LONG), (), (LONG, LONG), id="twice-on-one-page"),
        pytest.param((LONG,), (LONG,), (LONG,), id="nothing-new"),
    ],
)
def test_text_that_every_page_repeats_is_told_once(
    first: tuple[str, ...], second: tuple[str, ...], expected: tuple[str, ...]
) -> None:
    article = merge(story_page(1, paragraphs=first), story_page(2, paragraphs=second))
    assert article.body == "\n\n".join(expected)


def test_pictures_of_all_pages_once_each() -> None:
    one, two, three = picture("1", "One."), picture("2", "Two."), picture("3")
    article = merge(
        story_page(1, images=(one, two), videos=(picture("v"),)),
        story_page(2, images=(picture("1", "Again."), three), videos=(picture("v"),)),
    )
    assert article.images == (one, two, three)
    assert article.videos == (picture("v"),)


def test_related_stories_once_each_and_not_the_story_itself() -> None:
    link = Link(title="Piers", url="http://en.people.cn/n3/2020/1120/c90000-9790001.html")
    itself = Link(title="Boats", url=SAMPLE_URL)
    article = merge(story_page(1, related=(link, itself)), story_page(2, related=(link,)))
    assert article.related == (link,)


def test_editors_of_all_pages_once_each() -> None:
    article = merge(
        story_page(1, editors=("Li Lei", "Wang Fei")), story_page(2, editors=("Wang Fei", "Bai"))
    )
    assert article.editors == ("Li Lei", "Wang Fei", "Bai")


def test_dates() -> None:
    article = merge(
        story_page(
            published_on=date(2020, 11, 27),
            published_at="2020-11-27T09:25:00+08:00",
            updated_at="2020-11-28T10:00:00+08:00",
        )
    )
    assert article.published_on == "2020-11-27"
    assert article.published_at == "2020-11-27T09:25:00+08:00"
    assert article.updated_at == "2020-11-28T10:00:00+08:00"
    assert merge(story_page()).published_at is None


def test_dateline_stands_in_the_record_and_stays_in_the_text() -> None:
    wire = "SEOUL, Dec. 31 (Xinhua) -- Boats came home."
    article = merge(story_page(paragraphs=(wire, LONG), published_on=date(2021, 1, 1)))
    assert article.dateline == Dateline(place="SEOUL", date="2020-12-31", agency="Xinhua")
    assert article.body == f"{wire}\n\n{LONG}"


def test_dateline_is_of_the_first_paragraph_alone() -> None:
    wire = "SEOUL, Dec. 31 (Xinhua) -- Boats came home."
    assert merge(story_page(paragraphs=(LONG, wire))).dateline is None
    assert merge(story_page(paragraphs=())).dateline is None


def test_story_of_pictures_has_no_body() -> None:
    assert merge(story_page(paragraphs=(), images=(picture("1"),))).body is None


@pytest.mark.parametrize(
    ("title", "paragraphs", "hashed"),
    [
        pytest.param("Boats", (LONG, SHORT), f"Boats\n\n{LONG}\n\n{SHORT}", id="text"),
        pytest.param("BOATS", (SHORT.upper(),), f"boats\n\n{SHORT.lower()}", id="case"),
        pytest.param("Straße", ("ẞ.",), "strasse\n\nss.", id="folded-not-lowered"),
        pytest.param("Café – “x”", ("新华社。",), "café – “x”\n\n新华社。", id="utf-8"),
        pytest.param("Boats", (), "boats\n\n", id="no-body"),
    ],
)
def test_content_hash(title: str, paragraphs: tuple[str, ...], hashed: str) -> None:
    article = merge(story_page(title=title, paragraphs=paragraphs))
    assert article.content_hash == hashlib.sha256(hashed.casefold().encode()).hexdigest()


def test_content_hash_does_not_depend_on_anything_but_title_and_body() -> None:
    one = merge(story_page(source="Xinhua", images=(picture("1"),)), section="world")
    two = merge(story_page(url="http://en.people.cn/90786/7571411.html"))
    assert one.content_hash == two.content_hash
    assert merge(story_page(title="Other")).content_hash != one.content_hash
