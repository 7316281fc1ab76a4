"""Fetch given articles."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from typing import Any

from scrapy import Request
from twisted.python.failure import Failure as TwistedFailure

from peoplesdaily.parsers import ListedArticle
from peoplesdaily.runs.failures import describe
from peoplesdaily.site import urls
from peoplesdaily.spiders.arguments import NO_ADDRESS, ArgumentError, article_urls, known_only
from peoplesdaily.spiders.base import StorySpider
from peoplesdaily.storage.index.models import utc_now


class ArticleSpider(StorySpider):
    """Fetch the articles at given addresses.

    Arguments (``-a``):

    - ``url``: an address, or several separated by commas;
    - ``urls_file``: a text file with an address a line; ``#`` begins a comment.

    Any form of a story's address will do, and any of its pages.
    """

    name = "article"

    def __init__(self, url: str | None = None, urls_file: str | None = None, **other: Any) -> None:
        known_only(other, type(self))
        super().__init__(**other)
        self.stories: dict[str, urls.ArticleAddress] = {}
        if url is None and urls_file is None:
            self.argument_error = ArgumentError(NO_ADDRESS)
            return
        for given in article_urls(url, urls_file):
            address = urls.article(given)
            if address is None:
                raise ArgumentError(
                    f"{given!r} is no address of an article of People's Daily Online"
                )
            self.stories.setdefault(address.id, address)

    async def start(self) -> AsyncIterator[Any]:
        """Request every story once."""
        self.frontier.offer([ListedArticle(address, "", None) for address in self.stories.values()])
        for id_ in (id_ for id_ in self.stories if id_ not in self.frontier):
            self.logger.info("Article %s is not requested: %s", id_, self._why_not(id_))
        for request in self.release():
            yield request

    def story_failed(self, failure: TwistedFailure) -> Iterable[Request]:
        """Read a story whose first page is gone from the page that was named."""
        request: Request = failure.request  # type: ignore[attr-defined]
        id_, again = request.cb_kwargs["id_"], request.cb_kwargs["again"]
        named, found = self.stories.get(id_), describe(failure.value)
        first_is_gone = found.gone and not again and not request.cb_kwargs["missing"]
        if named is None or named.page == 1 or not first_is_gone:
            return super().story_failed(failure)
        self.part_missing(request.url, found.sentence)
        return [self.first_page(named.url, id_, again=again, missing=frozenset({1}))]

    def _why_not(self, id_: str) -> str:
        """Why a story is left out, and what to do about it."""
        state = self.session.index.listings.states([id_], utc_now())[id_]
        if state.stored:
            stored = self.session.index.articles.latest(id_) is not None
            why = "stored already" if stored else "its text is stored under another id"
            return f"{why}; -O FILE fetches it"
        why = "confirmed to be gone" if state.gone else "it failed a while ago"
        return f"{why}; `scrapy index forget {id_}` lets the next run try"
