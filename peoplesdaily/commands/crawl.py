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
from peoplesdaily.spiders.arguments import ArgumentError

# Scrapy's own limits, set by the user, end a run as asked.
_WHOLE = ("finished", "closespider_itemcount", "closespider_pagecount", "closespider_timeout")


class Command(crawl.Command):
    """Check everything that can be checked before the first request; say at the end how it went."""

    _crawler: Crawler | None = None  # type: ignore[assignment]

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        append, overwrite = opts.output, opts.overwrite_output
        opts.output = opts.overwrite_output = None
        super().process_options(args, opts)
        if append or overwrite:
            assert self.settings is not None
            self.settings.set(
                "FEEDS", feeds.cli_feeds(self.settings, append, overwrite), priority="cmdline"
            )

        # Here, before Scrapy builds and logs anything: the answer to a slip is one sentence.
        self._check(args, opts)
        assert self.settings is not None
        choose_event_loop(self.settings)

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        assert self.settings is not None
        try:
            feeds.check_outputs(self.settings, args[0])
        except files.OutputError as error:
            print(f"scrapy crawl: error: {error}", file=sys.stderr)
            self.exitcode = 1
            return
        # What was imported stays: the collector need not look through it with every page.
        gc.collect()
        gc.freeze()
        super().run(args, opts)
        if self._crawler is not None and self._crawler.stats and _failed(self._crawler.stats):
            self.exitcode = 1

    def _create_crawler(self, spidercls: type[Spider] | str) -> Crawler:
        self._crawler = super()._create_crawler(spidercls)
        return self._crawler

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
            spider(**opts.spargs)
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
