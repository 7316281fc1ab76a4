"""What `deploy/` ships, as far as it can be run without being installed."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import Request, build_opener

import pytest
from helpers.crawls import NO_PAUSES, ROOT, finished_lines, read_lines, scrapy
from test_project import tracked

from peoplesdaily.replica.server import Server

DEPLOY = ROOT / "deploy"
HOME = "/opt/peoplesdaily"
OURS = {"crawlall", "report", "doctor"}
SERVICES = sorted(DEPLOY.glob("*.service"))
UNITS = [*SERVICES, *sorted(DEPLOY.glob("*.timer"))]
# What `systemd-analyze security` calls it; 10 is a service without any protection.
EXPOSURE = 1.2


@pytest.fixture(scope="session")
def commands() -> set[str]:
    """Commands that this project has."""
    done = scrapy("-h")
    assert done.returncode == 0, done.stderr
    return set(re.findall(r"^  (\w+) ", done.stdout, re.MULTILINE))


def without_proxy() -> dict[str, str]:
    return {k: v for k, v in os.environ.items() if not k.lower().endswith("_proxy")}


def wait_for(happened: Callable[[], Any], what: str) -> Any:
    for _ in range(600):
        if found := happened():
            return found
        time.sleep(0.1)
    raise AssertionError(f"{what} did not happen within a minute")


# --- cron ---------------------------------------------------------------------------------------


def cron_lines() -> list[tuple[list[str], str]]:
    """The times and the command of each line, read by cron's rules."""
    found = []
    for line in (DEPLOY / "crontab").read_text().splitlines():
        if not line.strip() or line.startswith("#") or re.match(r"\w+\s*=", line):
            continue
        *times, command = line.split(None, 5)
        found.append((times, command))
    return found


def cron_variables() -> list[str]:
    lines = re.findall(r"^(\w+)=(.*)$", (DEPLOY / "crontab").read_text(), re.MULTILINE)
    return [f"{name}={value.strip().strip(chr(34))}" for name, value in lines]


def test_the_crontab_is_one_that_cron_reads() -> None:
    text = (DEPLOY / "crontab").read_text()
    bounds = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))

    assert text.endswith("\n"), "cron ignores a last line that has no end"
    assert re.search(r"^MAILTO=", text, re.MULTILINE)
    assert len(cron_lines()) >= 3
    minutes = [times[0] for times, _ in cron_lines()]
    assert len(set(minutes)) == len(minutes), "they start at the same minute"
    for times, command in cron_lines():
        for field, (low, high) in zip(times, bounds, strict=True):
            assert field == "*" or low <= int(field) <= high
        # To cron it is a line's end.
        assert "%" not in command
        assert command.startswith(f"cd {HOME} && ")


@pytest.mark.parametrize("command", [command for _, command in cron_lines()])
def test_cron_lines_run_in_crons_empty_environment(
    command: str, commands: set[str], server: Server, tmp_path: Path
) -> None:
    (name,) = set(command.split()) & OURS
    assert name in commands
    settings = {**NO_PAUSES, "OUTPUT_DIR": str(tmp_path), "LOG_LEVEL": "INFO"}
    options = "".join(f" -s {setting}={value}" for setting, value in settings.items())
    line = command.replace(HOME, str(ROOT)) + options
    # All that Debian's cron sets, what the crontab sets itself, and the proxy.
    environment = ["HOME=/", "LOGNAME=nobody", "PATH=/usr/bin:/bin", *cron_variables()]
    done = subprocess.run(
        ["env", "-i", *environment, f"http_proxy={server.url}", "/bin/sh", "-c", line],
        cwd="/", capture_output=True, text=True, timeout=120,
    )  # fmt: skip

    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout + done.stderr == "", "cron would send mail"


