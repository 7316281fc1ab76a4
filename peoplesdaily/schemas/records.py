"""The record contract as JSON Schema, generated from :mod:`peoplesdaily.items`; validation."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from itemadapter import ItemAdapter

from peoplesdaily.items import SCHEMA_VERSION, Article
from peoplesdaily.schemas import schema_file, validator

SCHEMA_FILE = schema_file("article")


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


def is_valid(record: dict[str, Any]) -> bool:
    """Whether ``record`` keeps the contract."""
    return validator("article").is_valid(record)


def violations(record: dict[str, Any]) -> Iterator[str]:
    """Every way in which ``record`` breaks the contract, one phrase each."""
    for error in validator("article").iter_errors(record):
        path = [str(part) for part in error.instance_path]
        where = ".".join(path) or "record"
        if not path and "anyOf" in map(str, error.schema_path):
            # The library's message would quote the whole record.
            yield "body: null although there are no images or videos"
        else:
            yield f"{where}: {error.message}"
