"""What a person asks the index: counts, debts, pairs of repeated texts, a story's history."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from peoplesdaily.items import Article
from peoplesdaily.storage import feed_files, locks
from peoplesdaily.storage import near_duplicates as neardup
from peoplesdaily.storage.index import reconcile
from peoplesdaily.storage.index.models import OUTSIDE, Owed
from peoplesdaily.storage.index.store import DUE, Index, due_at

Key = tuple[str, int]
"""Id and revision: one line of output."""


@dataclass(frozen=True, slots=True)
class SectionStatus:
    """What is known of a section's list.

    :param articles: stories that it has listed.
    :param first_seen: when the first of them was met, ``None`` where there is none; UTC.
    :param last_seen: when the last new one was.
    :param complete: whether its latest walk left no gap down to ``floor``.
    :param floor: ``""`` for the list's end, ``None`` where no walk has ended yet.
    """

    section: str
    articles: int
    first_seen: str | None
    last_seen: str | None
    complete: bool
    floor: str | None


@dataclass(frozen=True, slots=True)
class RunStatus:
    """A run that has not ended.

    :param alive: whether its process lives; else the next run recovers what it left.
    """

    run: str
    since: str
    alive: bool


@dataclass(frozen=True, slots=True)
class Status:
    """The index in numbers.

    :param articles: stories with a line in a finished file.
    :param revisions: further lines of theirs.
    :param near_duplicates: stories with a line that nearly repeats another's.
    :param writing: lines that runs have begun and no finished file holds.
    :param owed: by kind of debt: due now, and later.
    :param not_wanted: stories that lay outside the window of the run that met them.
    :param missing: files on record that are no longer where they were.
    :param size: bytes on disk, the journal included.
    """

    articles: int
    revisions: int
    aliases: int
    near_duplicates: int
    writing: int
    owed: dict[str, tuple[int, int]]
    not_wanted: int
    settled: int
    files: int
    missing: list[str]
    sections: list[SectionStatus]
    size: int
    runs: list[RunStatus]


def status(index: Index, output: Path, now: datetime) -> Status:
    """The state of an output folder's index."""
    (durable,) = index.row("SELECT count(*) FROM lines WHERE file IS NOT NULL")
    # Few lines are revisions: the index of ids finds them without a look at all rows.
    (later,) = index.row(
        "SELECT count(*) FROM lines AS line WHERE line IN"
        " (SELECT line FROM lines WHERE revision > 1) AND file IS NOT NULL AND EXISTS"
        " (SELECT 1 FROM lines AS older WHERE older.id = line.id"
        "  AND older.revision < line.revision AND older.file IS NOT NULL)"
    )
    owed: dict[str, tuple[int, int]] = {}
    for kind, due, all_ in index.rows(
        f"SELECT kind, sum({DUE}), count(*) FROM owed GROUP BY kind ORDER BY kind", due_at(now)
    ):
        owed[kind] = (due, all_ - due)
    return Status(
        articles=durable - later,
        revisions=later,
        aliases=_count(index, "aliases"),
        near_duplicates=index.row(
            "SELECT count(DISTINCT id) FROM lines"
            " WHERE duplicate_of IS NOT NULL AND file IS NOT NULL"
        )[0],
        writing=_count(index, "lines WHERE run IS NOT NULL"),
        not_wanted=sum(owed.pop(OUTSIDE, (0, 0))),
        owed=owed,
        settled=_count(index, "settled"),
        files=_count(index, "files"),
        missing=missing_files(index, output),
        sections=_sections(index),
        size=sum(
            path.stat().st_size
            for path in output.glob(f"{reconcile.NAME}*")
            if path.name in (reconcile.NAME, f"{reconcile.NAME}-wal")
        ),
        runs=[
            RunStatus(run, since, locks.is_held(reconcile.run_lock(output, run)))
            for run, since in index.rows("SELECT run, started_at FROM runs ORDER BY started_at")
        ],
    )


def _count(index: Index, table: str) -> int:
    return int(index.row(f"SELECT count(*) FROM {table}")[0])


