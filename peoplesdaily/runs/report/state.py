"""How things stand, in words: what a person should look at, and each section's state."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from peoplesdaily.runs.exit_codes import MONITOR
from peoplesdaily.runs.manifest import KILLED, RUNNING
from peoplesdaily.runs.report.corpus import Corpus
from peoplesdaily.runs.report.history import CLOCKS_DIFFER, History, Run, SectionHistory
from peoplesdaily.site.sections import SECTIONS

# Silence is a finding after half as long again as a section usually waits, and never before this.
_SHORTEST_SILENCE = timedelta(hours=3)
# With too few runs to know what is usual: crawls are daily or more often.
_LONGEST_SILENCE = timedelta(hours=26)
# Runs take minutes; the longest archive walks take days, and are recognised by their spider.
_LONGEST_RUN = timedelta(hours=6)
_OLD_DEBT = timedelta(days=3)
MOST_FINDINGS = 30
OK, BAD, QUIET, BUSY = "ok", "bad", "quiet", "busy"


@dataclass(frozen=True, slots=True)
class SectionState:
    """A section in the table at the top."""

    name: str
    label: str
    kind: str
    """``"ok"``, ``"bad"``, ``"quiet"`` or ``"busy"``."""
    words: str
    run: Run | None
    new: int
    newest: datetime | None

    @property
    def met(self) -> bool:
        """Whether there is anything to say of it."""
        return self.run is not None or self.newest is not None


@dataclass(frozen=True, slots=True)
class State:
    """The page's first words."""

    headline: str
    findings: tuple[str, ...]
    more: int
    sections: tuple[SectionState, ...]

    @property
    def healthy(self) -> bool:
        return not self.findings


def span(seconds: float) -> str:
    """A length of time in one unit: ``"45 s"``, ``"3 h"``, ``"12 days"``."""
    seconds = max(0.0, seconds)
    if seconds < 10 and seconds != int(seconds):
        return f"{seconds:.1f} s"
    for unit, size, limit in (("s", 1, 90), ("min", 60, 90 * 60), ("h", 3600, 48 * 3600)):
        if seconds < limit:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds / 86400:,.0f} days"


def ago(at: datetime, now: datetime) -> str:
    """How long before ``now`` something was."""
    seconds = (now - at).total_seconds()
    return f"{span(seconds)} ago" if seconds >= -60 else f"{span(-seconds)} ahead of the clock"


def label(name: str) -> str:
    """A section's name for people."""
    return SECTIONS[name].labels[0] if name in SECTIONS else name


def names(history: History, corpus: Corpus) -> list[str]:
    """Every section: the project's in their order, then others that were met."""
    met = {*history.sections, *corpus.newest, *(name for _, name in corpus.by_day)}
    return [*SECTIONS, *sorted(met - set(SECTIONS))]


def judge(history: History, corpus: Corpus, now: datetime, days: int) -> State:
    """Say how things stand at ``now``."""
    sections = tuple(_section(name, history, corpus, now, days) for name in names(history, corpus))
    findings = list(_findings(history, corpus, sections, now))
    return State(
        headline=_headline(history, sections, findings, days),
        findings=tuple(findings[:MOST_FINDINGS]),
        more=max(0, len(findings) - MOST_FINDINGS),
        sections=sections,
    )


def _headline(
    history: History, sections: tuple[SectionState, ...], findings: list[str], days: int
) -> str:
    ran = [section for section in sections if section.run]
    if not history.runs:
        return f"No run in the last {days} days" if history.older else "Nothing has run yet"
    if findings:
        number = len(findings)
        return f"{number} {'thing needs' if number == 1 else 'things need'} a look"
    if not ran:
        return "All is well"
    if len(ran) == 1:
        return f"All is well: the last run of {ran[0].label} was whole"
    return f"All is well: the last runs of {len(ran)} sections were whole"


def silence(section: SectionHistory, now: datetime) -> timedelta | None:
    """How long ago the section ran, or ``None`` where only runs of a wrong clock are known."""
    starts = [start for start in section.starts if start <= now + CLOCKS_DIFFER]
    return now - max(starts) if starts else None


def overdue(section: SectionHistory, now: datetime) -> bool:
    """Whether the section has been silent for longer than it usually is."""
    silent = silence(section, now)
    if silent is None:
        return False
    gap = section.usual_gap
    limit = _LONGEST_SILENCE if gap is None else max(_SHORTEST_SILENCE, gap * 1.5)
    return silent > limit


