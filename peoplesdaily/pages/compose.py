"""From blocks to a story: which text is told, which belongs to a picture, which to neither.

The site never says what a paragraph is. What is known (site notes, eras E and F): a picture stands
in a paragraph of its own and its caption in the next one, in ``<em>``, centred, in the same
paragraph or cell, or in plain text that ends in a credit; one caption may fill two paragraphs.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import dropwhile, groupby, pairwise, takewhile
from typing import NamedTuple

from peoplesdaily import captions, dates, people, text, urls
from peoplesdaily.editions import ENGLISH, Edition
from peoplesdaily.items import Link, Media
from peoplesdaily.pages.blocks import Block, Kind
from peoplesdaily.speech import Speech, speech

# Headings of the boxes around a story; what a template leaves inside the story's box ends there.
_END = re.compile(
    r"^(?:most (?:read|viewed|popular)(?:[\s|]*(?:day|week|month))*|hot news|we recommend|photos"
    r"|full coverage|key ?words|add your comment|comments?|questions\?\s*comments\?.*"
    r"|人\s*民\s*网\s*版\s*权\s*所\s*有[^。]*)\s*[:：|]?$",
    re.IGNORECASE,
)
# Those that may be a sub-heading of the story, where it goes on behind them.
_SUB_HEADING = re.compile(
    r"^(?:photos|key ?words|comments?|hot news|we recommend|full coverage|most popular)\W*$",
    re.IGNORECASE,
)
# To the reader.
_NOTICE = re.compile(
    r"^(?:please|(?:all |readers['’] |your )?comments? (?:are|is|will|do)|(?:log|sign) in"
    r"|be the first|you must|leave an?|to post)\b",
    re.IGNORECASE,
)
# Headings of links inside a story; the boxes of the same name around it are the channel's.
_MORE_WORDS = (
    r"^[■□◆·【>＞\s]*(?:(?:推荐|延伸|更多|扩展|深度)(?:阅读|链接|新闻)|往期回顾|系列报道|新闻链接"
    r"|(?:相关)?专题(?:报道)?)\s*"
)
_MORE = re.compile(rf"{_MORE_WORDS}[】:：]*$")
_MORE_PREFIX = re.compile(rf"{_MORE_WORDS}】?[:：]\s*")
_PAGER_WORDS = (
    r"(?:next|prev(?:ious)?)(?: page)?|first|last|back|home|下一页|上一页|首页|尾页|末页"
    r"|共\s*\d+\s*页|page \d+ of \d+"
)
_TOOLS = re.compile(
    r"^(?:(?:e-?mail|print|share(?: to| this)?|comments?|font size|large|medium|small"
    rf"|{_PAGER_WORDS}|[【\[]\s*\d+\s*[】\]])[\s|:>»«<]*)+$",
    re.IGNORECASE,
)
# A table's cell or a sub-heading as well.
_LONE = re.compile(
    r"^(?:large|medium|small|next|prev(?:ious)?|first|last|back|home)$", re.IGNORECASE
)
_LEADING_ARROWS = " |:<>«»\t"
# A line that is a link and says so: 点击进入…>>.
_INVITATION = re.compile(r"^(?:点击|click\b)|(?:>>|»|＞＞)$", re.IGNORECASE)
_PAGE_NUMBERS = re.compile(
    # A number is taken whole, for parts of it could be told apart in ever more ways.
    rf"^(?:(?:{_PAGER_WORDS}|\d{{1,3}}(?!\d)|[【\[]\s*\d+\s*[】\]])[\s|:<>«»…]*)+$",
    re.IGNORECASE,
)
_BULLETS = " ·・•■◆▪-"
_LONGEST_HEADING = 120
_STOPS = (".", "!", "?", "。", "！", "？", "”", '"')
_CHINESE = range(0x4E00, 0xA000)
# Captions run to a few sentences; prose beside a picture to more.
_LONGEST_LOOSE_CAPTION = 500
_MOST_CAPTION_LINES = 2
# A Chinese text beside a picture in a table, in characters: a person's life, and no caption.
_LONGEST_CHINESE_CELL = 70
# In bytes, for Chinese characters say more: what is shorter may be a caption or a notice.
_SHORTEST_STORY_LINE = 60
_LONGEST_CAPTION_LINE = 120


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
            url=self.url, caption=caption, credit=captions.credit(caption) if caption else None
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


def compose(blocks: Sequence[Block], edition: Edition = ENGLISH) -> Composition:
    """Tell a story's blocks apart.

    The blocks start behind the headline and the byline; they may run on into the boxes below the
    story, which end it.
    """
    lines = _Lines(edition)
    rows = _captions_below(lines.told(blocks), edition)
    _forget_centring(rows, edition)
    layout = _layout_table(rows)
    media: list[_Medium] = []
    paragraphs: list[str] = []
    position = 0
    while position < len(rows):
        row = rows[position]
        if row.kind == "text":
            position += 1
            if media and _sits_with(row, media[-1], rows, position, edition):
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
            prose = _reads_as_prose(before.text) and not captions.credited(before.text, edition)
            group[-1].floats = group[-1].floats or prose
        if not (before and _is_caption_above(before, rows, position, edition)):
            behind = rows[position : position + len(group) + 3]
            position += _give_captions(group, behind, edition)
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


def _forget_centring(rows: Sequence[Block], edition: Edition) -> None:
    """Where all of the story is centred, that does not tell a caption from the story.

    A caption has no more than two lines; more of them are the story.
    """
    if len([row for row in rows if row.centred]) <= _MOST_CAPTION_LINES:
        return
    prose = [row for row in rows if _is_text(row) and _reads_as_prose(row.text)]
    if any(not (row.centred or captions.credited(row.text, edition)) for row in prose):
        return
    for told, run in groupby(rows, key=_is_text):
        lines = list(run)
        if told and sum(_reads_as_prose(row.text) for row in lines) > _MOST_CAPTION_LINES:
            for row in lines:
                row.centred = False


def _captions_below(rows: list[Block], edition: Edition) -> list[Block]:
    """The blocks of a gallery whose captions stand above their pictures, each below its own."""
    above, pictures = rows[::2], rows[1::2]
    gallery = len(pictures) > 1 and len(above) == len(pictures)
    if (
        gallery
        and all(row.kind != "text" for row in pictures)
        and all(row.kind == "text" and captions.credited(row.text, edition) for row in above)
    ):
        return [row for pair in zip(pictures, above, strict=True) for row in pair]
    return rows


def _layout_table(rows: Sequence[Block]) -> int:
    """The table that lays out the page: it holds most of the story, another one a picture or data.

    :returns: its number, 0 where most of the story stands in no table.
    """
    if not [row for row in rows if row.table]:
        return 0
    told: defaultdict[int, tuple[int, int]] = defaultdict(lambda: (0, 0))
    for before, row in pairwise([rows[0], *rows]):
        if _is_text(row):
            lines, length = told[row.table]
            # A line right behind a picture may be its caption.
            prose = _reads_as_prose(row.text) and (_is_text(before) or before.table != row.table)
            told[row.table] = lines + prose, length + len(row.text)
    table = max(told, key=told.__getitem__, default=0)
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


def _is_sub_heading(line: str, edition: Edition) -> bool:
    """Whether the heading of a box around a story may be a sub-heading of the story as well."""
    return bool(_SUB_HEADING.match(line) or speech(edition).end.match(line))


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

    def told(self, blocks: Sequence[Block]) -> list[Block]:
        """The story's own blocks, without service lines and the boxes below it."""
        words = speech(self.edition)
        rows: list[Block] = []
        origins: list[tuple[int, Block, str]] = []
        in_related = False
        for position, block in enumerate(blocks):
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
            behind = blocks[position + 1 : position + _MOST_LINKED]
            if is_end(block.text, self.edition):
                if _is_sub_heading(block.text, self.edition) and _opens_part(behind, words):
                    rows.append(block)
                elif rows:
                    break
                continue
            if words.related.match(block.text) or _MORE.match(block.text):
                # The heading of a box of text beside the story is the story's.
                in_related = not behind or self._is_of_box(behind[0])
                if not in_related:
                    rows.append(block)
                continue
            leads_on = _leads_on(block, in_related, self.edition)
            if leads_on and not in_related and _is_linked_text(block, rows, behind, self.edition):
                leads_on = None
            if leads_on is not None:
                in_related = in_related or words.related_prefix.match(block.text) is not None
                self.related += leads_on
                continue
            in_related = False
            told, editors = people.without_service_lines(block.text, self.edition)
            self.editors.update(dict.fromkeys(editors))
            origin = words.origin.match(told)
            if origin:
                origins.append((len(rows), block, origin["source"]))
            elif told and not _is_tool(told, block, self.edition):
                rows.append(block if told == block.text else _with_text(block, told))
        return self._with_sources(rows, origins) if origins else rows

    def _is_of_box(self, block: Block) -> bool:
        """Whether what is behind a heading of related stories is of their box or the site's own."""
        if not _is_text(block):
            return block.linked
        told, _ = people.without_service_lines(block.text, self.edition)
        return not told or _leads_on(block, True, self.edition) is not None

    def _with_sources(
        self, rows: list[Block], origins: Sequence[tuple[int, Block, str]]
    ) -> list[Block]:
        """The story with the lines that name the source of a chart or a table.

        They stand amid the story or below a table and name no outlet; another one is the story's.
        """
        told = [i for i, row in enumerate(rows) if _is_text(row) and not _NOTE.match(row.text)]
        kept, position = list[Block](), 0
        for place, block, source in origins:
            amid = bool(told) and told[0] < place <= told[-1]
            own = amid or block.strong or (place > 0 and rows[place - 1].table > 0)
            if own and captions.is_of_figures(source, self.edition):
                kept += [*rows[position:place], block]
                position = place
            else:
                self.source = source
        return kept + rows[position:]


