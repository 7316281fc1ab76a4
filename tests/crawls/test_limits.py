"""Limits of a run: hours, requests, time, memory. Each ends it cleanly, seen from the server."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time as clock
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, time, timedelta
from pathlib import Path

import pytest
from helpers.crawls import ROOT, Crawl, CrawlCommand, read_lines
from hypothesis import given
from hypothesis import strategies as st

from peoplesdaily.extensions.limits import Hours, SettingError, next_start
from peoplesdaily.middlewares.budget import DayCount
from peoplesdaily.parsers.fields.dates import BEIJING
from peoplesdaily.replica.server import Server
from peoplesdaily.replica.site import Reply, Request, Site
from peoplesdaily.runs.exit_codes import LIMIT

MOMENTS = st.times().map(lambda t: t.replace(microsecond=0))


def ended_with(done: Crawl, reason: str) -> bool:
    return f"Spider closed ({reason})" in done.log


def hours(start: datetime, end: datetime) -> str:
    return f"{start:%H:%M:%S}-{end:%H:%M:%S}"


# --- Hours of the day ---------------------------------------------------------------------------


def test_outside_the_window_nothing_is_fetched(crawl: CrawlCommand, server: Server) -> None:
    now = datetime.now(BEIJING)
    window = hours(now + timedelta(hours=2), now + timedelta(hours=3))
    done = crawl("world", CRAWL_WINDOWS=window)

    assert not server.log
    assert done.code == 0, "it is what was asked for"
    assert ended_with(done, "outside_window"), done.log
    assert f"the next one opens at {now + timedelta(hours=2):%H:%M}" in done.log
    assert not done.files
    assert "Traceback" not in done.log


def test_the_zone_of_the_window_is_a_setting(crawl: CrawlCommand, server: Server) -> None:
    now = datetime.now(BEIJING)
    window = hours(now - timedelta(hours=1), now + timedelta(hours=1))
    # Tokyo is an hour ahead of Beijing all year, Kolkata two and a half behind.
    done = crawl("world", CRAWL_WINDOWS=window, CRAWL_ZONE="Asia/Kolkata")

    assert not server.log
    assert ended_with(done, "outside_window")
    assert "in Asia/Kolkata" in done.log


def test_a_run_ends_when_its_window_closes(crawl: CrawlCommand, server: Server, site: Site) -> None:
    now = datetime.now(BEIJING)
    closes = now + timedelta(seconds=7)
    done = crawl("world", CRAWL_WINDOWS=hours(now - timedelta(hours=1), closes), DOWNLOAD_DELAY="1")

    assert ended_with(done, "outside_window"), done.log
    assert "CRAWL_WINDOWS" in done.log
    assert 0 < len(done.records) < len(site.catalogue.expected_ids("world"))
    assert (datetime.now(BEIJING) - closes).total_seconds() < 20


@given(start=MOMENTS, end=MOMENTS, moment=MOMENTS)
def test_a_window_and_its_complement_make_the_day(start: time, end: time, moment: time) -> None:
    if start == end:
        return
    one, other = Hours.parse(f"{start}-{end}"), Hours.parse(f"{end}-{start}")

    assert one.cover(moment) != other.cover(moment)
    assert one.cover(start) and not one.cover(end)
    assert Hours.parse("00:00-24:00").cover(moment)


@given(starts=st.lists(MOMENTS, min_size=1), moment=MOMENTS)
def test_the_next_window_is_the_one_that_is_waited_for_least(
    starts: list[time], moment: time
) -> None:
    windows = [Hours(start, time(0)) for start in starts]
    later = [start for start in starts if start >= moment]

    assert next_start(windows, moment) == min(later or starts)


@pytest.mark.parametrize(
    "text", ["22-6", "22:00", "25:00-06:00", "06:00-06:00", "22:00-06:60", "night", "24:00-01:00"]
)
def test_what_is_no_window(text: str) -> None:
    with pytest.raises(SettingError, match="CRAWL_WINDOWS: "):
        Hours.parse(text)


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"CRAWL_WINDOWS": "night"}, "CRAWL_WINDOWS: 'night' is no window"),
        ({"CRAWL_WINDOWS": "00:00-24:00", "CRAWL_ZONE": "Moon"}, "no time zone 'Moon'"),
        ({"REQUEST_BUDGET": "many"}, "REQUEST_BUDGET: 'many' is no number"),
        ({"REQUEST_BUDGET_DAILY": "-1"}, "REQUEST_BUDGET_DAILY: '-1' is no number"),
    ],
)
def test_settings_that_cannot_be_used_fetch_nothing(
    crawl: CrawlCommand, server: Server, settings: dict[str, str], sentence: str
) -> None:
    done = crawl("world", **settings)

    assert done.code != 0
    assert sentence in done.log
    assert not server.log
    assert "Traceback" not in done.log


# --- A number of requests -----------------------------------------------------------------------


def test_a_run_keeps_to_its_budget(crawl: CrawlCommand, server: Server, site: Site) -> None:
    """Robots, redirects and retries count as much as pages."""
    met: dict[str, int] = {}

    def answer(request: Request) -> Reply:
        """The first story is redirected, the second one never comes."""
        path, _, query = request.target.partition("?")
        number = met.setdefault(path, len(met))
        if number == 0 and not query:
            return Reply(302, {"Location": f"{path}?again"})
        return Reply(500) if number == 1 else site.answer(request)

    for id_ in site.catalogue.expected_ids("world"):
        site.overrides[site.catalogue.story(id_).path] = answer
    done = crawl("world", "-a", "pages=1", REQUEST_BUDGET="9", RETRY_TIMES="2")

    assert len(server.log) == 9
    assert {302, 500} <= {hit.status for hit in server.log}
    assert ended_with(done, "budget"), done.log
    assert done.code == 0, "it is what was asked for"
    assert "REQUEST_BUDGET of 9 requests is used up" in done.log
    assert done.records
    assert "Traceback" not in done.log


@pytest.mark.parametrize("budget", ["1", "2"])
def test_a_budget_for_no_article_is_kept_and_no_failure(
    crawl: CrawlCommand, server: Server, budget: str
) -> None:
    done = crawl("world", REQUEST_BUDGET=budget)

    assert len(server.log) == int(budget)
    assert ended_with(done, "budget"), done.log
    assert done.code == 0, done.log
    assert not done.files


def test_a_run_that_needs_all_of_its_budget_is_finished(
    crawl: CrawlCommand, server: Server, tmp_path: Path
) -> None:
    crawl("world", "-a", "max_articles=3", "-a", "pages=1")
    needed = len(server.log)
    done = crawl(
        "world", "-a", "max_articles=3", "-a", "pages=1",
        REQUEST_BUDGET=str(needed), OUTPUT_DIR=str(tmp_path / "another"),
    )  # fmt: skip

    assert ended_with(done, "finished"), done.log
    assert len(server.log) == 2 * needed


def test_runs_share_the_budget_of_the_day(crawl: CrawlCommand, server: Server) -> None:
    sections = ("world", "business", "china", "opinions")
    with ThreadPoolExecutor(len(sections)) as pool:
        runs = list(pool.map(lambda name: crawl(name, REQUEST_BUDGET_DAILY="30"), sections))

    assert len(server.log) == 30
    assert any(run.records for run in runs)
    # A small section may need less than its share.
    assert any(ended_with(run, "budget") for run in runs), [run.log for run in runs]
    assert not any("locked" in run.log or "Traceback" in run.log for run in runs)
    asked = len(server.log)
    late = crawl("world", REQUEST_BUDGET_DAILY="30")
    assert len(server.log) == asked
    assert "Nothing is fetched: REQUEST_BUDGET_DAILY of 30 requests is used up for" in late.log


def test_a_killed_run_has_counted(crawl: CrawlCommand, server: Server, tmp_path: Path) -> None:
    def kill(process: subprocess.Popen[bytes]) -> None:
        wait_for(lambda: len(server.log) >= 6)
        process.send_signal(signal.SIGKILL)

    run_until(server, tmp_path / "output", kill, "REQUEST_BUDGET_DAILY=14", "DOWNLOAD_DELAY=0.1")
    before = len(server.log)
    done = crawl("world", REQUEST_BUDGET_DAILY="14")

    assert ended_with(done, "budget")
    # What was counted and killed before it left is lost, never the other way round.
    assert before <= len(server.log) <= 14
    assert len(server.log) >= 13


def test_a_count_that_cannot_be_kept_fetches_nothing(
    crawl: CrawlCommand, server: Server, tmp_path: Path
) -> None:
    damaged = tmp_path / "output" / ".state" / "requests.sqlite"
    damaged.parent.mkdir(parents=True)
    damaged.write_bytes(b"no database, " * 100)
    done = crawl("world", REQUEST_BUDGET_DAILY="25")

    assert done.code != 0
    assert not server.log
    assert f"cannot be counted in {damaged}" in done.log
    assert "Traceback" not in done.log


def test_many_processes_count_exactly(tmp_path: Path) -> None:
    path = tmp_path / "requests.sqlite"
    code = (
        "import sys; from pathlib import Path;"
        "from peoplesdaily.middlewares.budget import DayCount;"
        "count = DayCount(Path(sys.argv[1]));"
        "print(sum(count.take('2026-11-23', 100) for _ in range(40)))"
    )
    processes = [
        subprocess.Popen([sys.executable, "-c", code, path], cwd=ROOT, stdout=subprocess.PIPE)
        for _ in range(4)
    ]
    taken = [int(process.communicate(timeout=60)[0]) for process in processes]

    assert sum(taken) == 100
    assert DayCount(path).of("2026-11-23") == 100
    assert DayCount(path).of("2026-11-24") == 0


def test_a_count_waits_for_another_process(tmp_path: Path) -> None:
    path = tmp_path / "requests.sqlite"
    count = DayCount(path)
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN EXCLUSIVE")
    with ThreadPoolExecutor(1) as pool:
        taken = pool.submit(count.take, "2026-11-23", 1)
        other.execute("INSERT INTO requests VALUES ('2026-11-22', 7)")
        other.execute("COMMIT")
        other.close()

        assert taken.result(30)
    assert not count.take("2026-11-23", 1)


# --- Time and memory ----------------------------------------------------------------------------


def test_a_run_whose_time_is_over_ends_in_the_middle_of_a_slow_answer(
    crawl: CrawlCommand, server: Server, site: Site
) -> None:
    slow_from(server, site, number=3)
    started = clock.monotonic()
    done = crawl("world", CLOSESPIDER_TIMEOUT="3")

    assert ended_with(done, "closespider_timeout"), done.log
    assert clock.monotonic() - started < 20, "it waits for DOWNLOAD_TIMEOUT"
    assert done.code == LIMIT.code and "CLOSESPIDER_TIMEOUT ended the run" in done.log
    assert 0 < len(done.records) < 3
    assert "Traceback" not in done.log


def test_a_run_ends_although_the_site_asks_for_minutes_between_two_requests(
    crawl: CrawlCommand, site: Site
) -> None:
    site.overrides["/robots.txt"] = Reply(200, {}, b"User-agent: *\nCrawl-delay: 120\n")
    started = clock.monotonic()
    done = crawl("world", CLOSESPIDER_TIMEOUT="2")

    assert ended_with(done, "closespider_timeout"), done.log
    assert clock.monotonic() - started < 20


def test_a_run_ends_while_it_waits_as_long_as_the_site_asked(
    crawl: CrawlCommand, site: Site
) -> None:
    site.overrides["/90777/index.html"] = Reply(503, {"Retry-After": "300"})
    started = clock.monotonic()
    done = crawl("world", CLOSESPIDER_TIMEOUT="2")

    assert ended_with(done, "closespider_timeout"), done.log
    assert clock.monotonic() - started < 20


def test_a_run_that_takes_too_much_memory_ends(
    crawl: CrawlCommand, site: Site, server: Server
) -> None:
    # The list is answered late, so that the first look at the memory comes in time.
    done = crawl(
        "world", MEMUSAGE_LIMIT_MB="20", MEMUSAGE_CHECK_INTERVAL_SECONDS="1", DOWNLOAD_DELAY="0.2"
    )

    assert ended_with(done, "memusage_exceeded"), done.log
    assert len(server.log) < len(site.catalogue.expected_ids("world"))
    assert "Traceback" not in done.log


def test_a_run_is_stopped_from_outside_in_less_than_ten_seconds(
    server: Server, site: Site, tmp_path: Path
) -> None:
    """As ``docker stop`` and systemd do it: one SIGTERM, and after ten seconds the end."""
    slow_from(server, site, number=4)

    def stop(process: subprocess.Popen[bytes]) -> None:
        wait_for(lambda: server.latency > 0)
        process.terminate()
        process.wait(10)

    run_until(server, tmp_path, stop)
    (path,) = tmp_path.rglob("*.jsonl")
    assert 0 < len(read_lines(path)) < 4


def slow_from(server: Server, site: Site, number: int) -> None:
    """From the ``number``-th story of a section on, the server takes a minute to answer."""
    answered: list[str] = []

    def answer(request: Request) -> Reply:
        answered.append(request.target)
        if len(answered) == number - 1:
            server.latency = 60
        return site.answer(request)

    for id_ in site.catalogue.expected_ids("world"):
        site.overrides[site.catalogue.story(id_).path] = answer


def run_until(
    server: Server, output: Path, end: Callable[[subprocess.Popen[bytes]], None], *settings: str
) -> None:
    """Start a crawl of a section and end it from outside."""
    flags = [f"-s{setting}" for setting in (*settings, "AUTOTHROTTLE_ENABLED=0")]
    if not any(setting.startswith("DOWNLOAD_DELAY") for setting in settings):
        flags.append("-sDOWNLOAD_DELAY=0")
    process = subprocess.Popen(
        [sys.executable, "-m", "scrapy", "crawl", "world", f"-sOUTPUT_DIR={output}", *flags],
        cwd=ROOT, env={**os.environ, "http_proxy": server.url},
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        end(process)
    finally:
        process.kill()
        process.wait(10)


def wait_for(happened: Callable[[], bool]) -> None:
    for _ in range(600):
        if happened():
            return
        clock.sleep(0.05)
    raise AssertionError("it did not happen within 30 seconds")
