"""Whatever a server sends: pages are read, or refused with a PageError, in time, and the same way
every time."""

from __future__ import annotations

import contextlib
import gc
import json
import time
from collections.abc import Callable

import pytest
from helpers.page_cases import ARTICLES, CRAWLED_AT, LISTINGS, STEADY, as_json
from hypothesis import given
from hypothesis import strategies as st

from peoplesdaily import parsers
from peoplesdaily.parsers import PageError, StoryPage
from peoplesdaily.parsers.fields import (
    bylines,
    dates,
    editor_lines,
    names,
    picture_credits,
    signatures,
)
from peoplesdaily.schemas import records
from peoplesdaily.site.editions import Edition
from peoplesdaily.site.editions.other_languages import FRENCH, KOREAN
from peoplesdaily.utils import text

STORY = "http://en.people.cn/n3/2022/0922/c90000-10150901.html"
LIST = "http://en.people.cn/90777/index.html"
ADDRESSES = {
    "2021": STORY,
    "2011, without a day": "http://en.people.cn/90786/7571411.html",
    "page 2": "http://en.people.cn/n/2015/0818/c90882-8937797-2.html",
    "Chinese": "http://politics.people.com.cn/n1/2019/0615/c1001-31153801.html",
    "French": "http://french.peopledaily.com.cn/Afrique/n3/2026/0702/c96852-20473397.html",
    "Arabic": "http://arabic.people.com.cn/n3/2021/0325/c31664-9832261-4.html",
    "Korean": "http://kr.people.com.cn/n3/2019/1017/c203281-9623825.html",
}

# --- What a server may send --------------------------------------------------------------------

_CLASSES = (
    *("d2txtCon", "origin", "editor", "wb_1", "wb_2", "wb_4", "wb_10", "wb_12", "wb_left", "pic"),
    *("box_con", "box_pic", "rm_txt_con", "text_c", "show_text", "pic_content", "edit", "otitle"),
    *("page_pic", "foreign_list8", "d2_17", "on1", "on2", "pic_list", "p1_1", "nav", "wbnav"),
)
_TOKENS = st.sampled_from(
    [
        *(f"<{tag}>" for tag in ("p", "h1", "h2", "em", "strong", "br", "ul", "li", "table", "td")),
        *(f"</{tag}>" for tag in ("p", "h1", "div", "em", "a", "table", "script", "body", "html")),
        *(f'<div class="{name}">' for name in _CLASSES),
        *(f'<div id="{name}">' for name in ("p_title", "p_content", "tiles", "p_editor")),
        *('<img src="/NMediaFile/1.jpg">', "<img>", '<img src="http://[">', '<img src="">'),
        *('<a href="/n3/2022/0922/c90000-10150901-2.html">', '<a href="/90777/index2.html">'),
        *('<a href="http://[">', "<a href=''>", "<a href='//'>", "<script>showPlayer({src:'/a/b'"),
        *("<!--", "-->", "<!--PageNo=3-->", "<![CDATA[", "<?xml version='1.0'?>", "&", "&#x0;"),
        *("&nbsp;", "&#55296;", "\x00", "\u200b", "\u3000", "\ud800", "<", ">", '"', "(", ")"),
        *("(Xinhua)", "09:39, September 22, 2022", "February 30, 2022", "(Web editor: A, B)"),
        *(
            "SEOUL, Nov. 26 (Xinhua) -- China",
            "By Li Lei",
            "Related Stories",
            "Most Read",
            "下一页",
        ),
        *("2021:03:25.08:53", "인민망 10월 17일]", "（編集NA）", "Par Li Lei et Wang", "张三摄"),
        '<div style="display:none">',
        '<meta name="publishdate" content="2022-09-31">',
        '<meta name="source" content="source：Xinhua">',
        '<meta http-equiv="refresh" content="0;url=/">',
        "<title>404 Not Found</title>",
    ]
)
SOUP = st.lists(_TOKENS | st.text(st.characters(), max_size=8), max_size=40).map("".join)
ANYTHING = st.text(st.characters()) | SOUP

