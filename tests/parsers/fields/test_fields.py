"""The site's strings: tidying, dates, bylines, names, editors, credits, datelines."""

from __future__ import annotations

import unicodedata
from datetime import date, time, timedelta

import pytest
from helpers.page_cases import STEADY
from hypothesis import example, given
from hypothesis import strategies as st

from peoplesdaily.parsers.fields import bylines, dates, editor_lines, picture_credits, signatures
from peoplesdaily.parsers.fields import names as people
from peoplesdaily.parsers.fields.dates import Stamp
from peoplesdaily.utils import text

# --- Tidying -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raw", "tidy"),
    [
        pytest.param("", "", id="empty"),
        pytest.param(" \t\r\n", "", id="blank"),
        pytest.param("a\n\t b", "a b", id="line-ends"),
        pytest.param("a\xa0\xa0b", "a b", id="no-break"),
        pytest.param("\u3000\u3000a\u3000b", "a b", id="ideographic"),
        pytest.param("a\u2002\u2003\u2009\u202f\u205f\u1680b", "a b", id="typographic"),
        pytest.param("a\u2028b\u2029c\x85d", "a b c d", id="separators"),
        pytest.param("a\x0b\x0c\x1c\x1fb", "a b", id="old-separators"),
        pytest.param("a\u200bb\u200cc\u200dd\ufeffe\u2060f", "abcdef", id="zero-width"),
        pytest.param("a\u200eb\u200fc\u202ad\u202ee\u2066f\u2069g", "abcdefg", id="bidirectional"),
        pytest.param("a\u061cb", "ab", id="arabic-letter-mark"),
        pytest.param("co\xadoperate", "cooperate", id="soft-hyphen"),
        pytest.param("a\x00b\x07c\x1bd\x7fe\x9ff", "abcdef", id="controls"),
        pytest.param("a \u200b b", "a b", id="zero-width-between-spaces"),
        pytest.param("\u200b a \ufeff", "a", id="zero-width-at-the-ends"),
        pytest.param("cafe\u0301", "café", id="composed"),
        pytest.param("cafe\u200b\u0301", "café", id="composed-over-a-zero-width"),
        pytest.param("“People’s” — ‘x’ – …", "“People’s” — ‘x’ – …", id="as-printed"),
        pytest.param("④ Ａ 任建民", "④ Ａ 任建民", id="not-folded"),
    ],
)
def test_clean(raw: str, tidy: str) -> None:
    assert text.clean(raw) == tidy


STRINGS = st.text(st.characters()) | st.text(
    st.sampled_from("ab é\u0301\u200b\u061c\ufeff\xa0\u3000\x00\x85\u2028\ud800"), max_size=20
)


@STEADY
@given(STRINGS)
def test_clean_leaves_the_normal_form(raw: str) -> None:
    tidy = text.clean(raw)
    assert text.clean(tidy) == tidy
    assert unicodedata.is_normalized("NFC", tidy)
    assert tidy == " ".join(tidy.split())
    assert not any(unicodedata.category(char) in ("Cc", "Cs") for char in tidy)
    assert "\u200b" not in tidy and "\ufeff" not in tidy


@STEADY
@given(st.lists(st.from_regex(r"[a-z]{1,8}", fullmatch=True)), st.sampled_from(" \xa0\u3000\n"))
def test_clean_keeps_words(words: list[str], space: str) -> None:
    assert text.clean((space * 2).join(words)) == " ".join(words)


# --- Dates -------------------------------------------------------------------------------------

NAMES = (
    ("January", "Jan.", "JANUARY"), ("February", "Feb.", "feb"), ("March", "Mar."),
    ("April", "Apr."), ("May", "MAY"), ("June", "Jun."), ("July", "Jul."), ("August", "Aug."),
    ("September", "Sept.", "Sep.", "sept"), ("October", "Oct."), ("November", "Nov."),
    ("December", "Dec."),
)  # fmt: skip
MONTHS = {name: number for number, names in enumerate(NAMES, start=1) for name in names}


