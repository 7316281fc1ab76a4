"""The model of a run manifest: one JSON file per run under ``output/runs/``.

A run writes its manifest when it starts (``running``) and again when it ends (``finished``). A
later run marks the manifests of runs that died as ``killed``. ``manifest_files`` reads manifests.
``schemas/run.schema.json`` is generated from this module, docstrings included.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from itemadapter import ItemAdapter

from peoplesdaily.items import as_json
from peoplesdaily.schemas import schema_file, validator
from peoplesdaily.schemas.records import unwrap_descriptions
from peoplesdaily.utils.atomic_files import run_time, write_whole

SCHEMA_VERSION = "2.0"
RUNNING, FINISHED, KILLED = "running", "finished", "killed"
FOLDER = "runs"
"""Where manifests are, under the project's output folder."""
SCHEMA_FILE = schema_file("run")
MOST_FAILURES = 20
"""Failures that a manifest gives as examples, at most."""

_DAY = r"[12]\d{3}-\d{2}-\d{2}"
_UTC = rf"^{_DAY}T\d{{2}}:\d{{2}}:[0-5]\dZ$"
_MOMENT = rf"^{_DAY}T\d{{2}}:\d{{2}}:[0-5]\d(Z|[+-]\d{{2}}:\d{{2}})$"
RUN_NAME = rf"^{_DAY}T\d{{2}}-\d{{2}}-\d{{2}}Z-[A-Za-z0-9_]+-\d+$"
_COUNT = {"minimum": 0, "maximum": 2**53}
_COUNTS = {"json_schema_extra": {"additionalProperties": {"type": "integer", **_COUNT}}}


def _some(**extra: Any) -> Any:
    """Field with JSON Schema keywords that its Python type cannot express."""
    return field(metadata={"json_schema_extra": extra})


def _count() -> Any:
    return field(default=0, metadata={"json_schema_extra": _COUNT})


def _null(**extra: Any) -> Any:
    """Field that is null until the run has ended."""
    return field(default=None, metadata={"json_schema_extra": extra})


