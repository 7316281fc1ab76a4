"""Bytes to text: by what the bytes are, whatever header and markup declare."""

from __future__ import annotations

import pytest
from helpers.page_cases import STEADY
from hypothesis import given
from hypothesis import strategies as st

from peoplesdaily.parsers import decode

ZH = "<html><head><title>老槐树发芽了</title></head><body><p>今天，“树”发芽了……</p></body></html>"
EN = "<html><head><title>It’s a bridge</title></head><body><p>The “bridge” — old…</p></body></html>"

CASES = {
    "utf-8": (ZH.encode(), ZH),
    "utf-8-mark": (b"\xef\xbb\xbf" + ZH.encode(), ZH),
    "utf-16-le-mark": (b"\xff\xfe" + ZH.encode("utf-16-le"), ZH),
    "utf-16-be-mark": (b"\xfe\xff" + ZH.encode("utf-16-be"), ZH),
    "utf-16-le-without-mark": (ZH.encode("utf-16-le"), ZH),
    "utf-16-be-without-mark": (ZH.encode("utf-16-be"), ZH),
    "utf-32-mark": (b"\xff\xfe\x00\x00" + ZH.encode("utf-32-le"), ZH),
    "gb18030-mark": (b"\x84\x31\x95\x33" + ZH.encode("gb18030"), ZH),
    "gbk": (ZH.encode("gbk"), ZH),
    "gb18030-four-bytes": ((ZH + "𠮷㐂").encode("gb18030"), ZH + "𠮷㐂"),
    "gbk-euro-of-windows": (ZH.encode("gbk") + b"<p>\xbc\xdb\xb8\xf1\x80100", ZH + "<p>价格€100"),
    "gbk-euro-of-gb18030": ((ZH + "<p>价格€100").encode("gb18030"), ZH + "<p>价格€100"),
    "gbk-private-use": (ZH.encode("gbk") + b"<p>\xd6\xd0\xaa\xa1\xb9\xfa", ZH + "<p>中\ue000国"),
    "gbk-cut": (ZH.encode("gbk") + b"<p>\xc0\xcf\xbb", ZH + "<p>老\ufffd"),
    "gbk-cut-before-a-tag": (ZH.encode("gbk") + b"<p>\xc0\xcf\xbb</p>", ZH + "<p>老\ufffd</p>"),
    "utf-8-cut": (ZH.encode() + "<p>老树".encode()[:-1], ZH + "<p>老\ufffd"),
    "utf-8-cut-after-one-byte": (b"<p>Caf\xe9", "<p>Café"),
    "utf-16-cut": (b"\xff\xfe" + ZH.encode("utf-16-le") + b"x", ZH + "\ufffd"),
    "utf-8-with-gbk-box": (ZH.encode() * 3 + "<div>推荐".encode("gbk"), ZH * 3 + "<div>推荐"),
    "gbk-with-utf-8-box": (ZH.encode("gbk") + "<div>推荐阅读".encode(), ZH + "<div>推荐阅读"),
    "gbk-with-a-box-that-fits-gbk": (
        ZH.encode("gbk") * 5 + "<div>茶叶卖到国外".encode(),
        ZH * 5 + "<div>茶叶卖到国外",
    ),
    "gbk-with-a-label-that-fits-gbk": (
        ZH.encode("gbk") + b'<a title="' + "茶叶卖到国外".encode() + '">老树'.encode("gbk"),
        ZH + '<a title="茶叶卖到国外">老树',
    ),
    # 享年 in UTF-8, and as common in GBK.
    "gbk-common-in-both": ((ZH + "<p>瀚珺<p>浜勾").encode("gbk"), ZH + "<p>瀚珺<p>浜勾"),
    # One character of UTF-8 and a letter.
    "gbk-name-that-looks-like-utf-8": ((ZH + "<p>绐珺").encode("gbk"), ZH + "<p>绐珺"),
    # 联通: two characters of GBK that are valid UTF-8, for letters that nobody wrote.
    "gbk-that-looks-like-utf-8": (ZH.encode("gbk") + b"<p>\xc1\xaa\xcd\xa8", ZH + "<p>联通"),
    "windows-western": (EN.encode("cp1252"), EN),
    "windows-quote-in-utf-8": (ZH.encode() + b"<p>It\x92s", ZH + "<p>It’s"),
    "windows-accents": (b"<p>Caf\xe9 r\xe9sum\xe9s</p>", "<p>Café résumés</p>"),
    "quotes-of-gbk-on-an-english-page": (EN.encode("gbk"), EN),
    "half-a-surrogate": (ZH.encode() + b"<p>a\xed\xa0\x80b", ZH + "<p>a\ufffdb"),
    "byte-of-no-encoding": (ZH.encode() + "<p>树下".encode() + b"\xff", ZH + "<p>树下\ufffd"),
    "ascii": (b"<p>plain</p>", "<p>plain</p>"),
    "nul": (b"<p>pl\x00ain</p>\x00\x00", "<p>plain</p>"),
    "empty": (b"", ""),
}


@pytest.mark.parametrize(("data", "text"), CASES.values(), ids=CASES)
def test_bytes_are_read_by_what_they_are(data: bytes, text: str) -> None:
    assert decode(data) == text


@STEADY
@given(st.binary(max_size=400))
def test_no_bytes_are_too_bad(data: bytes) -> None:
    assert isinstance(decode(data), str)


@STEADY
@given(st.text("的一是了我不人在他有这个上们来到时大地为子中你说生国年", min_size=1, max_size=10))
def test_chinese_survives_either_encoding(text: str) -> None:
    page = f"{ZH}<p>{text}</p>"
    assert decode(page.encode()) == page
    assert decode(page.encode("gbk")) == page
