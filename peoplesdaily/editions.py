"""The language editions that the project reads, as data.

An edition is what differs from language to language on one and the same CMS: hosts, the name the
site puts behind its titles, the words of its pagers. The English edition comes first; another one
is another entry here.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Words:
    """What an edition prints around names and dates, as regular expressions without groups.

    :param by: before the writers' names.
    :param source: before the source, its colon left out.
    :param editor: before the editors' names, its colon left out.
    :param updated: before the time of an update.
    :param related: headings of the box of related stories.
    :param next_page: texts of the pager's link to the next page, in lower case.
    """

    by: tuple[str, ...]
    source: tuple[str, ...]
    editor: tuple[str, ...]
    updated: tuple[str, ...]
    related: tuple[str, ...]
    next_page: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Edition:
    """One language edition.

    :param language: BCP 47 tag.
    :param host: the host that serves it now; canonical addresses carry it.
    :param aliases: hosts that served the same paths before, or still do.
    :param domains: domains whose other hosts are channels of the edition with paths of their own:
        their canonical addresses keep the host.
    :param site_names: what stands behind the headline in ``<title>``.
    :param not_articles: content ids whose addresses look like articles and are none.
    """

    language: str
    host: str
    words: Words
    site_names: tuple[str, ...]
    aliases: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()
    not_articles: frozenset[str] = frozenset()

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
    # "About People's Daily Online", in every footer, and a service page of 2019.
    not_articles=frozenset({"9716018", "8347260"}),
    words=Words(
        by=(r"text by", r"written by", r"story by", r"by"),
        source=(r"source", r"from"),
        editor=(r"(?:(?:web|copy|chief|senior|executive|responsible)\s+)?editors?",),
        updated=(r"(?:last\s+)?updated?(?:\s+(?:at|on))?",),
        related=(
            r"related (?:stor(?:y|ies)|readings?|news|articles?|coverage|links?)",
            *(r"see also", r"more stories", r"read more", r"also read", r"further reading"),
        ),
        next_page=("next", "next page"),
    ),
)

CHINESE = Edition(
    language="zh",
    host="www.people.com.cn",
    aliases=("people.com.cn", "www.people.cn", "people.cn"),
    # politics.people.com.cn, society.people.com.cn, js.people.com.cn, ...: a channel each.
    domains=("people.com.cn", "people.cn"),
    site_names=("人民网",),
    words=Words(
        by=(),
        source=(r"来源",),
        editor=(r"责任编辑", r"责编", r"编辑"),
        updated=(r"更新时间",),
        related=(r"相关(?:新闻|阅读|链接|报道)", r"关于.{1,30}的新闻"),
        next_page=("下一页",),
    ),
)

EDITIONS: tuple[Edition, ...] = (ENGLISH, CHINESE)
HOSTS: dict[str, Edition] = {host: edition for edition in EDITIONS for host in edition.hosts}

# Editions in other languages under the domains of the Chinese one. Each is an entry above away
# from being read; until then their pages are not taken for Chinese ones.
OTHER_LANGUAGES = frozenset(
    f"{name}.{domain}"
    for domain in ("people.com.cn", "people.cn", "peopledaily.com.cn")
    for name in (
        *("fr", "french", "russian", "arabic", "spanish", "j", "japan", "kr", "korean", "korea"),
        *("german", "portuguese", "swahili", "italian", "it", "kazakh", "thai", "malay", "greek"),
        *("www.greek", "vietnamese", "urdu", "hindi", "tibet", "mongol", "uyghur", "sawcuengh"),
        *("yi", "en", "english"),
    )
) - set(HOSTS)


def of_host(host: str) -> Edition | None:
    """The edition that ``host`` serves, ``None`` for other sites and languages not read yet."""
    host = host.lower().rstrip(".")
    if host in HOSTS or host in OTHER_LANGUAGES:
        return HOSTS.get(host)
    for edition in EDITIONS:
        if any(host.endswith(f".{domain}") for domain in edition.domains):
            return edition
    return None


def canonical_host(host: str, edition: Edition) -> str:
    """The host that a canonical address carries: the current one, or the channel's own."""
    host = host.lower().rstrip(".")
    return edition.host if host in edition.hosts else host
