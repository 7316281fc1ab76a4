"""Strings of the site as pure functions: tidying, bylines, dates, datelines, credits, editors.

Nothing here knows which template it serves. Times on the site are Beijing's (UTC+8). What a line
says depends on the language: every reader of lines takes the edition whose words and date forms
count. English and Chinese pages mix their words, so that either one stands for both.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from datetime import date, time, timedelta, timezone
from functools import lru_cache
from typing import NamedTuple

from peoplesdaily.editions import ENGLISH, Edition
from peoplesdaily.speech import Speech, speech

BEIJING = timezone(timedelta(hours=8), "Asia/Shanghai")
_BEIJING_OFFSET = "+08:00"

# Controls, soft hyphen, zero-width and bidirectional marks, byte order mark, lone surrogates.
# Tabs, line ends and the separators \x1c-\x1f and \x85 are white space and stay out of it.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\xad\u061c\u180e\u200b-\u200f\u202a-\u202e"
    "\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff]"
)


def clean(text: str) -> str:
    """Normalised text: NFC, single spaces, nothing invisible, ends trimmed.

    >>> clean(" Two\\u3000\\u3000ideographic\\u00a0spaces\\u200b\\n")
    'Two ideographic spaces'
    """
    text = text.strip()
    # Printable text has no white space but spaces and nothing invisible.
    if "  " in text or not text.isprintable():
        text = " ".join(text.split())
        if not text.isprintable():
            text = " ".join(_INVISIBLE.sub("", text).split())
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def is_clean(strings: Iterable[str]) -> bool:
    """Whether each of ``strings`` is what :func:`clean` would make of it, and none is empty.

    >>> is_clean(["One", "two words"]), is_clean(["One "]), is_clean(["One", ""])
    (True, False, False)
    """
    # A space too many at an end, or an empty string, makes two spaces here.
    line = f"x {' '.join(strings)} x"
    return (
        "  " not in line
        and (line.isprintable() or not (_ODD_SPACE.search(line) or _INVISIBLE.search(line)))
        and (line.isascii() or unicodedata.is_normalized("NFC", line))
    )


def amount(text: str) -> int:
    """How much a text says, by its bytes in UTF-8: a Chinese character as much as three letters.

    >>> amount("spring tea"), amount("春茶")
    (10, 6)
    """
    return len(text) if text.isascii() else len(text.encode("utf-8", "replace"))


_ODD_SPACE = re.compile(r"[^\S ]")


_FULL_WIDTH = tuple(zip("（）：，；　،؛", "():,; ,;", strict=True))


def half_width(text: str) -> str:
    """Brackets, colons and commas as ASCII, so that one pattern reads both kinds."""
    if not text.isascii():
        # Faster than str.translate(), which looks every character up.
        for full, half in _FULL_WIDTH:
            text = text.replace(full, half)
    return text


# --- Dates and times ---------------------------------------------------------------------------

_YEAR = re.compile(r"\d{4}")


# The site is online since 1997; anything else is a slip of the page or of this reader.
_SITE_YEARS = range(1997, 2100)
_NOON = 12


class Stamp(NamedTuple):
    """A date as printed, with its time where one is printed.

    :param updated: whether the page calls it an update.
    """

    day: date
    clock: time | None = None
    updated: bool = False

    def isoformat(self) -> str | None:
        """ISO 8601 with Beijing's offset, ``None`` where the page prints no time."""
        if self.clock is None:
            return None
        return f"{self.day}T{self.clock}{_BEIJING_OFFSET}"


def _clock(text: str | None, half: str | None) -> time | None:
    """A time as printed; ``half`` is what says whether it is before or after noon."""
    if not text:
        return None
    try:
        hour, minute, *_ = (int(part) for part in re.findall(r"\d+", text))
        if half and hour <= _NOON:
            hour = hour % _NOON + _NOON * (half.lower() == "p")
        return time(hour, minute)
    except ValueError:
        return None


def _stamp(match: re.Match[str], words: Speech) -> Stamp | None:
    year, month, day = next(names for names in words.day_forms if match[names[0]])
    number = words.months.get(match[month].lower()) or int(match[month])
    try:
        printed = date(int(match[year]), number, int(match[day]))
    except ValueError:
        return None
    if printed.year not in _SITE_YEARS:
        return None
    clock = _clock(match["before"], match["half"]) or _clock(match["after"], match["half_after"])
    return Stamp(printed, clock, bool(match["update"] or match["late"]))


def stamps(text: str, edition: Edition = ENGLISH) -> list[Stamp]:
    """Every date in ``text``, in order.

    >>> stamps("(Xinhua)    09:20, August 18, 2015")[0].isoformat()
    '2015-08-18T09:20:00+08:00'
    >>> stamps("April 11, 2025")
    [Stamp(day=datetime.date(2025, 4, 11), clock=None, updated=False)]
    """
    if not _YEAR.search(text):
        return []
    words = speech(edition)
    found = (_stamp(match, words) for match in words.stamp.finditer(half_width(text)))
    return [stamp for stamp in found if stamp]


def without_stamps(text: str, edition: Edition = ENGLISH) -> str:
    """``text`` without its dates."""
    return speech(edition).stamp.sub(" ", text)


def has_stamp(text: str, edition: Edition = ENGLISH) -> bool:
    """Whether ``text`` prints a whole date: what tells a byline from other lines."""
    return bool(_YEAR.search(text) and _dates_and_rest(half_width(text), edition)[0])


# --- Names -------------------------------------------------------------------------------------

