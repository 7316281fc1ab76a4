"""The site's address grammar, form by form."""

from __future__ import annotations

from datetime import date

import pytest
from helpers.page_cases import STEADY
from hypothesis import example, given
from hypothesis import strategies as st

from peoplesdaily.site import urls
from peoplesdaily.site.editions import ENGLISH

EN = "http://en.people.cn"
STORY = f"{EN}/n3/2020/1127/c90000-9793058.html"

# Address as met, then: id, channel, day, page, canonical address of the first page.
ARTICLES = {
    "2000": (
        "/english/200012/03/eng20001203_56806.html",
        ("56806", None, date(2000, 12, 3), 1, "/english/200012/03/eng20001203_56806.html"),
    ),
    "2003-shtml": (
        "/200304/20/eng20030420_115509.shtml",
        ("115509", None, date(2003, 4, 20), 1, "/200304/20/eng20030420_115509.shtml"),
    ),
    "2004": (
        "/200412/27/eng20041227_168857.html",
        ("168857", None, date(2004, 12, 27), 1, "/200412/27/eng20041227_168857.html"),
    ),
    "2008": (
        "/90001/90782/6435851.html",
        ("6435851", "90782", None, 1, "/90001/90782/6435851.html"),
    ),
    "2010-sub-channel": (
        "/90001/90776/90882/7066554.html",
        ("7066554", "90882", None, 1, "/90001/90776/90882/7066554.html"),
    ),
    "2011": ("/90786/7571411.html", ("7571411", "90786", None, 1, "/90786/7571411.html")),
    "2012-long-channel": (
        "/90780/202983/8294968.html",
        ("8294968", "202983", None, 1, "/90780/202983/8294968.html"),
    ),
    "2014": (
        "/n/2014/0912/c90882-8782115.html",
        ("8782115", "90882", date(2014, 9, 12), 1, "/n/2014/0912/c90882-8782115.html"),
    ),
    "2015-page-5": (
        "/n/2015/0818/c90882-8937797-5.html",
        ("8937797", "90882", date(2015, 8, 18), 5, "/n/2015/0818/c90882-8937797.html"),
    ),
    "2016": (
        "/n3/2016/0908/c90883-9112197.html",
        ("9112197", "90883", date(2016, 9, 8), 1, "/n3/2016/0908/c90883-9112197.html"),
    ),
    "2026-eight-digits": (
        "/n3/2026/0910/c90000-20497977.html",
        ("20497977", "90000", date(2026, 9, 10), 1, "/n3/2026/0910/c90000-20497977.html"),
    ),
    "eight-digits-page-12": (
        "/n3/2026/0910/c90000-20497977-12.html",
        ("20497977", "90000", date(2026, 9, 10), 12, "/n3/2026/0910/c90000-20497977.html"),
    ),
    "page-1-spelt-out": (
        "/n3/2020/1127/c90000-9793058-1.html",
        ("9793058", "90000", date(2020, 11, 27), 1, "/n3/2020/1127/c90000-9793058.html"),
    ),
    "glued": (
        "//n3/2020/1127/c90000-9793058.html",
        ("9793058", "90000", date(2020, 11, 27), 1, "/n3/2020/1127/c90000-9793058.html"),
    ),
    "glued-behind-a-section": (
        "/90777//n3/2020/1127/c90000-9793058.html",
        ("9793058", "90000", date(2020, 11, 27), 1, "/n3/2020/1127/c90000-9793058.html"),
    ),
    "glued-old-address": (
        "/90777//90786/7571411.html",
        ("7571411", "90786", None, 1, "/90786/7571411.html"),
    ),
    # A calendar has no such day; the story may still answer.
    "impossible-day": (
        "/n3/2022/0230/c90000-10199999.html",
        ("10199999", "90000", None, 1, "/n3/2022/0230/c90000-10199999.html"),
    ),
    "impossible-month": (
        "/200413/27/eng20041327_168857.html",
        ("168857", None, None, 1, "/200413/27/eng20041327_168857.html"),
    ),
}


@pytest.mark.parametrize(("path", "expected"), ARTICLES.values(), ids=ARTICLES)
def test_article_address(path: str, expected: tuple[object, ...]) -> None:
    found = urls.article(EN + path)
    assert found
    *parts, story_path = expected
    assert [found.id, found.channel, found.day, found.page] == parts
    assert found.story_url == f"{EN}{story_path}"
    assert found.edition is ENGLISH


@pytest.mark.parametrize("path", [path for path, _ in ARTICLES.values()], ids=list(ARTICLES))
def test_story_address_leads_to_the_same_story(path: str) -> None:
    found = urls.article(EN + path)
    assert found
    first = urls.article(found.story_url)
    assert first
    assert (first.id, first.page, first.story_url) == (found.id, 1, found.story_url)
    assert urls.article(found.url) == found