# Behind a line that is a link, how far to look for the story.
_MOST_LINKED = 20


def _is_text(row: Block) -> bool:
    return row.kind == "text"


def _is_told(row: Block) -> bool:
    """Whether ``row`` is prose without a link, as the story's text mostly is."""
    return _is_text(row) and not row.links and _reads_as_prose(row.text)


def _opens_part(rows: Sequence[Block], words: Speech) -> bool:
    """Whether the first of ``rows`` is a sentence or a picture of the story.

    The pictures of other boxes link their stories, those of other languages' at times no stories;
    a notice to the reader is short or says so.
    """
    if not rows or not _is_text(rows[0]):
        # A caption follows.
        told = len(rows) > 1 and _is_text(rows[1]) and not rows[1].links
        return told and words.house and not rows[0].linked
    line = rows[0].text
    long = line.endswith(_STOPS) and text.amount(line) > _SHORTEST_STORY_LINE
    return long and not rows[0].links and not _NOTICE.match(line)


def _is_linked_text(
    block: Block, before: Sequence[Block], behind: Sequence[Block], edition: Edition
) -> bool:
    """Whether a line that is a link is the story's: a sub-heading, a sentence, an item of a list.

    The story goes on behind it. A caption may be a link, too.
    """
    if speech(edition).related_prefix.match(block.text) or _MORE_PREFIX.match(block.text):
        return False
    opened = before[-1] if before else None
    if opened is not None and not _is_text(opened) and captions.credited(block.text, edition):
        return True
    if _INVITES.match(block.text) or (opened is not None and _INVITES.match(opened.text)):
        return False
    in_list = opened is not None and (
        (opened.linked and _is_text(opened)) or opened.text.endswith((":", "："))
    )
    # A digest: a link and its text by turns, from the head of the story on.
    if len(before) > 1:
        in_list = in_list or (before[-2].linked and _is_told(before[-1]))
    elif len(behind) > 1 and not before:
        in_list = _is_told(behind[0]) and behind[1].linked
    if not (block.strong or in_list or _SENTENCE_END.search(block.text)):
        return False
    goes_on = next(dropwhile(lambda row: row.linked, behind), None)
    return goes_on is not None and _is_told(goes_on) and not _NOTE.match(goes_on.text)


