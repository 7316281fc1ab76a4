"""Whole crawls of the embedded site, over the proxy, with production addresses."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest
from helpers.crawls import ROOT, CrawlCommand, list_page, read_lines

from peoplesdaily import settings
from peoplesdaily.replica.content import Catalogue
from peoplesdaily.replica.server import Server
from peoplesdaily.replica.site import Reply, Site
from peoplesdaily.schemas.records import is_valid, record_schema, violations
from peoplesdaily.site import urls
from peoplesdaily.site.sections import SECTIONS

# Under a second list a story may have another channel, and with it another address.
BY_LIST = {"url", "channel"}


@pytest.mark.parametrize("section", SECTIONS)
def test_every_section_yields_its_stories_and_no_others(
    section: str, crawl: CrawlCommand, catalogue: Catalogue
) -> None:
    done = crawl(section)

    assert done.code == 0, done.log
    records = {record["id"]: record for record in done.records}
    assert set(records) == set(catalogue.expected_ids(section))
    assert len(records) == len(done.records)
    assert not done.rejected
    for id_, record in records.items():
        assert is_valid(record), list(violations(record))
        assert record["section"] == section
        assert record["sections"] == [section]
        expected = catalogue.story(id_).record()
        wrong = {key for key, value in expected.items() if record[key] != value}
        assert not wrong - BY_LIST, (id_, wrong)
        address = urls.article(record["url"])
        assert address is not None
        assert (address.id, address.story_url) == (id_, record["url"])


def test_a_page_is_fetched_once_under_all_its_addresses(
    crawl: CrawlCommand, server: Server, site: Site
) -> None:
    done = crawl("world", "-a", "also=business,china,society,sports,culture")

    asked = Counter(
        urls.canonical(hit.target) for hit in server.log if not hit.target.endswith("robots.txt")
    )
    assert done.code == 0
    assert max(asked.values()) == 1, asked.most_common(3)


def test_a_story_that_two_sections_list_carries_both(
    crawl: CrawlCommand, catalogue: Catalogue
) -> None:
    names = [name for name in SECTIONS if name != "home"]
    done = crawl("world", "-a", f"also={','.join(names)}")

    listed: dict[str, set[str]] = {}
    for name in names:
        for id_ in catalogue.lists(name):
            listed.setdefault(id_, set()).add(name)
    records = {record["id"]: record for record in done.records}
    assert set(records) == set(listed) - set(catalogue.reposts)
    assert {id_: record["sections"] for id_, record in records.items()} == {
        id_: sorted(listed[id_]) for id_ in records
    }
    shared = [record for record in records.values() if len(record["sections"]) > 1]
    assert shared
    assert all(record["section"] in record["sections"] for record in shared)


def test_output_is_one_file_a_run_named_by_its_start(crawl: CrawlCommand) -> None:
    done = crawl("world", "-a", "pages=1")

    (path,) = done.files
    assert path.parent == done.output / "world"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ\.jsonl", path.name)
    assert str(path) in done.summary
    assert not [p for p in done.output.rglob("*") if p.name.startswith(".") and p.is_file()]


def test_keys_stand_in_the_order_of_the_contract(crawl: CrawlCommand) -> None:
    done = crawl("world", "-a", "max_articles=3")

    contract = list(record_schema()["properties"])
    assert [list(record) for record in done.records] == [contract] * 3


def test_output_lands_in_the_project_wherever_the_shell_stands(
    crawl: CrawlCommand, tmp_path: Path
) -> None:
    done = crawl("world", "-a", "max_articles=1", cwd=ROOT / "peoplesdaily" / "parsers")

    assert done.code == 0, done.log
    assert len(done.files) == 1
    assert str(ROOT / "output") == settings.OUTPUT_DIR


@pytest.mark.parametrize("name", ["articles.jsonl", "articles.jsonl.gz", "articles.jl"])
def test_files_of_ones_own(crawl: CrawlCommand, tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    crawl("world", "-a", "max_articles=2", "-O", str(path))
    assert len(read_lines(path)) == 2

    crawl("world", "-a", "max_articles=3", "-o", str(path))
    assert len(read_lines(path)) == 5

    done = crawl("world", "-a", "max_articles=1", "-O", str(path))
    assert len(read_lines(path)) == 1
    assert not done.files, "the project's own feed is written, too"
    assert [p.name for p in tmp_path.iterdir() if p.name != "output"] == [name]


def test_an_empty_run_leaves_no_file(crawl: CrawlCommand, tmp_path: Path) -> None:
    own = tmp_path / "own.jsonl"
    done = crawl("world", "-a", "since=2000-01-01", "-a", "until=2000-01-02")
    crawl("world", "-a", "since=2000-01-01", "-a", "until=2000-01-02", "-O", str(own))

    assert done.code == 0, done.log
    assert not done.files
    assert not own.exists()
    assert "0 new" in done.summary
    assert "no file was written" in done.summary


def test_since_and_until(crawl: CrawlCommand, catalogue: Catalogue) -> None:
    days = {id_: catalogue.story(id_).record()["published_on"] for id_ in catalogue.ids}
    listed = sorted(days[id_] for id_ in catalogue.expected_ids("business"))
    since, until = listed[len(listed) // 3], listed[2 * len(listed) // 3]
    done = crawl("business", "-a", f"since={since}", "-a", f"until={until}")

    wanted = {id_ for id_ in catalogue.expected_ids("business") if since <= days[id_] <= until}
    assert 0 < len(wanted) < len(listed)
    assert {record["id"] for record in done.records} == wanted


def test_paging_ends_behind_a_page_that_lies_before_since_not_at_one_old_line(
    crawl: CrawlCommand, server: Server, site: Site
) -> None:
    old = "/n3/2020/0101/c90000-9000001.html"
    recent = [f"/n3/2026/1120/c90000-2052{n:04}.html" for n in range(4)]
    pages = {1: [recent[0], old, recent[1]], 2: [recent[2]], 3: [old], 4: [recent[3]]}
    for number, hrefs in pages.items():
        name = "index.html" if number == 1 else f"index{number}.html"
        site.overrides[f"/90777/{name}"] = Reply(200, {}, list_page(hrefs, total=4))
    crawl("world", "-a", "since=2026-11-01")

    lists = [hit.target for hit in server.log if "/90777/" in hit.target]
    assert [path.rpartition("/")[2] for path in lists] == [
        "index.html",
        "index2.html",
        "index3.html",
    ]


def test_pages_and_max_articles(crawl: CrawlCommand, catalogue: Catalogue) -> None:
    newest = list(catalogue.lists("opinions"))
    done = crawl("opinions", "-a", "max_articles=4")
    assert {record["id"] for record in done.records} == set(newest[:4])

    site_pages = crawl("culture", "-a", "pages=2")
    assert site_pages.stat("peoplesdaily/lists/read") == min(
        2, -(-len(catalogue.lists("culture")) // 10)
    )


def test_the_unverified_section_is_found_by_its_label(crawl: CrawlCommand, server: Server) -> None:
    done = crawl("photo", "-a", "max_articles=1")

    asked = [hit.target for hit in server.log if not hit.target.endswith("robots.txt")]
    assert asked[0] == "http://en.people.cn/"
    assert "navigation" in done.log
    assert len(done.records) == 1


@pytest.mark.parametrize("gone", [Reply(404), Reply(410), Reply(200, {}, b"<p>Moved</p>")])
def test_a_section_whose_index_is_gone_is_found_in_the_navigation(
    crawl: CrawlCommand, site: Site, catalogue: Catalogue, gone: Reply
) -> None:
    # /business/ answers; the index by number, which the spider knows, is gone.
    site.overrides["/90778/index.html"] = gone
    done = crawl("business")

    assert done.code == 0, done.log
    assert {record["id"] for record in done.records} == set(catalogue.expected_ids("business"))
    assert "Navigation: business is 'Business'" in done.log


def test_a_pager_that_loops_ends(crawl: CrawlCommand, site: Site, server: Server) -> None:
    same = list_page(["/n3/2026/1120/c90000-20520001.html"], total=500)
    for number in range(2, 40):
        site.overrides[f"/90777/index{number}.html"] = Reply(200, {}, same)
    site.overrides["/90777/index.html"] = Reply(200, {}, same)
    crawl("world")

    assert len([hit for hit in server.log if "/90777/" in hit.target]) == 2


def test_a_link_to_any_page_of_a_story_fetches_it_whole(
    crawl: CrawlCommand, catalogue: Catalogue
) -> None:
    long = next(s for s in map(catalogue.story, catalogue.ids) if s.pages > 2)
    done = crawl("article", "-a", f"url=https://en.people.cn.{long.page_path(3)}?from=x#top")

    (record,) = done.records
    assert record["pages"] == long.pages
    assert record["body"] == long.body
    assert record["section"] is None
    assert record["sections"] == []


def test_articles_from_arguments_and_file(
    crawl: CrawlCommand, catalogue: Catalogue, tmp_path: Path
) -> None:
    paths = [catalogue.story(id_).path for id_ in catalogue.ids[:5]]
    urls_file = tmp_path / "urls.txt"
    urls_file.write_text(
        f"# a comment\nhttp://english.people.com.cn{paths[0]}\n\nhttps://en.people.cn{paths[1]}\n"
    )
    given = f"http://en.people.cn{paths[2]},http://en.people.cn{paths[0]}"
    done = crawl("article", "-a", f"urls_file={urls_file}", "-a", f"url={given}")

    assert sorted(record["id"] for record in done.records) == sorted(
        catalogue.ids[n] for n in range(3)
    )