def _sections(index: Index) -> list[SectionStatus]:
    seen: dict[str, Any] = {
        section: found
        for section, *found in index.rows(
            "SELECT section, count(*), min(first_seen), max(first_seen) FROM listings"
            " GROUP BY section"
        )
    }
    walks: dict[str, Any] = {
        section: (last == complete, floor)
        for section, last, complete, floor in index.rows("SELECT * FROM walks")
    }
    found = []
    for section in sorted({*seen, *walks}):
        complete, floor = walks.get(section, (False, None))
        count, first, last = seen.get(section, (0, None, None))
        found.append(SectionStatus(section, count, first, last, complete, floor))
    return found


def missing_files(index: Index, output: Path) -> list[str]:
    """Files on record that are no longer where they were."""
    return [path for path in sorted(index.files()) if not (output / path).exists()]


def sections(index: Index) -> set[str]:
    """Every section that the index has met."""
    return {
        section
        for (section,) in index.rows(
            "SELECT section FROM listings UNION SELECT section FROM walks"
            " UNION SELECT section FROM owed WHERE section IS NOT NULL"
        )
    }


def debts(
    index: Index, *, section: str | None, kind: str | None, due: datetime | None
) -> list[Owed]:
    """What is owed, the oldest first; what was not wanted only where its kind is asked for.

    :param due: only what may be tried at this moment.
    """
    asked = {"section": section, "kind": kind}
    where = [f"{name} = :{name}" for name, value in asked.items() if value is not None]
    if due is not None:
        asked |= due_at(due)
        where.append(DUE)
    if kind is None:
        where.append(f"kind <> '{OUTSIDE}'")
    return index.owed(" AND ".join(where), asked)


@dataclass(frozen=True, slots=True)
class Settled:
    """A story that is confirmed to be gone."""

    id: str
    settled_at: str
    reason: str
    url: str


def settled(index: Index, id_: str | None = None) -> list[Settled]:
    """Stories that are not asked for again, the latest first."""
    found = index.rows(
        "SELECT id, settled_at, reason, url FROM settled WHERE ?1 IS NULL OR id = ?1"
        " ORDER BY settled_at DESC, id",
        (id_,),
    )
    return [Settled(*row) for row in found]


@dataclass(frozen=True, slots=True)
class Line:
    """A line of output, as far as the index keeps it.

    :param file: relative to the output folder where it lies in it; ``None``: not finished yet.
    """

    id: str
    revision: int
    url: str
    title: str
    section: str | None
    published_on: str
    published_at: str | None
    source: str | None
    crawled_at: str
    content_hash: str
    duplicate_of: str | None
    similarity: float | None
    file: str | None
    signature: bytes | None

    @property
    def key(self) -> Key:
        return self.id, self.revision


_LINE = (
    "SELECT lines.id, revision, url, title, section, published_on, published_at, source,"
    " crawled_at, content_hash, duplicate_of, similarity, path, signature"
    " FROM lines LEFT JOIN files USING (file)"
)


def lines_of(index: Index, id_: str) -> list[Line]:
    """Every revision of a story, the first one first."""
    return [Line(*row) for row in index.rows(f"{_LINE} WHERE id = ? ORDER BY revision", (id_,))]


@dataclass(frozen=True, slots=True)
class Repeat:
    """A decision that one story repeats another.

    :param line: the line that nearly repeats; ``None`` for an alias, which has no line.
    :param of: the line whose text it repeats, ``None`` where the index does not know it.
    :param similarity: the estimate at the time, 0 to 1.
    :param found_at: UTC.
    """

    id: str
    of_id: str
    similarity: float
    found_at: str
    url: str
    title: str | None
    source: str | None
    line: Line | None
    of: Line | None

    @property
    def is_alias(self) -> bool:
        return self.line is None


