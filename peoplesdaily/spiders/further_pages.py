"""Fetching the further pages of a story, one after the other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from scrapy import Request
from scrapy.http import Response
from twisted.python.failure import Failure as TwistedFailure

from peoplesdaily.items import Article
from peoplesdaily.parsers import PageError, StoryPage
from peoplesdaily.runs.failures import describe
from peoplesdaily.spiders.noting import NotingSpider
from peoplesdaily.spiders.responses import asked_url, read_story_page

# Before lists and articles, so that few stories are half-read at any time.
_PART = 20
_MOST_PARTS = 300


@dataclass(frozen=True, slots=True)
class Story:
    """A story whose pages are being read.

    :param pages: the pages that were read, by number.
    :param missing: numbers of pages that could not be fetched or read.
    :param crawled_at: when the first page was downloaded.
    """

    pages: dict[int, StoryPage]
    missing: frozenset[int]
    crawled_at: str

    @property
    def id(self) -> str:
        return next(iter(self.pages.values())).address.id

    def with_page(self, number: int, page: StoryPage) -> Story:
        return Story({**self.pages, number: page}, self.missing, self.crawled_at)

    def without_page(self, number: int) -> Story:
        return Story(self.pages, self.missing | {number}, self.crawled_at)


class FurtherPages(NotingSpider):
    """A spider that reads all pages of a story and hands the whole to :meth:`story_read`."""

    def story_read(self, story: Story) -> Iterator[Article]:
        """Take a story whose pages are all read or lost."""
        raise NotImplementedError

    def go_on(self, story: Story) -> Iterator[Request | Article]:
        """Request the story's next page, or yield the story when none is left."""
        linked = {
            number: url for page in story.pages.values() for number, url in page.others.items()
        }
        left = sorted(set(linked) - set(story.pages) - story.missing)
        if left and len(story.pages) + len(story.missing) >= _MOST_PARTS:
            self.part_missing(linked[left[0]], f"the story has more than {_MOST_PARTS} pages")
            left = []
        if not left:
            yield from self.story_read(story)
            return
        yield Request(
            linked[left[0]],
            callback=self.parse_part,
            errback=self.part_failed,
            priority=_PART,
            dont_filter=True,
            cb_kwargs={"number": left[0], "story": story},
        )

    def parse_part(
        self, response: Response, number: int, story: Story
    ) -> Iterator[Request | Article]:
        """Read a further page of a story."""
        try:
            page = read_story_page(response)
            if page.address.id != story.id or page.address.page != number:
                raise PageError(response.url, "the server sent another page instead")
            if any(_is_same(page, other) for other in story.pages.values()):
                raise PageError(response.url, "the server sent another page of the story again")
        except PageError as error:
            self.part_missing(asked_url(response), error.reason)
            yield from self.go_on(story.without_page(number))
        else:
            yield from self.go_on(story.with_page(number, page))

    def part_failed(self, failure: TwistedFailure) -> Iterator[Request | Article]:
        """Go on without a page of a story that could not be fetched; the loss is counted."""
        request: Request = failure.request  # type: ignore[attr-defined]
        self.part_missing(request.url, describe(failure.value).sentence)
        yield from self.go_on(request.cb_kwargs["story"].without_page(request.cb_kwargs["number"]))

    def part_missing(self, url: str, reason: str) -> None:
        """Count and log a page of a story that could not be fetched or read."""
        self.count("articles/missing_pages")
        self.logger.error(
            "Page of a story missing, the story is written without it: %s: %s", url, reason
        )


def page_numbers(pages: Iterable[int]) -> str:
    """Numbers of pages as a sentence lists them."""
    return ", ".join(map(str, sorted(pages)))


def _is_same(page: StoryPage, other: StoryPage) -> bool:
    """Whether two pages of a story have the same content, and any at all."""
    content = page.paragraphs, page.images, page.videos
    return any(content) and content == (other.paragraphs, other.images, other.videos)