@pytest.mark.parametrize(("name", "month"), MONTHS.items(), ids=MONTHS)
def test_month(name: str, month: int) -> None:
    assert dates.stamps(f"09:39, {name} 22, 2022") == [Stamp(date(2022, month, 22), time(9, 39))]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        pytest.param(
            "09:39, September 22, 2022", [Stamp(date(2022, 9, 22), time(9, 39))], id="byline"
        ),
        pytest.param("April 11, 2025", [Stamp(date(2025, 4, 11))], id="date-only"),
        pytest.param("2022-11-03 09:12", [Stamp(date(2022, 11, 3), time(9, 12))], id="list"),
        pytest.param("2022-11-03", [Stamp(date(2022, 11, 3))], id="list-date-only"),
        pytest.param("0:05, May 3, 2021", [Stamp(date(2021, 5, 3), time(0, 5))], id="midnight"),
        pytest.param("23:59,May 3,2021", [Stamp(date(2021, 5, 3), time(23, 59))], id="unspaced"),
        pytest.param(
            "09：39，September 22，2022", [Stamp(date(2022, 9, 22), time(9, 39))], id="full-width"
        ),
        pytest.param("Wednesday, Mar 15, 2023", [Stamp(date(2023, 3, 15))], id="weekday"),
        pytest.param(
            "UPDATED: 10:10, January 04, 2005",
            [Stamp(date(2005, 1, 4), time(10, 10), updated=True)],
            id="update",
        ),
        pytest.param(
            "(Xinhua) 10:00, May 3, 2021   Updated: 11:30, May 4, 2021",
            [
                Stamp(date(2021, 5, 3), time(10)),
                Stamp(date(2021, 5, 4), time(11, 30), updated=True),
            ],
            id="both",
        ),
        pytest.param("February 29, 2024", [Stamp(date(2024, 2, 29))], id="leap-day"),
        pytest.param("February 29, 2023", [], id="no-leap-day"),
        pytest.param("February 30, 2024", [], id="no-such-day"),
        pytest.param("2022-13-01", [], id="no-such-month"),
        pytest.param("10:00, May 0, 2021", [], id="day-zero"),
        pytest.param("24:61, May 3, 2021", [Stamp(date(2021, 5, 3))], id="no-such-time"),
        pytest.param("Nov. 26", [], id="no-year"),
        pytest.param("Mayor 3, 2021", [], id="no-month"),
        pytest.param("", [], id="empty"),
    ],
)
def test_stamps(line: str, expected: list[Stamp]) -> None:
    assert dates.stamps(line) == expected
    assert bylines.has_stamp(line) is bool(expected)


@STEADY
@given(st.dates(date(1997, 1, 1), date(2099, 12, 31)), st.times())
def test_printed_moment_is_read_back(day: date, clock: time) -> None:
    clock = clock.replace(second=0, microsecond=0)
    printed = f"(Xinhua)    {clock:%H:%M}, {day:%B %d, %Y}"
    assert dates.stamps(printed) == [Stamp(day, clock)]
    assert dates.stamps(printed)[0].isoformat() == f"{day}T{clock:%H:%M}:00+08:00"


def test_date_without_time_has_no_moment() -> None:
    assert Stamp(date(2025, 4, 11)).isoformat() is None


# --- Bylines -----------------------------------------------------------------------------------

