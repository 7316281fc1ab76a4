"""``scrapy`` a hundred times: each run a process of its own, forked from one that has imported it.

Starting Python takes three times as long as a short crawl. The process that forks asks the kernel
for its child again and again, and depends on no signal, tracker or pipe of the child's to learn of
its end, as multiprocessing's fork server does. A run that takes too long says where it is, and is
killed: nobody waits for it for ever.
"""

from __future__ import annotations

import contextlib
import faulthandler
import gc
import importlib
import json
import os
import select
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, NoReturn, Self

ROOT = Path(__file__).resolve().parent.parent
_PAUSE = 0.002  # seconds between two looks
_GRACE = 30.0  # seconds that the forking process has to begin, and to answer


class LostError(Exception):
    """The process that forks does not answer, or has ended."""


@dataclass(frozen=True, slots=True)
class Ended:
    """How a process ended.

    :param code: its exit code; negative where a signal ended it.
    :param overdue: whether it was killed because it took too long.
    """

    pid: int
    code: int
    overdue: bool


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be run.

    :param now: what its clock shows when it begins, with time zone; "" leaves the clock alone.
    :param log: the file behind which it writes what it says.
    :param limit: seconds that it may take.
    """

    arguments: Sequence[str]
    log: str
    limit: float
    proxy: str = ""
    now: str = ""


class Forks:
    """The process that forks, as a context manager.

    :param modules: names of what it imports first; those that cannot be are left to the runs.
    """

    def __init__(self, modules: Sequence[str]) -> None:
        self._modules = modules
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [sys.executable, __file__], cwd=ROOT, bufsize=0,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True,
        )  # fmt: skip
        self._ask(list(self._modules), _GRACE)
        return self

    def __exit__(self, kind: type[BaseException] | None, *error: object) -> None:
        assert self._process is not None
        with self._process as process:
            if kind is None:
                # It ends at the end of its input.
                process.stdin.close()
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(_GRACE)
            if kind is not None or process.returncode is None:
                # With the child that it may be waiting for.
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)

    def run(self, order: Order) -> Ended:
        """:raises Lost: nobody knows how it ended."""
        return Ended(**self._ask(asdict(order), order.limit + _GRACE))

    def _ask(self, what: Any, patience: float) -> Any:
        assert self._process is not None
        asked, answers = self._process.stdin, self._process.stdout
        assert asked is not None and answers is not None
        try:
            asked.write(json.dumps(what).encode() + b"\n")
        except BrokenPipeError as error:
            raise LostError(f"it has ended with {self._process.wait(_GRACE)}") from error
        line = b""
        deadline = time.monotonic() + patience
        while not line.endswith(b"\n"):
            if not select.select([answers], [], [], max(0.0, deadline - time.monotonic()))[0]:
                raise LostError(f"no answer in {patience:.0f} s")
            more = answers.read(4096)
            if not more:
                raise LostError("it has ended in the middle of a run")
            line += more
        return json.loads(line)


# --- The process that forks ---------------------------------------------------------------------


def _serve() -> None:
    sys.path.insert(0, str(ROOT))
    # The answers' way out is not for what somebody prints.
    answers = os.dup(1)
    os.dup2(2, 1)
    for number, line in enumerate(sys.stdin.buffer):
        what = json.loads(line)
        answer = asdict(_forked(Order(**what))) if number else _import(what)
        os.write(answers, json.dumps(answer).encode() + b"\n")


def _import(modules: Sequence[str]) -> int:
    for name in modules:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    # What the collector moves in a child is copied there.
    gc.collect()
    gc.freeze()
    return len(modules)


def _forked(order: Order) -> Ended:
    pid = os.fork()
    if not pid:
        _child(order)
    deadline = time.monotonic() + order.limit
    overdue = False
    while True:
        ended, status = os.waitpid(pid, os.WNOHANG)
        if ended:
            return Ended(pid, os.waitstatus_to_exitcode(status), overdue)
        if time.monotonic() > deadline and not overdue:
            overdue = True
            os.kill(pid, signal.SIGKILL)
        time.sleep(_PAUSE)


def _child(order: Order) -> NoReturn:
    code = 1
    try:
        log = os.open(order.log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        nothing = os.open(os.devnull, os.O_RDONLY)
        for there, here in ((nothing, 0), (log, 1), (log, 2)):
            os.dup2(there, here)
        # Before it is killed, and whatever it waits for.
        faulthandler.dump_traceback_later(0.9 * order.limit, file=2)
        code = _scrapy(order)
    except BaseException:
        traceback.print_exc()
    finally:
        with contextlib.suppress(Exception):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)


def _scrapy(order: Order) -> int:
    import time_machine
    from scrapy.cmdline import execute

    if order.proxy:
        os.environ["http_proxy"] = order.proxy
    clock = time_machine.travel(datetime.fromisoformat(order.now), tick=True) if order.now else None
    try:
        with clock or contextlib.nullcontext():
            execute(["scrapy", *order.arguments])
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    return 0


if __name__ == "__main__":
    _serve()
