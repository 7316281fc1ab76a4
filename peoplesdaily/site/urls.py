"""The site's addresses: recognise, build, canonicalise.

Two identities, never mixed: :func:`canonical` identifies a *page* (what to fetch once), the content
id of :func:`article` a *story* (what to write once).

Source of the patterns: public crawlers and archived pages of 2000 to 2026.
"""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import urljoin, urlsplit

from peoplesdaily.site.editions import Edition, canonical_host, of_host

# 2014 on: /n/2015/0818/c90882-8937797-5.html, /n3/2026/0910/c90000-20497977.html. On English hosts
# anything before it is glue: scrapers and some pages write "/90777//n3/...". Other editions have
# directories: /Afrique/n3/2026/0702/c96852-20473397.html.
_DATED = re.compile(
    r"/(?P<directory>(?:[A-Za-z]\w*/)*)(?P<path>n\d?/(?P<year>\d{4})/(?P<month>\d\d)(?P<day>\d\d)"
    r"/c(?P<channel>\d+)-(?P<id>\d+))(?:-(?P<page>\d{1,4}))?(?P<end>\.html)$",
    re.ASCII,
)
# 2008 to 2013: /90001/90776/90882/7066554.html, /90786/7571411.html: channels, then the id.
_CHANNELLED = re.compile(
    r"^/(?P<path>(?:\d{5,6}/)*(?P<channel>\d{5,6})/(?P<id>\d{7}))"
    r"(?:-(?P<page>\d{1,4}))?(?P<end>\.html)$",
    re.ASCII,
)
# Chinese until 2012/13: /GB/16620518.html, /GB/8217/114038/16620518.html.
_CHINESE = re.compile(
    r"^/(?P<path>GB/(?:\d{4,6}/)*?(?:(?P<channel>\d{4,6})/)?(?P<id>\d{6,9}))"
    r"(?:-(?P<page>\d{1,4}))?(?P<end>\.html)$",
    re.ASCII,
)
# 2000 to 2008: /english/200012/03/eng20001203_56806.html, /200304/20/eng20030420_115509.shtml.
_EARLY = re.compile(
    r"^/(?P<path>(?:english/)?(?P<year>\d{4})(?P<month>\d\d)/(?P<day>\d\d)"
    r"/eng\d{8}_(?P<id>\d+))(?P<end>\.s?html)$",
    re.ASCII,
)
_LIST = re.compile(
    r"^(?P<directory>(?:/[A-Za-z0-9_]+)*)/(?:index(?P<number>\d{0,5})\.html)?$", re.ASCII
)
_FROM_ROOT = re.compile(r"/[A-Za-z0-9_][A-Za-z0-9_/.-]*$")
_ABSOLUTE = re.compile(
    r"https?://(?P<host>[A-Za-z0-9][A-Za-z0-9.-]*)(?P<path>(?:/[A-Za-z0-9_/.-]*)?)\Z"
)
_SPACE = re.compile(r"\s")
_SLASHES = re.compile(r"/{2,}")
_GLUED_HREF = re.compile(r"^/+(?=n\d?/\d{4}/\d{4}/)")


class ArticleAddress(NamedTuple):
    """The address of one page of a story.

    :param id: content id, unique over all editions.
    :param channel: channel id, ``None`` before 2008.
    :param day: date in the address; ``None`` from 2008 to 2013.
    :param page: page of the story; 1 without a suffix.
    :param story_url: canonical address of the story's first page.
    """

    id: str
    channel: str | None
    day: date | None
    page: int
    story_url: str
    edition: Edition

    @property
    def url(self) -> str:
        """Canonical address of this page."""
        return self.page_url(self.page)

    def page_url(self, number: int) -> str:
        """Canonical address of page ``number`` of the same story."""
        if number == 1:
            return self.story_url
        stem, dot, end = self.story_url.rpartition(".")
        return f"{stem}-{number}{dot}{end}"


class ListAddress(NamedTuple):
    """The address of one page of a list.

    :param directory: ``"/90777"``; ``""`` for the front page.
    :param number: page of the list; ``index.html``, ``index1.html`` and ``/`` are page 1.
    """

    directory: str
    number: int
    edition: Edition
    host: str

    @property
    def url(self) -> str:
        """Canonical address of this page of the list."""
        return self.page_url(self.number)

    def page_url(self, number: int) -> str:
        """Canonical address of page ``number`` of the same list."""
        if not self.directory and number == 1:
            return f"http://{self.host}/"
        suffix = "" if number == 1 else str(number)
        return f"http://{self.host}{self.directory}/index{suffix}.html"