_AFFILIATION = re.compile(
    r"\b(?:institute|university|academy|college|school|cent(?:er|re)|ministry|department|bureau"
    r"|professor|researcher|director|ambassador|(?:senior|research|visiting) (?:fellow|scholar))\b",
    re.IGNORECASE,
)
# Before a name of two words or more.
_RANK = re.compile(
    r"^(?i:ambassador|professor|director|dr\.?)\s+(?!General\b|Emeritus\b)(?=[A-Z][\w'’-]*\s+[A-Z])"
)
# "in Beijing" behind a name; "former director of the bank".
_PLACE = re.compile(r"(?<!\s)\s+in\s+[A-Z].*$")
_OFFICE = re.compile(
    r"(?:former|chief|head|deputy|vice|senior|president|director|editor|commentator|secretary"
    r"|member|analyst|expert|founder|chairman|economist|lecturer|scholar|columnist|dean|host)\b"
)
_OF = re.compile(r"\s(?:of|at|for|with|from)\s")
# A name may begin with one: "von Braun".
_PARTICLE = re.compile(
    r"(?:al|bin|da|das|de|del|della|den|der|di|dos|du|el|ibn|la|le|ten|ter|van|von)\b"
)
# What follows is the work of others: "Photos by Ma Long", "edited by Wang Fei".
_OTHERS = re.compile(
    r"\b(?:and\s+)?(?:(?:photo(?:graph)?s?|pictures?|videos?|edited|translated|compiled)"
    r"(?:\s+and\s+(?:edited|translated|compiled))?)\s+by\b.*$",
    re.IGNORECASE,
)
# 图/李四 behind the writers.
_CHINESE_OTHERS = re.compile(r"(?:^|(?<![\s,;、])[\s,;、]+)图片?\s*[/:].*$")
# The role of one among several: 通讯员李四, 经济日报驻巴黎记者李四.
_CHINESE_ROLE = re.compile(
    r"^(?:[\u4e00-\u9fff·-]{0,16}?(?:记者|通讯员|评论员|作者)|摄影)\s*[:：]?\s*"
)
# 北京大学教授, before a name or behind it; but 张三教授 is a name and its title.
_CHINESE_TITLE = re.compile(
    r"^(?:[\u4e00-\u9fff]{4,20}?|)(?:教授|研究员|主任|院长|所长|校长)(?=[\u4e00-\u9fff]{2,3}$|$)"
)
_CHINESE_SHARE = re.compile(r"(?:参与|综合|联合|摄影|采访)?(?:采写|报道|整理|采访)$")
# Before the writers of a newspaper's page.
_MARKS = "□■◇◆●"
# "(intern)", "(photos)" behind a name.
_ASIDES = re.compile(r"\([^()]*\)")
_BRACKETED = re.compile(r"\(([^()]*)\)")
_AROUND_NAMES = " .:()[]【】\t\r\n"
# A name of two characters is set as wide as one of three.
_SPACED_NAME = re.compile(
    r"(?<![\u4e00-\u9fff])([\u4e00-\u9fff]) +([\u4e00-\u9fff])(?![\u4e00-\u9fff])"
)


def _plain(name: str) -> str:
    return name.replace("’", "'").casefold()


def names(text: str, edition: Edition = ENGLISH) -> tuple[str, ...]:
    """The persons named in a list such as ``"By Li Lei, Wang Fei and Zhao Na"``.

    >>> names("By Li Lei, Wang Fei and Zhao Na")
    ('Li Lei', 'Wang Fei', 'Zhao Na')
    """
    if not text:
        return ()
    words = speech(edition)
    line = half_width(text.strip().lstrip(_MARKS))
    bracketed = _BRACKETED.fullmatch(line)
    rest = words.role.sub("", bracketed[1] if bracketed else line, count=1)
    if " by " in rest:
        rest = _OTHERS.sub("", rest).rstrip(" ,;/|&")
    if "(" in rest:
        rest = _ASIDES.sub("", rest)
    rest = _without_tools(rest, "")
    if not rest.isascii():
        rest = _SPACED_NAME.sub(r"\1\2", _CHINESE_OTHERS.sub("", rest))
    found: list[str] = []
    for part in words.between_names.split(rest):
        # English labels end in a colon; Chinese ones of interns need none.
        labelled = ":" in part or not part.isascii()
        name = (words.label.sub("", part) if labelled else part).strip(_AROUND_NAMES)
        if not name.isascii():
            name = _CHINESE_TITLE.sub("", _CHINESE_ROLE.sub("", name))
            name = _CHINESE_SHARE.sub("", name)
        elif " in " in name:
            name = _PLACE.sub("", name)
        if _AFFILIATION.search(name):
            name = name if found else _RANK.sub("", name)
            if _AFFILIATION.search(name):
                continue
        if not name or _plain(name) in words.agencies:
            continue
        if found and ((words.house and _is_office(name)) or name.startswith("系")):
            continue
        if name.endswith((" Jr", " Sr")):
            name += "."
        if name not in found:
            found.append(name)
    return tuple(found)


