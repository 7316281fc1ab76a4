"""Recognises captions by their credits, photographers and first words."""

from __future__ import annotations

import re

from peoplesdaily.site.editions import ENGLISH, Edition
from peoplesdaily.site.editions.patterns import EditionPatterns, patterns_of

_LAST_BRACKET = re.compile(
    r"[(（]([^()（）]*(?:[(（][^()（）]*[)）][^()（）]*)*)[)）]?\s*[.。]?\s*$"
    r"|[\[【]([^\[\]【】]*)[\]】]\s*[.。]?\s*$"
)
_OPENING_BRACKET = re.compile(r"[(（\[【]")
_LONGEST_CREDIT = 300
# The brackets around a credit, and a full stop.
_BRACKETS = 3
_INITIALS = re.compile(r"[a-z]{2,6}")


def credit(caption: str) -> str | None:
    """The text in the brackets that end a caption, if any.

    >>> credit("Wang Yi (R) meets a guest in Seoul, Nov. 26, 2020. (Xinhua/Wang Jingqiang)")
    'Xinhua/Wang Jingqiang'
    """
    end = caption[-_LONGEST_CREDIT:]
    bracket = _OPENING_BRACKET.search(end)
    if bracket is None:
        return None
    match = _LAST_BRACKET.search(end, bracket.start())
    return ((match[1] or match[2] or "").strip() or None) if match else None


# 新华社记者 张三摄, without brackets; 拍摄 is an ordinary verb.
_PHOTOGRAPHER = re.compile(
    r"(?:(?:^|[\s。，；：、])(?:\S{2,12}\s)?(?:\S{2,12}|[\u4e00-\u9fff]\s[\u4e00-\u9fff])\s?"
    r"(?:(?<!拍)摄|供图)(?:[（(][^()（）]{2,12}[)）])?"
    r"|(?:^|[\s。])(?:图[/／][^\s()（）]{2,12}|摄影\s?[:：]\s?\S{2,8}|人民视觉|视觉中国|影像中国|资料图片?"
    r"|(?:新华社|中新社)(?:发|[/／]\S{2,6})|(?:视频|网页)截图|(?:图片|视频)?来源\s?[:：]\s?\S{2,20}"
    r"|(?:图片|照片|图|视频)均?由[^\s。]{2,20}提供))[。.]?$"
)
_PHOTOGRAPHED = re.compile(r"摄|供图|图[/／]|视觉|影像中国|资料图|截图|社发|社[/／]|来源|提供")
# 本报记者 张三 摄影报道 below a picture; after prose it signs the story.
_PHOTO_STORY = "摄影报道"
_LONGEST_PHOTO_STORY = 60
# A whole line with only that.
_PHOTOGRAPHER_ALONE = re.compile(
    r"^(?:\S{2,8}\s)?[\u4e00-\u9fff]{1,4}(?:[\s、][\u4e00-\u9fff]{1,4}){0,3}\s?(?:(?<!拍)摄|供图)[。.]?$"
)
_ENDS_ALONE = ("摄", "供图", "摄。", "供图。")
_SOURCE_ALONE = ("图片来源：", "视频来源：", "图片来源:", "视频来源:")
# "... in Heshan. Photo: Li Lei/GT", "... in Heshan Photo: VCG", "Illustration: Li Lei/GT"
_PHOTOGRAPHERS = r"(?-i:[A-Z][\w.'’-]*(?:(?:[\s,/&]|\band\b){1,5}[A-Z][\w.'’-]*){0,5})"
_PHOTO_LABEL = re.compile(
    r"[.!?]\s+provided (?:by|to)\s[^()]{2,60}$"
    r"|[.!?]\s+(?:file )?(?:photos?|images?|video)\s*(?:[:/]|(?:by|courtesy of)\b)\s*"
    r"[^\s()][^()]{0,60}(?:\([^()]{1,20}\))?$"
    r"|(?:^(?:file )?(?:photos?|images?|video|graphics?|illustration|cartoon)\s*"
    r"(?:[:/]|(?:by|courtesy of)\b)|(?-i:\s(?:File )?(?:Photo|Illustration)\s*:))\s*"
    rf"{_PHOTOGRAPHERS}(?:\s*\([^()]{{1,20}}\))?$",
    re.IGNORECASE,
)
# A story's last brackets may name its writers and editors along with its photographers.
_COLOPHON = re.compile(
    r"^(?:contributed|compiled|written|reported|edited|translated) by\b.*\bphotos?\b"
    r"|摄影报道|文\s*[/／]|[/／]\s*文(?![\u4e00-\u9fff])|(?:文图|图文)(?![\u4e00-\u9fff])",
    re.IGNORECASE,
)
# First words of captions that rarely start a story.
_CAPTION_HEAD = re.compile(
    r"^\((?:photos?|pictures?|images?)\s+by\s[^()]{2,60}\)\s*\S"
    r"|^(?:(?:this|an?|the)\s+)?(?:(?:undated|file|aerial|drone|combo|combined)\s+)*"
    r"(?:photo(?:graph)?s?|picture|image|screenshot)\s+(?!album|exhibit|contest|essay|show\b)"
    r"(?:taken\s+(?:on|in)\s+(?-i:[A-Z\d])|(?:\S+\s+){0,3}?shows\s+(?!that\b))"
    r"|^(?:this\s+)?(?:undated\s+)?file\s+(?:photo|picture|image)\b|^[▲↑△]\s*(?!第)|^图为(?!媒)"
    r"|^screenshots? of\b|^资料图片?\s*[:：]"
    r"|^图(?:[①-⑳]|\s?\d{1,2}(?:\s?[:：]|\s(?!\d))|说\s?[:：])",
    re.IGNORECASE,
)
_FILE_PHOTO = ("in a file photo", "in a file photo.", "in this file photo.")
_LONGEST_UNBRACKETED = 300
# Lengths of the end of a text where a photographer or a label is searched.
_SHORT = 24
_LONGEST_LABEL = 100

