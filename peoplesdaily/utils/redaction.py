"""Take secrets out of text."""

from __future__ import annotations

import base64
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import unquote, urlsplit
from urllib.request import getproxies

from scrapy.settings import SETTINGS_PRIORITIES, BaseSettings

MASK = "***"

#: Shorter values are masked under their own name only: masking every "1" would make a log
#: unreadable, and no secret has three characters.
_SHORTEST = 4
_LONG_PART = 16

_SECRET_NAME = re.compile(
    r"PASSW|PASSPHRASE|PASS(?:_|$)|TOKEN|KEY|SECRET|WEBHOOK|CREDENTIAL|AUTHORIZATION|DSN(?:_|$)",
    re.IGNORECASE,
)

# user:password@ and token@ in an address. A user alone is one, too: many services take a token
# for the user.
_USERINFO = re.compile(r"(?<=://)[^\s/'\"<>]+(?=@)")

_HEADER = re.compile(
    r"((?:proxy-)?authorization|(?:set-)?cookie)(['\"]?\s*[:=]\s*\[?(?:b?['\"])?)"
    r"((?:basic|bearer|digest|token)\s+)?[^\s'\",\]]+",
    re.IGNORECASE,
)

_QUERY = re.compile(
    r"([?&;](?:[\w.-]*(?:token|key|secret|passw(?:or)?d|signature)|pass|pwd|sig|auth))=[^\s&;#'\"<>]+",
    re.IGNORECASE,
)


class Redactor:
    """Takes secrets out of a text.

    :param secrets: values that are secret wherever they stand.
    """

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        known = {form for secret in secrets for form in _forms(secret)}
        # The longest first, so that no end of one is left behind.
        ordered = sorted(known, key=lambda form: (-len(form), form))
        self._known = re.compile("|".join(map(re.escape, ordered))) if ordered else None

    def __call__(self, text: str) -> str:
        if self._known:
            text = self._known.sub(MASK, text)
        if "@" in text:
            text = _USERINFO.sub(MASK, text)
        if "=" in text:
            text = _QUERY.sub(rf"\1={MASK}", text)
        return _HEADER.sub(rf"\1\2{MASK}", text)


def is_secret_name(name: str) -> bool:
    """Whether a setting or argument of this name holds a secret.

    >>> [is_secret_name(name) for name in ("SLACK_TOKEN", "http_pass", "PASSES", "LOG_LEVEL")]
    [True, True, False, False]
    """
    return _SECRET_NAME.search(name) is not None


def masked(value: Any, name: str = "") -> Any:
    """``value`` with everything masked that stands under a secret's name, at any depth."""
    if isinstance(value, BaseSettings | Mapping):
        return {key: masked(inner, str(key)) for key, inner in value.items()}
    if name and is_secret_name(name) and value not in (None, "", False):
        return MASK
    if isinstance(value, list | tuple):
        return type(value)(masked(inner) for inner in value)
    return value


def secrets_of(settings: BaseSettings) -> Iterator[str]:
    """Every secret that this run was given: by settings, command line and proxies."""
    given = {
        name: settings.get(name)
        for name in settings
        # Scrapy's own defaults are no secrets; one of them is the word "guest".
        if (settings.getpriority(name) or 0) > SETTINGS_PRIORITIES["default"]
    }
    yield from _secrets_in(given)
    for argument in sys.argv:
        name, equals, value = argument.partition("=")
        name = re.sub(r"^-[sa]", "", name)
        if equals and is_secret_name(name):
            yield value
    for proxy in getproxies().values():
        yield from _in_address(proxy)


def _secrets_in(value: Any, name: str = "") -> Iterator[str]:
    if isinstance(value, BaseSettings | Mapping):
        for key, inner in value.items():
            yield from _in_address(str(key))
            yield from _secrets_in(inner, str(key))
    elif isinstance(value, list | tuple | set | frozenset):
        for inner in value:
            yield from _secrets_in(inner, name)
    elif isinstance(value, str | bytes | int | float) and not isinstance(value, bool):
        text = value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
        if name and is_secret_name(name):
            yield text
        yield from _in_address(text, whole=bool(name) and is_secret_name(name))


def _in_address(text: str, *, whole: bool = False) -> Iterator[str]:
    """Passwords in an address; with ``whole`` the long parts of its path and query, too.

    A webhook's token is a part of its path, and a library may log path and host apart.
    """
    if "://" not in text:
        return
    try:
        split = urlsplit(text)
        user, password = split.username, split.password
    except ValueError:
        return
    if password:
        yield password
        credentials = f"{unquote(user or '')}:{unquote(password)}"
        yield base64.b64encode(credentials.encode()).decode()
    if whole:
        for part in re.split(r"[/?&=]", f"{split.path}?{split.query}"):
            if len(part) >= _LONG_PART:
                yield part


def _forms(secret: str) -> Iterator[str]:
    """A secret as it may stand in a log: plain, decoded, and inside quotes."""
    for plain in (secret, unquote(secret), secret.strip()):
        for form in (plain, repr(plain)[1:-1]):
            if len(form) >= _SHORTEST:
                yield form
        # A printer of settings breaks long values at their spaces.
        yield from (word for word in plain.split() if len(word) >= 2 * _SHORTEST)
