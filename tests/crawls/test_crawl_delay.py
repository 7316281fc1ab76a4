"""The pace that a site asks for in its robots.txt, seen from the server."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from itertools import pairwise

import pytest
from helpers.crawls import CrawlCommand
from hypothesis import given
from hypothesis import strategies as st
from scrapy.robotstxt import ProtegoRobotParser

from peoplesdaily.extensions.politeness import asked_delay
from peoplesdaily.replica.server import Hit, Server
from peoplesdaily.replica.site import Reply, Site

# What the server sees of a distance that was kept: the second of two may be on its way shorter.
SLACK = 0.1


@pytest.fixture
def hits() -> list[tuple[float, Hit]]:
    """Every request, with the second at which the server had answered it."""
    return []


@pytest.fixture
def server(site: Site, hits: list[tuple[float, Hit]]) -> Iterator[Server]:
    with Server(site, report=lambda hit: hits.append((time.monotonic(), hit))) as running:
        yield running


def gaps(hits: list[tuple[float, Hit]]) -> list[float]:
    return [later - earlier for (earlier, _), (later, _) in pairwise(hits)]


def robots(*lines: str) -> Reply:
    text = "\n".join(("User-agent: *", "Disallow: /nowhere/", *lines, ""))
    return Reply(200, {"Content-Type": "text/plain"}, text.encode())


@pytest.mark.parametrize(
    ("lines", "seconds", "throttled"),
    [
        pytest.param(["Crawl-delay: 0.8"], 0.8, "0", id="crawl-delay"),
        pytest.param(["Crawl-delay: 0.2", "Request-rate: 2/2"], 1.0, "1", id="the-slower-of-both"),
        pytest.param(
            ["", "User-agent: peoplesdaily", "Crawl-delay: 0.8"], 0.8, "1", id="for-us-by-name"
        ),
    ],
)
def test_no_two_requests_are_nearer_than_robots_txt_asks(
    crawl: CrawlCommand,
    site: Site,
    hits: list[tuple[float, Hit]],
    lines: list[str],
    seconds: float,
    throttled: str,
) -> None:
    site.overrides["/robots.txt"] = robots(*lines)
    done = crawl(
        "world", "-a", "max_articles=2", "-a", "pages=1",
        AUTOTHROTTLE_ENABLED=throttled, AUTOTHROTTLE_START_DELAY="0.05",
    )  # fmt: skip

    assert len(done.records) == 2, done.log
    assert len(hits) >= 4
    assert min(gaps(hits)) >= seconds - SLACK, gaps(hits)


def test_the_own_delay_stays_the_floor(
    crawl: CrawlCommand, site: Site, hits: list[tuple[float, Hit]]
) -> None:
    site.overrides["/robots.txt"] = robots("Crawl-delay: 0.6")
    crawl(
        "world", "-a", "max_articles=3", "-a", "pages=1",
        DOWNLOAD_DELAY="0.8", DOWNLOAD_DELAY_JITTER="0.5", AUTOTHROTTLE_ENABLED="1",
        AUTOTHROTTLE_START_DELAY="0.05",
    )  # fmt: skip

    # Random around 0.8 s, but never below what is asked.
    assert min(gaps(hits)) >= 0.6 - SLACK
    assert sum(gaps(hits)) / len(gaps(hits)) >= 0.65


def test_each_host_keeps_its_own(
    crawl: CrawlCommand, site: Site, hits: list[tuple[float, Hit]]
) -> None:
    slow = "english.people.com.cn"
    plain = robots()
    site.overrides["/robots.txt"] = lambda request: (
        robots("Crawl-delay: 0.9") if slow in request.target else plain
    )
    stories = map(site.catalogue.story, site.catalogue.ids)
    paths = [story.path for story in stories if story.pages == 1][:2]
    # The second host is met by redirects: addresses are canonical before they are asked for.
    for path in paths:
        site.overrides[path] = lambda request: (
            site.answer(request)
            if slow in request.target
            else Reply(302, {"Location": request.target.replace("en.people.cn", slow)})
        )
    urls = ",".join(f"http://en.people.cn{path}" for path in paths)
    done = crawl("article", "-a", f"url={urls}")

    assert len(done.records) == 2, done.log
    there = [(when, hit) for when, hit in hits if slow in hit.target]
    here = [(when, hit) for when, hit in hits if slow not in hit.target]
    assert len(there) == len(here) == 3
    assert min(gaps(there)) >= 0.9 - SLACK
    assert here[1][0] - here[0][0] < 0.5


def test_a_site_that_asks_for_more_than_is_kept_is_named(
    crawl: CrawlCommand, site: Site, hits: list[tuple[float, Hit]]
) -> None:
    site.overrides["/robots.txt"] = robots("Crawl-delay: 86400")
    done = crawl("world", "-a", "max_articles=1", "-a", "pages=1", CRAWL_DELAY_MAX="0.7")

    assert len(done.records) == 1
    assert min(gaps(hits)) >= 0.7 - SLACK
    assert "asks for 86400 s between two requests, more than CRAWL_DELAY_MAX" in done.log
    assert done.log.count("asks for 86400 s") == 1


def test_no_delay_is_kept_where_none_is_to_be_kept(
    crawl: CrawlCommand, site: Site, hits: list[tuple[float, Hit]]
) -> None:
    site.overrides["/robots.txt"] = robots("Crawl-delay: 30")
    done = crawl("world", "-a", "max_articles=1", "-a", "pages=1", CRAWL_DELAY_MAX="0")

    assert len(done.records) == 1
    assert max(gaps(hits)) < 5


@given(
    delay=st.none() | st.floats(allow_nan=True, allow_infinity=True) | st.text(max_size=8),
    rate=st.none() | st.tuples(st.integers(-2, 50), st.integers(-2, 5000)),
)
def test_what_a_robots_txt_asks_is_a_number_of_seconds(
    delay: float | str | None, rate: tuple[int, int] | None
) -> None:
    lines = ["User-agent: *"]
    if delay is not None:
        lines.append(f"Crawl-delay: {delay}")
    if rate is not None:
        lines.append(f"Request-rate: {rate[0]}/{rate[1]}")
    asked = asked_delay(ProtegoRobotParser("\n".join(lines).encode("utf-8", "ignore"), None), "me")

    assert asked >= 0
    if rate is not None and min(rate) > 0:
        assert asked >= rate[1] / rate[0]
    if isinstance(delay, float) and 0 < delay < math.inf:
        assert asked >= delay
