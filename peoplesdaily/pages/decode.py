"""From bytes to text, by what the bytes are.

Declarations on this site cannot be trusted: pages in UTF-8 say GB2312, pages in GBK say UTF-8, in
the header, in the markup or in both, and a page in one encoding may hold a box in another. So the
declaration is not read at all.
"""

from __future__ import annotations

import codecs
import re

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# Common Chinese characters are pairs of such bytes in GBK; Windows' quotes and dashes lie below.
_PAIR = re.compile(rb"[\xa1-\xfe]{2}")
_PUNCTUATION = re.compile(rb"[\x80-\xa0]")
_ASCII = bytes(range(128))
_SAMPLE = 2000
_HIGH_RUN = re.compile(rb"[\x80-\xff]+")


def decode(data: bytes) -> str:
    """The text of a page.

    UTF-8 where the page is valid UTF-8, as nothing else ever is by chance at a page's length.
    Else each run between two tags by itself, in the encoding that fits most runs where it fits.
    A page in UTF-8 may hold stray bytes of GBK, in pairs, and of Windows' western encoding,
    alone or in its range of quotes and dashes. What fits nothing becomes U+FFFD.
    """
    for mark, name in _MARKS:
        if data.startswith(mark):
            return data[len(mark) :].decode(name, "replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        pass
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


def _all_chinese(data: bytes) -> str | None:
    """The text of a page in GBK and nothing else, as most are that are no UTF-8."""
    try:
        text = data.decode("gb18030")
    except UnicodeDecodeError:
        return None
    # Text in UTF-8 may fit GBK by chance; text in GBK looks like UTF-8 in one pair of five.
    high = data.translate(None, _ASCII)[:_SAMPLE]
    like_utf8 = high.decode("utf-8", "ignore").encode()
    return text if 2 * len(like_utf8) < len(high) else None


def _run(run: bytes, chinese: bool) -> str:
    """One run: of a page in GBK, or of one in UTF-8 or with stray bytes only."""
    if _fits(run, "utf-8") and not (chinese and _fits(run, "gb18030")):
        return run.decode("utf-8")
    if _PAIR.search(run) and (chinese or not _PUNCTUATION.search(run)) and _fits(run, "gb18030"):
        return run.decode("gb18030")
    return run.decode("utf-8", _STRAY)


def _stray(error: UnicodeError) -> tuple[str, int]:
    """Error handler: read bytes that are no UTF-8 by what surrounds them."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    match = _HIGH_RUN.match(error.object, error.start)
    assert match
    if _PAIR.match(match[0]) and not _PUNCTUATION.search(match[0]):
        return match[0].decode("gb18030", "replace"), match.end()
    return error.object[error.start : error.start + 1].decode("cp1252", "replace"), error.start + 1


_STRAY = "peoplesdaily.stray"
codecs.register_error(_STRAY, _stray)


def _fits(run: bytes, encoding: str) -> bool:
    try:
        run.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True
