"""From blocks to a story: which text is told, which belongs to a picture, which to neither.

The site never says what a paragraph is. What is known (site notes, eras E and F): a picture stands
in a paragraph of its own and its caption in the next one, in ``<em>``, centred, in the same
paragraph or cell, or in plain text that ends in a credit; one caption may fill two paragraphs.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import takewhile
from typing import NamedTuple

from peoplesdaily import text, urls
from peoplesdaily.editions import ENGLISH, Edition
from peoplesdaily.items import Link, Media
from peoplesdaily.pages.blocks import Block, Kind
from peoplesdaily.speech import speech

# Headings of the boxes around a story; what a template leaves inside the story's box ends there.
_END = re.compile(
    r"^(?:most (?:read|viewed|popular)(?:[\s|]*(?:day|week|month))*|hot news|we recommend|photos"
    r"|full coverage|key ?words|add your comment|comments?|questions\?\s*comments\?.*)\s*[:：|]?$",
    re.IGNORECASE,
)
# Headings of links inside a story; the boxes of the same name around it are the channel's.
_MORE = re.compile(r"^[■□◆·【]?\s*(?:推荐|延伸|更多|扩展|深度)(?:阅读|链接)\s*[】:：]*$")
_PAGER_WORDS = (
    r"(?:next|prev(?:ious)?)(?: page)?|first|last|back|home|下一页|上一页|page \d+ of \d+"
)
_TOOLS = re.compile(
    r"^(?:(?:e-?mail|print|share(?: to| this)?|comments?|font size|large|medium|small"
    rf"|{_PAGER_WORDS}|[【\[]\s*\d+\s*[】\]])[\s|:>»«<]*)+$",
    re.IGNORECASE,
)
_LEADING_ARROWS = " |:<>«»\t"
# A line that is a link and says so: 点击进入…>>.
_INVITATION = re.compile(r"^(?:点击|click\b)|(?:>>|»|＞＞)$", re.IGNORECASE)
_PAGE_NUMBERS = re.compile(
    rf"^(?:(?:{_PAGER_WORDS}|\d{{1,3}}|[【\[]\s*\d+\s*[】\]])[\s|:<>«»…]*)+$", re.IGNORECASE
)
_BULLETS = " ·・•■◆▪-"
_LONGEST_HEADING = 120
_STOPS = (".", "!", "?", "。", "！", "？", "”", '"')
# Captions run to a few sentences; prose beside a picture to more.
_LONGEST_LOOSE_CAPTION = 500


@dataclass(slots=True)
class _Medium:
    kind: Kind
    url: str
    box: int
    table: int
    floats: bool
    caption: list[str] = field(default_factory=list)

    def media(self) -> Media:
        caption = text.clean(" ".join(self.caption)) or None
        return Media(
            url=self.url, caption=caption, credit=text.credit(caption) if caption else None
        )


class Composition(NamedTuple):
    """What a story's box tells.

    :param editors: names of editor lines that stood among the paragraphs.
    :param source: the original's publisher, where a line under the story names it.
    """

    paragraphs: tuple[str, ...]
    images: tuple[Media, ...]
    videos: tuple[Media, ...]
    editors: tuple[str, ...]
    related: tuple[Link, ...]
    source: str | None = None


def compose(blocks: Iterable[Block], edition: Edition = ENGLISH) -> Composition:
    """Tell a story's blocks apart.

    The blocks start behind the headline and the byline; they may run on into the boxes below the
    story, which end it.
    """
    lines = _Lines(edition)
    rows = _captions_below(lines.told(blocks), edition)
    layout = _layout_table(rows)
    media: list[_Medium] = []
    paragraphs: list[str] = []
    position = 0
    while position < len(rows):
        row = rows[position]
        if row.kind == "text":
            position += 1
            if media and _sits_with(row, media[-1], edition):
                media[-1].caption.append(row.text)
            else:
                paragraphs.append(row.text)
            continue
        group: list[_Medium] = []
        while position < len(rows) and rows[position].kind != "text":
            row = rows[position]
            table = 0 if row.table == layout else row.table
            group.append(_Medium(row.kind, row.url, row.box, table, row.prose))
            position += 1
        before = rows[position - len(group) - 1] if position > len(group) else None
        if before and paragraphs[-1:] != [before.text]:
            before = None
        if before and before.box == group[-1].box and not before.strong:
            # A picture between two lines of one paragraph.
            prose = _reads_as_prose(before.text) and not text.credited(before.text, edition)
            group[-1].floats = group[-1].floats or prose
        position += _give_captions(group, rows[position : position + len(group) + 3], edition)
        if before and _is_caption_before(before, group, edition):
            group[0].caption.append(paragraphs.pop())
        media += group
    return Composition(
        paragraphs=tuple(paragraphs),
        images=_distinct(media, "image"),
        videos=_distinct(media, "video"),
        editors=tuple(lines.editors),
        related=tuple(lines.related),
        source=lines.source,
    )


def _captions_below(rows: list[Block], edition: Edition) -> list[Block]:
    """The blocks of a gallery whose captions stand above their pictures, each below its own."""
    above, pictures = rows[::2], rows[1::2]
    gallery = len(pictures) > 1 and len(above) == len(pictures)
    if (
        gallery
        and all(row.kind != "text" for row in pictures)
        and all(row.kind == "text" and text.credited(row.text, edition) for row in above)
    ):
        return [row for pair in zip(pictures, above, strict=True) for row in pair]
    return rows


def _layout_table(rows: Sequence[Block]) -> int:
    """The table that lays out the page: it holds most of the story, another one a picture."""
    tables = [row.table for row in rows if row.kind == "text"]
    if not any(tables):
        return 0
    table = Counter(tables).most_common(1)[0][0]
    return 0 if _holds_a_row_of_captions(rows, table) else table


def _holds_a_row_of_captions(rows: Sequence[Block], table: int) -> bool:
    """Whether a table is one of pictures side by side and their captions in the row below."""
    inside = [row for row in rows if row.table == table]
    half = len(inside) // 2
    return (
        half > 1
        and all(row.kind != "text" for row in inside[:half])
        and all(row.kind == "text" and len(row.text) < _LONGEST_HEADING for row in inside[half:])
        and any(row.kind == "text" and row.table != table for row in rows)
    )


def _distinct(media: Iterable[_Medium], kind: Kind) -> tuple[Media, ...]:
    """One entry an address: the one that has a caption, else the first."""
    found: dict[str, Media] = {}
    for medium in media:
        if medium.kind is kind and (medium.url not in found or not found[medium.url].caption):
            found[medium.url] = medium.media()
    return tuple(found.values())


def is_end(line: str, edition: Edition) -> bool:
    """Whether ``line`` is the heading of a box around the story that is not of related stories."""
    return bool(_END.match(line) or speech(edition).end.match(line))


@dataclass(slots=True)
class _Lines:
    """The lines of a story's box, told apart; what is none of the story's is noted here."""

    edition: Edition
    editors: dict[str, None] = field(default_factory=dict)
    related: list[Link] = field(default_factory=list)
    source: str | None = None

    def told(self, blocks: Iterable[Block]) -> list[Block]:
        """The story's own blocks, without service lines and the boxes below it."""
        words = speech(self.edition)
        rows: list[Block] = []
        in_related = False
        for block in blocks:
            if block.kind != "text":
                # The pictures of a box of related stories link them.
                in_related = in_related and block.linked
                if not in_related:
                    rows.append(block)
                continue
            if words.house and _is_prose(block, self.edition):
                in_related = False
                rows.append(block)
                continue
            if is_end(block.text, self.edition):
                break
            if words.related.match(block.text) or _MORE.match(block.text):
                in_related = True
                continue
            leads_on = _leads_on(block, in_related, self.edition)
            if leads_on is not None:
                in_related = in_related or words.related_prefix.match(block.text) is not None
                self.related += leads_on
                continue
            in_related = False
            told, people = text.without_service_lines(block.text, self.edition)
            self.editors.update(dict.fromkeys(people))
            origin = words.origin.match(told)
            if origin:
                self.source = origin["source"]
            elif told and not _is_tool(told, block, self.edition):
                rows.append(block if told == block.text else _with_text(block, told))
        return rows


