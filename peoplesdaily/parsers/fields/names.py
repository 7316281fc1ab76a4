"""Persons whom a page names, as pure functions: writers, signatures, editors.

What a line says depends on the language: every reader takes the edition whose words count. English
and Chinese pages mix theirs, so that either one stands for both.
"""

from __future__ import annotations

import re

from peoplesdaily.site.editions import ENGLISH, Edition
from peoplesdaily.site.editions.patterns import speech
from peoplesdaily.utils.text import clean, half_width, plain, without_tools

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
    r"^(?:[\u4e00-\u9fff]{4,20}?|)(?:副?教授|研究员|主任|院长|所长|校长|书记|[部省市县区局厅处司会]长"
    r"|秘书长|理事长|主席|总裁|总经理|讲师|评论部|编辑部|报道组|课题组|写作组|编译)(?=[\u4e00-\u9fff]{2,3}$|$)"
)
_CHINESE_SHARE = re.compile(r"(?:参与|综合|联合|摄影|采访)?(?:采写|报道|整理|采访)$")
# Before the writers of a newspaper's page.
_MARKS = "□■◇◆●"
# "(intern)", "(photos)" behind a name.
_ASIDES = re.compile(r"\([^()]*\)")
_BRACKETED = re.compile(r"\(([^()]*)\)")
_INTERN = re.compile(r"^(?:intern|trainee)s?\s+(?=[A-Z])", re.IGNORECASE)
_AROUND_NAMES = " .:()[]【】\t\r\n"
# A name of two characters is set as wide as one of three.
_SPACED_NAME = re.compile(
    r"(?<![\u4e00-\u9fff])([\u4e00-\u9fff]) +([\u4e00-\u9fff])(?![\u4e00-\u9fff])"
)


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
    rest = without_tools(rest, "")
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
        else:
            name = _INTERN.sub("", name)
            name = _PLACE.sub("", name) if " in " in name else name
        if _AFFILIATION.search(name):
            name = name if found else _RANK.sub("", name)
            if _AFFILIATION.search(name):
                continue
        if not name or plain(name) in words.agencies:
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


# "staff reporters", "and", "in": a line of names has no more words in small letters.
_MOST_SMALL = 4


def may_be_names(line: str) -> bool:
    """Whether ``line`` has no more words in small letters than a line of names has."""
    return sum(map(str.islower, line.split())) <= _MOST_SMALL


def _is_office(part: str) -> bool:
    """Whether a part of a list of names, behind a name, is what that person is."""
    small = part[0].islower() and not _PARTICLE.match(part)
    return (small and _OF.search(part) is not None) or _OFFICE.match(part) is not None


# --- Signatures --------------------------------------------------------------------------------

