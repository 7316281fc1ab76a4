"""The search spider over the embedded site, and the reader of the service's answers."""

from __future__ import annotations

import json
import re
from collections import Counter
from datetime import date, datetime, time
from typing import Any

import pytest
from helpers.crawls import Crawl, CrawlCommand

from peoplesdaily.parsers import PageError, UnknownListingError
from peoplesdaily.parsers.fields.dates import BEIJING, Stamp
from peoplesdaily.parsers.search import parse_search
from peoplesdaily.replica.content import Catalogue
from peoplesdaily.replica.search import PATHS
from peoplesdaily.replica.server import Server
from peoplesdaily.replica.site import Reply, Request, Site
from peoplesdaily.schemas.records import is_valid
from peoplesdaily.site.editions import CHINESE, ENGLISH
from peoplesdaily.spiders.arguments import ArgumentError, require
from peoplesdaily.spiders.search import SERVICE, SearchSpider

PATH = PATHS[0]
KEY = "choirs"


def expected(site: Site, key: str, start: int = 0, end: int = 0) -> list[str]:
    """Ids that a search must write: of two stories with the same text the older one."""
    found = site.search.ids(key, start, end)
    return [n for n in found if site.catalogue.reposts.get(n) not in found]


def ids(done: Crawl) -> list[str]:
    return sorted(record["id"] for record in done.records)


def searches(server: Server) -> int:
    return sum(hit.target == SERVICE for hit in server.log)


def answer(*urls: str, **more: Any) -> bytes:
    records = [{"url": url, "title": "A story", "displayTime": 1606440300000} for url in urls]
    data = {"records": records, "total": len(urls), "pages": 1, **more}
    return json.dumps({"code": "0", "data": data}).encode()


def test_all_stories_found_and_no_others(crawl: CrawlCommand, server: Server, site: Site) -> None:
    done = crawl("search", "-a", "q=the")

    assert done.code == 0, done.log
    wanted = expected(site, "the")
    assert len(wanted) > 90
    assert ids(done) == sorted(wanted)
    assert all(is_valid(record) for record in done.records)
    assert all(record["section"] is None and not record["sections"] for record in done.records)
    assert searches(server) == done.stat("peoplesdaily/lists/read") == 2
    assert done.stat("peoplesdaily/articles/other_edition") > 10
    hosts = {hit.target.split("/")[2] for hit in server.log}
    assert hosts == {"en.people.cn", "search.people.cn"}
    fetched = Counter(hit.target for hit in server.log if "/c" in hit.target)
    assert max(fetched.values()) == 1
    assert "covers the English edition is unverified" in done.log


def test_words_are_searched_together(crawl: CrawlCommand, catalogue: Catalogue) -> None:
    done = crawl("search", "-a", "q=  Of  the ")

    found = {
        story.id
        for story in map(catalogue.story, catalogue.ids)
        if re.search(r"\bof\W+the\b", f"{story.title} {story.body or ''}", re.IGNORECASE)
    }
    assert 50 < len(found) < len(catalogue)
    assert set(ids(done)) == {n for n in found if catalogue.reposts.get(n) not in found}


def test_since_and_until(crawl: CrawlCommand, site: Site) -> None:
    since, until = date(2015, 1, 1), date(2020, 12, 31)
    start, end = (
        int(datetime.combine(day, clock, BEIJING).timestamp() * 1000)
        for day, clock in ((since, time()), (until, time(23, 59)))
    )
    done = crawl("search", "-a", "q=a", "-a", f"since={since}", "-a", f"until={until}")

    wanted = expected(site, "a", start, end)
    assert 5 < len(wanted) < len(expected(site, "a"))
    assert ids(done) == sorted(wanted)


def test_a_service_that_ignores_the_bounds_costs_no_article_outside_them(
    crawl: CrawlCommand, site: Site, catalogue: Catalogue
) -> None:
    old, new = catalogue.story(catalogue.ids[-1]), catalogue.story(catalogue.ids[0])
    site.overrides[PATH] = Reply(200, {}, answer(new.url, old.url))
    done = crawl("search", "-a", "q=x", "-a", "until=2020-12-31")

    # By the service's time both lie inside; the newer one's page knows better.
    assert done.stat("peoplesdaily/articles/asked") == 2
    assert done.stat("peoplesdaily/articles/outside_window") == 1
    assert ids(done) == [old.id]


def test_max_articles_ends_the_search(crawl: CrawlCommand, server: Server, site: Site) -> None:
    done = crawl("search", "-a", "q=the", "-a", "max_articles=5")

    assert ids(done) == sorted(expected(site, "the")[:5])
    assert searches(server) == 1
    assert "max_articles is reached" in done.log


