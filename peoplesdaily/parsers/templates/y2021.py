"""The template of 2021 and later: one box, ``div.d2txtCon``, holds everything."""

from __future__ import annotations

from peoplesdaily.parsers.fields.bylines import has_stamp
from peoplesdaily.parsers.markup.blocks import Block, blocks, is_text
from peoplesdaily.parsers.markup.document import Document, Element, content
from peoplesdaily.parsers.templates.base import Parts, Template, byline_like
from peoplesdaily.site.editions import Edition

# A byline without ``div.origin`` is among the first lines below the headline.
_BYLINE_LINES = 4
_LONGEST_BYLINE = 400


class Y2021(Template):
    """Kicker, ``h1``, ``div.origin``, paragraphs and ``div.editor`` in ``div.d2txtCon``.

    Source: selectors of public crawlers of 2021 to 2026 and text copies of pages of those years.
    Matched by this class alone, because other editions use another width.
    """

    name = "2021"
    marks = (".d2txtCon",)

    def parts(self, page: Document, base: str) -> Parts:
        box = page.find(".d2txtCon")[0]
        head, title = page.first(".d2txtCon h1", "h1")
        origins = page.find(".origin")
        origin = next(iter([*_inside(box, origins), *origins]), None)
        byline = content(origin)
        if len(byline) > _LONGEST_BYLINE:
            # Unclosed: the story is inside it.
            origin, byline = None, ""
        editors = _inside(box, page.find(".editor", ".edit"))
        marks = dict.fromkeys(editors, "editor")
        marks |= dict.fromkeys(page.with_class("share"), "share")
        heads = {origin: "byline", head: "title"}
        marks |= {element: name for element, name in heads.items() if element is not None}
        rows = blocks(box, base, marks)

        marked = [i for i, row in enumerate(rows) if row.kind == "mark"]
        start = next((i + 1 for i in marked if rows[i].text == "title"), 0)
        story = next((i + 1 for i in marked if rows[i].text == "byline"), 0)
        if not has_stamp(byline, page.edition):
            line, behind = _loose_byline(rows, max(start, story), page.edition)
            if line:
                byline, story = f"{byline} {line}".strip(), behind
        story = max(story, start)
        end = next((i for i in marked if i >= story and rows[i].text == "editor"), len(rows))
        return Parts(
            title=title,
            byline=byline,
            story=[row for row in rows[story:end] if row.kind != "mark"],
            above=tuple(line for line in _lines(rows[: max(start - 1, 0)]) if ">>" not in line),
            below=tuple(line for line in _lines(rows[start:story]) if line not in byline),
            editor=" ".join(map(content, editors or page.find(".editor"))),
        )


def _inside(box: Element, elements: list[Element]) -> list[Element]:
    return [element for element in elements if box in element.ancestors]


def _lines(rows: list[Block]) -> list[str]:
    return [row.text for row in rows if is_text(row)]


def _loose_byline(rows: list[Block], start: int, edition: Edition) -> tuple[str, int]:
    """A byline among the paragraphs, and the index where the story continues."""
    for i, row in enumerate(rows[start : start + _BYLINE_LINES], start):
        if row.kind in ("image", "video"):
            break
        if is_text(row) and byline_like(row.text, edition):
            return row.text, i + 1
    return "", start
