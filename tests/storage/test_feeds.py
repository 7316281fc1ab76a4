"""How lines land on disk: whole, under their name only when finished, and never one too few."""

from __future__ import annotations

import contextlib
import errno
import multiprocessing
import os
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from scrapy.exceptions import UsageError
from scrapy.extensions.postprocessing import Bz2Plugin, GzipPlugin, LZMAPlugin
from scrapy.settings import Settings

from peoplesdaily.storage import feed_options
from peoplesdaily.storage.feeds import AtomicFileFeedStorage
from peoplesdaily.utils import atomic_files
from peoplesdaily.utils.atomic_files import OutputError, PartFile

ROOT = Path(__file__).resolve().parents[2]


def write(target: Path, data: bytes, *, append: bool = False) -> None:
    file = PartFile(target)
    file.write(data)
    file.publish(append=append)


# --- Part files --------------------------------------------------------------------------------


def test_nothing_is_seen_under_the_name_before_publish(tmp_path: Path) -> None:
    target = tmp_path / "new" / "world.jsonl"
    file = PartFile(target)
    file.write(b"1\n")
    assert not target.exists()
    assert not list(target.parent.glob("*.jsonl"))
    # On disk already, so that a killed run leaves what it wrote.
    assert Path(file.name).read_bytes() == b"1\n"
    file.write(b"2\n")
    file.publish()
    assert target.read_bytes() == b"1\n2\n"
    assert list(target.parent.iterdir()) == [target]


def test_publish_replaces(tmp_path: Path) -> None:
    target = tmp_path / "world.jsonl"
    target.write_bytes(b"old, and much longer\n")
    write(target, b"new\n")
    assert target.read_bytes() == b"new\n"
    assert list(tmp_path.iterdir()) == [target]


def test_reader_keeps_the_file_it_opened(tmp_path: Path) -> None:
    target = tmp_path / "world.jsonl"
    target.write_bytes(b"old\n")
    with target.open("rb") as reader:
        write(target, b"new\n", append=True)
        assert reader.read() == b"old\n"


@pytest.mark.parametrize("earlier", [None, b"", b"1\n"])
def test_publish_appends(tmp_path: Path, earlier: bytes | None) -> None:
    target = tmp_path / "world.jsonl"
    if earlier is not None:
        target.write_bytes(earlier)
    write(target, b"2\n", append=True)
    assert target.read_bytes() == (earlier or b"") + b"2\n"
    assert list(tmp_path.iterdir()) == [target]


def test_discard_leaves_no_trace(tmp_path: Path) -> None:
    file = PartFile(tmp_path / "world.jsonl")
    file.write(b"1\n")
    file.discard()
    assert file.closed
    assert not list(tmp_path.iterdir())


def test_part_file_is_a_file_to_an_exporter(tmp_path: Path) -> None:
    file = PartFile(tmp_path / "world.jsonl")
    assert file.writable() and not file.readable() and not file.seekable()
    assert file.write("é\n".encode()) == 3
    file.flush()
    assert file.tell() == 3
    file.close()
    assert file.closed
    file.discard()


def test_publish_after_close(tmp_path: Path) -> None:
    """Post-processing closes the file before the storage publishes it."""
    target = tmp_path / "world.jsonl.gz"
    file = PartFile(target)
    file.write(b"1\n")
    file.close()
    file.publish()
    assert target.read_bytes() == b"1\n"


def test_publish_that_fails_keeps_what_was_written(tmp_path: Path) -> None:
    target = tmp_path / "world.jsonl"
    file = PartFile(target)
    file.write(b"1\n")
    target.mkdir()
    with pytest.raises(OSError, match=r"[Dd]irectory"):
        file.publish()
    assert Path(file.name).read_bytes() == b"1\n"


