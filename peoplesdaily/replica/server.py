"""Serves a :class:`~peoplesdaily.replica.site.Site` over HTTP, in a thread.

It acts as an origin server (``GET /90777/index.html``) and as a forward proxy (``GET
http://en.people.cn/90777/index.html``), so a crawl needs only ``http_proxy``. It opens no
connections.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future
from types import TracebackType
from typing import NamedTuple, Self

from aiohttp import web

from peoplesdaily.replica.site import Reply, Site

_NO_TUNNEL = (
    b"The replica is a plain HTTP proxy and opens no tunnels: ask for the http:// address.\n"
)


class Hit(NamedTuple):
    """A request that was answered."""

    method: str
    host: str
    target: str
    status: int


class Server:
    """A running replica, as a context manager.

    :param port: 0 takes any free one.
    :param latency: seconds to wait before each answer.
    :param report: called in the server's thread after each request.
    :param keep_log: keep ``log``; switch off for a server that runs for days.
    :ivar log: all requests, oldest first.
    """

    def __init__(
        self,
        site: Site,
        port: int = 0,
        host: str = "127.0.0.1",
        latency: float = 0.0,
        report: Callable[[Hit], None] | None = None,
        keep_log: bool = True,
    ) -> None:
        self.site = site
        self.host = host
        self.port = port
        self.latency = latency
        self.log: list[Hit] = []
        self._report = report
        self._keep_log = keep_log
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None

    @property
    def url(self) -> str:
        """The server's address, as an origin or as ``http_proxy``."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"

    def start(self) -> Self:
        """Start serving; :exc:`OSError` if the address is not available."""
        started: Future[int] = Future()
        self._thread = threading.Thread(
            target=lambda: asyncio.run(self._serve(started)), name="replica", daemon=True
        )
        self._thread.start()
        self.port = started.result()
        return self

    def stop(self) -> None:
        """Stop serving and wait until the port is free."""
        if self._loop is not None and self._stop is not None:
            self._loop.call_soon_threadsafe(self._stop.set)
        if self._thread is not None:
            self._thread.join()
        self._thread = self._loop = self._stop = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    async def _serve(self, started: Future[int]) -> None:
        server = web.Server(self._handle, access_log=None)
        runner = web.ServerRunner(server)
        await runner.setup()
        try:
            # Twisted and browsers open many connections at once; the default backlog is 128.
            await web.TCPSite(runner, self.host, self.port, backlog=1024).start()
        except OSError as error:
            await runner.cleanup()
            started.set_exception(error)
            return
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        started.set_result(runner.addresses[0][1])
        await self._stop.wait()
        # Do not wait for idle keep-alive connections.
        await server.shutdown(timeout=0.1)
        await runner.cleanup()

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        if self.latency:
            await asyncio.sleep(self.latency)
        host, target = request.headers.get("Host", ""), request.raw_path
        if request.method == "CONNECT":
            reply = Reply(501, {"Content-Type": "text/plain"}, _NO_TUNNEL)
        else:
            body = await request.read()
            reply = self.site.respond(request.method, host, target, request.headers, body)
        hit = Hit(request.method, host, target, reply.status)
        if self._keep_log:
            self.log.append(hit)
        if self._report is not None:
            self._report(hit)
        response = web.Response(status=reply.status, headers=reply.headers, body=reply.body or None)
        if request.method == "CONNECT":
            response.force_close()
        return response
