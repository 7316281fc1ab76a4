"""Exceptions raised by :mod:`peoplesdaily.parsers`."""

from __future__ import annotations


class PageError(Exception):
    """The page cannot be parsed as what it was requested for.

    :param url: the page's address.
    :param reason: a short phrase for logs and statistics.
    """

    def __init__(self, url: str, reason: str) -> None:
        super().__init__(f"{url}: {reason}")
        self.url = url
        self.reason = reason


class NotAnArticleError(PageError):
    """The page is not an article: an error page, a list, a stub or another site's page. The HTTP
    status does not matter.

    Raised by :func:`peoplesdaily.parsers.parse_article`.
    """


class UnknownTemplateError(PageError):
    """The page has text, but no template matches: a redesign or a special page.

    Raised by :func:`peoplesdaily.parsers.parse_article`.
    """


class UnknownListingError(PageError):
    """No known list markup on the page contains an article.

    Raised by :func:`peoplesdaily.parsers.parse_listing` and
    :func:`peoplesdaily.parsers.parse_front_page`.
    """
