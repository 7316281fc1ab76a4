"""Our records against general extractors on the same pages, field by field; see README.md.

    python benchmarks/extractors.py [--python INTERPRETER]

Each of the others runs in this environment or, where it is not here, in that of ``--python``, made
by ``pip install -r benchmarks/requirements.txt``; one that is in neither is named and left out.
Pages: every case of one page in ``tests/data/pages`` that has a gold file, and the real pages where
they are at hand. The tables go to README.md.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from extractor_process import EXTRACTORS, NOT_RUNNABLE

from peoplesdaily import parsers
from peoplesdaily.commands import _page_record
from peoplesdaily.parsers import PageError
from peoplesdaily.utils.text import clean
from scripts.template_table import EXPECTED, ROOT, real_folder, sha256

README = HERE / "README.md"
BEGIN, END = "<!-- extractors -->", "<!-- /extractors -->"
OURS = "peoplesdaily"
EPOCH = "1970-01-01T00:00:00Z"
# What a library has no field for is no mistake of its; the table says so. The name of the site,
# which two of them give, is not the source that the byline credits.
LACKS = {
    # Its detector of languages is an extra.
    "trafilatura": {"source", "editors", "language"},
    "newspaper4k": {"source", "editors"},
    "fundus": {"source", "editors", "language"},
}
REMARK = """\
Each library with its defaults; newspaper4k is told the language, fundus gets decoded text and has a
parser for the Chinese edition only. Replicas are short and are our own idea of the site: they show
which fields a general extractor can give at all, not how well it does on the live site. The real
pages are the ones that nobody here made.

"""
GROUPS = (
    "English edition, replicas",
    "Chinese edition, replicas",
    "Editions in other languages, replicas",
    "Chinese edition, real pages",
)


@dataclass(frozen=True, slots=True)
class Page:
    """A page and what a person read on it.

    :param gold: fields of the record; ``title`` and ``paragraphs`` hashed where ``hashed``.
    """

    group: str
    file: Path
    url: str
    gold: dict[str, Any]
    hashed: bool = False

    def shown(self, text: str) -> str:
        """``text`` as the gold has it."""
        return sha256(clean(text)) if self.hashed else clean(text)

    def sent(self) -> dict[str, str]:
        """What an extractor is given."""
        text = parsers.decode(self.file.read_bytes())
        language = self.gold["language"]
        return {"file": str(self.file), "url": self.url, "language": language, "text": text}


def fixtures() -> Iterator[Page]:
    """The cases of one page; those of several need a crawl."""
    for path in sorted((ROOT / "tests" / "data" / "pages").glob("*/*/gold.json")):
        if (path.parent / "page-2.html").exists():
            continue
        gold = json.loads(path.read_text(encoding="utf-8"))
        gold["paragraphs"] = gold["body"].split("\n\n") if gold["body"] else []
        media = [*gold.get("images", ()), *gold.get("videos", ())]
        gold["captions"] = [medium["caption"] for medium in media if medium["caption"]]
        url = json.loads((path.parent / "meta.json").read_text(encoding="utf-8"))["url"]
        group = GROUPS[{"en": 0, "zh": 1}.get(gold["language"], 2)]
        yield Page(group, path.parent / "page.html", url, gold)


def real_pages() -> Iterator[Page]:
    """The real pages that are at hand."""
    for expected in json.loads(EXPECTED.read_text(encoding="utf-8")):
        file = real_folder() / expected["file"]
        if file.is_file():
            gold = {**expected, "language": "zh", "captions": []}
            gold["paragraphs"] = [paragraph["sha256"] for paragraph in expected["paragraphs"]]
            yield Page(GROUPS[3], file, expected["url"], gold, hashed=True)


# --- Extractors ------------------------------------------------------------------------------


def ours(page: Page) -> dict[str, Any] | None:
    """The project's own record, in the terms of the others."""
    try:
        story = parsers.parse_article(parsers.decode(page.file.read_bytes()), page.url)
    except PageError:
        return None
    record = _page_record.record([story], EPOCH)
    return {
        **{name: record[name] for name in ("title", "source", "authors", "editors", "language")},
        "date": record["published_at"] or record["published_on"],
        "paragraphs": list(story.paragraphs),
    }