FIXTURE_MARKUP = [case.markup for case in (*ARTICLES, *LISTINGS)]


@st.composite
def damaged_pages(draw: st.DrawFn) -> str:
    """A fixture with pieces cut out, told twice, moved, or laid open."""
    markup = draw(st.sampled_from(FIXTURE_MARKUP))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(markup)))
        end = min(len(markup), start + draw(st.integers(1, 3000)))
        piece, rest = markup[start:end], markup[:start] + markup[end:]
        match draw(st.sampled_from(["cut", "twice", "move", "open", "insert", "end"])):
            case "cut":
                markup = rest
            case "twice":
                markup = markup[:end] + markup[start:]
            case "move":
                place = draw(st.integers(0, len(rest)))
                markup = rest[:place] + piece + rest[place:]
            case "open":
                markup = markup[:start] + piece.replace("</", "<") + markup[end:]
            case "insert":
                markup = markup[:start] + draw(_TOKENS) + markup[start:]
            case "end":
                markup = markup[:start]
    return markup


PAGES = ANYTHING | damaged_pages()

# --- Nothing but PageError ---------------------------------------------------------------------


def outcome(read: Callable[[str, str], object], markup: str, url: str) -> object:
    """What ``read`` makes of a page, or how it refuses it; any other error is the test's."""
    try:
        return read(markup, url)
    except PageError as error:
        return type(error), error.reason or pytest.fail("a refusal without a reason")


@STEADY
@given(PAGES, st.sampled_from(sorted(ADDRESSES.values())))
def test_article_is_read_or_refused_the_same_way_twice(markup: str, url: str) -> None:
    once = outcome(parsers.parse_article, markup, url)
    assert outcome(parsers.parse_article, markup, url) == once
    if isinstance(once, StoryPage):
        generic = once.template == parsers.GENERIC.name
        assert parsers.matching_templates(markup, url) == (() if generic else (once.template,))


READERS = (parsers.parse_listing, parsers.parse_front_page, parsers.parse_navigation)


@pytest.mark.parametrize("read", READERS, ids=lambda reader: reader.__name__)
@STEADY
@given(markup=PAGES)
def test_list_is_read_or_refused_the_same_way_twice(
    read: Callable[[str, str], object], markup: str
) -> None:
    assert outcome(read, markup, LIST) == outcome(read, markup, LIST)


@STEADY
@given(PAGES)
def test_next_page_is_always_the_next_one(markup: str) -> None:
    """Whatever stands in a pager, no crawl runs in circles."""
    with contextlib.suppress(PageError):
        listing = parsers.parse_listing(markup, "http://en.people.cn/90777/index4.html")
        assert listing.next_url is None or listing.next_url.endswith("/index5.html")


@pytest.mark.parametrize("markup", ["", " ", "\x00", "<", "<!--", "\ud800", "<html></html>"])
def test_next_to_nothing_is_refused(markup: str) -> None:
    for read in (parsers.parse_article, parsers.parse_listing, parsers.parse_front_page):
        with pytest.raises(PageError):
            read(markup, STORY)


@pytest.mark.parametrize("url", ["", "http://", "http://[", "javascript:void(0)", "\ud800", LIST])
def test_address_of_no_story_is_refused(url: str) -> None:
    with pytest.raises(parsers.NotAnArticleError):
        parsers.parse_article(FIXTURE_MARKUP[0], url)


# --- What is read keeps the contract -----------------------------------------------------------

# What a broken page may lack; nothing else is ever wrong with a record.
_MAY_LACK = ("title: ", "published_on: ")


