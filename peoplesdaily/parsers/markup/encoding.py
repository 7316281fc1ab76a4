"""Decodes pages by their content.

Declared encodings are unreliable on this site: UTF-8 pages declare GB2312, GBK pages declare UTF-8,
in header or markup, and a page may contain a box in another encoding. Declarations are therefore
ignored.
"""

from __future__ import annotations

import codecs
import re

# UTF-32 first: its byte order mark starts with that of UTF-16.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    ("\ufeff".encode("gb18030"), "gb18030"),
)
_EVERY_MARK = tuple(mark for mark, _ in _MARKS)
# UTF-16 without a byte order mark: every other byte of the first tags is zero.
_WIDE = (
    (re.compile(rb"\s*(?:[\x20-\x7e]\x00){8}"), "utf-16-le"),
    (re.compile(rb"\s*(?:\x00[\x20-\x7e]){8}"), "utf-16-be"),
)
# In GBK, common characters are two bytes; in GB18030, rare ones are four. Windows' quotes and
# dashes are below this range.
_PAIR = re.compile(rb"[\xa1-\xfe]{2}|[\x81-\xfe][0-9][\x81-\xfe][0-9]")
_PUNCTUATION = re.compile(rb"[\x80-\xa0]")
_ASCII = bytes(range(128))
_SAMPLE = 2000
# Bytes of text in GB2312, the part of GBK with common characters.
_HIGH_OF_GB2312 = bytes(range(0xA1, 0xFF))
# Two three-byte UTF-8 characters, one with a byte that GB2312 lacks.
_TWO_OF_UTF8 = re.compile(
    rb"[\xe2-\xef](?=[\x80-\xbf]{2}[\xe2-\xef][\x80-\xbf]{2})(?=.{0,4}[\x80-\xa0])"
)
# At least two of them, and only them between ASCII bytes.
_LIKE_UTF8 = re.compile(
    rb"[\xe2-\xef](?<![\x80-\xff].)[\x80-\xbf]{2}(?:[\xe2-\xef][\x80-\xbf]{2})+(?![\x80-\xff])"
)
# A Chinese character in UTF-8.
_CHARACTER = 3
_HIGH_RUN = re.compile(rb"[\x80-\xff]+")
_SURROGATE = re.compile(rb"\xed[\xa0-\xbf][\x80-\xbf]")
# Punctuation and Chinese characters of GB2312, by row and cell.
_COMMON = frozenset(
    bytes(
        byte
        for row in (*range(0xA1, 0xA4), *range(0xB0, 0xF8))
        for cell in range(0xA1, 0xFF)
        for byte in (row, cell)
    ).decode("gb18030")
)


def decode(data: bytes) -> str:
    """Decode a page; removes NUL.

    A page that is valid UTF-8 is UTF-8: other encodings never are by chance at this length.
    Otherwise each run between two tags is decoded in the encoding that fits most runs, if it fits.
    A UTF-8 page may contain stray bytes of GBK (in pairs) and of Windows-1252 (single, or quotes
    and dashes); a GBK page may contain a box in UTF-8 and Windows' euro sign. Undecodable bytes
    become U+FFFD.
    """
    if b"\x00" not in data:
        return _decoded(data)
    wide = next((name for start, name in _WIDE if start.match(data)), None)
    text = data.decode(wide, "replace") if wide else _decoded(data)
    return text.replace("\x00", "")


