"""Serves the replica in a process of its own, so that neither its CPU nor its memory counts.

Prints one line of JSON when every page is rendered; ends when its standard input does, and so
with the benchmark, however that ends.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from peoplesdaily.replica.content import DIRECTORIES, Catalogue
from peoplesdaily.replica.server import Server
from peoplesdaily.replica.site import HOSTS, Site


def expected(site: Site) -> dict[str, Any]:
    """What a full crawl must fetch and write."""
    catalogue = site.catalogue
    # The replica tells stories without text apart by nothing but their id, as the project does.
    reposts = [id_ for id_ in catalogue.reposts if catalogue.story(id_).body]
    paths = list(site.paths())
    return {
        "lists": [
            f"http://{HOSTS[0]}/",
            *(f"http://{HOSTS[0]}/{directory}/index.html" for directory in DIRECTORIES.values()),
        ],
        "spiders": [*DIRECTORIES, "home"],
        "pages": len(paths),
        "story_pages": sum(catalogue.story(id_).pages for id_ in catalogue.ids),
        "stories": len(catalogue.ids) - len(reposts),
        "page_bytes": sum(len(site.respond("GET", HOSTS[0], path).body) for path in paths)
        // len(paths),
    }


def main() -> None:
    articles, page_bytes = int(sys.argv[1]), int(sys.argv[2])
    site = Site(Catalogue(articles=articles, page_bytes=page_bytes))
    site.warm()
    with Server(site, keep_log=False) as server:
        print(json.dumps({"proxy": server.url, **expected(site)}), flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()
