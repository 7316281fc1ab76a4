"""The yardstick: what a newcomer writes with the Scrapy tutorial open, for the same pages.

Run by ``scrapy runspider`` outside any project, so with Scrapy's own defaults. It imports nothing
of ``peoplesdaily``, on purpose.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from typing import Any

from scrapy import Request, Spider
from scrapy.http import Response

# Lists print some addresses under foreign hosts, channels and schemes. Undoing that is not plain,
# but without it the two crawls would not fetch the same pages.
_STORY = re.compile(r"n\d?/\d{4}/\d{4}/c\d+-(\d+)\.html")


class PlainSpider(Spider):
    """Title, date and paragraphs of every page of every story; an item a page.

    Argument: ``lists``, the lists' addresses, separated by commas.
    """

    name = "plain"

    def __init__(self, lists: str, **other: Any) -> None:
        super().__init__(**other)
        self.lists = lists.split(",")
        self.seen: set[str] = set()

    async def start(self) -> AsyncIterator[Any]:
        for url in self.lists:
            yield Request(url, self.parse)

    def parse(self, response: Response) -> Iterator[Request]:
        """Follow the stories of a list, then its next page."""
        stories = (
            ".foreign_list8 a::attr(href), .foreign_list7 a::attr(href), .d2_17 a::attr(href), "
            ".pic_list p a::attr(href), .p1_content a::attr(href)"
        )
        for href in response.css(stories).getall():
            match = _STORY.search(href)
            if match and match[1] not in self.seen:
                self.seen.add(match[1])
                yield response.follow(f"/{match[0]}", self.parse_story)
        pager = ".page_n a:contains({0})::attr(href), .d2_18 a:contains({0})::attr(href)"
        for label in ('"下一页"', '"Next"'):
            yield from response.follow_all(response.css(pager.format(label)).getall(), self.parse)

    def parse_story(self, response: Response) -> Iterator[Request | dict[str, Any]]:
        """Read a page of a story and follow the button to the next."""
        css = response.css
        yield {
            "url": response.url,
            "title": css(".d2txtCon h1::text").get()
            or css("#p_title::text, .wb_left h2::text, .wb_10 h1::text").get(),
            "date": css(".origin span::text").get() or css(".wb_1::text, .wb_10 > div::text").get(),
            "paragraphs": css(".d2txtCon p::text").getall()
            or css("#p_content p::text, .wb_12 p::text").getall(),
        }
        further = css(".zdfy + center a::attr(href)").getall()
        yield from response.follow_all(further, self.parse_story)