def _decoded(data: bytes) -> str:
    if data.startswith(_EVERY_MARK):
        mark, name = next(pair for pair in _MARKS if data.startswith(pair[0]))
        return data[len(mark) :].decode(name, "replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.reason == "unexpected end of data" and error.start > len(data) - 4:
            return data[: error.start].decode("utf-8") + _tail(data[error.start :])
    chinese_page = _all_chinese(data)
    if chinese_page is not None:
        return chinese_page
    # The second byte of a GBK character may be an ASCII letter, but never "<".
    runs = data.split(b"<")
    odd = [run for run in runs if not run.isascii()]
    votes = {"utf-8": 0, "gb18030": 0}
    for run in odd:
        for name in votes:
            if _fits(run, name):
                votes[name] += len(run)
                break
    chinese = votes["gb18030"] > votes["utf-8"]
    return "<".join(run.decode("ascii") if run.isascii() else _run(run, chinese) for run in runs)


def _tail(cut: bytes) -> str:
    """Decode an incomplete character at the end of a UTF-8 page."""
    return "\ufffd" if len(cut) > 1 else cut.decode("cp1252", "replace")


def _all_chinese(data: bytes) -> str | None:
    """Decode a page entirely in GBK, as most non-UTF-8 pages are."""
    try:
        text = data.decode("gb18030")
    except UnicodeDecodeError:
        return None
    # UTF-8 may be valid GBK by chance; GBK text looks like UTF-8 in one pair of five.
    high = data.translate(None, _ASCII)
    sample = high[:_SAMPLE]
    like_utf8 = sample.decode("utf-8", "ignore").encode()
    if 2 * len(like_utf8) >= len(sample):
        return None
    # A short UTF-8 box may also be valid GBK, but rarely in GB2312.
    boxed = high.translate(None, _HIGH_OF_GB2312) and _TWO_OF_UTF8.search(high)
    return None if boxed else text


def _run(run: bytes, chinese: bool) -> str:
    """Decode one run; ``chinese`` if the page is in GBK."""
    if _fits(run, "utf-8") and not (chinese and _is_gbk(run)):
        return run.decode("utf-8")
    if chinese:
        run = _LIKE_UTF8.sub(_in_gb18030, run)
    if _PAIR.search(run) and (chinese or not _PUNCTUATION.search(run)) and _fits(run, "gb18030"):
        return run.decode("gb18030")
    if chinese and _PAIR.search(run):
        return run.decode("gb18030", _STRAY_IN_GBK)
    return run.decode("utf-8", _STRAY)


def _is_gbk(run: bytes) -> bool:
    """Whether a valid UTF-8 run is GBK nevertheless.

    The correct decoding has common characters, the wrong one rare ones. A single character is
    ambiguous.
    """
    if not _fits(run, "gb18030"):
        return False
    alone = len(run.translate(None, _ASCII)) < 2 * _CHARACTER
    return alone or _rare(run.decode("gb18030")) <= _rare(run.decode("utf-8"))


def _rare(text: str) -> int:
    return sum(letter not in _COMMON and not letter.isascii() for letter in text)


def _in_gb18030(match: re.Match[bytes]) -> bytes:
    """Decode a part of a GBK run."""
    piece = match[0]
    if not _fits(piece, "utf-8") or _is_gbk(piece):
        return piece
    return piece.decode("utf-8").encode("gb18030")


def _stray(error: UnicodeError) -> tuple[str, int]:
    """Error handler: decode invalid UTF-8 by its context."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    match = _HIGH_RUN.match(error.object, error.start)
    assert match
    surrogate = _SURROGATE.match(match[0])
    if surrogate:
        return "\ufffd", error.start + surrogate.end()
    if _PAIR.match(match[0]) and not _PUNCTUATION.search(match[0]):
        return match[0].decode("gb18030", "replace"), match.end()
    byte = error.object[error.start : error.start + 1]
    return "\ufffd" if byte == b"\xff" else byte.decode("cp1252", "replace"), error.start + 1


def _stray_in_gbk(error: UnicodeError) -> tuple[str, int]:
    """Error handler: a single byte on a GBK page is the euro sign or undecodable."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    byte = error.object[error.start : error.start + 1]
    return "€" if byte == b"\x80" else "\ufffd", error.start + 1


_STRAY = "peoplesdaily.stray"
_STRAY_IN_GBK = "peoplesdaily.stray_in_gbk"
codecs.register_error(_STRAY, _stray)
codecs.register_error(_STRAY_IN_GBK, _stray_in_gbk)


def _fits(run: bytes, encoding: str) -> bool:
    try:
        run.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True
