"""Eras whose pages name each part of a story by class or id, so that a row of places reads them."""

from __future__ import annotations

from typing import ClassVar

from peoplesdaily.pages.blocks import Kind, blocks
from peoplesdaily.pages.document import Document, Element, content, outermost
from peoplesdaily.pages.template import Parts, Template


class BoxedTemplate(Template):
    """Set the places, as :meth:`Document.find` takes them; an era need not have all of them.

    :cvar title: the headline; the first element with text counts.
    :cvar above: lines above the headline.
    :cvar below: lines below it.
    :cvar writers: the line of writers' names.
    :cvar byline: source and date; the texts of all elements count.
    :cvar body: the boxes of the story, names alone; one inside another counts once.
    :cvar editor: the editor line.
    :cvar hidden: boxes inside the story that a reader does not see or that are not the story's.
    """

    title: ClassVar[tuple[str, ...]]
    above: ClassVar[tuple[str, ...]] = ()
    below: ClassVar[tuple[str, ...]] = ()
    writers: ClassVar[tuple[str, ...]] = ()
    byline: ClassVar[tuple[str, ...]]
    body: ClassVar[tuple[str, ...]]
    editor: ClassVar[tuple[str, ...]] = ()
    hidden: ClassVar[tuple[str, ...]] = ()

    def parts(self, page: Document, base: str) -> Parts:
        title = _elements(page, self.title)[:1]
        editors = _elements(page, self.editor)
        marks = dict.fromkeys([*title, *editors, *_elements(page, self.hidden)], "other")
        story = [
            block
            for box in outermost(page.in_order(*self.body))
            for block in blocks(box, base, marks)
            if block.kind is not Kind.MARK
        ]
        return Parts(
            title=_text(title),
            byline=self.byline_text(page),
            story=story,
            above=tuple(map(content, _elements(page, self.above))),
            below=tuple(map(content, _elements(page, self.below))),
            writers=_text(_elements(page, self.writers)),
            editor=_text(editors),
        )

    def byline_text(self, page: Document) -> str:
        """Source and date as one line."""
        return _text(_elements(page, self.byline))


def _elements(page: Document, places: tuple[str, ...]) -> list[Element]:
    """The elements at ``places`` that have text."""
    return [element for element in page.find(*places) if content(element)]


def _text(elements: list[Element]) -> str:
    return " ".join(dict.fromkeys(map(content, elements)))
