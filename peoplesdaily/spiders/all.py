"""Every section in one run."""

from __future__ import annotations

from typing import Any

from peoplesdaily.site.sections import SECTIONS
from peoplesdaily.spiders.arguments import known_only
from peoplesdaily.spiders.listings import ListSpider, chosen_sections


class AllSpider(ListSpider):
    """Read the lists of all sections in one run: each article once, with all its sections.

    Arguments (``-a``):

    - ``sections``: only these, separated by commas (``world,business``);
    - ``sample``: articles at most of each section, the first ones listed;
    - ``since``, ``until``: publication time, a day or ``3d``/``12h`` back from now, Beijing time;
    - ``pages``: list pages at most of each section; ``all`` reads every list to its end;
    - ``max_articles``: articles at most, the first ones listed;
    - ``recheck``: how far back stored articles are asked for again (``7d``), if they have changed.

    ``scrapy crawlall`` runs it.
    """

    name = "all"

    def __init__(
        self,
        sections: str | None = None,
        sample: str | None = None,
        since: str | None = None,
        until: str | None = None,
        pages: str | None = None,
        max_articles: str | None = None,
        recheck: str | None = None,
        **other: Any,
    ) -> None:
        known_only(other, type(self))
        super().__init__(since, until, pages, max_articles, recheck, sample, **other)
        self.sections = (
            list(SECTIONS.values()) if sections is None else chosen_sections("sections", sections)
        )
