"""The replica's catalogue: stories, their times of publication, and the lists they are in.

Equal arguments give equal catalogues and pages, to the byte. Only ids, times and lists are stored;
stories are generated on request.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta, timezone
from functools import lru_cache
from random import Random

from peoplesdaily.items import Link
from peoplesdaily.replica.story import HOST, Story, TemplateName
from peoplesdaily.replica.writer import Slot, title_of, write
from peoplesdaily.site.sections import SECTIONS

BEIJING = timezone(timedelta(hours=8))

#: Directories of the sections' lists. That of Photo is unknown; 90783 is a guess, linked from the
#: replica's navigation.
DIRECTORIES: Mapping[str, str] = {
    name: section.path if section.path is not None else "90783"
    for name, section in SECTIONS.items()
    if name != "home"
}
#: How many stories the front page holds.
FRONT_PAGE = 30

_WEIGHTS = {"world": 12, "china": 10, "society": 8, "business": 8}
_EPOCH = datetime(2000, 1, 1, tzinfo=BEIJING)
_DAY = 24 * 60
# Known content ids at a few dates, interpolated in between.
_IDS_AT = (
    ((2013, 1, 31), 8_109_627),
    ((2015, 8, 17), 8_935_123),
    ((2016, 9, 3), 9_112_197),
    ((2020, 12, 31), 9_804_948),
    ((2021, 9, 1), 9_890_769),
    ((2022, 9, 22), 10_150_346),
    ((2023, 10, 8), 10_310_000),
    ((2023, 10, 9), 20_082_000),
    ((2023, 10, 24), 20_088_368),
    ((2024, 6, 26), 20_186_075),
    ((2025, 4, 11), 20_300_684),
    ((2026, 9, 10), 20_497_977),
)
_OLD_ZONE = (date(2014, 1, 10), date(2020, 12, 30))
_NEW_ZONE_START = date(2021, 1, 5)


def _minute(day: date) -> int:
    return (day - _EPOCH.date()).days * _DAY


_ANCHORS = [(_minute(date(*day)), number) for day, number in _IDS_AT]


def _id_at(minute: int) -> int:
    """The next content id at a moment."""
    at = min(max(bisect_left(_ANCHORS, (minute,)), 1), len(_ANCHORS) - 1)
    (start, low), (end, high) = _ANCHORS[at - 1 : at + 1]
    return low + (high - low) * (minute - start) // (end - start)


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a list: the address as the list prints it, and the story behind it."""

    id: str
    href: str


