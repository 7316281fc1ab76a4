"""End a run that has lost its index; keep unread articles pending."""

from __future__ import annotations

import logging
from typing import Any, Self

from scrapy import Spider, signals
from scrapy.crawler import Crawler
from scrapy.http import Response
from twisted.python.failure import Failure

from peoplesdaily.runs.recorder import holder_of
from peoplesdaily.runs.verdicts import ArticleVerdict
from peoplesdaily.site import urls
from peoplesdaily.storage.index import CorpusIndexError, PendingArticle
from peoplesdaily.utils.event_loop import end_run

logger = logging.getLogger(__name__)


class IndexWatch:
    """Record exceptions of callbacks and pipelines.

    A run without its index ends, for what it fetched would be fetched again. An article whose
    reading raised an exception stays pending, with that reason.
    """

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self._ending = False
        crawler.signals.connect(self.spider_error, signals.spider_error)
        crawler.signals.connect(self.item_error, signals.item_error)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def spider_error(self, failure: Failure, response: Response, spider: Spider) -> None:
        if not self._ends(failure.value):
            arguments = response.request.cb_kwargs if response.request else {}
            self._record_pending(arguments.get("id_"), response.url, failure.value, spider)

    def item_error(self, failure: Failure, item: Any, spider: Spider) -> None:
        if not self._ends(failure.value):
            assert self.crawler.stats
            self.crawler.stats.inc_value("peoplesdaily/items/failed")
            self._record_pending(
                getattr(item, "id", None), getattr(item, "url", ""), failure.value, spider
            )

    def _ends(self, error: BaseException | None) -> bool:
        if not isinstance(error, CorpusIndexError):
            return False
        if not self._ending:
            self._ending = True
            assert self.crawler.stats
            self.crawler.stats.inc_value("peoplesdaily/output/failed")
            logger.critical("The run ends: %s", error)
            end_run(self.crawler, "output_failed")
        return True

    def _record_pending(
        self, id_: str | None, url: str, error: BaseException | None, spider: Spider
    ) -> None:
        if id_ is None:
            return
        run, address = holder_of(self.crawler), urls.article(url)
        run.articles.decide(id_, ArticleVerdict.FAILED, "error", url)
        if address is not None:
            reason = f"{type(error).__name__}: {error}"
            run.session.failed_unless_stored(
                PendingArticle(id_, address.story_url, spider.name, None, "error", reason)
            )
