"""Keeps recorder of a run for its manifest: what was asked for, what came, what was written."""

from __future__ import annotations

import contextlib
import hashlib
import logging
import platform
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import fields, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import scrapy
from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.settings import SETTINGS_PRIORITIES, BaseSettings

from peoplesdaily import __version__
from peoplesdaily.items import Article
from peoplesdaily.runs.exit_codes import ExitCode
from peoplesdaily.runs.failures import kind_of
from peoplesdaily.runs.manifest import (
    RUNNING,
    Articles,
    Bytes,
    Check,
    Coverage,
    Failure,
    File,
    Manifest,
    Requests,
    Section,
    Verdicts,
)
from peoplesdaily.runs.manifest_files import ManifestError, manifest_path, read_manifest
from peoplesdaily.runs.monitoring.history import History
from peoplesdaily.runs.notes import RunNotes
from peoplesdaily.runs.stats import figures
from peoplesdaily.runs.verdicts import ArticleVerdict, Books, ListVerdict
from peoplesdaily.storage import feed_files
from peoplesdaily.storage.feeds import item_unwritten
from peoplesdaily.storage.index import CorpusIndexError
from peoplesdaily.storage.index.reconcile import Found
from peoplesdaily.storage.index.session import Session, SessionHolder, find_holder
from peoplesdaily.utils.atomic_files import OutputError, explain
from peoplesdaily.utils.redaction import Redactor, masked, secrets_of

logger = logging.getLogger(__name__)

# Fields that every record has say nothing of a template.
_ALWAYS = frozenset(
    {
        *("id", "url", "title", "published_on", "language", "pages", "template", "content_hash"),
        *("revision", "crawled_at", "schema_version", "section", "sections"),
        *("duplicate_of", "similarity"),
    }
)
_MOST_EXAMPLES = 3
FIELDS = tuple(field.name for field in fields(Article) if field.name not in _ALWAYS)
"""Fields whose coverage is counted."""