@pytest.mark.parametrize(
    ("script", "code", "says"),
    [
        ("echo fine; exit 0", 0, False),
        ("echo busy >&2; exit 75", 75, False),
        ("echo broken >&2; exit 3", 3, True),
        ("kill -9 $$", 137, True),
    ],
)
def test_quietly_speaks_of_failures_only(script: str, code: int, says: bool) -> None:
    done = subprocess.run(
        [DEPLOY / "quietly", "/bin/sh", "-c", script],
        capture_output=True, text=True, timeout=30, env={"PATH": "/usr/bin:/bin"},
    )  # fmt: skip

    assert done.returncode == code
    assert (f"exit code {code}" in done.stdout) == says
    assert ("broken" in done.stdout) == ("broken" in script)
    assert "fine" not in done.stdout and "busy" not in done.stdout


def test_quietly_ends_its_command_cleanly_and_leaves_nothing(tmp_path: Path) -> None:
    script = "trap 'echo written > written; exit 0' TERM; touch begun; while :; do sleep 0.05; done"
    process = subprocess.Popen(
        [DEPLOY / "quietly", "/bin/sh", "-c", script],
        cwd=tmp_path, env={"PATH": "/usr/bin:/bin", "TMPDIR": str(tmp_path)},
    )  # fmt: skip
    wait_for(lambda: (tmp_path / "begun").exists(), "the start")
    process.terminate()

    assert process.wait(20) == 0
    assert {path.name for path in tmp_path.iterdir()} == {"begun", "written"}


# --- systemd ------------------------------------------------------------------------------------

needs_systemd = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="needs systemd-analyze (package systemd)"
)


@pytest.fixture
def units(tmp_path: Path) -> Path:
    """The units as if the project were installed where it stands."""
    for unit in UNITS:
        (tmp_path / unit.name).write_text(unit.read_text().replace(HOME, str(ROOT)))
    return tmp_path


@needs_systemd
def test_systemd_finds_no_fault_with_the_units(units: Path) -> None:
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *(units / unit.name for unit in UNITS)],
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip

    assert (done.returncode, done.stdout + done.stderr) == (0, "")