# Institutions that publish statistics, not news.
_INSTITUTION = re.compile(
    r"\b(?:bureau|ministry|administration|statistics|commission|department|office|organi[sz]ation"
    r"|bank|institute|university|customs|fund|committee|council|association|academy|center|centre"
    r"|survey|who|imf|un)\b",
    re.IGNORECASE,
)


def is_of_figures(name: str, edition: Edition = ENGLISH) -> bool:
    """Whether ``name``, after "Source:", is an institution and not a news outlet."""
    if _is_outlet(name, edition):
        return False
    return not name.isascii() or _INSTITUTION.search(name) is not None


def _is_outlet(name: str, edition: Edition) -> bool:
    words = patterns_of(edition)
    known = words.agency_credit.match(name) or words.outlet.fullmatch(name)
    return (
        bool(known) or name.casefold() in words.agencies or _CHINESE_OUTLET.search(name) is not None
    )


_CHINESE_OUTLET = re.compile(r"(?:社|网|报|台|频道|客户端|杂志|新闻|公众号)$")


def credited(text: str, edition: Edition = ENGLISH) -> bool:
    """Whether ``text`` ends in a credit as only captions do: ``(Photo by X/Xinhua)``."""
    words = patterns_of(edition)
    found = _credit_line(text)
    if found and words.credit.search(found) and not _COLOPHON.search(found):
        return True
    return len(text) <= _LONGEST_UNBRACKETED and _is_credited_without_brackets(text, words)


def _is_credited_without_brackets(text: str, words: EditionPatterns) -> bool:
    """Cheap checks first: most texts have no credit."""
    if _names_pictures(text[-_LONGEST_LABEL:]) and _PHOTO_LABEL.search(text):
        return True
    if not words.mixes_chinese and words.photo_label.search(text):
        return True
    end = text[-_SHORT:]
    if end.isascii():
        if len(text) > _LONGEST_SLASHED:
            return False
        slashed = not end.endswith(")") and _MAY_BE_SLASHED.search(end)
        return bool(slashed and words.slash_credit.search(text))
    photo_story = text.endswith(_PHOTO_STORY) and len(text) < _LONGEST_PHOTO_STORY
    photo_story = photo_story and ("记者" in text or "通讯员" in text)
    return photo_story or bool(_PHOTOGRAPHED.search(end) and _PHOTOGRAPHER.search(text))


# "... in Meixi. Li Lei / Xinhua", "... in Meixi. CHINA DAILY", "... in Meixi. CGTN Photo"
_LONGEST_SLASHED = 150
_MAY_BE_SLASHED = re.compile(r"/|[A-Z]{2}|hoto")


def is_bare_credit(text: str, edition: Edition = ENGLISH) -> bool:
    """Whether ``text`` is only a credit.

    >>> is_bare_credit("(Video source: Kuaishou)"), is_bare_credit("A kite. (Photo by Li Lei)")
    (True, False)
    """
    if text.startswith(("(", "（")):
        whole = len(text) <= len(credit(text) or "") + _BRACKETS
        whole = whole and (not text.isascii() or _says_so(text, edition))
    elif text.endswith(_ENDS_ALONE):
        whole = _PHOTOGRAPHER_ALONE.match(text) is not None
    else:
        whole = text.startswith(_SOURCE_ALONE)
    return whole and credited(text, edition)


def _says_so(text: str, edition: Edition) -> bool:
    return _LABELLED.match(text) is not None or has_photographer(text, edition)


# Labelled, unlike (China Daily/Agencies) and (By Li Lei/China Daily).
_LABELLED = re.compile(
    r"^[(（]\s*(?:file\s+)?(?:photo|video|picture|image|(?:info)?graphic|chart|cartoon|illustration"
    r"|screen|provided|courtesy)",
    re.IGNORECASE,
)


def has_photographer(text: str, edition: Edition = ENGLISH) -> bool:
    """Whether ``text`` ends in a photographer's name: ``(Xinhua/Li Lei)``."""
    found = _credit_line(text)
    return found is not None and patterns_of(edition).photographer.match(found) is not None


def _credit_line(caption: str) -> str | None:
    """The credit of ``caption``, without an editor's initials: ``(Xinhua/Li Lei)(lmj)``."""
    found = credit(caption)
    if found and _INITIALS.fullmatch(found):
        before = caption[: caption.rindex(found)].rstrip(" (（")
        return credit(before) or found
    return found


def _names_pictures(end: str) -> bool:
    """A cheap pre-filter for :data:`_PHOTO_LABEL`, which is slow."""
    return ("hoto" in end or "mage" in end or "ideo" in end or "HOTO" in end) or (
        "raphic" in end or "llustration" in end or "artoon" in end or "ovided" in end
    )


def heads_caption(text: str) -> bool:
    """Whether ``text`` starts like a caption: ``Photo taken on Sept. 21 shows …``.

    >>> heads_caption("This undated file photo shows the harbor."), heads_caption("A photo album.")
    (True, False)
    """
    return _CAPTION_HEAD.match(text) is not None or text.endswith(_FILE_PHOTO)


def signed(text: str, edition: Edition = ENGLISH) -> bool:
    """Whether ``text`` ends in the bare name of an outlet, as captions and some stories do."""
    found = _credit_line(text)
    if not found:
        return False
    words = patterns_of(edition)
    # A sentence may end in an outlet in brackets and a full stop.
    outlet = not text.endswith((".", "。")) and words.outlet.fullmatch(found)
    return bool(outlet or words.agency_credit.match(found))
