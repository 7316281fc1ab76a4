"""``scrapy index``: what the corpus holds, lacks and repeats; rebuild its index, export it."""

from __future__ import annotations

import argparse
import difflib
import logging
import os
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError

from peoplesdaily.commands import _index_output as show
from peoplesdaily.parsers.fields.dates import BEIJING
from peoplesdaily.runs.exit_codes import HELD
from peoplesdaily.site.sections import SECTIONS
from peoplesdaily.spiders.arguments import ArgumentError, count, moment
from peoplesdaily.storage.feed_files import finished_files, is_feed_name
from peoplesdaily.storage.index import CorpusIndexError, Index, queries, reconcile
from peoplesdaily.storage.index.database import IndexBrokenError
from peoplesdaily.storage.index.export import Choice, export
from peoplesdaily.storage.index.opening import open_to_change
from peoplesdaily.storage.index.rebuild import IndexInUseError, rebuild
from peoplesdaily.utils.atomic_files import OutputError, output_dir

if TYPE_CHECKING:
    from io import TextIOWrapper

PAIRS = 10
"""Pairs that ``duplicates`` shows by default."""


@dataclass(frozen=True, slots=True)
class Action:
    """An action of ``scrapy index``.

    :param takes: its arguments and options, for the help.
    :param does: what it does, in a sentence.
    :param example: arguments of a call.
    """

    takes: str
    does: str
    example: str = ""

    def reads(self, flags: str) -> bool:
        """Whether the action has an option."""
        return f"[{flags}" in self.takes


ACTIONS = {
    "status": Action("[--json]", "counts what the index holds; the default"),
    "pending": Action(
        "[--section S] [--kind K] [--due] [--json]",
        "lists the articles that are wanted and not stored, with the reason",
        "--section world --due",
    ),
    "gone": Action(
        "[--json]", "lists the articles that are confirmed to be gone and are not tried again"
    ),
    "forget": Action(
        "ID...",
        "lets the next run try articles that are gone or wait for their next try",
        "9793058",
    ),
    "duplicates": Action(
        "[ID] [--since DAY] [--limit N] [--json]",
        "shows stories beside those that they duplicate, with their differences, the latest first",
        "--since 7d",
    ),
    "history": Action(
        "ID [--json]",
        "shows everything on record about a story, and what its revisions changed",
        "9793058",
    ),
    "rebuild": Action(
        "[PATH...] [--keep-moved]",
        "rebuilds the index from the finished files, and from those at each PATH",
        "/mnt/archive/2025",
    ),
    "export": Action(
        "FILE [--unique] [--section S] [--since DAY] [--until DAY] [--partial]",
        "writes the latest revision of each article as one JSON Lines file; - is stdout",
        "corpus.jsonl.gz --since 2026-01-01",
    ),
}
_FORMER_NAMES = {"owed": "pending", "settled": "gone"}


