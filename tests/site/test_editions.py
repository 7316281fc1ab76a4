"""The language editions: entries that hold together, and what their words and dates read."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, time

import pytest
from helpers.crawls import CrawlCommand
from helpers.page_cases import ARTICLES

from peoplesdaily.parsers.fields import bylines, dates, editor_lines
from peoplesdaily.parsers.fields.dates import Stamp
from peoplesdaily.replica.site import Reply, Site
from peoplesdaily.site import urls
from peoplesdaily.site.editions import CHINESE, EDITIONS, ENGLISH, HOSTS, Edition, of_host
from peoplesdaily.site.editions.other_languages import FOREIGN
from peoplesdaily.site.editions.patterns import patterns_of

BY_LANGUAGE = {edition.language: edition for edition in EDITIONS}
EVERY = pytest.mark.parametrize("edition", EDITIONS, ids=lambda edition: edition.language)
EVERY_FOREIGN = pytest.mark.parametrize("edition", FOREIGN, ids=lambda edition: edition.language)


def test_every_language_of_the_site_has_one_entry() -> None:
    assert len(BY_LANGUAGE) == len(EDITIONS)
    assert set(BY_LANGUAGE) >= {
        *("en", "zh", "fr", "ru", "ar", "es", "ja", "ko", "de", "pt", "sw", "it", "kk", "th"),
        *("ms", "el", "vi", "ur", "hi"),
    }


def test_no_host_is_of_two_editions() -> None:
    for edition in EDITIONS:
        for host in edition.hosts:
            assert HOSTS[host] is edition, host


@EVERY
def test_an_entry_is_well_formed(edition: Edition) -> None:
    assert re.fullmatch(r"[a-z]{2}(-[A-Z][a-z]{3})?", edition.language)
    assert edition.seen
    assert len(edition.calendar.months) in (0, 12)
    for name in edition.words.__slots__:
        for word in getattr(edition.words, name):
            if name != "agencies":
                assert re.compile(word).groups == 0, word
            assert unicodedata.is_normalized("NFC", word), word
    for names in edition.calendar.months:
        assert all(unicodedata.is_normalized("NFC", name) for name in names)
        assert all(name == name.lower() for name in names)
    # A form with a month's name needs the names.
    named = any("%B" in form for form in edition.calendar.days)
    assert not named or edition.calendar.months or edition.language == "ko"
    assert patterns_of(edition).edition is edition


@EVERY
def test_a_story_of_every_edition_has_its_address(edition: Edition) -> None:
    for host in edition.hosts:
        found = urls.article(f"https://{host}./n3/2022/0922/c31358-10150346-2.html?from=list")
        assert found
        assert found.edition is edition
        assert (found.id, found.page, found.day) == ("10150346", 2, date(2022, 9, 22))
        kept = host not in edition.aliases
        assert found.story_url == (
            f"http://{host if kept else edition.host}/n3/2022/0922/c31358-10150346.html"
        )
        assert urls.canonical(found.story_url) == found.story_url


def test_channels_are_chinese_and_other_sites_are_nobodys() -> None:
    assert of_host("politics.people.com.cn") is CHINESE
    assert of_host("js.people.com.cn.") is CHINESE
    assert of_host("en.people.cn") is ENGLISH
    assert of_host("people.com.cn.example.com") is None


def test_a_directory_before_the_path_is_kept_but_on_english_hosts() -> None:
    path = "/n3/2026/0702/c96852-20473397.html"
    french = urls.article(f"http://french.peopledaily.com.cn/Afrique{path}")
    english = urls.article(f"http://en.people.cn/business{path}")
    glued = urls.article(f"http://french.peopledaily.com.cn/31355/{path}")
    assert french and english and glued
    assert french.story_url == f"http://french.peopledaily.com.cn/Afrique{path}"
    assert french.page_url(2).endswith("/Afrique/n3/2026/0702/c96852-20473397-2.html")
    assert english.story_url == f"http://en.people.cn{path}"
    assert glued.story_url == f"http://french.peopledaily.com.cn{path}"


AT = Stamp(date(2022, 9, 22), time(9, 39))
DAY = Stamp(date(2022, 9, 22))
# By language: a date line as its byline may print it, and what it says.
DATES = (
    # Seen on text copies of pages of the edition, with another date.
    ("es", "2022:09:22.09:39", AT),
    ("ar", "2022:09:22.09:39", AT),
    ("ar", "2022:09:22.09:39:25", AT),
    ("pt", "22.09.2022 09h39", AT),
    ("ja", "2022年09月22日09:39", AT),
    ("ko", "09:39, September 22, 2022", AT),
    ("de", "Donnerstag, 22. September 2022", DAY),
    ("de", "22/09/2022 09:39", AT),
    # The languages' own forms.
    ("fr", "22 septembre 2022 à 09h39", AT),
    ("fr", "jeudi 22 septembre 2022", DAY),
    ("fr", "09:39, 22 sept. 2022", AT),
    ("ru", "09:39, 22 сентября 2022", AT),
    ("ru", "09:39.22/09/2022", AT),
    ("ru", "22.09.2022 в 09:39", AT),
    ("es", "22 de septiembre de 2022, a las 09:39", AT),
    ("pt", "quinta-feira, 22 de setembro de 2022 às 09h39", AT),
    ("it", "giovedì 22 settembre 2022, ore 09.39", AT),
    ("sw", "09:39 22 Septemba 2022", AT),
    ("el", "09:39, 22 Σεπτεμβρίου 2022", AT),
    ("el", "Πέμπτη 22 Σεπτεμβρίου 2022, 09:39", AT),
    ("kk", "2022 жылғы 22 қыркүйек 09:39", AT),
    ("th", "09:39 22 กันยายน 2022", AT),
    ("ms", "Khamis, 22 September 2022 09:39", AT),
    ("vi", "09:39, ngày 22 tháng 9 năm 2022", AT),
    ("ur", "22 ستمبر 2022 09:39", AT),
    ("hi", "22 सितंबर 2022 09:39", AT),
    ("ko", "2022년 9월 22일 09시 39분", AT),
    ("ja", "2022年9月22日 9時39分", AT),
    ("bo", "2022年09月22日09:39", AT),
    ("ug", "2022-09-22 09:39", AT),
)


@pytest.mark.parametrize(("language", "line", "stamp"), DATES)
def test_date_of_an_edition(language: str, line: str, stamp: Stamp) -> None:
    edition = BY_LANGUAGE[language]
    assert dates.stamps(line, edition) == [stamp]
    assert dates.without_stamps(line, edition).strip(" ,.") == ""


@EVERY_FOREIGN
@pytest.mark.parametrize(
    "line",
    [
        *("09:39 22/09/2022", "22.09.2022 09:39", "2022年09月22日09:39", "2022-09-22 09:39"),
        *("09:39, 22 September 2022", "09:39, September 22, 2022"),
    ],
)
def test_forms_that_the_cms_may_print_anywhere(edition: Edition, line: str) -> None:
    assert dates.stamps(line, edition) == [AT]


@EVERY_FOREIGN
@pytest.mark.parametrize("line", ["09:39 22/13/2022", "31.02.2022", "22 2022", "2565-09-22"])
def test_what_is_no_date_is_not_guessed(edition: Edition, line: str) -> None:
    assert dates.stamps(line, edition) == []


def test_every_name_of_a_month_is_read() -> None:
    for edition in FOREIGN:
        for number, names in enumerate(edition.calendar.months, start=1):
            for name in names:
                read = dates.stamps(f"7 {name} 2022, 09:39", edition)
                assert read == [Stamp(date(2022, number, 7), time(9, 39))], (edition.language, name)


# A byline, what it says: source, writers.
BYLINES = (
    ("fr", "Par Ma Ning et Li Wei (Xinhua) 02.07.2026 à 09h39", "Xinhua", ("Ma Ning", "Li Wei")),
    ("ru", "Источник: Синьхуа 09:39, 22 сентября 2022", "Синьхуа", ()),
    ("es", "Pueblo en Línea  2018:06:15.16:13", "Pueblo en Línea", ()),
    ("es", "Por Ana Ruiz y Li Wei (Xinhua) 15/06/2018 16:13", "Xinhua", ("Ana Ruiz", "Li Wei")),
    ("pt", "Fonte: Diário do Povo Online  15.06.2018 15h20", "Diário do Povo Online", ()),
    ("ar", "2021:03:25.08:53    حجم الخط    اطبع", None, ()),
    ("ar", "المصدر: شينخوا 2021:03:25.08:53", "شينخوا", ()),
    ("ja", "人民網日本語版 2016年08月08日13:20", "人民網日本語版", ()),
    ("ko", "출처: 신화망 12:10, October 17, 2019", "신화망", ()),
    ("de", "(German.people.cn) Sonntag, 26. April 2020", "German.people.cn", ()),
    ("it", "Fonte: Xinhua 22/09/2022 09:39", "Xinhua", ()),
    ("el", "Xinhua) 09:39, 22 Σεπτεμβρίου 2022", "Xinhua", ()),
)


@pytest.mark.parametrize(("language", "line", "source", "authors"), BYLINES)
def test_byline_of_an_edition(
    language: str, line: str, source: str | None, authors: tuple[str, ...]
) -> None:
    found = bylines.byline(line, None, BY_LANGUAGE[language])
    assert (found.source, found.authors) == (source, authors)
    assert found.published
    assert bylines.is_byline(line, BY_LANGUAGE[language])


def test_by_is_an_english_word() -> None:
    line = "By Ma Ning (Xinhua) 22/09/2022 09:39"
    assert bylines.byline(line).authors == ("Ma Ning",)
    assert bylines.byline(line, None, BY_LANGUAGE["fr"]).authors == ("By Ma Ning",)
    assert dates.stamps("09:39, 22 septembre 2022") == []


EDITOR_LINES = (
    ("fr", "(Rédacteurs : Yin Gao, Yishuang Liu)", ("Yin Gao", "Yishuang Liu")),
    ("ru", "(Редактор: Дэн Цзе、Ян Цянь)", ("Дэн Цзе", "Ян Цянь")),
    ("es", "(Web editor: 孙洁, Rocío Huang)", ("孙洁", "Rocío Huang")),
    ("ja", "（編集NA）", ("NA",)),
    ("ja", "（編集：王珊）", ("王珊",)),
    ("ko", "(Web editor: 李正, 王秋雨)", ("李正", "王秋雨")),
    ("ar", "(المحرر: وانغ، لي)", ("وانغ", "لي")),
    ("bo", "(责编：措姆、扎西)", ("措姆", "扎西")),
)


@pytest.mark.parametrize(("language", "line", "editors"), EDITOR_LINES)
def test_editor_line_of_an_edition(language: str, line: str, editors: tuple[str, ...]) -> None:
    edition = BY_LANGUAGE[language]
    assert editor_lines.editors(line, edition) == editors
    assert editor_lines.without_service_lines(line, edition) == ("", editors)


def test_a_sentence_about_an_editor_stays() -> None:
    for language, line in (
        ("ja", "彼は編集長になった。"),
        ("fr", "Le rédacteur en chef a souri."),
        ("ko", "그는 편집자로 일했다."),
    ):
        assert editor_lines.without_service_lines(line, BY_LANGUAGE[language]) == (line, ())


def test_crawl_of_stories_in_several_languages(crawl: CrawlCommand, site: Site) -> None:
    slugs = ("fr-directory-before-path", "el-wide-box", "ko-english-date-origin-line")
    cases = [case for case in ARTICLES if case.folder.name in slugs]
    assert len(cases) == len(slugs)
    for case in cases:
        site.overrides[case.url] = Reply(200, {}, (case.folder / "page.html").read_bytes())
    done = crawl("article", "-a", "url=" + ",".join(case.url for case in cases))

    assert done.code == 0, done.log
    records = {record["id"]: record for record in done.records}
    for case in cases:
        gold = case.json("gold.json")
        assert {name: records[gold["id"]][name] for name in gold} == gold