# What a Chinese line says of who did what. Behind a name (张三 文 李四 图) or before it (文/张三).
_WORDS = r"(?:撰文|文字?)"
_PICTURES = r"(?:图片?|摄影?|摄像|供图|制图|漫画)"
_PART_ENDS = r"(?![^\s,;、/|])"
_PART_BEGINS = r"(?<![^\s,;、/|])"
# Words and pictures by the same: 张三 文/图, 图文：张三, 张三 摄影报道.
# Behind three characters 文 is no part of the name.
_BOTH = re.compile(
    r"(?:(?<![\u4e00-\u9fff])|(?<=[\u4e00-\u9fff]{3}))"
    r"(?:(?:文字?|图片?|摄影?) ?[/、] ?(?:文字?|图片?|摄影?)(?![\u4e00-\u9fff])"
    r"|(?<![\u4e00-\u9fff])(?:文图|图文|摄影报道)(?![\u4e00-\u9fff])) ?[/:|]?"
)
# The work of others reaches to the next writer.
_TO_NEXT_WRITER = rf".*?(?=[\s,;、](?:\S{{0,12}}?(?:记者|通讯员|作者)|{_WORDS} ?[/:|])|$)"
_EDITING = re.compile(
    rf"{_PART_BEGINS}(?:责任|实习|见习|值班|网络)?"
    r"(?:编辑|责编|校对|审校|审核|翻译|译者|策划|统筹|监制|剪辑|设计)"
    rf"(?:[\s:/|]|(?=[\u4e00-\u9fff]{{2,3}}{_PART_ENDS})){_TO_NEXT_WRITER}"
)
_PICTURING = re.compile(
    rf"{_PART_BEGINS}(?:{_PICTURES}(?: ?[/:|]|\s)"
    rf"|(?:摄影|摄像)(?=[\u4e00-\u9fff]{{2,3}}{_PART_ENDS})){_TO_NEXT_WRITER}"
)
_WRITING = re.compile(rf"{_PART_BEGINS}{_WORDS} ?[/:|]")
_SHARES_BEHIND = re.compile(rf"[\s/](?:{_WORDS}|{_PICTURES})$")
_PICTURED = re.compile(rf"[\u4e00-\u9fff·、]{{2,40}}(?: ?/ ?|\s){_PICTURES}{_PART_ENDS}")
_WROTE = re.compile(rf"(?: ?/ ?|\s){_WORDS}{_PART_ENDS}")
# A name of two characters set wide; 文, 图 and 摄 between names are none of it.
_WIDE_NAME = re.compile(
    r"(?<![\u4e00-\u9fff])(?![文图摄])([\u4e00-\u9fff]) ([\u4e00-\u9fff])(?<![图摄])"
    r"(?![\u4e00-\u9fff])"
)


def writers(text: str, edition: Edition = ENGLISH) -> tuple[str, ...]:
    """The persons in a line of writers; whose work is pictures or editing is none of them.

    >>> writers("文/张三 图/李四"), writers("本报记者 张三/文 李四/图 编辑 王五")
    (('张三',), ('张三',))
    """
    if text.isascii():
        return names(text, edition)
    line = clean(half_width(text).replace("／", "/").replace("｜", "|"))
    bracketed = _BRACKETED.fullmatch(line)
    line = bracketed[1] if bracketed else line
    line = _WIDE_NAME.sub(r"\1\2", line)
    line = clean(_BOTH.sub(" ", _EDITING.sub("", line)))
    if _SHARES_BEHIND.search(line):
        line = _WROTE.sub(" ", _PICTURED.sub("", line))
    else:
        line = _WRITING.sub("", _PICTURING.sub("", line))
    return names(line, edition)


def _is_office(part: str) -> bool:
    """Whether a part of a list of names, behind a name, is what that person is."""
    small = part[0].islower() and not _PARTICLE.match(part)
    return (small and _OF.search(part) is not None) or _OFFICE.match(part) is not None


# --- Bylines -----------------------------------------------------------------------------------

_SOURCES_BY_LENGTH = (
    *("People's Daily Online", "People's Daily App", "People's Daily", "China News Service"),
    *("Xinhua News Agency", "Global Times", "China Daily", "Chinanews.com", "Xinhua", "CGTN"),
    *("CCTV", "ecns.cn", "CNS", "CRI"),
)
# All times are Beijing's, whether the page says so or not.
_ZONE = re.compile(r"(?:\(\s*)?\b(?:GMT\s*\+\s*8|Beijing Time|BJT)\s*\)?", re.IGNORECASE)
_ZONES = ("gmt", "beijing", "bjt")
_SENTENCE = re.compile(r"(?:[a-z]{3}|[^\W\d_\x00-\x7f]{3})\.(?:\s|$)|[。！？؟।]")
_LONGEST_NAMES = 120
# By Huang Jin from People's Daily Online
_FROM = re.compile(r"[\s,]+(?:from|of|for)\s*$", re.IGNORECASE)
# "Email|Print" behind a byline: at its end or beside a bar, for Print is a surname, too.
_TOOL = r"\b(?:e-?mail|print|comments?|share|font size)\b"
_TOOLS = re.compile(rf"(?:{_TOOL}\s*\|\s*|\|\s*{_TOOL})+|(?<=[\d)])\s*{_TOOL}\s*$", re.IGNORECASE)


def _without_tools(line: str, instead: str) -> str:
    """``line`` with ``instead`` of its tools; they stand beside a bar or end it in a letter."""
    end = line.rstrip()[-1:]
    return _TOOLS.sub(instead, line) if "|" in line or (end.isascii() and end.isalpha()) else line


_CHINESE_TOOLS = re.compile(
    r"(?:\s*\|?\s*(?:手机看新闻|打印|网摘|纠错|商城|分享|推荐|收藏|[大中小]?字号))+\s*$"
)
# Behind the source: 来源：央视新闻 作者：张三, 文/张三 图/李四, 文/图 张三.
_WRITER_LABEL = re.compile(
    r"(?<![\s|;,])[\s|;,]+(?:(?:作者|记者|撰文|author)\s*:\s*"
    r"|(?:作者|(?:本报|本网|人民网|人民日报)?(?:特约|实习|见习)?(?:记者|通讯员))\s+"
    r"|(?:文图|图文|文\s*/\s*图|图\s*/\s*文)\s*[/:]?\s*|文\s*/\s*)(?=\S)",
    re.IGNORECASE,
)
_EDITOR_LABEL = re.compile(
    r"(?<![\s|;,])[\s|;,]+(?:责任)?编辑\s*:.*?(?=[\s|;,]+(?:作者|记者|撰文)|$)"
)
_EMPTY_BRACKETS = re.compile(r"\(\s*[,;:]?\s*\)")