SPELLINGS = {
    "https": "https://en.people.cn/n3/2020/1127/c90000-9793058.html",
    "trailing-dot": "http://en.people.cn./n3/2020/1127/c90000-9793058.html",
    "trailing-dot-and-port": "http://en.people.cn.:80/n3/2020/1127/c90000-9793058.html",
    "port": "http://en.people.cn:80/n3/2020/1127/c90000-9793058.html",
    "tls-port": "https://en.people.cn:443/n3/2020/1127/c90000-9793058.html",
    "capital-host": "http://EN.People.CN/n3/2020/1127/c90000-9793058.html",
    "capital-scheme": "HTTP://en.people.cn/n3/2020/1127/c90000-9793058.html",
    "com": "http://english.people.com.cn/n3/2020/1127/c90000-9793058.html",
    "cn": "http://english.people.cn/n3/2020/1127/c90000-9793058.html",
    "oldest": "http://english.peopledaily.com.cn/n3/2020/1127/c90000-9793058.html",
    "fragment": "http://en.people.cn/n3/2020/1127/c90000-9793058.html#fy01",
    "query": "http://en.people.cn/n3/2020/1127/c90000-9793058.html?spm=nav&page=2",
    "empty-query": "http://en.people.cn/n3/2020/1127/c90000-9793058.html?",
    "blanks-around": "  http://en.people.cn/n3/2020/1127/c90000-9793058.html\n",
    "user": "http://reader@en.people.cn/n3/2020/1127/c90000-9793058.html",
}


@pytest.mark.parametrize("url", SPELLINGS.values(), ids=SPELLINGS)
def test_spelling_of_one_address(url: str) -> None:
    found = urls.article(url)
    assert found
    assert found.id == "9793058"
    assert found.story_url == found.url == urls.canonical(url) == STORY


def test_one_story_under_two_channels() -> None:
    here = urls.article(f"{EN}/n3/2021/0901/c90000-9890769.html")
    there = urls.article(f"{EN}/n3/2021/0901/c90785-9890769.html")
    assert here and there
    assert here.id == there.id
    assert here.story_url != there.story_url


def test_pages_have_addresses_of_their_own() -> None:
    fifth = urls.article(f"{EN}/n/2015/0818/c90882-8937797-5.html#top")
    assert fifth
    assert fifth.url == f"{EN}/n/2015/0818/c90882-8937797-5.html"
    assert fifth.page_url(1) == fifth.story_url == f"{EN}/n/2015/0818/c90882-8937797.html"
    assert urls.canonical(fifth.page_url(2)) == f"{EN}/n/2015/0818/c90882-8937797-2.html"


NO_ARTICLES = {
    "copy-site": "http://sn-sn.com/Culture/n3/2021/0901/c31358-9890730.html",
    "copy-site-page": "http://nbhuajunkj.com/n3/2016/0903/c31516-9109900-5.html",
    "host-in-path": "http://example.com/http://en.people.cn/n3/2020/1127/c90000-9793058.html",
    "host-as-prefix": "http://en.people.cn.example.com/n3/2020/1127/c90000-9793058.html",
    "host-as-suffix": "http://notpeople.cn/n3/2020/1127/c90000-9793058.html",
    "host-as-user": "http://en.people.cn@example.com/n3/2020/1127/c90000-9793058.html",
    "about": f"{EN}/n3/2019/0823/c90000-9716018.html",
    "about-old-host": "https://english.people.com.cn/n3/2019/0823/c90000-9716018.html?a=1",
    "services": f"{EN}/102840/8347260.html",
    "home": f"{EN}/",
    "list": f"{EN}/90777/index.html",
    "list-page": f"{EN}/90777/index2.html",
    "special-list": f"{EN}/102775/415688/index.html",
    "review": f"{EN}/review/20180304.html",
    "zhuanti": f"{EN}/zhuanti/Zhuanti_249.shtml",
    "letter": f"{EN}/reader/letter/letter_2709.html",
    "constitution": f"{EN}/constitution/constitution.html",
    "photo-day": f"{EN}/200202/05/photo.html",
    "picture": f"{EN}/NMediaFile/2014/0829/FOREIGN201408291000001234.jpg",
    "no-id": f"{EN}/n3/2020/1127/c90000-.html",
    "not-html": f"{EN}/n3/2020/1127/c90000-9793058.pdf",
    "in-a-query": f"{EN}/?to=/n3/2020/1127/c90000-9793058.html",
    "in-a-fragment": f"{EN}/#/n3/2020/1127/c90000-9793058.html",
    # Digits to Python's eye; an id made of them is none to anyone else.
    "full-width-id": f"{EN}/n3/2020/1127/c90000-９７９３０５８.html",
    "full-width-old-id": f"{EN}/90786/７５７１４１１.html",
    "mail": "mailto:editor@en.people.cn",
    "script": "javascript:void(0)",
    "ftp": "ftp://en.people.cn/n3/2020/1127/c90000-9793058.html",
    "file": "file:///n3/2020/1127/c90000-9793058.html",
    "relative": "/n3/2020/1127/c90000-9793058.html",
    "empty": "",
    "blank": " \n",
    "words": "not an address",
    "open-bracket": "http://[en.people.cn/n3/2020/1127/c90000-9793058.html",
    "port-of-letters": "http://en.people.cn:eighty/n3/2020/1127/c90000-9793058.html",
    "port-out-of-range": "http://en.people.cn:99999/n3/2020/1127/c90000-9793058.html",
    "no-host": "http:///n3/2020/1127/c90000-9793058.html",
    "dots-alone": "http://.../n3/2020/1127/c90000-9793058.html",
}


