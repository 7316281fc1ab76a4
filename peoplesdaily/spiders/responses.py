"""From a Scrapy response to parsed pages."""

from __future__ import annotations

from datetime import UTC, datetime

from scrapy import Request
from scrapy.http import Response, TextResponse

from peoplesdaily import parsers
from peoplesdaily.parsers import Listing, PageError, StoryPage
from peoplesdaily.site import urls
from peoplesdaily.site.sections import Section


def page_text(response: Response) -> str:
    """The text of a response.

    :raises PageError: it is none.
    """
    if not isinstance(response, TextResponse):
        kind = (response.headers.get("Content-Type") or b"no text").decode("latin-1")
        raise PageError(response.url, f"not a web page ({kind})")
    return parsers.decode(response.body)


def read_listing(response: Response, section: Section) -> Listing:
    if section.path == "":
        return parsers.parse_front_page(page_text(response), response.url)
    return parsers.parse_listing(page_text(response), response.url)


def read_story_page(response: Response) -> StoryPage:
    if urls.article(response.url) is None:
        raise parsers.NotAnArticleError(
            response.url, f"the site sent the reader on to {response.url}"
        )
    return parsers.parse_article(page_text(response), response.url)


def asked_of(request: Request) -> str:
    """The address that a request asked for first, before any redirect."""
    return str(request.meta.get("redirect_urls", [request.url])[0])


def asked_url(response: Response) -> str:
    """The address that was asked for, before any redirect."""
    return asked_of(response.request) if response.request else response.url


def downloaded_at(response: Response) -> str:
    """When the page came, UTC; a page out of the HTTP cache came when it was stored."""
    stored = response.meta.get("cache_timestamp")
    moment = datetime.fromtimestamp(stored, UTC) if stored else datetime.now(UTC)
    return moment.replace(microsecond=0).isoformat().replace("+00:00", "Z")
