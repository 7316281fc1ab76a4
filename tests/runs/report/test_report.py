"""The report: what it says about a past that is known, and that nothing in it can hurt the page."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import lxml.html
import pytest
from helpers import fake_history as invented
from helpers.crawls import CrawlCommand, read_lines, scrapy
from hypothesis import given, settings
from hypothesis import strategies as st

from peoplesdaily.runs import report
from peoplesdaily.runs.manifest import (
    Articles,
    Check,
    Coverage,
    Failure,
    Manifest,
    Requests,
    Section,
)
from peoplesdaily.runs.report.state import span
from peoplesdaily.site.sections import SECTIONS
from peoplesdaily.storage.index.reconcile import run_lock
from peoplesdaily.storage.locks import Lock

NOW = datetime(2026, 11, 25, 3, 50, tzinfo=UTC)  # 11:50 in Beijing
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


class Page:
    """A report as a reader has it."""

    def __init__(self, output: Path, days: int = 60, now: datetime = NOW) -> None:
        self.html = report.make(output, now, days)
        self.tree = lxml.html.document_fromstring(self.html)

    def text(self, path: str) -> str:
        (found,) = self.tree.xpath(path)
        return " ".join(found.text_content().split())

    @property
    def headline(self) -> str:
        return self.text("//p[contains(@class, 'headline')]")

    @property
    def findings(self) -> list[str]:
        return [" ".join(li.text_content().split())
                for li in self.tree.xpath("//*[@class='findings']/li")]  # fmt: skip

    def section(self, name: str) -> str:
        return self.text(f"//section[@id='{name}']")

    def table(self, path: str) -> list[dict[str, str]]:
        """The rows of a table, by its headings."""
        (table,) = self.tree.xpath(path)
        heads = [" ".join(th.text_content().split()) for th in table.xpath("thead//th")]
        rows = [[" ".join(c.text_content().split()) for c in tr.xpath("th|td")]
                for tr in table.xpath("tbody/tr")]  # fmt: skip
        return [dict(zip(heads, row, strict=True)) for row in rows if len(row) == len(heads)]

    def day(self, label: str, column: str) -> str:
        """A cell of the calendar."""
        tables = self.tree.xpath("//table[@class='calendar']")
        rows = [r for n, _ in enumerate(tables, 1)
                for r in self.table(f"(//table[@class='calendar'])[{n}]")]  # fmt: skip
        (row,) = [row for row in rows if row["Day"] == label]
        return row[column]


def failed(at: datetime, spider: str = "world", **more: Any) -> Manifest:
    changes = {
        "exit_code": 76, "outcome": "redesign", "problems": ("the list is not recognised",),
        "articles": Articles(), "by_section": {}, "fields": {}, **more,
    }  # fmt: skip
    return replace(invented.run(at, spider=spider), **changes)


def begun(at: datetime, spider: str = "world") -> Manifest:
    return Manifest.begin(command="crawl", spider=spider, at=at, pid=7, sections=(spider,))


@pytest.fixture
def alive(tmp_path: Path) -> Iterator[Callable[[Manifest], Manifest]]:
    """Hold the lock that a run holds while it lives."""
    with contextlib.ExitStack() as held:

        def hold(manifest: Manifest) -> Manifest:
            lock = Lock(run_lock(tmp_path, manifest.run))
            lock.acquire({})
            held.callback(lock.release)
            return manifest

        yield hold


def hourly(back: int, until: datetime, spider: str = "world") -> list[Manifest]:
    return [invented.run(until - n * HOUR, spider=spider, pid=n + 1) for n in range(back)]


def test_before_the_first_run(tmp_path: Path) -> None:
    page = Page(tmp_path)

    assert page.headline == "Nothing has run yet"
    assert page.findings == []
    assert "scrapy crawl world" in page.text("//header")
    assert "Never run: Opinions" in page.section("sections")
    assert "There is no index" in page.section("sections")
    assert not page.tree.xpath("//figure")


def test_one_run_without_an_index(tmp_path: Path) -> None:
    invented.put(tmp_path, [invented.run(NOW - 20 * timedelta(minutes=1), new=3)])

    page = Page(tmp_path)

    assert page.headline == "All is well: the last run of World was whole"
    (row,) = page.table("//section[@id='sections']/table")
    assert row == {"Section": "World", "Last run": "✓ ok, 20 min ago", "New": "3",
                   "Age of the newest": "2 h"}  # fmt: skip
    assert page.day("Wed 25", "World") == "3"
    assert "no index to count in" in page.section("calendar")
    (run,) = page.table("//section[@id='runs']/table")
    assert run["Outcome"] == "✓ ok"
    assert (run["Exit code"], run["New"], run["Took"]) == ("0", "3", "40 s")


def test_the_calendar_tells_gaps_apart(tmp_path: Path) -> None:
    """No article although it ran, no run, only failed runs: three signs, and words for each."""
    begin = NOW - 9 * DAY
    runs = [invented.run(NOW - n * DAY - HOUR, pid=n) for n in range(10) if n not in (3, 4, 5)]
    invented.put(tmp_path, [*runs, failed(NOW - 5 * DAY), invented.run(begin, spider="china")])
    with closing(invented.opened(tmp_path)) as index:
        for key, (back, *sections) in enumerate(
            [(1, "world"), (1, "world", "china"), (1, "china"), (4, "world"), (6, "china")]
        ):
            invented.store(index, str(key), *sections, on=f"{NOW - back * DAY:%Y-%m-%d}")

    page = Page(tmp_path)

    assert [page.day(day, "World") for day in ("Tue 24", "Mon 23", "Sun 22", "Sat 21", "Fri 20")] \
        == ["2", "0", "–", "1", "×"]  # fmt: skip
    assert page.day("Tue 24", "China") == "2"
    assert page.day("Tue 24", "all") == "3", "a story in two sections counts once"
    assert page.day("Mon 23", "China") == "–"
    legend = page.text("//*[@class='legend']")
    for words in ("ran, no article", "only failed runs, no article", "no run, no article"):
        assert words in legend
    # Gaps differ in sign and style, not in colour alone.
    kinds = {td.get("class"): td.text_content() for td in page.tree.xpath("//table//td[@class]")}
    assert {"zero": "0", "idle": "–", "failed": "×"}.items() <= kinds.items()


def test_days_before_the_beginning_are_no_gaps(tmp_path: Path) -> None:
    invented.put(tmp_path, hourly(3, NOW - HOUR))
    young = Page(tmp_path)
    assert young.day("Tue 24", "World") == ""
    assert "Nothing ran" not in young.section("calendar")

    invented.put(tmp_path, [invented.run(NOW - 90 * DAY)])
    old = Page(tmp_path)
    assert old.day("Tue 24", "World") == "–"
    assert "Nothing ran and nothing came out on 59 days" in old.section("calendar")
    assert "No run in the last 60 days: Opinions" in old.section("sections")


def test_sums_are_those_of_the_manifests(tmp_path: Path) -> None:
    past = list(invented.past(NOW, 40, every=timedelta(hours=6)))
    invented.put(tmp_path, past)

    page = Page(tmp_path, days=60)

    rows = page.table("//section[@id='volume']//table")
    new = sum(manifest.articles.new for manifest in past)
    assert sum(int(row["New"].replace(",", "")) for row in rows) == new > 100
    assert sum(int(row["Runs"].replace(",", "")) for row in rows) == len(past)
    killed = sum(manifest.state == "killed" for manifest in past)
    bad = sum(manifest.exit_code not in (0, None) for manifest in past) + killed
    assert sum(int(row["Failed or killed"]) for row in rows) == bad > 0
    outage = [row for row in rows if row["Runs"] == "0"]
    assert outage, "two days without a run are in the table"
    assert f"{new:,} articles in all" in page.section("volume")


def test_the_window_leaves_older_runs_out(tmp_path: Path) -> None:
    invented.put(tmp_path, hourly(24 * 20, NOW - HOUR))

    # Five days in Beijing: today's eleven hours and four whole days.
    assert "107 runs in 5 days" in Page(tmp_path, days=5).section("sections")
    assert "11 runs in 1 day" in Page(tmp_path, days=1).section("sections")


@pytest.mark.parametrize(
    ("every", "silent", "finding"),
    [
        (1, 2.9, None),
        (1, 3.5, "Nothing has run for 4 h"),
        (24, 30, None),
        (24, 40, "Nothing has run for 40 h"),
        (6, 8, None),
        (6, 10, "Nothing has run for 10 h"),
    ],
)
def test_silence_is_a_finding(
    every: float, silent: float, finding: str | None, tmp_path: Path
) -> None:
    last = NOW - silent * HOUR
    invented.put(tmp_path, [invented.run(last - n * every * HOUR, pid=n) for n in range(10)])

    page = Page(tmp_path)

    assert page.findings == ([] if finding is None else [finding])
    assert page.headline.startswith("All is well" if finding is None else "1 thing needs a look")


def test_one_silent_section_is_named(tmp_path: Path) -> None:
    invented.put(tmp_path, hourly(9, NOW - HOUR, "china") + hourly(9, NOW - 7 * HOUR, "world"))

    page = Page(tmp_path)

    assert page.findings == ["World has not run for 7 h; it usually runs every 60 min"]
    assert "✗ ok, but silent since, 7 h ago" in page.section("sections")


def test_what_failed_is_said_first(tmp_path: Path) -> None:
    check = Check(monitor="volume", section="world", passed=False, figure=0, usual=14,
                  message="World: 0 new articles, usually 14")  # fmt: skip
    bare = Check(monitor="duration", section="world", passed=False)
    fine = replace(check, passed=True, message="nobody should read this")
    invented.put(
        tmp_path,
        [
            *hourly(5, NOW - 2 * HOUR),
            failed(NOW - HOUR, monitors=(check, bare, fine)),
            *hourly(5, NOW - HOUR, "china"),
            begun(NOW - HOUR / 2, "business").kill(),
        ],
    )

    page = Page(tmp_path)

    assert page.headline == "4 things need a look"
    assert page.findings == [
        "World: the last run failed: redesign (exit code 76), 60 min ago: "
        "the list is not recognised",
        "World: 0 new articles, usually 14",
        "World: the monitor duration is not content",
        "Business: the last run was killed, 30 min ago: the run died before its end: "
        "it was killed, the machine went down, or there was no room for this file",
    ]
    assert "nobody should read this" not in page.html
    assert "1 killed (last: business, 30 min ago)" in page.section("sections")
    outcomes = {row["Outcome"] for row in page.table("//section[@id='runs']/table")}
    assert outcomes == {"✓ ok", "✗ redesign", "✗ killed"}


def test_a_failure_that_was_made_good_is_no_finding(tmp_path: Path) -> None:
    invented.put(tmp_path, [failed(NOW - 2 * HOUR), invented.run(NOW - HOUR)])

    assert Page(tmp_path).findings == []


def test_running_is_neither_good_nor_bad(
    alive: Callable[[Manifest], Manifest], tmp_path: Path
) -> None:
    running = alive(begun(NOW - timedelta(minutes=2)))
    invented.put(tmp_path, [*hourly(5, NOW - HOUR), running])
    page = Page(tmp_path)
    assert page.findings == []
    assert "… running; the run before was ok, 2 min ago" in page.section("sections")

    slow = [alive(begun(NOW - 8 * HOUR, "china")), alive(begun(NOW - 70 * HOUR, "archive"))]
    invented.put(tmp_path, slow)
    assert [f for f in Page(tmp_path).findings if "running" in f] == [
        "china: a run that began 8 h ago is still running"
    ]


def test_a_run_that_died_is_not_taken_for_running(tmp_path: Path) -> None:
    dead = begun(NOW - timedelta(minutes=2))
    invented.put(tmp_path, [*hourly(5, NOW - HOUR), dead])
    manifest = tmp_path / "runs" / f"{dead.run}.json"
    before = manifest.read_bytes()

    page = Page(tmp_path)

    (finding,) = page.findings
    assert finding.startswith("World: the last run was killed, 2 min ago")
    assert "✗ killed, 2 min ago" in page.section("sections")
    assert manifest.read_bytes() == before


def test_a_run_that_gave_way_says_nothing_of_its_section(tmp_path: Path) -> None:
    held = failed(NOW - HOUR / 4, exit_code=75, outcome="held", problems=("another run holds it",))
    invented.put(tmp_path, [*hourly(5, NOW - HOUR), held])

    page = Page(tmp_path)

    assert page.findings == []
    assert "✓ ok, 60 min ago" in page.section("sections")
    assert page.table("//section[@id='runs']/table")[0]["Outcome"] == "… held"


def test_a_run_for_a_file_of_its_own_is_no_part_of_the_past(tmp_path: Path) -> None:
    own = replace(invented.run(NOW - HOUR / 2, new=500), incremental=False, exit_code=66)
    invented.put(tmp_path, [*hourly(5, NOW - HOUR), own])

    page = Page(tmp_path)

    assert page.findings == []
    assert "5 runs in 60 days" in page.section("sections")
    assert "1 more run wrote a file of its own and is left out" in page.section("sections")
    assert "15 articles in all" in page.section("volume")


def test_a_monitor_is_quoted_once(tmp_path: Path) -> None:
    words = "World: 0 new articles, usually 14"
    check = Check(monitor="volume", section="world", passed=False, message=words)
    invented.put(
        tmp_path,
        [failed(NOW - HOUR, exit_code=79, outcome="monitor", problems=(words,), monitors=(check,))],
    )

    page = Page(tmp_path)

    assert page.findings == [words]
    assert "✗ failed: monitor (exit code 79), 60 min ago" in page.section("sections")
    assert page.day("Wed 25", "World") == "0", "it ran, and found nothing"


def test_a_clock_that_was_wrong(tmp_path: Path) -> None:
    back = replace(invented.run(NOW - HOUR), finished_at="2026-11-25T01:00:00Z")
    invented.put(tmp_path, [back, invented.run(NOW + 400 * DAY, spider="china")])

    page = Page(tmp_path)

    assert [f.partition(":")[0] for f in page.findings] == [
        "1 run starts in the future", "1 run ends before the start",
    ]  # fmt: skip
    assert "400 days ahead of the clock" in page.section("sections")


def test_files_that_are_no_manifests_are_named(tmp_path: Path) -> None:
    invented.put(tmp_path, hourly(3, NOW - HOUR))
    for number in range(30):
        (tmp_path / "runs" / f"<b>{number}.json").write_text("{" * number)

    page = Page(tmp_path)

    assert page.findings == ["30 files among the run manifests cannot be read"]
    assert "<b>0.json: it is no JSON" in page.section("sections")
    assert "The first 20 are named" in page.section("sections")
    assert "3 runs" in page.section("sections")


def test_coverage_failures_and_duplicates(tmp_path: Path) -> None:
    first = replace(
        invented.run(NOW - HOUR, new=0),
        fields={"2021": Coverage(articles=200, covered={"source": 199, "body": 200, "authors": 1})},
        duplicates_by_source={"Xinhua": 4, "": 1},
        requests=Requests(total=9, by_status={"200": 5, "404": 3}, failed={"timeout": 1}),
        failures=tuple(Failure(url=f"http://en.people.cn/{n}", kind="404", reason="it is gone")
                       for n in range(5)),
    )  # fmt: skip
    second = replace(
        invented.run(NOW - 2 * HOUR, new=0),
        fields={"generic": Coverage(articles=2, covered={"body": 2})},
        duplicates_by_source={"Xinhua": 2},
    )
    invented.put(tmp_path, [first, second])

    page = Page(tmp_path)

    rows = {row["Field"]: row for row in page.table("//section[@id='coverage']//table")}
    assert rows["source"] == {
        "Field": "source", "2021200 records": "99 %", "generic2 records": "0 %",
    }  # fmt: skip
    assert rows["body"]["2021200 records"] == rows["body"]["generic2 records"] == "100 %"
    assert rows["authors"]["2021200 records"] == "1 %", "one in 200 is not none"
    assert page.table("//section[@id='duplicates']//table") == [
        {"Source": "Xinhua", "Stories": "6"}, {"Source": "no source", "Stories": "1"},
    ]  # fmt: skip
    failures = page.section("failures")
    assert "404: 3 requests" in failures
    assert "timeout: 1 request" in failures
    assert failures.count("it is gone") == 3
    assert "200: 8, 304: 1, 404: 3." in failures


def test_owed_stories(tmp_path: Path) -> None:
    invented.put(tmp_path, hourly(3, NOW - HOUR))
    invented.index(tmp_path, NOW, 3, pending=30)
    with closing(invented.opened(tmp_path)) as index:
        invented.owe(index, "old", NOW - 40 * DAY, kind="outside_window")
        invented.owe(index, "new", NOW - 7 * DAY, kind="listed", reason=None)

    page = Page(tmp_path)

    assert "31 stories are still to be fetched" in page.section("pending")
    rows = page.table("//section[@id='pending']/table")
    assert len(rows) == 20
    assert rows[0]["Why"] == "not tried yet"
    assert (rows[0]["Next try"], rows[1]["Since"], rows[1]["Next try"]) == (
        "next run",
        "6 days ago",
        "in 21 h",
    )
    assert page.findings == ["31 stories are pending, the oldest for 7 days"]


def test_freshness_does_not_believe_dates_to_come(tmp_path: Path) -> None:
    invented.put(tmp_path, hourly(3, NOW - HOUR))
    with closing(invented.opened(tmp_path)) as index:
        invented.store(index, "1", "world", on="2026-11-25", at="2026-11-25T09:50:00+08:00")
        invented.store(index, "2", "world", on="2099-01-01", at="2099-01-01T00:00:00+08:00")
        invented.store(index, "3", "world", "china", on="2026-11-24")

    rows = {r["Section"]: r for r in Page(tmp_path).table("//section[@id='freshness']//table")}

    assert rows["World"]["Age"] == "2 h"
    assert rows["China"]["Newest article"] == "2026-11-24 00:00"
    assert "Business" not in rows


def no_index(path: Path) -> None:
    path.write_bytes(b"SQLite format 3\x00 and then nothing of the kind" * 100)


def folder(path: Path) -> None:
    path.mkdir()


def other_tables(path: Path) -> None:
    with closing(sqlite3.connect(path)) as index, index:
        index.execute("CREATE TABLE notes (text)")


def other_columns(path: Path) -> None:
    with closing(sqlite3.connect(path)) as index, index:
        index.executescript("CREATE TABLE articles (id, published_on); CREATE TABLE pending (x);")
        index.execute("INSERT INTO articles VALUES ('1', '2026-11-24')")


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (no_index, "cannot be read"),
        (folder, "There is no index"),
        (other_tables, "no such table"),
        (other_columns, "no such column"),
    ],
)
def test_an_index_that_cannot_be_read(
    make: Callable[[Path], None], said: str, tmp_path: Path
) -> None:
    invented.put(tmp_path, hourly(3, NOW - HOUR))
    make(tmp_path / "index.sqlite")

    page = Page(tmp_path)

    assert said in page.text("//body")
    assert "3 runs" in page.section("sections")
    assert page.day("Wed 25", "all") in ("9", "0")


def test_an_index_in_use_is_read_and_left_alone(tmp_path: Path) -> None:
    path = invented.index(tmp_path, NOW, 5)
    with closing(sqlite3.connect(path, isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        writer.execute("DELETE FROM revisions")
        before = hashlib.sha256(path.read_bytes()).hexdigest()
        page = Page(tmp_path)
        assert int(page.day("Tue 24", "all")) > 50
        writer.execute("ROLLBACK")
        assert hashlib.sha256(path.read_bytes()).hexdigest() == before


def test_nothing_is_left_beside_an_index_at_rest(tmp_path: Path) -> None:
    invented.index(tmp_path, NOW, 2)

    assert int(Page(tmp_path).day("Tue 24", "all")) > 50
    assert [path.name for path in tmp_path.iterdir()] == ["index.sqlite"]


EVIL = (
    "<script>alert(1)</script>",
    "\"'><img src=x onerror=alert(1)>",
    "{{ 7 * 7 }}",
    "\u202e&\x00",
)


@settings(max_examples=25, deadline=None)
@given(words=st.lists(st.sampled_from(EVIL) | st.text(max_size=30), min_size=8, max_size=8))
def test_no_text_becomes_markup(words: list[str], tmp_path_factory: pytest.TempPathFactory) -> None:
    output = tmp_path_factory.mktemp("evil")
    one, two, three, four, five, six, seven, eight = words
    manifest = failed(
        NOW - HOUR,
        spider="world", sections=(one or "x",), outcome=two, problems=(three, four),
        fields={five: Coverage(articles=2, covered={six: 1})},
        duplicates_by_source={seven: 2, one: 3},
        by_section={eight: Section(listed=1, new=1)},
        requests=Requests(total=1, by_status={two: 1}, failed={three: 1}),
        failures=(
            Failure(url=f"javascript:{four}", kind=five, reason=six),
            Failure(url=f"http://x/{four}", kind=three, reason=six),
        ),
        monitors=(Check(monitor="m", section=seven, passed=False, message=eight),),
    )  # fmt: skip
    invented.put(output, [manifest])
    with closing(invented.opened(output)) as index:
        invented.owe(index, "1", NOW, url=one, kind=two, reason=three, section=four)

    # As a browser gets it.
    html = report.make(output, NOW, 60).encode("utf-8", "replace").decode()
    tree = lxml.html.document_fromstring(html.replace("\0", ""))

    assert not tree.xpath("//script | //img | //iframe | //object | //embed | //link | //base")
    assert not tree.xpath("//@*[starts-with(name(), 'on')] | //@src | //form")
    for address in tree.xpath("//@href"):
        assert address.startswith(("#", "http://", "https://"))
    assert "49" not in "".join(tree.xpath("//*[@class='findings']//text()")) or "49" in "".join(
        words
    )


def test_three_years_stay_a_page(tmp_path: Path) -> None:
    invented.put(tmp_path, invented.past(NOW, 1095, every=timedelta(hours=12)))
    invented.index(tmp_path, NOW, 90)

    for days in (60, 380, 1095, 3660):
        page = Page(tmp_path, days)
        assert len(page.html.encode()) < 1_000_000
        assert len(page.tree.xpath("//section[@id='volume']//tbody/tr")) <= 130
        assert len(page.tree.xpath("//section[@id='runs']//tbody/tr")) == 30
    assert "2,1" in page.section("sections")


def test_the_page_asks_nobody(tmp_path: Path) -> None:
    invented.put(tmp_path, invented.past(NOW, 10))
    page = Page(tmp_path)

    assert not page.tree.xpath("//script | //link | //@src | //image | //use")
    policy = page.tree.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
    assert policy == ["default-src 'none'; style-src 'unsafe-inline'"]
    (style,) = page.tree.xpath("//style/text()")
    assert "url(" not in style
    assert "@import" not in style
    assert set(re.findall(r"url\(([^)]*)\)", page.html)) <= {"#hatch"}


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0 s"), (0.25, "0.2 s"), (59, "59 s"), (89, "89 s"), (90, "2 min"), (3600, "60 min"),
     (5 * 3600, "5 h"), (47 * 3600, "47 h"), (48 * 3600, "2 days"), (-5, "0 s")],
)  # fmt: skip
def test_spans_of_time_in_words(seconds: float, words: str) -> None:
    assert span(seconds) == words


# The command, as a user calls it.


def test_real_runs_are_reported(crawl: CrawlCommand) -> None:
    assert crawl("world", "-a", "max_articles=7").code == 0
    done = crawl("world", "-a", "max_articles=3")
    assert done.code == 0, done.log

    said = scrapy("report", f"-sOUTPUT_DIR={done.output}")

    assert said.returncode == 0, said.stderr
    page = Page(done.output, now=datetime.now(UTC))
    number = sum(len(read_lines(path)) for path in (done.output / "world").glob("*.jsonl"))
    assert page.headline == "All is well: the last run of World was whole"
    assert "2 runs in 60 days" in page.section("sections")
    assert f"{number} articles in the index" in page.section("sections")
    runs = page.table("//section[@id='runs']/table")
    assert [run["Outcome"] for run in runs] == ["✓ ok", "✓ ok"]
    assert sum(int(run["New"]) for run in runs) == number >= 7


def test_the_command_writes_the_page_and_says_where(tmp_path: Path) -> None:
    invented.put(tmp_path, [invented.run(datetime.now(UTC) - HOUR)])
    page = tmp_path / "report.html"
    page.write_text("yesterday's")

    done = scrapy("report", f"-sOUTPUT_DIR={tmp_path}")

    assert (done.returncode, done.stdout) == (0, f"{page}\n"), done.stderr
    assert done.stderr == ""
    assert "All is well" in page.read_text()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["report.html", "runs"]


def test_the_command_takes_another_file_and_other_days(tmp_path: Path) -> None:
    done = scrapy("report", f"-sOUTPUT_DIR={tmp_path}/none", "--days", "7",
                  "--output", str(tmp_path / "new" / "r.html"))  # fmt: skip

    assert done.returncode == 0, done.stderr
    assert "report on 7 days" in (tmp_path / "new" / "r.html").read_text()
    assert not (tmp_path / "none").exists()


def test_the_command_opens_a_browser(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told = tmp_path / "told"
    browser = tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\necho "$1" > {told}\n')
    browser.chmod(0o755)
    monkeypatch.setenv("BROWSER", f"{browser} %s")

    done = scrapy("report", f"-sOUTPUT_DIR={tmp_path}", "--open")

    assert done.returncode == 0, done.stderr
    assert told.read_text() == f"{(tmp_path / 'report.html').as_uri()}\n"


@pytest.mark.parametrize(
    "arguments",
    [("--days", "0"), ("--days", "many"), ("--days", "99999"), ("--days", "²"),
     ("world",)],
)  # fmt: skip
def test_the_command_refuses_what_it_does_not_understand(
    arguments: tuple[str, ...], tmp_path: Path
) -> None:
    done = scrapy("report", f"-sOUTPUT_DIR={tmp_path}", *arguments)

    assert done.returncode == 2
    assert arguments[-1] in done.stderr
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_the_command_says_that_it_cannot_write(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    os.mkfifo(tmp_path / "pipe")
    for target in (tmp_path, tmp_path / "file" / "r.html", tmp_path / "pipe"):
        done = scrapy("report", f"-sOUTPUT_DIR={tmp_path}", "--output", str(target))

        assert done.returncode == 1
        assert done.stderr.startswith(f"scrapy report: error: cannot write {target}: ")
        assert done.stderr.count("\n") == 1
    assert sorted(p.name for p in tmp_path.iterdir()) == ["file", "pipe"]


def test_every_section_has_a_past_in_the_invented_one() -> None:
    assert set(invented.VOLUME) == set(SECTIONS)


@pytest.mark.parametrize("name", ["vl_convert", "jinja2"])
def test_without_the_report_extra_one_sentence_says_what_to_install(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing else needs these packages, so a crawl works without them."""
    stub = tmp_path / "stub"
    stub.mkdir()
    (stub / f"{name}.py").write_text(f"raise ModuleNotFoundError(name={name!r})\n")
    output = tmp_path / "output"
    monkeypatch.setenv("PYTHONPATH", str(stub))

    done = scrapy("report", "-s", f"OUTPUT_DIR={output}")

    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert f"{name} is not installed; run pip install 'peoplesdaily[report]'" in done.stderr
    assert not (output / "report.html").exists()
