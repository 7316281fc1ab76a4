"""A page as a tree, and the few ways the readers of all eras look into it."""

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

# Not a page of this site: a whole archive in one file, or an attack on the parser.
_LARGEST = 16 * 1024 * 1024
# Each of these tags that is left open in a paragraph is opened again in every one behind it, at
# most three of the same text, so that a page of many costs their product.
_REOPENED = re.compile(
    r"<(?:b|big|code|em|font|i|nobr|s|small|strike|strong|tt|u)(?=[\s/>])[^>]*", re.IGNORECASE
)
_MOST_ALIKE = 3
# Pages of the site have 500 to 3,000; this many take the parser two seconds.
_MOST_ELEMENTS = 2_500_000
# The parser nests no deeper.
_DEEPEST = 512
# With the letter behind it, without which it opens nothing again.
_SHORTEST_TAG = 4
# No shorter page can have more elements.
_SUSPICIOUS = _SHORTEST_TAG * _MOST_ELEMENTS // _DEEPEST
# What stands this far in front need not be counted to know most pages for harmless.
_UNCOUNTED = 16_000
HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_LONGEST_HEADLINE = 250
_LETTERS = frozenset({"a", "b", "em", "font", "i", "strong", "u"})
_BOXES = ("div", "p", "ul", "ol", "dl", "table", "center")
# What holds no text that a reader sees; browsers take the markup in most of them for text.
UNSEEN = frozenset(
    {
        *("script", "style", "noscript", "template", "textarea", "select", "option", "iframe"),
        *("noembed", "noframes", "xmp"),
    }
)
# Where texts of an element are none of one run.
_TOLD_APART = ("br", *_BOXES, *UNSEEN)
# Links, list items, pictures and the like are most of what has a class, and never a story's box.
NO_BOXES = frozenset(
    ("a", "li", "img", "svg", "video", "iframe", "input", "textarea", "link", "script", "style")
)
# A slash does not close these tags, whatever XHTML says, and the page goes on inside of them.
_BLIND = ("script[src]:not(:empty)", "iframe:not(:empty)")
_CLOSED_BY_SLASH = re.compile(r"<(script|iframe)\b([^<>]*)/>", re.IGNORECASE)
_NAME = re.compile(r"\.([\w-]+)|(#[\w-]+)")
_PSEUDO = re.compile(r":\w+\(.*?\)")


def elements(node: Element) -> list[Element]:
    """The elements right inside ``node``."""
    return [child for child in node if isinstance(child, Element)]


def parent(node: Element) -> Element | None:
    """The element around ``node``, ``None`` around the outermost."""
    around = node.parent
    return around if isinstance(around, Element) else None


def own_text(element: Element) -> str:
    """The text right inside ``element``, without that of the elements in it."""
    return "".join([child.data for child in element if isinstance(child, Text)])


def inside(fits: Callable[[Element], object]) -> Callable[[Element], bool]:
    """A test whether any element around another one ``fits``; it looks at each of them once."""
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
    """Those of ``boxes`` that stand inside no other."""
    boxes = list(boxes)
    if len(boxes) < 2:
        return boxes
    is_inside = inside(set(boxes).__contains__)
    return [box for box in boxes if not is_inside(box)]


def content(element: Element | None) -> str:
    """The text a reader sees in ``element``, cleaned; ``""`` for no element."""
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
    """``found``, with one element for each tag of the markup.

    A tag that is left open is opened again in every paragraph behind it; the first one counts.
    """
    once: dict[object, Element] = {}
    for element in found:
        once.setdefault(element.position or element, element)
    return list(once.values())


