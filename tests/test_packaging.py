"""The package outside its checkout: without extras, and installed from its wheel."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tomllib
import venv
import zipfile
from pathlib import Path

import pytest
from helpers.crawls import NO_PAUSES, ROOT, finished_lines
from test_project import tracked

from peoplesdaily.replica.server import Server

MANNERS = [f"-s{name}={value}" for name, value in NO_PAUSES.items()]
# Modules that only the extra `report` brings, and the packages that hold them. A finder that
# refuses the modules stands in for an installation without the extra.
HEAVY = {"vl_convert": "vl-convert-python", "jinja2": "jinja2"}
BLOCKED = f"""
import sys

class _Missing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {tuple(HEAVY)!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.meta_path.insert(0, _Missing())
"""


def environment(proxy: str = "", **more: str) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.lower().endswith("_proxy")}
    return {**kept, "http_proxy": proxy, **more}


# --- Without extras -----------------------------------------------------------------------------


@pytest.fixture
def light(tmp_path: Path) -> dict[str, str]:
    """An environment whose Python finds none of the extras' modules."""
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "sitecustomize.py").write_text(BLOCKED)
    return {"PYTHONPATH": str(tmp_path / "site")}


def run(*arguments: str, cwd: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "scrapy", *arguments],
        cwd=cwd, env=environment(**variables), capture_output=True, text=True, timeout=120,
    )  # fmt: skip


def test_the_modules_kept_away_are_those_of_the_extra() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extra = {re.split(r"[>=]", each)[0] for each in project["optional-dependencies"]["report"]}
    assert extra == set(HEAVY.values())


def test_a_crawl_and_its_commands_need_no_extra(
    server: Server, light: dict[str, str], tmp_path: Path
) -> None:
    folder = f"-sOUTPUT_DIR={tmp_path / 'output'}"
    page = ROOT / "tests" / "data" / "pages" / "2021"
    saved = next(path for path in sorted(page.iterdir()) if (path / "page.html").exists())
    commands = (
        ["crawl", "world", "-a", "max_articles=2", *MANNERS, folder],
        ["index", folder],
        ["index", "pending", folder],
        ["doctor", *MANNERS, folder],
        ["schema"],
        ["replica", "--help"],
        ["page", "parse", str(saved / "page.html"), "--url",
         "http://en.people.cn/n3/2020/1127/c90000-9793058.html"],
        ["crawlall", "--dry-run", *MANNERS, folder],
    )  # fmt: skip
    for command in commands:
        done = run(*command, cwd=ROOT, proxy=server.url, **light)
        assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
        assert "Traceback" not in done.stderr
    assert len(finished_lines(tmp_path / "output")) == 2
    report = run("report", folder, cwd=ROOT, proxy=server.url, **light)
    assert report.returncode == 2
    assert "Traceback" not in report.stderr
    # Scrapy puts the command's syntax before the sentence.
    sentence = report.stderr.splitlines()[-1]
    assert sentence.endswith("vl_convert is not installed; run pip install 'peoplesdaily[report]'")
    assert not (tmp_path / "output" / "report.html").exists()


# --- From the wheel -----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from what git tracks, without a network."""
    if importlib.util.find_spec("hatchling") is None:
        pytest.skip("needs hatchling, which builds the wheel; requirements-dev.lock has it")
    source, target = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("wheel")
    for path in tracked():
        copy = source / path.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, copy)
    done = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", target],
        cwd=source, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    (built,) = target.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of an environment with the wheel in it and this one's libraries beside it."""
    home = tmp_path_factory.mktemp("installed")
    venv.create(home, with_pip=False, symlinks=True)
    (packages,) = home.glob("lib/python*/site-packages")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(packages)
    # Only behind its own packages, so that the project is taken from the wheel.
    libraries = [path for path in sys.path if path.endswith("site-packages")]
    (packages / "libraries.pth").write_text("\n".join(libraries) + "\n")
    return home / "bin" / "python"


def test_the_wheel_holds_the_data_files_and_no_tests(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    data = {
        str(path.relative_to(ROOT)) for path in tracked()
        if path.is_relative_to(ROOT / "peoplesdaily")
    }  # fmt: skip
    assert any(name.endswith(".schema.json") for name in data)
    assert any(name.endswith(".jinja") for name in data)
    assert {name for name in names if ".dist-info/" not in name} == data


@pytest.mark.parametrize("by", ["environment", "scrapy.cfg"])
def test_the_wheel_crawls_into_the_folder_of_the_shell(
    installed: Path, server: Server, tmp_path: Path, by: str
) -> None:
    variables = {}
    if by == "environment":
        variables["SCRAPY_SETTINGS_MODULE"] = "peoplesdaily.settings"
    else:
        (tmp_path / "scrapy.cfg").write_text("[settings]\ndefault = peoplesdaily.settings\n")
    before = set(installed.parents[1].rglob("*.json*"))

    def scrapy(*arguments: str, code: int = 0) -> str:
        done = subprocess.run(
            [installed, "-m", "scrapy", *arguments],
            cwd=tmp_path, env=environment(server.url, **variables),
            capture_output=True, text=True, timeout=120,
        )  # fmt: skip
        assert done.returncode == code, done.stdout + done.stderr
        assert "Traceback" not in done.stderr
        return done.stdout

    where = subprocess.run(
        [installed, "-c", "import peoplesdaily; print(peoplesdaily.__file__)"],
        cwd=tmp_path, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert Path(where.stdout.strip()).is_relative_to(installed.parents[1])
    scrapy("crawl", "world", "-a", "max_articles=3", *MANNERS)
    assert len(finished_lines(tmp_path / "output")) == 3
    scrapy("crawl", "world", "-a", "max_articles=4", *MANNERS)
    ids = [record["id"] for record in finished_lines(tmp_path / "output")]
    assert len(ids) == len(set(ids)) == 7
    assert "7" in scrapy("index")
    assert scrapy("schema").startswith("{")
    scrapy("schema", "--write", code=2)
    scrapy("doctor", "--local")
    if importlib.util.find_spec("vl_convert"):
        scrapy("report")
        assert (tmp_path / "output" / "report.html").exists()
    assert set(installed.parents[1].rglob("*.json*")) == before