PDO = "People's Daily Online"
BYLINES = {
    # line, source, authors, time of publication, time of the update
    "2015-author": (
        "By Huang Jin (People's Daily Online)    11:35, August 17, 2015",
        (PDO, ("Huang Jin",), "2015-08-17T11:35", None),
    ),
    "2015-agency": (
        "(Xinhua)    09:20, August 18, 2015",
        ("Xinhua", (), "2015-08-18T09:20", None),
    ),
    "2011": ("(China Daily) 09:36, August 17, 2011", ("China Daily", (), "2011-08-17T09:36", None)),
    "2013-no-opening-bracket": (
        "People's Daily Online)  07:56, February 18, 2013",
        (PDO, (), "2013-02-18T07:56", None),
    ),
    "2021": ("(Xinhua) 09:39, September 22, 2022", ("Xinhua", (), "2022-09-22T09:39", None)),
    "2021-no-opening-bracket": (
        "Xinhua) 09:39, September 22, 2022",
        ("Xinhua", (), "2022-09-22T09:39", None),
    ),
    "2021-no-bracket": (
        "Xinhua 09:39, September 22, 2022",
        ("Xinhua", (), "2022-09-22T09:39", None),
    ),
    "2021-no-closing-bracket": (
        "(Xinhua 09:39, September 22, 2022",
        ("Xinhua", (), "2022-09-22T09:39", None),
    ),
    "2021-full-width": (
        "（Xinhua）　09：39，September 22，2022",
        ("Xinhua", (), "2022-09-22T09:39", None),
    ),
    "2021-no-break-spaces": (
        "By\xa0Li Lei\xa0(Xinhua)\xa0\xa009:39,\xa0September\xa022,\xa02022",
        ("Xinhua", ("Li Lei",), "2022-09-22T09:39", None),
    ),
    "2021-app": (
        "(People's Daily App) 16:04, September 12, 2022",
        ("People's Daily App", (), "2022-09-12T16:04", None),
    ),
    "2021-curly": (
        "(People’s Daily Online) 10:00, May 3, 2021",
        ("People’s Daily Online", (), "2021-05-03T10:00", None),
    ),
    "2021-two-authors": (
        "By Li Lei, Wang Fei (People's Daily Online) 10:00, May 3, 2021",
        (PDO, ("Li Lei", "Wang Fei"), "2021-05-03T10:00", None),
    ),
    "2021-and": (
        "By Li Lei, Wang Fei and Zhao Na (People's Daily) 10:00, May 3, 2021",
        ("People's Daily", ("Li Lei", "Wang Fei", "Zhao Na"), "2021-05-03T10:00", None),
    ),
    "2021-without-by": (
        "Li Lei, Wang Fei (People's Daily Online) 10:00, May 3, 2021",
        (PDO, ("Li Lei", "Wang Fei"), "2021-05-03T10:00", None),
    ),
    "2024-time-first": (
        "17:15, June 26, 2024 By Chang Sha, Wu Chaolan, Kou Jie, Xian Jiangnan"
        " ( People's Daily Online",
        (PDO, ("Chang Sha", "Wu Chaolan", "Kou Jie", "Xian Jiangnan"), "2024-06-26T17:15", None),
    ),
    "2024-time-first-author-alone": (
        "17:15, June 26, 2024 By Chang Sha",
        (None, ("Chang Sha",), "2024-06-26T17:15", None),
    ),
    "2025-date-alone": ("April 11, 2025", (None, (), "2025-04-11", None)),
    "2005-update": ("UPDATED: 10:10, January 04, 2005", (None, (), None, "2005-01-04T10:10")),
    "published-and-updated": (
        "(Xinhua) 10:00, May 3, 2021 Updated: 11:30, May 4, 2021",
        ("Xinhua", (), "2021-05-03T10:00", "2021-05-04T11:30"),
    ),
    "with-tools": (
        "(Xinhua) 09:20, August 18, 2015 Email|Print|Comments",
        ("Xinhua", (), "2015-08-18T09:20", None),
    ),
    "morning": ("(Xinhua) 9:05 AM, May 3, 2021", ("Xinhua", (), "2021-05-03T09:05", None)),
    "afternoon": ("2:05PM, May 3, 2021 (Xinhua)", ("Xinhua", (), "2021-05-03T14:05", None)),
    "afternoon-behind": ("May 3, 2021 2:05 p.m.", (None, (), "2021-05-03T14:05", None)),
    "midnight": ("12:05 a.m., May 3, 2021", (None, (), "2021-05-03T00:05", None)),
    "24-hours-and-pm": ("14:05 PM, May 3, 2021", (None, (), "2021-05-03T14:05", None)),
    "updated-morning": ("UPDATED: 8:22 AM, June 14, 2005", (None, (), None, "2005-06-14T08:22")),
    "all-in-one-bracket": (
        "(By Li Lei, People's Daily Online) 10:00, May 3, 2021",
        (PDO, ("Li Lei",), "2021-05-03T10:00", None),
    ),
    "author-in-brackets": ("(By Li Lei) May 3, 2021", (None, ("Li Lei",), "2021-05-03", None)),
    "label-without-source": ("2019年06月15日06:58 来源：", (None, (), "2019-06-15T06:58", None)),
    "chinese-editor": (
        "来源：人民网四川频道 编辑：王五 2019年06月15日06:58",
        ("人民网四川频道", (), "2019-06-15T06:58", None),
    ),
    "chinese-editor-and-writer": (
        "来源：新华网 编辑：张三 作者：李四 2019年06月15日06:58",
        ("新华网", ("李四",), "2019-06-15T06:58", None),
    ),
    "chinese-reporter": (
        "来源：人民网　记者 张三 2019年06月15日06:58",
        ("人民网", ("张三",), "2019-06-15T06:58", None),
    ),
    "chinese-own-reporters": (
        "来源：人民网-人民日报海外版 本报记者 张三 李四 2019年06月15日06:58",
        ("人民网-人民日报海外版", ("张三", "李四"), "2019-06-15T06:58", None),
    ),
    "chinese-words-and-pictures": (
        "2019年06月15日06:58 来源：人民网 文/张三 图/李四",
        ("人民网", ("张三",), "2019-06-15T06:58", None),
    ),
    "chinese-editors-behind-the-reporter": (
        "2019年06月15日06:58 来源：新华网 记者 张三 校对 李四",
        ("新华网", ("张三",), "2019-06-15T06:58", None),
    ),
    "chinese-both-by-one": (
        "2019年06月15日06:58 来源：新华网 文/图 张三",
        ("新华网", ("张三",), "2019-06-15T06:58", None),
    ),
    "no-date": ("(Xinhua)", ("Xinhua", (), None, None)),
    "nothing": ("", (None, (), None, None)),
    "empty-brackets": ("() 09:20, August 18, 2015", (None, (), "2015-08-18T09:20", None)),
}


def moment(stamp: Stamp | None) -> str | None:
    if stamp is None:
        return None
    return f"{stamp.day}T{stamp.clock:%H:%M}" if stamp.clock else str(stamp.day)


@pytest.mark.parametrize(("line", "expected"), BYLINES.values(), ids=BYLINES)
def test_byline(line: str, expected: tuple[object, ...]) -> None:
    found = bylines.byline(line)
    published, updated = moment(found.published), moment(found.updated)
    assert (found.source, found.authors, published, updated) == expected


def test_bracket_behind_a_name_is_not_cut_open() -> None:
    """Whether the word in it is kept is a matter of taste; half a bracket is not."""
    found = bylines.byline("By Li Lei (intern) (Xinhua) 09:20, August 18, 2015")
    assert found.source == "Xinhua"
    assert found.authors in {("Li Lei",), ("Li Lei (intern)",)}


