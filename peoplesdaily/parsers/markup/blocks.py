"""Flattens an element into a list of blocks: paragraphs, pictures, players.

All templates share this step; :mod:`~peoplesdaily.parsers.body.compose` decides what each block
means.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import groupby
from typing import Literal, cast

from peoplesdaily.parsers.markup.document import UNSEEN, Element, Text
from peoplesdaily.parsers.markup.line_breaks import (
    UNSET,
    Part,
    Parts,
    Style,
    ends_in_empty_line,
    is_indented,
    split_lines,
)
from peoplesdaily.parsers.markup.pictures import is_floated, picture_address
from peoplesdaily.parsers.markup.players import video_files
from peoplesdaily.site import urls
from peoplesdaily.utils import text

Kind = Literal["text", "image", "video", "mark"]
"""Kind of a block. A mark is an element that the caller asked for."""


@dataclass(slots=True)
class Block:
    """A paragraph, picture, player or mark. Not frozen, for speed.

    :param text: text of a paragraph or name of a mark.
    :param url: absolute address of a picture or player.
    :param box: number of the innermost ``<p>``, cell or ``<figure>``.
    :param table: number of the enclosing table, 0 if none.
    :param centred: the paragraph is centred.
    :param emphasised: all text is in ``<em>``, ``<i>`` or ``<figcaption>``.
    :param strong: all text is bold.
    :param links: addresses that the paragraph links, absolute, with their texts.
    :param linked: all text is linked.
    :param prose: formatted like body text: an indented paragraph, or a floated picture.
    """

    kind: Kind
    text: str = ""
    url: str = ""
    box: int = 0
    table: int = 0
    centred: bool = False
    emphasised: bool = False
    strong: bool = False
    links: tuple[tuple[str, str], ...] = ()
    linked: bool = False
    prose: bool = False


# Flags of a tag.
_BREAKING, _BOX, _WHOLE, _EMPHASIS, _STRONG, _TABLE, _LINK, _CENTRED, _HIDDEN, _INDENTED = (
    1 << bit for bit in range(10)
)
_DROPPED = (*UNSEEN, "button", "input", "svg", "canvas", "audio", "map")
_PLAYERS = frozenset({"video", "source", "embed", "param", "iframe"})
_TAGS: tuple[tuple[int, tuple[str, ...]], ...] = (
    (
        _BREAKING,
        (
            *("address", "article", "aside", "blockquote", "body", "caption", "center", "dd"),
            *("details", "div", "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form"),
            *("h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "html", "li", "main", "menu"),
            *("nav", "ol", "p", "pre", "section", "summary", "table", "tbody", "td", "tfoot"),
            *("th", "thead", "tr", "ul"),
        ),
    ),
    (
        _BOX,
        (
            *("p", "td", "th", "li", "figure", "center", "div", "dd", "dt", "blockquote"),
            *("section", "article", "h1", "h2", "h3", "h4", "h5", "h6"),
        ),
    ),
    (_WHOLE, ("br", "img", "script", *_DROPPED, *_PLAYERS)),
    (_EMPHASIS, ("em", "i", "figcaption")),
    (_STRONG, ("strong", "b", "h1", "h2", "h3", "h4", "h5", "h6", "th")),
    (_TABLE, ("table",)),
    (_LINK, ("a",)),
    (_CENTRED, ("center",)),
)
_STYLED = _EMPHASIS | _STRONG | _LINK
_ROLES: dict[str, int] = {}
for _bits, _names in _TAGS:
    for _name in _names:
        _ROLES[_name] = _ROLES.get(_name, 0) | _bits
# Inline tags that format text.
_SETTING = tuple(tag for tag, bits in _ROLES.items() if bits & _STYLED and not bits & _BREAKING)
_HIDDEN_STYLE = re.compile(r"(?:^|[\s;])display\s*:\s*none", re.IGNORECASE)
_INDENT_STYLE = re.compile(r"text-indent\s*:\s*[1-9]", re.IGNORECASE)
_CENTRED_STYLE = re.compile(r"text-align\s*:\s*center", re.IGNORECASE)

# Shorter indented text beside a picture may be a caption; in units of text.amount().
_SHORTEST_PROSE = 150


def is_text(block: Block) -> bool:
    """Whether ``block`` is a paragraph."""
    return block.kind == "text"


def blocks(
    container: Element, base: str, marks: Mapping[Element, str] | None = None
) -> list[Block]:
    """The blocks of ``container`` in reading order.

    :param base: the page's address, for relative addresses.
    :param marks: elements to report as marks, by name, without their content.
    """
    return _BlockReader(base, marks or {}).read(container)


@dataclass(slots=True)
class _BlockReader:
    """Reads a box recursively; the parser limits nesting to 512, as browsers do.

    :param start: line and column of the box's tag.
    :param opened: line and column of the formatting tags inside.
    :param counter: number of boxes, tables and parts of boxes so far.
    :param box: number of the current box; the other fields, too, describe the current position.
    """

    base: str
    marks: Mapping[Element, str]
    found: list[Block] = field(default_factory=list)
    parts: Parts = field(default_factory=list)
    start: tuple[int, int] = (0, 0)
    opened: set[tuple[int, int]] = field(default_factory=set)
    counter: int = 0
    box: int = 0
    table: int = 0
    centred: bool = False
    indented: bool = False
    style: Style = UNSET

    def read(self, container: Element) -> list[Block]:
        self.start = container.position or self.start
        self._element(container, _role(container))
        self._flush()
        return self.found

    def _element(self, node: Element, role: int) -> None:
        if self.parts and role & _BREAKING:
            self._flush()
        box, table, centred, style = self.box, self.table, self.centred, self.style
        indented = self.indented
        # A centred table does not centre its text.
        if role & (_CENTRED | _TABLE) == _CENTRED:
            self.centred = True
        if role & (_BOX | _TABLE):
            self.counter += 1
            if role & _BOX:
                self.box = self.counter
                self.indented = role & _INDENTED > 0
            else:
                self.table = self.counter
        if role & _STYLED:
            self.style = self._styled(node, role)

        for child in node:
            if isinstance(child, Text):
                string = child.data
                # ASCII white space before a paragraph is formatting of the markup; other spaces may
                # be an indent.
                if self.parts or not string.isspace() or not string.isascii():
                    self.parts.append((string, self.style))
                continue
            if not isinstance(child, Element):
                continue
            if child.tag == "br":
                self.parts.append(None)
                continue
            part, length = _role(child), len(child)
            # Elements handled as a whole.
            if part & (_WHOLE | _HIDDEN) or child in self.marks:
                self._whole(child)
            elif not length:
                if self.parts and part & _BREAKING:
                    self._flush()
            elif not (length == 1 and isinstance(child[0], Text) and self._plain(child, part)):
                self._element(child, part)

        if self.parts and role & _BREAKING:
            self._flush()
        if role & _BOX:
            self.box = box
        self.table, self.centred, self.style = table, centred, style
        self.indented = indented

    def _styled(self, node: Element, role: int) -> Style:
        """The style inside a formatting element."""
        place = node.position
        if place and not role & _BREAKING:
            if place in self.opened or place < self.start:
                # Unclosed: the parser reopens it in every paragraph.
                return self.style
            # A tag around a paragraph is empty first, then reopened inside.
            if node.text.strip() or node.select_one("img"):
                self.opened.add(place)
        emphasised, strong, link = self.style
        if role & _LINK:
            href = node.attr("href") or ""
            link = "" if href.startswith("#") else urls.join(self.base, href) or ""
        return Style(emphasised or role & _EMPHASIS > 0, strong or role & _STRONG > 0, link)

    def _plain(self, node: Element, role: int) -> bool:
        """Fast path of :meth:`_element` for elements of only text, as most paragraphs are.

        :returns: whether the element was handled.
        """
        if not role & (_BREAKING | _CENTRED):
            string = node.text
            if self.parts or not string.isspace() or not string.isascii():
                style = self._styled(node, role) if role & _STYLED else self.style
                self.parts.append((string, style))
            return True
        if not role & _BOX or self.style.link is not None:
            return False
        if self.parts:
            self._flush()
        self.counter += 1
        words = text.clean(node.text)
        if words:
            style = self._styled(node, role) if role & _STYLED else self.style
            centred = self.centred or role & _CENTRED > 0
            self.found.append(
                Block(
                    "text", words, "", self.counter, self.table, centred, style.emphasised,
                    style.strong,
                )
            )  # fmt: skip
        return True

    def _whole(self, node: Element) -> None:
        if node in self.marks:
            self._flush()
            self.found.append(Block("mark", text=self.marks[node]))
        elif node.tag == "img":
            url = picture_address(node, self.base)
            if url:
                self._medium("image", url, floats=is_floated(node))
            return
        elif node.tag == "script" or node.tag in _PLAYERS:
            for url in video_files(node, self.base):
                self._medium("video", url)
            return
        # The parser reopens unclosed tags after the element.
        for inner in node.iter_elements(_SETTING, True):
            if place := inner.position:
                self.opened.add(place)

    def _medium(self, kind: Kind, url: str, *, floats: bool = False) -> None:
        self._flush()
        # Links to the full-size picture or the gallery's next page do not count.
        linked = self.style.link is not None and urls.article(self.style.link) is not None
        self.found.append(
            Block(kind, url=url, box=self.box, table=self.table, linked=linked, prose=floats)
        )

    def _flush(self) -> None:
        parts, self.parts = self.parts, []
        if None in parts:
            for line in split_lines(parts):
                if line.apart:
                    # An empty line separates text from a picture as a new box does.
                    self.counter += 1
                    self.box = self.counter
                self._paragraph(line.text, line.parts, indented=line.indented)
            if ends_in_empty_line(parts):
                self.counter += 1
                self.box = self.counter
        else:
            whole = cast("list[Part]", parts)
            raw = "".join([string for string, _ in whole])
            # Only used after a picture.
            indented = bool(self.found) and not is_text(self.found[-1]) and is_indented(raw)
            self._paragraph(text.clean(raw), whole, indented=indented)

    def _paragraph(self, words: str, parts: list[Part], *, indented: bool) -> None:
        if not words:
            return
        style = parts[0][1]
        prose = indented or (self.indented and text.amount(words) > _SHORTEST_PROSE)
        block = Block(
            "text", words, "", self.box, self.table, self.centred, style.emphasised,
            style.strong, prose=prose,
        )  # fmt: skip
        plain = len(parts) == 1 or all(other is style for _, other in parts)
        if style.link is not None or not plain:
            _set(block, [part for part in parts if not part[0].isspace()])
        self.found.append(block)


def _set(block: Block, parts: list[Part]) -> None:
    """Set style and links of a paragraph of several styles.

    A link's text may be split.
    """
    styles = [style for _, style in parts]
    block.emphasised = all(style.emphasised for style in styles)
    block.strong = all(style.strong for style in styles)
    links = [
        (text.clean("".join(string for string, _ in pieces)), address)
        for address, pieces in groupby(parts, key=lambda part: part[1].link)
        if address
    ]
    block.links = tuple(link for link in links if link[0])
    block.linked = all(style.link is not None for style in styles)


def _role(node: Element) -> int:
    """Flags of an element, from its tag and style."""
    if not node.attrs:
        return _ROLES.get(node.tag, 0)
    return _set_role(node.tag, node.attr("style"), node.attr("align"))


# Pages use few different styles.
@lru_cache(maxsize=512)
def _set_role(tag: str, style: str | None, align: str | None) -> int:
    role = _ROLES.get(tag, 0)
    if style and _HIDDEN_STYLE.search(style):
        role |= _HIDDEN
    if (style and _CENTRED_STYLE.search(style)) or (align or "").strip().lower() == "center":
        role |= _CENTRED
    elif style and _INDENT_STYLE.search(style):
        role |= _INDENTED
    return role