def test_pages_ends_the_search(
    crawl: CrawlCommand, server: Server, site: Site, catalogue: Catalogue
) -> None:
    story = catalogue.story(catalogue.ids[0])
    site.overrides[PATH] = Reply(200, {}, answer(story.url, pages=3))
    done = crawl("search", "-a", "q=the", "-a", "pages=1")

    assert ids(done) == [story.id]
    assert searches(server) == 1
    assert "the limit of 1 pages is reached" in done.log


def test_nothing_found_is_no_failure(crawl: CrawlCommand) -> None:
    done = crawl("search", "-a", "q=nowhereinthereplica")

    assert done.code == 0, done.log
    assert "page 1 of 0: 0 of 0 in all" in done.log
    assert "0 new" in done.summary and "lost" not in done.summary


@pytest.mark.parametrize(
    ("reply", "stat", "message"),
    [
        pytest.param(Reply(500), "500", "the server answered 500", id="500"),
        pytest.param(
            Reply(301, {"Location": SERVICE}), "301", "the server answered 301", id="redirect"
        ),
        pytest.param(
            Reply(200, {"Content-Type": "text/html"}, b"<html><p>Search</p></html>"),
            "unrecognised",
            "the answer is no JSON",
            id="html",
        ),
        pytest.param(
            Reply(200, {}, b'{"code": "1", "data": null}'),
            "unrecognised",
            "the search service answered code '1'",
            id="code",
        ),
        pytest.param(
            Reply(200, {}, b'{"code": "0", "data": {"list": []}}'),
            "unrecognised",
            "there is no records",
            id="fields",
        ),
    ],
)
def test_an_answer_that_is_none(
    crawl: CrawlCommand, site: Site, reply: Reply, stat: str, message: str
) -> None:
    site.overrides[PATH] = reply
    done = crawl("search", "-a", f"q={KEY}", RETRY_TIMES="1")

    assert done.code == (76 if stat == "unrecognised" else 69)
    errors = [
        line for line in done.log.splitlines() if " ERROR: " in line and " Exit code " not in line
    ]
    assert len(errors) == 1, done.log
    assert f"List of search results, page 1 not read: {SERVICE}: " in errors[0]
    assert message in errors[0]
    name = stat if stat == "unrecognised" else f"failed/{stat}"
    assert done.stat(f"peoplesdaily/lists/{name}") == 1
    assert "1 list pages lost" in done.summary
    assert "Traceback" not in done.log


def test_a_lost_page_in_the_middle_is_stepped_over(
    crawl: CrawlCommand, site: Site, server: Server, catalogue: Catalogue
) -> None:
    found = [catalogue.story(number) for number in catalogue.ids[:9:3]]

    def reply(request: Request) -> Reply:
        page = json.loads(request.body)["page"]
        if page == 2:
            return Reply(200, {}, b"<html>")
        return Reply(200, {}, answer(found[page - 1].url, pages=3))

    site.overrides[PATH] = reply
    done = crawl("search", "-a", f"q={KEY}")

    assert ids(done) == sorted([found[0].id, found[2].id])
    assert done.stat("peoplesdaily/lists/unrecognised") == 1
    assert "page 2 not read" in done.log
    assert searches(server) == 3


def test_a_service_that_repeats_itself_ends_the_search(
    crawl: CrawlCommand, site: Site, server: Server, catalogue: Catalogue
) -> None:
    same = answer(catalogue.story(catalogue.ids[0]).url, pages=500)
    site.overrides[PATH] = Reply(200, {}, same)
    done = crawl("search", "-a", f"q={KEY}")

    assert searches(server) == 2
    assert "repeat themselves at page 2: end" in done.log
    assert len(done.records) == 1


def test_a_result_without_an_address_is_counted_and_the_others_are_read(
    crawl: CrawlCommand, site: Site, catalogue: Catalogue
) -> None:
    story = catalogue.story(catalogue.ids[0])
    records = [{"url": None, "title": "x"}, {"url": story.url}]
    site.overrides[PATH] = Reply(200, {}, answer(records=records, total="2"))
    done = crawl("search", "-a", f"q={KEY}")

    assert done.code == 0, done.log
    assert ids(done) == [story.id]
    assert done.stat("peoplesdaily/articles/without_address") == 1
    assert "page 1: 1 without an address left out" in done.log


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({}, "nothing to search for"),
        ({"q": "  "}, "nothing to search for"),
        ({"q": "x", "since": "soon"}, "is no date"),
        ({"q": "x", "pages": "0"}, "is no count"),
        ({"q": "x", "max_articles": "-1"}, "is no count"),
        ({"q": "x", "also": "world"}, "there is no argument 'also'"),
    ],
)
def test_arguments_that_cannot_be_used(arguments: dict[str, str], message: str) -> None:
    with pytest.raises(ArgumentError, match=message):
        require(SearchSpider(**arguments))  # type: ignore[arg-type]


