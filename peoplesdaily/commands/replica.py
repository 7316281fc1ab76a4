"""``scrapy replica``: serve the embedded replica of the site."""

from __future__ import annotations

import argparse
import signal
import sys
from datetime import date

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError

from peoplesdaily.replica.content import Catalogue
from peoplesdaily.replica.server import Hit, Server
from peoplesdaily.replica.site import Site

_STOPPING = (signal.SIGINT, signal.SIGTERM)


class Command(ScrapyCommand):
    """Serves until Ctrl-C or SIGTERM."""

    requires_project = True
    requires_crawler_process = False

    def syntax(self) -> str:
        return "[options]"

    def short_desc(self) -> str:
        return "Serve a replica of the site, with invented articles, to crawl offline"

    def long_desc(self) -> str:
        return (
            "Serve a replica of en.people.cn on this machine, as a web server and as an HTTP "
            "proxy. All its articles are invented. Its first line of output is a crawl to copy."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        group = parser.add_argument_group(title="Replica")
        group.add_argument("--port", default="0", help="port; 0 takes a free one (default: 0)")
        group.add_argument("--host", default="127.0.0.1", help="address (default: 127.0.0.1)")
        group.add_argument("--articles", default="420", help="how many stories (default: 420)")
        group.add_argument("--seed", default="1", help="another seed, other stories (default: 1)")
        group.add_argument(
            "--today", default="2026-11-23", metavar="DATE", help="day of the site's newest story"
        )
        group.add_argument(
            "--page-bytes",
            metavar="N",
            help="fill story pages up to about N bytes (default: 16500)",
        )
        group.add_argument("--quiet", action="store_true", help="do not print requests")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        if args:
            raise UsageError(f"replica takes no arguments, got {args[0]!r}", print_help=False)
        port = _number("--port", opts.port)
        if not 0 <= port <= 65535:
            raise UsageError(f"--port must be between 0 and 65535, not {port}", print_help=False)
        site = Site(_catalogue(opts))
        # Held back from here on, in the server's thread, too, and waited for below: a handler
        # would miss one that comes just before the wait. The reader of the first line may stop it.
        signal.pthread_sigmask(signal.SIG_BLOCK, _STOPPING)
        report = None if opts.quiet else _print_hit
        server = Server(site, port, opts.host, report=report, keep_log=False)
        try:
            server.start()
        except OSError as error:
            print(
                f"scrapy replica: cannot serve on {opts.host}, port {port}: "
                f"{error.strerror or error}",
                file=sys.stderr,
            )
            self.exitcode = 1
            return
        _greet(server)
        signal.sigwait(_STOPPING)
        server.stop()


def _greet(server: Server) -> None:
    print(f"http_proxy={server.url} scrapy crawl world", flush=True)
    print(
        f"A replica of en.people.cn with {len(server.site.catalogue):,} invented articles, also "
        f"at {server.url}/ in a browser. Ctrl-C stops it.",
        flush=True,
    )


def _print_hit(hit: Hit) -> None:
    print(f"{hit.status} {hit.method} {hit.target}", flush=True)


def _catalogue(opts: argparse.Namespace) -> Catalogue:
    try:
        today = date.fromisoformat(opts.today)
    except ValueError:
        raise UsageError(
            f"--today must be a date like 2026-11-23, not {opts.today!r}", print_help=False
        ) from None
    size = None if opts.page_bytes is None else _number("--page-bytes", opts.page_bytes)
    articles, seed = _number("--articles", opts.articles), _number("--seed", opts.seed)
    try:
        return Catalogue(articles, seed, today, size)
    except ValueError as error:
        raise UsageError(str(error), print_help=False) from None


def _number(option: str, value: str) -> int:
    try:
        return int(value)
    except ValueError:
        raise UsageError(
            f"{option} must be a whole number, not {value!r}", print_help=False
        ) from None
