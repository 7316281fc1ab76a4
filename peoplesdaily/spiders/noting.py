"""The base of the spiders: what a run wants, its notes and its books."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from scrapy import Spider
from scrapy.http import Response

from peoplesdaily.runs.failures import RUN_ENDS
from peoplesdaily.runs.recorder import RunHolder, holder_of
from peoplesdaily.runs.verdicts import ListVerdict
from peoplesdaily.site.sections import SECTIONS
from peoplesdaily.spiders.arguments import Window, count
from peoplesdaily.spiders.frontier import Frontier
from peoplesdaily.spiders.responses import asked_url
from peoplesdaily.storage.index.session import Session, session_of
from peoplesdaily.storage.raw_pages import keep_page
from peoplesdaily.utils.atomic_files import explain, output_dir

_UNRECOGNISED = ("unrecognised", "no_label")


class NotingSpider(Spider):
    """A spider of a run: what it wants, its notes and its books.

    :param max_articles: articles at most, the first ones offered.
    :param sample: articles at most of each section, likewise.
    :ivar window: publication times that are wanted; all of them, unless a child sets another.
    :ivar dry_run: whether only lists are read.
    :ivar arguments: what the spider was built with, for the run's manifest.
    """

    def __init__(
        self,
        max_articles: str | int | None = None,
        sample: str | int | None = None,
        **other: Any,
    ) -> None:
        super().__init__(**other)
        self.window = Window()
        self.max_articles = count("max_articles", max_articles)
        self.sample = count("sample", sample)
        self.dry_run = False
        self.arguments: dict[str, str] = {}

    @cached_property
    def frontier(self) -> Frontier:
        """What this run wants."""
        return Frontier(
            self.session.index,
            self.session.run,
            self.name,
            window=self.window,
            max_articles=self.max_articles,
            sample=self.sample,
            count=self.count,
        )

    @property
    def session(self) -> Session:
        """This run's use of the index."""
        return session_of(self.crawler)

    @cached_property
    def run(self) -> RunHolder:
        """This crawl's run: notes, and the books of articles and list pages."""
        return holder_of(self.crawler)

    def count(self, name: str, number: int = 1) -> None:
        """Add to the statistic ``peoplesdaily/name``; docs/reading-a-run.md lists them all."""
        assert self.crawler.stats
        self.crawler.stats.inc_value(f"peoplesdaily/{name}", number)

    def list_lost(self, key: str, name: str, url: str, reason: str, kind: str) -> None:
        """Give a list page that could not be fetched or read its verdict, and log it.

        :param key: of the list page in the books.
        :param name: which list it is, for the log.
        :param kind: short name of the reason, for statistics.
        """
        verdict = ListVerdict.FAILED
        if kind in _UNRECOGNISED:
            verdict = ListVerdict.UNRECOGNISED
        elif kind == RUN_ENDS:
            verdict = ListVerdict.CUT_OFF
        self.run.lists.decide(key, verdict, kind if verdict is ListVerdict.FAILED else None, url)
        self.run.notes.failure(url, kind, reason, name if name in SECTIONS else None)
        self.logger.error("List of %s not read: %s: %s", name, url, reason)

    def keep_unknown(self, response: Response, id_: str) -> None:
        """Keep the raw page, from which a new template can be described."""
        folder = output_dir(self.settings) / "unknown" / id_
        try:
            keep_page(folder, response)
        except OSError as error:
            self.logger.error("Unknown template not kept: %s", explain(error, folder))
        else:
            self.logger.warning("Unknown template: %s, kept in %s", asked_url(response), folder)
