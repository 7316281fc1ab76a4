"""One run's use of the index: what it may ask for, what it writes, and letting go at the end."""

from __future__ import annotations

import contextlib
import logging
import os
import socket
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from scrapy.crawler import Crawler
from scrapy.http import Response
from scrapy.settings import BaseSettings

from peoplesdaily.items import Article
from peoplesdaily.storage import feed_files, near_duplicates
from peoplesdaily.storage.index import opening, reconcile
from peoplesdaily.storage.index.models import (
    INCOMPLETE,
    NO_WALK,
    OUTSIDE,
    Known,
    ListPage,
    Owed,
    State,
    Validators,
    Walk,
    moment,
)
from peoplesdaily.storage.index.store import Index
from peoplesdaily.storage.index.tables import CorpusIndexError
from peoplesdaily.storage.locks import Lock, LockHeldError, is_held
from peoplesdaily.utils.atomic_files import OutputError, explain, output_dir, run_time
from peoplesdaily.utils.interrupts import breakable

logger = logging.getLogger(__name__)


class SectionHeldError(Exception):
    """Another run holds a section; the message says which one, and since when.

    Raised when a run starts, before its first request.
    """


def _now() -> datetime:
    return datetime.now(UTC)


class Session:
    """A run and its index.

    :param run: the run's name, one of its own: ``2026-11-25T03-05-07Z-world-1234``.
    :param keeps: whether the index is the output folder's; else it is one in memory, which knows
        nothing at the start and is forgotten at the end.
    :ivar found: what was found on opening it.
    :ivar repeats: near-duplicates and aliases of this run by source.
    """

    def __init__(self, index: Index, run: str, output: Path, *, keeps: bool) -> None:
        self.index = index
        self.run = run
        self.output = output
        self.keeps = keeps
        self.found = reconcile.Found()
        self._locks: list[Lock] = []
        self._validators: dict[str, Validators] = {}
        self.repeats: Counter[str] = Counter()

    # --- Beginning and end -----------------------------------------------------------------

    @classmethod
    def open(
        cls,
        settings: BaseSettings,
        spider: str,
        sections: Iterable[str],
        *,
        keeps: bool,
        looks: bool = False,
    ) -> Self:
        """Begin a run.

        :param sections: those whose lists it walks; no other run may at the same time.
        :param looks: whether a run that keeps nothing knows what the output folder's index knows.
        :raises SectionHeldError: another run does.
        :raises CorpusIndexError: the index cannot be used.
        :raises OutputError: the output folder cannot be written.
        """
        number = os.getpid()
        run = _run_name(spider, number)
        output = output_dir(settings)
        if not keeps:
            index = Index(None)
            if looks:
                with breakable():
                    index.copy_from(reconcile.index_path(output))
            return cls(index, run, output, keeps=False)
        held: list[Lock] = []
        try:
            for section in sorted(sections):
                held.append(_hold(output, section, run))

            def begin(index: Index) -> None:
                nonlocal run, number
                # In another container a process may have this one's number.
                while is_held(reconcile.run_lock(output, run)):
                    number += 1
                    run = _run_name(spider, number)
                own = Lock(reconcile.run_lock(output, run))
                own.acquire(_holder(run))
                held.append(own)
                index.begin_run(run, _now())

            index, found = opening.open_index(output, begin)
        except BaseException as error:
            _release(held)
            if isinstance(error, OSError) and not isinstance(error, OutputError):
                raise OutputError(explain(error, output)) from error
            raise
        session = cls(index, run, output, keeps=True)
        session._locks, session.found = held, found
        return session

    @classmethod
    def unopened(cls, settings: BaseSettings, spider: str) -> Self:
        """A run that could not begin, for its manifest."""
        number, output = os.getpid(), output_dir(settings)
        # One refused in the second in which another began must not take that one's manifest.
        with contextlib.suppress(OSError):
            while is_held(reconcile.run_lock(output, _run_name(spider, number))):
                number += 1
        return cls(Index(None), _run_name(spider, number), output, keeps=False)

    def close(self, *, on_record: bool = False) -> None:
        """End the run: what it reserved is free again.

        :param on_record: leave it to the next run to end this one, as after a crash.
        """
        try:
            # A run that met damage stays on record, so that the next one looks for it.
            if self.keeps and not (on_record or self.index.broken):
                self.index.end_run(self.run)
        except CorpusIndexError as error:
            # The next run does it, as after a crash.
            logger.error("The index was not closed in order: %s", error)
        finally:
            self.index.close()
            _release(self._locks)
            self._locks = []

    # --- Lists -----------------------------------------------------------------------------

    def states(self, ids: Iterable[str]) -> dict[str, State]:
        """What is known of stories that a list names."""
        return self.index.states(ids, _now())

    def begin_walk(self, section: str) -> Walk:
        """Begin a walk along a section's list."""
        return self.index.begin_walk(section)

    def end_walk(self, walk: Walk, floor: str) -> None:
        """Note that a walk left no gap, from the list's top down to ``floor``."""
        self.index.end_walk(walk, floor)

    def seen_before(self, walk: Walk, ids: Sequence[str]) -> set[str]:
        """Those of ``ids`` that lie where an earlier walk has left no gap."""
        return self.index.in_complete_walks(walk, ids)

    def note_listed(
        self,
        ids: Iterable[str],
        section: str | None,
        walk: Walk | None,
        wanted: Sequence[Owed],
        page: ListPage | None,
    ) -> set[str]:
        """Record a page of a list before anything on it is asked for.

        :param wanted: stories to fetch; they are owed from now on.
        :returns: ids of those that this run is to fetch; another run is fetching the others.
        """
        number = walk.number if walk else NO_WALK
        with self.index.transaction():
            self.index.note_listed(ids, section, number, wanted, page, _now())
            return self.index.claim([debt.id for debt in wanted], self.run)

    def list_page(self, url: str) -> ListPage | None:
        """A page of a list as it was last read, ``None`` where something on it was left out."""
        return self.index.list_page(url)

    def address_of(self, section: str) -> str | None:
        """Where the site's navigation has last found a section's list."""
        return self.index.address_of(section)

    def note_address(self, section: str, url: str) -> None:
        """Remember where the site's navigation has found a section's list."""
        self.index.note_address(section, url)

    def sections_of(self, id_: str) -> list[str]:
        """Every section that has listed a story, the first one first."""
        return self.index.sections_of(id_)

    # --- Debts -----------------------------------------------------------------------------

    def due(
        self, spider: str, sections: Iterable[str], wanted: Callable[[Owed], bool]
    ) -> list[Owed]:
        """Debts that this run is to try again; they are reserved for it.

        :param wanted: whether a story that was not wanted when it was read is wanted now.
        """
        found = self.index.due(spider, sections, _now())
        found = [debt for debt in found if debt.kind != OUTSIDE or wanted(debt)]
        mine = self.index.claim([debt.id for debt in found], self.run)
        return [debt for debt in found if debt.id in mine]

    def recheck(self, day: str, sections: Iterable[str]) -> list[Known]:
        """Articles published on ``day`` or later, reserved for this run."""
        found = self.index.published_since(day, sections)
        mine = self.index.claim([known.id for known in found], self.run)
        return [known for known in found if known.id in mine]

    def count_owed(self, spider: str, sections: Iterable[str]) -> int:
        """How many articles later runs of the spider and the sections are to fetch."""
        return self.index.count_owed(spider, sections)

    def newest(self, section: str) -> str | None:
        """Time or date of publication of a section's newest article."""
        return self.index.newest(section)

    def newest_urls(self, section: str, most: int) -> list[str]:
        """Addresses of a section's newest articles, at most so many."""
        return self.index.newest_urls(section, most)

    def failed(self, debt: Owed) -> None:
        """Note that an article could not be had, with the reason."""
        if self.index.failed(debt, _now()):
            logger.warning("Article settled as gone, not asked for again: %s", debt.url)

    def still_incomplete(self, id_: str) -> None:
        """Put off a debt of a missing page, if there is one."""
        for debt in self.index.owed("id = ? AND kind = ?", (id_, INCOMPLETE)):
            self.index.failed(debt, _now())

    def whole(self, id_: str) -> None:
        """Note that no page of a story is missing any more; its line pays the debt."""
        self.index.whole(id_)

    def moved(self, debt: Owed, to: str) -> None:
        """Note that a story's address leads to another story now."""
        self.index.moved(debt, to, _now())

    def forgive(self, id_: str) -> None:
        """Drop a debt that nothing is owed of any more."""
        self.index.forgive(id_)

    def not_wanted(self, debt: Owed, published: str) -> None:
        """Remember the date of a story that lies outside the run's window."""
        self.index.not_wanted(debt, published)

    # --- Lines -----------------------------------------------------------------------------

    def fetched(self, id_: str, response: Response) -> None:
        """Keep what the server said of the version of a story's first page."""
        self._validators[id_] = validators(response)

    def unchanged(self, id_: str) -> None:
        """Note that an article's page says what it said before."""
        self.index.seen_again(id_, self._validators.pop(id_, (None, None)))
        self.index.forgive(id_)

    def deciding(self) -> contextlib.AbstractContextManager[object]:
        """What is looked up and noted within it, no other run changes in between."""
        return self.index.transaction()

    def latest(self, id_: str) -> Known | None:
        """The latest durable line of an article, ``None`` where it has none."""
        return self.index.latest(id_)

    def same_text(self, article: Article) -> str | None:
        """The story under another id that has the same text."""
        return self.index.same_text(article)

    def alias(self, article: Article, of_id: str, similarity: float) -> None:
        """Note a story that is not written because another has its text."""
        self._validators.pop(article.id, None)
        self.index.alias(article, of_id, similarity, _now())

    def compared(self, article: Article, threshold: float) -> tuple[Article, bytes | None]:
        """An article with the earlier story that it nearly repeats, and its signature."""
        signature = near_duplicates.signature(article.title, article.body)
        near = self.index.near(article.id, signature, threshold) if signature else None
        if near is None:
            return article, signature
        similarity = round(near.similarity, 3)
        return replace(article, duplicate_of=near.id, similarity=similarity), signature

    def begin_line(self, article: Article, signature: bytes | None) -> bool:
        """Note a line that is about to be written.

        :returns: whether it is this run's to write.
        """
        found = self._validators.pop(article.id, (None, None))
        with self.index.transaction():
            if article.id not in self.index.claim([article.id], self.run):
                return False
            return self.index.begin_line(article, self.run, signature, found)

    def published(self, path: Path) -> None:
        """Make known what a file holds that was finished just now.

        :raises CorpusIndexError: it cannot; the next run reads the file.
        """
        if self.keeps and feed_files.is_feed_name(path):
            reconcile.publish(self.index, self.output, path)


