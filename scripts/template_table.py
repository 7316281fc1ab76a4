"""``make templates``: write ``docs/templates.md``, the count of exactly parsed fields by template.

The counts cover the test cases and, where they are available, real pages.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from peoplesdaily import parsers
from peoplesdaily.commands import _page_record
from peoplesdaily.parsers import PageError, StoryPage
from peoplesdaily.site import urls

PATH = ROOT / "docs" / "templates.md"
FIXTURES, REAL = "fixtures", "real pages"
EXPECTED = ROOT / "tests" / "data" / "real-pages.json"
_ALL, _RECORD, _REFUSED = "all", "whole record", "not an article, rejected"
_EPOCH = "1970-01-01T00:00:00Z"
_HEAD = """\
# Fields parsed exactly

Written by `make templates`; do not edit. Each cell counts the pages of a template whose field
equals the hand-checked value, of all pages that have one. A template is named after its first year.

"""


class Point(NamedTuple):
    """One field of one page: whether it was parsed exactly."""

    template: str
    field: str
    right: bool


def write() -> Path:
    """Update ``docs/templates.md``; the table of real pages only where these are available."""
    old = PATH.read_text(encoding="utf-8") if PATH.exists() else ""
    real = real_table() if real_folder().is_dir() else section(old, REAL)
    parts = [
        f"{_HEAD}## The cases in `tests/data/pages`\n\n"
        "Replicas, except where `meta.json` says otherwise.\n\n",
        _marked(FIXTURES, fixture_table()),
        "\n## Real pages of the Chinese edition\n\nThe publisher's texts, so they are not in the "
        "repository; `PEOPLESDAILY_REAL_PAGES` names their folder.\n\n",
        _marked(REAL, real),
    ]
    PATH.write_text("".join(parts), encoding="utf-8")
    return PATH


def section(page: str, name: str) -> str:
    """The table called ``name`` in the text of ``docs/templates.md``."""
    inside = page.partition(f"<!-- {name} -->\n")[2]
    return inside.partition(f"<!-- /{name} -->")[0]


def _marked(name: str, table: str) -> str:
    return f"<!-- {name} -->\n{table}<!-- /{name} -->\n"


def fixture_table(folder: Path = ROOT / "tests" / "data" / "pages") -> str:
    """The table over the cases in ``folder``."""
    return _table(list(fixture_points(folder)), (*_page_record.GOLD, _RECORD, _REFUSED))


def real_table() -> str:
    """The table over the real pages."""
    fields = ("template", "title", "published_at", "source", "authors", "editors", "paragraphs")
    return _table(list(real_points(real_folder())), (*fields, "body"))


def real_folder() -> Path:
    """The folder of real pages; it may not exist."""
    given = os.environ.get("PEOPLESDAILY_REAL_PAGES")
    return Path(given) if given else ROOT.parent / "shared" / "pages"


def fixture_points(folder: Path) -> Iterator[Point]:
    """Every field of every test case."""
    for case in sorted(path.parent for path in folder.glob("*/*/meta.json")):
        template = case.parent.name
        if (case / "exception.json").is_file():
            yield Point(template, _REFUSED, _case_story(case) is None)
        elif (case / "gold.json").is_file():
            gold = json.loads((case / "gold.json").read_text(encoding="utf-8"))
            story = _case_story(case)
            record = _page_record.record(story, _EPOCH) if story else {}
            right = {name: name in record and record[name] == gold[name] for name in gold}
            yield from (Point(template, name, right[name]) for name in gold)
            yield Point(template, _RECORD, all(right.values()))


def _case_story(case: Path) -> list[StoryPage] | None:
    """The pages of a test case; ``None`` if one of them is rejected."""
    url = json.loads((case / "meta.json").read_text(encoding="utf-8"))["url"]
    address = urls.article(url)
    found = {1: case / "page.html"}
    found |= {int(path.stem.partition("-")[2]): path for path in case.glob("page-*.html")}
    try:
        return [
            parsers.parse_article(
                parsers.decode(path.read_bytes()),
                address.page_url(number) if address and number > 1 else url,
            )
            for number, path in sorted(found.items())
        ]
    except PageError:
        return None


def real_points(folder: Path) -> Iterator[Point]:
    """Every known field of the real pages in ``folder``."""
    for expected in json.loads(EXPECTED.read_text(encoding="utf-8")):
        path = folder / expected["file"]
        if path.is_file():
            yield from _real_page(path.read_bytes(), expected)


def _real_page(data: bytes, expected: dict[str, Any]) -> Iterator[Point]:
    template = expected["template"]
    try:
        story = parsers.parse_article(parsers.decode(data), expected["url"])
    except PageError:
        story = None
    read: dict[str, Any] = {"paragraphs": []}
    if story is not None:
        read = _page_record.record([story], _EPOCH)
        read |= {"title": sha256(story.title), "paragraphs": list(map(sha256, story.paragraphs))}
    for name in ("template", "title", "published_at", "source", "authors", "editors"):
        if expected[name] is not None:
            yield Point(template, name, read.get(name) == expected[name])
    paragraphs = [paragraph["sha256"] for paragraph in expected["paragraphs"]]
    for paragraph in paragraphs:
        yield Point(template, "paragraphs", paragraph in read["paragraphs"])
    yield Point(template, "body", read["paragraphs"] == paragraphs)


def sha256(text: str) -> str:
    """The hash that stands for a text that may not be copied."""
    return hashlib.sha256(text.encode()).hexdigest()


def _table(points: list[Point], fields: tuple[str, ...]) -> str:
    """A row for each field, a column for each template, ``n/m`` in the cells."""
    templates = sorted({point.template for point in points if point.field != _REFUSED})
    right: Counter[tuple[str, str]] = Counter()
    total: Counter[tuple[str, str]] = Counter()
    for point in points:
        for template in (point.template, _ALL):
            total[template, point.field] += 1
            right[template, point.field] += point.right
    columns = [*templates, _ALL]
    rows = [f"| field | {' | '.join(columns)} |", "| --- |" + " ---: |" * len(columns)]
    for name in fields:
        cells = (f"{right[c, name]}/{total[c, name]}" if total[c, name] else "" for c in columns)
        rows.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(rows) + "\n"


if __name__ == "__main__":
    print(write())
