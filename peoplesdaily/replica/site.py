"""The site as a function from request to response, without I/O."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from email.utils import format_datetime, parsedate_to_datetime
from functools import lru_cache
from http import HTTPStatus
from ipaddress import ip_address
from typing import NamedTuple
from urllib.parse import urlsplit

from peoplesdaily.replica import listing, markup, shell
from peoplesdaily.replica import search as search_service
from peoplesdaily.replica.content import DIRECTORIES, Catalogue
from peoplesdaily.replica.story import Story

#: Hosts of the English edition, current one first.
HOSTS = (
    "en.people.cn",
    "english.people.com.cn",
    "english.people.cn",
    "english.peopledaily.com.cn",
)
ROBOTS = "User-agent: *\nDisallow: /rss_mobile/\nDisallow: /*.php\n"

_SECTION_AT = {directory: name for name, directory in DIRECTORIES.items()} | {
    "business": "business"
}
_STORY_PATH = re.compile(r"/(?:n\d?/\d{4}/\d{4}/c\d+-|(?:\d{5,6}/)+)(\d+)(?:-(\d+))?\.html")
_LIST_PATH = re.compile(r"/([a-z0-9]+)/(?:index(\d*)\.html)?")
_REVIEW_PATH = re.compile(r"/review/(\d{4})(\d\d)(\d\d)\.html", re.ASCII)
_PICTURE_PATH = re.compile(r"/(?:NMediaFile|mediafile|img)/.+\.(?:jpg|gif|png)", re.IGNORECASE)
_GIF = bytes.fromhex(
    "47494638396101000100800000000000ffffff21f90401000000002c00000000010001000002024401003b"
)
_HTML = "text/html"


class Request(NamedTuple):
    """A request; ``target`` is a path or, through a proxy, a full address."""

    method: str
    host: str
    target: str
    headers: Mapping[str, str]
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


Override = Reply | Callable[[Request], Reply]


class Site:
    """The replica of the site.

    :param catalogue: its stories.
    :ivar overrides: responses for single paths (without query) or addresses ``http://host/path`` of
        any site, instead of the default: a reply, or a function of the request, which may call
        :meth:`answer`.
    """

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self.overrides: dict[str, Override] = {}
        # Bounded by count: 8,192 pages of 16 KB are 130 MB.
        self._page = lru_cache(maxsize=8_192)(self._render)
        self.search = search_service.Search(catalogue)

    def respond(
        self,
        method: str,
        host: str,
        target: str,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
    ) -> Reply:
        """The answer to a request.

        :param host: the ``Host`` header; a full address in ``target`` takes precedence.
        """
        split = urlsplit(target) if "://" in target else None
        if split is not None:
            host = split.netloc
        elsewhere = self.overrides.get(f"http://{_hostname(host)}{_path(target)}")
        if elsewhere is None and not _is_ours(host):
            return _error(502, f"This proxy serves the replica of {HOSTS[0]}, not {host!r}.")
        request = Request(method, host, target, headers or {}, body)
        override = elsewhere or self.overrides.get(_path(target))
        if override is None:
            return self.answer(request)
        return override if isinstance(override, Reply) else override(request)

    def answer(self, request: Request) -> Reply:
        """The default response, without overrides."""
        if _hostname(request.host) == search_service.HOST:
            return self._search(request)
        if request.method not in ("GET", "HEAD"):
            return _error(405, "The replica answers GET and HEAD.", {"Allow": "GET, HEAD"})
        reply = _conditional(self._page(_path(request.target)), request.headers)
        return Reply(reply.status, reply.headers) if request.method == "HEAD" else reply

    def paths(self) -> Iterator[str]:
        """Paths of all pages that a full crawl fetches: front page, lists, story pages."""
        yield "/"
        for section, directory in DIRECTORIES.items():
            yield f"/{directory}/index.html"
            for page in range(2, listing.page_count(self.catalogue, section) + 1):
                yield f"/{directory}/index{page}.html"
        for number in self.catalogue.ids:
            story = self.catalogue.story(number)
            for page in range(1, story.pages + 1):
                yield story.page_path(page)

    def warm(self) -> int:
        """Render all :meth:`paths` into the cache; returns their number."""
        return sum(self._page(path).status == HTTPStatus.OK for path in self.paths())

    def _render(self, path: str) -> Reply:
        """The response to ``GET path``."""
        if path == "/robots.txt":
            return self._stamped(ROBOTS.encode(), "text/plain")
        if path in ("/", "/index.html", "/index1.html"):
            return self._stamped(listing.front_page(self.catalogue))
        if path in (shell.ABOUT, shell.SERVICES):
            lines = ("This page describes a replica.", "It is no article and has no byline.")
            body = listing.plain_page(self.catalogue, "About People's Daily Online", lines)
            return self._stamped(body)
        if match := _STORY_PATH.fullmatch(path):
            return self._story(match[1], match[2])
        if match := _LIST_PATH.fullmatch(path):
            return self._list(match[1], match[2])
        if match := _REVIEW_PATH.fullmatch(path):
            return self._review(*map(int, match.groups()))
        if _PICTURE_PATH.fullmatch(path):
            return self._stamped(_GIF, "image/gif")
        return _not_found()

    def _search(self, request: Request) -> Reply:
        """The response of the search service's host."""
        if _path(request.target) not in search_service.PATHS:
            return _not_found()
        if request.method != "POST":
            return _error(405, "The search service answers POST.", {"Allow": "POST"})
        body = self.search.answer(request.body)
        headers = {"Content-Type": "application/json;charset=UTF-8"}
        return Reply(200, {**headers, "Content-Length": str(len(body))}, body)

    def _story(self, number: str, page: str | None) -> Reply:
        """A story is served under any channel; page numbers start at 2."""
        if number not in self.catalogue:
            return _not_found()
        story: Story = self.catalogue.story(number)
        shown = int(page or 1)
        if shown > story.pages or (page is not None and shown < 2):
            return _not_found()
        body = markup.story_page(self.catalogue, story, shown)
        return self._stamped(body, modified=story.updated_at or story.published_at)

    def _list(self, directory: str, page: str | None) -> Reply:
        section = _SECTION_AT.get(directory)
        number = int(page or 1)
        if section is None or not 1 <= number <= listing.page_count(self.catalogue, section):
            return _not_found()
        return self._stamped(listing.list_page(self.catalogue, section, number))

    def _review(self, year: int, month: int, day: int) -> Reply:
        try:
            when = date(year, month, day)
        except ValueError:
            return _not_found()
        if not listing.review_ids(self.catalogue, when):
            return _not_found()
        body = listing.review_page(self.catalogue, when)
        return self._stamped(body, modified=listing.review_end(when))

    def _stamped(self, body: bytes, kind: str = _HTML, modified: datetime | None = None) -> Reply:
        """A page with nginx's validators, from time and length."""
        when = modified or self.catalogue.published_at(self.catalogue.ids[0])
        headers = {
            "Content-Type": kind,
            "Last-Modified": format_datetime(when.astimezone(UTC), usegmt=True),
            "ETag": f'"{int(when.timestamp()):x}-{len(body):x}"',
            "Content-Length": str(len(body)),
        }
        return Reply(200, headers, body)


