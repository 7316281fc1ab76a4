"""What ``scrapy page`` prints of a page: its record, and why each template matches or not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import fields
from typing import Any

from peoplesdaily import parsers
from peoplesdaily.items import Article
from peoplesdaily.parsers import PageError, StoryPage

FROM_THE_RUN = frozenset(
    {
        *("section", "sections", "content_hash", "duplicate_of", "similarity", "revision"),
        *("crawled_at", "schema_version"),
    }
)
"""Fields that do not come from the page."""

GOLD = tuple(field.name for field in fields(Article) if field.name not in FROM_THE_RUN)
"""Fields of a ``gold.json``, in order."""


def record(story: Iterable[StoryPage], crawled_at: str) -> dict[str, Any]:
    """The record of a story as read back from its JSON line."""
    return parsers.merge(story, crawled_at=crawled_at).as_dict()


def explain_templates(
    markup: str, url: str, story: StoryPage | None, refusal: PageError | None
) -> Iterator[str]:
    """A line for each template: that it read the page, or why it did not."""
    try:
        reasons = parsers.why_no_template(markup, url)
    except PageError:
        # The page cannot be parsed at all; ``refusal`` says so.
        return
    reader = story.template if story else None
    for template, reason in reasons.items():
        if template == reader:
            yield f"{template}: read the page"
        elif reason:
            yield f"{template}: {reason}"
        elif reader is not None:
            yield f"{template}: matches too, but {reader} comes first"
        else:
            yield f"{template}: matches, but {refusal.reason if refusal else 'no story'}"
    if reader is not None and reader not in reasons:
        yield f"{reader}: read the page, because no template matches"
