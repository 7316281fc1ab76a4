"""Parses pages: markup and address in, data out. No Scrapy, no requests."""

from peoplesdaily.parsers.article import (
    GENERIC,
    TEMPLATES,
    matching_templates,
    parse_article,
    why_no_template,
)
from peoplesdaily.parsers.errors import (
    NotAnArticleError,
    PageError,
    UnknownListingError,
    UnknownTemplateError,
)
from peoplesdaily.parsers.listing import (
    ListedArticle,
    Listing,
    parse_front_page,
    parse_listing,
    parse_navigation,
)
from peoplesdaily.parsers.markup.encoding import decode
from peoplesdaily.parsers.story import StoryPage, merge

__all__ = [
    "GENERIC",
    "TEMPLATES",
    "ListedArticle",
    "Listing",
    "NotAnArticleError",
    "PageError",
    "StoryPage",
    "UnknownListingError",
    "UnknownTemplateError",
    "decode",
    "matching_templates",
    "merge",
    "parse_article",
    "parse_front_page",
    "parse_listing",
    "parse_navigation",
    "why_no_template",
]