class Byline(NamedTuple):
    """What the line under a headline says.

    :param published: the first date that is not called an update.
    :param updated: the first date that is.
    """

    source: str | None = None
    authors: tuple[str, ...] = ()
    published: Stamp | None = None
    updated: Stamp | None = None


def byline(text: str, source: str | None = None, edition: Edition = ENGLISH) -> Byline:
    """Read a byline of any era, whatever bracket, comma or part of it is missing.

    :param source: the source that the page's meta data names. It tells author from source where
        the line has no brackets at all.

    >>> byline("By Huang Jin (People's Daily Online)    11:35, August 17, 2015").authors
    ('Huang Jin',)
    >>> byline("Xinhua) 09:39, September 22, 2022").source
    'Xinhua'
    >>> byline("17:15, June 26, 2024 By Chang Sha, Kou Jie ( People's Daily Online").source
    "People's Daily Online"
    """
    line = clean(half_width(text))
    folded = line.casefold()
    if any(zone in folded for zone in _ZONES):
        line = clean(_ZONE.sub(" ", line))
    dates, rest = _dates_and_rest(line, edition)
    people, printed = _people_and_source(rest, source, speech(edition))
    return Byline(
        source=printed,
        authors=tuple(name for name in writers(people, edition) if name != printed),
        published=next((stamp for stamp in dates if not stamp.updated), None),
        updated=next((stamp for stamp in dates if stamp.updated), None),
    )


# A byline is looked at to know it for one, and then read.
@lru_cache(maxsize=16)
def _dates_and_rest(line: str, edition: Edition) -> tuple[tuple[Stamp, ...], str]:
    """The dates of a byline, and what else it says."""
    words = speech(edition)
    line = _without_tools(line, " ")
    dates: list[Stamp] = []
    rest, position = "", 0
    for match in words.stamp.finditer(line):
        rest += f"{line[position : match.start()]} "
        position = match.end()
        if stamp := _stamp(match, words):
            dates.append(stamp)
    rest += line[position:]
    if not words.house:
        rest = words.tools.sub(" ", rest)
    elif not rest.isascii():
        rest = _CHINESE_TOOLS.sub("", rest)
    return tuple(dates), clean(_EMPTY_BRACKETS.sub(" ", rest)).strip(" ,;|-:")


def is_byline(text: str, edition: Edition = ENGLISH) -> bool:
    """Whether ``text`` is a byline with a date, and not a sentence or a caption that has one.

    >>> is_byline("(Xinhua)    09:20, August 18, 2015"), is_byline("Opened June 8, 2019. (Xinhua)")
    (True, False)
    """
    if not _YEAR.search(text):
        return False
    dates, rest = _dates_and_rest(clean(half_width(text)), edition)
    if not dates:
        return False
    words = speech(edition)
    if not rest or rest.startswith("(") or words.by.match(rest) or words.source_label.search(rest):
        return not _SENTENCE.search(rest)
    # A source or names without a bracket: only a clock time tells them from prose.
    return bool(dates[0].clock) and len(rest) < _LONGEST_NAMES and not _SENTENCE.search(rest)


def _people_and_source(rest: str, hint: str | None, words: Speech) -> tuple[str, str | None]:
    label = words.source_label.search(rest)
    start = _source_bracket(rest)
    if label:
        people, inside = rest[: label.start()], _EDITOR_LABEL.sub("", rest[label.end() :])
        writers = _WRITER_LABEL.search(inside)
        if writers:
            people, inside = f"{people} {inside[writers.end() :]}", inside[: writers.start()]
    elif start is not None:
        people, inside = rest[:start], rest[start + 1 :]
    elif ")" in rest and "(" not in rest:
        # The opening bracket is missing; only the meta data can tell the two apart.
        people, inside = _split_source(rest.rpartition(")")[0], hint, words)
    elif words.by.match(rest):
        people, inside = _split_source(rest, hint, words)
        people = _FROM.sub("", people)
        if not people:
            people, inside = inside, ""
    else:
        people, inside = "", rest
    printed, behind = _unbracket(inside)
    if words.by.match(behind):
        # (China Daily) 09:39, September 22, 2022 By Zhang San
        people = people or behind
    printed = printed.strip(" ,;|(")
    if not people.strip(" ,;|") and words.by.match(printed):
        # (By Li Lei, People's Daily Online)
        people, printed = _split_source(printed, hint, words)
        if not people:
            people, printed = printed, ""
    if words.source_label.fullmatch(f"{printed}:"):
        # A label and nothing behind it.
        printed = ""
    return people.strip(" ,;|"), printed or None


def _split_source(line: str, hint: str | None, words: Speech) -> tuple[str, str]:
    """Writers and source of a line without an opening bracket: the source is at its end."""
    known = (hint, *_SOURCES_BY_LENGTH, *words.edition.words.agencies)
    for name in known:
        if name and _plain(line).endswith(_plain(name)) and words.by.match(line):
            return line[: -len(name)], name
    return "", line


def _source_bracket(text: str) -> int | None:
    """Where the last bracket that is not inside another one opens."""
    depth, start = 0, None
    for bracket in _BRACKET.finditer(text):
        if bracket[0] == "(":
            if depth == 0:
                start = bracket.start()
            depth += 1
        else:
            depth = max(0, depth - 1)
    return start


