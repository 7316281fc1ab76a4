"""``scrapy schema``: the contracts of records and run manifests as JSON Schema."""

from __future__ import annotations

import argparse

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError

from peoplesdaily import manifests, schema

_DOCUMENTS = {"article": schema.document, "run": manifests.document}


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
            help="write the files in schema/ and the table in docs/output.md",
        )

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        if len(args) > 1 or not set(args) <= set(_DOCUMENTS):
            raise UsageError(
                f"schema takes one of {', '.join(_DOCUMENTS)}, got {' '.join(args)!r}",
                print_help=False,
            )
        if opts.write:
            page = schema.FIELDS_PATH.read_text(encoding="utf-8")
            schema.PATH.write_text(schema.document(), encoding="utf-8")
            schema.FIELDS_PATH.write_text(schema.with_field_table(page), encoding="utf-8")
            manifests.PATH.write_text(manifests.document(), encoding="utf-8")
            print(schema.PATH, schema.FIELDS_PATH, manifests.PATH, sep="\n")
        else:
            print(_DOCUMENTS[args[0] if args else "article"](), end="")
