"""Crawls of the frozen daily front pages of the embedded site."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, timedelta

import pytest
from helpers.crawls import CrawlCommand

from peoplesdaily.parsers.fields.dates import BEIJING
from peoplesdaily.replica.content import Catalogue
from peoplesdaily.replica.listing import review_ids
from peoplesdaily.replica.server import Server
from peoplesdaily.replica.site import Reply, Site
from peoplesdaily.schemas import records
from peoplesdaily.spiders.archive import ArchiveSpider
from peoplesdaily.spiders.arguments import ArgumentError, require

TODAY = date(2024, 3, 1)
# The replica's last busy days: many stories, some days missing.
BUSY = (date(2024, 2, 24), TODAY)


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    return Catalogue(articles=120, today=TODAY)


def days(first: date, last: date) -> Iterator[date]:
    for n in range((last - first).days + 1):
        yield first + timedelta(days=n)


def expected(catalogue: Catalogue, first: date, last: date) -> list[str]:
    """Ids of all stories on the days' pages, of two with the same text the one met first."""
    found: list[str] = []
    twins = catalogue.reposts | {older: newer for newer, older in catalogue.reposts.items()}
    for day in days(first, last):
        for number in review_ids(catalogue, day):
            if number not in found and twins.get(number) not in found:
                found.append(number)
    return found


def missing(catalogue: Catalogue, first: date, last: date) -> list[date]:
    return [day for day in days(first, last) if not review_ids(catalogue, day)]


def path(day: date) -> str:
    return f"/review/{day:%Y%m%d}.html"


def asked_days(server: Server) -> list[str]:
    return [hit.target.rpartition("/")[2] for hit in server.log if "/review/" in hit.target]


def test_all_stories_of_the_days_and_no_others(
    crawl: CrawlCommand, server: Server, catalogue: Catalogue
) -> None:
    first, last = BUSY
    done = crawl("archive", "-a", f"since={first}", "-a", f"until={last}")

    assert done.code == 0, done.log
    wanted, gone = expected(catalogue, first, last), missing(catalogue, first, last)
    assert len(wanted) > 30 and gone
    assert sorted(record["id"] for record in done.records) == sorted(wanted)
    assert all(records.is_valid(record) for record in done.records)
    assert {record["section"] for record in done.records} == {"home"}
    assert asked_days(server) == [path(day).rpartition("/")[2] for day in days(first, last)]
    targets = [hit.target for hit in server.log]
    assert max(Counter(targets).values()) == 1
    last_day = next(n for n, target in enumerate(targets) if path(last) in target)
    before = [target for target in targets[:last_day] if "/c" in target]
    assert len(before) > 20, "all days were queued before their stories"
    assert done.stat("peoplesdaily/lists/missing") == len(gone)
    assert done.stat("peoplesdaily/lists/read") == 7 - len(gone)
    assert not done.stat("peoplesdaily/lists/failed")


def test_a_story_on_two_days_is_fetched_once_and_days_without_a_page_are_named(
    crawl: CrawlCommand, server: Server, catalogue: Catalogue
) -> None:
    story = next(
        number
        for number in catalogue.ids
        if (day := catalogue.published_at(number).date()).year < 2020
        and review_ids(catalogue, day)
        == review_ids(catalogue, day + timedelta(days=1))
        == (number,)
    )
    day = catalogue.published_at(story).date()
    first, last = day - timedelta(days=3), day + timedelta(days=2)
    done = crawl("archive", "-a", f"since={first}", "-a", f"until={last}")

    assert [record["id"] for record in done.records] == [story]
    assert done.stat("peoplesdaily/articles/listed") == 2
    assert done.stat("peoplesdaily/articles/asked") == 1
    assert (
        f"No front page of 4 of 6 days: {first} to {first + timedelta(days=2)}, {last}\n"
        in done.log
    )
    assert "No source shows" not in done.log


