"""People's Daily Online as a clean, deduplicated corpus: a Scrapy project.

:func:`parse` reads downloaded pages without a crawl.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from peoplesdaily.items import Article

__version__ = "0.1.0"


def parse(
    page: str | bytes,
    url: str,
    *,
    more: Iterable[tuple[str | bytes, str]] = (),
    section: str | None = None,
    crawled_at: datetime | None = None,
) -> Article:
    """Parse a story into the record that a crawl would write.

    Makes no request and does not import Scrapy.

    >>> from peoplesdaily import parse
    >>> page = '''<title>Market reopens</title><div class="d2txtCon"><h1>Market reopens</h1>
    ... <div class="origin">By Li Lei (People's Daily Online) 09:20, August 18, 2023</div>
    ... <p>The old market of Linhe opened its doors again on Friday.</p></div>'''
    >>> article = parse(page, "http://en.people.cn/n3/2023/0818/c90000-20059999.html")
    >>> article.title, article.authors, article.published_at
    ('Market reopens', ('Li Lei',), '2023-08-18T09:20:00+08:00')
    >>> article.as_dict()["body"]
    'The old market of Linhe opened its doors again on Friday.'

    :param page: the story's page, or its first page if there are several. Bytes are decoded by
        their content, because the site's declared encodings are often wrong; a string is used
        unchanged.
    :param url: the address of that page.
    :param more: the story's further pages with their addresses, in any order.
    :param section: the section whose list linked the story, if known.
    :param crawled_at: time of download, now by default; a naive time is local time.
    :raises peoplesdaily.parsers.NotAnArticleError: an address or a page is not an article's.
    :raises peoplesdaily.parsers.UnknownTemplateError: no template matches a page, and the general
        extractor finds no story.
    :raises peoplesdaily.parsers.PageError: a page cannot be parsed, has no headline or date, or is
        not of the same story. Base class of the other two.
    """
    # Imported here to keep `import peoplesdaily` cheap.
    from peoplesdaily.parsers.library import parse_story

    return parse_story([(page, url), *more], section=section, crawled_at=crawled_at)
