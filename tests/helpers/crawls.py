"""Crawls of the embedded site, as a user runs them."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from peoplesdaily.storage.feed_files import finished_files

ROOT = Path(__file__).resolve().parents[2]
# Loopback needs no manners; the tests of manners set their own.
NO_PAUSES = {"DOWNLOAD_DELAY": "0", "AUTOTHROTTLE_ENABLED": "0", "RETRY_BACKOFF": "0.05"}


def read_lines(path: Path) -> list[dict[str, Any]]:
    """The records of a JSON Lines file, compressed or not."""
    data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    assert data.endswith(b"\n"), "the last line is cut"
    return [json.loads(line) for line in data.decode().splitlines()]


def finished_lines(output: Path) -> list[dict[str, Any]]:
    """The records of all finished files of an output folder."""
    return [record for path in finished_files(output) for record in read_lines(path)]


def list_page(hrefs: Iterable[str], total: int) -> bytes:
    """A page of a list in the markup of 2021."""
    items = "".join(f'<li><a href="{href}">A story</a></li>' for href in hrefs)
    return (
        f'<div class="main"><div class="col-1 fl"><ul class="foreign_list8 cf">{items}</ul>'
        f"</div></div><!--PageNo={total}-->"
    ).encode()


@dataclass(frozen=True)
class Crawl:
    """A finished ``scrapy crawl``."""

    code: int
    log: str
    output: Path

    @property
    def files(self) -> list[Path]:
        """The finished files, without rejected records."""
        return list(finished_files(self.output))

    @property
    def records(self) -> list[dict[str, Any]]:
        return finished_lines(self.output)

    @property
    def rejected(self) -> list[dict[str, Any]]:
        return [r for p in (self.output / "rejected").rglob("*.jsonl") for r in read_lines(p)]

    @property
    def summary(self) -> str:
        """The last line of the log, but for those that explain an exit code."""
        lines = self.log.strip().splitlines()
        after = (" Exit code ", " Monitor ")
        return next(line for line in reversed(lines) if not any(word in line for word in after))

    def stat(self, name: str) -> int:
        """A number of the statistics that Scrapy prints at the end."""
        for line in self.log.splitlines():
            key, _, value = line.strip(" {},").partition(": ")
            if key == f"'{name}'":
                return int(value)
        return 0


def scrapy(*arguments: str, proxy: str | None = None, cwd: Path = ROOT, **more: Any) -> Any:
    """Run ``scrapy`` in a process of its own."""
    environment = {k: v for k, v in os.environ.items() if not k.lower().endswith("_proxy")}
    environment["PYTHONWARNINGS"] = "default"
    if proxy:
        environment["http_proxy"] = proxy
    return subprocess.run(
        [sys.executable, "-m", "scrapy", *arguments],
        cwd=cwd, env=environment, capture_output=True, text=True, timeout=120, **more,
    )  # fmt: skip


CrawlCommand = Callable[..., Crawl]
