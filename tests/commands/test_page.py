"""``scrapy page`` as a user calls it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from helpers.crawls import NO_PAUSES, scrapy
from helpers.page_cases import ARTICLES, CRAWLED_AT, DATA, Case, as_json

from peoplesdaily import parsers
from peoplesdaily.commands.page import default_folder
from peoplesdaily.parsers import NotAnArticleError
from peoplesdaily.replica.content import Catalogue
from peoplesdaily.replica.server import Server
from peoplesdaily.replica.site import Reply, Request, Site

TEMPLATES = [template.name for template in parsers.TEMPLATES]
SETTINGS = [f"-s{name}={value}" for name, value in NO_PAUSES.items()]

PageCommand = Callable[..., Any]


@pytest.fixture
def page(server: Server, tmp_path: Path) -> PageCommand:
    """``page("parse", url)`` against the embedded site, in an empty folder of the project's."""

    def run(*arguments: str, proxy: str | None = None) -> Any:
        done = scrapy("page", *arguments, *SETTINGS, proxy=proxy or server.url)
        # Whatever the user does, the answer is a sentence.
        assert "Traceback" not in done.stderr
        return done

    return run


def case(name: str) -> Case:
    return next(found for found in ARTICLES if str(found) == name)


def url_of(catalogue: Catalogue, several: bool = False) -> str:
    """The address of a story of one page, or of one with more."""
    stories = map(catalogue.story, catalogue.ids)
    story = next(s for s in stories if s.body and (s.pages > 1) == several)
    return f"http://en.people.cn{story.page_path(1)}"


def sentence(done: Any) -> str:
    """The last line on stderr."""
    return str(done.stderr.strip().splitlines()[-1])


# --- parse -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["2013/wang-yi", "2016/encoding-gbk-declared-utf8"])
def test_a_saved_page_is_printed_as_a_record(name: str, page: PageCommand) -> None:
    found = case(name)

    done = page("parse", str(found.folder / "page.html"))

    assert done.returncode == 0, done.stderr
    record = json.loads(done.stdout)
    expected = as_json(parsers.merge([found.page(1)], crawled_at=CRAWLED_AT))
    assert list(record) == list(expected)
    assert {**record, "crawled_at": CRAWLED_AT} == expected
    assert done.stdout.startswith('{\n  "id": ')


def test_every_template_says_what_it_made_of_the_page(page: PageCommand) -> None:
    done = page("parse", str(case("2013/wang-yi").folder / "page.html"))

    said = dict(line.split(": ", 1) for line in done.stderr.splitlines())
    assert list(said) == TEMPLATES
    assert said.pop("2013") == "read the page"
    assert said["2021"] == "none of .d2txtCon"
    assert said["2010"].endswith(", which belongs to another template")
    assert said["2004"].endswith(", which belongs to a later template")
    assert all(said.values())


def test_the_address_of_a_file_may_be_given(page: PageCommand, tmp_path: Path) -> None:
    shutil.copy(case("2013/wang-yi").folder / "page.html", tmp_path / "saved.html")
    url = "http://english.people.com.cn/n3/2020/1127/c90777-9999999.html"

    done = page("parse", str(tmp_path / "saved.html"), "--url", url)

    assert json.loads(done.stdout)["id"] == "9999999"


def test_a_further_page_has_its_own_address(page: PageCommand) -> None:
    done = page("parse", str(case("2013/text-three-pages").folder / "page-2.html"))

    assert done.returncode == 0
    assert "links 2 other pages of the story (1, 3)" in sentence(done)


@pytest.mark.parametrize("refused", [c for c in ARTICLES if c.holds("exception.json")], ids=str)
def test_what_is_no_article_is_refused_with_the_reason(refused: Case, page: PageCommand) -> None:
    done = page("parse", str(refused.folder / "page.html"))

    assert (done.returncode, done.stdout) == (1, "")
    with pytest.raises(NotAnArticleError) as caught:
        refused.page(1)
    assert sentence(done) == f"scrapy page: not an article: {refused.url}: {caught.value.reason}"
    assert [line.partition(":")[0] for line in done.stderr.splitlines()[:-1]] == TEMPLATES


