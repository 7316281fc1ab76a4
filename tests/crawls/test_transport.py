"""Crawls through a proxy that damages answers: none is believed, and all that can be is read."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from email.utils import formatdate
from pathlib import Path

import pytest
from helpers.crawls import CrawlCommand, scrapy
from helpers.fault_proxy import Asked, Exchange, FaultProxy, answer, faithful, mixture

from peoplesdaily.replica.content import Catalogue
from peoplesdaily.replica.server import Server

CUT_OFF = (
    *("truncated_gzip", "truncated_deflate", "truncated_raw_deflate", "no_length"),
    *("truncated_chunked", "short_length"),
)
ODD = (
    *("gzip", "deflate", "raw_deflate", "long_header", "many_headers", "non_ascii_headers"),
    *("doubled_length", "chunked_with_length"),
)


@pytest.fixture
def proxy(server: Server) -> Iterator[FaultProxy]:
    with FaultProxy(server.url) as running:
        yield running


def paths(catalogue: Catalogue, section: str = "opinions") -> list[str]:
    ids = dict.fromkeys(catalogue.lists(section))
    return [catalogue.story(id_).path for id_ in ids if id_ in catalogue.expected_ids(section)]


def test_cut_off_answers_are_failures_and_read_when_they_come_whole(
    crawl: CrawlCommand, proxy: FaultProxy, catalogue: Catalogue, tmp_path: Path
) -> None:
    faulty = dict(zip(paths(catalogue, "world"), CUT_OFF, strict=False))
    assert len(faulty) == len(CUT_OFF)
    proxy.rule = faulty
    first = crawl("world", proxy=proxy.url, RETRY_TIMES="1")

    expected = set(catalogue.expected_ids("world"))
    lost = {id_ for id_ in expected if catalogue.story(id_).path in faulty}
    assert {record["id"] for record in first.records} == expected - lost
    assert first.stat("peoplesdaily/articles/failed/cut_off") == len(CUT_OFF), first.log
    asked = [each.asked.path for each in proxy.log]
    assert {asked.count(path) for path in faulty} == {2}, "they are retried"
    assert "Traceback" not in first.log

    proxy.rule = {}
    # The first hour after a failure is over.
    with closing(sqlite3.connect(tmp_path / "output" / "index.sqlite")) as index, index:
        index.execute("UPDATE pending SET next_try = '2000'")
    second = crawl("world", proxy=proxy.url)
    assert second.code == 0, second.log
    assert {record["id"] for record in second.records} == expected


@pytest.mark.parametrize("fault", ["truncated_gzip", "no_length"])
def test_a_list_that_is_cut_off_is_not_read_and_leaves_no_validators(
    crawl: CrawlCommand, proxy: FaultProxy, catalogue: Catalogue, fault: str, tmp_path: Path
) -> None:
    proxy.rule = lambda asked: None if "robots" in asked.path else fault
    done = crawl("opinions", proxy=proxy.url, RETRY_TIMES="0")

    assert done.code == 69, done.log
    assert not done.files
    proxy.rule, proxy.log = {}, []
    done = crawl("opinions", proxy=proxy.url)
    assert {record["id"] for record in done.records} == set(catalogue.expected_ids("opinions"))
    asked = [each.asked.headers for each in proxy.log]
    assert not any({"if-none-match", "if-modified-since"} & set(headers) for headers in asked)


def test_odd_answers_are_read(crawl: CrawlCommand, proxy: FaultProxy, catalogue: Catalogue) -> None:
    proxy.rule = lambda asked: ODD[asked.number % len(ODD)]
    done = crawl("opinions", proxy=proxy.url)

    assert done.code == 0, done.log
    assert {record["id"] for record in done.records} == set(catalogue.expected_ids("opinions"))
    assert {each.fault for each in proxy.log} == set(ODD)
    assert "retry/count" not in done.log


def test_a_mixture_loses_nothing_to_patience(
    crawl: CrawlCommand, proxy: FaultProxy, catalogue: Catalogue
) -> None:
    proxy.rule = mixture({"truncated_gzip": 0.1, "no_length": 0.1, "reset": 0.1, "503": 0.1})
    done = crawl(
        "opinions", proxy=proxy.url, RETRY_TIMES="9", RETRY_BACKOFF_MAX="0.1", BREAKER_FAILURES="0"
    )

    assert done.code == 0, done.log
    assert {record["id"] for record in done.records} == set(catalogue.expected_ids("opinions"))


# --- Redirects ----------------------------------------------------------------------------------


def test_a_guard_gets_its_cookie_back_and_keeps_it_to_itself(
    crawl: CrawlCommand, proxy: FaultProxy, catalogue: Catalogue
) -> None:
    proxy.rule = lambda asked: "guard" if asked.path in paths(catalogue) else None
    done = crawl("opinions", proxy=proxy.url)

    assert {record["id"] for record in done.records} == set(catalogue.expected_ids("opinions"))
    for path in paths(catalogue):
        sent = [e.asked.headers.get("cookie") for e in proxy.log if e.asked.path == path]
        assert sent == [None, "guard=passed"], path
    others = [e.asked.headers for e in proxy.log if e.asked.path not in paths(catalogue)]
    assert not any("cookie" in headers for headers in others)


def counting_guard(exchange: Exchange) -> bytes:
    """A guard that is never satisfied."""
    url, number = exchange.asked.url, exchange.asked.tries
    return answer(b"", [("Location", url), ("Set-Cookie", f"try={number}")], 302)


def test_redirects_in_a_circle_fail(
    crawl: CrawlCommand, proxy: FaultProxy, catalogue: Catalogue
) -> None:
    loop, guard = paths(catalogue)[:2]
    proxy.rule = {loop: "loop", guard: counting_guard}
    done = crawl("opinions", proxy=proxy.url)

    assert done.stat("peoplesdaily/articles/failed/redirect_loop") == 2, done.log
    asked = [each.asked.path for each in proxy.log]
    assert (asked.count(loop), asked.count(guard)) == (1, 2)


# --- A site that is down ------------------------------------------------------------------------


@pytest.mark.parametrize("fault", ["reset", "closed", "silent"])
def test_a_site_that_goes_down_ends_the_run(
    crawl: CrawlCommand, proxy: FaultProxy, catalogue: Catalogue, fault: str
) -> None:
    stories = paths(catalogue)
    down = threading.Event()

    def rule(asked: Asked) -> str | None:
        if sum(e.asked.path in stories for e in proxy.log) >= 2:
            down.set()
        return fault if down.is_set() else None

    proxy.rule = rule
    started = time.monotonic()
    done = crawl("opinions", proxy=proxy.url, DOWNLOAD_TIMEOUT="2")

    assert "Spider closed (site_down)" in done.log, done.log
    assert done.code == 69
    assert time.monotonic() - started < 40
    assert "5 connection failures in a row" in done.log
    assert len([each for each in proxy.log if each.fault]) <= 7
    assert 0 < len(done.records) < len(stories)
    proxy.rule = {}
    done = crawl("opinions", proxy=proxy.url)
    assert done.code == 0
    assert {record["id"] for record in done.records} == set(catalogue.expected_ids("opinions"))


def test_pages_that_fail_among_others_end_nothing(
    crawl: CrawlCommand, proxy: FaultProxy, catalogue: Catalogue
) -> None:
    silent, reset = paths(catalogue)[:2]
    proxy.rule = {silent: "silent", reset: "reset"}
    done = crawl(
        "opinions",
        proxy=proxy.url,
        DOWNLOAD_TIMEOUT="0.5",
        RETRY_TIMES="3",
        RETRY_BACKOFF_MAX="0.1",
    )

    assert "Spider closed (finished)" in done.log, done.log
    assert done.stat("peoplesdaily/articles/failed/timeout") == 1
    assert done.stat("peoplesdaily/articles/failed/connection") == 1


def test_an_error_of_the_server_is_an_answer(crawl: CrawlCommand, proxy: FaultProxy) -> None:
    proxy.rule = lambda asked: ("reset", "reset", "503")[asked.number % 3]
    done = crawl(
        "opinions", proxy=proxy.url, RETRY_TIMES="9", RETRY_BACKOFF_MAX="0.1", BREAKER_FAILURES="3"
    )

    assert "Spider closed (finished)" in done.log, done.log


def test_doctor_says_an_unresolvable_name_once(tmp_path: Path) -> None:
    started = time.monotonic()
    done = scrapy(
        *("doctor", "-s", f"OUTPUT_DIR={tmp_path}", "-s", "RETRY_BACKOFF=0.05"),
        proxy="http://no-such-host.invalid:80",
    )

    assert done.returncode == 69, done.stdout
    assert done.stdout.count("does not resolve") == 1
    assert "section" not in done.stdout
    assert time.monotonic() - started < 30


# --- The clock ----------------------------------------------------------------------------------


def dated(seconds: float, *more: tuple[str, str]) -> object:
    def fault(exchange: Exchange) -> bytes:
        page = exchange.page
        headers = [(k, v) for k, v in page.headers if k != "Date"]
        headers += [("Date", formatdate(time.time() + seconds, usegmt=True)), *more]
        return faithful(
            Exchange(exchange.asked, exchange.proxy, page._replace(headers=tuple(headers)))
        )

    return fault


@pytest.mark.parametrize(
    ("seconds", "more", "offset"),
    [
        (-3600, (), 3600),
        (3600, (), -3600),
        (-500, (), None),
        (-3600, (("Age", "3600"),), None),
    ],
)
def test_a_clock_that_differs(
    crawl: CrawlCommand, proxy: FaultProxy, seconds: int, more: tuple[tuple[str, str]], offset: int
) -> None:
    proxy.rule = lambda asked: dated(seconds, *more)  # type: ignore[arg-type,return-value]
    done = crawl("opinions", "-a", "max_articles=1", proxy=proxy.url)

    assert done.log.count("WARNING: This machine's clock is") == bool(offset), done.log
    if offset:
        assert abs(done.stat("peoplesdaily/clock_offset") - offset) < 60
        assert f"{'ahead of' if offset > 0 else 'behind'} the site's" in done.log
