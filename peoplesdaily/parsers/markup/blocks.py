"""Flatten a part of a page into a list of blocks: paragraphs, pictures, players.

Every template prints the same things in other boxes. This module says what a box holds;
:mod:`~peoplesdaily.parsers.body.compose` decides what each block means.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import groupby, takewhile
from typing import Literal, NamedTuple, cast

from peoplesdaily.parsers.markup.document import UNSEEN, Element, Text
from peoplesdaily.parsers.markup.players import video_files
from peoplesdaily.site import urls
from peoplesdaily.utils import text

Kind = Literal["text", "image", "video", "mark"]
"""What a block is; a mark is an element that the caller asked to find, in its place."""


@dataclass(slots=True)
class Block:
    """One paragraph, picture, player or mark; not frozen, for freezing costs as much as the rest.

    :param text: a paragraph's text; a mark's name.
    :param url: absolute address of a picture or player.
    :param box: number of the innermost ``<p>``, cell or ``<figure>``: equal numbers share one.
    :param table: number of the enclosing table, 0 outside of any.
    :param centred: the paragraph is centred.
    :param emphasised: all of the text stands in ``<em>``, ``<i>`` or ``<figcaption>``.
    :param strong: all of the text is bold.
    :param links: addresses that the paragraph links, absolute, with their texts.
    :param linked: all of the text is links.
    :param prose: set as the story's text is: a text with a paragraph's indent, or a picture that
        text flows around.
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


# What a tag means to the walk.
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
# What sets text without being a paragraph.
_SETTING = tuple(tag for tag, bits in _ROLES.items() if bits & _STYLED and not bits & _BREAKING)
_HIDDEN_STYLE = re.compile(r"(?:^|[\s;])display\s*:\s*none", re.IGNORECASE)
_FLOAT_STYLE = re.compile(r"(?:^|[\s;])float\s*:\s*(?:left|right)", re.IGNORECASE)
_INDENT_STYLE = re.compile(r"text-indent\s*:\s*[1-9]", re.IGNORECASE)
_CENTRED_STYLE = re.compile(r"text-align\s*:\s*center", re.IGNORECASE)

# Template pictures: arrows of the pager, icons, logos.
_ORNAMENT = re.compile(
    r"(?:dot|(?:next|prev|previous|last)(?:[\W\d_].*|page|btn|arrow.*)?"
    r"|(?:icon|logo|blank|spacer|loading).*)\.(?:gif|png|jpe?g)$|(?:next|prev|last).*\.gif$",
    re.IGNORECASE,
)
_ORNAMENTS = re.compile(r"https?://[^/]*/img/", re.IGNORECASE)
_BEHIND_PATH = re.compile(r"[?#]")
_DOT = frozenset({"0", "1"})
_DANGLING = re.compile(
    r"\b(?:the|of|to|an?|in|and|or|for|with|by|from|at|on|that|as|its|his|her|their|mr|ms|dr)\.?,?$",
    re.IGNORECASE,
)
_LONGEST_WORD = 12
# Set with an indent by its style beside a picture, as text.amount() measures: a shorter text may be
# a caption.
_SHORTEST_PROSE = 150
_SENTENCE_ENDS = ".!?:;。！？：；”\"’')）]】…"


def is_text(block: Block) -> bool:
    """Whether ``block`` is a paragraph, and no picture, player or mark."""
    return block.kind == "text"


def blocks(
    container: Element, base: str, marks: Mapping[Element, str] | None = None
) -> list[Block]:
    """The blocks of ``container`` in reading order.

    :param base: the page's address, for relative addresses.
    :param marks: elements to report by name in their place, instead of reading into them.
    """
    return _Walk(base, marks or {}).read(container)


class _Style(NamedTuple):
    """How a piece of text is set.

    :param link: address of the link around it, ``""`` for a link that leads nowhere.
    """

    emphasised: bool
    strong: bool
    link: str | None


_UNSET = _Style(emphasised=False, strong=False, link=None)
# Pieces of text; ``None`` stands for a line break.
_Part = tuple[str, _Style]
_Parts = list[_Part | None]


