"""The project's own promises: layout, dependencies, documents."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from conftest import ROOT

from peoplesdaily import manifests, schema

PACKAGE = ROOT / "peoplesdaily"
# A room may import those that come before it.
ROOMS = (
    {"editions", "items", "sections"},
    {"speech", "text"},
    {"dates", "people", "captions"},
    {"bylines"},
    {"urls", "neardup", "differences"},
    {"pages"},
    {"interrupts"},
    {"failures", "schema", "eventloop", "files"},
    {"index"},
    {
        *("ending", "feeds", "identity", "lean", "logs", "manifests", "manners", "middlewares"),
        "outcomes",
    },
    {"accounts", "history", "unusual"},
    {"monitors", "actions"},
    {"pipelines", "extensions", "report"},
    {"spiders"},
    {"checkup"},
    {"settings", "commands"},
)
# The tests' second opinion on the site: it may know data, never the readers.
REPLICA_KNOWS = {"items", "sections", "replica"}


def tracked() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return [ROOT / name for name in listed.stdout.split("\0") if name]


def imports(path: Path) -> set[str]:
    """Rooms of the package that a module imports."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module == "peoplesdaily":
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("peoplesdaily."):
            found.add(str(node.module).split(".")[1])
        elif isinstance(node, ast.Import):
            found |= {
                a.name.split(".")[1] for a in node.names if a.name.startswith("peoplesdaily.")
            }
    return found - {"__version__"}


def test_imports_run_one_way() -> None:
    level = {room: number for number, rooms in enumerate(ROOMS) for room in rooms}
    for path in PACKAGE.rglob("*.py"):
        room = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
        if room in ("__init__", "replica") or path.parent.name == "commands":
            continue
        above = {other for other in imports(path) if level[other] > level[room]}
        assert not above, f"{path.name} imports {above}"


def test_the_replica_does_not_know_the_readers() -> None:
    for path in (PACKAGE / "replica").rglob("*.py"):
        assert imports(path) <= REPLICA_KNOWS, path


def test_pages_run_without_scrapy() -> None:
    readers = ("text", "dates", "people", "captions", "bylines", "speech", "urls")
    rooms = [*PACKAGE.glob("pages/*.py"), *(PACKAGE / f"{name}.py" for name in readers)]
    for path in rooms:
        assert not re.search(r"^\s*(?:import|from) scrapy", path.read_text(), re.MULTILINE), path


def test_dependencies_are_pinned_by_minor_version_locked_and_explained() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    reasons = (ROOT / "docs" / "decisions.md").read_text()
    lock = (ROOT / "requirements.lock").read_text()
    for dependency in project["dependencies"]:
        match = re.fullmatch(
            r"([a-z0-9-]+)(?:\[[a-z-]+\])?>=(\d+)\.(\d+),<(\d+)\.(\d+)", dependency
        )
        assert match, dependency
        name, major, minor, next_major, next_minor = match.groups()
        assert (int(next_major), int(next_minor)) == (int(major), int(minor) + 1)
        assert f"| {name} {major}.{minor} |" in reasons
        assert re.search(rf"^{name}=={major}\.{minor}\.", lock, re.MULTILINE)
    for lines in (lock, (ROOT / "requirements-dev.lock").read_text()):
        assert "://" not in lines


def test_imports_are_declared() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    declared = {re.split(r"[>=\[]", d)[0].replace("-", "_") for d in project["dependencies"]}
    # Scrapy's reactor; only its types are named.
    declared |= {"peoplesdaily", "twisted"}
    # Named otherwise than it is imported.
    if "vl_convert_python" in declared:
        declared.add("vl_convert")
    used: set[str] = set()
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                used |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                used.add(node.module.split(".")[0])
    import sys

    assert used - set(sys.stdlib_module_names) - declared == set()


def test_documents_made_from_the_code_are_current() -> None:
    assert schema.PATH.read_text(encoding="utf-8") == schema.document()
    assert manifests.PATH.read_text(encoding="utf-8") == manifests.document()
    page = schema.FIELDS_PATH.read_text(encoding="utf-8")
    assert page == schema.with_field_table(page)


def test_every_statistic_is_explained() -> None:
    explained = (ROOT / "docs" / "reading-a-run.md").read_text()
    names: set[str] = set()
    for path in PACKAGE.rglob("*.py"):
        code = path.read_text(encoding="utf-8")
        names |= set(re.findall(r'self\.count\(f?"([a-z_]+(?:/[a-z_]+)?)', code))
        names |= set(re.findall(r'inc_value\(f?"peoplesdaily/([a-z_]+(?:/[a-z_]+)?)', code))
    assert len(names) > 10
    missing = {name for name in names if name not in explained}
    assert not missing


def test_links_between_documents_lead_somewhere() -> None:
    for document in (path for path in tracked() if path.suffix == ".md"):
        for link in re.findall(r"\]\(([^)#]+)", document.read_text(encoding="utf-8")):
            if "://" not in link:
                assert (document.parent / link).exists(), f"{document.name}: {link}"


def test_output_is_not_in_git() -> None:
    assert [p.name for p in tracked() if "output" in p.relative_to(ROOT).parts[:1]] == [".gitkeep"]


@pytest.mark.parametrize("name", ["README.md", ".ci/run", ".github/workflows/ci.yml"])
def test_everyone_calls_the_same_test_command(name: str) -> None:
    assert "make test" in (ROOT / name).read_text()


@pytest.mark.parametrize(
    "script",
    ["alarms", "duplicates", "extractors", "index", "kills", "month", "parsers", "parsing"],
)
def test_benchmark_starts_as_its_readme_says(script: str) -> None:
    path = ROOT / "benchmarks" / f"{script}.py"
    done = subprocess.run([sys.executable, path, "--help"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("usage:")
