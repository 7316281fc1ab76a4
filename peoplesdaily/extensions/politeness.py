"""Politeness that is planned: the site's own pace, hours of the day, and a number of requests."""

from __future__ import annotations

import logging
import math
from ipaddress import ip_address
from typing import Any, Self
from urllib.parse import urlsplit

from scrapy import Request, Spider, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured
from scrapy.extensions.throttle import AutoThrottle
from scrapy.http import Response
from scrapy.robotstxt import RobotParser

logger = logging.getLogger(__name__)


# --- The site's own pace ------------------------------------------------------------------------


class CrawlDelay:
    """Keep the distance between two requests to a host that its robots.txt asks for.

    Scrapy reads ``Crawl-delay`` and ``Request-rate`` and acts on neither. The larger of the two
    becomes the host's delay, where it is more than ``DOWNLOAD_DELAY``; the random part of a delay
    shrinks as far as it must. ``CRAWL_DELAY_MAX`` (seconds) is the longest distance kept; a site
    that asks for more is named in a warning.
    """

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.longest = crawler.settings.getfloat("CRAWL_DELAY_MAX")
        self.usual = crawler.settings.getfloat("DOWNLOAD_DELAY")
        self.agent = str(
            crawler.settings["ROBOTSTXT_USER_AGENT"] or crawler.settings["USER_AGENT"] or ""
        )
        self._asked: dict[str, float] = {}
        crawler.signals.connect(self.robots_parsed, signals.robots_parsed)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def robots_parsed(self, robotparser: RobotParser, request: Request) -> None:
        assert self.crawler.engine
        key = self.crawler.engine.downloader.get_slot_key(request)
        asked = asked_delay(robotparser, self.agent)
        # Ports of one host have a robots.txt each and share a slot.
        if asked <= self._asked.get(key, 0.0):
            return
        self._asked[key] = asked
        if asked > self.longest:
            logger.warning(
                "robots.txt of %s asks for %g s between two requests, more than CRAWL_DELAY_MAX: "
                "%g s are kept; raise CRAWL_DELAY_MAX to do as the site asks",
                key, asked, max(self.longest, self.usual),
            )  # fmt: skip
            asked = self.longest
        elif asked > self.usual:
            logger.info("robots.txt of %s asks for %g s between two requests", key, asked)
        self._apply(key, asked)

    def _apply(self, key: str, asked: float) -> None:
        assert self.crawler.engine
        downloader = self.crawler.engine.downloader
        # Scrapy forgets the slot of a host that has been idle and makes it anew from here.
        chosen = downloader.per_slot_settings.setdefault(key, {})
        delay = max(asked, chosen.get("delay", self.usual))
        if not delay:
            return
        jitter = chosen.get("jitter", self.crawler.settings.getfloat("DOWNLOAD_DELAY_JITTER"))
        jitter = min(jitter, 1 - asked / delay)
        chosen.update(delay=delay, jitter=jitter)
        slot = downloader.slots.get(key)
        if slot is not None:
            slot.delay, slot.jitter = max(slot.delay, delay), jitter


def asked_delay(robots: RobotParser, agent: str) -> float:
    """Seconds between two requests that a robots.txt asks ``agent`` for; 0 where it asks none.

    A ``Request-rate`` counts at all hours, also where it names some.
    """
    asked = [robots.crawl_delay(agent) or 0.0]
    # Only Scrapy's default parser knows it.
    rules: Any = getattr(robots, "rp", None)
    if hasattr(rules, "request_rate") and (rate := rules.request_rate(agent)):
        asked.append(rate.seconds / rate.requests)
    return max((seconds for seconds in asked if not math.isnan(seconds)), default=0.0)


class Throttle(AutoThrottle):
    """Scrapy's AutoThrottle, which never goes below a delay that is set for a host.

    Scrapy's own goes down to ``DOWNLOAD_DELAY`` and up to ``AUTOTHROTTLE_MAX_DELAY`` whatever
    the host's delay.
    """

    def _response_downloaded(self, response: Response, request: Request, spider: Spider) -> None:
        super()._response_downloaded(response, request, spider)
        key, slot = self._get_slot(request, spider)
        assert self.crawler.engine
        if key is not None and slot is not None:
            set_for_host = self.crawler.engine.downloader.per_slot_settings.get(key, {})
            slot.delay = max(slot.delay, set_for_host.get("delay", 0.0))


# --- Hours of the day ---------------------------------------------------------------------------


# --- A number of requests -----------------------------------------------------------------------


# --- The rest -----------------------------------------------------------------------------------


class ContactReminder:
    """Say once, at the first request that leaves this machine, that no contact is given."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        crawler.signals.connect(self.request_reached_downloader, signals.request_reached_downloader)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        if str(crawler.settings.get("CONTACT") or "").strip():
            raise NotConfigured
        return cls(crawler)

    def request_reached_downloader(self, request: Request) -> None:
        # A crawl of the replica goes to a proxy on this machine.
        if _is_local(request.meta.get("proxy") or request.url):
            return
        self.crawler.signals.disconnect(
            self.request_reached_downloader, signals.request_reached_downloader
        )
        if "no contact address given" in str(self.crawler.settings["USER_AGENT"]):
            logger.warning(
                "The site's staff cannot reach you: set CONTACT to an e-mail or web address, such "
                "as -s CONTACT=you@example.org; it becomes part of the user agent"
            )


def _is_local(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
