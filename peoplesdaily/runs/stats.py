"""The counts of a run, read from Scrapy's statistics."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Stats = Mapping[str, Any]


def figures(stats: Stats) -> dict[str, int]:
    """The counts of a run that a person asks for, by name.

    ``failed`` are articles that could not be fetched or read, ``lost_lists`` list pages.
    """

    def get(name: str) -> int:
        return int(stats.get(name, 0))

    def ours(name: str) -> int:
        return get(f"peoplesdaily/{name}")

    return {
        "written": ours("articles/written") + ours("articles/revised"),
        "revised": ours("articles/revised"),
        "unchanged": ours("articles/unchanged"),
        "duplicates": ours("articles/duplicate")
        + ours("articles/near_duplicate")
        + ours("articles/repeated"),
        "rejected": ours("articles/rejected"),
        "failed": sum(
            ours(f"articles/{verdict}")
            for verdict in ("failed", "gone", "not_an_article", "unknown_template")
        ),
        # Known problems, which their first run has reported.
        "failed_again": ours("articles/failed_again"),
        "unknown": ours("articles/unknown_template"),
        "not_an_article": ours("articles/not_an_article"),
        "generic": ours("articles/generic"),
        "incomplete": ours("articles/incomplete"),
        "no_verdict": ours("articles/no_verdict") + ours("lists/no_verdict"),
        "lost_lists": ours("lists/failed") + ours("lists/unrecognised"),
        "unrecognised_lists": ours("lists/unrecognised"),
        "lists": ours("lists/read") + ours("lists/unchanged") + ours("lists/missing"),
        "errors": get("spider_exceptions/count") + ours("items/failed"),
        "unwritten": ours("output/unwritten"),
        "pages": get("response_received_count"),
    }


def output_failed(stats: Stats) -> bool:
    """Whether something that belongs on disk is not there."""
    return any(
        key.startswith(("feedexport/failed_count", "peoplesdaily/output/failed"))
        or key == "peoplesdaily/output/unwritten"
        for key in stats
    )
