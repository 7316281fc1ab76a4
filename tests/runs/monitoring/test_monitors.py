"""Monitors: the rules, whole runs with a history, and what happens where one does not run."""

from __future__ import annotations

import json
import os
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from helpers import quiet_weeks
from helpers.crawls import Crawl, CrawlCommand
from helpers.failure_scenarios import Stage
from helpers.page_cases import STEADY
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families

from peoplesdaily.items import as_json
from peoplesdaily.replica.content import Catalogue
from peoplesdaily.replica.evolving import redesigned
from peoplesdaily.replica.site import Reply, Request, Site
from peoplesdaily.runs.manifest import (
    FOLDER,
    Articles,
    Check,
    Coverage,
    Manifest,
    Requests,
    Section,
    utc_time,
)
from peoplesdaily.runs.manifest_files import manifest_path, read_manifests
from peoplesdaily.runs.monitoring import anomalies, monitors
from peoplesdaily.runs.monitoring.alerts import (
    LASTING,
    NEW,
    PASSED,
    AlertSender,
    alerts_of,
    message,
)
from peoplesdaily.runs.monitoring.history import History
from peoplesdaily.runs.monitoring.monitors import MOST_EXAMPLES, RunSuite

NAMES = {monitor.name_of_checks for monitor in RunSuite.monitors}
NOW = datetime.now(UTC).replace(microsecond=0)
COUNTS = st.integers(0, 60)


# --- The rules ----------------------------------------------------------------------------------


def test_quiet_weeks_raise_no_alarm_with_nights_weekends_and_a_holiday() -> None:
    found = [check for _, check in quiet_weeks.watch(58, seed=3, since=42, every=11)]

    assert not found, found[:3]


def test_a_silence_is_found_the_sooner_the_busier_the_section() -> None:
    names = list(quiet_weeks.RATES)
    silent = {names[0]: 44, names[4]: 44}
    first: dict[str, int] = {}
    for hour, check in quiet_weeks.watch(50, 4, silent, since=44, every=6):
        assert check.monitor in ("volume", "freshness")
        assert check.section in silent
        first.setdefault(check.section, hour - 44 * 24)

    assert first[names[0]] <= 36
    assert first[names[0]] < first[names[4]] <= 96


@STEADY
@given(count=COUNTS, before=st.lists(COUNTS, max_size=8), days=st.lists(COUNTS, max_size=40))
def test_a_volume_is_compared_only_with_a_history_and_never_too_high(
    count: int, before: list[int], days: list[int]
) -> None:
    found = anomalies.volume(count, before, days)

    assert (found.usual is None) == (len(before) < anomalies.LEAST_WINDOWS)
    if found.anomalous:
        assert found.usual is not None and count < found.usual
        assert anomalies.volume(0, before, days).anomalous
    if count in before:
        # What a window of this weekday has held is at most a little less than usual.
        assert not found.anomalous or min(before) < max(before)


@STEADY
@given(st.lists(COUNTS.filter(bool), min_size=3, max_size=8))
def test_steady_sections_are_as_usual(before: list[int]) -> None:
    assert not anomalies.volume(max(before), before, before).anomalous
    assert not anomalies.volume(0, [0] * len(before), [0]).anomalous


@STEADY
@given(
    ages=st.lists(st.floats(0, 200), min_size=1, max_size=50),
    gaps=st.lists(st.floats(0.1, 200), max_size=60),
)
def test_an_age_is_compared_with_more_than_any_of_many_ages(
    ages: list[float], gaps: list[float]
) -> None:
    found = anomalies.freshness(max(ages), ages, gaps)

    assert (found.usual is None) == (len(gaps) < anomalies.LEAST_GAPS)
    if found.usual is not None:
        assert anomalies.freshness(found.usual + 1, ages, gaps).anomalous
        assert not anomalies.freshness(found.usual, ages, gaps).anomalous


@STEADY
@given(of=st.integers(1, 200), before=st.integers(0, 500), share=st.floats(0, 1), data=st.data())
def test_a_field_is_missed_only_where_it_used_to_be(
    of: int, before: int, share: float, data: st.DataObject
) -> None:
    had = round(before * share)
    covered = data.draw(st.integers(0, of))
    found = anomalies.coverage(covered, of, had, before)

    if found.anomalous:
        assert before >= anomalies.LEAST_RECORDS
        assert covered / of < had / before
        assert anomalies.coverage(0, of, had, before).anomalous
    assert not anomalies.coverage(of, of, had, before).anomalous


