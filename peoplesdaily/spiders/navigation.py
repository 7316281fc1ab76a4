"""Finding lists through the navigation of the front page."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from scrapy import Request
from scrapy.http import Response
from twisted.python.failure import Failure as TwistedFailure

from peoplesdaily import parsers
from peoplesdaily.parsers import PageError
from peoplesdaily.runs.failures import describe
from peoplesdaily.site.editions import ENGLISH
from peoplesdaily.site.sections import Section
from peoplesdaily.spiders.base import StorySpider
from peoplesdaily.spiders.responses import page_text

LIST_PRIORITY = 10


def list_key(section: Section, url: str, *, by_navigation: bool = False) -> str:
    """What the run's books call a page of a section's list.

    :param by_navigation: whether the navigation has led there; the page may then be asked for a
        second time.
    """
    return f"{section.name} {url}{' by navigation' if by_navigation else ''}"


class NavigationSpider(StorySpider):
    """A spider that finds lists whose address is unknown or gone."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._navigation: dict[str, str] | None = None
        self._awaiting_navigation: list[Section] = []

    def list_request(self, section: Section, url: str, **more: Any) -> Request:
        """The request for a page of a section's list."""
        raise NotImplementedError

    def page_lost(self, key: str, section: Section, url: str, reason: str, kind: str) -> None:
        """Give a list page that could not be fetched or read its verdict, and log it."""
        raise NotImplementedError

    def by_navigation(self, section: Section, why: str) -> Iterator[Request]:
        """Find a section's list by its label in the navigation of the front page."""
        self.logger.info("Section %s is looked up in the site's navigation: %s", section.name, why)
        self.count("lists/by_navigation")
        if self._navigation is not None:
            yield from self._follow_label(section)
            return
        self._awaiting_navigation.append(section)
        if len(self._awaiting_navigation) == 1:
            yield Request(
                ENGLISH.home,
                callback=self.parse_navigation,
                errback=self.navigation_failed,
                priority=LIST_PRIORITY,
                dont_filter=True,
            )

    def parse_navigation(self, response: Response) -> Iterator[Request]:
        """Read the front page's navigation for the sections that wait for it."""
        try:
            self._navigation = parsers.parse_navigation(page_text(response), response.url)
        except PageError as error:
            self._navigation = {}
            self.logger.error("Navigation not read: %s: %s", response.url, error.reason)
        waiting, self._awaiting_navigation = self._awaiting_navigation, []
        for section in waiting:
            yield from self._follow_label(section)

    def navigation_failed(self, failure: TwistedFailure) -> None:
        """Count the lists that needed a front page that could not be fetched."""
        found = describe(failure.value)
        waiting, self._awaiting_navigation = self._awaiting_navigation, []
        for section in waiting:
            key = list_key(section, ENGLISH.home, by_navigation=True)
            self.page_lost(key, section, ENGLISH.home, found.sentence, found.kind)

    def _follow_label(self, section: Section) -> Iterator[Request]:
        for label, url in (self._navigation or {}).items():
            if section.is_called(label):
                self.logger.info("Navigation: %s is %r, %s", section.name, label, url)
                yield self.list_request(section, url, by_navigation=True)
                return
        labels = ", ".join(section.labels)
        key = list_key(section, ENGLISH.home, by_navigation=True)
        self.page_lost(key, section, ENGLISH.home, f"no navigation label {labels}", "no_label")