@dataclass(slots=True)
class _Walk:
    """One way through a box, an element inside another by recursion: the parser keeps no tree that
    is deeper than 512 elements, as browsers do.

    :param start: line and column of the box's own tag.
    :param opened: likewise of the tags inside that set text.
    :param counter: how many boxes, tables and parts of boxes there were; numbers them.
    :param box: number of the innermost box, and likewise the rest: what the place stands in.
    """

    base: str
    marks: Mapping[Element, str]
    found: list[Block] = field(default_factory=list)
    parts: _Parts = field(default_factory=list)
    start: tuple[int, int] = (0, 0)
    opened: set[tuple[int, int]] = field(default_factory=set)
    counter: int = 0
    box: int = 0
    table: int = 0
    centred: bool = False
    indented: bool = False
    style: _Style = _UNSET

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
        # A centred table says nothing of the text inside it.
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
                # White space of the markup before a paragraph; other spaces may be its indent.
                if self.parts or not string.isspace() or not string.isascii():
                    self.parts.append((string, self.style))
                continue
            if not isinstance(child, Element):
                continue
            if child.tag == "br":
                self.parts.append(None)
                continue
            part, length = _role(child), len(child)
            # What is taken as one thing, without a look at what is inside.
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

    def _styled(self, node: Element, role: int) -> _Style:
        """The style inside an element that sets one."""
        place = node.position
        if place and not role & _BREAKING:
            if place in self.opened or place < self.start:
                # Its end tag is missing, so that the parser opens it again in every paragraph.
                return self.style
            # One around a paragraph is empty before it, and opened again inside.
            if node.text.strip() or node.select_one("img"):
                self.opened.add(place)
        emphasised, strong, link = self.style
        if role & _LINK:
            href = node.attr("href") or ""
            link = "" if href.startswith("#") else urls.join(self.base, href) or ""
        return _Style(emphasised or role & _EMPHASIS > 0, strong or role & _STRONG > 0, link)

    def _plain(self, node: Element, role: int) -> bool:
        """An element of text alone, as most paragraphs are: what :meth:`_element` does, in short.

        :returns: whether it was one that can be told in short.
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
            url = _image(node, self.base)
            if url:
                self._medium("image", url, floats=_floats(node))
            return
        elif node.tag == "script" or node.tag in _PLAYERS:
            for url in video_files(node, self.base):
                self._medium("video", url)
            return
        # What is left open in here is opened again behind it.
        for inner in node.iter_elements(_SETTING, True):
            if place := inner.position:
                self.opened.add(place)

    def _medium(self, kind: Kind, url: str, *, floats: bool = False) -> None:
        self._flush()
        # A link to the full-size picture or to the next page of a gallery is no link elsewhere.
        linked = self.style.link is not None and urls.article(self.style.link) is not None
        self.found.append(
            Block(kind, url=url, box=self.box, table=self.table, linked=linked, prose=floats)
        )

    def _flush(self) -> None:
        parts, self.parts = self.parts, []
        if None in parts:
            for line in _paragraphs(parts):
                if line.apart:
                    # An empty line parts text from a picture in the same box as a new box would.
                    self.counter += 1
                    self.box = self.counter
                self._paragraph(line.text, line.parts, indented=line.indented)
            if _ends_in_empty_line(parts):
                self.counter += 1
                self.box = self.counter
        else:
            whole = cast("list[_Part]", parts)
            raw = "".join([string for string, _ in whole])
            # Only a picture in the same box asks for it.
            indented = bool(self.found) and not is_text(self.found[-1]) and _is_indented(raw)
            self._paragraph(text.clean(raw), whole, indented=indented)

    def _paragraph(self, words: str, parts: list[_Part], *, indented: bool) -> None:
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


def _set(block: Block, parts: list[_Part]) -> None:
    """Say how a paragraph of several styles is set, and what it links.

    A link's text may be in several pieces.
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


@dataclass(slots=True)
class _Line:
    """A paragraph in the making.

    :param indented: it begins with the spaces that the CMS indents a paragraph with.
    :param apart: an empty line is before it.
    """

    parts: list[_Part]
    text: str
    indented: bool
    apart: bool = False


def _paragraphs(parts: _Parts) -> Iterator[_Line]:
    """Split a run of text at its line breaks.

    Pages of all eras also write paragraphs as lines between ``<br>``. A single break in the middle
    of a sentence is a line wrapped by hand and joins.
    """
    current: _Line | None = None
    wrapped: list[str] = []
    # The break that ends the text before this run is one; another makes an empty line.
    breaks = -1
    for line in _lines(parts):
        if not line.text:
            breaks += 1
            continue
        if current and breaks <= 0 and _goes_on(current, line):
            current.parts += line.parts
            wrapped.append(line.text)
            current.text = line.text
        else:
            if current:
                current.text = " ".join(wrapped)
                yield current
            current, wrapped = line, [line.text]
            current.apart = breaks > 0
        breaks = 0
    if current:
        current.text = " ".join(wrapped)
        yield current


def _goes_on(before: _Line, line: _Line) -> bool:
    """Whether a line goes on with the sentence before it."""
    if line.indented or before.text[-1] in _SENTENCE_ENDS:
        return False
    return line.text[0].islower() or _DANGLING.search(before.text[-_LONGEST_WORD:]) is not None


def _lines(parts: _Parts) -> Iterator[_Line]:
    line: list[_Part] = []
    for part in (*parts, None):
        if part is not None:
            line.append(part)
            continue
        raw = "".join([string for string, _ in line])
        yield _Line(line, text.clean(raw), _is_indented(raw))
        line = []


def _is_indented(raw: str) -> bool:
    return raw.lstrip("\r\n\t ").startswith(("\u3000", "\xa0"))


def _ends_in_empty_line(parts: _Parts) -> bool:
    end = list(takewhile(lambda part: part is None or part[0].isspace(), reversed(parts)))
    return end.count(None) > 1


def _role(node: Element) -> int:
    """What an element means to the walk, by its tag and by how it is set."""
    if not node.attrs:
        return _ROLES.get(node.tag, 0)
    return _set_role(node.tag, node.attr("style"), node.attr("align"))


# Pages set all of their paragraphs by the same few styles.
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


def _image(node: Element, base: str) -> str | None:
    if (node.attr("width") or "").strip() in _DOT or (node.attr("height") or "").strip() in _DOT:
        return None  # A counting pixel.
    for name in ("src", "data-src", "data-original", "original"):
        url = urls.join(base, node.attr(name))
        if url and not _is_ornament(url):
            return url
    return None


def _floats(image: Element) -> bool:
    align = (image.attr("align") or "").strip().lower()
    return align in ("left", "right") or bool(_FLOAT_STYLE.search(image.attr("style") or ""))


def _is_ornament(url: str) -> bool:
    name = _BEHIND_PATH.split(url, 1)[0].rpartition("/")[2]
    return bool(_ORNAMENT.match(name) or _ORNAMENTS.match(url))
