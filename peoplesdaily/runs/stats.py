"""The counts of a run, read from Scrapy's statistics."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Stats = Mapping[str, Any]


_UNRECOGNISED = ("unrecognised", "no_label")


def figures(stats: Stats) -> dict[str, int]:
    """The counts of a run that a person asks for, by name.

    ``failed`` are articles that could not be fetched or read, ``lost_lists`` list pages.
    """

    def get(name: str) -> int:
        return int(stats.get(name, 0))

    def ours(name: str) -> int:
        return get(f"peoplesdaily/{name}")

    return {
        # Scrapy counts an item that its exporter could not write, too.
        "written": get("item_scraped_count") - ours("articles/unwritten"),
        "revised": ours("articles/revised"),
        "unchanged": ours("articles/unchanged"),
        "duplicates": ours("articles/duplicates"),
        "rejected": ours("articles/rejected"),
        "failed": ours("articles/failed")
        + ours("articles/not_an_article")
        + ours("articles/unknown_template")
        # Not tried: the run was told to end first.
        - ours("articles/failed/run_ends"),
        # Known trouble, which its first run has reported.
        "failed_again": ours("articles/failed_again"),
        "unknown": ours("articles/unknown_template"),
        "not_an_article": ours("articles/not_an_article"),
        "generic": ours("articles/generic"),
        "incomplete": ours("articles/incomplete"),
        "lost_lists": ours("lists/failed") - ours("lists/failed/run_ends"),
        "unrecognised_lists": sum(ours(f"lists/failed/{kind}") for kind in _UNRECOGNISED),
        "lists": ours("lists/read") + ours("lists/unchanged") + ours("lists/missing_days"),
        "errors": get("spider_exceptions/count"),
        "unwritten": ours("articles/unwritten"),
        "pages": get("response_received_count"),
    }


def output_failed(stats: Stats) -> bool:
    """Whether something that belongs on disk is not there."""
    return any(
        key.startswith(("feedexport/failed_count", "peoplesdaily/output/failed"))
        or key == "peoplesdaily/articles/unwritten"
        for key in stats
    )
