"""The tree of a page, and how to search it."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from itertools import chain
from typing import NamedTuple

import turbohtml
from turbohtml import Element, Node, Text

from peoplesdaily.parsers.errors import PageError
from peoplesdaily.site import urls
from peoplesdaily.site.editions import ENGLISH, Edition
from peoplesdaily.utils import text

__all__ = [
    "HEADINGS",
    "NO_BOXES",
    "UNSEEN",
    "Document",
    "Element",
    "Text",
    "content",
    "elements",
    "inside",
    "outermost",
    "own_text",
    "parent",
]

# Larger input is not a page of the site: an archive in one file, or an attack.
_LARGEST = 16 * 1024 * 1024
# The parser reopens each of these tags in every later paragraph if it is left open, at most three
# with equal attributes. The number of elements can grow to the product.
_REOPENED = re.compile(
    r"<(?:b|big|code|em|font|i|nobr|s|small|strike|strong|tt|u)(?=[\s/>])[^>]*", re.IGNORECASE
)
_MOST_ALIKE = 3
# The site's pages have 500 to 3,000 elements; parsing this many takes two seconds.
_MOST_ELEMENTS = 2_500_000
# The parser's limit of nesting.
_DEEPEST = 512
# The tag and the next letter; without a letter no tag is reopened.
_SHORTEST_TAG = 4
# A shorter page cannot exceed the limit.
_SUSPICIOUS = _SHORTEST_TAG * _MOST_ELEMENTS // _DEEPEST
# Skipping this much at the start is safe when most pages are checked.
_UNCOUNTED = 16_000
HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_LONGEST_HEADLINE = 250
_LETTERS = frozenset({"a", "b", "em", "font", "i", "strong", "u"})
_BOXES = ("div", "p", "ul", "ol", "dl", "table", "center")
# Elements without visible text; browsers treat the markup in most of them as text.
UNSEEN = frozenset(
    {
        *("script", "style", "noscript", "template", "textarea", "select", "option", "iframe"),
        *("noembed", "noframes", "xmp"),
    }
)
# Elements whose texts are separate runs.
_TOLD_APART = ("br", *_BOXES, *UNSEEN)
# Most elements with a class are links, list items or pictures, never a story's box.
NO_BOXES = frozenset(
    ("a", "li", "img", "svg", "video", "iframe", "input", "textarea", "link", "script", "style")
)
# In HTML, `/>` does not close these tags: the page continues inside them.
_BLIND = ("script[src]:not(:empty)", "iframe:not(:empty)")
_CLOSED_BY_SLASH = re.compile(r"<(script|iframe)\b([^<>]*)/>", re.IGNORECASE)
_NAME = re.compile(r"\.([\w-]+)|(#[\w-]+)")
_PSEUDO = re.compile(r":\w+\(.*?\)")


def elements(node: Element) -> list[Element]:
    """Child elements of ``node``."""
    return [child for child in node if isinstance(child, Element)]


def parent(node: Element) -> Element | None:
    """Parent element of ``node``; ``None`` at the root."""
    around = node.parent
    return around if isinstance(around, Element) else None


def own_text(element: Element) -> str:
    """Text directly in ``element``, without its child elements."""
    return "".join([child.data for child in element if isinstance(child, Text)])


def inside(fits: Callable[[Element], object]) -> Callable[[Element], bool]:
    """A predicate: whether any ancestor ``fits``. Each ancestor is tested once."""
    known: dict[Element, bool] = {}

    def is_inside(element: Element) -> bool:
        chain: list[Element] = []
        around = parent(element)
        while around is not None and around not in known:
            chain.append(around)
            around = parent(around)
        found = around is not None and known[around]
        for box in reversed(chain):
            found = known[box] = found or bool(fits(box))
        return found

    return is_inside


def outermost(boxes: Iterable[Element]) -> list[Element]:
    """The ``boxes`` that are not inside another one."""
    boxes = list(boxes)
    if len(boxes) < 2:
        return boxes
    is_inside = inside(set(boxes).__contains__)
    return [box for box in boxes if not is_inside(box)]


def content(element: Element | None) -> str:
    """Visible text of ``element``, cleaned; ``""`` for ``None``."""
    if element is None or element.tag in UNSEEN:
        return ""
    of_text = len(element) == 1 and isinstance(element[0], Text)
    if of_text or not any(element.iter_elements(_TOLD_APART)):
        return text.clean(element.text)
    parts: list[str] = []
    _gather(element, parts)
    return text.clean("".join(parts))


def _gather(element: Element, parts: list[str]) -> None:
    for child in element:
        if isinstance(child, Text):
            parts.append(child.data)
        elif isinstance(child, Element):
            tag = child.tag
            if tag == "br":
                parts.append(" ")
            elif tag in _BOXES:
                parts.append(" ")
                _gather(child, parts)
                parts.append(" ")
            elif tag not in UNSEEN:
                _gather(child, parts)


def _once(found: Iterable[Element]) -> list[Element]:
    """``found``, with one element per tag in the markup.

    The parser reopens unclosed tags in later paragraphs; only the first element counts.
    """
    once: dict[object, Element] = {}
    for element in found:
        once.setdefault(element.position or element, element)
    return list(once.values())


def _end_heading(heading: Element) -> None:
    """End a heading before the first box inside it.

    A heading without an end tag would contain the story.
    """
    nodes = list(heading)
    texts = {i for i, node in enumerate(nodes) if _says_something(node)}
    if not texts:
        return
    first, last, length = min(texts), max(texts), 0
    for i in range(first, len(nodes)):
        node = nodes[i]
        length += len(node.text)
        if not isinstance(node, Element) or node.tag not in _BOXES:
            continue
        if i <= last:
            if i not in texts:
                continue
            # Boxes have names, links or a story's amount of text.
            named = node.attr("class") or node.attr("id")
            alone = len(texts) == 1 or (not named and (i == first or node.tag == "div"))
            if alone and length < _LONGEST_HEADLINE and not node.select_one("a[href]"):
                continue
        # A headline is never empty, unlike the lines around it.
        if i > first or not (heading.tag == "h1" or heading.attr("id")):
            heading.insert_after(*nodes[i:])
            return


def _is_opened_again(element: Element) -> bool:
    """Whether the tag comes before its parent's tag in the markup."""
    around = parent(element)
    place, start = element.position, around.position if around is not None else None
    return place is not None and start is not None and place < start


