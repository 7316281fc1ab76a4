"""The record contract as JSON Schema 2020-12, generated from :mod:`peoplesdaily.items`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs
from itemadapter import ItemAdapter

from peoplesdaily.items import SCHEMA_VERSION, Article

_ROOT = Path(__file__).resolve().parent.parent
PATH = _ROOT / "schema" / "article.schema.json"
FIELDS_PATH = _ROOT / "docs" / "output.md"


def schema() -> dict[str, Any]:
    """The JSON Schema of one line of output."""
    body = ItemAdapter.get_json_schema(Article)
    unwrap(body)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:peoplesdaily:article:{SCHEMA_VERSION}",
        "title": "Article",
        "description": "One story of People's Daily Online: one line of output.",
        **body,
        # What a type cannot say: a story without text is a story of pictures or video.
        "anyOf": [
            {"properties": {"body": {"type": "string"}}},
            {"properties": {"images": {"minItems": 1}}},
            {"properties": {"videos": {"minItems": 1}}},
        ],
        "dependentSchemas": {
            "duplicate_of": {
                "if": {"properties": {"duplicate_of": {"type": "string"}}},
                "then": {"properties": {"similarity": {"type": "number"}}},
            }
        },
    }


def document() -> str:
    """The text of ``schema/article.schema.json``."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


def field_table() -> str:
    """The Markdown table of ``docs/output.md``: one row a field."""
    rows = ["| field | type | what it holds |", "| --- | --- | --- |"]
    for name, field in schema()["properties"].items():
        rows.append(f"| `{name}` | {_type(field)} | {field['description']} |")
    return "\n".join(rows) + "\n"


def with_field_table(page: str) -> str:
    """``page`` with its table of fields made anew."""
    before, _, rest = page.partition("| field |")
    after = rest.partition("\n\n")[2]
    return f"{before}{field_table()}\n{after}"


def _type(field: dict[str, Any]) -> str:
    if "anyOf" in field:
        return " or ".join(_type(choice) for choice in reversed(field["anyOf"]))
    kinds = field["type"] if isinstance(field["type"], list) else [field["type"]]
    if kinds == ["array"]:
        return f"list of {_type(field['items'])}s"
    return " or ".join(sorted(kinds, key=lambda kind: kind == "null"))


def unwrap(node: Any) -> None:
    """Descriptions on one line: their line ends are those of the source code."""
    if isinstance(node, dict):
        if isinstance(node.get("description"), str):
            node["description"] = " ".join(node["description"].split())
        for value in node.values():
            unwrap(value)
    elif isinstance(node, list):
        for value in node:
            unwrap(value)


@cache
def _validator() -> jsonschema_rs.Draft202012Validator:
    # The file, which a test keeps equal to schema(): making it anew takes a fifth of a second.
    # An egg or a wheel holds the package alone.
    published = json.loads(PATH.read_text(encoding="utf-8")) if PATH.is_file() else schema()
    return jsonschema_rs.Draft202012Validator(published, validate_formats=True)


def is_valid(record: dict[str, Any]) -> bool:
    """Whether ``record`` keeps the contract."""
    return _validator().is_valid(record)


def violations(record: dict[str, Any]) -> Iterator[str]:
    """Every way in which ``record`` breaks the contract, one phrase each."""
    for error in _validator().iter_errors(record):
        path = [str(part) for part in error.instance_path]
        where = ".".join(path) or "record"
        if not path and "anyOf" in map(str, error.schema_path):
            # The library's message would quote the whole record.
            yield "body: null although there are no images or videos"
        else:
            yield f"{where}: {error.message}"
