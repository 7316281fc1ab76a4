"""Failures, provoked with real processes against the embedded site: what each one leaves.

``scripts/failures.py`` writes docs/failures.md from them, and test_failures.py checks them.
"""

from __future__ import annotations

import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from helpers.crawls import NO_PAUSES, ROOT
from peoplesdaily.replica.content import Catalogue
from peoplesdaily.replica.evolving import redesigned
from peoplesdaily.replica.server import Server
from peoplesdaily.replica.site import Override, Reply, Request, Site
from peoplesdaily.runs.manifest import FOLDER, RUNNING, Manifest
from peoplesdaily.runs.manifest_files import manifest_path, read_manifest, read_manifests

WORLD = "/90777/index.html"
SCRAPY = "import sys; from scrapy.cmdline import execute; sys.argv[0] = 'scrapy'; {}; execute()"
_BROKEN = Reply(500, {"Content-Type": "text/plain"}, b"Out of order\n")
_TITLE_ALONE = (
    b'<meta name="contentid" content="F_1"><div class="d2txtCon"><h1>A headline alone</h1>'
    b'<div class="origin">(Xinhua) 09:39, September 22, 2022</div></div>'
)


@dataclass(frozen=True)
class ScenarioResult:
    """What a failure left.

    :param code: exit code; negative where a signal ended the process.
    :param said: the one line that says what is wrong.
    :param manifest: what the run says of itself, ``None`` where it left none.
    """

    code: int
    said: str
    log: str
    manifest: Manifest | None

    @property
    def ending(self) -> str:
        """The manifest in a few words."""
        if self.manifest is None:
            return "none"
        parts = [self.manifest.state, self.manifest.outcome or ""]
        if self.manifest.articles.new:
            parts.append("articles written")
        if self.manifest.articles.pending:
            parts.append("articles pending")
        return ", ".join(part for part in parts if part)


@dataclass
class Stage:
    """An embedded site, an output folder, and runs of the project between them."""

    site: Site
    server: Server
    output: Path
    settings: dict[str, str] = field(default_factory=dict)

    @classmethod
    @contextmanager
    def of(cls, output: Path, catalogue: Catalogue) -> Iterator[Stage]:
        """A stage with a site of its own."""
        site = Site(catalogue)
        with Server(site) as server:
            yield cls(site, server, output)

    def command(self, *arguments: str, code: str = "pass", **settings: str) -> list[str]:
        """The command line of a run; ``code`` is run in it first."""
        chosen = {**NO_PAUSES, "RETRY_TIMES": "1", "OUTPUT_DIR": str(self.output), **settings}
        flags = [f"-s{name}={value}" for name, value in chosen.items()]
        start = [sys.executable, "-c", SCRAPY.format(code)]
        if code == "pass":
            start = [str(Path(sys.executable).with_name("scrapy"))]
        return [*start, *(arguments or ("crawl", "world")), *flags]

    def environment(self, proxy: str | None = None) -> Mapping[str, str]:
        kept = {k: v for k, v in os.environ.items() if not k.lower().endswith("_proxy")}
        return {**kept, "http_proxy": proxy or self.server.url, "no_proxy": "127.0.0.1"}

    def run(
        self, *arguments: str, proxy: str | None = None, code: str = "pass", **settings: str
    ) -> ScenarioResult:
        """Run it to its end."""
        done = subprocess.run(
            self.command(*arguments, code=code, **settings), cwd=ROOT,
            env=self.environment(proxy), capture_output=True, text=True, timeout=120,
        )  # fmt: skip
        return self.outcome(done.returncode, done.stdout + done.stderr)

    def signalled(self, number: signal.Signals) -> ScenarioResult:
        """Run it until it has written something, and send it a signal."""
        with subprocess.Popen(
            self.command(DOWNLOAD_DELAY="0.1", LOG_LEVEL="INFO"), cwd=ROOT,
            env=self.environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        ) as process:  # fmt: skip
            self.await_part()
            process.send_signal(number)
            log, _ = process.communicate(timeout=60)
        return self.outcome(process.returncode, log)

    def await_part(self) -> None:
        """Wait until a run has written its first line."""
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            if any(part.stat().st_size for part in self.output.rglob(".*.jsonl.*.part")):
                return
            time.sleep(0.05)
        raise AssertionError("the run wrote nothing")

    def outcome(self, code: int, log: str) -> ScenarioResult:
        """What a run left behind, the newest of several."""
        runs, _ = read_manifests(self.output / FOLDER)
        lines = [line for line in log.splitlines() if " Exit code " in line or ": error: " in line]
        said = re.sub(r"^.*(?=Exit code \d|scrapy(?: \w+)?: error)", "", lines[-1]) if lines else ""
        return ScenarioResult(code, said, log, runs[-1] if runs else None)

    def everywhere(self, override: Override, *, lists: bool = True) -> None:
        """Answer every article, and every list too, with the same."""
        catalogue = self.site.catalogue
        for number in catalogue.ids:
            self.site.overrides[catalogue.story(number).path] = override
        if lists:
            self.site.overrides[WORLD] = self.site.overrides["/"] = override

    def plainly(self, request: Request) -> Reply:
        """The site's answer in another markup."""
        return Reply(200, {"Content-Type": "text/html"}, redesigned(self.site.answer(request).body))


