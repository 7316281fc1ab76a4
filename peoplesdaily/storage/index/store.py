"""What is asked of the index and told to it, a method each; all SQL of a crawl is here."""

from __future__ import annotations

import contextlib
import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from peoplesdaily.items import Article
from peoplesdaily.storage import near_duplicates
from peoplesdaily.storage.index import tables
from peoplesdaily.storage.index.models import (
    INCOMPLETE,
    LISTED,
    NO_WALK,
    OUTSIDE,
    Known,
    ListPage,
    Near,
    Owed,
    State,
    Validators,
    Walk,
    moment,
)

# Hours until a failed article is asked for again; the last one repeats.
_PAUSES = (0.25, 1, 4, 16, 72, 168)
# A server that is set up wrongly says "gone" of everything for an hour or two; three times "gone"
# are to mean more than a day.
_PAUSES_OF = {"404": (6, 24, 72, 168), "410": (6, 24, 72, 168)}
# Tries that agree before an article is taken for gone. Only a server that says so is believed: a
# page that shows no article may be a redesign, however long it lasts.
_CONFIRMATIONS = {"404": 3, "410": 3}
# Near neighbours that are looked at; those that share most bands come first. Of a band that very
# many share, such as the notes of one mould, the latest: it says little, and must not cost more
# with every note.
_MOST_CANDIDATES, _MOST_OF_A_BAND = 50, 200
# Articles of all sections among which a section's newest is looked for first.
_RECENT = 500
_NEAR = (
    "SELECT id, signature FROM (SELECT line, count(*) AS shared FROM ("
    + " UNION ALL ".join(
        [
            f"SELECT * FROM (SELECT line FROM bands WHERE hash = ? ORDER BY line DESC"
            f" LIMIT {_MOST_OF_A_BAND})"
        ]
        * near_duplicates.BANDS
    )
    + f") GROUP BY line ORDER BY shared DESC, line LIMIT {_MOST_CANDIDATES})"
    " JOIN lines USING (line) WHERE id <> ? ORDER BY shared DESC, line"
)


# No pause is longer than the longest: what is put off further was noted by a clock that ran ahead,
# for years perhaps.
DUE = "(next_try <= :now OR next_try > :longest)"
"""Whether a row of ``owed`` may be tried again, with the values of :func:`due_at`."""


def due_at(now: datetime) -> dict[str, str]:
    """The values of :data:`DUE` for a moment."""
    return {"now": moment(now), "longest": moment(now + timedelta(hours=_PAUSES[-1]))}


