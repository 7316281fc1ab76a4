"""What an edition is: the data that differ from language to language on one and the same CMS."""

from __future__ import annotations

from dataclasses import dataclass

Names = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Words:
    """What an edition prints around names and dates, as regular expressions without groups.

    Case does not count. A word that the edition does not print is left out, not guessed.

    :param by: before the writers' names.
    :param source: before the source, its colon left out.
    :param editor: before the editors' names, its colon left out.
    :param editor_in_brackets: the same where it stands in brackets and has no colon: （編集KM）.
    :param updated: before the time of an update.
    :param related: headings of the box of related stories.
    :param next_page: texts of the pager's link to the next page, in lower case.
    :param end: headings of the other boxes around a story.
    :param tools: what a reader can do with the page: print, change the size of the type.
    :param service: whole lines that serve the site and not the story: promos, colophons.
    :param origin: before the name of the original's publisher, in a line of its own under a story.
    :param between: words between two names.
    :param roles: before or behind a writer's name: "reporter".
    :param photo: what a picture's credit begins with.
    :param agencies: who stands in a byline without being a person.
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
    """How an edition prints a date and a time, and its wires their datelines.

    :param days: forms of a date, in the letters of ``strptime``: ``%Y``, ``%m``, ``%d`` and ``%B``,
        the month's name. A blank stands for any white space or none, a comma may be missing.
    :param clocks: forms of a time, with ``%H`` and ``%M``.
    :param months: the names of each of the twelve months, abbreviations too.
    :param weekdays: names that may stand before a date.
    :param ordinals: what may stand behind the number of a day: ``th``.
    :param at: words between date and time.
    :param datelines: regular expressions of a story's head, with groups ``place``, ``agency``,
        ``month``, ``day`` and ``year`` as far as they are printed; ``{month}`` in them stands for
        the month's name.
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
    :param host: the host that serves it now; canonical addresses carry it.
    :param aliases: hosts that served the same paths before, or still do.
    :param other_hosts: hosts that are the edition's, or may be, without a source that shows the
        same paths on them: their canonical addresses keep the host.
    :param domains: domains whose other hosts are channels of the edition with paths of their own:
        their canonical addresses keep the host.
    :param site_names: what stands behind the headline in ``<title>``.
    :param not_articles: content ids whose addresses look like articles and are none.
    :param glued: whether what stands before ``/n3/`` in an address is a scraper's slip and no part
        of it. On other editions it is a channel's directory: ``/Afrique/n3/...``.
    :param seen: what a public source shows of the edition's pages. Everything else in an entry is
        the language's own word for the thing and unverified.
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
        """Address of the edition's front page."""
        return f"http://{self.host}/"

    @property
    def hosts(self) -> tuple[str, ...]:
        """Every host of the edition by name, the current one first."""
        return tuple(dict.fromkeys((self.host, *self.aliases, *self.other_hosts)))