@pytest.mark.parametrize(
    ("line", "source", "expected"),
    [
        pytest.param(
            "By Li Lei People's Daily Online 10:00, May 3, 2021", PDO, (PDO, ("Li Lei",)),
            id="no-brackets",
        ),
        pytest.param(
            "By Li Lei Xinhua) 10:00, May 3, 2021", "Xinhua", ("Xinhua", ("Li Lei",)),
            id="no-opening-bracket",
        ),
        pytest.param("(Xinhua) 10:00, May 3, 2021", PDO, ("Xinhua", ()), id="the-line-wins"),
        pytest.param("Xinhua) 10:00, May 3, 2021", "Xinhua", ("Xinhua", ()), id="source-alone"),
    ],
)  # fmt: skip
def test_byline_with_the_source_of_the_meta_data(
    line: str, source: str, expected: tuple[str, tuple[str, ...]]
) -> None:
    found = bylines.byline(line, source)
    assert (found.source, found.authors) == expected


@STEADY
@given(STRINGS | st.text(st.sampled_from("(): ,By()Xinhua 09:20, May 3, 2021)("), max_size=60))
def test_byline_of_anything_is_tidy(line: str) -> None:
    found = bylines.byline(line)
    for name in (found.source, *found.authors):
        assert name is None or (name and name == text.clean(name))


