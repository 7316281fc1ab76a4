"""``make demo``: crawl a section of the embedded site and show what came out.

The crawl is the real one, ``scrapy crawl world`` with production addresses through an HTTP proxy;
only its pauses are left out, because nobody but this machine is asked.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from peoplesdaily.replica.content import Catalogue
from peoplesdaily.replica.server import Server
from peoplesdaily.replica.site import Site

# Invented articles stay apart from a corpus that may lie in output/ already.
OUTPUT = ROOT / "output" / "demo"
NO_PAUSES = ("DOWNLOAD_DELAY=0", "AUTOTHROTTLE_ENABLED=0")


def main() -> int:
    with Server(Site(Catalogue())) as server:
        print(f"The embedded site, a replica with invented articles, is up at {server.url}")
        command = ["scrapy", "crawl", "world", "-s", f"OUTPUT_DIR={OUTPUT}"]
        print(f"$ http_proxy={server.url} {' '.join(command[:3])}\n", flush=True)
        for pause in NO_PAUSES:
            command += ["-s", pause]
        environment = {**os.environ, "http_proxy": server.url, "no_proxy": ""}
        crawl = subprocess.run(
            [sys.executable, "-m", *command], cwd=ROOT, env=environment, check=False
        )
    if crawl.returncode:
        print(f"\nThe crawl ended with exit code {crawl.returncode}; the log above says why.")
        return crawl.returncode
    newest = max((OUTPUT / "world").glob("*.jsonl"), key=lambda path: path.name)
    records = [json.loads(line) for line in newest.open(encoding="utf-8")]
    print(f"\nOutput: {newest}\nArticles: {len(records)}")
    # One of each template, so that both kinds of page are seen.
    for record in {record["template"]: record for record in reversed(records)}.values():
        print("\n" + readable(record))
    return 0


def readable(record: dict[str, Any]) -> str:
    """A record as a person would read it."""
    byline = ", ".join([*record["authors"], record["source"] or "no source"])
    when = record["published_at"] or record["published_on"]
    facts = [
        f"{byline} | {when} | {', '.join(record['sections'])}",
        f"{record['url']}",
        f"{len(record['images'])} picture(s), {record['pages']} page(s), "
        f"template {record['template']}",
    ]
    body = textwrap.shorten((record["body"] or "(pictures only)").replace("\n\n", " "), 400)
    return "\n".join(
        [record["title"], "-" * len(record["title"]), *facts, "", textwrap.fill(body, 88)]
    )


if __name__ == "__main__":
    sys.exit(main())
