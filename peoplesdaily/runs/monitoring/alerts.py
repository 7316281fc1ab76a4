"""What is done about a finding: a command, a webhook, and Prometheus' textfile.

Nothing here changes how a run went. An action that fails is an error in the log; what was found is
in the manifest and in the exit code by then.
"""

from __future__ import annotations

import json
import logging
import os
import shlex
import signal
import subprocess
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlsplit

from scrapy.settings import BaseSettings

from peoplesdaily.items import as_json
from peoplesdaily.runs.manifest import Check, Manifest
from peoplesdaily.runs.monitoring.history import History

logger = logging.getLogger(__name__)

_Key = tuple[str, str | None]
NEW, LASTING, WELL = "new", "lasting", "well"
"""Why a check is told: it fails for the first time, it has failed for a day more, it is well."""


@dataclass(frozen=True, slots=True)
class Told:
    """A check that is told, and why."""

    why: str
    check: Check


@dataclass(frozen=True, slots=True)
class Actions:
    """What the settings ask for.

    :param command: program and arguments; it gets the finding as JSON on its standard input.
    :param webhook: address to which the finding is posted as JSON.
    :param timeout: seconds that each may take.
    :param remind: hours after which a check that still fails is told again; 0 tells each run.
    """

    command: Sequence[str] = ()
    webhook: str = ""
    timeout: float = 30.0
    remind: float = 24.0

    @classmethod
    def of(cls, settings: BaseSettings) -> Actions:
        """:raises ValueError: a setting cannot be used; the message is one sentence."""
        given = settings.get("MONITOR_COMMAND") or ()
        try:
            command = shlex.split(given) if isinstance(given, str) else [str(x) for x in given]
        except ValueError as error:
            raise ValueError(f"MONITOR_COMMAND cannot be split into words: {error}") from None
        webhook = str(settings.get("MONITOR_WEBHOOK") or "").strip()
        try:
            parts = urlsplit(webhook)
            usable = parts.scheme in ("http", "https") and bool(parts.hostname)
        except ValueError:
            usable = False
        if webhook and not usable:
            # The address may be a secret: it is not repeated.
            raise ValueError("MONITOR_WEBHOOK is no http or https address")
        return cls(
            tuple(command),
            webhook,
            settings.getfloat("MONITOR_TIMEOUT"),
            settings.getfloat("MONITOR_REMIND_HOURS"),
        )

    def run(self, told: Sequence[Told], run: Manifest, path: Path) -> None:
        """Tell what is to be told, all of a run's checks at once.

        :param path: the run's manifest, which is written.
        """
        if not told:
            return
        document = json.dumps(message(told, run, path), ensure_ascii=False).encode(
            "utf-8", "replace"
        )
        for name, do in (("MONITOR_COMMAND", self._command), ("MONITOR_WEBHOOK", self._post)):
            try:
                do(document)
            except Exception as error:
                logger.error("%s failed: %s", name, _plain(error))

    def _command(self, document: bytes) -> None:
        if not self.command:
            return
        # A session of its own, so that what it has started ends with it.
        process = subprocess.Popen(
            list(self.command),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            output, _ = process.communicate(document, self.timeout)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            raise
        if process.returncode:
            last = output.decode("utf-8", "replace").strip().splitlines()[-1:]
            raise ActionError(f"exit code {process.returncode}: {''.join(last)[:200]}")

    def _post(self, document: bytes) -> None:
        if not self.webhook:
            return
        request = urllib.request.Request(
            self.webhook, data=document, headers={"Content-Type": "application/json"}
        )
        with urllib.request.build_opener(_NoRedirect).open(request, timeout=self.timeout):
            pass


class ActionError(Exception):
    """An action that failed; the message says how. Raised and logged here."""


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A redirect would turn the message into an empty GET, which looks like success."""

    def redirect_request(
        self, req: Any, fp: IO[bytes], code: int, msg: str, headers: Any, newurl: str
    ) -> None:
        return None


def _plain(error: Exception) -> str:
    """What went wrong, without addresses: they may be secret."""
    match error:
        case ActionError():
            return str(error)
        case subprocess.TimeoutExpired():
            return "it took longer than MONITOR_TIMEOUT and was ended"
        case urllib.error.HTTPError():
            return f"the answer was {error.code}"
        case TimeoutError():
            return "no answer within MONITOR_TIMEOUT"
        case urllib.error.URLError(reason=OSError() as reason):
            return _plain(reason)
        case OSError():
            return error.strerror or type(error).__name__
    return type(error).__name__


def message(told: Sequence[Told], run: Manifest, path: Path) -> dict[str, Any]:
    """The document that actions get."""
    return {
        "run": run.run,
        "spider": run.spider,
        "started_at": run.started_at,
        "exit_code": run.exit_code,
        "outcome": run.outcome,
        "manifest": str(path),
        "checks": [{"why": each.why, **as_json(each.check)} for each in told],
    }


def to_tell(run: Manifest, history: History, remind: float) -> list[Told]:
    """The checks of a run that are news.

    One that failed in the run before is told again only when it has failed for so many hours more;
    one that no longer fails is told once. A run every hour would otherwise say the same each hour,
    and nobody would read it.

    :param remind: hours; 0 tells every failed check.
    """
    failed = {(check.monitor, check.section): check for check in run.monitors if not check.passed}
    earlier = [each for each in history.checks if each[0].spider == run.spider]
    told: list[Told] = []
    for key, check in failed.items():
        since = _failing_since(key, earlier)
        if since is None or _is_due(since, earlier[0][0].start, run.start, remind):
            told.append(Told(NEW if since is None else LASTING, check))
    for key, before in (earlier[0][1] if earlier else {}).items():
        monitor, section = key
        if key in failed or (section is not None and section not in run.by_section):
            continue
        sentence = f"{section or monitor} is well again; it was: {before.message}"
        told.append(Told(WELL, Check(monitor=monitor, section=section, passed=True,
                                     usual=before.usual, message=sentence)))  # fmt: skip
    return told


def _failing_since(
    key: _Key, earlier: Sequence[tuple[Manifest, Mapping[_Key, Check]]]
) -> datetime | None:
    """When a check that failed in the run before began to fail."""
    since = None
    for run, failed in earlier:
        if key not in failed:
            break
        since = run.start
    return since


def _is_due(since: datetime, before: datetime, now: datetime, remind: float) -> bool:
    """Whether a whole number of pauses has passed between the run before and now."""
    if remind <= 0:
        return True
    pause = timedelta(hours=remind)
    return (now - since) // pause > (before - since) // pause
