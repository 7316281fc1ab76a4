"""One line instead of a traceback for errors that a user can cause."""

from __future__ import annotations

import logging
from typing import Self

from scrapy.crawler import Crawler

from peoplesdaily.runs.failures import NETWORK_ERRORS, describe
from peoplesdaily.storage.index import CorpusIndexError


class PlainErrors:
    """Say in one line what Scrapy logs with a traceback, where a user can be the cause.

    These are a site that cannot be reached, seen first by the robots.txt middleware, and output
    that cannot be stored. A traceback of the program's own mistakes stays.
    """

    LOGGERS = (
        "scrapy.downloadermiddlewares.robotstxt",
        "scrapy.extensions.feedexport",
        "scrapy.core.scraper",
        "scrapy.core.engine",
    )

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        for name in cls.LOGGERS:
            logging.getLogger(name).addFilter(_without_traceback)
        return cls()


def _without_traceback(record: logging.LogRecord) -> bool:
    error = record.exc_info[1] if record.exc_info else None
    if isinstance(error, (OSError, CorpusIndexError, *NETWORK_ERRORS)):
        plain = isinstance(error, (OSError, CorpusIndexError))
        sentence = str(error) if plain else describe(error).sentence
        # The download error repeats what the sentence says, in Twisted's words.
        what = record.getMessage().partition(": ")[0]
        record.msg, record.args = "%s: %s", (what, sentence)
        record.exc_info = record.exc_text = None
    return True