@dataclass(frozen=True, slots=True, kw_only=True)
class Requests:
    """What was asked of the site."""

    total: int = _count()
    """Requests sent."""
    by_status: dict[str, int] = field(default_factory=dict, metadata=_COUNTS)
    """Answers by HTTP status."""
    failed: dict[str, int] = field(default_factory=dict, metadata=_COUNTS)
    """Requests without an answer, by kind: `{"timeout": 1}`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bytes:
    """Traffic."""

    received: int = _count()
    """Bytes of answers, as sent over the wire."""
    sent: int = _count()
    """Bytes of requests."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Articles:
    """What became of the stories that the run met."""

    new: int = _count()
    """Written for the first time."""
    revisions: int = _count()
    """Written again because their content had changed."""
    duplicates: int = _count()
    """Met again within the run, and not written."""
    aliases: int = _count()
    """The same text under another id, not written."""
    near_duplicates: int = _count()
    """Written, with `duplicate_of`."""
    rejected: int = _count()
    """Records that broke the contract, kept under `output/rejected/`."""
    failed: int = _count()
    """Could not be fetched or read."""
    pending: int = _count()
    """Still to be fetched by a later run."""
    incomplete: int = _count()
    """Stories of several pages of which one is missing."""
    generic: int = _count()
    """Read by the general extractor."""
    not_an_article: int = _count()
    """Addresses that turned out to be something else."""
    unknown_template: int = _count()
    """Pages that nothing could read."""
    stored: int = _count()
    """Listed, stored by an earlier run, and not fetched."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdicts:
    """How everything ended that the run asked for: `asked` is the sum of the verdicts."""

    articles_asked: int = _count()
    """Articles asked for."""
    articles: dict[str, int] = field(default_factory=dict, metadata=_COUNTS)
    """Articles by verdict."""
    by_section: dict[str, dict[str, int]] = field(default_factory=dict)
    """Articles by section and verdict; one of two sections counts in both."""
    lists_asked: int = _count()
    """List pages asked for."""
    lists: dict[str, int] = field(default_factory=dict, metadata=_COUNTS)
    """List pages by verdict."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A section's lists in this run."""

    listed: int = _count()
    """Stories listed."""
    new: int = _count()
    """Stories of the section written for the first time."""
    lists_read: int = _count()
    """List pages read."""
    lists_unchanged: int = _count()
    """List pages that the site said had not changed."""
    lists_failed: int = _count()
    """List pages that could not be fetched or recognised."""
    newest: str | None = _null(pattern=_MOMENT, format="date-time")
    """Time of publication of the newest story listed, ISO 8601 with offset."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """How many written records have a field."""

    articles: int = _count()
    """Records written."""
    covered: dict[str, int] = field(default_factory=dict, metadata=_COUNTS)
    """Of those, records in which the field is neither null nor empty, by field."""


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A file that the run published."""

    path: str = _some(minLength=1)
    """Path relative to the output folder."""
    lines: int = _some(**_COUNT)
    """Records in it."""
    bytes: int = _some(**_COUNT)
    """Size in bytes."""
    sha256: str = _some(pattern="^[0-9a-f]{64}$")
    """SHA-256 of its bytes, hex."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """A request that failed."""

    url: str
    """Its address."""
    kind: str
    """Short name: `"timeout"`, `"404"`."""
    reason: str
    """One sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """What a monitor found."""

    monitor: str = _some(minLength=1)
    """The monitor's name: `"volume"`."""
    section: str | None = None
    """The section it looked at; null for the whole run."""
    passed: bool
    """Whether the check passed."""
    figure: float | None = None
    """What it measured."""
    usual: float | None = None
    """What is usual there; null where there is no history."""
    message: str = ""
    """One sentence."""
    examples: tuple[str, ...] = ()
    """Addresses to look at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """One run."""

    schema_version: str = field(
        default=SCHEMA_VERSION, metadata={"json_schema_extra": {"const": SCHEMA_VERSION}}
    )
    """Version of this contract."""
    run: str = _some(pattern=RUN_NAME)
    """Name of the run and of its file: start in UTC, spider, process id."""
    command: str = _some(minLength=1)
    """The command that ran: `"crawl"` or `"crawlall"`."""
    spider: str = _some(minLength=1)
    """The spider; `"crawlall"` for all sections together."""
    sections: tuple[str, ...] = ()
    """Sections whose lists the run reads; empty for single addresses, search and archive."""
    arguments: dict[str, str] = field(default_factory=dict)
    """Spider arguments as given."""
    settings: dict[str, str] = field(default_factory=dict)
    """Settings given on the command line, secrets masked."""
    versions: dict[str, str] = field(default_factory=dict)
    """Versions of what ran, by name."""
    incremental: bool = True
    """Whether it left out what earlier runs had stored, as the project's own files do; a run with
    `-o` or `-O` does not, and its counts are of another kind."""
    started_at: str = _some(pattern=_UTC, format="date-time")
    """Start, ISO 8601, UTC."""
    finished_at: str | None = _null(pattern=_UTC, format="date-time")
    """End, ISO 8601, UTC; null while it runs and where it was killed."""
    seconds: float | None = _null(minimum=0, maximum=2**53)
    """Duration in seconds, by a monotonic clock."""
    state: str = field(
        default=RUNNING, metadata={"json_schema_extra": {"enum": [RUNNING, FINISHED, KILLED]}}
    )
    """`"running"`, `"finished"`, or `"killed"`: a later run found that it had died."""
    finish_reason: str | None = None
    """Why it ended, in Scrapy's word."""
    exit_code: int | None = _null(minimum=0, maximum=255)
    """Exit code."""
    outcome: str | None = None
    """Name of the exit code: `"ok"`, `"redesign"`."""
    problems: tuple[str, ...] = ()
    """What went wrong, one sentence each."""
    requests: Requests = field(default_factory=Requests)
    """What was asked of the site."""
    bytes: Bytes = field(default_factory=Bytes)
    """Traffic."""
    articles: Articles = field(default_factory=Articles)
    """What became of the stories."""
    verdicts: Verdicts = field(default_factory=Verdicts)
    """What was asked for, and the verdict of each."""
    templates: dict[str, int] = field(default_factory=dict, metadata=_COUNTS)
    """Records written, by template."""
    by_section: dict[str, Section] = field(default_factory=dict)
    """The lists, by section."""
    fields: dict[str, Coverage] = field(default_factory=dict)
    """Field coverage by template."""
    fields_by_section: dict[str, Coverage] = field(default_factory=dict)
    """Field coverage by section."""
    duplicates_by_source: dict[str, int] = field(default_factory=dict, metadata=_COUNTS)
    """Near-duplicates and aliases, by the source of the repeated story."""
    files: tuple[File, ...] = ()
    """What the run published."""
    failures: tuple[Failure, ...] = field(
        default=(), metadata={"json_schema_extra": {"maxItems": MOST_FAILURES}}
    )
    """Failures, as examples."""
    monitors: tuple[Check, ...] = ()
    """What the monitors found."""

    @classmethod
    def begin(
        cls, *, command: str, spider: str, at: datetime, pid: int | None = None, **known: Any
    ) -> Manifest:
        """The manifest of a run that starts.

        :param at: the start, with time zone.
        :param pid: its process; this one where none is given.
        :param known: further fields.
        """
        return cls(
            run=f"{run_time(at)}-{spider}-{os.getpid() if pid is None else pid}",
            command=command,
            spider=spider,
            started_at=utc_time(at),
            **known,
        )

    def finish(self, *, at: datetime, seconds: float, **found: Any) -> Manifest:
        """The manifest of the run now that it has ended.

        :param at: the end, with time zone.
        :param seconds: its duration by a monotonic clock.
        :param found: further fields.
        """
        return replace(
            self,
            state=FINISHED,
            finished_at=utc_time(at),
            seconds=round(max(0.0, seconds), 3),
            **{**found, "failures": tuple(found.get("failures", self.failures))[:MOST_FAILURES]},
        )

    def kill(self, files: tuple[File, ...] = ()) -> Manifest:
        """The manifest of a run that died; the time of its death is unknown.

        :param files: what was made of the lines that it had written.
        """
        sentence = (
            "the run died before its end: it was killed, the machine went down, or there was no "
            "room for this file"
        )
        return replace(
            self, state=KILLED, problems=(*self.problems, sentence), files=(*self.files, *files)
        )

    @property
    def start(self) -> datetime:
        """When it started, UTC."""
        return datetime.fromisoformat(self.started_at)

    @property
    def pid(self) -> int:
        """Its process."""
        return int(self.run.rpartition("-")[2])

    def write(self, path: Path) -> None:
        """Write it to ``path``, whole or not at all: on disk first, then under its name.

        :raises OSError: it cannot be written; ``path`` is what it was.
        """
        text = json.dumps(as_json(self), indent=1, ensure_ascii=False, allow_nan=False) + "\n"
        # Addresses may hold lone surrogates, which UTF-8 cannot encode.
        write_whole(path, text.encode("utf-8", "replace"))


