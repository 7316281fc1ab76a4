"""What several test modules share: the data cases, a sample record, settings for hypothesis."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

from hypothesis import settings
from itemadapter import ItemAdapter

from peoplesdaily import parsers
from peoplesdaily.items import Article
from peoplesdaily.parsers import StoryPage
from peoplesdaily.site import urls

DATA = Path(__file__).resolve().parents[1] / "data"

# The same examples in every run: a test that fails for a colleague fails here too. No deadline,
# because the machine may be busy.
STEADY = settings(deadline=None, derandomize=True, max_examples=60)

CRAWLED_AT = "2026-11-01T08:00:00Z"


@dataclass(frozen=True)
class Case:
    """One folder of data; files are read when a test asks for them."""

    folder: Path

    def __str__(self) -> str:
        return "/".join(self.folder.relative_to(DATA).parts[1:])

    def holds(self, name: str) -> bool:
        return (self.folder / name).is_file()

    def json(self, name: str) -> Any:
        return json.loads((self.folder / name).read_text(encoding="utf-8"))

    def text(self, name: str) -> str:
        """A page's text: what a server would send, decoded as the spiders decode it."""
        return parsers.decode((self.folder / name).read_bytes())

    @property
    def template(self) -> str:
        return self.folder.parent.name

    @cached_property
    def url(self) -> str:
        return str(self.json("meta.json")["url"])

    @cached_property
    def markup(self) -> str:
        return self.text("page.html")

    @cached_property
    def numbers(self) -> list[int]:
        """Numbers of the story's pages that lie here."""
        later = (path.stem.partition("-")[2] for path in self.folder.glob("page-*.html"))
        return [1, *sorted(map(int, later))]

    def page(self, number: int) -> StoryPage:
        """The story's page ``number`` as the project reads it."""
        if number == 1:
            return parsers.parse_article(self.markup, self.url)
        address = urls.article(self.url)
        assert address
        markup = self.text(f"page-{number}.html")
        return parsers.parse_article(markup, address.page_url(number))

    def story(self) -> list[StoryPage]:
        return [self.page(number) for number in self.numbers]


ARTICLES = [Case(p) for p in sorted((DATA / "pages").glob("*/*")) if p.is_dir()]
LISTINGS = [Case(p) for p in sorted((DATA / "listings").iterdir()) if p.is_dir()]


def as_json(article: Article) -> dict[str, Any]:
    """A record as a reader of the JSON line gets it back."""
    record: dict[str, Any] = json.loads(json.dumps(ItemAdapter(article).asdict()))
    return record


SAMPLE_URL = "http://en.people.cn/n3/2020/1127/c90000-9793058.html"


def story_page(number: int = 1, url: str = SAMPLE_URL, **fields: Any) -> StoryPage:
    """A page of a story that nobody fetched."""
    first = urls.article(url)
    assert first
    address = urls.article(first.page_url(number))
    assert address
    defaults: dict[str, Any] = {
        "template": "2013",
        "title": "Boats return to Qingshui harbor",
        "published_on": date(2020, 11, 27),
        "paragraphs": ("Forty boats came home.",),
    }
    return StoryPage(address=address, **{**defaults, **fields})


def sample(url: str = SAMPLE_URL, **fields: Any) -> Article:
    """A good record."""
    return parsers.merge([story_page(url=url, **fields)], crawled_at=CRAWLED_AT)
