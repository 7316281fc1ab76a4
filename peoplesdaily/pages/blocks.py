"""A story's markup as a flat row of blocks in reading order.

Every era prints the same things in other boxes: paragraphs, pictures, players. This room turns a
box into blocks and knows nothing of what they mean; :mod:`peoplesdaily.pages.compose` decides
which text is a caption, an editor line or the story.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from urllib.parse import urlsplit

from lxml import etree

from peoplesdaily import text, urls
from peoplesdaily.pages.document import Element


class Kind(Enum):
    """What a block is."""

    TEXT = "text"
    IMAGE = "image"
    VIDEO = "video"
    MARK = "mark"
    """An element that the caller asked to find, in its place among the others."""


@dataclass(frozen=True, slots=True)
class Block:
    """One paragraph, picture, player or mark.

    :param text: a paragraph's text; a mark's name.
    :param url: absolute address of a picture or player.
    :param box: number of the innermost ``<p>``, cell or ``<figure>``: equal numbers share one.
    :param table: number of the enclosing table, 0 outside of any.
    :param centred: the paragraph is centred.
    :param emphasised: all of the text stands in ``<em>``, ``<i>`` or ``<figcaption>``.
    :param strong: all of the text is bold.
    :param links: addresses that the paragraph links, absolute, with their texts.
    :param linked: all of the text is links.
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