# --- Names and editors -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        pytest.param("Li Lei", ("Li Lei",), id="one"),
        pytest.param("By Li Lei, Wang Fei and Zhao Na", ("Li Lei", "Wang Fei", "Zhao Na"), id="by"),
        pytest.param("LiXiang、Wang Jinxue", ("LiXiang", "Wang Jinxue"), id="enumeration-comma"),
        pytest.param("Tian Li,任建民", ("Tian Li", "任建民"), id="chinese"),
        pytest.param("Li Lei & Wang Fei; Zhao Na", ("Li Lei", "Wang Fei", "Zhao Na"), id="marks"),
        pytest.param("By Xinhua writers Li Lei, Wang Fei", ("Li Lei", "Wang Fei"), id="writers"),
        pytest.param("By staff reporter Li Lei", ("Li Lei",), id="reporter"),
        pytest.param("Andy Anderson and Sandra", ("Andy Anderson", "Sandra"), id="and-inside"),
        pytest.param("Byron Bay", ("Byron Bay",), id="by-inside"),
        pytest.param("Li Lei, Li Lei", ("Li Lei",), id="twice"),
        pytest.param("Li Lei, Xinhua", ("Li Lei",), id="agency"),
        pytest.param(
            "By Li Yang in Beijing and Wang Fei in Linhe", ("Li Yang", "Wang Fei"), id="in"
        ),
        pytest.param("By Agencies in Seoul", (), id="agencies-in"),
        pytest.param("By Ann Munday, former officer of FAO", ("Ann Munday",), id="office"),
        pytest.param("By John Ross, Senior Fellow, Linhe Institute", ("John Ross",), id="fellow"),
        pytest.param("By Ambassador Li Lei", ("Li Lei",), id="rank"),
        pytest.param("Li Lei, Director of Photography", ("Li Lei",), id="director-of"),
        pytest.param("By Vincent van Gogh, ter Horst", ("Vincent van Gogh", "ter Horst"), id="of"),
        pytest.param(
            "By Li Lei, wang fei and zhao na", ("Li Lei", "wang fei", "zhao na"), id="small"
        ),
        pytest.param("By Director General Qu Dongyu", (), id="director-general"),
        pytest.param("By John Fellow", ("John Fellow",), id="surname"),
        pytest.param("by li lei", ("li lei",), id="small-letters"),
        pytest.param("By GT staff reporters", (), id="staff-reporters"),
        pytest.param("By CGTN's Li Lei", ("Li Lei",), id="agencys"),
        pytest.param("By PD Online Staff Li Lei", ("Li Lei",), id="staff"),
        pytest.param("By PD Online staff member Li Lei", ("Li Lei",), id="staff-member"),
        pytest.param("By Li Lei, Wang Fei, Photos by Ma Long", ("Li Lei", "Wang Fei"), id="photos"),
        pytest.param("By Li Lei, Edited and Translated by Ma Long", ("Li Lei",), id="translated"),
        pytest.param("记者 张三 通讯员 李四", ("张三", "李四"), id="correspondent"),
        pytest.param("记者张三，通讯员李四", ("张三", "李四"), id="correspondent-comma"),
        pytest.param("实习记者张三、记者李四", ("张三", "李四"), id="role-each"),
        pytest.param("本报记者张三 李四参与采写", ("张三", "李四"), id="took-part"),
        pytest.param("作者：张三，系北京大学教授", ("张三",), id="chinese-office"),
        pytest.param("□ 本报记者 张三", ("张三",), id="mark"),
        pytest.param("经济日报记者 张三", ("张三",), id="another-paper"),
        pytest.param("红星新闻记者张三 实习生李四", ("张三", "李四"), id="another-site"),
        pytest.param("本报驻巴黎记者 张三 新华社通讯员 李四", ("张三", "李四"), id="outlets"),
        pytest.param("北京大学教授 张三", ("张三",), id="chinese-title"),
        pytest.param("张三，中央党校教授李四", ("张三", "李四"), id="chinese-title-inside"),
        pytest.param("张三，北京大学教授", ("张三",), id="chinese-title-behind"),
        pytest.param("本报记者 张三、李四采访整理", ("张三", "李四"), id="interviewed"),
        pytest.param(", ,", (), id="nobody"),
        pytest.param("", (), id="empty"),
    ],
)
def test_names(line: str, expected: tuple[str, ...]) -> None:
    assert people.names(line) == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("By Li Lei, photos by Ma Long", ("Li Lei",)),
        ("记者 张三 通讯员 李四", ("张三", "李四")),
        ("本报记者 张三 文/图", ("张三",)),
        ("（文/图 本报记者 张三）", ("张三",)),
        ("本报记者 张三 摄影报道", ("张三",)),
        ("记者 李晓明文/图", ("李晓明",)),
        ("图文：张三", ("张三",)),
        ("张三/文", ("张三",)),
        ("张三、李四/文 王五、赵六/图", ("张三", "李四")),
        ("张 三 文 李 四 摄", ("张三",)),
        ("文／张三　图／李四", ("张三",)),
        ("文 强", ("文强",)),
        ("图/李四 文/张三", ("张三",)),
        ("本报记者 张三 摄影 李四", ("张三",)),
        ("本报记者 张三 摄", ()),
        ("新京报记者 张三 编辑 李四 校对 王五", ("张三",)),
        ("策划 李四 本报记者 张三", ("张三",)),
        ("作者：张三 译者：李四", ("张三",)),
        ("张三（北京大学教授）", ("张三",)),
        ("", ()),
    ],
)
def test_writers(line: str, expected: tuple[str, ...]) -> None:
    assert people.writers(line) == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        pytest.param("(Web editor: Hongyu, Du Mingming)", ("Hongyu", "Du Mingming"), id="2021"),
        pytest.param("(Editor:Tian Li,任建民)", ("Tian Li", "任建民"), id="2015"),
        pytest.param("(Editor:LiXiang、Wang Jinxue)", ("LiXiang", "Wang Jinxue"), id="2013"),
        pytest.param("(Web editors: Li Lei and Wang Fei)", ("Li Lei", "Wang Fei"), id="plural"),
        pytest.param("（Web editor：Li Lei，任建民）", ("Li Lei", "任建民"), id="full-width"),
        pytest.param("Web editor: Li Lei", ("Li Lei",), id="no-brackets"),
        pytest.param("(Web editor: Li Lei", ("Li Lei",), id="no-closing-bracket"),
        pytest.param("(WEB EDITOR: Li Lei)", ("Li Lei",), id="capitals"),
        pytest.param("(Editor: Li Lei) (Web editor: Wang Fei)", ("Li Lei", "Wang Fei"), id="two"),
        pytest.param("(Editor: Li Lei; Intern: Wang Fei)", ("Li Lei", "Wang Fei"), id="intern"),
        pytest.param("【Editor:Li Lei】", ("Li Lei",), id="square-brackets"),
        pytest.param("(Web editor: 实习生2)", (), id="nameless-intern"),
        pytest.param("（责编：张三，李四；审核：王五）", ("张三", "李四", "王五"), id="reviewer"),
        pytest.param("(责编、美编：张三)", ("张三",), id="two-offices"),
        pytest.param("(Web editor: )", (), id="empty"),
        pytest.param("He is an editor of the paper.", (), id="prose"),
        pytest.param("", (), id="nothing"),
    ],
)
def test_editors(line: str, expected: tuple[str, ...]) -> None:
    assert editor_lines.editors(line) == expected


PROMO = "(For the latest China news, Please follow People's Daily on Twitter and Facebook)"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        pytest.param(PROMO, ("", ()), id="promo"),
        pytest.param(f"{PROMO}(Editor:Tian Li,任建民)", ("", ("Tian Li", "任建民")), id="one-line"),
        pytest.param("(Web editor: Li Lei)", ("", ("Li Lei",)), id="editor"),
        pytest.param("Web editor: Li Lei", ("", ("Li Lei",)), id="editor-no-brackets"),
        pytest.param("He left. (Editor: Li Lei)", ("He left.", ("Li Lei",)), id="behind-prose"),
        pytest.param(f"He left. {PROMO}", ("He left.", ()), id="promo-behind-prose"),
        pytest.param(
            "The editor said: wait.", ("The editor said: wait.", ()), id="editor-in-a-sentence"
        ),
        pytest.param(
            "They follow the latest news.", ("They follow the latest news.", ()), id="follow"
        ),
        pytest.param("（任建民） stays", ("（任建民） stays", ()), id="full-width-stays"),
        pytest.param("", ("", ()), id="empty"),
    ],
)  # fmt: skip
def test_service_lines(line: str, expected: tuple[str, tuple[str, ...]]) -> None:
    assert editor_lines.without_service_lines(line) == expected