class Catalogue:
    """All stories of a replica.

    :param articles: number of stories, each with its own id.
    :param seed: seed of the random generator.
    :param today: the date of the newest stories.
    :param page_bytes: size of story pages, filled up with boxes of links; by default about 16,500,
        as on the real site.
    """

    def __init__(
        self,
        articles: int = 420,
        seed: int = 1,
        today: date = date(2026, 11, 23),
        page_bytes: int | None = None,
    ) -> None:
        if not 1 <= articles <= 100_000:
            raise ValueError("articles must be between 1 and 100,000")
        if today < date(2024, 1, 1):
            raise ValueError("today must not be before 2024-01-01")
        if page_bytes is not None and page_bytes < 1:
            raise ValueError("page_bytes must be at least 1")
        self.articles, self.seed, self.today, self.page_bytes = articles, seed, today, page_bytes
        rng = Random(f"{seed}:catalogue")
        self._old = round(articles * 0.18)
        self._minutes = _timeline(rng, articles, self._old, today)
        self.ids: tuple[str, ...] = _numbered(self._minutes)
        """Ids of all stories, newest first."""
        self._index = {number: at for at, number in enumerate(self.ids)}
        self._home, self._also = _sectioned(rng, articles)
        self._twin = self._pick_twins(rng)
        self.reposts: dict[str, str] = {
            self.ids[newer]: self.ids[older] for newer, older in self._twin.items()
        }
        """Stories that repeat an earlier one's title and text under an id of their own: the newer
        id, which stands further up its list, to the older. A crawl asks for the older one first
        and drops the newer as the same text; both stand in one section's list, and in no other
        but the front page."""
        self._lists = self._make_lists(rng)
        self._channels = [self._channel(at) for at in range(articles)]
        self.story = lru_cache(maxsize=512)(self._story)
        """The story of an id; :exc:`KeyError` where there is none."""
        self.link = lru_cache(maxsize=16_384)(self._link)
        """Headline and canonical address of a story, without generating it."""

    def __len__(self) -> int:
        return self.articles

    def __contains__(self, number: object) -> bool:
        return number in self._index

    def lists(self, section: str) -> Sequence[str]:
        """Ids of a section's list in order: newest first, slightly shuffled."""
        return self._lists[section]

    def expected_ids(self, section: str) -> tuple[str, ...]:
        """Ids that a crawl of the section alone must write, in list order: those of the list
        without the newer one of two stories with the same text."""
        listed = self._lists[section]
        present = set(listed)
        return tuple(number for number in listed if self.reposts.get(number) not in present)

    def entries(self, section: str) -> list[Entry]:
        """The section's list with addresses as printed: a story that is another section's own
        stands under a foreign channel, host, scheme or spelling."""
        return [Entry(number, self._href(number, section)) for number in self._lists[section]]

    def published_at(self, number: str) -> datetime:
        """Time of publication."""
        return _EPOCH + timedelta(minutes=self._minutes[self._index[number]])

    def near(self, number: str, count: int, step: int = 1) -> list[str]:
        """Up to ``count`` other stories, walking from a given one to older ones, and from the
        catalogue's end back to newer ones."""
        at, size = self._index[number], len(self.ids)
        steps = [at + step * n for n in range(1, count + 1)]
        walked = [to if to < size else 2 * at - to for to in steps]
        return [self.ids[to] for to in walked if 0 <= to < size]

    def _story(self, number: str) -> Story:
        at = self._index[number]
        slot = self._slot(at)
        related = tuple(self.link(other) for other in self.near(number, 4, 7))
        older = self._twin.get(at)
        if older is None:
            return write(slot, related)
        text = write(self._slot(older), related)
        # The older story's update may precede the newer one's publication.
        return replace(
            text,
            id=slot.id,
            url=HOST + slot.path,
            channel=slot.channel,
            breadcrumb=("English", slot.label) if slot.label else ("English",),
            published_at=slot.published_at,
            updated_at=None,
            sections=slot.sections,
            traits=text.traits - {"updated"},
        )

    def _link(self, number: str) -> Link:
        at = self._index[number]
        title = title_of(self._slot(self._twin.get(at, at)))
        return Link(title=title, url=HOST + self._slot(at).path)

    def _slot(self, at: int) -> Slot:
        number, home, template = self.ids[at], self._home[at], self._template_of(at)
        channel, label = self._channels[at]
        also = self._also.get(at)
        listed = {home, *([also] if also else []), *(["home"] if at < FRONT_PAGE else [])}
        return Slot(
            seed=f"{self.seed}:{at}",
            ordinal=at if template == "2021" else at - (self.articles - self._old),
            id=number,
            template=template,
            channel=channel,
            label=label,
            section=home,
            sections=tuple(sorted(listed)),
            published_at=self.published_at(number),
        )

    def _template_of(self, at: int) -> TemplateName:
        return "2013" if at >= self.articles - self._old else "2021"

    def _channel(self, at: int) -> tuple[str, str]:
        """Channel id and breadcrumb label.

        Since about 2016, most stories are in the root channel, whatever their section.
        """
        section = self._home[at]
        if at % 6 and self.published_at(self.ids[at]).year > 2016:
            return "90000", ""
        if at % 12 == 6:
            return "98649", "People's Daily Online Exclusives"
        return DIRECTORIES[section], SECTIONS[section].labels[-1 if at % 2 else 0]

    def _pick_twins(self, rng: Random) -> dict[int, int]:
        """Index of a story to the index of the older one whose text it repeats: about one story
        in fifty, three or more places apart in one list."""
        single: dict[str, list[int]] = {}
        for at in range(round(self.articles * 0.6)):
            if at not in self._also:
                single.setdefault(self._home[at], []).append(at)
        twins: dict[int, int] = {}
        wanted = self.articles // 50
        names = sorted(name for name, held in single.items() if len(held) > 4)
        for _ in range(wanted * 20 if names else 0):
            held = single[rng.choice(names)]
            first = rng.randrange(len(held) - 4)
            newer, older = held[first], held[first + 4]
            if len(twins) < wanted and not {newer, older} & {*twins, *twins.values()}:
                twins[newer] = older
        return twins

    def _make_lists(self, rng: Random) -> dict[str, tuple[str, ...]]:
        lists: dict[str, list[str]] = {name: [] for name in DIRECTORIES}
        for at, number in enumerate(self.ids):
            lists[self._home[at]].append(number)
            if at in self._also:
                lists[self._also[at]].append(number)
        for listed in lists.values():
            for at in range(1, len(listed) - 1, 2):
                if rng.random() < 0.12:
                    listed[at], listed[at + 1] = listed[at + 1], listed[at]
        lists["home"] = list(self.ids[:FRONT_PAGE])
        return {name: tuple(listed) for name, listed in lists.items()}

    def _href(self, number: str, section: str) -> str:
        at = self._index[number]
        path = self._slot(at).path
        if self._also.get(at) != section:
            return path
        variants = (
            path.replace(f"/c{self._channels[at][0]}-", f"/c{DIRECTORIES[section]}-"),
            f"https://en.people.cn{path}",
            f"http://en.people.cn.{path}",
            f"http://english.people.com.cn{path}",
            f"http://en.people.cn/{path}",
            f"{path}?from=list#comment",
            f"http://english.peopledaily.com.cn{path}",
        )
        return variants[at % len(variants)]


