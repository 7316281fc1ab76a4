"""Checks of feed options before the first request, and -o and -O."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from scrapy.exceptions import UsageError
from scrapy.extensions.feedexport import apply_uri_params
from scrapy.extensions.postprocessing import Bz2Plugin, GzipPlugin, LZMAPlugin
from scrapy.settings import BaseSettings
from scrapy.utils.conf import feed_process_params_from_cli

from peoplesdaily.storage import feed_files
from peoplesdaily.storage.feeds import AtomicFileFeedStorage
from peoplesdaily.utils.atomic_files import (
    check_writable,
    output_dir,
    run_time,
)

# Names that FEED_EXPORTERS gives to JSON Lines.
_LINES = ("jsonlines", "jsonl", "jl")
_BATCH = re.compile(r"%\(batch_(?:time|id)\)")
_COMPRESSIONS: dict[str, type] = {".gz": GzipPlugin, ".bz2": Bz2Plugin, ".xz": LZMAPlugin}


def check_outputs(settings: BaseSettings, spider: str) -> None:
    """Make sure that the files a run of ``spider`` is to write can be written.

    :raises OutputError: one cannot.
    """
    for path, _ in _files(settings, spider):
        check_writable(path)


def _files(settings: BaseSettings, spider: str) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    """The files that a run of ``spider`` would write now, and the options of their feeds."""
    params = {
        "output": str(output_dir(settings)),
        "name": spider,
        "time": run_time(datetime.now(UTC)),
    }
    for uri, options in settings.getdict("FEEDS").items():
        if not _is_local(str(uri)):
            continue
        try:
            path = apply_uri_params(str(uri), params)
        except KeyError:
            # A custom placeholder, which only the running spider can fill.
            continue
        yield AtomicFileFeedStorage(path).path, options


def _is_local(uri: str) -> bool:
    return urlsplit(uri).scheme in ("", "file")


def keeps_records(settings: BaseSettings) -> bool:
    """Whether a feed writes whole records, one a line, to a file that the index can read."""
    return any(
        _is_local(str(uri))
        and feed_files.is_feed_name(Path(str(uri)))
        and options.get("format") in _LINES
        and not options.get("fields", settings["FEED_EXPORT_FIELDS"])
        for uri, options in settings.getdict("FEEDS").items()
    )


def check_corpus(settings: BaseSettings, spider: str, *, incremental: bool) -> None:
    """Make sure that a run of ``spider`` keeps each article in the corpus's files exactly once.

    :raises UsageError: its output would remove an article, or add one twice.
    """
    if incremental and not keeps_records(settings):
        raise UsageError(
            "INCREMENTAL=1 needs a JSON Lines file of this machine with all fields among the "
            "outputs: an article is known by its line",
            print_help=False,
        )
    for uri, options in settings.getdict("FEEDS").items():
        each = int(
            options.get("batch_item_count") or settings.getint("FEED_EXPORT_BATCH_ITEM_COUNT")
        )
        if each and not _BATCH.search(str(uri)):
            # Scrapy only logs this, and crawls on without output.
            raise UsageError(
                f"FEED_EXPORT_BATCH_ITEM_COUNT needs %(batch_id)d or %(batch_time)s in {uri}",
                print_help=False,
            )
    output = Path(os.path.normpath(output_dir(settings)))
    for given, options in _files(settings, spider):
        path = Path(os.path.normpath(given))
        if incremental:
            if options.get("overwrite") and feed_files.is_feed_name(path) and path.exists():
                raise UsageError(
                    f"{path} would be overwritten, and its articles be missing in the corpus; "
                    "give another name, or -o to append",
                    print_help=False,
                )
        elif any(
            place.is_relative_to(folder) and feed_files.is_corpus(place.relative_to(folder))
            for place, folder in ((path, output), (path.resolve(), output.resolve()))
        ):
            raise UsageError(
                f"{path} lies among the corpus's files, which hold each article whole and once; "
                "give -o or -O a file elsewhere",
                print_help=False,
            )


def cli_feeds(
    settings: BaseSettings, append: list[str] | None, overwrite: list[str] | None
) -> dict[str, dict[str, Any]]:
    """``FEEDS`` for Scrapy's ``-o`` and ``-O``, compressed files such as ``x.jsonl.gz`` included.

    The files named on the command line replace the project's own feed.

    :raises UsageError: the format is unknown, or both options are given.
    """
    feeds: dict[str, dict[str, Any]] = {}
    if append and overwrite:
        raise UsageError("use only one of -o and -O", print_help=False)
    bare = settings.copy()
    bare.set("FEEDS", {}, priority="cmdline")
    for given in append or overwrite or []:
        name, colon, kind = given.rpartition(":")
        # "x.jsonl.gz:jsonlines" names its format; the colon of a drive or scheme does not.
        uri, suffix = (name, colon + kind) if name and kind.isalpha() else (given, "")
        plain, compression = _uncompressed(uri, named=bool(suffix))
        element = plain + suffix
        feed = feed_process_params_from_cli(
            bare, [] if overwrite else [element], overwrite_output=[element] if overwrite else None
        )
        for target, options in feed.items():
            if compression:
                feeds[uri] = {**options, "postprocessing": [compression]}
            else:
                feeds[target] = options
    return feeds


def _uncompressed(uri: str, *, named: bool) -> tuple[str, type | None]:
    """``uri`` without the suffix of a compression, and the plugin that compresses."""
    for suffix, plugin in _COMPRESSIONS.items():
        plain = uri.removesuffix(suffix)
        if plain != uri and (named or Path(plain).suffix):
            return plain, plugin
    return uri, None
