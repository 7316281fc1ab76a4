"""Answers that end early are failed downloads, never pages."""

from __future__ import annotations

import re
import zlib
from typing import Self

from scrapy import Request, Spider, signals
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.httpcompression import HttpCompressionMiddleware
from scrapy.exceptions import ResponseDataLossError
from scrapy.http import HtmlResponse, Response

# Scrapy chooses between the packages of these names.
from scrapy.utils._compression import (  # type: ignore[attr-defined]
    _DecompressionMaxSizeExceeded,
    brotli,
    zstd,
)

from peoplesdaily.middlewares.retry import PoliteRetryMiddleware

_GZIP = b"\x1f\x8b"
_ZSTD = b"\x28\xb5\x2f\xfd"
_CHUNK = 1 << 16
# Statistics code and comments may stand behind the closing tag.
_TAIL = 4096
_CLOSED = re.compile(rb"</html\s*>", re.IGNORECASE)


class WholeAnswers(HttpCompressionMiddleware):
    """Decodes bodies as Scrapy's middleware does, and refuses those that end early.

    - An encoded body (gzip, deflate, br, zstd) must reach the end of its stream, with the right
      checksum where it has one. Bytes after that end are ignored, unless they begin another
      member of a gzip body that is not whole.
    - A page in HTML that came unencoded, with neither Content-Length nor chunks, ends where the
      connection does. It counts as whole only if ``</html>`` stands in its last 4 KB.

    What is not whole fails as :exc:`~scrapy.exceptions.ResponseDataLossError` and is retried.

    The limits: a page without ``</html>`` that came with a length or in chunks is not touched,
    for the transport has proven it whole. JSON and other types without a length are not checked,
    nor are statuses other than 200. A page that ends early behind a ``</html>`` in the middle
    passes.
    """

    crawler: Crawler

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler=crawler)
        self.crawler = crawler
        self._decodes = crawler.settings.getbool("COMPRESSION_ENABLED")
        self._retries: PoliteRetryMiddleware | None = None
        crawler.signals.connect(self.engine_started, signals.engine_started)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def engine_started(self) -> None:
        self._retries = self.crawler.get_downloader_middleware(PoliteRetryMiddleware)

    def process_request(
        self, request: Request, spider: Spider | None = None
    ) -> Request | Response | None:
        return super().process_request(request) if self._decodes else None

    def process_response(
        self, request: Request, response: Response, spider: Spider | None = None
    ) -> Request | Response:
        if request.method == "HEAD" or response.status in (204, 304):
            return response
        try:
            return self._whole(request, response)
        except ResponseDataLossError as error:
            # Scrapy shows retries only the errors of the downloader.
            again = self._retries and self._retries.process_exception(request, error)
            if not again:
                raise
            assert isinstance(again, Request)
            # HTTPCACHE_ENABLED would answer with the same.
            again.meta["dont_cache"] = True
            return again

    def _whole(self, request: Request, response: Response) -> Request | Response:
        encoded = "Content-Encoding" in response.headers
        if not encoded and isinstance(response, HtmlResponse) and response.body[:2] == _GZIP:
            # An encoding that the server has forgotten to name.
            response.headers["Content-Encoding"] = b"gzip"
            encoded = True
        if encoded and response.body:
            return super().process_response(request, response) if self._decodes else response
        if (
            response.status == 200
            and isinstance(response, HtmlResponse)
            # Scrapy's handler sets the flag where the connection's end is the only end.
            and "partial" in response.flags
            and not _CLOSED.search(response.body, max(0, len(response.body) - _TAIL))
        ):
            raise ResponseDataLossError("the page has no length and lacks its closing tag")
        return response

    @staticmethod
    def _decode(body: bytes, encoding: bytes, max_size: int) -> bytes:
        """The decoded body.

        :raises ResponseDataLossError: it is not whole.
        """
        return _decode(body, encoding.decode("ascii"), max_size)


def _decode(body: bytes, encoding: str, max_size: int) -> bytes:
    # Servers and caches name encodings wrongly; the first bytes do not lie.
    if body.startswith(_GZIP):
        encoding = "gzip"
    elif body.startswith(_ZSTD):
        encoding = "zstd"
    elif body.lstrip()[:1] == b"<":
        return body
    limit = max_size or 0
    try:
        if encoding in ("gzip", "x-gzip"):
            return _gunzip(body, limit)
        if encoding == "deflate":
            try:
                return _inflate(body, zlib.MAX_WBITS, limit)[0]
            except zlib.error:
                return _inflate(body, -zlib.MAX_WBITS, limit)[0]
        return _unbrotli(body, limit) if encoding == "br" else _unzstd(body, limit)
    except (zlib.error, brotli.error, zstd.ZstdError) as error:
        raise ResponseDataLossError(f"the {encoding} body is damaged: {error}") from error


def _cut_off(encoding: str) -> ResponseDataLossError:
    return ResponseDataLossError(f"the {encoding} body ends early")


def _check_size(size: int, limit: int) -> None:
    if limit and size > limit:
        raise _DecompressionMaxSizeExceeded(size, limit)


def _inflate(data: bytes, wbits: int, limit: int) -> tuple[bytes, bytes]:
    """What the first stream of ``data`` holds, and what stands behind it."""
    decompressor = zlib.decompressobj(wbits)
    # One call, at C's speed; a byte more than may be tells that there are too many.
    found = decompressor.decompress(data, limit + 1 if limit else 0)
    _check_size(len(found), limit)
    if not decompressor.eof:
        raise _cut_off("deflate" if wbits <= zlib.MAX_WBITS else "gzip")
    return found, decompressor.unused_data


def _gunzip(data: bytes, limit: int) -> bytes:
    members: list[bytes] = []
    size = 0
    while not members or data.startswith(_GZIP):
        found, data = _inflate(data, zlib.MAX_WBITS | 16, limit)
        members.append(found)
        size += len(found)
        _check_size(size, limit)
    return b"".join(members) if len(members) > 1 else members[0]


def _unbrotli(data: bytes, limit: int) -> bytes:
    decompressor = brotli.Decompressor()
    found = bytearray(decompressor.process(data, output_buffer_limit=_CHUNK))
    while not decompressor.is_finished():
        _check_size(len(found), limit)
        more = decompressor.process(b"", output_buffer_limit=_CHUNK)
        if not more:
            raise _cut_off("br")
        found += more
    _check_size(len(found), limit)
    return bytes(found)


def _unzstd(data: bytes, limit: int) -> bytes:
    found = bytearray()
    while not found or data.startswith(_ZSTD):
        decompressor = zstd.ZstdDecompressor()
        found += decompressor.decompress(data, limit + 1 if limit else -1)
        _check_size(len(found), limit)
        if not decompressor.eof:
            raise _cut_off("zstd")
        data = decompressor.unused_data
        if not data:
            break
    return bytes(found)
