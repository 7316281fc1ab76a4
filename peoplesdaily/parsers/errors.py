"""What :mod:`peoplesdaily.parsers` raises, and nothing else."""

from __future__ import annotations


class PageError(Exception):
    """A page that cannot be read as what it was fetched for.

    :param url: the page's address.
    :param reason: one short phrase for logs and statistics.
    """

    def __init__(self, url: str, reason: str) -> None:
        super().__init__(f"{url}: {reason}")
        self.url = url
        self.reason = reason


class NotAnArticleError(PageError):
    """An error page, a list, a stub or another site's page, whatever its status code says.

    Raised by :func:`peoplesdaily.parsers.parse_article`.
    """


class UnknownTemplateError(PageError):
    """A page with text that no known template era matches: a redesign, or a page of its own kind.

    Raised by :func:`peoplesdaily.parsers.parse_article`.
    """


class UnknownListingError(PageError):
    """A page that lists no article in any markup known.

    Raised by :func:`peoplesdaily.parsers.parse_listing` and
    :func:`peoplesdaily.parsers.parse_front_page`.
    """
