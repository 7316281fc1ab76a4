"""Strings of the site as pure functions: tidying, bylines, dates, datelines, credits, editors.

Nothing here knows which template it serves. Times on the site are Beijing's (UTC+8).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from functools import lru_cache

from peoplesdaily.editions import EDITIONS, Words

BEIJING = timezone(timedelta(hours=8), "Asia/Shanghai")

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
        # Printable text has no white space but spaces and nothing invisible.
        and (line.isprintable() or not (_ODD_SPACE.search(line) or _INVISIBLE.search(line)))
        and (line.isascii() or unicodedata.is_normalized("NFC", line))
    )


_ODD_SPACE = re.compile(r"[^\S ]")


_FULL_WIDTH = tuple(zip("（）：，；　", "():,; ", strict=True))


def _half_width(text: str) -> str:
    """Brackets, colons and commas as ASCII, so that one pattern reads both kinds."""
    if not text.isascii():
        # Faster than str.translate(), which looks every character up.
        for full, half in _FULL_WIDTH:
            text = text.replace(full, half)
    return text


# --- Dates and times ---------------------------------------------------------------------------

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            ("january", "jan"), ("february", "feb"), ("march", "mar"), ("april", "apr"),
            ("may",), ("june", "jun"), ("july", "jul"), ("august", "aug"),
            ("september", "sept", "sep"), ("october", "oct"), ("november", "nov"),
            ("december", "dec"),
        ),
        start=1,
    )
    for name in names
}  # fmt: skip
_MONTH = "|".join(sorted(_MONTHS, key=len, reverse=True))


def _any(choose: Callable[[Words], tuple[str, ...]]) -> str:
    """Pattern of the words that any edition uses: pages mix languages, so that all count."""
    return "|".join(word for edition in EDITIONS for word in choose(edition.words))


_CLOCK = r"\d{1,2}:\d{2}(?::\d{2})?"
_YEAR = re.compile(r"\d{4}")
_STAMP = re.compile(
    # Nothing below begins inside a word, but digits stand right behind one.
    r"(?:(?<![a-z])|(?=\d))"
    rf"(?P<update>(?<!\w)(?:{_any(lambda words: words.updated)})\s*:?\s*)?"
    rf"(?:(?P<before>{_CLOCK})\s*,?\s*)?"
    r"(?:(?:mon|tues?|wednes|thurs?|fri|satur|sun)(?:day)?\.?,?\s+)?"
    rf"(?:\b(?P<month>{_MONTH})\b\.?\s*(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\s*,?\s*(?P<year>\d{{4}})"
    r"|(?P<iso>\d{4}-\d{1,2}-\d{1,2})|(?P<cn>\d{4}年\d{1,2}月\d{1,2}日))"
    r"(?:T|\s*,?\s*(?P<late>updated?\s+)?(?:at\s+)?)?"
    rf"(?P<after>{_CLOCK})?",
    re.IGNORECASE,
)


# The site is online since 1997; anything else is a slip of the page or of this reader.
_SITE_YEARS = range(1997, 2100)


@dataclass(frozen=True, slots=True)
class Stamp:
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
        return datetime.combine(self.day, self.clock, BEIJING).isoformat()


def _clock(text: str | None) -> time | None:
    if not text:
        return None
    try:
        hour, minute, *_ = (int(part) for part in text.split(":"))
        return time(hour, minute)
    except ValueError:
        return None


def _stamp(match: re.Match[str]) -> Stamp | None:
    numeric = match["iso"] or match["cn"]
    if numeric:
        parts = tuple(int(part) for part in re.findall(r"\d+", numeric))
    else:
        parts = (int(match["year"]), _MONTHS[match["month"].lower()], int(match["day"]))
    try:
        day = date(*parts)
    except ValueError:
        return None
    if day.year not in _SITE_YEARS:
        return None
    clock = _clock(match["before"]) or _clock(match["after"])
    return Stamp(day, clock, bool(match["update"] or match["late"]))


def stamps(text: str) -> list[Stamp]:
    """Every date in ``text``, in order.

    >>> stamps("(Xinhua)    09:20, August 18, 2015")[0].isoformat()
    '2015-08-18T09:20:00+08:00'
    >>> stamps("April 11, 2025")
    [Stamp(day=datetime.date(2025, 4, 11), clock=None, updated=False)]
    """
    if not _YEAR.search(text):
        return []
    found = (_stamp(match) for match in _STAMP.finditer(_half_width(text)))
    return [stamp for stamp in found if stamp]


def without_stamps(text: str) -> str:
    """``text`` without its dates."""
    return _STAMP.sub(" ", text)


def has_stamp(text: str) -> bool:
    """Whether ``text`` prints a whole date: what tells a byline from other lines."""
    return bool(_YEAR.search(text) and _dates_and_rest(_half_width(text))[0])


# --- Names -------------------------------------------------------------------------------------

_BETWEEN_NAMES = re.compile(
    r"\s*(?:[,;、，；|/&]|\band\b|\bwith\b)\s*"
    # Chinese names of two and more characters are parted by spaces, too.
    r"|(?<=[\u4e00-\u9fff]{2})\s+(?=[\u4e00-\u9fff]{2})",
    re.IGNORECASE,
)
_ROLE = re.compile(
    rf"^(?:(?:{_any(lambda words: words.by)})\b:?\s*)?"
    r"(?:(?:(?:xinhua|people['’]s daily(?: online)?|china daily|global times)\s+)?"
    r"(?:staff\s+|special\s+)?(?:writers?|reporters?|correspondents?|commentators?)\b:?\s*"
    r"|(?:本报|本网|人民网|人民日报|新华社)?(?:特约|驻\w{1,4})?(?:记者|通讯员|作者|评论员)\s*[:：]?\s*)?",
    re.IGNORECASE,
)
_AFFILIATION = re.compile(
    r"\b(?:institute|university|academy|college|school|cent(?:er|re)|ministry|department|bureau"
    r"|professor|researcher|director|ambassador)\b",
    re.IGNORECASE,
)
# "(intern)", "(photos)" behind a name.
_ASIDES = re.compile(r"\([^()]*\)")
# Who stands in a byline without being a person.
_AGENCIES = frozenset(
    {
        "xinhua", "xinhua news agency", "people's daily", "people's daily online",
        "people's daily app", "china daily", "global times", "cri", "cctv", "cgtn", "cns",
        "china news service", "chinanews.com", "ecns", "ecns.cn", "agencies", "staff",
    }
)  # fmt: skip


def _plain(name: str) -> str:
    return name.replace("’", "'").casefold()


def names(text: str) -> tuple[str, ...]:
    """The persons named in a list such as ``"By Li Lei, Wang Fei and Zhao Na"``.

    >>> names("By Li Lei, Wang Fei and Zhao Na")
    ('Li Lei', 'Wang Fei', 'Zhao Na')
    """
    if not text:
        return ()
    rest = _ROLE.sub("", text.strip(), count=1)
    found: list[str] = []
    for part in _BETWEEN_NAMES.split(_TOOLS.sub("", _ASIDES.sub("", rest))):
        name = part.strip(" .:()[]")
        if not name or _plain(name) in _AGENCIES or _AFFILIATION.search(name):
            continue
        if name not in found:
            found.append(name)
    return tuple(found)


# --- Bylines -----------------------------------------------------------------------------------

_SOURCES_BY_LENGTH = (
    *("People's Daily Online", "People's Daily App", "People's Daily", "China News Service"),
    *("Xinhua News Agency", "Global Times", "China Daily", "Chinanews.com", "Xinhua", "CGTN"),
    *("CCTV", "ecns.cn", "CNS", "CRI"),
)
_BY = re.compile(r"^by\b", re.IGNORECASE)
_SOURCE_LABEL = re.compile(rf"(?<!\w)(?:{_any(lambda words: words.source)})\s*:\s*", re.IGNORECASE)
# All times are Beijing's, whether the page says so or not.
_ZONE = re.compile(r"(?:\(\s*)?\b(?:GMT\s*\+\s*8|Beijing Time|BJT)\s*\)?", re.IGNORECASE)
_SENTENCE = re.compile(r"[a-z]{3}\.(?:\s|$)|[。！？]")
_LONGEST_NAMES = 120
# "Email|Print" behind a byline: at its end or beside a bar, for Print is a surname, too.
_TOOL = r"\b(?:e-?mail|print|comments?|share|font size)\b"
_TOOLS = re.compile(rf"(?:{_TOOL}\s*\|\s*|\|\s*{_TOOL})+|(?<=[\d)])\s*{_TOOL}\s*$", re.IGNORECASE)
_EMPTY_BRACKETS = re.compile(r"\(\s*[,;:]?\s*\)")


@dataclass(frozen=True, slots=True)
class Byline:
    """What the line under a headline says.

    :param published: the first date that is not called an update.
    :param updated: the first date that is.
    """

    source: str | None = None
    authors: tuple[str, ...] = ()
    published: Stamp | None = None
    updated: Stamp | None = None


def byline(text: str, source: str | None = None) -> Byline:
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
    line = clean(_half_width(text))
    if _ZONE.search(line):
        line = clean(_ZONE.sub(" ", line))
    dates, rest = _dates_and_rest(line)
    people, printed = _people_and_source(rest, source)
    return Byline(
        source=printed,
        authors=tuple(name for name in names(people) if name != printed),
        published=next((stamp for stamp in dates if not stamp.updated), None),
        updated=next((stamp for stamp in dates if stamp.updated), None),
    )


# A byline is looked at to know it for one, and then read.
@lru_cache(maxsize=16)
def _dates_and_rest(line: str) -> tuple[tuple[Stamp, ...], str]:
    """The dates of a byline, and what else it says."""
    line = _TOOLS.sub(" ", line)
    dates: list[Stamp] = []
    rest, position = "", 0
    for match in _STAMP.finditer(line):
        rest += f"{line[position : match.start()]} "
        position = match.end()
        if stamp := _stamp(match):
            dates.append(stamp)
    rest = _EMPTY_BRACKETS.sub(" ", rest + line[position:])
    return tuple(dates), clean(rest).strip(" ,;|-")


def is_byline(text: str) -> bool:
    """Whether ``text`` is a byline with a date, and not a sentence or a caption that has one.

    >>> is_byline("(Xinhua)    09:20, August 18, 2015"), is_byline("Opened June 8, 2019. (Xinhua)")
    (True, False)
    """
    if not _YEAR.search(text):
        return False
    dates, rest = _dates_and_rest(clean(_half_width(text)))
    if not dates:
        return False
    if not rest or rest.startswith("(") or _BY.match(rest) or _SOURCE_LABEL.search(rest):
        return not _SENTENCE.search(rest)
    # A source or names without a bracket: only a clock time tells them from prose.
    return bool(dates[0].clock) and len(rest) < _LONGEST_NAMES and not _SENTENCE.search(rest)


def _people_and_source(rest: str, hint: str | None) -> tuple[str, str | None]:
    label = _SOURCE_LABEL.search(rest)
    start = _source_bracket(rest)
    if label:
        people, inside = rest[: label.start()], rest[label.end() :]
    elif start is not None:
        people, inside = rest[:start], rest[start + 1 :]
    elif ")" in rest and "(" not in rest:
        # The opening bracket is missing; only the meta data can tell the two apart.
        people, inside = _split_source(rest.rpartition(")")[0], hint)
    elif _BY.match(rest):
        people, inside = _split_source(rest, hint)
        if not people:
            people, inside = inside, ""
    else:
        people, inside = "", rest
    printed = _unbracket(inside).strip(" ,;|(")
    return people.strip(" ,;|"), printed or None


def _split_source(line: str, hint: str | None) -> tuple[str, str]:
    """Writers and source of a line without an opening bracket: the source is at its end."""
    for name in (hint, *_SOURCES_BY_LENGTH):
        if name and line.endswith(name) and _BY.match(line):
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


def _unbracket(text: str) -> str:
    """``text`` up to the bracket that closes it, where one does."""
    depth = 0
    for bracket in _BRACKET.finditer(text):
        if bracket[0] == "(":
            depth += 1
        elif depth == 0:
            return text[: bracket.start()].strip()
        else:
            depth -= 1
    return text.strip()


_BRACKET = re.compile(r"[()]")


# --- Lines that are not the story's ------------------------------------------------------------

_EDITORS = re.compile(
    rf"\(?\s*(?<!\w)(?:{_any(lambda words: words.editor)})\s*:\s*"
    # More names than any line has; without a limit every "editor:" would read on to the end.
    r"(?P<names>(?:[^()]|\([^()]{0,40}\)){0,300})(?:\)|$)",
    re.IGNORECASE,
)
_FOLLOW = r"for (?:the )?(?:latest|more)\b[^()]{0,60}?\b(?:please )?follow\b"
_FOLLOWED = r"(?:[^()]|\([^()]{0,60}\)){0,300}"
_PROMO = re.compile(
    # In brackets, or a line of its own that names where to follow: prose follows other things.
    rf"\(\s*{_FOLLOW}{_FOLLOWED}(?:\)|$)"
    rf"|^{_FOLLOW}[^()]{{0,60}}?(?:people['’]?s daily|@|\bus on\b).*$",
    re.IGNORECASE,
)


def editors(text: str) -> tuple[str, ...]:
    """Names in the editor lines of ``text``, in order.

    >>> editors("(Editor:Tian Li,任建民)")
    ('Tian Li', '任建民')
    """
    found: dict[str, None] = {}
    for match in _EDITORS.finditer(clean(_half_width(text))):
        found.update(dict.fromkeys(names(match["names"])))
    return tuple(found)


_SIGNATURE = re.compile(r"^[□■◇]\s*(?P<names>[^。]{2,60})$")


def signature(paragraph: str) -> tuple[str, ...]:
    """Writers who sign a story on a line of its own: ``□ 本报记者 葛小舟``."""
    match = _SIGNATURE.match(paragraph)
    return names(match["names"]) if match and "记者" in match["names"] else ()


def without_service_lines(text: str) -> tuple[str, tuple[str, ...]]:
    """``text`` without promo line and editor line, and the editors that stood there.

    Only a line of its own or one in brackets goes: a sentence about an editor stays.

    >>> without_service_lines("He left. (Web editor: Li Lei, Bianji)")
    ('He left.', ('Li Lei', 'Bianji'))
    """
    if ":" not in text and "：" not in text and "ollow" not in text:
        return text, ()
    line = _half_width(text)
    spans: list[tuple[int, int]] = []
    people: tuple[str, ...] = ()
    start = 0
    while start >= 0:
        end = start + 1
        if match := _EDITORS.match(line, start):
            end = match.end()
            spans.append(match.span())
            people += names(match["names"])
        start = line.find("(", end)
    if "ollow" in line:
        spans += [match.span() for match in _PROMO.finditer(line)]
    # Half width keeps every position, so the spans hold for the text as printed.
    for start, end in sorted(spans, reverse=True):
        text = text[:start] + text[end:]
    return text.strip(), people


# --- Credits -----------------------------------------------------------------------------------

_LAST_BRACKET = re.compile(
    r"[(（]((?:[^()（）]|[(（][^()（）]*[)）])*)[)）]?\s*[.。]?\s*$|[\[【]([^\[\]【】]*)[\]】]\s*[.。]?\s*$"
)
_CREDIT = re.compile(
    r"^(?:file |aerial |drone |undated |combo |web |screen )?(?:photos?|pictures?|images?|video"
    r"|screenshot|graphics?|cartoon|illustration|poster|courtesy|source|handout)\b"
    r"|^provided (?:by|to)\b"
    # "Xinhua/Name", but neither "km/h" nor "EU/UK".
    r"|(?-i:^(?:[A-Z][\w.&'’-]*(?:\s+[\w.&'’-]+)*|[\u4e00-\u9fff]+)\s*/\s*"
    r"(?:[A-Z][\w.'’-]*[a-z]|[\u4e00-\u9fff]))"
    r"|^(?:xinhua|people['’]s daily(?: online)?|cns|cfp|vcg|ap|afp|reuters|chinanews(?:\.com)?)\s*/"
    r"|\bphoto(?:s|graph)?\b\s*(?:by|/|:|from|$)|(?:摄|摄影|供图|图片?)$",
    re.IGNORECASE,
)
_AGENCY_CREDIT = re.compile(
    r"^(?:xinhua|people['’]s daily(?: online)?|cns|cnsphoto|china news service|chinanews(?:\.com)?"
    r"|china daily|global times|cfp|vcg|ic|ap|afp|reuters|cctv|cgtn|gmw\.cn|ecns\.cn|agencies)\b"
    r"[^a-z]*$",
    re.IGNORECASE,
)
_LONGEST_CREDIT = 300


def credit(caption: str) -> str | None:
    """What stands in the caption's last brackets, where the caption ends with them.

    >>> credit("Wang Yi (R) meets a guest in Seoul, Nov. 26, 2020. (Xinhua/Wang Jingqiang)")
    'Xinhua/Wang Jingqiang'
    """
    end = caption[-_LONGEST_CREDIT:]
    if not any(bracket in end for bracket in "(（[【"):
        return None
    match = _LAST_BRACKET.search(end)
    return ((match[1] or match[2] or "").strip() or None) if match else None


def credited(text: str) -> bool:
    """Whether ``text`` ends in a credit that only a caption carries: ``(Photo by X/Xinhua)``."""
    found = credit(text)
    return bool(found and _CREDIT.search(found))


def signed(text: str) -> bool:
    """Whether ``text`` ends in a bare agency name, as captions do and some stories do."""
    found = credit(text)
    return bool(found and _AGENCY_CREDIT.match(found))


# --- Datelines ---------------------------------------------------------------------------------

_DATELINE = re.compile(
    r"^(?P<place>[^\W\d_][\w'’.\-/ ]*?(?:,\s+(?!(?:" + _MONTH + r")\b)[^\W\d_][\w'’.\- ]*){0,2}?)"
    rf"(?:(?:\s*,\s*|\s+)(?P<month>{_MONTH})\b\.?\s*(?P<day>\d{{1,2}})(?:\s*,\s*(?P<year>\d{{4}}))?)?"
    r"\s*(?:\((?P<agency>[^()]{2,40})\))?\s*(?:--+|[—–―]+|(?<=\))\s*-|-(?=\s))",
    re.IGNORECASE,
)
# 人民网上海12月15日电: agency, place, day.
_CHINESE_DATELINE = re.compile(
    r"^(?P<agency>人民网|人民日报|新华社|新华网|中新社|中新网|中国新闻网|央视网|光明网|本报|本网)"
    r"(?P<place>[\u4e00-\u9fff]{2,12}?)(?:(?P<year>\d{4})年)?"
    r"(?P<month>\d{1,2})月(?P<day>\d{1,2})日[电讯]"
)
_DATELINE_END = re.compile(r"--|[—–―电讯]|-(?:\s|\w)")
_LONGEST_DATELINE = 110
_HALF_A_YEAR = timedelta(days=184)


@dataclass(frozen=True, slots=True)
class WireDateline:
    """Place, date and agency at the head of a wire story."""

    place: str | None
    day: date | None
    agency: str | None


def dateline(paragraph: str, published: date | None) -> WireDateline | None:
    """Read the dateline of a story's first paragraph, ``None`` where it has none.

    :param published: the day of publication: a dateline prints no year, and one of December under
        a story of January is last year's.

    >>> dateline("SEOUL, Nov. 26 (Xinhua) -- China is ready", date(2020, 11, 27))
    WireDateline(place='SEOUL', day=datetime.date(2020, 11, 26), agency='Xinhua')
    """
    head = _half_width(paragraph[:_LONGEST_DATELINE])
    if not _DATELINE_END.search(head):
        return None
    match = _CHINESE_DATELINE.match(head) or _DATELINE.match(head)
    if match is None:
        return None
    place, agency = clean(match["place"]), match["agency"]
    # Without a date, "Place (Agency) --" could as well be "Name (age) --" in a sentence.
    if not match["month"] and not (agency and (place.isupper() or _plain(agency) in _AGENCIES)):
        return None
    day = None
    if match["month"]:
        day = _day_near(match, published)
    return WireDateline(place or None, day, clean(agency) if agency else None)


def without_dateline(paragraph: str) -> str:
    """``paragraph`` without what looks like a dateline at its head: for comparing two texts.

    Unlike :func:`dateline` it does not mind the case of the place, because a repost changes that,
    and a head of both texts that is cut in vain does no harm.

    >>> without_dateline("Seoul (Agencies) - China is ready")
    'China is ready'
    """
    head = _half_width(paragraph[:_LONGEST_DATELINE])
    match = _DATELINE_END.search(head) and (_CHINESE_DATELINE.match(head) or _DATELINE.match(head))
    if not match or not (match["month"] or match["agency"]):
        return paragraph
    return paragraph[match.end() :].lstrip()


def _day_near(match: re.Match[str], published: date | None) -> date | None:
    """The dateline's day in the year that lies nearest to the day of publication."""
    named = match["month"].lower()
    month, day = _MONTHS.get(named) or int(named), int(match["day"])
    if match["year"]:
        years: tuple[int, ...] = (int(match["year"]),)
    elif published:
        years = (published.year - 1, published.year, published.year + 1)
    else:
        return None
    days = list(_valid_days(years, month, day))
    if not days:
        return None
    nearest = min(days, key=lambda found: abs(found - published) if published else timedelta())
    # Feb. 29 under a story of a year without one is a slip, and no day of another year.
    near = match["year"] or published is None or abs(nearest - published) <= _HALF_A_YEAR
    return nearest if near else None


def _valid_days(years: tuple[int, ...], month: int, day: int) -> Iterator[date]:
    for year in years:
        try:
            yield date(year, month, day)
        except ValueError:
            continue
