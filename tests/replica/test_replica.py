"""The replica: same arguments, same bytes; every address answers; pages print their facts."""

from __future__ import annotations

import dataclasses
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import date
from pathlib import Path
from typing import get_args
from urllib.parse import urljoin, urlsplit

import pytest
from parsel import Selector
from scrapy.cmdline import execute
from scrapy.settings import Settings

from peoplesdaily.items import Article
from peoplesdaily.replica.content import DIRECTORIES, FRONT_PAGE, Catalogue
from peoplesdaily.replica.server import Server
from peoplesdaily.replica.site import Reply, Request, Site
from peoplesdaily.replica.story import Byline, CaptionStyle, Picture, Promo, Prose, tidy
from peoplesdaily.replica.writer import DETAILS, FIGURES, FORMS
from peoplesdaily.site.sections import SECTIONS

ROOT = Path(__file__).parents[2]
HOST = "en.people.cn"


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return Catalogue()


@pytest.fixture(scope="module")
def site(catalogue: Catalogue) -> Site:
    return Site(catalogue)


@pytest.fixture(scope="module")
def server(site: Site) -> Iterator[Server]:
    with Server(site) as running:
        yield running


def get(site: Site, target: str, **headers: str) -> Reply:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return site.respond("GET", HOST, target, named)


def listed_urls(site: Site, section: str) -> list[str]:
    """Addresses in a list's own element, page after page by its pager."""
    pages, seen = [f"http://{HOST}/{DIRECTORIES[section]}/index.html"], []
    for url in pages:
        page = Selector(get(site, url).body.decode())
        lists = "ul.foreign_list8 li > a, ul.foreign_list7 li > a, .d2_17 h3 a, .pic_list li p a"
        seen += [urljoin(url, href) for href in page.css(lists).xpath("@href").getall()]
        following = page.xpath("//a[.='下一页' or .='Next']/@href").get()
        if following:
            pages.append(urljoin(url, following))
    return seen


def story_id(url: str) -> str:
    found = re.search(r"c\d+-(\d+)\.html", url)
    assert found, url
    return found[1]


# The catalogue


@pytest.mark.parametrize("change", [{}, {"page_bytes": 30_000}, {"today": date(2025, 3, 1)}])
def test_equal_arguments_give_equal_bytes(change: dict[str, object]) -> None:
    one, two = (Site(Catalogue(60, **change)) for _ in range(2))  # type: ignore[arg-type]
    assert list(one.paths()) == list(two.paths())
    assert all(get(one, path) == get(two, path) for path in one.paths())


def test_pages_do_not_depend_on_what_was_asked_before() -> None:
    one, two = Site(Catalogue(60)), Site(Catalogue(60))
    paths = list(one.paths())
    backwards = [get(two, path) for path in reversed(paths)]
    assert [get(one, path) for path in paths] == backwards[::-1]


def test_another_seed_gives_other_stories() -> None:
    assert Catalogue(60).ids != Catalogue(60, seed=2).ids


@pytest.mark.parametrize("size", [1, 2, 30, 5000])
def test_any_size(size: int) -> None:
    catalogue = Catalogue(size)
    assert len(catalogue) == len(set(catalogue.ids)) == size
    assert set(catalogue.ids) == {n for name in DIRECTORIES for n in catalogue.lists(name)}
    assert get(Site(catalogue), "/").status == 200


@pytest.mark.parametrize(
    "wrong", [{"articles": 0}, {"articles": 10**6}, {"today": date(2020, 1, 1)}, {"page_bytes": 0}]
)
def test_impossible_catalogues_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"must (not )?be"):
        Catalogue(**wrong)  # type: ignore[arg-type]


def test_ids_rise_with_time_as_the_publisher_s_do(catalogue: Catalogue) -> None:
    numbers = [int(number) for number in catalogue.ids]
    times = [catalogue.published_at(number) for number in catalogue.ids]
    assert numbers == sorted(numbers, reverse=True)
    assert times == sorted(times, reverse=True)
    assert times[0].date() == date(2026, 11, 23)
    for number, time in zip(catalogue.ids, times, strict=True):
        story = catalogue.story(number)
        assert story.template == ("2013" if time.year <= 2020 else "2021")
        assert story.path.startswith("/n/" if time.year < 2016 else "/n3/")
        assert f"/{time:%Y}/{time:%m%d}/" in story.path
        if time.year >= 2024:
            assert len(number) == 8
        if time.year < 2022:
            assert len(number) == 7


