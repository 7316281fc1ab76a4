"""The contracts of records and run manifests as JSON Schema 2020-12."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

import jsonschema_rs


def schema_file(name: str) -> Traversable:
    """The published schema, ``"article"`` or ``"run"``; in an egg a member of the archive."""
    return files(__name__) / f"{name}.schema.json"


@cache
def validator(name: str) -> jsonschema_rs.Draft202012Validator:
    """The validator of a published schema, which a test keeps equal to the generated one."""
    # Generating the schema takes a fifth of a second.
    published = json.loads(schema_file(name).read_text(encoding="utf-8"))
    return jsonschema_rs.Draft202012Validator(published, validate_formats=True)