# Reading an answer


def test_records_are_articles_with_title_and_time() -> None:
    english = "http://english.people.com.cn/n3/2020/1127/c90777-9793058.html?x=y"
    chinese = "http://world.people.com.cn/n1/2020/1127/c1002-31946711.html"
    record = {
        "url": english,
        "title": "The <em>Belt</em> and  &amp; Road",
        "displayTime": 1606440300000,
    }
    others = [{"url": u} for u in (chinese, "http://en.people.cn/", "http://a.example/n3/", "")]
    data = {"records": [record, *others], "total": 345, "pages": 4}
    found = parse_search(json.dumps({"code": 0, "data": data}), SERVICE)

    assert (found.total, found.pages, len(found.addresses)) == (345, 4, 5)
    first, second = found.articles
    assert first.address.edition is ENGLISH
    assert first.address.story_url == "http://en.people.cn/n3/2020/1127/c90777-9793058.html"
    assert first.title == "The Belt and & Road"
    assert first.stamp == Stamp(date(2020, 11, 27), time(9, 25))
    assert second.address.edition is CHINESE
    assert (second.title, second.stamp) == ("", None)


@pytest.mark.parametrize("odd", [None, "x", {}, {"url": None}, {"url": 3}])
def test_one_odd_record_costs_no_other(odd: object) -> None:
    url = "http://en.people.cn/n3/2020/1127/c90000-9793058.html"
    data = {"records": [odd, {"url": url}], "total": 2, "pages": 1}
    found = parse_search(json.dumps({"code": "0", "data": data}), SERVICE)

    assert found.addresses == (url,)
    assert [article.address.id for article in found.articles] == ["9793058"]
    assert found.nameless == 1


def test_numbers_may_be_written_as_text() -> None:
    data = {"records": [], "total": "345", "pages": "4"}
    found = parse_search(json.dumps({"code": "0", "data": data}), SERVICE)

    assert (found.total, found.pages) == (345, 4)


@pytest.mark.parametrize("total", [0, "0"])
def test_no_records_at_all_are_an_empty_answer(total: object) -> None:
    data = {"records": None, "total": total, "pages": 0}
    found = parse_search(json.dumps({"code": "0", "data": data}), SERVICE)

    assert (found.addresses, found.articles, found.total, found.nameless) == ((), (), 0, 0)


@pytest.mark.parametrize("moment", [None, "soon", 10**30, 1e400, [], "9" * 40])
def test_a_time_that_is_none_is_left_out(moment: object) -> None:
    url = "http://en.people.cn/n3/2020/1127/c90777-9793058.html"
    data = {"records": [{"url": url, "displayTime": moment}], "total": 1, "pages": 1}
    (article,) = parse_search(json.dumps({"code": "0", "data": data}), SERVICE).articles

    assert article.stamp is None


@pytest.mark.parametrize(
    "markup",
    [
        *("", "<html></html>", "{", '{"code": "0"', "[" * 100_000, "1" * 5000, "\ud800"),
        '{"code": "500", "data": {"records": [], "total": 0, "pages": 0}}',
    ],
)
def test_what_is_no_answer_is_refused(markup: str) -> None:
    with pytest.raises(PageError):
        parse_search(markup, SERVICE)


@pytest.mark.parametrize(
    "answer",
    [
        *([], "0", None, 3, {}, {"data": {}}, {"code": "0"}, {"code": "0", "data": None}),
        {"code": "0", "data": []},
        {"code": "0", "data": {"records": None, "total": 1, "pages": 1}},
        {"code": "0", "data": {"total": 0, "pages": 0}},
        {"code": "0", "data": {"records": [], "total": 0}},
        {"code": "0", "data": {"records": [], "total": None, "pages": 1}},
        {"code": "0", "data": {"records": ["x"], "total": 1, "pages": 1}},
        {"code": "0", "data": {"records": [{"title": "x"}], "total": 1, "pages": 1}},
        {"code": "0", "data": {"records": [], "total": "many", "pages": 1}},
        {"code": "0", "data": {"records": [], "total": 0.5, "pages": 1}},
    ],
)
def test_other_fields_are_refused(answer: object) -> None:
    with pytest.raises(UnknownListingError, match="other fields"):
        parse_search(json.dumps(answer), SERVICE)