def test_a_page_that_nothing_reads_is_of_an_unknown_template(
    page: PageCommand, tmp_path: Path
) -> None:
    story = "<p>" + "A line that is long enough to be one of a story, told in no known box. " * 2
    (tmp_path / "page.html").write_text(f"<title>A story</title><body>{story}")
    url = "http://en.people.cn/n3/2026/1101/c90000-20511111.html"

    done = page("parse", str(tmp_path / "page.html"), "--url", url)

    assert done.returncode == 1
    assert sentence(done).startswith(f"scrapy page: unknown template: {url}: ")


@pytest.mark.parametrize("data", [b"", b"\x00\xff\xfe\x89PNG" * 40, b"<" * 5000])
def test_bytes_that_are_no_page_are_refused(data: bytes, page: PageCommand, tmp_path: Path) -> None:
    (tmp_path / "page.html").write_bytes(data)
    url = "http://en.people.cn/n3/2026/1101/c90000-20511111.html"

    done = page("parse", str(tmp_path / "page.html"), "--url", url)

    assert (done.returncode, done.stdout) == (1, "")
    assert sentence(done).startswith("scrapy page: ")


def test_an_address_is_fetched_with_manners(
    page: PageCommand, server: Server, site: Site, catalogue: Catalogue
) -> None:
    url = url_of(catalogue)
    agents = []

    def answer(request: Request) -> Reply:
        agents.append(request.headers.get("User-Agent", ""))
        return site.answer(request)

    site.overrides[url.removeprefix("http://en.people.cn")] = answer

    done = page("parse", url.replace("http://en.people.cn", "https://english.people.com.cn"))

    assert done.returncode == 0, done.stderr
    asked = [hit.target for hit in server.log]
    assert asked == ["http://en.people.cn/robots.txt", url]
    assert agents[0].startswith("peoplesdaily/")
    record = json.loads(done.stdout)
    expected = catalogue.story(record["id"]).record()
    assert record["title"] == expected["title"]
    assert record["body"] == expected["body"]


def test_only_the_page_given_is_read(
    page: PageCommand, server: Server, catalogue: Catalogue
) -> None:
    done = page("parse", url_of(catalogue, several=True))

    assert done.returncode == 0
    assert json.loads(done.stdout)["pages"] == 1
    assert len(server.log) == 2
    assert "not fetched" in sentence(done)


def test_what_cannot_be_fetched_is_one_sentence(
    page: PageCommand, site: Site, catalogue: Catalogue
) -> None:
    gone = "http://en.people.cn/n3/2020/1127/c90000-1234567.html"
    forbidden = "http://en.people.cn/rss_mobile/page.html"
    site.overrides["/n3/2020/1127/c90000-1234568.html"] = Reply(503)

    for url, reason in (
        (gone, "the server answered 404"),
        (forbidden, "robots.txt forbids it"),
        (gone.replace("67.", "68."), "the server answered 503"),
    ):
        done = page("parse", url)
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr == f"scrapy page: {url}: {reason}\n"

    unreachable = page("parse", url_of(catalogue), proxy="http://127.0.0.1:9")
    assert unreachable.returncode == 1
    assert len(unreachable.stderr.splitlines()) == 1
    assert "refused" in unreachable.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("read", "page.html"),
        ("parse",),
        ("parse", "a.html", "b.html"),
        ("parse", "no-such-file.html"),
        ("parse", "tests"),
        ("parse", "README.md"),
        ("parse", "https://example.org/n3/2020/1127/c90000-9793058.html"),
        ("parse", "http://[broken"),
        ("parse", "http://en.people.cn/", "--url", "http://en.people.cn/"),
        ("save",),
        ("save", "README.md"),
        ("save", "https://example.org/"),
        ("table", "tests"),
        ("sav", "README.md"),
    ],
    ids=" ".join,
)
def test_wrong_usage_is_refused_before_any_request(
    arguments: tuple[str, ...], page: PageCommand, server: Server
) -> None:
    done = page(*arguments)

    assert (done.returncode, done.stdout) == (2, "")
    assert ": error: " in sentence(done)
    assert server.log == []