def _end_heading(heading: Element) -> None:
    """End a heading at the first box in it that is none of its own.

    One whose end tag is missing holds the story behind it.
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
            # Boxes of the page have names, or links, or a story's worth of text.
            named = node.attr("class") or node.attr("id")
            alone = len(texts) == 1 or (not named and (i == first or node.tag == "div"))
            if alone and length < _LONGEST_HEADLINE and not node.select_one("a[href]"):
                continue
        # A headline is not empty, as the lines above and below it often are.
        if i > first or not (heading.tag == "h1" or heading.attr("id")):
            heading.insert_after(*nodes[i:])
            return


def _is_opened_again(element: Element) -> bool:
    """Whether its tag stands before that of the element around it."""
    around = parent(element)
    place, start = element.position, around.position if around is not None else None
    return place is not None and start is not None and place < start


def _says_something(node: Node) -> bool:
    # A comment has no text.
    seen = not (isinstance(node, Element) and node.tag in UNSEEN)
    return seen and bool(node.text.strip())


class _Place(NamedTuple):
    """A place as looked for.

    :param names: classes, and ids with their ``#``, that a page with this place has.
    :param last: the last of them, where the place ends in a name alone.
    :param alone: the place is that name and nothing else.
    """

    names: frozenset[str]
    last: str
    alone: bool
    selector: str


# An era asks for the same rows of places on each of its pages.
@lru_cache(maxsize=256)
def _places(places: tuple[str, ...]) -> tuple[_Place, ...]:
    return tuple(map(_place, places))


def _place(place: str) -> _Place:
    names = frozenset(map("".join, _NAME.findall(_PSEUDO.sub("", place))))
    end = _NAME.fullmatch(re.split(r"[\s>~+]+", place)[-1])
    # White space around an id is a slip that a browser does not forgive.
    selector = re.sub(r"#([\w-]+)", r'[id~="\1"]', place)
    return _Place(
        names, "".join(end.groups("")) if end else "", end is not None and end[0] == place, selector
    )


class Document:
    """One downloaded page.

    :ivar markup: the page's text, already decoded.
    :ivar url: the address it was fetched from.
    :ivar tree: its tree, as browsers build it.
    :ivar names: every class and id of what can be a box: ``"origin"``, ``"#p_content"``.
    :ivar edition: the edition whose host the address names; the English one for other hosts.
    """

    def __init__(self, markup: str, url: str) -> None:
        """Build the tree of ``markup``.

        :raises PageError: the page is empty, larger than any page of the site, or has more tags
            left open than a tree can bear.
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
        # A script from elsewhere or a frame holds text only where it has no end.
        if not all(e.text.isspace() for blind in _BLIND for e in self.tree.select(blind)):
            self.tree = turbohtml.parse(_CLOSED_BY_SLASH.sub(r"<\1\2></\1>", markup))
        # By tag, which the tree has an index of.
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
        """Content of the first ``<meta name=...>`` of that name in any case, cleaned, or ``""``."""
        element = self.tree.select_one(f'meta[name~="{name}" i]')
        return text.clean(element.attr("content") or "") if element is not None else ""

    @property
    def all_text(self) -> str:
        """All text of the page, what no reader sees too, to learn what the page has not."""
        return self.tree.text

    def texts(self) -> Iterator[tuple[str, Element]]:
        """Every text of the page, and the element right around it, in document order."""
        for node in self.tree.descendants:
            if isinstance(node, Text) and isinstance(node.parent, Element):
                yield node.data, node.parent

    def find(self, *places: str) -> list[Element]:
        """The elements at these places, place by place, each once.

        A place is a CSS selector. The names on the page are known, so that one whose names are not
        there, and one that ends in a class or an id, takes no pass over the tree of its own.
        """
        found: dict[Element, None] = {}
        for place in _places(places):
            if place.names <= self.names:
                found.update(dict.fromkeys(self._at(place)))
        return list(found) if len(found) < 2 else _once(found)

    def first(self, *places: str) -> tuple[Element | None, str]:
        """The first element with text at these places, place by place, and its text, cleaned."""
        found = ((element, content(element)) for place in places for element in self.find(place))
        return next((one for one in found if one[1]), (None, ""))

    def with_class(self, part: str) -> list[Element]:
        """The elements that have ``part`` in one of their classes, class by class."""
        names = [name for name in self._named if part in name and not name.startswith("#")]
        return _once(element for name in names for element in self._named[name])

    def _at(self, place: _Place) -> list[Element]:
        if not place.last:
            return self.tree.select(place.selector)
        named = self._named[place.last]
        return named if place.alone else [e for e in named if e.matches(place.selector)]

    def has(self, *places: str) -> bool:
        """Whether anything stands at one of these places."""
        return any(
            place.alone or self._at(place) for place in _places(places) if place.names <= self.names
        )

    def in_order(self, *places: str) -> list[Element]:
        """The elements at these places in the order of the markup."""
        return sorted(self.find(*places), key=lambda element: element.position or (0, 0))

    @property
    def body(self) -> Element:
        """``<body>``, which a browser adds where it is missing; the whole page of a frameset."""
        root = self.tree.root
        assert root is not None
        return self.tree.select_one("body") or root

    @property
    def title(self) -> str:
        """Text of ``<title>``, cleaned."""
        return content(self.tree.select_one("title"))


def _most_elements(markup: str) -> int:
    """How many elements the tree of ``markup`` can have, reopened ones included."""
    for uncounted in (_UNCOUNTED, 0):
        tags = uncounted // _SHORTEST_TAG + markup.count("<", uncounted)
        if tags * _DEEPEST < _MOST_ELEMENTS:
            return tags * _DEEPEST  # Whatever is left open.
    opened: list[str] = _REOPENED.findall(markup)
    # A quote that is open holds a ">", behind which two tags may differ.
    cut = len([tag for tag in opened if tag.count('"') % 2 or tag.count("'") % 2])
    return tags * (1 + min(len(opened), _MOST_ALIKE * len(set(opened)) + cut, _DEEPEST))
