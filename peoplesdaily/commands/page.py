"""``scrapy page``: read one page and say who read it, save one as a case, count what is read."""

from __future__ import annotations

import argparse
import json
import re
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError

from peoplesdaily import parsers
from peoplesdaily.commands import _page_record, _template_table
from peoplesdaily.commands._page_fetch import Fetched, FetchError, fetch
from peoplesdaily.parsers import NotAnArticleError, PageError, StoryPage, UnknownTemplateError
from peoplesdaily.schemas import records
from peoplesdaily.site import urls
from peoplesdaily.utils.interrupts import unbroken

CASES = _template_table.ROOT / "tests" / "data" / "pages"
_LONGEST_SLUG = 50
# A visitor's, not the page's; they do not belong in a repository.
_PRIVATE_HEADERS = frozenset({"set-cookie"})


class Command(ScrapyCommand):
    """Actions are words and not options: each takes other arguments."""

    requires_project = True
    # Only an address needs one, and then it is made in _page_fetch.
    requires_crawler_process = False
    # The answer is a sentence; ``-L INFO`` shows the log of the request.
    default_settings = {"LOG_ENABLED": False}  # noqa: RUF012 - as Scrapy's own commands declare it

    def syntax(self) -> str:
        return "parse FILE|URL [--url ADDRESS] | save URL [--into FOLDER] | table"

    def short_desc(self) -> str:
        return "Read a page and say which template matched, or save it as a test case"

    def long_desc(self) -> str:
        return (
            "parse prints the record of one page as JSON, and on stderr which era read it and why "
            "each other era did not. save stores a page as it comes, with its headers and a first "
            "gold file for a person to read. table writes docs/eras.md: what is read exactly, "
            "field by field and era by era."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        group = parser.add_argument_group(title="Page")
        group.add_argument(
            "--url",
            metavar="ADDRESS",
            help="parse: address of FILE, instead of the one in meta.json beside it",
        )
        group.add_argument(
            "--into",
            metavar="FOLDER",
            help="save: folder of the case, instead of tests/data/pages/<era>/<headline>",
        )

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        action, given = (args[0], args[1:]) if args else ("", [])
        if action == "parse" and len(given) == 1:
            self._parse(given[0], opts.url)
        elif action == "save" and len(given) == 1:
            self._save(given[0], Path(opts.into) if opts.into else None)
        elif action == "table" and not given:
            print(_template_table.write())
        elif action in ("parse", "save", "table"):
            wanted = {"parse": "one file or address", "save": "one address", "table": "nothing"}
            raise UsageError(f"{action} takes {wanted[action]}", print_help=False)
        else:
            raise UsageError("say parse, save or table first", print_help=False)

    # --- parse -----------------------------------------------------------------------------

    def _parse(self, given: str, url: str | None) -> None:
        if "://" in given:
            if url is not None:
                raise UsageError("--url is for a file", print_help=False)
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
        for line in _page_record.eras(markup, url, story, refusal):
            print(line, file=sys.stderr)
        if refusal is not None or story is None:
            self._fail(_refusal(refusal) if refusal else "no story")
            return
        record = _page_record.record([story], _utc(at))
        _print_json(record)
        if story.others:
            _tell_of_others(story)
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
            self._fail(f"{_refusal(refusal)}; nothing is saved without --into")
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
            _tell_of_others(story)

    # --- both ------------------------------------------------------------------------------

    def _fetched(self, url: str) -> Fetched | None:
        """The page at ``url``; ``None`` after saying why it did not come."""
        canonical = urls.canonical(url)
        if canonical is None:
            raise UsageError(
                f"{url!r} is no address of an edition of People's Daily Online that is read here",
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


def _read(markup: str, url: str) -> tuple[StoryPage | None, PageError | None]:
    try:
        return _page_record.read(markup, url), None
    except PageError as error:
        return None, error


def _refusal(error: PageError) -> str:
    kinds = {NotAnArticleError: "no article", UnknownTemplateError: "unknown template"}
    return f"{kinds.get(type(error), 'unreadable')}: {error}"


def _tell_of_others(story: StoryPage) -> None:
    numbers = ", ".join(map(str, sorted(story.others)))
    word = "page" if len(story.others) == 1 else "pages"
    print(
        f"This page links {len(story.others)} other {word} of the story ({numbers}), not read here",
        file=sys.stderr,
    )


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise UsageError(f"cannot read {path}: {reason}", print_help=False) from None


def _address_beside(path: Path) -> str:
    """The address that the ``meta.json`` of a case gives to one of its pages."""
    try:
        url = json.loads((path.parent / "meta.json").read_text(encoding="utf-8"))["url"]
    except (OSError, ValueError, KeyError, TypeError):
        url = None
    if not isinstance(url, str):
        raise UsageError(
            f"no meta.json with a url beside {path}; give its address with --url", print_help=False
        )
    # The meta data name the first page; page-2.html is the second.
    number = re.fullmatch(r"page-(\d{1,4})\.html", path.name)
    address = urls.article(url)
    return address.page_url(int(number[1])) if number and address else url


def default_folder(story: StoryPage | None, url: str) -> Path:
    """Where a page is saved that nobody named a folder for."""
    return CASES / (story.template if story else "unknown") / _slug(story, url)


def _slug(story: StoryPage | None, url: str) -> str:
    """A folder's name: the headline's first words, or the story's id where it has no Latin ones."""
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
            f"{folder} is taken and nothing is overwritten; name another with --into",
            print_help=False,
        )


def _case_files(page: Fetched, story: StoryPage | None) -> dict[str, bytes]:
    """Contents of a case's files by name."""
    now = _utc(datetime.now(UTC))
    headers = {k: v for k, v in page.headers.items() if k.lower() not in _PRIVATE_HEADERS}
    files = {
        "page.html": page.body,
        "headers.json": _json(headers),
        "meta.json": _json({"url": page.url, "date": now, "replica": False, "note": ""}),
    }
    if story is not None:
        record = _page_record.record([story], now)
        # Under this name a test refuses it: what a parser printed is no second opinion on it.
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
    # UTF-8 whatever the terminal's locale says, like the feeds.
    sys.stdout.flush()
    sys.stdout.buffer.write(_json(value))
    sys.stdout.flush()


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).replace(microsecond=0).isoformat().replace("+00:00", "Z")
