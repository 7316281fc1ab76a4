"""Lines of finished files, read back."""

from __future__ import annotations

import bz2
import gzip
import json
import lzma
import re
import zlib
from collections.abc import Callable, Iterator
from dataclasses import fields
from functools import cache
from pathlib import Path
from typing import IO, Any, cast

from peoplesdaily import schema
from peoplesdaily.items import Article, Dateline, Link, Media

# Folders of the output folder that hold no articles.
_OTHER_ROOMS = frozenset({"rejected", "runs", "logs", "unknown"})
_FEED_NAME = re.compile(r"\.(?:jsonl|jl|jsonlines|ndjson)(?:\.(?:gz|bz2|xz))?$")
_RUN_NAME = re.compile(r"\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ")
_OPENERS: dict[str, Callable[..., Any]] = {
    ".gz": gzip.open, ".bz2": bz2.open, ".xz": lzma.open,
}  # fmt: skip


class BadLine(ValueError):
    """A line that is no record of the contract."""


def finished_files(output: Path) -> Iterator[Path]:
    """The finished feed files of an output folder, in order of their paths.

    All JSON Lines files in its subfolders, compressed ones too; beside those, only files that are
    named after a run: others in the output folder itself are somebody's own (``-O``).
    """
    for path in sorted(output.rglob("*")):
        parts = path.relative_to(output).parts
        if parts[0] in _OTHER_ROOMS or any(part.startswith(".") for part in parts):
            continue
        if len(parts) == 1 and not _RUN_NAME.match(path.name):
            continue
        if is_feed_name(path) and path.is_file():
            yield path


def is_feed_name(path: Path) -> bool:
    """Whether a file is named like one of JSON Lines, compressed or not."""
    return _FEED_NAME.search(path.name) is not None


def lines(path: Path) -> Iterator[bytes]:
    """The lines of a file, decompressed.

    :raises OSError: it cannot be read.
    :raises EOFError: it is compressed and cut off.
    """
    with _open(path, path) as file:
        yield from file


def whole_lines(part: Path, target: Path) -> Iterator[bytes]:
    """The lines of a file that nobody finished, as far as it goes.

    :param target: what it was to become; the name tells how it is compressed.
    """
    try:
        with _open(part, target) as file:
            for line in file:
                if line.endswith(b"\n"):
                    yield line
    except (EOFError, lzma.LZMAError, zlib.error):
        # Cut off in the middle of a block.
        return


def _open(path: Path, named: Path) -> IO[bytes]:
    return cast("IO[bytes]", _OPENERS.get(named.suffix, open)(path, "rb"))


def uncompressed(target: Path) -> Path:
    """A file's name without the suffix of its compression."""
    return target.with_suffix("") if target.suffix in _OPENERS else target


def article(line: bytes) -> Article:
    """The record that a line holds.

    :raises BadLine: it holds none.
    """
    try:
        record = json.loads(line)
    except ValueError as error:
        raise BadLine(f"no JSON: {error}") from error
    if not schema.is_valid(record):
        raise BadLine("; ".join(schema.violations(record)))
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
