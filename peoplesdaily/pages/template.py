"""What every template era shares: an era says where things stand, this says how they are read."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import takewhile

from peoplesdaily import text, urls
from peoplesdaily.items import Link
from peoplesdaily.pages.blocks import Block
from peoplesdaily.pages.compose import END, RELATED, Composition, compose, related_links
from peoplesdaily.pages.document import Document, Element, content
from peoplesdaily.pages.story import StoryPage
from peoplesdaily.urls import ArticleAddress

_ARROWS = (">>", "»", "＞＞")
ARROWS = re.compile("|".join(_ARROWS))
# Longer than any breadcrumb or byline, shorter than a box of navigation.
_LONGEST_LINE = 300
_BY = re.compile(r"^by\s+\S", re.IGNORECASE)
_META_SOURCE = re.compile(r"^(?:source|来源)\s*[:：]\s*", re.IGNORECASE)
_ORIGINAL = re.compile(r"\s*(?:original|原创稿)$", re.IGNORECASE)
# What headings of related stories have in common, in any edition; the words decide.
_RELATED_HINTS = ("elated", "ELATED", "相关", "关于", "的新闻")
_LONGEST_HEADING = 40
_HEADINGS = ("h1", "h2", "h3", "h4", "h5")
_LIST_BOXES = ("ul", "ol", "dl", "table", "div", "p", "section")


@dataclass(frozen=True, slots=True)
class Parts:
    """A page of a story, taken apart but not yet read.

    :param above: lines between the top of the story's box and its headline.
    :param below: lines between headline and byline.
    :param story: the blocks behind the byline.
    :param editor: text of the boxes that hold the editor line.
    :param writers: the line of writers' names, where it is not the byline's.
    :param crumbs: the breadcrumb, where it has no box of its own.
    :param links: links behind the story that are to related stories.
    """

    title: str
    byline: str
    story: Sequence[Block]
    above: tuple[str, ...] = ()
    below: tuple[str, ...] = ()
    editor: str = ""
    writers: str = ""
    crumbs: tuple[str, ...] = ()
    links: tuple[tuple[str, str], ...] = ()


class Template:
    """One era of the site's article pages.

    Set ``era``; implement :meth:`matches` and :meth:`parts`. An era is chosen by what stands on the
    page, never by its date: the site publishes static pages, which keep the template of their day,
    and every era is live at once.
    """

    era: str

    def matches(self, page: Document) -> bool:
        """Whether ``page`` is of this era: true on its pages, and on those of no other."""
        raise NotImplementedError

    def parts(self, page: Document, base: str) -> Parts:
        """Take the page apart.

        :param base: the page's canonical address, for relative addresses.
        """
        raise NotImplementedError

    def breadcrumb(self, page: Document) -> tuple[str, ...]:
        """The breadcrumb: the CMS's own box for it, else any navigation line with its arrows."""
        for element in page.find("#p_navigator", "#rwb_navpath", ".wbnav"):
            line = content(element)
            if line and len(line) < _LONGEST_LINE:
                return crumbs_of(line)
        if any(arrow in page.all_text for arrow in _ARROWS):
            for element in page.named:
                if len(element) < _MOST_CRUMBS and _CRUMB_NAME.search(_names(element)):
                    line = content(element)
                    if len(line) < _LONGEST_LINE and ARROWS.search(line):
                        return crumbs_of(line)
        return ()

    def read(self, page: Document, address: ArticleAddress) -> StoryPage:
        """Read one page of a story."""
        parts = self.parts(page, address.url)
        told = compose(parts.story)
        named = _meta_source(page)
        line = text.byline(parts.byline, named)
        writers = [parts.writers, *(below for below in parts.below if _BY.match(below))]
        signed = [name for line_ in writers for name in text.names(line_)]
        day, at, updated = _dates(line, address, page)
        return StoryPage(
            address=address,
            others=_other_pages(page, address),
            template=self.era,
            title=parts.title or _title(page, address),
            kicker=" ".join(parts.above) or None,
            subtitle=" ".join(below for below in parts.below if not _BY.match(below)) or None,
            breadcrumb=parts.crumbs or self.breadcrumb(page),
            source=line.source or named,
            authors=line.authors or tuple(dict.fromkeys(signed)) or _signatures(told),
            editors=tuple(dict.fromkeys((*text.editors(parts.editor), *told.editors))),
            published_on=day,
            published_at=at,
            updated_at=updated,
            paragraphs=told.paragraphs,
            images=told.images,
            videos=told.videos,
            related=_distinct_stories((*related_links(parts.links), *told.related), address)
            or _distinct_stories(_related(page, address), address),
            keywords=_keywords(page, address),
            description=page.meta("description") or None,
        )


def _signatures(told: Composition) -> tuple[str, ...]:
    """Writers who sign among the last paragraphs, which keep the line."""
    return tuple(name for line in told.paragraphs[-2:] for name in text.signature(line))


