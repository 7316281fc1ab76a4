"""The templates of 2000 to 2008: tables whose cells have no class or id.

Their markup is unknown except for one class (``font.fbody``, 2000-01), but text copies show the
order of lines. The parser relies on constant lines: the date, the tools, the end of the story.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import islice, takewhile
from typing import ClassVar

from peoplesdaily.parsers.fields.picture_credits import credited
from peoplesdaily.parsers.markup.blocks import Block, blocks, is_text
from peoplesdaily.parsers.markup.document import Document, Element
from peoplesdaily.parsers.templates.base import ARROWS, Parts, Template, crumbs_of
from peoplesdaily.parsers.templates.y2008 import Y2008
from peoplesdaily.parsers.templates.y2013 import OWN_2013
from peoplesdaily.parsers.templates.y2016 import Y2016, Y2020
from peoplesdaily.parsers.templates.y2021 import Y2021

# Places of later templates.
_NAMED = (*Y2021.marks, *Y2020.marks, *Y2016.marks, *OWN_2013, *Y2008.marks)
_LONGEST_HEADLINE = 250
# "By Li Lei", but not "By the numbers" or "By train or by boat?".
_SIGNED = re.compile(
    r"^\(?(?:source\s*:\s*\S.{0,60}"
    r"|by (?:(?:xinhua|21st|our|staff|special|correspondent|reporter)\s"
    r"|(?-i:[A-Z])\S*\s)[^.?!\d]{2,80}|by agencies)\)?$",
    re.IGNORECASE,
)
_TRANSLATOR = re.compile(r"\s*[;,(]?\s*translated by\b.*$", re.IGNORECASE)
_OTHER_BOX = re.compile(r"^\(?\s*\d+\s+messages?\b|^most popular\b|^copyright\b", re.IGNORECASE)
# A sentence that starts like one of the page's fixed lines.
_NO_SENTENCE = r"(?!.*[^.][.!]$)"
_UPDATED = "UPDATED:"
_SHORTEST_SENTENCE = 60
_MAY_BE_HEADING = re.compile(r"^(?:related\b.{0,12}|copyright|most popular)\W*$", re.IGNORECASE)
_COPYRIGHT = re.compile(r"^(?:copyright|all rights)\b|©", re.IGNORECASE)
# An ending such as "..." that a lead has and the repeated paragraph lacks.
_OPENING = 4
# A shorter one may occur in a sentence by chance.
_SHORTEST_LEAD = 40
_QUOTES = str.maketrans("“”‘’", "\"\"''")
_TAIL = re.compile(r"[\s.…]+$")


class EarlyTemplate(Template):
    """Lines in fixed order: breadcrumb, date, headline, lead, tools, story, end.

    :cvar mark: what distinguishes the template, for messages.
    :cvar dated: the line with the date.
    :cvar tools: the line between headline and story.
    :cvar end: the first line after the story.
    """

    mark: ClassVar[str]
    dated: ClassVar[re.Pattern[str]]
    tools: ClassVar[re.Pattern[str]]
    end: ClassVar[re.Pattern[str]]

    def matches(self, page: Document) -> bool:
        return not page.has(*_NAMED) and self.marked(page)

    def marked(self, page: Document) -> bool:
        """Whether ``page`` has the template's distinguishing feature."""
        raise NotImplementedError

    def why_not(self, page: Document) -> str:
        if self.matches(page):
            return ""
        named = next((place for place in _NAMED if page.has(place)), None)
        if named:
            return f"the page has {named}, which belongs to a later template"
        return f"no {self.mark}"

    def parts(self, page: Document, base: str) -> Parts:
        rows = _rows(page, base)
        dated = _find(rows, self.dated)
        heads = _headline(rows, dated + 1)
        tools = _find(rows, self.tools, heads.stop)
        begin = max(heads.stop, tools + 1)
        end = self._end(rows, begin)
        story = rows[begin : end if end >= 0 else len(rows)]
        lead = [row for row in rows[heads.stop : max(tools, heads.stop)] if is_text(row)]
        return self._parts(
            rows[dated].text if dated >= 0 else "",
            " ".join(row.text for row in rows[heads]),
            story if _repeated(lead, story) else [*lead, *story],
            crumbs=_crumbs(rows[: max(dated, 0)]),
            links=_related(rows[end + 1 :]) if end >= 0 else (),
        )

    def _end(self, rows: Sequence[Block], start: int) -> int:
        """Index of the first line after the story, not a sub-heading; -1 if none."""
        end = _find(rows, self.end, start)
        while (
            0 <= end < len(rows) - 1
            and _MAY_BE_HEADING.match(rows[end].text)
            and _goes_on(rows[end + 1])
        ):
            end = _find(rows, self.end, end + 1)
        return end

    def _parts(
        self,
        dated: str,
        title: str,
        story: Sequence[Block],
        *,
        crumbs: tuple[str, ...],
        links: tuple[tuple[str, str], ...] = (),
    ) -> Parts:
        """Remove the source line from the story."""
        source = next(
            (row.text for row in story[-4:] if is_text(row) and _SIGNED.match(row.text)), ""
        )
        return Parts(
            title=title,
            byline=f"{dated} {_TRANSLATOR.sub('', source)}".strip(),
            story=[row for row in story if not source or row.text != source],
            crumbs=crumbs,
            links=links,
        )


