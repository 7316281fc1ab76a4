"""The page itself: what :mod:`history` and :mod:`corpus` hold, in the order in which it is read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache, partial
from itertools import groupby
from math import ceil, sqrt
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import urlsplit

import jinja2

from peoplesdaily.runs.report import corpus as corpora
from peoplesdaily.runs.report import figures, history, state
from peoplesdaily.runs.report.corpus import BEIJING, Corpus
from peoplesdaily.runs.report.figures import Bucket
from peoplesdaily.runs.report.history import Day, History
from peoplesdaily.storage.index.reconcile import index_path

# Longer windows are shown in weeks, then in months, so that the page keeps its size.
_MOST_DAYS, _MOST_WEEKS = 92, 550
_CALENDAR_DAYS = 400
_OPEN_DAYS = 35
_MOST_TEMPLATES, _MOST_FIELDS, _MOST_BARS, _MOST_KINDS = 8, 40, 12, 12
_MOST_COLUMNS = 24
_LEAST_DAYS = 7
_LEVELS = 4
_MOST_TEXT = 240


def make(output: Path, now: datetime, days: int) -> str:
    """The report on the corpus in ``output``: one HTML document that needs no other file.

    :param now: the time of the report, with time zone.
    :param days: how many days it looks back, today included.
    """
    today = now.astimezone(BEIJING).date()
    window = [today - timedelta(days=back) for back in range(days)][::-1]
    past = history.read(output, window, now)
    corpus = corpora.read(index_path(output), window, now)
    judged = state.judge(past, corpus, now, days)
    if not past.older:
        # What was before the beginning is no gap.
        ran = _since(past.days, window)
        window = _since([*past.days, *corpus.per_day], window)
    else:
        ran = window
    buckets, unit = _buckets(past, ran)
    return _template().render(
        now=now,
        days=days,
        monthly=len(window) > _CALENDAR_DAYS,
        history=past,
        corpus=corpus,
        state=judged,
        calendar=_calendar(past, corpus, judged, window),
        buckets=buckets,
        unit=unit,
        volume_rows=[
            (b.label, f"{b.runs:,}", f"{b.bad:,}", f"{b.new:,}", f"{b.revisions:,}")
            for b in buckets[::-1]
        ],
        duration_rows=[
            (b.label, f"{b.runs:,}", *(state.span(s) if s is not None else "" for s in times))
            for b in buckets[::-1]
            for times in [(b.middle, b.longest)]
        ],
        volume=figures.volume(buckets) if past.runs else None,
        durations=figures.durations(buckets) if any(b.longest for b in buckets) else None,
        freshness=_freshness(judged, now),
        coverage=_coverage(past),
        duplicates=_duplicates(past),
        failures=_failures(past),
        ago=partial(state.ago, now=now),
        age=lambda at: state.ago(at, now).removesuffix(" ago"),
        when=lambda text: _when(text, now),
        span=state.span,
        label=state.label,
    )


def _since(met: Iterable[date], window: list[date]) -> list[date]:
    """The window from the first day met on, but always some days of it."""
    begin = min(min(met, default=window[-1]), window[-_LEAST_DAYS:][0])
    return [day for day in window if day >= begin]


@cache
def _template() -> jinja2.Template:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("peoplesdaily.runs.report", ""),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "cut": _cut,
        "utc": _utc,
        "beijing": _beijing,
        "number": "{:,}".format,
        "link": _link,
    }
    environment.globals["many"] = _many
    return environment.get_template("page.html.jinja")


def _cut(text: object, length: int = _MOST_TEXT) -> str:
    """``text`` in one line of some length, whatever a log holds.

    Control characters go: no XML has them, and some turn the text after them around.
    """
    line = " ".join(str(text).split())
    line = "".join(filter(str.isprintable, line))
    return line if len(line) <= length else f"{line[: length - 1]}…"


def _utc(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"


def _beijing(at: datetime) -> str:
    return f"{at.astimezone(BEIJING):%Y-%m-%d %H:%M}"


def _when(text: str | None, now: datetime) -> str:
    """A time that the index names, from here."""
    try:
        seconds = (datetime.fromisoformat(text or "") - now).total_seconds()
    except (ValueError, TypeError):
        # No time, or one without a zone: as it is.
        return _cut(text or "", 20)
    return f"in {state.span(seconds)}" if seconds > 0 else f"{state.span(-seconds)} ago"


def _many(number: int, one: str, more: str) -> str:
    return f"{number:,} {one if number == 1 else more}"


def _link(address: str) -> bool:
    """Whether an address leads to the web, and not to a script or a file."""
    try:
        return urlsplit(address).scheme in ("http", "https")
    except ValueError:
        return False


@dataclass(frozen=True, slots=True)
class Cell:
    """A section's day: its sign, its class in the style sheet."""

    sign: str
    kind: str


