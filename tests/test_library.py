"""``peoplesdaily.parse``: pages to a record, without a crawl."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import fields
from datetime import UTC, datetime, timedelta, timezone

import pytest
from helpers.crawls import ROOT
from helpers.page_cases import ARTICLES, CRAWLED_AT, Case, as_json

from peoplesdaily import parse, parsers
from peoplesdaily.items import Article
from peoplesdaily.parsers import NotAnArticleError, PageError, UnknownTemplateError
from peoplesdaily.schemas import records
from peoplesdaily.site import urls

MOMENT = datetime(2026, 11, 1, 8, tzinfo=UTC)
STORIES = [case for case in ARTICLES if case.holds("gold.json")]


def case(name: str) -> Case:
    return next(found for found in ARTICLES if str(found) == name)


def pages(story: Case) -> list[tuple[bytes, str]]:
    """The pages of a test case as a server sends them, with their addresses."""
    address = urls.article(story.url)
    assert address
    later = [
        ((story.folder / f"page-{number}.html").read_bytes(), address.page_url(number))
        for number in story.numbers[1:]
    ]
    return [((story.folder / "page.html").read_bytes(), story.url), *later]


@pytest.mark.parametrize("story", STORIES, ids=str)
def test_a_record_is_the_one_that_a_crawl_merges(story: Case) -> None:
    (page, url), *more = pages(story)

    article = parse(page, url, more=more, crawled_at=MOMENT)

    expected = parsers.merge(story.story(), crawled_at=CRAWLED_AT)
    assert article == expected
    assert article.as_dict() == as_json(expected)
    assert list(article.as_dict()) == [field.name for field in fields(Article)]
    assert list(records.violations(article.as_dict())) == []
    assert json.loads(json.dumps(article.as_dict())) == article.as_dict()


def test_pages_of_a_story_come_in_any_order() -> None:
    first, second, third = pages(case("2013/text-three-pages"))

    whole = parse(*first, more=[second, third], crawled_at=MOMENT)

    assert whole.pages == 3
    assert parse(*third, more=[first, second], crawled_at=MOMENT) == whole
    assert parse(*first).pages == 1


def test_bytes_are_decoded_by_what_they_are_and_text_is_taken_as_it_is() -> None:
    """The page is in GBK and says that it is in UTF-8."""
    story = case("2016/encoding-gbk-declared-utf8")
    data = (story.folder / "page.html").read_bytes()

    article = parse(data, story.url, crawled_at=MOMENT)

    assert article.title == story.json("gold.json")["title"]
    assert parse(data.decode("gb18030"), story.url, crawled_at=MOMENT) == article
    # Text that was decoded wrongly stays wrong.
    assert parse(data.decode("latin-1"), story.url).title != article.title


def test_section_and_time_of_the_download_may_be_given() -> None:
    story = case("2013/wang-yi")
    beijing = timezone(timedelta(hours=8))

    before = datetime.now(UTC).replace(microsecond=0)
    plain = parse(story.markup, story.url)
    given = parse(
        story.markup,
        story.url,
        section="world",
        crawled_at=datetime(2026, 11, 1, 16, 0, 0, 7, beijing),
    )

    assert (plain.section, plain.sections) == (None, ())
    assert before <= datetime.fromisoformat(plain.crawled_at) <= datetime.now(UTC)
    assert (given.section, given.sections) == ("world", ("world",))
    assert given.crawled_at == "2026-11-01T08:00:00Z"


@pytest.mark.parametrize("refused", [c for c in ARTICLES if c.holds("exception.json")], ids=str)
def test_a_page_that_is_not_an_article_raises(refused: Case) -> None:
    with pytest.raises(NotAnArticleError):
        parse((refused.folder / "page.html").read_bytes(), refused.url)


def test_an_address_that_is_not_an_articles_raises() -> None:
    story = case("2013/wang-yi")
    with pytest.raises(NotAnArticleError, match="not the address of an article"):
        parse(story.markup, "http://en.people.cn/90777/index.html")
    with pytest.raises(NotAnArticleError, match="not the address of an article"):
        parse(story.markup, "https://example.org/n3/2020/1127/c90000-9793058.html")


def test_an_unknown_template_raises() -> None:
    line = "<p>" + "A line that is long enough to be part of a story, in no known box. " * 2
    with pytest.raises(UnknownTemplateError, match="no template matches"):
        parse(
            f"<title>A story</title>{line}", "http://en.people.cn/n3/2026/1101/c90000-20511111.html"
        )


def test_a_page_of_another_story_raises() -> None:
    one, other = case("2013/wang-yi"), case("2013/text-three-pages")
    with pytest.raises(PageError, match="not a page of story"):
        parse(one.markup, one.url, more=[(other.markup, other.url)])
    with pytest.raises(PageError, match="page 1 of the story is given twice"):
        parse(one.markup, one.url, more=[(one.markup, one.url)])


def test_a_page_without_a_date_raises() -> None:
    page = '<div class="d2txtCon"><h1>Boats return</h1><p>Forty boats came home.</p></div>'
    with pytest.raises(PageError, match="no date"):
        parse(page, "http://en.people.cn/90001/90777/7612345.html")


@pytest.mark.parametrize(
    ("code", "absent"),
    [
        ("import peoplesdaily", ("scrapy", "peoplesdaily.parsers", "turbohtml")),
        ("from peoplesdaily import parse; parse(PAGE, URL)", ("scrapy", "twisted")),
    ],
)
def test_what_the_library_does_not_import(code: str, absent: tuple[str, ...]) -> None:
    story = case("2013/wang-yi")
    code = f"import sys; PAGE, URL = sys.stdin.read(), {story.url!r}\n{code}\n"
    code += f"sys.exit(', '.join(set({absent!r}) & set(sys.modules)) or None)"
    done = subprocess.run(
        [sys.executable, "-c", code], input=story.markup, cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
