"""Parses signatures: writers named at the start or end of a story."""

from __future__ import annotations

import re

from peoplesdaily.parsers.fields.names import SIGNATURE_MARKS, names, writers
from peoplesdaily.site.editions import ENGLISH, Edition
from peoplesdaily.site.editions.patterns import patterns_of
from peoplesdaily.utils.text import plain

# A whole line: with a mark, in brackets, or bare.
_SIGNATURE = re.compile(
    rf"^(?:(?:[{SIGNATURE_MARKS}]\s*|[(（])(?P<names>[^。()（）]{{2,60}})[)）]?"
    r"|(?P<bare>[^。！？“”《》()（）]{2,60}))$"
)

_LONGEST_SIGNATURE = 70

# ……喜迎八方来客。（记者 张三 通讯员 李四）
_CLOSING = re.compile(r"(?<=[。！？”’…])\s?[(（](?P<names>[^。()（）]{2,60})[)）]$")

# First words of a bare signature: 本报记者 张三, 新华社驻巴黎记者李四, 记者 张三, 作者：张三,
# 文/张三; but not 追记新华社记者张三 or 记者连线.
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

# （作者：张三，系北京大学教授）, but not 作者单位： or 作者为北京大学教授
_AUTHOR = re.compile(r"作者\s*[:：]\s*[\u4e00-\u9fff·]{2,4}(?=[，,、\s]|$)")

# After 记者 without a space there may be a verb, so require a known surname.
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

# Look like names but are not: 本报记者 近日, 记者 综合, 文/新华社, 新华社记者 张三摄.
_NOT_A_NAME = re.compile(
    r"^(?:均|近日|日前|[今昨][日天]|手记|观察|调查|综合|综述|获悉|根据|供稿|走|发自|谢谢|佚名|网友|县委)"
    r"|摄$|网$|[日晚]报$|(?:新华|中新|通讯)社$|大学$|连线$"
)

# 人民网上海12月15日电（记者沈文敏）, 中新社北京11月3日电（张三 李四）
_WIRE_REPORTER = re.compile(
    r"^[^。]{0,40}?(?:(?P<day>日)?[电讯]|消息|报道)\s*[(（](?P<names>[^()（）]{2,60})[)）]"
)

_LONGEST_HEAD = 60


def signature(paragraph: str) -> tuple[str, ...]:
    """Writers in a whole-line signature: ``□ 本报记者 葛小舟``, ``作者：张三``."""
    if len(paragraph) > _LONGEST_SIGNATURE or paragraph.isascii():
        return ()
    match = _SIGNATURE.match(paragraph)
    if match is None:
        return ()
    if bare := match["bare"]:
        signs = _SIGNS.match(bare)
        if signs is None or (signs["outlet"] or "").strip():
            return ()
        # Directly after 记者 or a label there may be any word.
        person = _SHORT_NAME if bare[signs.end() - 1].isspace() else _SURNAMED
        found = writers(bare)
        return found if all(_is_person(name, person) for name in found) else ()
    return _bracketed(match["names"])


def _bracketed(line: str) -> tuple[str, ...]:
    """Writers in brackets or after a signature mark."""
    if _AUTHOR.match(line):
        # The rest is the author's position.
        line = _BEHIND_AUTHOR.split(line)[0]
    elif not _ROLES.search(line):
        return ()
    return tuple(name for name in writers(line) if _is_person(name))


def closing_signature(paragraph: str) -> tuple[str, ...]:
    """Writers in brackets after a story's last sentence: ``。（记者 张三）``."""
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
    return person.fullmatch(name) is not None and not _NOT_A_NAME.search(name)


# By Zhang Maorong, Institute of Rural Accounts: without a full stop, unlike "By 2020, ...".
_WRITER_LINE = re.compile(r"^\(?[Bb]y\s+(?P<names>[A-Z][^.!?:;()\"“”\d]{3,100})\)?$")


def writer_line(paragraph: str, edition: Edition = ENGLISH) -> tuple[str, ...]:
    """Writers named in a paragraph like ``By Li Lei, Linhe College``.

    In other languages the line must also name the outlet: "Por Primera Vez" is a heading.

    >>> writer_line("by Xinhua writers Li Lei, Wang Fei")
    ('Li Lei', 'Wang Fei')
    """
    match = _WRITER_LINE.match(paragraph)
    if match:
        return names(match["names"])
    words = patterns_of(edition)
    by = None if words.mixes_chinese else words.by.match(paragraph)
    named = paragraph[by.end() :] if by else ""
    if not named or len(named) > _LONGEST_SIGNATURE:
        return ()
    found = names(named, edition)
    outlets = [plain(part) for part in words.between_names.split(named)]
    return found if any(outlet in words.agencies for outlet in outlets) else ()


def wire_reporters(paragraph: str) -> tuple[str, ...]:
    """Writers named after a Chinese dateline: ``电（记者沈文敏）``."""
    # A cheap pre-filter: English datelines have brackets, too.
    if not any(map(paragraph[:_LONGEST_HEAD].__contains__, ("电", "讯", "消息", "报道"))):
        return ()
    match = _WIRE_REPORTER.match(paragraph)
    if match is None:
        return ()
    found = writers(match["names"])
    if "记者" in match["names"] or "通讯员" in match["names"]:
        return tuple(name for name in found if _is_person(name))
    # The brackets may also contain 综述.
    named = match["day"] and all("·" not in n and _is_person(n, _SURNAMED) for n in found)
    return found if named else ()
