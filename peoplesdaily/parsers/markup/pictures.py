"""Addresses of pictures, without icons and counting pixels."""

from __future__ import annotations

import re

from peoplesdaily.parsers.markup.document import Element
from peoplesdaily.site import urls

# Decorations: pager arrows, icons, logos.
_ORNAMENT = re.compile(
    r"(?:dot|(?:next|prev|previous|last)(?:[\W\d_].*|page|btn|arrow.*)?"
    r"|(?:icon|logo|blank|spacer|loading).*)\.(?:gif|png|jpe?g)$|(?:next|prev|last).*\.gif$",
    re.IGNORECASE,
)
_ORNAMENTS = re.compile(r"https?://[^/]*/img/", re.IGNORECASE)
_BEHIND_PATH = re.compile(r"[?#]")
_DOT = frozenset({"0", "1"})
_FLOAT_STYLE = re.compile(r"(?:^|[\s;])float\s*:\s*(?:left|right)", re.IGNORECASE)


def picture_address(node: Element, base: str) -> str | None:
    if (node.attr("width") or "").strip() in _DOT or (node.attr("height") or "").strip() in _DOT:
        return None  # A counting pixel.
    for name in ("src", "data-src", "data-original", "original"):
        url = urls.join(base, node.attr(name))
        if url and not _is_ornament(url):
            return url
    return None


def is_floated(image: Element) -> bool:
    align = (image.attr("align") or "").strip().lower()
    return align in ("left", "right") or bool(_FLOAT_STYLE.search(image.attr("style") or ""))


def _is_ornament(url: str) -> bool:
    name = _BEHIND_PATH.split(url, 1)[0].rpartition("/")[2]
    return bool(_ORNAMENT.match(name) or _ORNAMENTS.match(url))