@dataclass(frozen=True)
class Failure:
    """A failure, and how it is provoked.

    :param what: in the words of docs/failures.md.
    :param code: the exit code that it must give.
    """

    what: str
    code: int
    provoke: Callable[[Stage], ScenarioResult]

    @property
    def slug(self) -> str:
        """A name for tests."""
        return re.sub(r"\W+", "-", self.what.lower()).strip("-")


FAILURES: list[Failure] = []


def failure(what: str, code: int) -> Callable[[Callable[[Stage], ScenarioResult]], None]:
    """Add a function to the failures."""

    def add(provoke: Callable[[Stage], ScenarioResult]) -> None:
        FAILURES.append(Failure(what, code, provoke))

    return add


@failure("The site, or the proxy, is down", 69)
def _down(stage: Stage) -> ScenarioResult:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    return stage.run(proxy=f"http://127.0.0.1:{port}")


@failure("The host name does not resolve", 69)
def _unresolved(stage: Stage) -> ScenarioResult:
    return stage.run(proxy="http://nowhere.invalid:3128")


@failure("`http_proxy` names a web server that is no proxy", 69)
def _no_proxy(stage: Stage) -> ScenarioResult:
    stage.site.respond = lambda *request: Reply(404)  # type: ignore[method-assign]
    return stage.run()


@failure("The server answers 500 to everything", 69)
def _server_errors(stage: Stage) -> ScenarioResult:
    stage.everywhere(_BROKEN)
    return stage.run()


@failure("The section's list is gone, and the navigation does not name the section", 76)
def _list_gone(stage: Stage) -> ScenarioResult:
    front = stage.site.answer(Request("GET", "en.people.cn", "/", {})).body
    stage.site.overrides[WORLD] = Reply(404)
    stage.site.overrides["/"] = Reply(200, {}, front.replace(b">World<", b">Planet<"))
    return stage.run()


@failure("Lists come in another markup", 76)
def _new_lists(stage: Stage) -> ScenarioResult:
    stage.site.overrides[WORLD] = stage.site.overrides["/"] = stage.plainly
    return stage.run()


@failure("Articles come in another markup", 76)
def _new_articles(stage: Stage) -> ScenarioResult:
    stage.everywhere(stage.plainly, lists=False)
    return stage.run()


@failure("Every article answers 404", 66)
def _articles_gone(stage: Stage) -> ScenarioResult:
    stage.everywhere(Reply(404), lists=False)
    return stage.run()


@failure("Every record breaks the contract", 65)
def _rejected(stage: Stage) -> ScenarioResult:
    stage.everywhere(Reply(200, {}, _TITLE_ALONE), lists=False)
    return stage.run()


@failure("robots.txt forbids the section", 69)
def _robots(stage: Stage) -> ScenarioResult:
    stage.site.overrides["/robots.txt"] = Reply(200, {}, b"User-agent: *\nDisallow: /90777/\n")
    return stage.run()


