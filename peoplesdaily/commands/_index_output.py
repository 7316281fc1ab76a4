"""What ``scrapy index`` prints."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from peoplesdaily.items import Article
from peoplesdaily.storage.index.models import Owed
from peoplesdaily.storage.index.queries import (
    History,
    Key,
    Line,
    Repeat,
    SectionStatus,
    Settled,
    Status,
    Texts,
    as_dict,
)
from peoplesdaily.storage.index.rebuild import Rebuilt
from peoplesdaily.storage.near_duplicates import exact_similarity
from peoplesdaily.utils.text_diff import side_by_side

_AT_A_TIME = 50  # pairs whose texts are in memory
_MOST_FILES = 10


def json_line(value: Any) -> None:
    """One finding as a line of JSON."""
    print(json.dumps(as_dict(value), ensure_ascii=False))


def table(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Rows in columns that are as wide as their longest cell; the last one as it comes."""
    cells = [tuple(head), *(tuple("-" if c is None else str(c) for c in row) for row in rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    for row in cells:
        padded = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        print("  ".join(padded).rstrip())


def status(found: Status, path: Path) -> None:
    """The index in numbers."""
    moved = f", {len(found.missing)} of them no longer there" if found.missing else ""
    rows = [
        ("articles", f"{found.articles}"),
        ("revisions", f"{found.revisions} further lines of theirs"),
        ("aliases", f"{found.aliases} stories with the text of another, not written"),
        ("near-duplicates", f"{found.near_duplicates} of the articles"),
        ("owed", _owed(found)),
        ("settled", f"{found.settled} gone, not asked for any more"),
        ("not wanted", f"{found.not_wanted} outside the time that was asked for"),
        ("files", f"{found.files} on record{moved}"),
        ("index", f"{path}, {found.size / 1e6:.1f} MB"),
    ]
    if found.writing:
        rows.insert(2, ("being written", f"{found.writing} lines"))
    for name, value in rows:
        print(f"{name:<16}{value}")
    for file in found.missing[:_MOST_FILES]:
        print(f"{'':<16}not there: {file}")
    if len(found.missing) > _MOST_FILES:
        print(f"{'':<16}and {len(found.missing) - _MOST_FILES} more")
    for run in found.runs:
        state = f"since {run.since}" if run.alive else "died; the next run recovers what it left"
        print(f"{'run':<16}{run.run}, {state}")
    if found.sections:
        print()
        table(
            ("section", "articles", "first seen", "last new one", "latest walk"),
            [
                (s.section, s.articles, s.first_seen, s.last_seen, _walk(s))
                for s in found.sections
            ],
        )  # fmt: skip


def _owed(found: Status) -> str:
    if not found.owed:
        return "nothing"
    due, later = (sum(numbers) for numbers in zip(*found.owed.values(), strict=True))
    kinds = "; ".join(f"{kind} {now} due, {then} later" for kind, (now, then) in found.owed.items())
    return f"{due} due now, {later} later ({kinds})"


def _walk(section: SectionStatus) -> str:
    if section.floor is None:
        return "none complete yet"
    down = f"down to {section.floor}" if section.floor else "to the list's end"
    return f"complete {down}" if section.complete else f"incomplete; an earlier one {down}"


def debts(found: Sequence[Owed]) -> None:
    """Debts, a line each."""
    table(
        ("id", "kind", "tries", "owed since", "next try", "section", "url", "reason"),
        [
            (o.id, o.kind, o.tries, o.owed_since, o.next_try, o.section, o.url, o.reason)
            for o in found
        ],
    )


def settled(found: Sequence[Settled]) -> None:
    """Settled stories, a line each."""
    table(
        ("id", "settled", "url", "reason"), [(s.id, s.settled_at, s.url, s.reason) for s in found]
    )


# --- Pairs and revisions ------------------------------------------------------------------------


def pairs(found: Sequence[Repeat], texts: Texts, *, as_json: bool) -> None:
    """Stories beside those that they repeat."""
    for start in range(0, len(found), _AT_A_TIME):
        some = found[start : start + _AT_A_TIME]
        read = texts.read(line for repeat in some for line in (repeat.line, repeat.of) if line)
        for number, repeat in enumerate(some, start):
            exact = _exact(repeat, read)
            if as_json:
                json_line({**as_dict(repeat), "exact": exact, "missing": _missing(repeat, read)})
                continue
            if number:
                print("\n" + "=" * _width() + "\n")
            _pair(repeat, read, texts, exact)
    if not found and not as_json:
        print("No story repeats another.")


def _exact(repeat: Repeat, read: dict[Key, Article]) -> float | None:
    """The measure that was estimated, where both texts are at hand."""
    one, other = _texts(repeat, read)
    if one is None or other is None:
        return None
    return round(exact_similarity(one.title, one.body, other.title, other.body), 3)


def _texts(repeat: Repeat, read: dict[Key, Article]) -> tuple[Article | None, Article | None]:
    one, other = (read.get(line.key) if line else None for line in (repeat.of, repeat.line))
    return one, other


def _missing(repeat: Repeat, read: dict[Key, Article]) -> list[str]:
    """Files that should hold one of the two and do not."""
    lines = (line for line in (repeat.line, repeat.of) if line and line.key not in read)
    return sorted({line.file for line in lines if line.file})


def _pair(repeat: Repeat, read: dict[Key, Article], texts: Texts, exact: float | None) -> None:
    if repeat.is_alias:
        print(
            f"{repeat.id} is another name of {repeat.of_id}"
            f" (similarity {repeat.similarity:.3f}, found {repeat.found_at})"
        )
    else:
        measured = "unknown" if exact is None else f"{exact:.3f}"
        print(
            f"{repeat.id} nearly repeats {repeat.of_id} (estimated {repeat.similarity:.3f}, "
            f"exact {measured}, found {repeat.found_at})"
        )
    if repeat.of is None:
        print(f"  {repeat.of_id}: the index does not know it any more")
    else:
        _line(repeat.of)
    if repeat.line is None:
        print(f"  {repeat.id}  {repeat.url}")
        print(f"    {repeat.title or 'title unknown'}, {repeat.source or 'no source'}")
        print("    Its text was not kept.")
        return
    _line(repeat.line)
    _differences(repeat.of, repeat.line, read, texts)


def _line(line: Line) -> None:
    revision = f", revision {line.revision}" if line.revision > 1 else ""
    print(f"  {line.id}{revision}  {line.url}")
    print(f"    {line.title}, {line.source or 'no source'}")
    print(
        f"    published {line.published_at or line.published_on}, crawled {line.crawled_at}, "
        f"{line.file or 'not in a finished file yet'}"
    )


def _differences(one: Line | None, other: Line, read: dict[Key, Article], texts: Texts) -> None:
    """Two texts side by side, or why that cannot be."""
    lines = [line for line in (one, other) if line is not None]
    for line in lines:
        if line.key not in read and line.file is not None:
            why = texts.lost.get(line.file, "the line is not in it")
            print(f"    No text of {line.id}: {line.file}: {why}.")
    found = [read[line.key] for line in lines if line.key in read]
    if len(found) == 2:
        print()
        print(side_by_side(_text(found[0]), _text(found[1]), _width()))


def _text(article: Article) -> str:
    return f"{article.title}\n\n{article.body or ''}"


def _width() -> int:
    return shutil.get_terminal_size((100, 24)).columns


def history(found: History, texts: Texts, *, as_json: bool) -> None:
    """All that is known of one story."""
    if as_json:
        json_line(found)
        return
    read = texts.read(found.lines)
    if not found.lines:
        print(f"{found.id}: not stored")
    for number, line in enumerate(found.lines):
        print(f"revision {line.revision}")
        _line(line)
        if number:
            _differences(found.lines[number - 1], line, read, texts)
        elif line.key not in read:
            _differences(None, line, read, texts)
        print()
    for section, first_seen in found.sections:
        print(f"listed by {section} since {first_seen}")
    for repeat in found.repeats:
        how = "is another name of" if repeat.is_alias else "nearly repeats"
        print(
            f"{repeat.id} {how} {repeat.of_id}, similarity {repeat.similarity:.3f}, found "
            f"{repeat.found_at}: {repeat.url}"
        )
    for debt in found.owed:
        print(
            f"owed since {debt.owed_since}: {debt.kind}, {debt.tries} tries, next try "
            f"{debt.next_try}: {debt.reason or debt.url}"
        )
    for story in found.settled:
        print(f"settled {story.settled_at}: {story.reason}: {story.url}")


def rebuilt(made: Rebuilt, path: Path) -> None:
    """What a new index was made of."""
    print(f"{path}: {made.articles} articles from {made.found.files} finished files")
    if made.taken:
        rows = ", ".join(f"{number} of {name}" for name, number in made.taken.items())
        print(f"taken over from the old index: {rows}")
    if made.kept:
        print(f"kept, though their files are elsewhere: {made.kept} lines")
    if made.found.salvaged:
        print(f"salvaged from runs that died: {made.found.salvaged} articles")
    if made.found.bad_lines:
        print(f"not counted, for they are no records: {made.found.bad_lines} lines")
    if made.aside is not None:
        print(f"the old index was broken and is kept as {made.aside}")
    if made.forgotten:
        number = sum(made.forgotten.values())
        print(
            f"warning: {number} articles are forgotten, and fetched again where a list still names "
            "them, for their files were moved away; `scrapy index rebuild PATH` with the folder "
            "where these files lie now knows them again:",
            file=sys.stderr,
        )
        for file, count in made.forgotten.items():
            print(f"  {file}: {count} articles", file=sys.stderr)
