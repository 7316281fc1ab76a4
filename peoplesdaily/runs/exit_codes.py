"""What a run's end is called, and the exit code that says so.

Scrapy ends with 0 after almost any failure; a scheduler needs to know better.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from scrapy.settings import BaseSettings

from peoplesdaily.runs.stats import Stats, figures, output_failed
from peoplesdaily.utils import interrupts


@dataclass(frozen=True, slots=True)
class ExitCode:
    """A way for a run to end.

    :param code: exit code; those above 64 are of ``sysexits.h`` where one fits.
    :param name: what manifests and monitors call it.
    :param meaning: what has happened.
    :param remedy: what to do.
    """

    code: int
    name: str
    meaning: str
    remedy: str


OK = ExitCode(0, "ok", "finished and healthy, nothing new included", "nothing")
ERROR = ExitCode(
    1, "error", "the program itself failed",
    "read the traceback in the log and report it; the articles stay pending",
)  # fmt: skip
USAGE = ExitCode(2, "usage", "called wrongly; nothing was asked of the site", "read the sentence")
REJECTED = ExitCode(
    65, "rejected", "too many records broke the contract",
    "read the reasons in `output/rejected/`; a template may have changed",
)  # fmt: skip
FAILED = ExitCode(
    66, "failed_downloads", "too many pages could not be fetched or were no articles",
    "nothing at first: they stay pending and later runs ask again; `scrapy index pending` lists "
    "them",
)  # fmt: skip
UNREACHABLE = ExitCode(
    69, "unreachable", "the site could not be reached, or asks to be left alone",
    "check network, DNS, proxy and robots.txt; if others reach the site, slow down",
)  # fmt: skip
NO_VERDICT = ExitCode(
    70, "no_verdict", "something that the run asked for got lost on the way",
    "report it with the log: it is a fault of the program; the articles named stay pending",
)  # fmt: skip
LIMIT = ExitCode(
    71, "limit", "a limit of time or memory ended the run early",
    "run again, it goes on where it was; raise CLOSESPIDER_TIMEOUT or MEMUSAGE_LIMIT_MB if it "
    "happens often",
)  # fmt: skip
OUTPUT = ExitCode(
    73, "output", "output or index could not be written",
    "free space, or correct the permissions that the log names, and run again",
)  # fmt: skip
HELD = ExitCode(75, "held", "another run holds the section", "nothing, or wait for it to end")
REDESIGN = ExitCode(
    76, "redesign", "lists or articles are in an unknown form",
    "compare `output/unknown/` and the list with `docs/site.md`, then `CONTRIBUTING.md`",
)  # fmt: skip
MONITOR = ExitCode(
    79, "monitor", "the run finished, and a monitor found something unusual",
    "read which one in the log or the manifest, and look at its examples",
)  # fmt: skip
INTERRUPTED = ExitCode(
    interrupts.CODE, "interrupted", "the run was ended: Ctrl-C, SIGTERM, a shutdown",
    "run again, it goes on where it was",
)  # fmt: skip

EXIT_CODES = (
    *(OK, ERROR, USAGE, REJECTED, FAILED, UNREACHABLE, NO_VERDICT, LIMIT, OUTPUT, HELD),
    *(REDESIGN, MONITOR, INTERRUPTED),
)
"""All of them, in order of their codes."""


def as_table() -> str:
    """The table of docs/exit-codes.md."""
    rows = ["| code | name | meaning | what to do |", "| --- | --- | --- | --- |"]
    rows += [
        f"| {each.code} | `{each.name}` | {each.meaning} | {each.remedy} |" for each in EXIT_CODES
    ]
    return "\n".join(rows) + "\n"


def judge(stats: Stats, settings: BaseSettings) -> tuple[ExitCode, str]:
    """How a run ended, and one sentence with the figures behind it.

    What a person must look at first comes first: output, then the site, then single articles.

    :param stats: Scrapy's statistics of the run.
    """
    found = figures(stats)
    reason = str(stats.get("finish_reason", ""))
    read = sum(found[name] for name in ("written", "unchanged", "duplicates", "rejected"))
    failed = max(0, found["failed"] - found["failed_again"])
    tried = read + failed
    if reason == "output_failed" or output_failed(stats):
        return OUTPUT, OUTPUT.meaning
    if reason == "retry_after":
        return UNREACHABLE, "the site asks to be left alone for longer than RETRY_AFTER_MAX"
    if reason == "site_down":
        return UNREACHABLE, "the site did not answer BREAKER_FAILURES times in a row"
    if reason == "bad_setting":
        return USAGE, "a setting cannot be used; the log names it"
    if reason == "start_error" or "start_time" not in stats:
        return ERROR, "the run did not start"
    # A second Ctrl-C leaves no reason.
    if reason in ("shutdown", ""):
        return INTERRUPTED, INTERRUPTED.meaning
    if reason == "memusage_exceeded":
        return LIMIT, LIMIT.meaning
    if found["unrecognised_lists"]:
        return REDESIGN, f"{found['unrecognised_lists']} list page(s) show nothing recognisable"
    if _is_redesigned(found, tried, settings):
        return REDESIGN, (
            f"of {tried} article page(s) {found['unknown'] + found['generic']} are in no template "
            f"that is known and {found['not_an_article']} show no story"
        )
    if found["lost_lists"] and not found["lists"]:
        kinds = _kinds(stats, "lists")
        return UNREACHABLE, f"none of {found['lost_lists']} list page(s) could be fetched ({kinds})"
    if found["errors"]:
        return ERROR, f"{found['errors']} page(s) met an error of the program"
    if failed > settings.getfloat("MAX_FAILED_SHARE") * tried:
        if not read and not found["lists"]:
            kinds = _kinds(stats, "articles")
            return UNREACHABLE, f"none of {tried} article(s) could be fetched ({kinds})"
        return FAILED, f"{failed} of {tried} article(s) could not be fetched or read"
    if found["lost_lists"]:
        kinds = _kinds(stats, "lists")
        return FAILED, f"{found['lost_lists']} list page(s) could not be fetched ({kinds})"
    if found["rejected"] > settings.getfloat("MAX_REJECTED_SHARE") * tried:
        return REJECTED, f"{found['rejected']} of {tried} record(s) broke the contract"
    if found["no_verdict"]:
        return NO_VERDICT, f"{found['no_verdict']} page(s) that were asked for have no verdict"
    if reason == "closespider_timeout":
        cut_off = int(stats.get("peoplesdaily/articles/cut_off", 0))
        return LIMIT, f"CLOSESPIDER_TIMEOUT ended the run; {cut_off} article(s) were cut off"
    if (
        reason != "finished"
        and not reason.startswith("closespider_")
        and reason not in PLANNED_ENDS
    ):
        return ERROR, f"the run ended early: {reason}"
    return OK, OK.meaning


def _kinds(stats: Stats, of: str) -> str:
    """Why requests failed: statuses, ``refused``, ``robots``."""
    prefix = f"peoplesdaily/{of}/failed/"
    kinds = [name.removeprefix(prefix) for name in stats if name.startswith(prefix)]
    return ", ".join(sorted(kinds))


PLANNED_ENDS = ("budget", "outside_window")
"""Finish reasons that the operator has planned with a setting."""


def _is_redesigned(found: Mapping[str, int], tried: int, settings: BaseSettings) -> bool:
    unknown = found["unknown"] + found["generic"]
    # Pages without a story may be the site's trouble of an hour, unless most are.
    empty = found["not_an_article"]
    return unknown > settings.getfloat("MAX_UNKNOWN_SHARE") * tried or (
        empty > 1 and empty > tried / 2
    )
