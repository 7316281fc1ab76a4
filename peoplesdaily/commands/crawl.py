"""``scrapy crawl``, Scrapy's own, with clear refusals and an exit code that can be trusted."""

from __future__ import annotations

import argparse
import contextlib
import gc
import logging
import sys
from pathlib import Path

from scrapy import Spider
from scrapy.commands import crawl
from scrapy.crawler import Crawler
from scrapy.exceptions import UsageError
from scrapy.spiderloader import get_spider_loader

from peoplesdaily.extensions import limits
from peoplesdaily.runs import manifest
from peoplesdaily.runs.exit_codes import HELD, INTERRUPTED, MONITOR, OK, OUTPUT, ExitCode, judge
from peoplesdaily.runs.monitoring import monitors
from peoplesdaily.runs.monitoring.alerts import Actions, to_tell
from peoplesdaily.runs.monitoring.metrics import write_metrics
from peoplesdaily.runs.recorder import RunRecorder, mark_killed
from peoplesdaily.spiders.arguments import ArgumentError
from peoplesdaily.storage import feed_options
from peoplesdaily.storage.index import CorpusIndexError
from peoplesdaily.storage.index.session import SectionHeldError, Session, attach
from peoplesdaily.utils import event_loop
from peoplesdaily.utils.atomic_files import OutputError, explain
from peoplesdaily.utils.interrupts import Interrupted, breakable, unbroken

logger = logging.getLogger(__name__)


