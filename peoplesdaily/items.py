"""The output contract: one :class:`Article` is one line of output.

Field order is output order. ``schemas/article.schema.json`` is generated from this module
(``scrapy schema``), docstrings included, so a field is described here and nowhere else.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, fields
from functools import cache
from operator import attrgetter
from typing import Any

SCHEMA_VERSION = "1.0"


def _schema(**extra: Any) -> Any:
    """Required field with JSON Schema keywords that its Python type cannot express."""
    return field(metadata={"json_schema_extra": extra})


def _some(**extra: Any) -> dict[str, Any]:
    """Optional string that is never the empty string, with further keywords."""
    return {"type": ["string", "null"], "minLength": 1, **extra}


_TEXT = {"type": "string", "minLength": 1}
_NAMES = {"type": "array", "items": _TEXT}
_DAY = r"^\d{4}-\d{2}-\d{2}$"
_MOMENT = r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(Z|[+-]\d{2}:\d{2})$"
_UTC = r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(Z|\+00:00)$"
_CANONICAL = r"^http://[^\s/?#:]*[^\s/?#:.]/[^\s?#]*$"
_ADDRESS = r"^https?://[^\s/]+(/\S*)?$"


@dataclass(frozen=True, slots=True, kw_only=True)
class Media:
    """A picture or a video of a story."""

    url: str = _schema(pattern=_ADDRESS)
    """Absolute address of the file."""
    caption: str | None = _schema(**_some())
    """The caption as printed, its credit included."""
    credit: str | None = _schema(**_some())
    """What stands in the caption's last brackets, without them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A related story that the page links."""

    title: str = _schema(minLength=1)
    """The link's text."""
    url: str = _schema(pattern=_ADDRESS)
    """The linked story's canonical address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dateline:
    """Where, when and by which agency a wire story was filed."""

    place: str | None = _schema(**_some())
    """Place as printed: `"SEOUL"`."""
    date: str | None = _schema(**_some(pattern=_DAY, format="date"))
    """Day, `YYYY-MM-DD`; the year comes from `published_on`, minding the turn of the year."""
    agency: str | None = _schema(**_some())
    """Agency as printed: `"Xinhua"`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """One story of People's Daily Online, all its pages merged."""

    id: str = _schema(pattern=r"^\d+$")
    """The publisher's content id: one story has one id under every host, scheme, channel and
    page number."""
    url: str = _schema(pattern=_CANONICAL)
    """Canonical address of the story's first page: current host of its edition, `http`, no
    query, no fragment, no trailing dot, no page suffix."""
    title: str = _schema(minLength=1)
    """The headline, without the site's name."""
    kicker: str | None = _schema(**_some())
    """The line above the headline."""
    subtitle: str | None = _schema(**_some())
    """The line below the headline."""
    section: str | None = _schema(**_some())
    """The section whose list led here; null where no list did."""
    sections: tuple[str, ...] = _schema(**_NAMES, uniqueItems=True)
    """Every section known to list the story when the line was written, sorted."""
    breadcrumb: tuple[str, ...] = _schema(**_NAMES)
    """The breadcrumb as printed: `["English", "World"]`."""
    channel: str | None = _schema(**_some(pattern=r"^\d+$"))
    """Channel id of the address: `"90000"`."""
    source: str | None = _schema(**_some())
    """Who is credited in the byline: `"Xinhua"`."""
    authors: tuple[str, ...] = _schema(**_NAMES)
    """Named writers, in order."""
    editors: tuple[str, ...] = _schema(**_NAMES)
    """Names in the editor line, in order."""
    published_on: str = _schema(pattern=_DAY, format="date")
    """Date of publication in Beijing, `YYYY-MM-DD`."""
    published_at: str | None = _schema(**_some(pattern=_MOMENT, format="date-time"))
    """Time of publication, ISO 8601 with offset; null where the page prints no time."""
    updated_at: str | None = _schema(**_some(pattern=_MOMENT, format="date-time"))
    """Time of the last update, ISO 8601 with offset; null where the page prints none."""
    dateline: Dateline | None
    """Place, date and agency read from the first paragraph, which keeps its text."""
    body: str | None = _schema(**_some())
    """The story's paragraphs in reading order, joined by one blank line; no captions, byline,
    editor line, promo line, related links or script text. Null only for a story of pictures or
    video alone."""
    images: tuple[Media, ...]
    """Pictures in reading order, all pages of the story."""
    videos: tuple[Media, ...]
    """Videos in reading order, all pages of the story."""
    related: tuple[Link, ...]
    """Related stories that the page itself links."""
    keywords: tuple[str, ...] = _schema(**_NAMES)
    """Keywords from the page's meta data."""
    description: str | None = _schema(**_some())
    """Description from the page's meta data."""
    language: str = _schema(minLength=2)
    """BCP 47 tag of the edition's language: `"en"`."""
    pages: int = _schema(minimum=1)
    """How many pages of a multi-page story were merged into this line."""
    template: str = _schema(minLength=1)
    """Which template read the page: `"2021"`, `"2013"`, …, or `"generic"`."""
    content_hash: str = _schema(pattern=r"^[0-9a-f]{64}$")
    """SHA-256 (hex) of title, blank line and body in UTF-8, normalised and case-folded: equal
    hashes are the same text."""
    duplicate_of: str | None = _schema(**_some(pattern=r"^\d+$"))
    """`id` of the earlier story that this one nearly repeats."""
    similarity: float | None = _schema(minimum=0, maximum=1)
    """Estimated Jaccard similarity to that story, 0 to 1."""
    revision: int = _schema(minimum=1)
    """1 when first seen, then one more each time the page's content changed."""
    crawled_at: str = _schema(pattern=_UTC, format="date-time")
    """When the first page was downloaded, ISO 8601, UTC."""
    schema_version: str = _schema(const=SCHEMA_VERSION)
    """Version of this contract."""

    def as_dict(self) -> dict[str, Any]:
        """The record as a dict ready for :func:`json.dumps`, in field order."""
        record: dict[str, Any] = as_json(self)
        return record


def as_json(item: Any) -> Any:
    """``item`` as JSON would read it back: items are dicts, tuples are lists.

    ItemAdapter does the same for items of any kind, at several times the cost.
    """
    if item is None or isinstance(item, (str, int, float)):
        return item
    if isinstance(item, (tuple, list)):
        return [as_json(part) for part in item]
    if isinstance(item, dict):
        return {key: as_json(value) for key, value in item.items()}
    return dict(zip(field_names(item.__class__), map(as_json, field_values(item)), strict=True))


@cache
def field_names(class_: type) -> tuple[str, ...]:
    """Names of an item class's fields, in order."""
    return tuple(field.name for field in fields(class_))


def field_values(item: Any) -> tuple[Any, ...]:
    """Values of an item's fields, in order."""
    return _getter(item.__class__)(item)


@cache
def _getter(class_: type) -> Callable[[Any], tuple[Any, ...]]:
    return attrgetter(*field_names(class_))
