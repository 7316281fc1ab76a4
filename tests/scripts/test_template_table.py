"""``docs/templates.md`` and the script that writes it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from helpers.page_cases import ARTICLES

from scripts import template_table


def test_the_table_of_the_cases_is_current() -> None:
    """``make templates`` updates it."""
    written = template_table.PATH.read_text(encoding="utf-8")
    assert (
        template_table.section(written, template_table.FIXTURES) == template_table.fixture_table()
    )


def test_the_table_of_the_real_pages_is_current() -> None:
    folder = template_table.real_folder()
    if not folder.is_dir():
        pytest.skip(f"no real pages in {folder} (PEOPLESDAILY_REAL_PAGES)")
    written = template_table.PATH.read_text(encoding="utf-8")
    assert template_table.section(written, template_table.REAL) == template_table.real_table()


WANG_YI = next(case for case in ARTICLES if str(case) == "2013/wang-yi")


def test_a_wrong_field_shows_in_the_table(tmp_path: Path) -> None:
    copy = tmp_path / "2013" / "wang-yi"
    shutil.copytree(WANG_YI.folder, copy)
    gold = json.loads((copy / "gold.json").read_text(encoding="utf-8"))
    (copy / "gold.json").write_text(json.dumps({**gold, "source": "Another"}))

    table = template_table.fixture_table(tmp_path)

    assert "| source | 0/1 | 0/1 |" in table
    assert "| title | 1/1 | 1/1 |" in table
    assert "| whole record | 0/1 | 0/1 |" in table
