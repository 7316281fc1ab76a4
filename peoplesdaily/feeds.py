"""How lines land: written beside their place, flushed to disk, and published by rename.

Scrapy's own file storage opens the target itself, so that a reader sees half a file and a killed
run leaves one. Here a reader sees the finished file or none.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import json
import logging
import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlsplit

from scrapy import Spider
from scrapy.exceptions import UsageError
from scrapy.exporters import JsonLinesItemExporter
from scrapy.extensions.feedexport import FeedExporter, apply_uri_params
from scrapy.extensions.postprocessing import Bz2Plugin, GzipPlugin, LZMAPlugin
from scrapy.http import Response
from scrapy.settings import BaseSettings
from scrapy.utils.conf import feed_process_params_from_cli
from w3lib.url import file_uri_to_path

from peoplesdaily.eventloop import end_run
from peoplesdaily.items import Article, as_json

logger = logging.getLogger(__name__)

_COMPRESSIONS: dict[str, type] = {".gz": GzipPlugin, ".bz2": Bz2Plugin, ".xz": LZMAPlugin}


class OutputError(OSError):
    """Output that cannot be written; the message names the path and the cure.

    Raised when a run starts, before its first request, and when a finished file cannot be stored.
    """


def explain(error: OSError, path: Path) -> str:
    """One sentence for a person about an output that cannot be written."""
    cures = {
        errno.EACCES: "give this user the right to write there, or choose another OUTPUT_DIR",
        errno.EPERM: "give this user the right to write there, or choose another OUTPUT_DIR",
        errno.EROFS: "the file system is read-only; choose another OUTPUT_DIR",
        errno.ENOSPC: "the disk is full; free some space and run again",
        errno.EDQUOT: "the disk quota is used up; free some space and run again",
        errno.ENOTDIR: "a part of the path is a file; move it away or choose another OUTPUT_DIR",
        errno.EEXIST: "a file stands where a folder is needed; move it away",
        errno.EISDIR: "a folder stands where a file is needed; move it away",
    }
    cure = cures.get(error.errno or 0, "check the path and run again")
    return f"cannot write {path}: {error.strerror or error}; {cure}"


def run_time(moment: datetime) -> str:
    """Name of a run: its start in UTC, in a form that every file system takes."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H-%M-%SZ")


def uri_params(params: dict[str, Any], spider: Spider) -> dict[str, Any]:
    """Values for a feed's address: Scrapy's, with ``output`` and a ``time`` that ends in ``Z``."""
    start = spider.crawler.stats.get_value("start_time") if spider.crawler.stats else None
    return {
        **params,
        "output": str(output_dir(spider.settings)),
        "time": run_time(start or datetime.now(UTC)),
    }


def output_dir(settings: BaseSettings) -> Path:
    """The project's output folder."""
    return Path(settings["OUTPUT_DIR"]).expanduser().absolute()


class PartFile:
    """A file that is written beside its target and becomes it in :meth:`publish`.

    Every :meth:`write` goes to the kernel at once and whole: a line that cannot be written, on a
    full disk, leaves nothing of itself behind.
    """

    def __init__(self, target: Path) -> None:
        """:raises OSError: the folder cannot be made or the file not be opened."""
        target.parent.mkdir(parents=True, exist_ok=True)
        self.target = target
        self.path = target.with_name(f".{target.name}.{os.getpid()}.part")
        self._file = self.path.open("wb", buffering=0)
        self._size = 0

    @property
    def name(self) -> str:
        return str(self.path)

    def write(self, data: bytes) -> int:
        """:raises OSError: nothing of ``data`` was kept."""
        view = memoryview(data)
        written = 0
        try:
            while written < len(view):
                written += self._file.write(view[written:]) or 0
        except OSError:
            self._file.truncate(self._size)
            self._file.seek(self._size)
            raise
        self._size += written
        return written

    def writable(self) -> bool:
        return True

    def readable(self) -> bool:
        return False

    def seekable(self) -> bool:
        return False

    @property
    def closed(self) -> bool:
        return self._file.closed

    def tell(self) -> int:
        return self._size

    def flush(self) -> None:
        """Nothing waits in memory."""

    def close(self) -> None:
        self._file.close()

    def publish(self, *, append: bool = False) -> None:
        """Make this the target: on disk first, then under its name.

        :param append: put what was written behind what the target holds.
        :raises OSError: the target is what it was, and the part file is kept.
        """
        if not append:
            self._rename()
            return
        # Two runs that both find no file must not both believe to be the first.
        with _locked(self.target.parent):
            if self.target.exists():
                self._join(self.target)
            self._rename()

    def _join(self, earlier: Path) -> None:
        """Put the target's content before what was written here."""
        joined = self.path.with_suffix(".join")
        try:
            with joined.open("wb") as file:
                for source in (earlier, self.path):
                    with source.open("rb") as content:
                        shutil.copyfileobj(content, file, 1 << 20)
        except OSError:
            joined.unlink(missing_ok=True)
            raise
        self._file.close()
        joined.replace(self.path)

    def _rename(self) -> None:
        if self._file.closed:
            self._file = self.path.open("ab", buffering=0)
        os.fsync(self._file.fileno())
        self._file.close()
        self.path.replace(self.target)
        _sync_folder(self.target.parent)

    def discard(self) -> None:
        """Leave no trace."""
        self._file.close()
        self.path.unlink(missing_ok=True)


@contextlib.contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Keep two runs that append to one file from losing each other's lines.

    The lock is the folder's own, so that nothing is left behind; it ends with its process.
    """
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _sync_folder(folder: Path) -> None:
    """A rename is durable once its folder is on disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


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

    def __init__(self, uri: str, *, feed_options: dict[str, Any] | None = None) -> None:
        self.path = Path(file_uri_to_path(uri) if uri.startswith("file:") else uri).absolute()
        self.append = not (feed_options or {}).get("overwrite", False)

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
    params = {
        "output": str(output_dir(settings)),
        "name": spider,
        "time": run_time(datetime.now(UTC)),
    }
    for uri in settings.getdict("FEEDS"):
        if urlsplit(str(uri)).scheme not in ("", "file"):
            continue
        try:
            path = apply_uri_params(str(uri), params)
        except KeyError:
            # A placeholder of the user's own, which only the running spider can fill.
            continue
        check_writable(AtomicFileFeedStorage(path).path)


def check_writable(target: Path) -> None:
    """Make sure, before the first request, that ``target`` can be published in its folder.

    :raises OutputError: it cannot.
    """
    try:
        if target.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        probe = PartFile(target.with_name(f"{target.name}.probe"))
        probe.discard()
    except OSError as error:
        raise OutputError(explain(error, target)) from error


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