# A line of its own: with a mark, in brackets, or with nothing around it.
_SIGNATURE = re.compile(
    rf"^(?:(?:[{_MARKS}]\s*|[(（])(?P<names>[^。()（）]{{2,60}})[)）]?"
    r"|(?P<bare>[^。！？“”《》()（）]{2,60}))$"
)
_LONGEST_SIGNATURE = 70
# ……喜迎八方来客。（记者 张三 通讯员 李四）
_CLOSING = re.compile(r"(?<=[。！？”’…])\s?[(（](?P<names>[^。()（）]{2,60})[)）]$")
# How a line of its own begins that says who wrote the story: 本报记者 张三, 新华社驻巴黎记者李四,
# 记者 张三, 作者：张三, 文/张三; but neither 追记新华社记者张三 nor 记者连线.
_SIGNS = re.compile(
    r"(?![访对怀追悼忆致]|图为|[左右前后中上下][一二三]?为)(?:本报|本网|本刊|[\u4e00-\u9fff]{2,8}?(?:报|网|社|台|刊|频道|客户端))"
    r"(?:驻[\u4e00-\u9fff]{1,6})?(?:特约|见习|实习)?(?:记者|通讯员|评论员)(?P<outlet>[\s:：]*)"
    r"|(?:特约|见习|实习)?(?:记者|通讯员)\s+"
    r"|(?:作者|采写|撰文)\s*[:：]\s*|(?:文|文\s?/\s?图|图\s?/\s?文)\s*[/／:：|｜\s]\s*"
)
_ROLES = re.compile(
    r"^(?!文中|图为|据)[\u4e00-\u9fff·]{0,16}?(?:记者|通讯员|评论员)"
    r"|^(?:撰文|文图|图文|文\s*[/／])|[/／]\s*文|\s文\s*[/／]"
)
_BEHIND_AUTHOR = re.compile(r"[，,]")
# （作者：张三，系北京大学教授）, but neither 作者单位： nor 作者为北京大学教授
_AUTHOR = re.compile(r"作者\s*[:：]\s*[\u4e00-\u9fff·]{2,4}(?=[，,、\s]|$)")
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
_ELSE_NAMED = rf"[A-Z][A-Za-z.'’ -]{{1,40}}|{_SURNAMED.pattern}"
_PERSON = re.compile(rf"[\u4e00-\u9fff]{{2,8}}|{_ELSE_NAMED}")
_SHORT_NAME = re.compile(rf"[\u4e00-\u9fff]{{2,4}}|{_ELSE_NAMED}")
# Shaped as a name is: 本报记者 近日, 记者 综合, 文/新华社, 新华社记者 张三摄.
_NOBODY = re.compile(
    r"^(?:均|近日|日前|[今昨][日天]|手记|观察|调查|综合|综述|获悉|根据|供稿|走|发自|谢谢|佚名|网友|县委)"
    r"|摄$|网$|[日晚]报$|(?:新华|中新|通讯)社$|大学$|连线$"
)
# 人民网上海12月15日电（记者沈文敏）, 中新社北京11月3日电（张三 李四）
_WIRE_REPORTER = re.compile(
    r"^[^。]{0,40}?(?:(?P<day>日)?[电讯]|消息|报道)\s*[(（](?P<names>[^()（）]{2,60})[)）]"
)


_LONGEST_HEAD = 60


def signature(paragraph: str) -> tuple[str, ...]:
    """Writers who sign a story on a line of its own: ``□ 本报记者 葛小舟``, ``作者：张三``."""
    if len(paragraph) > _LONGEST_SIGNATURE or paragraph.isascii():
        return ()
    match = _SIGNATURE.match(paragraph)
    if match is None:
        return ()
    if bare := match["bare"]:
        signs = _SIGNS.match(bare)
        if signs is None or (signs["outlet"] or "").strip():
            return ()
        # What stands right behind 记者 or a label may be anything.
        person = _SHORT_NAME if bare[signs.end() - 1].isspace() else _SURNAMED
        found = writers(bare)
        return found if all(_is_person(name, person) for name in found) else ()
    return _bracketed(match["names"])


def _bracketed(line: str) -> tuple[str, ...]:
    """Writers in brackets, or behind the mark of a signature."""
    if _AUTHOR.match(line):
        # What follows is the author's office.
        line = _BEHIND_AUTHOR.split(line)[0]
    elif not _ROLES.search(line):
        return ()
    return tuple(name for name in writers(line) if _is_person(name))


def closing_signature(paragraph: str) -> tuple[str, ...]:
    """Writers in the brackets that a story's last sentence has behind it: ``。（记者 张三）``."""
    end = paragraph[-_LONGEST_SIGNATURE:]
    bracket = end.endswith((")", "）")) and not end.isascii()
    match = _CLOSING.search(end) if bracket else None
    if match is None:
        return ()
    found = _bracketed(match["names"])
    # （作者：教师）
    listed = _AUTHOR.match(match["names"]) is None
    return found if listed or all(_is_person(name, _SURNAMED) for name in found) else ()


def _is_person(name: str, person: re.Pattern[str] = _PERSON) -> bool:
    return person.fullmatch(name) is not None and not _NOBODY.search(name)


# By Zhang Maorong, Institute of Rural Accounts: no full stop, unlike "By 2020, ...".
_WRITER_LINE = re.compile(r"^\(?[Bb]y\s+(?P<names>[A-Z][^.!?:;()\"“”\d]{3,100})\)?$")