# To other stories: "Full text:", "See more photos."
_INVITES = re.compile(
    r"^[\s>＞»\[【]*(?:full (?:text|story|coverage)|earlier|previous|more\b|videos?\b|photos?\b"
    r"|special|read\b|see\b|click\b|watch\b|for more|视频|专题|更多|点击|此前报道)",
    re.IGNORECASE,
)
# But neither "..." nor "U.S."
_SENTENCE_END = re.compile(r"(?:[^\W\d_]{2}\.|。)$")


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
    prefix = words.related_prefix.match(block.text) or _MORE_PREFIX.match(block.text)
    in_related = in_related or prefix is not None
    # >>> or a bullet, and a link.
    bare = block.text.lstrip(_LEADING_ARROWS + _BULLETS + "＞")
    linked = block.linked or bare == block.links[0][0]
    if not (linked or in_related):
        return None
    links = related_links((words.related_prefix.sub("", t), url) for t, url in block.links)
    if not (links or in_related):
        return None
    rest = block.text
    for label, _ in block.links:
        rest = rest.replace(label, "", 1)
    rest = _MORE_PREFIX.sub("", words.related_prefix.sub("", rest))
    for stamp in dates.without_stamps(rest, edition).split():
        if stamp.strip(_BULLETS + "|()[],;:>»＞"):
            return None
    return links


