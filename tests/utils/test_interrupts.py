"""Ctrl-C and SIGTERM while a command starts: real processes, real signals, at chosen moments."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from helpers.crawls import NO_PAUSES, ROOT, scrapy
from helpers.fake_run import Run, stored

from peoplesdaily.replica.server import Server
from peoplesdaily.runs.exit_codes import INTERRUPTED
from peoplesdaily.runs.manifest import FINISHED, FOLDER, KILLED, Manifest
from peoplesdaily.runs.manifest_files import manifest_path, read_manifests
from peoplesdaily.storage.index import opening, reconcile
from peoplesdaily.storage.locks import is_held
from peoplesdaily.utils import interrupts
from peoplesdaily.utils.interrupts import Interrupted, breakable, unbroken

HELPERS = ROOT / "tests" / "helpers"
IDS = [f"90000{n}" for n in range(10, 15)]
PAGE = "http://en.people.cn/n3/2020/1127/c90000-9798450.html"
BY = {"SIGINT": "Ctrl-C", "SIGTERM": "SIGTERM"}
FLAGS = [f"-s{name}={value}" for name, value in NO_PAUSES.items()]


@pytest.fixture
def output(tmp_path: Path) -> Path:
    """What a run left that died in the middle of a line: its manifest says that it runs."""
    folder = tmp_path / "output"
    run = Run(folder)
    begun = Manifest.begin(command="crawl", spider="world", at=datetime.now(UTC), incremental=True)
    replace(begun, run=run.session.run).write(manifest_path(folder, run.session.run))
    run.write_all(IDS)
    run.die(half_a_line=True)
    return folder


def environment(proxy: str) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.lower().endswith("_proxy")}
    return {**kept, "http_proxy": proxy}


def signalled(
    name: str, moment: str, *arguments: str, proxy: str = "http://127.0.0.1:9"
) -> subprocess.CompletedProcess[str]:
    """A command that gets a signal at a moment; no request of its may come before that."""
    return subprocess.run(
        [sys.executable, str(HELPERS / "signal_at.py"), name, moment, *arguments],
        cwd=ROOT, env=environment(proxy), stdin=subprocess.DEVNULL, capture_output=True,
        text=True, timeout=60,
    )  # fmt: skip


def sentence(command: str, name: str) -> str:
    return f"scrapy {command}: error: interrupted by {BY[name]}; nothing is lost, run it again"


def litter(folder: Path) -> list[str]:
    """Files of a process that has not tidied up, but for what the dead run left."""
    names = [path.name for path in folder.rglob("*") if path.is_file()]
    return [n for n in names if re.search(r"\.(?:part|join|new|old)$", n) and "03-05-07Z" not in n]


def runs(output: Path) -> list[Manifest]:
    found, unread = read_manifests(output / FOLDER)
    assert not unread
    return found


@pytest.mark.crawl
@pytest.mark.parametrize(
    ("name", "moment", "on_record"),
    [
        ("SIGINT", "peoplesdaily.storage.feeds", False),
        ("SIGTERM", "peoplesdaily.commands.crawl", False),
        ("SIGINT", "peoplesdaily.storage.index.reconcile:salvage", True),
        ("SIGTERM", "peoplesdaily.utils.atomic_files:PartFile._rename", True),
        ("SIGTERM", "peoplesdaily.runs.recorder:RunRecorder.begin", True),
    ],
    ids=["reading settings", "importing", "recovering", "salvaging", "on record"],
)
def test_a_crawl_that_starts(name: str, moment: str, on_record: bool, output: Path) -> None:
    done = signalled(name, moment, "crawl", "world", f"-sOUTPUT_DIR={output}")

    assert done.returncode == INTERRUPTED.code, done.stderr
    assert done.stderr.splitlines()[-1] == sentence("crawl", name)
    assert "Traceback" not in done.stderr and done.stderr.count("error") == 1
    # By its process, which is this one: both may have begun in one second.
    dead, *others = sorted(runs(output), key=lambda run: run.pid != os.getpid())
    assert dead.pid == os.getpid()
    assert [(run.state, run.exit_code, run.outcome) for run in others] == (
        [("finished", 130, "interrupted")] if on_record else []
    )
    assert not litter(output)
    assert not any(is_held(lock) for lock in (output / reconcile.LOCKS).iterdir())
    assert not output.joinpath("world").exists() or len(stored(output)) in (0, len(IDS))
    # What the dead run wrote is there, once.
    index, found = opening.open_index(output)
    index.close()
    assert sorted(stored(output)) == [(id_, 1) for id_ in IDS]
    assert found.dead_runs == (() if dead.state == KILLED else (dead.run,))


@pytest.mark.parametrize(
    "moment",
    [
        "scrapy.crawler:Crawler._apply_settings",
        "scrapy.core.engine:ExecutionEngine.open_spider_async",
    ],
)
def test_a_crawl_whose_event_loop_starts(moment: str, output: Path, server: Server) -> None:
    done = signalled("SIGINT", moment, "crawl", "world", f"-sOUTPUT_DIR={output}", proxy=server.url)

    assert done.returncode == INTERRUPTED.code, done.stderr
    assert "Exit code 130 (interrupted)" in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr and "Task" not in done.stderr
    assert {run.state for run in runs(output)} == {KILLED, FINISHED}
    assert not server.log
    assert not litter(output)


def test_the_next_run_finds_nothing_amiss(output: Path, server: Server) -> None:
    signalled("SIGINT", "peoplesdaily.storage.index.reconcile:salvage", "crawl", "world",
              f"-sOUTPUT_DIR={output}")  # fmt: skip
    done = scrapy(
        "crawl", "world", "-amax_articles=1", f"-sOUTPUT_DIR={output}", *FLAGS, proxy=server.url
    )

    assert done.returncode == 0, done.stderr
    assert len(stored(output)) == len(IDS) + 1
    assert sorted(run.state for run in runs(output)) == ["finished", "finished", "killed"]
    assert not list((output / reconcile.LOCKS).iterdir())


@pytest.mark.crawl
def test_a_crawl_that_waits_for_the_recovery_of_another(output: Path) -> None:
    with reconcile.exclusively(output):
        process = subprocess.Popen(
            [sys.executable, "-m", "scrapy", "crawl", "world", f"-sOUTPUT_DIR={output}"],
            cwd=ROOT, env=environment("http://127.0.0.1:9"), stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        try:
            deadline = time.monotonic() + 30
            while not is_held(output / reconcile.LOCKS / "world.lock"):
                assert process.poll() is None and time.monotonic() < deadline
                time.sleep(0.02)
            time.sleep(0.1)
            process.send_signal(signal.SIGTERM)
            _, said = process.communicate(timeout=20)
        finally:
            process.kill()
            process.wait(10)

    assert process.returncode == INTERRUPTED.code
    assert said.splitlines()[-1] == sentence("crawl", "SIGTERM")


ENGINE = "scrapy.core.engine:ExecutionEngine"


@pytest.mark.parametrize(
    ("name", "moment", "arguments"),
    [
        ("SIGINT", "peoplesdaily.storage.index.session:Session.open", "crawlall"),
        ("SIGTERM", "peoplesdaily.storage.index.session:Session.open", "crawlall --dry-run"),
        ("SIGINT", "peoplesdaily.storage.index.reconcile:_publish", "index rebuild"),
        ("SIGTERM", "peoplesdaily.storage.index.replace:put_in_place", "index rebuild"),
        (
            "SIGTERM",
            "peoplesdaily.storage.index.export:_sorted",
            "index export {output.parent}/own.jsonl",
        ),
        ("SIGINT", "peoplesdaily.runs.report:make", "report"),
        ("SIGTERM", "peoplesdaily.utils.atomic_files:PartFile.discard", "doctor --local"),
        ("SIGINT", f"{ENGINE}.open_spider_async", "doctor"),
        ("SIGINT", f"{ENGINE}.start_async", f"page parse {PAGE}"),
    ],
)
def test_another_command_that_starts(
    name: str, moment: str, arguments: str, output: Path, server: Server
) -> None:
    words = arguments.format(output=output).split()
    before = {path for path in output.parent.rglob("*") if path.is_file()}
    done = signalled(name, moment, *words, f"-sOUTPUT_DIR={output}", proxy=server.url)

    assert done.returncode == INTERRUPTED.code, done.stderr
    assert done.stderr.splitlines()[-1] == sentence(words[0], name)
    assert "Traceback" not in done.stderr and done.stderr.count("error") == 1
    assert not server.log
    assert not litter(output.parent)
    after = {path for path in output.parent.rglob("*") if path.is_file()}
    new = {str(path.relative_to(output)) for path in after - before}
    if words == ["crawlall"]:
        assert [name.startswith("runs/") for name in new] == [True]
    elif moment.endswith("put_in_place"):
        assert [name.startswith("world/") for name in new] == [True]
    else:
        assert not new
    assert not any(is_held(lock) for lock in (output / reconcile.LOCKS).iterdir())


# --- The means --------------------------------------------------------------------------------


@pytest.fixture
def minded() -> Iterator[None]:
    """SIGTERM is minded in this very process."""
    plain = signal.signal(signal.SIGTERM, interrupts._take)
    yield
    signal.signal(signal.SIGTERM, plain)
    interrupts.taken()


@pytest.mark.usefixtures("minded")
def test_an_unbroken_step_is_done_first(capfd: pytest.CaptureFixture[str]) -> None:
    done = []

    def step() -> None:
        with unbroken():
            with unbroken():
                signal.raise_signal(signal.SIGTERM)
                done.append("inner")
            done.append("outer")

    with pytest.raises(Interrupted) as ended:
        step()

    assert done == ["inner", "outer"]
    assert ended.value.code == INTERRUPTED.code == interrupts.CODE
    assert capfd.readouterr().err.count("interrupted by SIGTERM") == 1


@pytest.mark.usefixtures("minded")
def test_a_breakable_part_of_it_is_left_at_once() -> None:
    done = []

    def step() -> None:
        with unbroken():
            signal.raise_signal(signal.SIGTERM)
            done.append("before")
            with breakable():
                done.append("part")

    with pytest.raises(Interrupted):
        step()

    assert done == ["before"]
    # It is said and raised once.
    with unbroken():
        pass


@pytest.mark.usefixtures("minded")
def test_what_a_step_leaves_to_its_caller_is_there() -> None:
    with unbroken(then_raise=False):
        signal.raise_signal(signal.SIGTERM)

    assert interrupts.taken() == signal.SIGTERM
    assert interrupts.taken() is None


def test_a_second_signal_ends_a_step_that_hangs() -> None:
    program = (
        "import time; from peoplesdaily.utils import interrupts; interrupts.install();\n"
        "with interrupts.unbroken(): print(flush=True); time.sleep(60)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program], cwd=ROOT, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        deadline = time.monotonic() + 20
        while process.poll() is None and time.monotonic() < deadline:
            process.terminate()
            # Two that come at one time are one.
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(0.1)
        process.kill()

    assert process.returncode == -signal.SIGTERM


@pytest.mark.parametrize("name", BY)
def test_a_command_that_has_done_all_ends_with_its_own_code(name: str) -> None:
    # What is registered first is called last.
    program = (
        "import atexit, signal, sys; from peoplesdaily.utils import interrupts;"
        f"atexit.register(signal.raise_signal, signal.{name}); interrupts.install(); sys.exit(76)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=60
    )

    assert (done.returncode, done.stderr) == (76, "")


def test_a_program_that_reads_the_settings_keeps_its_own_signals() -> None:
    program = (
        "import signal; from peoplesdaily import settings;"
        "print(signal.getsignal(signal.SIGINT) is signal.default_int_handler,"
        " signal.getsignal(signal.SIGTERM) is signal.SIG_DFL)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, "crawl"], cwd=ROOT, capture_output=True, text=True,
        timeout=60, preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )  # fmt: skip

    assert done.stdout.split() == ["True", "True"], done.stderr
