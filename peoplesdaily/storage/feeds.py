"""Feed storage: lines are written beside the target, flushed to disk, and published by rename.

Scrapy's own file storage opens the target itself, so that readers and killed runs see half a
file. Here a reader sees the finished file or none.
"""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, Self

from scrapy import Spider
from scrapy.crawler import Crawler
from scrapy.exporters import JsonLinesItemExporter
from scrapy.extensions.feedexport import FeedExporter
from w3lib.url import file_uri_to_path

from peoplesdaily.items import Article, as_json
from peoplesdaily.storage.feed_files import is_corpus
from peoplesdaily.storage.index import CorpusIndexError
from peoplesdaily.storage.index.session import Session, session_of
from peoplesdaily.utils.atomic_files import (
    OutputError,
    PartFile,
    explain,
    output_dir,
    run_time,
)
from peoplesdaily.utils.event_loop import end_run

logger = logging.getLogger(__name__)


def uri_params(params: dict[str, Any], spider: Spider) -> dict[str, Any]:
    """Values for a feed's address: Scrapy's, with ``output`` and a ``time`` that ends in ``Z``."""
    start = spider.crawler.stats.get_value("start_time") if spider.crawler.stats else None
    return {
        **params,
        "output": str(output_dir(spider.settings)),
        "time": run_time(start or datetime.now(UTC)),
    }


class AtomicFileFeedStorage:
    """Feed storage for local files: ``FEED_STORAGES = {"": ..., "file": ...}``.

    A feed that is not overwritten is appended to, as in Scrapy, by publishing the old lines and
    the new ones together.
    """

    def __init__(
        self,
        uri: str,
        *,
        feed_options: dict[str, Any] | None = None,
        session: Session | None = None,
    ) -> None:
        self.session = session
        self.path = Path(file_uri_to_path(uri) if uri.startswith("file:") else uri).absolute()
        self.append = not (feed_options or {}).get("overwrite", False)

    @classmethod
    def from_crawler(
        cls, crawler: Crawler, uri: str, *, feed_options: dict[str, Any] | None = None
    ) -> Self:
        return cls(uri, feed_options=feed_options, session=session_of(crawler))

    def open(self, spider: Spider) -> IO[bytes]:
        """:raises OSError: the part file cannot be opened, or the crawl may not write it."""
        if self.session is not None and not self.session.keeps:
            output = self.session.output
            if self.path.is_relative_to(output) and is_corpus(self.path.relative_to(output)):
                raise OutputError(
                    f"{self.path} lies among the corpus's files, and this crawl has opened no run; "
                    "give -o or -O a file elsewhere"
                )
        return PartFile(self.path)  # type: ignore[return-value]

    def store(self, file: IO[bytes]) -> None:
        """:raises OutputError: the file cannot be published; its part file is kept and named."""
        assert isinstance(file, PartFile)
        try:
            file.publish(append=self.append)
        except OSError as error:
            raise OutputError(
                f"{explain(error, self.path)}; what was written is kept in {file.path}"
            ) from error
        if self.session is None:
            return
        try:
            self.session.published(self.path)
        except (CorpusIndexError, OutputError) as error:
            # The file is whole and in its place, which is what counts.
            logger.error("The next run reads %s into the index: %s", self.path, error)


class ArticleLinesExporter(JsonLinesItemExporter):
    """JSON Lines; an article goes out whole in one step unless only some fields are asked for."""

    def export_item(self, item: Any) -> None:
        if isinstance(item, Article) and not self.fields_to_export and self.encoding:
            line = json.dumps(as_json(item), ensure_ascii=False, allow_nan=False) + "\n"
            self.file.write(line.encode(self.encoding))
        else:
            super().export_item(item)


item_unwritten = object()
"""Signal: an item that was scraped could not be written to its feed. Receivers get ``item``."""


class OutputGuard(FeedExporter):
    """Scrapy's feed exporter, which ends the run when its output cannot be written.

    Scrapy logs the traceback of a failed write, counts the item as written and crawls on. This one
    logs the problem in one sentence and keeps the lines that were written.
    """

    def item_scraped(self, item: Any, spider: Spider) -> None:
        try:
            super().item_scraped(item, spider)
        except OSError as error:
            assert self.crawler.stats
            if not self.crawler.stats.get_value("peoplesdaily/output/unwritten"):
                path = getattr(self.slots[0].storage, "path", Path(self.slots[0].uri))
                logger.critical("The run ends: %s", explain(error, path))
                end_run(self.crawler, "output_failed")
            self.crawler.stats.inc_value("peoplesdaily/output/unwritten")
            self.crawler.signals.send_catch_log(item_unwritten, item=item)
