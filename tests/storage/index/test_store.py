"""The index by itself: pending articles, listing passes, leases, revisions."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from helpers import fake_run
from helpers.fake_run import Run, pending, stored, story
from helpers.page_cases import STEADY
from hypothesis import given
from hypothesis import strategies as st

from peoplesdaily.spiders.arguments import Window
from peoplesdaily.spiders.frontier import Frontier
from peoplesdaily.storage.index import CorpusIndexError, Index, database, queries
from peoplesdaily.storage.index.leases import Leases
from peoplesdaily.storage.index.models import (
    INCOMPLETE,
    LISTED,
    OUTSIDE,
    ListingPass,
    ListPage,
    moment,
    utc_now,
)
from peoplesdaily.storage.locks import Lock, LockHeldError, exclusive, is_held

NOW = datetime(2026, 11, 25, 3, 5, 7, tzinfo=UTC)
A, B = "9000001", "9000002"


@pytest.fixture
def index() -> Iterator[Index]:
    made = Index(None)
    yield made
    made.close()


def listed(index: Index, *ids: str, at: datetime = NOW) -> None:
    index.listings.record(ids, "world", 1, [pending(id_) for id_ in ids], None, at)


# --- Pending articles ----------------------------------------------------------------------------


def test_what_is_wanted_is_pending_at_once_and_due(index: Index) -> None:
    listed(index, A)
    (found,) = index.pending.due("world", [], NOW)
    assert (found.id, found.kind, found.tries, found.pending_since) == (A, LISTED, 0, moment(NOW))
    assert index.listings.states([A, B], NOW)[A].pending == LISTED
    assert index.listings.states([A, B], NOW)[B].pending is None


@pytest.mark.parametrize("kind", ["500", "timeout", "unknown_template", "404"])
def test_pauses_grow_and_never_end(index: Index, kind: str) -> None:
    listed(index, A)
    now, pauses = NOW, []
    for _ in range(2 if kind == "404" else 12):
        assert not index.pending.failed(pending(A, kind=kind, reason="why"), now)
        (found,) = index.pending.find()
        assert found.reason == "why"
        due = datetime.fromisoformat(found.next_try)
        pauses.append(due - now)
        assert not index.pending.due("world", [], due - timedelta(seconds=1))
        assert not index.listings.states([A], due - timedelta(seconds=1))[A].due
        assert index.pending.due("world", [], due)
        now = due
    assert pauses == sorted(pauses)
    assert pauses[0] < pauses[-1] <= timedelta(days=7)


@pytest.mark.parametrize("ahead", [timedelta(days=15), timedelta(days=3650)])
@pytest.mark.parametrize("tries", [0, 1, 9])
def test_a_clock_that_ran_ahead_puts_nothing_off_for_years(
    index: Index, tmp_path: Path, ahead: timedelta, tries: int
) -> None:
    listed(index, A, at=NOW + ahead)
    for _ in range(tries):
        index.pending.failed(pending(A, kind="500"), NOW + ahead)
    assert [found.id for found in index.pending.due("world", [], NOW)] == [A]
    assert index.listings.states([A], NOW)[A].due
    assert [found.id for found in queries.pending(index, section=None, kind=None, due=NOW)] == [A]
    assert queries.status(index, tmp_path, NOW).pending == {LISTED if not tries else "500": (1, 0)}


@pytest.mark.parametrize(("kind", "times"), [("404", 3), ("410", 3)])
def test_an_article_is_gone_when_the_server_keeps_saying_so(
    index: Index, kind: str, times: int
) -> None:
    listed(index, A)
    assert not index.pending.failed(pending(A, kind=kind), NOW)
    # Another failure in between is no confirmation.
    assert not index.pending.failed(pending(A, kind="timeout"), NOW)
    now = NOW
    said = []
    for _ in range(times):
        said.append(index.pending.failed(pending(A, kind=kind), now))
        now = max(
            [now, *(datetime.fromisoformat(found.next_try) for found in index.pending.find())]
        )
    assert said == [False] * (times - 1) + [True]
    assert now - NOW > timedelta(days=1)
    assert index.listings.states([A], now)[A].gone
    assert not index.pending.find()


def test_a_story_that_comes_back_is_not_gone_any_more(tmp_path: Path) -> None:
    run = Run(tmp_path)
    for _ in range(3):
        run.session.failed(pending(A, kind="404"))
    assert run.session.index.listings.states([A], utc_now())[A].gone
    run.write(story(A))
    run.publish()
    state = run.session.index.listings.states([A], utc_now())[A]
    assert state.stored and not state.gone
    run.finish()


def test_a_story_outside_the_window_waits_for_a_run_that_wants_it(tmp_path: Path) -> None:
    run = Run(tmp_path)
    run.read_list([A])
    run.session.index.pending.outside_window(A, "2020-11-27")
    index = run.session.index
    (found,) = index.pending.due("world", ["world"], utc_now())
    assert (found.kind, found.published) == (OUTSIDE, "2020-11-27")
    # A search for other words has nothing to do with it.
    assert not index.pending.due("world", [], utc_now())

    def due(window: Window) -> list[str]:
        frontier = Frontier(index, run.session.run, "world", window=window)
        frontier.offer_due(["world"])
        return [story.id for story in frontier.waiting]

    assert due(Window()) == [A]
    assert due(Window(since=datetime(2020, 11, 28, tzinfo=UTC))) == []
    run.finish()


def test_a_missing_page_is_pending_until_it_comes_even_where_it_has_no_text(tmp_path: Path) -> None:
    run = Run(tmp_path)
    run.read_list([A])
    run.session.failed(pending(A, kind=INCOMPLETE, reason="pages missing: 2"))
    assert run.write(story(A))
    run.finish()

    run = Run(tmp_path, name="2026-11-26T00-00-00Z")
    assert [found.kind for found in run.session.index.pending.find()] == [INCOMPLETE]
    run.session.index.pending.complete(A)
    assert run.write(replace(story(A), pages=2))
    run.finish()
    assert sorted(stored(tmp_path)) == [(A, 1), (A, 2)]

    run = Run(tmp_path, name="2026-11-27T00-00-00Z")
    assert not run.session.index.pending.find()
    assert not run.write(replace(story(A), pages=2))
    run.finish()


# --- Same texts --------------------------------------------------------------------------------


def test_a_repost_is_pending_until_its_original_is_stored(tmp_path: Path) -> None:
    run = Run(tmp_path)
    run.read_list([A, B])
    assert run.write(story(A, "text"))
    assert not run.write(story(B, "text"))
    assert {found.id for found in run.session.index.pending.find()} == {A, B}
    run.publish()
    assert not run.session.index.pending.find()
    assert run.session.index.listings.states([B], utc_now())[B].stored
    run.finish()


def test_a_repost_of_a_line_that_never_became_durable_is_fetched_again(tmp_path: Path) -> None:
    dead, living = Run(tmp_path, "business"), Run(tmp_path)
    dead.read_list([A])
    dead.write(story(A, "text"))
    living.read_list([B])
    assert not living.write(story(B, "text"))
    assert dead.file is not None
    dead.file.path.unlink()
    dead.die()
    living.finish()
    run = Run(tmp_path, name="2026-11-26T00-00-00Z")
    assert set(run.read_list([A, B])) == {A, B}
    run.finish()


def test_a_story_under_two_names_is_not_forgotten_when_it_gets_a_text_of_its_own(
    tmp_path: Path,
) -> None:
    run = Run(tmp_path)
    run.read_list([A, B])
    run.write(story(A, "text"))
    run.write(story(B, "text"))
    run.publish()
    run.write(story(B, "another"))
    run.die()
    for path in tmp_path.rglob(".*.part"):
        path.unlink()
    run = Run(tmp_path, name="2026-11-26T00-00-00Z")
    assert run.session.index.listings.states([B], utc_now())[B].stored
    run.finish()


# --- Leases ------------------------------------------------------------------------------------


def test_two_runs_never_fetch_one_story(tmp_path: Path) -> None:
    one, other = Run(tmp_path), Run(tmp_path, "business")
    assert one.read_list([A, B]) == [A, B]
    assert other.read_list([A]) == []
    assert set(other.session.index.listings.sections_of(A)) == {"world", "business"}
    assert not other.write(story(A)), "even where it came by another way"
    one.write(story(A))
    one.finish()
    other.finish()
    assert stored(tmp_path) == [(A, 1)]
    last = Run(tmp_path, "business")
    assert last.todo == []
    last.finish()


def test_a_line_that_another_run_has_stored_meanwhile_is_not_written(tmp_path: Path) -> None:
    one, other = Run(tmp_path), Run(tmp_path, "business")
    one.write(story(A))
    one.finish()
    session = other.session
    assert not session.begin_revision(story(A), None), "it is the same revision"
    other.finish()


def test_many_processes_worth_of_connections_wait_for_each_other(tmp_path: Path) -> None:
    path = tmp_path / "index.sqlite"
    Index(path).close()
    wrong: list[Exception] = []

    def work(number: int) -> None:
        index = Index(path)
        try:
            for n in range(40):
                index.listings.record([f"{n}"], f"s{number}", 1, [pending(f"{n}")], None, NOW)
                index.leases.take([f"{n}"], f"run-{number}")
        except Exception as error:
            wrong.append(error)
        finally:
            index.close()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
    index = Index(path)
    assert index.row("SELECT count(*) FROM listings") == (160,)
    assert index.row("SELECT count(*), count(DISTINCT id) FROM leases") == (40, 40)
    index.close()


# --- Listing passes ------------------------------------------------------------------------------


@given(
    watermark=st.sampled_from([None, "", "2026-11-20T00:00:00Z", "2026-11-24T00:00:00Z"]),
    since=st.sampled_from([None, "2026-11-19T00:00:00Z", "2026-11-22T00:00:00Z"]),
)
@STEADY
def test_a_pass_reaches_what_an_earlier_one_left_without_a_gap(
    watermark: str | None, since: str | None
) -> None:
    found = ListingPass("world", 2, 0 if watermark is None else 1, watermark)
    assert found.reaches(since) is (
        watermark is not None and (watermark == "" or (since is not None and watermark <= since))
    )


def test_only_listings_up_to_a_complete_pass_count_as_seen(index: Index) -> None:
    first = index.listings.begin_pass("world")
    index.listings.record([A], "world", first.number, [], None, NOW)
    index.listings.end_pass(first, "")
    killed = index.listings.begin_pass("world")
    index.listings.record([A, B], "world", killed.number, [], None, NOW)
    third = index.listings.begin_pass("world")
    assert (third.complete, third.watermark) == (1, "")
    assert index.listings.seen_before(third, [A, B]) == {A}
    # One that began earlier and ends later takes nothing back.
    index.listings.end_pass(third, "")
    index.listings.end_pass(killed, "2026-11-24T00:00:00Z")
    assert index.listings.begin_pass("world").complete == third.number


def test_a_listing_without_a_pass_does_not_mark_one(tmp_path: Path) -> None:
    """Frozen front pages list stories of the section ``home``, whose list no pass has read."""
    run = Run(tmp_path, "home")
    run.session.index.listings.end_pass(run.listing_pass, "")
    run.frontier.offer(fake_run.listed(A), "home")
    assert run.session.index.listings.sections_of(A) == ["home"]
    latest = run.session.index.listings.begin_pass("home")
    assert run.session.index.listings.seen_before(latest, [A]) == set()
    run.finish()


def test_list_and_pending_articles_are_on_record_together_or_not_at_all(tmp_path: Path) -> None:
    run = Run(tmp_path)
    page = ListPage("http://en.people.cn/90777/index.html", '"1"', None, "", (A,), None, 1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Leases, "take", _fail)
        with pytest.raises(RuntimeError):
            run.frontier.offer(fake_run.listed(A), "world", run.listing_pass, page)
    assert run.session.index.listings.page(page.url) is None
    assert not run.session.index.pending.find()
    again = Frontier(run.session.index, run.session.run, "world")
    again.offer(fake_run.listed(A), "world", run.listing_pass, page)
    assert run.session.index.listings.page(page.url) == page
    run.finish()


def _fail(*_: object) -> None:
    raise RuntimeError


# --- Errors and locks ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("error", "cure"),
    [
        ("database is locked", "run later"),
        ("database or disk is full", "free some space"),
        ("disk I/O error", "free some space"),
        ("attempt to write a readonly database", "right to write"),
        ("unable to open database file", "right to write"),
        ("database disk image is malformed", "is damaged"),
        ("file is not a database", "is damaged"),
        ("something new", "something new"),
    ],
)
def test_every_error_of_the_index_names_it_and_the_cure(error: str, cure: str) -> None:
    problem = database.translated(sqlite3.OperationalError(error), Path("output/index.sqlite"))
    assert isinstance(problem, CorpusIndexError)
    assert "output/index.sqlite" in str(problem)
    assert cure in str(problem)
    assert "\n" not in str(problem)


def test_a_lock_says_who_holds_it_and_leaves_nothing(tmp_path: Path) -> None:
    lock = Lock(tmp_path / "world.lock")
    lock.acquire({"run": "r", "pid": 7})
    assert is_held(lock.path)
    with pytest.raises(LockHeldError) as held:
        Lock(lock.path).acquire({})
    assert held.value.holder == {"run": "r", "pid": 7}
    lock.release()
    assert not lock.path.exists()
    assert not is_held(lock.path)


@pytest.mark.parametrize("left", [b"", b"{", b'{"run": "dead", "pid": 1}', b"[1]", b"\xff"])
def test_what_a_dead_holder_left_stops_nobody(tmp_path: Path, left: bytes) -> None:
    path = tmp_path / "world.lock"
    path.write_bytes(left)
    assert not is_held(path)
    lock = Lock(path)
    lock.acquire({"run": "r"})
    with pytest.raises(LockHeldError) as held:
        Lock(path).acquire({})
    assert held.value.holder == {"run": "r"}
    lock.release()


def test_whoever_asks_whether_a_lock_is_held_stops_nobody(tmp_path: Path) -> None:
    path = tmp_path / "world.lock"
    path.write_bytes(b"")
    end = threading.Event()

    def ask() -> None:
        while not end.is_set():
            is_held(path)

    asking = threading.Thread(target=ask)
    asking.start()
    try:
        for _ in range(50):
            lock = Lock(path)
            lock.acquire({"run": "r"})
            lock.release()
    finally:
        end.set()
        asking.join()


def test_exclusive_lets_one_in_at_a_time_and_leaves_nothing(tmp_path: Path) -> None:
    path = tmp_path / "x" / "recovery.lock"
    inside, most = 0, 0

    def enter() -> None:
        nonlocal inside, most
        for _ in range(30):
            with exclusive(path):
                inside += 1
                most = max(most, inside)
                inside -= 1

    threads = [threading.Thread(target=enter) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 1
    assert not path.exists()