# The kernel ends a write at the limit in the middle of a line, then refuses the next one: what a
# disk does when it fills up. A real full device needs a mount, which needs a right that a test
# has not got; and the limit holds for a whole process and cannot be raised again, hence a process
# of its own.
FULL_DISK = """
import resource, sys
from pathlib import Path
from peoplesdaily.utils.atomic_files import PartFile

file = PartFile(Path(sys.argv[1]))
resource.setrlimit(resource.RLIMIT_FSIZE, (105, 105))
refused = []
for number in range(20):
    try:
        file.write(b"%09d\\n" % number if number != 12 else b"12\\n")
    except OSError as error:
        refused.append(number)
assert refused == [10, 11, *range(13, 20)], refused
file.publish()
"""


def test_full_disk_leaves_whole_lines(tmp_path: Path) -> None:
    target = tmp_path / "world.jsonl"
    done = subprocess.run(
        [sys.executable, "-c", FULL_DISK, str(target)],
        cwd=ROOT, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    lines = target.read_bytes().split(b"\n")
    # A short line that still fits is taken after longer ones were refused.
    assert lines == [b"%09d" % number for number in range(10)] + [b"12", b""]


# --- Storage -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "expected"),
    [(None, b"1\n2\n"), ({"overwrite": False}, b"1\n2\n"), ({"overwrite": True}, b"2\n")],
)
@pytest.mark.parametrize("scheme", ["", "file://"])
def test_storage(
    tmp_path: Path, scheme: str, options: dict[str, Any] | None, expected: bytes
) -> None:
    target = tmp_path / "a b%20c.jsonl" if not scheme else tmp_path / "world.jsonl"
    target.write_bytes(b"1\n")
    storage = AtomicFileFeedStorage(f"{scheme}{target}", feed_options=options)
    file = storage.open(None)  # type: ignore[arg-type]
    file.write(b"2\n")
    storage.store(file)
    assert target.read_bytes() == expected


def test_storage_that_fails_says_where_the_lines_are(tmp_path: Path) -> None:
    target = tmp_path / "world.jsonl"
    storage = AtomicFileFeedStorage(str(target), feed_options={"overwrite": True})
    file = storage.open(None)  # type: ignore[arg-type]
    file.write(b"1\n")
    target.mkdir()
    with pytest.raises(OutputError) as caught:
        storage.store(file)
    assert str(target) in str(caught.value)
    assert str(file.name) in str(caught.value)
    assert Path(file.name).read_bytes() == b"1\n"


# --- Two runs, one file ------------------------------------------------------------------------

RUNS, LINES, ROUNDS = 2, 50, 8


def _append(target: str, run: int, start: Any) -> None:
    for round_ in range(ROUNDS):
        file = PartFile(Path(target))
        for line in range(LINES):
            file.write(b"%d-%d-%d\n" % (run, round_, line))
        start.wait(30)
        file.publish(append=True)


def in_two_processes(task: Any, target: Path, start: Any) -> None:
    # Not forked: pytest's process may hold threads of other tests.
    context = multiprocessing.get_context("spawn")
    runs = [context.Process(target=task, args=(str(target), run, start)) for run in range(RUNS)]
    for process in runs:
        process.start()
    for process in runs:
        process.join(60)
    assert [process.exitcode for process in runs] == [0, 0]


@pytest.mark.crawl
def test_two_runs_that_append_at_once_lose_no_line(tmp_path: Path) -> None:
    target = tmp_path / "world.jsonl"
    target.write_bytes(b"first\n")
    start = multiprocessing.get_context("spawn").Barrier(RUNS)
    in_two_processes(_append, target, start)
    lines = target.read_bytes().splitlines()
    assert lines[0] == b"first"
    assert sorted(lines[1:]) == sorted(
        b"%d-%d-%d" % (run, round_, line)
        for run in range(RUNS)
        for round_ in range(ROUNDS)
        for line in range(LINES)
    )
    assert list(tmp_path.iterdir()) == [target]