def _is_tool(line: str, block: Block, edition: Edition) -> bool:
    """Whether a line is the pager or the tools of the page."""
    words = speech(edition)
    if _TOOLS.match(line.lstrip(_LEADING_ARROWS)):
        return block.linked or not ((block.table or block.strong) and _LONE.match(line))
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


def _sits_with(
    row: Block, medium: _Medium, rows: Sequence[Block], behind: int, edition: Edition
) -> bool:
    """A later line of the same box or table as the picture, after its caption has begun.

    A credit by itself is the picture's wherever it stands, unless that has one or another picture
    follows.

    :param behind: where in ``rows`` the line behind it is.
    """
    if len(row.text) < _LONGEST_HEADING and captions.is_bare_credit(row.text, edition):
        if behind < len(rows) and not _is_text(rows[behind]):
            return False
        return not (medium.caption and captions.credited(medium.caption[-1], edition))
    return bool(medium.caption) and _same_box(row, medium) and captions.credited(row.text, edition)


def _same_box(row: Block, medium: _Medium) -> bool:
    if row.table == medium.table > 0:
        return sum(map(_CHINESE.__contains__, map(ord, row.text))) < _LONGEST_CHINESE_CELL
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


def _is_caption_above(row: Block, rows: Sequence[Block], behind: int, edition: Edition) -> bool:
    """Whether captions stand above their pictures: one before this one, one before the next."""
    if not (_is_text(row) and captions.credited(row.text, edition)):
        return False
    end = next((i for i in range(behind, len(rows)) if not _is_text(rows[i])), behind)
    # A line alone between two pictures is the caption of the first.
    return end > behind + 1 and captions.credited(rows[end - 1].text, edition)


def _is_caption_before(row: Block, group: list[_Medium], edition: Edition) -> bool:
    """Whether the line before pictures that got no caption is theirs: its credit says so."""
    return (
        row.kind == "text"
        and not any(medium.caption for medium in group)
        and captions.credited(row.text, edition)
    )


def _caption_length(texts: Sequence[Block], medium: _Medium, edition: Edition) -> int:
    """How many of the blocks behind a picture or player are its caption."""
    if not texts or (
        _opens_story(texts[0], edition)
        # Captions of wires have datelines, too.
        and not (medium.kind == "image" and captions.has_photographer(texts[0].text, edition))
    ):
        return 0
    if _is_caption(texts[0], medium, edition):
        return _end_of_caption(texts, 1, medium, edition)
    if len(texts) > 1 and _is_credit_of(texts[0], texts[1], medium, edition):
        return _end_of_caption(texts, 2, medium, edition)
    return 0


