"""House rules that every spider keeps."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from helpers.crawls import ROOT, scrapy
from helpers.fake_run import hold
from scrapy import Request
from scrapy.spiderloader import SpiderLoader
from scrapy.utils.project import get_project_settings
from scrapy.utils.test import get_crawler

from peoplesdaily.site.editions import HOSTS
from peoplesdaily.site.sections import SECTIONS
from peoplesdaily.site.urls import canonical
from peoplesdaily.storage.index.session import Session

LOADER = SpiderLoader.from_settings(get_project_settings())
SECTION_NAMES = [
    *("opinions", "china", "world", "business", "military", "society", "culture", "travel"),
    *("science", "sports", "special_coverage", "photo", "video", "foreign_affairs", "home"),
]


def first_requests(name: str, **arguments: str) -> list[Request]:
    # The project's own would install an event loop.
    settings = {"OUTPUT_DIR": get_project_settings()["OUTPUT_DIR"]}
    spider = get_crawler(LOADER.load(name), settings)._create_spider(**arguments)
    crawler = get_crawler(type(spider), settings)
    hold(crawler, Session.unopened(crawler.settings, name))
    spider._set_crawler(crawler)
    spider.crawler.stats = _NoStats()

    async def collect() -> list[Any]:
        return [request async for request in spider.start()]

    return asyncio.run(collect())


class _NoStats:
    def inc_value(self, name: str, number: int = 1) -> None:
        pass


def test_list_shows_every_section_and_article_sorted() -> None:
    shown = scrapy("list").stdout.split()

    assert shown == sorted([*SECTION_NAMES, "all", "archive", "article", "search"])
    assert sorted(SECTIONS) == sorted(SECTION_NAMES)


@pytest.mark.parametrize("name", SECTION_NAMES)
def test_a_section_asks_one_canonical_address_of_the_site(name: str) -> None:
    (request,) = first_requests(name)

    assert canonical(request.url) == request.url
    section = SECTIONS[name]
    expected = "" if section.path is None else section.path
    assert request.url == f"http://en.people.cn/{expected + '/index.html' if expected else ''}"
    assert request.errback is not None


def test_an_article_is_asked_for_once_in_whatever_spelling() -> None:
    urls = (
        "http://en.people.cn/n3/2020/1127/c90000-9793058.html,"
        "https://english.people.com.cn./90777//n3/2020/1127/c90777-9793058-2.html?a=b#c"
    )
    (request,) = first_requests("article", url=urls)

    assert request.url == "http://en.people.cn/n3/2020/1127/c90000-9793058.html"


def test_every_spider_keeps_to_the_publishers_hosts() -> None:
    for name in LOADER.list():
        assert set(HOSTS) <= set(LOADER.load(name).allowed_domains)


def test_every_spider_says_what_it_takes() -> None:
    page = (ROOT / "docs" / "crawling.md").read_text(encoding="utf-8")
    for name in SECTION_NAMES:
        assert f"| `{name}` |" in page
    for argument in ("since", "until", "pages", "max_articles", "also", "url", "urls_file", "q"):
        assert f"`{argument}`" in page
