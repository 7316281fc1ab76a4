"""``scrapy schema``: the contracts of records and run manifests as JSON Schema."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError

from peoplesdaily import schemas
from peoplesdaily.runs.manifest import schema_document
from peoplesdaily.schemas import records
from peoplesdaily.schemas.records import record_schema

FIELDS_PATH = Path(__file__).resolve().parents[2] / "docs" / "output.md"
_SCHEMAS = Path(schemas.__file__).parent
_DOCUMENTS = {"article": records.schema_document, "run": schema_document}


class Command(ScrapyCommand):
    """Print a JSON Schema, or write both and the documents made from them."""

    requires_project = True
    requires_crawler_process = False
    default_settings = {"LOG_ENABLED": False}  # noqa: RUF012 - as Scrapy's own commands declare it

    def syntax(self) -> str:
        return "[article|run] [--write]"

    def short_desc(self) -> str:
        return "Print the JSON Schema of an article record or of a run manifest"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument(
            "--write",
            action="store_true",
            help="write the files in peoplesdaily/schemas/ and the table in docs/output.md",
        )

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        if len(args) > 1 or not set(args) <= set(_DOCUMENTS):
            raise UsageError(
                f"schema takes one of {', '.join(_DOCUMENTS)}, got {' '.join(args)!r}",
                print_help=False,
            )
        if opts.write:
            if not FIELDS_PATH.is_file():
                raise UsageError(
                    f"--write needs a checkout of the project: there is no {FIELDS_PATH}",
                    print_help=False,
                )
            page = FIELDS_PATH.read_text(encoding="utf-8")
            FIELDS_PATH.write_text(with_field_table(page), encoding="utf-8")
            print(FIELDS_PATH)
            for name, document in _DOCUMENTS.items():
                path = _SCHEMAS / f"{name}.schema.json"
                path.write_text(document(), encoding="utf-8")
                print(path)
        else:
            print(_DOCUMENTS[args[0] if args else "article"](), end="")


def field_table() -> str:
    """The Markdown table of ``docs/output.md``: one row a field."""
    rows = ["| field | type | what it holds |", "| --- | --- | --- |"]
    for name, field in record_schema()["properties"].items():
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