class RunRecorder:
    """A run's recorder.

    :ivar manifest: what is known so far.
    :ivar checks: what the monitors found.
    :ivar history: the earlier runs that the monitors compared this one with.
    """

    def __init__(self, manifest: Manifest, session: Session, *, records: bool = True) -> None:
        self.records = records
        self.notes = RunNotes()
        self.history = History()
        self.manifest = manifest
        self.session = session
        self.checks: list[Check] = []
        self._started = time.monotonic()
        self._templates: Counter[str] = Counter()
        self._new_by_section: Counter[str] = Counter()
        self._fields: dict[str, Counter[str]] = {}
        self._fields_by_section: dict[str, Counter[str]] = {}
        self._files: list[Path] = []
        self._lacking: dict[tuple[str, str], list[str]] = {}

    @classmethod
    def begin(
        cls,
        session: Session,
        settings: BaseSettings,
        *,
        command: str,
        spider: str,
        sections: tuple[str, ...],
        arguments: dict[str, str],
        records: bool = True,
    ) -> RunRecorder:
        """Open the recorder of a run that starts, and leave its manifest where it keeps an index.

        :raises OSError: the manifest cannot be written.
        """
        redact = Redactor(secrets_of(settings))
        manifest = Manifest.begin(
            command=command,
            spider=spider,
            at=datetime.now(UTC),
            sections=sections,
            arguments=_masked(arguments, redact),
            settings=_masked(_given(settings), redact),
            versions={
                "peoplesdaily": __version__,
                "scrapy": scrapy.__version__,
                "python": platform.python_version(),
            },
            incremental=session.keeps,
        )
        recorder = cls(replace(manifest, run=session.run), session, records=records)
        # Runs with -o or -O hold no lock, so later runs cannot mark them killed.
        if session.keeps:
            recorder.write()
        return recorder

    def write(self) -> None:
        """:raises OutputError: the manifest cannot be written."""
        if not self.records:
            return
        path = manifest_path(self.session.output, self.manifest.run)
        try:
            self.manifest.write(path)
        except OSError as error:
            raise OutputError(explain(error, path)) from error

    def watch(self, crawler: Crawler) -> None:
        """Take in what a crawl does from now on."""
        self._crawler = crawler
        crawler.signals.connect(self.item_scraped, signals.item_scraped)
        crawler.signals.connect(self.item_unwritten, item_unwritten)
        crawler.signals.connect(self.feed_slot_closed, signals.feed_slot_closed)

    def item_scraped(self, item: Any) -> None:
        """Count a record that is written."""
        if not isinstance(item, Article):
            return
        verdict = ArticleVerdict.WRITTEN if item.revision == 1 else ArticleVerdict.REVISED
        holder_of(self._crawler).articles.decide(item.id, verdict, url=item.url)
        self._templates[item.template] += 1
        if item.revision == 1:
            self._new_by_section.update(item.sections)
        covered = [name for name in FIELDS if getattr(item, name) not in (None, ())]
        groups = [self._fields.setdefault(item.template, Counter())]
        groups += [self._fields_by_section.setdefault(name, Counter()) for name in item.sections]
        for group in groups:
            group["articles"] += 1
            group.update(covered)
        for name in set(FIELDS).difference(covered):
            for where in (item.template, *item.sections):
                known = self._lacking.setdefault((where, name), [])
                if len(known) < _MOST_EXAMPLES:
                    known.append(item.url)

    def item_unwritten(self, item: Any) -> None:
        """Correct the verdict of an article that its feed could not take."""
        if isinstance(item, Article):
            holder_of(self._crawler).articles.correct(item.id, ArticleVerdict.UNWRITTEN)

    def lacking(self, where: str, name: str) -> list[str]:
        """Addresses of records of a section or template that were written without a field."""
        return self._lacking.get((where, name), [])

    @property
    def seconds(self) -> float:
        """How long the run has taken so far."""
        return time.monotonic() - self._started

    def feed_slot_closed(self, slot: Any) -> None:
        """Note a file that is finished."""
        path = getattr(slot.storage, "path", None)
        if slot.itemcount and path is not None and path not in self._files:
            self._files.append(path)

    def figures(self, crawler: Crawler) -> dict[str, Any]:
        """The manifest's counts of a crawl, by field."""
        assert crawler.stats
        stats = crawler.stats.get_stats()
        found = figures(stats)

        def ours(name: str) -> int:
            return int(stats.get(f"peoplesdaily/{name}", 0))

        spider: Any = crawler.spider
        holder = holder_of(crawler)
        statuses = _group(stats, "downloader/response_status_count/")
        failed: Counter[str] = Counter()
        for name, number in _group(stats, "downloader/exception_type_count/").items():
            failed[kind_of(name)] += number
        return {
            "finish_reason": stats.get("finish_reason"),
            "requests": Requests(
                total=int(stats.get("downloader/request_count", 0)),
                by_status=dict(sorted(statuses.items())),
                failed=dict(sorted(failed.items())),
            ),
            "bytes": Bytes(
                received=int(stats.get("downloader/response_bytes", 0)),
                sent=int(stats.get("downloader/request_bytes", 0)),
            ),
            "articles": Articles(
                new=found["written"] - found["revised"],
                revisions=found["revised"],
                duplicates=ours("articles/repeated"),
                aliases=ours("articles/duplicate") + ours("articles/near_duplicate"),
                near_duplicates=ours("articles/near_duplicates") - ours("articles/near_duplicate"),
                rejected=found["rejected"],
                failed=ours("articles/failed"),
                pending=self._count_pending(spider),
                incomplete=found["incomplete"],
                generic=found["generic"],
                not_an_article=ours("articles/not_an_article"),
                unknown_template=found["unknown"],
                stored=ours("articles/listed/stored"),
            ),
            "verdicts": Verdicts(
                articles_asked=holder.articles.asked,
                articles=holder.articles.totals(),
                by_section=holder.articles.by_section(),
                lists_asked=holder.lists.asked,
                lists=holder.lists.totals(),
            ),
            "templates": dict(sorted(self._templates.items())),
            "by_section": self._by_section(holder.notes.sections),
            "fields": _coverage(self._fields),
            "fields_by_section": _coverage(self._fields_by_section),
            "duplicates_by_source": dict(sorted(self.session.repeats.items())),
            "failures": tuple(
                Failure(url=failure.url, kind=failure.kind, reason=failure.reason)
                for failure in holder.notes.failures
            ),
            "monitors": tuple(self.checks),
        }

    def finish(
        self, crawler: Crawler | None, outcome: ExitCode, problems: tuple[str, ...]
    ) -> Manifest:
        """Close the recorder.

        :param crawler: ``None`` where no crawl has begun.
        :raises OSError: the manifest cannot be written.
        """
        found = self.figures(crawler) if crawler and crawler.stats and crawler.spider else {}
        self.manifest = self.manifest.finish(
            at=datetime.now(UTC),
            seconds=self.seconds,
            exit_code=outcome.code,
            outcome=outcome.name,
            problems=problems,
            files=tuple(_file(self.session.output, path) for path in self._files if path.is_file()),
            **found,
        )
        self.write()
        return self.manifest

    def _count_pending(self, spider: Any) -> int:
        if not self.session.keeps:
            return 0
        try:
            return self.session.index.pending.count(spider.name, self.manifest.sections)
        except CorpusIndexError:
            return 0

    def _by_section(self, counts: Mapping[str, Counter[str]]) -> dict[str, Section]:
        names = dict.fromkeys((*self.manifest.sections, *counts))
        return {
            name: Section(
                **{
                    key: counts.get(name, Counter())[key]
                    for key in ("listed", "lists_read", "lists_unchanged", "lists_failed")
                },
                new=self._new_by_section[name],
                newest=self._newest(name),
            )
            for name in names
        }

    def _newest(self, section: str) -> str | None:
        try:
            newest = self.session.index.articles.newest(section)
        except CorpusIndexError:
            return None
        # A page that prints no time is taken for one of its day's first moment.
        return f"{newest}T00:00:00+08:00" if newest and "T" not in newest else newest


