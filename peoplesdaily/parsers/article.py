"""Chooses the template that reads a page, and rejects pages that are not articles."""

from __future__ import annotations

import re
from itertools import islice

from peoplesdaily.parsers.errors import NotAnArticleError, PageError, UnknownTemplateError
from peoplesdaily.parsers.markup.document import Document, parent
from peoplesdaily.parsers.story import StoryPage
from peoplesdaily.parsers.templates.base import Template
from peoplesdaily.parsers.templates.generic import Generic, has_story
from peoplesdaily.parsers.templates.y2000 import Y2000, Y2002, Y2004
from peoplesdaily.parsers.templates.y2008 import Y2008, Y2010
from peoplesdaily.parsers.templates.y2013 import Y2013
from peoplesdaily.parsers.templates.y2016 import Y2016, Y2020
from peoplesdaily.parsers.templates.y2021 import Y2021
from peoplesdaily.site import urls
from peoplesdaily.site.urls import ArticleAddress
from peoplesdaily.utils import text

TEMPLATES: tuple[Template, ...] = (
    *(Y2021(), Y2020(), Y2016(), Y2013(), Y2010(), Y2008(), Y2004(), Y2002(), Y2000()),
)
"""All templates, newest first. No page matches two, so the order does not matter."""

_ERROR_TITLE = re.compile(
    r"\b(?:404|403|50[0234])\b|not found|page (?:does not|doesn['’]t) exist|access denied|forbidden"
    r"|bad gateway|service unavailable|internal server error|页面不存在|找不到|访问的页面|出错",
    re.IGNORECASE,
)
GENERIC = Generic()
"""Reads pages that no template matches. A record read by it has ``template: "generic"``."""

# In units of :func:`text.amount`.
_SHORTEST_PROSE = 80
_LISTS = (".foreign_list8", ".foreign_list7", ".d2_17")


def parse_article(markup: str, url: str) -> StoryPage:
    """Read one page of a story.

    A pure function: no requests, no logging, no clock.

    :param markup: the page's HTML, decoded.
    :param url: the address it was fetched from, in any of its forms.
    :raises NotAnArticleError: the address or the page is not an article's.
    :raises UnknownTemplateError: no template matches, and the general extractor finds no story.
    :raises PageError: the page cannot be parsed; see :class:`Document`.
    """
    address = urls.article(url)
    if address is None:
        raise NotAnArticleError(url, "not the address of an article")
    page = Document(markup, url)
    template = next((one for one in TEMPLATES if one.matches(page)), None)
    if template is None:
        return _generic(page, address)
    story = template.read(page, address)
    empty = not (story.paragraphs or story.images or story.videos)
    if empty and _is_list(page):
        raise NotAnArticleError(url, "a list page")
    if empty and (not story.title or _is_error(page, story.title)):
        raise NotAnArticleError(url, "the site's frame without a story")
    if not page.meta("contentid") and _is_error(page, story.title) and not story.published_at:
        raise NotAnArticleError(url, f"an error page: {story.title or page.title}")
    return story


def matching_templates(markup: str, url: str) -> tuple[str, ...]:
    """Names of the templates that match the page: exactly one on a known page.

    :raises PageError: the page cannot be parsed; see :class:`Document`.
    """
    page = Document(markup, url)
    return tuple(template.name for template in TEMPLATES if template.matches(page))


def why_no_template(markup: str, url: str) -> dict[str, str]:
    """For each template, a message why it does not match the page; ``""`` if it does.

    :raises PageError: the page cannot be parsed; see :class:`Document`.
    """
    page = Document(markup, url)
    return {template.name: template.why_not(page) for template in TEMPLATES}


def _is_error(page: Document, title: str) -> bool:
    return bool(_ERROR_TITLE.search(title) or _ERROR_TITLE.search(page.title))


def _generic(page: Document, address: ArticleAddress) -> StoryPage:
    """Read a page that no template matches."""
    refusal = _refusal(page)
    if isinstance(refusal, NotAnArticleError):
        raise refusal
    story = GENERIC.read(page, address)
    if not has_story(story.paragraphs) or not story.title or story.published_on is None:
        raise refusal
    return story


def _is_list(page: Document) -> bool:
    # The front page and its daily copies have boxes named p1_..., p2_....
    return page.has(*_LISTS) or any(name.startswith(("p1_", "p2_")) for name in page.names)


def _has_prose(page: Document) -> bool:
    """Whether the page has a long paragraph, or several long lines separated by ``<br>``."""
    if any(_is_prose(p.text) for p in page.tree.iter_elements("p")):
        return True
    parted = {parent(element) for element in page.tree.iter_elements("br")}
    lines = (line for line, box in page.texts() if box in parted and _is_prose(line))
    # A notice has one line, a story more.
    return len(list(islice(lines, 2))) > 1


def _is_prose(line: str) -> bool:
    return text.amount(line) >= _SHORTEST_PROSE


def _refusal(page: Document) -> PageError:
    """The error for a page that no template matches."""
    if _is_error(page, ""):
        return NotAnArticleError(page.url, f"an error page: {page.title}")
    if _is_list(page):
        return NotAnArticleError(page.url, "a list page")
    if page.tree.select_one('meta[http-equiv="refresh" i][content*="="]'):
        return NotAnArticleError(page.url, "a redirect stub")
    if not page.meta("contentid") and not _has_prose(page):
        return NotAnArticleError(page.url, "a page without text")
    return UnknownTemplateError(page.url, "no template matches")
