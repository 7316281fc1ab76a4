"""``docs/eras.md``: which fields are read exactly, era by era, over the cases and real pages."""

from __future__ import annotations

import hashlib
import json
import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from peoplesdaily import parsers
from peoplesdaily.commands import _page_record
from peoplesdaily.parsers import PageError, StoryPage
from peoplesdaily.site import urls

ROOT = Path(__file__).resolve().parent.parent.parent
PATH = ROOT / "docs" / "eras.md"
FIXTURES, REAL = "fixtures", "real pages"
EXPECTED = ROOT / "tests" / "data" / "real-pages.json"
_ALL, _RECORD, _REFUSED = "all", "whole record", "no article, refused"
_EPOCH = "1970-01-01T00:00:00Z"
_HEAD = """\
# What is read exactly

Made by `scrapy page table`; do not edit. A cell says how many pages of an era, named
after the year its template came up, have the field exactly as a person wrote it down, of those
for which a person did.

"""


class Point(NamedTuple):
    """One thing that a page says: whether it was read as written down."""

    era: str
    field: str
    right: bool


def write() -> Path:
    """Write ``docs/eras.md`` anew; the table of real pages only where these are at hand."""
    old = PATH.read_text(encoding="utf-8") if PATH.exists() else ""
    real = real_table() if real_folder().is_dir() else section(old, REAL)
    parts = [
        f"{_HEAD}## The cases in `tests/data/pages`\n\n"
        "Replicas, but for those that say otherwise.\n\n",
        _marked(FIXTURES, fixture_table()),
        "\n## Real pages of the Chinese edition\n\nSomebody else's texts, so they are not in the "
        "repository: `PEOPLESDAILY_REAL_PAGES` names their folder.\n\n",
        _marked(REAL, real),
    ]
    PATH.write_text("".join(parts), encoding="utf-8")
    return PATH


def section(page: str, name: str) -> str:
    """The table called ``name`` in the text of ``docs/eras.md``."""
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
    """Where the real pages are, if they are anywhere."""
    given = os.environ.get("PEOPLESDAILY_REAL_PAGES")
    return Path(given) if given else ROOT.parent / "shared" / "pages"


def fixture_points(folder: Path) -> Iterator[Point]:
    """Every field of every case that is read."""
    for case in sorted(path.parent for path in folder.glob("*/*/meta.json")):
        era = case.parent.name
        if (case / "exception.json").is_file():
            yield Point(era, _REFUSED, _case_story(case) is None)
        elif (case / "gold.json").is_file():
            gold = json.loads((case / "gold.json").read_text(encoding="utf-8"))
            story = _case_story(case)
            record = _page_record.record(story, _EPOCH) if story else {}
            right = {name: name in record and record[name] == gold[name] for name in gold}
            yield from (Point(era, name, right[name]) for name in gold)
            yield Point(era, _RECORD, all(right.values()))


def _case_story(case: Path) -> list[StoryPage] | None:
    """The pages of a case, ``None`` where one of them is refused."""
    url = json.loads((case / "meta.json").read_text(encoding="utf-8"))["url"]
    address = urls.article(url)
    found = {1: case / "page.html"}
    found |= {int(path.stem.partition("-")[2]): path for path in case.glob("page-*.html")}
    try:
        return [
            _page_record.read(
                parsers.decode(path.read_bytes()),
                address.page_url(number) if address and number > 1 else url,
            )
            for number, path in sorted(found.items())
        ]
    except PageError:
        return None


def real_points(folder: Path) -> Iterator[Point]:
    """What is known of the real pages in ``folder`` that are there."""
    for expected in json.loads(EXPECTED.read_text(encoding="utf-8")):
        path = folder / expected["file"]
        if path.is_file():
            yield from _real_page(path.read_bytes(), expected)


def _real_page(data: bytes, expected: dict[str, Any]) -> Iterator[Point]:
    era = expected["template"]
    try:
        story = _page_record.read(parsers.decode(data), expected["url"])
    except PageError:
        story = None
    read: dict[str, Any] = {"paragraphs": []}
    if story is not None:
        read = _page_record.record([story], _EPOCH)
        read |= {"title": sha256(story.title), "paragraphs": list(map(sha256, story.paragraphs))}
    for name in ("template", "title", "published_at", "source", "authors", "editors"):
        if expected[name] is not None:
            yield Point(era, name, read.get(name) == expected[name])
    paragraphs = [paragraph["sha256"] for paragraph in expected["paragraphs"]]
    for paragraph in paragraphs:
        yield Point(era, "paragraphs", paragraph in read["paragraphs"])
    yield Point(era, "body", read["paragraphs"] == paragraphs)


def sha256(text: str) -> str:
    """How a text is written down that is not ours to copy."""
    return hashlib.sha256(text.encode()).hexdigest()


def _table(points: list[Point], fields: tuple[str, ...]) -> str:
    """Fields down, eras across, ``n/m`` in the cells."""
    eras = sorted({point.era for point in points if point.field not in (_REFUSED,)})
    right: Counter[tuple[str, str]] = Counter()
    total: Counter[tuple[str, str]] = Counter()
    for point in points:
        for era in (point.era, _ALL):
            total[era, point.field] += 1
            right[era, point.field] += point.right
    columns = [*eras, _ALL]
    rows = [f"| field | {' | '.join(columns)} |", "| --- |" + " ---: |" * len(columns)]
    for name in fields:
        cells = (f"{right[c, name]}/{total[c, name]}" if total[c, name] else "" for c in columns)
        rows.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(rows) + "\n"
