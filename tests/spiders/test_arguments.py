"""Spider arguments: what is taken, what is refused, and what the refusal says."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from pathlib import Path

import pytest
from scrapy.spiderloader import SpiderLoader
from scrapy.utils.project import get_project_settings

from peoplesdaily.parsers.fields.dates import BEIJING, Stamp
from peoplesdaily.spiders.arguments import (
    ArgumentError,
    Window,
    arguments_of,
    article_urls,
    count,
    is_address,
    known_only,
    moment,
)

LOADER = SpiderLoader.from_settings(get_project_settings())
NOW = datetime(2026, 11, 1, 12, 30, tzinfo=BEIJING)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param("2026-10-01", datetime(2026, 10, 1, tzinfo=BEIJING), id="day"),
        pytest.param(" 2026-10-01 ", datetime(2026, 10, 1, tzinfo=BEIJING), id="blanks"),
        pytest.param("2024-02-29", datetime(2024, 2, 29, tzinfo=BEIJING), id="leap-day"),
        pytest.param("3d", datetime(2026, 10, 29, 12, 30, tzinfo=BEIJING), id="days"),
        pytest.param("12h", datetime(2026, 11, 1, 0, 30, tzinfo=BEIJING), id="hours"),
        pytest.param("2W", datetime(2026, 10, 18, 12, 30, tzinfo=BEIJING), id="weeks"),
        pytest.param("0d", NOW, id="now"),
        pytest.param(
            "2026-10-01 09:30", datetime(2026, 10, 1, 9, 30, tzinfo=BEIJING), id="beijing-time"
        ),
        pytest.param(
            "2026-10-01T01:30:00Z", datetime(2026, 10, 1, 9, 30, tzinfo=BEIJING), id="offset"
        ),
    ],
)
def test_moment(value: str, expected: datetime) -> None:
    assert moment("since", value, NOW) == expected


def test_a_day_as_an_end_is_that_day_whole() -> None:
    assert moment("until", "2026-10-31", NOW, end=True) == datetime(2026, 11, 1, tzinfo=BEIJING)
    assert moment("until", None, NOW, end=True) is None


@pytest.mark.parametrize(
    "value",
    ["", "yesterday", "2026-13-01", "2026-02-30", "01.10.2026", "2026-1-1", "3", "3m", "-3d",
     "999999w", "2026-10-01T25:00", "9999-12-31T"],
)  # fmt: skip
def test_bad_moment_is_refused_by_name(value: str) -> None:
    with pytest.raises(ArgumentError, match="since") as caught:
        moment("since", value, NOW)
    assert repr(value) in str(caught.value)


def test_end_behind_the_last_day_of_the_calendar_is_refused() -> None:
    with pytest.raises(ArgumentError, match="until"):
        moment("until", "9999-12-31", NOW, end=True)


@pytest.mark.parametrize(
    ("value", "expected"),
    [(None, None), ("1", 1), (" 20 ", 20), (7, 7), ("all", None), ("ALL", None)],
)
def test_count(value: str | int | None, expected: int | None) -> None:
    assert count("pages", value, unlimited="all") == expected


@pytest.mark.parametrize("value", ["0", 0, -1, "-1", "", "ten", "1.5", "1e3", "9" * 10, "²"])
def test_bad_count_is_refused_by_name(value: str | int) -> None:
    with pytest.raises(ArgumentError, match="pages"):
        count("pages", value, unlimited="all")


def test_unlimited_is_a_word_of_its_argument() -> None:
    with pytest.raises(ArgumentError, match="max_articles"):
        count("max_articles", "all")


def test_misspelt_argument_is_named_with_the_known_ones() -> None:
    with pytest.raises(ArgumentError, match=r"'page'.*since, until, pages.*'pages'"):
        known_only({"page": "1"}, LOADER.load("world"))


def test_arguments_of_a_scheduler_pass() -> None:
    known_only({"_job": "1"}, LOADER.load("world"))


# --- Windows -----------------------------------------------------------------------------------


def window(since: str | None = None, until: str | None = None) -> Window:
    return Window.parse(since, until, NOW)


@pytest.mark.parametrize(
    ("stamp", "covered"),
    [
        pytest.param(Stamp(date(2026, 9, 30)), False, id="day-before"),
        pytest.param(Stamp(date(2026, 9, 30), time(23, 59)), False, id="minute-before"),
        pytest.param(Stamp(date(2026, 10, 1), time(0, 0)), True, id="first-minute"),
        pytest.param(Stamp(date(2026, 10, 1)), True, id="first-day"),
        pytest.param(Stamp(date(2026, 10, 3), time(23, 59)), True, id="last-minute"),
        pytest.param(Stamp(date(2026, 10, 3)), True, id="last-day"),
        pytest.param(Stamp(date(2026, 10, 4), time(0, 0)), False, id="minute-behind"),
        pytest.param(Stamp(date(2026, 10, 4)), False, id="day-behind"),
    ],
)
def test_both_days_of_a_window_belong_to_it(stamp: Stamp, covered: bool) -> None:
    assert window("2026-10-01", "2026-10-03").covers(stamp) is covered


@pytest.mark.parametrize(
    ("stamp", "covered"),
    [
        pytest.param(Stamp(date(2026, 10, 1), time(9, 29)), False, id="minute-before"),
        pytest.param(Stamp(date(2026, 10, 1), time(9, 30)), True, id="first-minute"),
        pytest.param(Stamp(date(2026, 10, 1)), True, id="day-without-time"),
        pytest.param(Stamp(date(2026, 10, 1), time(10, 0)), False, id="end"),
    ],
)
def test_window_of_hours(stamp: Stamp, covered: bool) -> None:
    assert window("2026-10-01 09:30", "2026-10-01 10:00").covers(stamp) is covered


def test_window_in_another_time_zone_is_held_against_beijing() -> None:
    """Eight in the evening in London is already tomorrow in Beijing."""
    found = window("2026-10-01T20:00:00+00:00")
    assert not found.covers(Stamp(date(2026, 10, 1)))
    assert found.covers(Stamp(date(2026, 10, 2), time(4, 0)))


def test_follows_says_that_all_of_a_day_is_too_old() -> None:
    found = window("2026-10-01")
    assert found.follows(Stamp(date(2026, 9, 30)))
    assert not found.follows(Stamp(date(2026, 10, 1)))
    assert not window(until="2026-10-01").follows(Stamp(date(2000, 1, 1)))


def test_open_window_covers_everything() -> None:
    assert not window()
    assert window().covers(Stamp(date(2000, 1, 1)))
    assert window("2026-10-01") and window(until="2026-10-01")


def test_one_day_is_a_window() -> None:
    assert window("2026-10-01", "2026-10-01").covers(Stamp(date(2026, 10, 1)))


@pytest.mark.parametrize(
    ("since", "until"),
    [
        pytest.param("2026-10-02", "2026-10-01", id="reversed"),
        pytest.param("1d", "2d", id="reversed-spans"),
        pytest.param("2026-10-01 10:00", "2026-10-01 10:00", id="empty"),
        pytest.param("2026-11-02", None, id="in-the-future"),
    ],
)
def test_window_that_holds_nothing_is_refused(since: str, until: str | None) -> None:
    with pytest.raises(ArgumentError, match="since"):
        window(since, until)


# --- Addresses ---------------------------------------------------------------------------------

A, B = "http://en.people.cn/90786/7571411.html", "https://en.people.cn/n3/2020/1127/c1-9793058.html"


def test_addresses_of_a_list() -> None:
    assert article_urls(f" {A},{B}, ,{A}", None) == [A, B]


def test_addresses_of_a_file(tmp_path: Path) -> None:
    path = tmp_path / "urls.txt"
    # As an editor on Windows stores it.
    path.write_bytes(f"# mine\r\n{A}\r\n\r\n  # more\r\n{B}\r\n{A}\r\n".encode("utf-8-sig"))
    assert article_urls(None, str(path)) == [A, B]
    assert article_urls(B, str(path)) == [B, A]


def test_full_width_commas_part_addresses(tmp_path: Path) -> None:
    path = tmp_path / "urls.txt"
    path.write_text(f"{A}，{B}\n", encoding="utf-8")
    assert article_urls(f"{A}，{B}", None) == [A, B]
    assert article_urls(None, str(path)) == [A, B]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        pytest.param(None, "urls_file=.*No such file", id="missing"),
        pytest.param(b"", "urls_file", id="empty"),
        pytest.param(b"# nothing\n", "urls_file", id="comments-alone"),
        pytest.param(b"\xff\xfe\xff", "urls_file=.*UTF-8", id="binary"),
        pytest.param(b"en.people.cn/1.html\n", "'en.people.cn/1.html'", id="no-scheme"),
    ],
)
def test_bad_file_is_refused(tmp_path: Path, content: bytes | None, says: str) -> None:
    path = tmp_path / "urls.txt"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ArgumentError, match=says):
        article_urls(None, str(path))


@pytest.mark.parametrize("url", [None, "", " , "])
def test_no_address_is_refused_with_the_ways_to_give_one(url: str | None) -> None:
    with pytest.raises(ArgumentError, match=r"url=.*urls_file="):
        article_urls(url, None)


def test_folder_as_a_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ArgumentError, match="urls_file"):
        article_urls(None, str(tmp_path))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (A, True), (B, True), ("ftp://en.people.cn/a", False), ("en.people.cn", False),
        ("http://", False), ("http://[", False), ("http://a b", False), ("", False),
    ],
)  # fmt: skip
def test_is_address(text: str, expected: bool) -> None:
    assert is_address(text) is expected


def test_clock_of_the_machine_does_not_matter() -> None:
    utc = NOW.astimezone(UTC)
    assert Window.parse("2026-10-01", None, utc) == Window.parse("2026-10-01", None, NOW)


@pytest.mark.parametrize("name", LOADER.list())
def test_every_argument_of_a_spider_has_its_help(name: str) -> None:
    arguments = arguments_of(LOADER.load(name))
    assert arguments
    assert all(arguments.values()), arguments


def test_a_mistyped_argument_or_section_gets_a_suggestion() -> None:
    with pytest.raises(ArgumentError, match=r"Did you mean 'since'\?"):
        LOADER.load("world")(sinc="3d")
    with pytest.raises(ArgumentError, match=r"Did you mean 'business'\?"):
        LOADER.load("world")(also="bussiness")
