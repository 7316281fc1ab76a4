"""``scrapy crawl``: Scrapy's own, with clear refusals and a meaningful exit code."""

from __future__ import annotations

import argparse
import gc
import sys
from itertools import groupby
from textwrap import fill

from scrapy.commands import ScrapyHelpFormatter, crawl
from scrapy.exceptions import UsageError
from scrapy.spiderloader import get_spider_loader

from peoplesdaily.extensions import limits
from peoplesdaily.runs.exit_codes import INTERRUPTED
from peoplesdaily.runs.lifecycle import Run
from peoplesdaily.runs.monitoring.alerts import AlertSender
from peoplesdaily.runs.run_settings import RunRefusedError, choose_index
from peoplesdaily.spiders.arguments import ArgumentError, arguments_of, require
from peoplesdaily.storage import feed_options
from peoplesdaily.utils import event_loop
from peoplesdaily.utils.interrupts import Interrupted, breakable, unbroken
from peoplesdaily.utils.suggestions import did_you_mean

_INDENT = " " * 24


class HelpFormatter(ScrapyHelpFormatter, argparse.RawDescriptionHelpFormatter):
    """Scrapy's help, with an epilog whose lines stay as they are."""


class Command(crawl.Command):
    """Check everything before the first request; end with the run's exit code."""

    dry_run = False
    _sections: list[str]

    @property
    def _name(self) -> str:
        return str(self.__module__).rpartition(".")[2]

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.formatter_class = HelpFormatter
        parser.epilog = self._argument_help()

    def spider_names(self, known: list[str]) -> list[str]:
        """The spiders that this command runs, of those that there are."""
        return sorted(known)

    def _argument_help(self) -> str:
        """The arguments of each spider, as the spiders read them."""
        assert self.settings is not None
        loader = get_spider_loader(self.settings)
        groups: dict[tuple[tuple[str, str], ...], list[str]] = {}
        for name in self.spider_names(loader.list()):
            arguments = tuple(arguments_of(loader.load(name)).items())
            groups.setdefault(arguments, []).append(name)
        parts = []
        for arguments, names in groups.items():
            parts.append(fill(f"Arguments of {', '.join(names)}:", 90))
            for text, same in groupby(arguments, key=lambda argument: argument[1]):
                flags = f"-a {', '.join(f'{name}=' for name, _ in same)}".ljust(22)
                parts.append(fill(flags + text, 90, initial_indent="  ", subsequent_indent=_INDENT))
            parts.append("")
        return "\n".join(parts)

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        append, overwrite = opts.output, opts.overwrite_output
        opts.output = opts.overwrite_output = None
        super().process_options(args, opts)
        assert self.settings is not None
        if append or overwrite:
            feeds = feed_options.cli_feeds(self.settings, append, overwrite)
            self.settings.set("FEEDS", feeds, priority="cmdline")
        try:
            choose_index(self.settings, own_files=bool(append or overwrite))
        except RunRefusedError as refusal:
            raise UsageError(str(refusal), print_help=False) from None
        # Here, before Scrapy builds and logs anything: the answer to a slip is one sentence.
        self._check(args, opts)
        event_loop.choose_event_loop(self.settings)

    def _check(self, args: list[str], opts: argparse.Namespace) -> None:
        if len(args) != 1:
            raise UsageError
        assert self.settings is not None
        if not str(self.settings["OUTPUT_DIR"] or "").strip():
            raise UsageError("OUTPUT_DIR is empty; give it a folder", print_help=False)
        loader = get_spider_loader(self.settings)
        try:
            spider = loader.load(args[0])
        except KeyError:
            known = ", ".join(sorted(loader.list()))
            raise UsageError(
                f"there is no spider {args[0]!r}; known are {known}."
                f"{did_you_mean(args[0], loader.list())}",
                print_help=False,
            ) from None
        try:
            built = spider(**opts.spargs)
            require(built)
            self._sections = [section.name for section in getattr(built, "sections", ())]
            limits.check(self.settings)
            AlertSender.of(self.settings)
            feed_options.check_corpus(
                self.settings, args[0], incremental=self.settings.getbool("INCREMENTAL")
            )
        except (ArgumentError, limits.SettingError, ValueError) as error:
            raise UsageError(str(error), print_help=False) from None

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        # Signals wait where an interrupt would leave a manifest without its run.
        with unbroken(then_raise=False):
            self._run(args[0], opts)

    def _run(self, spider: str, opts: argparse.Namespace) -> None:
        assert self.settings is not None and self.crawler_process
        try:
            run = Run.open(
                self.settings,
                spider,
                command=self._name,
                sections=self._sections,
                arguments=opts.spargs,
                dry_run=self.dry_run,
            )
        except RunRefusedError as refusal:
            print(f"scrapy {self._name}: error: {refusal}", file=sys.stderr)
            self.exitcode = refusal.exit_code.code
            return
        except Interrupted:
            self.exitcode = INTERRUPTED.code
            return
        with run.until_closed():
            try:
                with breakable():
                    # Imported code stays: the collector need not look through it with every page.
                    gc.collect()
                    gc.freeze()
                    crawler = self._create_crawler(spider)
                event_loop.run(self.crawler_process, crawler, _run=run, **opts.spargs)
            except Interrupted:
                run.close(interrupted=True)
            self.exitcode = run.close().code
