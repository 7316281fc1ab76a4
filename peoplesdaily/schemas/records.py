"""The record contract as JSON Schema, generated from :mod:`peoplesdaily.items`; validation."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Any

import jsonschema_rs
from itemadapter import ItemAdapter

from peoplesdaily.items import SCHEMA_VERSION, Article

SCHEMA_FILE = files(__package__) / "article.schema.json"
"""The published schema; in an egg it is a member of the archive, no file."""


def record_schema() -> dict[str, Any]:
    """The JSON Schema of one line of output."""
    body = ItemAdapter.get_json_schema(Article)
    unwrap_descriptions(body)
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


def schema_document() -> str:
    """The text of ``schemas/article.schema.json``."""
    return json.dumps(record_schema(), indent=2, ensure_ascii=False) + "\n"


def unwrap_descriptions(node: Any) -> None:
    """Descriptions on one line: their line ends are those of the source code."""
    if isinstance(node, dict):
        if isinstance(node.get("description"), str):
            node["description"] = " ".join(node["description"].split())
        for value in node.values():
            unwrap_descriptions(value)
    elif isinstance(node, list):
        for value in node:
            unwrap_descriptions(value)


@cache
def _validator() -> jsonschema_rs.Draft202012Validator:
    # The file, which a test keeps equal to record_schema(), which takes a fifth of a second.
    published = json.loads(SCHEMA_FILE.read_text(encoding="utf-8"))
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
