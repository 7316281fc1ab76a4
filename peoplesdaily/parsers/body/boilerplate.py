"""Separates a story's text from service lines and links to other stories."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import dropwhile

from peoplesdaily.items import Link
from peoplesdaily.parsers.fields import dates, editor_lines, picture_credits
from peoplesdaily.parsers.markup.blocks import Block, is_text
from peoplesdaily.site import urls
from peoplesdaily.site.editions import Edition
from peoplesdaily.site.editions.patterns import EditionPatterns, patterns_of
from peoplesdaily.utils import text

# Headings of boxes after the story, where the story ends.
_END = re.compile(
    r"^(?:most (?:read|viewed|popular)(?:[\s|]*(?:day|week|month))*|hot news|we recommend|photos"
    r"|full coverage|key ?words|add your comment|comments?|questions\?\s*comments\?.*"
    r"|人\s*民\s*网\s*版\s*权\s*所\s*有[^。]*)\s*[:：|]?$",
    re.IGNORECASE,
)
# These may also be sub-headings, if the story continues after them.
_SUB_HEADING = re.compile(
    r"^(?:photos|key ?words|comments?|hot news|we recommend|full coverage|most popular)\W*$",
    re.IGNORECASE,
)
# Notices to the reader.
_NOTICE = re.compile(
    r"^(?:please|(?:all |readers['’] |your )?comments? (?:are|is|will|do)|(?:log|sign) in"
    r"|be the first|you must|leave an?|to post)\b",
    re.IGNORECASE,
)
# Headings of links inside a story. Boxes with these headings around the story belong to the
# channel.
_MORE_WORDS = (
    r"^[■□◆·【>＞\s]*(?:(?:推荐|延伸|更多|扩展|深度)(?:阅读|链接|新闻)|往期回顾|系列报道|新闻链接"
    r"|(?:相关)?专题(?:报道)?)\s*"
)
_MORE = re.compile(rf"{_MORE_WORDS}[】:：]*$")
_MORE_PREFIX = re.compile(rf"{_MORE_WORDS}】?[:：]\s*")
_PAGER_WORDS = (
    r"(?:next|prev(?:ious)?)(?: page)?|first|last|back|home|下一页|上一页|首页|尾页|末页"
    r"|共\s*\d+\s*页|page \d+ of \d+(?!\d)"
)
_TOOLS = re.compile(
    r"^(?:(?:e-?mail|print|share(?: to| this)?|comments?|font size|large|medium|small"
    rf"|{_PAGER_WORDS}|[【\[]\s*\d+\s*[】\]])[\s|:>»«<]*)+$",
    re.IGNORECASE,
)
# These may also be table cells or sub-headings.
_LONE = re.compile(
    r"^(?:large|medium|small|next|prev(?:ious)?|first|last|back|home)$", re.IGNORECASE
)
_LEADING_ARROWS = " |:<>«»\t"
# A line that announces a link: 点击进入…>>.
_INVITATION = re.compile(r"^(?:点击|click\b)|(?:>>|»|＞＞)$", re.IGNORECASE)
_PAGE_NUMBERS = re.compile(
    # Numbers match as a whole, to avoid exponential backtracking.
    rf"^(?:(?:{_PAGER_WORDS}|\d{{1,3}}(?!\d)|[【\[]\s*\d+\s*[】\]])[\s|:<>«»…]*)+$",
    re.IGNORECASE,
)
_BULLETS = " ·・•■◆▪-"
LONGEST_HEADING = 120
"""Longer lines are prose; in characters."""
_STOPS = (".", "!", "?", "。", "！", "？", "”", '"')
SHORTEST_STORY_LINE = 60
"""Shorter text may be a caption or a notice; in units of :func:`.text.amount`."""
NOTE = re.compile(
    r"^(?:editor['’]s note\b|the authors? (?:is|are) (?:an?|the|with|from)\b|本文"
    r"|[(（]?作者[系为是])",
    re.IGNORECASE,
)
"""Beginning of an author's or editor's note."""


def reads_as_prose(line: str) -> bool:
    """Whether ``line`` is a sentence or longer than any heading."""
    return len(line) > LONGEST_HEADING or line.endswith(_STOPS)


def _is_sub_heading(line: str, edition: Edition) -> bool:
    """Whether the heading of a box may also be a sub-heading of the story."""
    return bool(_SUB_HEADING.match(line) or patterns_of(edition).end.match(line))


def is_end(line: str, edition: Edition) -> bool:
    """Whether ``line`` is the heading of a box after the story, other than related stories."""
    return bool(_END.match(line) or patterns_of(edition).end.match(line))


@dataclass(slots=True)
class Lines:
    """Filters the blocks of a story's box, and collects what it removes."""

    edition: Edition
    editors: dict[str, None] = field(default_factory=dict)
    related: list[Link] = field(default_factory=list)
    source: str | None = None

    def strip_boilerplate(self, blocks: Sequence[Block]) -> list[Block]:
        """The blocks of the story, without service lines and the boxes below it."""
        words = patterns_of(self.edition)
        rows: list[Block] = []
        origins: list[tuple[int, Block, str]] = []
        in_related = False
        for position, block in enumerate(blocks):
            if not is_text(block):
                # Pictures in a box of related stories are links.
                in_related = in_related and block.linked
                if not in_related:
                    rows.append(block)
                continue
            if words.mixes_chinese and _is_prose(block, self.edition):
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
                # The heading of a box with text belongs to the story.
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
            line, editors = editor_lines.without_service_lines(block.text, self.edition)
            self.editors.update(dict.fromkeys(editors))
            origin = words.origin.match(line)
            if origin:
                origins.append((len(rows), block, origin["source"]))
            elif line and not _is_tool(line, block, self.edition):
                rows.append(block if line == block.text else _with_text(block, line))
        return self._with_sources(rows, origins) if origins else rows

    def _is_of_box(self, block: Block) -> bool:
        """Whether the block after a related-stories heading is part of that box or boilerplate."""
        if not is_text(block):
            return block.linked
        line, _ = editor_lines.without_service_lines(block.text, self.edition)
        return not line or _leads_on(block, True, self.edition) is not None

    def _with_sources(
        self, rows: list[Block], origins: Sequence[tuple[int, Block, str]]
    ) -> list[Block]:
        """The story including the lines that name the source of a chart or table.

        Such a line is inside the story or below a table and does not name a news outlet. Any other
        source line names the source of the whole story.
        """
        texts = [i for i, row in enumerate(rows) if is_text(row) and not NOTE.match(row.text)]
        kept, position = list[Block](), 0
        for place, block, source in origins:
            amid = bool(texts) and texts[0] < place <= texts[-1]
            own = amid or block.strong or (place > 0 and rows[place - 1].table > 0)
            if own and picture_credits.is_of_figures(source, self.edition):
                kept += [*rows[position:place], block]
                position = place
            else:
                self.source = source
        return kept + rows[position:]


