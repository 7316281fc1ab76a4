"""A parsed page of a story, and merging a story's pages into a record."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import lru_cache
from types import MappingProxyType
from typing import NamedTuple

from peoplesdaily.items import SCHEMA_VERSION, Article, Dateline, Link, Media
from peoplesdaily.parsers.fields import dates, signatures
from peoplesdaily.site.urls import ArticleAddress
from peoplesdaily.utils import text

# Text that a gallery repeats on each page is kept once; shorter lines may recur. In characters, and
# in units of :func:`text.amount`.
_SHORTEST_REPEAT = 40
_SMALLEST_REPEAT = 60


class StoryPage(NamedTuple):
    """A parsed page of a story; fields as in :class:`peoplesdaily.items.Article`.

    :param address: the page's own address.
    :param others: canonical addresses of the story's other pages that this page links, by number.
    """

    address: ArticleAddress
    template: str
    title: str
    others: Mapping[int, str] = MappingProxyType({})
    kicker: str | None = None
    subtitle: str | None = None
    breadcrumb: tuple[str, ...] = ()
    source: str | None = None
    authors: tuple[str, ...] = ()
    editors: tuple[str, ...] = ()
    published_on: date | None = None
    published_at: str | None = None
    updated_at: str | None = None
    paragraphs: tuple[str, ...] = ()
    images: tuple[Media, ...] = ()
    videos: tuple[Media, ...] = ()
    related: tuple[Link, ...] = ()
    keywords: tuple[str, ...] = ()
    description: str | None = None


def merge(
    pages: Iterable[StoryPage],
    *,
    crawled_at: str,
    section: str | None = None,
    sections: Iterable[str] = (),
) -> Article:
    """Merge the pages of a story, given in any order, into its record.

    Headline and byline come from the first page, text and media from all pages.
    """
    ordered = sorted(pages, key=lambda page: page.address.page)
    head = ordered[0]
    title = _without_page_number(head)
    body = "\n\n".join(_paragraphs(ordered)) or None
    return Article(
        id=head.address.id,
        url=head.address.story_url,
        title=title,
        kicker=head.kicker,
        subtitle=head.subtitle,
        section=section,
        sections=tuple(sorted(set(sections))),
        breadcrumb=head.breadcrumb,
        channel=head.address.channel,
        source=head.source,
        authors=head.authors,
        editors=_distinct(name for page in ordered for name in page.editors),
        published_on=head.published_on.isoformat() if head.published_on else "",
        published_at=head.published_at,
        updated_at=head.updated_at,
        dateline=_dateline(head, body),
        body=body,
        images=_media(image for page in ordered for image in page.images),
        videos=_media(video for page in ordered for video in page.videos),
        related=_links(ordered),
        keywords=head.keywords,
        description=head.description,
        language=head.address.edition.language,
        pages=len(ordered),
        template=head.template,
        content_hash=content_hash(title, body),
        duplicate_of=None,
        similarity=None,
        revision=1,
        crawled_at=crawled_at,
        schema_version=SCHEMA_VERSION,
    )


# Cached: merge() and a pipeline compute it for the same text.
@lru_cache(maxsize=8)
def content_hash(title: str, body: str | None) -> str:
    """SHA-256 (hex) of headline, blank line and body, case-folded: equal for equal texts.

    Both must be normalised. No body counts as an empty one.
    """
    return hashlib.sha256(f"{title}\n\n{body or ''}".casefold().encode()).hexdigest()


def _without_page_number(page: StoryPage) -> str:
    """The headline without the page number that the CMS adds, such as " (5)"."""
    if page.address.page == 1 and not page.others:
        return page.title
    return re.sub(rf"\s*[(（]{page.address.page}[)）]$", "", page.title) or page.title


def _distinct(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values))


def _paragraphs(pages: Sequence[StoryPage]) -> list[str]:
    merged: list[str] = []
    earlier: set[str] = set()
    for page in pages:
        merged += [
            paragraph
            for paragraph in page.paragraphs
            if paragraph not in earlier or _may_recur(paragraph)
        ]
        earlier.update(page.paragraphs)
    return merged


def _may_recur(line: str) -> bool:
    return len(line) < _SHORTEST_REPEAT and text.amount(line) < _SMALLEST_REPEAT


def _media(media: Iterable[Media]) -> tuple[Media, ...]:
    found: dict[str, Media] = {}
    for medium in media:
        found.setdefault(medium.url, medium)
    return tuple(found.values())


def _links(pages: Sequence[StoryPage]) -> tuple[Link, ...]:
    found: dict[str, Link] = {}
    for page in pages:
        for link in page.related:
            if link.url != page.address.story_url:
                found.setdefault(link.url, link)
    return tuple(found.values())


def _dateline(head: StoryPage, body: str | None) -> Dateline | None:
    if body is None:
        return None
    first, _, rest = body.partition("\n\n")
    if signatures.writer_line(first, head.address.edition) or signatures.signature(first):
        first = rest.partition("\n\n")[0]
    found = dates.dateline(first, head.published_on, head.address.edition)
    if found is None:
        return None
    day = found.day.isoformat() if found.day else None
    return Dateline(place=found.place, date=day, agency=found.agency)