def test_lists_are_nearly_in_order_and_end_with_old_stories(catalogue: Catalogue) -> None:
    swapped = 0
    for name in DIRECTORIES:
        numbers = [int(number) for number in catalogue.lists(name)]
        ranks = [sorted(numbers, reverse=True).index(number) for number in numbers]
        assert all(abs(rank - at) <= 1 for at, rank in enumerate(ranks))
        swapped += sum(rank != at for at, rank in enumerate(ranks))
        assert catalogue.story(catalogue.lists(name)[-1]).template == "2013"
    assert swapped > 10


def test_every_variant_appears_in_300_stories() -> None:
    catalogue = Catalogue(300)
    stories = [catalogue.story(number) for number in catalogue.ids]
    for template in ("2021", "2013"):
        present = {
            trait for story in stories if story.template == template for trait in story.traits
        }
        assert {f"form:{form}" for form in FORMS} <= present
        assert {f"figure:{figure}" for figure in FIGURES} <= present
        assert {f"detail:{detail}" for detail in DETAILS} <= present
        assert {"updated", "subtitle", "dateline", "no body", "chinese editor"} <= present
        assert {"editor:none", "editor:Editor:", "editor:Web editor:"} <= present
        bylines = set(get_args(Byline)) - {"author_line" if template == "2021" else "app"}
        assert {f"byline:{byline}" for byline in bylines} <= present
    every = {trait for story in stories for trait in story.traits}
    assert {f"promo:{promo}" for promo in get_args(Promo)} <= every
    assert {"layout:title_id", "layout:column", "layout:wide", "kicker"} <= every
    assert {story.pages for story in stories} == {1, 2, 3, 4, 5}
    styles = {b.style for story in stories for b in story.blocks() if isinstance(b, Picture)}
    assert styles == set(get_args(CaptionStyle))
    assert any(
        story.dateline
        and story.dateline.date
        and story.dateline.date[:4] != str(story.published_at.year)
        for story in stories
    )


def test_about_eight_percent_stand_in_two_lists(catalogue: Catalogue) -> None:
    times = Counter(number for name in DIRECTORIES for number in catalogue.lists(name))
    twice = [number for number, count in times.items() if count == 2]
    assert set(times.values()) == {1, 2}
    assert 0.05 < len(twice) / len(catalogue) < 0.11
    for number in twice:
        lists = {name for name in DIRECTORIES if number in catalogue.lists(name)}
        assert lists == set(catalogue.story(number).sections) - {"home"}


def test_only_reposts_share_their_text() -> None:
    catalogue = Catalogue(1000)
    by_text: dict[str, list[str]] = {}
    for number in catalogue.ids:
        by_text.setdefault(catalogue.story(number).content_hash, []).append(number)
    pairs = sorted(numbers for numbers in by_text.values() if len(numbers) > 1)
    assert pairs == sorted([newer, older] for newer, older in catalogue.reposts.items())
    assert 15 <= len(pairs) <= 20
    for newer, older in pairs:
        one, other = catalogue.story(newer), catalogue.story(older)
        (section,) = set(one.sections) & set(other.sections) - {"home"}
        listed = catalogue.lists(section)
        assert listed.index(newer) < listed.index(older)
        assert older in catalogue.expected_ids(section)
        assert newer not in catalogue.expected_ids(section)


# Records


def test_records_keep_the_contract(catalogue: Catalogue) -> None:
    fields = [field.name for field in dataclasses.fields(Article)]
    left_out = {"section", "sections", "crawled_at"}
    for number in catalogue.ids:
        record = catalogue.story(number).record()
        assert list(record) == [name for name in fields if name not in left_out]
        texts = [value for value in record.values() if isinstance(value, str)]
        texts += [text for media in record["images"] for text in media.values() if text]
        for text in texts:
            assert text
            assert text.replace("\n\n", " ") == tidy(text), number
        assert re.fullmatch(r"http://en\.people\.cn/n3?/\d{4}/\d{4}/c\d+-\d+\.html", record["url"])
        assert record["published_at"].startswith(record["published_on"])
        assert record["published_at"].endswith("+08:00")
        assert record["body"] or record["images"] or record["videos"]
        json.dumps(record)