@dataclass(frozen=True, slots=True)
class Row:
    """A day, or a month, of the calendar."""

    label: str
    weekend: bool
    total: Cell
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Calendar:
    """Articles by day, newest first, and section."""

    columns: tuple[str, ...]
    left_out: tuple[str, ...]
    open: tuple[tuple[str, tuple[Row, ...]], ...]
    earlier: tuple[tuple[str, tuple[Row, ...]], ...]
    width: float
    """Least width in rem: narrower pages scroll the calendar, and nothing else."""
    sum_width: float
    by_run: bool
    """Whether articles stand on the day they were written, for want of an index."""
    empty_days: int
    idle_days: int


_NOTHING = Cell("", "none")
_IDLE = Cell("–", "idle")
_FAILED = Cell("×", "failed")
_ZERO = Cell("0", "zero")


def _calendar(
    past: History, corpus: Corpus, judged: state.State, window: list[date]
) -> Calendar | None:
    by_run = not corpus.known
    counts: Counter[tuple[date, str]] = Counter()
    if by_run:
        counts.update({key: runs[2] for key, runs in past.section_days.items()})
        totals = Counter({day: sums.new for day, sums in past.days.items()})
    else:
        counts, totals = corpus.by_day, corpus.per_day
    if not past.runs and not totals:
        return None
    busy = {name for (_, name), number in counts.items() if number} | set(past.sections)
    shown = [section for section in judged.sections if section.name in busy][:_MOST_COLUMNS]
    left_out = [section.label for section in judged.sections if section not in shown]
    begin = past.first.astimezone(BEIJING).date() if past.first and not past.older else None
    monthly = len(window) > _CALENDAR_DAYS
    # A month is one row of the calendar of years, and its heading is the year.
    periods = [
        list(p) for _, p in groupby(window, (lambda d: d.replace(day=1)) if monthly else None)
    ]
    sums = [
        [sum(counts[day, section.name] for day in period) for section in shown]
        for period in periods
    ]
    top = max((number for line in sums for number in line), default=0)
    most = max((sum(totals[day] for day in period) for period in periods), default=0)

    def row(period: list[date], line: list[int]) -> tuple[date, Row]:
        day = period[0]
        cells = []
        for section, number in zip(shown, line, strict=True):
            runs = [past.section_days[d, section.name] for d in period
                    if (d, section.name) in past.section_days]  # fmt: skip
            tried, whole = sum(r[0] for r in runs), sum(r[1] for r in runs)
            cells.append(_cell(number, top, tried, whole, begin is not None and period[-1] < begin))
        ran = [past.days[d] for d in period if d in past.days]
        total = _cell(
            sum(totals[d] for d in period), most, sum(d.runs for d in ran),
            sum(d.runs - d.bad for d in ran), begin is not None and period[-1] < begin,
        )  # fmt: skip
        text = f"{day:%B}" if monthly else f"{day:%a} {day.day}"
        return day, Row(text, not monthly and day.weekday() >= 5, total, tuple(cells))

    rows = [row(p, line) for p, line in zip(periods, sums, strict=True)][::-1]
    sum_width = 0.46 * len(f"{most}") + 0.5
    cut = len(rows) if monthly else _OPEN_DAYS
    heading = "{:%Y}" if monthly else "{:%B %Y}"
    return Calendar(
        columns=tuple(section.label for section in shown),
        left_out=tuple(left_out),
        open=_grouped(rows[:cut], heading),
        earlier=_grouped(rows[cut:], heading),
        width=(5.6 if monthly else 3.1) + sum_width + len(shown) * _width(top),
        sum_width=sum_width,
        by_run=by_run,
        empty_days=sum(row.total.kind in ("zero", "failed") for _, row in rows),
        idle_days=sum(row.total.kind == "idle" for _, row in rows),
    )


def _width(number: int) -> float:
    """Width of a cell that holds ``number``, rem: with two digits, all sections fit on a phone."""
    digits = len(f"{number}")
    return 0.5 * digits + 0.15 if digits > 2 else 1.0