def _is_credit_of(row: Block, behind: Block, medium: _Medium, edition: Edition) -> bool:
    """Whether ``row`` is a caption whose credit stands in the paragraph behind it."""
    size = text.amount(row.text)
    # "Photo: Li Lei/GT"
    if captions.credit(behind.text) is None and (
        size > _LONGEST_CAPTION_LINE or text.amount(behind.text) > _SHORTEST_STORY_LINE
    ):
        return False
    if row.strong or not captions.credited(behind.text, edition):
        return False
    # What stands between a player and the name of its source is the story, but for a few words.
    alone = medium.kind == "video" and captions.is_bare_credit(behind.text, edition)
    return not alone or size < _SHORTEST_STORY_LINE


def _end_of_caption(texts: Sequence[Block], end: int, medium: _Medium, edition: Edition) -> int:
    """Where a caption of ``end`` paragraphs ends: one without a credit yet goes on to it."""
    for i, row in enumerate(texts[end:], end):
        if _opens_story(row, edition):
            break
        if captions.credited(row.text, edition):
            end = i + 1
        elif not _may_go_on(texts[end - 1], row, medium, edition):
            break
        elif row.emphasised or not _are_verses(texts):
            end = i + 1
    return end


def _may_go_on(caption: Block, row: Block, medium: _Medium, edition: Edition) -> bool:
    """Whether a line without a credit may be of a caption that has none yet."""
    return (
        (row.emphasised or row.centred)
        and not row.strong
        and not _has_credit(caption, edition)
        and _is_caption(row, medium, edition)
    )


def _has_credit(row: Block, edition: Edition) -> bool:
    return captions.credit(row.text) is not None or captions.credited(row.text, edition)


def _are_verses(texts: Sequence[Block]) -> bool:
    """Whether more lines are centred than a caption has."""
    return len(texts) > _MOST_CAPTION_LINES and all(row.centred for row in texts)


def _opens_story(row: Block, edition: Edition) -> bool:
    found = dates.dateline(row.text, None, edition)
    return found is not None or bool(_DATELINE_HEAD.match(row.text))


_DATELINE_HEAD = re.compile(r"^[A-Z][A-Z'’. -]{2,},? .{0,30}\([^()]{2,30}\)\s*(?:--|[—–-])")


# Set in italics behind a picture, too, and no caption.
_NOTE = re.compile(
    r"^(?:editor['’]s note\b|the authors? (?:is|are) (?:an?|the|with|from)\b|本文"
    r"|[(（]?作者[系为是])",
    re.IGNORECASE,
)


# A person's words: “...,” wrote ...
_SPEECH = re.compile(
    r"^[\"“][^\"“”]{20,}[,.!?，。！？][\"”]\s*(?:(?:[\w.’'-]+\s+){0,4}?"
    r"(?:said|says|wrote|writes|recalled|recalls|added|told|asked|noted|explained)\b"
    r"|[^，。]{0,10}?(?:说|表示|回忆|写道))"
)


# 一、产业兴旺; 第二章 修路; 2020年11月3日
_CHAPTER = re.compile(
    r"^(?:[一二三四五六七八九十]{1,3}、[^，、的]{1,14}$"
    r"|第[一二三四五六七八九十\d]{1,3}[章节编](?:[\s：:]|$)|\d{4}年\d{1,2}月\d{1,2}日$)"
)


def _is_no_caption(line: str, edition: Edition) -> bool:
    """Whether a line is none of a caption, however it is set: a note, a byline, words, a rule."""
    return (
        _NOTE.match(line) is not None
        or _SPEECH.match(line) is not None
        or not any(map(str.isalnum, line))
        or bool(people.writer_line(line, edition))
        or ("记者" in line and bool(people.signature(line)))
        or _CHAPTER.match(line) is not None
    )


def _is_caption(row: Block, medium: _Medium, edition: Edition) -> bool:
    if captions.credited(row.text, edition):
        return True
    if len(row.text) > _LONGEST_LOOSE_CAPTION or _is_no_caption(row.text, edition):
        return False
    if captions.heads_caption(row.text) or captions.signed(row.text, edition) or row.emphasised:
        return True
    if row.strong:
        # A sub-heading, centred or not.
        return False
    return row.centred or _same_box(row, medium)
