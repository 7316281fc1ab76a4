"""The sections of the English edition, one row each. No other list of them exists.

Source of channel ids and labels: lists of public crawlers, and the site's navigation in 2013, 2019
and 2026. The live site was never reached, so ``verified`` says what is known. For a section with
``False`` no source shows a list at a known address: its spider uses the site's navigation, after
trying the address of the channel id, if there is one.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Section:
    """A section of the site.

    :param name: the spider's name and the value of ``section`` in a record.
    :param labels: its labels in the site's navigation, current one first.
    :param path: directory of its list (``"90777"``), ``""`` for the front page, ``None`` if
        unknown.
    :param verified: whether a source shows a list at that address.
    """

    name: str
    labels: tuple[str, ...]
    path: str | None
    verified: bool = True

    def is_called(self, label: str) -> bool:
        """Whether ``label`` in the navigation names this section."""
        return _plain(label) in map(_plain, self.labels)


def _plain(label: str) -> str:
    """A label without differences of case, spaces, and "&" for "and"."""
    return " ".join(label.casefold().replace("&", " and ").split())


SECTIONS: dict[str, Section] = {
    section.name: section
    for section in (
        Section("opinions", ("Opinions", "Opinion"), "90780"),
        Section("china", ("China", "China Politics", "China/Politics", "Politics"), "90785"),
        Section("world", ("World",), "90777"),
        Section("business", ("Business",), "90778"),
        Section("military", ("Military", "China Military"), "90786"),
        Section("society", ("Society", "China Society"), "90882"),
        Section(
            "culture", ("Culture", "Life & Culture", "Culture & Life", "Culture/Life"), "90782"
        ),
        Section("travel", ("Travel",), "205040"),
        Section("science", ("Science", "Sci-Edu", "Sci-Tech", "Sci & Edu", "Sci & Tech"), "202936"),
        Section("sports", ("Sports", "Sport"), "90779"),
        Section("special_coverage", ("Special Coverage",), "102775"),
        # One list calls 90783 "photo or life"; no source confirms it.
        Section("photo", ("Photo", "Photos"), None, verified=False),
        Section("video", ("Video", "Videos"), "98389"),
        # 90883 occurs in breadcrumbs of 2016; no source shows its list.
        Section("foreign_affairs", ("Foreign Affairs",), "90883", verified=False),
        Section("home", ("Home",), ""),
    )
}
