"""Redirects: never filtered as duplicates, with the cookies that they ask for, never in circles."""

from __future__ import annotations

from scrapy import Request, Spider
from scrapy.downloadermiddlewares.redirect import RedirectMiddleware
from scrapy.http import Response
from scrapy.settings import BaseSettings
from scrapy.utils.httpobj import urlparse_cached

from peoplesdaily.runs.failures import RedirectLoopError

# (name, host, whether its subdomains get it, too) -> value
_Cookies = dict[tuple[str, str, bool], str]


class ChainRedirectMiddleware(RedirectMiddleware):
    """Scrapy's redirects, each of which leads to an answer or an error.

    A redirected request passes the filter of duplicates; what becomes of two requests that end at
    one page is the spider's business. A cookie that a redirect sets is sent back within its chain
    alone: some guards set one and redirect to the same address. An address that comes again
    without a cookie set on the way, or a third time, is a loop.
    """

    def __init__(self, settings: BaseSettings) -> None:
        super().__init__(settings)
        self._keeps_cookies = not settings.getbool("COOKIES_ENABLED")

    def process_response(
        self, request: Request, response: Response, spider: Spider | None = None
    ) -> Request | Response:
        result: Request | Response = super().process_response(request, response)
        if not isinstance(result, Request):
            return result
        result.dont_filter = True
        if self._keeps_cookies:
            self._give_cookies(request, response, result)
        visits = [url for url in result.meta["redirect_urls"] if url == result.url]
        has_cookie = bool(response.headers.getlist("Set-Cookie")) or "Cookie" in result.headers
        if len(visits) > 1 or (visits and not has_cookie):
            raise RedirectLoopError(f"the site redirects {result.url} in a circle")
        return result

    @staticmethod
    def _give_cookies(request: Request, response: Response, redirected: Request) -> None:
        cookies: _Cookies = dict(request.meta.get("redirect_cookies", {}))
        host = urlparse_cached(request).hostname or ""
        for line in response.headers.getlist("Set-Cookie"):
            _take(cookies, line.decode("latin-1"), host)
        if not cookies:
            return
        redirected.meta["redirect_cookies"] = cookies
        target = urlparse_cached(redirected).hostname or ""
        pairs = [
            f"{name}={value}"
            for (name, domain, subdomains), value in cookies.items()
            if target == domain or (subdomains and target.endswith(f".{domain}"))
        ]
        redirected.headers.pop("Cookie", None)
        if pairs:
            redirected.headers["Cookie"] = "; ".join(pairs).encode("latin-1")


def _take(cookies: _Cookies, line: str, host: str) -> None:
    """Keep or delete the cookie of a Set-Cookie header."""
    pair, *rest = line.split(";")
    name, equals, value = (part.strip() for part in pair.partition("="))
    attributes = {}
    for part in rest:
        key, _, content = part.partition("=")
        attributes[key.strip().lower()] = content.strip()
    if not name or not equals:
        return
    domain = attributes.get("domain", "").lstrip(".").lower()
    wide = "." in domain and (host == domain or host.endswith(f".{domain}"))
    key_ = (name, domain if wide else host, wide)
    if attributes.get("max-age", "").lstrip("-") == "0" or attributes.get("max-age", "")[:1] == "-":
        cookies.pop(key_, None)
    else:
        cookies[key_] = value