@pytest.mark.parametrize(
    ("action", "hint"),
    [("pars", "did you mean parse?"), ("table", "the actions are parse and save")],
)
def test_an_unknown_action_gets_a_hint(action: str, hint: str, page: PageCommand) -> None:
    assert sentence(page(action, "x")).endswith(f"unknown action {action!r}; {hint}")


def test_help_lists_the_actions_and_explains_one(page: PageCommand) -> None:
    listed = page("--help")
    assert listed.returncode == 0
    assert "parse FILE|URL [--url ADDRESS]: print" in listed.stdout
    assert "save URL [--into FOLDER]: fetch" in listed.stdout

    explained = page("save", "--help")
    assert explained.returncode == 0
    assert explained.stdout.startswith("scrapy page save URL [--into FOLDER]\n")
    assert "gold.unread.json" in explained.stdout


# --- save ------------------------------------------------------------------------------------


def test_a_page_is_saved_as_a_case_for_a_person_to_read(
    page: PageCommand, site: Site, catalogue: Catalogue, tmp_path: Path
) -> None:
    url, folder = url_of(catalogue), tmp_path / "2021" / "a-story"

    done = page("save", url, "--into", str(folder))

    assert (done.returncode, done.stdout) == (0, f"{folder}\n"), done.stderr
    body = site.respond("GET", "en.people.cn", url).body
    assert (folder / "page.html").read_bytes() == body
    saved = {path.stem: json.loads(path.read_text()) for path in folder.glob("*.json")}
    assert set(saved) == {"headers", "meta", "gold.unread"}
    assert saved["headers"]["Content-Type"].startswith("text/html")
    meta = saved["meta"]
    assert list(meta) == ["url", "date", "replica", "note"]
    assert (meta["url"], meta["replica"], meta["note"]) == (url, False, "")
    example = case("2013/wang-yi").json("gold.json")
    assert list(saved["gold.unread"]) == list(example)


@pytest.mark.parametrize(
    ("name", "folder"),
    [
        ("2013/wang-yi", "2013/china-ready-to-expand-exchanges-cooperation-with"),
        # No Latin letters in the headline.
        ("2016/pager-three-pages", "2016/31172604"),
    ],
)
def test_the_folder_has_the_name_of_template_and_headline(name: str, folder: str) -> None:
    """Not by the command, which would write among the cases that other tests read."""
    found = case(name)
    assert default_folder(found.page(1), found.url) == DATA / "pages" / folder
    assert default_folder(None, found.url) == DATA / "pages" / "unknown" / found.page(1).address.id


def test_nothing_is_overwritten(
    page: PageCommand, server: Server, catalogue: Catalogue, tmp_path: Path
) -> None:
    (tmp_path / "note.txt").write_text("mine")

    done = page("save", url_of(catalogue), "--into", str(tmp_path))

    assert done.returncode == 2
    assert "nothing is overwritten" in sentence(done)
    assert [path.name for path in tmp_path.iterdir()] == ["note.txt"]
    assert server.log == []


def test_what_is_no_article_is_saved_only_on_request(
    page: PageCommand, site: Site, tmp_path: Path
) -> None:
    url = "http://en.people.cn/90777/index.html"
    before = sorted((DATA / "pages").glob("*/*"))

    assert page("save", url).returncode == 1
    assert sorted((DATA / "pages").glob("*/*")) == before

    done = page("save", url, "--into", str(tmp_path / "list"))

    assert done.returncode == 1
    assert "saved without a gold file" in sentence(done)
    saved = sorted(path.name for path in (tmp_path / "list").iterdir())
    assert saved == ["headers.json", "meta.json", "page.html"]


def test_a_folder_that_cannot_be_made_is_one_sentence(
    page: PageCommand, catalogue: Catalogue, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("in the way")

    done = page("save", url_of(catalogue), "--into", str(tmp_path / "file" / "case"))

    assert done.returncode == 1
    assert sentence(done).startswith("scrapy page: cannot write in ")


def test_every_gold_file_has_been_read_by_a_person() -> None:
    """What the command saved is the parser's word; renaming it to gold.json makes it a person's."""
    unread = [str(path.relative_to(DATA)) for path in DATA.rglob("gold.unread.json")]
    assert unread == []