def _append_to_nothing(target: str, run: int, start: Any) -> None:
    """Publish when the other run has looked for the file too, where nothing holds it back."""
    plain = os.fsync

    def wait_then_sync(descriptor: int) -> None:
        # Broken where the other run waits for a lock, as it should.
        with contextlib.suppress(threading.BrokenBarrierError):
            start.wait(1)
        plain(descriptor)

    file = PartFile(Path(target))
    file.write(b"%d\n" % run)
    atomic_files.os.fsync = wait_then_sync  # type: ignore[attr-defined]
    file.publish(append=True)


@pytest.mark.crawl
def test_two_runs_that_begin_a_file_at_once_lose_no_line(tmp_path: Path) -> None:
    target = tmp_path / "world.jsonl"
    start = multiprocessing.get_context("spawn").Barrier(RUNS)
    in_two_processes(_append_to_nothing, target, start)
    assert sorted(target.read_bytes().splitlines()) == [b"0", b"1"]


# --- Checks before a run -----------------------------------------------------------------------


def test_output_that_can_be_written_leaves_nothing_behind(tmp_path: Path) -> None:
    target = tmp_path / "output" / "world" / "x.jsonl"
    atomic_files.check_writable(target)
    assert not target.exists()
    assert not list(target.parent.iterdir())
    target.write_bytes(b"1\n")
    atomic_files.check_writable(target)
    assert target.read_bytes() == b"1\n"


@pytest.mark.parametrize(
    ("blocked", "cure"),
    [
        pytest.param("output/x.jsonl", "move it away", id="folder-is-a-file"),
        pytest.param("output/world/deep/x.jsonl", "move it away", id="part-of-the-path-is-a-file"),
    ],
)
def test_file_in_the_way_is_named_with_a_cure(tmp_path: Path, blocked: str, cure: str) -> None:
    (tmp_path / "output").write_text("in the way")
    with pytest.raises(OutputError) as caught:
        atomic_files.check_writable(tmp_path / blocked)
    assert str(tmp_path / blocked) in str(caught.value)
    assert cure in str(caught.value)
    assert "\n" not in str(caught.value)


def test_folder_in_the_way_is_named_with_a_cure(tmp_path: Path) -> None:
    target = tmp_path / "x.jsonl"
    target.mkdir()
    with pytest.raises(OutputError, match="a folder stands where a file is needed") as caught:
        atomic_files.check_writable(target)
    assert str(target) in str(caught.value)


@pytest.mark.parametrize("name", ["EACCES", "EROFS", "ENOSPC", "EDQUOT", "ENOTDIR", "EISDIR"])
def test_every_error_has_a_path_and_a_cure(name: str) -> None:
    code = getattr(errno, name)
    sentence = atomic_files.explain(OSError(code, os.strerror(code)), Path("/data/x.jsonl"))
    what, _, cure = sentence.partition("; ")
    assert what == f"cannot write /data/x.jsonl: {os.strerror(code)}"
    assert cure
    assert "check the path" not in cure


def test_strange_error_has_a_sentence_too() -> None:
    assert "cannot write /x: odd" in atomic_files.explain(OSError("odd"), Path("/x"))


# --- Names -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("moment", "name"),
    [
        (datetime(2026, 11, 1, 8, 0, 5, tzinfo=UTC), "2026-11-01T08-00-05Z"),
        (
            datetime(2026, 11, 1, 7, 0, 5, 999, tzinfo=timezone(timedelta(hours=8))),
            "2026-10-31T23-00-05Z",
        ),
    ],
)
def test_run_time(moment: datetime, name: str) -> None:
    assert atomic_files.run_time(moment) == name


@pytest.fixture
def settings() -> Settings:
    found = Settings()
    found.setmodule("peoplesdaily.settings")
    return found


JSONL = {"format": "jsonl"}


