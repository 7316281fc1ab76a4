"""The language editions that the project reads, as data.

An edition is what differs from language to language on one and the same CMS: hosts, the name the
site puts behind its titles, the words of its pagers. The English edition comes first; another one
is another entry here.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Edition:
    """One language edition.

    :param language: BCP 47 tag.
    :param host: the host that serves it now; canonical addresses carry it.
    :param aliases: hosts that served the same paths before, or still do.
    :param site_names: what stands behind the headline in ``<title>``.
    :param next_words: texts of the pager's link to the next page.
    :param not_articles: content ids whose addresses look like articles and are none.
    """

    language: str
    host: str
    aliases: tuple[str, ...]
    site_names: tuple[str, ...]
    next_words: frozenset[str]
    not_articles: frozenset[str]

    @property
    def home(self) -> str:
        """Address of the edition's front page."""
        return f"http://{self.host}/"

    @property
    def hosts(self) -> tuple[str, ...]:
        """Every host of the edition, the current one first."""
        return (self.host, *self.aliases)


ENGLISH = Edition(
    language="en",
    host="en.people.cn",
    # All four answer the same paths; the last is the oldest (articles of 2000).
    aliases=("english.people.com.cn", "english.people.cn", "english.peopledaily.com.cn"),
    site_names=("People's Daily Online", "People's Daily", "People's Daily Online - English"),
    # The English lists of 2021 and later still say it in Chinese.
    next_words=frozenset({"next", "next page", "下一页"}),
    # "About People's Daily Online", in every footer, and a service page of 2019.
    not_articles=frozenset({"9716018", "8347260"}),
)

EDITIONS: tuple[Edition, ...] = (ENGLISH,)
HOSTS: dict[str, Edition] = {host: edition for edition in EDITIONS for host in edition.hosts}
