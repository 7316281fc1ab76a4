"""``scrapy crawl``, Scrapy's own, with clear refusals and an exit code that can be trusted."""

from __future__ import annotations

import argparse
import gc
import sys

from scrapy import Spider
from scrapy.commands import crawl
from scrapy.crawler import Crawler
from scrapy.exceptions import UsageError
from scrapy.spiderloader import get_spider_loader
from scrapy.statscollectors import StatsCollector

from peoplesdaily import feeds, files
from peoplesdaily.eventloop import choose_event_loop
from peoplesdaily.extensions import figures, output_failed
from peoplesdaily.index import IndexProblem
from peoplesdaily.index.session import SectionHeld, Session, attach
from peoplesdaily.spiders.arguments import ArgumentError

HELD = 75
"""Exit code of a run whose section another run holds (``EX_TEMPFAIL``: try again later)."""

# Scrapy's own limits, set by the user, end a run as asked.
_WHOLE = ("finished", "closespider_itemcount", "closespider_pagecount", "closespider_timeout")


class Command(crawl.Command):
    """Check everything that can be checked before the first request; say at the end how it went."""

    _crawler: Crawler | None = None  # type: ignore[assignment]
    _session: Session

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        append, overwrite = opts.output, opts.overwrite_output
        opts.output = opts.overwrite_output = None
        super().process_options(args, opts)
        if append or overwrite:
            assert self.settings is not None
            self.settings.set(
                "FEEDS", feeds.cli_feeds(self.settings, append, overwrite), priority="cmdline"
            )
        self._choose_index(own_files=bool(append or overwrite))

        # Here, before Scrapy builds and logs anything: the answer to a slip is one sentence.
        self._check(args, opts)
        assert self.settings is not None
        choose_event_loop(self.settings)

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        assert self.settings is not None
        try:
            feeds.check_outputs(self.settings, args[0])
            self._session = Session.open(
                self.settings, args[0], self._sections, keeps=self.settings["INCREMENTAL"]
            )
        except SectionHeld as error:
            self._refuse(error, HELD)
            return
        except (files.OutputError, IndexProblem) as error:
            self._refuse(error, 1)
            return
        # What was imported stays: the collector need not look through it with every page.
        gc.collect()
        gc.freeze()
        try:
            super().run(args, opts)
        finally:
            self._session.close()
        if self._crawler is not None and self._crawler.stats and _failed(self._crawler.stats):
            self.exitcode = 1

    def _refuse(self, error: Exception, code: int) -> None:
        print(f"scrapy crawl: error: {error}", file=sys.stderr)
        self.exitcode = code

    def _create_crawler(self, spidercls: type[Spider] | str) -> Crawler:
        self._crawler = super()._create_crawler(spidercls)
        attach(self._crawler, self._session)
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
        loader = get_spider_loader(self.settings)
        try:
            spider = loader.load(args[0])
        except KeyError:
            known = ", ".join(sorted(loader.list()))
            raise UsageError(f"there is no spider {args[0]!r}; known are {known}") from None
        try:
            built = spider(**opts.spargs)
            self._sections = [section.name for section in getattr(built, "sections", ())]
        except ArgumentError as error:
            raise UsageError(str(error), print_help=False) from None


def _failed(stats: StatsCollector) -> bool:
    """Whether the run failed: it ended early, lost output, or met failures and wrote nothing.

    Nothing new on a healthy site is no failure.
    """
    found = figures(stats)
    trouble = found["failed"] + found["rejected"] + found["lost_lists"] + found["errors"]
    return (
        output_failed(stats)
        or stats.get_value("finish_reason") not in _WHOLE
        or (trouble > 0 and found["written"] == 0)
    )
