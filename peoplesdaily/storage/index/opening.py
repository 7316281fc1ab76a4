"""Open the index: make it, repair it or replace it."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path

from peoplesdaily.storage import locks
from peoplesdaily.storage.index import replace, tables
from peoplesdaily.storage.index.reconcile import (
    LOCKS,
    Found,
    _dead_runs,
    carry_over,
    exclusively,
    index_path,
    logger,
    recover,
)
from peoplesdaily.storage.index.store import Index
from peoplesdaily.storage.index.tables import CorpusIndexError, IndexBrokenError
from peoplesdaily.utils.atomic_files import OutputError, explain
from peoplesdaily.utils.interrupts import breakable, unbroken


def open_index(output: Path, begin: Callable[[Index], None] | None = None) -> tuple[Index, Found]:
    """Open the index of an output folder, in line with the files.

    A missing one is made, a broken or older one set aside and made anew, what dead runs left is
    salvaged. The log says what was found.

    :param begin: called before anybody else may open it; a run puts itself on record so.
    :raises CorpusIndexError: it cannot be opened or written, or has to be made anew while other
        runs use it.
    :raises OutputError: what a dead run left cannot be stored, or a finished file not be read.
    """
    path = index_path(output)
    try:
        with exclusively(output):
            index = _opened(output)
            try:
                try:
                    found = recover(index, output)
                except IndexBrokenError as error:
                    # Damage that only shows where it is looked at.
                    index.close()
                    index = _anew(output, str(error))
                    found = recover(index, output)
                if begin is not None:
                    begin(index)
            except BaseException:
                index.close()
                raise
    except OutputError:
        raise
    except OSError as error:
        raise OutputError(explain(error, path)) from error
    return index, found


def _opened(output: Path) -> Index:
    path = index_path(output)
    replace.finish(path)
    # An empty file is what a crash right after the first moment leaves.
    fresh = not path.exists() or not path.stat().st_size
    if fresh:
        _only_user(output, f"{path} is missing")
        logger.info("There is no index yet: %s is made from the finished files", path)
        return Index(path)
    try:
        index = Index(path)
        try:
            if _dead_runs(index, output):
                # Somebody died with it open: a good reason to look closely.
                with breakable():
                    tables.check(index.connection, path)
        except BaseException:
            index.close()
            raise
    except IndexBrokenError as error:
        return _anew(output, str(error))
    return index


def _only_user(output: Path, why: str) -> None:
    """:raises CorpusIndexError: a run is alive; what it notes from now on would be nowhere."""
    for lock in sorted((output / LOCKS).glob("run-*.lock")):
        if locks.is_held(lock):
            other = lock.stem.removeprefix("run-")
            raise CorpusIndexError(
                f"{why}, and run {other} began with it; run again when that one has ended"
            )


def _anew(output: Path, why: str) -> Index:
    path = index_path(output)
    _only_user(output, why)
    there = replace.aside(path)
    with replace.successor(path) as new:
        with contextlib.closing(Index(new)) as index:
            carry_over(index, path)
        with unbroken():
            replace.put_in_place(new, path, there)
    logger.warning("%s: set aside as %s, a new index is made from the files", why, there.name)
    return Index(path)