def _is_prose(block: Block, edition: Edition) -> bool:
    """Whether a paragraph is the story's at first sight, as most are in English and Chinese.

    It has no link and no sign of a service line, and is longer than any heading or begins as none.
    """
    words = block.text
    return (
        not block.links
        and ":" not in words
        and "：" not in words
        and "ollow" not in words
        and (len(words) > _LONGEST_HEADING or not _odd(edition).match(words))
    )


@lru_cache(maxsize=64)
def _odd(edition: Edition) -> re.Pattern[str]:
    """What a line without a colon begins with where it may be none of the story's."""
    words = speech(edition)
    kinds = (_END, words.end, words.related, _MORE, words.service, _TOOLS)
    beginnings = "|".join(kind.pattern.removeprefix("^") for kind in kinds)
    return re.compile(rf"[{re.escape(_LEADING_ARROWS)}]*(?:{beginnings})", re.IGNORECASE)


def _leads_on(block: Block, in_related: bool, edition: Edition) -> list[Link] | None:
    """The stories that a line of nothing but links leads to, ``None`` for a line of the story."""
    if not block.links:
        return None
    words = speech(edition)
    prefix = words.related_prefix.match(block.text)
    in_related = in_related or prefix is not None
    # >>> and a link.
    linked = block.linked or block.text.lstrip(_LEADING_ARROWS + "＞") == block.links[0][0]
    if not (linked or in_related):
        return None
    links = related_links((words.related_prefix.sub("", t), url) for t, url in block.links)
    if not (links or in_related):
        return None
    rest = block.text
    for label, _ in block.links:
        rest = rest.replace(label, "", 1)
    rest = words.related_prefix.sub("", rest)
    for stamp in text.without_stamps(rest, edition).split():
        if stamp.strip(_BULLETS + "|()[],;:>»＞"):
            return None
    return links