def test_pages_print_every_fact_of_the_record(catalogue: Catalogue, site: Site) -> None:
    for number in catalogue.ids:
        story = catalogue.story(number)
        for at, sheet in enumerate(story.sheets, 1):
            page = Selector(get(site, story.page_path(at)).body.decode())
            shown = [tidy("".join(p.xpath(".//text()").getall())) for p in page.css("p")]
            # A line break has no text of its own: without it its two sides would touch.
            lines = Selector(get(site, story.page_path(at)).body.decode().replace("<br/>", " "))
            spaced = [tidy("".join(p.xpath(".//text()").getall())) for p in lines.css("p")]
            for block in sheet:
                if isinstance(block, Prose):
                    assert " ".join(block.paragraphs) in spaced
                else:
                    assert all(line in shown for line in block.lines)
                    assert block.path in page.get()
            heading = tidy(page.css("h1::text, h2::text").get(""))
            assert heading == story.title + (f" ({at})" if at > 1 else "")
            everything = tidy(page.get())
            assert f"{story.published_at:%H:%M, %B %d, %Y}" in everything
            for editor in story.editors:
                assert editor in everything
            contents = page.css("meta[name=contentid]::attr(content)").getall()
            assert contents == [f"F_{number}"]


# The site


@pytest.mark.parametrize("section", DIRECTORIES)
def test_pagers_lead_to_every_listed_story_once(
    catalogue: Catalogue, site: Site, section: str
) -> None:
    urls = listed_urls(site, section)
    assert [story_id(url) for url in urls] == list(catalogue.lists(section))


def test_front_page_shows_its_stories_and_links_every_section(
    catalogue: Catalogue, site: Site
) -> None:
    page = Selector(get(site, "/").body.decode())
    hrefs = page.css(".p1_1 b a, .p1_3 ul a, .p1box a").xpath("@href").getall()
    assert [story_id(href) for href in hrefs] == list(catalogue.lists("home"))
    assert len(hrefs) == FRONT_PAGE
    labels = set(page.css("div.w980.nav b a::text").getall())
    assert labels == {section.labels[0] for section in SECTIONS.values()}
    for href in page.css("div.w980.nav b a").xpath("@href").getall():
        assert get(site, href).status == 200


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("/", "/index.html"),
        ("/90777/", "/90777/index.html"),
        ("/90777/index1.html", "/90777/index.html"),
        ("/business/index2.html", "/90778/index2.html"),
        ("http://en.people.cn/90777/index2.html", "/90777/index2.html?x=1#fy01"),
    ],
)
def test_addresses_of_one_page(site: Site, one: str, other: str) -> None:
    assert get(site, one).status == 200
    assert get(site, one) == get(site, other)


def test_stories_answer_under_any_host_channel_and_spelling(
    catalogue: Catalogue, site: Site
) -> None:
    story = next(s for s in map(catalogue.story, catalogue.ids) if s.channel == "90000")
    plain = get(site, story.path)
    assert plain.status == 200
    other = story.path.replace("c90000", "c90777")
    for host in (
        "en.people.cn:80", "en.people.cn.", "english.people.com.cn", "english.people.cn",
        "EN.people.cn", "english.peopledaily.com.cn", "127.0.0.1:8080", "localhost", "[::1]:80",
    ):  # fmt: skip
        assert site.respond("GET", host, story.path) == plain
        assert site.respond("GET", "ignored", f"http://{host}{other}") == plain
    assert get(site, f"/{other}?from=list#comment") == plain
    assert get(site, f"/90777/{story.id}.html") == plain


def test_second_lists_spell_addresses_differently(catalogue: Catalogue, site: Site) -> None:
    urls = [url for section in DIRECTORIES for url in listed_urls(site, section)]
    odd = [url for url in urls if url != catalogue.story(story_id(url)).url]
    hosts = {urlsplit(url).netloc for url in odd}
    assert {"en.people.cn.", "english.people.com.cn", "english.peopledaily.com.cn"} <= hosts
    assert any(url.startswith("https:") for url in odd)
    assert any("cn//n" in url for url in odd)
    assert any("?" in url for url in odd)
    for url in odd:
        assert get(site, url) == get(site, catalogue.story(story_id(url)).path)


@pytest.mark.parametrize(
    "path",
    [
        "/nothing.html", "/90777/index0.html", "/90777/index99.html", "/12345/index.html",
        "/n3/2026/1123/c90000-1.html", "/review/20261123.html", "/NMediaFile/2026/1123/a.mp4",
    ],
)  # fmt: skip
def test_missing_pages(site: Site, path: str) -> None:
    assert get(site, path).status == 404


