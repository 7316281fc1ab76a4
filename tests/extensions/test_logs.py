"""A run's log: where it is kept, for how long, and that no secret ever stands in it."""

from __future__ import annotations

import base64
import json
import os
import time
from pathlib import Path

import pytest
from helpers.crawls import CrawlCommand
from hypothesis import given
from hypothesis import strategies as st

from peoplesdaily.extensions.logs import tidy
from peoplesdaily.replica.server import Server
from peoplesdaily.utils.redaction import MASK, Redactor, masked

CANARY = "c4n4ry-9f31"
# Says everything that a careless component could say, with a traceback.
LEAKY = """
import logging
from urllib.request import getproxies

class Leaky:
    @classmethod
    def from_crawler(cls, crawler):
        log = logging.getLogger("leaky")
        for name in crawler.settings:
            log.error("%s=%r %s", name, crawler.settings.get(name), crawler.settings.get(name))
        log.warning("proxies: %s", getproxies())
        log.info("GET https://api.example.org/hook?token={canary}&page=2")
        log.info({{"Proxy-Authorization": "Basic {coded}"}})
        try:
            raise ValueError("no route to http://user:{canary}@example.org/x")
        except ValueError:
            log.exception("it failed")
        return cls()
"""


def test_no_secret_stands_in_the_log(
    crawl: CrawlCommand, server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    coded = base64.b64encode(f"user:{CANARY}".encode()).decode()
    (tmp_path / "leaky.py").write_text(LEAKY.format(canary=CANARY, coded=coded))
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    proxy = server.url.replace("://", f"://user:{CANARY}@")
    done = crawl(
        "world", "-a", "max_articles=2", "-a", "pages=1",
        proxy=proxy,
        LOG_LEVEL="DEBUG",
        LOG_TO_FILE="1",
        EXTENSIONS=json.dumps({"leaky.Leaky": 1, "peoplesdaily.extensions.progress.Summary": 2}),
        # Scrapy lists those that it knows as overridden, whatever their length.
        FTP_PASSWORD=CANARY,
        AWS_SECRET_ACCESS_KEY=f"{CANARY} with spaces " * 6,
        MAIL_PASS="k9",
        MONITOR_WEBHOOK=f"https://hooks.example.org/services/T0/{CANARY}",
        MY_API_TOKEN=f"{CANARY}'\"\\n",
        MIRROR=f"https://{CANARY}:x@mirror.example.org/",
        DEFAULT_REQUEST_HEADERS=json.dumps({"X-Api-Key": CANARY}),
    )  # fmt: skip

    (path,) = (done.output / "logs").iterdir()
    assert len(done.records) == 2
    for text in (done.log, path.read_text(encoding="utf-8")):
        assert "it failed" in text and "Overridden settings" in text
        assert "page=2" in text and "hooks.example.org" not in text
        assert "'MAIL_PASS': '***'" in text
        assert CANARY not in text, [line for line in text.splitlines() if CANARY in line]
        assert coded not in text


SECRETS = st.text(
    st.characters(codec="utf-8", exclude_characters="*", exclude_categories=["Z", "C"]), min_size=4
)


@given(secret=SECRETS, before=st.text(), after=st.text())
def test_a_known_secret_goes_wherever_it_stands(secret: str, before: str, after: str) -> None:
    redact = Redactor([secret])

    for form in (secret, repr(secret), json.dumps(secret, ensure_ascii=False)):
        assert secret not in redact(f"{before}{form}{after}")


@given(st.text(st.characters(codec="utf-8", exclude_characters="@=:"), max_size=200))
def test_what_is_no_secret_stays(text: str) -> None:
    assert Redactor()(text) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("http://u:p@h:8/x?a=1", f"http://{MASK}@h:8/x?a=1"),
        ("socks5://token@h", f"socks5://{MASK}@h"),
        ("http://u:p@ss@h/", f"http://{MASK}@h/"),
        ("http://en.people.cn/a@b.html", "http://en.people.cn/a@b.html"),
        ("(Scrapy; +mailto:you@example.org)", "(Scrapy; +mailto:you@example.org)"),
        ("/x?access_token=abc&n=3", f"/x?access_token={MASK}&n=3"),
        ("/x?q=token", "/x?q=token"),
        ("Authorization: Bearer abc.def", f"Authorization: {MASK}"),
        ("{b'Authorization': [b'Basic YTpi']}", f"{{b'Authorization': [b'{MASK}']}}"),
    ],
)
def test_what_looks_like_a_secret(text: str, expected: str) -> None:
    assert Redactor()(text) == expected


def test_masks_at_any_depth() -> None:
    given_ = {"A": [{"x_token": "1"}], "B": ("b", 2), "C_PASSWORD": {"d": 1}, "E_KEY": None}
    expected = {"A": [{"x_token": MASK}], "B": ("b", 2), "C_PASSWORD": {"d": 1}, "E_KEY": None}

    assert masked(given_) == expected


def test_a_log_a_run_beside_the_terminal(crawl: CrawlCommand) -> None:
    one = ("world", "-a", "max_articles=1", "-a", "pages=1")
    assert not (crawl(*one).output / "logs").exists()
    done = crawl(*one, LOG_TO_FILE="1")

    (path,) = (done.output / "logs").iterdir()
    manifests = {manifest.stem for manifest in (done.output / "runs").glob("*.json")}
    assert path.stem == max(manifests), "the last run's"
    kept = path.read_text(encoding="utf-8").splitlines()
    assert kept[-1] == done.summary
    assert set(kept) <= set(done.log.splitlines())
    assert any("Overridden settings" in line for line in kept)


def test_a_log_that_cannot_be_kept_does_not_stop_the_run(
    crawl: CrawlCommand, tmp_path: Path
) -> None:
    (tmp_path / "output").mkdir()
    (tmp_path / "output" / "logs").write_text("in the way")
    done = crawl("world", "-a", "max_articles=1", "-a", "pages=1", LOG_TO_FILE="1")

    assert done.code == 0
    assert len([path for path in done.files if path.suffix == ".jsonl"]) == 1
    assert "This run's log is not kept: cannot write" in done.log
    assert "Traceback" not in done.log


@pytest.mark.parametrize(
    ("days", "files", "left"),
    [
        (30, 0, {"new", "29"}),
        (0, 2, {"new", "29"}),
        (0, 3, {"new", "29", "31"}),
        (0, 0, {"new", "29", "31", "400"}),
        (30, 1, {"new"}),
    ],
)
def test_old_logs_go(tmp_path: Path, days: int, files: int, left: set[str]) -> None:
    for age in (29, 31, 400):
        path = tmp_path / f"{age}.log"
        path.touch()
        stamp = time.time() - age * 86_400
        os.utime(path, (stamp, stamp))
    (tmp_path / "new.log").touch()
    (tmp_path / "notes.txt").touch()
    os.utime(tmp_path / "notes.txt", (0, 0))
    tidy(tmp_path, days, files, keep=tmp_path / "new.log")

    assert {path.stem for path in tmp_path.glob("*.log")} == left
    assert (tmp_path / "notes.txt").exists()
