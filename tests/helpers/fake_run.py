"""Runs without Scrapy's engine: the real index, pipeline and feed, a step at a time.

A run can die between any two steps as a killed process does: what it held open is closed by the
kernel, and nothing is tidied up.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from random import Random
from typing import Any

from scrapy import Spider
from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem
from scrapy.utils.test import get_crawler

from helpers.page_cases import sample
from peoplesdaily.items import Article
from peoplesdaily.parsers import ListedArticle
from peoplesdaily.pipelines import IndexPipeline
from peoplesdaily.runs.recorder import RunHolder
from peoplesdaily.site import urls
from peoplesdaily.spiders.frontier import Frontier
from peoplesdaily.storage.feed_files import article, finished_files, lines
from peoplesdaily.storage.feeds import ArticleLinesExporter, AtomicFileFeedStorage
from peoplesdaily.storage.index import PendingArticle
from peoplesdaily.storage.index.session import Session
from peoplesdaily.storage.locks import Lock

_WORDS = [f"word{n}" for n in range(400)]


def story_url(id_: str) -> str:
    return f"http://en.people.cn/n3/2020/1127/c90000-{id_}.html"


def story(id_: str, text: object = None, **fields: Any) -> Article:
    """A story whose text depends on ``text`` alone, its id by default."""
    chosen = Random(str(id_ if text is None else text)).choices(_WORDS, k=120)
    body = " ".join(chosen)
    return sample(url=story_url(id_), title=" ".join(chosen[:6]), paragraphs=(body,), **fields)


def listed(*ids: str) -> list[ListedArticle]:
    """Stories as a list names them."""
    found = [urls.article(story_url(id_)) for id_ in ids]
    return [ListedArticle(address, "", None) for address in found if address]


def pending(
    id_: str, spider: str = "world", section: str | None = "world", **more: Any
) -> PendingArticle:
    return PendingArticle(id_, story_url(id_), spider, section, **{"kind": "listed", **more})


def stored(output: Path) -> list[tuple[str, int]]:
    """Id and revision of every line in finished files; a bad line is an error."""
    found = [article(line) for path in finished_files(output) for line in lines(path)]
    return [(record.id, record.revision) for record in found]


def hold(crawler: Crawler, session: Session) -> None:
    """Give a crawler a session, as the add-on does."""
    holder = RunHolder(crawler)
    holder.session = session
    crawler.addons.addons.append(holder)


class Run:
    """A run of one spider on an output folder."""

    def __init__(
        self, output: Path, spider: str = "world", name: str = "2026-11-25T03-05-07Z", **more: str
    ) -> None:
        settings = {
            "OUTPUT_DIR": str(output),
            "NEAR_DUPLICATES": "flag",
            "NEAR_DUPLICATE_THRESHOLD": "0.8",
            **more,
        }
        self.crawler = get_crawler(Spider, settings)
        self.spider = spider
        self.session = Session.open(self.crawler.settings, spider, [spider], keeps=True)
        hold(self.crawler, self.session)
        self.pipeline = IndexPipeline.from_crawler(self.crawler)
        self.storage = AtomicFileFeedStorage.from_crawler(
            self.crawler, str(output / spider / f"{name}.jsonl")
        )
        self.file: Any = None
        self.frontier = Frontier(self.session.index, self.session.run, spider)
        self.listing_pass = self.session.index.listings.begin_pass(spider)
        self.frontier.offer_due([spider])
        self.todo = self.frontier.take()

    def read_list(self, ids: Sequence[str]) -> list[str]:
        """Take down a page of the list; the ids that this run is to fetch."""
        self.frontier.offer(listed(*ids), self.spider, self.listing_pass)
        self.todo += self.frontier.take()
        return [story.id for story in self.todo]

    def write(self, item: Article) -> bool:
        """Pass a story through the index and write its line; whether it was written."""
        self.todo = [story for story in self.todo if story.id != item.id]
        try:
            kept = self.pipeline.process_item(item)
        except DropItem:
            return False
        if self.file is None:
            self.file = self.storage.open(None)  # type: ignore[arg-type]
        ArticleLinesExporter(self.file, encoding="utf-8").export_item(kept)
        return True

    def write_all(self, ids: Iterable[str]) -> None:
        for id_ in ids:
            self.write(story(id_))

    def publish(self) -> None:
        """Store the feed, as Scrapy does at the end of a run."""
        file, self.file = self.file, None
        if file is not None:
            self.storage.store(file)

    def finish(self) -> None:
        self.publish()
        self.session.close()

    def die(self, *, half_a_line: bool = False) -> None:
        """End as the kernel ends a process."""
        if self.file is not None:
            if half_a_line:
                self.file._file.write(b'{"id": "cut o')
            self.file._file.close()
        for lock in self.session._locks:
            drop(lock)
        self.session.index.connection.close()


def drop(lock: Lock) -> None:
    """Let go of a lock as the kernel does: its file stays."""
    if lock._file is not None:
        lock._file.close()