def other(name: str, python: str, found: list[Page]) -> tuple[str, list[dict[str, Any] | None]]:
    """The version of a library and what it finds; ``LookupError`` where it does not run."""
    done = subprocess.run(
        [python, str(HERE / "extractor_process.py"), name],
        input=json.dumps([page.sent() for page in found]),
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode == NOT_RUNNABLE:
        raise LookupError(done.stderr.strip().splitlines()[-1])
    if done.returncode:
        raise LookupError(f"ended with code {done.returncode}: {done.stderr.strip()[-300:]}")
    if done.stderr:
        print(done.stderr, file=sys.stderr, end="")
    answer = json.loads(done.stdout.strip().splitlines()[-1])
    return str(answer["version"]), answer["pages"]


def anywhere(
    name: str, pythons: list[str], found: list[Page]
) -> tuple[str, list[dict[str, Any] | None]]:
    """:func:`other` with the first of ``pythons`` that has the library."""
    reasons = []
    for python in dict.fromkeys(pythons):
        try:
            return other(name, python, found)
        except (LookupError, OSError) as error:
            reasons.append(str(error))
    raise LookupError("; ".join(dict.fromkeys(reasons)))


# --- Fields ----------------------------------------------------------------------------------


def _paragraphs(page: Page, found: dict[str, Any]) -> list[str]:
    return [page.shown(text) for text in found.get("paragraphs") or () if clean(text)]


def _title(page: Page, found: dict[str, Any]) -> bool:
    return page.shown(found.get("title") or "") == page.gold["title"]


def _day(page: Page, found: dict[str, Any]) -> bool | None:
    day = page.gold.get("published_on") or page.gold["published_at"][:10]
    return (found.get("date") or "")[:10] == day


def _minute(page: Page, found: dict[str, Any]) -> bool | None:
    at = page.gold["published_at"]
    return None if at is None else (found.get("date") or "")[:16] == at[:16]


def _offset(page: Page, found: dict[str, Any]) -> bool | None:
    at = page.gold["published_at"]
    return None if at is None else found.get("date") == at


def _printed(name: str) -> Callable[[Page, dict[str, Any]], bool | None]:
    def right(page: Page, found: dict[str, Any]) -> bool | None:
        gold = page.gold.get(name)
        return found.get(name) == gold if gold else None

    return right


def _no_author(page: Page, found: dict[str, Any]) -> bool | None:
    # Unknown is not none: what was not written down is not counted.
    return not found.get("authors") if page.gold.get("authors") == [] else None


def _body(page: Page, found: dict[str, Any]) -> bool:
    return _paragraphs(page, found) == page.gold["paragraphs"]


def _text(page: Page, found: dict[str, Any]) -> bool | None:
    """The body's words, however they are cut into paragraphs."""
    if page.hashed:
        return None
    return " ".join(_paragraphs(page, found)) == " ".join(page.gold["paragraphs"])


def _captions(page: Page, found: dict[str, Any]) -> bool | None:
    captions, body = page.gold.get("captions"), " ".join(_paragraphs(page, found))
    if not captions or (not body and page.gold["paragraphs"]):
        # Who finds no text at all keeps no captions out of it.
        return False if captions else None
    return not any(caption in body for caption in captions)


def _language(page: Page, found: dict[str, Any]) -> bool:
    return (found.get("language") or "")[:2] == page.gold["language"]


FIELDS: dict[str, Callable[[Page, dict[str, Any]], bool | None]] = {
    "title exact": _title,
    "published: day": _day,
    "published: minute": _minute,
    "published: minute with offset": _offset,
    "source, where printed": _printed("source"),
    "authors, where printed": _printed("authors"),
    "no author made up, where none is printed": _no_author,
    "editors, where printed": _printed("editors"),
    "paragraphs exact": _body,
    "text exact, paragraphs aside": _text,
    "captions kept out": _captions,
    "language": _language,
}

# --- Tables ----------------------------------------------------------------------------------

Results = dict[str, list[dict[str, Any] | None]]


def tables(found: list[Page], results: Results) -> Iterator[str]:
    """A Markdown table for each group of pages that has any."""
    for group in GROUPS:
        chosen = [number for number, page in enumerate(found) if page.group == group]
        # fundus has a parser of the Chinese edition only.
        names = [name for name in results if any(results[name][number] for number in chosen)]
        if chosen:
            yield f"**{group}: {len(chosen)} pages**\n\n" + _table(found, chosen, results, names)


def _table(found: list[Page], chosen: list[int], results: Results, names: list[str]) -> str:
    rows = [f"| field | {' | '.join(names)} |", "| --- |" + " ---: |" * len(names)]
    for field in FIELDS:
        cells = [_cell(field, name, found, chosen, results[name]) for name in names]
        if any(cells):
            rows.append(f"| {field} | {' | '.join(cells)} |")
    return "\n".join(rows) + "\n"


def _cell(field: str, name: str, found: list[Page], chosen: list[int], answers: list[Any]) -> str:
    if field.partition(",")[0] in LACKS.get(name, ()):
        return "not given"
    marks = [FIELDS[field](found[number], answers[number] or {}) for number in chosen]
    counted = [mark for mark in marks if mark is not None]
    return f"{sum(counted)}/{len(counted)}" if counted else ""


def into_readme(text: str) -> None:
    """Put ``text`` between the markers of README.md, which are added where they are not."""
    page = README.read_text(encoding="utf-8") if README.exists() else "# Benchmarks\n"
    if BEGIN not in page:
        page += f"\n## Against general extractors\n\n{BEGIN}\n{END}\n"
    before, _, rest = page.partition(BEGIN)
    after = rest.partition(END)[2]
    README.write_text(f"{before}{BEGIN}\n{text}{END}{after}", encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--python", default=sys.executable, help="where the others are installed")
    options = parser.parse_args()

    found = [*fixtures(), *real_pages()]
    results: Results = {OURS: [ours(page) for page in found]}
    notes = []
    for name in EXTRACTORS:
        try:
            version, results[name] = anywhere(name, [sys.executable, options.python], found)
            notes.append(f"{name} {version}")
        except LookupError as error:
            notes.append(f"{name} was not runnable ({error})")
    text = f"Against {'; '.join(notes)}.\n{REMARK}" + "\n".join(tables(found, results))
    print(text)
    into_readme(text)


if __name__ == "__main__":
    main()
