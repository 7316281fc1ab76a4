"""The template of 2021 and later: one box, ``div.d2txtCon``, holds everything."""

from __future__ import annotations

from peoplesdaily.pages.blocks import Block, Kind, blocks
from peoplesdaily.pages.document import Document, Element, content, first, has_class, select
from peoplesdaily.pages.template import Parts, Template, by_class, byline_like
from peoplesdaily.text import has_stamp

# A byline that is no ``div.origin`` stands among the first lines under the headline.
_BYLINE_LINES = 4
_LONGEST_BYLINE = 400


class Y2021(Template):
    """Kicker, ``h1``, ``div.origin``, paragraphs and ``div.editor`` in ``div.d2txtCon``.

    Source: selectors of public crawlers of 2021 to 2026 and text copies of pages of those years.
    The box is matched by that class alone, for other editions give it another width.
    """

    era = "2021"
    marks = by_class("d2txtCon")

    def parts(self, page: Document, base: str) -> Parts:
        box = select(page.root, self.marks)[0]
        title = first(box, ".//h1[normalize-space()]", "//h1[normalize-space()]")
        origin = first(box, f".//*{has_class('origin')}", by_class("origin"))
        if len(content(origin)) > _LONGEST_BYLINE:
            # Its end tag is missing, and the story stands inside it.
            origin = None
        editors = select(box, f".//*{has_class('editor')} | .//*{has_class('edit')}")
        rows = list(blocks(box, base, _marks(box, title, origin, editors)))

        start = _behind(rows, "title")
        byline, story = content(origin), _behind(rows, "byline")
        if not has_stamp(byline):
            line, behind = _loose_byline(rows, max(start, story))
            if line:
                byline, story = f"{byline} {line}".strip(), behind
        story = max(story, start)
        end = next(
            (i for i, row in enumerate(rows) if i >= story and _is(row, "editor")), len(rows)
        )
        return Parts(
            title=content(title),
            byline=byline,
            story=[row for row in rows[story:end] if row.kind is not Kind.MARK],
            above=tuple(line for line in _lines(rows[: max(start - 1, 0)]) if ">>" not in line),
            below=tuple(line for line in _lines(rows[start:story]) if line not in byline),
            editor=" ".join(map(content, editors or select(page.root, by_class("editor")))),
        )


def _marks(
    box: Element, title: Element | None, origin: Element | None, editors: list[Element]
) -> dict[Element, str]:
    marks = dict.fromkeys(editors, "editor")
    for share in select(box, ".//*[contains(@class, 'share')]"):
        marks[share] = "share"
    if origin is not None:
        marks[origin] = "byline"
    if title is not None:
        marks[title] = "title"
    return marks


def _is(row: Block, name: str) -> bool:
    return row.kind is Kind.MARK and row.text == name


def _behind(rows: list[Block], name: str) -> int:
    return next((i + 1 for i, row in enumerate(rows) if _is(row, name)), 0)


def _lines(rows: list[Block]) -> list[str]:
    return [row.text for row in rows if row.kind is Kind.TEXT]


def _loose_byline(rows: list[Block], start: int) -> tuple[str, int]:
    """A byline among the paragraphs, and where the story goes on behind it."""
    for i, row in enumerate(rows[start : start + _BYLINE_LINES], start):
        if row.kind is Kind.IMAGE or row.kind is Kind.VIDEO:
            break
        if row.kind is Kind.TEXT and byline_like(row.text):
            return row.text, i + 1
    return "", start
