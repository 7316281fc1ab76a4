"""Finding and reading run manifests, those of schema 1.0 included."""

from __future__ import annotations

import json
import math
import os
import re
from collections.abc import Callable, Container, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from peoplesdaily.runs.manifest import (
    FOLDER,
    RUN_NAME,
    RUNNING,
    SCHEMA_VERSION,
    Articles,
    Bytes,
    Check,
    Coverage,
    Failure,
    File,
    Manifest,
    Requests,
    Section,
    Verdicts,
    violations,
)
from peoplesdaily.utils.atomic_files import run_time

# A manifest has some kilobytes; anything larger than this is another file.
_MOST_BYTES = 16 * 1024 * 1024
# Counts of articles whose names changed from schema 1.0 to 2.0.
_RENAMED = {"owed": "pending", "known": "stored"}
_T = TypeVar("_T")


class ManifestError(ValueError):
    """A file that is no manifest, or cannot be read; the message says why in one phrase.

    Raised by :func:`read_manifest`.
    """


def manifest_path(output: Path, run: str) -> Path:
    """Where the manifest of ``run`` is, under the project's output folder."""
    return output / FOLDER / f"{run}.json"


def read_manifest(path: Path) -> Manifest:
    """Read one manifest.

    :raises ManifestError: it cannot be read, or is no manifest of a version that is read: this one
        and 1.0.
    """
    try:
        with path.open("rb") as file:
            data = file.read(_MOST_BYTES + 1)
        if len(data) > _MOST_BYTES:
            raise ManifestError(f"it is larger than {_MOST_BYTES // 2**20} MiB")
        record = json.loads(data, parse_constant=_refuse, parse_float=_finite)
        if not isinstance(record, dict) or "run" not in record or "schema_version" not in record:
            raise ManifestError("it is no run manifest")
        if record["schema_version"] == "1.0":
            _translate(record)
        if record["schema_version"] != SCHEMA_VERSION:
            version = json.dumps(record["schema_version"])[:40]
            raise ManifestError(f"its schema_version is {version}, not {SCHEMA_VERSION!r}")
        for violation in violations(record):
            raise ManifestError(violation)
        if b"\\u" in data:
            # JSON may hold lone surrogates, which cannot be printed.
            json.dumps(record, ensure_ascii=False).encode()
    except OSError as error:
        raise ManifestError(f"cannot read it: {error.strerror or error}") from error
    except ManifestError:
        raise
    except (UnicodeError, RecursionError) as error:
        raise ManifestError("it is no text that can be read") from error
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise ManifestError(f"it is no JSON: {error.msg}, {where}") from error
    except ValueError as error:
        raise ManifestError("a number in it is too large") from error
    if record["run"] != path.stem:
        # A copy would be counted twice.
        raise ManifestError(f"it belongs to {record['run']}.json")
    return _manifest(record)


def _translate(record: dict[str, Any]) -> None:
    """Turn a record of schema 1.0 into one of today."""
    articles = record.get("articles")
    if isinstance(articles, dict):
        record["articles"] = {_RENAMED.get(name, name): n for name, n in articles.items()}
    record["verdicts"] = asdict(Verdicts())
    record["schema_version"] = SCHEMA_VERSION


def _refuse(constant: str) -> Any:
    raise ManifestError(f"{constant} is no number")


def _finite(number: str) -> float:
    value = float(number)
    if not math.isfinite(value):
        raise ManifestError("a number in it is too large")
    return value


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A file in the manifests' folder that cannot be read as one."""

    name: str
    reason: str


def scan_manifests(
    folder: Path, since: datetime | None = None, spiders: Container[str] | None = None
) -> Iterator[Manifest | Unreadable]:
    """Every manifest in ``folder``, oldest start first, and what else is there under ``.json``.

    One at a time, since three years of hourly runs do not fit everywhere. A missing folder is an
    empty one.

    :param since: pass over runs that started earlier, unopened.
    :param spiders: pass over runs of other spiders, likewise.
    """
    try:
        names = sorted(
            entry.name
            for entry in os.scandir(folder)
            if entry.name.endswith(".json") and not entry.name.startswith(".")
        )
    except FileNotFoundError:
        return
    except OSError as error:
        yield Unreadable(_shown(folder.name), f"cannot read it: {error.strerror or error}")
        return
    earliest = "" if since is None else run_time(since)
    for name in names:
        run = name.removesuffix(".json")
        if re.match(RUN_NAME, run) and (name < earliest or not _is_of(run, spiders)):
            continue
        try:
            yield read_manifest(folder / name)
        except ManifestError as error:
            yield Unreadable(_shown(name), str(error))


def _is_of(run: str, spiders: Container[str] | None) -> bool:
    return spiders is None or run.rpartition("-")[0].partition("Z-")[2] in spiders


def read_manifests(
    folder: Path, since: datetime | None = None
) -> tuple[list[Manifest], list[Unreadable]]:
    """What :func:`scan_manifests` finds, manifests and others apart."""
    found = list(scan_manifests(folder, since))
    return (
        [each for each in found if isinstance(each, Manifest)],
        [each for each in found if isinstance(each, Unreadable)],
    )


def mark_dead_runs_killed(folder: Path, alive: Callable[[Manifest], bool]) -> list[Manifest]:
    """Turn the manifests of runs that died into ``killed``, and return them.

    :param alive: whether a run that says ``running`` still does.
    :raises OSError: one cannot be written.
    """
    dead = []
    for each in scan_manifests(folder):
        if isinstance(each, Manifest) and each.state == RUNNING and not alive(each):
            killed = each.kill()
            killed.write(folder / f"{each.run}.json")
            dead.append(killed)
    return dead


def _shown(name: str) -> str:
    """A file name as text: names that are no UTF-8 come as lone surrogates."""
    return name.encode("utf-8", "replace").decode()


def _manifest(record: dict[str, Any]) -> Manifest:
    """The manifest in a record that keeps the contract."""
    return Manifest(
        **{
            **record,
            "sections": tuple(record["sections"]),
            "problems": tuple(record["problems"]),
            "requests": Requests(**record["requests"]),
            "bytes": Bytes(**record["bytes"]),
            "articles": Articles(**record["articles"]),
            "verdicts": Verdicts(**record["verdicts"]),
            "by_section": _each(Section, record["by_section"]),
            "fields": _each(Coverage, record["fields"]),
            "fields_by_section": _each(Coverage, record["fields_by_section"]),
            "files": tuple(File(**file) for file in record["files"]),
            "failures": tuple(Failure(**failure) for failure in record["failures"]),
            "monitors": tuple(
                Check(**{**check, "examples": tuple(check["examples"])})
                for check in record["monitors"]
            ),
        }
    )


def _each(class_: Callable[..., _T], records: Mapping[str, Any]) -> dict[str, _T]:
    return {name: class_(**record) for name, record in records.items()}
