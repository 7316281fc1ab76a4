"""A page as a tree, and the few ways the readers of all eras look into it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import chain
from typing import TypeAlias

from lxml import etree

from peoplesdaily import text, urls
from peoplesdaily.editions import ENGLISH, Edition
from peoplesdaily.pages.errors import PageError

Element: TypeAlias = etree._Element

# Not a page of this site: a whole archive in one file, or an attack on the parser.
_LARGEST = 16 * 1024 * 1024
# Pages of the site have 15 to 60 KB, their longest tags a few hundred bytes.
# Links, list items, pictures and the like are most of a page and never a story's box.
_BOXES = (
    *("html", "body", "div", "p", "span", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "dl"),
    *("dt", "dd", "table", "td", "th", "tr", "strong", "b", "em", "i", "font", "center", "section"),
    *("article", "aside", "header", "footer", "nav", "main", "figure", "form"),
)
# Headings, and what is set inside of one or in its place.
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6", "strong", "b", "em", "i", "span")
_SUSPICIOUS = 64 * 1024
_LONGEST_TAG = 32 * 1024


@lru_cache(maxsize=256)
def _place(place: str) -> tuple[str, tuple[str, ...], str]:
    """Kind, names and rest of a place: ``".a.b .//h1"`` is ``(".", ("a", "b"), ".//h1")``."""
    anchor, _, rest = place.partition(" ")
    return anchor[0], tuple(anchor[1:].split(anchor[0])), rest


@lru_cache(maxsize=256)
def _compiled(path: str) -> etree.XPath:
    return etree.XPath(path, smart_strings=False)


def select(node: Element, path: str) -> list[Element]:
    """The elements that ``path`` selects from ``node``, in document order."""
    found = _compiled(path)(node)
    assert isinstance(found, list)
    return found


def first(node: Element, *paths: str) -> Element | None:
    """The first element that any of ``paths`` selects, trying them in turn."""
    for path in paths:
        found = select(node, path)
        if found:
            return found[0]
    return None


def outermost(boxes: Iterable[Element]) -> list[Element]:
    """Those of ``boxes``, given in document order, that stand inside no other."""
    kept: dict[Element, None] = {}
    for box in boxes:
        if not any(ancestor in kept for ancestor in box.iterancestors()):
            kept[box] = None
    return list(kept)


def content(element: Element | None) -> str:
    """The text a reader sees in ``element``, cleaned; ``""`` for no element."""
    if element is None or element.tag in _UNSEEN:
        return ""
    if not len(element):
        return text.clean(element.text or "")
    parts: list[str] = []
    _gather(element, parts)
    return text.clean("".join(parts))


def _gather(element: Element, parts: list[str]) -> None:
    parts.append(element.text or "")
    for child in element:
        if child.tag == "br":
            parts.append(" ")
        elif child.tag not in _UNSEEN:
            _gather(child, parts)
        parts.append(child.tail or "")


_UNSEEN: frozenset[object] = frozenset(
    {
        *("script", "style", "noscript", "template", "textarea", "select", "option"),
        *(etree.Comment, etree.ProcessingInstruction, etree.Entity),
    }
)
# Nobody asks a page's tree for an element by its id, so no table of them is needed.
_PARSER = etree.HTMLParser(encoding="utf-8", huge_tree=False, collect_ids=False)


@dataclass
class Document:
    """One downloaded page.

    :param markup: the page's text, already decoded.
    :param url: the address it was fetched from.
    :param root: its tree.
    :ivar named: every element with a class or an id that can be a box, in document order.
    :ivar edition: the edition whose host the address names; the English one for other hosts.
    """

    markup: str
    url: str
    root: Element

    def __post_init__(self) -> None:
        """Look at every element that can be a box once, and note its names."""
        self.edition: Edition = urls.edition(self.url) or ENGLISH
        self.named: list[Element] = []
        self._classes: dict[str, list[Element]] = defaultdict(list)
        self._ids: dict[str, list[Element]] = defaultdict(list)
        for element in self.root.iter(*_BOXES):
            classes, id_ = element.get("class"), element.get("id")
            if classes:
                for name in classes.split():
                    self._classes[name].append(element)
            if id_:
                self._ids[id_.strip()].append(element)
            if classes or id_:
                self.named.append(element)

    def meta(self, name: str) -> str:
        """Content of the first ``<meta name=...>`` of that lower-case name, cleaned, or ``""``."""
        return text.clean(self._meta.get(name, ""))

    @cached_property
    def _meta(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for element in self.root.iter("meta"):
            name = element.get("name")
            if name:
                found.setdefault(name.strip().lower(), element.get("content") or "")
        return found

    @cached_property
    def all_text(self) -> str:
        """All text of the page as it stands in the tree, to learn what the page has not."""
        return str(etree.tostring(self.root, encoding="unicode", method="text"))

    def holding(self, words: Sequence[str]) -> Iterator[Element]:
        """The elements with one of ``words`` in a text of their own, and no element's inside.

        Headings come first, then other boxes, then all, for looking at every link takes its time.
        """
        for tags in (_HEADINGS, _BOXES, ()):
            for element in self.root.iter(*tags):
                own, behind = element.text, element.tail
                for word in words:
                    if own and word in own and isinstance(element.tag, str):
                        yield element
                    if behind and word in behind:
                        yield element.getparent()
            words = [word for word in words if word in self.all_text]
            if not words:
                return

    def find(self, *places: str) -> list[Element]:
        """The elements at these places, place by place.

        A place is ``.class``, ``.one.two`` (both classes) or ``#id``; behind a space what stands
        inside: ``h1``, ``.class``, ``>.class`` for a child, or an XPath from there. Names are
        looked up in an index of the page: one pass over the tree serves all eras, where an XPath
        by class would take one each.
        """
        found: dict[Element, None] = {}
        for place in places:
            kind, names, rest = _place(place)
            for anchor in self._anchors(kind, names):
                found.update(dict.fromkeys(self._inside(anchor, rest)) if rest else {anchor: None})
        return list(found)

    def _inside(self, anchor: Element, rest: str) -> list[Element]:
        if rest.isalnum():
            return list(anchor.iter(rest))
        if rest.startswith(">."):
            named = self._classes.get(rest[2:], [])
            return [element for element in named if anchor is element.getparent()]
        if rest.startswith((".//", "./")):
            return select(anchor, rest)
        named = self._classes.get(rest[1:], [])
        return [element for element in named if anchor in element.iterancestors()]

    def _anchors(self, kind: str, names: tuple[str, ...]) -> list[Element]:
        index = self._ids if kind == "#" else self._classes
        anchors = index.get(names[0], [])
        for name in names[1:]:
            also = index.get(name, [])
            anchors = [element for element in anchors if element in also]
        return anchors

    def has(self, *places: str) -> bool:
        """Whether anything stands at one of these places."""
        for place in places:
            kind, names, rest = _place(place)
            if self._anchors(kind, names) and (not rest or self.find(place)):
                return True
        return False

    def in_order(self, *places: str) -> list[Element]:
        """The elements at these places, which are names alone, in document order."""
        found = self.find(*places)
        if len(found) < 2:
            return found
        wanted = set(found)
        return [element for element in self.named if element in wanted]

    def with_class(self, fits: Callable[[str], object]) -> list[Element]:
        """The elements with a class that ``fits`` is true of, class by class."""
        found = (elements for name, elements in self._classes.items() if fits(name))
        return list(dict.fromkeys(chain.from_iterable(found)))

    @classmethod
    def parse(cls, markup: str, url: str) -> Document:
        """Build the tree of ``markup``.

        :raises PageError: the page is empty or larger than any page of the site.
        """
        if len(markup) > _LARGEST:
            raise PageError(url, f"larger than {_LARGEST >> 20} MiB")
        if len(markup) > _SUSPICIOUS and _longest_tag(markup) > _LONGEST_TAG:
            # The parser compares each attribute of a tag with all others.
            raise PageError(url, f"a tag of more than {_LONGEST_TAG >> 10} KiB")
        # Bytes, because lxml refuses text that carries an XML encoding declaration.
        data = markup.encode("utf-8", "ignore").replace(b"\x00", b"")
        try:
            root = etree.HTML(data, _PARSER)
        except etree.LxmlError as error:
            raise PageError(url, "not readable as HTML") from error
        if root is None:
            raise PageError(url, "an empty page")
        return cls(markup, url, root)

    @property
    def title(self) -> str:
        """Text of ``<title>``, cleaned."""
        return content(first(self.root, "//title"))


def _longest_tag(markup: str) -> int:
    # What lies between two ">" is hardly ever as long, and counted in less time.
    if max(map(len, markup.split(">"))) <= _LONGEST_TAG:
        return 0
    return max(len(piece.partition(">")[0]) for piece in markup.split("<"))