# --- Credits -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("caption", "expected"),
    [
        pytest.param("Wang Yi (R) in Seoul. (Xinhua/Wang Jingqiang)", "Xinhua/Wang Jingqiang",
                     id="agency"),
        pytest.param("A harbor. (Photo by Li Lei/Xinhua)", "Photo by Li Lei/Xinhua", id="photo"),
        pytest.param("A harbor. (People's Daily Online/Li Lei)", "People's Daily Online/Li Lei",
                     id="online"),
        pytest.param("(Video source: Kuaishou)", "Video source: Kuaishou", id="alone"),
        pytest.param("A harbor.（Xinhua/Li Lei）", "Xinhua/Li Lei", id="full-width"),
        pytest.param("A harbor. (Xinhua/Li Lei).", "Xinhua/Li Lei", id="full-stop"),
        pytest.param("A harbor. (Photo/Xinhua (Li))", "Photo/Xinhua (Li)", id="nested"),
        pytest.param("A harbor. (Xinhua/Li Lei", "Xinhua/Li Lei", id="no-closing-bracket"),
        pytest.param("Wang Yi (R) meets a guest in Seoul.", None, id="brackets-inside"),
        pytest.param("A harbor.", None, id="none"),
        pytest.param("A harbor. ()", None, id="empty-brackets"),
        pytest.param("", None, id="empty"),
    ],
)  # fmt: skip
def test_credit(caption: str, expected: str | None) -> None:
    assert picture_credits.credit(caption) == expected


@pytest.mark.parametrize(
    ("line", "credited", "signed"),
    [
        pytest.param("A harbor. (Xinhua/Li Lei)", True, False, id="agency-and-name"),
        pytest.param("A harbor. (Photo by Li Lei/Xinhua)", True, False, id="photo-by"),
        pytest.param("A harbor. (Photo/Xinhua)", True, False, id="photo"),
        pytest.param("A harbor. (Photo courtesy of the museum)", True, False, id="courtesy"),
        pytest.param("(Video source: Kuaishou)", True, False, id="video"),
        pytest.param("A harbor. (新华社/李雷)", True, False, id="chinese"),
        pytest.param("A harbor. (Xinhua)", False, True, id="agency-alone"),
        pytest.param("A harbor. (People’s Daily Online)", False, True, id="online-alone"),
        pytest.param("It costs 5 yuan (0.7 U.S. dollars)", False, False, id="sum"),
        pytest.param("the World Health Organization (WHO)", False, False, id="short-name"),
        pytest.param("A harbor in Heshan. Photo: Li Lei/GT", True, False, id="label"),
        pytest.param("A harbor in Heshan Photo: VCG", True, False, id="label-without-a-stop"),
        pytest.param("Illustration: Li Lei/GT", True, False, id="label-alone"),
        pytest.param("He showed a photo: it was old.", False, False, id="label-in-prose"),
        pytest.param("港口。摄影：张三", True, False, id="photographer-behind"),
        pytest.param("港口。人民视觉", True, False, id="library"),
        pytest.param("A harbor in Heshan. Photo: VCG (File)", True, False, id="label-and-aside"),
        pytest.param("Video: Li Lei meets villagers", False, False, id="headline-of-a-video"),
        pytest.param("Graphics: How the economy grew", False, False, id="headline-of-graphics"),
        pytest.param("Her show is called Family Photo: 100 years", False, False, id="title"),
        pytest.param("会上，签约企业包括百度、视觉中国。", False, False, id="agency-in-prose"),
        pytest.param("导演：张三，摄影：李四。", False, False, id="crew"),
        pytest.param("他们在桥上拍摄。", False, False, id="to-film"),
        pytest.param(
            "So he said. (Compiled by Li Lei. Photos by Ma Long)", False, False, id="colophon"
        ),
        pytest.param("A harbor.", False, False, id="none"),
        pytest.param("茶园。（图片由县委宣传部提供）", True, False, id="provided"),
        pytest.param("茶园。（本文由县委宣传部提供）", False, False, id="text-provided"),
        pytest.param("茶园。（数据由县委宣传部提供）", False, False, id="figures-provided"),
        pytest.param("茶园。（据新华社发）", False, False, id="text-of-an-agency"),
    ],
)
def test_credited_and_signed(line: str, credited: bool, signed: bool) -> None:
    assert (picture_credits.credited(line), picture_credits.signed(line)) == (credited, signed)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("□ 本报记者 葛小舟", ("葛小舟",)),
        ("本报记者 张三 李四", ("张三", "李四")),
        ("（作者：张三，系北京大学教授）", ("张三",)),
        ("（作者为北京大学教授）", ()),
        ("（作者系清华大学教授）", ()),
        ("（作者单位：北京大学国际关系学院）", ()),
        ("本报记者 近日", ()),
        ("本报记者从省水利厅获悉", ()),
        ("本报记者 从省水利厅获悉，大桥将于十月通车", ()),
        ("本报记者 张三", ("张三",)),
        ("经济日报记者 张三", ("张三",)),
        ("新华社记者张三、李四", ("张三", "李四")),
        ("作者：张三", ("张三",)),
        ("（作者：张三、李四，系北京大学教授）", ("张三", "李四")),
        ("文/张三 图/李四", ("张三",)),
        ("（文/图 本报记者 张三）", ("张三",)),
        ("（张三 文/图）", ("张三",)),
        ("（参与采写记者：张三）", ("张三",)),
        ("□ 本报记者 扎西", ("扎西",)),
        ("新华社记者 张三 摄", ()),
        ("新华社记者 张三摄", ()),
        ("新华社记者张三摄", ()),
        ("（新华社记者 张三 摄）", ()),
        ("图/李四", ()),
        ("记者：谢谢您", ()),
        ("记者获悉", ()),
        ("本报记者 走基层", ()),
        ("作者简介", ()),
        ("（文中记者均为化名）", ()),
        ("（本报记者 综合报道）", ()),
        ("图文：新华社", ()),
        ("摄影记者", ()),
        ("他当过记者、编辑、作家", ()),
        # Surnames that no list has, given names that end as outlets do.
        ("（本报记者亓玉昆）", ("亓玉昆",)),
        ("本报记者 亓玉昆 王文", ("亓玉昆", "王文")),
        ("（本报记者李知行）", ("李知行",)),
        ("（作者：李明，江南大学）", ("李明",)),
        # Whom a line is about.
        ("追记新华社记者李明", ()),
        ("对话作者梁晓声", ()),
        ("右为本报记者李明", ()),
        ("提问：路透社记者 张伟", ()),
        ("记者解读", ()),
        ("金融/文化", ()),
    ],
)
def test_signature(line: str, expected: tuple[str, ...]) -> None:
    assert signatures.signature(line) == expected


