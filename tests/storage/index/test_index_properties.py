"""Whatever happens in whatever order: known is what is stored, and nothing wanted is forgotten."""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from unittest.mock import patch

import pytest
from helpers.fake_run import Run, pending, stored, story
from helpers.page_cases import STEADY
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from peoplesdaily.items import Article
from peoplesdaily.storage.feed_files import article, finished_files, lines
from peoplesdaily.storage.index import Index, reconcile
from peoplesdaily.storage.index.session import SectionHeldError

SECTIONS = ("world", "business")
IDS = [str(9_000_001 + n) for n in range(14)]
# The last ones repeat the first ones' text.
TEXTS = {id_: n % 10 for n, id_ in enumerate(IDS)}

sections = st.sampled_from(SECTIONS)
pages = st.lists(st.sampled_from(IDS), min_size=1, max_size=5, unique=True)


class Died(BaseException):
    """The process ends here."""


class Corpus(RuleBasedStateMachine):
    """Runs of two sections that list the same stories, and everything that befalls them."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.output = self.folder / "output"
        self.output.mkdir()
        self.away = self.folder / "away"
        self.away.mkdir()
        self.runs: dict[str, Run] = {}
        self.versions = dict.fromkeys(IDS, 0)
        self.wanted: set[str] = set()
        self.begun = 0

    # --- Runs ----------------------------------------------------------------------------

    @rule(section=sections)
    def start(self, section: str) -> None:
        if section in self.runs:
            with pytest.raises(SectionHeldError, match=self.runs[section].session.run):
                Run(self.output, section)
            return
        self.begun += 1
        name = f"2026-11-25T03-{self.begun // 60:02}-{self.begun % 60:02}Z"
        self.runs[section] = Run(self.output, section, name)
        with closing(Index(reconcile.index_path(self.output))) as index:
            assert self.known(index) == set(self.stored())

    @rule(section=sections)
    def start_that_dies_while_it_salvages(self, section: str) -> None:
        if section not in self.runs:
            try:
                with patch.object(reconcile, "add_file", side_effect=Died):
                    Run(self.output, section).finish()
            except Died:
                pass

    @precondition(lambda self: self.runs)
    @rule(data=st.data(), ids=pages)
    def read_list(self, data: st.DataObject, ids: list[str]) -> None:
        self.some_run(data).read_list(ids)
        self.wanted |= set(ids)

    @precondition(lambda self: any(run.todo for run in self.runs.values()))
    @rule(data=st.data())
    def fetch(self, data: st.DataObject) -> None:
        run = self.some_run(data, lambda run: bool(run.todo))
        run.write(self.story(run.todo[0].id))

    @precondition(lambda self: any(run.todo for run in self.runs.values()))
    @rule(data=st.data(), kind=st.sampled_from(["404", "timeout"]))
    def fail(self, data: st.DataObject, kind: str) -> None:
        run = self.some_run(data, lambda run: bool(run.todo))
        story = run.todo.pop(0)
        run.session.failed(pending(story.id, run.spider, run.spider, kind=kind))

    @precondition(lambda self: self.runs)
    @rule(data=st.data())
    def recheck(self, data: st.DataObject) -> None:
        run = self.some_run(data)
        for found in run.session.recheck("2000-01-01", [run.spider])[:2]:
            self.versions[found.id] += 1
            run.write(self.story(found.id))

    @precondition(lambda self: self.runs)
    @rule(data=st.data())
    def finish(self, data: st.DataObject) -> None:
        self.some_run(data, ends=True).finish()

    @precondition(lambda self: self.runs)
    @rule(data=st.data(), half_a_line=st.booleans())
    def die(self, data: st.DataObject, half_a_line: bool) -> None:
        self.some_run(data, ends=True).die(half_a_line=half_a_line)

    @precondition(lambda self: self.runs)
    @rule(data=st.data())
    def die_between_rename_and_index(self, data: st.DataObject) -> None:
        run = self.some_run(data, ends=True)
        if run.file is not None:
            run.file.publish(append=True)
            run.file = None
        run.die()

    # --- Files ---------------------------------------------------------------------------

    @rule(data=st.data(), away=st.booleans())
    def move_a_file(self, data: st.DataObject, away: bool) -> None:
        # What is moved out of sight before any run has seen it is not this program's to know.
        names = self.on_record()
        files = [p for p in finished_files(self.output) if str(p.relative_to(self.output)) in names]
        if files:
            path = data.draw(st.sampled_from(files))
            folder = self.away if away else self.output / "2026"
            folder.mkdir(exist_ok=True)
            path.rename(folder / f"{path.parent.name}-{path.name}")

    @precondition(lambda self: not self.runs)
    @rule()
    def lose_the_index(self) -> None:
        """Debts go with it, and so does what is known of files elsewhere."""
        for path in self.output.glob("index.sqlite*"):
            path.unlink()
        shutil.rmtree(self.away)
        self.away.mkdir()
        self.wanted = {id_ for id_, _ in self.stored()}

    @rule()
    def time_passes(self) -> None:
        """Pauses are over."""
        if reconcile.index_path(self.output).exists():
            with closing(Index(reconcile.index_path(self.output))) as index:
                index.connection.execute("UPDATE pending SET next_try = ''")

    # --- What always holds -----------------------------------------------------------------

    @invariant()
    def every_line_is_there_once(self) -> None:
        found = Counter(self.stored())
        assert max(found.values(), default=1) == 1, found
        revisions = Counter(id_ for id_, _ in found)
        assert set(found) == {(id_, n + 1) for id_, many in revisions.items() for n in range(many)}

    @invariant()
    def what_is_known_is_stored(self) -> None:
        if reconcile.index_path(self.output).exists():
            with closing(Index(reconcile.index_path(self.output))) as index:
                assert self.known(index) <= set(self.stored())

    @invariant()
    def nothing_wanted_is_forgotten(self) -> None:
        missing = self.wanted - {id_ for id_, _ in self.stored()}
        if reconcile.index_path(self.output).exists():
            with closing(Index(reconcile.index_path(self.output))) as index:
                states = index.listings.states(missing, datetime.now(UTC))
            missing = {
                id_
                for id_, s in states.items()
                if not (s.stored or s.gone or s.pending is not None)
            }
        assert not missing

    def teardown(self) -> None:
        """In the end a run that nothing befalls has everything, each text once."""
        try:
            for run in self.runs.values():
                run.die()
            for section in SECTIONS:
                self.time_passes()
                last = Run(self.output, section, f"2026-11-26T00-00-{len(section):02}Z")
                last.read_list(sorted(self.wanted))
                while last.todo:
                    last.write(self.story(last.todo[0].id))
                last.finish()
            self.every_line_is_there_once()
            with closing(Index(reconcile.index_path(self.output))) as index:
                assert self.known(index) == set(self.stored())
                states = index.listings.states(self.wanted, datetime.now(UTC))
                assert all(state.stored or state.gone for state in states.values()), states
                assert not index.leases.runs()
                assert not index.rows("SELECT * FROM leases")
                assert not index.rows("SELECT * FROM revisions WHERE file IS NULL")
            assert not [p for p in self.output.rglob(".*") if p.is_file()]
        finally:
            shutil.rmtree(self.folder)

    # --- Looking -------------------------------------------------------------------------

    def some_run(
        self,
        data: st.DataObject,
        fits: Callable[[Run], bool] = lambda run: True,
        *,
        ends: bool = False,
    ) -> Run:
        section = data.draw(st.sampled_from([s for s in self.runs if fits(self.runs[s])]))
        return self.runs.pop(section) if ends else self.runs[section]

    def story(self, id_: str) -> Article:
        version = self.versions[id_]
        return story(id_, f"{TEXTS[id_]}" if not version else f"{id_}/{version}")

    def stored(self) -> list[tuple[str, int]]:
        moved = [article(line) for path in self.away.iterdir() for line in lines(path)]
        return stored(self.output) + [(record.id, record.revision) for record in moved]

    def known(self, index: Index) -> set[tuple[str, int]]:
        return set(index.rows("SELECT id, revision FROM revisions WHERE file IS NOT NULL"))

    def on_record(self) -> set[str]:
        if not reconcile.index_path(self.output).exists():
            return set()
        with closing(Index(reconcile.index_path(self.output))) as index:
            return set(index.files.on_record())


TestCorpus = Corpus.TestCase
TestCorpus.settings = settings(STEADY, max_examples=15, stateful_step_count=30)
