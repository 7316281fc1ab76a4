"""``scrapy doctor``: is this machine fit to crawl, and is the site still what we think?"""

from __future__ import annotations

import argparse
import json

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError

from peoplesdaily.commands import _doctor_checks
from peoplesdaily.commands._doctor_checks import Finding
from peoplesdaily.runs.exit_codes import ERROR, EXIT_CODES, OK, UNREACHABLE
from peoplesdaily.site.sections import SECTIONS
from peoplesdaily.spiders.all import AllSpider
from peoplesdaily.spiders.arguments import ArgumentError
from peoplesdaily.spiders.listings import chosen_sections
from peoplesdaily.utils import event_loop, interrupts
from peoplesdaily.utils.atomic_files import output_dir


class Command(ScrapyCommand):
    """Crawl one list page and one article of every section, write nothing, print a table."""

    requires_project = True
    # The table says it; ``-L INFO`` shows the log of the requests.
    default_settings = {"LOG_ENABLED": False}  # noqa: RUF012 - as Scrapy's own commands do

    def syntax(self) -> str:
        return "[options]"

    def short_desc(self) -> str:
        return "Check this installation, and the site against what is known of it"

    def long_desc(self) -> str:
        return (
            "Checks installation, write access, disk, index, clock and robots.txt, then one list "
            "page and one article of every section. Nothing is written. The exit code is that of "
            "a crawl that fails in the same way; 0 means that all is well."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("--local", action="store_true", help="ask nothing of the site")
        parser.add_argument(
            "--sections", metavar="NAMES", help="only these sections, separated by commas"
        )
        parser.add_argument("--json", action="store_true", help="print a JSON object a line")

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        super().process_options(args, opts)
        if args:
            raise UsageError("doctor takes options only", print_help=False)
        try:
            if opts.sections is not None:
                chosen_sections("sections", opts.sections)
        except ArgumentError as error:
            raise UsageError(str(error), print_help=False) from None
        assert self.settings is not None
        # It looks and leaves no trace.
        self.settings.set("FEEDS", {}, priority="cmdline")
        # A person or a timer waits. Above the project's settings, below those of -s.
        self.settings.set("RETRY_TIMES", 1, priority=35)
        event_loop.choose_event_loop(self.settings)

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        assert self.settings is not None
        self._as_json = opts.json
        findings: list[Finding] = []
        for finding in _doctor_checks.machine(self.settings):
            findings.append(self._said(finding))
        if not opts.local:
            for finding in self._site(opts.sections):
                findings.append(self._said(finding))
        bad = [finding for finding in findings if finding.outcome is not OK]
        worst = min((f.outcome for f in bad), key=_URGENCY.index, default=OK)
        self.exitcode = worst.code
        if not opts.json:
            verdict = "all is well" if not bad else f"{len(bad)} to look at: {worst.name}"
            print(f"{len(findings)} checks, {verdict}")

    def _said(self, finding: Finding) -> Finding:
        if self._as_json:
            record = {
                "check": finding.what,
                "outcome": finding.outcome.name,
                "detail": finding.detail,
            }
            print(json.dumps(record, ensure_ascii=False), flush=True)
        else:
            mark = "ok" if finding.outcome is OK else finding.outcome.name.upper()
            print(f"{finding.what:<25} {mark:<12} {finding.detail}", flush=True)
        return finding

    def _site(self, sections: str | None) -> list[Finding]:
        assert self.crawler_process and self.settings is not None
        crawler = self.crawler_process.create_crawler(AllSpider)
        watcher = _doctor_checks.Watcher(crawler)
        names = sections or ",".join(SECTIONS)
        interrupted = event_loop.run(
            self.crawler_process, crawler, sections=names, sample="1", pages="1"
        )
        if interrupted:
            interrupts.end()
        if crawler.spider is None or crawler.stats is None:
            return [Finding("crawl", ERROR, f"did not start; see {output_dir(self.settings)}")]
        reason = crawler.stats.get_value("finish_reason")
        findings = list(watcher.findings())
        # What the breaker ends, the findings above say already.
        if reason not in ("finished", "site_down"):
            findings.append(Finding("crawl", UNREACHABLE, f"ended early: {reason}"))
        return findings


_URGENCY = [next(o for o in EXIT_CODES if o.code == code) for code in (73, 69, 76, 66, 1)]
