"""What ``scrapy index`` prints."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from peoplesdaily.items import Article
from peoplesdaily.storage.index.models import PendingArticle
from peoplesdaily.storage.index.queries import (
    GoneStory,
    History,
    Key,
    Repeat,
    Revision,
    SectionStatus,
    Status,
    Texts,
    as_dict,
)
from peoplesdaily.storage.index.rebuild import Rebuilt
from peoplesdaily.storage.near_duplicates import exact_similarity
from peoplesdaily.utils.text_diff import side_by_side

if TYPE_CHECKING:
    from peoplesdaily.commands.index import Action

_AT_A_TIME = 50  # pairs whose texts are in memory
_MOST_FILES = 10


def json_line(value: Any) -> None:
    """Print one result as a line of JSON."""
    print(json.dumps(as_dict(value), ensure_ascii=False))


def table(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Print rows in columns as wide as their longest cell; the last column is not padded."""
    cells = [tuple(head), *(tuple("-" if c is None else str(c) for c in row) for row in rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    for row in cells:
        padded = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        print("  ".join(padded).rstrip())


def status(found: Status, path: Path) -> None:
    """Print the index in numbers."""
    moved = f", {len(found.missing)} of them no longer there" if found.missing else ""
    rows = [
        ("articles", f"{found.articles}"),
        ("revisions", f"{found.revisions} later revisions of them"),
        ("aliases", f"{found.aliases} stories with the text of another, not written"),
        ("near-duplicates", f"{found.near_duplicates} of the articles"),
        ("pending", _pending(found)),
        ("gone", f"{found.gone} confirmed, not tried again"),
        ("not wanted", f"{found.not_wanted} outside the window of the run that read them"),
        ("files", f"{found.files} on record{moved}"),
        ("index", f"{path}, {found.size / 1e6:.1f} MB"),
    ]
    if found.writing:
        rows.insert(2, ("being written", f"{found.writing} revisions"))
    for name, value in rows:
        print(f"{name:<16}{value}")
    for file in found.missing[:_MOST_FILES]:
        print(f"{'':<16}missing: {file}")
    if len(found.missing) > _MOST_FILES:
        print(f"{'':<16}and {len(found.missing) - _MOST_FILES} more")
    for run in found.runs:
        state = f"since {run.since}" if run.alive else "died; the next run recovers what it left"
        print(f"{'run':<16}{run.run}, {state}")
    if found.sections:
        print()
        table(
            ("section", "articles", "first seen", "last new one", "latest pass"),
            [
                (s.section, s.articles, s.first_seen, s.last_seen, _pass(s))
                for s in found.sections
            ],
        )  # fmt: skip


def _pending(found: Status) -> str:
    if not found.pending:
        return "nothing"
    due, later = (sum(numbers) for numbers in zip(*found.pending.values(), strict=True))
    kinds = "; ".join(
        f"{kind} {now} due, {then} later" for kind, (now, then) in found.pending.items()
    )
    return f"{due} due now, {later} later ({kinds})"


def _pass(section: SectionStatus) -> str:
    if section.watermark is None:
        return "none complete yet"
    down = f"down to {section.watermark}" if section.watermark else "to the list's end"
    return f"complete {down}" if section.complete else f"incomplete; an earlier one {down}"


def pending(found: Sequence[PendingArticle]) -> None:
    """Print pending articles, a line each."""
    table(
        ("id", "kind", "tries", "pending since", "next try", "section", "url", "reason"),
        [
            (a.id, a.kind, a.tries, a.pending_since, a.next_try, a.section, a.url, a.reason)
            for a in found
        ],
    )


def gone(found: Sequence[GoneStory]) -> None:
    """Print stories that are gone, a line each."""
    table(
        ("id", "confirmed at", "url", "reason"),
        [(s.id, s.confirmed_at, s.url, s.reason) for s in found],
    )


# --- Pairs and revisions ------------------------------------------------------------------------


def pairs(found: Sequence[Repeat], texts: Texts, *, as_json: bool) -> None:
    """Print stories beside those that they duplicate."""
    for start in range(0, len(found), _AT_A_TIME):
        some = found[start : start + _AT_A_TIME]
        read = texts.read(each for repeat in some for each in (repeat.revision, repeat.of) if each)
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
    """The exact similarity, where both texts can be read."""
    one, other = _texts(repeat, read)
    if one is None or other is None:
        return None
    return round(exact_similarity(one.title, one.body, other.title, other.body), 3)


def _texts(repeat: Repeat, read: dict[Key, Article]) -> tuple[Article | None, Article | None]:
    one, other = (read.get(each.key) if each else None for each in (repeat.of, repeat.revision))
    return one, other


def _missing(repeat: Repeat, read: dict[Key, Article]) -> list[str]:
    """Files that should hold one of the two and do not."""
    unread = (each for each in (repeat.revision, repeat.of) if each and each.key not in read)
    return sorted({each.file for each in unread if each.file})


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
        print(f"  {repeat.of_id}: not on record any more")
    else:
        _revision(repeat.of)
    if repeat.revision is None:
        print(f"  {repeat.id}  {repeat.url}")
        print(f"    {repeat.title or 'title unknown'}, {repeat.source or 'no source'}")
        print("    Its text was not kept.")
        return
    _revision(repeat.revision)
    _differences(repeat.of, repeat.revision, read, texts)


def _revision(found: Revision) -> None:
    number = f", revision {found.revision}" if found.revision > 1 else ""
    print(f"  {found.id}{number}  {found.url}")
    print(f"    {found.title}, {found.source or 'no source'}")
    print(
        f"    published {found.published_at or found.published_on}, crawled {found.crawled_at}, "
        f"{found.file or 'not in a finished file yet'}"
    )


def _differences(
    one: Revision | None, other: Revision, read: dict[Key, Article], texts: Texts
) -> None:
    """Print two texts side by side, or why one cannot be read."""
    revisions = [each for each in (one, other) if each is not None]
    for each in revisions:
        if each.key not in read and each.file is not None:
            why = texts.lost.get(each.file, "the line is not in it")
            print(f"    No text of {each.id}: {each.file}: {why}.")
    found = [read[each.key] for each in revisions if each.key in read]
    if len(found) == 2:
        print()
        print(side_by_side(_text(found[0]), _text(found[1]), _width()))


def _text(article: Article) -> str:
    return f"{article.title}\n\n{article.body or ''}"


def _width() -> int:
    return shutil.get_terminal_size((100, 24)).columns


def history(found: History, texts: Texts, *, as_json: bool) -> None:
    """Print everything on record about one story."""
    if as_json:
        json_line(found)
        return
    read = texts.read(found.revisions)
    if not found.revisions:
        print(f"{found.id}: not stored")
    for number, each in enumerate(found.revisions):
        print(f"revision {each.revision}")
        _revision(each)
        if number:
            _differences(found.revisions[number - 1], each, read, texts)
        elif each.key not in read:
            _differences(None, each, read, texts)
        print()
    for section, first_seen in found.sections:
        print(f"listed by {section} since {first_seen}")
    for repeat in found.repeats:
        how = "is another name of" if repeat.is_alias else "nearly repeats"
        print(
            f"{repeat.id} {how} {repeat.of_id}, similarity {repeat.similarity:.3f}, found "
            f"{repeat.found_at}: {repeat.url}"
        )
    for article in found.pending:
        print(
            f"pending since {article.pending_since}: {article.kind}, {article.tries} tries, "
            f"next try {article.next_try}: {article.reason or article.url}"
        )
    for story in found.gone:
        print(f"gone, confirmed at {story.confirmed_at}: {story.reason}: {story.url}")


def rebuilt(made: Rebuilt, path: Path) -> None:
    """Print what a new index was made from."""
    print(f"{path}: {made.articles} articles from {made.found.files} finished files")
    if made.taken:
        rows = ", ".join(f"{number} of {name}" for name, number in made.taken.items())
        print(f"copied from the old index: {rows}")
    if made.kept:
        print(f"kept, though their files are elsewhere: {made.kept} revisions")
    if made.found.salvaged:
        print(f"salvaged from runs that died: {made.found.salvaged} articles")
    if made.found.bad_lines:
        print(f"not counted, because they are no records: {made.found.bad_lines} lines")
    if made.aside is not None:
        print(f"the old index was broken and is kept as {made.aside}")
    if made.forgotten:
        number = sum(made.forgotten.values())
        print(
            f"warning: {number} articles are forgotten, and fetched again where a list still names "
            "them, because their files were moved away; run `scrapy index rebuild PATH` with the "
            "folder where these files are now to have them back:",
            file=sys.stderr,
        )
        for file, count in made.forgotten.items():
            print(f"  {file}: {count} articles", file=sys.stderr)


# --- Help ---------------------------------------------------------------------------------------


def help_table(actions: Mapping[str, Action]) -> None:
    """Print the actions, one line each."""
    print("Usage: scrapy index [ACTION] [options]\n\nActions:")
    for word, action in actions.items():
        print(f"  {word:<12}{action.does}")
    print(
        "\n`scrapy index ACTION --help` explains one. `-s OUTPUT_DIR=FOLDER` names another output"
        " folder."
    )


def action_help(word: str, action: Action, options: Mapping[str, tuple[str | None, str]]) -> None:
    """Print the usage of one action, its options and an example."""
    print(f"Usage: scrapy index {word} {action.takes}\n")
    print(f"{action.does[0].upper()}{action.does[1:]}.\n\nOptions:")
    for flags, (metavar, does) in options.items():
        if action.reads(flags):
            print(f"  {f'{flags} {metavar}' if metavar else flags:<16}{does}")
    print(f"  {'-s NAME=VALUE':<16}set a setting, such as OUTPUT_DIR")
    print(f"\nExample:\n  {f'scrapy index {word} {action.example}'.rstrip()}")
