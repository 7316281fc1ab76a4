"""Base class of templates that mark each part with a class or id."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import ClassVar

from peoplesdaily.parsers.fields.bylines import has_stamp
from peoplesdaily.parsers.markup.blocks import Block, blocks, is_text
from peoplesdaily.parsers.markup.document import Document, Element, content, outermost
from peoplesdaily.parsers.templates.base import Parts, Template, byline_like

# A byline in an unknown place is near the top of the story.
_BYLINE_LINES = 6
# In characters; a script on the real page of 2022 shows the box if it is longer.
_LONGEST_EMPTY_NOTE = 10
# Above all box numbers of a block list.
_APART = 1_000_000


class BoxedTemplate(Template):
    """Set the places, as in :meth:`Document.find`; each is optional.

    :cvar title: the headline: the first element with text.
    :cvar above: lines above the headline.
    :cvar below: lines below it.
    :cvar writers: the line of writers' names.
    :cvar byline: source and date: the texts of all elements. If they have no date, a byline among
        the story's first lines is used.
    :cvar body: the boxes of the story; nested ones count once.
    :cvar editor: the editor line.
    :cvar pictures: boxes of a picture, whose whole text is its caption.
    :cvar notes: boxes of an editor's note, visible only if filled.
    :cvar hidden: boxes inside the story that are hidden or not part of it.
    """

    title: ClassVar[tuple[str, ...]]
    above: ClassVar[tuple[str, ...]] = ()
    below: ClassVar[tuple[str, ...]] = ()
    writers: ClassVar[tuple[str, ...]] = ()
    byline: ClassVar[tuple[str, ...]]
    body: ClassVar[tuple[str, ...]]
    editor: ClassVar[tuple[str, ...]] = ()
    notes: ClassVar[tuple[str, ...]] = ()
    hidden: ClassVar[tuple[str, ...]] = ()
    pictures: ClassVar[tuple[str, ...]] = ()

    def parts(self, page: Document, base: str) -> Parts:
        head, title = page.first(*self.title)
        editors = _texts(page, self.editor)
        hidden = [*page.find(*self.hidden), *filter(_is_empty_note, page.find(*self.notes))]
        marks = dict.fromkeys([*editors, *hidden], "other")
        if head is not None:
            marks[head] = "other"
        pictures = {str(i): box for i, box in enumerate(page.find(*self.pictures))}
        marks |= {box: name for name, box in pictures.items()}
        story: list[Block] = []
        for box in outermost(page.in_order(*self.body)):
            if box in pictures.values():
                story += captioned(blocks(box, base, marks), _APART)
                continue
            for block in blocks(box, base, marks):
                picture = pictures.get(block.text) if block.kind == "mark" else None
                if picture is not None:
                    story += captioned(blocks(picture, base, marks), _APART + int(block.text))
                elif block.kind != "mark":
                    story.append(block)
        byline = self.byline_text(page)
        if not has_stamp(byline, page.edition):
            near = (row for row in story[:_BYLINE_LINES] if is_text(row))
            line = next((row for row in near if byline_like(row.text, page.edition)), None)
            if line is not None:
                byline, story = f"{byline} {line.text}".strip(), [b for b in story if b is not line]
        return Parts(
            title=title,
            byline=byline,
            story=story,
            above=tuple(_texts(page, self.above).values()),
            below=tuple(_texts(page, self.below).values()),
            writers=_joined(_texts(page, self.writers)),
            editor=_joined(editors),
        )

    def byline_text(self, page: Document) -> str:
        """Source and date in one line."""
        return _joined(_texts(page, self.byline))


def _is_empty_note(box: Element) -> bool:
    return sum(len(paragraph.text) for paragraph in box.select("p")) <= _LONGEST_EMPTY_NOTE


def captioned(rows: Iterable[Block], box: int) -> Iterator[Block]:
    """Mark all text after a picture in its box as its caption.

    :param box: an unused box number.
    """
    caption: Block | None = None
    pictured = False
    for row in rows:
        if row.kind == "mark":
            continue
        if is_text(row) and pictured:
            line = f"{caption.text} {row.text}" if caption else row.text
            caption = replace(row, text=line, box=box, strong=False)
            continue
        if caption:
            yield caption
        caption, pictured = None, pictured or not is_text(row)
        yield replace(row, box=box) if pictured else row
    if caption:
        yield caption


def _texts(page: Document, places: tuple[str, ...]) -> dict[Element, str]:
    """The elements with text at ``places``, with their text."""
    found = {element: content(element) for element in page.find(*places)}
    return {element: line for element, line in found.items() if line}


def _joined(texts: dict[Element, str]) -> str:
    return " ".join(dict.fromkeys(texts.values()))