def test_max_articles_ends_the_walk(
    crawl: CrawlCommand, server: Server, catalogue: Catalogue
) -> None:
    first = BUSY[0]
    done = crawl("archive", "-a", f"since={first}", "-a", f"until={TODAY}", "-a", "max_articles=3")

    assert {record["id"] for record in done.records} == set(expected(catalogue, first, TODAY)[:3])
    assert len(asked_days(server)) < 7
    assert "max_articles is reached" in done.log


def test_no_day_at_all_is_no_failure(crawl: CrawlCommand) -> None:
    done = crawl("archive", "-a", "since=2011-12-30", "-a", "until=2012-01-02")

    assert done.code == 0, done.log
    assert "No front page of 4 of 4 days: 2011-12-30 to 2012-01-02" in done.log
    assert "No source shows daily front pages before 2012-01-01" in done.log


@pytest.mark.parametrize(
    ("reply", "stat", "code"),
    [
        pytest.param(Reply(410), "missing", 0, id="gone"),
        pytest.param(Reply(302, {"Location": "/"}), "missing", 0, id="sent-home"),
        pytest.param(Reply(500), "failed/500", 66, id="500"),
        pytest.param(Reply(200, {}, b"<p>Welcome</p>"), "unrecognised", 76, id="shell"),
    ],
)
def test_one_bad_day_among_good_ones(
    crawl: CrawlCommand, site: Site, catalogue: Catalogue, reply: Reply, stat: str, code: int
) -> None:
    first, last = BUSY
    good = [day for day in days(first, last) if review_ids(catalogue, day)]
    bad = good[-1]
    site.overrides[path(bad)] = reply
    done = crawl("archive", "-a", f"since={good[-2]}", "-a", f"until={bad}")

    assert done.code == code, done.log
    assert {record["id"] for record in done.records} == set(
        expected(catalogue, good[-2], bad - timedelta(days=1))
    )
    among = len(missing(catalogue, good[-2], bad)) if stat == "missing" else 0
    assert done.stat(f"peoplesdaily/lists/{stat}") == among + 1, done.log
    assert str(bad) in done.log
    assert "Traceback" not in done.log


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({}, "no day given"),
        ({"since": "yesterday"}, "since='yesterday' is no date"),
        ({"since": "2012-02-30"}, "is no date"),
        ({"since": "2012-02-02", "until": "2012-02-01"}, "no day is between"),
        ({"since": "9999-01-01"}, "lies in the future"),
        ({"since": "0001-01-01T00:00+14:00"}, "outside the calendar"),
        ({"since": "2012-01-01", "max_articles": "none"}, "is no count"),
        ({"since": "2012-01-01", "pages": "2"}, "there is no argument 'pages'"),
    ],
)
def test_arguments_that_cannot_be_used(arguments: dict[str, str], message: str) -> None:
    with pytest.raises(ArgumentError, match=message):
        require(ArchiveSpider(**arguments))


def test_bounds_are_days_in_beijing() -> None:
    today = datetime.now(BEIJING).date()
    spider = ArchiveSpider(since="2012-01-01", until="2012-01-31")
    assert (spider.first, spider.last) == (date(2012, 1, 1), date(2012, 1, 31))

    spider = ArchiveSpider(since="2012-01-01", until="2012-01-01")
    assert (spider.first, spider.last) == (date(2012, 1, 1), date(2012, 1, 1))

    spider = ArchiveSpider(since="2012-01-01T20:00:00+00:00", until="9999-12-31")
    assert (spider.first, spider.last) == (date(2012, 1, 2), today)

    spider = ArchiveSpider(since="3d")
    assert (spider.first, spider.last) == (today - timedelta(days=3), today)


def test_a_wrong_call_is_one_sentence_and_code_2(crawl: CrawlCommand, server: Server) -> None:
    done = crawl("archive", "-a", "until=2012-01-31")

    assert done.code == 2
    assert "error: no day given: use -a since=2012-01-01" in done.summary
    assert not server.log
