"""The life of a run: it opens, is watched, and closes the same way however Scrapy was started.

:class:`RunLifecycle`, an add-on, opens a run for each crawl: lock, index, manifest. When the crawl
has ended it closes the run: verdict, exit code, alerts. ``scrapy crawl`` opens its run itself, to
answer a refusal with one sentence, and hands it over as the spider argument ``_run``.
"""

from __future__ import annotations

import atexit
import contextlib
import logging
import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Self

from scrapy import Spider, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import CloseSpider, UsageError
from scrapy.settings import BaseSettings

from peoplesdaily.runs.exit_codes import (
    ERROR,
    HELD,
    INTERRUPTED,
    MONITOR,
    OK,
    OUTPUT,
    PLANNED_ENDS,
    USAGE,
    ExitCode,
    judge,
)
from peoplesdaily.runs.manifest_files import manifest_path
from peoplesdaily.runs.monitoring import extension
from peoplesdaily.runs.monitoring.alerts import AlertSender, alerts_of
from peoplesdaily.runs.monitoring.metrics import write_metrics
from peoplesdaily.runs.recorder import RunHolder, RunRecorder, mark_killed
from peoplesdaily.runs.run_settings import RunRefusedError, check_components, choose_index
from peoplesdaily.runs.verdicts import ArticleVerdict, ListVerdict
from peoplesdaily.storage import feed_options
from peoplesdaily.storage.index import CorpusIndexError, PendingArticle
from peoplesdaily.storage.index.session import SectionHeldError, Session
from peoplesdaily.utils.atomic_files import OutputError, explain
from peoplesdaily.utils.interrupts import Interrupted

logger = logging.getLogger(__name__)

_MOST_NAMED = 20


