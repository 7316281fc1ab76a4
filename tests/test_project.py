"""The project's own promises: layout, dependencies, documents."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from graphlib import TopologicalSorter
from pathlib import Path

import pytest
from helpers.crawls import ROOT

from benchmarks import parsing
from peoplesdaily import settings
from peoplesdaily.commands import schema
from peoplesdaily.runs.manifest import SCHEMA_FILE, schema_document
from peoplesdaily.schemas import records

PACKAGE = ROOT / "peoplesdaily"
# A folder or module at the package's root may import its own level and those before it.
LEVELS = (
    {"utils", "items", "schemas", "site"},
    {"parsers"},
    {"storage"},
    {"runs", "pipelines"},
    {"extensions", "spiders"},
    {"middlewares", "commands"},
    {"settings"},
)
# The tests' second opinion on the site: it may know data, never the readers.
REPLICA_KNOWS = {"items", "site", "replica"}


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
    level = {entry: number for number, entries in enumerate(LEVELS) for entry in entries}
    imported: dict[str, set[str]] = {entry: set() for entry in level}
    for path in PACKAGE.rglob("*.py"):
        entry = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
        if entry not in level:
            continue
        others = imports(path) - {entry}
        above = {other for other in others if level.get(other, 0) > level[entry]}
        assert not above, f"{path.relative_to(PACKAGE)} imports {above}"
        imported[entry] |= others
    # Within a level, too, imports form no circle.
    order = TopologicalSorter({e: found & level.keys() for e, found in imported.items()})
    assert tuple(order.static_order())


def test_the_replica_does_not_know_the_readers() -> None:
    for path in (PACKAGE / "replica").rglob("*.py"):
        assert imports(path) <= REPLICA_KNOWS, path
        of_site = re.findall(r"^from peoplesdaily\.site.*", path.read_text(), re.MULTILINE)
        assert all("site.sections import" in line for line in of_site), path


def test_parsers_run_without_scrapy() -> None:
    code = (
        "import importlib, pkgutil, sys, peoplesdaily.parsers as parsers\n"
        "for each in pkgutil.walk_packages(parsers.__path__, 'peoplesdaily.parsers.'):\n"
        "    importlib.import_module(each.name)\n"
        "sys.exit('scrapy' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


def test_dependencies_are_pinned_by_minor_version_locked_and_explained() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    reasons = (ROOT / "docs" / "decisions.md").read_text()
    lock = (ROOT / "requirements.lock").read_text()
    report = (ROOT / "requirements-report.lock").read_text()
    assert set(lock.splitlines()) < set(report.splitlines())
    extra = project["optional-dependencies"]["report"]
    for dependency in [*project["dependencies"], *extra]:
        match = re.fullmatch(
            r"([a-z0-9-]+)(?:\[[a-z-]+\])?>=(\d+)\.(\d+),<(\d+)\.(\d+)", dependency
        )
        assert match, dependency
        name, major, minor, next_major, next_minor = match.groups()
        assert (int(next_major), int(next_minor)) == (int(major), int(minor) + 1)
        assert f"| {name} {major}.{minor} |" in reasons
        pinned = re.compile(rf"^{name}=={major}\.{minor}\.", re.MULTILINE)
        assert pinned.search(report)
        assert bool(pinned.search(lock)) == (dependency not in extra)
    for path in ROOT.glob("requirements*.lock"):
        assert "://" not in path.read_text()


def test_imports_are_declared() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    dependencies = [*project["dependencies"], *project["optional-dependencies"]["report"]]
    declared = {re.split(r"[>=\[]", d)[0].replace("-", "_") for d in dependencies}
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
    assert records.SCHEMA_FILE.read_text(encoding="utf-8") == records.schema_document()
    assert SCHEMA_FILE.read_text(encoding="utf-8") == schema_document()
    page = schema.FIELDS_PATH.read_text(encoding="utf-8")
    assert page == schema.with_field_table(page)


def test_settings_are_explained_with_their_defaults() -> None:
    pages = [(ROOT / "docs" / f"{page}.md").read_text() for page in ("crawling", "operating")]
    rows = re.findall(r"^\| `([A-Z_]+)` \| ([^|]+) \|", "\n".join(pages), re.MULTILINE)
    assert len(rows) > 30
    for name, default in rows:
        value = getattr(settings, name)
        numeric = isinstance(value, (int, float)) and not isinstance(value, bool)
        assert default.strip("`") == str(value) or not (numeric and value), name
    own = re.compile(
        r"^((?:CONTACT|CRAWL_|RETRY_|REQUEST_|LOG_|MAX_|MONITOR_|NEAR_|LIST_|PROMETHEUS_)\w*) *[:=]"
    )
    code = (PACKAGE / "settings.py").read_text()
    names = {found[1] for line in code.splitlines() if (found := own.match(line))}
    # Of interest to developers alone.
    names -= {"LOG_VERSIONS", "RETRY_PRIORITY_ADJUST", "RETRY_GIVE_UP_LOG_LEVEL"}
    assert names <= {name for name, _ in rows}


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


@pytest.mark.crawl
@pytest.mark.parametrize(
    "script",
    ["extractors", "index", "kills", "month", "parsing", "throughput"],
)
def test_benchmark_starts_as_its_readme_says(script: str) -> None:
    path = ROOT / "benchmarks" / f"{script}.py"
    done = subprocess.run([sys.executable, path, "--help"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("usage:")


def test_scripts_import_what_they_run() -> None:
    """Each starts far enough to find its modules; what it does takes minutes, or writes files."""
    for path in sorted((ROOT / "scripts").glob("*.py")):
        folder = ROOT / "tests" if path.name == "failures.py" else ROOT
        code = (
            f"import ast, sys; sys.path[:0] = [{str(ROOT)!r}, {str(folder)!r}]\n"
            f"tree = ast.parse(open({str(path)!r}).read())\n"
            "for node in ast.walk(tree):\n"
            "    if isinstance(node, ast.ImportFrom) and node.module != '__future__':\n"
            "        names = {n.name for n in node.names}\n"
            "        found = __import__(node.module, fromlist=list(names))\n"
            "        assert names <= set(dir(found)), (node.module, names)\n"
        )
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr


def test_the_parsing_benchmark_runs_without_real_pages(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PEOPLESDAILY_REAL_PAGES", str(tmp_path / "absent"))
    monkeypatch.setattr(parsing, "SIZES", (15_000,))
    monkeypatch.setattr(parsing, "FEWEST_ROUNDS", 1)
    monkeypatch.setattr(sys, "argv", ["parsing.py", "--seconds", "0"])

    assert parsing.main() == 0
    assert "| many pictures, 15 KB |" in capsys.readouterr().out