def _unbracket(text: str) -> tuple[str, str]:
    """``text`` up to the bracket that closes it, where one does, and what stands behind it."""
    depth = 0
    for bracket in _BRACKET.finditer(text):
        if bracket[0] == "(":
            depth += 1
        elif depth == 0:
            return text[: bracket.start()].strip(), text[bracket.end() :].strip(" ,;|-")
        else:
            depth -= 1
    return text.strip(), ""


_BRACKET = re.compile(r"[()]")


# --- Lines that are not the story's ------------------------------------------------------------

_LONGEST_SERVICE = 120
_FOLLOW = r"for (?:the )?(?:latest|more)\b[^()]{0,60}?\b(?:please )?follow\b"
_FOLLOWED = r"(?:[^()]|\([^()]{0,60}\)){0,300}"
_PROMO = re.compile(
    # In brackets, or a line of its own that names where to follow: prose follows other things.
    rf"\(\s*{_FOLLOW}{_FOLLOWED}(?:\)|$)"
    rf"|^{_FOLLOW}[^()]{{0,60}}?(?:people['’]?s daily|@|\bus on\b).*$"
    r"|^\(?(?:please )?follow (?:us|people['’]?s daily(?: online)?|@\w+) (?:on|at) "
    # "Follow us on this journey" is prose.
    r"(?!(?:this|the|an?|our)\s+(?:\w+\s+)?(?:journey|tour|trip|way|road|trail|walk)\b).{0,80}$",
    re.IGNORECASE,
)


def editors(text: str, edition: Edition = ENGLISH) -> tuple[str, ...]:
    """Names in the editor lines of ``text``, in order.

    >>> editors("(Editor:Tian Li,任建民)")
    ('Tian Li', '任建民')
    """
    found: dict[str, None] = {}
    for match in speech(edition).editors.finditer(clean(half_width(text))):
        found.update(dict.fromkeys(names(match["names"], edition)))
    return tuple(found)


# A line of its own: with a mark, in brackets, or with nothing around it.
_SIGNATURE = re.compile(
    r"^(?:(?:[□■◇◆●]\s*|[(（])(?P<names>[^。()（）]{2,60})[)）]?"
    r"|(?P<bare>[^。！？“”《》()（）]{2,60}))$"
)
_LONGEST_SIGNATURE = 70
# ……喜迎八方来客。（记者 张三 通讯员 李四）
_CLOSING = re.compile(r"(?<=[。！？”’…])\s?[(（](?P<names>[^。()（）]{2,60})[)）]$")
_SIGNS = re.compile(
    r"记者|通讯员|作者|撰文|(?<![\u4e00-\u9fff])(?:文图|图文|[文图]\s*[/／|｜:：])|[/／]\s*文"
)
_LABELLED = re.compile(r"(?:记者|通讯员|作者)[\s:：]|[/／|｜]")
# In an interview 记者： asks.
_ASKS = re.compile(r"(?:记者|通讯员)\s*[:：]")
# （作者：张三，系北京大学教授）, but neither 作者单位： nor 作者为北京大学教授
_AUTHOR = re.compile(r"作者\s*[:：]\s*(?P<name>[\u4e00-\u9fff·]{2,4})(?=[，,、\s]|$)")
# What follows 记者 without a space may be a verb: the surname tells.
_SURNAMES = (
    "王李张刘陈杨黄赵周吴徐孙马胡朱郭何林高罗郑梁谢宋唐许韩邓冯曹彭曾肖萧田董潘袁蔡蒋余于杜叶程魏"
    "苏吕丁任卢姚沈钟姜崔谭陆范汪廖石金韦贾夏傅付方邹熊白孟秦邱丘侯江尹薛闫阎段雷龙黎史陶贺毛郝顾"
    "龚邵万覃武钱戴严莫孔常汤温康施文牛樊葛邢安齐易乔伍庞颜倪庄聂章鲁岳翟殷詹申欧耿关兰焦俞左柳甘"
    "祝包宁尚符舒阮柯纪梅童凌毕单季裴霍涂成苗谷盛曲翁冉骆蓝路游辛靳管柴蒙鲍华喻祁蒲房滕屈饶解牟艾"
    "尤穆农司卓古吉缪车项连芦麦褚娄窦戚岑景宫费卜冷晏席卫米柏宗瞿桂佟臧闵苟邬边卞姬师仇栾隋商"
    "刁沙荣巫寇桑郎甄丛仲虞敖巩明佘池查麻苑迟邝官封谈匡鞠惠荆乐冀郁胥南班储原栗燕楚鄢谌奚皮粟冼蔺"
    "楼满闻厉伊仝区郜海阚花强帅屠朴盖练廉禹井祖漆巴丰支卿狄索宣晋云容"
)
_SURNAMED = re.compile(
    rf"[{_SURNAMES}][\u4e00-\u9fff]{{1,2}}"
    r"|(?:欧阳|司马|上官|诸葛|皇甫|尉迟|公孙|慕容|令狐|司徒|夏侯|端木|宇文|南宫)[\u4e00-\u9fff]{1,2}"
    r"|[\u4e00-\u9fff]{1,10}·[\u4e00-\u9fff·]{1,12}"
)
_PERSON = re.compile(rf"[\u4e00-\u9fff]{{2,4}}|[A-Z][A-Za-z.'’ -]{{1,40}}|{_SURNAMED.pattern}")
# Shaped as a name is: 本报记者 近日, 记者 综合, 文/新华社, 新华社记者 张三摄.
_NOBODY = re.compile(
    r"^(?:近日|日前|[今昨][日天]|手记|观察|调查|综合|获悉|走|发自|谢谢|佚名)|[摄社网报]$"
)
# 人民网上海12月15日电（记者沈文敏）, 中新社北京11月3日电（张三 李四）
_WIRE_REPORTER = re.compile(
    r"^[^。]{0,40}?(?P<day>日)?[电讯]\s*[(（](?P<names>[^()（）]{2,60})[)）]"
)