@pytest.mark.parametrize("url", NO_ARTICLES.values(), ids=NO_ARTICLES)
def test_no_article_address(url: str) -> None:
    assert urls.article(url) is None


@pytest.mark.parametrize(
    "url",
    [
        pytest.param(NO_ARTICLES[name], id=name)
        for name in (
            *("copy-site", "host-in-path", "host-as-prefix", "host-as-suffix"),
            *("host-as-user", "mail", "script", "ftp", "file", "relative", "empty", "words"),
            *("open-bracket", "port-of-letters", "port-out-of-range", "no-host", "dots-alone"),
        )
    ],
)
def test_nothing_of_another_site_is_canonical(url: str) -> None:
    assert urls.canonical(url) is None
    assert urls.listing(url) is None
    assert urls.edition(url) is None


LISTS = {
    "index": ("/90777/index.html", "/90777", 1),
    "index1": ("/90777/index1.html", "/90777", 1),
    "directory": ("/90777/", "/90777", 1),
    "directory-bare": ("/90777", "/90777", 1),
    "second": ("/90777/index2.html", "/90777", 2),
    "far": ("/202936/index84.html", "/202936", 84),
    "by-name": ("/business/index.html", "/business", 1),
    "special": ("/102775/415688/index.html", "/102775/415688", 1),
    "special-deep": ("/102775/416110/416148/index3.html", "/102775/416110/416148", 3),
    "columnist": ("/90780/202983/416063/index.html", "/90780/202983/416063", 1),
    "fragment": ("/90777/index2.html#fy01", "/90777", 2),
    "query": ("/90777/index2.html?spm=nav", "/90777", 2),
    "doubled-slash": ("//90777//index2.html", "/90777", 2),
    "home": ("/", "", 1),
    "home-bare": ("", "", 1),
    "home-index": ("/index.html", "", 1),
    "home-index1": ("/index1.html", "", 1),
}


@pytest.mark.parametrize(("path", "directory", "number"), LISTS.values(), ids=LISTS)
@pytest.mark.parametrize("site", [EN, "https://english.people.com.cn", "http://en.people.cn.:80"])
def test_list_address(site: str, path: str, directory: str, number: int) -> None:
    found = urls.listing(site + path)
    assert found
    assert (found.directory, found.number) == (directory, number)
    name = f"index{number}.html" if number > 1 else "index.html"
    address = f"{EN}{directory}/{name}" if directory or number > 1 else f"{EN}/"
    assert found.url == urls.canonical(site + path) == address
    assert found.page_url(7) == f"{EN}{directory}/index7.html"


@pytest.mark.parametrize(
    "path",
    ["/n3/2020/1127/c90000-9793058.html", "/review/20180304.html", "/90777/list.html", "/a.jpg"],
)
def test_no_list_address(path: str) -> None:
    assert urls.listing(EN + path) is None


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        pytest.param("/review/20180304.html", "/review/20180304.html", id="other-page"),
        pytest.param("//review//x.html#top", "/review/x.html", id="glue-and-fragment"),
        pytest.param("/search.do?keyword=a&b=c", "/search.do?keyword=a&b=c", id="query-stays"),
    ],
)
def test_other_pages_of_the_site_keep_their_query(url: str, expected: str) -> None:
    assert urls.canonical(f"https://english.people.com.cn{url}") == f"{EN}{expected}"


