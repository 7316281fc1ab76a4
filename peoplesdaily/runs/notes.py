"""What a spider notes about its run, for monitors, manifest and summary."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

_MOST_FAILURES = 5


@dataclass(frozen=True, slots=True)
class FailedPage:
    """A page that could not be fetched or read.

    :param kind: short name of the reason.
    :param section: the section whose list it is or that lists it.
    """

    url: str
    kind: str
    reason: str
    section: str | None


@dataclass(slots=True)
class RunNotes:
    """The notes of one run.

    :ivar failures: the first failed pages, some of every section, as examples.
    :ivar page_problems: addresses of pages that were not read as they should, by section and
        problem. Those that earlier runs have met are left out.
    :ivar sections: counts of the lists by section: ``listed``, ``lists_read`` and so on.
    :ivar layouts: which markup listed a section's articles, by section.
    """

    failures: list[FailedPage] = field(default_factory=list)
    page_problems: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    sections: dict[str, Counter[str]] = field(default_factory=dict)
    layouts: dict[str, str] = field(default_factory=dict)

    def failure(self, url: str, kind: str, reason: str, section: str | None = None) -> None:
        """Keep a failed page, unless its section has enough examples."""
        if sum(known.section == section for known in self.failures) < _MOST_FAILURES:
            self.failures.append(FailedPage(url, kind, reason, section))

    def page_problem(self, sections: Iterable[str], problem: str, url: str) -> None:
        """Keep the address of a page that was not read as it should be."""
        for section in sections:
            self.page_problems.setdefault((section, problem), []).append(url)

    def count(self, section: str, name: str, number: int = 1) -> None:
        """Add to a count of one section."""
        self.sections.setdefault(section, Counter())[name] += number

    def problem_urls(self, problem: str, section: str | None = None) -> list[str]:
        """Addresses of pages with problems that begin with a name, of one section or of all."""
        found = (
            url
            for (where, what), urls in self.page_problems.items()
            if what.startswith(problem) and section in (None, where)
            for url in urls
        )
        return list(dict.fromkeys(found))
