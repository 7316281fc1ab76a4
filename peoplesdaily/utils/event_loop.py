"""The event loop of a run: its choice at the start, and an end before its time."""

from __future__ import annotations

import asyncio
from types import FrameType
from typing import Any

from scrapy import signals
from scrapy.crawler import Crawler, CrawlerProcessBase
from scrapy.settings import BaseSettings
from scrapy.utils.misc import load_object
from scrapy.utils.ossignal import install_shutdown_handlers
from scrapy.utils.reactor import is_reactor_installed

from peoplesdaily.utils import interrupts

_tasks: set[asyncio.Task[None]] = set()


def choose_event_loop(settings: BaseSettings) -> None:
    """Set the loop of ``ASYNCIO_EVENT_LOOP`` before Scrapy looks for one.

    Scrapy would first make asyncio's own and then drop it unclosed, which Python remarks upon.
    """
    name = settings.get("ASYNCIO_EVENT_LOOP")
    if name:
        asyncio.set_event_loop(load_object(name)())


def run(process: CrawlerProcessBase, crawler: Crawler, **arguments: Any) -> bool:
    """Crawl, to the end or until a signal ends the crawl in order; so once in a process.

    Scrapy's handlers end a crawl that has begun. One that is about to, they would leave behind,
    with a traceback: until then the signal waits.

    :returns: whether a signal has come.
    """
    ended = False
    # Scrapy goes without a reactor where TWISTED_REACTOR_ENABLED says so.
    name = "_signal_shutdown" if is_reactor_installed() else "_signal_shutdown_reactorless"
    shut_down = getattr(process, name)

    def end(number: int, frame: FrameType | None) -> None:
        nonlocal ended
        ended = True
        shut_down(number, frame)

    def begun() -> None:
        install_shutdown_handlers(end)
        if (number := interrupts.taken()) is not None:
            end(number, None)

    interrupts.install()
    crawler.signals.connect(begun, signals.engine_started)
    with interrupts.unbroken(then_raise=False):
        process.crawl(crawler, **arguments)
        process.start(install_signal_handlers=False)
    # One that came before a crawl which then did not begin is still there.
    return interrupts.taken() is not None or ended


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
    """Whether the run is ending: no more requests are to be made."""
    slot = getattr(crawler.engine, "_slot", None)
    return slot is not None and slot.closing is not None
