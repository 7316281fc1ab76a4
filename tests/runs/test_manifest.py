"""Run manifests: what is written is read back, and nothing else passes for one."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from helpers.crawls import scrapy
from hypothesis import given, settings
from hypothesis import strategies as st
from scrapy.settings import Settings

from peoplesdaily.runs import report
from peoplesdaily.runs.manifest import (
    FOLDER,
    Articles,
    Bytes,
    Check,
    Coverage,
    Failure,
    File,
    Manifest,
    Requests,
    Section,
    Verdicts,
    as_json,
    manifest_schema,
    schema_document,
)
from peoplesdaily.runs.manifest_files import (
    ManifestError,
    Unreadable,
    mark_dead_runs_killed,
    read_manifest,
    read_manifests,
)
from peoplesdaily.runs.monitoring.extension import history_of

START = datetime(2026, 11, 25, 3, 5, 7, tzinfo=UTC)
KEYS = [
    "schema_version",
    "run",
    "command",
    "spider",
    "sections",
    "arguments",
    "settings",
    "versions",
    "incremental",
    "started_at",
    "finished_at",
    "seconds",
    "state",
    "finish_reason",
    "exit_code",
    "outcome",
    "problems",
    "requests",
    "bytes",
    "articles",
    "verdicts",
    "templates",
    "by_section",
    "fields",
    "fields_by_section",
    "duplicates_by_source",
    "files",
    "failures",
    "monitors",
]


def begun(spider: str = "world", hours: float = 0, pid: int = 1234) -> Manifest:
    return Manifest.begin(
        command="crawl", spider=spider, at=START + timedelta(hours=hours), pid=pid,
        sections=(spider,), arguments={"since": "2d"},
    )  # fmt: skip


def full() -> Manifest:
    """A manifest with something in every field that may have something."""
    covered = Coverage(articles=3, covered={"source": 3})
    return begun().finish(
        at=START + timedelta(seconds=12), seconds=12.3456, finish_reason="finished", exit_code=0,
        outcome="ok", problems=("one <sentence>",),
        settings={"DOWNLOAD_DELAY": "0.5"}, versions={"scrapy": "2.19.0"},
        requests=Requests(total=12, by_status={"200": 9}, failed={"timeout": 1}),
        bytes=Bytes(received=123, sent=45), articles=Articles(new=3, stored=20),
        templates={"2021": 3}, fields={"2021": covered}, fields_by_section={"world": covered},
        by_section={"world": Section(listed=20, newest="2026-11-25T09:00:00+08:00")},
        duplicates_by_source={"Xinhua": 1},
        files=(File(path="world/a.jsonl", lines=3, bytes=9000, sha256="a" * 64),),
        failures=(Failure(url="http://en.people.cn/", kind="timeout", reason="no answer"),),
        monitors=(Check(monitor="volume", section="world", passed=False, figure=0, usual=14.5,
                        message="few", examples=("http://en.people.cn/",)),),
    )  # fmt: skip


def store(manifest: Manifest, folder: Path) -> Path:
    path = folder / f"{manifest.run}.json"
    manifest.write(path)
    return path


def test_a_manifest_that_begins_has_every_key_in_order(tmp_path: Path) -> None:
    record = json.loads(store(begun(), tmp_path).read_text())

    assert list(record) == KEYS == [field.name for field in fields(Manifest)]
    assert record["run"] == "2026-11-25T03-05-07Z-world-1234"
    assert record["started_at"] == "2026-11-25T03:05:07Z"
    assert record["state"] == "running"
    assert record["finished_at"] is record["seconds"] is record["exit_code"] is None
    assert record["articles"]["new"] == 0
    assert record["by_section"] == {}
    assert record["files"] == []


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    for manifest in (begun(), full(), begun().kill()):
        assert read_manifest(store(manifest, tmp_path)) == manifest
        assert [p.name for p in tmp_path.iterdir()] == [f"{manifest.run}.json"]


def test_an_end_is_noted(tmp_path: Path) -> None:
    done = full()

    assert (done.state, done.finished_at) == ("finished", "2026-11-25T03:05:19Z")
    assert done.seconds == 12.346
    assert done.start == START
    assert done.pid == 1234
    # The wall clock may be set back in a run; its duration may not.
    assert begun().finish(at=START - timedelta(hours=1), seconds=-1).seconds == 0


def test_no_more_failures_than_a_reader_wants() -> None:
    many = [Failure(url=str(n), kind="404", reason="gone") for n in range(50)]

    assert len(begun().finish(at=START, seconds=1, failures=many).failures) == 20


COUNTS = st.dictionaries(st.text(min_size=1), st.integers(0, 2**53), max_size=3)
ANY = st.builds(
    replace,
    st.builds(full),
    arguments=st.dictionaries(st.text(), st.text(), max_size=3),
    problems=st.lists(st.text(), max_size=3).map(tuple),
    requests=st.builds(Requests, total=st.integers(0, 2**53), by_status=COUNTS, failed=COUNTS),
    templates=COUNTS,
    seconds=st.none() | st.floats(0, 1e9),
    exit_code=st.none() | st.integers(0, 255),
    fields=st.dictionaries(st.text(), st.builds(Coverage, covered=COUNTS), max_size=2),
    monitors=st.lists(
        st.builds(
            Check,
            monitor=st.text(min_size=1),
            passed=st.booleans(),
            figure=st.none() | st.floats(allow_nan=False, allow_infinity=False),
            examples=st.lists(st.text(), max_size=2).map(tuple),
        ),
        max_size=2,
    ).map(tuple),
)


@settings(deadline=None)  # each example waits for the disk
@given(manifest=ANY)
def test_whatever_it_holds_is_read_back(
    manifest: Manifest, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.getbasetemp() / "any"
    assert read_manifest(store(manifest, folder)) == manifest


def test_an_address_that_is_no_text_can_be_noted(tmp_path: Path) -> None:
    failed = replace(begun(), failures=(Failure(url="http://x/\udcff", kind="", reason=""),))

    assert read_manifest(store(failed, tmp_path)).failures[0].url == "http://x/?"


def test_a_manifest_that_cannot_be_written_leaves_the_old_one(tmp_path: Path) -> None:
    path = store(begun(), tmp_path)
    with pytest.raises(ValueError, match="JSON compliant"):
        replace(begun(), seconds=float("nan")).write(path)
    assert read_manifest(path) == begun()
    with pytest.raises(OSError, match="exists"):
        begun().write(path / "below.json")
    assert [p.name for p in tmp_path.iterdir()] == [path.name]


def damaged(change: dict[str, Any]) -> bytes:
    manifest = {**json.loads(json.dumps(as_json(full()))), **change}
    return json.dumps(manifest).encode()


BAD = {
    "empty": (b"", "no JSON"),
    "cut": (damaged({})[:400], "no JSON"),
    "binary": (b"\x89PNG\r\n\x1a\n\xff\x00", "no text"),
    "another's": (b'{"hello": "world"}', "no run manifest"),
    "list": (b"[1, 2]", "no run manifest"),
    "deep": (b"[" * 100_000, "no text"),
    "other version": (damaged({"schema_version": "3.0"}), "schema_version"),
    "missing key": (json.dumps({"run": "x", "schema_version": "2.0"}).encode(), "required"),
    "extra key": (damaged({"hello": 1}), "hello"),
    "wrong type": (damaged({"articles": {"new": "many"}}), "articles"),
    "no such day": (damaged({"started_at": "2026-02-30T00:00:00Z"}), "started_at"),
    "no time": (damaged({"started_at": "yesterday"}), "started_at"),
    "NaN": (damaged({"seconds": float("nan")}), "NaN"),
    "infinite": (damaged({}).replace(b"12.346", b"1e999"), "too large"),
    "endless": (damaged({"exit_code": 12321}).replace(b"12321", b"1" * 5000), "too large"),
    "huge": (damaged({"templates": {"2021": 10**300}}), "templates"),
    "surrogate": (damaged({"command": "\ud800"}), "no text"),
    "other name": (damaged({"run": begun(pid=9).run}), "belongs to"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_file_that_is_no_manifest_is_named_and_passed_over(name: str, tmp_path: Path) -> None:
    content, reason = BAD[name]
    path = tmp_path / f"{begun().run}.json"
    path.write_bytes(content)
    good = begun(hours=1)
    store(good, tmp_path)

    with pytest.raises(ManifestError, match=reason):
        read_manifest(path)
    readable, others = read_manifests(tmp_path)
    assert readable == [good]
    assert [other.name for other in others] == [path.name]
    assert reason in others[0].reason
    assert len(others[0].reason) < 400


def test_a_folder_may_hold_anything(tmp_path: Path) -> None:
    good = begun()
    store(good, tmp_path)
    (tmp_path / "folder.json").mkdir()
    (tmp_path / "gone.json").symlink_to(tmp_path / "nowhere")
    (tmp_path / f".{good.run}.json.1.part").write_text("{")
    (tmp_path / "notes.txt").write_text("mine")
    (tmp_path / os.fsdecode(b"\xff.json")).write_text("{}")

    readable, others = read_manifests(tmp_path)

    assert readable == [good]
    assert sorted(other.name for other in others) == ["?.json", "folder.json", "gone.json"]


def test_no_folder_is_an_empty_one(tmp_path: Path) -> None:
    assert read_manifests(tmp_path / "runs") == ([], [])
    (tmp_path / "file").write_text("")
    assert read_manifests(tmp_path / "file") == (
        [], [Unreadable("file", "cannot read it: Not a directory")],
    )  # fmt: skip


def test_older_runs_are_passed_over_unopened(tmp_path: Path) -> None:
    for hour in range(5):
        store(begun(hours=hour), tmp_path)
    (tmp_path / f"{begun(hours=1).run}.json").write_text("broken")
    (tmp_path / "foreign.json").write_text("{}")

    readable, others = read_manifests(tmp_path, since=START + timedelta(hours=3))

    assert readable == [begun(hours=3), begun(hours=4)]
    assert [other.name for other in others] == ["foreign.json"]


def test_runs_that_died_are_marked_once(tmp_path: Path) -> None:
    dead, alive, done = begun(pid=1), begun(hours=1, pid=2), full()
    for manifest in (dead, alive, done):
        store(manifest, tmp_path)

    assert mark_dead_runs_killed(tmp_path, lambda each: each.pid == 2) == [dead.kill()]
    assert mark_dead_runs_killed(tmp_path, lambda each: each.pid == 2) == []

    states = {each.run: each.state for each in read_manifests(tmp_path)[0]}
    assert states == {dead.run: "killed", alive.run: "running", done.run: "finished"}


def test_schema_is_a_schema_and_every_key_is_required() -> None:
    document = json.loads(schema_document())
    jsonschema_rs.meta.validate(document)

    def check(node: dict[str, Any]) -> int:
        inside = [*node.get("properties", {}).values()]
        inside += [
            node[k] for k in ("items", "additionalProperties") if isinstance(node.get(k), dict)
        ]
        if "properties" in node:
            assert node["required"] == list(node["properties"])
            assert node["additionalProperties"] is False
            assert all(len(p["description"]) > 5 for p in node["properties"].values())
        return 1 + sum(map(check, inside))

    assert check(document) > 50
    assert list(document["properties"]) == KEYS


def test_the_command_prints_both_schemas() -> None:
    assert json.loads(scrapy("schema", "run").stdout) == manifest_schema()
    refused = scrapy("schema", "novel")
    assert refused.returncode == 2
    assert "Traceback" not in refused.stderr


UPGRADE = Path(__file__).parents[1] / "data" / "upgrade"
"""Output of a run from before schema 2.0."""


def test_a_manifest_of_schema_1_0_is_translated_when_read_and_not_rewritten(tmp_path: Path) -> None:
    (old,) = (UPGRADE / FOLDER).glob("*.json")
    record = json.loads(old.read_text())
    record["articles"] |= {"owed": 3, "known": 20}
    copy = tmp_path / old.name
    copy.write_text(json.dumps(record))
    before = copy.read_bytes()

    manifest = read_manifest(copy)

    assert (manifest.articles.pending, manifest.articles.stored) == (3, 20)
    assert manifest.articles.new == record["articles"]["new"] > 0
    assert manifest.schema_version == "2.0"
    assert copy.read_bytes() == before
    # What is read back is today's, with every other field unchanged.
    assert as_json(read_manifest(old)) == {
        **json.loads(old.read_text()),
        "schema_version": "2.0",
        "articles": as_json(read_manifest(old))["articles"],
        "verdicts": as_json(Verdicts()),
    }


def test_a_record_of_schema_1_0_is_checked_like_any_other(tmp_path: Path) -> None:
    (old,) = (UPGRADE / FOLDER).glob("*.json")
    record = json.loads(old.read_text())
    del record["articles"]["owed"]
    copy = tmp_path / old.name
    copy.write_text(json.dumps(record))

    with pytest.raises(ManifestError, match="pending"):
        read_manifest(copy)


def test_history_monitors_and_report_work_over_both_versions(tmp_path: Path) -> None:
    (old,) = (UPGRADE / FOLDER).glob("*.json")
    folder = tmp_path / FOLDER
    folder.mkdir()
    shutil.copy(old, folder)
    first = read_manifest(old)
    second = Manifest.begin(
        command="crawl", spider="world", at=first.start + timedelta(days=1), pid=2,
        sections=("world",), arguments={},
    ).finish(
        at=first.start + timedelta(days=1, seconds=2), seconds=2, exit_code=0, outcome="ok",
        finish_reason="finished", by_section=first.by_section, articles=Articles(pending=2),
    )  # fmt: skip
    now = second.start + timedelta(hours=1)

    history = history_of(second, tmp_path, Settings({"MONITOR_HISTORY_DAYS": 30}))
    window = history.volumes("world", second, [1])[1]
    store(second, folder)
    page = report.make(tmp_path, now, 30)

    assert history.runs == [first]
    assert not history.unread
    assert window.now == second.by_section["world"].new
    assert page.count("<span>✓ ok</span>") == 2
    assert "cannot be read" not in page