# How many blocks after a linked line to search for more of the story.
_MOST_LINKED = 20


def _is_plain_prose(row: Block) -> bool:
    """Whether ``row`` is prose without links, like most of a story's text."""
    return is_text(row) and not row.links and reads_as_prose(row.text)


def _opens_part(rows: Sequence[Block], words: EditionPatterns) -> bool:
    """Whether the first of ``rows`` is a sentence or a picture of the story.

    Pictures of other boxes are links (in other languages not always). Notices to the reader are
    short or match a known pattern.
    """
    if not rows or not is_text(rows[0]):
        # The picture's caption must follow.
        goes_on = len(rows) > 1 and is_text(rows[1]) and not rows[1].links
        return goes_on and words.mixes_chinese and not rows[0].linked
    line = rows[0].text
    long = line.endswith(_STOPS) and text.amount(line) > SHORTEST_STORY_LINE
    return long and not rows[0].links and not _NOTICE.match(line)


def _is_linked_text(
    block: Block, before: Sequence[Block], behind: Sequence[Block], edition: Edition
) -> bool:
    """Whether a linked line belongs to the story: a sub-heading, a sentence or a list item.

    The story must continue after it. A caption may be linked, too.
    """
    if patterns_of(edition).related_prefix.match(block.text) or _MORE_PREFIX.match(block.text):
        return False
    opened = before[-1] if before else None
    if opened is not None and not is_text(opened) and picture_credits.credited(block.text, edition):
        return True
    if _INVITES.match(block.text) or (opened is not None and _INVITES.match(opened.text)):
        return False
    in_list = opened is not None and (
        (opened.linked and is_text(opened)) or opened.text.endswith((":", "："))
    )
    # A digest: links and texts alternate from the start of the story.
    if len(before) > 1:
        in_list = in_list or (before[-2].linked and _is_plain_prose(before[-1]))
    elif len(behind) > 1 and not before:
        in_list = _is_plain_prose(behind[0]) and behind[1].linked
    if not (block.strong or in_list or _SENTENCE_END.search(block.text)):
        return False
    goes_on = next(dropwhile(lambda row: row.linked, behind), None)
    return goes_on is not None and _is_plain_prose(goes_on) and not NOTE.match(goes_on.text)


