"""Story pages, in the templates of 2013 (to 2020) and of 2021.

Source of classes and nesting: selectors of public crawlers. Unverified, and modelled on real
Chinese pages of the same CMS: kicker and subtitle of the 2021 template (``h3.pre``, ``h4.sub``),
its breadcrumb, its pager, its "Related Stories" box; the arguments of ``showPlayer``; wording and
place of the update; boxes of links beside a story.
"""

from __future__ import annotations

from datetime import datetime
from html import escape
from itertools import cycle

from peoplesdaily.replica import shell
from peoplesdaily.replica.content import Catalogue
from peoplesdaily.replica.shell import anchor, text
from peoplesdaily.replica.story import HOST, Block, Picture, Prose, Run, Story, Video

STYLES_2021 = "/img/FOREIGN/2021/02/313100/source/"
STYLES_2013 = "/img/FOREIGN/2015/03/212677/"
#: Default size of a story page: real ones have 14 to 18 KB.
PAGE_BYTES = 16_500

_PROMO = (
    '(For the latest China news, Please follow <a href="https://twitter.com/PDChina">People\'s '
    'Daily</a> on <a href="https://twitter.com/PDChina">Twitter</a> and '
    '<a href="https://www.facebook.com/PeoplesDaily">Facebook</a>)'
)
_FILLER = "<!--filler-->"
_BOXES = ("Photos", "Hot News", "We Recommend", "Most Viewed")


def story_page(catalogue: Catalogue, story: Story, page: int) -> bytes:
    """One page of a story, counted from 1, filled up to the catalogue's page size."""
    render = _page_2021 if story.template == "2021" else _page_2013
    html = render(catalogue, story, page)
    target = catalogue.page_bytes or PAGE_BYTES
    size = target - len(html.encode()) + len(_FILLER)
    return html.replace(_FILLER, _filler(catalogue, story, size), 1).encode()


