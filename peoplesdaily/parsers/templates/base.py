"""Base class of all templates: a template finds the parts of a page, this module parses them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import takewhile
from typing import ClassVar, NamedTuple

from peoplesdaily.items import Link
from peoplesdaily.parsers.body.boilerplate import is_end, related_links
from peoplesdaily.parsers.body.compose import Composition, compose
from peoplesdaily.parsers.fields import bylines, dates, editor_lines, names, signatures
from peoplesdaily.parsers.markup.blocks import Block
from peoplesdaily.parsers.markup.document import (
    HEADINGS,
    NO_BOXES,
    Document,
    Element,
    content,
    elements,
    own_text,
    parent,
)
from peoplesdaily.parsers.story import StoryPage
from peoplesdaily.site import urls
from peoplesdaily.site.editions import Edition
from peoplesdaily.site.editions.patterns import EditionPatterns, patterns_of
from peoplesdaily.site.urls import ArticleAddress
from peoplesdaily.utils import text

_ARROWS = (">>", "»", "＞＞")
ARROWS = re.compile("|".join(_ARROWS))
# Longer than any breadcrumb or byline, shorter than a navigation box.
_LONGEST_LINE = 300
_ORIGINAL = re.compile(r"\s*(?:original|原创稿)$", re.IGNORECASE)
# Possible starts of a heading: "Related", 关于 before a link, a separate "■".
_RELATED_HEADING = re.compile(
    r"\x00[\s■□◆·]*(?:related|相关|关于(?:\s*\x00|[^\x00]{1,40}的新闻))", re.IGNORECASE
)
_LONGEST_HEADING = 40
# Raw, with the markup's white space.
_LONGEST_RAW = 1_000
# Tags used inside headings or as headings.
_EMPHASES = ("strong", "b", "em", "i", "span")
_LIST_BOXES = ("ul", "ol", "dl", "table", "div", "p", "section")


class Parts(NamedTuple):
    """The parts of a page, not yet parsed.

    :param above: lines above the headline.
    :param below: lines between headline and byline.
    :param story: the blocks after the byline.
    :param editor: text of the editor line's boxes.
    :param writers: the line of writers' names, if not in the byline.
    :param crumbs: the breadcrumb, if it has no box.
    :param links: related links after the story.
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
    """A template of the site's article pages.

    Set ``name``, ``marks`` and ``never``, and implement :meth:`parts`. The content of a page
    selects its template, never its date: the site publishes static pages, which keep their
    template, so all templates are in use.

    :cvar marks: places as in :meth:`Document.find`; every page of the template has one.
    :cvar never: places of other templates that no page of this one has.
    """

    name: str
    marks: ClassVar[tuple[str, ...]] = ()
    never: ClassVar[tuple[str, ...]] = ()

    def matches(self, page: Document) -> bool:
        """Whether ``page`` uses this template; no other template may match it."""
        return page.has(*self.marks) and not page.has(*self.never)

    def why_not(self, page: Document) -> str:
        """A message why ``page`` does not match; ``""`` if it does."""
        if self.matches(page):
            return ""
        if not page.has(*self.marks):
            return f"none of {', '.join(self.marks)}"
        other = next((place for place in self.never if page.has(place)), None)
        return (
            f"the page has {other}, which belongs to another template"
            if other
            else "its marks, but on a page in another language"
        )

    def parts(self, page: Document, base: str) -> Parts:
        """Find the parts of the page.

        :param base: the page's canonical address, for relative addresses.
        """
        raise NotImplementedError

    def breadcrumb(self, page: Document) -> tuple[str, ...]:
        """The breadcrumb, from its box or from any navigation line with arrows."""
        for element in page.find("#p_navigator", "#rwb_navpath", ".wbnav"):
            line = content(element)
            if line and len(line) < _LONGEST_LINE:
                return crumbs_of(line)
        texts = page.all_text
        if any(arrow in texts for arrow in _ARROWS):
            for element in page.tree.select(_CRUMB_BOXES):
                if element.tag in NO_BOXES or len(element.text) > _LONGEST_RAW:
                    continue
                if len(elements(element)) < _MOST_CRUMBS:
                    line = content(element)
                    if len(line) < _LONGEST_LINE and ARROWS.search(line):
                        return crumbs_of(line)
        return ()

    def read(self, page: Document, address: ArticleAddress) -> StoryPage:
        """Parse one page of a story."""
        parts = self.parts(page, address.url)
        body = compose(parts.story, page.edition)
        named = _meta_source(page)
        line = bylines.byline(parts.byline, named, page.edition)
        editors = editor_lines.editors(parts.editor, page.edition)
        naming = [below for below in parts.below if _names_writers(below, page.edition)]
        signed = [
            name
            for signature in (parts.writers, *naming)
            for name in names.writers(signature, page.edition)
        ]
        day, at, updated = _dates(line, address, page)
        return StoryPage(
            address=address,
            others=_other_pages(page, address),
            template=self.name,
            title=parts.title or _title(page, address),
            kicker=" ".join(parts.above) or None,
            subtitle=" ".join(below for below in parts.below if below not in naming) or None,
            breadcrumb=parts.crumbs or self.breadcrumb(page),
            source=line.source or named or body.source,
            authors=line.authors or tuple(dict.fromkeys(signed)) or _signatures(body, page.edition),
            editors=tuple(dict.fromkeys((*editors, *body.editors))),
            published_on=day,
            published_at=at,
            updated_at=updated,
            paragraphs=body.paragraphs,
            images=body.images,
            videos=body.videos,
            related=_distinct_stories((*related_links(parts.links), *body.related), address)
            or _distinct_stories(_related(page, address), address),
            keywords=_keywords(page, address),
            description=page.meta("description") or None,
        )