@STEADY
@given(failed=st.integers(0, 100), good=st.integers(0, 100), before=st.integers(0, 1000))
def test_failures(failed: int, good: int, before: int) -> None:
    of = failed + good
    found = anomalies.failures(failed, of, before // 100, before)

    if found.anomalous:
        assert failed / of >= 0.1
        assert anomalies.failures(of, of, before // 100, before).anomalous
    assert not anomalies.failures(0, of, 0, before).anomalous
    assert anomalies.failures(8, 8, 0, 0).anomalous, "a dead site needs no history"


def test_a_long_run_is_slow_only_if_it_did_not_fetch_more() -> None:
    before = [(30.0 + n % 3, 20) for n in range(20)]

    assert anomalies.duration(300, 20, before) == anomalies.Verdict(31.0, True)
    assert not anomalies.duration(300, 200, before).anomalous
    assert not anomalies.duration(80, 20, before).anomalous
    assert anomalies.duration(300, 20, before[:5]) == anomalies.NO_HISTORY


def test_probabilities_are_exact_and_never_fall_out_of_range() -> None:
    assert anomalies.poisson_at_most(3, 5.0) == pytest.approx(0.26502591)
    assert anomalies.binomial_at_most(2, 10, 0.3) == pytest.approx(0.38278279)
    assert anomalies.poisson_at_most(0, 2000.0) == 0.0
    assert anomalies.binomial_at_most(0, 5000, 0.9) == 0.0
    assert anomalies.poisson_at_most(5000, 20.0) == pytest.approx(1.0)


# --- History ------------------------------------------------------------------------------------


def past(
    days: int, every: int = 6, spider: str = "world", section: str = "world", **fields: Any
) -> list[Manifest]:
    """Healthy runs of the days before now."""
    found = []
    for number in range(days * 24 // every, 0, -1):
        start = NOW - timedelta(hours=number * every)
        begun = Manifest.begin(command="crawl", spider=spider, at=start, pid=number)
        newest = utc_time(start - timedelta(minutes=30))
        told: dict[str, Any] = {
            "sections": (section,),
            "by_section": {section: Section(listed=30, new=4, lists_read=1, newest=newest)},
            "requests": Requests(total=6, by_status={"200": 6}),
            "articles": Articles(new=4),
            "finish_reason": "finished",
            **fields,
        }
        found.append(begun.finish(at=start, seconds=5, exit_code=0, outcome="ok", **told))
    return found


def write_history(output: Path, runs: Sequence[Manifest]) -> None:
    folder = output / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    for run in runs:
        (folder / f"{run.run}.json").write_text(json.dumps(as_json(run)), encoding="utf-8")


def last_run(done: Crawl) -> Manifest:
    runs, _ = read_manifests(done.output / FOLDER)
    return runs[-1]


def failed(run: Manifest) -> list[Check]:
    return [check for check in run.monitors if not check.passed]


def test_history_is_read_by_name_and_reads_no_file_it_does_not_need(tmp_path: Path) -> None:
    write_history(tmp_path, past(3))
    folder = tmp_path / FOLDER
    for name in ("2020-01-01T00-00-00Z-world-1", f"{NOW:%Y-%m-%dT%H-%M-%S}Z-business-1"):
        (folder / f"{name}.json").write_text("{", encoding="utf-8")
    found = History.read(tmp_path, NOW - timedelta(days=2, minutes=1), {"world", "all"})

    assert len(found.runs) == 8
    assert not found.unread


def test_a_window_that_was_hardly_read_says_nothing() -> None:
    runs = past(30)
    run = replace(runs[-1], by_section={"world": Section(new=1, lists_read=1)})
    whole = History(runs[:-1]).volumes("world", run, [1])[1]
    assert whole.now == 13
    assert whole.weekday == [16] * 4

    week_ago = run.start - timedelta(days=7)
    gone = [each for each in runs[:-1] if not week_ago - timedelta(days=1) < each.start <= week_ago]
    assert History(gone).volumes("world", run, [1])[1].weekday == [16] * 3


def test_a_silence_does_not_make_itself_usual() -> None:
    """It is told as late after three weeks of history as it would be after two, and goes on."""
    runs = past(20, every=1)
    silent = runs[14 * 24]
    newest = silent.by_section["world"].newest
    assert newest is not None
    sections = {"world": replace(silent.by_section["world"], newest=newest, new=0)}
    known = [*runs[: 14 * 24], *(replace(run, by_section=sections) for run in runs[14 * 24 :])]
    found = {
        hour: next(
            iter(monitors.Freshness("test").look(quiet_weeks.context(known[at], known[:at])))
        ).passed
        for hour, at in enumerate(range(14 * 24, len(known)))
    }

    first = next(hour for hour, passed in found.items() if not passed)
    assert 10 <= first <= 24
    assert not any(passed for hour, passed in found.items() if hour >= first)


# --- Whole runs with a history --------------------------------------------------------------------


def assert_finding(done: Crawl, monitor: str, section: str | None = "world") -> Check:
    """A run that went well but for one thing: exit code, log and manifest say so."""
    run = last_run(done)
    (check,) = failed(run)
    assert done.code == 79, done.log
    assert run.exit_code == 79 and run.outcome == "monitor"
    assert (check.monitor, check.section) == (monitor, section)
    assert check.figure is not None and check.usual is not None
    assert len(check.examples) == MOST_EXAMPLES
    assert all(url.startswith("http://en.people.cn") for url in check.examples)
    lines = [line for line in done.log.splitlines() if f"Monitor {monitor}: " in line]
    assert len(lines) == 1
    assert check.message in lines[0] and all(url in lines[0] for url in check.examples)
    assert check.message in run.problems[0]
    return check


def test_a_section_that_brings_nothing_new(crawl: CrawlCommand) -> None:
    first = crawl("world")
    for path in (first.output / FOLDER).iterdir():
        path.unlink()
    fresh = utc_time(NOW + timedelta(days=3650))
    sections = {"world": Section(listed=30, new=4, lists_read=1, newest=fresh)}
    write_history(first.output, past(30, by_section=sections)[:-4])
    done = crawl("world")

    check = assert_finding(done, "volume")
    assert (check.figure, check.usual) == (0, 16)
    assert check.message == "world: 0 new article(s) in 24 hours, usually 16"


@pytest.mark.crawl
def test_a_section_whose_newest_article_is_old(tmp_path: Path) -> None:
    with Stage.of(tmp_path / "output", Catalogue(120, today=date(2026, 1, 15))) as stage:
        write_history(stage.output, past(10))
        found = stage.run()

    assert found.code == 79 and found.manifest is not None, found.log
    (check,) = failed(found.manifest)
    assert (check.monitor, check.section) == ("freshness", "world")
    assert "its newest article is" in found.said


def test_records_that_lose_a_field(crawl: CrawlCommand, tmp_path: Path) -> None:
    coverage = {"world": Coverage(articles=4, covered={"videos": 4, "source": 4})}
    fresh = utc_time(NOW + timedelta(days=3650))
    sections = {"world": Section(listed=30, new=4, lists_read=1, newest=fresh)}
    write_history(tmp_path / "output", past(20, fields_by_section=coverage, by_section=sections))
    done = crawl("world")

    check = assert_finding(done, "coverage")
    assert "records have the field videos, usually 100%" in check.message
    lacking = {record["url"] for record in done.records if not record["videos"]}
    assert set(check.examples) <= lacking


def test_requests_that_fail_although_all_comes_in_the_end(crawl: CrawlCommand, site: Site) -> None:
    asked: set[str] = set()

    def stumble(request: Request) -> Reply:
        if request.target in asked:
            return site.answer(request)
        asked.add(request.target)
        return Reply(500)

    for number in site.catalogue.lists("world"):
        site.overrides[site.catalogue.story(number).path] = stumble
    done = crawl("world", RETRY_BACKOFF="0.001")

    run = last_run(done)
    (check,) = failed(run)
    assert done.code == 79
    assert (check.monitor, check.section, check.usual) == ("errors", None, 0)
    assert check.figure == pytest.approx(0.5, abs=0.1)


def test_one_section_in_another_design_among_many(crawl: CrawlCommand, site: Site) -> None:
    """Few pages of all, so that no share over the whole run tells of them."""

    def answer(request: Request) -> Reply:
        return Reply(200, {"Content-Type": "text/html"}, redesigned(site.answer(request).body))

    names = ["sports", "world", "business", "china", "society", "opinions"]
    listed = list(site.catalogue.lists("sports"))
    own = [n for n in listed if sum(n in site.catalogue.lists(name) for name in names) == 1][:3]
    for number in own:
        site.overrides[site.catalogue.story(number).path] = answer
    sample = listed.index(own[-1]) + 1
    done = crawl("all", "-a", f"sections={','.join(names)}", "-a", f"sample={sample}")

    (check,) = failed(last_run(done))
    assert done.code == 79
    assert (check.monitor, check.section) == ("pages", "sports")
    assert len(check.examples) == 3


def test_a_single_page_that_makes_a_redesign_is_named_with_its_section(
    crawl: CrawlCommand, site: Site
) -> None:
    """An hour brings one article at times."""
    story = site.catalogue.story(site.catalogue.lists("world")[0])
    page = redesigned(site.answer(Request("GET", "en.people.cn", story.path, {})).body)
    site.overrides[story.path] = Reply(200, {"Content-Type": "text/html"}, page)
    done = crawl("world", "-a", "max_articles=1")

    (check,) = failed(last_run(done))
    assert done.code == 76
    assert (check.monitor, check.section) == ("pages", "world")
    assert check.examples[0].endswith(f"-{story.id}.html")
    assert not done.records


@pytest.mark.parametrize("name", ["world", "business"])
def test_a_list_that_is_not_recognised_is_named(crawl: CrawlCommand, site: Site, name: str) -> None:
    """The navigation leads to it too, as on the site."""
    for path in {"world": ["/90777/"], "business": ["/90778/", "/business/"]}[name]:
        site.overrides[f"{path}index.html"] = Reply(200, {}, b"<p>A new design</p>")
        site.overrides[path] = Reply(200, {}, b"<p>A new design</p>")
    done = crawl("world", "-a", "also=business", "-a", "max_articles=2")

    (check,) = failed(last_run(done))
    assert done.code == 76
    assert (check.monitor, check.section) == ("listing", name)
    assert check.examples


# --- Monitors that do not run ---------------------------------------------------------------------

ONE = ("crawl", "article", "-aurl=http://en.people.cn{path}")
MODULE = """
from spidermon import Monitor, MonitorSuite
from spidermon.exceptions import NotConfigured
class Fails(Monitor):
    def test_it(self):
        self.fail("the moon is wrong")
class Misconfigured(Monitor):
    def run(self, result):
        raise NotConfigured("no threshold")
    def test_it(self):
        pass
class Suite(MonitorSuite):
    monitors = [Misconfigured, Fails]
"""
BREAK = (
    "from peoplesdaily.runs.monitoring import extension as e, monitors as m;"
    "from scrapy.exceptions import NotConfigured;"
)


MONITORS = "peoplesdaily.runs.monitoring.monitors"
EXTENSION = "peoplesdaily.runs.monitoring.extension.Monitors"


@pytest.mark.crawl
@pytest.mark.parametrize(
    ("settings", "code", "missing", "sentence"),
    [
        pytest.param({"SPIDERMON_ENABLED": "0"}, "pass", NAMES, "SPIDERMON_ENABLED is off",
                     id="switched-off"),
        pytest.param({"SPIDERMON_ENGINE_STOP_MONITORS": ""}, "pass", NAMES, "did not run them",
                     id="no-suite"),
        pytest.param({"EXTENSIONS": f'{{"{EXTENSION}": null}}'}, "pass", NAMES,
                     "see EXTENSIONS", id="no-extension"),
        pytest.param({"SPIDERMON_ENGINE_STOP_MONITORS": f"{MONITORS}.Sweet"}, "pass",
                     NAMES, f"{MONITORS}.Sweet", id="misspelt-suite"),
        pytest.param({}, BREAK + "m.Errors.look = lambda *a: 1 / 0", {"errors"},
                     "errors: ZeroDivisionError: division by zero", id="raises"),
        pytest.param({}, BREAK + "m.Listing.run = lambda *a: (_ for _ in ()).throw("
                     "NotConfigured('no threshold'))", set(), "listing", id="generator"),
        pytest.param({}, BREAK + "m.Pages.run = lambda *a: m.logger.nothing()", {"pages"},
                     "pages: AttributeError", id="raises-outside"),
        pytest.param({}, BREAK + "e.Monitors._run_suites = lambda *a: 1 / 0", NAMES,
                     "did not run them", id="dies"),
        pytest.param({}, BREAK + "m.RunRecorder.figures = lambda *a: {}", set(), "", id="control"),
        pytest.param({"MONITOR_HISTORY_DAYS": "0"}, "pass", set(), "MONITOR_HISTORY_DAYS=0",
                     id="wrong-setting"),
        pytest.param({"MONITOR_HISTORY_DAYS": "many"}, "pass", set(), "history: ValueError",
                     id="no-number"),
        pytest.param({"SPIDERMON_ENGINE_STOP_MONITORS":
                      f"{MONITORS}.RunSuite,extra_monitors.Suite"}, "pass", set(),
                     "Misconfigured: NotConfigured: no threshold", id="of-one-s-own"),
    ],
)  # fmt: skip
def test_what_does_not_run_is_a_finding_and_the_others_run(
    tmp_path: Path,
    catalogue: Catalogue,
    monkeypatch: pytest.MonkeyPatch,
    settings: dict[str, str],
    code: str,
    missing: set[str],
    sentence: str,
) -> None:
    (tmp_path / "extra_monitors.py").write_text(MODULE)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    path = catalogue.story(catalogue.ids[0]).path
    with Stage.of(tmp_path / "output", catalogue) as stage:
        found = stage.run(*(part.format(path=path) for part in ONE), code=code, **settings)

    assert found.manifest is not None, found.log
    if not sentence:
        assert found.code == 0, found.log
        return
    assert found.code == 79, found.log
    messages = [check.message for check in failed(found.manifest) if check.monitor == "monitors"]
    assert any(m.startswith("monitors did not run: ") and sentence in m for m in messages), messages
    if sentence != "listing":
        ran = {check.monitor for check in found.manifest.monitors}
        assert ran >= NAMES - missing
        assert all(name in " ".join(messages) for name in missing)
    assert "79 (monitor)" in found.said
    if "extra_monitors" in str(settings):
        assert any(c.monitor == "Fails" and "the moon is wrong" in c.message
                   for c in failed(found.manifest))  # fmt: skip


# --- What is done about it ------------------------------------------------------------------------


@contextmanager
def listening(status: int = 200, **headers: str) -> Iterator[tuple[str, list[bytes]]]:
    """A web server that keeps what is posted."""
    got: list[bytes] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            got.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()

        do_GET = do_POST  # noqa: N815

        def log_message(self, *args: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/hook/s3cret-token", got
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.mark.crawl
def test_findings_are_told_once_and_so_is_their_end(tmp_path: Path, catalogue: Catalogue) -> None:
    keep = "import sys; open(sys.argv[1], 'a').write(sys.stdin.read() + chr(10))"
    heard = tmp_path / "heard; rm -rf $HOME.jsonl"
    textfile = tmp_path / "%(name)s.prom"
    with listening() as (address, posted), Stage.of(tmp_path / "output", catalogue) as stage:
        settings = {
            "MONITOR_WEBHOOK": address, "PROMETHEUS_TEXTFILE": str(textfile),
            "MONITOR_COMMAND": f"{sys.executable} -c \"{keep}\" '{heard}'",
        }  # fmt: skip
        stage.site.overrides["/90777/index.html"] = stage.site.overrides["/"] = Reply(200)
        first = stage.run(**settings)
        manifest = first.manifest
        assert manifest is not None and first.code == 76, first.log
        again = stage.run(**settings)
        assert again.code == 76
        stage.site.overrides.clear()
        well = stage.run(**settings)
        assert well.code == 0, well.log

    documents = [json.loads(line) for line in heard.read_text().splitlines()]
    assert [json.loads(each) for each in posted] == documents
    bad, good = documents
    assert bad["run"] == manifest.run and bad["exit_code"] == 76
    assert Path(bad["manifest"]) == manifest_path(stage.output, manifest.run)
    assert [(c["why"], c["monitor"], c["section"]) for c in bad["checks"]] == [
        (NEW, "listing", "world")
    ]
    assert [(c["why"], c["monitor"], c["passed"]) for c in good["checks"]] == [
        (PASSED, "listing", True)
    ]
    for log in (first.log, again.log, well.log):
        assert "s3cret" not in log
    for path in stage.output.rglob("*.json"):
        assert "s3cret" not in path.read_text()

    families = text_string_to_metric_families((tmp_path / "world.prom").read_text())
    values = {sample.name: sample.value for family in families for sample in family.samples}
    assert values["peoplesdaily_run_exit_code"] == 0
    assert values["peoplesdaily_run_articles_new"] == well.manifest.articles.new  # type: ignore[union-attr]
    assert values["peoplesdaily_section_newest_article_timestamp_seconds"] > 1.7e9


@pytest.mark.crawl
@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"MONITOR_COMMAND": "/nowhere/mail"}, "MONITOR_COMMAND failed: No such file"),
        ({"MONITOR_COMMAND": "sh -c 'echo no way; exit 3'"}, "failed: exit code 3: no way"),
        ({"MONITOR_COMMAND": "sh -c 'sleep 60 & wait'", "MONITOR_TIMEOUT": "0.3"},
         "it took longer than MONITOR_TIMEOUT"),
        ({"MONITOR_WEBHOOK": "http://127.0.0.1:9/s3cret"}, "failed: Connection refused"),
        ({"PROMETHEUS_TEXTFILE": "/nowhere/x.prom"}, "PROMETHEUS_TEXTFILE: cannot write"),
    ],
)  # fmt: skip
def test_an_action_that_fails_hides_nothing(
    tmp_path: Path, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch,
    settings: dict[str, str], sentence: str,
) -> None:  # fmt: skip
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    path = catalogue.story(catalogue.ids[0]).path
    with Stage.of(tmp_path / "output", catalogue) as stage:
        found = stage.run(
            *(part.format(path=path) for part in ONE), SPIDERMON_ENABLED="0", **settings
        )

    assert found.code == 79
    assert found.manifest is not None and found.manifest.exit_code == 79
    assert sentence in found.log
    assert "s3cret" not in found.log
    assert "Traceback" not in found.log