@pytest.mark.parametrize(
    ("paragraph", "expected"),
    [
        ("桥通车了。（记者 张三 通讯员 李四）", ("张三", "李四")),
        ("“桥通车了。” (记者张三)", ("张三",)),
        ("桥通车了。（作者：张三，系北京大学教授）", ("张三",)),
        ("桥通车了。（文/张三 图/李四）", ("张三",)),
        ("桥通车了。（新华社记者 张三 摄）", ()),
        ("桥通车了。（文中记者均为化名）", ()),
        ("桥通车了。（完）", ()),
        ("桥通车了。（据新华社）", ()),
        ("来人自称是本报驻村的（记者 张三）", ()),
        ("桥通车了（记者 张三）那天下了雨。", ()),
        ("（记者 张三）", ()),
    ],
)
def test_closing_signature(paragraph: str, expected: tuple[str, ...]) -> None:
    assert signatures.closing_signature(paragraph) == expected


@pytest.mark.parametrize(
    ("paragraph", "expected"),
    [
        ("新华社北京11月3日电（记者张三、李四）桥", ("张三", "李四")),
        ("中新社北京11月3日电 (张三 李四)桥", ("张三", "李四")),
        ("新华日报讯（记者 张三 通讯员 李四）桥", ("张三", "李四")),
        ("新华社北京11月3日电（记者张三 发自河山）桥", ("张三",)),
        ("中新社北京11月3日电（综述）桥", ()),
        ("中新社北京11月3日电（经济观察）桥", ()),
        ("他收到一封唁电（张三）", ()),
        ("桥通车了。", ()),
    ],
)
def test_wire_reporters(paragraph: str, expected: tuple[str, ...]) -> None:
    assert signatures.wire_reporters(paragraph) == expected


# --- Datelines ---------------------------------------------------------------------------------

NEW_YEAR = date(2023, 1, 1)