class _Parts(NamedTuple):
    """The relevant parts of an address: host in lower case, path as written, query."""

    host: str
    path: str
    query: str


def _split(url: str) -> _Parts | None:
    """Split an ``http(s)`` address; ``None`` for anything else."""
    url = url.strip()
    plain = _ABSOLUTE.match(url)
    if plain:
        # Most addresses; urlsplit() is slow.
        return _Parts(plain["host"].lower(), plain["path"], "")
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return None
    if parts.scheme.lower() not in {"http", "https"} or not host:
        return None
    return _Parts(host, parts.path, parts.query)


def _path(parts: _Parts) -> str:
    return _SLASHES.sub("/", _SPACE.sub("%20", parts.path) or "/")


def edition(url: str) -> Edition | None:
    """The edition of ``url``'s host; ``None`` for other sites."""
    parts = _split(url)
    return of_host(parts.host) if parts else None


@lru_cache(maxsize=1024)
def article(url: str) -> ArticleAddress | None:
    """Parse the address of an article.

    ``None`` for other hosts, other kinds of pages, and known pages that only look like articles.
    """
    parts = _split(url)
    edition_ = of_host(parts.host) if parts else None
    if parts is None or edition_ is None:
        return None
    match = _DATED.search(parts.path) or _undated(parts)
    if match is None:
        return None
    found = match.groupdict("")
    id_ = found["id"].lstrip("0")
    if not id_ or id_ in edition_.not_articles:
        return None
    directory = "" if edition_.glued else found.get("directory", "")
    return ArticleAddress(
        id=id_,
        channel=found.get("channel") or None,
        day=_day(found),
        page=int(found.get("page") or 1) or 1,
        story_url=f"http://{canonical_host(parts.host, edition_)}"
        f"/{directory}{found['path']}{found['end']}",
        edition=edition_,
    )


def _undated(parts: _Parts) -> re.Match[str] | None:
    # Of two glued addresses, the second is meant.
    last = "/" + parts.path.rpartition("//")[2].lstrip("/")
    return _undated_path(last) or _undated_path(_path(parts))


def _undated_path(path: str) -> re.Match[str] | None:
    return _CHANNELLED.match(path) or _EARLY.match(path) or _CHINESE.match(path)


def _day(found: dict[str, str]) -> date | None:
    if "year" not in found:
        return None
    try:
        return date(int(found["year"]), int(found["month"]), int(found["day"]))
    except ValueError:
        return None


def listing(url: str) -> ListAddress | None:
    """Parse the address of a list page or the front page; ``None`` for others."""
    parts = _split(url)
    edition_ = of_host(parts.host) if parts else None
    if parts is None or edition_ is None:
        return None
    path = _path(parts)
    if "." not in path and not path.endswith("/"):
        path += "/"
    match = _LIST.match(path)
    if match is None:
        return None
    number = int(match["number"] or 1) or 1
    return ListAddress(match["directory"], number, edition_, canonical_host(parts.host, edition_))


def canonical(url: str) -> str | None:
    """The canonical address of a page; ``None`` for other sites.

    Scheme ``http``, the edition's current host, no port, no fragment. Articles and lists also lose
    glue and query.
    """
    known = article(url) or listing(url)
    if known is not None:
        return known.url
    parts = _split(url)
    edition_ = of_host(parts.host) if parts else None
    if parts is None or edition_ is None:
        return None
    query = f"?{_SPACE.sub('%20', parts.query)}" if parts.query else ""
    return f"http://{canonical_host(parts.host, edition_)}{_path(parts)}{query}"


def join(base: str, href: str | None) -> str | None:
    """Resolve ``href``; ``None`` if the result is not an ``http(s)`` address."""
    if not href:
        return None
    # Fast path for the two common kinds; urljoin() is slow.
    if _FROM_ROOT.match(href):
        return f"{_origin(base)}{href}"
    if _ABSOLUTE.match(href):
        return href
    # Browsers remove tabs and line ends inside an address.
    href = _SPACE.sub("%20", re.sub(r"[\t\r\n]", "", href).strip())
    # "//n3/2026/..." is a glued path, though it looks like a host "n3".
    href = _GLUED_HREF.sub("/", href)
    return _join(base, href)


@lru_cache(maxsize=1024)
def _join(base: str, href: str) -> str | None:
    try:
        url = urljoin(base, href)
    except ValueError:
        return None
    return url if _split(url) else None


@lru_cache(maxsize=64)
def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