@failure("The site asks to be left alone for a day", 69)
def _left_alone(stage: Stage) -> ScenarioResult:
    stage.site.overrides[WORLD] = Reply(503, {"Retry-After": "86400"})
    return stage.run()


@failure("The output folder cannot be written", 73)
def _no_output(stage: Stage) -> ScenarioResult:
    # A file in its place: root may write in a read-only folder.
    stage.output.parent.mkdir(parents=True, exist_ok=True)
    stage.output.write_text("in the way")
    return stage.run()


@failure("The disk fills up", 73)
def _disk_full(stage: Stage) -> ScenarioResult:
    return stage.run(
        code="import resource, signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (200000, 200000))"
    )


@failure("The index was written by a newer version", 73)
def _newer_index(stage: Stage) -> ScenarioResult:
    stage.run("crawl", "world", "-amax_articles=1")
    with sqlite3.connect(stage.output / "index.sqlite") as index:
        index.execute("PRAGMA user_version = 9999")
    index.close()
    return stage.run()


@failure("Another run holds the section", 75)
def _held(stage: Stage) -> ScenarioResult:
    with subprocess.Popen(
        stage.command(DOWNLOAD_DELAY="0.5"), cwd=ROOT, env=stage.environment(),
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    ) as first:  # fmt: skip
        stage.await_part()
        done = stage.run()
        first.terminate()
        first.wait(60)
    return done


@failure("Ctrl-C", 130)
def _interrupted(stage: Stage) -> ScenarioResult:
    return stage.signalled(signal.SIGINT)


@failure("SIGTERM: a shutdown, or the end of a service", 130)
def _terminated(stage: Stage) -> ScenarioResult:
    return stage.signalled(signal.SIGTERM)


@failure("SIGKILL, power loss; what the next run says of it", -9)
def _killed(stage: Stage) -> ScenarioResult:
    killed = stage.signalled(signal.SIGKILL)
    assert killed.manifest is not None and killed.manifest.state == RUNNING
    stage.run()
    path = manifest_path(stage.output, killed.manifest.run)
    buried = read_manifest(path)
    return ScenarioResult(killed.code, "; ".join(buried.problems), killed.log, buried)


@failure("The memory limit is reached", 71)
def _memory(stage: Stage) -> ScenarioResult:
    return stage.run(
        MEMUSAGE_LIMIT_MB="10", MEMUSAGE_CHECK_INTERVAL_SECONDS="0.2", DOWNLOAD_DELAY="0.1"
    )


@failure("A wrong argument", 2)
def _usage(stage: Stage) -> ScenarioResult:
    return stage.run("crawl", "world", "-asince=yesterday")


@failure("The program itself fails on every article", 1)
def _program(stage: Stage) -> ScenarioResult:
    return stage.run(
        code="from peoplesdaily.spiders import base;"
        "base.StorySpider.parse_story = lambda *a, **k: 1 / 0"
    )


@failure("The program fails before its first request", 1)
def _no_start(stage: Stage) -> ScenarioResult:
    return stage.run(
        code="from peoplesdaily.spiders import listings;"
        "listings.ListSpider.list_request = lambda *a, **k: 1 / 0"
    )


@failure("The program loses articles on the way", 70)
def _no_verdict(stage: Stage) -> ScenarioResult:
    return stage.run(
        code="from peoplesdaily.spiders import base;"
        "base.StorySpider.story_read = lambda *a, **k: iter(())"
    )


@failure("A monitor raises", 79)
def _monitor_raises(stage: Stage) -> ScenarioResult:
    return stage.run(
        code="from peoplesdaily.runs.monitoring import monitors;"
        "monitors.Volume.look = lambda *a: 1 / 0"
    )


@failure("Monitors are switched off", 79)
def _monitors_off(stage: Stage) -> ScenarioResult:
    return stage.run(SPIDERMON_ENABLED="0")


@failure("The history cannot be read", 79)
def _no_history(stage: Stage) -> ScenarioResult:
    folder = stage.output / FOLDER
    folder.mkdir(parents=True)
    name = f"{time.strftime('%Y-%m-%d')}T00-00-00Z-world-1.json"
    (folder / name).write_text("{", encoding="utf-8")
    return stage.run()