class Y2000(EarlyTemplate):
    """2000-01: date, section, headline, and the story in ``font.fbody``."""

    name = "2000"
    mark = "font.fbody or (GMT+8)"
    dated = re.compile(r"\bupdated at\s*\d{1,2}:\d{2}", re.IGNORECASE)
    tools = re.compile(r"^(?:print|e-?mail)\b", re.IGNORECASE)
    end = re.compile(rf"^in this section\b{_NO_SENTENCE}", re.IGNORECASE)

    def marked(self, page: Document) -> bool:
        return page.has("font.fbody") or "(GMT+8)" in page.all_text

    def parts(self, page: Document, base: str) -> Parts:
        fonts = page.find("font.fbody")
        rows = _rows(page, base)
        # The story starts at the first such font and may continue after it, because a paragraph or
        # table inside a font ends it.
        marked = _rows(page, base, dict.fromkeys(fonts, "story"))
        start = len(list(takewhile(_is_no_mark, marked)))
        dated = _find(rows[:start], self.dated)
        if not fonts or dated < 0:
            return super().parts(page, base)
        heads = [row for row in rows[dated + 1 : start] if is_text(row)]
        title = [row for row in heads if row.box == heads[-1].box]
        end = self._end(rows, start)
        return self._parts(
            rows[dated].text,
            " ".join(row.text for row in title),
            rows[start : end if end >= 0 else len(rows)],
            crumbs=tuple(row.text for row in heads if row not in title)[-1:],
        )


class Y2002(EarlyTemplate):
    """2002-04, ``.shtml``: a date without a time, and a lead that the story repeats."""

    name = "2002"
    mark = "line Last updated at"
    dated = re.compile(r"\blast updated at\b", re.IGNORECASE)
    tools = re.compile(
        r"\bsend\s*to\s*friend\b|^\W*print\b.*\bdiscussion\b|^\W*discussion\b\W*(?:chinese\b|$)",
        re.IGNORECASE,
    )
    end = re.compile(rf"^questions\s*\?{_NO_SENTENCE}", re.IGNORECASE)

    def marked(self, page: Document) -> bool:
        return "Last updated at" in page.all_text


class Y2004(EarlyTemplate):
    """2004-08: ``UPDATED:`` with a time, sometimes days after the address's date."""

    name = "2004"
    mark = "line UPDATED: with font size"
    dated = re.compile(r"^updated\s*:", re.IGNORECASE)
    tools = re.compile(r"\bfont size\b", re.IGNORECASE)
    end = re.compile(
        r"^(?:(?:print friendly|comments? on (?:the|this) story|e-?mail this|dic\b|questions\s*\?"
        rf"|your message|add your comments?){_NO_SENTENCE}"
        r"|related\b.{0,12}$|most popular(?: stories| articles| news| headlines)?\W*$"
        r"|copyright(?:\W*(?:by|\d|c\)|(?:of |the )?people|xinhua|notice|statement)|\W*$))",
        re.IGNORECASE,
    )

    def marked(self, page: Document) -> bool:
        # Later templates print an update too, and may have lost their classes in a redesign.
        texts = page.all_text
        return (
            _UPDATED in texts
            and "font size" in texts.lower()
            and any(line.lstrip().startswith(_UPDATED) for line in page.tree.strings)
        )


def _goes_on(row: Block) -> bool:
    """Whether ``row`` continues a story after a sub-heading."""
    long = len(row.text) > _SHORTEST_SENTENCE and row.text.endswith((".", '."', ".”"))
    return is_text(row) and long and not row.links and not _COPYRIGHT.match(row.text)


def _rows(page: Document, base: str, marks: dict[Element, str] | None = None) -> list[Block]:
    return blocks(page.body, base, marks)


def _is_no_mark(row: Block) -> bool:
    return row.kind != "mark"


def _find(rows: Sequence[Block], pattern: re.Pattern[str], start: int = 0) -> int:
    """Index of the first line from ``start`` that matches ``pattern``; -1 if none."""
    for i, row in enumerate(rows[start:], start):
        if is_text(row) and pattern.search(row.text):
            return i
    return -1


def _headline(rows: Sequence[Block], start: int) -> slice:
    """The first short line from ``start``, with the lines that a break separates from it."""
    for i, row in enumerate(rows[start:], start):
        if is_text(row) and len(row.text) < _LONGEST_HEADLINE:
            stop = i + 1
            while stop < len(rows) and is_text(rows[stop]) and rows[stop].box == row.box > 0:
                stop += 1
            return slice(i, stop)
    return slice(len(rows), len(rows))


def _related(rows: Sequence[Block]) -> tuple[tuple[str, str], ...]:
    """The links after the story, up to another box."""
    end = _find(rows, _OTHER_BOX)
    return tuple(link for row in rows[: end if end >= 0 else len(rows)] for link in row.links)


def _crumbs(rows: Iterable[Block]) -> tuple[str, ...]:
    for row in rows:
        if is_text(row) and ARROWS.search(row.text):
            return crumbs_of(row.text)
    return ()


def _repeated(lead: Sequence[Block], story: Iterable[Block]) -> bool:
    """Whether the story starts with its lead, word for word.

    A caption or sub-heading may come first, and the lead may have two paragraphs.
    """
    rows = islice(filter(is_text, story), _OPENING)
    texts = [_plain(row.text) for row in rows if not credited(row.text)]
    opening = " ".join(texts)
    lines = [_plain(_TAIL.sub("", row.text)) for row in lead]
    return bool(lines) and all(
        line in (opening if len(line) > _SHORTEST_LEAD else texts) for line in lines
    )


def _plain(line: str) -> str:
    """``line`` with straight quotes."""
    return line.translate(_QUOTES)
