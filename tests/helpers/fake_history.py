"""A past that never was: run manifests and an index, as months of scheduled crawls leave them."""

from __future__ import annotations

import json
import random
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path

from peoplesdaily.items import as_json
from peoplesdaily.runs.manifest import (
    Articles,
    Bytes,
    Check,
    Coverage,
    Failure,
    Manifest,
    Requests,
    Section,
)
from peoplesdaily.site.sections import SECTIONS
from peoplesdaily.storage.index import database
from peoplesdaily.storage.index.models import moment
from peoplesdaily.storage.index.reconcile import index_path

BEIJING = timezone(timedelta(hours=8))
FIELDS = ("source", "authors", "editors", "published_at", "body", "images", "keywords")
SOURCES = ("Xinhua", "People's Daily Online", "Global Times", "China Daily", "CGTN", "")
# Articles a day, and by how much less at weekends.
VOLUME = {name: 3 + 4 * (number % 6) for number, name in enumerate(sorted(SECTIONS))}
NEVER = ("foreign_affairs", "photo")


def put(output: Path, manifests: Iterable[Manifest]) -> None:
    """Store manifests without the care that a real one gets: they are many."""
    folder = output / "runs"
    folder.mkdir(parents=True, exist_ok=True)
    for manifest in manifests:
        (folder / f"{manifest.run}.json").write_text(json.dumps(as_json(manifest)))