def repeats(
    index: Index, *, id_: str | None = None, since: str | None = None, limit: int | None = None
) -> list[Repeat]:
    """Stories that repeat others, the latest decision first.

    :param id_: only those in which this story is one of the two.
    :param since: only decisions of this moment or later; UTC, ISO 8601.
    """
    asked = {"id": id_, "since": since, "limit": -1 if limit is None else limit}
    lines = index.rows(
        f"{_LINE} WHERE duplicate_of IS NOT NULL AND lines.file IS NOT NULL"
        f"{' AND (id = :id OR duplicate_of = :id)' if id_ else ''}"
        f"{' AND crawled_at >= :since' if since else ''}"
        " ORDER BY crawled_at DESC, line DESC LIMIT :limit",
        asked,
    )
    aliases = index.rows(
        "SELECT id, of_id, similarity, found_at, url, title, source FROM aliases WHERE 1"
        f"{' AND (id = :id OR of_id = :id)' if id_ else ''}"
        f"{' AND found_at >= :since' if since else ''}"
        " ORDER BY found_at DESC, id LIMIT :limit",
        asked,
    )
    found = [_near(index, Line(*row)) for row in lines]
    for other, of_id, similarity, at, url, title, source in aliases:
        of = _repeated(index, of_id, None)
        found.append(Repeat(other, of_id, similarity, at, url, title, source, None, of))
    found.sort(key=lambda repeat: repeat.found_at, reverse=True)
    return found[:limit]


def _near(index: Index, line: Line) -> Repeat:
    assert line.duplicate_of is not None
    return Repeat(
        line.id, line.duplicate_of, line.similarity or 0.0, line.crawled_at, line.url, line.title,
        line.source, line, _repeated(index, line.duplicate_of, line.signature),
    )  # fmt: skip


def _repeated(index: Index, id_: str, signature: bytes | None) -> Line | None:
    """The revision of a story that another line was compared with: the one most like it."""
    durable = [line for line in lines_of(index, id_) if line.file is not None]
    if signature is None:
        return durable[-1] if durable else None
    return max(
        durable,
        key=lambda line: neardup.similarity(signature, line.signature) if line.signature else 0,
        default=None,
    )


@dataclass(frozen=True, slots=True)
class History:
    """Everything that the index knows of one story.

    :param sections: who lists it, and since when.
    """

    id: str
    lines: list[Line]
    sections: list[tuple[str, str]]
    repeats: list[Repeat]
    owed: list[Owed]
    settled: list[Settled]

    def __bool__(self) -> bool:
        return any((self.lines, self.sections, self.repeats, self.owed, self.settled))


def history(index: Index, id_: str) -> History:
    """What is known of a story; false where nothing is."""
    return History(
        id_,
        lines_of(index, id_),
        index.rows(
            "SELECT section, first_seen FROM listings WHERE id = ? ORDER BY first_seen, section",
            (id_,),
        ),
        repeats(index, id_=id_),
        index.owed("id = ?", (id_,)),
        settled(index, id_),
    )


class Texts:
    """Articles read back from the finished files that hold them.

    :ivar lost: files that could not be read, with the reason.
    """

    def __init__(self, output: Path) -> None:
        self.output = output
        self.lost: dict[str, str] = {}

    def read(self, wanted: Iterable[Line]) -> dict[Key, Article]:
        """The articles of lines, as far as their files are where they were; each is read once."""
        by_file: dict[str, set[Key]] = {}
        for line in wanted:
            if line.file is not None:
                by_file.setdefault(line.file, set()).add(line.key)
        found: dict[Key, Article] = {}
        for file, keys in by_file.items():
            found |= self._of_file(file, keys)
        return found

    def _of_file(self, file: str, keys: set[Key]) -> dict[Key, Article]:
        found: dict[Key, Article] = {}
        ids = {id_ for id_, _ in keys}
        try:
            for line in feed_files.lines(self.output / file):
                if feed_files.may_be_of(line, ids):
                    article = _article(line)
                    if article is not None and (article.id, article.revision) in keys:
                        found.setdefault((article.id, article.revision), article)
                        if len(found) == len(keys):
                            break
        except FileNotFoundError:
            self.lost[file] = "it is no longer there"
        except feed_files.UNREADABLE as error:
            self.lost[file] = f"it cannot be read: {error}"
        else:
            if len(found) < len(keys):
                self.lost[file] = "it was changed: the line is not in it any more"
        return found


def _article(line: bytes) -> Article | None:
    try:
        return feed_files.article(line)
    except feed_files.BadLineError:
        return None


def as_dict(value: Any) -> Any:
    """A finding as JSON can hold it, without the signatures."""
    if isinstance(value, Mapping):
        return {key: as_dict(part) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [as_dict(part) for part in value]
    if hasattr(value, "__dataclass_fields__"):
        names = [name for name in value.__dataclass_fields__ if name != "signature"]
        return {name: as_dict(getattr(value, name)) for name in names}
    return value