@needs_systemd
@pytest.mark.parametrize("service", [path.name for path in SERVICES])
def test_systemd_calls_the_services_little_exposed(units: Path, service: str) -> None:
    done = subprocess.run(
        ["systemd-analyze", "security", "--offline=yes", "--no-pager", units / service],
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    score = re.search(r"Overall exposure level for \S+: ([\d.]+)", done.stdout)

    assert score, done.stdout + done.stderr
    assert float(score[1]) <= EXPOSURE, done.stdout


def test_services_are_hardened_alike() -> None:
    blocks = {path.read_text().partition("# What it may touch")[2] for path in SERVICES}
    alone = re.compile(r"# It reads files and writes one\.[^=]*\nPrivateNetwork=yes\n")
    compiles = "MemoryDenyWriteExecute=yes\n"

    assert len({alone.sub("", block).replace(compiles, "") for block in blocks}) == 1
    assert [path.stem for path in SERVICES if compiles not in path.read_text()] == [
        "peoplesdaily-report"
    ]
    assert {unit.stem for unit in UNITS if unit.suffix == ".timer"} == {s.stem for s in SERVICES}


def test_services_and_crontab_call_the_same_commands() -> None:
    started = {
        match[1]
        for path in SERVICES
        if (match := re.search(r"^ExecStart=\S+/scrapy (\w+)", path.read_text(), re.MULTILINE))
    }

    assert started == OURS
    assert {name for _, line in cron_lines() for name in set(line.split()) & OURS} == OURS


# --- container ----------------------------------------------------------------------------------


def instructions() -> list[tuple[str, str]]:
    """The Containerfile's instructions and their values, comments and continuations resolved."""
    text = (DEPLOY / "Containerfile").read_text()
    lines = re.sub(r"^#.*\n", "", text, flags=re.MULTILINE).replace("\\\n", " ").splitlines()
    pairs = (line.partition(" ") for line in lines if line.strip())
    return [(name, value.strip()) for name, _, value in pairs]


def last(name: str) -> str:
    return [value for found, value in instructions() if found == name][-1]


def test_the_container_runs_unprivileged_and_is_stopped_by_sigterm() -> None:
    known = {
        "FROM", "LABEL", "WORKDIR", "COPY", "RUN", "USER", "ENV", "VOLUME", "STOPSIGNAL",
        "HEALTHCHECK", "ENTRYPOINT", "CMD",
    }  # fmt: skip

    assert {name for name, _ in instructions()} <= known
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", last("USER"))
    assert last("STOPSIGNAL") == "SIGTERM"
    # In JSON, and so without a shell that would keep the signal to itself.
    assert json.loads(last("ENTRYPOINT")) == ["scrapy"]
    assert json.loads(last("CMD"))[0] in OURS
    assert last("VOLUME") == "/app/output"


def test_what_the_container_copies_is_all_that_a_run_needs(server: Server, tmp_path: Path) -> None:
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    app = tmp_path / "app"
    app.mkdir()
    for name, value in instructions():
        if name != "COPY" or value.startswith("--from"):
            continue
        *sources, target = value.split()
        for source in sources:
            assert f"!{source}" in ignored, f"{source} is left out of the build's context"
            where = app / target
            if (ROOT / source).is_dir():
                shutil.copytree(ROOT / source, where, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(ROOT / source, where)
    subprocess.run([sys.executable, "-m", "compileall", "-q", "peoplesdaily"], cwd=app, check=True)
    before = set(app.rglob("*"))
    (app / "output").mkdir()
    flags = [f"-s{name}={value}" for name, value in NO_PAUSES.items()]
    done = scrapy(
        "crawl", "world", "-a", "max_articles=2", "-a", "pages=1", *flags,
        proxy=server.url, cwd=app,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    (path,) = (app / "output").rglob("*.jsonl")
    assert len(read_lines(path)) == 2
    # The root is read-only there.
    written = set(app.rglob("*")) - before
    assert all(app / "output" in (path, *path.parents) for path in written), written


@pytest.mark.skipif(
    sys.platform != "linux"
    or subprocess.run(["unshare", "--pid", "--fork", "true"], capture_output=True).returncode != 0,
    reason="needs the right to make a PID namespace",
)
def test_the_first_process_of_a_container_ends_cleanly_when_stopped(
    server: Server, tmp_path: Path
) -> None:
    """Signals that PID 1 does not handle are dropped by the kernel; Scrapy handles its own."""
    process = subprocess.Popen(
        [
            "unshare", "--pid", "--fork", "--kill-child",
            sys.executable, "-m", "scrapy", "crawl", "world", f"-sOUTPUT_DIR={tmp_path}",
            "-sDOWNLOAD_DELAY=0.2", "-sAUTOTHROTTLE_ENABLED=0",
        ],
        cwd=ROOT, env={**without_proxy(), "http_proxy": server.url},
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        wait_for(lambda: any(p.stat().st_size for p in tmp_path.rglob(".*.part")), "an article")
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        os.kill(int(children[0]), signal.SIGTERM)
        process.wait(10)
    finally:
        process.kill()
        process.wait(10)

    (path,) = tmp_path.rglob("*.jsonl")
    assert read_lines(path)


def test_hadolint_finds_no_fault_with_the_containerfile() -> None:
    hadolint = shutil.which("hadolint")
    if hadolint is None:
        pytest.skip("needs hadolint, which has no build for every machine")
    done = subprocess.run(
        [hadolint, DEPLOY / "Containerfile"], capture_output=True, text=True, timeout=60
    )

    assert (done.returncode, done.stdout) == (0, "")


# --- Scrapyd ------------------------------------------------------------------------------------


@pytest.fixture
def scrapyd(tmp_path: Path, server: Server) -> Iterator[str]:
    """The address of a Scrapyd server whose crawls reach the embedded site."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    home = tmp_path / "scrapyd"
    home.mkdir()
    (home / "scrapyd.conf").write_text(
        f"[scrapyd]\nbind_address = 127.0.0.1\nhttp_port = {port}\npoll_interval = 0.2\n"
    )
    with (home / "server.log").open("wb") as log:
        process = subprocess.Popen(
            [Path(sys.executable).with_name("scrapyd")],
            cwd=home, env={**without_proxy(), "http_proxy": server.url},
            stdout=log, stderr=subprocess.STDOUT,
        )  # fmt: skip
        try:
            url = f"http://127.0.0.1:{port}"
            wait_for(lambda: _ask(f"{url}/daemonstatus.json"), "the start of scrapyd")
            yield url
        finally:
            process.terminate()
            process.wait(20)


def _ask(url: str, **values: str) -> dict[str, Any] | None:
    data = "&".join(f"{key}={value}" for key, value in values.items()).encode() or None
    try:
        # Past any proxy of the machine's.
        with build_opener().open(Request(url, data), timeout=10) as answer:
            found: dict[str, Any] = json.load(answer)
    except URLError:
        return None
    return found


def test_scrapyd_deploy_schedule_list(
    scrapyd: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project, output = tmp_path / "project", tmp_path / "corpus"
    for path in tracked():
        if path.relative_to(ROOT).parts[0] in ("peoplesdaily", "pyproject.toml", "README.md",
                                               "LICENSE", "scrapy.cfg"):  # fmt: skip
            copy = project / path.relative_to(ROOT)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, copy)
    cfg = project / "scrapy.cfg"
    cfg.write_text(cfg.read_text().replace("http://127.0.0.1:6800", scrapyd))
    bin_ = Path(sys.executable).parent

    def client(*arguments: str) -> str:
        done = subprocess.run(
            [bin_ / arguments[0], *arguments[1:]], cwd=project, env=without_proxy(),
            capture_output=True, text=True, timeout=60,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    deployed = json.loads(client("scrapyd-deploy", "scrapyd"))
    assert deployed["status"] == "ok"
    assert deployed["spiders"] == len(scrapy("list").stdout.split())
    assert "peoplesdaily" in client("scrapyd-client", "projects", "-t", "scrapyd")
    settings = {**NO_PAUSES, "OUTPUT_DIR": str(output), "MY_TOKEN": "c4n4ry-9f31"}
    flags = [part for item in settings.items() for part in ("--arg", f"setting={'='.join(item)}")]

    def schedule(max_articles: int) -> None:
        client(
            "scrapyd-client", "schedule", "-t", "scrapyd", "-p", "peoplesdaily",
            *flags, "--arg", f"max_articles={max_articles}", "world",
        )  # fmt: skip

    def finished(number: int) -> Any:
        jobs = _ask(f"{scrapyd}/listjobs.json?project=peoplesdaily")
        return jobs and len(jobs["finished"]) == number and jobs["finished"]

    def logs() -> str:
        found = (tmp_path / "scrapyd" / "logs").rglob("*.log")
        return "\n".join(path.read_text(encoding="utf-8") for path in found)

    schedule(max_articles=2)

    (job,) = wait_for(lambda: finished(1), "the end of the job")
    assert job["spider"] == "world"
    assert len(finished_lines(output)) == 2, logs()
    schedule(max_articles=5)
    wait_for(lambda: finished(2), "the end of the second job")
    ids = [record["id"] for record in finished_lines(output)]
    assert len(ids) == len(set(ids)) == 7, logs()
    manifests = [json.loads(path.read_text()) for path in (output / "runs").glob("*.json")]
    assert [run["exit_code"] for run in manifests] == [0, 0], logs()
    assert "Traceback" not in logs()
    assert "c4n4ry" not in logs()


# --- pages --------------------------------------------------------------------------------------


@pytest.mark.parametrize("way", ["cron", "systemd", "container", "scrapyd"])
def test_each_way_has_a_page_with_numbered_steps(way: str) -> None:
    page = (ROOT / "docs" / f"deploy-{way}.md").read_text()
    steps = [int(number) for number in re.findall(r"^(\d+)\. ", page, re.MULTILINE)]

    assert steps == list(range(1, len(steps) + 1))
    assert len(steps) >= 4
    assert "report" in page
    for path in re.findall(r"deploy/[\w.-]*\w", page):
        assert (ROOT / path).exists(), path


def test_shell_commands_of_the_pages_parse() -> None:
    for page in (ROOT / "docs").glob("deploy-*.md"):
        for block in re.findall(r"^ *```\n(.*?)^ *```", page.read_text(), re.MULTILINE | re.DOTALL):
            done = subprocess.run(["/bin/sh", "-n"], input=block, text=True, capture_output=True)
            assert done.returncode == 0, f"{page.name}: {done.stderr}"
            assert shlex.split(block, comments=True)