def wrong(story: StoryPage) -> list[str]:
    record = as_json(parsers.merge([story], crawled_at=CRAWLED_AT))
    # Lines are UTF-8, and a lone surrogate is not.
    json.dumps(record, ensure_ascii=False).encode()
    without_story = record["body"] is None and not record["images"] and not record["videos"]
    return [
        reason
        for reason in records.violations(record)
        if not reason.startswith(_MAY_LACK) and not (without_story and "body" in reason)
    ]


@STEADY
@given(PAGES, st.sampled_from(sorted(ADDRESSES.values())))
def test_record_lacks_nothing_but_what_the_page_lacks(markup: str, url: str) -> None:
    with contextlib.suppress(PageError):
        assert wrong(parsers.parse_article(markup, url)) == []


@STEADY
@given(PAGES)
def test_record_is_in_normal_form(markup: str) -> None:
    try:
        story = parsers.parse_article(markup, STORY)
    except PageError:
        return
    media = (*story.images, *story.videos)
    strings = [
        *(story.title, story.kicker, story.subtitle, story.source, story.description),
        *(*story.breadcrumb, *story.authors, *story.editors, *story.paragraphs, *story.keywords),
        *(m.caption for m in media),
        *(m.credit for m in media),
        *(link.title for link in story.related),
    ]
    untidy = [string for string in strings if string and string != text.clean(string)]
    assert not untidy


# --- Time --------------------------------------------------------------------------------------