class Run:
    """One run: its session with the index, its recorder, its end.

    :ivar exit_code: how it ended; ``None`` while it runs.
    """

    def __init__(self, session: Session, recorder: RunRecorder | None, settings: BaseSettings):
        self.session = session
        self.recorder = recorder
        self.exit_code: ExitCode | None = None
        self._settings = settings
        self._crawler: Crawler | None = None
        self._started = False

    @classmethod
    def open(
        cls,
        settings: BaseSettings,
        spider: str,
        *,
        command: str,
        sections: Iterable[str] = (),
        arguments: Mapping[str, str] | None = None,
        dry_run: bool = False,
    ) -> Self:
        """Open what a run writes to: its files, the index, its manifest.

        :param sections: the sections whose lists it reads; no other run may read them meanwhile.
        :param dry_run: know what the corpus holds, write nothing.
        :raises RunRefusedError: it cannot begin; a manifest says why, where one can be written.
        :raises Interrupted: a signal came while files and index were reconciled.
        """
        names = tuple(sections)
        given = {"command": command, "sections": names, "arguments": dict(arguments or {})}
        try:
            return cls._open(settings, spider, names, given, dry_run=dry_run)
        except Interrupted:
            refusal = RunRefusedError(INTERRUPTED, INTERRUPTED.meaning)
            if not dry_run:
                _record_refusal(settings, spider, given, refusal)
            raise
        except RunRefusedError as refusal:
            if not dry_run and refusal.exit_code is not USAGE:
                _record_refusal(settings, spider, given, refusal)
            raise

    @classmethod
    def _open(
        cls,
        settings: BaseSettings,
        spider: str,
        sections: tuple[str, ...],
        given: dict[str, Any],
        *,
        dry_run: bool,
    ) -> Self:
        incremental = False if dry_run else choose_index(settings)
        if settings["JOBDIR"]:
            # Its queue and filter would hide from a run what the index says is due.
            raise RunRefusedError(
                USAGE,
                "JOBDIR is of no use here: the index remembers what is pending; to resume a run, "
                "run the same command again without JOBDIR",
            )
        try:
            check_components(settings, incremental=incremental)
            feed_options.check_corpus(settings, spider, incremental=incremental)
            feed_options.check_outputs(settings, spider)
            session = Session.open(settings, spider, sections, keeps=incremental, looks=dry_run)
        except UsageError as error:
            raise RunRefusedError(USAGE, str(error)) from error
        except SectionHeldError as error:
            raise RunRefusedError(HELD, str(error)) from error
        except (OSError, CorpusIndexError) as error:
            raise RunRefusedError(OUTPUT, sentence_of(error)) from error
        try:
            mark_killed(session.output, session.found)
            recorder = RunRecorder.begin(
                session, settings, spider=spider, records=not dry_run, **given
            )
        except BaseException as error:
            session.close()
            if isinstance(error, (OSError, CorpusIndexError)):
                raise RunRefusedError(OUTPUT, sentence_of(error)) from error
            raise
        return cls(session, recorder, settings)

    @classmethod
    def inspection(cls, settings: BaseSettings, name: str) -> Self:
        """A crawl that only looks (``scrapy shell``, ``fetch``, ``parse``): it stores nothing."""
        return cls(Session.unopened(settings, name), None, settings)

    def watch(self, crawler: Crawler) -> None:
        """Follow a crawl; the run closes when it has ended."""
        self._crawler = crawler
        self._settings = crawler.settings
        if self.recorder is not None:
            self.recorder.watch(crawler)
        crawler.signals.connect(self._engine_started, signals.engine_started)
        crawler.signals.connect(self._spider_opened, signals.spider_opened)

    def _engine_started(self) -> None:
        self._started = True

    def _spider_opened(self) -> None:
        # Connected last, so that all other components have had their say.
        assert self._crawler is not None
        self._crawler.signals.connect(self._spider_closed, signals.spider_closed)
        self._crawler.signals.connect(self._engine_stopped, signals.engine_stopped)

    def _spider_closed(self) -> None:
        # A crawl that is closed before its engine starts has no engine_stopped signal.
        if not self._started:
            self.close()

    def _engine_stopped(self) -> None:
        self.close()

    @contextlib.contextmanager
    def until_closed(self) -> Iterator[None]:
        """Let go of the run if it is left without a close: the next run marks it killed."""
        try:
            yield
        finally:
            if self.exit_code is None:
                self.session.close(on_record=True)

    def close(self, *, interrupted: bool = False) -> ExitCode:
        """Close the run, once: its verdict goes to manifest, log and alerts.

        :param interrupted: a signal ended it before the crawl began.
        :returns: how it ended, the first time and every time.
        """
        if self.exit_code is not None:
            return self.exit_code
        self.exit_code = OK
        recorded = False
        try:
            if self.recorder is not None:
                self.exit_code, recorded = self._close(self.recorder, interrupted=interrupted)
        except BaseException:
            self.exit_code = ERROR
            raise
        finally:
            # A manifest that still says "running" is for the next run to put right.
            self.session.close(on_record=self.recorder is not None and not recorded)
        return self.exit_code

    def _close(self, recorder: RunRecorder, *, interrupted: bool) -> tuple[ExitCode, bool]:
        found: list[Any] = []
        self._close_books(recorder)
        if interrupted:
            exit_code, sentence = INTERRUPTED, INTERRUPTED.meaning
        else:
            collector = self._crawler._stats if self._crawler else None
            stats = collector.get_stats() if collector else {}
            exit_code, sentence = judge(stats, self._settings)
            # A run that ends as planned before its first request has nothing to monitor.
            if self._started or stats.get("finish_reason") not in PLANNED_ENDS:
                extension.complete(recorder, self._settings)
            found = [check for check in recorder.checks if not check.passed]
            if exit_code is OK and found:
                exit_code, sentence = MONITOR, "; ".join(check.message for check in found)
        recorded = True
        try:
            recorder.finish(self._crawler, exit_code, () if exit_code is OK else (sentence,))
        except OSError as error:
            logger.critical("The run's manifest is not written: %s", sentence_of(error))
            exit_code, sentence, recorded = OUTPUT, OUTPUT.meaning, False
        if interrupted:
            return exit_code, recorded
        for check in found:
            at = f"; see {', '.join(check.examples)}" if check.examples else ""
            logger.error("Monitor %s: %s%s", check.monitor, check.message, at)
        self._alert(recorder)
        if exit_code is not OK:
            logger.error(
                "Exit code %d (%s): %s; %s",
                exit_code.code, exit_code.name, sentence, exit_code.remedy,
            )  # fmt: skip
        return exit_code, recorded

    def _close_books(self, recorder: RunRecorder) -> None:
        """Give what is left without a verdict its last one; such an article stays pending."""
        holder = self._crawler.get_addon(RunHolder) if self._crawler else None
        stats = self._crawler._stats if self._crawler else None
        if holder is None or stats is None:
            return
        finished = stats.get_value("finish_reason") == "finished"
        left = holder.articles.close(
            ArticleVerdict.NO_VERDICT if finished else ArticleVerdict.CUT_OFF
        )
        pages = holder.lists.close(ListVerdict.NO_VERDICT if finished else ListVerdict.CUT_OFF)
        if not finished:
            return
        urls = [entry.url for entry in left.values()] + [page.url for page in pages.values()]
        for url in urls[:_MOST_NAMED]:
            logger.error("No verdict: %s was asked for, and nothing came of it", url)
        name = recorder.manifest.spider
        for id_, entry in left.items():
            section = next(iter(entry.sections), None)
            self.session.failed_unless_stored(
                PendingArticle(id_, entry.url, name, section, "no_verdict", "no verdict")
            )

    def _alert(self, recorder: RunRecorder) -> None:
        """Report the run to the outside; a failure here changes nothing but the log."""
        run = recorder.manifest
        if not run.incremental:
            return
        if textfile := str(self._settings["PROMETHEUS_TEXTFILE"] or ""):
            try:
                write_metrics(textfile, run)
            except OSError as error:
                logger.error("PROMETHEUS_TEXTFILE: %s", explain(error, Path(textfile)))
        sender = AlertSender.of(self._settings)
        due = alerts_of(run, recorder.history, sender.remind)
        sender.send(due, run, manifest_path(self.session.output, run.run))