def signature(paragraph: str) -> tuple[str, ...]:
    """Writers who sign a story on a line of its own: ``□ 本报记者 葛小舟``, ``作者：张三``."""
    if len(paragraph) > _LONGEST_SIGNATURE or paragraph.isascii():
        return ()
    match = _SIGNATURE.match(paragraph)
    if match is None:
        return ()
    if bare := match["bare"]:
        return () if _ASKS.search(bare) else _signers(bare, _SURNAMED)
    author = _AUTHOR.match(match["names"])
    return _signers(match["names"]) or ((author["name"],) if author else ())


def closing_signature(paragraph: str) -> tuple[str, ...]:
    """Writers in the brackets that a story's last sentence has behind it: ``。（记者 张三）``."""
    end = paragraph[-_LONGEST_SIGNATURE:]
    match = None if end.isascii() else _CLOSING.search(end)
    return _signers(match["names"]) if match else ()


def _signers(line: str, person: re.Pattern[str] | None = None) -> tuple[str, ...]:
    """The writers of a line that says who wrote, and nothing else."""
    if not _SIGNS.search(line):
        return ()
    person = person or (_PERSON if _LABELLED.search(line) else _SURNAMED)
    found = writers(line)
    return found if all(_is_person(name, person) for name in found) else ()


def _is_person(name: str, person: re.Pattern[str] = _PERSON) -> bool:
    return person.fullmatch(name) is not None and not _NOBODY.search(name)


# By Zhang Maorong, Institute of Rural Accounts: no full stop, unlike "By 2020, ...".
_WRITER_LINE = re.compile(r"^\(?[Bb]y\s+(?P<names>[A-Z][^.!?:;()\"“”\d]{3,100})\)?$")


def writer_line(paragraph: str) -> tuple[str, ...]:
    """Writers whom an English paragraph of its own names: ``By Li Lei, Linhe College``.

    >>> writer_line("by Xinhua writers Li Lei, Wang Fei")
    ('Li Lei', 'Wang Fei')
    """
    match = _WRITER_LINE.match(paragraph)
    return names(match["names"]) if match else ()


def wire_reporters(paragraph: str) -> tuple[str, ...]:
    """Writers whom a Chinese wire names behind its dateline: ``电（记者沈文敏）``."""
    match = _WIRE_REPORTER.match(paragraph)
    if match is None:
        return ()
    found = writers(match["names"])
    if "记者" in match["names"] or "通讯员" in match["names"]:
        return tuple(name for name in found if _is_person(name))
    # In these brackets of a wire stands 综述, too.
    named = match["day"] and all(_is_person(name, _SURNAMED) for name in found)
    return found if named else ()


def without_service_lines(text: str, edition: Edition = ENGLISH) -> tuple[str, tuple[str, ...]]:
    """``text`` without promo line and editor line, and the editors that stood there.

    Only a line of its own or one in brackets goes: a sentence about an editor stays.

    >>> without_service_lines("He left. (Web editor: Li Lei, Bianji)")
    ('He left.', ('Li Lei', 'Bianji'))
    """
    words = speech(edition)
    if len(text) < _LONGEST_SERVICE and words.service.match(text.strip()):
        return "", ()
    if words.house and ":" not in text and "：" not in text and "ollow" not in text:
        return text, ()
    line = half_width(text)
    spans: list[tuple[int, int]] = []
    people: list[str] = []
    start = 0
    while start >= 0:
        end = start + 1
        match = words.editors.match(line, start)
        if match and _holds_editors(match):
            end = match.end()
            spans.append(match.span())
            people.extend(names(match["names"], edition))
        start = line.find("(", end)
    if "ollow" in line:
        spans += [match.span() for match in _PROMO.finditer(line)]
    # Half width keeps every position, so the spans hold for the text as printed.
    kept, position = "", 0
    for start, end in sorted(spans):
        kept += text[position:start]
        position = max(position, end)
    return (kept + text[position:]).strip(), tuple(people)


# "and", "of": names of editors have no more words in small letters.
_MOST_SMALL = 4
# Particles, which stand in no name: 从幕后走到台前的人.
_PARTICLES = re.compile(r"[的了吗呢]")


def _holds_editors(match: re.Match[str]) -> bool:
    """Whether editors' names stand behind the label, and not what one of them asks or says."""
    told = match["names"]
    if match[0].startswith("("):
        # In the middle of a sentence it says who edited something else.
        before = match.string[max(match.start() - _NEAR, 0) : match.start()].rstrip()[-1:]
        behind = match.string[match.end() : match.end() + _NEAR].lstrip()[:1]
        return not (before.isalnum() or before in _BEHIND_NAME) or not _goes_on(behind)
    asks = "?" in told or "？" in told or _PARTICLES.search(told)
    return not asks and sum(map(str.islower, told.split())) <= _MOST_SMALL


# White space that a bracket is set off with.
_NEAR = 4
_BEHIND_NAME = ("》", "”", '"', "’")


def _goes_on(letter: str) -> bool:
    """Whether a sentence goes on with ``letter``: English ones begin with a capital."""
    return letter.isalpha() and not letter.isupper()


# --- Credits -----------------------------------------------------------------------------------

