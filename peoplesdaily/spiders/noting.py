"""What a spider notes about its run for monitors, manifest and summary."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from scrapy import Spider
from scrapy.http import Response

from peoplesdaily.runs.notes import FailedPage
from peoplesdaily.site.sections import SECTIONS
from peoplesdaily.spiders.responses import asked_url
from peoplesdaily.storage.index.session import Session, session_of
from peoplesdaily.storage.raw_pages import keep_page
from peoplesdaily.utils.atomic_files import explain, output_dir

_MOST_FAILURES = 5


class NotingSpider(Spider):
    """A spider of a run, with counts and examples of what went wrong.

    :ivar failures: the first pages that could not be fetched or read.
    :ivar layouts: which markup listed a section's articles, by section.
    :ivar by_section: counts of the lists, by section: ``listed``, ``lists_read`` and so on.
    :ivar page_problems: addresses of pages that were not read as expected, by section and kind of
        problem, without those that earlier runs have reported.
    """

    def __init__(self, **arguments: Any) -> None:
        super().__init__(**arguments)
        self.failures: list[FailedPage] = []
        self.by_section: dict[str, Counter[str]] = {}
        self.layouts: dict[str, str] = {}
        self.page_problems: dict[tuple[str, str], list[str]] = {}

    @property
    def session(self) -> Session:
        """This run's use of the index."""
        return session_of(self.crawler)

    def count(self, name: str, number: int = 1) -> None:
        """Add to the statistic ``peoplesdaily/name``; docs/reading-a-run.md lists them all."""
        assert self.crawler.stats
        self.crawler.stats.inc_value(f"peoplesdaily/{name}", number)

    def note(self, section: str, name: str, number: int = 1) -> None:
        """Add to a count of one section."""
        self.by_section.setdefault(section, Counter())[name] += number

    def note_problem(self, sections: Iterable[str], kind: str, url: str) -> None:
        """Keep the address of a page of sections that was not read as expected."""
        for section in sections:
            self.page_problems.setdefault((section, kind), []).append(url)

    def note_failure(self, url: str, kind: str, reason: str, section: str | None = None) -> None:
        """Keep a failure as an example, a few of each section."""
        kept = sum(failure.section == section for failure in self.failures)
        if kept < _MOST_FAILURES:
            self.failures.append(FailedPage(url, kind, reason, section))

    def list_lost(self, name: str, url: str, reason: str, kind: str) -> None:
        """Count and log a list page that could not be fetched or read.

        :param name: which list it is, for the log.
        :param kind: short name of the reason, for statistics.
        """
        self.count("lists/failed")
        self.count(f"lists/failed/{kind}")
        self.note_failure(url, kind, reason, name if name in SECTIONS else None)
        self.logger.error("List of %s not read: %s: %s", name, url, reason)

    def keep_unknown(self, response: Response, id_: str) -> None:
        """Keep the raw page, from which a new template can be described."""
        folder = output_dir(self.settings) / "unknown" / id_
        try:
            keep_page(folder, response)
        except OSError as error:
            self.logger.error("Unknown template not kept: %s", explain(error, folder))
        else:
            self.logger.warning("Unknown template: %s, kept in %s", asked_url(response), folder)
