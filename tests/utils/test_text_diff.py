"""Two texts side by side."""

from __future__ import annotations

import unicodedata

import pytest
from helpers.page_cases import STEADY
from hypothesis import given
from hypothesis import strategies as st

from peoplesdaily.utils.text_diff import side_by_side

FERRY = (
    "Ferry links two towns\n\n"
    "The first boat left Elmford at dawn, all seats taken, a band on the upper deck.\n\n"
    "Tickets cost 12 crowns.\n\n"
    "A second boat is being built."
)


def columns(line: str) -> int:
    wide = sum(unicodedata.east_asian_width(char) in "WF" for char in line)
    return len(line) + wide - sum(bool(unicodedata.combining(char)) for char in line)


def test_equal_texts() -> None:
    assert side_by_side(FERRY, FERRY) == "Both texts are the same."
    assert side_by_side("", "") == "Both texts are the same."


def test_white_space_is_no_difference() -> None:
    assert side_by_side("a  b\n\nc", " a b\nc\n") == "Both texts are the same."


def test_a_changed_word() -> None:
    assert side_by_side(FERRY, FERRY.replace("dawn", "noon"), 91).splitlines() == [
        "(1 paragraph the same)",
        "… boat left Elmford at [-dawn,-] all seats   | … boat left Elmford at {+noon,+} all seats",
        "taken, a …                                   | taken, a …",
        "(2 paragraphs the same)",
    ]


def test_paragraphs_that_one_text_has() -> None:
    shorter = FERRY.replace("Tickets cost 12 crowns.\n\n", "")
    assert side_by_side(FERRY, shorter).splitlines() == [
        "(2 paragraphs the same)",
        "[-Tickets cost 12 crowns.-]            |",
        "(1 paragraph the same)",
    ]
    assert " | {+Tickets cost 12 crowns.+}" in side_by_side(shorter, FERRY)
    assert side_by_side("", "Only here", 40) == f"{'':18} | {{+Only here+}}"


def test_changed_paragraphs_stand_beside_each_other() -> None:
    """An added paragraph does not shift what stands behind it."""
    other = FERRY.replace("Tickets cost 12", "It rained.\n\nTickets cost 13")
    told = side_by_side(FERRY, other, 80).splitlines()
    assert told[1:3] == [
        f"{'':38} | {{+It rained.+}}",
        "Tickets cost [-12-] crowns.            | Tickets cost {+13+} crowns.",
    ]


def test_a_moved_paragraph_is_not_told_twice() -> None:
    title, first, *rest = FERRY.split("\n\n")
    told = side_by_side(FERRY, "\n\n".join([title, *rest, first]), 120)
    assert told.count("(moved)") == 2
    assert "upper deck" not in told


def test_chinese_is_compared_by_characters() -> None:
    told = side_by_side("渡船昨天清晨开航，连通两岸。", "渡船昨天傍晚开航，连通两岸。", 60)
    assert "昨天[-清晨-]开航" in told
    assert "昨天{+傍晚+}开航" in told


def test_nothing_steers_the_terminal() -> None:
    assert "\x1b" not in side_by_side("a\x1b[2Jb", "c\x1b]0;x\x07d")


@pytest.mark.parametrize("paragraphs", [300])
def test_long_texts_without_anything_in_common(paragraphs: int) -> None:
    told = side_by_side("\n".join(["a b c"] * paragraphs), "\n".join(["d e f"] * paragraphs))
    assert told.count("[-a b c-]") == told.count("{+d e f+}") == paragraphs


WORDS = st.sampled_from(["boat", "left", "at", "noon", "渡船", "昨天", "ｗｉｄｅ", "é", "x" * 90])
TEXTS = st.lists(st.lists(WORDS, min_size=1, max_size=30).map(" ".join), max_size=6).map("\n".join)


@STEADY
@given(TEXTS, TEXTS, st.integers(0, 120))
def test_no_line_is_wider_than_the_terminal(a: str, b: str, width: int) -> None:
    for line in side_by_side(a, b, width).splitlines():
        assert columns(line) <= max(width, 24) or line.startswith("(")


@STEADY
@given(TEXTS, TEXTS)
def test_different_texts_show_a_mark_and_equal_ones_none(a: str, b: str) -> None:
    told = side_by_side(a, b)
    assert ("[-" in told or "{+" in told) == (a != b)
    # What differs is on its own side.
    for line in told.splitlines():
        left, bar, right = line.partition(" | ")
        assert "{+" not in left and (not bar or "[-" not in right)