def _section(name: str, history: History, corpus: Corpus, now: datetime, days: int) -> SectionState:
    past = history.sections.get(name) or SectionHistory()
    newest = corpus.newest.get(name) or past.newest
    words, kind = _words(past, history, now, days)
    return SectionState(name, label(name), kind, words, past.last, past.new, newest)


def _words(past: SectionHistory, history: History, now: datetime, days: int) -> tuple[str, str]:
    run = past.last
    if run is None:
        return (f"no run in the last {days} days" if history.older else "never run"), QUIET
    if run.state == RUNNING:
        words = "running"
        if past.ended is not None:
            words += f"; the run before {failure(past.ended)}"
            return words, BUSY if past.ended.ok else BAD
        return words, BUSY
    if not run.ok:
        return failure(run).removeprefix("was "), BAD
    if overdue(past, now):
        return "ok, but silent since", BAD
    return "ok", OK


def failure(run: Run) -> str:
    """How a run ended, in a few words."""
    if run.ok:
        return "was ok"
    if run.state == KILLED:
        return "was killed"
    code = "no exit code" if run.exit_code is None else f"exit code {run.exit_code}"
    return f"failed: {run.outcome or 'no outcome'} ({code})"


def _findings(
    history: History, corpus: Corpus, sections: tuple[SectionState, ...], now: datetime
) -> Iterable[str]:
    yield from _silence(history, now)
    for run, labels in _by_run(
        (section.label, past.ended)
        for section in sections
        if (past := history.sections.get(section.name)) is not None and past.ended is not None
    ):
        if not run.ok and not (run.outcome == MONITOR.name and run.checks):
            detail = f": {run.problems[0]}" if run.problems else ""
            yield f"{labels}: the last run {failure(run)}, {ago(run.start, now)}{detail}"
        for check in run.checks:
            where = label(check.section) if check.section else labels
            words = check.message or f"the monitor {check.monitor} is not content"
            # Monitors name their section themselves, as a rule.
            named = {where.casefold(), (check.section or where).casefold()}
            known = any(name in words.casefold() for name in named)
            yield words if known else f"{where}: {words}"
    for run in history.running:
        if now - run.start > _LONGEST_RUN and run.spider not in ("archive", "search"):
            yield (f"{run.spider}: a run that began {ago(run.start, now)} is still running")
    yield from _clock(history)
    if corpus.note is not None and not corpus.missing:
        yield corpus.note
    yield from _debts(corpus, now)
    if history.unreadable:
        number = history.unreadable
        files = "file" if number == 1 else "files"
        yield f"{number} {files} among the run manifests cannot be read"


def _silence(history: History, now: datetime) -> Iterable[str]:
    silent = {name: silence(past, now) for name, past in history.sections.items()}
    known = {name: since for name, since in silent.items() if since is not None}
    late = [name for name in known if overdue(history.sections[name], now)]
    if late and len(late) == len(known):
        yield f"Nothing has run for {span(min(known.values()).total_seconds())}"
        return
    for name in late:
        usual = history.sections[name].usual_gap
        often = f"; it usually runs every {span(usual.total_seconds())}" if usual else ""
        yield f"{label(name)} has not run for {span(known[name].total_seconds())}{often}"


def _by_run(pairs: Iterable[tuple[str, Run]]) -> Iterable[tuple[Run, str]]:
    """Runs, each with the labels of the sections whose last one it was."""
    found: dict[str, tuple[Run, list[str]]] = {}
    for name, run in pairs:
        found.setdefault(run.name, (run, []))[1].append(name)
    for run, labels in found.values():
        few = labels if len(labels) <= 3 else [*labels[:2], f"{len(labels) - 2} more sections"]
        yield run, few[0] if len(few) == 1 else f"{', '.join(few[:-1])} and {few[-1]}"


def _clock(history: History) -> Iterable[str]:
    if history.ahead:
        number = history.ahead
        yield (
            f"{number} {'run starts' if number == 1 else 'runs start'} in the future: the clock of "
            "this machine or of the one that crawled was set wrong"
        )
    if history.backwards:
        number = history.backwards
        yield (
            f"{number} {'run ends' if number == 1 else 'runs end'} before the start: the clock was "
            "set back meanwhile; durations are right all the same"
        )


def _debts(corpus: Corpus, now: datetime) -> Iterable[str]:
    if not corpus.pending or not corpus.pending_first:
        return
    since = corpus.pending_first[0].since
    try:
        at = datetime.fromisoformat(since or "")
    except ValueError:
        return
    if at.tzinfo and now - at > _OLD_DEBT:
        stories = "story is" if corpus.pending == 1 else "stories are"
        age = span((now - at).total_seconds())
        yield f"{corpus.pending:,} {stories} pending, the oldest for {age}"