class Command(ScrapyCommand):
    """The actions are words and not options, because each takes other arguments."""

    requires_project = True
    requires_crawler_process = False
    default_settings = {"LOG_ENABLED": False}  # noqa: RUF012 - as Scrapy's own commands declare it

    def syntax(self) -> str:
        return "[ACTION] [options]"

    def short_desc(self) -> str:
        return "Show what the corpus holds, lacks and repeats; rebuild its index, export it"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        # In place of the one that cannot know the action.
        parser.add_argument("-h", "--help", action="store_true")
        group = parser.add_argument_group(title="Index")
        for flags, (metavar, does) in _OPTIONS.items():
            takes: dict[str, Any] = {"metavar": metavar} if metavar else {"action": "store_true"}
            group.add_argument(flags, help=does, **takes)

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        assert self.settings is not None
        self.output = output_dir(self.settings)
        word, given = (args[0], args[1:]) if args else ("status", [])
        if word not in ACTIONS:
            raise _usage(_no_action(word))
        if opts.help:
            show.action_help(word, ACTIONS[word], _OPTIONS) if args else show.help_table(ACTIONS)
            return
        for flags in _OPTIONS:
            name = flags.strip("-").replace("-", "_")
            if getattr(opts, name) not in (None, False) and not ACTIONS[word].reads(flags):
                readers = (other for other, action in ACTIONS.items() if action.reads(flags))
                raise _usage(f"{flags} is for {', '.join(readers)}, not for {word}")
        # UTF-8 in any locale, like the feeds.
        cast("TextIOWrapper", sys.stdout).reconfigure(encoding="utf-8")
        try:
            getattr(self, f"_{word}")(given, opts)
            sys.stdout.flush()
        except IndexInUseError as error:
            self._fail(str(error), HELD.code)
        except (CorpusIndexError, OutputError) as error:
            self._fail(str(error), 1)
        except BrokenPipeError:
            # The reader has closed the pipe; what is left in the buffer must not fail again.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            self.exitcode = 1

    def _fail(self, sentence: str, code: int) -> None:
        print(f"scrapy index: error: {sentence}", file=sys.stderr)
        self.exitcode = code

    @contextmanager
    def _reading(self) -> Iterator[Index]:
        """The index, opened read-only.

        :raises CorpusIndexError: it cannot be read; the message names the remedy.
        """
        path = reconcile.index_path(self.output)
        try:
            index = Index(path, read_only=True)
            with closing(index):
                yield index
        except IndexBrokenError as error:
            raise CorpusIndexError(
                f"{error}; rebuild it with `scrapy index rebuild`, or crawl, which does the same"
            ) from error

    # --- Actions that read -----------------------------------------------------------------

    def _status(self, args: list[str], opts: argparse.Namespace) -> None:
        _takes_nothing("status", args)
        with self._reading() as index:
            found = queries.status(index, self.output, datetime.now(UTC))
        if opts.json:
            show.json_line(found)
        else:
            show.status(found, reconcile.index_path(self.output))

    def _pending(self, args: list[str], opts: argparse.Namespace) -> None:
        _takes_nothing("pending", args)
        now = datetime.now(UTC)
        with self._reading() as index:
            _check_section(index, opts.section)
            found = queries.pending(
                index, section=opts.section, kind=opts.kind, due=now if opts.due else None
            )
            kinds = {kind for (kind,) in index.rows("SELECT DISTINCT kind FROM pending")}
        if opts.json:
            for article in found:
                show.json_line(article)
        elif found:
            show.pending(found)
        elif opts.kind and opts.kind not in kinds:
            there = ", ".join(sorted(kinds)) or "no other kind"
            print(f"Nothing is pending of kind {opts.kind}; there is {there}.")
        else:
            print("Nothing is pending.")

    def _gone(self, args: list[str], opts: argparse.Namespace) -> None:
        _takes_nothing("gone", args)
        with self._reading() as index:
            found = queries.gone(index)
        if opts.json:
            for story in found:
                show.json_line(story)
        elif found:
            show.gone(found)
        else:
            print("No article is gone.")

    def _duplicates(self, args: list[str], opts: argparse.Namespace) -> None:
        if len(args) > 1:
            raise _usage("duplicates takes one ID, or none")
        id_ = _id(args[0]) if args else None
        since = _moment("--since", opts.since)
        limit = _count("--limit", opts.limit)
        with self._reading() as index:
            if id_ is not None and not queries.history(index, id_):
                raise CorpusIndexError(_unknown(id_))
            found = queries.repeats(
                index,
                id_=id_,
                since=f"{since.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}" if since else None,
                limit=None if opts.limit == "all" else limit or PAIRS,
            )
        show.pairs(found, queries.Texts(self.output), as_json=opts.json)

    def _history(self, args: list[str], opts: argparse.Namespace) -> None:
        if len(args) != 1:
            raise _usage("history takes one ID")
        id_ = _id(args[0])
        with self._reading() as index:
            found = queries.history(index, id_)
        if not found:
            raise CorpusIndexError(_unknown(id_))
        show.history(found, queries.Texts(self.output), as_json=opts.json)

    def _export(self, args: list[str], opts: argparse.Namespace) -> None:
        if len(args) != 1:
            raise _usage("export takes one FILE, or - for stdout")
        target = None if args[0] == "-" else Path(args[0]).expanduser().absolute()
        if target is not None:
            self._check_target(target)
        since, until = _day("--since", opts.since), _day("--until", opts.until)
        if since and until and since > until:
            raise _usage(f"--since {since} is later than --until {until}: nothing lies between")
        with self._reading() as index:
            _check_section(index, opts.section)
            made = export(
                index,
                self.output,
                target or sys.stdout.buffer,
                Choice(unique=opts.unique, section=opts.section, since=since, until=until),
                partial=opts.partial,
            )
        sys.stdout.flush()
        where = "to stdout" if target is None else f"in {target}"
        print(f"{made.articles} articles {where}", file=sys.stderr)
        for path, (number, why) in made.lost.items():
            print(f"left out: {number} articles of {path}, {why}", file=sys.stderr)

    def _check_target(self, target: Path) -> None:
        if not is_feed_name(target):
            raise _usage(
                f"export writes JSON Lines, and {target.name!r} is not named like that: give it "
                "the ending .jsonl, .jsonl.gz, .jsonl.bz2 or .jsonl.xz"
            )
        if target.is_dir():
            raise _usage(f"{target} is a folder; name a file in it")
        # By their real paths, because of ".." and of links from or to another disk.
        place, output = target.parent.resolve(), self.output.resolve()
        folders = [folder.resolve() for folder in output.glob("*/")]
        inside = place != output and any(map(place.is_relative_to, (output, *folders)))
        there = {path.resolve() for path in finished_files(self.output)}
        if inside or place / target.name in there:
            raise _usage(
                f"{target} lies among the finished files, and the next run would read it as one; "
                f"choose a place outside {self.output}"
            )

    # --- Actions that write ----------------------------------------------------------------

    def _forget(self, args: list[str], opts: argparse.Namespace) -> None:
        if not args:
            raise _usage("forget takes one ID or several")
        ids = [_id(given) for given in args]
        with self._reading() as index:
            stories = [queries.history(index, id_) for id_ in ids]
        for story in stories:
            if not story:
                raise CorpusIndexError(_unknown(story.id))
            if not story.gone and not story.pending:
                raise CorpusIndexError(
                    f"story {story.id} is neither gone nor pending: there is nothing to forget"
                )
        with closing(open_to_change(self.output)) as index:
            again = [id_ for id_ in ids if index.pending.retry(id_, datetime.now(UTC))]
        print(f"The next run tries again: {', '.join(again)}")

    def _rebuild(self, args: list[str], opts: argparse.Namespace) -> None:
        if not self.output.is_dir():
            raise _usage(f"there is no output folder {self.output}; name it with -s OUTPUT_DIR=")
        more = [path for given in args for path in _files_at(given)]
        with _warnings_on_stderr():
            made = rebuild(self.output, more, keep_moved=opts.keep_moved)
        show.rebuilt(made, reconcile.index_path(self.output))


