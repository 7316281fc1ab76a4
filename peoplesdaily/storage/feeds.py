"""How lines land: written beside their place, flushed to disk, and published by rename.

Scrapy's own file storage opens the target itself, so that a reader sees half a file and a killed
run leaves one. Here a reader sees the finished file or none.
"""

from __future__ import annotations

import json
import logging
import os
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, Self
from urllib.parse import urlsplit

from scrapy import Spider
from scrapy.crawler import Crawler
from scrapy.exceptions import UsageError
from scrapy.exporters import JsonLinesItemExporter
from scrapy.extensions.feedexport import FeedExporter, apply_uri_params
from scrapy.extensions.postprocessing import Bz2Plugin, GzipPlugin, LZMAPlugin
from scrapy.http import Response
from scrapy.settings import BaseSettings
from scrapy.utils.conf import feed_process_params_from_cli
from w3lib.url import file_uri_to_path

from peoplesdaily.items import Article, as_json
from peoplesdaily.storage import feed_files
from peoplesdaily.storage.index import IndexProblem
from peoplesdaily.storage.index.session import Session, session_of
from peoplesdaily.utils.atomic_files import (
    OutputError,
    PartFile,
    check_writable,
    explain,
    output_dir,
    run_time,
)
from peoplesdaily.utils.event_loop import end_run

logger = logging.getLogger(__name__)

# Names that FEED_EXPORTERS gives to JSON Lines.
_LINES = ("jsonlines", "jsonl", "jl")
_BATCH = re.compile(r"%\(batch_(?:time|id)\)")
_COMPRESSIONS: dict[str, type] = {".gz": GzipPlugin, ".bz2": Bz2Plugin, ".xz": LZMAPlugin}


def uri_params(params: dict[str, Any], spider: Spider) -> dict[str, Any]:
    """Values for a feed's address: Scrapy's, with ``output`` and a ``time`` that ends in ``Z``."""
    start = spider.crawler.stats.get_value("start_time") if spider.crawler.stats else None
    return {
        **params,
        "output": str(output_dir(spider.settings)),
        "time": run_time(start or datetime.now(UTC)),
    }


def keep_page(folder: Path, response: Response) -> None:
    """Store a page as the server sent it: ``page.html``, and address and headers beside it.

    :raises OSError: it cannot be stored.
    """
    folder.mkdir(parents=True, exist_ok=True)
    headers = {
        name.decode("latin-1"): b", ".join(values).decode("latin-1")
        for name, values in response.headers.items()
    }
    (folder / "page.html").write_bytes(response.body)
    for name, content in (("headers.json", headers), ("meta.json", {"url": response.url})):
        document = json.dumps(content, indent=2, ensure_ascii=False)
        (folder / name).write_text(document + "\n", encoding="utf-8")


class AtomicFileFeedStorage:
    """Feed storage for local files: ``FEED_STORAGES = {"": ..., "file": ...}``.

    A feed that is not overwritten is appended to, as in Scrapy, by publishing the old lines and
    the new ones together.
    """

    def __init__(
        self,
        uri: str,
        *,
        feed_options: dict[str, Any] | None = None,
        session: Session | None = None,
    ) -> None:
        self.session = session
        self.path = Path(file_uri_to_path(uri) if uri.startswith("file:") else uri).absolute()
        self.append = not (feed_options or {}).get("overwrite", False)

    @classmethod
    def from_crawler(
        cls, crawler: Crawler, uri: str, *, feed_options: dict[str, Any] | None = None
    ) -> Self:
        return cls(uri, feed_options=feed_options, session=session_of(crawler))

    def open(self, spider: Spider) -> IO[bytes]:
        """:raises OSError: the part file cannot be opened."""
        return PartFile(self.path)  # type: ignore[return-value]

    def store(self, file: IO[bytes]) -> None:
        """:raises OutputError: the file cannot be published; its part file is kept and named."""
        assert isinstance(file, PartFile)
        try:
            file.publish(append=self.append)
        except OSError as error:
            raise OutputError(
                f"{explain(error, self.path)}; what was written is kept in {file.path}"
            ) from error
        if self.session is None:
            return
        try:
            self.session.published(self.path)
        except (IndexProblem, OutputError) as error:
            # The file is whole and in its place, which is what counts.
            logger.error("The next run reads %s into the index: %s", self.path, error)


class ArticleLinesExporter(JsonLinesItemExporter):
    """JSON Lines; an article goes out whole in one step unless only some fields are asked for."""

    def export_item(self, item: Any) -> None:
        if isinstance(item, Article) and not self.fields_to_export and self.encoding:
            line = json.dumps(as_json(item), ensure_ascii=False, allow_nan=False) + "\n"
            self.file.write(line.encode(self.encoding))
        else:
            super().export_item(item)


class OutputGuard(FeedExporter):
    """Scrapy's feed exporter, which also notices that its output cannot be written.

    Scrapy logs the traceback of a failed write and crawls on, counting items that are nowhere.
    This one says what is wrong, keeps the lines that were written, and ends the run.
    """

    def item_scraped(self, item: Any, spider: Spider) -> None:
        try:
            super().item_scraped(item, spider)
        except OSError as error:
            assert self.crawler.stats
            if not self.crawler.stats.get_value("peoplesdaily/articles/unwritten"):
                path = getattr(self.slots[0].storage, "path", Path(self.slots[0].uri))
                logger.critical("The run ends: %s", explain(error, path))
                end_run(self.crawler, "output_failed")
            self.crawler.stats.inc_value("peoplesdaily/articles/unwritten")


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
            # A placeholder of the user's own, which only the running spider can fill.
            continue
        yield AtomicFileFeedStorage(path).path, options


def _is_local(uri: str) -> bool:
    return urlsplit(uri).scheme in ("", "file")


def keeps_records(settings: BaseSettings) -> bool:
    """Whether a feed holds whole records, a line each, in a file that the index can read."""
    return any(
        _is_local(str(uri))
        and feed_files.is_feed_name(Path(str(uri)))
        and options.get("format") in _LINES
        and not options.get("fields", settings["FEED_EXPORT_FIELDS"])
        for uri, options in settings.getdict("FEEDS").items()
    )


def check_corpus(settings: BaseSettings, spider: str, *, incremental: bool) -> None:
    """Make sure that a run of ``spider`` leaves each article in the corpus's files, and once.

    :raises UsageError: what it is to write would take one out, or put one in twice.
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
            # Scrapy logs it, and crawls on without any output.
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
