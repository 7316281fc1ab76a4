"""Parses responses of the publisher's search service.

Source for the format of search.people.cn: public crawlers of 2021 to 2026. A response is JSON:
``{"code": "0", "data": {"records": [{"url": ..., "title": ..., "displayTime": ...}, ...], "total":
345, "pages": 4}}``. Times are milliseconds since 1970; matches are marked with ``<em>``.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

from peoplesdaily.parsers.errors import PageError, UnknownListingError
from peoplesdaily.parsers.fields.dates import BEIJING, Stamp
from peoplesdaily.parsers.listing import ListedArticle
from peoplesdaily.site import urls
from peoplesdaily.utils import text

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DIGITS = re.compile(r"[0-9]{1,9}")
_TAG = re.compile(r"<[^<>]*>")


@dataclass(frozen=True, slots=True)
class SearchResults:
    """One page of search results.

    :param addresses: addresses of all records that have one, as printed, in order.
    :param articles: the articles of all supported editions, in order; a story with two records
        occurs twice.
    :param total: number of results that the service states.
    :param pages: number of result pages that the service states.
    :param nameless: number of records without an address.
    """

    addresses: tuple[str, ...]
    articles: tuple[ListedArticle, ...]
    total: int
    pages: int
    nameless: int


def parse_search(markup: str, url: str) -> SearchResults:
    """Parse a response of the search service; no results is valid.

    Records without an address are only counted.

    :raises UnknownListingError: the response lacks a known field, or no record has an address.
    :raises PageError: the response is not JSON, or reports an error.
    """
    try:
        answer = json.loads(markup)
    except (ValueError, RecursionError):  # RecursionError: deeply nested brackets
        raise PageError(url, "the answer is no JSON") from None
    if not isinstance(answer, dict) or "code" not in answer:
        raise UnknownListingError(url, "the answer has other fields: there is no code")
    if str(answer["code"]) != "0":
        raise PageError(url, f"the search service answered code {str(answer['code'])[:40]!r}")
    data = _field(answer, "data", dict, url)
    if "records" in data and data["records"] is None and _number(data, "total", url) == 0:
        data = {**data, "records": []}
    records = _field(data, "records", list, url)
    named = [record for record in records if _has_address(record)]
    if records and not named:
        raise UnknownListingError(url, "the answer has other fields: there is no url")
    return SearchResults(
        addresses=tuple(record["url"] for record in named),
        articles=tuple(article for article in map(_article, named) if article),
        total=_number(data, "total", url),
        pages=_number(data, "pages", url),
        nameless=len(records) - len(named),
    )


def _field(holder: Any, name: str, kind: type, url: str) -> Any:
    value = holder.get(name) if isinstance(holder, dict) else None
    if not isinstance(value, kind):
        raise UnknownListingError(url, f"the answer has other fields: there is no {name}")
    return value


def _number(holder: dict[str, Any], name: str, url: str) -> int:
    value = holder.get(name)
    if isinstance(value, str) and _DIGITS.fullmatch(value):
        return int(value)
    return int(_field(holder, name, int, url))


def _has_address(record: Any) -> bool:
    return isinstance(record, dict) and isinstance(record.get("url"), str)


def _article(record: dict[str, Any]) -> ListedArticle | None:
    found = urls.article(record["url"])
    if found is None:
        return None
    title = text.clean(unescape(_TAG.sub("", str(record.get("title") or ""))))
    return ListedArticle(found, title, _stamp(record.get("displayTime")))


def _stamp(milliseconds: Any) -> Stamp | None:
    try:
        when = (_EPOCH + timedelta(milliseconds=int(milliseconds))).astimezone(BEIJING)
    except (TypeError, ValueError, OverflowError):
        return None
    return Stamp(when.date(), when.time())