def writer_line(paragraph: str, edition: Edition = ENGLISH) -> tuple[str, ...]:
    """Writers whom a paragraph of its own names: ``By Li Lei, Linhe College``.

    In other languages the line names the outlet, too: "Por Primera Vez" is a heading.

    >>> writer_line("by Xinhua writers Li Lei, Wang Fei")
    ('Li Lei', 'Wang Fei')
    """
    match = _WRITER_LINE.match(paragraph)
    if match:
        return names(match["names"])
    words = speech(edition)
    by = None if words.house else words.by.match(paragraph)
    named = paragraph[by.end() :] if by else ""
    if not named or len(named) > _LONGEST_SIGNATURE:
        return ()
    found = names(named, edition)
    outlets = [plain(part) for part in words.between_names.split(named)]
    return found if any(outlet in words.agencies for outlet in outlets) else ()


def wire_reporters(paragraph: str) -> tuple[str, ...]:
    """Writers whom a Chinese wire names behind its dateline: ``电（记者沈文敏）``."""
    # English heads have brackets, too, and a closer look takes its time.
    if not any(map(paragraph[:_LONGEST_HEAD].__contains__, ("电", "讯", "消息", "报道"))):
        return ()
    match = _WIRE_REPORTER.match(paragraph)
    if match is None:
        return ()
    found = writers(match["names"])
    if "记者" in match["names"] or "通讯员" in match["names"]:
        return tuple(name for name in found if _is_person(name))
    # In these brackets of a wire stands 综述, too.
    named = match["day"] and all("·" not in n and _is_person(n, _SURNAMED) for n in found)
    return found if named else ()


# --- Lines that serve the site -----------------------------------------------------------------

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
    for match in speech(edition).editors.finditer(clean(_rounded(text))):
        found.update(dict.fromkeys(_named(match, edition)))
    return tuple(found)


def _named(match: re.Match[str], edition: Edition) -> tuple[str, ...]:
    """The names in an editor line, up to the next label: ``责编：王丽 记者：李明``."""
    return names(_LABEL_BEHIND.split(match["names"])[0], edition)


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
    line = _rounded(text)
    spans: list[tuple[int, int]] = []
    people: list[str] = []
    start = 0
    while start >= 0:
        end = start + 1
        match = words.editors.match(line, start)
        if match and _holds_editors(match):
            end = match.end()
            spans.append(match.span())
            people.extend(_named(match, edition))
        start = line.find("(", end)
    if "ollow" in line:
        spans += [match.span() for match in _PROMO.finditer(line)]
    # The line keeps every position, so the spans hold for the text as printed.
    kept, position = "", 0
    for start, end in sorted(spans):
        kept += text[position:start]
        position = max(position, end)
    return (kept + text[position:]).strip(), tuple(people)


_ROUND = str.maketrans("【】[]", "()()")


def _rounded(text: str) -> str:
    """``text`` in half width, with round brackets for others."""
    line = half_width(text)
    return line.translate(_ROUND) if "[" in line or "【" in line else line


_LABEL_BEHIND = re.compile(r"\s(?:记者|作者|摄影|通讯员)\s*:")
# What stands in no name: 从幕后走到台前的人.
_PARTICLES = re.compile(r"[的了吗呢?？。！]")


def _holds_editors(match: re.Match[str]) -> bool:
    """Whether editors' names stand behind the label, and not what one of them asks or says."""
    told = match["names"]
    if not all(map(may_be_names, re.split("[,;、]", told))):
        return False
    if match[0].startswith("("):
        # In the middle of a sentence it says who edited something else.
        before = match.string[max(match.start() - _NEAR, 0) : match.start()].rstrip()[-1:]
        behind = match.string[match.end() : match.end() + _NEAR].lstrip()[:1]
        return not (before.isalnum() or before in _BEHIND_NAME) or not _goes_on(behind)
    return not _PARTICLES.search(told)


# White space that a bracket is set off with.
_NEAR = 4
_BEHIND_NAME = ("》", "”", '"', "’")


def _goes_on(letter: str) -> bool:
    """Whether a sentence goes on with ``letter``: English ones begin with a capital."""
    return letter.isalpha() and not letter.isupper()
