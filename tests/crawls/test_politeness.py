"""Politeness towards the site, seen from the server's log."""

from __future__ import annotations

import time
from collections.abc import Callable
from email.utils import formatdate
from itertools import pairwise

import pytest
from helpers.crawls import CrawlCommand
from scrapy.utils.project import get_project_settings

from peoplesdaily import __version__
from peoplesdaily.replica.content import Catalogue
from peoplesdaily.replica.server import Server
from peoplesdaily.replica.site import Reply, Request, Site

PATH = "/90777/index.html"


class Moody:
    """Answers with ``reply`` once, notes when it was asked, then lets the site answer."""

    def __init__(self, site: Site, reply: Reply | Callable[[], Reply], times: int = 1) -> None:
        self.site, self.reply, self.left = site, reply, times
        self.asked: list[float] = []

    def __call__(self, request: Request) -> Reply:
        self.asked.append(time.monotonic())
        self.left -= 1
        if self.left < 0:
            return self.site.answer(request)
        return self.reply if isinstance(self.reply, Reply) else self.reply()


def test_the_defaults_are_polite() -> None:
    settings = get_project_settings()

    assert settings.getbool("ROBOTSTXT_OBEY")
    assert settings.getbool("AUTOTHROTTLE_ENABLED")
    assert settings.getint("CONCURRENT_REQUESTS") == 1
    assert settings.getfloat("DOWNLOAD_DELAY") >= 1


def test_requests_come_one_at_a_time_with_a_pause(crawl: CrawlCommand, site: Site) -> None:
    asked: list[float] = []
    site.overrides["/robots.txt"] = Reply(200, {}, b"")

    def note(request: Request) -> Reply:
        asked.append(time.monotonic())
        return site.answer(request)

    for id_ in site.catalogue.lists("world"):
        site.overrides[site.catalogue.story(id_).path] = note
    crawl("world", "-a", "max_articles=4", DOWNLOAD_DELAY="0.4", DOWNLOAD_DELAY_JITTER="0")

    gaps = [later - earlier for earlier, later in pairwise(asked)]
    assert min(gaps) >= 0.35, gaps


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("form", ["seconds", "date"])
def test_retry_after_is_honoured(crawl: CrawlCommand, site: Site, status: int, form: str) -> None:
    def reply() -> Reply:
        # A date has whole seconds: two of them are at least one.
        value = "1" if form == "seconds" else formatdate(time.time() + 2, usegmt=True)
        return Reply(status, {"Retry-After": value})

    moody = Moody(site, reply)
    site.overrides[PATH] = moody
    done = crawl("world", "-a", "max_articles=1")

    assert done.code == 0, done.log
    assert len(done.records) == 1
    assert moody.asked[1] - moody.asked[0] >= 0.9


def test_a_wait_holds_back_every_request(
    crawl: CrawlCommand, site: Site, catalogue: Catalogue
) -> None:
    # The oldest one is asked for first.
    listed = sorted(catalogue.lists("opinions"), key=int)
    moody = Moody(site, Reply(429, {"Retry-After": "2"}))
    others: list[float] = []

    def note(request: Request) -> Reply:
        others.append(time.monotonic())
        return site.answer(request)

    site.overrides[catalogue.story(listed[0]).path] = moody
    for id_ in listed[1:]:
        site.overrides[catalogue.story(id_).path] = note
    done = crawl("opinions")

    assert done.code == 0, done.log
    assert min(others) - moody.asked[0] >= 1.9


def test_retries_back_off(crawl: CrawlCommand, site: Site) -> None:
    moody = Moody(site, Reply(500), times=2)
    site.overrides[PATH] = moody
    crawl("world", "-a", "max_articles=1", RETRY_BACKOFF="0.4")

    first, second = (b - a for a, b in pairwise(moody.asked))
    assert first >= 0.35
    assert second >= 0.75


def test_a_site_that_asks_for_more_patience_than_a_run_has_is_left_alone(
    crawl: CrawlCommand, site: Site, server: Server
) -> None:
    site.overrides[PATH] = Reply(503, {"Retry-After": "86400"})
    done = crawl("world")

    assert done.code != 0
    assert "asks to wait 86400 s" in done.log
    assert len([hit for hit in server.log if hit.target.endswith(PATH)]) == 1


def test_robots_txt_is_obeyed(crawl: CrawlCommand, site: Site, server: Server) -> None:
    site.overrides["/robots.txt"] = Reply(200, {}, b"User-agent: *\nDisallow: /90777/\n")
    done = crawl("world")

    assert server.log[0].target.endswith("/robots.txt")
    assert not [hit for hit in server.log if "/90777/" in hit.target]
    assert "robots.txt forbids it" in done.log
    assert done.code != 0


def test_who_asks_and_how_to_reach_them(crawl: CrawlCommand, site: Site) -> None:
    agents: set[str] = set()

    def note(request: Request) -> Reply:
        agents.add({k.lower(): v for k, v in request.headers.items()}["user-agent"])
        return site.answer(request)

    site.overrides[PATH] = note
    crawl("world", "-a", "max_articles=1", CONTACT="mailto:crawl@example.org")
    crawl("world", "-a", "max_articles=1", USER_AGENT="mine/1")

    assert agents == {f"peoplesdaily/{__version__} (Scrapy; +mailto:crawl@example.org)", "mine/1"}


def test_a_crawl_that_leaves_this_machine_without_a_contact_says_so_once(
    crawl: CrawlCommand, server: Server
) -> None:
    # Another name of this machine, which the program cannot know to be one.
    elsewhere = server.url.replace("127.0.0.1", "0.0.0.0")
    said = "The site's staff cannot reach you"
    one = ("world", "-a", "max_articles=1", "-a", "pages=1")

    assert crawl(*one, proxy=elsewhere).log.count(said) == 1
    assert said not in crawl(*one, proxy=elsewhere, CONTACT="you@example.org").log
    assert said not in crawl(*one, proxy=elsewhere, USER_AGENT="mine (+https://example.org)").log
    assert said not in crawl(*one).log