def _path(target: str) -> str:
    """The path of a target, with repeated slashes merged."""
    path = urlsplit(target).path if "://" in target else re.split(r"[?#]", target, maxsplit=1)[0]
    return re.sub(r"/+", "/", path) or "/"


def _hostname(host: str) -> str:
    return (urlsplit(f"//{host}").hostname or "").removesuffix(".")


def _is_ours(host: str) -> bool:
    """Whether a host (with or without port and trailing dot) is the site's or this machine."""
    name = _hostname(host)
    if name in HOSTS or name in (search_service.HOST, "localhost"):
        return True
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False


def _conditional(reply: Reply, headers: Mapping[str, str]) -> Reply:
    """``304`` if the client has the page; an entity tag takes precedence over a time (RFC 9110)."""
    given = {name.lower(): value for name, value in headers.items()}
    etag = reply.headers.get("ETag")
    if etag is None:
        return reply
    if tags := given.get("if-none-match"):
        held = {tag.strip().removeprefix("W/") for tag in tags.split(",")}
        fresh = "*" in held or etag in held
    else:
        fresh = _not_since(reply.headers["Last-Modified"], given.get("if-modified-since"))
    if not fresh:
        return reply
    return Reply(304, {name: reply.headers[name] for name in ("Last-Modified", "ETag")})


def _not_since(modified: str, since: str | None) -> bool:
    if since is None:
        return False
    try:
        return parsedate_to_datetime(modified) <= parsedate_to_datetime(since)
    except (TypeError, ValueError):
        return False  # RFC 9110: invalid dates are ignored.


def _not_found() -> Reply:
    body = listing.error_page(404, "Not Found")
    return Reply(404, {"Content-Type": _HTML, "Content-Length": str(len(body))}, body)


def _error(status: int, reason: str, headers: Mapping[str, str] | None = None) -> Reply:
    body = f"{reason}\n".encode()
    described = {"Content-Type": "text/plain", "Content-Length": str(len(body)), **(headers or {})}
    return Reply(status, described, body)
