"""Parses lists, the front page and the site's navigation."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from peoplesdaily.parsers.errors import UnknownListingError
from peoplesdaily.parsers.fields import dates
from peoplesdaily.parsers.fields.dates import Stamp
from peoplesdaily.parsers.markup.document import (
    Document,
    Element,
    content,
    inside,
    outermost,
    parent,
)
from peoplesdaily.site import urls
from peoplesdaily.site.editions import EDITIONS, Edition
from peoplesdaily.site.urls import ArticleAddress


@dataclass(frozen=True, slots=True)
class ListedArticle:
    """An article in a list.

    :param stamp: the date beside it, usually with a time.
    """

    address: ArticleAddress
    title: str
    stamp: Stamp | None


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of a list.

    :param articles: the articles in list order, without repeats.
    :param next_url: canonical address of the next page; ``None`` on the last.
    :param total: number of pages that the list states; ``None`` if it states none.
    :param layout: name of the list markup.
    """

    articles: tuple[ListedArticle, ...]
    next_url: str | None
    total: int | None
    layout: str


@dataclass(frozen=True, slots=True)
class _Layout:
    """CSS selectors of one list markup.

    ``links`` and ``date`` are relative to an item.
    """

    name: str
    items: tuple[str, ...]
    column: str
    links: tuple[str, ...]
    date: str


_LAYOUTS = (
    # 2021 and later; the date is in a span after the link.
    _Layout(
        "2021",
        items=("ul.foreign_list8 > li", "ul.foreign_list7 > li"),
        column=".col-1",
        links=(":scope a[href]",),
        date="span",
    ),
    # The waterfall page 518252; its name is unverified.
    _Layout("tiles", ("#tiles > li",), ".col-1", (":scope p a[href]", ":scope a[href]"), "span"),
    # 2013 to 2020; the span holds the time or a summary.
    _Layout(
        "2013",
        items=(".d2_17",),
        column=".d2p3_left",
        links=(":scope h3 a[href]", ':scope [class*="on1"] a[href]', ":scope a[href]"),
        date=':scope [class*="on2"], :scope [class*="on2"] span',
    ),
    # Video.
    _Layout(
        "pictures",
        items=("div.pic_list li",),
        column=".d2p3_left",
        links=(":scope p a[href]", ":scope a[href]"),
        date="span",
    ),
)
_PAGE_COUNT = re.compile(r"<!--\s*PageNo\s*=\s*(\d{1,6})\s*-->", re.IGNORECASE)
# English lists of 2021 and later label the link in Chinese, so match every edition's words.
_NEXT = frozenset(word for edition in EDITIONS for word in edition.words.next_page)
# Only a date, not a summary that contains one.
_LONGEST_DATE = 40
_ASIDE = re.compile(
    r"(?:^|[\s_-])(?:nav\w*|foot\w*|bottom|side\w*|aside|right|fr|col-2|col-3|ad\d*|copyright|links?"
    r"|hot\w*|most\w*|rank\w*|recommend\w*|languages?|share\w*|login|search)(?=[\s_-]|$)",
    re.IGNORECASE,
)
_ASIDE_HEADING = re.compile(
    r"^(?:most (?:read|viewed|popular).*|hot news|we recommend|related.*)\s*:?$",
    re.IGNORECASE,
)
# Boxes of leading stories on the front page of 2013 to 2020 and its daily copies in /review/.
_LEADS = ("p1_", "p1box", "p2_")
_LINKS_IN_NAVIGATION = ':is(nav, [class*="nav"], [id*="nav"]) a[href]'


def parse_listing(markup: str, url: str) -> Listing:
    """Parse one page of a section's list.

    :raises UnknownListingError: no known markup lists an article.
    :raises PageError: the page cannot be parsed; see :class:`Document`.
    """
    page = Document(markup, url)
    for layout in _LAYOUTS:
        articles = tuple(_articles(page, layout))
        if articles:
            total = _total(markup)
            return Listing(articles, _next_url(page, total), total, layout.name)
    raise UnknownListingError(url, "nothing recognisable is listed")


def parse_front_page(markup: str, url: str) -> Listing:
    """Parse the leading stories of the front page.

    On the front page of 2013 to 2020, classes mark these stories. The markup of 2021 and later is
    unknown (unverified): every article link outside navigation, footer and side boxes counts.

    :raises UnknownListingError: the front page links no such article.
    :raises PageError: the page cannot be parsed; see :class:`Document`.
    """
    page = Document(markup, url)
    leads_with, advertises = inside(_leads), inside(_advertises)
    links = page.tree.select("[class] a[href]")
    leads = [link for link in links if leads_with(link) and not advertises(link)]
    layout = "front page 2013"
    articles = _listed(page, ((link, None) for link in leads))
    if not articles:
        layout = "front page"
        is_aside = inside(_is_aside)
        links = [link for link in page.tree.select("a[href]") if not is_aside(link)]
        articles = _listed(page, ((link, None) for link in links))
    if not articles:
        raise UnknownListingError(url, "the front page leads with no article")
    return Listing(tuple(articles), None, None, layout)