def _names_writers(line: str, edition: Edition) -> bool:
    """Whether a line below the headline names writers; "By planting trees" does not."""
    by = patterns_of(edition).by.match(line)
    if by is None:
        return ("记者" in line or line.startswith("文/")) and bool(signatures.signature(line))
    return names.may_be_names(line[by.end() :])


# 《 人民日报 》（ 2020年11月03日 06 版）, below the story.
_PAPERS_PAGE = re.compile(r"^《[^《》]{2,20}》\s*[(（][^()（）]{2,40}版\s*[)）]$")


def _is_full(name: str) -> bool:
    """False for single words: many guides have a sub-heading like "By Train"."""
    return " " in name


def _signatures(body: Composition, edition: Edition) -> tuple[str, ...]:
    """Writers named in the story: at its top, after its dateline or at its end.

    These lines stay in the body.
    """
    paragraphs = body.paragraphs
    first, last = paragraphs[:2], paragraphs[-2:]
    found = [
        name
        for line in first
        for name in (
            *filter(_is_full, signatures.writer_line(line, edition)),
            *signatures.signature(line),
        )
    ]
    found += signatures.wire_reporters("".join(first[:1]))
    found += [name for line in last for name in signatures.signature(line)]
    end = next((line for line in reversed(last) if not _PAPERS_PAGE.match(line)), "")
    found += signatures.closing_signature(end)
    found += [
        name for line in last for name in signatures.writer_line(line, edition) if _is_full(name)
    ]
    return tuple(dict.fromkeys(found))


_CRUMB_BOXES = ", ".join(
    f'[{attribute}*="{word}"]'
    for attribute in ("class", "id")
    for word in ("nav", "path", "crumb", "location", "route")
)
# A breadcrumb has few parts; longer lines are the navigation.
_MOST_CRUMBS = 10


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
    line: bylines.Byline, address: ArticleAddress, page: Document
) -> tuple[date | None, str | None, str | None]:
    """Day and time of publication, and time of the update.

    From the byline, else the address, else the meta data, which has no time. If only an update is
    printed, the day is the address's and the time unknown.
    """
    updated = line.updated.isoformat() if line.updated else None
    if line.published:
        return line.published.day, line.published.isoformat(), updated
    printed = next(iter(dates.stamps(page.meta("publishdate"))), None)
    day = address.day or (printed.day if printed else None)
    if day is None and line.updated:
        day = line.updated.day
    return day, None, updated


def _meta_source(page: Document) -> str | None:
    printed = page.meta("source")
    label = patterns_of(page.edition).source_label.match(text.half_width(printed))
    source = printed[label.end() :] if label else printed
    return _ORIGINAL.sub("", source) or None


# English keywords may have several words; Chinese ones are also separated by spaces.
_BETWEEN = re.compile(r"\s*[,;，；、|]\s*")
_BETWEEN_CHINESE = re.compile(r"[\s,;，；、|]+")


def _keywords(page: Document, address: ArticleAddress) -> tuple[str, ...]:
    between = _BETWEEN_CHINESE if address.edition.language == "zh" else _BETWEEN
    parts = between.split(page.meta("keywords"))
    return tuple(dict.fromkeys(part for part in parts if part))


