"""What went wrong with a request, in words a person can act on."""

from __future__ import annotations

from dataclasses import dataclass

from scrapy import exceptions
from scrapy.spidermiddlewares.httperror import HttpError

from peoplesdaily.parsers import PageError

RUN_ENDS = "run_ends"
"""Kind of a failure: the run ended before the request was made."""


class RunEndingError(exceptions.IgnoreRequest):
    """A request that is dropped because the run is ending; a later run makes it."""


class RedirectLoopError(exceptions.IgnoreRequest):
    """The site redirects in a circle."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A failed request.

    :param kind: short name for statistics: ``"404"``, ``"timeout"``, ``"unresolved"``.
    :param sentence: what happened and, where there is one, the cure.
    :param status: HTTP status, ``None`` where no response came.
    """

    kind: str
    sentence: str
    status: int | None = None

    @property
    def gone(self) -> bool:
        """Whether the server says that the page does not exist (any more)."""
        return self.status in (404, 410)


_NETWORK: tuple[tuple[type[Exception], str, str], ...] = (
    (
        exceptions.CannotResolveHostError,
        "unresolved",
        "the host name does not resolve; check the network, DNS or http_proxy",
    ),
    (
        exceptions.DownloadConnectionRefusedError,
        "refused",
        "the connection was refused; check that the site, or the proxy in http_proxy, is up",
    ),
    (exceptions.DownloadTimeoutError, "timeout", "no answer within DOWNLOAD_TIMEOUT seconds"),
    (exceptions.ResponseDataLossError, "cut_off", "the answer was cut off or damaged"),
    (exceptions.DownloadCancelledError, "too_large", "the answer is larger than DOWNLOAD_MAXSIZE"),
    (exceptions.DownloadFailedError, "connection", "the connection failed"),
)
NETWORK_ERRORS = tuple(class_ for class_, _, _ in _NETWORK)
"""What a download raises when the network, and not the program, is at fault."""


def kind_of(class_path: str) -> str:
    """The short name of a failure from the dotted path of its exception, as Scrapy counts it."""
    name = class_path.rpartition(".")[2]
    return next((kind for class_, kind, _ in _NETWORK if class_.__name__ == name), name)


def describe(error: BaseException | None) -> Failure:
    """Name the failure behind ``error``, whatever layer raised it."""
    if isinstance(error, HttpError):
        status = error.response.status
        return Failure(str(status), f"the server answered {status}", status)
    if isinstance(error, RunEndingError):
        return Failure(RUN_ENDS, str(error))
    if isinstance(error, RedirectLoopError):
        return Failure("redirect_loop", str(error))
    if isinstance(error, exceptions.IgnoreRequest):
        if "max redirections" in str(error):
            return Failure("redirect_loop", "the site redirects more than REDIRECT_MAX_TIMES times")
        if "robots" in str(error).lower():
            return Failure("robots", "robots.txt forbids it")
        return Failure("ignored", str(error) or "a middleware refused the request")
    if isinstance(error, PageError):
        return Failure("unreadable", error.reason)
    for class_, kind, sentence in _NETWORK:
        if isinstance(error, class_):
            return Failure(kind, sentence)
    return Failure(type(error).__name__, f"{type(error).__name__}: {error}")