def test_only_existing_pages_of_a_story_have_a_number(catalogue: Catalogue, site: Site) -> None:
    story = next(s for s in map(catalogue.story, catalogue.ids) if s.pages == 3)
    stem = story.path.removesuffix(".html")
    assert [get(site, f"{stem}-{n}.html").status for n in (0, 1, 2, 3, 4)] == [
        404, 404, 200, 200, 404,
    ]  # fmt: skip


def test_robots_about_page_and_pictures(site: Site) -> None:
    assert b"Disallow: /rss_mobile/" in get(site, "/robots.txt").body
    about = get(site, "/n3/2020/0729/c90000-9716018.html")
    assert about.status == 200
    assert b"origin" not in about.body
    picture = get(site, "/NMediaFile/2026/1123/FOREIGN1795417200315AAAAAAAAAA.jpg")
    assert picture.body.startswith(b"GIF89a")


def test_conditional_requests(catalogue: Catalogue, site: Site) -> None:
    path = catalogue.story(catalogue.ids[5]).path
    page = get(site, path)
    etag, modified = page.headers["ETag"], page.headers["Last-Modified"]
    for fresh in (
        {"If_None_Match": etag},
        {"If_None_Match": f'"other", W/{etag}'},
        {"If_None_Match": "*"},
        {"If_Modified_Since": modified},
    ):
        reply = get(site, path, **fresh)
        assert (reply.status, reply.body, reply.headers["ETag"]) == (304, b"", etag)
    for stale in (
        {"If_None_Match": '"other"'},
        {"If_None_Match": '"other"', "If_Modified_Since": modified},
        {"If_Modified_Since": "Thu, 01 Jan 2015 00:00:00 GMT"},
        {"If_Modified_Since": "yesterday"},
    ):
        assert get(site, path, **stale) == page


@pytest.mark.parametrize("asked", [None, 14_000, 30_000, 60_000])
def test_story_pages_have_the_size_asked_for(asked: int | None) -> None:
    catalogue = Catalogue(300, page_bytes=asked)
    site, wanted = Site(catalogue), asked or 16_500
    for number in catalogue.ids[::7]:
        size = len(get(site, catalogue.story(number).path).body)
        # A long story may pass a small size: its own text is never cut.
        assert wanted - 400 < size <= max(wanted, 16_000)


def test_padding_leaves_the_record_alone() -> None:
    small, large = Catalogue(60), Catalogue(60, page_bytes=50_000)
    assert [small.story(n).record() for n in small.ids] == [
        large.story(n).record() for n in large.ids
    ]


def test_overrides_inject_faults(catalogue: Catalogue) -> None:
    site = Site(catalogue)
    asked: list[Request] = []

    def flaky(request: Request) -> Reply:
        asked.append(request)
        return Reply(503) if len(asked) == 1 else site.answer(request)

    site.overrides["/90777/index.html"] = flaky
    site.overrides["/90785/index.html"] = Reply(500, {"Content-Type": "text/html"}, b"broken")
    assert [get(site, "/90777/index.html").status for _ in range(2)] == [503, 200]
    assert get(site, "http://en.people.cn/90785/index.html?x").body == b"broken"


# Over HTTP


def connect(server: Server) -> closing[http.client.HTTPConnection]:
    return closing(http.client.HTTPConnection("127.0.0.1", server.port, timeout=10))


def fetch(
    server: Server, method: str, target: str, **headers: str
) -> tuple[http.client.HTTPResponse, bytes]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    with connect(server) as client:
        client.request(method, target, headers=named)
        response = client.getresponse()
        return response, response.read()


def test_every_listed_address_answers_through_the_proxy(server: Server, site: Site) -> None:
    with connect(server) as client:
        for section in DIRECTORIES:
            for url in listed_urls(site, section):
                client.request("GET", url)
                response = client.getresponse()
                assert response.status == 200, url
                assert response.read() == get(site, url).body


def test_origin_form_head_and_errors(server: Server, site: Site, catalogue: Catalogue) -> None:
    path = catalogue.story(catalogue.ids[0]).path
    got, body = fetch(server, "GET", path)
    assert (got.status, body) == (200, get(site, path).body)
    assert got.headers["Content-Type"] == "text/html"
    head, nothing = fetch(server, "HEAD", path)
    assert (head.status, nothing) == (200, b"")
    assert head.headers["Content-Length"] == got.headers["Content-Length"] == str(len(body))
    assert head.headers["ETag"] == got.headers["ETag"]
    assert fetch(server, "GET", "/nothing.html")[0].status == 404
    posted, _ = fetch(server, "POST", "/")
    assert (posted.status, posted.headers["Allow"]) == (405, "GET, HEAD")
    foreign, why = fetch(server, "GET", "http://www.people.com.cn/")
    assert foreign.status == 502
    assert b"www.people.com.cn" in why
    assert server.log[-1] == ("GET", "www.people.com.cn", "http://www.people.com.cn/", 502)


