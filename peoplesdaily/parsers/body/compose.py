"""Assigns each block to the body, to a caption, or to neither.

The markup does not say which is which. Known forms (from real pages and text copies): a picture has
its own paragraph and its caption is the next one, in ``<em>``, centred, in the same paragraph or
cell, or plain text that ends in a credit. A caption may have two paragraphs.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import groupby, pairwise
from typing import NamedTuple

from peoplesdaily.items import Link, Media
from peoplesdaily.parsers.body.boilerplate import (
    LONGEST_HEADING,
    Lines,
    reads_as_prose,
)
from peoplesdaily.parsers.body.captions import (
    MOST_CAPTION_LINES,
    Medium,
    give_captions,
    is_caption_above,
    is_caption_before,
    sits_with,
)
from peoplesdaily.parsers.fields import picture_credits
from peoplesdaily.parsers.markup.blocks import Block, Kind, is_text
from peoplesdaily.site.editions import ENGLISH, Edition


class Composition(NamedTuple):
    """The contents of a story's box.

    :param editors: names from editor lines among the paragraphs.
    :param source: the original publisher, if a line below the story names it.
    """

    paragraphs: tuple[str, ...]
    images: tuple[Media, ...]
    videos: tuple[Media, ...]
    editors: tuple[str, ...]
    related: tuple[Link, ...]
    source: str | None = None


def compose(blocks: Sequence[Block], edition: Edition = ENGLISH) -> Composition:
    """Separate body, captions and boilerplate.

    The blocks start after headline and byline. They may include boxes after the story, which end
    it.
    """
    lines = Lines(edition)
    rows = _captions_below(lines.strip_boilerplate(blocks), edition)
    _forget_centring(rows, edition)
    layout = _layout_table(rows)
    media: list[Medium] = []
    paragraphs: list[str] = []
    position = 0
    while position < len(rows):
        row = rows[position]
        if is_text(row):
            position += 1
            if media and sits_with(row, media[-1], rows, position, edition):
                media[-1].caption.append(row.text)
            else:
                paragraphs.append(row.text)
            continue
        group: list[Medium] = []
        while position < len(rows) and not is_text(rows[position]):
            row = rows[position]
            table = 0 if row.table == layout else row.table
            group.append(Medium(row.kind, row.url, row.box, table, row.prose))
            position += 1
        before = rows[position - len(group) - 1] if position > len(group) else None
        if before and paragraphs[-1:] != [before.text]:
            before = None
        if before and before.box == group[-1].box and not before.strong:
            # A picture in the middle of a paragraph.
            prose = reads_as_prose(before.text) and not picture_credits.credited(
                before.text, edition
            )
            group[-1].floats = group[-1].floats or prose
        if not (before and is_caption_above(before, rows, position, edition)):
            behind = rows[position : position + len(group) + 3]
            position += give_captions(group, behind, edition)
        if before and is_caption_before(before, group, edition):
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
    """Clear ``centred`` if the whole story is centred, since it then does not mark captions.

    Captions have at most two lines.
    """
    if len([row for row in rows if row.centred]) <= MOST_CAPTION_LINES:
        return
    prose = [row for row in rows if is_text(row) and reads_as_prose(row.text)]
    if any(not (row.centred or picture_credits.credited(row.text, edition)) for row in prose):
        return
    for are_text, run in groupby(rows, key=is_text):
        lines = list(run)
        if are_text and sum(reads_as_prose(row.text) for row in lines) > MOST_CAPTION_LINES:
            for row in lines:
                row.centred = False


def _captions_below(rows: list[Block], edition: Edition) -> list[Block]:
    """Move the captions of a gallery from above their pictures to below."""
    above, pictures = rows[::2], rows[1::2]
    gallery = len(pictures) > 1 and len(above) == len(pictures)
    if (
        gallery
        and not any(map(is_text, pictures))
        and all(is_text(row) and picture_credits.credited(row.text, edition) for row in above)
    ):
        return [row for pair in zip(pictures, above, strict=True) for row in pair]
    return rows


def _layout_table(rows: Sequence[Block]) -> int:
    """Number of the layout table, which holds most of the story; 0 if there is none."""
    if not [row for row in rows if row.table]:
        return 0
    amounts: defaultdict[int, tuple[int, int]] = defaultdict(lambda: (0, 0))
    for before, row in pairwise([rows[0], *rows]):
        if is_text(row):
            lines, length = amounts[row.table]
            # A line directly after a picture may be its caption.
            prose = reads_as_prose(row.text) and (is_text(before) or before.table != row.table)
            amounts[row.table] = lines + prose, length + len(row.text)
    table = max(amounts, key=amounts.__getitem__, default=0)
    return 0 if _holds_a_row_of_captions(rows, table) else table


def _holds_a_row_of_captions(rows: Sequence[Block], table: int) -> bool:
    """Whether a table has a row of pictures above a row of their captions."""
    inside = [row for row in rows if row.table == table]
    half = len(inside) // 2
    return (
        half > 1
        and not any(map(is_text, inside[:half]))
        and all(is_text(row) and len(row.text) < LONGEST_HEADING for row in inside[half:])
        and any(is_text(row) and row.table != table for row in rows)
    )


def _distinct(media: Iterable[Medium], kind: Kind) -> tuple[Media, ...]:
    """One entry per address: the first with a caption, otherwise the first."""
    found: dict[str, Media] = {}
    for medium in media:
        if medium.kind is kind and (medium.url not in found or not found[medium.url].caption):
            found[medium.url] = medium.media()
    return tuple(found.values())
