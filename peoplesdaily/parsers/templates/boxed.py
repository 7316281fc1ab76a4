"""Eras whose pages name each part of a story by class or id, so that a row of places reads them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import ClassVar

from peoplesdaily.parsers.fields.bylines import has_stamp
from peoplesdaily.parsers.markup.blocks import Block, blocks, is_text
from peoplesdaily.parsers.markup.document import Document, Element, content, outermost
from peoplesdaily.parsers.templates.base import Parts, Template, byline_like

# A byline in an unknown place stands near the story's head.
_BYLINE_LINES = 6
# In characters; on the real page of 2022 a script shows the box of a longer one.
_LONGEST_EMPTY_NOTE = 10
# Pictures' boxes are numbered beyond the boxes of any walk.
_APART = 1_000_000


class BoxedTemplate(Template):
    """Set the places, as :meth:`Document.find` takes them; an era need not have all of them.

    :cvar title: the headline; the first element with text counts.
    :cvar above: lines above the headline.
    :cvar below: lines below it.
    :cvar writers: the line of writers' names.
    :cvar byline: source and date; the texts of all elements count. Where they print no date, a
        byline among the story's first lines does.
    :cvar body: the boxes of the story; one inside another counts once.
    :cvar editor: the editor line.
    :cvar pictures: boxes of the body that hold a picture, all of whose text is its caption.
    :cvar notes: boxes of an editor's note, which a reader sees where they hold one.
    :cvar hidden: boxes inside the story that a reader does not see or that are not the story's.
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
        """Source and date as one line."""
        return _joined(_texts(page, self.byline))


def _is_empty_note(box: Element) -> bool:
    return sum(len(paragraph.text) for paragraph in box.select("p")) <= _LONGEST_EMPTY_NOTE


def captioned(rows: Iterable[Block], box: int) -> Iterator[Block]:
    """The blocks of a picture's own box, where all text behind a picture is its caption.

    :param box: a number that no other box of the story has.
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
    """The elements at ``places`` that have text, with it."""
    found = {element: content(element) for element in page.find(*places)}
    return {element: line for element, line in found.items() if line}


def _joined(texts: dict[Element, str]) -> str:
    return " ".join(dict.fromkeys(texts.values()))