def run(
    at: datetime,
    *,
    spider: str = "world",
    sections: tuple[str, ...] | None = None,
    new: int = 3,
    seconds: float = 40,
    pid: int = 4711,
    dice: random.Random | None = None,
) -> Manifest:
    """A run that was whole."""
    dice = dice or random.Random(1)
    sections = (spider,) if sections is None else sections
    covered = {
        field: new if field in ("body", "published_at") else new * 2 // 3 for field in FIELDS
    }
    return Manifest.begin(
        command="crawlall" if spider == "crawlall" else "crawl",
        spider=spider,
        at=at,
        pid=pid,
        sections=sections,
        arguments={"since": "2d"},
        versions={"peoplesdaily": "0.1.0", "scrapy": "2.19.0", "python": "3.11.7"},
    ).finish(
        at=at + timedelta(seconds=seconds),
        seconds=seconds,
        finish_reason="finished",
        exit_code=0,
        outcome="ok",
        requests=Requests(total=new + 4, by_status={"200": new + 3, "304": 1}),
        bytes=Bytes(received=20_000 * new, sent=400 * new),
        articles=Articles(new=new, stored=20, near_duplicates=new // 5, revisions=new // 9),
        templates={"2021": new} if new else {},
        by_section={
            name: Section(
                listed=20,
                new=new // len(sections),
                lists_read=1,
                newest=(at - timedelta(hours=2)).astimezone(BEIJING).isoformat(timespec="seconds"),
            )
            for name in sections
        },
        fields={"2021": Coverage(articles=new, covered=covered)} if new else {},
        duplicates_by_source={dice.choice(SOURCES): new // 5} if new >= 5 else {},
    )


def past(
    now: datetime, days: int, *, every: timedelta = timedelta(hours=1), seed: int = 1
) -> Iterable[Manifest]:
    """Runs of all sections together, with the mishaps of a life: outages, kills, a redesign."""
    dice = random.Random(seed)
    sections = tuple(name for name in SECTIONS if name not in NEVER)
    moments = int(timedelta(days=days) / every)
    outage = range(moments // 3, moments // 3 + int(timedelta(days=2) / every))
    for number in range(moments, 0, -1):
        at = now - number * every + timedelta(minutes=7)
        if number in outage or at >= now:
            continue
        busy = 1 + (8 if at.astimezone(BEIJING).hour in range(8, 20) else 0)
        new = dice.randrange(busy) if dice.random() < 0.9 else 0
        done = run(at, spider="crawlall", sections=sections, new=new, dice=dice,
                   seconds=round(dice.lognormvariate(3.7, 0.35), 1), pid=100 + number)  # fmt: skip
        if new and dice.random() < 0.2:
            old = Coverage(articles=1, covered=dict.fromkeys(FIELDS[:5], 1))
            done = replace(done, fields={**done.fields, "2013": old})
        yield _mishap(done, number, dice)


def _mishap(done: Manifest, number: int, dice: random.Random) -> Manifest:
    luck = dice.random()
    if luck < 0.01:
        begun = replace(done, finished_at=None, seconds=None, exit_code=None, outcome=None,
                        finish_reason=None, articles=Articles(), fields={},
                        by_section={})  # fmt: skip
        return begun.kill()
    if luck < 0.03:
        url = f"http://en.people.cn/n3/2026/1101/c90000-{20_200_000 + number}.html"
        return replace(
            done,
            exit_code=66,
            outcome="failed_downloads",
            problems=("5 of 12 downloads failed, more than the 20 % allowed",),
            requests=replace(done.requests, failed={"timeout": 5}),
            failures=(Failure(url=url, kind="timeout", reason="no answer within 30 seconds"),),
            monitors=(
                Check(monitor="errors", passed=False, figure=0.42, usual=0.01,
                      message="42 % of the requests failed, usually 1 %", examples=(url,)),
            ),
        )  # fmt: skip
    return done


def opened(output: Path) -> sqlite3.Connection:
    """The index of ``output``, with the tables that a real one has."""
    output.mkdir(parents=True, exist_ok=True)
    connection = database.connect(index_path(output))
    connection.execute(
        "INSERT OR IGNORE INTO files VALUES (1, 'world/2026-11-25T03-05-07Z.jsonl', 9, 9, 9)"
    )
    return connection


def store(
    index: sqlite3.Connection,
    key: str,
    *sections: str,
    on: str,
    at: str | None = None,
    title: str = "Story",
    source: str | None = "Xinhua",
) -> None:
    """Store an article that ``sections`` list."""
    index.execute(
        "INSERT INTO revisions (id, revision, file, url, title, section, published_on,"
        " published_at, source, template, pages, content_hash, has_body, crawled_at)"
        " VALUES (?, 1, 1, ?, ?, ?, ?, ?, ?, '2021', 1, ?, 1, ?)",
        (key, f"http://en.people.cn/n3/{key}.html", title, next(iter(sections), None), on, at,
         source, "0" * 64, at or on),
    )  # fmt: skip
    for name in sections:
        index.execute("INSERT INTO listings VALUES (?, ?, ?, 1)", (key, name, at or on))


def owe(
    index: sqlite3.Connection,
    key: str,
    since: datetime,
    *,
    url: str = "",
    kind: str = "timeout",
    reason: str | None = "no answer within 30 seconds",
    section: str | None = "world",
    tries: int = 1,
) -> None:
    """Note an article that is still to be fetched, thirty hours later."""
    index.execute(
        "INSERT INTO pending VALUES (?, ?, 'world', ?, ?, ?, ?, 1, ?, ?, NULL)",
        (key, url or f"http://en.people.cn/n3/2026/1120/c90000-{key}.html", section, kind, reason,
         tries, moment(since), moment(since + timedelta(days=7))),
    )  # fmt: skip


def index(output: Path, now: datetime, days: int, seed: int = 1, pending: int = 7) -> Path:
    """An index of the articles that such runs found."""
    dice = random.Random(seed)
    today = now.astimezone(BEIJING).replace(hour=0, minute=0, second=0, microsecond=0)
    key = 10_000_000
    with closing(opened(output)) as made:
        made.execute("BEGIN")
        for back in range(days):
            day = today - timedelta(days=back)
            less = 3 if day.weekday() > 4 else 1
            for name, usual in VOLUME.items():
                if name in NEVER or dice.random() < 0.06:
                    continue
                for _ in range(max(0, round(dice.gauss(usual, usual / 4) / less))):
                    at = day + timedelta(minutes=dice.randrange(7 * 60, 23 * 60))
                    also = ("home",) if dice.random() < 0.1 and name != "home" else ()
                    key += 1
                    if at < now:
                        store(
                            made, str(key), name, *also,
                            on=f"{at:%Y-%m-%d}", at=at.isoformat(), source=dice.choice(SOURCES),
                            title=f"Story <script>alert({key})</script>",
                        )  # fmt: skip
        for number in range(pending):
            owe(made, str(number), now - timedelta(hours=5 * number + 2), tries=1 + number % 4)
        made.execute("COMMIT")
    return index_path(output)
