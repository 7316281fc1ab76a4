"""``scrapy report``: the state of the corpus as one HTML page."""

from __future__ import annotations

import argparse
import sys
import webbrowser
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError

from peoplesdaily.utils import atomic_files

_MOST_DAYS = 3660


class Command(ScrapyCommand):
    """Reads run manifests and the index, writes one file."""

    requires_project = True
    requires_crawler_process = False
    default_settings = {"LOG_ENABLED": False}  # noqa: RUF012 - as Scrapy's own commands declare it

    def syntax(self) -> str:
        return "[options]"

    def short_desc(self) -> str:
        return "Write the state of the corpus as one HTML page"

    def long_desc(self) -> str:
        return (
            "Write one HTML page about past runs and what they brought, from output/runs/ and the "
            "index. It opens from the file system and needs no network and no script."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        group = parser.add_argument_group(title="Report")
        group.add_argument(
            "--output", metavar="FILE", help="the page (default: report.html in OUTPUT_DIR)"
        )
        group.add_argument(
            "--days", default="60", metavar="N", help="days to look back (default: 60)"
        )
        group.add_argument("--open", action="store_true", help="open the page in a browser")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        if args:
            raise UsageError(f"report takes no arguments, got {args[0]!r}", print_help=False)
        days = _days(opts.days)
        assert self.settings is not None
        output = atomic_files.output_dir(self.settings)
        target = Path(opts.output).expanduser().absolute() if opts.output else None
        target = target or output / "report.html"
        report = _report_package()
        try:
            if target.exists() and not target.is_file():
                raise atomic_files.OutputError(
                    f"cannot write {target}: it is no file; name another"
                )
            atomic_files.check_writable(target)
            page = report.make(output, datetime.now(UTC), days)
            atomic_files.write_whole(target, page.encode("utf-8", "replace"))
        except OSError as error:
            reason = (
                error
                if isinstance(error, atomic_files.OutputError)
                else atomic_files.explain(error, target)
            )
            print(f"scrapy report: error: {reason}", file=sys.stderr)
            self.exitcode = 1
            return
        print(target)
        if opts.open and not webbrowser.open(target.as_uri()):
            print(
                "scrapy report: no browser could be started; open the file by hand",
                file=sys.stderr,
            )


def _report_package() -> ModuleType:
    """Import the report, whose packages only this command needs.

    :raises UsageError: the ``report`` extra is not installed. Exit code 2, since the installation
        cannot do what was asked; 73 would point at the output folder.
    """
    try:
        import vl_convert  # noqa: F401

        from peoplesdaily.runs import report
    except ModuleNotFoundError as error:
        if error.name not in ("jinja2", "vl_convert"):
            raise
        raise UsageError(
            f"{error.name} is not installed; run pip install 'peoplesdaily[report]'",
            print_help=False,
        ) from None
    return report


def _days(value: str) -> int:
    days = int(value) if value.isascii() and value.isdigit() and len(value) < 9 else 0
    if not 1 <= days <= _MOST_DAYS:
        raise UsageError(
            f"--days must be a whole number from 1 to {_MOST_DAYS}, not {value!r}",
            print_help=False,
        )
    return days