_BREAKING = frozenset(
    {
        *(
            "address",
            "article",
            "aside",
            "blockquote",
            "body",
            "caption",
            "center",
            "dd",
            "details",
        ),
        *(
            "div",
            "dl",
            "dt",
            "fieldset",
            "figcaption",
            "figure",
            "footer",
            "form",
            "h1",
            "h2",
            "h3",
        ),
        *("h4", "h5", "h6", "header", "hr", "html", "li", "main", "menu", "nav", "ol", "p", "pre"),
        *("section", "summary", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul"),
    }
)
_BOXES = frozenset(
    {
        *("p", "td", "th", "li", "figure", "center", "div", "dd", "dt", "blockquote", "section"),
        *("article", "h1", "h2", "h3", "h4", "h5", "h6"),
    }
)
_DROPPED = frozenset(
    {
        *("style", "noscript", "template", "textarea", "select", "option", "button", "input"),
        *("svg", "canvas", "audio", "map"),
    }
)
_PLAYERS = frozenset({"video", "source", "embed", "object", "param", "iframe"})
_EMPHASIS = frozenset(("em", "i", "figcaption"))
_STRONG = frozenset(("strong", "b", "h1", "h2", "h3", "h4", "h5", "h6", "th"))
_CENTRED_STYLE = re.compile(r"text-align\s*:\s*center", re.IGNORECASE)

# Template pictures: arrows of the pager, icons, logos.
_ORNAMENT = re.compile(
    r"^/img/|/(?:next|prev|previous|last|icon|logo|blank|spacer|loading)[^/]*\.(?:gif|png|jpe?g)$",
    re.IGNORECASE,
)
_VIDEO_FILE = re.compile(r"\.(?:mp4|m4v|flv|f4v|m3u8|webm|mov|wmv|ogv)(?:[?#]|$)", re.IGNORECASE)
_VIDEO_PAGE = re.compile(r"/(?:embed|player|video|v_show|vplayer)\b", re.IGNORECASE)
# The site's player is called from a script: showPlayer({id: ..., src: "...", ...}).
_PLAYER_CALL = re.compile(r"showPlayer\s*\(", re.IGNORECASE)
_ARGUMENT = re.compile(
    r"""(?:\b(\w+)["']?\s*[:=]\s*)?"""
    r"""(?:"([^"\\\n]{4,500})"|'([^'\\\n]{4,500})'|(/[^\s,;"'{}()]{3,500}))"""
)
_PLAYER_KEYS = frozenset({"id", "src", "file", "url", "video", "videourl", "path", "mp4", "xml"})
_MID_SENTENCE = re.compile(r"[^.!?:;。！？：；”\"’')）\]】…]$")


def blocks(
    container: Element, base: str, marks: Mapping[Element, str] | None = None
) -> Iterator[Block]:
    """The blocks of ``container`` in reading order.

    :param base: the page's address, for relative addresses.
    :param marks: elements to report by name in their place, instead of reading into them.
    """
    yield from _Walk(base, marks or {}).read(container)


@dataclass(slots=True)
class _Walk:
    base: str
    marks: Mapping[Element, str]
    parts: list[str | None] = field(default_factory=list)
    links: list[tuple[str, str]] = field(default_factory=list)
    boxes: list[int] = field(default_factory=lambda: [0])
    tables: list[int] = field(default_factory=lambda: [0])
    counter: int = 0
    centred: int = 0
    emphasis: int = 0
    strong: int = 0
    link: list[tuple[str, int]] = field(default_factory=list)
    plain: bool = False  # some of the paragraph's text is not emphasised
    light: bool = False  # … not bold
    unlinked: bool = False  # … not in a link

    def read(self, container: Element) -> Iterator[Block]:
        walk = etree.iterwalk(container, events=("start", "end", "comment", "pi"))
        for event, node in walk:
            if event == "start":
                if node is not container and self._is_whole(node):
                    yield from self._whole(node)
                    walk.skip_subtree()
                else:
                    if node.tag in _BREAKING:
                        yield from self._flush()
                    self._enter(node)
                    self._add(node.text)
                continue
            if event == "end" and not (node is not container and self._is_whole(node)):
                if node.tag in _BREAKING:
                    yield from self._flush()
                self._leave(node)
            if node is not container:
                self._add(node.tail)
        yield from self._flush()

    def _is_whole(self, node: Element) -> bool:
        """Whether ``node`` is taken as one thing, without a look at what is inside."""
        tag = node.tag
        return (
            tag in _DROPPED
            or tag in ("br", "img", "script")
            or (tag in _PLAYERS and tag != "object")
            or node in self.marks
        )

    def _whole(self, node: Element) -> Iterator[Block]:
        if node in self.marks:
            yield from self._flush()
            yield Block(Kind.MARK, text=self.marks[node])
        elif node.tag == "br":
            self.parts.append(None)
        elif node.tag == "img":
            url = _image(node, self.base)
            if url:
                yield from self._flush()
                yield self._media(Kind.IMAGE, url)
        elif node.tag == "script" or node.tag in _PLAYERS:
            for url in _videos(node, self.base):
                yield from self._flush()
                yield self._media(Kind.VIDEO, url)

    def _media(self, kind: Kind, url: str) -> Block:
        return Block(kind, url=url, box=self.boxes[-1], table=self.tables[-1])

    def _enter(self, node: Element) -> None:
        tag = node.tag
        if tag in _BOXES:
            self.counter += 1
            self.boxes.append(self.counter)
        if tag == "table":
            self.counter += 1
            self.tables.append(self.counter)
        self.centred += _is_centred(node)
        self.emphasis += tag in _EMPHASIS
        self.strong += tag in _STRONG
        if tag == "a":
            self.link.append((urls.join(self.base, node.get("href")) or "", len(self.parts)))

    def _leave(self, node: Element) -> None:
        tag = node.tag
        if tag in _BOXES:
            self.boxes.pop()
        if tag == "table":
            self.tables.pop()
        self.centred -= _is_centred(node)
        self.emphasis -= tag in _EMPHASIS
        self.strong -= tag in _STRONG
        if tag == "a" and self.link:
            address, start = self.link.pop()
            label = text.clean("".join(part or " " for part in self.parts[start:]))
            if address and label:
                self.links.append((label, address))

    def _add(self, string: str | None) -> None:
        if not string:
            return
        self.parts.append(string)
        if not string.isspace():
            self.plain = self.plain or not self.emphasis
            self.light = self.light or not self.strong
            self.unlinked = self.unlinked or not self.link

    def _flush(self) -> Iterator[Block]:
        for paragraph, apart in _paragraphs(self.parts) if self.parts else ():
            if apart:
                # An empty line parts text from a picture in the same box as a new box would.
                self.counter += 1
                self.boxes[-1] = self.counter
            yield Block(
                Kind.TEXT,
                text=paragraph,
                box=self.boxes[-1],
                table=self.tables[-1],
                centred=self.centred > 0,
                emphasised=not self.plain,
                strong=not self.light,
                links=tuple(self.links),
                linked=bool(self.links) and not self.unlinked,
            )
        self.parts.clear()
        self.links.clear()
        self.link = [(address, 0) for address, _ in self.link]
        self.plain = self.light = self.unlinked = False


def _paragraphs(parts: list[str | None]) -> Iterator[tuple[str, bool]]:
    """Split a run of text at its line breaks; say of each part whether an empty line is before it.

    Pages of all eras also write paragraphs as lines between ``<br>``. A single break in the middle
    of a sentence is a line wrapped by hand and joins.
    """
    if None not in parts:
        whole = text.clean("".join(part for part in parts if part))
        if whole:
            yield whole, False
        return
    current, apart = "", False
    # The break that ends the text before this run is one; another makes an empty line.
    breaks = -1
    for line, indented in _lines(parts):
        if not line:
            breaks += 1
            continue
        if current and breaks <= 0 and not indented and _goes_on(current, line):
            current = f"{current} {line}"
        else:
            if current:
                yield current, apart
            current, apart = line, breaks > 0
        breaks = 0
    if current:
        yield current, apart


def _goes_on(before: str, line: str) -> bool:
    """Whether a line goes on with the sentence before it."""
    return line[0].islower() and _MID_SENTENCE.search(before) is not None


def _lines(parts: list[str | None]) -> Iterator[tuple[str, bool]]:
    line: list[str] = []
    for part in [*parts, None]:
        if part is not None:
            line.append(part)
            continue
        raw = "".join(line)
        # Ideographic or no-break spaces at the head of a line are how the CMS indents a paragraph.
        indented = raw.lstrip("\r\n\t ").startswith(("\u3000", "\xa0"))
        yield text.clean(raw), indented
        line.clear()


def _is_centred(node: Element) -> bool:
    # A centred table says nothing of the text inside it.
    if node.tag == "table":
        return False
    if node.tag == "center" or (node.get("align") or "").strip().lower() == "center":
        return True
    return _CENTRED_STYLE.search(node.get("style") or "") is not None


def _image(node: Element, base: str) -> str | None:
    if _is_dot(node):
        return None
    for name in ("src", "data-src", "data-original", "original"):
        url = urls.join(base, node.get(name))
        if url and not _ORNAMENT.search(urlsplit(url).path):
            return url
    return None


def _is_dot(node: Element) -> bool:
    """A counting pixel."""
    return any((node.get(side) or "").strip() in {"0", "1"} for side in ("width", "height"))


def _videos(node: Element, base: str) -> Iterator[str]:
    if node.tag == "script":
        yield from _player_files("".join(node.itertext()), base)
        return
    candidates = [node.get("src"), node.get("data-src")]
    if node.tag == "video":
        candidates += [source.get("src") for source in node.iter("source")]
    if node.tag == "param" and (node.get("name") or "").lower() in {"movie", "src", "filename"}:
        candidates.append(node.get("value"))
    for candidate in candidates:
        url = urls.join(base, candidate)
        if url and (node.tag == "video" or _VIDEO_FILE.search(url) or _VIDEO_PAGE.search(url)):
            yield url
            return


def _player_files(script: str, base: str) -> Iterator[str]:
    """Addresses that a player script is given, without the poster."""
    call = _PLAYER_CALL.search(script)
    if call is None:
        return
    files: dict[str, None] = {}
    named: dict[str, None] = {}
    for match in _ARGUMENT.finditer(script.replace("\\/", "/"), call.end()):
        value = match[2] or match[3] or match[4]
        url = urls.join(base, value)
        if url is None:
            continue
        if _VIDEO_FILE.search(url):
            files[url] = None
        elif (match[1] or "").lower() in _PLAYER_KEYS and "/" in value:
            named[url] = None
    # Some players are given the file, others the description of one.
    yield from files or named