# Introduces other stories: "Full text:", "See more photos."
_INVITES = re.compile(
    r"^[\s>＞»\[【]*(?:full (?:text|story|coverage)|earlier|previous|more\b|videos?\b|photos?\b"
    r"|special|read\b|see\b|click\b|watch\b|for more|视频|专题|更多|点击|此前报道)",
    re.IGNORECASE,
)
# Excludes "..." and "U.S."
_SENTENCE_END = re.compile(r"(?:[^\W\d_]{2}\.|。)$")


def _is_prose(block: Block, edition: Edition) -> bool:
    """Fast check for plain paragraphs of a story, most of them in English and Chinese.

    Such a paragraph has no link, shows no sign of boilerplate, and is longer than any heading or
    starts unlike one.
    """
    words = block.text
    return (
        not block.links
        and ":" not in words
        and "：" not in words
        and "ollow" not in words
        and (len(words) > LONGEST_HEADING or not _odd(edition).match(words))
    )


@lru_cache(maxsize=64)
def _odd(edition: Edition) -> re.Pattern[str]:
    """How a line without a colon begins if it may be boilerplate."""
    words = patterns_of(edition)
    kinds = (_END, words.end, words.related, _MORE, words.service, _TOOLS)
    beginnings = "|".join(kind.pattern.removeprefix("^") for kind in kinds)
    return re.compile(rf"[{re.escape(_LEADING_ARROWS)}]*(?:{beginnings})", re.IGNORECASE)


def _leads_on(block: Block, in_related: bool, edition: Edition) -> list[Link] | None:
    """The stories linked by a line of only links; ``None`` if the line belongs to the story."""
    if not block.links:
        return None
    words = patterns_of(edition)
    prefix = words.related_prefix.match(block.text) or _MORE_PREFIX.match(block.text)
    in_related = in_related or prefix is not None
    # `>>>` or a bullet, then a link.
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
    """Whether a line is the page's pager or tools."""
    words = patterns_of(edition)
    if _TOOLS.match(line.lstrip(_LEADING_ARROWS)):
        return block.linked or not ((block.table or block.strong) and _LONE.match(line))
    if not block.links:
        return False
    if not words.mixes_chinese and words.tools.fullmatch(line):
        return True
    invites = block.linked and _INVITATION.search(line) is not None
    return invites or _PAGE_NUMBERS.match(line.lstrip(_LEADING_ARROWS)) is not None


def _with_text(block: Block, line: str) -> Block:
    return Block(
        "text", line, box=block.box, table=block.table, centred=block.centred,
        emphasised=block.emphasised, strong=block.strong,
    )  # fmt: skip


def related_links(links: Iterable[tuple[str, str]]) -> list[Link]:
    """The articles among ``links``, each once."""
    found: dict[str, Link] = {}
    for title, url in links:
        address = urls.article(url)
        title = title.lstrip(_BULLETS)
        if address and title:
            found.setdefault(address.id, Link(title=title, url=address.story_url))
    return list(found.values())