@pytest.mark.parametrize(
    ("uri", "expected"),
    [
        pytest.param("x.jsonl", {"x.jsonl": JSONL}, id="plain"),
        pytest.param("a/b/x.csv", {"a/b/x.csv": {"format": "csv"}}, id="folders"),
        pytest.param(
            "x.jsonl.gz", {"x.jsonl.gz": {**JSONL, "postprocessing": [GzipPlugin]}}, id="gzip"
        ),
        pytest.param(
            "x.csv.bz2",
            {"x.csv.bz2": {"format": "csv", "postprocessing": [Bz2Plugin]}},
            id="bzip2",
        ),
        pytest.param(
            "x.jsonl.xz", {"x.jsonl.xz": {**JSONL, "postprocessing": [LZMAPlugin]}}, id="xz"
        ),
        pytest.param("x.data:jsonl", {"x.data": JSONL}, id="format-behind-a-colon"),
        pytest.param(
            "x.jsonl.gz:jsonl",
            {"x.jsonl.gz": {**JSONL, "postprocessing": [GzipPlugin]}},
            id="compressed-and-format",
        ),
        pytest.param("-:jsonl", {"stdout:": JSONL}, id="stdout"),
        pytest.param(
            "%(name)s-%(time)s.jsonl", {"%(name)s-%(time)s.jsonl": JSONL}, id="placeholders"
        ),
    ],
)
def test_output_option(settings: Settings, uri: str, expected: dict[str, Any]) -> None:
    assert feed_options.cli_feeds(settings, [uri], None) == expected
    overwritten = {name: {**options, "overwrite": True} for name, options in expected.items()}
    assert feed_options.cli_feeds(settings, None, [uri]) == overwritten


def test_several_outputs(settings: Settings) -> None:
    found = feed_options.cli_feeds(settings, ["a.jsonl.gz", "a.jsonl", "b.csv"], None)
    assert list(found) == ["a.jsonl.gz", "a.jsonl", "b.csv"]


def test_output_options_leave_the_settings_alone(settings: Settings) -> None:
    before = dict(settings.getdict("FEEDS"))
    feed_options.cli_feeds(settings, ["x.jsonl"], None)
    assert dict(settings.getdict("FEEDS")) == before


@pytest.mark.parametrize(
    ("append", "overwrite", "says"),
    [
        pytest.param(["a.jsonl"], ["b.jsonl"], "-o", id="both"),
        pytest.param(["a.parquette"], None, "parquette", id="unknown-format"),
        pytest.param(["a"], None, "format", id="no-format"),
        pytest.param(["a.gz"], None, "gz", id="compression-alone"),
        pytest.param(["-"], None, "format", id="stdout-without-format"),
    ],
)
def test_bad_output_option_is_a_usage_error(
    settings: Settings, append: list[str] | None, overwrite: list[str] | None, says: str
) -> None:
    with pytest.raises(UsageError, match=says):
        feed_options.cli_feeds(settings, append, overwrite)


def test_outputs_are_checked_under_their_final_names(settings: Settings, tmp_path: Path) -> None:
    settings.set("OUTPUT_DIR", str(tmp_path / "output"))
    feed_options.check_outputs(settings, "world")
    assert not list((tmp_path / "output" / "world").iterdir())
    (tmp_path / "file").write_text("in the way")
    settings.set("OUTPUT_DIR", str(tmp_path / "file"))
    with pytest.raises(OutputError, match="world"):
        feed_options.check_outputs(settings, "world")


def test_outputs_that_are_no_files_are_not_checked(settings: Settings) -> None:
    settings.set("FEEDS", {"stdout:": {"format": "jsonl"}, "s3://bucket/x.jsonl": {}})
    feed_options.check_outputs(settings, "world")


JSON_LINES = {"format": "jsonlines"}


