"""The sections of the English edition: one row each, and the project's only list of them.

Channel ids and labels are those of public crawlers' lists and of the site's own navigation in
2013, 2019 and 2026. Nobody here has reached the live site, so ``verified`` says what is known:
``False`` marks a section for which no source shows a list at a known address; its spider relies
on the site's navigation alone, or tries the address first where a channel id is at least known.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Section:
    """A section of the site.

    :param name: the spider's name and the value of ``section`` in a record.
    :param labels: what the site's navigation has called it, current label first.
    :param path: directory of its list (``"90777"``), ``""`` for the front page, ``None`` where
        no source knows an address.
    :param verified: whether some source shows a list at that address.
    """

    name: str
    labels: tuple[str, ...]
    path: str | None
    verified: bool = True

    def is_called(self, label: str) -> bool:
        """Whether the navigation's ``label`` names this section."""
        return _plain(label) in map(_plain, self.labels)


def _plain(label: str) -> str:
    """A label without the differences that do not matter: case, spaces, "&" for "and"."""
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
        # 90783 is called "photo or life" by one list and confirmed by none.
        Section("photo", ("Photo", "Photos"), None, verified=False),
        Section("video", ("Video", "Videos"), "98389"),
        # 90883 stands in breadcrumbs of 2016; no source shows a list at it.
        Section("foreign_affairs", ("Foreign Affairs",), "90883", verified=False),
        Section("home", ("Home",), ""),
    )
}
