"""A proxy on loopback that answers byte by byte, wrongly where a rule says so.

It stands between a crawler and the embedded site, or answers alone::

    with FaultProxy(server.url, {"/n3/2022/0922/c90000-1.html": "truncated_gzip"}) as proxy:
        crawl("world", proxy=proxy.url)
    assert proxy.log[-1].fault == "truncated_gzip"

A rule names a fault for each request, or ``None`` for the true answer. It is a table from paths to
faults, or a callable that gets the :class:`Asked`. A fault is a name of :data:`FAULTS`, a function
of an :class:`Exchange`, a :class:`Wire`, or plain bytes. :func:`mixture` spreads faults over all
requests at given rates. Every connection carries one request.
"""

from __future__ import annotations

import contextlib
import gzip
import http.client
import random
import socket
import struct
import threading
import time
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import NamedTuple, Self
from urllib.parse import urlsplit

Headers = Iterable[tuple[str, str]]

PAGE = b"<!DOCTYPE html><html><head><title>A page</title></head><body>%s</body></html>" % (
    b"<p>One of many sentences, each of which says the same as the others.</p>" * 60
)
_HOP = {"connection", "content-length", "keep-alive", "proxy-connection", "transfer-encoding"}
_WITHOUT_BODY = (204, 304)


class Asked(NamedTuple):
    """A request.

    :param number: how many requests came before it.
    :param tries: how often its address was asked for before.
    :param headers: with names in lower case.
    """

    number: int
    tries: int
    method: str
    url: str
    path: str
    headers: dict[str, str]
    body: bytes = b""


class Page(NamedTuple):
    """An answer before it is put on the wire; ``headers`` say nothing about its length."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    @property
    def has_body(self) -> bool:
        return bool(self.body) and self.status not in _WITHOUT_BODY


class Wire(NamedTuple):
    """What is sent, byte by byte, and how the connection ends.

    :param reset: the connection ends with RST instead of FIN.
    :param hang: seconds before the connection ends, or until the proxy does.
    """

    data: bytes
    reset: bool = False
    hang: float = 0.0


@dataclass
class Exchange:
    """A request with its true answer, which is fetched when a fault first looks at it."""

    asked: Asked
    proxy: FaultProxy
    _page: Page | None = field(default=None, repr=False)

    @property
    def page(self) -> Page:
        if self._page is None:
            self._page = self.proxy.fetch(self.asked)
        return self._page


Fault = Callable[[Exchange], "Wire | bytes"]
Choice = Fault | Wire | bytes | str | None
Rule = Callable[[Asked], Choice] | Mapping[str, Choice]


class Answered(NamedTuple):
    """A line of the proxy's log; ``fault`` is ``None`` where the true answer was given."""

    asked: Asked
    fault: str | None


def head(
    headers: Headers | Iterable[tuple[bytes, bytes]] = (),
    status: int = 200,
    version: str = "1.1",
) -> bytes:
    """Status line and headers as they are given, with ``Connection: close`` before the end."""
    lines = [f"HTTP/{version} {status} {http.client.responses.get(status, 'Odd')}".encode()]
    for name, value in headers:
        pair = (p.encode("latin-1") if isinstance(p, str) else p for p in (name, value))
        lines.append(b": ".join(pair))
    return b"\r\n".join([*lines, b"Connection: close", b"", b""])


def answer(
    body: bytes = b"",
    headers: Headers = (("Content-Type", "text/html; charset=utf-8"),),
    status: int = 200,
) -> bytes:
    """A correct answer with its length."""
    return head([*headers, ("Content-Length", str(len(body)))], status) + body


def chunked(body: bytes, size: int = 1000) -> bytes:
    """``body`` in chunks, with the last one."""
    parts = [body[at : at + size] for at in range(0, len(body), size)]
    return b"".join(b"%x\r\n%s\r\n" % (len(p), p) for p in parts) + b"0\r\n\r\n"


def faithful(exchange: Exchange) -> bytes:
    """The true answer."""
    page = exchange.page
    if page.status in _WITHOUT_BODY or exchange.asked.method == "HEAD":
        return head(page.headers, page.status)
    return answer(page.body, page.headers, page.status)


def _encoded(name: str, encode: Callable[[bytes], bytes], keep: float) -> Fault:
    """The page, encoded, with ``keep`` of its bytes, and a length that is right for them."""

    def fault(exchange: Exchange) -> bytes:
        page = exchange.page
        if not page.has_body:
            return faithful(exchange)
        body = encode(page.body)
        headers = [*page.headers, ("Content-Encoding", name)]
        return answer(body[: int(len(body) * keep)], headers, page.status)

    return fault


