"""Ctrl-C and SIGTERM where no event loop handles them: at a command's start, or without a loop.

Python would answer the one with a traceback, and the other with a death that tidies nothing up.
Here both raise :exc:`Interrupted`, which lets go of whatever is held on its way out. Twice is a
kill, and does no harm either: docs/decisions.md says what is then true.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import signal
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import NoReturn

CODE = 130
"""Exit code of a command that was interrupted."""
_SIGNALS = {signal.SIGINT: "Ctrl-C", signal.SIGTERM: "SIGTERM"}
# An interactive prompt makes its own of Ctrl-C.
_NOT_HERE = frozenset({"shell"})


class Interrupted(SystemExit):
    """Raised on Ctrl-C or SIGTERM; the message is already printed.

    Python ends with the code of a :exc:`SystemExit`, and prints no traceback of it.
    """

    def __init__(self) -> None:
        super().__init__(CODE)


_command = "scrapy"
_came: int | None = None  # a signal that nothing has been done about
_waits = 0  # steps under way that it must not cut in two


def listen() -> None:
    """Install the handlers if this process runs a Scrapy command; other programs keep theirs."""
    global _command
    # Scrapy takes its name out of the arguments afterwards.
    name = next((word for word in sys.argv[1:] if not word.startswith("-")), "")
    if _is_scrapy() and name not in _NOT_HERE:
        _command = f"scrapy {name}".strip()
        install()


def install() -> None:
    """Handle both signals, unless the parent process had them ignored (nohup)."""
    if threading.current_thread() is threading.main_thread():
        for number in _SIGNALS:
            if signal.getsignal(number) in (signal.SIG_DFL, signal.default_int_handler):
                signal.signal(number, _take)
        atexit.register(_leave)


def taken() -> int | None:
    """The signal that has come, if one has; the caller handles it from now on."""
    global _came
    number, _came = _came, None
    return number


def end() -> NoReturn:
    """Say that the command was interrupted, and end it.

    :raises Interrupted: always.
    """
    how = _SIGNALS[signal.Signals(taken() or signal.SIGINT)]
    said = f"{_command}: error: interrupted by {how}; nothing is lost, run it again\n"
    # print() would fail where a signal has come in the middle of another one.
    with contextlib.suppress(OSError):
        os.write(2, said.encode())
    raise Interrupted


@contextlib.contextmanager
def unbroken(*, then_raise: bool = True) -> Iterator[None]:
    """A step that is done wholly before a signal is minded.

    :param then_raise: whether one that came meanwhile is raised in the end.
    """
    global _waits
    _waits += 1
    try:
        yield
    finally:
        _waits -= 1
    if then_raise and _came is not None and not _waits:
        end()


@contextlib.contextmanager
def breakable() -> Iterator[None]:
    """A part of an unbroken step that may take long and can be left at any point."""
    global _waits
    waits, _waits = _waits, 0
    try:
        if _came is not None and waits:
            end()
        yield
    finally:
        _waits = waits


def _take(number: int, frame: FrameType | None) -> None:
    global _came
    _came = number
    # The second one ends the process at once, whatever hangs.
    for each in _SIGNALS:
        if signal.getsignal(each) is _take:
            signal.signal(each, signal.SIG_DFL)
    if not _waits:
        end()


def _leave() -> None:
    """Let Python end in peace: all is done, and the exit code is to say how it went."""
    for number in _SIGNALS:
        signal.signal(number, signal.SIG_IGN)


def _is_scrapy() -> bool:
    """Whether this process runs one of Scrapy's commands, by hand or for Scrapyd."""
    program = Path(sys.argv[0])
    return program.stem == "scrapy" or program.parent.name in ("scrapy", "scrapyd")