_STORY_2021 = '<div class="d2txtCon"><h1>T</h1><div class="origin">(Xinhua)</div>{}</div>'
_STORY_2013 = (
    '<div class="wb_left"><h2 id="p_title">T</h2><div class="wb_1">(Xinhua)</div>'
    '<div class="wb_12" id="p_content">{}</div></div>'
)
_SHELLS = {"2021": _STORY_2021, "2013": _STORY_2013}
_PICTURE = '<p><img src="/a/1.jpg"></p>'
_LINK = "/n3/2022/0911/c90000-10146856.html"
_HOSTILE: dict[str, Callable[[int], str]] = {
    "nested-tags": lambda n: "<div>" * n + "x" + "</div>" * n,
    "nested-inline": lambda n: "<em>" * n + "x",
    "nested-paragraphs": lambda n: "<p>x" * n,
    "nested-tables": lambda n: "<table><tr><td>" * n,
    "brackets": lambda n: "<p>" + "(" * n + "</p>",
    "bracket-pairs": lambda n: "<p>" + "()" * n + "</p>",
    "cjk-brackets": lambda n: "<p>" + "【1】" * n + "x</p>",
    "spaces": lambda n: "<p>a" + " \xa0" * n + "b</p>",
    "br": lambda n: "<p>" + "word and word<br>" * n + "</p>",
    "linked-lines": lambda n: "<p>" + '<a href="/90777/index.html">X</a><br>' * n + "</p>",
    "img": lambda n: "".join(f'<p><img src="/NMediaFile/{i}.jpg"></p><p>C</p>' for i in range(n)),
    "img-in-one": lambda n: "<p>" + "".join(f'<img src="/N/{i}.jpg">' for i in range(n)) + "</p>",
    "anchors": lambda n: "".join(
        f'<a href="/n3/2022/0922/c90000-10150901-{i}.html">x</a>' for i in range(n)
    ),
    "anchors-nested": lambda n: '<a href="/90777/">x' * n,
    "headings": lambda n: '<h3 class="wb_2">x</h3>' * n,
    "boxes": lambda n: '<div class="wb_12"><p>x</p></div>' * n,
    "content-boxes": lambda n: '<div id="p_content"><p>x</p></div>' * n,
    "editor-lines": lambda n: "<p>" + "(editor: " * n + "</p>",
    "editors-unclosed": lambda n: "<p>(" + "editor: a " * n + "(</p>",
    "promo": lambda n: "<p>(for the latest" + " follow" * n + "(</p>",
    "datelines": lambda n: "<p>" + "A, " * n + "</p>",
    "scripts": lambda n: "<script>showPlayer({" + "src:'/a/b'," * n + "</script>",
    "related": lambda n: "<p>Related Stories</p>" * n,
    "crumbs": lambda n: '<div class="nav">a >> b</div>' * n,
    "share": lambda n: '<div class="share">x</div>' * n,
    "editor-boxes": lambda n: '<div class="editor">x</div>' * n,
    "left-open": lambda n: "<p>" + "".join(f"<font size={i}>" for i in range(99)) + "<p>x" * n,
    "left-open-alike": lambda n: "<p><font size=3>x" * n,
    "links-left-open": lambda n: "<p>" + "".join(f'<a href="/{i}/">x<p>' for i in range(n)),
    "headings-left-open": lambda n: "<h3>x<div>x</div>" * n,
    "hints-in-hints": lambda n: "<table>" + "elated<b>" * n,
    "boxes-in-heading": lambda n: "<h3>" + "<div>x</div>" * n,
    "editors-in-brackets": lambda n: "<p>" + "(Editor: a) " * n + "x</p>",
    "credits": lambda n: '<p><img src="/a/1.jpg"></p>' + "<p>李丽 摄</p>" * n,
    "params": lambda n: "<object>" + '<param name="movie" value="/a.swf">' * n + "</object>",
    "centred": lambda n: "<center>" + f'{_PICTURE}<p>x.</p><p align="center">x.</p>' * n,
    "captions-above": lambda n: f"<p>x (Photo/Xinhua)</p>{_PICTURE}" * n,
    "pager-of-a-gallery": lambda n: (
        "<p>" + "".join(f'<a href="a-{i}.html">{i}</a> ' for i in range(n)) + "(in all)</p>"
    ),
    "pages-of-pages": lambda n: (
        f'<p><a href="{_LINK}">' + "page 1 of 111 " * min(n, 8) + "x</a>(in all)</p>" * n
    ),
    "sources": lambda n: "<p>Source: x</p><p>y.</p>" * n,
    "linked-sub-headings": lambda n: f'<p><b><a href="{_LINK}">x</a></b></p>' * n,
}
_HOSTILE_LISTS: dict[str, Callable[[int], str]] = {
    "items": lambda n: "".join(
        f'<li><a href="/n3/2022/0922/c90000-{10150901 + i}.html">x</a><span>2022-09-22</span></li>'
        for i in range(n)
    ),
    "dateless": lambda n: "<li><span>x</span></li>" * n,
    "nested": lambda n: '<li><ul class="foreign_list8">' * n,
    "pagers": lambda n: "".join(f'<a href="index{i}.html">{i}</a>' for i in range(n)),
    "comments": lambda n: "<!-- PageNo" * n,
    "items-in-items": lambda n: '<div class="d2_17">x' * n,
    "links-deep-inside": lambda n: '<div class="p1_1">' * 400 + '<a href="/b.html">x</a>' * n,
}
_LONG_ENOUGH = 0.02  # seconds; shorter runs measure the clock
_SIZES = [25 * 2**n for n in range(8)]
_GROWTH = 4


def seconds(task: Callable[[], object]) -> float:
    """Processor time of a run, without the collector's."""
    gc.disable()
    try:
        start = time.process_time()
        with contextlib.suppress(PageError):
            task()
        return time.process_time() - start
    finally:
        gc.enable()


def assert_grows_with_size(read: Callable[[str], object], page: Callable[[int], str]) -> None:
    """Four times the page may take four times as long; sixteen times is a page that stops a crawl.

    Sizes go up until there is something to measure, so that a reader that grows too fast is found
    at a small size, and soon. One that never takes long passes.
    """
    for size in _SIZES:
        small = page(size)
        first = seconds(lambda markup=small: read(markup))  # type: ignore[misc]
        if first >= _LONG_ENOUGH:
            break
    else:
        return
    large = page(_GROWTH * size)
    ratios = []
    # A neighbour on the machine may disturb one run, hardly three.
    for _ in range(3):
        once = min(first, seconds(lambda: read(small)))
        many = seconds(lambda: read(large))
        if many < 9 * max(once, _LONG_ENOUGH):
            return
        ratios.append(round(many / once, 1))
        first = seconds(lambda: read(small))
    pytest.fail(f"{_GROWTH} times the page takes {ratios} times as long (from size {size})")