def _raw_deflate(body: bytes) -> bytes:
    compressor = zlib.compressobj(wbits=-15)
    return compressor.compress(body) + compressor.flush()


def _cut(build: Callable[[Page], bytes], keep: float = 0.5) -> Fault:
    """What ``build`` makes, ``keep`` of its body alone."""

    def fault(exchange: Exchange) -> bytes:
        if not exchange.page.has_body:
            return faithful(exchange)
        data = build(exchange.page)
        start = data.index(b"\r\n\r\n") + 4
        return data[: start + int((len(data) - start) * keep)]

    return fault


def _with_headers(more: Iterable[tuple[bytes, bytes]]) -> Fault:
    """The true answer with more headers."""
    lines = b"".join(b"%s: %s\r\n" % pair for pair in more)
    return lambda exchange: faithful(exchange).replace(b"\r\n", b"\r\n" + lines, 1)


def _chunked_head(page: Page, *more: tuple[str, str]) -> bytes:
    return head([*page.headers, ("Transfer-Encoding", "chunked"), *more], page.status)


def _chunked_with_length(exchange: Exchange) -> bytes:
    page = exchange.page
    if not page.has_body:
        return faithful(exchange)
    return _chunked_head(page, ("Content-Length", str(len(page.body)))) + chunked(page.body)


def redirect(location: str, status: int = 302, headers: Headers = ()) -> Fault:
    """A fault that redirects."""
    return lambda exchange: answer(b"", [("Location", location), *headers], status)


def _guard(exchange: Exchange) -> bytes:
    """Redirects to the same address until the cookie comes back."""
    asked = exchange.asked
    if "guard=passed" in asked.headers.get("cookie", ""):
        return faithful(exchange)
    cookie = ("Set-Cookie", "guard=passed; Path=/; HttpOnly")
    return answer(b"", [("Location", asked.url), cookie], 302)


def _loop(exchange: Exchange) -> bytes:
    return answer(b"", [("Location", exchange.asked.url)], 302)


def _wrong_page(exchange: Exchange) -> bytes:
    """The first page that the proxy has fetched, as a cache gone wrong gives it."""
    page = exchange.proxy.first_page or exchange.page
    return answer(page.body, page.headers, page.status)


FAULTS: dict[str, Fault] = {
    # Bodies that end early, though the transport says that all is well.
    "truncated_gzip": _encoded("gzip", gzip.compress, 0.6),
    "truncated_deflate": _encoded("deflate", zlib.compress, 0.6),
    "truncated_raw_deflate": _encoded("deflate", _raw_deflate, 0.6),
    "no_length": _cut(lambda page: head(page.headers, page.status, "1.0") + page.body),
    # Bodies that end early, as the transport can tell.
    "truncated_chunked": _cut(lambda page: _chunked_head(page) + chunked(page.body)),
    "short_length": _cut(lambda page: answer(page.body, page.headers, page.status)),
    # No answer, or another one.
    "reset": lambda exchange: Wire(b"", reset=True),
    "reset_in_body": lambda exchange: Wire(FAULTS["short_length"](exchange), reset=True),
    "closed": lambda exchange: Wire(b""),
    "silent": lambda exchange: Wire(b"", hang=600),
    "503": lambda exchange: answer(b"Busy", (("Content-Type", "text/plain"),), 503),
    "redirect": redirect("/"),
    "guard": _guard,
    "loop": _loop,
    "wrong_page": _wrong_page,
    # Odd answers that must be read.
    "gzip": _encoded("gzip", gzip.compress, 1),
    "deflate": _encoded("deflate", zlib.compress, 1),
    "raw_deflate": _encoded("deflate", _raw_deflate, 1),
    "long_header": _with_headers([(b"X-Long", b"a" * 9000)]),
    "many_headers": _with_headers((b"X-%d" % number, b"a") for number in range(300)),
    "non_ascii_headers": _with_headers(
        [
            (b"X-Name", "人民网".encode()),
            (b"X-Old", "人民网".encode("gbk")),
            (b"X-High", b"\xff\xfe"),
        ]
    ),
    "doubled_length": lambda exchange: faithful(exchange).replace(
        b"Content-Length: ", b"Content-Length: %d\r\nContent-Length: " % len(exchange.page.body)
    ),
    "chunked_with_length": _chunked_with_length,
}
"""Faults by name."""


