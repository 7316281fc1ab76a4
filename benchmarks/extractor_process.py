"""Runs one of the other extractors over pages, in whatever environment has it; see README.md.

    python extractor_process.py NAME < pages.json

Reads a list of ``{"file", "url", "language", "text"}``, writes one line of JSON: the library's
version and a list of what it found, ``None`` where it failed or has no parser for the page. Nothing
of the project is imported: the environment may be another one. Without the library it ends with
code 3.
"""

from __future__ import annotations

import importlib
import json
import logging
import sys
import warnings
from collections.abc import Callable
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

NOT_RUNNABLE = 3


def _date(value: Any) -> str | None:
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value) if value else None


def trafilatura(page: dict[str, str]) -> dict[str, Any] | None:
    """Bytes in, so that it finds the encoding itself; paragraphs are lines."""
    import trafilatura as library

    found = library.bare_extraction(
        Path(page["file"]).read_bytes(),
        url=page["url"],
        include_comments=False,
        with_metadata=True,
    )
    if found is None:
        return None
    return {
        "title": found.title,
        "date": _date(found.date),
        "authors": [name.strip() for name in (found.author or "").split(";") if name.strip()],
        "paragraphs": (found.text or "").split("\n"),
        "language": found.language,
    }


def newspaper4k(page: dict[str, str]) -> dict[str, Any] | None:
    """Bytes in, likewise; paragraphs are parted by blank lines.

    It counts stop words to find the story, so it must be told the language: left to guess, it finds
    nothing on a Chinese page.
    """
    import newspaper

    article = newspaper.Article(page["url"], language=page["language"])
    article.download(input_html=Path(page["file"]).read_bytes())  # type: ignore[arg-type]
    article.parse()
    return {
        "title": article.title,
        "date": _date(article.publish_date),
        "authors": list(article.authors),
        "paragraphs": article.text.split("\n\n"),
        "language": article.meta_lang,
    }


def fundus(page: dict[str, str]) -> dict[str, Any] | None:
    """Its parser of the Chinese edition, by itself; it has none of the English one.

    A crawl of its own decodes pages before it parses them, so it is given text.
    """
    if page["language"] != "zh":
        return None
    from fundus import PublisherCollection

    found = PublisherCollection.cn.People.parser().parse(page["text"], error_handling="suppress")
    body = found.get("body")
    return {
        "title": found.get("title"),
        "date": _date(found.get("publishing_date")),
        "authors": list(found.get("authors") or ()),
        "paragraphs": str(body).split("\n\n") if body else [],
    }


EXTRACTORS: dict[str, Callable[[dict[str, str]], dict[str, Any] | None]] = {
    "trafilatura": trafilatura,
    "newspaper4k": newspaper4k,
    "fundus": fundus,
}


def _extract(name: str, page: dict[str, str]) -> dict[str, Any] | None:
    try:
        return EXTRACTORS[name](page)
    except Exception as error:
        # A page that a library cannot read counts as nothing read; the run goes on.
        print(f"{name}: {page['url']}: {type(error).__name__}: {error}", file=sys.stderr)
        return None


def main() -> int:
    warnings.simplefilter("ignore")
    logging.disable(logging.ERROR)
    name = sys.argv[1]
    try:
        importlib.import_module({"newspaper4k": "newspaper"}.get(name, name))
    except ImportError as error:
        print(str(error), file=sys.stderr)
        return NOT_RUNNABLE
    answers = [_extract(name, page) for page in json.load(sys.stdin)]
    print(json.dumps({"version": version(name), "pages": answers}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
