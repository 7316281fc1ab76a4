"""Locks that a dead process cannot hold, and that name their holder."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from peoplesdaily.utils.atomic_files import is_at
from peoplesdaily.utils.interrupts import breakable

# A process that checks whether a lock is held takes it for a moment.
_TRIES, _PAUSE = 5, 0.02  # seconds


class LockHeldError(Exception):
    """Another process holds the lock.

    :ivar holder: the holder's description of itself, ``{}`` where it cannot be read.
    """

    def __init__(self, path: Path, holder: dict[str, Any]) -> None:
        super().__init__(f"{path} is held")
        self.holder = holder


class Lock:
    """An advisory lock on a file, released by the kernel when its process ends, however it ends.

    The file holds ``holder`` as JSON while the lock is held and is gone afterwards.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file: IO[bytes] | None = None

    def acquire(self, holder: dict[str, Any]) -> None:
        """:raises LockHeldError: another process holds it.
        :raises OSError: the file cannot be made.
        """
        self.path.parent.mkdir(parents=True, exist_ok=True)
        tries = 0
        while True:
            file = self.path.open("a+b", buffering=0)
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                who = _read(file)
                file.close()
                tries += 1
                if tries < _TRIES:
                    time.sleep(_PAUSE)
                    continue
                raise LockHeldError(self.path, who) from None
            # Its last holder may have removed it between the two steps.
            if is_at(file, self.path):
                break
            file.close()
        self._file = file
        # On a full disk the lock holds all the same, without a name.
        with contextlib.suppress(OSError):
            file.truncate(0)
            file.write(json.dumps(holder).encode() + b"\n")

    def release(self) -> None:
        """Release the lock, if it is held."""
        file, self._file = self._file, None
        if file is not None:
            # Before the release, so that a process that waits for this file sees that it is gone.
            self.path.unlink(missing_ok=True)
            file.close()


def is_held(path: Path) -> bool:
    """Whether a living process holds the lock at ``path``."""
    try:
        file = path.open("rb")
    except FileNotFoundError:
        return False
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def holder(path: Path) -> dict[str, Any] | None:
    """The description of the holder of the lock at ``path``, ``None`` where it is free."""
    try:
        with path.open("rb") as file:
            return _read(file) if is_held(path) else None
    except FileNotFoundError:
        return None


@contextlib.contextmanager
def exclusive(path: Path) -> Iterator[None]:
    """Wait for the lock at ``path`` and hold it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    while True:
        with contextlib.ExitStack() as stack:
            # The recovery of another process may take minutes.
            with breakable():
                file = stack.enter_context(path.open("ab"))
                fcntl.flock(file, fcntl.LOCK_EX)
            if is_at(file, path):
                try:
                    yield
                finally:
                    path.unlink(missing_ok=True)
                return


def _read(file: IO[bytes]) -> dict[str, Any]:
    # The holder may be about to write its name.
    for _ in range(10):
        with contextlib.suppress(ValueError):
            found = json.loads(os.pread(file.fileno(), 4096, 0))
            return found if isinstance(found, dict) else {}
        time.sleep(0.01)
    return {}
