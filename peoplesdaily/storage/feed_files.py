"""Reading finished files: which files count, their lines, and the records in them."""

from __future__ import annotations

import bz2
import gzip
import json
import logging
import lzma
import os
import re
import zlib
from collections.abc import Callable, Container, Iterator
from dataclasses import fields
from functools import cache
from pathlib import Path
from typing import IO, Any, cast

from peoplesdaily.items import Article, Dateline, Link, Media
from peoplesdaily.schemas import records

logger = logging.getLogger(__name__)

# Folders of the output folder that hold no articles.
_NO_ARTICLES = frozenset({"rejected", "runs", "logs", "unknown"})
# Thousands of raw pages, and a folder of the file system that belongs to root.
_UNWALKED = frozenset({"unknown", "lost+found"})
_FEED_NAME = re.compile(r"\.(?:jsonl|jl|jsonlines|ndjson)(?:\.(?:gz|bz2|xz))?$")
_RUN_NAME = re.compile(r"\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ")
_OPENERS: dict[str, Callable[..., Any]] = {
    ".gz": gzip.open, ".bz2": bz2.open, ".xz": lzma.open,
}  # fmt: skip

TORN = (EOFError, lzma.LZMAError, zlib.error)
"""Errors, besides :exc:`OSError`, of reading a compressed file that is cut off or damaged."""
UNREADABLE = (OSError, *TORN)
"""Errors of :func:`lines` for a file that is missing or whose compression is damaged."""
_ID_FIRST = re.compile(rb'\{"id": ?"(\d+)"')


class BadLineError(ValueError):
    """A line that is not a record of the contract."""


def finished_files(output: Path) -> Iterator[Path]:
    """The finished feed files of an output folder, in order of their paths.

    All JSON Lines files in its subfolders, compressed ones too; beside those, only files that are
    named after a run: others in the output folder itself come from ``-o`` or ``-O``.
    """
    for path in walk(output):
        if path.name.startswith(".") or not is_corpus(path.relative_to(output)):
            continue
        if path.is_file():
            yield path


def is_corpus(path: Path) -> bool:
    """Whether a path relative to the output folder is that of a feed file of the corpus."""
    if path.parts[0] in _NO_ARTICLES or not is_feed_name(path):
        return False
    return len(path.parts) > 1 or _RUN_NAME.match(path.name) is not None


def is_feed_name(path: Path) -> bool:
    """Whether a file has the name of a JSON Lines file, compressed or not."""
    return _FEED_NAME.search(path.name) is not None


def walk(output: Path) -> Iterator[Path]:
    """All files below the output folder, in order, without hidden folders and raw pages.

    A subfolder may be a link to a larger disk. One that cannot be read is logged.
    """
    seen: set[str] = set()
    for folder, folders, names in os.walk(output, followlinks=True, onerror=_unreadable):
        real = os.path.realpath(folder)
        if real in seen:
            folders.clear()
            continue
        seen.add(real)
        folders[:] = sorted(n for n in folders if not n.startswith(".") and n not in _UNWALKED)
        for name in sorted(names):
            yield Path(folder, name)


def _unreadable(error: OSError) -> None:
    if not isinstance(error, FileNotFoundError):
        logger.warning("Cannot look into %s: %s", error.filename, error.strerror)


def lines(path: Path) -> Iterator[bytes]:
    """The lines of a file, decompressed.

    :raises OSError: it cannot be read. A damaged compressed file raises one of :data:`TORN`;
        :data:`UNREADABLE` holds every error.
    """
    with _open(path, path) as file:
        yield from file


def may_be_of(line: bytes, ids: Container[str]) -> bool:
    """Whether a line may be a record of one of these stories; cheap where the id comes first."""
    first = _ID_FIRST.match(line)
    return first is None or first[1].decode() in ids


def whole_lines(part: Path, target: Path) -> Iterator[bytes]:
    """The complete lines of an unfinished file.

    :param target: the file that it was to become; its name shows the compression.
    """
    try:
        with _open(part, target) as file:
            for line in file:
                if line.endswith(b"\n"):
                    yield line
    except TORN:
        # Cut off in the middle of a block.
        return
    except OSError as error:
        # gzip and bz2 report a cut file without an error number; errors of the disk have one.
        if error.errno is not None:
            raise


def _open(path: Path, named: Path) -> IO[bytes]:
    return cast("IO[bytes]", _OPENERS.get(named.suffix, open)(path, "rb"))


def uncompressed(target: Path) -> Path:
    """A file's name without the suffix of its compression."""
    return target.with_suffix("") if target.suffix in _OPENERS else target


def article(line: bytes) -> Article:
    """The record in a line.

    :raises BadLineError: the line is not a record.
    """
    try:
        record = json.loads(line)
    except ValueError as error:
        raise BadLineError(f"no JSON: {error}") from error
    if not records.is_valid(record):
        raise BadLineError("; ".join(records.violations(record)))
    return _restored(record)


def _restored(record: dict[str, Any]) -> Article:
    plain = {name: record[name] for name in _names()}
    for name, value in plain.items():
        if isinstance(value, list):
            plain[name] = tuple(value)
    plain["images"] = tuple(Media(**medium) for medium in record["images"])
    plain["videos"] = tuple(Media(**medium) for medium in record["videos"])
    plain["related"] = tuple(Link(**link) for link in record["related"])
    if record["dateline"] is not None:
        plain["dateline"] = Dateline(**record["dateline"])
    return Article(**plain)


@cache
def _names() -> tuple[str, ...]:
    return tuple(field.name for field in fields(Article))
