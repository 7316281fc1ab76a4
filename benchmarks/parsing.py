"""What a whole record costs, in units of lxml's tree of the same bytes alone.

    python benchmarks/parsing.py [--seconds 0.3] [--cases] [--profile NAME] [--strict]

A record is decoding, parse_article, merge and the normalising pipeline, from bytes; the yardstick
is ``lxml.html.document_fromstring``, told the page's true encoding, and nothing else.

Pages: those of the embedded site, whose share of links is that of real pages (one in 200 bytes);
cases of ``tests/data/pages`` in GBK and with many pictures, filled up with boxes of links to the
same share; and the real pages where they are at hand. ``--cases`` measures the bare cases too,
which are a tenth of a page and held to no bar.

The two are timed by turns, a round of pages each, one behind the other as a crawl reads them, and
of each page the least of its rounds counts, because whatever else the machine does only adds. No
address or byline is remembered from one round to the next. ``--strict`` ends with code 1 where the
bar is missed.
"""

from __future__ import annotations

import argparse
import cProfile
import json
import math
import pstats
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from lxml import html
from scrapy import Spider
from scrapy.crawler import Crawler

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from peoplesdaily import parsers as pages
from peoplesdaily.parsers import story
from peoplesdaily.parsers.fields import bylines, dates
from peoplesdaily.pipelines import NormalisePipeline
from peoplesdaily.replica.content import Catalogue
from peoplesdaily.replica.site import HOSTS, Site
from peoplesdaily.site import urls
from peoplesdaily.site.editions import canonical_host, of_host
from peoplesdaily.site.editions.patterns import patterns_of
from scripts.template_table import EXPECTED, real_folder

BAR = 2.0
EPOCH = "1970-01-01T00:00:00Z"
SIZES = (15_000, 30_000, 60_000)
# Of each kind, so that one page's odds do not decide.
MOST_PAGES = 12
FEWEST_ROUNDS = 25
MANY_PICTURES = 4
# GBK is what the pages say; libxml2 reads GB18030, which holds it, at half the speed.
UTF8, GBK = html.HTMLParser(encoding="utf-8"), html.HTMLParser(encoding="gbk")
# What is remembered of a page; hosts and an edition's patterns are the crawl's.
CACHES = [
    value
    for module in (bylines, dates, urls, story)
    for value in vars(module).values()
    if hasattr(value, "cache_clear") and value not in (canonical_host, of_host, patterns_of)
]


@dataclass(frozen=True, slots=True)
class Page:
    """
    :param name: what to call it in a row of its own.
    """

    data: bytes
    url: str
    name: str = ""

    @property
    def parser(self) -> html.HTMLParser:
        """lxml's parser, told what the bytes are: many of them lie about it."""
        return UTF8 if pages.decode(self.data).encode() == self.data else GBK


@dataclass(frozen=True, slots=True)
class Sample:
    """Pages that are read one behind the other."""

    name: str
    pages: list[Page]

    @property
    def rows(self) -> Mapping[str, Sequence[int]]:
        """Numbers of its pages by the row that they count in."""
        named = {page.name: [i] for i, page in enumerate(self.pages) if page.name}
        return named or {self.name: range(len(self.pages))}


def replica(page_bytes: int) -> Iterator[Sample]:
    """Pages of the embedded site, by template."""
    catalogue = Catalogue(articles=200, page_bytes=page_bytes)
    site = Site(catalogue)
    by_template: dict[str, list[Page]] = {}
    for id_ in catalogue.ids:
        url = f"http://{HOSTS[0]}{catalogue.story(id_).page_path(1)}"
        data = site.respond("GET", HOSTS[0], url).body
        template = pages.parse_article(pages.decode(data), url).template
        by_template.setdefault(template, []).append(Page(data, url))
    for template, found in sorted(by_template.items()):
        yield Sample(f"English {template}, {page_bytes // 1000} KB", found[:MOST_PAGES])


def cases(folder: Path) -> list[Page]:
    """The pages of a template's cases that are read."""
    return [
        Page(
            (gold.parent / "page.html").read_bytes(),
            json.loads((gold.parent / "meta.json").read_text(encoding="utf-8"))["url"],
        )
        for gold in sorted(folder.glob("*/gold.json"))
    ]