def _timeline(rng: Random, articles: int, old: int, today: date) -> list[int]:
    """Times of publication in minutes, newest first.

    About 60 % are recent, some forty a day; 20 % since the redesign of 2021; ``old`` before it.
    """
    now = _minute(today) + 15 * 60
    middle = round(articles * 0.22)
    recent = articles - old - middle
    start = _minute(_NEW_ZONE_START)
    gap = min(35, (now - start - 365 * _DAY) // (recent + 1))
    minutes = []
    at = now
    for _ in range(recent):
        minutes.append(at)
        at -= max(1, rng.randint(gap // 2, gap + gap // 2))
    minutes += _spread(rng, middle, start, at - _DAY)
    minutes += _spread(rng, old, _minute(_OLD_ZONE[0]), _minute(_OLD_ZONE[1]))
    _mark_new_years(minutes, today)
    return minutes


def _spread(rng: Random, count: int, start: int, end: int) -> list[int]:
    """``count`` different times in a range, newest first."""
    step = (end - start) / max(count, 1)
    return [int(end - step * (n + 0.1 + 0.8 * rng.random())) for n in range(count)]


def _mark_new_years(minutes: list[int], today: date) -> None:
    """Move the year's first story to New Year's morning, so that some datelines name the year
    before their story's."""
    ascending = [-minute for minute in minutes]
    for year in range(2015, today.year + 1):
        morning = _minute(date(year, 1, 1)) + 8 * 60
        at = bisect_left(ascending, -morning)
        # The list is newest first: the story before the insertion point is the year's first.
        if at > 0 and minutes[at - 1] - morning < 40 * _DAY:
            minutes[at - 1] = morning
            ascending[at - 1] = -morning


def _numbered(minutes: list[int]) -> tuple[str, ...]:
    """Ids that rise with time, newest first."""
    numbers: list[str] = []
    last = 0
    for minute in reversed(minutes):
        last = max(_id_at(minute), last + 1)
        numbers.append(str(last))
    return tuple(reversed(numbers))


def _sectioned(rng: Random, articles: int) -> tuple[list[str], dict[int, str]]:
    """Each story's section, and for about 8 % a second section that lists it."""
    names = list(DIRECTORIES)
    weights = [_WEIGHTS.get(name, 5) for name in names]
    home = rng.choices(names, weights, k=articles)
    # Each section has a few stories, even in small catalogues.
    for at, name in enumerate(names[: articles // 2]):
        home[at] = name
    shared = [name for name in names if name not in ("photo", "video")]
    also = {
        at: rng.choice([name for name in shared if name != home[at]])
        for at in range(articles)
        if at % 23 in (7, 19) and home[at] in shared
    }
    return home, also
