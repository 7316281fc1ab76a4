"""Every list case: the links, their dates and the next page that a person wrote down."""

from __future__ import annotations

import re

import pytest
from helpers.page_cases import LISTINGS, Case

from peoplesdaily import parsers
from peoplesdaily.parsers import Listing

GOLD = {str(case): case.json("gold.json") for case in LISTINGS}
REFUSED = [case for case in LISTINGS if GOLD[str(case)].get("not_listing")]
FRONT_PAGES = [case for case in LISTINGS if "navigation" in GOLD[str(case)]]
SECTIONS = [case for case in LISTINGS if case not in REFUSED and case not in FRONT_PAGES]


def links(listing: Listing) -> list[str]:
    return [article.address.story_url for article in listing.articles]


def dates(listing: Listing) -> list[str | None]:
    stamps = (article.stamp for article in listing.articles)
    return [(stamp.isoformat() or stamp.day.isoformat()) if stamp else None for stamp in stamps]


def test_there_are_cases_of_every_kind() -> None:
    assert SECTIONS
    assert FRONT_PAGES
    assert REFUSED


@pytest.mark.parametrize("case", SECTIONS, ids=str)
def test_list_becomes_the_gold(case: Case) -> None:
    gold = GOLD[str(case)]
    listing = parsers.parse_listing(case.markup, case.url)
    assert links(listing) == gold["links"]
    assert dates(listing) == gold["dates"]
    assert listing.next_url == gold["next"]


@pytest.mark.parametrize("case", SECTIONS, ids=str)
def test_listed_articles_have_titles(case: Case) -> None:
    listing = parsers.parse_listing(case.markup, case.url)
    assert all(article.title for article in listing.articles)


@pytest.mark.parametrize("case", SECTIONS, ids=str)
def test_total_is_the_count_in_the_comment(case: Case) -> None:
    comment = re.search(r"<!--PageNo=(\d+)-->", case.markup)
    total = parsers.parse_listing(case.markup, case.url).total
    assert total == (int(comment[1]) if comment else None)


@pytest.mark.parametrize("case", FRONT_PAGES, ids=str)
def test_front_page_becomes_the_gold(case: Case) -> None:
    gold = GOLD[str(case)]
    listing = parsers.parse_front_page(case.markup, case.url)
    assert links(listing) == gold["links"]
    assert listing.next_url == gold["next"]


@pytest.mark.parametrize("case", FRONT_PAGES, ids=str)
def test_navigation_becomes_the_gold(case: Case) -> None:
    """Other links to the edition may follow; none may take the place of a section."""
    gold = GOLD[str(case)]["navigation"]
    found = parsers.parse_navigation(case.markup, case.url)
    assert {label: found.get(label) for label in gold} == gold
    assert list(found)[: len(gold)] == list(gold)


@pytest.mark.parametrize("case", REFUSED, ids=str)
def test_page_that_is_no_list_is_refused(case: Case) -> None:
    with pytest.raises(parsers.UnknownListingError) as caught:
        parsers.parse_listing(case.markup, case.url)
    assert caught.value.url == case.url


def test_tiles_without_the_list_around_them_are_no_list() -> None:
    """An empty list is no list of nothing: the markup has changed, or the site is in trouble."""
    with pytest.raises(parsers.UnknownListingError):
        parsers.parse_listing(
            "<ul class='foreign_list8 cf'></ul><div class='page_n clearfix'></div>",
            "http://en.people.cn/90777/index.html",
        )


PAGER = (
    "<ul class='foreign_list8 cf'><li><a href='/n3/2022/0922/c90000-10150901.html'>A</a></li></ul>"
    "<div class='page_n clearfix'>{}</div>{}"
)


@pytest.mark.parametrize(
    ("url", "pager", "comment", "expected"),
    [
        pytest.param("index.html", "", "<!--PageNo=2-->", "index2.html", id="count-alone"),
        pytest.param("index2.html", "", "<!--PageNo=2-->", None, id="count-reached"),
        pytest.param(
            "index2.html", '<a href="index3.html#fy01">下一页</a>', "<!--PageNo=2-->", None,
            id="count-beats-link",
        ),
        pytest.param(
            "index.html", '<a href="index2.html#fy01">下一页</a>', "", "index2.html", id="next"
        ),
        pytest.param(
            "index.html", '<a href="index2.html">Next</a>', "", "index2.html", id="next-in-english"
        ),
        pytest.param("index3.html", '<a href="index84.html">Last</a>', "", None, id="last"),
        pytest.param("index3.html", '<a href="index0.html">下一页</a>', "", None, id="index0"),
        pytest.param("index3.html", '<a href="index2.html">下一页</a>', "", None, id="backwards"),
        pytest.param(
            "index1.html", '<a href="index2.html">下一页</a>', "", "index2.html", id="index1"
        ),
        pytest.param(
            "index.html", '<a href="/90785/index2.html">2</a>', "", None, id="other-section"
        ),
    ],
)  # fmt: skip
def test_next_page(url: str, pager: str, comment: str, expected: str | None) -> None:
    base = "http://en.people.cn/90777/"
    listing = parsers.parse_listing(PAGER.format(pager, comment), base + url)
    assert listing.next_url == (base + expected if expected else None)


ITEM = (
    '<div class="d2_17"><div class="{on1}"><a href="/n3/2022/0922/c90000-10150901.html">One</a>'
    '</div><p><a href="/n3/2022/0922/c90000-10150902.html">Aside</a></p></div>'
)


@pytest.mark.parametrize(
    "around", ['<div class="section1">{}</div>', "<p>{}", "<blockquote><h3>{}</h3></blockquote>"]
)
def test_boxes_around_a_list_choose_none_of_an_items_links(around: str) -> None:
    markup = around.format(ITEM.format(on1="on1"))
    listing = parsers.parse_listing(markup, "http://en.people.cn/90777/")
    assert [article.title for article in listing.articles] == ["One"]


def test_link_that_is_left_open_before_a_list_is_no_item_of_it() -> None:
    header = '<div><a href="/n3/2022/0921/c90000-10150700.html"><img src="/img/a.png"></div>'
    listing = parsers.parse_listing(header + ITEM.format(on1="on1"), "http://en.people.cn/90777/")
    assert [article.title for article in listing.articles] == ["One"]


@pytest.mark.parametrize("between", ["", "<!-- hot -->", "\n"])
def test_list_under_an_aside_heading_is_aside(between: str) -> None:
    stories = [
        '<ul class="foreign_list8"><li>'
        f'<a href="/n3/2022/0922/c90000-{id_}.html">{id_}</a></li></ul>'
        for id_ in (10150901, 10150902)
    ]
    markup = f"<div>{stories[0]}</div><div><h3>Most Read</h3>{between}{stories[1]}</div>"
    listing = parsers.parse_listing(markup, "http://en.people.cn/90777/")
    assert [article.title for article in listing.articles] == ["10150901"]
