"""How editors set a story, and what is read of it: the story, its pictures, its links."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from peoplesdaily import parsers
from peoplesdaily.parsers import StoryPage

P1 = "The river town of Meixi opened its old market on Wednesday after two years of repairs."
P2 = "About 300 stalls have moved back under the tiled roof, and the tea house sells breakfast."
P3 = '"My grandfather sold fish at this very post," said Chen Guiying, a stall keeper.'
DE = "Die Stadt Meixi hat am Mittwoch nach zwei Jahren Bauzeit ihren alten Markt eröffnet."
ES = "La ciudad de Meixi abrió el miércoles su antiguo mercado tras dos años de reparaciones."
RU = "Город Мэйси открыл в среду старый рынок после двух лет ремонта, сообщили местные власти."
FERRY = "Ferry line starts trial run"
FAIR = "茶叶节开幕"
C1 = "清晨六点，茶农周德旺背着竹篓走进云雾缭绕的茶园，开始了一天的劳作。"
C2 = "近年来，村里成立合作社，统一收购鲜叶，村民人均收入三年间增长了一倍多。"
PICTURE = '<p style="text-align: center"><img src="/a/1.jpg"></p>'
LINK = "/n3/2022/0911/c90000-10146856.html"

URLS = {
    "2021": "http://en.people.cn/n3/2022/0922/c90000-10150901.html",
    "2013": "http://en.people.cn/n/2015/0818/c90882-8937797.html",
    "2020": "http://js.people.com.cn/n2/2020/1103/c360300-31900001.html",
    "de": "http://german.people.com.cn/n3/2022/0922/c209052-10150901.html",
    "es": "http://spanish.peopledaily.com.cn/n3/2022/0922/c31621-10150901.html",
    "ru": "http://russian.people.com.cn/n3/2022/0922/c31521-10150901.html",
    "2004": "http://english.people.com.cn/200711/19/eng20071119_305012.html",
    "2002": "http://english.people.com.cn/200405/12/eng20040512_143001.shtml",
    "2000": "http://english.peopledaily.com.cn/english/200012/06/eng20001206_57012.html",
}
FRAMES = {
    "2021": '<div class="d2txtCon"><h1>Kites</h1><div class="origin">(Xinhua) 09:39, September 22, '
    "2022</div>{}</div>",
    "2013": '<h1 id="p_title">Kites</h1><div class="wb_1">(Xinhua) 09:20, August 18, 2015</div>'
    '<div id="p_content">{}</div>',
    "2020": '<div class="rm_txt"><h1>茶叶</h1><div class="channel"><div class="col-1-1">'
    '2020年11月03日07:48 | 来源：<a href="http://x.cn">新华日报</a></div></div>'
    '<div class="rm_txt_con">{}</div></div>',
    "2004": "<table><tr><td><a>Home</a> >> <a>Life</a></td><td>UPDATED: 09:02, November 19, 2007"
    "</td></tr><tr><td><b>Kites</b></td></tr><tr><td>font size</td></tr><tr><td>{}</td></tr>"
    "<tr><td>Comments on the story Print friendly Version</td></tr></table>"
    "<p>Copyright by People's Daily Online, all rights reserved</p>",
    "2002": "<table><tr><td><a>Home</a>>><a>Life</a></td><td>Last updated at: (Beijing Time) "
    "Wednesday, May 12, 2004</td></tr><tr><td><b>Kites</b></td></tr><tr><td>{}</td></tr>"
    "<tr><td>Questions?Comments? Click here</td></tr><tr><td>( 3 Messages)</td></tr></table>",
    "2000": "<font>Wednesday, December 06, 2000, updated at 17:26(GMT+8)</font><br><b>World</b>"
    '<table><tr><td><font size=4><b>Kites</b></font><br><br><font class="fbody">{}</font></td>'
    "<td><b>In This Section</b></td></tr></table>",
}


def read(template: str, story: str) -> StoryPage:
    """The story in the frame of a template, or of the template of 2021 in another language."""
    page = parsers.parse_article(FRAMES.get(template, FRAMES["2021"]).format(story), URLS[template])
    assert page.template == (template if template in FRAMES else "2021")
    return page


class Told(NamedTuple):
    """What a person reads."""

    template: str
    story: str
    paragraphs: tuple[str, ...]
    captions: tuple[str | None, ...] = ()
    related: tuple[str, ...] = ()


def p(*lines: str) -> str:
    return "".join(f"<p>{line}</p>" for line in lines)


def breaks(*lines: str) -> str:
    return "<br><br>".join(lines)


TOOLS = "PRINT DISCUSSION CHINESE SEND TO FRIEND"
CELLS = "".join(f"<tr><td>{n}</td><td>{n * 3}</td></tr>" for n in range(9))
NUMBERS = tuple(str(number) for n in range(9) for number in (n, n * 3))
SEE = "茶文化节在云岭村开幕（见图）。"
BOTH = f"{C2}（记者 张晓明 文/图）"
EACH = f"{C2}（文/张晓明 图/李丽）"
BELOW = f"{C2}（如下图）"
DATED = "BEIJING, Sept. 21, 2022 (Xinhua) -- A panda sleeps. (Xinhua/Li Lei)"
COPYRIGHT = "Copyright infringement remains the biggest worry of the film industry, officials said."
POPULAR = "Most popular among the visitors are the tea house and the fish stalls."
SECTION = "In this section of the river, boats must slow down."
HOTLINE = "Questions? The county has set up a hotline, officials said."
CAPTION = "An aerial view of the old market."
POEM = ("春风吹过小山村，", "一曲茶歌满山坡。", "采得新芽香万里，")
SET_TO_PROSE = {
    # --- Lines that only begin as the end of a story does
    "2004-copyright": Told("2004", breaks(P1, COPYRIGHT, P2), (P1, COPYRIGHT, P2)),
    "2004-most-popular": Told("2004", breaks(P1, POPULAR, P2), (P1, POPULAR, P2)),
    "2000-in-this-section": Told("2000", breaks(P1, SECTION, P2), (P1, SECTION, P2)),
    "2002-questions": Told(
        "2002", f"{TOOLS}</td></tr><tr><td>{p(P1, HOTLINE, P2)}", (P1, HOTLINE, P2)
    ),
    "2002-a-lead-with-a-discussion": Told(
        "2002",
        f"Both sides held a discussion on trade.</td></tr><tr><td>{TOOLS}</td></tr><tr><td>{p(P1)}",
        ("Both sides held a discussion on trade.", P1),
    ),
    "2004-by-the-numbers": Told(
        "2004", breaks(P1, "By the numbers", P2), (P1, "By the numbers", P2)
    ),
    "2004-by-question": Told(
        "2004", breaks(P1, "By train or by boat?", P2), (P1, "By train or by boat?", P2)
    ),
    # --- Sub-headings
    "comments": Told("2021", p(P1, "<strong>Comments</strong>", P2), (P1, "Comments", P2)),
    "photos": Told("2021", p(P1, "<strong>Photos</strong>", P2), (P1, "Photos", P2)),
    "one-word": Told(
        "2021",
        p("<strong>First</strong>", P1, "<strong>Home</strong>", P2),
        ("First", P1, "Home", P2),
    ),
    "linked": Told(
        "2021",
        p(f'<strong><a href="{LINK}">1. Meixi</a></strong>', P1)
        + p(f'<strong><a href="{LINK}">2. Heshan</a></strong>', P2),
        ("1. Meixi", P1, "2. Heshan", P2),
    ),
    "linked-list": Told(
        "2021",
        f"{p(P1, 'Other towns took the same road:')}"
        f'<ul><li><a href="{LINK}">Heshan</a></li><li><a href="{LINK}">Pingle</a></li></ul>{p(P2)}',
        (P1, "Other towns took the same road:", "Heshan", "Pingle", P2),
    ),
    "linked-sentence": Told("2020", p(C1, f'<a href="{LINK}">{C2}</a>', C1), (C1, C2, C1)),
    "links-behind-the-story": Told(
        "2021", p(P1, f'<a href="{LINK}">A ferry starts</a>'), (P1,), related=("A ferry starts",)
    ),
    "sidebar-heading": Told("2020", p(C1, "<strong>相关链接</strong>", C2), (C1, "相关链接", C2)),
    "related-in-brackets": Told(
        "2020", p(C1, "【相关新闻】", f'<a href="{LINK}">{FAIR}</a>'), (C1,), (), (FAIR,)
    ),
    "bullets-outside-links": Told(
        "2020", p(C1, f'·<a href="{LINK}">{FAIR}</a>'), (C1,), related=(FAIR,)
    ),
    "further-reading-in-line": Told(
        "2020", p(C1, f'延伸阅读：<a href="{LINK}">{FAIR}</a>'), (C1,), (), (FAIR,)
    ),
    "pager-words": Told("2020", p(C1, f'<a href="{LINK}">上一页</a> 2 共3页 尾页'), (C1,)),
    # --- Service lines
    "editor-asks": Told(
        "2021",
        p("Editor: How long did the repairs take?", P2),
        ("Editor: How long did the repairs take?", P2),
    ),
    "editors-of-a-book": Told(
        "2020",
        p(f"《茶经》（责任编辑：李丽，2019年版）是获奖图书。{C1}"),
        (f"《茶经》（责任编辑：李丽，2019年版）是获奖图书。{C1}",),
    ),
    "interns": Told("2020", p("实习生：一个特殊的群体", C1), ("实习生：一个特殊的群体", C1)),
    "follow-a-journey": Told(
        "2021",
        p("Follow us on this journey along the river.", P1),
        ("Follow us on this journey along the river.", P1),
    ),
    "follow-in-brackets": Told(
        "2021", p(P1, "(Follow People's Daily Online on Facebook: www.facebook.com/Daily)"), (P1,)
    ),
    "source-of-a-chart": Told(
        "2021",
        p(P1, P2, "Source: National Bureau of Statistics", P3, P1),
        (P1, P2, "Source: National Bureau of Statistics", P3, P1),
    ),
    "cells": Told(
        "2021", f"{p(P1)}<table><tr><td>Home</td><td>Small</td></tr></table>", (P1, "Home", "Small")
    ),
    # --- Text beside pictures
    "credit-of-a-video-only": Told(
        "2021",
        f'<video src="/a/1.mp4"></video>{p(P1, "(Video source: Kuaishou)")}',
        (P1,),
    ),
    "credit-behind-the-story": Told(
        "2021",
        PICTURE + p(P1, P2, "(Photo by Tan Wei/Xinhua)"),
        (P1, P2),
        ("(Photo by Tan Wei/Xinhua)",),
    ),
    "all-centred": Told(
        "2021",
        f'<div style="text-align:center">{PICTURE}{p(P1, P2, P3)}</div>',
        (P1, P2, P3),
        (None,),
    ),
    "captions-above-with-prose-between": Told(
        "2021",
        p(P1, "A kite. (Photo/Xinhua)")
        + PICTURE
        + p(P2, "A lamp. (Photo/Xinhua)")
        + PICTURE.replace("1.jpg", "2.jpg")
        + p(P3),
        (P1, P2, P3),
        ("A kite. (Photo/Xinhua)", "A lamp. (Photo/Xinhua)"),
    ),
    "table-of-data": Told(
        "2004",
        f'<img src="/a/1.jpg"><p>{P1}</p><p>{P2}</p><table>{CELLS}</table>',
        (P1, P2, *NUMBERS),
        (None,),
    ),
    "table-beside-one-paragraph": Told(
        "2021",
        '<table><tr><td><img src="/a/1.jpg"></td></tr><tr><td>The jaw is fitted.</td></tr></table>'
        + p(P1),
        (P1,),
        ("The jaw is fitted.",),
    ),
    "biography": Told(
        "2020",
        f'<table><tr><td><img src="/a/1.jpg"></td><td>{C1}{C1}{C2}</td></tr></table>{p(C1)}',
        (C1 + C1 + C2, C1),
        (None,),
    ),
    "words-in-italics": Told("2021", PICTURE + p(f"<em>{P3}</em>", P1), (P3, P1), (None,)),
    "centred-byline": Told(
        "2021",
        PICTURE + f'<p align="center">By Li Lei, Wang Fei</p>{p(P1)}',
        ("By Li Lei, Wang Fei", P1),
        (None,),
    ),
    "centred-stars": Told(
        "2021", PICTURE + f'<p align="center">***</p>{p(P1)}', ("***", P1), (None,)
    ),
    "verses": Told(
        "2020",
        PICTURE + "".join(f'<p align="center">{line}</p>' for line in POEM) + p(C1),
        (*POEM[1:], C1),
        (POEM[0],),
    ),
    "indented-paragraph-with-a-picture": Told(
        "2020",
        f'<p style="text-indent: 2em;"><img src="/a/1.jpg">{C1}{C2}</p>{p(C2)}',
        (C1 + C2, C2),
        (None,),
    ),
    "see-picture": Told(
        "2020",
        PICTURE + p(SEE, C1),
        (SEE, C1),
        (None,),
    ),
    "see-picture-above": Told("2020", p(C1, BELOW) + PICTURE, (C1, BELOW), (None,)),
    "signed-with-both": Told(
        "2020",
        p(C1) + PICTURE + p(BOTH),
        (C1, BOTH),
        (None,),
    ),
    "signed-with-each": Told(
        "2020",
        p(C1) + PICTURE + p(EACH),
        (C1, EACH),
        (None,),
    ),
    # --- Captions that are longer, shorter or set otherwise than most
    "long-caption-in-a-table": Told(
        "2013",
        f'<table><tr><td><img src="/a/1.jpg"></td></tr><tr><td>{P1} {P2} {P2}</td></tr></table>'
        + p(P1, P2),
        (P1, P2),
        (f"{P1} {P2} {P2}",),
    ),
    "caption-of-two-centred-lines": Told(
        "2021",
        PICTURE
        + '<p align="center">Visitors walk past stalls</p><p align="center">in Meixi</p>'
        + p(P1),
        (P1,),
        ("Visitors walk past stalls in Meixi",),
    ),
    "gallery-with-captions-of-two-lines": Told(
        "2021",
        "".join(
            f'{PICTURE.replace("1.jpg", f"{n}.jpg")}<p align="center">{P1}</p>'
            f'<p align="center">{P2}</p>'
            for n in range(1, 4)
        ),
        (),
        (f"{P1} {P2}",) * 3,
    ),
    "caption-in-an-indented-paragraph": Told(
        "2020",
        f'<p style="text-indent: 2em;"><img src="/a/1.jpg"><br>游客在茶园采茶。</p>{p(C1)}',
        (C1,),
        ("游客在茶园采茶。",),
    ),
    "title-in-quotes": Told(
        "2021",
        PICTURE + f"<p><em>“The Night Revels of Han Xizai,” a scroll</em></p>{p(P1)}",
        (P1,),
        ("“The Night Revels of Han Xizai,” a scroll",),
    ),
    "tools-without-an-address": Told(
        "2021",
        p(P1, '<a href="javascript:zoom(1)">Large</a>', '<a href="#top">Back</a>', "Small"),
        (P1,),
    ),
    "notice-below-comments": Told(
        "2021", p(P1, "<b>Comments</b>", "Please log in to post your comment."), (P1,)
    ),
    "an-outlet-in-a-sentence": Told(
        "2021",
        PICTURE + p("The plan is on the website (www.gov.cn).", P1),
        ("The plan is on the website (www.gov.cn).", P1),
        (None,),
    ),
    # --- Ordinary pages of each kind
    "captions-with-datelines": Told(
        "2021",
        p(P1) + PICTURE + p(DATED, P2) + PICTURE.replace("1.jpg", "2.jpg") + p(DATED, P3),
        (P1, P2, P3),
        (DATED, DATED),
    ),
    "sources-of-two-charts": Told(
        "2021",
        p(P1, P2, "Source: National Bureau of Statistics", P3, P2)
        + p("Source: General Administration of Customs", P3),
        (
            *(P1, P2, "Source: National Bureau of Statistics", P3, P2),
            *("Source: General Administration of Customs", P3),
        ),
    ),
    "photos-of-the-story": Told(
        "2021",
        p(P1, "Photos:") + PICTURE + p("A kite. (Xinhua/Li Lei)"),
        (P1, "Photos:"),
        ("A kite. (Xinhua/Li Lei)",),
    ),
    "we-recommend": Told("2021", p(P1, "<b>We recommend</b>", P2), (P1, "We recommend", P2)),
    "plain-comments": Told("2013", p(P1, "Comments", P2), (P1, "Comments", P2)),
    "2004-related-laws": Told("2004", breaks(P1, "Related laws", P2), (P1, "Related laws", P2)),
    "2004-copyright-heading": Told("2004", breaks(P1, "Copyright", P2), (P1, "Copyright", P2)),
    "2004-by-train": Told("2004", breaks(P1, "By Train", P2), (P1, "By Train", P2)),
    "linked-caption": Told(
        "2021",
        PICTURE + p(f'<a href="{LINK}">A kite. (Xinhua/Li Lei)</a>', P1),
        (P1,),
        ("A kite. (Xinhua/Li Lei)",),
    ),
    "signature-of-agencies": Told(
        "2021",
        PICTURE + p(P1, P2, "(China Daily/Agencies)"),
        (P1, P2, "(China Daily/Agencies)"),
        (None,),
    ),
    "note-of-an-author": Told(
        "2021",
        PICTURE + p(P1, f"{P2} (The author is a commentator for CGTN)"),
        (P1, f"{P2} (The author is a commentator for CGTN)"),
        (None,),
    ),
    "a-story-behind-its-caption": Told(
        "2021",
        PICTURE + p("A kite. (Xinhua/Li Lei)", DATED, P1),
        (DATED, P1),
        ("A kite. (Xinhua/Li Lei)",),
    ),
    "a-video-and-its-story": Told(
        "2021",
        f'<video src="/a/1.mp4"></video>{p(DATED.replace("Xinhua/", "Video by "), P1)}',
        (DATED.replace("Xinhua/", "Video by "), P1),
    ),
    "full-text": Told(
        "2021",
        p(P1, "Full text:", f'<a href="{LINK}">{FERRY}</a>', P2),
        (P1, "Full text:", P2),
        related=(FERRY,),
    ),
    "sources-of-stories": Told("2021", p(P1, P2, "Source: Beijing Review", P3), (P1, P2, P3)),
    "signed-by-a-wire": Told("2021", PICTURE + p(P1, f"{P2} AP"), (P1, f"{P2} AP"), (None,)),
    "boxes-below-a-video": Told(
        "2021",
        f'<video src="/a/1.mp4"></video><h2>Most Read</h2><p><a href="{LINK}">{FERRY}</a></p>',
        (),
    ),
    "2004-tools-and-an-advert": Told(
        "2004",
        breaks(
            P1, "Comments on the story", "An advert tells of all the kites that are on sale now."
        ),
        (P1,),
    ),
    "photo-album": Told(
        "2021",
        PICTURE + p("The photo album shows her life in 200 pictures.", P1),
        ("The photo album shows her life in 200 pictures.", P1),
        (None,),
    ),
    # --- Ordinary Chinese pages
    "photo-story-signed": Told(
        "2020",
        p(C1) + PICTURE + p(f"{C2}（记者 李明 摄影报道）"),
        (C1, f"{C2}（记者 李明 摄影报道）"),
        (None,),
    ),
    "centred-writer": Told(
        "2020",
        PICTURE + f'<p align="center">人民网记者 李明</p>{p(C1)}',
        ("人民网记者 李明", C1),
        (None,),
    ),
    "centred-chapter": Told(
        "2020",
        PICTURE + f'<p align="center">一、产业兴旺</p>{p(C1)}',
        ("一、产业兴旺", C1),
        (None,),
    ),
    "centred-heading-behind-a-caption": Told(
        "2020",
        PICTURE + f'<p align="center">图为现场。李明摄</p><p align="center">添动力</p>{p(C1)}',
        ("添动力", C1),
        ("图为现场。李明摄",),
    ),
    "original-headline": Told("2020", p(f"（原标题：{FAIR}）", C1), (C1,)),
    "source-below": Told("2020", p(C1, C2, "来源：新华社"), (C1, C2)),
    "source-of-figures": Told(
        "2020", p(C1, "来源：国家统计局", C2, C1), (C1, "来源：国家统计局", C2, C1)
    ),
    "sidebar-with-a-headline": Told(
        "2020", p(C1, "■相关链接", "<b>什么是碳中和</b>", C2), (C1, "■相关链接", "什么是碳中和", C2)
    ),
    "specials": Told("2020", p(C1, '<b>专题：<a href="/GB/1/index.html">乡村</a></b>'), (C1,)),
    "earlier-issues": Told(
        "2020", p(C1, "往期回顾：", f'<a href="{LINK}">{FAIR}</a>'), (C1,), (), (FAIR,)
    ),
    "promo-lines": Told(
        "2020", p(C1, "分享让更多人看到", "更多精彩内容请下载人民日报客户端"), (C1,)
    ),
    "sentence-that-says-click": Told(
        "2020", p("点击“我要办”，进入办事页面。", C1), ("点击“我要办”，进入办事页面。", C1)
    ),
    "rumours": Told(
        "2020",
        p("谣言：茶叶不能喝", "来源：微信群", "真相：可以喝", C1),
        ("谣言：茶叶不能喝", "来源：微信群", "真相：可以喝", C1),
    ),
    "units-in-brackets": Told(
        "2020", PICTURE + p("汽油价格上涨（元/吨）", C1), ("汽油价格上涨（元/吨）", C1), (None,)
    ),
    "digest-of-links": Told(
        "2020",
        p(f'<a href="{LINK}">甲镇开渡</a>', C1, f'<a href="{LINK}">乙镇修桥</a>', C2),
        ("甲镇开渡", C1, "乙镇修桥", C2),
    ),
    "interview-with-an-editor": Told(
        "2020",
        p("编辑：谢谢您。", "实习生：我在乡镇工作两年，收获很大。", C1),
        ("编辑：谢谢您。", "实习生：我在乡镇工作两年，收获很大。", C1),
    ),
    # --- Other languages
    "german-heading-on-top": Told(
        "de", p("<b>Interview</b>", DE, "<b>Bilder</b>", DE), ("Interview", DE, "Bilder", DE)
    ),
    "spanish-heading": Told("es", p(ES, "Fotos", ES), (ES, "Fotos", ES)),
    "german-heading-behind-a-picture": Told(
        "de",
        PICTURE + p("Bild: Wie die Welt China sieht", DE),
        ("Bild: Wie die Welt China sieht", DE),
        (None,),
    ),
    "german-credit": Told(
        "de",
        p(DE) + PICTURE + p("Der Markt. Foto: Xinhua", DE),
        (DE, DE),
        ("Der Markt. Foto: Xinhua",),
    ),
    "russian-credit": Told(
        "ru",
        p(RU) + PICTURE + p("Рынок. /Фото: Синьхуа/", RU),
        (RU, RU),
        ("Рынок. /Фото: Синьхуа/",),
    ),
    "editors-note": Told(
        "2020",
        f'<div class="bza"><span>编者按</span><p>{C2}</p></div>{p(C1)}',
        ("编者按", C2, C1),
    ),
    "empty-editors-note": Told(
        "2020", f'<div class="bza"><span>按</span><p></p></div>{p(C1)}', (C1,)
    ),
    "a-name-like-a-file-of-the-template": Told(
        "2021", f'<p><img src="/a/lastdance.jpg"></p>{p(P1)}', (P1,), (None,)
    ),
}


@pytest.mark.parametrize("told", SET_TO_PROSE.values(), ids=SET_TO_PROSE)
def test_the_story_is_told_whole_and_alone(told: Told) -> None:
    page = read(told.template, told.story)
    assert page.paragraphs == told.paragraphs
    assert tuple(image.caption for image in page.images) == told.captions
    assert tuple(link.title for link in page.related) == told.related


@pytest.mark.parametrize("template", ["2021", "2013"])
@pytest.mark.parametrize(
    "caption",
    [
        *(f"{CAPTION} ({outlet})" for outlet in ("China Military Online", "huanqiu.com", "CNTV")),
        *(f"{CAPTION} ({outlet})" for outlet in ("chinadaily.com.cn", "PLA Daily", "81.cn")),
        *(f"{CAPTION} ({by})" for by in ("ecns.cn/Li Lei", "by Li Lei", "Xinhua, Li Lei")),
        *(f"{CAPTION} ({what})" for what in ("Xinhua News Agency", "Screen shot from CCTV")),
        f"{CAPTION} (Xinhua/Rao Aimin)(lmj)",
        f"{CAPTION} (Xinhua Photo) (msq)",
        f"{CAPTION} LI LEI/FOR CHINA DAILY",
        f"{CAPTION} /VCG",
        f"{CAPTION} Li Lei / Xinhua",
        f"(Photo by Li Lei) {CAPTION}",
        *(f"{CAPTION} {end}" for end in ("CHINA DAILY", "/Getty Images", "/CMG", "CGTN Photo")),
        *(f"{CAPTION} {end}" for end in ("Provided to China Daily", "Xinhua photo by Li Lei")),
        *(f"{CAPTION} {end}" for end in ("[WANG FEI/CHINA DAILY]", "(Li Lei for China Daily)")),
        *(f"{CAPTION} ({end})" for end in ("CCTV screenshot", "Screengrab: Weibo", "File")),
        *("(Infographic: Li Lei)", "Screenshot of the video", "Li Na in a file photo."),
    ],
)
def test_a_line_with_a_credit_is_a_caption(template: str, caption: str) -> None:
    page = read(template, PICTURE + p(caption, P1))
    assert [image.caption for image in page.images] == [caption]
    assert page.paragraphs == (P1,)


@pytest.mark.parametrize(
    "caption",
    [
        "游客在茶园采茶。新华社记者 张 龙摄",
        "游客在茶园采茶。新华社记者 张 龙 摄",
        "游客在茶园采茶。新华社发",
        "游客在茶园采茶。（新华社发）",
        "游客在茶园采茶。新华社记者 张晓明 摄（无人机照片）",
        "游客在茶园采茶。本报记者 张晓明 摄影报道",
        "游客在茶园采茶。图片来源：新华社",
        "张晓明 摄",
        "资料图：云岭村茶园一角。",
        "图①：采茶。",
        "学生在操场上跳绳。（见习记者李丽摄）",
        "活动现场。（图片由县委宣传部提供）",
        "活动现场。图片由县委宣传部提供",
        "活动现场。视频截图",
        "活动现场。来源：央视新闻",
        "活动现场。新华社/法新",
        "图1 活动现场",
        "图说：活动现场",
        "学生在操场上跳绳。（如皋市融媒体中心供图）",
        "学生在操场上跳绳。（附属小学供图）",
        "学生在操场上跳绳。（县图文信息中心供图）",
    ],
)
def test_a_chinese_line_with_a_credit_is_a_caption(caption: str) -> None:
    page = read("2020", p(C1) + PICTURE + p(caption, C2))
    assert [image.caption for image in page.images] == [caption]
    assert page.paragraphs == (C1, C2)


@pytest.mark.parametrize(
    "line",
    [
        "他从小喜欢摄影，也喜欢画画，常常一个人在山里走一整天。",
        "茶树要修剪、采摘（包括航拍和水下摄影）。",
        "About one in ten live with the virus (HIV/Aids).",
        "He takes the pills every morning (three times daily)",
        "The plan was drawn by the county (by hand)",
        "报名时提交材料（两寸彩色照片）。",
    ],
)
def test_a_line_without_a_credit_is_the_storys(line: str) -> None:
    template, behind = ("2021", P1) if line.isascii() else ("2020", C1)
    page = read(template, PICTURE + p(line, behind))
    assert [image.caption for image in page.images] == [None]
    assert page.paragraphs == (line, behind)


def test_credits_above_the_next_picture_are_that_ones() -> None:
    second = PICTURE.replace("1.jpg", "2.jpg")
    story = p(C1) + PICTURE + p("采茶。新华社记者 李丽 摄", C2, "（王飞 摄）") + second + p(C1)
    page = read("2020", story)
    captions = [image.caption for image in page.images]
    assert captions == ["采茶。新华社记者 李丽 摄", "（王飞 摄）"]
    assert page.paragraphs == (C1, C2, C1)


def test_a_line_that_names_the_source_is_none_of_the_story() -> None:
    page = read("2021", p(P1, P2, "Source: Global Times", "The author is a teacher in Meixi."))
    assert page.paragraphs == (P1, P2, "The author is a teacher in Meixi.")


def test_a_credit_by_itself_is_the_players() -> None:
    page = read("2021", f'<video src="/a/1.mp4"></video>{p(P1, P2, "(Video source: Kuaishou)")}')
    assert [video.credit for video in page.videos] == ["Video source: Kuaishou"]
    assert page.paragraphs == (P1, P2)


@pytest.mark.parametrize(
    ("line", "editors"),
    [
        ("Editor: How long did the repairs take?", ()),
        ("编辑：您的新书什么时候出版？", ()),
        ("网络编辑：从幕后走到台前的人", ()),
        ("(Web editor: Li Lei, Wang Fei)", ("Li Lei", "Wang Fei")),
        ("（责任编辑：人民网记者张晓明）", ("张晓明",)),
        ("(Editor:Du Mingming,kangdi)", ("Du Mingming", "kangdi")),
        ("(Web editor: Li Lei) For more news, follow us on Twitter.", ("Li Lei",)),
        ("（责编：李丽）原标题：云岭村的茶。", ("李丽",)),
        ("【责任编辑：李丽】", ("李丽",)),
        ("（责编：王丽 记者：李明）", ("王丽",)),
        ("责编：阿卜杜热西提江、李丽", ("阿卜杜热西提江", "李丽")),
    ],
)
def test_only_names_are_editors(line: str, editors: tuple[str, ...]) -> None:
    assert read("2020", p(C1, line)).editors == editors


@pytest.mark.parametrize(
    ("template", "line", "authors"),
    [
        ("es", "Por Primera Vez", ()),
        ("es", "Por Rosa Liu, Pueblo en Línea", ("Rosa Liu",)),
        ("de", "Von Beijing nach Berlin", ()),
        ("2020", "央视网消息（记者 李明）：茶叶丰收。", ("李明",)),
        ("2020", "国际在线报道（记者 李明）：茶叶丰收。", ("李明",)),
        ("2020", "记者高原行", ()),
        ("2020", "新华社拉萨11月3日电（记者阿卜杜热西提江）茶叶丰收。", ("阿卜杜热西提江",)),
        ("2020", "中新社福州11月3日电（乡村行·看振兴）茶叶丰收。", ()),
        ("2021", "By Train", ()),
    ],
)
def test_the_writer_on_top_of_a_story(template: str, line: str, authors: tuple[str, ...]) -> None:
    told = C1 if template == "2020" else P1
    page = read(template, p(line, told))
    assert (page.authors, page.paragraphs) == (authors, (line, told))


@pytest.mark.parametrize(
    ("head", "dateline"),
    [
        ("光明日报北京11月3日电", ("北京", "2020-11-03", "光明日报")),
        ("新华社海口、广州11月3日电", ("海口、广州", "2020-11-03", "新华社")),
        ("新华社北京11月3日专电", ("北京", "2020-11-03", "新华社")),
        ("人民网 北京11月3日电", ("北京", "2020-11-03", "人民网")),
    ],
)
def test_a_chinese_dateline(head: str, dateline: tuple[str, str, str]) -> None:
    page = read("2020", p(f"{head} {C1}"))
    found = parsers.merge([page], crawled_at="1970-01-01T00:00:00Z").dateline
    assert found is not None
    assert (found.place, found.date, found.agency) == dateline


@pytest.mark.parametrize(
    "script",
    [
        'var options = {"id": "v", "mp4": "http://tv.people.com.cn/a/b.mp4"}; pvplayer(options);',
        'var vars = {f: "http://tv.people.com.cn/a/b.mp4", c: 0}; CKobject.embedSWF(vars)',
    ],
)
def test_a_players_file_may_stand_in_a_variable(script: str) -> None:
    page = read("2020", f"{p(C1)}<script>{script}</script>")
    assert [video.url for video in page.videos] == ["http://tv.people.com.cn/a/b.mp4"]
