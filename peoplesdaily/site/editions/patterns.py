"""Compiles an edition's words and date forms into patterns."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache

from peoplesdaily.site.editions import ENGLISH, ENGLISH_CHINESE, Edition, Words, agencies
from peoplesdaily.site.editions.agencies import Use

# Labels and English dates that the CMS prints in all editions ("12:10, October 17, 2019" and "(Web
# editor: ...)" on Korean pages). English month names occur in no other language.
_CMS_WORDS = Words(source=(r"source", r"来源"), editor=(r"(?:web\s+)?editors?",))
_CMS_DAYS = ("%Y-%m-%d", "%B %d, %Y", "%d %B %Y")
_WHITE = r"\s*"
_NEVER = r"(?!)"
_CLOCK_PLACES = {"H": r"\d{1,2}", "M": r"\d{2}"}

_WIRES = agencies.alternatives(Use.PHOTO)
_SITE = r"[\w-]+(?:\.[\w-]+){0,2}\.(?:cn|com|net|org)"
_NAME = r"[A-Z][\w.'’-]*(?:\s+[A-Z][\w.'’-]*){0,3}"
# Credits after a picture: an outlet's address or kind, a photographer.
_OUTLETS = (
    rf"{_SITE}|(?-i:(?:[A-Z][\w'’]*\s+){{1,4}}(?:Online|Daily|Times|News|Weibo|TV|Herald|Post))"
    rf"|(?:by|(?:{_WIRES})\s*,)\s+(?-i:{_NAME})"
)


@dataclass(frozen=True, slots=True)
class EditionPatterns:
    """Compiled patterns of an edition; case is ignored.

    :param mixes_chinese: true for the English and Chinese editions.
    :param stamp: a date with its time. Groups: ``update``, ``before`` and ``after`` (the time),
        ``late`` (a mark of an update after the date).
    :param day_forms: for each date form, the groups of year, month and day.
    :param months: number of a month by lower-case name.
    :param by: the word before writers, at the start of a line.
    :param role: ``by`` and the writers' role, at the start of a line.
    :param source_label: the word before the source, with its colon.
    :param between_names: separators of names.
    :param label: an editor's label with its colon, before a name.
    :param editors: an editor line, in brackets or up to the end; group ``names``.
    :param tools: a label of the page's tools or pager.
    :param service: a whole line of boilerplate.
    :param origin: a whole line with the original publisher; group ``source``.
    :param credit: start of a credit that only captions have.
    :param slash_credit: photographer and agency after a caption, without brackets.
    :param photographer: a credit that names a person.
    :param photo_label: credit in other languages after a caption, without brackets.
    :param outlet: a whole credit: an outlet's address or name, or a photographer.
    :param agency_credit: a credit of only an agency's name.
    :param agencies: names that are not persons, case-folded.
    :param datelines: datelines, with any of the groups ``place``, ``agency``, ``month``, ``day``,
        ``year``.
    :param related: a heading of a box of related stories, without its colon.
    :param end: a heading of another box around a story.
    """

    edition: Edition
    mixes_chinese: bool
    stamp: re.Pattern[str]
    day_forms: tuple[tuple[str, str, str], ...]
    months: dict[str, int]
    by: re.Pattern[str]
    role: re.Pattern[str]
    source_label: re.Pattern[str]
    between_names: re.Pattern[str]
    label: re.Pattern[str]
    editors: re.Pattern[str]
    tools: re.Pattern[str]
    service: re.Pattern[str]
    origin: re.Pattern[str]
    credit: re.Pattern[str]
    slash_credit: re.Pattern[str]
    photographer: re.Pattern[str]
    photo_label: re.Pattern[str]
    outlet: re.Pattern[str]
    agency_credit: re.Pattern[str]
    agencies: frozenset[str]
    datelines: tuple[re.Pattern[str], ...]
    related: re.Pattern[str]
    related_prefix: re.Pattern[str]
    end: re.Pattern[str]


@lru_cache(maxsize=64)
def patterns_of(edition: Edition = ENGLISH) -> EditionPatterns:
    """The patterns of ``edition``, compiled once."""
    mixes_chinese = edition in ENGLISH_CHINESE
    heard = ENGLISH_CHINESE if mixes_chinese else (edition,)
    spoken = [one.words for one in heard] + ([] if mixes_chinese else [_CMS_WORDS])

    def words(choose: Callable[[Words], Iterable[str]]) -> str:
        return "|".join(word for one in spoken for word in choose(one)) or _NEVER

    months = _months(*heard, *(() if mixes_chinese else (ENGLISH,)))
    month = "|".join(re.escape(name) for name in sorted(months, key=len, reverse=True))
    stamp, day_forms = _stamp(heard, mixes_chinese, months, month, words(lambda one: one.updated))
    by = words(lambda one: one.by)
    editor = words(lambda one: one.editor)
    related = words(lambda one: one.related)
    outlets = words(lambda one: map(re.escape, one.agencies))
    return EditionPatterns(
        edition=edition,
        mixes_chinese=mixes_chinese,
        stamp=stamp,
        day_forms=day_forms,
        months=months,
        by=_pattern(rf"^(?:{by})(?:\s*:\s*|\s+)(?=\S)"),
        role=_pattern(_role(by, words(lambda one: one.roles))),
        source_label=_pattern(
            rf"(?<!\w)(?:{words(lambda one: (*one.source, *one.origin))})\s*:\s*"
        ),
        between_names=_pattern(
            r"(?:(?<!\s)\s+)?(?:[,;、，；|/&]|\band\b|\bwith\b"
            rf"|(?<=\s)(?:{words(lambda one: one.between)})(?=\s))\s*"
            # Chinese names are also separated by spaces.
            r"|(?<=[\u4e00-\u9fff]{2})\s+(?=[\u4e00-\u9fff]{2})"
        ),
        label=_pattern(
            rf"^\s*(?:(?:(?:{editor})|\w{{2,8}})\s*:\s*)?(?:(?:实习生|见习生)\d?|实习)?[\s:]*"
        ),
        editors=_pattern(_editors(editor, words(lambda one: one.editor_in_brackets))),
        tools=_pattern(words(lambda one: (*one.tools, *map(re.escape, one.next_page)))),
        service=_pattern(rf"^(?:{words(lambda one: one.service)})$"),
        origin=_pattern(
            rf"^(?P<open>[(（])?(?:{words(lambda one: one.origin)})\s*[:：]\s*"
            r"(?P<source>\S.{0,80}?)(?(open)[)）])$"
        ),
        credit=_pattern(_credit(words(lambda one: one.photo), outlets)),
        slash_credit=_pattern(
            rf"[.!?\"”]\s+(?:(?:(?-i:{_NAME})\s*)?/\s*(?:for\s+)?(?:{_WIRES}|{outlets})"
            rf"|(?-i:{agencies.alternatives(Use.CAPITALS, upper=True)})"
            rf"|(?:{_WIRES}) photos?(?: by {_NAME})?)$"
        ),
        photographer=_pattern(
            rf"^(?:{_WIRES}|{outlets})\s*/\s*(?!(?:{_WIRES})\b)"
            r"(?-i:[A-Z][\w'’-]+\s+[A-Z]|[\u4e00-\u9fff])"
            r"|^(?:file )?photos?\s*(?:by\b|:|/)"
        ),
        photo_label=_pattern(
            rf"(?:^|[.!?。»”）)]\s*|/)(?:{words(lambda one: one.photo)})\s*[:：/]\s*"
            # Requires names: "Video: el nuevo mercado" is a heading.
            r"(?-i:(?![a-zß-ÿа-я])[^\s.!?。()]{2,24}(?:\s(?![a-zß-ÿа-я])[^\s.!?。()]{1,24}){0,2}$)"
        ),
        outlet=_pattern(_OUTLETS),
        agency_credit=_pattern(rf"^(?:{_WIRES}|{outlets})(?!\w)[^a-z\d]*$"),
        agencies=frozenset(
            name.casefold()
            for name in (
                *agencies.names(Use.BYLINE),
                *(name for one in spoken for name in one.agencies),
            )
        ),
        datelines=tuple(
            _pattern("^" + form.replace("{month}", f"(?:{month})"))
            for one in reversed(heard)
            for form in one.calendar.datelines
        ),
        related=_pattern(rf"^[■□◆·【>＞]*\s*(?:{related})\s*】?\s*[:：]?$"),
        related_prefix=_pattern(rf"^[■□◆·【>＞]*\s*(?:{related})\s*】?\s*[:：]\s*"),
        end=_pattern(rf"^(?:{words(lambda one: one.end)})\s*[:：|]?$"),
    )


def _pattern(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


def _role(by: str, roles: str) -> str:
    return (
        rf"^(?:(?:{by})(?!\w):?\s*)?"
        rf"(?:(?:{roles})(?!\w)\s*:?\s*)?"
        rf"(?:(?:(?:{agencies.alternatives(Use.REPORTER)})\s+)?"
        r"(?:(?:staff\s+|special\s+)?(?:writers?|reporters?|correspondents?|commentators?)\b:?\s*"
        r"|staff\b(?:\s+members?\b)?:?\s*)"
        rf"|(?:{agencies.alternatives(Use.POSSESSIVE)})['’]s\s+(?=[A-Z])"
        # 本报记者, 经济日报驻巴黎记者: with any outlet.
        r"|[\u4e00-\u9fff·-]{0,16}?(?:记者|通讯员|作者|评论员)\s*[:：]?\s*)?"
    )


def _editors(editor: str, in_brackets: str) -> str:
    return (
        rf"(?:(?:\(\s*)?(?<!\w)(?:{editor})(?:[、和](?:美编|校对|审[核校]|设计))?\s*:\s*"
        rf"|\(\s*(?:{in_brackets})(?=[\s\w]))"
        # A limit no line reaches; without it every "editor:" would be slow.
        r"(?P<names>(?:[^()]|\([^()]{0,40}\)){0,300})(?:\)|$)"
    )


def _credit(photo: str, outlets: str) -> str:
    return (
        r"^(?:file |aerial |drone |undated |combo |web |screen )?(?:photos?|pictures?|images?|video"
        r"|screen ?(?:shots?|grabs?)|(?:info)?graphics?|cartoon|illustration|poster|courtesy|source"
        r"|handout)\b|^charts?\s*[:/]|^file$"
        rf"|^(?:{_WIRES}) (?:screen ?shots?|photos?|pictures?)$"
        rf"|^(?-i:{_NAME})\s*(?:/\s*for|\bfor)\s+(?:{_WIRES})$"
        rf"|^(?!(?:{_WIRES})\s*/)(?-i:[A-Z][A-Z .'’-]+)/\s*(?:{_WIRES})$"
        r"|^provided (?:by|to)\b"
        # "Xinhua/Name", but not "km/h", "EU/UK" or "HIV/Aids".
        r"|(?-i:^(?!HIV/|[万亿千公]?[元吨米人次克]/)(?:[A-Z][\w.&'’-]*(?:\s+[\w.&'’-]+)*|[\u4e00-\u9fff]+)\s*/\s*"
        r"(?:[A-Z][\w.'’-]*[a-z]|[\u4e00-\u9fff]))"
        rf"|^(?:{agencies.alternatives(Use.SLASH)}|{_SITE}|{outlets})\s*/"
        r"|\bphoto(?:s|graph)?\b\s*(?:by|/|:|from|$)"
        # Not （见图）, （上图） or （详见规划图）.
        r"|^(?!(?:(?:[详参请]?见(?!习)|如|附)[^供]{0,6}|[上下左右本题首])图片?$|包括).*"
        r"(?:摄|摄影|供图|图片?|(?:无人机|拼版|资料|手机|合成|档案)照片|影像中国|视觉中国"
        r"|人民视觉)$|^(?:图(?!书)|照片|影像|画面|视频)[^，。]{0,12}由[^，。]{2,20}提供$"
        r"|^[^，。由]{2,16}(?<!免费)提供$"
        r"|^(?!据)[^，]{0,12}(?:新华社|中新社)发$"
        r"|^(?:图片来源|图源|资料图|摄影?\s*[:：/])"
        rf"|^(?:{photo})(?![a-z])|(?:{photo})\s*[:：]"
    )


def _months(*editions: Edition) -> dict[str, int]:
    """Numbers of months by name. English months count in every edition, unabbreviated."""
    found: dict[str, int] = {}
    for edition in editions:
        for number, names in enumerate(edition.calendar.months, start=1):
            kept = names[:1] if edition is ENGLISH and edition is not editions[0] else names
            for name in kept:
                found.setdefault(name.lower(), number)
    return found


def _stamp(
    heard: tuple[Edition, ...], mixes_chinese: bool, months: Iterable[str], month: str, updated: str
) -> tuple[re.Pattern[str], tuple[tuple[str, str, str], ...]]:
    calendars = [edition.calendar for edition in heard]
    forms = dict.fromkeys(form for one in calendars for form in one.days)
    if not mixes_chinese:
        forms |= dict.fromkeys(_CMS_DAYS)
    clock = "|".join(
        _clock(form)
        for form in sorted({form for one in calendars for form in one.clocks}, key=len)[::-1]
    )
    ordinals = "|".join(word for one in calendars for word in one.ordinals)
    behind_day = rf"(?:{ordinals})?" if ordinals else ""
    weekdays = "|".join(word for one in calendars for word in one.weekdays) or _NEVER
    at = "|".join(word for one in calendars for word in one.at) or _NEVER
    days = "|".join(_day(form, number, month, behind_day) for number, form in enumerate(forms))
    initials = {form[0] for form in forms if not form.startswith("%")}
    if any(form.startswith("%B") for form in forms):
        initials |= {name[0] for name in months}
    pattern = (
        # Dates never start inside a word or number, but digits may directly follow a word.
        r"(?=\w)(?<!\d)(?:(?<![a-z])|(?=\d))"
        rf"(?P<update>(?<!\w)(?:{updated})\s*:?\s*)?"
        rf"(?:(?<!\d)(?P<before>{clock})(?:\s?(?P<half>[ap])\.?m\b\.?)?\s*[,.|]?\s*)?"
        rf"(?:(?<!\w)(?:{weekdays})\.?,?\s+)?"
        # Cheap first check: few words start like a month.
        rf"(?=[\d{re.escape(''.join(sorted(initials)))}])(?:{days})"
        rf"(?:T|\s*[,.|]?\s*(?P<late>updated?\s+)?(?:(?:{at})\s+)?)?"
        rf"(?:(?P<after>{clock})(?:\s?(?P<half_after>[ap])\.?m\b\.?)?)?"
    )
    groups = tuple(
        (f"Y{i}", f"B{i}" if "%B" in form else f"m{i}", f"d{i}") for i, form in enumerate(forms)
    )
    return re.compile(pattern, re.IGNORECASE), groups


def _clock(form: str) -> str:
    """Pattern of a time form; seconds may follow."""
    seconds = r"(?::\d{2})?" if form.endswith("%M") and ":" in form else ""
    return _translate(form, _CLOCK_PLACES) + seconds


def _day(form: str, number: int, month: str, behind_day: str) -> str:
    places = {
        "Y": rf"(?P<Y{number}>\d{{4}})(?!\d)",
        "m": rf"(?P<m{number}>\d{{1,2}})",
        "B": rf"(?<!\w)(?P<B{number}>{month})(?!\w)\.?",
        "d": rf"(?P<d{number}>\d{{1,2}})(?!\d){behind_day}",
    }
    edge = "" if form.startswith("%B") else r"(?<!\d)"
    return f"(?:{edge}{_translate(form, places)})"


def _translate(form: str, places: dict[str, str]) -> str:
    """Translate a form with ``strptime`` letters into a pattern."""
    pattern = ""
    for part in re.findall(r"%[A-Za-z]|\s+|,|[^%\s,]+", form):
        if part.startswith("%"):
            pattern += places[part[1]]
        elif part.isspace():
            pattern += _WHITE
        elif part == ",":
            pattern += r"\s*,?"
        else:
            pattern += re.escape(part)
    return pattern