def utc_time(at: datetime) -> str:
    """``at``, which has a time zone, as a manifest writes it."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def manifest_schema() -> dict[str, Any]:
    """The JSON Schema of a manifest."""
    body = ItemAdapter.get_json_schema(Manifest)
    unwrap_descriptions(body)
    _require(body)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:peoplesdaily:run:{SCHEMA_VERSION}",
        "title": "Run",
        "description": "One run of the crawler: one file in output/runs.",
        **body,
    }


def schema_document() -> str:
    """The text of ``schemas/run.schema.json``."""
    return json.dumps(manifest_schema(), indent=2, ensure_ascii=False) + "\n"


def violations(record: Any) -> Iterator[str]:
    """Every way in which ``record`` breaks the contract, one phrase each."""
    for error in validator("run").iter_errors(record):
        where = ".".join(str(part) for part in error.instance_path) or "manifest"
        # The library's message quotes the value, whatever its length.
        yield f"{where}: {error.message}"[:300]


def _require(node: dict[str, Any]) -> None:
    """Every key is always there, although Python has defaults for most of them."""
    node.pop("default", None)
    if "properties" in node:
        node["required"] = list(node["properties"])
    for child in (*node.get("properties", {}).values(), *_inside(node)):
        _require(child)


def _inside(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for keyword in ("items", "additionalProperties"):
        if isinstance(node.get(keyword), dict):
            yield node[keyword]
