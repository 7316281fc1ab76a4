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
_PAIR = re.compile(rb"[\x80-\xff]{2}")


def decode(data: bytes) -> str:
    """The text of a page.

    UTF-8 where the page is valid UTF-8, as nothing else ever is by chance at a page's length.
    Else each run between two tags by itself: in the encoding that fits most runs where it fits, in
    the other one where only that fits, and as Windows' western encoding where a byte stands alone
    among letters. What fits nothing becomes U+FFFD.
    """
    for mark, name in _MARKS:
        if data.startswith(mark):
            return data[len(mark) :].decode(name, "replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    # The second byte of a GBK character may be an ASCII letter, but never "<".
    runs = data.split(b"<")
    odd = [run for run in runs if not run.isascii()]
    votes = {"utf-8": 0, "gb18030": 0}
    for run in odd:
        for name in votes:
            if _fits(run, name):
                votes[name] += len(run)
                break
    first, second = sorted(votes, key=votes.__getitem__, reverse=True)
    return "<".join(
        run.decode("ascii") if run.isascii() else _run(run, first, second) for run in runs
    )


def _run(run: bytes, first: str, second: str) -> str:
    if _fits(run, "utf-8") and first == "utf-8":
        return run.decode("utf-8")
    # Chinese comes in pairs of such bytes; alone they are quotes, dashes and accents.
    if not _PAIR.search(run):
        return run.decode("cp1252", "replace")
    for name in (first, second):
        if _fits(run, name):
            return run.decode(name)
    return run.decode(first, "replace")


def _fits(run: bytes, encoding: str) -> bool:
    try:
        run.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True
