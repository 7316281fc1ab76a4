"""Fallback for pages that no template matches: a general extractor.

trafilatura finds the text; headline, byline and dates are parsed as usual. Special layouts of
2024-25 are read this way, because their markup is unknown.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from itertools import dropwhile

from peoplesdaily.parsers.markup.blocks import Block, blocks, is_text
from peoplesdaily.parsers.markup.document import Document, content
from peoplesdaily.parsers.templates.base import Parts, Template, byline_like
from peoplesdaily.site.editions import Edition
from peoplesdaily.utils import text

# Shorter texts are stubs, notices or frames.
_SHORTEST_STORY = 200
# A byline is below the headline; later dates belong to other stories.
_BYLINE_LINES = 12


class Generic(Template):
    """Reads any page with enough text."""

    name = "generic"

    def matches(self, page: Document) -> bool:
        return True

    def parts(self, page: Document, base: str) -> Parts:
        headings = [*page.tree.select("h1"), *page.tree.select("h2")]
        title = next(filter(None, map(content, headings)), "")
        byline = _byline(blocks(page.body, base), title, page.edition)

        def is_head(line: str) -> bool:
            return line in (title, byline) or page.title.startswith(line)

        # If only breaks separate lines, the extractor includes headline and byline in the text.
        story = dropwhile(is_head, _paragraphs(page, base))
        return Parts(
            title=title,
            byline=byline,
            story=[Block("text", text=paragraph) for paragraph in story],
        )


def has_story(paragraphs: Sequence[str]) -> bool:
    """Whether the text is long enough for a story."""
    return sum(map(len, paragraphs)) >= _SHORTEST_STORY


def _byline(rows: Sequence[Block], title: str, edition: Edition) -> str:
    lines = [row.text for row in rows if is_text(row)]
    start = lines.index(title) + 1 if title in lines else 0
    return next(
        (line for line in lines[start : start + _BYLINE_LINES] if byline_like(line, edition)), ""
    )


def _paragraphs(page: Document, url: str) -> list[str]:
    # Imported here, because the import takes half a second.
    import trafilatura

    # It logs an error for pages without text; here that is an expected result.
    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    found = trafilatura.bare_extraction(
        page.markup,
        url=url,
        include_comments=False,
        include_tables=False,
        favor_precision=True,
        with_metadata=False,
    )
    parts = re.split(r"\n+", getattr(found, "text", None) or "")
    return [paragraph for paragraph in map(text.clean, parts) if paragraph]
