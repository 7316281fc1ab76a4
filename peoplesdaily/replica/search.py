"""The publisher's search service, over the replica's stories.

Request and reply have the fields that public crawlers of the Chinese edition send and read, 2021 to
2026. The replica's choice, because no source says it: that the service knows the English edition,
how words are matched, what ``isFuzzy`` does, and what a request with wrong fields is told.
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
#: Records on a page at most.
LIMIT = 100

_FIELDS: Mapping[str, type] = {
    "key": str, "page": int, "limit": int, "hasTitle": bool, "hasContent": bool, "isFuzzy": bool,
    "type": int, "sortType": int, "startTime": int, "endTime": int,
}  # fmt: skip
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
# Other editions of the publisher, a copy site that crawlers have met, and a page that is a list.
_STRANGERS = (
    ("http://world.people.com.cn/n1/{day}/c1002-{id}.html", "人民网－国际频道"),
    ("http://french.peopledaily.com.cn/n3/{day}/c31358-{id}.html", "French"),
    ("http://www.sn-sn.com/Culture/n3/{day}/c31358-{id}.html", "Culture"),
    ("http://en.people.cn/90777/index.html", "English"),
)


class _Result(NamedTuple):
    """A record: where it leads, and the story whose words it shows."""

    number: str
    url: str
    belongs: str


class Search:
    """The service.

    :param catalogue: the stories that it knows.
    """

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        # Pages of one search ask the same; reading every story again would be slow.
        self._found = lru_cache(maxsize=16)(self._find)

    def answer(self, body: bytes) -> bytes:
        """The reply to a request's body."""
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

        :param key: words that a story must hold in this order, or in any where ``fuzzy``.
        :param start: milliseconds since 1970 of the first moment inside, 0 for any.
        :param end: likewise of the last one.
        :param title: whether titles are searched.
        :param content: whether bodies are.
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
        """The stories found, some a second time under an old host, with strangers among them."""
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
    """A request with all fields of the right kind, and no others."""
    try:
        query = json.loads(body)
    except ValueError:
        return None
    if not isinstance(query, dict) or set(query) != set(_FIELDS):
        return None
    # A boolean is an integer to Python, and not to the service.
    if any(type(query[name]) is not kind for name, kind in _FIELDS.items()):
        return None
    fits = _words(query["key"]) and query["page"] >= 1 and 1 <= query["limit"] <= LIMIT
    return query if fits and query["startTime"] >= 0 and query["endTime"] >= 0 else None


def _marked(text: str, key: str) -> str:
    """A text with the words that were found in ``<em>``."""
    words = "|".join(re.escape(word) for word in _words(key))
    return re.sub(rf"\b({words})\b", r"<em>\1</em>", text, flags=re.IGNORECASE)


def _words(text: str) -> tuple[str, ...]:
    return tuple(re.findall(r"\w+", text.casefold()))


def _milliseconds(moment: datetime) -> int:
    return (moment - _EPOCH) // _MILLISECOND


def _json(answer: dict[str, Any]) -> bytes:
    return json.dumps(answer, ensure_ascii=False, separators=(",", ":")).encode()
