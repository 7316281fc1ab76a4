"""Finds video files in players, scripts and Flash objects."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from urllib.parse import parse_qsl

from peoplesdaily.parsers.markup.document import Element
from peoplesdaily.site import urls

_VIDEO_FILE = re.compile(r"\.(?:mp4|m4v|flv|f4v|m3u8|webm|mov|wmv|ogv)(?:[?#]|$)", re.IGNORECASE)

_PICTURE_FILE = re.compile(r"\.(?:jpe?g|png|gif|webp)(?:[?#]|$)", re.IGNORECASE)
_SHORTEST_PATH = 3

# White space nodes included; limited because each parameter looks at all others.
_MOST_PARAMS = 20

_VIDEO_PAGE = re.compile(r"/(?:embed|player|video|v_show|vplayer|v)\b", re.IGNORECASE)

# The site's player is called in a script: showPlayer({id: ..., src: "...", ...}). Other players
# have many names; of those only video files count.
_PLAYER_CALL = re.compile(r"(?:[\w$.]{0,40}?player[\w$.]{0,40}|\bembedswf)\s*\(", re.IGNORECASE)

_OWN_PLAYER = re.compile(r"\b(?:showPlayer|pvplayer)", re.IGNORECASE)

_ARGUMENT = re.compile(
    r"""(?:\b(\w+)["']?\s*[:=]\s*)?"""
    r"""(?:"([^"\\\n]{0,500})"|'([^'\\\n]{0,500})'|(/[^\s,;"'{}()]{3,500}))"""
)

_PLAYER_KEYS = frozenset({"id", "src", "file", "url", "video", "videourl", "path", "mp4", "xml"})


def video_files(node: Element, base: str) -> Iterator[str]:
    if node.tag == "script":
        yield from _player_files(node.text, base)
        return
    # The parameters of a Flash player come before its own address.
    candidates = _flash_files(node.attr("flashvars"))
    addresses = [node.attr("src"), node.attr("data-src")]
    if node.tag == "video":
        addresses += [source.attr("src") for source in node.iter_elements("source")]
    if node.tag == "param" and _is_named(node, "movie", "src", "filename"):
        candidates += [file for given in _given_beside(node) for file in _flash_files(given)]
        addresses.append(node.attr("value"))
    elif node.tag == "param" and _is_named(node, "flashvars"):
        candidates += _flash_files(node.attr("value"))
    for address in filter(None, addresses):
        path, _, query = address.partition("?")
        candidates += [] if _VIDEO_FILE.search(path) else _flash_files(query)
        candidates.append(address)
    for candidate in candidates:
        url = urls.join(base, candidate)
        if url and (node.tag == "video" or _VIDEO_FILE.search(url) or _VIDEO_PAGE.search(url)):
            yield url
            return


def _is_named(node: Element, *names: str) -> bool:
    return (node.attr("name") or "").lower() in names


def _given_beside(node: Element) -> Iterator[str | None]:
    """Values of a player's other parameters, beside ``node``."""
    for siblings in (node.next_siblings, node.previous_siblings):
        for beside in islice(siblings, _MOST_PARAMS):
            if isinstance(beside, Element) and _is_named(beside, "flashvars"):
                yield beside.attr("value")


def _flash_files(variables: str | None) -> list[str]:
    """Video files in the variables of a Flash player: ``vcastr_file=/a.flv``."""
    pairs = parse_qsl(variables or "")
    return [value for _, value in pairs if _VIDEO_FILE.search(value)]


def _player_files(script: str, base: str) -> Iterator[str]:
    """Addresses in a player's script, without the poster."""
    script = script.replace("\\/", "/")
    call = _PLAYER_CALL.search(script)
    if call is None:
        return
    files: dict[str, None] = {}
    named: dict[str, None] = {}
    for match, url in _arguments(script[call.end() :], base):
        if _VIDEO_FILE.search(url):
            files[url] = None
        elif (match[1] or "src").lower() in _PLAYER_KEYS and not _PICTURE_FILE.search(url):
            named[url] = None
    # Some players take a file, others its description.
    given = files or (named if _OWN_PLAYER.match(call[0]) else {})
    # Or the address is in a variable before the call.
    known = _OWN_PLAYER.match(call[0]) or call[0].lower().startswith("embedswf")
    before = (url for _, url in _arguments(script[: call.start()], base) if known)
    yield from given or dict.fromkeys(filter(_VIDEO_FILE.search, before))


def _arguments(script: str, base: str) -> Iterator[tuple[re.Match[str], str]]:
    """Possible addresses in a script, with their matches."""
    for match in _ARGUMENT.finditer(script):
        value = match[2] or match[3] or match[4] or ""
        url = urls.join(base, value) if len(value) > _SHORTEST_PATH and "/" in value else None
        if url is not None:
            yield match, url