class RunLifecycle(RunHolder):
    """Add-on: open a run for each crawl, and close it when the crawl has ended.

    A crawl that cannot have a run is refused: it logs one sentence, asks the site for nothing,
    and the process ends with the sentence's exit code. Scrapy's commands that only look at a page
    (``shell``, ``fetch``, ``view``, ``parse``, ``check``) get a run that stores nothing.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self.refusal: RunRefusedError | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def update_settings(self, settings: BaseSettings) -> None:
        """Scrapy's hook: the spider is built, the engine and its components are not."""
        spider = self.crawler.spider
        name = spider.name if spider else "shell"
        run: Run | None = getattr(spider, "_run", None)
        if run is None and spider is not None and not is_inspection(spider, settings):
            run = self._open(spider, settings)
        if run is None:
            run = Run.inspection(settings, name)
            # What the spider yields must not enter the corpus.
            settings.set("FEEDS", {}, priority="cmdline")
        self.session, self.recorder = run.session, run.recorder
        if run.recorder is not None:
            self.notes = run.recorder.notes
        run.watch(self.crawler)

    def _open(self, spider: Spider, settings: BaseSettings) -> Run | None:
        try:
            if error := getattr(spider, "argument_error", None):
                raise RunRefusedError(USAGE, str(error))
            run = Run.open(
                settings,
                spider.name,
                command="script",
                sections=[section.name for section in getattr(spider, "sections", ())],
                arguments=getattr(spider, "arguments", {}),
            )
        except RunRefusedError as refusal:
            self.refusal = refusal
            _exit_with(refusal.exit_code)
            self.crawler.signals.connect(self._refuse, signals.spider_opened)
            return None
        _exit_with(run)
        return run

    def _refuse(self) -> None:
        refusal = self.refusal
        assert refusal is not None
        logger.critical(
            "The run is refused, exit code %d (%s): %s",
            refusal.exit_code.code, refusal.exit_code.name, refusal,
        )  # fmt: skip
        raise CloseSpider("refused")


def is_inspection(spider: Spider, settings: BaseSettings) -> bool:
    """Whether a crawl only looks: it has no feed, or one of Scrapy's commands starts it.

    ``fetch``, ``view``, ``parse`` and ``check`` put a ``start`` method of their own in the place
    of the spider's.
    """
    start = getattr(type(spider).start, "__module__", "")
    return start.startswith("scrapy.commands.") or not settings.getdict("FEEDS")


def sentence_of(error: BaseException) -> str:
    """One sentence for a person about output or an index that cannot be used."""
    if isinstance(error, OSError) and not isinstance(error, OutputError):
        return explain(error, Path(error.filename or "the output folder"))
    return str(error)


def _record_refusal(
    settings: BaseSettings, spider: str, given: dict[str, Any], refusal: RunRefusedError
) -> None:
    with contextlib.suppress(OSError, CorpusIndexError):
        session = Session.unopened(settings, spider)
        recorder = RunRecorder.begin(session, settings, spider=spider, **given)
        recorder.finish(None, refusal.exit_code, (str(refusal),))
        session.close()


# --- The exit code of a script ------------------------------------------------------------------

_runs: list[Run | ExitCode] = []


def _exit_with(run: Run | ExitCode) -> None:
    """Let this process end with the code of a run that no command of the project has opened.

    Python offers no other way: a script ends with 0 after ``process.start()``, whatever became of
    the crawl.
    """
    if not _runs:
        atexit.register(_exit)
    _runs.append(run)


def _exit() -> None:
    # A crawl that failed before its engine was built has not closed its run.
    ends = [run.close() if isinstance(run, Run) else run for run in _runs]
    failed = [end for end in ends if end is not OK]
    # An uncaught exception has its own code.
    if failed and not hasattr(sys, "last_value"):
        logging.shutdown()
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(OSError, ValueError, AttributeError):
                stream.flush()
        os._exit(failed[0].code)
