"""What a spider notes about its run for monitors, manifest and summary."""

from __future__ import annotations

from functools import cached_property

from scrapy import Spider
from scrapy.http import Response

from peoplesdaily.runs.failures import RUN_ENDS
from peoplesdaily.runs.recorder import RunHolder, holder_of
from peoplesdaily.runs.verdicts import ListVerdict
from peoplesdaily.site.sections import SECTIONS
from peoplesdaily.spiders.responses import asked_url
from peoplesdaily.storage.index.session import Session, session_of
from peoplesdaily.storage.raw_pages import keep_page
from peoplesdaily.utils.atomic_files import explain, output_dir

_UNRECOGNISED = ("unrecognised", "no_label")


class NotingSpider(Spider):
    """A spider that keeps its run's notes and books."""

    @property
    def session(self) -> Session:
        """This run's use of the index."""
        return session_of(self.crawler)

    @cached_property
    def run(self) -> RunHolder:
        """This crawl's run: notes, and the books of articles and list pages."""
        return holder_of(self.crawler)

    def count(self, name: str, number: int = 1) -> None:
        """Add to the statistic ``peoplesdaily/name``; docs/reading-a-run.md lists them all."""
        assert self.crawler.stats
        self.crawler.stats.inc_value(f"peoplesdaily/{name}", number)

    def list_lost(self, key: str, name: str, url: str, reason: str, kind: str) -> None:
        """Give a list page that could not be fetched or read its verdict, and log it.

        :param key: of the list page in the books.
        :param name: which list it is, for the log.
        :param kind: short name of the reason, for statistics.
        """
        verdict = ListVerdict.FAILED
        if kind in _UNRECOGNISED:
            verdict = ListVerdict.UNRECOGNISED
        elif kind == RUN_ENDS:
            verdict = ListVerdict.CUT_OFF
        self.run.lists.decide(key, verdict, kind if verdict is ListVerdict.FAILED else None, url)
        self.run.notes.failure(url, kind, reason, name if name in SECTIONS else None)
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