def _filler(catalogue: Catalogue, story: Story, size: int) -> str:
    """Boxes with links to other stories, about ``size`` bytes of them."""
    parts: list[str] = []
    # In a small catalogue the links repeat.
    for at, number in enumerate(cycle(catalogue.near(story.id, max(size // 100, 0)))):
        item = shell.item(catalogue.link(number))
        if at % 12 == 0:
            end = "</ul></div>" if at else ""
            item = f'{end}<div class="box cf"><h3>{_BOXES[at // 12 % 4]}</h3><ul>\n{item}'
        size -= len(item.encode())
        if size < len("</ul></div>"):
            break
        parts.append(item)
    return "".join(parts) + "</ul></div>" if parts else ""


def _metas(story: Story) -> dict[str, str]:
    return {
        "keywords": ",".join(story.keywords),
        "description": story.description or "",
        "copyright": "Replica with invented articles",
        "filetype": "0",
        "publishedtype": "1",
        "pagetype": "1",
        "catalogs": f"F_{story.channel}",
        "contentid": f"F_{story.id}",
        "publishdate": story.published_at.date().isoformat(),
        "author": "F_126",
        "editor": "",
        # The full-width colon is as on real pages.
        "source": f"source：{story.source}",
        "sourcetype": "",
    }


def _numbered(title: str, page: int) -> str:
    """The title on later pages of a story."""
    return title if page == 1 else f"{title} ({page})"


def _head(story: Story, page: int, styles: str) -> str:
    title = f"{_numbered(story.title, page)} - People's Daily Online"
    return shell.head(title, metas=_metas(story), styles=styles)


def _page_2021(catalogue: Catalogue, story: Story, page: int) -> str:
    return f"""{_head(story, page, STYLES_2021)}{shell.top_2021(catalogue.today)}
<!--path-->
<div class="w860 route cf" id="rwb_navpath">{_breadcrumb(story)}</div>
<div class="w860 d2txtCon cf">
{_optional("h3", "pre", story.kicker, story.style.empty_heads)}
<h1>{text(_numbered(story.title, page))}</h1>
{_optional("h4", "sub", story.subtitle, story.style.empty_heads)}
<div class="origin cf">{_byline_2021(story)}</div>
{_blocks(story, page)}
{_pager(story, page)}
<div class="editor">{_editor_line(story)}</div>
{shell.share()}
</div>
{_related(story, "Related Stories", "rm_relevant cf box_news")}
<div class="w860 cf box_most"><h3>Most Read</h3>
<ul>{_newest(catalogue, story)}</ul></div>
{_photos(catalogue, story)}
{_FILLER}
</div>
{shell.footer()}"""


def _page_2013(catalogue: Catalogue, story: Story, page: int) -> str:
    layouts = {"title_id": _title_id, "column": _column, "wide": _wide}
    return f"""{_head(story, page, STYLES_2013)}{shell.top_2013(catalogue.today)}
<div class="w980 wbnav wbnav2 clear">{_breadcrumb(story)}</div>
{layouts[story.style.layout](story, page)}
<div class="wb_5 clear"><a href="javascript:void(0)">Add your comment</a></div>
<div id="disqus_thread"></div>
<script type="text/javascript">
var disqus_shortname = "enpeople", disqus_identifier = "{story.id}";
</script>
<div class="wb_6 clear"><h3>Most Viewed</h3><b>Day</b>|<b>Week</b>
<ul>{_newest(catalogue, story)}</ul></div>
{_photos(catalogue, story)}
{_related(story, "Related reading", "wb_14 clear")}
{_FILLER}
</div>
{shell.footer()}"""


def _title_id(story: Story, page: int) -> str:
    """The template's oldest form: parts with ids."""
    return f"""<div class="w980 p2_content clear"><div class="p2_left fl">
<h2 id="p_title">{text(_numbered(story.title, page))}</h2>
{_below_title(story)}
<div class="wb_1 clear">{_byline_2013(story)}</div>
{_tools()}
<div id="p_content" class="clear">
{_blocks(story, page)}
{_pager(story, page)}
</div>
{_closing(story)}
</div>"""


def _column(story: Story, page: int) -> str:
    """The usual form: a column of text."""
    return f"""<div class="w980 clear"><div class="d2p3_left wb_left fl">
<h2>{text(_numbered(story.title, page))}</h2>
{_below_title(story)}
<div class="wb_1 clear">{_byline_2013(story)}</div>
{_tools()}
<div class="wb_12 clear">
{_blocks(story, page)}
{_pager(story, page)}
</div>
{_closing(story)}
</div>"""


def _wide(story: Story, page: int) -> str:
    """The form of photo stories, across the page."""
    return f"""<div class="w980 wb_10 clear"><h1>{text(_numbered(story.title, page))}</h1>
{_below_title(story)}
<div>{_byline_2013(story)}</div></div>
{_tools()}
<div class="w980 clear"><div class="wb_12 wb_12b clear">
{_blocks(story, page)}
{_pager(story, page)}
</div>
{_closing(story)}"""


def _tools() -> str:
    return (
        '<div class="wb_2b clear"><a href="mailto:?subject=story">Email</a>|'
        '<a href="javascript:window.print()">Print</a></div>'
    )


def _below_title(story: Story) -> str:
    """The line with either the subtitle or the author."""
    line = f"By {story.authors[0]}" if story.style.byline == "author_line" else story.subtitle
    return _optional("h3", "wb_2 clear", line, story.style.empty_heads)


def _optional(tag: str, name: str, value: str | None, empty: bool) -> str:
    """An element that is omitted or empty without a value."""
    if value is None and not empty:
        return ""
    return f'<{tag} class="{name}">{text(value or "")}</{tag}>'


def _breadcrumb(story: Story) -> str:
    """The breadcrumb; for the root channel only its start, arrows included."""
    first = anchor(f"{HOST}/", story.breadcrumb[0], ' class="clink"')
    rest = (
        anchor(f"{HOST}/{story.channel}/index.html", name, ' class="clink"')
        for name in story.breadcrumb[1:]
    )
    return f"{first}&gt;&gt;{''.join(rest)}"


def _credit(story: Story) -> str:
    """The byline without its time."""
    source = text(story.source)
    match story.style.byline:
        case "link":
            return f'(<a href="http://www.xinhuanet.com/english/" target="_blank">{source}</a>)'
        case "app":
            return f"({source}) "
        case "open":
            return f"{source})"
        case "writers" | "writer":
            *others, last = map(text, story.authors)
            names = f"{', '.join(others)} and {last}" if others else last
            return f"By {names} ({source})"
        case "plain" | "agency" | "author_line":
            return f"({source})"


def _clock(moment: datetime) -> str:
    return f"{moment:%H:%M, %B %d, %Y}"


def _byline_2021(story: Story) -> str:
    update = story.updated_at
    updated = f" <span>UPDATED: {_clock(update)}</span>" if update else ""
    return f"{_credit(story)} <span>{_clock(story.published_at)}</span>{updated}"


def _byline_2013(story: Story) -> str:
    update = story.updated_at
    updated = f"<br/>UPDATED: {_clock(update)}" if update else ""
    return f"{_credit(story)}&nbsp;&nbsp;&nbsp;&nbsp;{_clock(story.published_at)}{updated}"


def _editor_line(story: Story) -> str:
    if not story.editors:
        return ""
    names = story.style.editor_separator.join(story.editors)
    return f"({story.style.editor_label}{text(names)})"


def _closing(story: Story) -> str:
    """Promotion and editor line of the 2013 templates."""
    editor = _editor_line(story)
    match story.style.promo:
        case "same_line":
            return f'<div class="wb_4 clear">{_PROMO}{editor}</div>'
        case "next_line":
            return f'<div class="wb_13 clear">{_PROMO}<br/>\n{editor}</div>'
        case "next_box":
            return (
                f'<div class="wb_13 clear">{_PROMO}</div>\n<div class="wb_4 clear">{editor}</div>'
            )
        case "none":
            return f'<div class="wb_4 clear">{editor}</div>'


def _blocks(story: Story, page: int) -> str:
    """The content of one page."""
    return "\n".join(_block(story, block) for block in story.sheets[page - 1])


def _block(story: Story, block: Block) -> str:
    match block:
        case Prose():
            runs = "".join(_run(run, story.style.entities) for run in block.runs)
            return f"<p>\n\t{runs}</p>"
        case Picture():
            return _picture(story, block)
        case Video():
            return _player(block)


def _run(run: Run, entities: bool) -> str:
    content = text(run.text, entities=entities)
    match run.tag:
        case "":
            return content
        case "br":
            return "<br/>"
        case "a":
            return f'<a href="{escape(run.href)}" target="_blank">{content}</a>'
    return f"<{run.tag}>{content}</{run.tag}>"


def _picture(story: Story, picture: Picture) -> str:
    image = f'<img src="{picture.path}" width="900" height="600" />'
    centred = 'align="center"' if story.template == "2013" else 'style="text-align: center;"'
    if story.style.layout == "wide":
        link = f'<a href="{picture.path}" target="_blank">{image}</a>'
        shown = f'<div class="page_pic"><div class="pic">{link}</div></div>'
    else:
        shown = f"<p {centred}>\n\t{image}</p>"
    lines = (text(line) for line in picture.lines)
    match picture.style:
        case "em":
            captions = [f"<p><em>{line}</em></p>" for line in lines]
        case "centre":
            captions = [f"<p {centred}>\n\t{line}</p>" for line in lines]
        case _:
            captions = [f"<p>\n\t{line}</p>" for line in lines]
    return "\n".join((shown, *captions))


def _player(video: Video) -> str:
    """A player with its script inside a paragraph."""
    poster = video.path.replace(".mp4", ".jpg")
    script = (
        f'showPlayer({{ id: "ppnPlayer", src: "{video.path}", image: "{poster}", '
        'width: 900, height: 506, autoplay: false });'
    )  # fmt: skip
    player = f"<p><script>\n{script}\n</script></p>"
    return "\n".join((player, *(f"<p>\n\t{text(line)}</p>" for line in video.lines)))


def _pager(story: Story, page: int) -> str:
    """Numbers of all pages and, before the last, the button to the next; empty shells where the
    story has one page, as on real pages."""
    numbers = "".join(
        f'<a href="{story.page_path(n)}">【{n}】</a>' for n in range(1, story.pages + 1)
    )
    cell = ""
    if page < story.pages:
        button = f'<img src="{STYLES_2013}images/Next.jpg" border="0">'
        link = f'<a href="{story.page_path(page + 1)}">{button}</a>'
        cell = f'<td width="50%" align="center">{link}</td>'
    if story.pages == 1:
        numbers = ""
    return (
        f'<div class="zdfy clearfix">{numbers}</div>'
        f'<center><table border="0" align="center" width="40%"><tr>{cell}</tr></table></center>'
    )


def _related(story: Story, heading: str, name: str) -> str:
    if not story.related:
        return ""
    items = "".join(map(shell.item, story.related))
    return f'<div class="{name}"><h3>{heading}</h3>\n<ul>{items}</ul></div>'


def _newest(catalogue: Catalogue, story: Story) -> str:
    return "".join(shell.item(catalogue.link(n)) for n in catalogue.ids[:8] if n != story.id)


def _photos(catalogue: Catalogue, story: Story) -> str:
    """A box with pictures of other stories."""
    pictures = "\n".join(
        f'<li><a href="{link.url}"><img src="/NMediaFile/thumbs/{number}.jpg" width="130" />'
        f"</a>{anchor(link.url, link.title)}</li>"
        for number in catalogue.near(story.id, 6, 5)
        for link in (catalogue.link(number),)
    )
    return (
        f'<div class="w980 w860 cf box_pic"><h3>Photos</h3>\n<ul class="cf">{pictures}</ul></div>'
    )
