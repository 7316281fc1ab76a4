"""A new index in the place of another one, so that a kill at any moment loses neither.

The new one is filled beside the old one. Once it is whole it gets a name that says so; from then
on, whoever opens the index next finishes what is left to do.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from peoplesdaily.storage.index.store import Index
from peoplesdaily.storage.index.tables import CorpusIndexError
from peoplesdaily.utils.atomic_files import sync_folder

_JOURNAL = ("-wal", "-shm")


def in_the_making(path: Path) -> Path:
    """Where the successor of the index at ``path`` is filled."""
    return _beside(path, ".new")


@contextlib.contextmanager
def successor(path: Path) -> Iterator[Path]:
    """That place, empty at first; nothing is left there in the end."""
    finish(path)
    new = in_the_making(path)
    _remove(new)
    try:
        yield new
    finally:
        _remove(new)


def aside(path: Path) -> Path:
    """Where a broken index is kept: a name that says when."""
    at = datetime.now(UTC).strftime("%Y-%m-%dT%H-%M-%S.%fZ")
    return _beside(path, f".{at}.old")


def put_in_place(new: Path, path: Path, kept: Path | None) -> None:
    """Put a whole, closed index in the place of the one at ``path``.

    :param kept: where to keep the old one, which is broken; a sound one is not kept.
    :raises CorpusIndexError: the old one is sound, and another process reads it.
    """
    if kept is not None:
        _link(path, kept)
        for suffix in _JOURNAL:
            with contextlib.suppress(FileNotFoundError):
                shutil.copy2(_beside(path, suffix), _beside(kept, suffix))
    elif path.exists():
        _settle(path)
    new.replace(_whole(path))
    sync_folder(path.parent)
    finish(path)


def finish(path: Path) -> None:
    """Do what a kill has left of :func:`put_in_place`, if it had come to a whole new index."""
    whole = _whole(path)
    if not whole.exists():
        return
    # A journal belongs to one file: the new one must not find the old one's.
    for suffix in _JOURNAL:
        _beside(path, suffix).unlink(missing_ok=True)
    whole.replace(path)
    sync_folder(path.parent)


def _remove(new: Path) -> None:
    for suffix in ("", *_JOURNAL):
        _beside(new, suffix).unlink(missing_ok=True)


def _whole(path: Path) -> Path:
    return _beside(path, ".whole")


def _beside(path: Path, suffix: str) -> Path:
    return path.with_name(path.name + suffix)


def _settle(path: Path) -> None:
    """Bring all that an index's journal holds into the index itself, for a kill right after."""
    with contextlib.closing(Index(path)) as old:
        (busy, *_), *_ = old.rows("PRAGMA wal_checkpoint(TRUNCATE)")
    if busy:
        raise CorpusIndexError(
            f"{path} is being read by another process; run again when that is done"
        )


def _link(path: Path, kept: Path) -> None:
    try:
        os.link(path, kept)
    except OSError:
        # Not every file system has two names for a file.
        shutil.copy2(path, kept)
