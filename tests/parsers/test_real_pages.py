"""Real pages of the same CMS: what a person read on them, without their texts.

The pages are somebody else's and stay outside of the repository; ``PEOPLESDAILY_REAL_PAGES`` names
their folder. ``real-pages.json`` holds what was read on each: short facts in clear; headline and
paragraphs, cleaned by ``peoplesdaily.utils.text.clean``, as SHA-256, with the first and last
character of each paragraph, so that a paragraph that was cut or grew can be told from one that is
missing.

The hashes were computed from readings that are not this project's: for 2011 and 2012 the
hand-made ``.reference.txt`` (headline, then paragraphs), for 2022 the hand-made ``.cleaned.txt``
without its last line, which is the editor line, ``.author.txt`` and ``.date.txt``. The page of 2019
has no such file: its paragraphs are those of the markup of the story's box as read in an editor,
without the link above the first picture, which leads to a special and tells nothing of the story.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from peoplesdaily import parsers
from peoplesdaily.parsers import StoryPage
from scripts.template_table import EXPECTED, real_folder, sha256

PAGES = json.loads(EXPECTED.read_text(encoding="utf-8"))


def name(expected: dict[str, Any]) -> str:
    return Path(expected["file"]).stem


@pytest.fixture(params=PAGES, ids=name)
def expected(request: pytest.FixtureRequest) -> dict[str, Any]:
    found: dict[str, Any] = request.param
    return found


@pytest.fixture
def story(expected: dict[str, Any]) -> StoryPage:
    path = real_folder() / expected["file"]
    if not path.is_file():
        pytest.skip(f"{path} is not here; PEOPLESDAILY_REAL_PAGES names the folder of real pages")
    return parsers.parse_article(parsers.decode(path.read_bytes()), expected["url"])


def test_the_era_is_known(expected: dict[str, Any], story: StoryPage) -> None:
    assert story.template == expected["template"]


def test_the_headline_is_exact(expected: dict[str, Any], story: StoryPage) -> None:
    assert sha256(story.title) == expected["title"]


def test_the_minute_is_exact(expected: dict[str, Any], story: StoryPage) -> None:
    assert story.published_at == expected["published_at"]


def test_source_and_people_are_exact(expected: dict[str, Any], story: StoryPage) -> None:
    assert story.source == expected["source"]
    assert list(story.editors) == expected["editors"]
    if expected["authors"] is not None:
        assert list(story.authors) == expected["authors"]


def test_every_paragraph_is_exact(expected: dict[str, Any], story: StoryPage) -> None:
    read = [(sha256(text), text[0], text[-1]) for text in story.paragraphs]
    written = [(p["sha256"], p["first"], p["last"]) for p in expected["paragraphs"]]
    assert len(read) == len(written)
    assert read == written


def test_no_text_of_somebody_else_is_in_the_file() -> None:
    for expected in PAGES:
        assert len(expected["title"]) == 64
        for paragraph in expected["paragraphs"]:
            assert (len(paragraph["sha256"]), len(paragraph["first"])) == (64, 1)
            assert len(paragraph["last"]) == 1
