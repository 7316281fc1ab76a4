"""Fixtures: the embedded site on loopback, and crawls of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from helpers.crawls import NO_PAUSES, ROOT, Crawl, CrawlCommand, scrapy

from peoplesdaily.replica.content import Catalogue
from peoplesdaily.replica.server import Server
from peoplesdaily.replica.site import Site

# Fixtures that a whole crawl needs; what uses one is marked as a crawl.
_CRAWLING = {"crawl", "server", "stage"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    crawls = ROOT / "tests" / "crawls"
    for item in items:
        if crawls in item.path.parents or _CRAWLING & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.crawl)


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    return Catalogue(articles=120)


@pytest.fixture
def site(catalogue: Catalogue) -> Site:
    """A site whose pages the test may override."""
    return Site(catalogue)


@pytest.fixture
def server(site: Site) -> Iterator[Server]:
    with Server(site) as running:
        yield running


@pytest.fixture
def crawl(server: Server, tmp_path: Path) -> CrawlCommand:
    """``crawl("world", "-a", "pages=1", DOWNLOAD_DELAY="1")`` against the embedded site."""

    def run(
        spider: str, *arguments: str, proxy: str | None = None, cwd: Path = ROOT, **settings: str
    ) -> Crawl:
        output = tmp_path / "output"
        chosen = {**NO_PAUSES, "OUTPUT_DIR": str(output), **settings}
        flags = [part for name, value in chosen.items() for part in ("-s", f"{name}={value}")]
        done = scrapy("crawl", spider, *arguments, *flags, proxy=proxy or server.url, cwd=cwd)
        return Crawl(done.returncode, done.stdout + done.stderr, output)

    return run