@pytest.mark.parametrize("status", [302, 500])
def test_an_answer_of_the_webhook_that_is_no_success(
    status: int, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    (run,) = past(1, every=24)
    told = alerts_of(replace(run, monitors=(FAILED,)), History(), 24)
    with listening(status, Location="/elsewhere") as (address, posted):
        AlertSender(webhook=address, timeout=5).send(told, run, Path("x.json"))

    assert [json.loads(each) for each in posted] == [message(told, run, Path("x.json"))]
    assert f"the answer was {status}" in caplog.text
    assert "s3cret" not in caplog.text


@pytest.mark.parametrize(
    "settings",
    [{"MONITOR_WEBHOOK": "mailto:s3cret@example.org"}, {"MONITOR_COMMAND": "mail 'x"}],
)
def test_actions_that_cannot_be_are_refused_before_any_request(
    crawl: CrawlCommand, settings: dict[str, str]
) -> None:
    done = crawl("world", **settings)

    assert done.code == 2
    assert next(iter(settings)) in done.summary
    assert "s3cret" not in done.log


FAILED = Check(monitor="volume", section="world", passed=False, figure=0, usual=14, message="none")


@STEADY
@given(hours=st.lists(st.booleans(), min_size=1, max_size=60), remind=st.integers(1, 30))
def test_a_finding_is_told_at_its_begin_each_day_and_at_its_end(
    hours: list[bool], remind: int
) -> None:
    runs = [
        replace(run, monitors=(FAILED,) if bad else ())
        for run, bad in zip(past(3, every=1)[: len(hours)], hours, strict=True)
    ]
    told = [
        {each.why for each in alerts_of(run, History(runs[:number]), remind)}
        for number, run in enumerate(runs)
    ]

    begun = 0
    for number, bad in enumerate(hours):
        before = number > 0 and hours[number - 1]
        if bad and not before:
            begun = number
            assert told[number] == {NEW}
        elif bad:
            assert told[number] == ({LASTING} if (number - begun) % remind == 0 else set())
        else:
            assert told[number] == ({PASSED} if before else set())


def test_a_command_is_words_and_no_shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    heard = tmp_path / "heard"
    (run,) = past(1, every=24)
    told = alerts_of(replace(run, monitors=(FAILED,)), History(), 24)
    AlertSender(command=["tee", str(heard), "$(touch x)", os.devnull]).send(
        told, run, Path("x.json")
    )

    assert json.loads(heard.read_text())["checks"][0]["message"] == "none"
