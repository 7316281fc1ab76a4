"""What ``scrapy doctor`` looks at: this machine, then the site against what is known of it."""

from __future__ import annotations

import contextlib
import importlib.metadata
import platform
import re
import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.exceptions import CannotResolveHostError
from scrapy.http import Response, TextResponse
from scrapy.settings import BaseSettings
from scrapy.utils.python import global_object_name

from peoplesdaily import parsers
from peoplesdaily.items import Article, as_json
from peoplesdaily.runs import exit_codes
from peoplesdaily.runs.exit_codes import OK, ExitCode
from peoplesdaily.runs.failures import describe
from peoplesdaily.runs.notes import FailedPage
from peoplesdaily.runs.recorder import holder_of
from peoplesdaily.schemas import records
from peoplesdaily.storage.index import CorpusIndexError, Index, database, reconcile
from peoplesdaily.utils.atomic_files import OutputError, check_writable, output_dir

_MIN_FREE = 1 << 30  # bytes; a year of the English edition has about 100 MB
_MOST_SKEW = 300  # seconds; ``since=12h`` and conditional requests bear as much
_UNRESOLVED = global_object_name(CannotResolveHostError)
_LIBRARIES = (
    "scrapy",
    "turbohtml",
    "aiohttp",
    "uvloop",
    "jsonschema-rs",
    "rensa",
    "trafilatura",
    "lxml",
)


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the table.

    :param what: what was looked at: ``"disk"``, ``"section world"``.
    :param outcome: :data:`~peoplesdaily.runs.exit_codes.OK`, or how a run would fail by it.
    :param detail: what was found, with the cure where there is something to mend.
    """

    what: str
    outcome: ExitCode
    detail: str


def machine(settings: BaseSettings) -> Iterator[Finding]:
    """Installation, write access, disk and index."""
    yield _installation()
    output = output_dir(settings)
    try:
        # In the folder of a spider, as a run does.
        check_writable(output / "doctor" / "probe.jsonl")
        (output / "doctor").rmdir()
        yield Finding("write access", OK, f"{output} can be written")
    except (OutputError, OSError) as error:
        yield Finding("write access", exit_codes.OUTPUT, str(error))
        return
    yield _disk(output)
    yield _index(output)


def _installation() -> Finding:
    problems, versions = [], [f"Python {platform.python_version()}"]
    wanted = _pins()
    for name in _LIBRARIES:
        try:
            version = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            problems.append(f"{name} is missing")
            continue
        versions.append(f"{name} {version}")
        if name in wanted and not version.startswith(f"{wanted[name]}."):
            problems.append(f"{name} is {version}, tested with {wanted[name]}")
    if problems:
        return Finding(
            "installation", exit_codes.ERROR, f"{'; '.join(problems)}; install requirements.lock"
        )
    return Finding("installation", OK, ", ".join(versions))


def _pins() -> dict[str, str]:
    """Major and minor version of each library in the lock file, where it is at hand."""
    lock = Path(__file__).resolve().parents[2] / "requirements.lock"
    if not lock.is_file():
        return {}
    found = re.findall(r"^([a-z0-9-]+)==(\d+\.\d+)", lock.read_text(encoding="utf-8"), re.MULTILINE)
    return dict(found)


def _disk(output: Path) -> Finding:
    free = shutil.disk_usage(output).free
    detail = f"{free / (1 << 30):.1f} GiB free"
    if free < _MIN_FREE:
        return Finding("disk", exit_codes.OUTPUT, f"{detail}; free some space")
    return Finding("disk", OK, detail)


def _index(output: Path) -> Finding:
    path = reconcile.index_path(output)
    if not path.exists() or not path.stat().st_size:
        return Finding("index", OK, "none yet; the first run makes it")
    try:
        with contextlib.closing(Index(path, read_only=True)) as index:
            database.check(index.connection, path)
            (stored,) = index.row("SELECT count(*) FROM articles")
            pending = len(index.pending.find())
            dead = [run for run in index.leases.runs() if not reconcile.is_alive(output, run)]
    except database.IndexBrokenError as error:
        return Finding("index", exit_codes.ERROR, f"{error}; the next run makes a new one")
    except CorpusIndexError as error:
        return Finding("index", exit_codes.OUTPUT, str(error))
    detail = f"{stored} articles, {pending} pending"
    if dead:
        detail += f"; {len(dead)} run(s) died, the next one salvages what they left"
    return Finding("index", OK, detail)


class Watcher:
    """Follows a crawl of one list page and one article a section, and says what it saw."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self._robots: int | None = None
        self._crawl_delay: float | None = None
        self._skew: float | None = None
        self._articles: dict[str, Article] = {}
        self._templates: dict[str, tuple[str, ...]] = {}
        self._dropped: dict[str, str] = {}
        connect = crawler.signals.connect
        connect(self.response_received, signals.response_received)
        connect(self.robots_parsed, signals.robots_parsed)
        connect(self.item_scraped, signals.item_scraped)
        connect(self.item_dropped, signals.item_dropped)

    def response_received(self, response: Response) -> None:
        """Compare clocks, and keep the templates that match each article's page."""
        if response.url.endswith("/robots.txt"):
            self._robots = response.status
        date = (response.headers.get("Date") or b"").decode("latin-1")
        if date and self._skew is None:
            try:
                theirs = parsedate_to_datetime(date)
                self._skew = (datetime.now(UTC) - theirs).total_seconds()
            except (ValueError, TypeError):
                pass
        id_ = response.request.cb_kwargs.get("id_") if response.request else None
        if id_ is not None and response.status == 200 and isinstance(response, TextResponse):
            try:
                markup = parsers.decode(response.body)
                self._templates[id_] = parsers.matching_templates(markup, response.url)
            except parsers.PageError:
                self._templates[id_] = ()

    def robots_parsed(self, robotparser: Any) -> None:
        """Keep how often robots.txt lets us ask."""
        self._crawl_delay = robotparser.crawl_delay(self.crawler.settings["USER_AGENT"])

    def item_scraped(self, item: Any) -> None:
        """Keep each section's article."""
        for section in item.sections:
            self._articles.setdefault(section, item)

    def item_dropped(self, item: Any, exception: Exception) -> None:
        """Keep why a section's article is not written."""
        for section in item.sections:
            self._dropped.setdefault(section, str(exception))

    def findings(self) -> Iterator[Finding]:
        """Clock, robots.txt, and each section; a name that does not resolve, once and alone."""
        stats = self.crawler.stats
        assert stats is not None
        if not stats.get_value("downloader/response_count") and (
            stats.get_value(f"downloader/exception_type_count/{_UNRESOLVED}")
        ):
            yield Finding(
                "site", exit_codes.UNREACHABLE, describe(CannotResolveHostError()).sentence
            )
            return
        yield self._clock()
        yield self._robots_txt()
        for section in self.crawler.spider.sections:  # type: ignore[union-attr]
            yield self._section(section.name)

    def _clock(self) -> Finding:
        if self._skew is None:
            return Finding("clock", OK, "the site's answers have no date to compare with")
        detail = f"{abs(self._skew):.0f} s {'ahead of' if self._skew > 0 else 'behind'} the site's"
        if abs(self._skew) > _MOST_SKEW:
            return Finding("clock", exit_codes.ERROR, f"{detail}; set this machine's clock")
        return Finding("clock", OK, detail)

    def _robots_txt(self) -> Finding:
        failures: list[FailedPage] = holder_of(self.crawler).notes.failures
        forbidden = [failure.url for failure in failures if failure.kind == "robots"]
        if forbidden:
            listed = ", ".join(forbidden[:3])
            return Finding("robots.txt", exit_codes.UNREACHABLE, f"forbids {listed}; respect it")
        if self._robots is None:
            return Finding("robots.txt", exit_codes.UNREACHABLE, "no answer")
        delay = f"Crawl-delay {self._crawl_delay:g} s" if self._crawl_delay else "no Crawl-delay"
        return Finding("robots.txt", OK, f"answered {self._robots}; {delay}; allows all we ask")

    def _section(self, name: str) -> Finding:
        notes = holder_of(self.crawler).notes
        counts = notes.sections.get(name, Counter())
        what = f"section {name}"
        failure = next((f for f in notes.failures if f.section == name), None)
        if not counts["lists_read"]:
            if failure is None:
                return Finding(what, exit_codes.UNREACHABLE, "its list was not read")
            redesigned = failure.kind in ("unrecognised", "no_label")
            outcome = exit_codes.REDESIGN if redesigned else exit_codes.UNREACHABLE
            return Finding(what, outcome, f"{failure.url}: {failure.reason}")
        listed = f"list {notes.layouts[name]}, {counts['listed']} articles"
        article = self._articles.get(name)
        if article is not None:
            return self._article(what, listed, article)
        if name in self._dropped:
            return Finding(what, OK, f"{listed}; article: {self._dropped[name]}")
        if failure is None:
            return Finding(what, OK, f"{listed}; all of them stand in other sections, too")
        empty = failure.kind in ("unknown_template", "not_an_article")
        outcome = exit_codes.REDESIGN if empty else exit_codes.FAILED
        return Finding(what, outcome, f"{listed}; {failure.url}: {failure.reason}")

    def _article(self, what: str, listed: str, article: Article) -> Finding:
        templates = self._templates.get(article.id, ())
        problems = list(records.violations(as_json(article)))
        if article.template == parsers.GENERIC.name or len(templates) != 1:
            problems.append(
                f"{len(templates)} templates match it: {', '.join(templates) or 'none'}"
            )
        if article.body is None and not article.images and not article.videos:
            problems.append("it has neither text nor pictures")
        if article.source is None and not article.authors:
            problems.append("it names neither source nor author")
        detail = f"{listed}; article {article.template}, {article.published_at or 'no time'}"
        if problems:
            return Finding(
                what, exit_codes.REDESIGN, f"{detail}; {article.url}: {'; '.join(problems)}"
            )
        return Finding(what, OK, detail)
