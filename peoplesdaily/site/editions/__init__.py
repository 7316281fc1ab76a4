"""The supported language editions, as data.

All editions use one CMS. They differ in hosts, the site's name after a title, the words around
names and dates, and date forms. To add an edition, add an entry to ``other_languages.py``.
"""

from __future__ import annotations

from functools import lru_cache

from peoplesdaily.site.editions.english_chinese import CHINESE, ENGLISH, ENGLISH_CHINESE
from peoplesdaily.site.editions.model import Calendar, Edition, Words
from peoplesdaily.site.editions.other_languages import FOREIGN, MINORITIES

__all__ = [
    "CHINESE",
    "EDITIONS",
    "ENGLISH",
    "ENGLISH_CHINESE",
    "HOSTS",
    "Calendar",
    "Edition",
    "Words",
    "canonical_host",
    "of_host",
]

EDITIONS: tuple[Edition, ...] = (*ENGLISH_CHINESE, *FOREIGN, *MINORITIES)
HOSTS: dict[str, Edition] = {host: edition for edition in EDITIONS for host in edition.hosts}


@lru_cache(maxsize=256)
def of_host(host: str) -> Edition | None:
    """The edition of ``host``; ``None`` for other sites."""
    host = host.lower().rstrip(".")
    if host in HOSTS:
        return HOSTS[host]
    for edition in EDITIONS:
        if any(host.endswith(f".{domain}") for domain in edition.domains):
            return edition
    return None


@lru_cache(maxsize=256)
def canonical_host(host: str, edition: Edition) -> str:
    """The host of canonical addresses: the edition's current one, or ``host`` if it has paths of
    its own.
    """
    host = host.lower().rstrip(".")
    return edition.host if host in edition.aliases else host
