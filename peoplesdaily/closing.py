"""End a run before its time, from wherever the reason shows."""

from __future__ import annotations

import asyncio

from scrapy.crawler import Crawler

_tasks: set[asyncio.Task[None]] = set()


def end_run(crawler: Crawler, reason: str) -> None:
    """Close the spider: nothing more is asked for, what was fetched is written.

    :param reason: the run's ``finish_reason``.
    """
    assert crawler.engine
    task = asyncio.get_running_loop().create_task(crawler.engine.close_spider_async(reason=reason))
    # The loop holds tasks weakly.
    _tasks.add(task)
    task.add_done_callback(_tasks.discard)
