"""Parses lists of names: writers and editors.

The edition decides which words count; English and Chinese pages mix theirs, so these two share one
set.
"""

from __future__ import annotations

import re

from peoplesdaily.site.editions import ENGLISH, Edition
from peoplesdaily.site.editions.patterns import patterns_of
from peoplesdaily.utils.text import clean, half_width, plain, without_tools

_AFFILIATION = re.compile(
    r"\b(?:institute|university|academy|college|school|cent(?:er|re)|ministry|department|bureau"
    r"|professor|researcher|director|ambassador|(?:senior|research|visiting) (?:fellow|scholar))\b",
    re.IGNORECASE,
)
# Titles before a name of at least two words.
_RANK = re.compile(
    r"^(?i:ambassador|professor|director|dr\.?)\s+(?!General\b|Emeritus\b)(?=[A-Z][\w'’-]*\s+[A-Z])"
)
# "in Beijing" after a name; "former director of the bank".
_PLACE = re.compile(r"(?<!\s)\s+in\s+[A-Z].*$")
_OFFICE = re.compile(
    r"(?:former|chief|head|deputy|vice|senior|president|director|editor|commentator|secretary"
    r"|member|analyst|expert|founder|chairman|economist|lecturer|scholar|columnist|dean|host)\b"
)
_OF = re.compile(r"\s(?:of|at|for|with|from)\s")
# Particles that start a name: "von Braun".
_PARTICLE = re.compile(
    r"(?:al|bin|da|das|de|del|della|den|der|di|dos|du|el|ibn|la|le|ten|ter|van|von)\b"
)
# Introduces other contributors: "Photos by Ma Long", "edited by Wang Fei".
_OTHERS = re.compile(
    r"\b(?:and\s+)?(?:(?:photo(?:graph)?s?|pictures?|videos?|edited|translated|compiled)"
    r"(?:\s+and\s+(?:edited|translated|compiled))?)\s+by\b.*$",
    re.IGNORECASE,
)
# 图/李四 after the writers.
_CHINESE_OTHERS = re.compile(r"(?:^|(?<![\s,;、])[\s,;、]+)图片?\s*[/:].*$")
# The role of one among several: 通讯员李四, 经济日报驻巴黎记者李四.
_CHINESE_ROLE = re.compile(
    r"^(?:[\u4e00-\u9fff·-]{0,16}?(?:记者|通讯员|评论员|作者)|摄影)\s*[:：]?\s*"
)
# 北京大学教授, before or after a name; but 张三教授 is a name with its title.
_CHINESE_TITLE = re.compile(
    r"^(?:[\u4e00-\u9fff]{4,20}?|)(?:副?教授|研究员|主任|院长|所长|校长|书记|[部省市县区局厅处司会]长"
    r"|秘书长|理事长|主席|总裁|总经理|讲师|评论部|编辑部|报道组|课题组|写作组|编译)(?=[\u4e00-\u9fff]{2,3}$|$)"
)
_CHINESE_SHARE = re.compile(r"(?:参与|综合|联合|摄影|采访)?(?:采写|报道|整理|采访)$")
# Before the writers of a newspaper page.
SIGNATURE_MARKS = "□■◇◆●"
# "(intern)", "(photos)" after a name.
_ASIDES = re.compile(r"\([^()]*\)")
_BRACKETED = re.compile(r"\(([^()]*)\)")
_INTERN = re.compile(r"^(?:intern|trainee)s?\s+(?=[A-Z])", re.IGNORECASE)
_AROUND_NAMES = " .:()[]【】\t\r\n"
# Names of two characters are spaced to the width of three.
_SPACED_NAME = re.compile(
    r"(?<![\u4e00-\u9fff])([\u4e00-\u9fff]) +([\u4e00-\u9fff])(?![\u4e00-\u9fff])"
)


def names(text: str, edition: Edition = ENGLISH) -> tuple[str, ...]:
    """The names in a list such as ``"By Li Lei, Wang Fei and Zhao Na"``.

    >>> names("By Li Lei, Wang Fei and Zhao Na")
    ('Li Lei', 'Wang Fei', 'Zhao Na')
    """
    if not text:
        return ()
    words = patterns_of(edition)
    line = half_width(text.strip().lstrip(SIGNATURE_MARKS))
    bracketed = _BRACKETED.fullmatch(line)
    rest = words.role.sub("", bracketed[1] if bracketed else line, count=1)
    if " by " in rest:
        rest = _OTHERS.sub("", rest).rstrip(" ,;/|&")
    if "(" in rest:
        rest = _ASIDES.sub("", rest)
    rest = without_tools(rest, "")
    if not rest.isascii():
        rest = _SPACED_NAME.sub(r"\1\2", _CHINESE_OTHERS.sub("", rest))
    found: list[str] = []
    for part in words.between_names.split(rest):
        # English labels end in a colon; Chinese labels of interns may not.
        labelled = ":" in part or not part.isascii()
        name = (words.label.sub("", part) if labelled else part).strip(_AROUND_NAMES)
        if not name.isascii():
            name = _CHINESE_TITLE.sub("", _CHINESE_ROLE.sub("", name))
            name = _CHINESE_SHARE.sub("", name)
        else:
            name = _INTERN.sub("", name)
            name = _PLACE.sub("", name) if " in " in name else name
        if _AFFILIATION.search(name):
            name = name if found else _RANK.sub("", name)
            if _AFFILIATION.search(name):
                continue
        if not name or plain(name) in words.agencies:
            continue
        if found and ((words.mixes_chinese and _is_office(name)) or name.startswith("系")):
            continue
        if name.endswith((" Jr", " Sr")):
            name += "."
        if name not in found:
            found.append(name)
    return tuple(found)


# Roles in Chinese lines, after a name (张三 文 李四 图) or before it (文/张三).
_WORDS = r"(?:撰文|文字?)"
_PICTURES = r"(?:图片?|摄影?|摄像|供图|制图|漫画)"
_PART_ENDS = r"(?![^\s,;、/|])"
_PART_BEGINS = r"(?<![^\s,;、/|])"
# After three characters, 文 is not part of the name.
_BOTH = re.compile(
    r"(?:(?<![\u4e00-\u9fff])|(?<=[\u4e00-\u9fff]{3}))"
    r"(?:(?:文字?|图片?|摄影?) ?[/、] ?(?:文字?|图片?|摄影?)(?![\u4e00-\u9fff])"
    r"|(?<![\u4e00-\u9fff])(?:文图|图文|摄影报道)(?![\u4e00-\u9fff])) ?[/:|]?"
)
# Another role extends to the next writer.
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
# A spaced name of two characters; 文, 图 and 摄 between names are not part of them.
_WIDE_NAME = re.compile(
    r"(?<![\u4e00-\u9fff])(?![文图摄])([\u4e00-\u9fff]) ([\u4e00-\u9fff])(?<![图摄])"
    r"(?![\u4e00-\u9fff])"
)


def writers(text: str, edition: Edition = ENGLISH) -> tuple[str, ...]:
    """The writers named in a line, without photographers and editors.

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


# More lower-case words than "staff reporters", "and", "in" do not occur in a line of names.
_MOST_SMALL = 4


def may_be_names(line: str) -> bool:
    """Whether ``line`` has few enough lower-case words to be a line of names."""
    return sum(map(str.islower, line.split())) <= _MOST_SMALL


def _is_office(part: str) -> bool:
    """Whether an entry after a name is that person's position."""
    small = part[0].islower() and not _PARTICLE.match(part)
    return (small and _OF.search(part) is not None) or _OFFICE.match(part) is not None