def filled(page: Page, page_bytes: int, encoding: str) -> Page:
    """``page`` in ``encoding``, with boxes of links behind it up to ``page_bytes``."""
    head, end, tail = pages.decode(page.data).rpartition("</body>")
    title = "一盏马灯照了三代人" if encoding == "gbk" else "A lamp that three generations used"
    boxes = "".join(
        f'\n<div class="box fl"><h4>{title}</h4>\n<ul class="list_14">'
        * (number % 12 == 0)
        + f'\n<li><a href="/n1/2022/0922/c1008-{4_000_000 + number}.html" target="_blank"'
        f' title="{title}">{title}</a> <i class="gray">[09-22]</i></li>'
        + "\n</ul></div>"
        * (number % 12 == 11)
        for number in range(12 * (page_bytes // 2_000))
    )
    short = len((head + end + tail).encode(encoding, "replace"))
    room = max(page_bytes - short, 0)
    boxes = boxes.encode(encoding)[:room].rpartition(b"</ul></div>")[0].decode(encoding)
    boxes += "</ul></div>" if boxes else ""
    return Page((head + boxes + end + tail).encode(encoding, "replace"), page.url)


def chinese(page_bytes: int) -> Sample:
    found = [page for template in ("2010", "2016", "2020") for page in cases(CASES / template)]
    return Sample(
        f"Chinese in GBK, {page_bytes // 1000} KB",
        [filled(page, page_bytes, "gbk") for page in found],
    )


def pictures(page_bytes: int) -> Sample:
    found = [page for template in ("2013", "2021") for page in cases(CASES / template)]
    return Sample(
        f"many pictures, {page_bytes // 1000} KB",
        [
            filled(page, page_bytes, "utf-8")
            for page in found
            if page.data.count(b"<img") >= MANY_PICTURES
        ],
    )


def real() -> Sample:
    """Real pages, as far as they are at hand."""
    expected = json.loads(EXPECTED.read_text(encoding="utf-8"))
    there = [(path, e["url"]) for e in expected if (path := real_folder() / e["file"]).is_file()]
    return Sample("real", [Page(path.read_bytes(), u, f"real: {path.stem}") for path, u in there])


def samples() -> Iterator[Sample]:
    for size in SIZES:
        yield from replica(size)
        yield chinese(size)
        yield pictures(size)
    if (at_hand := real()).pages:
        yield at_hand


CASES = ROOT / "tests" / "data" / "pages"
NORMALISE = NormalisePipeline(Crawler(Spider))


def decode(page: Page) -> None:
    pages.decode(page.data)


def record(page: Page) -> None:
    story = pages.parse_article(pages.decode(page.data), page.url)
    NORMALISE.process_item(pages.merge([story], crawled_at=EPOCH))


def forget() -> None:
    for cache in CACHES:
        cache.cache_clear()


def keep_freed_memory() -> None:
    """Have the C library keep what is freed, as it does in a crawl.

    It keeps twice the largest piece that was ever freed. Before that it may give memory back behind
    every page and fetch it for the next one, 40 page faults each, of which a crawl has none.
    """
    bytearray(16 << 20)


def least_seconds(
    works: Mapping[str, Callable[[Page], object]], on: Sequence[Page], seconds: float
) -> dict[str, list[float]]:
    """CPU seconds that each work takes on each page, the least of many rounds by turns.

    :param seconds: how long to go on with each work.
    """
    keep_freed_memory()
    least = {name: [math.inf] * len(on) for name in works}
    end = time.monotonic() + seconds * len(works)
    rounds = 0
    while rounds < FEWEST_ROUNDS or time.monotonic() < end:
        for name, work in works.items():
            forget()
            for i, page in enumerate(on):
                start = time.process_time()
                work(page)
                least[name][i] = min(least[name][i], time.process_time() - start)
        rounds += 1
    return least


def profile(sample: Sample) -> None:
    """Print what a record of ``sample`` spends its time on."""
    profiler = cProfile.Profile()
    for rehearsal in (True, *[False] * 20):
        forget()
        if not rehearsal:
            profiler.enable()
        for page in sample.pages:
            record(page)
        profiler.disable()
    pstats.Stats(profiler).sort_stats("tottime").print_stats(25)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=0.3, help="for each work and sample")
    parser.add_argument("--cases", action="store_true", help="measure the bare cases, too")
    parser.add_argument("--profile", metavar="NAME", help="profile samples whose name begins so")
    parser.add_argument("--strict", action="store_true", help="code 1 where the bar is missed")
    options = parser.parse_args()

    if options.profile is not None:
        for sample in samples():
            if sample.name.startswith(options.profile):
                print(sample.name)
                profile(sample)
        return 0
    print("| pages | number | bytes | tree ms | record ms | decode ms | ratio |")
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: |")
    missed = [
        name for one in samples() for name, ratio in report(one, options.seconds) if ratio > BAR
    ]
    if options.cases:
        for folder in sorted(CASES.iterdir()):
            if found := cases(folder):
                list(report(Sample(f"case: {folder.name}", found), options.seconds))
    if missed:
        print(f"\nAbove the bar of {BAR}: {'; '.join(missed)}")
    return 1 if missed and options.strict else 0


def report(sample: Sample, seconds: float) -> Iterator[tuple[str, float]]:
    """Print the rows of a sample, and say each one's ratio."""
    parsers = {page: page.parser for page in sample.pages}
    works: dict[str, Callable[[Page], object]] = {
        "tree": lambda page: html.document_fromstring(page.data, parsers[page]),
        "record": record,
        "decode": decode,
    }
    least = least_seconds(works, sample.pages, seconds)
    for name, numbers in sample.rows.items():
        tree, record_, decode_ = (
            1000 * sum(least[work][i] for i in numbers) / len(numbers) for work in works
        )
        size = sum(len(sample.pages[i].data) for i in numbers) // len(numbers)
        print(
            f"| {name} | {len(numbers)} | {size:,} | {tree:.2f} | {record_:.2f} | {decode_:.3f} "
            f"| {record_ / tree:.2f} |",
            flush=True,
        )
        yield name, record_ / tree


if __name__ == "__main__":
    sys.exit(main())