def _run_name(spider: str, number: int | None = None) -> str:
    return f"{run_time(_now())}-{spider}-{os.getpid() if number is None else number}"


def validators(response: Response) -> Validators:
    """``ETag`` and ``Last-Modified`` of a response."""
    etag, changed = response.headers.get("ETag"), response.headers.get("Last-Modified")
    return (
        etag.decode("latin-1") if etag else None,
        changed.decode("latin-1") if changed else None,
    )


def conditional(etag: str | None, last_modified: str | None) -> dict[str, str]:
    """Request headers that ask for a page only if it has changed."""
    given = {"If-None-Match": etag, "If-Modified-Since": last_modified}
    return {name: value for name, value in given.items() if value}


def _hold(output: Path, section: str, run: str) -> Lock:
    lock = Lock(output / reconcile.LOCKS / f"{section}.lock")
    try:
        lock.acquire(_holder(run))
    except LockHeldError as held:
        who = held.holder
        raise SectionHeldError(
            f"section {section} is being crawled by run {who.get('run', 'unknown')} since "
            f"{who.get('since', 'an unknown time')} (process {who.get('pid', 'unknown')} on "
            f"{who.get('host', 'unknown')}); run again when it has ended"
        ) from None
    return lock


def _holder(run: str) -> dict[str, str | int]:
    return {"run": run, "since": moment(_now()), "pid": os.getpid(), "host": socket.gethostname()}


def _release(held: list[Lock]) -> None:
    for lock in held:
        lock.release()


class SessionHolder:
    """An add-on that holds a crawl's session, for :func:`session_of` to find."""

    session: Session


def session_of(crawler: Crawler) -> Session:
    """The session of a crawl.

    :raises CorpusIndexError: no add-on has opened a run.
    """
    holder = crawler.get_addon(SessionHolder)
    if holder is None:
        raise CorpusIndexError(
            "no run is open: ADDONS lacks peoplesdaily.runs.lifecycle.RunLifecycle"
        )
    return holder.session