_LAST_BRACKET = re.compile(
    r"[(（]([^()（）]*(?:[(（][^()（）]*[)）][^()（）]*)*)[)）]?\s*[.。]?\s*$"
    r"|[\[【]([^\[\]【】]*)[\]】]\s*[.。]?\s*$"
)
_OPENING_BRACKET = re.compile(r"[(（\[【]")
_LONGEST_CREDIT = 300
# Around it, and the stop behind them.
_BRACKETS = 3
_INITIALS = re.compile(r"[a-z]{2,6}")


def credit(caption: str) -> str | None:
    """What stands in the caption's last brackets, where the caption ends with them.

    >>> credit("Wang Yi (R) meets a guest in Seoul, Nov. 26, 2020. (Xinhua/Wang Jingqiang)")
    'Xinhua/Wang Jingqiang'
    """
    end = caption[-_LONGEST_CREDIT:]
    bracket = _OPENING_BRACKET.search(end)
    if bracket is None:
        return None
    match = _LAST_BRACKET.search(end, bracket.start())
    return ((match[1] or match[2] or "").strip() or None) if match else None


# 新华社记者 张三摄, without brackets; 拍摄 is a verb of any sentence.
_PHOTOGRAPHER = re.compile(
    r"(?:(?:^|[\s。，；：、])(?:\S{2,12}\s)?(?:\S{2,12}|[\u4e00-\u9fff]\s[\u4e00-\u9fff])\s?"
    r"(?:(?<!拍)摄(?:影报道)?|供图)(?:[（(][^()（）]{2,12}[)）])?"
    r"|(?:^|[\s。])(?:图[/／][^\s()（）]{2,12}|摄影\s?[:：]\s?\S{2,8}|人民视觉|视觉中国|影像中国|资料图片?"
    r"|(?:新华社|中新社)发|(?:图片|视频)来源\s?[:：]\s?\S{2,20}))[。.]?$"
)
_PHOTOGRAPHED = re.compile(r"摄|供图|图[/／]|视觉|影像中国|资料图|社发|来源")
# A line that is no more than that.
_PHOTOGRAPHER_ALONE = re.compile(
    r"^(?:\S{2,8}\s)?[\u4e00-\u9fff]{1,4}(?:[\s、][\u4e00-\u9fff]{1,4}){0,3}\s?(?:(?<!拍)摄|供图)[。.]?$"
    r"|^(?:图片|视频)来源\s?[:：]"
)
# "... in Heshan. Photo: Li Lei/GT", "... in Heshan Photo: VCG", "Illustration: Li Lei/GT"
_PHOTOGRAPHERS = r"(?-i:[A-Z][\w.'’-]*(?:(?:[\s,/&]|\band\b){1,5}[A-Z][\w.'’-]*){0,5})"
_PHOTO_LABEL = re.compile(
    r"[.!?]\s+(?:file )?(?:photos?|images?|video)\s*(?:[:/]|(?:by|courtesy of)\b)\s*"
    r"[^\s()][^()]{0,60}(?:\([^()]{1,20}\))?$"
    r"|(?:^(?:file )?(?:photos?|images?|video|graphics?|illustration|cartoon)\s*"
    r"(?:[:/]|(?:by|courtesy of)\b)|(?-i:\s(?:File )?(?:Photo|Illustration)\s*:))\s*"
    rf"{_PHOTOGRAPHERS}(?:\s*\([^()]{{1,20}}\))?$",
    re.IGNORECASE,
)
# Who wrote or edited a story may be in its last brackets, with who took its pictures.
_COLOPHON = re.compile(
    r"^(?:contributed|compiled|written|reported|edited|translated) by\b.*\bphotos?\b"
    r"|文\s*[/／]|[/／]\s*文(?![\u4e00-\u9fff])|(?:文图|图文)(?![\u4e00-\u9fff])",
    re.IGNORECASE,
)
# What a caption begins with, and a story hardly ever.
_CAPTION_HEAD = re.compile(
    r"^\((?:photos?|pictures?|images?)\s+by\s[^()]{2,60}\)\s*\S"
    r"|^(?:(?:this|an?|the)\s+)?(?:(?:undated|file|aerial|drone|combo|combined)\s+)*"
    r"(?:photo(?:graph)?s?|picture|image|screenshot)\s+"
    r"(?:taken\s+(?:on|in)\s+(?-i:[A-Z\d])|(?:\S+\s+){0,3}?shows\s+(?!that\b))"
    r"|^(?:this\s+)?(?:undated\s+)?file\s+(?:photo|picture|image)\b|^[▲↑△]\s*(?!第)|^图为(?!媒)"
    r"|^资料图片?\s*[:：]|^图(?:[①-⑳]|\s?\d{1,2}\s?[:：])",
    re.IGNORECASE,
)
_LONGEST_UNBRACKETED = 300
# The ends that a photographer's name and a label with its names stand in.
_SHORT = 24
_LONGEST_LABEL = 100


def credited(text: str, edition: Edition = ENGLISH) -> bool:
    """Whether ``text`` ends in a credit that only a caption carries: ``(Photo by X/Xinhua)``."""
    if len(text) <= _LONGEST_UNBRACKETED and (
        (_names_pictures(text[-_LONGEST_LABEL:]) and _PHOTO_LABEL.search(text))
        or (_PHOTOGRAPHED.search(text, len(text) - _SHORT) and _PHOTOGRAPHER.search(text))
        or ("/" in text[-_SHORT:] and speech(edition).slash_credit.search(text))
    ):
        return True
    found = _credit_line(text)
    return bool(found and speech(edition).credit.search(found) and not _COLOPHON.search(found))


