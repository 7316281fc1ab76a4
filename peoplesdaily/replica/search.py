"""The publisher's search service, over the replica's stories.

Source of the fields: requests and responses of public crawlers of the Chinese edition, 2021 to
2026. Unverified: that the service covers the English edition, how words match, what ``isFuzzy``
does, and the response to invalid fields.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from peoplesdaily.replica.content import Catalogue
from peoplesdaily.replica.story import Story

HOST = "search.people.cn"
PATHS = ("/search-platform/front/search", "/api-search/front/search")
#: Maximum number of records on a page.
LIMIT = 100

_FIELDS: Mapping[str, type] = {
    "key": str, "page": int, "limit": int, "hasTitle": bool, "hasContent": bool, "isFuzzy": bool,
    "type": int, "sortType": int, "startTime": int, "endTime": int,
}  # fmt: skip
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
# Records of other editions, of a copy site that crawlers have met, and of a list page.
_STRANGERS = (
    ("http://world.people.com.cn/n1/{day}/c1002-{id}.html", "人民网－国际频道"),
    ("http://french.peopledaily.com.cn/n3/{day}/c31358-{id}.html", "French"),
    ("http://www.sn-sn.com/Culture/n3/{day}/c31358-{id}.html", "Culture"),
    ("http://en.people.cn/90777/index.html", "English"),
)


class _Result(NamedTuple):
    """A record: its address and its story."""

    number: str
    url: str
    belongs: str


class Search:
    """The service.

    :param catalogue: the stories to search.
    """

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        # Cached for the pages of one search.
        self._found = lru_cache(maxsize=16)(self._find)

    def answer(self, body: bytes) -> bytes:
        """The response to a request's body."""
        query = _query(body)
        if query is None:
            return _json({"code": "1", "message": "bad request", "data": None})
        numbers = self.ids(
            query["key"],
            start=query["startTime"],
            end=query["endTime"],
            title=query["hasTitle"],
            content=query["hasContent"],
            fuzzy=query["isFuzzy"],
        )
        results = list(self._results(numbers))
        size, page = query["limit"], query["page"]
        shown = results[(page - 1) * size : page * size]
        data = {
            "records": [self._record(result, query["key"]) for result in shown],
            "total": len(results),
            "pages": -(-len(results) // size),
        }
        return _json({"code": "0", "message": "success", "data": data})

    def ids(
        self,
        key: str,
        start: int = 0,
        end: int = 0,
        *,
        title: bool = True,
        content: bool = True,
        fuzzy: bool = False,
    ) -> tuple[str, ...]:
        """Ids of the stories found, newest first.

        :param key: words that a story must contain, in this order unless ``fuzzy``.
        :param start: earliest publication, milliseconds since 1970; 0 for any.
        :param end: latest publication, likewise.
        :param title: search titles.
        :param content: search bodies.
        """
        return self._found(_words(key), start, end, title, content, fuzzy)

    def _find(
        self, words: tuple[str, ...], start: int, end: int, title: bool, content: bool, fuzzy: bool
    ) -> tuple[str, ...]:
        wanted = [f" {word} " for word in words] if fuzzy else [f" {' '.join(words)} "]
        found = []
        for number in self._catalogue.ids:
            when = _milliseconds(self._catalogue.published_at(number))
            if when < start or (end and when > end):
                continue
            story = self._catalogue.story(number)
            text = " ".join((story.title if title else "", (story.body or "") if content else ""))
            padded = f" {' '.join(_words(text))} "
            if all(part in padded for part in wanted):
                found.append(number)
        return tuple(found)

    def _results(self, numbers: tuple[str, ...]) -> Iterator[_Result]:
        """The stories found, some twice with an old host, and foreign records in between."""
        for at, number in enumerate(numbers):
            url = self._catalogue.link(number).url
            yield _Result(number, url, "English")
            if at % 9 == 4:
                path = re.sub(r"/c\d+-", "/c90882-", urlsplit(url).path)
                yield _Result(number, f"http://english.people.com.cn{path}", "China Society")
            if at % 6 == 2:
                address, belongs = _STRANGERS[at // 6 % len(_STRANGERS)]
                day = f"{self._catalogue.published_at(number):%Y/%m%d}"
                # One sequence of ids runs through all editions.
                url = address.format(day=day, id=int(number) + 20_000_000)
                yield _Result(number, url, belongs)

    def _record(self, result: _Result, key: str) -> dict[str, Any]:
        story: Story = self._catalogue.story(result.number)
        when = _milliseconds(story.published_at)
        return {
            "id": result.number,
            "title": _marked(story.title, key),
            "url": result.url,
            "author": ", ".join(story.authors),
            "displayTime": when,
            "inputTime": when + 120_000,
            "source": story.source,
            "belongsName": result.belongs,
            "content": _marked((story.body or "")[:300], key),
            "contentOriginal": story.body or "",
            "originUrl": "",
            "domain": urlsplit(result.url).hostname,
        }


def _query(body: bytes) -> dict[str, Any] | None:
    """A valid request: all fields, of the right types, and no others."""
    try:
        query = json.loads(body)
    except ValueError:
        return None
    if not isinstance(query, dict) or set(query) != set(_FIELDS):
        return None
    # In Python, a boolean is an integer; for the service it is not.
    if any(type(query[name]) is not kind for name, kind in _FIELDS.items()):
        return None
    fits = _words(query["key"]) and query["page"] >= 1 and 1 <= query["limit"] <= LIMIT
    return query if fits and query["startTime"] >= 0 and query["endTime"] >= 0 else None


def _marked(text: str, key: str) -> str:
    """The text with matches in ``<em>``."""
    words = "|".join(re.escape(word) for word in _words(key))
    return re.sub(rf"\b({words})\b", r"<em>\1</em>", text, flags=re.IGNORECASE)


def _words(text: str) -> tuple[str, ...]:
    return tuple(re.findall(r"\w+", text.casefold()))


def _milliseconds(moment: datetime) -> int:
    return (moment - _EPOCH) // _MILLISECOND


def _json(answer: dict[str, Any]) -> bytes:
    return json.dumps(answer, ensure_ascii=False, separators=(",", ":")).encode()