# The argument of each option, and what it does.
_OPTIONS = {
    "--json": (None, "print one JSON value a line"),
    "--section": ("S", "only this section"),
    "--kind": ("K", "only this kind of failure, such as 404 or timeout"),
    "--due": (None, "only what the next run may try"),
    "--since": ("DAY", "found then or later; for export: published then or later, in Beijing"),
    "--until": ("DAY", "published then or earlier"),
    "--limit": ("N", f"pairs at most, or all (default: {PAIRS})"),
    "--keep-moved": (None, "keep what is on record about files that were moved away"),
    "--unique": (None, "leave out near-duplicates"),
    "--partial": (None, "leave out articles whose files are missing"),
}


def _no_action(word: str) -> str:
    if word in _FORMER_NAMES:
        return f"`scrapy index {word}` is now called `scrapy index {_FORMER_NAMES[word]}`"
    close = difflib.get_close_matches(word, ACTIONS, 1)
    hint = f"did you mean {close[0]}?" if close else f"use one of {', '.join(ACTIONS)}"
    return f"there is no action {word!r}; {hint}"


def _usage(sentence: str) -> UsageError:
    return UsageError(sentence, print_help=False)


def _takes_nothing(word: str, args: list[str]) -> None:
    if args:
        raise _usage(f"{word} takes options only, got {' '.join(args)!r}")


def _id(given: str) -> str:
    if not (given.isascii() and given.isdigit()):
        raise _usage(
            f"{given!r} is no id of a story; the id is the number at the end of its address"
        )
    return given


def _unknown(id_: str) -> str:
    return f"story {id_} is not on record; ids are in the field `id` of the output"


def _check_section(index: Index, section: str | None) -> None:
    known = set(SECTIONS) | queries.sections(index)
    if section is not None and section not in known:
        raise _usage(f"there is no section {section!r}; known are {', '.join(sorted(known))}")


def _moment(name: str, value: str | None) -> datetime | None:
    try:
        return moment(name, value, datetime.now(BEIJING))
    except ArgumentError as error:
        raise _usage(str(error)) from None


def _day(name: str, value: str | None) -> str | None:
    found = _moment(name, value)
    return f"{found.astimezone(BEIJING):%Y-%m-%d}" if found else None


def _count(name: str, value: str | None) -> int | None:
    try:
        return count(name, value, unlimited="all")
    except ArgumentError as error:
        raise _usage(str(error)) from None


def _files_at(given: str) -> list[Path]:
    """A finished file, or those in a folder.

    :raises UsageError: there is none.
    """
    path = Path(given).expanduser().absolute()
    if path.is_dir():
        found = [
            file
            for file in sorted(path.rglob("*"))
            if is_feed_name(file)
            and file.is_file()
            and not any(part.startswith(".") for part in file.relative_to(path).parts)
        ]
        if not found:
            raise _usage(f"there are no JSON Lines files in {path}")
        return found
    if not path.is_file():
        raise _usage(f"there is nothing at {path}")
    if not is_feed_name(path):
        raise _usage(f"{path} is not named like a file of JSON Lines")
    return [path]


@contextmanager
def _warnings_on_stderr() -> Iterator[None]:
    """Print the warnings that a crawl would log."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setLevel(logging.WARNING)
    logger = logging.getLogger("peoplesdaily.storage.index")
    logger.addHandler(handler)
    try:
        yield
    finally:
        logger.removeHandler(handler)
