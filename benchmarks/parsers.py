"""Which parser to build on: trees and plain extraction by lxml, parsel, turbohtml and selectolax.

    pip install selectolax==1.0.2
    python benchmarks/parsers.py [--seconds 0.3]

``tree`` is the tree of a page's bytes alone. ``read`` adds headline, paragraphs, pictures and links
by each library's own selectors, the same ones for all: what a spider without this project does.
``nested`` is the seconds that so many ``<div>`` inside one another take, for a server may send
anything; a time that grows by more than the number does is a page that stops a crawl. selectolax is
measured where it is installed. Pages and clock are those of parsing.py.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from importlib.util import find_spec
from typing import Any

import turbohtml
from lxml import etree, html
from parsel import Selector
from parsing import Page, Sample, least_seconds, pages, record, samples

NESTED = (5_000, 20_000, 80_000)
Read = Callable[[bytes], Any]

_LXML = html.HTMLParser(encoding="utf-8")
_XPATHS = [etree.XPath(path) for path in ("//h1", "//p", "//img/@src", "//a/@href")]


def lxml_tree(data: bytes) -> Any:
    return html.document_fromstring(data, _LXML)


def lxml_read(data: bytes) -> Any:
    root = lxml_tree(data)
    headings, paragraphs, pictures, links = (path(root) for path in _XPATHS)
    texts = ["".join(element.itertext()) for element in (*headings, *paragraphs)]
    return texts, pictures, links


def parsel_tree(data: bytes) -> Any:
    # The tree is made when it is first asked for.
    return Selector(body=data, encoding="utf-8").root


def parsel_read(data: bytes) -> Any:
    page = Selector(body=data, encoding="utf-8")
    texts = [node.xpath("string()").get() for node in page.css("h1, p")]
    return texts, page.css("img::attr(src)").getall(), page.css("a::attr(href)").getall()


def lexbor_tree(data: bytes) -> Any:
    from selectolax.lexbor import LexborHTMLParser

    return LexborHTMLParser(data).root


def lexbor_read(data: bytes) -> Any:
    from selectolax.lexbor import LexborHTMLParser

    page = LexborHTMLParser(data)
    texts = [node.text() for node in page.css("h1, p")]
    pictures = [node.attributes.get("src") for node in page.css("img")]
    return texts, pictures, [node.attributes.get("href") for node in page.css("a")]


def turbohtml_tree(data: bytes) -> Any:
    return turbohtml.parse(data.decode())


def turbohtml_read(data: bytes) -> Any:
    page = turbohtml_tree(data)
    texts = [element.text for element in page.select("h1, p")]
    pictures = [element.attr("src") for element in page.select("img")]
    return texts, pictures, [element.attr("href") for element in page.select("a")]


PARSERS: dict[str, tuple[Read, Read]] = {
    "lxml": (lxml_tree, lxml_read),
    "parsel": (parsel_tree, parsel_read),
    "turbohtml": (turbohtml_tree, turbohtml_read),
}
if find_spec("selectolax"):
    PARSERS["selectolax"] = (lexbor_tree, lexbor_read)


def measure(sample: Sample, seconds: float) -> Iterator[tuple[str, dict[str, float]]]:
    """By row milliseconds a page of each parser's tree and reading, and of our record."""
    # All get UTF-8: selectolax and parsel decode nothing by themselves.
    there = [replace(page, data=pages.decode(page.data).encode()) for page in sample.pages]
    works: dict[str, Callable[[Page], object]] = {}
    for name, (tree, read) in PARSERS.items():
        works[f"{name} tree"] = partial(_on_data, tree)
        works[f"{name} read"] = partial(_on_data, read)
    works["our record"] = record
    least = least_seconds(works, there, seconds)
    for name, numbers in sample.rows.items():
        yield (
            name,
            {work: 1000 * sum(least[work][i] for i in numbers) / len(numbers) for work in works},
        )


def _on_data(work: Callable[[bytes], object], page: Page) -> None:
    work(page.data)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=0.3, help="for each work and sample")
    options = parser.parse_args()
    heading = None
    for name, row in (row for one in samples() for row in measure(one, options.seconds)):
        if heading is None:
            heading = ["ms a page", *row]
            print("| " + " | ".join(heading) + " |")
            print("| --- |" + " ---: |" * len(row))
        cells = [f"{value:.2f}" for value in row.values()]
        print("| " + " | ".join([name, *cells]) + " |", flush=True)
    print("\n| nested, seconds | " + " | ".join(f"{number:,}" for number in NESTED) + " |")
    print("| --- |" + " ---: |" * len(NESTED))
    for name, (tree, _) in PARSERS.items():
        cells = []
        for number in NESTED:
            start = time.process_time()
            tree(b"<div>" * number + b"x")
            cells.append(f"{time.process_time() - start:.3f}")
        print("| " + " | ".join([name, *cells]) + " |", flush=True)


if __name__ == "__main__":
    main()
