"""Files that appear whole or not at all: written beside their place, flushed, then renamed."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import secrets
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from scrapy.settings import BaseSettings

from peoplesdaily.utils.interrupts import unbroken


class OutputError(OSError):
    """Output that cannot be written; the message names the path and the cure.

    Raised when a run starts, before its first request, and when a finished file cannot be stored.
    """


def explain(error: OSError, path: Path) -> str:
    """One sentence for a person about an output that cannot be written."""
    cures = {
        errno.EACCES: "give this user the right to write there, or choose another OUTPUT_DIR",
        errno.EPERM: "give this user the right to write there, or choose another OUTPUT_DIR",
        errno.EROFS: "the file system is read-only; choose another OUTPUT_DIR",
        errno.ENOSPC: "the disk is full; free some space and run again",
        errno.EDQUOT: "the disk quota is used up; free some space and run again",
        errno.ENOTDIR: "a part of the path is a file; move it away or choose another OUTPUT_DIR",
        errno.EEXIST: "a file stands where a folder is needed; move it away",
        errno.EISDIR: "a folder stands where a file is needed; move it away",
    }
    cure = cures.get(error.errno or 0, "check the path and run again")
    return f"cannot write {path}: {error.strerror or error}; {cure}"


def run_time(moment: datetime) -> str:
    """Name of a run: its start in UTC, in a form that every file system takes."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H-%M-%SZ")


def output_dir(settings: BaseSettings) -> Path:
    """The project's output folder."""
    return Path(settings["OUTPUT_DIR"]).expanduser().absolute()


class PartFile:
    """A file that is written beside its target and becomes it in :meth:`publish`.

    Every :meth:`write` goes to the kernel at once and whole: a line that cannot be written, on a
    full disk, leaves nothing of itself behind. The file is locked as long as its writer lives, so
    that others can tell a part in the making from what a dead run left (:func:`abandoned`).
    """

    def __init__(self, target: Path) -> None:
        """:raises OSError: the folder cannot be made or the file not be opened."""
        make_folder(target.parent)
        self.target = target
        self.path, self._file = self._open(os.getpid())
        self._closed = False
        self._size = 0

    def _open(self, number: int) -> tuple[Path, IO[bytes]]:
        while True:
            path = self.target.with_name(f".{self.target.name}.{number}.part")
            try:
                file = path.open("xb", buffering=0)
            except FileExistsError:
                # Of a process with the same number, on another machine or before this one.
                number = secrets.randbelow(2**31)
                continue
            fcntl.flock(file, fcntl.LOCK_EX)
            # A process that looked at it between the two steps took it for abandoned.
            if is_at(file, path):
                return path, file
            file.close()

    @property
    def name(self) -> str:
        return str(self.path)

    def write(self, data: bytes) -> int:
        """:raises OSError: nothing of ``data`` was kept."""
        view = memoryview(data)
        written = 0
        try:
            while written < len(view):
                written += self._file.write(view[written:]) or 0
        except OSError:
            self._file.truncate(self._size)
            self._file.seek(self._size)
            raise
        self._size += written
        return written

    def writable(self) -> bool:
        return True

    def readable(self) -> bool:
        return False

    def seekable(self) -> bool:
        return False

    @property
    def closed(self) -> bool:
        return self._closed

    def tell(self) -> int:
        return self._size

    def flush(self) -> None:
        """Nothing waits in memory."""

    def close(self) -> None:
        """Nothing more is written. A compressing feed does this before the file is published,
        so that the file stays open: closed, it would be taken for abandoned."""
        self._closed = True

    def publish(self, *, append: bool = False) -> None:
        """Make this the target: on disk first, then under its name.

        :param append: put what was written behind what the target holds.
        :raises OSError: the target is what it was, and the part file is kept.
        """
        try:
            if not append:
                self._rename()
                return
            # Two runs that both find no file must not both believe to be the first.
            with _locked(self.target.parent):
                if self.target.exists():
                    self._join(self.target)
                self._rename()
        finally:
            # Locked until it has its name, so that no process takes it for abandoned.
            self._release()

    def _join(self, earlier: Path) -> None:
        """Put the target's content before what was written here."""
        joined = self.path.with_suffix(".join")
        try:
            file = joined.open("wb", buffering=0)
            fcntl.flock(file, fcntl.LOCK_EX)
            for source in (earlier, self.path):
                with source.open("rb") as content:
                    shutil.copyfileobj(content, file, 1 << 20)
        except OSError:
            joined.unlink(missing_ok=True)
            raise
        joined.replace(self.path)
        self._file.close()
        self._file = file

    def _rename(self) -> None:
        os.fsync(self._file.fileno())
        self.path.replace(self.target)
        sync_folder(self.target.parent)

    def discard(self) -> None:
        """Leave no trace."""
        self.path.unlink(missing_ok=True)
        self._release()

    def _release(self) -> None:
        self._closed = True
        self._file.close()


def write_whole(target: Path, data: bytes) -> None:
    """Make ``data`` the content of ``target``, at once or not at all.

    :raises OSError: ``target`` is what it was.
    """
    with unbroken():
        part = PartFile(target)
        try:
            part.write(data)
            part.publish()
        except OSError:
            part.discard()
            raise


@contextlib.contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Keep two runs that append to one file from losing each other's lines.

    The lock is the folder's own, so that nothing is left behind; it ends with its process.
    """
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def make_folder(folder: Path) -> None:
    """Make a folder and those above it, durably.

    :raises OSError: one cannot be made.
    """
    missing = [path for path in (folder, *folder.parents) if not path.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    for path in missing:
        # A folder that this user may enter but not read cannot be flushed by name.
        with contextlib.suppress(PermissionError):
            sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """A rename is durable once its folder is on disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def is_at(file: IO[bytes], path: Path) -> bool:
    """Whether ``path`` still names the open ``file``."""
    try:
        return os.path.samestat(os.fstat(file.fileno()), path.stat())
    except FileNotFoundError:
        return False


@contextlib.contextmanager
def abandoned(part: Path) -> Iterator[bool]:
    """Whether the process that wrote ``part`` is dead: its lock is free only then.

    Where it is, the lock is held in the meantime, so that two who find it do not both take it.

    :raises OSError: it cannot be opened.
    """
    try:
        file = part.open("rb")
    except FileNotFoundError:
        # Published or discarded since it was found.
        yield False
        return
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield is_at(file, part)


def check_writable(target: Path) -> None:
    """Make sure, before the first request, that ``target`` can be published in its folder.

    :raises OutputError: it cannot.
    """
    try:
        if target.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        with unbroken():
            probe = PartFile(target.with_name(f"{target.name}.probe"))
            probe.discard()
    except OSError as error:
        raise OutputError(explain(error, target)) from error
