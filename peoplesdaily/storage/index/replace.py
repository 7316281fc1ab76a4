"""Replace an index by a new one, so that a kill at any moment leaves one of the two.

The new one is filled beside the old one and renamed when it is whole; from then on the next
process that opens the index finishes what is left to do.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from peoplesdaily.storage.index.database import CorpusIndexError
from peoplesdaily.utils.atomic_files import sync_folder

_JOURNAL = ("-wal", "-shm")


def in_the_making(path: Path) -> Path:
    """Where the new index for ``path`` is filled."""
    return _beside(path, ".new")


@contextlib.contextmanager
def successor(path: Path) -> Iterator[Path]:
    """That place, empty at first; what is still there at the end is removed."""
    finish(path)
    new = in_the_making(path)
    _remove(new)
    try:
        yield new
    finally:
        _remove(new)


def aside(path: Path) -> Path:
    """Where a broken index is kept; the name holds the time."""
    at = datetime.now(UTC).strftime("%Y-%m-%dT%H-%M-%S.%fZ")
    return _beside(path, f".{at}.old")


def put_in_place(new: Path, path: Path, kept: Path | None) -> None:
    """Replace the index at ``path`` by a complete, closed one.

    :param kept: where to keep the old one if it is broken; a sound one is not kept.
    :raises CorpusIndexError: the old one is sound, and another process reads it.
    """
    if kept is not None:
        _link(path, kept)
        for suffix in _JOURNAL:
            with contextlib.suppress(FileNotFoundError):
                shutil.copy2(_beside(path, suffix), _beside(kept, suffix))
    elif path.exists():
        _checkpoint(path)
    new.replace(_whole(path))
    sync_folder(path.parent)
    finish(path)


def finish(path: Path) -> None:
    """Finish a :func:`put_in_place` that was killed after the new index was complete."""
    whole = _whole(path)
    if not whole.exists():
        return
    # A journal belongs to one file: the new index must not read the old one's.
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


def _checkpoint(path: Path) -> None:
    """Move the journal's content into the index file, in case of a kill right after."""
    with contextlib.closing(sqlite3.connect(path)) as old:
        busy, *_ = old.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    if busy:
        raise CorpusIndexError(
            f"{path} is being read by another process; run again when that is done"
        )


def _link(path: Path, kept: Path) -> None:
    try:
        os.link(path, kept)
    except OSError:
        # Not every file system has hard links.
        shutil.copy2(path, kept)