@pytest.mark.parametrize(
    ("feed", "options", "whole"),
    [
        pytest.param("x.jsonl", JSON_LINES, True, id="lines"),
        pytest.param("file:///srv/x.jl.gz", {"format": "jl"}, True, id="address-compressed"),
        pytest.param("%(output)s/%(mine)s.jsonl", JSON_LINES, True, id="placeholder"),
        pytest.param("x.csv", {"format": "csv"}, False, id="table"),
        pytest.param("x.txt", JSON_LINES, False, id="name-of-something-else"),
        pytest.param("x.jsonl", {"format": "csv"}, False, id="misnamed"),
        pytest.param("s3://bucket/x.jsonl", JSON_LINES, False, id="elsewhere"),
        pytest.param("x.jsonl", {**JSON_LINES, "fields": ["id"]}, False, id="some-fields"),
    ],
)
def test_which_feed_the_index_can_read_back(
    settings: Settings, feed: str, options: dict[str, Any], whole: bool
) -> None:
    settings.set("FEEDS", {feed: options})
    assert feed_options.keeps_records(settings) == whole
    settings.set("FEEDS", {"table.csv": {"format": "csv"}, feed: options})
    assert feed_options.keeps_records(settings) == whole
    if not whole:
        with pytest.raises(UsageError, match="known by its line"):
            feed_options.check_corpus(settings, "world", incremental=True)


def test_some_fields_for_all_feeds_are_no_records(settings: Settings) -> None:
    settings.set("FEED_EXPORT_FIELDS", "id,title")
    assert not feed_options.keeps_records(settings)


@pytest.mark.parametrize(
    ("name", "refused"),
    [
        pytest.param("world/mine.jsonl", True, id="beside-runs"),
        pytest.param("mine/deep/x.jl.gz", True, id="any-subfolder"),
        pytest.param("2026-11-25T03-05-07Z.jsonl", True, id="named-like-a-run"),
        pytest.param("../link/world/mine.jsonl", True, id="by-a-link"),
        pytest.param("mine.jsonl", False, id="own-name-in-the-folder-itself"),
        pytest.param("world/mine.csv", False, id="table"),
        pytest.param("../mine/x.jsonl", False, id="elsewhere"),
    ],
)
def test_a_file_of_ones_own_lies_outside_the_corpus(
    settings: Settings, tmp_path: Path, name: str, refused: bool
) -> None:
    """The index would read it, and its articles would be in the corpus twice."""
    output = tmp_path / "output"
    output.mkdir()
    (tmp_path / "link").symlink_to(output)
    settings.set("OUTPUT_DIR", str(output))
    settings.set("FEEDS", {str(output / name): {"format": Path(name).suffix[1:]}})
    if not refused:
        feed_options.check_corpus(settings, "world", incremental=False)
        return
    with pytest.raises(UsageError, match="corpus"):
        feed_options.check_corpus(settings, "world", incremental=False)


def test_a_file_of_the_corpus_is_not_overwritten(settings: Settings, tmp_path: Path) -> None:
    target = tmp_path / "x.jsonl"
    settings.set("FEEDS", {str(target): {**JSON_LINES, "overwrite": True}})
    feed_options.check_corpus(settings, "world", incremental=True)
    target.write_text("{}\n")
    with pytest.raises(UsageError, match="overwritten"):
        feed_options.check_corpus(settings, "world", incremental=True)
    feed_options.check_corpus(settings, "world", incremental=False)


@pytest.mark.parametrize("incremental", [True, False])
def test_batches_need_names_of_their_own(settings: Settings, incremental: bool) -> None:
    settings.set("FEED_EXPORT_BATCH_ITEM_COUNT", 10)
    settings.set("FEEDS", {"%(name)s-%(batch_id)05d.jsonl": JSON_LINES})
    feed_options.check_corpus(settings, "world", incremental=incremental)
    settings.set("FEEDS", {"%(name)s.jsonl": JSON_LINES})
    with pytest.raises(UsageError, match="batch_id"):
        feed_options.check_corpus(settings, "world", incremental=incremental)
