"""``scrapy page``: parse one page and explain which template read it, or save it as a test case."""

from __future__ import annotations

import argparse
import json
import re
import sys
import textwrap
from datetime import UTC, datetime
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError

from peoplesdaily import parsers
from peoplesdaily.commands import _page_record
from peoplesdaily.commands._page_fetch import Fetched, FetchError, fetch
from peoplesdaily.parsers import NotAnArticleError, PageError, StoryPage, UnknownTemplateError
from peoplesdaily.schemas import records
from peoplesdaily.site import urls
from peoplesdaily.utils.interrupts import unbroken

CASES = Path(__file__).resolve().parents[2] / "tests" / "data" / "pages"
_LONGEST_SLUG = 50
# These belong to the visitor, not to the page, and must not get into a repository.
_PRIVATE_HEADERS = frozenset({"set-cookie"})
# By action: its arguments, a line for the table of actions, an explanation.
_ACTIONS = {
    "parse": (
        "FILE|URL [--url ADDRESS]",
        "print the record of one page, and which template read it",
        "Prints the record of one page as JSON on stdout, and on stderr a line for each template: "
        "that it read the page, or why it does not match. Other pages of the same story are not "
        "fetched. The address of FILE is in the meta.json beside it, or given with --url.",
    ),
    "save": (
        "URL [--into FOLDER]",
        "fetch a page and save it as a test case",
        "Saves a page unchanged, with its headers, its address in meta.json, and the parsed record "
        "in gold.unread.json. Correct that record by hand and rename it to gold.json. The default "
        "folder is tests/data/pages/<template>/<headline>; nothing is overwritten.",
    ),
}


class Command(ScrapyCommand):
    """``scrapy page ACTION ARGUMENT``; each action takes one argument."""

    requires_project = True
    # _page_fetch makes one when a page must be fetched.
    requires_crawler_process = False
    # Show only the command's own output; ``-L INFO`` logs the request.
    default_settings = {"LOG_ENABLED": False}  # noqa: RUF012 - as Scrapy's own commands declare it
    _parser: argparse.ArgumentParser

    def syntax(self) -> str:
        return "ACTION ..."

    def short_desc(self) -> str:
        return "Parse a page and say which template read it, or save it as a test case"

    def long_desc(self) -> str:
        return f"{self.short_desc()}."

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        self._parser = parser
        # Printed by run(), which knows the action that the help is for.
        parser.add_argument("-h", "--help", action="store_true", help="show this help and exit")
        for action, (arguments, summary, _) in _ACTIONS.items():
            group = parser.add_argument_group(action, f"{action} {arguments}: {summary}")
            if action == "parse":
                group.add_argument("--url", metavar="ADDRESS", help="address of FILE")
            else:
                group.add_argument("--into", metavar="FOLDER", help="folder to save the page in")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        action, given = (args[0], args[1:]) if args else ("", [])
        if opts.help and action in _ACTIONS:
            arguments, _, explanation = _ACTIONS[action]
            print(f"scrapy page {action} {arguments}\n\n{textwrap.fill(explanation, 79)}")
        elif opts.help:
            self._parser.print_help()
        elif action not in _ACTIONS:
            raise UsageError(_no_action(action), print_help=False)
        elif len(given) != 1:
            raise UsageError(f"usage: scrapy page {action} {_ACTIONS[action][0]}", print_help=False)
        elif action == "parse":
            self._parse(given[0], opts.url)
        else:
            self._save(given[0], Path(opts.into) if opts.into else None)

    # --- parse -----------------------------------------------------------------------------

    def _parse(self, given: str, url: str | None) -> None:
        if "://" in given:
            if url is not None:
                raise UsageError("--url goes with a file, not with an address", print_help=False)
            page = self._fetched(given)
            if page is None:
                return
            data, address, at = page.body, page.url, datetime.now(UTC)
        else:
            path = Path(given)
            data = _bytes(path)
            address = url or _address_beside(path)
            at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        self._report(parsers.decode(data), address, at)

    def _report(self, markup: str, url: str, at: datetime) -> None:
        story, refusal = _read(markup, url)
        for line in _page_record.explain_templates(markup, url, story, refusal):
            print(line, file=sys.stderr)
        if refusal is not None or story is None:
            self._fail(_refusal(refusal) if refusal else "no story")
            return
        record = _page_record.record([story], _utc(at))
        _print_json(record)
        if story.others:
            _report_other_pages(story)
        broken = list(records.violations(record))
        if broken:
            self._fail(f"a crawl would reject this record: {'; '.join(broken)}")

    # --- save ------------------------------------------------------------------------------

    def _save(self, url: str, folder: Path | None) -> None:
        if folder is not None:
            _refuse_overwriting(folder)
        page = self._fetched(url)
        if page is None:
            return
        markup = parsers.decode(page.body)
        story, refusal = _read(markup, page.url)
        if isinstance(refusal, NotAnArticleError) and folder is None:
            self._fail(f"{_refusal(refusal)}; to save it anyway, name a folder with --into")
            return
        folder = folder or default_folder(story, page.url)
        _refuse_overwriting(folder)
        try:
            with unbroken():
                _store(folder, _case_files(page, story))
        except OSError as error:
            self._fail(f"cannot write in {folder}: {error.strerror or error}")
            return
        print(folder)
        if refusal is not None:
            self._fail(f"saved without a gold file: {_refusal(refusal)}")
            return
        print(
            "Read the page, correct gold.unread.json by hand and rename it to gold.json.",
            file=sys.stderr,
        )
        if story is not None and story.others:
            _report_other_pages(story)

    # --- shared ------------------------------------------------------------------------------

    def _fetched(self, url: str) -> Fetched | None:
        """The page at ``url``; ``None`` if it cannot be fetched, after printing the reason."""
        canonical = urls.canonical(url)
        if canonical is None:
            raise UsageError(
                f"{url!r} is not an address of a supported edition of People's Daily Online",
                print_help=False,
            )
        assert self.settings is not None
        try:
            return fetch(canonical, self.settings)
        except FetchError as error:
            self._fail(str(error))
            return None

    def _fail(self, sentence: str) -> None:
        print(f"scrapy page: {sentence}", file=sys.stderr)
        self.exitcode = 1


