"""Head, navigation and footer of every page, and helpers to write HTML.

Source of the meta data: real pages of the CMS (Chinese edition, 2019 and 2022), with values of
English pages; of the navigation's labels: a real English page of November 2020. The markup of the
2021 navigation and footer is unverified.
"""

from __future__ import annotations

from datetime import date
from html import escape
from html.entities import codepoint2name

from peoplesdaily.items import Link
from peoplesdaily.replica.content import DIRECTORIES
from peoplesdaily.replica.story import HOST
from peoplesdaily.site.sections import SECTIONS

#: Pages in every footer that look like articles.
ABOUT = "/n3/2020/0729/c90000-9716018.html"
SERVICES = "/102840/8347260.html"

_NAVIGATION = (
    "opinions", "business", "military", "world", "society", "culture", "travel", "science",
    "sports", "special_coverage", "photo", "video", "china", "foreign_affairs",
)  # fmt: skip
_ENTITIES = {point: f"&{name};" for point, name in codepoint2name.items() if point > 127}
_FRIENDS = (
    ("http://www.globaltimes.cn/", "Global Times"),
    ("http://www.chinadaily.com.cn/", "Chinadaily.com.cn"),
    ("http://www.ecns.cn/", "Ecns.cn"),
    ("http://www.bjreview.com.cn/", "Beijing Review"),
    ("http://english.cctv.com/", "CCTV"),
    ("http://en.qstheory.cn/", "Qiushi Journal"),
)
_SCRIPT = """<script type="text/javascript">
(window.slotbydup = window.slotbydup || []).push({ id: "4953269", size: "300,250" });
$(function () {
    // Pictures wider than the column shrink on small screens.
    function shrink() {
        $(".d2txtCon p img, .wb_12 p img, .page_pic img").each(function () {
            var image = new Image(), shown = $(this);
            image.src = shown.attr("src");
            $(image).load(function () {
                if (image.width > 0 && image.width < shown.parent().width()) {
                    shown.css({ "width": "auto", "height": "auto" });
                }
            });
        });
    }
    // Boxes of links turn every five seconds, unless the pointer rests on them.
    function turn(box) {
        var first = box.find("li:first");
        first.animate({ marginTop: -first.height() }, 600, function () {
            first.css("margin-top", 0).appendTo(box.find("ul"));
        });
    }
    var timer = setInterval(function () { turn($(".box_pic")); }, 5000);
    $(".box_pic").hover(function () { clearInterval(timer); }, function () {
        timer = setInterval(function () { turn($(".box_pic")); }, 5000);
    });
    $(window).resize(shrink);
    shrink();
});
</script>"""
_SHARE = ("facebook", "twitter", "weibo")


def text(value: str, *, entities: bool = False) -> str:
    """Escape text; ``entities`` writes non-ASCII characters as named entities."""
    escaped = escape(value, quote=False)
    return escaped.translate(_ENTITIES) if entities else escaped


def anchor(href: str, label: str, more: str = "") -> str:
    """A link."""
    return f'<a href="{escape(href)}"{more}>{text(label)}</a>'


def item(link: Link) -> str:
    """An entry of a box of links."""
    label = escape(link.title)
    return f'<li><a href="{link.url}" title="{label}" target="_blank">{label}</a></li>\n'


def head(title: str, *, metas: dict[str, str], styles: str) -> str:
    """A page's head; ``styles`` is the template's directory."""
    lines = "\n".join(
        f'<meta name="{name}" content="{escape(value)}">' for name, value in metas.items()
    )
    return f"""<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN" \
"http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd">
<html xmlns="http://www.w3.org/1999/xhtml">
<head>
<meta http-equiv="content-type" content="text/html;charset=UTF-8"/>
<meta http-equiv="Content-Language" content="utf-8" />
<meta content="all" name="robots" />
<title>{text(title)}</title>
{lines}
<meta http-equiv="X-UA-Compatible" content="IE=Edge" />
<meta name="viewport" content="width=device-width,initial-scale=1.0" />
<link rel="stylesheet" href="{styles}page.css" type="text/css" media="all" />
<script type="text/javascript" src="{styles}jquery.js"></script>
<script type="text/javascript">
var _hours = new Date().getHours();
if (_hours < 0 && "<p>".length) {{ document.write("<h1>never</h1>"); }}
</script>
<style type="text/css">
.d2txtCon p {{ line-height: 1.8; }}
.hide {{ display: none; }}
</style>
</head>
"""