def _says_something(node: Node) -> bool:
    # A comment has no text.
    seen = not (isinstance(node, Element) and node.tag in UNSEEN)
    return seen and bool(node.text.strip())


class _Place(NamedTuple):
    """A parsed place.

    :param names: classes and ids (with ``#``) that the page must have.
    :param last: the last name, if the place ends in one.
    :param alone: the place is only that name.
    """

    names: frozenset[str]
    last: str
    alone: bool
    selector: str


# Templates use the same places on every page.
@lru_cache(maxsize=256)
def _places(places: tuple[str, ...]) -> tuple[_Place, ...]:
    return tuple(map(_place, places))


def _place(place: str) -> _Place:
    names = frozenset(map("".join, _NAME.findall(_PSEUDO.sub("", place))))
    end = _NAME.fullmatch(re.split(r"[\s>~+]+", place)[-1])
    # Browsers do not ignore white space around an id.
    selector = re.sub(r"#([\w-]+)", r'[id~="\1"]', place)
    return _Place(
        names, "".join(end.groups("")) if end else "", end is not None and end[0] == place, selector
    )


class Document:
    """A page and its tree.

    :ivar markup: the decoded HTML.
    :ivar url: the address it was fetched from.
    :ivar tree: its tree, built as browsers do.
    :ivar names: classes and ids of all possible boxes: ``"origin"``, ``"#p_content"``.
    :ivar edition: the edition that the address belongs to; English for other hosts.
    """

    def __init__(self, markup: str, url: str) -> None:
        """Parse ``markup``.

        :raises PageError: the page is empty, too large, or has too many unclosed tags.
        """
        if len(markup) > _LARGEST:
            raise PageError(url, f"larger than {_LARGEST >> 20} MiB")
        if len(markup) > _SUSPICIOUS and _most_elements(markup) > _MOST_ELEMENTS:
            raise PageError(url, "too many tags, and too many of them left open")
        if not markup or markup.isspace():
            raise PageError(url, "an empty page")
        self.markup = markup
        self.url = url
        self.edition: Edition = urls.edition(url) or ENGLISH
        self.tree = turbohtml.parse(markup)
        # External scripts and frames contain text only if they are unclosed.
        if not all(e.text.isspace() for blind in _BLIND for e in self.tree.select(blind)):
            self.tree = turbohtml.parse(_CLOSED_BY_SLASH.sub(r"<\1\2></\1>", markup))
        # By tag name, which is indexed.
        for heading in chain.from_iterable(map(self.tree.select, HEADINGS)):
            if len(heading) > 1 and any(heading.iter_elements(_BOXES)):
                _end_heading(heading)
            around = parent(heading)
            if around is not None and around.tag in _LETTERS and _is_opened_again(around):
                around.unwrap()
        named: dict[str, list[Element]] = defaultdict(list)
        for element in self.tree.select("[class]"):
            if element.tag not in NO_BOXES:
                for name in element.attrs["class"] or ():
                    named[name].append(element)
        for element in self.tree.select("[id]"):
            if element.tag not in NO_BOXES:
                named[f"#{(element.attr('id') or '').strip()}"].append(element)
        self._named = dict(named)
        self.names = frozenset(named)

    def meta(self, name: str) -> str:
        """Cleaned content of the first ``<meta name=...>``, in any case; ``""`` if absent."""
        element = self.tree.select_one(f'meta[name~="{name}" i]')
        return text.clean(element.attr("content") or "") if element is not None else ""

    @property
    def all_text(self) -> str:
        """All text of the page, hidden text included, to rule things out."""
        return self.tree.text

    def texts(self) -> Iterator[tuple[str, Element]]:
        """Every text node and its parent element, in document order."""
        for node in self.tree.descendants:
            if isinstance(node, Text) and isinstance(node.parent, Element):
                yield node.data, node.parent

    def find(self, *places: str) -> list[Element]:
        """The elements at these places, in order of the places, without repeats.

        A place is a CSS selector. It is looked up by name where possible, without searching the
        tree.
        """
        found: dict[Element, None] = {}
        for place in _places(places):
            if place.names <= self.names:
                found.update(dict.fromkeys(self._at(place)))
        return list(found) if len(found) < 2 else _once(found)

    def first(self, *places: str) -> tuple[Element | None, str]:
        """The first element with text at these places, in their order, and its cleaned text."""
        found = ((element, content(element)) for place in places for element in self.find(place))
        return next((one for one in found if one[1]), (None, ""))

    def with_class(self, part: str) -> list[Element]:
        """The elements with ``part`` in a class name, class by class."""
        names = [name for name in self._named if part in name and not name.startswith("#")]
        return _once(element for name in names for element in self._named[name])

    def _at(self, place: _Place) -> list[Element]:
        if not place.last:
            return self.tree.select(place.selector)
        named = self._named[place.last]
        return named if place.alone else [e for e in named if e.matches(place.selector)]

    def has(self, *places: str) -> bool:
        """Whether an element exists at one of these places."""
        return any(
            place.alone or self._at(place) for place in _places(places) if place.names <= self.names
        )

    def in_order(self, *places: str) -> list[Element]:
        """The elements at these places in document order."""
        return sorted(self.find(*places), key=lambda element: element.position or (0, 0))

    @property
    def body(self) -> Element:
        """``<body>``, which the parser adds if absent; the root of a frameset page."""
        root = self.tree.root
        assert root is not None
        return self.tree.select_one("body") or root

    @property
    def title(self) -> str:
        """Cleaned text of ``<title>``."""
        return content(self.tree.select_one("title"))


def _most_elements(markup: str) -> int:
    """Upper limit of the elements in the tree of ``markup``, reopened ones included."""
    for uncounted in (_UNCOUNTED, 0):
        tags = uncounted // _SHORTEST_TAG + markup.count("<", uncounted)
        if tags * _DEEPEST < _MOST_ELEMENTS:
            return tags * _DEEPEST  # Any number may be unclosed.
    opened: list[str] = _REOPENED.findall(markup)
    # An unclosed quote contains a ">", after which two tags may differ.
    cut = len([tag for tag in opened if tag.count('"') % 2 or tag.count("'") % 2])
    return tags * (1 + min(len(opened), _MOST_ALIKE * len(set(opened)) + cut, _DEEPEST))