def _no_action(action: str) -> str:
    """The message for a missing or unknown action."""
    near = get_close_matches(action, _ACTIONS, n=1)
    known = f"did you mean {near[0]}?" if near else f"the actions are {' and '.join(_ACTIONS)}"
    return f"unknown action {action!r}; {known}" if action else f"no action; {known}"


def _read(markup: str, url: str) -> tuple[StoryPage | None, PageError | None]:
    try:
        return parsers.parse_article(markup, url), None
    except PageError as error:
        return None, error


def _refusal(error: PageError) -> str:
    kinds = {NotAnArticleError: "not an article", UnknownTemplateError: "unknown template"}
    return f"{kinds.get(type(error), 'unreadable')}: {error}"


def _report_other_pages(story: StoryPage) -> None:
    numbers = ", ".join(map(str, sorted(story.others)))
    word = "page" if len(story.others) == 1 else "pages"
    print(
        f"This page links {len(story.others)} other {word} of the story ({numbers}), not fetched",
        file=sys.stderr,
    )


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise UsageError(f"cannot read {path}: {reason}", print_help=False) from None


def _address_beside(path: Path) -> str:
    """The address of a page of a test case, from the ``meta.json`` beside it."""
    try:
        url = json.loads((path.parent / "meta.json").read_text(encoding="utf-8"))["url"]
    except (OSError, ValueError, KeyError, TypeError):
        url = None
    if not isinstance(url, str):
        raise UsageError(
            f"no meta.json with a url beside {path}; give the address with --url", print_help=False
        )
    # meta.json has the address of the first page; page-2.html is the second.
    number = re.fullmatch(r"page-(\d{1,4})\.html", path.name)
    address = urls.article(url)
    return address.page_url(int(number[1])) if number and address else url


def default_folder(story: StoryPage | None, url: str) -> Path:
    """Where a page is saved without ``--into``."""
    return CASES / (story.template if story else "unknown") / _slug(story, url)


def _slug(story: StoryPage | None, url: str) -> str:
    """Folder name: the headline's first words, or the story's id if it has no Latin words."""
    slug = ""
    for word in re.findall(r"[a-z0-9]+", story.title.lower() if story else ""):
        if len(slug) + len(word) >= _LONGEST_SLUG:
            break
        slug += f"-{word}" if slug else word
    address = urls.article(url)
    return slug or (address.id if address else "page")


def _refuse_overwriting(folder: Path) -> None:
    try:
        taken = not folder.is_dir() if folder.exists() else False
        taken = taken or (folder.is_dir() and any(folder.iterdir()))
    except OSError as error:
        raise UsageError(f"cannot look into {folder}: {error.strerror}", print_help=False) from None
    if taken:
        raise UsageError(
            f"{folder} is not empty and nothing is overwritten; name another with --into",
            print_help=False,
        )


def _case_files(page: Fetched, story: StoryPage | None) -> dict[str, bytes]:
    """The files of a test case: contents by name."""
    now = _utc(datetime.now(UTC))
    headers = {k: v for k, v in page.headers.items() if k.lower() not in _PRIVATE_HEADERS}
    files = {
        "page.html": page.body,
        "headers.json": _json(headers),
        "meta.json": _json({"url": page.url, "date": now, "replica": False, "note": ""}),
    }
    if story is not None:
        record = _page_record.record([story], now)
        # A test rejects files of this name: a parser's output cannot check the parser.
        files["gold.unread.json"] = _json({name: record[name] for name in _page_record.GOLD})
    return files


def _store(folder: Path, files: dict[str, bytes]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in files.items():
        with (folder / name).open("xb") as file:
            file.write(data)


def _json(value: Any) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=2) + "\n").encode("utf-8", "replace")


def _print_json(value: Any) -> None:
    # Always UTF-8, like the feeds, whatever the locale.
    sys.stdout.flush()
    sys.stdout.buffer.write(_json(value))
    sys.stdout.flush()


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).replace(microsecond=0).isoformat().replace("+00:00", "Z")