class Command(crawl.Command):
    """Check everything that can be checked before the first request; say at the end how it went."""

    _crawler: Crawler | None = None  # type: ignore[assignment]
    _session: Session
    _account: RunRecorder
    _sections: list[str]

    @property
    def _name(self) -> str:
        return str(self.__module__).rpartition(".")[2]

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        append, overwrite = opts.output, opts.overwrite_output
        opts.output = opts.overwrite_output = None
        super().process_options(args, opts)
        assert self.settings is not None
        if append or overwrite:
            self.settings.set(
                "FEEDS",
                feed_options.cli_feeds(self.settings, append, overwrite),
                priority="cmdline",
            )
        # A table or a file elsewhere is one's own, too: the index could not read it back.
        own_files = bool(append or overwrite) or not feed_options.keeps_records(self.settings)
        self._choose_index(own_files=own_files)

        # Here, before Scrapy builds and logs anything: the answer to a slip is one sentence.
        self._check(args, opts)
        event_loop.choose_event_loop(self.settings)

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        # A signal is minded where the run says so, lest it leave a manifest without its run.
        with unbroken(then_raise=False):
            self._run(args[0], opts)

    def _run(self, spider: str, opts: argparse.Namespace) -> None:
        try:
            self._open(spider, opts)
        except SectionHeldError as error:
            self._refuse(spider, opts, HELD, str(error))
            return
        except (OSError, CorpusIndexError) as error:
            self._refuse(spider, opts, OUTPUT, _sentence(error))
            return
        except Interrupted:
            self.exitcode = INTERRUPTED.code
            self._put_on_record(spider, opts, INTERRUPTED, INTERRUPTED.meaning)
            return
        told = False
        try:
            with breakable():
                # What was imported stays: the collector need not look through it with every page.
                gc.collect()
                gc.freeze()
                crawler = self._create_crawler(spider)
            assert self.crawler_process
            event_loop.run(self.crawler_process, crawler, **opts.spargs)
            told = self._end()
        except Interrupted:
            self.exitcode = INTERRUPTED.code
            told = self._close(INTERRUPTED, (INTERRUPTED.meaning,))
        finally:
            # A manifest that still says "running" is for the next run to put right.
            self._session.close(on_record=not told)

    def _open(self, spider: str, opts: argparse.Namespace) -> None:
        """Open what the run writes to.

        :raises SectionHeldError: another run is at it.
        :raises OSError: it cannot be written.
        :raises CorpusIndexError: the index cannot be used.
        :raises Interrupted: somebody ends the run, while files and index are brought in line.
        """
        assert self.settings is not None
        keeps = self.settings["INCREMENTAL"]
        feed_options.check_outputs(self.settings, spider)
        self._session = Session.open(
            self.settings, spider, self._sections, keeps=keeps, looks=self.looks(opts)
        )
        try:
            mark_killed(self._session.output, self._session.found)
            self._recorder = self._begin(self._session, spider, opts)
        except BaseException:
            self._session.close()
            raise

    def looks(self, opts: argparse.Namespace) -> bool:
        """Whether a run that keeps nothing still leaves out what is known."""
        return False

    def _begin(self, session: Session, spider: str, opts: argparse.Namespace) -> RunRecorder:
        assert self.settings is not None
        return RunRecorder.begin(
            session,
            self.settings,
            command=self._name,
            spider=spider,
            sections=tuple(self._sections),
            arguments=opts.spargs,
        )

    def _refuse(
        self, spider: str, opts: argparse.Namespace, outcome: ExitCode, sentence: str
    ) -> None:
        """End before anything has begun; the refusal is on record if it can be."""
        print(f"scrapy {self._name}: error: {sentence}", file=sys.stderr)
        self.exitcode = outcome.code
        self._put_on_record(spider, opts, outcome, sentence)

    def _put_on_record(
        self, spider: str, opts: argparse.Namespace, outcome: ExitCode, sentence: str
    ) -> None:
        assert self.settings is not None
        with contextlib.suppress(OSError, CorpusIndexError):
            session = Session.unopened(self.settings, spider)
            self._begin(session, spider, opts).finish(None, outcome, (sentence,))
            session.close()

    def _end(self) -> bool:
        """Say how the run went: exit code, log, manifest; whether the manifest could be written."""
        assert self.settings is not None
        stats = self._crawler.stats.get_stats() if self._crawler and self._crawler.stats else {}
        outcome, sentence = judge(stats, self.settings)
        monitors.complete(self._recorder, self.settings)
        unusual = [check for check in self._recorder.checks if not check.passed]
        if outcome is OK and unusual:
            outcome, sentence = MONITOR, "; ".join(check.message for check in unusual)
        problems = () if outcome is OK else (sentence,)
        told = self._close(outcome, problems)
        if not told:
            outcome, sentence = OUTPUT, OUTPUT.meaning
        for check in unusual:
            at = f"; see {', '.join(check.examples)}" if check.examples else ""
            logger.error("Monitor %s: %s%s", check.monitor, check.message, at)
        self._tell()
        if outcome is not OK:
            logger.error(
                "Exit code %d (%s): %s; %s", outcome.code, outcome.name, sentence, outcome.remedy
            )
        self.exitcode = outcome.code
        return told

    def _tell(self) -> None:
        """Say to others how the run went; what fails here changes nothing but the log."""
        assert self.settings is not None
        run, output = self._recorder.manifest, self._session.output
        if not run.incremental:
            return
        if textfile := str(self.settings["PROMETHEUS_TEXTFILE"] or ""):
            try:
                write_metrics(textfile, run)
            except OSError as error:
                logger.error("PROMETHEUS_TEXTFILE: %s", explain(error, Path(textfile)))
        actions = Actions.of(self.settings)
        told = to_tell(run, monitors.compared_with(self._recorder), actions.remind)
        actions.run(told, run, manifest.path(output, run.run))

    def _close(self, outcome: ExitCode, problems: tuple[str, ...]) -> bool:
        """Put the end on record; whether the manifest could be written."""
        try:
            self._close_recorder(outcome, problems)
        except OSError as error:
            logger.critical("The run's manifest is not written: %s", _sentence(error))
            return False
        return True

    def _close_recorder(self, outcome: ExitCode, problems: tuple[str, ...]) -> None:
        self._recorder.finish(self._crawler, outcome, problems)

    def _create_crawler(self, spidercls: type[Spider] | str) -> Crawler:
        self._crawler = super()._create_crawler(spidercls)
        attach(self._crawler, self._session)
        self._recorder.watch(self._crawler)
        return self._crawler

    def _choose_index(self, *, own_files: bool) -> None:
        """Settle whether this run is incremental."""
        assert self.settings is not None
        given = self.settings["INCREMENTAL"]
        incremental = not own_files if given is None else self.settings.getbool("INCREMENTAL")
        if not incremental and not own_files:
            raise UsageError(
                "INCREMENTAL=0 goes with -o or -O: the project's own files hold an article once",
                print_help=False,
            )
        self.settings.set("INCREMENTAL", incremental, priority="cmdline")

    def _check(self, args: list[str], opts: argparse.Namespace) -> None:
        if len(args) != 1:
            raise UsageError
        assert self.settings is not None
        try:
            Actions.of(self.settings)
        except ValueError as error:
            raise UsageError(str(error), print_help=False) from None
        if not str(self.settings["OUTPUT_DIR"] or "").strip():
            raise UsageError("OUTPUT_DIR is empty; give it a folder", print_help=False)
        loader = get_spider_loader(self.settings)
        try:
            spider = loader.load(args[0])
        except KeyError:
            known = ", ".join(sorted(loader.list()))
            raise UsageError(f"there is no spider {args[0]!r}; known are {known}") from None
        try:
            built = spider(**opts.spargs)
            self._sections = [section.name for section in getattr(built, "sections", ())]
            limits.check(self.settings)
            feed_options.check_corpus(
                self.settings, args[0], incremental=self.settings.getbool("INCREMENTAL")
            )
        except (ArgumentError, limits.SettingError) as error:
            raise UsageError(str(error), print_help=False) from None


def _sentence(error: BaseException) -> str:
    if isinstance(error, OSError) and not isinstance(error, OutputError):
        return explain(error, Path(error.filename or "the output folder"))
    return str(error)