class Index:
    """The index in one file, shared by any number of processes.

    Every method is one transaction, and raises :exc:`CorpusIndexError` where the file is unusable.

    :param path: ``None`` for an index in memory that is forgotten at the end.
    :ivar broken: whether damage was met while it was open.
    :param read_only: open what is there, change and create nothing.
    :raises layout.IndexMissingError: there is nothing to read.
    :raises layout.IndexBrokenError: the file is corrupt, foreign or of an older version.
    """

    def __init__(self, path: Path | None, *, read_only: bool = False) -> None:
        self.path = path
        self.broken = False
        self._name = path or ":memory:"
        if read_only and path is not None:
            self.connection = tables.connect_to_read(path)
        else:
            self.connection = tables.connect(self._name)

    def close(self) -> None:
        """Let go of the file."""
        self.connection.close()

    def copy_from(self, path: Path) -> None:
        """Take over what another index knows, if there is one, without touching it."""
        if path.exists():
            other = tables.connect(path)
            try:
                other.backup(self.connection)
            except sqlite3.Error as error:
                raise tables.translated(error, path) from error
            finally:
                other.close()

    @contextlib.contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All of it is on record afterwards, or nothing. They nest: the outermost one commits."""
        try:
            if self.connection.in_transaction:
                yield self.connection
                return
            self.connection.execute("BEGIN IMMEDIATE")
            try:
                yield self.connection
                self.connection.execute("COMMIT")
            except BaseException:
                with contextlib.suppress(sqlite3.Error):
                    self.connection.execute("ROLLBACK")
                raise
        except sqlite3.Error as error:
            raise self._problem(error) from error

    def _problem(self, error: sqlite3.Error) -> tables.CorpusIndexError:
        problem = tables.translated(error, self._name)
        self.broken = self.broken or isinstance(problem, tables.IndexBrokenError)
        return problem

    def rows(self, query: str, values: Sequence[Any] | Mapping[str, Any] = ()) -> list[Any]:
        """The rows that a query finds."""
        try:
            return self.connection.execute(query, values).fetchall()
        except sqlite3.Error as error:
            raise self._problem(error) from error

    def row(self, query: str, values: Sequence[Any] | Mapping[str, Any] = ()) -> Any:
        """The first row that a query finds, or ``None``."""
        try:
            return self.connection.execute(query, values).fetchone()
        except sqlite3.Error as error:
            raise self._problem(error) from error

    # --- Lists -----------------------------------------------------------------------------

    def states(self, ids: Iterable[str], now: datetime) -> dict[str, State]:
        """What is known of each story."""
        wanted = list(ids)
        asked = {"ids": json.dumps(wanted)} | due_at(now)
        known = {
            id_
            for (id_,) in self.rows(
                "SELECT id FROM lines WHERE id IN (SELECT value FROM json_each(:ids))"
                " AND file IS NOT NULL"
                " UNION SELECT aliases.id FROM aliases JOIN lines ON lines.id = of_id"
                " WHERE aliases.id IN (SELECT value FROM json_each(:ids)) AND file IS NOT NULL",
                asked,
            )
        }
        settled = {
            id_
            for (id_,) in self.rows(
                "SELECT id FROM settled WHERE id IN (SELECT value FROM json_each(:ids))", asked
            )
        }
        owed = {
            id_: (kind, bool(due), published)
            for id_, kind, due, published in self.rows(
                f"SELECT id, kind, {DUE}, published FROM owed"
                " WHERE id IN (SELECT value FROM json_each(:ids))",
                asked,
            )
        }
        return {
            id_: State(id_ in known, id_ in settled, *owed.get(id_, (None, True, None)))
            for id_ in wanted
        }

    def begin_walk(self, section: str) -> Walk:
        """Number a new walk along a section's list."""
        with self.transaction() as change:
            number, complete, floor = change.execute(
                "INSERT INTO walks VALUES (?, 1, 0, NULL)"
                " ON CONFLICT DO UPDATE SET last = last + 1 RETURNING last, complete, floor",
                (section,),
            ).fetchone()
        return Walk(section, number, complete, floor)

    def end_walk(self, walk: Walk, floor: str) -> None:
        """Note that a walk left no gap, from the list's top down to ``floor``."""
        with self.transaction() as change:
            change.execute(
                "UPDATE walks SET complete = ?, floor = ? WHERE section = ? AND complete < ?",
                (walk.number, floor, walk.section, walk.number),
            )

    def in_complete_walks(self, walk: Walk, ids: Iterable[str]) -> set[str]:
        """Those of ``ids`` that the section listed already when its last complete walk ended."""
        return {
            id_
            for (id_,) in self.rows(
                "SELECT id FROM listings WHERE section = ? AND walk <= ?"
                " AND id IN (SELECT value FROM json_each(?))",
                (walk.section, walk.complete, json.dumps(list(ids))),
            )
        }

    def note_listed(
        self,
        ids: Iterable[str],
        section: str | None,
        walk: int,
        new: Iterable[Owed],
        page: ListPage | None,
        now: datetime,
    ) -> None:
        """Record a page of a list: who is on it, and what is wanted from now on.

        :param new: the articles that are to be fetched; what is owed already stays as it is.
        :param page: the page itself, if every article that it names is known or owed now.
        """
        at = moment(now)
        with self.transaction() as change:
            if section is not None:
                change.executemany(
                    "INSERT INTO listings VALUES (?, ?, ?, ?)"
                    " ON CONFLICT DO UPDATE SET walk = min(walk, excluded.walk)",
                    [(id_, section, at, walk) for id_ in ids],
                )
            change.executemany(
                "INSERT INTO owed VALUES (?, ?, ?, ?, ?, NULL, 0, 0, ?, ?, NULL)"
                " ON CONFLICT DO UPDATE SET kind = excluded.kind, published = NULL"
                f" WHERE kind = '{OUTSIDE}'",
                [(o.id, o.url, o.spider, o.section, LISTED, at, at) for o in new],
            )
            if page is not None:
                change.execute(
                    "INSERT OR REPLACE INTO list_pages VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                    (
                        *(page.url, page.etag, page.last_modified, page.floor),
                        *(json.dumps(page.ids), page.next_url, page.total, at),
                    ),
                )

    def list_page(self, url: str) -> ListPage | None:
        """A page of a list as it was last read, ``None`` where something on it was left out."""
        found = self.row(
            "SELECT url, etag, last_modified, floor, ids, next_url, total FROM list_pages"
            " WHERE url = ?",
            (url,),
        )
        if found is None:
            return None
        url, etag, last_modified, floor, ids, next_url, total = found
        return ListPage(url, etag, last_modified, floor, tuple(json.loads(ids)), next_url, total)

    def address_of(self, section: str) -> str | None:
        """Where the site's navigation has last found a section's list."""
        found = self.row("SELECT url FROM addresses WHERE section = ?", (section,))
        return found[0] if found else None

    def note_address(self, section: str, url: str) -> None:
        """Remember where the site's navigation has found a section's list."""
        with self.transaction() as change:
            change.execute("INSERT OR REPLACE INTO addresses VALUES (?, ?)", (section, url))

    def sections_of(self, id_: str) -> list[str]:
        """Every section that has listed a story, the first one first."""
        found = self.rows(
            "SELECT section FROM listings WHERE id = ? ORDER BY first_seen, section", (id_,)
        )
        return [section for (section,) in found]

    # --- Debts -----------------------------------------------------------------------------

    def owed(self, where: str = "1", values: Sequence[Any] | Mapping[str, Any] = ()) -> list[Owed]:
        """Debts, the oldest first."""
        found = self.rows(f"SELECT * FROM owed WHERE {where} ORDER BY owed_since, id", values)
        return [Owed(*row) for row in found]

    def due(self, spider: str, sections: Iterable[str], now: datetime) -> list[Owed]:
        """What a run may try again: its own spider's debts and those of the lists it walks.

        Of those lists also what was not wanted when it was read, for the lists may not be read
        down to it again.
        """
        return self.owed(
            f"{DUE} AND (section IN (SELECT value FROM json_each(:sections))"
            f" OR (spider = :spider AND kind <> '{OUTSIDE}'))",
            {"sections": json.dumps(list(sections)), "spider": spider} | due_at(now),
        )

    def count_owed(self, spider: str, sections: Iterable[str]) -> int:
        """How many debts runs of a spider and of sections are to try again, now or later."""
        found = self.row(
            f"SELECT count(*) FROM owed WHERE kind <> '{OUTSIDE}' AND"
            " (spider = ? OR section IN (SELECT value FROM json_each(?)))",
            (spider, json.dumps(list(sections))),
        )
        return int(found[0])

    def claim(self, ids: Iterable[str], run: str) -> set[str]:
        """Reserve stories for a run; those that another living run is fetching are left out."""
        asked = list(ids)
        with self.transaction() as change:
            change.executemany(
                "INSERT OR IGNORE INTO claims VALUES (?, ?)", [(id_, run) for id_ in asked]
            )
            found = change.execute(
                "SELECT id FROM claims WHERE run = ? AND id IN (SELECT value FROM json_each(?))",
                (run, json.dumps(asked)),
            ).fetchall()
        return {id_ for (id_,) in found}

    def failed(self, debt: Owed, now: datetime) -> bool:
        """Note that an article could not be had, and when to ask again.

        :returns: whether it is settled now: gone, and confirmed often enough.
        """
        at = moment(now)
        with self.transaction() as change:
            before = change.execute(
                "SELECT kind, tries, agreed, owed_since, section FROM owed WHERE id = ?",
                (debt.id,),
            ).fetchone()
            kind, tries, agreed, since, section = before or (debt.kind, 0, 0, at, debt.section)
            tries, agreed = tries + 1, agreed + 1 if kind == debt.kind else 1
            if agreed >= _CONFIRMATIONS.get(debt.kind, agreed + 1):
                change.execute("DELETE FROM owed WHERE id = ?", (debt.id,))
                change.execute(
                    "INSERT OR REPLACE INTO settled VALUES (?, ?, ?, ?)",
                    (debt.id, debt.url, debt.reason or debt.kind, at),
                )
                return True
            pauses = _PAUSES_OF.get(debt.kind, _PAUSES)
            pause = timedelta(hours=pauses[min(tries, len(pauses)) - 1])
            change.execute(
                "INSERT OR REPLACE INTO owed VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL)",
                (
                    *(debt.id, debt.url, debt.spider, section, debt.kind, debt.reason),
                    *(tries, agreed, since, moment(now + pause)),
                ),
            )
        return False

    def not_wanted(self, debt: Owed, published: str) -> None:
        """Remember the date of a story outside the run's window, so that it is not fetched again.

        :param published: its date or time, as in a record.
        """
        with self.transaction() as change:
            change.execute(
                "UPDATE owed SET kind = ?, published = ? WHERE id = ?",
                (OUTSIDE, published, debt.id),
            )

    def whole(self, id_: str) -> None:
        """Turn a debt of a missing page into one that the story's next line pays."""
        # Of almost every story nothing was missing, and whoever writes makes others wait.
        if not self.row("SELECT 1 FROM owed WHERE id = ? AND kind = ?", (id_, INCOMPLETE)):
            return
        with self.transaction() as change:
            change.execute(
                "UPDATE owed SET kind = ? WHERE id = ? AND kind = ?", (LISTED, id_, INCOMPLETE)
            )

    def moved(self, debt: Owed, to: str, now: datetime) -> None:
        """Note that a story's address leads to story ``to`` now: it is another name of that one."""
        with self.transaction() as change:
            change.execute(
                "INSERT OR REPLACE INTO aliases VALUES (?, ?, 1.0, ?, NULL, NULL, ?)",
                (debt.id, to, debt.url, moment(now)),
            )
            _pay_alias(change, debt.id, to)

    def ask_again(self, id_: str, now: datetime) -> bool:
        """Owe a story anew, to be tried by the next run, that was settled or put off.

        :returns: whether there is such a story.
        """
        at = moment(now)
        with self.transaction() as change:
            gone = change.execute(
                "DELETE FROM settled WHERE id = ? RETURNING url", (id_,)
            ).fetchall()
            change.executemany(
                "INSERT OR IGNORE INTO owed VALUES (?, ?, 'article',"
                " (SELECT section FROM listings WHERE id = ? ORDER BY first_seen, section LIMIT 1),"
                f" '{LISTED}', NULL, 0, 0, ?, ?, NULL)",
                [(id_, url, id_, at, at) for (url,) in gone],
            )
            found = change.execute(
                "UPDATE owed SET next_try = ?, published = NULL,"
                f" kind = iif(kind = '{OUTSIDE}', '{LISTED}', kind) WHERE id = ?",
                (at, id_),
            ).rowcount
        return found > 0

    def forgive(self, id_: str) -> None:
        """Drop a debt that nothing is owed of any more."""
        with self.transaction() as change:
            change.execute("DELETE FROM owed WHERE id = ?", (id_,))

    # --- Lines -----------------------------------------------------------------------------

    def latest(self, id_: str) -> Known | None:
        """The latest durable line of an article, ``None`` where it has none."""
        found = self._latest("lines.id = ?", (id_,))
        return found[0] if found else None

    def published_since(self, day: str, sections: Iterable[str]) -> list[Known]:
        """Articles of sections that were published on ``day`` or later."""
        return self._latest(
            "published_on >= ? AND EXISTS (SELECT 1 FROM listings WHERE listings.id = lines.id"
            " AND listings.section IN (SELECT value FROM json_each(?)))",
            (day, json.dumps(list(sections))),
        )

    def newest(self, section: str) -> str | None:
        """Time, or date where the page prints none, of a section's newest article."""
        newest = "SELECT max(coalesce(published_at, published_on)) FROM"
        (found,) = self.row(
            f"{newest} (SELECT * FROM lines ORDER BY published_on DESC LIMIT {_RECENT}) AS recent"
            " WHERE EXISTS (SELECT 1 FROM listings WHERE id = recent.id AND section = ?)",
            (section,),
        )
        if found is None:
            # A section that has slept for long, or listed little: all of it.
            (found,) = self.row(
                f"{newest} listings JOIN lines USING (id) WHERE listings.section = ?", (section,)
            )
        return str(found) if found else None

    def newest_urls(self, section: str, most: int) -> list[str]:
        """Addresses of a section's newest articles."""
        found = self.rows(
            "SELECT url FROM lines JOIN listings ON listings.id = lines.id"
            " AND listings.section = ? WHERE revision = 1"
            " ORDER BY published_on DESC, published_at DESC LIMIT ?",
            (section, most),
        )
        return [url for (url,) in found]

    def _latest(self, where: str, values: Sequence[Any]) -> list[Known]:
        found = self.rows(
            "SELECT lines.id, url, section, revision, pages, content_hash, etag, last_modified"
            f" FROM lines WHERE file IS NOT NULL AND {where} AND revision ="
            " (SELECT max(revision) FROM lines AS newer WHERE newer.id = lines.id"
            " AND newer.file IS NOT NULL) ORDER BY published_on, lines.id",
            values,
        )
        return [Known(*row) for row in found]

    def same_text(self, article: Article) -> str | None:
        """The story under another id that has the same text, the durable one first."""
        # Picture stories have no text to compare; headlines such as "In pics" recur.
        if not article.body:
            return None
        found = self.row(
            "SELECT id FROM lines WHERE content_hash = ? AND id <> ? AND has_body"
            " ORDER BY file IS NULL, line LIMIT 1",
            (article.content_hash, article.id),
        )
        return found[0] if found else None

    def near(self, id_: str, signature: bytes, threshold: float) -> Near | None:
        """The story under another id whose text is most like a signature's, if it is like enough.

        Only stories that repeat none themselves are candidates, so that every repetition leads
        to one that is kept.
        """
        candidates = self.rows(_NEAR, (*near_duplicates.bands(signature), id_))
        found = near_duplicates.closest(signature, candidates, threshold)
        return Near(*found) if found else None

    def begin_line(
        self, article: Article, run: str, signature: bytes | None, validators: Validators
    ) -> bool:
        """Note a line that a run is about to write; it is not known by that.

        :returns: whether it is not stored already.
        """
        with self.transaction() as change:
            forget_lines(
                change, "id = ? AND revision = ? AND file IS NULL", (article.id, article.revision)
            )
            if change.execute(
                "SELECT 1 FROM lines WHERE id = ? AND revision = ?", (article.id, article.revision)
            ).fetchone():
                return False
            _insert_line(change, article, None, run, signature, validators)
        return True

    def alias(self, article: Article, of_id: str, similarity: float, now: datetime) -> None:
        """Note a story that is not written because another has its text."""
        with self.transaction() as change:
            change.execute(
                "INSERT OR REPLACE INTO aliases VALUES (?, ?, ?, ?, ?, ?, ?)",
                (
                    *(article.id, of_id, similarity, article.url, article.title),
                    *(article.source, moment(now)),
                ),
            )
            _pay_alias(change, article.id, of_id)

    def seen_again(self, id_: str, validators: Validators) -> None:
        """Note that an article's page was fetched again and says the same."""
        with self.transaction() as change:
            change.execute(
                "UPDATE lines SET etag = coalesce(?, etag),"
                " last_modified = coalesce(?, last_modified) WHERE line ="
                " (SELECT line FROM lines WHERE id = ? AND file IS NOT NULL"
                "  ORDER BY revision DESC LIMIT 1)",
                (*validators, id_),
            )

    # --- Files -----------------------------------------------------------------------------

    def add_file(
        self,
        path: str,
        size: int,
        mtime: int,
        records: Iterable[Article],
        moved: Iterable[str] = (),
    ) -> int:
        """Make the lines of a finished file known.

        :param path: relative to the output folder where the file lies in it.
        :param moved: files that are no longer where they were; their lines may be in this one.
        :returns: how many of them were not known before.
        """
        new = 0
        with self.transaction() as change:
            found = change.execute("SELECT file FROM files WHERE path = ?", (path,)).fetchone()
            held: list[Any] = []
            if found:
                # Whoever changed the file may have taken lines out: they are owed from now on.
                held = change.execute(
                    "SELECT DISTINCT id, url, coalesce(section, 'article'), section FROM lines"
                    " WHERE file = ?",
                    found,
                ).fetchall()
                change.execute("DELETE FROM files WHERE file = ?", found)
                forget_lines(change, "file = ?", found)
            file = change.execute(
                "INSERT INTO files (path, size, mtime, lines) VALUES (?, ?, ?, 0) RETURNING file",
                (path, size, mtime),
            ).fetchone()[0]
            gone = {
                number
                for (number,) in change.execute(
                    "SELECT file FROM files WHERE path IN (SELECT value FROM json_each(?))",
                    (json.dumps(list(moved)),),
                )
            }
            lines = 0
            for record in records:
                lines += 1
                new += _make_known(change, record, file, gone)
            change.execute("UPDATE files SET lines = ? WHERE file = ?", (lines, file))
            at = moment(datetime.now(UTC))
            change.executemany(
                f"INSERT INTO owed SELECT ?1, ?2, ?3, ?4, '{LISTED}', NULL, 0, 0, ?5, ?5, NULL"
                " WHERE NOT EXISTS (SELECT 1 FROM lines WHERE id = ?1 AND file IS NOT NULL)"
                " ON CONFLICT DO NOTHING",
                [(*line, at) for line in held],
            )
        return new

    def files(self) -> dict[str, tuple[int, int]]:
        """Size and time of change, in nanoseconds, of every file on record."""
        found = self.rows("SELECT path, size, mtime FROM files")
        return {path: (size, mtime) for path, size, mtime in found}

    # --- Runs ------------------------------------------------------------------------------

    def begin_run(self, run: str, now: datetime) -> None:
        """Note that a run has begun."""
        with self.transaction() as change:
            change.execute("INSERT OR REPLACE INTO runs VALUES (?, ?)", (run, moment(now)))

    def runs(self) -> list[str]:
        """Runs that have not ended, dead ones too."""
        return [run for (run,) in self.rows("SELECT run FROM runs ORDER BY started_at")]

    def end_run(self, run: str) -> int:
        """Let go of what a run has reserved, and of its lines that never became durable.

        :returns: the number of such lines.
        """
        with self.transaction() as change:
            lost = forget_lines(change, "run = ?", (run,))
            change.execute("DELETE FROM claims WHERE run = ?", (run,))
            change.execute("DELETE FROM runs WHERE run = ?", (run,))
        return lost


