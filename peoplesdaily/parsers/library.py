"""Parses all pages of a story at once: the implementation of :func:`peoplesdaily.parse`."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from peoplesdaily.items import Article
from peoplesdaily.parsers.article import parse_article
from peoplesdaily.parsers.errors import PageError
from peoplesdaily.parsers.markup.encoding import decode
from peoplesdaily.parsers.story import StoryPage, merge


def parse_story(
    pages: Iterable[tuple[str | bytes, str]], *, section: str | None, crawled_at: datetime | None
) -> Article:
    """Parse and merge the pages of one story; see :func:`peoplesdaily.parse`."""
    found: dict[int, StoryPage] = {}
    for page, url in pages:
        one = parse_article(page if isinstance(page, str) else decode(page), url)
        first = next(iter(found.values()), one)
        if one.address.id != first.address.id:
            raise PageError(url, f"not a page of story {first.address.id}")
        if found.setdefault(one.address.page, one) is not one:
            raise PageError(url, f"page {one.address.page} of the story is given twice")
    moment = (crawled_at or datetime.now(UTC)).astimezone(UTC).replace(microsecond=0)
    article = merge(
        found.values(),
        crawled_at=moment.isoformat().replace("+00:00", "Z"),
        section=section,
        sections=[section] if section else (),
    )
    for name, value in (("headline", article.title), ("date", article.published_on)):
        if not value:
            raise PageError(article.url, f"no {name}")
    return article