def mixture(rates: Mapping[str, float], seed: int = 0) -> Callable[[Asked], str | None]:
    """A rule that gives each fault at its rate, and the true answer otherwise.

    What a request gets depends on the seed, its address and how often that was asked for, not on
    the order of the requests.

    :param rates: shares of all answers by name: ``{"truncated_gzip": 0.1, "503": 0.1}``.
    """
    if sum(rates.values()) > 1:
        raise ValueError("the rates exceed 1")

    def rule(asked: Asked) -> str | None:
        left = random.Random(f"{seed} {asked.tries} {asked.method} {asked.url}").random()
        for name, rate in rates.items():
            left -= rate
            if left < 0:
                return name
        return None

    return rule


class FaultProxy:
    """A running proxy, as a context manager.

    :param upstream: address of the site that has the true answers; without it :data:`PAGE` is
        the answer to everything.
    :param rule: which fault a request gets; it may be replaced while the proxy runs.
    :ivar log: every request with the fault that it got, oldest first.
    :ivar first_page: the first page in HTML that came from ``upstream``.
    """

    def __init__(self, upstream: str | None = None, rule: Rule | None = None, port: int = 0):
        self.upstream = upstream
        self.rule: Rule = rule if rule is not None else {}
        self.port = port
        self.log: list[Answered] = []
        self.first_page: Page | None = None
        self._tries: Counter[str] = Counter()
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None
        self._stopping = threading.Event()

    @property
    def url(self) -> str:
        """The value of ``http_proxy``."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> Self:
        self._stopping.clear()
        self._socket = socket.create_server(("127.0.0.1", self.port), backlog=256)
        self.port = self._socket.getsockname()[1]
        threading.Thread(target=self._accept, args=(self._socket,), daemon=True).start()
        return self

    def stop(self) -> None:
        """Refuse connections from now on."""
        self._stopping.set()
        if self._socket is not None:
            with contextlib.suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)
            self._socket.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    def fetch(self, asked: Asked) -> Page:
        """The true answer, unencoded."""
        if self.upstream is None:
            return Page(200, (("Content-Type", "text/html; charset=utf-8"),), PAGE)
        parts = urlsplit(self.upstream)
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=30)
        try:
            headers = {k: v for k, v in asked.headers.items() if k not in _HOP}
            headers.pop("accept-encoding", None)
            connection.request(asked.method, asked.url, asked.body or None, headers)
            response = connection.getresponse()
            kept = tuple((k, v) for k, v in response.getheaders() if k.lower() not in _HOP)
            page = Page(response.status, kept, response.read())
        finally:
            connection.close()
        if self.first_page is None and page.status == 200 and b"</html>" in page.body:
            self.first_page = page
        return page

    def _accept(self, listener: socket.socket) -> None:
        while not self._stopping.is_set():
            try:
                client, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with client, contextlib.suppress(OSError):
            client.settimeout(30)
            asked = self._read(client)
            if asked is None:
                return
            wire = self._answer(asked)
            client.sendall(wire.data)
            deadline = time.monotonic() + wire.hang
            while time.monotonic() < deadline and not self._stopping.wait(0.05):
                pass
            if wire.reset:
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            else:
                client.shutdown(socket.SHUT_WR)
                # What the client still sends must not turn the end into a reset.
                client.settimeout(1)
                while client.recv(65536):
                    pass

    def _read(self, client: socket.socket) -> Asked | None:
        data = b""
        while b"\r\n\r\n" not in data:
            if not (part := client.recv(65536)):
                return None
            data += part
        top, _, body = data.partition(b"\r\n\r\n")
        first, *lines = top.decode("latin-1").split("\r\n")
        method, target, _ = first.split(" ", 2)
        headers = {}
        for line in lines:
            name, _, value = line.partition(":")
            headers[name.lower()] = value.strip()
        while len(body) < int(headers.get("content-length", 0)):
            body += client.recv(65536)
        url = target if "://" in target else f"http://{headers.get('host', '')}{target}"
        parts = urlsplit(url)
        path = f"{parts.path}?{parts.query}" if parts.query else parts.path
        with self._lock:
            tries = self._tries[url]
            self._tries[url] += 1
            return Asked(sum(self._tries.values()) - 1, tries, method, url, path, headers, body)

    def _answer(self, asked: Asked) -> Wire:
        rule = self.rule
        chosen = rule.get(asked.path) if isinstance(rule, Mapping) else rule(asked)
        name = chosen if isinstance(chosen, str) else getattr(chosen, "__name__", "bytes")
        self.log.append(Answered(asked, None if chosen is None else name))
        fault = FAULTS[chosen] if isinstance(chosen, str) else chosen
        sent: Wire | bytes
        if fault is None:
            sent = faithful(Exchange(asked, self))
        elif callable(fault):
            sent = fault(Exchange(asked, self))
        else:
            sent = fault
        return sent if isinstance(sent, Wire) else Wire(sent)
