"""The counts of a run, read from Scrapy's statistics."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from peoplesdaily.runs.verdicts import ArticleVerdict, ListVerdict

Stats = Mapping[str, Any]


def figures(stats: Stats) -> dict[str, int]:
    """The counts of a run that a person asks for, by name.

    ``failed`` are articles that could not be fetched or read, ``lost_lists`` list pages.
    """

    def get(name: str) -> int:
        return int(stats.get(name, 0))

    def ours(name: str) -> int:
        return get(f"peoplesdaily/{name}")

    def articles(*verdicts: ArticleVerdict) -> int:
        return sum(ours(f"articles/{verdict}") for verdict in verdicts)

    def lists(*verdicts: ListVerdict) -> int:
        return sum(ours(f"lists/{verdict}") for verdict in verdicts)

    of, of_list = ArticleVerdict, ListVerdict
    return {
        "written": articles(of.WRITTEN, of.REVISED),
        "revised": articles(of.REVISED),
        "unchanged": articles(of.UNCHANGED),
        "duplicates": articles(of.DUPLICATE, of.NEAR_DUPLICATE) + ours("articles/repeated"),
        "rejected": articles(of.REJECTED),
        "failed": articles(of.FAILED, of.GONE, of.NOT_AN_ARTICLE, of.UNKNOWN_TEMPLATE),
        # Known problems, which their first run has reported.
        "failed_again": ours("articles/failed_again"),
        "unknown": articles(of.UNKNOWN_TEMPLATE),
        "not_an_article": articles(of.NOT_AN_ARTICLE),
        "generic": ours("articles/generic"),
        "incomplete": ours("articles/incomplete"),
        "no_verdict": articles(of.NO_VERDICT) + lists(of_list.NO_VERDICT),
        "lost_lists": lists(of_list.FAILED, of_list.UNRECOGNISED),
        "unrecognised_lists": lists(of_list.UNRECOGNISED),
        "lists": lists(of_list.READ, of_list.UNCHANGED, of_list.MISSING),
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
