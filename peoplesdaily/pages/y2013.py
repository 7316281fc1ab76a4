"""The template of 2013/14 to the end of 2020: boxes of classes ``wb_…`` side by side."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import chain

from peoplesdaily.pages.blocks import Block, Kind, blocks
from peoplesdaily.pages.document import Document, Element, content, select
from peoplesdaily.pages.template import Parts, Template, by_class, byline_like

_OWN = (
    *("wb_1", "wb_2", "wb_4", "wb_10", "wb_12", "wb_12b", "wb_13", "wb_left"),
    *("wbnav", "wbnav2", "page_pic"),
)
_TITLES = (
    "//*[@id='p_title'][normalize-space()]",
    by_class("wb_10") + "//h1[normalize-space()]",
    by_class("wb_left") + "//h1[normalize-space()]",
    by_class("wb_left") + "//h2[normalize-space()]",
    by_class("d2p3_left") + "//h2[normalize-space()]",
    "//h1[normalize-space()]",
)
_BYLINES = (
    by_class("wb_1"),
    by_class("wb_10") + "/div",
    by_class("wb_10") + "/p",
    by_class("wb_10") + "//*[self::span or self::em]",
)
_WRITERS = re.compile(r"^by\s+\S", re.IGNORECASE)
_BEHIND = "following::*[self::div or self::p or self::span][not(*[self::div or self::p])]"
_BYLINE_PLACES = 40
# A picture of the story, and not the pager's arrow.
_PICTURE_BESIDE = (
    ".//img[not(ancestor::*[@id='p_content'])][not(starts-with(@src, '/img/'))]"
    "[not(contains(@src, 'ext.'))]"
)
_BODY = f"//*[@id='p_content'] | {by_class('wb_12')} | {by_class('page_pic')}"
_EDITORS = (by_class("wb_4"), by_class("wb_13"), "//*[@id='p_editor']", by_class("editor"))


MARKS_2013 = (
    "//*["
    + " or ".join(f"contains(concat(' ', normalize-space(@class), ' '), ' {n} ')" for n in _OWN)
    + "]"
)
"""The classes of this template, which no other one has."""


class Y2013(Template):
    """``#p_title``, ``div.wb_1`` (byline), ``#p_content`` or ``div.wb_12``, ``div.wb_4`` (editor).

    Wide and photo pages have ``div.wb_10`` for the head and ``div.page_pic`` for the picture.
    Source: selectors of public crawlers of 2014 to 2020 and text copies of pages of those years.
    """

    era = "2013"
    marks = f"({MARKS_2013})[1][not({by_class('d2txtCon')})]"

    def parts(self, page: Document, base: str) -> Parts:
        title = next(iter(chain.from_iterable(select(page.root, path) for path in _TITLES)), None)
        above, below = _beside(page, title)
        editors = [element for path in _EDITORS for element in select(page.root, path)]
        marks = dict.fromkeys(editors, "editor")
        if title is not None:
            marks[title] = "title"
        byline, sources = _byline(page, title)
        marks |= dict.fromkeys(sources, "byline")
        marks |= dict.fromkeys(select(page.root, by_class("wb_2")), "beside")
        story = [
            block
            for box in _outermost(select(page.root, _BODY))
            for block in _captioned(box, blocks(box, base, marks))
        ]
        return Parts(
            title=content(title),
            byline=byline,
            story=story,
            above=above,
            below=below,
            editor=" ".join(dict.fromkeys(content(element) for element in editors)),
        )


def _outermost(boxes: list[Element]) -> list[Element]:
    """The boxes to read, each text once, in document order.

    ``#p_content`` and not the box around it, unless that box has pictures beside it.
    """
    narrow = [box for box in boxes if box.get("id") == "p_content"]
    around_narrow = {ancestor for box in narrow for ancestor in box.iterancestors()}
    kept: dict[Element, None] = {}
    for box in boxes:
        if box in around_narrow and not select(box, _PICTURE_BESIDE):
            continue
        if not any(ancestor in kept for ancestor in box.iterancestors()):
            kept[box] = None
    return list(kept)


def _captioned(box: Element, rows: Iterable[Block]) -> Iterator[Block]:
    """On a photo page all text in the picture's box is its caption."""
    if "page_pic" not in (box.get("class") or "").split():
        yield from rows
        return
    picture = 0
    for row in rows:
        if row.kind is Kind.IMAGE:
            picture = row.box
        yield replace(row, box=picture) if row.kind is Kind.TEXT and picture else row


def _beside(page: Document, title: Element | None) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Lines above and below the headline."""
    above: list[str] = []
    below: list[str] = []
    lines = below if title is None else above
    for element in select(page.root, f"{by_class('wb_2')} | {' | '.join(_TITLES)}"):
        if element is title:
            lines = below
        elif "wb_2" in (element.get("class") or "").split():
            line = content(element)
            if line:
                lines.append(line)
    return tuple(above), tuple(below)


def _byline(page: Document, title: Element | None) -> tuple[str, list[Element]]:
    """The byline and its elements: what stands in the known places, dated or not.

    Where they are missing, any dated line between headline and story. The header's date, the day
    of viewing, is before the headline, and the dates of side boxes are behind the story.
    """
    for path in _BYLINES:
        elements = [element for element in select(page.root, path) if content(element)]
        dated = [element for element in elements if byline_like(content(element))]
        if dated:
            # Writers may have a line of their own beside the dated one.
            chosen = [e for e in elements if e in dated or _WRITERS.match(content(e))]
            return " ".join(map(content, chosen)), chosen
    known = [element for path in _BYLINES for element in select(page.root, path)]
    for element in known:
        if content(element):
            return content(element), [element]
    bodies = set(select(page.root, _BODY))
    for element in select(title, _BEHIND)[:_BYLINE_PLACES] if title is not None else []:
        if element in bodies or any(ancestor in bodies for ancestor in element.iterancestors()):
            break
        if byline_like(content(element)):
            return content(element), [element]
    return "", []