def _cell(number: int, top: int, tried: int, whole: int, before: bool) -> Cell:
    if number:
        level = max(1, ceil(_LEVELS * sqrt(number / top))) if top else 1
        return Cell(f"{number}" if number < 10_000 else f"{number // 1000}k", f"a{level}")
    if tried:
        return _ZERO if whole else _FAILED
    return _NOTHING if before else _IDLE


def _grouped(rows: list[tuple[date, Row]], heading: str) -> tuple[tuple[str, tuple[Row, ...]], ...]:
    groups = groupby(rows, lambda each: heading.format(each[0]))
    return tuple((name, tuple(row for _, row in group)) for name, group in groups)


def _buckets(past: History, window: list[date]) -> tuple[list[Bucket], str]:
    """The window in days, weeks or months, and which of these."""
    if len(window) <= _MOST_DAYS:
        unit, first = "day", list(window)
    elif len(window) <= _MOST_WEEKS:
        unit, first = "week", [day - timedelta(days=day.weekday()) for day in window]
    else:
        unit, first = "month", [day.replace(day=1) for day in window]
    sums: dict[date, list[Day]] = {day: [] for day in first}
    for day, begin in zip(window, first, strict=True):
        if day in past.days:
            sums[begin].append(past.days[day])
    found = [_bucket(_period(begin, unit), days) for begin, days in sums.items()]
    return found, unit


def _period(first: date, unit: str) -> str:
    if unit == "month":
        return f"{first:%b %Y}"
    return f"{first.day} {first:%b}" + (f" {first:%Y}" if unit == "week" else "")


def _bucket(label: str, days: list[Day]) -> Bucket:
    seconds = [second for day in days for second in day.seconds]
    return Bucket(
        label=label,
        runs=sum(day.runs for day in days),
        bad=sum(day.bad for day in days),
        new=sum(day.new for day in days),
        revisions=sum(day.revisions for day in days),
        middle=median(seconds) if seconds else None,
        longest=max(seconds, default=None),
    )


def _freshness(judged: state.State, now: datetime) -> dict[str, Any] | None:
    rows = [
        (section.label, max(0.0, (now - section.newest).total_seconds()), section.newest)
        for section in judged.sections
        if section.newest is not None
    ]
    if not rows:
        return None
    rows.sort(key=lambda row: row[1])
    shown = rows[:_MOST_COLUMNS]
    drawn = figures.bars([(_cut(name, 60), age, state.span(age)) for name, age, _ in shown])
    return {"rows": shown, "figure": drawn, "youngest": rows[0], "oldest": rows[-1]}


def _coverage(past: History) -> dict[str, Any] | None:
    templates = [name for name, number in past.records.most_common(_MOST_TEMPLATES) if number]
    if not templates:
        return None
    # Fields as they come in a record are those of a manifest: in the order of its first template.
    fields = list(dict.fromkeys(f for name in templates for f in past.fields[name]))[:_MOST_FIELDS]
    return {
        "templates": [(name, past.records[name]) for name in templates],
        "rows": [
            (name, [_share(past.fields[t][name], past.records[t]) for t in templates])
            for name in fields
        ],
        "left_out": max(0, sum(1 for n in past.records.values() if n) - len(templates)),
    }


def _share(part: int, whole: int) -> int:
    """Percent, rounded so that 100 means all and 0 none."""
    if part in (0, whole) or part > whole:
        return min(100, 100 * part)
    return min(99, max(1, round(100 * part / whole)))


def _duplicates(past: History) -> dict[str, Any] | None:
    found = [(name or "no source", number) for name, number in past.duplicates.most_common()]
    found = [(name, number) for name, number in found if number]
    if not found:
        return None
    rows = found[:_MOST_BARS]
    rest = sum(number for _, number in found[_MOST_BARS:])
    if rest:
        rows.append((f"{len(found) - _MOST_BARS} other sources", rest))
    drawn = figures.bars([(_cut(name, 60), number, f"{number:,}") for name, number in rows])
    return {"rows": rows, "figure": drawn, "total": sum(number for _, number in found)}


def _failures(past: History) -> dict[str, Any]:
    kinds = [*past.failed, *(kind for kind in past.examples if kind not in past.failed)]
    ordered = sorted(kinds, key=lambda kind: (-past.failed[kind], kind))
    return {
        "kinds": [
            (
                kind,
                past.failed[kind],
                list(past.examples[kind])[::-1] if kind in past.examples else [],
            )
            for kind in ordered[:_MOST_KINDS]
        ],
        "left_out": max(0, len(ordered) - _MOST_KINDS),
        "statuses": sorted(past.statuses.items())[:30],
    }
