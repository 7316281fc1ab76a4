"""The replica's frozen front pages and its search service."""

from __future__ import annotations

import http.client
import json
from datetime import date, timedelta
from typing import Any

import pytest
from parsel import Selector

from peoplesdaily.replica.content import FRONT_PAGE, Catalogue
from peoplesdaily.replica.listing import review_ids
from peoplesdaily.replica.search import HOST, PATHS
from peoplesdaily.replica.server import Server
from peoplesdaily.replica.site import Reply, Site

SITE = "en.people.cn"
# The selectors that public crawlers of the real pages use, and what they leave out.
LINKS = (
    ".p1_content a, .p2_content a",
    "div.p1_left.fl a, div.p1_right.fr a, div.p2_left.fl a, div.p1_c.fl a, div.p1_c2.fl a",
)
ADVERTISEMENT = "div.ad02.clear a::attr(href)"
ASK: dict[str, Any] = {
    "key": "the", "page": 1, "limit": 100, "hasTitle": True, "hasContent": True,
    "isFuzzy": False, "type": 0, "sortType": 2, "startTime": 0, "endTime": 0,
}  # fmt: skip


@pytest.fixture(scope="module")
def site() -> Site:
    return Site(Catalogue(400))


@pytest.fixture(scope="module")
def days(site: Site) -> list[date]:
    """Days with stories of their own, newest first."""
    catalogue = site.catalogue
    return sorted({catalogue.published_at(n).date() for n in catalogue.ids}, reverse=True)


def review(site: Site, day: date | str) -> Reply:
    name = day if isinstance(day, str) else f"{day:%Y%m%d}"
    return site.respond("GET", SITE, f"/review/{name}.html")


def ask(site: Site, path: str = PATHS[0], **more: Any) -> dict[str, Any]:
    body = json.dumps({**ASK, **more}).encode()
    reply = site.respond("POST", HOST, path, {}, body)
    assert reply.status == 200
    assert reply.headers["Content-Type"].startswith("application/json")
    answer: dict[str, Any] = json.loads(reply.body)
    return answer


# Frozen front pages


def test_a_day_shows_the_newest_stories_of_it_and_of_the_day_before(
    site: Site, days: list[date]
) -> None:
    catalogue = site.catalogue
    shown = [day for day in days if review_ids(catalogue, day)]
    assert len(shown) > 40
    for day in shown:
        both = (day, day - timedelta(days=1))
        newest = [n for n in catalogue.ids if catalogue.published_at(n).date() in both]
        assert list(review_ids(catalogue, day)) == newest[:FRONT_PAGE]


@pytest.mark.parametrize("links", LINKS)
def test_the_crawlers_selectors_find_the_stories(site: Site, days: list[date], links: str) -> None:
    for day in days:
        numbers = review_ids(site.catalogue, day)
        if not numbers:
            continue
        page = Selector(review(site, day).body.decode())
        advertised = set(page.css(ADVERTISEMENT).getall())
        hrefs = [a.attrib["href"] for a in page.css(links)]
        found = [href for href in hrefs if href not in advertised]
        ids = [href.rpartition("-")[2].removesuffix(".html") for href in found]
        assert tuple(dict.fromkeys(ids)) == numbers
        assert all(site.respond("GET", SITE, href).status == 200 for href in found)


def test_some_days_with_stories_have_no_page_and_the_same_ones_each_time(
    site: Site, days: list[date]
) -> None:
    gone = [day for day in days if review(site, day).status == 404]
    again = Site(Catalogue(400))

    assert 0 < len(gone) < len(days) / 3
    assert gone == [day for day in days if review(again, day).status == 404]
    assert [review(site, day) for day in days] == [review(again, day) for day in days]


@pytest.mark.parametrize("name", ["20111231", "20120101", "20130230", "2013", "20991231"])
def test_days_without_stories_and_days_that_are_none(site: Site, name: str) -> None:
    assert review(site, name).status == 404


def test_a_frozen_page_is_as_old_as_its_day(site: Site, days: list[date]) -> None:
    day = next(day for day in days if review_ids(site.catalogue, day))
    assert f"{day:%d %b %Y} 15:59:00 GMT" in review(site, day).headers["Last-Modified"]


# The search service


