"""What happens to a record between page and feed: one class, one job."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable
from dataclasses import is_dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple, NoReturn, Self

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem

from peoplesdaily.items import Article, as_json, field_names, field_values
from peoplesdaily.parsers.story import content_hash
from peoplesdaily.runs.recorder import RunHolder, holder_of
from peoplesdaily.runs.verdicts import ArticleVerdict
from peoplesdaily.schemas import records
from peoplesdaily.site import urls
from peoplesdaily.storage.index import PendingArticle
from peoplesdaily.storage.index.session import Session, session_of
from peoplesdaily.utils import atomic_files, text

logger = logging.getLogger(__name__)


class _Pipeline:
    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def count(self, name: str) -> None:
        assert self.crawler.stats
        self.crawler.stats.inc_value(f"peoplesdaily/{name}")

    @cached_property
    def run(self) -> RunHolder:
        """The crawl's run: its notes and its books."""
        return holder_of(self.crawler)


class NormalisePipeline(_Pipeline):
    """Hold every string to the record's normal form, no matter what made the item.

    The page readers clean what they read; this keeps the promise for lists sorted, empty strings
    and the hash too, and for items that a user's spider yields.
    """

    def process_item(self, item: Article) -> Article:
        if _is_normal(item):
            return item
        normal: Article = _normal(item)
        # What every record needs stays text, so that validation can name what is wrong with it.
        required: dict[str, Any] = {name: getattr(normal, name) or "" for name in _REQUIRED}
        body = _paragraphs(item.body)
        computed = {
            **required,
            "body": body,
            "sections": tuple(sorted(set(normal.sections))),
            "content_hash": content_hash(required["title"], body),
        }
        same = normal is item and all(getattr(item, key) == computed[key] for key in computed)
        return item if same else replace(normal, **computed)


_BODY = field_names(Article).index("body")


def _is_normal(item: Article) -> bool:
    """Whether there is nothing to do, as with what the page readers make: one look at all text."""
    strings = [] if item.body is None else item.body.split("\n\n")
    values = field_values(item)
    _collect(values[:_BODY] + values[_BODY + 1 :], strings)
    return (
        text.is_clean(strings)
        and list(item.sections) == sorted(set(item.sections))
        and item.content_hash == content_hash(item.title, item.body)
    )


def _collect(values: Iterable[Any], strings: list[str]) -> None:
    """Add every string among ``values``, and inside of them, to ``strings``."""
    for value in values:
        if isinstance(value, str):
            strings.append(value)
        elif value and isinstance(value, (tuple, list)):
            _collect(value, strings)
        elif value and is_dataclass(value):
            _collect(field_values(value), strings)


_REQUIRED = ("id", "url", "title", "published_on", "language", "template", "crawled_at")


def _normal(value: Any) -> Any:
    """``value`` with every string in it cleaned; an empty one is none, and leaves its list."""
    if isinstance(value, str):
        return text.clean(value) or None
    if isinstance(value, (tuple, list)):
        return tuple(part for part in map(_normal, value) if part is not None)
    if is_dataclass(value) and not isinstance(value, type):
        changed = {}
        for name, before in zip(field_names(type(value)), field_values(value), strict=True):
            after = _normal(before)
            if after != before:
                changed[name] = after
        # What the page readers made is normal already, and copies cost.
        return replace(value, **changed) if changed else value
    return value


def _paragraphs(body: str | None) -> str | None:
    if not body:
        return None
    cleaned = (text.clean(paragraph) for paragraph in body.split("\n\n"))
    return "\n\n".join(paragraph for paragraph in cleaned if paragraph) or None