def test_conditional_request_over_http(server: Server) -> None:
    first, _ = fetch(server, "GET", "/90777/index.html")
    etag = first.headers["ETag"]
    for method in ("GET", "HEAD"):
        again, body = fetch(server, method, "/90777/index.html", If_None_Match=etag)
        assert (again.status, again.headers["ETag"], body) == (304, etag, b"")


def test_tunnels_are_refused_in_words(server: Server) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as client:
        client.sendall(b"CONNECT en.people.cn:443 HTTP/1.1\r\nHost: en.people.cn:443\r\n\r\n")
        client.settimeout(10)
        answer = b"".join(iter(lambda: client.recv(4096), b""))
    assert answer.startswith(b"HTTP/1.1 501 ")
    assert b"opens no tunnels" in answer


def test_servers_stop_and_free_their_port(site: Site) -> None:
    with Server(site) as first:
        port = first.port
        with pytest.raises(OSError, match="in use"), Server(site, port):
            pass
    with Server(site, port) as second:
        assert fetch(second, "GET", "/robots.txt")[0].status == 200
        assert second.url == f"http://127.0.0.1:{port}"


# The command


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project that has nothing but the package's commands."""
    folder = tmp_path_factory.mktemp("project")
    (folder / "scrapy.cfg").write_text("[settings]\ndefault = replica_settings\n")
    (folder / "replica_settings.py").write_text("COMMANDS_MODULE = 'peoplesdaily.commands'\n")
    return folder


@contextmanager
def replica(project: Path, *options: str) -> Iterator[subprocess.Popen[str]]:
    """The command; whatever becomes of it, it is over in the end."""
    path = os.pathsep.join((str(ROOT), str(project)))
    process = subprocess.Popen(
        [sys.executable, "-m", "scrapy", "replica", *options],
        cwd=project,
        env={**os.environ, "PYTHONPATH": path, "SCRAPY_SETTINGS_MODULE": "replica_settings"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM])
def test_command_serves_until_it_is_told_to_stop(project: Path, end: signal.Signals) -> None:
    with replica(project, "--articles", "30") as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        found = re.fullmatch(r"http_proxy=http://127\.0\.0\.1:(\d+) scrapy crawl world\n", line)
        assert found, line
        assert "30 invented articles" in process.stdout.readline()
        with closing(http.client.HTTPConnection("127.0.0.1", int(found[1]), timeout=10)) as client:
            client.request("GET", "http://en.people.cn/90777/index.html")
            assert client.getresponse().status == 200
        process.send_signal(end)
        rest, errors = process.communicate(timeout=20)
    assert (process.returncode, errors) == (0, "")
    assert "200 GET http://en.people.cn/90777/index.html" in rest


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--port", "many"], "--port must be a whole number, not 'many'"),
        (["--port", "70000"], "--port must be between 0 and 65535"),
        (["--articles", "0"], "articles must be between 1 and 100,000"),
        (["--today", "soon"], "--today must be a date like 2026-11-23"),
        (["--today", "2001-01-01"], "today must not be before 2024-01-01"),
        (["--page-bytes", "-5"], "page_bytes must be at least 1"),
        (["extra"], "replica takes no arguments, got 'extra'"),
    ],
)
def test_command_refuses_bad_options(
    project: Path,
    options: list[str],
    words: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.syspath_prepend(project)
    monkeypatch.setenv("SCRAPY_SETTINGS_MODULE", "replica_settings")
    settings = Settings({"COMMANDS_MODULE": "peoplesdaily.commands"})
    with pytest.raises(SystemExit) as ended:
        execute(["scrapy", "replica", *options], settings)
    assert ended.value.code == 2
    assert words in capsys.readouterr().err


def test_command_says_when_the_port_is_taken(project: Path, server: Server) -> None:
    with replica(project, "--port", str(server.port)) as process:
        _, errors = process.communicate(timeout=20)
    assert process.returncode == 1
    assert errors.startswith(f"scrapy replica: cannot serve on 127.0.0.1, port {server.port}: ")
    assert errors.count("\n") == 1
