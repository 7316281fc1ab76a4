"""The event loop of a run: its choice at the start, and an end before its time."""

from __future__ import annotations

import asyncio

from scrapy.crawler import Crawler
from scrapy.settings import BaseSettings
from scrapy.utils.misc import load_object

_tasks: set[asyncio.Task[None]] = set()


def choose_event_loop(settings: BaseSettings) -> None:
    """Set the loop of ``ASYNCIO_EVENT_LOOP`` before Scrapy looks for one.

    Scrapy would first make asyncio's own and then drop it unclosed, which Python remarks upon.
    """
    name = settings.get("ASYNCIO_EVENT_LOOP")
    if name:
        asyncio.set_event_loop(load_object(name)())


def end_run(crawler: Crawler, reason: str) -> None:
    """Close the spider: nothing more is asked for, what was fetched is written.

    :param reason: the run's ``finish_reason``.
    """
    assert crawler.engine
    task = asyncio.get_running_loop().create_task(crawler.engine.close_spider_async(reason=reason))
    # The loop holds tasks weakly.
    _tasks.add(task)
    task.add_done_callback(_tasks.discard)


def is_ending(crawler: Crawler) -> bool:
    """Whether the run has been told to end: nothing more is to be asked for."""
    slot = getattr(crawler.engine, "_slot", None)
    return slot is not None and slot.closing is not None