def test_records_have_the_fields_that_crawlers_read(site: Site) -> None:
    data = ask(site)["data"]
    record = data["records"][0]

    assert set(record) == {
        "title", "url", "author", "displayTime", "inputTime", "source", "belongsName", "content",
        "contentOriginal", "originUrl", "domain", "id",
    }  # fmt: skip
    story = site.catalogue.story(record["id"])
    assert record["url"] == story.url
    assert record["displayTime"] == story.published_at.timestamp() * 1000
    assert "<em>" in record["title"] + record["content"]


def test_all_pages_hold_all_results_once(site: Site) -> None:
    first = ask(site, limit=30)["data"]
    records = [
        record
        for page in range(1, first["pages"] + 1)
        for record in ask(site, limit=30, page=page)["data"]["records"]
    ]

    assert len(records) == first["total"] > 300
    assert first["pages"] == -(-first["total"] // 30)
    assert ask(site, page=99)["data"]["records"] == []
    own = {r["id"] for r in records if r["domain"] == SITE and "/n3/" in r["url"]}
    assert own >= {n for n in site.search.ids("the") if "/n3/" in site.catalogue.link(n).url}


def test_strangers_and_repeated_stories_are_among_the_results(site: Site) -> None:
    records = ask(site)["data"]["records"]
    domains = {record["domain"] for record in records}

    assert domains >= {"world.people.com.cn", "french.peopledaily.com.cn", "www.sn-sn.com"}
    assert "english.people.com.cn" in domains
    repeated = [record["id"] for record in records if record["domain"] == "english.people.com.cn"]
    assert set(repeated) <= {record["id"] for record in records if record["domain"] == SITE}


def test_words_title_body_and_time(site: Site) -> None:
    search, catalogue = site.search, site.catalogue
    stories = [catalogue.story(number) for number in search.ids("Water")]
    assert stories
    for story in stories:
        assert "water" in f"{story.title} {story.body}".casefold()
    in_title, in_body = search.ids("choirs", content=False), search.ids("choirs", title=False)
    assert in_title and set(in_title) | set(in_body) == set(search.ids("choirs"))
    assert set(search.ids("the of")) < set(search.ids("the of", fuzzy=True))
    assert not search.ids("")

    middle = catalogue.ids[200]
    when = int(catalogue.published_at(middle).timestamp() * 1000)
    newer, older = search.ids("a", start=when), search.ids("a", end=when)
    assert set(newer) & set(older) <= {middle}
    assert set(newer) | set(older) == set(search.ids("a"))


@pytest.mark.parametrize("path", PATHS)
def test_both_paths_answer(site: Site, path: str) -> None:
    assert ask(site, path)["code"] == "0"


@pytest.mark.parametrize(
    "wrong",
    [
        {"limit": 101}, {"limit": 0}, {"page": 0}, {"key": " "}, {"key": None}, {"page": "1"},
        {"hasTitle": 1}, {"type": True}, {"startTime": -1}, {"more": 1},
    ],
)  # fmt: skip
def test_a_wrong_request_has_another_code(site: Site, wrong: dict[str, Any]) -> None:
    answer = ask(site, **wrong)
    assert answer["code"] == "1"
    assert answer["data"] is None


@pytest.mark.parametrize("body", [b"", b"key=the", b"[]", b"\xff"])
def test_a_body_that_is_no_json_object(site: Site, body: bytes) -> None:
    reply = site.respond("POST", HOST, PATHS[0], {}, body)
    assert json.loads(reply.body)["code"] == "1"


def test_only_the_service_takes_posts_and_only_on_its_host(site: Site) -> None:
    body = json.dumps(ASK).encode()
    assert site.respond("GET", HOST, PATHS[0]).headers["Allow"] == "POST"
    assert site.respond("GET", HOST, PATHS[0]).status == 405
    assert site.respond("GET", HOST, "/").status == 404
    assert site.respond("GET", HOST, "/robots.txt").status == 404
    assert site.respond("POST", SITE, PATHS[0], {}, body).status == 405
    assert site.respond("GET", SITE, PATHS[0]).status == 404
    assert site.respond("POST", SITE, "/", {}, body).status == 405
    assert site.respond("POST", "search.example.org", PATHS[0], {}, body).status == 502


def test_over_the_proxy(site: Site) -> None:
    with Server(site) as server:
        connection = http.client.HTTPConnection(server.host, server.port, timeout=10)
        body = json.dumps(ASK)
        connection.request("POST", f"http://{HOST}{PATHS[0]}", body, {"Host": HOST})
        answer = json.loads(connection.getresponse().read())
        connection.close()

    assert answer["code"] == "0"
    assert len(answer["data"]["records"]) == 100
