"""The template of 2013/14 to the end of 2020: boxes with classes ``wb_…``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice

from peoplesdaily.parsers.markup.blocks import Block, blocks
from peoplesdaily.parsers.markup.document import Document, Element, content, elements, outermost
from peoplesdaily.parsers.templates.base import Parts, Template, byline_like
from peoplesdaily.parsers.templates.boxed import captioned
from peoplesdaily.site.editions.patterns import patterns_of

OWN_2013 = (
    *(".wb_1", ".wb_2", ".wb_4", ".wb_10", ".wb_12", ".wb_12b", ".wb_13", ".wb_left"),
    *(".wbnav", ".wbnav2", ".page_pic"),
)
"""Classes that only this template has."""

_TITLES = (
    "#p_title",
    ".wb_10 h1",
    ".wb_left h1",
    ".wb_left h2",
    ".d2p3_left h2",
)
_BYLINES = (".wb_1", ".wb_10 > div", ".wb_10 > p", ".wb_10 :is(span, em)")
_LINES = ("div", "p", "span")
_BYLINE_PLACES = 40
_LONGEST_BYLINE = 400
# A picture of the story, and not the pager's arrow.
_PICTURE_BESIDE = 'img:not(#p_content img, [src^="/img/"], [src*="ext."])'  # Next.gif
_PICTURE_BOX = 1_000_000
_BODY = ("#p_content", ".wb_12", ".page_pic")
_EDITORS = (".wb_4", ".wb_13", "#p_editor", ".editor")


class Y2013(Template):
    """``#p_title``, ``div.wb_1`` (byline), ``#p_content`` or ``div.wb_12``, ``div.wb_4`` (editor).

    Wide and photo pages have ``div.wb_10`` for the head and ``div.page_pic`` for the picture.
    Source: selectors of public crawlers of 2014 to 2020 and text copies of pages of those years.
    """

    name = "2013"
    marks = OWN_2013
    never = (".d2txtCon", ".rm_txt_con")

    def parts(self, page: Document, base: str) -> Parts:
        head, title = page.first(*_TITLES, "h1")
        beside = page.find(".wb_2")
        above, below = _beside_title(head, beside)
        editors = page.find(*_EDITORS)
        marks = dict.fromkeys(editors, "editor")
        if head is not None:
            marks[head] = "title"
        byline, sources = _byline(page, head)
        marks |= dict.fromkeys(sources, "byline")
        marks |= dict.fromkeys(beside, "beside")
        story = [
            block
            for box in _story_boxes(page.in_order(*_BODY))
            for block in _read(box, base, marks)
        ]
        return Parts(
            title=title,
            byline=byline,
            story=story,
            above=above,
            below=below,
            editor=" ".join(dict.fromkeys(content(element) for element in editors)),
        )


def _story_boxes(boxes: list[Element]) -> list[Element]:
    """The boxes to read, without overlaps, in document order.

    ``#p_content`` rather than the box around it, unless that has more pictures.
    """
    narrow = [box for box in boxes if box.attr("id") == "p_content"]
    around_narrow = {ancestor for box in narrow for ancestor in box.ancestors}
    return outermost(
        box for box in boxes if box not in around_narrow or box.select_one(_PICTURE_BESIDE)
    )


def _read(box: Element, base: str, marks: dict[Element, str]) -> Iterable[Block]:
    rows = blocks(box, base, marks)
    on_photo_page = "page_pic" in (box.attr("class") or "").split()
    return captioned(rows, _PICTURE_BOX) if on_photo_page else rows


def _beside_title(
    title: Element | None, beside: list[Element]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Lines above and below the headline."""
    above: list[str] = []
    below: list[str] = []
    for element in beside:
        line = content(element)
        if line:
            (above if title is not None and _precedes(element, title) else below).append(line)
    return tuple(above), tuple(below)


def _lines_behind(title: Element) -> Iterator[Element]:
    """The innermost boxes after the headline."""
    for node in title.following:
        if (
            isinstance(node, Element)
            and node.tag in _LINES
            and not any(child.tag in ("div", "p") for child in elements(node))
        ):
            yield node


def _precedes(one: Element, other: Element) -> bool:
    """Whether ``one`` comes before ``other`` on the page."""
    around = [*reversed(list(one.ancestors)), one]
    beside = [*reversed(list(other.ancestors)), other]
    for mine, its in zip(around, beside, strict=False):
        if mine is not its:
            return its in mine.next_siblings
    return False


def _byline(page: Document, title: Element | None) -> tuple[str, list[Element]]:
    """The byline and its elements, from the known places, dated or not.

    Without them, any dated line between headline and story: the header's date (the day of viewing)
    is above, dates of side boxes are below.
    """
    by = patterns_of(page.edition).by
    for path in _BYLINES:
        lines = {element: content(element) for element in page.find(path)}
        dated = [element for element, line in lines.items() if byline_like(line, page.edition)]
        if dated:
            # Writers may have a separate line.
            chosen = [e for e, line in lines.items() if e in dated or by.match(line)]
            return " ".join(lines[element] for element in chosen), chosen
    for element in page.find(*_BYLINES):
        # Longer boxes lack an end tag and contain the story.
        if 0 < len(line := content(element)) < _LONGEST_BYLINE:
            return line, [element]
    bodies = set(page.find(*_BODY))
    for element in islice(_lines_behind(title), _BYLINE_PLACES) if title is not None else ():
        if element in bodies or any(ancestor in bodies for ancestor in element.ancestors):
            break
        if byline_like(content(element), page.edition):
            return content(element), [element]
    return "", []
