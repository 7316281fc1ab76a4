"""A page as a tree, and the few ways the readers of all eras look into it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

from lxml import etree

from peoplesdaily import text
from peoplesdaily.pages.errors import PageError

Element: TypeAlias = etree._Element

# Not a page of this site: a whole archive in one file, or an attack on the parser.
_LARGEST = 16 * 1024 * 1024
# Pages of the site have 15 to 60 KB, their longest tags a few hundred bytes.
_SUSPICIOUS = 64 * 1024
_LONGEST_TAG = 32 * 1024


def has_class(*names: str) -> str:
    """XPath predicate: the element carries every class named, whatever others it has."""
    token = "contains(concat(' ', normalize-space(@class), ' '), ' {} ')"
    return "[" + " and ".join(token.format(name) for name in names) + "]"


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


def content(element: Element | None) -> str:
    """The text a reader sees in ``element``, cleaned; ``""`` for no element."""
    if element is None:
        return ""
    parts: list[str] = []
    for event, node in etree.iterwalk(element, events=("start", "end", "comment", "pi")):
        if event == "start":
            if node.tag in _UNSEEN:
                continue
            if node.tag == "br":
                parts.append(" ")
            if node.text:
                parts.append(node.text)
        elif node is not element and node.tail:
            parts.append(node.tail)
    return text.clean("".join(parts))


_UNSEEN = frozenset({"script", "style", "noscript", "template", "textarea", "select", "option"})


@dataclass(slots=True)
class Document:
    """One downloaded page.

    :param markup: the page's text, already decoded.
    :param url: the address it was fetched from.
    :param root: its tree.
    :param meta: contents of the head's ``<meta name=...>`` by lower-case name, cleaned.
    """

    markup: str
    url: str
    root: Element
    meta: dict[str, str]

    @classmethod
    def parse(cls, markup: str, url: str) -> Document:
        """Build the tree of ``markup``.

        :raises PageError: the page is empty or larger than any page of the site.
        """
        if len(markup) > _LARGEST:
            raise PageError(url, f"larger than {_LARGEST >> 20} MiB")
        if len(markup) > _SUSPICIOUS and max(map(_tag_length, markup.split("<"))) > _LONGEST_TAG:
            # The parser compares each attribute of a tag with all others.
            raise PageError(url, f"a tag of more than {_LONGEST_TAG >> 10} KiB")
        # Bytes, because lxml refuses text that carries an XML encoding declaration.
        data = markup.encode("utf-8", "ignore").replace(b"\x00", b"")
        try:
            root = etree.HTML(data, etree.HTMLParser(encoding="utf-8", huge_tree=False))
        except etree.LxmlError as error:
            raise PageError(url, "not readable as HTML") from error
        if root is None:
            raise PageError(url, "an empty page")
        return cls(markup, url, root, _meta(select(root, "//meta[@name and @content]")))

    @property
    def title(self) -> str:
        """Text of ``<title>``, cleaned."""
        return content(first(self.root, "//title"))


def _tag_length(piece: str) -> int:
    return len(piece.partition(">")[0])


def _meta(elements: Iterable[Element]) -> dict[str, str]:
    found: dict[str, str] = {}
    for element in elements:
        name = (element.get("name") or "").strip().lower()
        found.setdefault(name, text.clean(element.get("content") or ""))
    return found