_CRUMB_NAME = re.compile(r"nav|path|crumb|location|route")
# A breadcrumb has few parts; what has more is the navigation itself.
_MOST_CRUMBS = 10


def _names(element: Element) -> str:
    return f"{element.get('class') or ''} {element.get('id') or ''}"


def crumbs_of(line: str) -> tuple[str, ...]:
    """The parts of a breadcrumb line, as printed."""
    return tuple(part for part in map(str.strip, ARROWS.split(line)) if part)


def _distinct_stories(links: Iterable[Link], address: ArticleAddress) -> tuple[Link, ...]:
    found: dict[str, Link] = {}
    for link in links:
        if link.url != address.story_url:
            found.setdefault(link.url, link)
    return tuple(found.values())


def _dates(
    line: text.Byline, address: ArticleAddress, page: Document
) -> tuple[date | None, str | None, str | None]:
    """Day and time of publication and time of the update.

    The byline comes first, then the address, then the meta data, which carries no time. Under an
    update alone the day of publication is the address's, and its time is unknown.
    """
    updated = line.updated.isoformat() if line.updated else None
    if line.published:
        return line.published.day, line.published.isoformat(), updated
    printed = next(iter(text.stamps(page.meta("publishdate"))), None)
    day = address.day or (printed.day if printed else None)
    if day is None and line.updated:
        day = line.updated.day
    return day, None, updated


def _meta_source(page: Document) -> str | None:
    source = _META_SOURCE.sub("", page.meta("source"))
    return _ORIGINAL.sub("", source) or None


def _keywords(page: Document, address: ArticleAddress) -> tuple[str, ...]:
    # English keywords may be of several words; Chinese ones are parted by spaces, too.
    between = r"[\s,;，；、|]+" if address.edition.language == "zh" else r"\s*[,;，；、|]\s*"
    parts = re.split(between, page.meta("keywords"))
    return tuple(dict.fromkeys(part for part in parts if part))


def _title(page: Document, address: ArticleAddress) -> str:
    """Headline out of ``<title>``, without the site's name behind it."""
    title = page.title
    for name in sorted(address.edition.site_names, key=len, reverse=True):
        plain = title.replace("’", "'")
        if plain.casefold().endswith(name.casefold()):
            return title[: len(title) - len(name)].rstrip(" -–—|_")
    return title


def _other_pages(page: Document, address: ArticleAddress) -> dict[int, str]:
    """The story's other pages, from links anywhere on the page that carry its id and a number."""
    if f"{address.id}-" not in page.markup and address.page == 1:
        return {}
    found: dict[int, str] = {}
    for link in page.root.iter("a"):
        href = link.get("href")
        if not href or address.id not in href:
            continue
        other = urls.article(urls.join(address.url, href) or "")
        if other and other.id == address.id and other.page != address.page:
            found[other.page] = address.page_url(other.page)
    # A link back to the first page alone, such as a permalink, makes no story of several pages.
    return found if address.page > 1 or any(number > 1 for number in found) else {}


def _related(page: Document, address: ArticleAddress) -> Iterator[Link]:
    """Links of the page's box of related stories.

    No source shows the box's markup, only its headings ("Related Stories", "Related reading"): the
    box is the nearest element around or behind the heading that links articles.
    """
    for element in page.holding(_RELATED_HINTS):
        # "Related <em>stories</em>": the heading is what holds all of it.
        for heading in (element, element.getparent()):
            if heading is None or len(heading) > 3:
                continue
            line = content(heading)
            if len(line) < _LONGEST_HEADING and RELATED.match(line):
                yield from _links_behind(heading, address.url)
                return


def _links_behind(heading: Element, base: str) -> list[Link]:
    """The stories that the elements behind ``heading`` link, up to the next heading."""
    node: Element | None = heading
    for _ in range(3):
        if node is None or node.tag in ("body", "html"):
            break
        siblings = (sibling for sibling in node.itersiblings() if isinstance(sibling.tag, str))
        behind = list(takewhile(lambda element: not _is_heading(element), siblings))
        anchors = [a for box in behind for a in box.iter("a")]
        found = related_links((content(a), urls.join(base, a.get("href")) or "") for a in anchors)
        # An empty box is not the heading of what follows it.
        if found or any(element.tag in _LIST_BOXES for element in behind):
            return found
        # The heading stands in a box of its own, and its list behind that box.
        node = node.getparent()
    return []


def _is_heading(element: Element) -> bool:
    if element.tag in _HEADINGS or (len(element) > 0 and element[0].tag in _HEADINGS):
        return True
    first_line = next((line for line in element.itertext() if line.strip()), "")
    return END.match(text.clean(first_line)) is not None


def byline_like(line: str) -> bool:
    """Whether a line can be a byline: short, with a whole date in it, and no sentence."""
    return len(line) < _LONGEST_LINE and text.is_byline(line)
