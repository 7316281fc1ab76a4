"""Open the index: create, upgrade, repair or replace it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from peoplesdaily.storage import locks
from peoplesdaily.storage.index import database, rebuild, replace
from peoplesdaily.storage.index.database import (
    CorpusIndexError,
    IndexBrokenError,
    IndexOutdatedError,
)
from peoplesdaily.storage.index.reconcile import (
    LOCKS,
    Found,
    dead_runs,
    exclusively,
    index_path,
    logger,
    recover,
)
from peoplesdaily.storage.index.store import Index
from peoplesdaily.utils.atomic_files import OutputError, explain
from peoplesdaily.utils.interrupts import breakable


def open_index(output: Path, begin: Callable[[Index], None] | None = None) -> tuple[Index, Found]:
    """Open the index of an output folder and bring it in line with the files.

    A missing index is created, an old one upgraded, a broken one set aside and rebuilt, and what
    dead runs left is salvaged. The log says what was found.

    :param begin: called before another process may open the index; a run records itself there.
    :raises CorpusIndexError: it cannot be opened or written, or must be upgraded or rebuilt while
        other runs use it.
    :raises OutputError: what a dead run left cannot be stored, or a finished file cannot be read.
    """
    path, found = index_path(output), Found()
    try:
        with exclusively(output):
            index = _opened(output, found)
            try:
                try:
                    recover(index, output, found)
                except IndexBrokenError as error:
                    # Damage that shows only when the damaged part is read.
                    index.close()
                    index = _rebuilt(output, str(error), found)
                    recover(index, output, found)
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


def open_to_change(output: Path) -> Index:
    """Open an existing index for a change by hand, without reading the files.

    :raises CorpusIndexError: it cannot be opened or written, or must be upgraded while runs use it.
    """
    with exclusively(output):
        return _upgraded(output)


def _opened(output: Path, found: Found) -> Index:
    path = index_path(output)
    replace.finish(path)
    # A crash right after the file was created leaves it empty.
    if not path.exists() or not path.stat().st_size:
        _refuse_living(output, f"{path} is missing")
        logger.info("There is no index yet: %s is made from the finished files", path)
        return Index(path)
    try:
        index = _upgraded(output)
        try:
            if dead_runs(index, output):
                # A run died while it had the index open: check the whole file.
                with breakable():
                    database.check(index.connection, path)
        except BaseException:
            index.close()
            raise
    except IndexBrokenError as error:
        return _rebuilt(output, str(error), found)
    return index


def _upgraded(output: Path) -> Index:
    path = index_path(output)
    try:
        return Index(path)
    except IndexOutdatedError:
        _refuse_living(output, f"{path} must be upgraded")
        index = Index(path, upgrade=True)
        logger.info("%s was written by an earlier version and has been upgraded", path)
        return index


def _refuse_living(output: Path, why: str) -> None:
    """:raises CorpusIndexError: a run is alive; what it records from now on would be lost."""
    for lock in sorted((output / LOCKS).glob("run-*.lock")):
        if locks.is_held(lock):
            other = lock.stem.removeprefix("run-")
            raise CorpusIndexError(
                f"{why}, and run {other} began with it; run again when that one has ended"
            )


def _rebuilt(output: Path, why: str, found: Found) -> Index:
    path = index_path(output)
    _refuse_living(output, why)
    with breakable():
        made = rebuild.rebuild_in_place(output, found, broken=True)
    aside = made.aside.name if made.aside else path.name
    logger.warning("%s: set aside as %s, a new index is made from the files", why, aside)
    return Index(path)
