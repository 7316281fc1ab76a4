"""Commands as a user calls them, in processes of their own."""

from __future__ import annotations

import json
import os
import pty
import re
import signal
import subprocess
import sys
import termios
import urllib.request
from pathlib import Path

import pytest
from helpers.crawls import NO_PAUSES, ROOT, CrawlCommand, scrapy

from peoplesdaily.replica.server import Server
from peoplesdaily.schemas import records


def test_the_schema_command_prints_the_schema() -> None:
    assert json.loads(scrapy("schema").stdout) == records.record_schema()


@pytest.mark.crawl
def test_the_replica_prints_the_line_to_copy_and_it_works(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "scrapy", "replica", "--articles", "40", "--quiet"],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        line = process.stdout.readline().strip()
        assert re.fullmatch(r"http_proxy=http://127\.0\.0\.1:\d+ scrapy crawl world", line)
        assert "replica" in process.stdout.readline().lower()
        proxy = line.split()[0].partition("=")[2]
        with urllib.request.urlopen(f"{proxy}/90777/index.html") as page:
            assert b"foreign_list8" in page.read()
        settings = [f"-s{name}={value}" for name, value in NO_PAUSES.items()]
        done = scrapy("crawl", "world", f"-sOUTPUT_DIR={tmp_path}", *settings, proxy=proxy)
        assert done.returncode == 0, done.stderr
        assert list((tmp_path / "world").glob("*.jsonl"))
    finally:
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=20)
    assert process.returncode == 0
    assert "Traceback" not in errors


@pytest.mark.parametrize(
    "arguments", [("--articles", "none"), ("--port", "99999"), ("--today", "tomorrow")]
)
def test_the_replica_refuses_bad_options(arguments: tuple[str, str]) -> None:
    done = scrapy("replica", *arguments)

    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_in_cron_the_log_has_plain_lines(crawl: CrawlCommand) -> None:
    done = crawl("world", "-a", "max_articles=6", LOGSTATS_INTERVAL="0.5", DOWNLOAD_DELAY="0.2")

    assert re.search(
        r"world: \d+ articles, \d+ pages, \d+ queued, \d+ pages/min, 0 errors", done.log
    )
    assert "\r" not in done.log
    assert "\x1b" not in done.log
    assert done.summary.partition("INFO: ")[2].startswith("world: 6 new, 0 duplicates")


def test_on_a_terminal_a_live_line_shows_progress(server: Server, tmp_path: Path) -> None:
    terminal, screen = pty.openpty()
    termios.tcsetwinsize(screen, (24, 100))
    process = subprocess.Popen(
        [
            sys.executable, "-m", "scrapy", "crawl", "world", "-a", "max_articles=6",
            f"-sOUTPUT_DIR={tmp_path}", "-sDOWNLOAD_DELAY=0.3", "-sAUTOTHROTTLE_ENABLED=0",
        ],
        cwd=ROOT, stdout=screen, stderr=screen, env={**os.environ, "http_proxy": server.url},
    )  # fmt: skip
    os.close(screen)
    shown = b""
    while True:
        try:
            part = os.read(terminal, 65536)
        except OSError:
            break  # the other end is closed
        if not part:
            break
        shown += part
    os.close(terminal)
    assert process.wait(30) == 0

    text = shown.decode()
    assert re.search(r"\rworld: [1-6] articles, \d+ pages, \d+ queued, .* errors, 00:0\d", text)
    # Log lines stand on lines of their own, and the summary is the last.
    assert " DEBUG: " not in text
    assert "6 new" in text.rstrip().splitlines()[-1]
