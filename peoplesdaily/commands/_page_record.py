"""A saved page as a record, and which era read it: what ``scrapy page`` and its tables share."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import fields
from typing import Any

from itemadapter import ItemAdapter

from peoplesdaily import parsers
from peoplesdaily.items import Article
from peoplesdaily.parsers import PageError, StoryPage

FROM_THE_RUN = frozenset(
    {
        *("section", "sections", "content_hash", "duplicate_of", "similarity", "revision"),
        *("crawled_at", "schema_version"),
    }
)
"""Fields that a run adds to what a page says."""

GOLD = tuple(field.name for field in fields(Article) if field.name not in FROM_THE_RUN)
"""Fields of a ``gold.json``, in order."""


def read(markup: str, url: str) -> StoryPage:
    """Read one page of a story as a crawl does.

    :raises PageError: the page cannot be read.
    """
    return parsers.parse_article(markup, url)


def record(story: Iterable[StoryPage], crawled_at: str) -> dict[str, Any]:
    """The record of a story as a reader of the JSON line gets it back."""
    article = parsers.merge(story, crawled_at=crawled_at)
    back: dict[str, Any] = json.loads(json.dumps(ItemAdapter(article).asdict()))
    return back


def eras(
    markup: str, url: str, story: StoryPage | None, refusal: PageError | None
) -> Iterator[str]:
    """A line for each era: that it read the page, or why it did not."""
    try:
        reasons = parsers.why_no_template(markup, url)
    except PageError:
        # Not a page at all; the refusal says so.
        return
    reader = story.template if story else None
    for era in [template.name for template in parsers.TEMPLATES]:
        if era == reader:
            yield f"{era}: read the page"
        elif reasons[era]:
            yield f"{era}: {reasons[era]}"
        elif reader is not None:
            yield f"{era}: its marks are here too, but {reader} is asked first"
        else:
            yield f"{era}: its marks are here, but {refusal.reason if refusal else 'no story'}"
    if reader is not None and reader not in reasons:
        yield f"{reader}: read the page, because no era did"