def parse_navigation(markup: str, url: str) -> dict[str, str]:
    """Parse the site's navigation: list addresses by label.

    Links in a navigation box come first, then all other links to lists.

    :raises PageError: the page cannot be parsed; see :class:`Document`.
    """
    page = Document(markup, url)
    found: dict[str, str] = {}
    for link in (*page.tree.select(_LINKS_IN_NAVIGATION), *page.tree.select("a[href]")):
        label = content(link)
        target = urls.join(url, link.attr("href"))
        if label and target and urls.edition(target) and urls.article(target) is None:
            found.setdefault(label, urls.canonical(target) or target)
    return found


def _articles(page: Document, layout: _Layout) -> list[ListedArticle]:
    items = outermost(page.in_order(*layout.items))
    column = [item for item in items if _within(item, layout.column)]
    is_aside = inside(_is_aside)
    items = column or [item for item in items if not is_aside(item)]
    holders = {parent(item) for item in items if item.tag == "li"}
    aside = {holder for holder in holders if holder is not None and _under_aside_heading(holder)}
    items = [item for item in items if parent(item) not in aside]
    return _listed(
        page, (pair for item in items for pair in _item_links(item, layout, page.edition))
    )


def _item_links(
    item: Element, layout: _Layout, edition: Edition
) -> Iterator[tuple[Element, Stamp | None]]:
    stamp = None
    for element in item.select(layout.date):
        line = content(element)
        if len(line) <= _LONGEST_DATE:
            stamp = stamp or next(iter(dates.stamps(line, edition)), None)
    for path in layout.links:
        links = [link for link in item.select(path) if _begins_inside(link, item)]
        if links:
            yield from ((link, stamp) for link in links)
            return


def _listed(page: Document, links: Iterable[tuple[Element, Stamp | None]]) -> list[ListedArticle]:
    """The articles among ``links``, each once: picture and headline often link the same story."""
    here = urls.edition(page.url)
    found: dict[str, ListedArticle] = {}
    for link, stamp in links:
        address = urls.article(urls.join(page.url, link.attr("href")) or "")
        if address is None or address.edition is not here:
            continue
        title = content(link)
        known = found.get(address.id)
        if known is None or (title and not known.title):
            found[address.id] = ListedArticle(known.address if known else address, title, stamp)
    return list(found.values())


def _within(element: Element, place: str) -> bool:
    around = parent(element)
    return around is not None and around.closest(place) is not None


def _begins_inside(link: Element, item: Element) -> bool:
    """False for a link left open before ``item``, which the parser reopens inside it."""
    return link.position is None or item.position is None or link.position > item.position


def _is_aside(box: Element) -> bool:
    return box.tag in ("nav", "footer", "aside") or (
        box.tag not in ("body", "html")
        and _ASIDE.search(f" {box.attr('class') or ''} {box.attr('id') or ''}") is not None
    )


def _leads(box: Element) -> bool:
    """Whether ``box`` holds leading stories of the front page."""
    return any(name.startswith(_LEADS) for name in (box.attr("class") or "").split())


def _advertises(box: Element) -> bool:
    return "ad02" in (box.attr("class") or "").split()


def _under_aside_heading(holder: Element) -> bool:
    """Whether a list follows a heading such as "Most Read"."""
    before = next((node for node in holder.previous_siblings if isinstance(node, Element)), None)
    return (
        before is not None
        and before.tag not in ("ul", "ol", "table")
        # Not a box that has its own list.
        and before.select_one("a[href]") is None
        and bool(_ASIDE_HEADING.match(content(before)))
    )


def _total(markup: str) -> int | None:
    found = _PAGE_COUNT.findall(markup)
    return int(found[-1]) if found else None


def _next_url(page: Document, total: int | None) -> str | None:
    """Address of the page with the next number, from the CMS's page count or the pager.

    No other page is ever next, so a circular pager cannot cause a loop.
    """
    here = urls.listing(page.url)
    number = (here.number if here else 1) + 1
    if here and total is not None:
        return here.page_url(number) if number <= total else None
    known = urls.edition(page.url)
    for link in page.tree.select("a[href]"):
        target = urls.listing(urls.join(page.url, link.attr("href")) or "")
        if target is None or target.number != number:
            continue
        same_list = here is not None and target.directory == here.directory
        if same_list or (known and content(link).casefold() in _NEXT):
            return here.page_url(number) if same_list and here else target.url
    return None