def _file(output: Path, path: Path) -> File:
    digest, lines, size = hashlib.sha256(), 0, 0
    with path.open("rb") as file:
        while chunk := file.read(1 << 20):
            digest.update(chunk)
            lines += chunk.count(b"\n")
            size += len(chunk)
    if feed_files.uncompressed(path) != path:
        # A name alone compresses nothing.
        with contextlib.suppress(*feed_files.UNREADABLE):
            lines = sum(1 for _ in feed_files.lines(path))
    name = path.relative_to(output) if path.is_relative_to(output) else path
    return File(path=str(name), lines=lines, bytes=size, sha256=digest.hexdigest())


def mark_killed(output: Path, found: Found) -> None:
    """Say in the manifests of runs that died that they did, and what was salvaged of them."""
    for run in found.dead_runs:
        path = manifest_path(output, run)
        try:
            manifest = read_manifest(path)
            if manifest.state == RUNNING:
                files = [_file(output, made) for made in found.rescued.get(str(manifest.pid), ())]
                manifest.kill(tuple(files)).write(path)
        except (ManifestError, OSError) as error:
            logger.warning("Manifest of the run %s that died: %s", run, error)


def _masked(values: Mapping[str, Any], redact: Redactor) -> dict[str, str]:
    """Settings or arguments without what is secret in them."""
    return {name: redact(str(masked(value, name))) for name, value in values.items()}


def _given(settings: BaseSettings) -> dict[str, Any]:
    """Settings of the command line."""
    return {
        name: settings[name]
        for name in sorted(settings)
        if settings.getpriority(name) == SETTINGS_PRIORITIES["cmdline"]
        and name not in ("FEEDS", "INCREMENTAL")
    }


def _group(stats: dict[str, Any], prefix: str) -> dict[str, int]:
    return {
        name.removeprefix(prefix): int(number)
        for name, number in stats.items()
        if name.startswith(prefix)
    }


def _coverage(groups: dict[str, Counter[str]]) -> dict[str, Coverage]:
    return {
        name: Coverage(
            articles=group["articles"], covered={field: group[field] for field in FIELDS}
        )
        for name, group in sorted(groups.items())
    }


class RunHolder(SessionHolder):
    """An add-on that holds a crawl's run.

    :ivar recorder: keeps the run's manifest; ``None`` for a crawl that only looks.
    :ivar notes: what the spider notes about the run.
    :ivar articles: the articles that the run asks for, and their verdicts.
    :ivar lists: the list pages, likewise.
    """

    recorder: RunRecorder | None = None

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.notes = RunNotes()
        self.articles: Books[ArticleVerdict] = Books("articles", self._count)
        self.lists: Books[ListVerdict] = Books("lists", self._count)

    def _count(self, name: str, number: int) -> None:
        self.crawler.stats.inc_value(f"peoplesdaily/{name}", number)


def holder_of(crawler: Crawler) -> RunHolder:
    """The add-on that holds a crawl's run, its notes and its books.

    :raises CorpusIndexError: there is none.
    """
    return find_holder(crawler, RunHolder)


def recorder_of(crawler: Crawler) -> RunRecorder | None:
    """The recorder of a crawl, ``None`` where it has opened no run."""
    holder = crawler.get_addon(RunHolder)
    return holder.recorder if holder else None
