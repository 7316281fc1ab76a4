"""The corpus as one file: the latest revision of each article, with every section that lists it."""

from __future__ import annotations

import bz2
import gzip
import heapq
import json
import lzma
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from peoplesdaily.storage import feed_files
from peoplesdaily.storage.index.database import CorpusIndexError
from peoplesdaily.storage.index.store import Index
from peoplesdaily.utils.atomic_files import OutputError, PartFile, explain

_CHUNK = 32 * 1024 * 1024  # bytes of lines that are sorted in memory at a time
_ID_DIGITS = 24
_COMPRESSORS: dict[str, Callable[[Any], Any]] = {
    # A time in the header would make two exports of one corpus differ.
    ".gz": lambda part: gzip.GzipFile("", "wb", fileobj=part, mtime=0),
    ".bz2": lambda part: bz2.BZ2File(part, "wb"),
    ".xz": lambda part: lzma.LZMAFile(part, "wb"),  # noqa: SIM115 - closed where it is used
}
# The latest revision in a finished file of each article.
_LATEST = (
    "revisions.file IS NOT NULL AND NOT EXISTS (SELECT 1 FROM revisions AS newer"
    " WHERE newer.id = revisions.id AND newer.revision > revisions.revision"
    " AND newer.file IS NOT NULL)"
)


@dataclass(frozen=True, slots=True)
class Choice:
    """Which articles are exported.

    :param unique: leave out those that nearly repeat another.
    :param section: only those that this section has listed.
    :param since: first day of publication in Beijing, ``YYYY-MM-DD``.
    :param until: last day.
    """

    unique: bool = False
    section: str | None = None
    since: str | None = None
    until: str | None = None

    @property
    def _where(self) -> str:
        conditions = [_LATEST]
        if self.unique:
            conditions.append("duplicate_of IS NULL")
        if self.section is not None:
            conditions.append(
                "EXISTS (SELECT 1 FROM listings WHERE listings.id = revisions.id"
                " AND listings.section = :section)"
            )
        if self.since is not None:
            conditions.append("published_on >= :since")
        if self.until is not None:
            conditions.append("published_on <= :until")
        return " AND ".join(conditions)

    def by_file(self, index: Index) -> dict[str, int]:
        """How many articles each file holds."""
        return dict(
            index.rows(
                "SELECT path, count(*) FROM revisions JOIN files USING (file)"
                f" WHERE {self._where} GROUP BY file ORDER BY path",
                self._values,
            )
        )

    def in_file(self, index: Index, path: str) -> dict[str, tuple[int, list[str]]]:
        """Revision and sections of the articles in one file, by id."""
        rows = index.rows(
            "SELECT id, revision, (SELECT json_group_array(section) FROM listings"
            " WHERE listings.id = revisions.id) FROM revisions WHERE file ="
            f" (SELECT file FROM files WHERE path = :path) AND {self._where}",
            {**self._values, "path": path},
        )
        return {id_: (revision, json.loads(sections)) for id_, revision, sections in rows}

    @property
    def _values(self) -> dict[str, str | None]:
        return {"section": self.section, "since": self.since, "until": self.until}


class IncompleteCorpusError(CorpusIndexError):
    """Files that hold articles of the corpus are missing; the message names them."""


@dataclass(frozen=True, slots=True)
class Exported:
    """:param lost: articles that are missing, by file, with the reason."""

    articles: int
    lost: dict[str, tuple[int, str]]


def export(
    index: Index, output: Path, target: Path | IO[bytes], choice: Choice, *, partial: bool = False
) -> Exported:
    """Write the chosen articles as JSON Lines, sorted by day of publication, then by id.

    :param target: a file, which appears when it is whole, or a stream.
    :param partial: leave out articles whose files are missing.
    :raises IncompleteCorpusError: files are missing; nothing is written.
    :raises OutputError: the target cannot be written.
    :raises CorpusIndexError: the index cannot be read.
    """
    # One snapshot, although runs may add revisions meanwhile.
    index.rows("BEGIN")
    corpus = _Corpus(index, output, choice)
    try:
        if not partial:
            corpus.refuse_lost(corpus.missing())
        if isinstance(target, Path):
            written = _to_file(corpus, target, partial=partial)
        else:
            written = _to_stream(corpus, target, partial=partial)
    finally:
        index.rows("ROLLBACK")
    return Exported(written, corpus.lost)


