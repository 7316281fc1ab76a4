"""Bodies as they come off the wire: what is whole is decoded, what is not is no page."""

from __future__ import annotations

import gzip
import zlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scrapy.exceptions import ResponseDataLossError
from scrapy.http import HtmlResponse, Request, Response
from scrapy.utils._compression import (  # type: ignore[attr-defined]
    _DecompressionMaxSizeExceeded,
    brotli,
    zstd,
)
from scrapy.utils.test import get_crawler

from peoplesdaily.middlewares.whole_answers import WholeAnswers, _decode

PAGE = (
    b"<html><body>" + b"".join(b"<p>Sentence %d.</p>" % n for n in range(5000)) + b"</body></html>"
)


def raw_deflate(body: bytes) -> bytes:
    compressor = zlib.compressobj(wbits=-15)
    return compressor.compress(body) + compressor.flush()


ENCODERS = {
    "gzip": gzip.compress,
    "x-gzip": gzip.compress,
    "deflate": zlib.compress,
    "raw deflate": raw_deflate,
    "br": brotli.compress,
    "zstd": zstd.compress,
}


@pytest.mark.parametrize("name", ENCODERS)
@given(share=st.floats(0, 1, exclude_max=True), text=st.binary(max_size=200))
def test_no_beginning_of_a_stream_is_whole(name: str, share: float, text: bytes) -> None:
    whole = ENCODERS[name](b"text " + text)
    encoding = name.rpartition(" ")[2]

    assert _decode(whole, encoding, 0) == b"text " + text
    cut = whole[: max(1, int(len(whole) * share))]
    if cut.lstrip()[:1] != b"<":
        with pytest.raises(ResponseDataLossError):
            _decode(cut, encoding, 0)


@pytest.mark.parametrize("name", ENCODERS)
def test_a_long_page(name: str) -> None:
    encoding = name.rpartition(" ")[2]
    whole = ENCODERS[name](PAGE)

    assert _decode(whole, encoding, len(PAGE)) == PAGE
    with pytest.raises(ResponseDataLossError):
        _decode(whole[:-1], encoding, len(PAGE))
    with pytest.raises(_DecompressionMaxSizeExceeded):
        _decode(whole, encoding, len(PAGE) - 1)


@pytest.mark.parametrize(
    ("body", "whole"),
    [
        pytest.param(gzip.compress(b"one ") + gzip.compress(b"two"), b"one two", id="two-members"),
        pytest.param(gzip.compress(b"one") + b"\0" * 512, b"one", id="padding"),
        pytest.param(gzip.compress(b"one") + b"garbage", b"one", id="garbage"),
        pytest.param(gzip.compress(b""), b"", id="empty-member"),
        pytest.param(PAGE, PAGE, id="not-encoded"),
        pytest.param(zstd.compress(b"one"), b"one", id="zstd-in-truth"),
        pytest.param(gzip.compress(b"one ") + gzip.compress(b"two")[:-9], None, id="second-cut"),
        pytest.param(gzip.compress(b"one")[:-8] + b"\0" * 8, None, id="wrong-checksum"),
        pytest.param(b"neither", None, id="neither"),
        pytest.param(b"\x1f", None, id="one-byte"),
    ],
)
def test_what_is_called_gzip(body: bytes, whole: bytes | None) -> None:
    if whole is None:
        with pytest.raises(ResponseDataLossError):
            _decode(body, "gzip", 0)
    else:
        assert _decode(body, "gzip", 0) == whole


def test_gzip_that_is_called_deflate() -> None:
    assert _decode(gzip.compress(b"one"), "deflate", 0) == b"one"


def answered(body: bytes, encoding: str = "", flags: list[str] | None = None, **more: Any) -> Any:
    middleware = WholeAnswers.from_crawler(get_crawler())
    headers = {"Content-Type": "text/html"} | ({"Content-Encoding": encoding} if encoding else {})
    method = more.pop("method", "GET")
    class_ = more.pop("class_", HtmlResponse)
    response = class_("http://en.people.cn/", headers=headers, body=body, flags=flags, **more)
    return middleware.process_response(Request(response.url, method=method), response)


@pytest.mark.parametrize("status", [204, 304])
def test_an_answer_without_a_body_may_name_an_encoding(status: int) -> None:
    assert answered(b"", "gzip", status=status).body == b""


def test_head_and_an_empty_body_may_name_an_encoding() -> None:
    assert answered(b"", "gzip", method="HEAD").body == b""
    assert answered(b"", "gzip").body == b""


def test_an_encoding_that_is_not_named() -> None:
    assert answered(gzip.compress(PAGE)).body == PAGE
    with pytest.raises(ResponseDataLossError):
        answered(gzip.compress(PAGE)[:-20])


@pytest.mark.parametrize(
    ("body", "whole"),
    [
        (PAGE, True),
        (PAGE.replace(b"</html>", b"</HTML >\n<!-- cached -->"), True),
        (PAGE[:-1], False),
        (PAGE[:300], False),
        (b"", False),
    ],
)
def test_a_page_that_ends_with_its_connection(body: bytes, whole: bool) -> None:
    assert answered(body).body == body, "a length has proven it whole"
    if whole:
        assert answered(body, flags=["partial"]).body == body
    else:
        with pytest.raises(ResponseDataLossError):
            answered(body, flags=["partial"])


def test_what_else_may_end_with_its_connection() -> None:
    assert answered(b"{}", flags=["partial"], class_=Response).body == b"{}"
    assert answered(PAGE[:99], flags=["partial"], status=404).status == 404
    assert answered(gzip.compress(b"whole"), "gzip", ["partial"]).body == b"whole"
