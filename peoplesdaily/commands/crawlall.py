"""``scrapy crawlall``: every section in one run, as ``scrapy crawl all`` with two more options."""

from __future__ import annotations

import argparse

from scrapy import Spider, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import UsageError

from peoplesdaily.commands import crawl
from peoplesdaily.spiders.all import AllSpider


class Command(crawl.Command):
    """One process, one rate, one summary; each article is fetched once over all sections."""

    def spider_names(self, known: list[str]) -> list[str]:
        return [AllSpider.name]

    def syntax(self) -> str:
        return "[options]"

    def short_desc(self) -> str:
        return "Crawl every section of the site in one run"

    def long_desc(self) -> str:
        return (
            "Reads the lists of all sections, or of those of -a sections=world,business, and "
            "fetches each article that is new once, with every section that lists it."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument(
            "--dry-run",
            action="store_true",
            help="read the lists and print section and address of what would be fetched; "
            "nothing is fetched, written or remembered",
        )
        parser.add_argument(
            "--sample", metavar="N", help="articles at most of each section, the first ones listed"
        )

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        if args:
            raise UsageError(
                "crawlall takes no section; use -a sections=world,business", print_help=False
            )
        self.dry_run = opts.dry_run
        if opts.sample is not None:
            opts.spargs = [*opts.spargs, f"sample={opts.sample}"]
        args.append(AllSpider.name)
        super().process_options(args, opts)
        if self.dry_run:
            assert self.settings is not None
            self.settings.set("INCREMENTAL", False, priority="cmdline")
            self.settings.set("FEEDS", {}, priority="cmdline")

    def _create_crawler(self, spidercls: type[Spider] | str) -> Crawler:
        crawler = super()._create_crawler(spidercls)
        if self.dry_run:
            crawler.signals.connect(self._look, signals.spider_opened)
            crawler.signals.connect(self._say, signals.spider_closed)
        return crawler

    def _look(self, spider: AllSpider) -> None:
        spider.dry_run = True

    def _say(self, spider: AllSpider) -> None:
        for story in spider.frontier.waiting:
            print(f"{story.section}\t{story.url}")