def section_metas(description: str) -> dict[str, str]:
    """Meta data of pages other than articles."""
    return {
        "keywords": "People's Daily Online, replica",
        "description": description,
        "copyright": "Replica with invented articles",
        "filetype": "0",
        "publishedtype": "1",
        "pagetype": "2",
    }


def _links(separator: str) -> str:
    return separator.join(
        anchor(f"{HOST}/{_address(name)}", SECTIONS[name].labels[0], ' target="_blank"')
        for name in _NAVIGATION
    )


def _address(name: str) -> str:
    # The navigation links Business by name, though its list has both addresses.
    directory = "business" if name == "business" else DIRECTORIES[name]
    return f"{directory}/index.html"


def top_2021(today: date) -> str:
    """Header and navigation since 2021."""
    return f"""<body>
<img src="/img/FOREIGN/2021/02/313100/images/logo_share.jpg" class="hide share-img" />
<div class="main">
<!--header-->
<div class="header cf"><div class="w1280">
<a href="{HOST}/" target="_blank"><img src="/img/FOREIGN/2021/02/313100/images/logo.png" /></a>
<span class="date">{today:%A, %b %d, %Y}</span>
<a href="javascript:void(0)" class="languages">Languages</a>
<a href="http://french.peopledaily.com.cn/" target="_blank">French</a>
<a href="http://j.people.com.cn/" target="_blank">Japanese</a>
</div></div>
<!--nav-->
<div class="nav cf"><ul class="cf"><li>{anchor(HOST + "/index.html", "Home")}</li>
<li>{_links("</li>" + chr(10) + "<li>")}</li></ul></div>
"""


def top_2013(today: date) -> str:
    """Top bar and navigation of 2013 to 2020, with the date of viewing."""
    return f"""<body>
<div class="w980 wbtop clear"><div class="fl">date
<a href="https://www.facebook.com/PeoplesDaily" target="_blank">Facebook</a>
<a href="http://weibo.com/renminwang" target="_blank">新浪微博</a>
<span id="today">{today:%A, %b %d, %Y}</span></div>
<div class="fr"><a href="http://search.people.com.cn/language/search.do">Search</a>
<a href="{HOST}/other/archive.html">Archive</a>
<a href="http://www.people.com.cn/">Chinese</a>
<a href="javascript:void(0);" onclick="show('languages')">Languages</a></div></div>
<!--nav-->
<div class="w980 nav clear"><b>{anchor(HOST + "/index.html", "Home")}</b>
<b>{_links("</b>" + chr(10) + "<b>")}</b></div>
"""


def share() -> str:
    """The row of share buttons."""
    buttons = "".join(
        f'<a href="javascript:void(0)" onclick="share(\'{name}\');return false;" class="{name}">'
        f"{name}</a>"
        for name in _SHARE
    )
    return f'<div class="share_text cf"><span>Share</span>{buttons}</div>'


def footer() -> str:
    """The footer, with its two links that look like articles."""
    friends = "\n".join(anchor(href, name, ' target="_blank"') for href, name in _FRIENDS)
    return f"""<!--footer-->
<div class="footer cf clear"><p>Links: {friends}</p>
<p>{anchor(HOST + ABOUT, "About People's Daily Online")} |
{anchor(HOST + SERVICES, "Join Us")} | <a href="mailto:replica@example.invalid">Contact Us</a></p>
<p>A replica for tests. Every article on it is invented.</p></div>
{_SCRIPT}
</body>
</html>
"""