@pytest.mark.parametrize(
    ("paragraph", "published", "expected"),
    [
        pytest.param(
            "SEOUL, Nov. 26 (Xinhua) -- China is", date(2020, 11, 27),
            ("SEOUL", "2020-11-26", "Xinhua"), id="wire",
        ),
        pytest.param(
            "SEOUL, Nov. 26 (Xinhua) — China is", date(2020, 11, 27),
            ("SEOUL", "2020-11-26", "Xinhua"), id="em-dash",
        ),
        pytest.param(
            "SEOUL，Nov. 26（Xinhua）—— China is", date(2020, 11, 27),
            ("SEOUL", "2020-11-26", "Xinhua"), id="full-width",
        ),
        pytest.param(
            "SEOUL,\xa0Nov. 26\xa0(Xinhua) -- China is", date(2020, 11, 27),
            ("SEOUL", "2020-11-26", "Xinhua"), id="no-break-spaces",
        ),
        pytest.param(
            "BEIJING, Dec. 31 (Xinhua) -- x", NEW_YEAR, ("BEIJING", "2022-12-31", "Xinhua"),
            id="filed-last-year",
        ),
        pytest.param(
            "SYDNEY, Jan. 1 (Xinhua) -- x", date(2022, 12, 31), ("SYDNEY", "2023-01-01", "Xinhua"),
            id="filed-where-it-is-tomorrow",
        ),
        pytest.param(
            "BEIJING, Feb. 29 (Xinhua) -- x", date(2024, 3, 1), ("BEIJING", "2024-02-29", "Xinhua"),
            id="leap-day",
        ),
        pytest.param(
            "BEIJING, Dec. 31, 2019 (Xinhua) -- x", date(2023, 1, 1),
            ("BEIJING", "2019-12-31", "Xinhua"), id="year-printed",
        ),
        pytest.param(
            "ADDIS ABABA, Ethiopia, Sept. 3 (Xinhua) -- x", date(2021, 9, 4),
            ("ADDIS ABABA, Ethiopia", "2021-09-03", "Xinhua"), id="country",
        ),
        pytest.param(
            "XI'AN, June 5 (Xinhua) -- x", date(2023, 6, 5), ("XI'AN", "2023-06-05", "Xinhua"),
            id="apostrophe",
        ),
        pytest.param(
            "ST. PETERSBURG, May 3 (Xinhua) -- x", date(2023, 5, 3),
            ("ST. PETERSBURG", "2023-05-03", "Xinhua"), id="saint",
        ),
        pytest.param(
            "LANZHOU, June 5 -- x", date(2023, 6, 5), ("LANZHOU", "2023-06-05", None),
            id="no-agency",
        ),
        pytest.param(
            "LANZHOU (Xinhua) -- x", date(2023, 6, 5), ("LANZHOU", None, "Xinhua"), id="no-date"
        ),
        pytest.param(
            "Beijing (People's Daily) -- x", date(2023, 6, 5), ("Beijing", None, "People's Daily"),
            id="no-date-no-capitals",
        ),
        pytest.param(
            "人民网上海12月15日电 桥", date(2011, 12, 16), ("上海", "2011-12-15", "人民网"),
            id="chinese",
        ),
        pytest.param(
            "本报北京11月3日电 桥", date(2020, 11, 4), ("北京", "2020-11-03", "本报"),
            id="own-paper",
        ),
        pytest.param(
            "据新华社北京11月3日电（记者张三）桥", date(2020, 11, 4),
            ("北京", "2020-11-03", "新华社"), id="according-to",
        ),
        pytest.param(
            "中新网11月3日电 桥", date(2020, 11, 4), (None, "2020-11-03", "中新网"), id="no-place"
        ),
    ],
)  # fmt: skip
def test_dateline(
    paragraph: str, published: date, expected: tuple[str | None, str | None, str | None]
) -> None:
    found = dates.dateline(paragraph, published)
    assert found
    assert (found.place, found.day and found.day.isoformat(), found.agency) == expected


@pytest.mark.parametrize(
    "paragraph",
    [
        pytest.param("", id="empty"),
        pytest.param("China is ready to work with South Korea.", id="prose"),
        pytest.param("The Chinese leader -- a friend -- came.", id="dashes"),
        pytest.param("Li Lei (32) -- a farmer -- came.", id="age"),
        pytest.param("The summit (Nov. 26) was short.", id="brackets"),
        pytest.param("On Nov. 26, 2020, the two met -- again.", id="date-in-a-sentence"),
        pytest.param('"SEOUL, Nov. 26 (Xinhua) -- China is" was the start.', id="quoted"),
        pytest.param("It began: SEOUL, Nov. 26 (Xinhua) -- China is", id="told"),
        pytest.param("-- Nov. 26 (Xinhua)", id="no-place"),
        pytest.param("央视网消息：桥通车了。", id="news"),
        pytest.param("本报11月3日电话采访了桥长。", id="telephone"),
        pytest.param("11月3日电 桥通车了。", id="day-alone"),
        pytest.param("11月3日，河山的桥。新华社记者 张三 摄", id="chinese-caption"),
    ],
)
def test_no_dateline(paragraph: str) -> None:
    assert dates.dateline(paragraph, date(2020, 11, 27)) is None


@STEADY
@given(
    st.dates(date(2001, 1, 1), date(2029, 12, 31)),
    st.sampled_from([names[1] for names in NAMES]),
    st.integers(0, 32),
)
@example(date(2023, 3, 1), "Feb.", 29)
@example(date(2023, 12, 1), "Nov.", 31)
def test_dateline_never_invents_a_day(published: date, month: str, day: int) -> None:
    """Nothing printed means a day half a year from the story's own."""
    found = dates.dateline(f"SEOUL, {month} {day} (Xinhua) -- x", published)
    if found and found.day:
        assert found.day.day == day
        assert abs(found.day - published) <= timedelta(days=184)


@STEADY
@given(st.dates(date(2001, 1, 1), date(2029, 12, 31)), st.integers(0, 30))
def test_dateline_of_the_days_before_publication(published: date, before: int) -> None:
    filed = published - timedelta(days=before)
    found = dates.dateline(f"SEOUL, {filed:%B} {filed.day} (Xinhua) -- x", published)
    assert found
    assert found.day == filed
