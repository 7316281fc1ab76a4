"""Figures of a run for the textfile collector of Prometheus' node exporter."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from prometheus_client import CollectorRegistry, Gauge, write_to_textfile

from peoplesdaily.runs.manifest import Manifest


def write_metrics(template: str, run: Manifest) -> None:
    """Write a run's figures for the textfile collector of Prometheus' node exporter.

    :param template: path; ``%(name)s`` in it becomes the spider's name, so that runs of several
        spiders keep apart.
    :raises OSError: it cannot be written; what was there stays.
    """
    registry = CollectorRegistry()
    for name, help_, value in _of_run(run):
        gauge = Gauge(f"peoplesdaily_run_{name}", help_, ["spider"], registry=registry)
        gauge.labels(run.spider).set(value)
    for name, help_, values in _of_sections(run):
        gauge = Gauge(
            f"peoplesdaily_section_{name}", help_, ["spider", "section"], registry=registry
        )
        for section, value in values:
            gauge.labels(run.spider, section).set(value)
    write_to_textfile(template.replace("%(name)s", run.spider), registry)


def _of_run(run: Manifest) -> Iterable[tuple[str, str, float]]:
    end = datetime.fromisoformat(run.finished_at).timestamp() if run.finished_at else 0.0
    failed = sum(not check.passed for check in run.monitors)
    return (
        ("end_timestamp_seconds", "When the last run ended.", end),
        ("exit_code", "Exit code of the last run; docs/exit-codes.md lists them.",
         run.exit_code or 0),
        ("duration_seconds", "Duration of the last run.", run.seconds or 0.0),
        ("requests", "Requests sent by the last run.", run.requests.total),
        ("received_bytes", "Bytes received by the last run.", run.bytes.received),
        ("articles_new", "Articles written for the first time.", run.articles.new),
        ("articles_revised", "Articles written again.", run.articles.revisions),
        ("articles_rejected", "Records that broke the contract.", run.articles.rejected),
        ("articles_failed", "Articles not fetched.", run.articles.failed),
        ("articles_pending", "Articles that later runs are to fetch.", run.articles.pending),
        ("monitors_failed", "Failed checks of the last run.", failed),
    )  # fmt: skip


def _of_sections(run: Manifest) -> Iterable[tuple[str, str, list[tuple[str, float]]]]:
    sections = run.by_section.items()
    return (
        ("articles_new", "New articles of the last run.", [(n, s.new) for n, s in sections]),
        ("lists_failed", "List pages lost in the last run.",
         [(n, s.lists_failed) for n, s in sections]),
        ("newest_article_timestamp_seconds", "When the newest article was published.",
         [(n, datetime.fromisoformat(s.newest).timestamp()) for n, s in sections if s.newest]),
    )  # fmt: skip
