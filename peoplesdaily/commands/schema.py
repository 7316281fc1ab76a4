"""``scrapy schema``: the record contract as JSON Schema."""

from __future__ import annotations

import argparse

from scrapy.commands import ScrapyCommand

from peoplesdaily import schema


class Command(ScrapyCommand):
    """Print the JSON Schema of a record, or write it and the documents made from it."""

    requires_project = True
    requires_crawler_process = False
    default_settings = {"LOG_ENABLED": False}  # noqa: RUF012 - as Scrapy's own commands declare it

    def syntax(self) -> str:
        return "[--write]"

    def short_desc(self) -> str:
        return "Print the JSON Schema of an article record"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument(
            "--write",
            action="store_true",
            help="write schema/article.schema.json and the table in docs/output.md",
        )

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        if opts.write:
            page = schema.FIELDS_PATH.read_text(encoding="utf-8")
            schema.PATH.write_text(schema.document(), encoding="utf-8")
            schema.FIELDS_PATH.write_text(schema.with_field_table(page), encoding="utf-8")
            print(schema.PATH, schema.FIELDS_PATH, sep="\n")
        else:
            print(schema.document(), end="")