def is_bare_credit(text: str, edition: Edition = ENGLISH) -> bool:
    """Whether ``text`` is a credit and nothing else.

    >>> is_bare_credit("(Video source: Kuaishou)"), is_bare_credit("A kite. (Photo by Li Lei)")
    (True, False)
    """
    if text.startswith(("(", "（")):
        whole = len(text) <= len(credit(text) or "") + _BRACKETS
    else:
        whole = not text.isascii() and _PHOTOGRAPHER_ALONE.match(text) is not None
    return whole and credited(text, edition)


def _credit_line(caption: str) -> str | None:
    """The credit of ``caption`` without what the desk put behind it: ``(Xinhua/Li Lei)(lmj)``."""
    found = credit(caption)
    if found and _INITIALS.fullmatch(found):
        before = caption[: caption.rindex(found)].rstrip(" (（")
        return credit(before) or found
    return found


def _names_pictures(end: str) -> bool:
    """Whether it has a word that :data:`_PHOTO_LABEL` begins with; to look for that takes time."""
    return ("hoto" in end or "mage" in end or "ideo" in end or "HOTO" in end) or (
        "raphic" in end or "llustration" in end or "artoon" in end
    )


def heads_caption(text: str) -> bool:
    """Whether ``text`` begins as a caption does, and says so: ``Photo taken on Sept. 21 shows …``.

    >>> heads_caption("This undated file photo shows the harbor."), heads_caption("A photo album.")
    (True, False)
    """
    return _CAPTION_HEAD.match(text) is not None


def signed(text: str, edition: Edition = ENGLISH) -> bool:
    """Whether ``text`` ends in a bare name of an outlet, as captions do and some stories do."""
    found = _credit_line(text)
    if not found:
        return False
    words = speech(edition)
    # A sentence may end in a bracket with an outlet, and its stop behind that.
    outlet = not text.endswith((".", "。")) and words.outlet.fullmatch(found)
    return bool(outlet or words.agency_credit.match(found))


# --- Datelines ---------------------------------------------------------------------------------

# What ends a dateline in English and Chinese; it names a day or, in brackets, an agency before.
_DATELINE_END = re.compile(r"--|[—–―电讯]|\)\s*-|-\s")
_DATELINE_SIGN = re.compile(r"[(\d]")
_LONGEST_DATELINE = 110
_HALF_A_YEAR = timedelta(days=184)


class WireDateline(NamedTuple):
    """Place, date and agency at the head of a wire story."""

    place: str | None
    day: date | None
    agency: str | None


def dateline(
    paragraph: str, published: date | None, edition: Edition = ENGLISH
) -> WireDateline | None:
    """Read the dateline of a story's first paragraph, ``None`` where it has none.

    :param published: the day of publication: a dateline prints no year, and one of December under
        a story of January is last year's.

    >>> dateline("SEOUL, Nov. 26 (Xinhua) -- China is ready", date(2020, 11, 27))
    WireDateline(place='SEOUL', day=datetime.date(2020, 11, 26), agency='Xinhua')
    """
    words = speech(edition)
    match = _dateline(paragraph[:_LONGEST_DATELINE], edition)
    if match is None:
        return None
    printed = match.groupdict()
    place, agency = clean(printed.get("place") or ""), printed.get("agency")
    # Without a date, "Place (Agency) --" could as well be "Name (age) --" in a sentence.
    if not printed["month"] and not (
        agency and (place.isupper() or _plain(agency) in words.agencies)
    ):
        return None
    # "WHO (World Health Organization) -- ..."
    if place and agency and place == "".join(filter(str.isupper, agency)):
        return None
    day = _day_near(printed, published, words) if printed["month"] else None
    return WireDateline(place or None, day, clean(agency) if agency else None)


# A story's first paragraph is looked at to tell it from a caption, and then read.
@lru_cache(maxsize=16)
def _dateline(head: str, edition: Edition) -> re.Match[str] | None:
    words = speech(edition)
    head = half_width(head)
    # A closer look takes its time on prose.
    if words.house and not (_DATELINE_SIGN.search(head) and _DATELINE_END.search(head)):
        return None
    return next(filter(None, (form.match(head) for form in words.datelines)), None)


def without_dateline(paragraph: str) -> str:
    """``paragraph`` without what looks like a dateline at its head: for comparing two texts.

    Unlike :func:`dateline` it does not mind the case of the place, because a repost changes that,
    and a head of both texts that is cut in vain does no harm.

    >>> without_dateline("Seoul (Agencies) - China is ready")
    'China is ready'
    """
    match = _dateline(paragraph[:_LONGEST_DATELINE], ENGLISH)
    if not match or not (match["month"] or match["agency"]):
        return paragraph
    return paragraph[match.end() :].lstrip()


def _day_near(printed: dict[str, str | None], published: date | None, words: Speech) -> date | None:
    """The dateline's day in the year that lies nearest to the day of publication."""
    named, number, year = printed["month"] or "", printed["day"] or "", printed.get("year")
    month, day = words.months.get(named.lower()) or int(named), int(number)
    if year:
        years: tuple[int, ...] = (int(year),)
    elif published:
        years = (published.year - 1, published.year, published.year + 1)
    else:
        return None
    days = list(_valid_days(years, month, day))
    if not days:
        return None
    nearest = min(days, key=lambda found: abs(found - published) if published else timedelta())
    # Feb. 29 under a story of a year without one is a slip, and no day of another year.
    near = year or published is None or abs(nearest - published) <= _HALF_A_YEAR
    return nearest if near else None


def _valid_days(years: tuple[int, ...], month: int, day: int) -> Iterator[date]:
    for year in years:
        try:
            yield date(year, month, day)
        except ValueError:
            continue