def _pay_alias(change: sqlite3.Connection, id_: str, of_id: str) -> None:
    """Drop the debt of a story whose text another has; it stays while that one is not durable."""
    change.execute(
        "DELETE FROM owed WHERE id = ? AND EXISTS"
        " (SELECT 1 FROM lines WHERE lines.id = ? AND file IS NOT NULL)",
        (id_, of_id),
    )


def forget_lines(change: sqlite3.Connection, where: str, values: Sequence[Any]) -> int:
    """Delete lines and the bands that lead to them.

    :returns: how many lines.
    """
    found = change.execute(f"SELECT line, signature FROM lines WHERE {where}", values).fetchall()
    for line, signature in found:
        if signature is not None:
            change.executemany(
                "DELETE FROM bands WHERE hash = ? AND line = ?",
                [(hash_, line) for hash_ in near_duplicates.bands(signature)],
            )
    change.executemany("DELETE FROM lines WHERE line = ?", [(line,) for line, _ in found])
    return len(found)


def _insert_line(
    change: sqlite3.Connection,
    article: Article,
    file: int | None,
    run: str | None,
    signature: bytes | None,
    validators: Validators,
) -> None:
    (line,) = change.execute(
        "INSERT INTO lines VALUES"
        " (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING line",
        (
            *(article.id, article.revision, file, run, article.url, article.title),
            *(article.section, article.published_on, article.published_at, article.source),
            *(article.template, article.pages, article.content_hash, bool(article.body)),
            *(article.duplicate_of, article.similarity, article.crawled_at, *validators),
            signature,
        ),
    ).fetchone()
    if signature is not None and article.duplicate_of is None:
        change.executemany(
            "INSERT OR IGNORE INTO bands VALUES (?, ?)",
            [(hash_, line) for hash_ in near_duplicates.bands(signature)],
        )


def _make_known(change: sqlite3.Connection, article: Article, file: int, gone: set[int]) -> int:
    """Make one line of a finished file known; 1 where it was not before."""
    held = change.execute(
        "SELECT file FROM lines WHERE id = ? AND revision = ?", (article.id, article.revision)
    ).fetchone()
    if held is None:
        signature = near_duplicates.signature(article.title, article.body)
        _insert_line(change, article, file, None, signature, (None, None))
    elif held[0] is None or held[0] in gone:
        change.execute(
            "UPDATE lines SET file = ?, run = NULL WHERE id = ? AND revision = ?",
            (file, article.id, article.revision),
        )
    change.executemany(
        "INSERT INTO listings VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
        [(article.id, section, article.crawled_at, NO_WALK) for section in article.sections],
    )
    change.execute(
        f"DELETE FROM owed WHERE (id = ? AND kind <> '{INCOMPLETE}')"
        " OR id IN (SELECT id FROM aliases WHERE of_id = ?)",
        (article.id, article.id),
    )
    change.execute("DELETE FROM aliases WHERE id = ?", (article.id,))
    change.execute("DELETE FROM settled WHERE id = ?", (article.id,))
    return int(held is None or held[0] is None)
