"""The data of an edition."""

from __future__ import annotations

from dataclasses import dataclass

Names = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Words:
    """The words around names and dates, as regular expressions without groups.

    Case is ignored. Unknown words are left out, not guessed.

    :param by: before the writers' names.
    :param source: before the source, its colon left out.
    :param editor: before the editors' names, its colon left out.
    :param editor_in_brackets: the same in brackets without a colon: （編集KM）.
    :param updated: before the time of an update.
    :param related: headings of the box of related stories.
    :param next_page: labels of the pager's link to the next page, in lower case.
    :param end: headings of other boxes around a story.
    :param tools: labels of the page's tools: print, change the font size.
    :param service: whole lines of boilerplate: promotions, imprints.
    :param origin: before the original publisher, in a separate line below a story.
    :param between: words between two names.
    :param roles: before or after a writer's name: "reporter".
    :param photo: first words of a picture's credit.
    :param agencies: names in bylines that are not persons.
    """

    by: Names = ()
    source: Names = ()
    editor: Names = ()
    editor_in_brackets: Names = ()
    updated: Names = ()
    related: Names = ()
    next_page: Names = ()
    end: Names = ()
    tools: Names = ()
    service: Names = ()
    origin: Names = ()
    between: Names = ()
    roles: Names = ()
    photo: Names = ()
    agencies: Names = ()


@dataclass(frozen=True, slots=True)
class Calendar:
    """Forms of dates, times and datelines.

    :param days: forms of a date, in ``strptime`` letters: ``%Y``, ``%m``, ``%d`` and ``%B``, the
        month's name. A space matches any or no white space; commas are optional.
    :param clocks: forms of a time, with ``%H`` and ``%M``.
    :param months: names of each of the twelve months, with abbreviations.
    :param weekdays: weekday names before a date.
    :param ordinals: suffixes of a day: ``th``.
    :param at: words between date and time.
    :param datelines: regular expressions of datelines, with any of the groups ``place``,
        ``agency``, ``month``, ``day`` and ``year``; ``{month}`` stands for the month names.
    """

    days: Names
    clocks: Names = ("%H:%M",)
    months: tuple[Names, ...] = ()
    weekdays: Names = ()
    ordinals: Names = ()
    at: Names = ()
    datelines: Names = ()


@dataclass(frozen=True, slots=True, eq=False)
class Edition:
    """One language edition.

    :param language: BCP 47 tag.
    :param host: its current host, used in canonical addresses.
    :param aliases: other hosts that serve or served the same paths.
    :param other_hosts: hosts of the edition, certain or not, for which no source shows the same
        paths: their canonical addresses keep the host.
    :param domains: domains whose other hosts are channels with their own paths: their canonical
        addresses keep the host.
    :param site_names: the site's names after a headline in ``<title>``.
    :param not_articles: content ids of pages that only look like articles.
    :param glued: whether a path before ``/n3/`` is an error. In other editions it is a channel's
        directory: ``/Afrique/n3/...``.
    :param seen: what public sources show of the edition's pages. Everything else in an entry is
        plain vocabulary of the language and unverified.
    """

    language: str
    host: str
    words: Words
    calendar: Calendar
    site_names: Names
    seen: str
    aliases: Names = ()
    other_hosts: Names = ()
    domains: Names = ()
    not_articles: frozenset[str] = frozenset()
    glued: bool = False

    @property
    def home(self) -> str:
        """Address of the front page."""
        return f"http://{self.host}/"

    @property
    def hosts(self) -> tuple[str, ...]:
        """All named hosts, the current one first."""
        return tuple(dict.fromkeys((self.host, *self.aliases, *self.other_hosts)))
