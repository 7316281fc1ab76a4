"""Fetch given articles."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from peoplesdaily import urls
from peoplesdaily.pages import ListedArticle
from peoplesdaily.spiders.arguments import ArgumentError, article_urls, known_only
from peoplesdaily.spiders.base import StorySpider


class ArticleSpider(StorySpider):
    """Fetch the articles at given addresses.

    Arguments (``-a``): ``url``, an address or several separated by commas; ``urls_file``, a text
    file with one address a line. Any address form of a story will do, any of its pages too.
    """

    name = "article"

    def __init__(self, url: str | None = None, urls_file: str | None = None, **other: Any) -> None:
        known_only(other, "url and urls_file")
        super().__init__(**other)
        self.stories: dict[str, urls.ArticleAddress] = {}
        for given in article_urls(url, urls_file):
            address = urls.article(given)
            if address is None:
                raise ArgumentError(
                    f"{given!r} is no address of an article of People's Daily Online"
                )
            self.stories.setdefault(address.id, address)

    async def start(self) -> AsyncIterator[Any]:
        """Ask for every story once."""
        self.offer([ListedArticle(address, "", None) for address in self.stories.values()])
        for id_ in set(self.stories) - set(self._listed_in):
            known = self.session.latest(id_)
            why = "stored already" if known else "gone, owed and not due yet, or another's text"
            self.logger.info("Article %s is not asked for: %s; -O FILE fetches it", id_, why)
        for request in self.release():
            yield request
