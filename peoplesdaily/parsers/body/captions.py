"""Assigns captions to pictures and players."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import takewhile

from peoplesdaily.items import Media
from peoplesdaily.parsers.body.boilerplate import (
    LONGEST_HEADING,
    NOTE,
    SHORTEST_STORY_LINE,
    reads_as_prose,
)
from peoplesdaily.parsers.fields import dates, picture_credits, signatures
from peoplesdaily.parsers.markup.blocks import Block, Kind, is_text
from peoplesdaily.site.editions import Edition
from peoplesdaily.utils import text

_CHINESE = range(0x4E00, 0xA000)

# Captions have a few sentences; prose beside a picture has more.
_LONGEST_LOOSE_CAPTION = 500

MOST_CAPTION_LINES = 2

# Longer Chinese text beside a picture in a table is body text (e.g. a biography); in characters.
_LONGEST_CHINESE_CELL = 70

_LONGEST_CAPTION_LINE = 120


@dataclass(slots=True)
class Medium:
    kind: Kind
    url: str
    box: int
    table: int
    floats: bool
    caption: list[str] = field(default_factory=list)

    def media(self) -> Media:
        caption = text.clean(" ".join(self.caption)) or None
        return Media(
            url=self.url,
            caption=caption,
            credit=picture_credits.credit(caption) if caption else None,
        )


def sits_with(
    row: Block, medium: Medium, rows: Sequence[Block], behind: int, edition: Edition
) -> bool:
    """Whether ``row`` extends the caption of a picture in the same box or table.

    A bare credit belongs to the picture wherever it is, unless the picture has one already or
    another picture follows.

    :param behind: index in ``rows`` of the next line.
    """
    if len(row.text) < LONGEST_HEADING and picture_credits.is_bare_credit(row.text, edition):
        if behind < len(rows) and not is_text(rows[behind]):
            return False
        return not (medium.caption and picture_credits.credited(medium.caption[-1], edition))
    return (
        bool(medium.caption)
        and _same_box(row, medium)
        and picture_credits.credited(row.text, edition)
    )


def _same_box(row: Block, medium: Medium) -> bool:
    if row.table == medium.table > 0:
        return sum(map(_CHINESE.__contains__, map(ord, row.text))) < _LONGEST_CHINESE_CELL
    around = (row.prose or medium.floats) and reads_as_prose(row.text)
    return row.box == medium.box > 0 and not around


def give_captions(group: list[Medium], rows: Sequence[Block], edition: Edition) -> int:
    """Assign captions to a group of pictures or players; returns the number of blocks used.

    As many captions as pictures are assigned one to one; otherwise all go to the last picture.
    """
    texts = list(takewhile(is_text, rows))
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


def is_caption_above(row: Block, rows: Sequence[Block], behind: int, edition: Edition) -> bool:
    """Whether captions are above their pictures: there is one before this picture and before the
    next.
    """
    if not (is_text(row) and picture_credits.credited(row.text, edition)):
        return False
    end = next((i for i in range(behind, len(rows)) if not is_text(rows[i])), behind)
    # A single line between two pictures is the caption of the first.
    return end > behind + 1 and picture_credits.credited(rows[end - 1].text, edition)


def is_caption_before(row: Block, group: list[Medium], edition: Edition) -> bool:
    """Whether the line before uncaptioned pictures is their caption: it has a credit."""
    return (
        is_text(row)
        and not any(medium.caption for medium in group)
        and picture_credits.credited(row.text, edition)
    )


def _caption_length(texts: Sequence[Block], medium: Medium, edition: Edition) -> int:
    """How many blocks after a picture or player form its caption."""
    if not texts or (
        _opens_story(texts[0], edition)
        # Captions from news agencies also have datelines.
        and not (
            medium.kind == "image" and picture_credits.has_photographer(texts[0].text, edition)
        )
    ):
        return 0
    if _is_caption(texts[0], medium, edition):
        return _end_of_caption(texts, 1, medium, edition)
    if len(texts) > 1 and _is_credit_of(texts[0], texts[1], medium, edition):
        return _end_of_caption(texts, 2, medium, edition)
    return 0


def _is_credit_of(row: Block, behind: Block, medium: Medium, edition: Edition) -> bool:
    """Whether ``row`` is a caption and the next paragraph its credit."""
    size = text.amount(row.text)
    # "Photo: Li Lei/GT"
    if picture_credits.credit(behind.text) is None and (
        size > _LONGEST_CAPTION_LINE or text.amount(behind.text) > SHORTEST_STORY_LINE
    ):
        return False
    if row.strong or not picture_credits.credited(behind.text, edition):
        return False
    # Text between a player and its source is body text, unless very short.
    alone = medium.kind == "video" and picture_credits.is_bare_credit(behind.text, edition)
    return not alone or size < SHORTEST_STORY_LINE


def _end_of_caption(texts: Sequence[Block], end: int, medium: Medium, edition: Edition) -> int:
    """Where a caption of ``end`` paragraphs ends: it extends to its credit."""
    for i, row in enumerate(texts[end:], end):
        if _opens_story(row, edition):
            break
        if picture_credits.credited(row.text, edition):
            end = i + 1
        elif not _may_go_on(texts[end - 1], row, medium, edition):
            break
        elif row.emphasised or not _are_verses(texts):
            end = i + 1
    return end


def _may_go_on(caption: Block, row: Block, medium: Medium, edition: Edition) -> bool:
    """Whether an uncredited line may extend a caption that has no credit yet."""
    return (
        (row.emphasised or row.centred)
        and not row.strong
        and not _has_credit(caption, edition)
        and _is_caption(row, medium, edition)
    )


def _has_credit(row: Block, edition: Edition) -> bool:
    return picture_credits.credit(row.text) is not None or picture_credits.credited(
        row.text, edition
    )


def _are_verses(texts: Sequence[Block]) -> bool:
    """Whether more lines are centred than a caption can have."""
    return len(texts) > MOST_CAPTION_LINES and all(row.centred for row in texts)


def _opens_story(row: Block, edition: Edition) -> bool:
    found = dates.dateline(row.text, None, edition)
    return found is not None or bool(_DATELINE_HEAD.match(row.text))


_DATELINE_HEAD = re.compile(r"^[A-Z][A-Z'’. -]{2,},? .{0,30}\([^()]{2,30}\)\s*(?:--|[—–-])")

# Direct speech: “...,” wrote ...
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
    """Whether a line is never a caption: a note, byline, quotation or heading."""
    return (
        NOTE.match(line) is not None
        or _SPEECH.match(line) is not None
        or not any(map(str.isalnum, line))
        or bool(signatures.writer_line(line, edition))
        or ("记者" in line and bool(signatures.signature(line)))
        or _CHAPTER.match(line) is not None
    )


def _is_caption(row: Block, medium: Medium, edition: Edition) -> bool:
    if picture_credits.credited(row.text, edition):
        return True
    if len(row.text) > _LONGEST_LOOSE_CAPTION or _is_no_caption(row.text, edition):
        return False
    if (
        picture_credits.heads_caption(row.text)
        or picture_credits.signed(row.text, edition)
        or row.emphasised
    ):
        return True
    if row.strong:
        # A sub-heading.
        return False
    return row.centred or _same_box(row, medium)