# 山村茶叶走出大山--时政--人民网; dashes within headlines are long ones.
_CHANNEL = re.compile(r"--[\w·]{2,8}$")


def _title(page: Document, address: ArticleAddress) -> str:
    """Headline from ``<title>``, without the names of site and channel."""
    title = page.title
    for name in sorted(address.edition.site_names, key=len, reverse=True):
        if text.plain(title).endswith(text.plain(name)):
            title = title[: len(title) - len(name)].rstrip(" -–—|_")
            return _CHANNEL.sub("", title) if address.edition.language == "zh" else title
    return title


def _other_pages(page: Document, address: ArticleAddress) -> dict[int, str]:
    """The story's other pages, from all links with its id and a page number."""
    if f"{address.id}-" not in page.markup and address.page == 1:
        return {}
    found: dict[int, str] = {}
    # Page 1 links itself only without a number, if at all.
    marks = (".", "-") if address.page > 1 else ("-",)
    links = [a for mark in marks for a in page.tree.select(f'a[href*="{address.id}{mark}"]')]
    for href in dict.fromkeys(link.attr("href") or "" for link in links):
        other = urls.article(urls.join(address.url, href) or "")
        if other and other.id == address.id and other.page != address.page:
            found[other.page] = address.page_url(other.page)
    # A link to the first page alone, such as a permalink, does not make a multi-page story.
    return found if address.page > 1 or any(number > 1 for number in found) else {}


def _related(page: Document, address: ArticleAddress) -> Iterator[Link]:
    """Links in the page's box of related stories.

    The box's markup is unknown, only its headings ("Related Stories", "Related reading"): the box
    is the nearest element around or after the heading that links articles (unverified).
    """
    words = patterns_of(page.edition)
    for element in _heading_places(page, words):
        # "Related <em>stories</em>": the heading is the outer element.
        for heading in (element, parent(element)):
            if heading is None or len(heading.text) > _LONGEST_RAW or len(elements(heading)) > 3:
                continue
            line = content(heading)
            if len(line) < _LONGEST_HEADING and words.related.match(line):
                yield from _links_behind(heading, address)
                return


def _heading_places(page: Document, words: EditionPatterns) -> Iterator[Element]:
    """Possible headings of related stories."""
    if not words.mixes_chinese:
        for element in page.tree.iter_elements((*HEADINGS, *_EMPHASES, "div", "p", "dt")):
            if words.related.match(text.clean(own_text(element))):
                yield element
        return
    for element in page.tree.iter_elements((*HEADINGS, *_EMPHASES)):
        line = element.text
        if len(line) < _LONGEST_RAW and _hints_at_related(line):
            yield element
    # Checking every text is slow.
    if _hints_at_related(page.all_text) and _RELATED_HEADING.search(
        "\x00".join(["", *page.tree.strings, ""])
    ):
        for line, element in page.texts():
            if _hints_at_related(line):
                yield element


def _hints_at_related(line: str) -> bool:
    """A cheap pre-filter for headings of related stories."""
    return "elated" in line or "相关" in line or "的新闻" in line or "ELATED" in line


def _links_behind(heading: Element, address: ArticleAddress) -> list[Link]:
    """Stories linked after ``heading``, up to the next heading."""
    base, edition = address.url, address.edition
    node: Element | None = heading
    for _ in range(4):  # Cell, row, and the table's two boxes.
        if node is None or node.tag in ("body", "html"):
            break
        siblings = (sibling for sibling in node.next_siblings if isinstance(sibling, Element))
        behind = list(takewhile(lambda element: not _is_heading(element, edition), siblings))
        anchors = [a for box in behind for a in box.iter_elements("a", include_self=True)]
        found = related_links((content(a), urls.join(base, a.attr("href")) or "") for a in anchors)
        # An empty box is not a heading.
        if found or any(element.tag in _LIST_BOXES for element in behind):
            return found
        # The heading is in a box of its own, followed by the list.
        node = parent(node)
    return []


def _is_heading(element: Element, edition: Edition) -> bool:
    inside = elements(element)
    if element.tag in HEADINGS or (inside and inside[0].tag in HEADINGS):
        return True
    first_line = next((line for line in element.strings if line.strip()), "")
    return is_end(text.clean(first_line), edition)


def byline_like(line: str, edition: Edition) -> bool:
    """Whether ``line`` may be a byline: short, with a full date, and not a sentence."""
    return len(line) < _LONGEST_LINE and bylines.is_byline(line, edition)
