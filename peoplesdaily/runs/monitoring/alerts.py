"""Alerts about failed checks: a command and a webhook.

Alerts do not change how a run went. One that cannot be sent is an error in the log; the manifest
and the exit code already hold the finding.
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
NEW, LASTING, PASSED = "new", "lasting", "passed"
"""Why an alert is sent: the check fails for the first time, still fails, or passes again."""


@dataclass(frozen=True, slots=True)
class Alert:
    """A check to send, and why."""

    why: str
    check: Check


@dataclass(frozen=True, slots=True)
class AlertSender:
    """Sends alerts as the settings ask.

    :param command: program and arguments; it gets the finding as JSON on its standard input.
    :param webhook: address to which the finding is posted as JSON.
    :param timeout: seconds that each may take.
    :param remind: hours after which a check that still fails is sent again; 0 sends each run.
    """

    command: Sequence[str] = ()
    webhook: str = ""
    timeout: float = 30.0
    remind: float = 24.0

    @classmethod
    def of(cls, settings: BaseSettings) -> AlertSender:
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

    def send(self, alerts: Sequence[Alert], run: Manifest, path: Path) -> None:
        """Send all alerts of a run at once.

        :param path: the run's manifest, which is written.
        """
        if not alerts:
            return
        document = json.dumps(message(alerts, run, path), ensure_ascii=False).encode(
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
        # A new session, so that a timeout also ends its child processes.
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
            raise AlertError(f"exit code {process.returncode}: {''.join(last)[:200]}")

    def _post(self, document: bytes) -> None:
        if not self.webhook:
            return
        request = urllib.request.Request(
            self.webhook, data=document, headers={"Content-Type": "application/json"}
        )
        with urllib.request.build_opener(_NoRedirect).open(request, timeout=self.timeout):
            pass


class AlertError(Exception):
    """An alert that could not be sent; the message says why. Raised and logged here."""


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A redirect would turn the message into an empty GET, which looks like success."""

    def redirect_request(
        self, req: Any, fp: IO[bytes], code: int, msg: str, headers: Any, newurl: str
    ) -> None:
        return None


def _plain(error: Exception) -> str:
    """What went wrong, without addresses: they may be secret."""
    match error:
        case AlertError():
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


def message(alerts: Sequence[Alert], run: Manifest, path: Path) -> dict[str, Any]:
    """The JSON document of an alert."""
    return {
        "run": run.run,
        "spider": run.spider,
        "started_at": run.started_at,
        "exit_code": run.exit_code,
        "outcome": run.outcome,
        "manifest": str(path),
        "checks": [{"why": each.why, **as_json(each.check)} for each in alerts],
    }


def alerts_of(run: Manifest, history: History, remind: float) -> list[Alert]:
    """The checks of a run that are news.

    A check that failed in the previous run is sent again only after it has failed for ``remind``
    more hours. A check that passes again is sent once. Otherwise an hourly run would repeat the
    same alert every hour.

    :param remind: hours; 0 sends every failed check.
    """
    failed = {(check.monitor, check.section): check for check in run.monitors if not check.passed}
    earlier = [each for each in history.checks if each[0].spider == run.spider]
    alerts: list[Alert] = []
    for key, check in failed.items():
        since = _failing_since(key, earlier)
        if since is None or _is_due(since, earlier[0][0].start, run.start, remind):
            alerts.append(Alert(NEW if since is None else LASTING, check))
    for key, before in (earlier[0][1] if earlier else {}).items():
        monitor, section = key
        if key in failed or (section is not None and section not in run.by_section):
            continue
        sentence = f"{section or monitor} passes again; it was: {before.message}"
        alerts.append(Alert(PASSED, Check(monitor=monitor, section=section, passed=True,
                                     usual=before.usual, message=sentence)))  # fmt: skip
    return alerts


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
