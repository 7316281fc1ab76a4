"""Queries for people: counts, pending articles, pairs of duplicates, a story's history."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from peoplesdaily.items import Article
from peoplesdaily.storage import feed_files, locks, near_duplicates
from peoplesdaily.storage.index import reconcile
from peoplesdaily.storage.index.models import OUTSIDE, PendingArticle
from peoplesdaily.storage.index.pending import DUE, due_at
from peoplesdaily.storage.index.store import Index

Key = tuple[str, int]
"""Id and number of a revision."""


@dataclass(frozen=True, slots=True)
class SectionStatus:
    """What is on record about a section's list.

    :param articles: stories that it has listed.
    :param first_seen: when the first of them was seen, ``None`` where there is none; UTC.
    :param last_seen: when the last new one was.
    :param complete: whether its latest listing pass left no gap down to ``watermark``.
    :param watermark: ``""`` for the list's end, ``None`` where no pass has ended yet.
    """

    section: str
    articles: int
    first_seen: str | None
    last_seen: str | None
    complete: bool
    watermark: str | None


@dataclass(frozen=True, slots=True)
class RunStatus:
    """A run that has not ended.

    :param alive: whether its process is alive; else the next run recovers what it left.
    """

    run: str
    since: str
    alive: bool


@dataclass(frozen=True, slots=True)
class Status:
    """The index in numbers.

    :param articles: stories that finished files hold.
    :param revisions: later revisions of them.
    :param near_duplicates: stories with nearly the text of another.
    :param writing: revisions that runs have begun and no finished file holds.
    :param pending: by kind: due now, and later.
    :param not_wanted: stories outside the window of the run that read them.
    :param missing: files on record that are no longer where they were.
    :param size: bytes on disk, the journal included.
    """

    articles: int
    revisions: int
    aliases: int
    near_duplicates: int
    writing: int
    pending: dict[str, tuple[int, int]]
    not_wanted: int
    gone: int
    files: int
    missing: list[str]
    sections: list[SectionStatus]
    size: int
    runs: list[RunStatus]


def status(index: Index, output: Path, now: datetime) -> Status:
    """The state of an output folder's index."""
    (stored,) = index.row("SELECT count(*) FROM revisions WHERE file IS NOT NULL")
    # Few revisions are later ones: the index of ids finds them without a scan of all rows.
    (later,) = index.row(
        "SELECT count(*) FROM revisions AS later WHERE revision_id IN"
        " (SELECT revision_id FROM revisions WHERE revision > 1) AND file IS NOT NULL AND EXISTS"
        " (SELECT 1 FROM revisions AS older WHERE older.id = later.id"
        "  AND older.revision < later.revision AND older.file IS NOT NULL)"
    )
    pending: dict[str, tuple[int, int]] = {}
    for kind, due, all_ in index.rows(
        f"SELECT kind, sum({DUE}), count(*) FROM pending GROUP BY kind ORDER BY kind", due_at(now)
    ):
        pending[kind] = (due, all_ - due)
    return Status(
        articles=stored - later,
        revisions=later,
        aliases=_count(index, "aliases"),
        near_duplicates=index.row(
            "SELECT count(DISTINCT id) FROM revisions"
            " WHERE duplicate_of IS NOT NULL AND file IS NOT NULL"
        )[0],
        writing=_count(index, "revisions WHERE run IS NOT NULL"),
        not_wanted=sum(pending.pop(OUTSIDE, (0, 0))),
        pending=pending,
        gone=_count(index, "gone"),
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
    passes: dict[str, Any] = {
        section: (last == complete, watermark)
        for section, last, complete, watermark in index.rows("SELECT * FROM listing_passes")
    }
    found = []
    for section in sorted({*seen, *passes}):
        complete, watermark = passes.get(section, (False, None))
        count, first, last = seen.get(section, (0, None, None))
        found.append(SectionStatus(section, count, first, last, complete, watermark))
    return found


def missing_files(index: Index, output: Path) -> list[str]:
    """Files on record that are no longer where they were."""
    return [path for path in sorted(index.files.on_record()) if not (output / path).exists()]


def sections(index: Index) -> set[str]:
    """Every section on record."""
    return {
        section
        for (section,) in index.rows(
            "SELECT section FROM listings UNION SELECT section FROM listing_passes"
            " UNION SELECT section FROM pending WHERE section IS NOT NULL"
        )
    }


def pending(
    index: Index, *, section: str | None, kind: str | None, due: datetime | None
) -> list[PendingArticle]:
    """Pending articles, the oldest first; those outside a window only by their kind.

    :param due: only what may be tried at this moment.
    """
    asked = {"section": section, "kind": kind}
    where = [f"{name} = :{name}" for name, value in asked.items() if value is not None]
    if due is not None:
        asked |= due_at(due)
        where.append(DUE)
    if kind is None:
        where.append(f"kind <> '{OUTSIDE}'")
    return index.pending.find(" AND ".join(where), asked)


@dataclass(frozen=True, slots=True)
class GoneStory:
    """A story that is confirmed to be gone."""

    id: str
    confirmed_at: str
    reason: str
    url: str


def gone(index: Index, id_: str | None = None) -> list[GoneStory]:
    """Stories that are gone and not tried again, the latest first."""
    found = index.rows(
        "SELECT id, confirmed_at, reason, url FROM gone WHERE ?1 IS NULL OR id = ?1"
        " ORDER BY confirmed_at DESC, id",
        (id_,),
    )
    return [GoneStory(*row) for row in found]


@dataclass(frozen=True, slots=True)
class Revision:
    """A revision of an article, without its text.

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


_REVISION = (
    "SELECT revisions.id, revision, url, title, section, published_on, published_at, source,"
    " crawled_at, content_hash, duplicate_of, similarity, path, signature"
    " FROM revisions LEFT JOIN files USING (file)"
)


def revisions_of(index: Index, id_: str) -> list[Revision]:
    """Every revision of a story, in order."""
    found = index.rows(f"{_REVISION} WHERE id = ? ORDER BY revision", (id_,))
    return [Revision(*row) for row in found]


@dataclass(frozen=True, slots=True)
class Repeat:
    """A decision that one story duplicates another.

    :param revision: the near-duplicate; ``None`` for an alias, which was not written.
    :param of: the revision that it duplicates, ``None`` where it is not on record any more.
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
    revision: Revision | None
    of: Revision | None

    @property
    def is_alias(self) -> bool:
        return self.revision is None


def repeats(
    index: Index, *, id_: str | None = None, since: str | None = None, limit: int | None = None
) -> list[Repeat]:
    """Stories that duplicate others, the latest decision first.

    :param id_: only pairs with this story.
    :param since: only decisions of this moment or later; UTC, ISO 8601.
    """
    asked = {"id": id_, "since": since, "limit": -1 if limit is None else limit}
    near = index.rows(
        f"{_REVISION} WHERE duplicate_of IS NOT NULL AND revisions.file IS NOT NULL"
        f"{' AND (id = :id OR duplicate_of = :id)' if id_ else ''}"
        f"{' AND crawled_at >= :since' if since else ''}"
        " ORDER BY crawled_at DESC, revision_id DESC LIMIT :limit",
        asked,
    )
    aliases = index.rows(
        "SELECT id, of_id, similarity, found_at, url, title, source FROM aliases WHERE 1"
        f"{' AND (id = :id OR of_id = :id)' if id_ else ''}"
        f"{' AND found_at >= :since' if since else ''}"
        " ORDER BY found_at DESC, id LIMIT :limit",
        asked,
    )
    found = [_near(index, Revision(*row)) for row in near]
    for other, of_id, similarity, at, url, title, source in aliases:
        of = _repeated(index, of_id, None)
        found.append(Repeat(other, of_id, similarity, at, url, title, source, None, of))
    found.sort(key=lambda repeat: repeat.found_at, reverse=True)
    return found[:limit]


def _near(index: Index, new: Revision) -> Repeat:
    assert new.duplicate_of is not None
    return Repeat(
        new.id, new.duplicate_of, new.similarity or 0.0, new.crawled_at, new.url, new.title,
        new.source, new, _repeated(index, new.duplicate_of, new.signature),
    )  # fmt: skip


def _repeated(index: Index, id_: str, signature: bytes | None) -> Revision | None:
    """The revision of a story that is most similar to a signature; the latest where it is none."""
    stored = [found for found in revisions_of(index, id_) if found.file is not None]
    if signature is None:
        return stored[-1] if stored else None
    return max(
        stored,
        key=lambda old: (
            near_duplicates.similarity(signature, old.signature) if old.signature else 0
        ),
        default=None,
    )


@dataclass(frozen=True, slots=True)
class History:
    """Everything on record about one story.

    :param sections: which sections list it, and since when.
    """

    id: str
    revisions: list[Revision]
    sections: list[tuple[str, str]]
    repeats: list[Repeat]
    pending: list[PendingArticle]
    gone: list[GoneStory]

    def __bool__(self) -> bool:
        return any((self.revisions, self.sections, self.repeats, self.pending, self.gone))


def history(index: Index, id_: str) -> History:
    """What is on record about a story; false where nothing is."""
    return History(
        id_,
        revisions_of(index, id_),
        index.rows(
            "SELECT section, first_seen FROM listings WHERE id = ? ORDER BY first_seen, section",
            (id_,),
        ),
        repeats(index, id_=id_),
        index.pending.find("id = ?", (id_,)),
        gone(index, id_),
    )


class Texts:
    """Reads articles back from the finished files that hold them.

    :ivar lost: files that could not be read, with the reason.
    """

    def __init__(self, output: Path) -> None:
        self.output = output
        self.lost: dict[str, str] = {}

    def read(self, wanted: Iterable[Revision]) -> dict[Key, Article]:
        """The articles of revisions whose files are there; each file is read once."""
        by_file: dict[str, set[Key]] = {}
        for revision in wanted:
            if revision.file is not None:
                by_file.setdefault(revision.file, set()).add(revision.key)
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
    """A result in types that JSON has, without the signatures."""
    if isinstance(value, Mapping):
        return {key: as_dict(part) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [as_dict(part) for part in value]
    if hasattr(value, "__dataclass_fields__"):
        names = [name for name in value.__dataclass_fields__ if name != "signature"]
        return {name: as_dict(getattr(value, name)) for name in names}
    return value
