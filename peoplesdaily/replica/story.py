"""A story of the replica: all facts that its page prints and its record must have."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Literal

from peoplesdaily.items import SCHEMA_VERSION, Dateline, Link, Media

HOST = "http://en.people.cn"

TemplateName = Literal["2021", "2013"]
Byline = Literal["link", "plain", "open", "writers", "writer", "app", "agency", "author_line"]
CaptionStyle = Literal["plain", "two", "em", "centre", "none"]
Layout = Literal["text", "title_id", "column", "wide"]
Promo = Literal["same_line", "next_line", "next_box", "none"]


def tidy(text: str) -> str:
    """Text as normalised in records: NFC, single spaces, nothing invisible."""
    text = re.sub(r"\s+", " ", unicodedata.normalize("NFC", text))
    return "".join(c for c in text if unicodedata.category(c) not in ("Cf", "Cc")).strip()


def _media(path: str, lines: tuple[str, ...], credit: str | None) -> Media:
    return Media(url=HOST + path, caption=tidy(" ".join(lines)) or None, credit=credit)


@dataclass(frozen=True, slots=True)
class Run:
    """A piece of a paragraph, in an inline element if ``tag`` is set."""

    text: str
    tag: str = ""
    href: str = ""


@dataclass(frozen=True, slots=True)
class Prose:
    """A ``<p>`` of the body."""

    runs: tuple[Run, ...]

    @property
    def paragraphs(self) -> tuple[str, ...]:
        """Paragraphs as in a record: a line break starts a new one."""
        whole = "".join(
            "\n" if run.tag == "br" else " ".join(run.text.split("\n")) for run in self.runs
        )
        return tuple(line for line in map(tidy, whole.split("\n")) if line)


@dataclass(frozen=True, slots=True)
class Picture:
    """An image and the caption paragraphs after it."""

    path: str
    lines: tuple[str, ...]
    credit: str | None
    style: CaptionStyle

    @property
    def media(self) -> Media:
        """The picture as in a record; two caption paragraphs are joined by a space."""
        return _media(self.path, self.lines, self.credit)


@dataclass(frozen=True, slots=True)
class Video:
    """A player and the credit paragraph after it."""

    path: str
    lines: tuple[str, ...]
    credit: str | None

    @property
    def media(self) -> Media:
        """The video as in a record."""
        return _media(self.path, self.lines, self.credit)


Block = Prose | Picture | Video


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """Layout of a page; no value affects the record."""

    layout: Layout
    byline: Byline
    editor_label: str
    editor_separator: str
    promo: Promo
    entities: bool
    empty_heads: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """An invented article: facts, blocks in order, and layout."""

    id: str
    url: str
    template: TemplateName
    title: str
    kicker: str | None
    subtitle: str | None
    breadcrumb: tuple[str, ...]
    channel: str
    source: str
    authors: tuple[str, ...]
    editors: tuple[str, ...]
    published_at: datetime
    updated_at: datetime | None
    dateline: Dateline | None
    sheets: tuple[tuple[Block, ...], ...]
    """Blocks in reading order, one tuple for each page of the story."""
    related: tuple[Link, ...]
    keywords: tuple[str, ...]
    description: str | None
    sections: tuple[str, ...]
    style: Style
    traits: frozenset[str]
    """Names of the variants that this story covers, for tests."""

    @property
    def path(self) -> str:
        """The address without the host."""
        return self.url.removeprefix(HOST)

    @property
    def pages(self) -> int:
        """Number of pages."""
        return len(self.sheets)

    def blocks(self) -> Iterator[Block]:
        """Blocks of all pages, in reading order."""
        for sheet in self.sheets:
            yield from sheet

    @property
    def paragraphs(self) -> tuple[str, ...]:
        """The body's paragraphs."""
        prose = (block for block in self.blocks() if isinstance(block, Prose))
        return tuple(paragraph for block in prose for paragraph in block.paragraphs)

    @property
    def body(self) -> str | None:
        """The body as in a record."""
        return "\n\n".join(self.paragraphs) or None

    @property
    def images(self) -> tuple[Media, ...]:
        """Pictures of all pages."""
        return tuple(block.media for block in self.blocks() if isinstance(block, Picture))

    @property
    def videos(self) -> tuple[Media, ...]:
        """Videos of all pages."""
        return tuple(block.media for block in self.blocks() if isinstance(block, Video))

    @property
    def content_hash(self) -> str:
        """The record's content hash."""
        text = f"{self.title}\n\n{self.body or ''}".casefold()
        return hashlib.sha256(text.encode()).hexdigest()

    def page_path(self, page: int) -> str:
        """Address of one page of the story, counted from 1."""
        return self.path if page == 1 else f"{self.path.removesuffix('.html')}-{page}.html"

    def record(self) -> dict[str, Any]:
        """The line of output that this story must give, but for what depends on the crawl:
        ``section``, ``sections`` and ``crawled_at``."""
        return {
            "id": self.id,
            "url": self.url,
            "title": self.title,
            "kicker": self.kicker,
            "subtitle": self.subtitle,
            "breadcrumb": list(self.breadcrumb),
            "channel": self.channel,
            "source": self.source,
            "authors": list(self.authors),
            "editors": list(self.editors),
            "published_on": self.published_at.date().isoformat(),
            "published_at": self.published_at.isoformat(),
            "updated_at": self.updated_at.isoformat() if self.updated_at else None,
            "dateline": asdict(self.dateline) if self.dateline else None,
            "body": self.body,
            "images": [asdict(image) for image in self.images],
            "videos": [asdict(video) for video in self.videos],
            "related": [asdict(link) for link in self.related],
            "keywords": list(self.keywords),
            "description": self.description,
            "language": "en",
            "pages": self.pages,
            "template": self.template,
            "content_hash": self.content_hash,
            "duplicate_of": None,
            "similarity": None,
            "revision": 1,
            "schema_version": SCHEMA_VERSION,
        }