class ValidatePipeline(_Pipeline):
    """Keep records that break the contract out of the feed, and keep them.

    They go to ``output/rejected/<spider>/<run>.jsonl``, a line each: the reasons and the record.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._file: atomic_files.PartFile | None = None
        # Behind the feeds, which close on the same signal: a rejected record is never the reason
        # that a good one is late.
        crawler.signals.connect(self._close, signals.spider_closed)

    def process_item(self, item: Article) -> Article:
        record = as_json(item)
        if records.is_valid(record):
            return item
        reasons = list(records.violations(record))
        logger.warning("Article rejected: %s: %s", item.url, "; ".join(reasons))
        self.run.notes.page_problem(item.sections, "rejected", item.url)
        self.run.articles.decide(item.id, ArticleVerdict.REJECTED, url=item.url)
        self._keep({"reasons": reasons, "record": record})
        self._record_pending(item, "; ".join(reasons))
        raise DropItem("breaks the record contract", log_level="DEBUG")

    def _record_pending(self, item: Article, reason: str) -> None:
        address, spider = urls.article(item.url), self.crawler.spider
        if address is not None:
            name = spider.name if spider else ""
            self.run.session.failed_unless_stored(
                PendingArticle(
                    address.id, address.story_url, name, item.section, "rejected", reason
                )
            )

    @property
    def _path(self) -> Path:
        spider = self.crawler.spider
        assert spider and self.crawler.stats
        start = self.crawler.stats.get_value("start_time")
        folder = atomic_files.output_dir(self.crawler.settings) / "rejected" / spider.name
        return folder / f"{atomic_files.run_time(start)}.jsonl"

    def _keep(self, entry: dict[str, Any]) -> None:
        line = json.dumps(entry, ensure_ascii=False) + "\n"
        try:
            if self._file is None:
                self._file = atomic_files.PartFile(self._path)
            self._file.write(line.encode("utf-8", "replace"))
        except OSError as error:
            self.count("output/failed")
            logger.critical("Rejected record not kept: %s", atomic_files.explain(error, self._path))

    def _close(self) -> None:
        file, self._file = self._file, None
        if file is None:
            return
        try:
            file.publish(append=True)
            logger.warning("Rejected records are in %s", file.target)
        except OSError as error:
            self.count("output/failed")
            logger.critical("Rejected records stay in %s: %s", file.path, error)


class IndexPipeline(_Pipeline):
    """Write a story once: one line for each id and revision, and one for each text.

    The index says what the corpus holds. A near-duplicate of an earlier story is written with
    ``duplicate_of``, or not at all where ``NEAR_DUPLICATES`` says ``"drop"``.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._written: set[str] = set()
        self.threshold = crawler.settings.getfloat("NEAR_DUPLICATE_THRESHOLD")
        self.drop_near = crawler.settings["NEAR_DUPLICATES"] == "drop"

    @property
    def session(self) -> Session:
        return session_of(self.crawler)

    def process_item(self, item: Article) -> Article:
        # Of two runs at once, only one may find that the text is new.
        with self.session.index.transaction():
            decided = self._decide(item)
        if not isinstance(decided, Article):
            self._drop(item, decided)
        self._written.add(item.id)
        if decided.revision > 1:
            logger.info("Revision %d of story %s: %s", decided.revision, item.id, item.url)
        return decided

    def _decide(self, item: Article) -> Article | _Reason:
        if item.id in self._written:
            return _Reason(None, f"story {item.id} is written already")
        before = self.session.index.articles.latest(item.id)
        if before is not None:
            # The pages that were missing may hold nothing but pictures.
            if before.content_hash == item.content_hash and before.pages >= item.pages:
                self.session.unchanged(item.id)
                return _Reason(ArticleVerdict.UNCHANGED, f"story {item.id} has not changed")
            item = replace(item, revision=before.revision + 1)
        else:
            first = self.session.index.articles.same_text(item)
            if first is not None:
                self.session.add_alias(item, first, 1.0)
                self.session.repeats[item.source or "unknown"] += 1
                return _Reason(ArticleVerdict.DUPLICATE, f"same text as story {first}")
        item, signature = self.session.compare(item, self.threshold)
        if item.duplicate_of is not None:
            self.count("articles/near_duplicates")
            self.session.repeats[item.source or "unknown"] += 1
            if self.drop_near and before is None:
                self.session.add_alias(item, item.duplicate_of, item.similarity or 0.0)
                near = f"nearly the same text as story {item.duplicate_of}"
                return _Reason(ArticleVerdict.NEAR_DUPLICATE, near)
        if not self.session.begin_revision(item, signature):
            return _Reason(ArticleVerdict.ELSEWHERE, f"another run is writing story {item.id}")
        return item

    def _drop(self, item: Article, reason: _Reason) -> NoReturn:
        if reason.verdict is None:
            self.count("articles/repeated")
        else:
            self.run.articles.decide(item.id, reason.verdict, url=item.url)
        if reason.verdict in (ArticleVerdict.DUPLICATE, ArticleVerdict.NEAR_DUPLICATE):
            logger.info("Not written, %s: %s", reason.sentence, item.url)
        raise DropItem(reason.sentence, log_level="DEBUG")


class _Reason(NamedTuple):
    """Why an article is not written.

    :param verdict: ``None`` where the run has written the story already.
    """

    verdict: ArticleVerdict | None
    sentence: str