def _is_tool(line: str, block: Block, edition: Edition) -> bool:
    """Whether a line is the pager or the tools of the page."""
    words = speech(edition)
    if _TOOLS.match(line.lstrip(_LEADING_ARROWS)):
        return True
    if not block.links:
        return False
    if not words.house and words.tools.fullmatch(line):
        return True
    invites = block.linked and _INVITATION.search(line) is not None
    return invites or _PAGE_NUMBERS.match(line.lstrip(_LEADING_ARROWS)) is not None


def _with_text(block: Block, told: str) -> Block:
    return Block(
        "text", told, box=block.box, table=block.table, centred=block.centred,
        emphasised=block.emphasised, strong=block.strong,
    )  # fmt: skip


def related_links(links: Iterable[tuple[str, str]]) -> list[Link]:
    """The links among ``links`` that lead to articles, each story once."""
    found: dict[str, Link] = {}
    for title, url in links:
        address = urls.article(url)
        title = title.lstrip(_BULLETS)
        if address and title:
            found.setdefault(address.id, Link(title=title, url=address.story_url))
    return list(found.values())


def _sits_with(row: Block, medium: _Medium, edition: Edition) -> bool:
    """A later line of the same box or table as the picture, after its caption has begun."""
    return bool(medium.caption) and _same_box(row, medium) and text.credited(row.text, edition)


def _same_box(row: Block, medium: _Medium) -> bool:
    if row.table == medium.table > 0:
        return True
    around = (row.prose or medium.floats) and _reads_as_prose(row.text)
    return row.box == medium.box > 0 and not around


def _reads_as_prose(line: str) -> bool:
    return len(line) > _LONGEST_HEADING or line.endswith(_STOPS)


def _give_captions(group: list[_Medium], rows: Sequence[Block], edition: Edition) -> int:
    """Give the pictures or players of a group their captions; how many blocks those are.

    As many captions as pictures belong to them one by one. Else they belong to the last picture.
    """
    texts = list(takewhile(lambda row: row.kind == "text", rows))
    if len(group) > 1:
        own = list(
            takewhile(
                lambda row: not _opens_story(row, edition) and _is_caption(row, group[-1], edition),
                texts,
            )
        )
        if len(own) == len(group):
            for medium, row in zip(group, own, strict=True):
                medium.caption.append(row.text)
            return len(own)
    taken = _caption_length(texts[:3], group[-1], edition)
    group[-1].caption += [row.text for row in texts[:taken]]
    return taken


def _is_caption_before(row: Block, group: list[_Medium], edition: Edition) -> bool:
    """Whether the line before pictures that got no caption is theirs: its credit says so."""
    return (
        row.kind == "text"
        and not any(medium.caption for medium in group)
        and text.credited(row.text, edition)
    )


def _caption_length(texts: Sequence[Block], medium: _Medium, edition: Edition) -> int:
    """How many of the blocks behind a picture or player are its caption."""
    if not texts or _opens_story(texts[0], edition):
        return 0
    length = 0
    if _is_caption(texts[0], medium, edition):
        length = 1
    elif (
        len(texts) > 1
        and not texts[0].strong
        and text.credit(texts[1].text)
        and text.credited(texts[1].text, edition)
    ):
        # One caption in two paragraphs: only the second has the credit.
        length = 2
    # A caption without its credit yet goes on to the paragraph that holds it.
    while 0 < length < len(texts) and _continues(texts[length - 1], texts[length], medium, edition):
        length += 1
    return length


def _opens_story(row: Block, edition: Edition) -> bool:
    found = text.dateline(row.text, None, edition)
    return found is not None or bool(_DATELINE_HEAD.match(row.text))


_DATELINE_HEAD = re.compile(r"^[A-Z][A-Z'’. -]{2,},? .{0,30}\([^()]{2,30}\)\s*(?:--|[—–-])")


# Set in italics behind a picture, too, and no caption.
_NOTE = re.compile(
    r"^(?:editor['’]s note\b|the authors? (?:is|are) (?:an?|the|with|from)\b)", re.IGNORECASE
)


def _is_caption(row: Block, medium: _Medium, edition: Edition) -> bool:
    if text.credited(row.text, edition):
        return True
    if len(row.text) > _LONGEST_LOOSE_CAPTION or _NOTE.match(row.text):
        return False
    if text.heads_caption(row.text) or text.signed(row.text, edition) or row.emphasised:
        return True
    if row.strong:
        # A sub-heading, centred or not.
        return False
    return row.centred or _same_box(row, medium)


def _continues(caption: Block, row: Block, medium: _Medium, edition: Edition) -> bool:
    if _opens_story(row, edition):
        return False
    if text.credited(row.text, edition):
        return True
    complete = text.credit(caption.text) is not None
    return (
        not complete
        and (row.emphasised or row.centred)
        and not row.strong
        and _is_caption(row, medium, edition)
    )