@pytest.mark.parametrize(
    ("href", "expected"),
    [
        pytest.param("/n3/2020/1127/c90000-9793058.html", STORY, id="root"),
        pytest.param("//n3/2020/1127/c90000-9793058.html", STORY, id="glued"),
        pytest.param("///n3/2020/1127/c90000-9793058.html", STORY, id="glued-twice"),
        pytest.param(" /n3/2020/1127/\nc90000-9793058.html\t", STORY, id="broken-over-lines"),
        pytest.param("//en.people.cn/n3/2020/1127/c90000-9793058.html", STORY, id="any-scheme"),
        pytest.param("index2.html#fy01", f"{EN}/90777/index2.html#fy01", id="beside"),
        pytest.param("../a.html", f"{EN}/a.html", id="above"),
        pytest.param("https://x.com/PDChina", "https://x.com/PDChina", id="elsewhere"),
        pytest.param("javascript:void(0)", None, id="script"),
        pytest.param("mailto:a@b.cn", None, id="mail"),
        pytest.param("tel:123", None, id="telephone"),
        pytest.param("http://[", None, id="broken"),
        pytest.param("", None, id="empty"),
        pytest.param(None, None, id="none"),
    ],
)
def test_join(href: str | None, expected: str | None) -> None:
    assert urls.join(f"{EN}/90777/index.html", href) == expected


# --- Spellings by the thousand -----------------------------------------------------------------

HOSTS = ("en.people.cn", "english.people.com.cn", "english.people.cn", "english.peopledaily.com.cn")
DAYS = st.dates(date(2000, 1, 1), date(2030, 12, 31))
IDS = st.integers(1, 99_999_999)
CHANNELS = st.integers(10_000, 999_999)


@st.composite
def stories(draw: st.DrawFn) -> tuple[str, str]:
    """The id of a story and its path without ``.html``."""
    day, channel = draw(DAYS), draw(CHANNELS)
    id_ = draw(IDS)
    form = draw(st.sampled_from(["n", "n3", "channel", "root", "early"]))
    if form in ("n", "n3"):
        return str(id_), f"{form}/{day:%Y/%m%d}/c{channel}-{id_}"
    if form == "early":
        return str(id_), f"{day:%Y%m/%d}/eng{day:%Y%m%d}_{id_}"
    id_ = 1_000_000 + id_ % 9_000_000
    return str(id_), f"{'90001/' if form == 'root' else ''}{channel}/{id_}"


@st.composite
def spellings(draw: st.DrawFn, path: str) -> str:
    """One of the addresses under which a story's page is met."""
    host = draw(st.sampled_from(HOSTS))
    host = host.upper() if draw(st.booleans()) else host
    # Of early addresses no second pages are known.
    later = "" if "/eng" in path else draw(st.sampled_from(["", "-1", "-2", "-15"]))
    return "".join(
        (
            draw(st.sampled_from(["http", "https", "HTTP"])),
            "://",
            host + draw(st.sampled_from(["", "."])),
            draw(st.sampled_from(["", ":80", ":443", ":8080"])),
            draw(st.sampled_from(["/", "//", "///", "/90777//"])),
            f"{path}{later}.html",
            draw(st.sampled_from(["", "?", "?spm=nav", "?to=/n3/2020/1127/c1-1.html"])),
            draw(st.sampled_from(["", "#", "#fy01", "#/90777/7571411.html"])),
        )
    )


@STEADY
@given(st.data())
def test_every_spelling_is_the_same_story(data: st.DataObject) -> None:
    id_, path = data.draw(stories())
    plain = urls.article(f"{EN}/{path}.html")
    if id_ in ENGLISH.not_articles:
        assert plain is None
        return
    assert plain
    spelling = data.draw(spellings(path))
    found = urls.article(spelling)
    assert found, spelling
    assert (found.id, found.story_url) == (id_, plain.story_url) == (plain.id, f"{EN}/{path}.html")


@STEADY
@given(st.data())
def test_canonical_is_canonical(data: st.DataObject) -> None:
    _, path = data.draw(stories())
    once = urls.canonical(data.draw(spellings(path)))
    assert once
    assert urls.canonical(once) == once


REST = st.text(st.sampled_from("/.:?#%@-_ index.html0123456789c\t\u3000é"), max_size=40)


@STEADY
@given(st.sampled_from(HOSTS), REST)
@example("en.people.cn", "/a ?")
@example("en.people.cn", "/index0.html")
@example("en.people.cn", "/90777/index00002.html")
@example("en.people.cn", "/a//?b#c")
@example("en.people.cn", "/0/0000000.html")
def test_canonical_of_anything_is_canonical(host: str, rest: str) -> None:
    once = urls.canonical(f"http://{host}{rest}")
    if once is not None:
        assert urls.canonical(once) == once
        assert once.startswith(f"{EN}/")
        assert "#" not in once


@STEADY
@given(st.text(st.characters()))
def test_garbage_is_no_address(text: str) -> None:
    assert urls.article(text) is None
    assert urls.canonical(text) is None
    joined = urls.join(f"{EN}/90777/index.html", text)
    assert joined is None or joined.startswith(("http://", "https://"))