class _Corpus:
    """Lines of the chosen articles from all files."""

    def __init__(self, index: Index, output: Path, choice: Choice) -> None:
        self.index = index
        self.output = output
        self.choice = choice
        self.files = choice.by_file(index)
        self.lost: dict[str, tuple[int, str]] = {}

    def missing(self) -> dict[str, tuple[int, str]]:
        return {
            path: (count, "no longer there")
            for path, count in self.files.items()
            if not (self.output / path).exists()
        }

    def refuse_lost(self, lost: dict[str, tuple[int, str]]) -> None:
        """:raises IncompleteCorpusError: there are some."""
        if lost:
            count = sum(number for number, _ in lost.values())
            named = ", ".join(f"{path} ({why})" for path, (_, why) in lost.items())
            raise IncompleteCorpusError(
                f"{count} article(s) cannot be exported, for their files are missing: {named}; "
                "bring them back, name their folder to `scrapy index rebuild`, or leave them out "
                "with --partial"
            )

    def keyed_lines(self) -> Iterator[bytes]:
        """Lines in the order of the files, each behind the key that sorts it."""
        for path in self.files:
            wanted = self.choice.in_file(self.index, path)
            why = "changed: their lines are not in it any more"
            try:
                for line in feed_files.lines(self.output / path):
                    if feed_files.may_be_of(line, wanted):
                        yield from _keyed(line, wanted)
            except FileNotFoundError:
                why = "no longer there"
            except feed_files.UNREADABLE as error:
                why = f"unreadable: {error}"
            if wanted:
                self.lost[path] = len(wanted), why


def _keyed(line: bytes, wanted: dict[str, tuple[int, list[str]]]) -> Iterator[bytes]:
    """The line with its key, if it is wanted; each is wanted once."""
    try:
        record = json.loads(line)
        id_, revision = record["id"], record["revision"]
        day, listed = record["published_on"], record["sections"]
    except (ValueError, TypeError, KeyError):
        return  # not a record, so the index does not hold it either
    if id_ not in wanted or wanted[id_][0] != revision:
        return
    sections = sorted({*listed, *wanted.pop(id_)[1]})
    if sections != listed:
        record["sections"] = sections
        line = json.dumps(record, ensure_ascii=False).encode() + b"\n"
    key = f"{day} {id_.zfill(_ID_DIGITS)}\t"
    yield key.encode() + line.rstrip(b"\r\n") + b"\n"


def _sorted(lines: Iterable[bytes], folder: Path | None) -> Iterator[bytes]:
    """Lines sorted by their keys, without them; what does not fit in memory is spilled to disk."""
    with ExitStack() as open_files:
        spilled: list[IO[bytes]] = []
        chunk: list[bytes] = []
        size = 0
        for line in lines:
            chunk.append(line)
            size += len(line)
            if size >= _CHUNK:
                # Without a name, nothing is left of it, however this process ends.
                file = open_files.enter_context(tempfile.TemporaryFile(dir=folder))
                file.writelines(sorted(chunk))
                file.seek(0)
                spilled.append(file)
                chunk, size = [], 0
        for line in heapq.merge(*spilled, sorted(chunk)):
            yield line.partition(b"\t")[2]


def _to_stream(corpus: _Corpus, stream: IO[bytes], *, partial: bool) -> int:
    written = 0
    for line in _sorted(corpus.keyed_lines(), None):
        if not partial:
            # Checked before the first line is written.
            corpus.refuse_lost(corpus.lost)
        stream.write(line)
        written += 1
    return written


def _to_file(corpus: _Corpus, target: Path, *, partial: bool) -> int:
    try:
        part = PartFile(target)
        file = _COMPRESSORS.get(target.suffix, lambda part: part)(part)
        written = 0
        try:
            for line in _sorted(corpus.keyed_lines(), target.parent):
                file.write(line)
                written += 1
            if not partial:
                corpus.refuse_lost(corpus.lost)
            if file is not part:
                file.close()
            part.publish()
        finally:
            with suppress(OSError, ValueError):
                file.close()
            part.discard()
    except OSError as error:
        raise OutputError(explain(error, target)) from error
    return written
