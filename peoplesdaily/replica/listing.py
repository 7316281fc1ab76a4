"""Lists, the front page and its daily copies, and pages that are not stories.

Source of the lists' classes and pagers: selectors of public crawlers; one pager is real (Chinese
edition, 2020). The replica chooses which section uses which template. The front page of the 2021
design and the daily copies after 2021 are unknown, so both look like those of 2015 (unverified).
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from html import escape
from random import Random

from peoplesdaily.replica import shell
from peoplesdaily.replica.content import BEIJING, FRONT_PAGE, Catalogue, Entry
from peoplesdaily.replica.markup import STYLES_2013, STYLES_2021
from peoplesdaily.replica.shell import anchor, text
from peoplesdaily.replica.story import HOST
from peoplesdaily.site.sections import SECTIONS

#: Sections whose lists use the 2015 template, ten stories a page.
OLD_LISTS = frozenset({"culture", "travel", "foreign_affairs"})
#: The first date with a daily copy that public crawlers read.
FIRST_REVIEW = date(2012, 1, 1)
# The real site lacks some dates; which ones is unknown.
_REVIEW_LACKS = 0.15


def page_size(section: str) -> int:
    """Stories on one page of the section's list."""
    return 10 if section in OLD_LISTS else 20


def page_count(catalogue: Catalogue, section: str) -> int:
    """Pages of the section's list; an empty list has one."""
    return max(1, -(-len(catalogue.lists(section)) // page_size(section)))


def list_page(catalogue: Catalogue, section: str, page: int) -> bytes:
    """One page of a section's list, counted from 1."""
    size = page_size(section)
    entries = catalogue.entries(section)[(page - 1) * size : page * size]
    label = SECTIONS[section].labels[0]
    old = section in OLD_LISTS or section == "video"
    head = shell.head(
        f"{label} - People's Daily Online",
        metas=shell.section_metas(f"{label}: a replica with invented articles"),
        styles=STYLES_2013 if old else STYLES_2021,
    )
    top = shell.top_2013(catalogue.today) if old else shell.top_2021(catalogue.today)
    count = page_count(catalogue, section)
    if section == "video":
        content = _video_list(catalogue, entries, page, count)
    elif old:
        content = _old_list(catalogue, entries, page, count)
    else:
        name = "foreign_list7" if section == "special_coverage" else "foreign_list8"
        content = _new_list(catalogue, entries, name, page, count)
    return f"{head}{top}{content}{shell.footer()}".encode()


def _new_list(
    catalogue: Catalogue, entries: Sequence[Entry], name: str, page: int, count: int
) -> str:
    items = "\n".join(
        f"<li>{_link(catalogue, entry)}"
        f"<span>{catalogue.published_at(entry.id):%Y-%m-%d %H:%M}</span></li>"
        for entry in entries
    )
    return f"""<div class="w1280 cf"><div class="col-1 fl">
<ul class="{name} cf">
{items}
</ul>
<div class="page_n clearfix">{_pager(page, count, "上一页", "下一页")}</div>{_total(count)}
</div>
<div class="col-2 fr">{_beside(catalogue)}</div></div></div>
"""


def _old_list(catalogue: Catalogue, entries: Sequence[Entry], page: int, count: int) -> str:
    items = "\n".join(
        f'<div class="d2_17 clear"><div class="on1 clear"><h3>{_link(catalogue, entry)}</h3></div>'
        f'<div class="on2 clear"><span>{catalogue.published_at(entry.id):%Y-%m-%d %H:%M}</span>'
        "</div></div>"
        for entry in entries
    )
    return f"""<div class="w980 clear"><div class="d2p3_left fl">
{items}
<div class="d2_18 clear">{_pager(page, count, "上一页", "下一页")}</div>{_total(count)}
</div>
<div class="d2p3_right fr">{_beside(catalogue)}</div></div>
"""


def _video_list(catalogue: Catalogue, entries: Sequence[Entry], page: int, count: int) -> str:
    """The list of videos: an English pager and no page count."""
    items = "\n".join(
        f'<li><a href="{escape(entry.href)}"><img src="/NMediaFile/thumbs/{entry.id}.jpg" '
        f'width="220" /></a><p>{_link(catalogue, entry)}</p></li>'
        for entry in entries
    )
    return f"""<div class="w980 clear">
<div class="pic_list clear"><ul>
{items}
</ul></div>
<div class="d2_18 clear">{_pager(page, count, "Previous", "Next")}</div>
{_beside(catalogue)}</div>
"""


def _link(catalogue: Catalogue, entry: Entry) -> str:
    return anchor(entry.href, catalogue.link(entry.id).title, ' target="_blank"')


def _total(count: int) -> str:
    return f"<!--all page--><!--PageNo={count}-->"


def _pager(page: int, count: int, back: str, forward: str) -> str:
    """The CMS's pager: numbers near the current page, without links to itself or past the ends."""
    if count == 1:
        return ""
    links = []
    if page > 1:
        links.append(_turn(page - 1, back))
    for number in range(max(1, page - 5), min(count, page + 4) + 1):
        links.append(
            f'<a class="common_current_page">{number}</a>'
            if number == page
            else _turn(number, str(number))
        )
    if page < count:
        links.append(_turn(page + 1, forward))
    return "&nbsp;".join(links)


def _turn(number: int, label: str) -> str:
    return f'<a href="index{number}.html#fy01">{label}</a>'


def _beside(catalogue: Catalogue) -> str:
    """Boxes beside a list, with stories that the list does not contain."""
    items = "".join(shell.item(catalogue.link(number)) for number in catalogue.ids[:8])
    return f'<div class="box cf"><h3>Most Read</h3>\n<ul>{items}</ul></div>'


def front_page(catalogue: Catalogue) -> bytes:
    """The front page in the markup of 2015: a headline, top news, latest news."""
    first, *others = catalogue.lists("home")
    half = FRONT_PAGE // 2
    latest = "\n".join(f"<p>{_front_link(catalogue, n)}</p>" for n in others[half:])
    head = shell.head(
        "People's Daily Online - Home Page - English",
        metas=shell.section_metas("A replica with invented articles"),
        styles=STYLES_2013,
    )
    return f"""{head}{shell.top_2013(catalogue.today)}
<div class="w980 p1_content clear">
<div class="p1_left fl"><div class="p1_1 clear"><b>{_front_link(catalogue, first)}</b></div>
<div class="p1_3 clear"><ul>
{"".join(f"<li>{_front_link(catalogue, n)}</li>" for n in others[:half])}
</ul></div></div>
<div class="p1_right fr"><div class="p1box clear">
{latest}
</div></div>
<div class="ad02 clear"><a href="http://www.example.invalid/ad.html">Advertisement</a></div>
</div>
{shell.footer()}""".encode()


def review_ids(catalogue: Catalogue, day: date) -> tuple[str, ...]:
    """Ids on the frozen front page of a day, in its order: the newest of that day and the day
    before. None where the day has no page: nothing appeared, or the archive lacks it."""
    if not FIRST_REVIEW <= day <= catalogue.today:
        return ()
    if Random(f"{catalogue.seed}:review:{day}").random() < _REVIEW_LACKS:
        return ()
    end = review_end(day)

    def age(number: str) -> timedelta:
        return end - catalogue.published_at(number)

    first = bisect_left(catalogue.ids, timedelta(), key=age)
    last = bisect_left(catalogue.ids, timedelta(days=2), key=age)
    return catalogue.ids[first : min(last, first + FRONT_PAGE)]


def review_end(day: date) -> datetime:
    """Time of a daily copy: the end of the day."""
    return datetime.combine(day, time(23, 59), BEIJING)


def review_page(catalogue: Catalogue, day: date) -> bytes:
    """The daily copy of a date that has one.

    Every box that public crawlers read has links, and so has the advertisement that they skip; its
    story is not in the other boxes.
    """
    numbers = review_ids(catalogue, day)
    size = -(-len(numbers) // 5)
    boxes = [
        "\n".join(f"<li>{_review_link(catalogue, n)}</li>" for n in numbers[at : at + size])
        for at in range(0, 5 * size, size)
    ]
    advertised = catalogue.near(numbers[-1], 1)
    advertisement = "".join(_review_link(catalogue, n) for n in advertised if n not in numbers)
    head = shell.head(
        "People's Daily Online - Home Page - English",
        metas=shell.section_metas("A replica with invented articles"),
        styles=STYLES_2013,
    )
    return f"""{head}{shell.top_2013(day)}
<div class="w980 p1_content clear">
<div class="p1_left fl"><ul>{boxes[0]}</ul></div>
<div class="p1_c fl"><ul>{boxes[1]}</ul></div>
<div class="p1_right fr"><ul>{boxes[2]}</ul>
<div class="ad02 clear">{advertisement}</div></div>
</div>
<div class="w980 p2_content clear">
<div class="p2_left fl"><ul>{boxes[3]}</ul></div>
<div class="p1_c2 fl"><ul>{boxes[4]}</ul></div>
</div>
{shell.footer()}""".encode()


def _review_link(catalogue: Catalogue, number: str) -> str:
    """Daily copies use the hosts of their time; some stories have two links, a picture and a
    headline.
    """
    link = catalogue.link(number)
    href = link.url
    if catalogue.published_at(number).year < 2017:
        href = href.replace(HOST, "http://english.people.com.cn")
    picture = ""
    if int(number) % 3 == 0:
        picture = f'<a href="{href}"><img src="/NMediaFile/thumbs/{number}.jpg" width="130" /></a>'
    return picture + anchor(href, link.title, ' target="_blank"')


def _front_link(catalogue: Catalogue, number: str) -> str:
    """Some links of the front page are absolute."""
    link = catalogue.link(number)
    href = link.url if int(number) % 2 else link.url.removeprefix(HOST)
    return anchor(href, link.title, ' target="_blank"')


def plain_page(catalogue: Catalogue, title: str, lines: Sequence[str]) -> bytes:
    """A page that is not an article, in the article's template but without a byline."""
    head = shell.head(
        f"{title} - People's Daily Online",
        metas=shell.section_metas("A replica with invented articles"),
        styles=STYLES_2021,
    )
    content = "\n".join(f"<p>{text(line)}</p>" for line in lines)
    return f"""{head}{shell.top_2021(catalogue.today)}
<div class="w860 d2txtCon cf"><h1>{text(title)}</h1>
{content}
</div></div>
{shell.footer()}""".encode()


def error_page(status: int, reason: str) -> bytes:
    """The web server's error page."""
    title = f"{status} {reason}"
    return (
        f"<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n"
        f"<center><h1>{title}</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
    ).encode()