@pytest.mark.parametrize("shell", _SHELLS)
@pytest.mark.parametrize("name", _HOSTILE)
def test_time_to_read_an_article_grows_with_its_size(shell: str, name: str) -> None:
    assert_grows_with_size(
        lambda markup: parsers.merge([parsers.parse_article(markup, STORY)], crawled_at=CRAWLED_AT),
        lambda n: _SHELLS[shell].format(_HOSTILE[name](n)),
    )


@pytest.mark.parametrize("read", READERS, ids=lambda reader: reader.__name__)
@pytest.mark.parametrize("name", _HOSTILE_LISTS)
def test_time_to_read_a_list_grows_with_its_size(
    read: Callable[[str, str], object], name: str
) -> None:
    assert_grows_with_size(
        lambda markup: read(markup, LIST),
        lambda n: '<ul class="foreign_list8 cf">' + _HOSTILE_LISTS[name](n) + "</ul>",
    )


_HOSTILE_STRINGS: dict[str, Callable[[int], str]] = {
    "brackets": lambda n: "(" * n,
    "closing": lambda n: ")" * n,
    "pairs": lambda n: "()" * n,
    "words": lambda n: "By Li Lei, " * n,
    "spaces": lambda n: "By" + " " * n + "x",
    "digits": lambda n: "1" * n + ":",
    "clocks": lambda n: "09:20, " * n,
    "updates": lambda n: "updated " * n,
    "editors": lambda n: "editor: " * n + "(",
    "promo": lambda n: "(for the latest" + " follow" * n + "(",
    "capitals": lambda n: "A " * n,
    "dashes": lambda n: "A-" * n,
    "photographers": lambda n: "，摄" * n,
    "full stops": lambda n: ". Photo: " * n,
    "reporters": lambda n: "记者 张 三" * n + "电（记者",
    "words and pictures": lambda n: "张三、" * n + "文/图 编辑 " * n + "图",
    "slashes": lambda n: "16 mars /" * n,
    "numbers": lambda n: "22.09.2022:" * n,
}


def _all_readers(edition: Edition) -> Callable[[str], object]:
    def read(string: str) -> object:
        dates.stamps(string, edition)
        bylines.byline(string, None, edition)
        bylines.is_byline(string, edition)
        names.names(string, edition)
        editor_lines.editors(string, edition)
        picture_credits.credited(string, edition)
        picture_credits.signed(string, edition)
        editor_lines.without_service_lines(string, edition)
        return dates.dateline(string, None, edition)

    return read


_STRING_READERS: dict[str, Callable[[str], object]] = {
    **{
        read.__name__: read
        for read in (
            *(
                text.clean,
                dates.stamps,
                bylines.byline,
                names.names,
                editor_lines.editors,
                picture_credits.credit,
            ),
            *(
                picture_credits.credited,
                picture_credits.signed,
                editor_lines.without_service_lines,
                names.writers,
            ),
        )
    },
    "dateline": lambda string: dates.dateline(string, None),
    "signature": signatures.signature,
    "closing_signature": signatures.closing_signature,
    "wire_reporters": signatures.wire_reporters,
    "writer_line": signatures.writer_line,
    **{f"in {edition.language}": _all_readers(edition) for edition in (FRENCH, KOREAN)},
}


@pytest.mark.parametrize("read", _STRING_READERS)
@pytest.mark.parametrize("name", _HOSTILE_STRINGS)
def test_time_to_read_a_string_grows_with_its_size(read: str, name: str) -> None:
    assert_grows_with_size(_STRING_READERS[read], lambda n: _HOSTILE_STRINGS[name](4 * n))
