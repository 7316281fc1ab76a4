"""One run's use of the index: opening it, what the run may write, and closing it."""

from __future__ import annotations

import contextlib
import logging
import os
import socket
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Self, TypeVar

from scrapy.crawler import Crawler
from scrapy.http import Response
from scrapy.settings import BaseSettings

from peoplesdaily.items import Article
from peoplesdaily.storage import feed_files, near_duplicates
from peoplesdaily.storage.index import opening, reconcile
from peoplesdaily.storage.index.database import CorpusIndexError
from peoplesdaily.storage.index.models import (
    INCOMPLETE,
    PendingArticle,
    StoredArticle,
    Validators,
    moment,
    utc_now,
)
from peoplesdaily.storage.index.store import Index
from peoplesdaily.storage.locks import Lock, LockHeldError, is_held
from peoplesdaily.utils.atomic_files import OutputError, explain, output_dir, run_time
from peoplesdaily.utils.interrupts import breakable

logger = logging.getLogger(__name__)


class SectionHeldError(Exception):
    """Another run holds a section; the message names it.

    Raised when a run starts, before its first request.
    """


class Session:
    """A run and its index.

    What takes one step is asked of :attr:`index`; here is what combines several, or needs the run.

    :param run: the run's unique name: ``2026-11-25T03-05-07Z-world-1234``.
    :param keeps: whether the index is the output folder's; else it is one in memory, which starts
        empty and is lost at the end.
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

        :param sections: those whose lists it reads; no other run may read them at the same time.
        :param looks: whether a run that keeps nothing starts with a copy of the output folder's
            index.
        :raises SectionHeldError: another run reads one of them.
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
                # A process in another container may have the same number.
                while is_held(reconcile.run_lock(output, run)):
                    number += 1
                    run = _run_name(spider, number)
                own = Lock(reconcile.run_lock(output, run))
                own.acquire(_holder(run))
                held.append(own)
                index.leases.begin_run(run, utc_now())

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
        """End the run and release what it reserved.

        :param on_record: leave the run on record, for the next one to end it as after a crash.
        """
        try:
            # A run that found damage stays on record, so that the next one checks the file.
            if self.keeps and not (on_record or self.index.broken):
                self.index.leases.end_run(self.run)
        except CorpusIndexError as error:
            # The next run ends this one, as after a crash.
            logger.error("The index was not closed cleanly: %s", error)
        finally:
            self.index.close()
            _release(self._locks)
            self._locks = []

    # --- Pending articles --------------------------------------------------------------------

    def recheck(self, day: str, sections: Iterable[str]) -> list[StoredArticle]:
        """Articles published on ``day`` or later, reserved for this run."""
        found = self.index.articles.published_since(day, sections)
        mine = self.index.leases.take([article.id for article in found], self.run)
        return [article for article in found if article.id in mine]

    def failed(self, article: PendingArticle) -> bool:
        """Record that an article could not be fetched or read, and why.

        :returns: whether it is gone: the server has said so often enough.
        """
        gone = self.index.pending.failed(article, utc_now())
        if gone:
            logger.warning("Article is gone, not tried again: %s", article.url)
        return gone

    def failed_unless_stored(self, article: PendingArticle) -> None:
        """Record a failure of an article; one that is stored is not fetched again for it."""
        if self.index.articles.latest(article.id) is None:
            self.failed(article)

    def still_incomplete(self, id_: str) -> None:
        """Put off the next try for a missing page, if one is pending."""
        for article in self.index.pending.find("id = ? AND kind = ?", (id_, INCOMPLETE)):
            self.index.pending.failed(article, utc_now())

    # --- Revisions ---------------------------------------------------------------------------

    def fetched(self, id_: str, response: Response) -> None:
        """Keep the validators of a story's first page until it is known what becomes of it."""
        self._validators[id_] = validators(response)

    def unchanged(self, id_: str) -> None:
        """Record that an article's page has not changed."""
        self.index.articles.refresh(id_, self._validators.pop(id_, (None, None)))
        self.index.pending.drop(id_)

    def add_alias(self, article: Article, of_id: str, similarity: float) -> None:
        """Record a story that is not written because another has its text."""
        self._validators.pop(article.id, None)
        self.index.articles.add_alias(article, of_id, similarity, utc_now())

    def compare(self, article: Article, threshold: float) -> tuple[Article, bytes | None]:
        """The article, marked if it is a near-duplicate, and its signature."""
        signature = near_duplicates.signature(article.title, article.body)
        if signature is None:
            return article, None
        near = self.index.articles.near_duplicate(article.id, signature, threshold)
        if near is None:
            return article, signature
        similarity = round(near.similarity, 3)
        return replace(article, duplicate_of=near.id, similarity=similarity), signature

    def begin_revision(self, article: Article, signature: bytes | None) -> bool:
        """Record a revision that is about to be written.

        :returns: whether this run is to write it.
        """
        found = self._validators.pop(article.id, (None, None))
        with self.index.transaction():
            if article.id not in self.index.leases.take([article.id], self.run):
                return False
            return self.index.articles.begin_revision(article, self.run, signature, found)

    def published(self, path: Path) -> None:
        """Record a file that was finished just now.

        :raises CorpusIndexError: the index cannot be written; the next run reads the file.
        """
        if self.keeps and feed_files.is_feed_name(path):
            reconcile.publish(self.index, self.output, path)


def _run_name(spider: str, number: int | None = None) -> str:
    return f"{run_time(utc_now())}-{spider}-{os.getpid() if number is None else number}"


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
    return {
        "run": run,
        "since": moment(utc_now()),
        "pid": os.getpid(),
        "host": socket.gethostname(),
    }


def _release(held: list[Lock]) -> None:
    for lock in held:
        lock.release()


class SessionHolder:
    """An add-on that holds a crawl's session, for :func:`session_of` to find."""

    session: Session


_H = TypeVar("_H", bound=SessionHolder)


def find_holder(crawler: Crawler, class_: type[_H]) -> _H:
    """The add-on of a class that holds a crawl's session.

    :raises CorpusIndexError: there is none, so that no run is open.
    """
    holder = crawler.get_addon(class_)
    if holder is None:
        raise CorpusIndexError(
            "no run is open: ADDONS lacks peoplesdaily.runs.lifecycle.RunLifecycle"
        )
    return holder


def session_of(crawler: Crawler) -> Session:
    """The session of a crawl.

    :raises CorpusIndexError: no add-on has opened a run.
    """
    return find_holder(crawler, SessionHolder).session
