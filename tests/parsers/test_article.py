"""Every article case: the page read and merged is the record that a person wrote down."""

from __future__ import annotations

import re
from dataclasses import fields
from itertools import permutations
from typing import Any

import pytest
from helpers.page_cases import ARTICLES, CRAWLED_AT, Case, as_json

from peoplesdaily import parsers
from peoplesdaily.items import SCHEMA_VERSION, Article
from peoplesdaily.schemas import records

STORIES = [case for case in ARTICLES if case.holds("gold.json")]
REFUSED = [case for case in ARTICLES if case.holds("exception.json")]
LONG_STORIES = [case for case in STORIES if case.holds("page-2.html")]
# What a run adds to a page.
FROM_THE_RUN: dict[str, Any] = {
    "section": None,
    "sections": [],
    "content_hash": "0" * 64,
    "duplicate_of": None,
    "similarity": None,
    "revision": 1,
    "crawled_at": CRAWLED_AT,
    "schema_version": SCHEMA_VERSION,
}


def test_there_are_cases_of_every_kind() -> None:
    templates = {template.name for template in (*parsers.TEMPLATES, parsers.GENERIC)}
    assert {case.template for case in STORIES} == templates
    assert REFUSED
    assert LONG_STORIES


@pytest.mark.parametrize("case", ARTICLES, ids=str)
def test_a_case_says_either_what_is_read_or_that_nothing_is(case: Case) -> None:
    assert case.holds("gold.json") != case.holds("exception.json")
    assert case.json("meta.json")["replica"] is True


@pytest.mark.parametrize("case", STORIES, ids=str)
def test_page_becomes_the_gold_record(case: Case) -> None:
    gold = case.json("gold.json")
    record = as_json(parsers.merge(case.story(), crawled_at=CRAWLED_AT))
    differing = {
        key: {"read": record[key], "gold": value}
        for key, value in gold.items()
        if record[key] != value
    }
    assert not differing


@pytest.mark.parametrize("case", STORIES, ids=str)
def test_page_is_of_one_template(case: Case) -> None:
    for number in case.numbers:
        markup = case.markup if number == 1 else case.text(f"page-{number}.html")
        expected = () if case.template == parsers.GENERIC.name else (case.template,)
        assert parsers.matching_templates(markup, case.url) == expected


@pytest.mark.parametrize("case", STORIES, ids=str)
def test_gold_keeps_the_contract(case: Case) -> None:
    gold = case.json("gold.json")
    order = [field.name for field in fields(Article) if field.name not in FROM_THE_RUN]
    if case.template == parsers.GENERIC.name:
        # What a general extractor can be held to.
        assert list(gold) == [name for name in order if name in gold]
        return
    assert list(gold) == order
    assert list(records.violations({**FROM_THE_RUN, **gold})) == []


@pytest.mark.parametrize("case", REFUSED, ids=str)
def test_page_without_a_story_is_refused(case: Case) -> None:
    with pytest.raises(parsers.NotAnArticleError) as caught:
        parsers.parse_article(case.markup, case.url)
    assert caught.value.url == case.url
    assert caught.value.reason


@pytest.mark.parametrize("case", REFUSED, ids=str)
def test_refused_markup_is_refused_at_a_story_address_too(case: Case) -> None:
    """A site in trouble sends its lists and error pages under any address."""
    with pytest.raises(parsers.NotAnArticleError):
        parsers.parse_article(case.markup, "http://en.people.cn/n3/2022/0922/c90000-10150901.html")


@pytest.mark.parametrize("case", LONG_STORIES, ids=str)
def test_pages_merge_the_same_in_any_order(case: Case) -> None:
    story = case.story()
    first = parsers.merge(story, crawled_at=CRAWLED_AT)
    for order in permutations(story):
        assert parsers.merge(order, crawled_at=CRAWLED_AT) == first


@pytest.mark.parametrize("case", LONG_STORIES, ids=str)
def test_every_page_of_a_story_leads_to_all_others(case: Case) -> None:
    story = {page.address.page: page for page in case.story()}
    for start in story:
        known, left = {start}, set(story[start].others)
        while left:
            number = left.pop()
            known.add(number)
            assert story[number].address.url in {p.others.get(number) for p in story.values()}
            left |= set(story[number].others) - known
        assert known == set(story)


# --- Tags that are left open -------------------------------------------------------------------

# What reads a page as if nothing were wrong, whichever end tag of these is missing.
FORGIVEN = ("h1", "h2", "h4", "p", "b", "i", "em", "font", "li", "tr", "td")


@pytest.mark.parametrize("tag", FORGIVEN)
def test_a_missing_end_tag_changes_nothing(tag: str) -> None:
    changed = []
    for case in STORIES:
        whole = parsers.parse_article(case.markup, case.url)
        ends = [match.span() for match in re.finditer(rf"</{tag}>", case.markup, re.IGNORECASE)]
        # The first ones stand around headline and byline, the last ones behind the story.
        for start, end in [*ends[:4], *ends[len(ends) // 2 :][:2]]:
            damaged = case.markup[:start] + case.markup[end:]
            if parsers.parse_article(damaged, case.url) != whole:
                changed.append(f"{case} without {case.markup[start - 20 : end]!r}")
    assert not changed


STORY = "http://en.people.cn/n3/2022/0922/c90000-10150901.html"
BOX = (
    '<div class="d2txtCon">{}<div class="origin">(Xinhua) 09:39, September 22, 2022</div>'
    '{}<div class="editor">(Web editor: Li Lei)</div></div>'
)


@pytest.mark.parametrize(
    "heading",
    [
        "<h1>Kites",
        "<h1><span>Kites</span>",
        "<h1><p>Kites</p>",
        "<h1>Kites</h1><h4>",
        "<h1>Kites<br>",
    ],
)
def test_heading_that_is_left_open_ends_at_the_story(heading: str) -> None:
    page = parsers.parse_article(BOX.format(heading, "<p>The kites flew.</p>"), STORY)
    assert page.title == "Kites"
    assert page.subtitle is None
    assert page.published_at == "2022-09-22T09:39:00+08:00"
    assert page.paragraphs == ("The kites flew.",)


@pytest.mark.parametrize(
    ("heading", "title", "subtitle"),
    [
        ('<h1><div>Kites fly</div><div class="clear"></div></h1>', "Kites fly", None),
        ("<h1><center>Kites fly</center><br></h1>", "Kites fly", None),
        ("<h1><img><div>Kites fly</div><script>a()</script></h1>", "Kites fly", None),
        ('<h1><div class="c"></div>Kites fly</h1>', "Kites fly", None),
        ("<h1></p>Kites fly</h1>", "Kites fly", None),
        ("<h1><div>Kites</div><div>fly</div></h1>", "Kites fly", None),
        ("<h1>Kites<div>fly</div></h1>", "Kites fly", None),
        ('<h1><div class="t">Kites fly</div></h1>', "Kites fly", None),
        ('<h1><div>Kites</div><div class="s">They fly</div></h1>', "Kites", "They fly"),
    ],
)
def test_heading_of_boxes_keeps_its_own(heading: str, title: str, subtitle: str | None) -> None:
    page = parsers.parse_article(BOX.format(heading, "<p>The kites flew.</p>"), STORY)
    assert (page.title, page.subtitle) == (title, subtitle)
    assert page.paragraphs == ("The kites flew.",)


def test_emphasis_that_is_left_open_is_the_first_paragraphs_alone() -> None:
    story = (
        '<p><img src="/NMediaFile/1.jpg"></p><p><em>A kite over Heshan.</p>'
        "<p>The kites flew.</p><p>Nobody fell.</p>"
    )
    page = parsers.parse_article(BOX.format("<h1>Kites</h1>", story), STORY)
    assert [image.caption for image in page.images] == ["A kite over Heshan."]
    assert page.paragraphs == ("The kites flew.", "Nobody fell.")


@pytest.mark.parametrize(
    "caption", ["<em><p>A kite over Heshan.</em></p>", "<em><p>A kite over Heshan.</p></em>"]
)
def test_emphasis_around_a_paragraph_is_the_paragraphs(caption: str) -> None:
    story = f'<p><img src="/NMediaFile/1.jpg"></p>{caption}<p>The kites flew.</p>'
    page = parsers.parse_article(BOX.format("<h1>Kites</h1>", story), STORY)
    assert [image.caption for image in page.images] == ["A kite over Heshan."]
    assert page.paragraphs == ("The kites flew.",)


@pytest.mark.parametrize(
    "tag", ['<script src="/img/a.js"/>', "<SCRIPT SRC=/img/a.js />", '<iframe src="/90777/"/>']
)
def test_tag_that_a_slash_closes_swallows_no_story(tag: str) -> None:
    story = f"<p>The kites flew.</p>{tag}<p>Nobody fell.</p><script>let a = 1</script>"
    page = parsers.parse_article(BOX.format(f"{tag}<h1>Kites</h1>", story), STORY)
    assert page.title == "Kites"
    assert page.paragraphs == ("The kites flew.", "Nobody fell.")
    assert page.editors == ("Li Lei",)


def test_link_with_an_editors_class_ends_no_story() -> None:
    story = '<p>The <a class="editor" href="/90777/">editor</a> flew.</p><p>Nobody fell.</p>'
    page = parsers.parse_article(BOX.format("<h1>Kites</h1>", story), STORY)
    assert page.paragraphs == ("The editor flew.", "Nobody fell.")


@pytest.mark.parametrize("where", ["byline", "share", "paragraph"])
def test_link_that_is_left_open_swallows_no_story(where: str) -> None:
    markup = BOX.format("<h1>Kites</h1>", "<p>The kites flew.</p><p>Nobody fell.</p>")
    place, link = {
        "byline": ("(Xinhua)", '(<a href="http://www.xinhuanet.com/">Xinhua)'),
        "share": ("<p>The", '<div class="box"><a class="share" href="#"></div><p>The'),
        "paragraph": ("<p>The", '<p><a href="/90777/">The'),
    }[where]
    page = parsers.parse_article(markup.replace(place, link, 1), STORY)
    assert page.paragraphs == ("The kites flew.", "Nobody fell.")
    assert page.source == "Xinhua"


@pytest.mark.parametrize("tag", ["<font size={}>", '<b t="<{}>">', "<i t='>{}'></u>"])
def test_page_of_millions_of_reopened_tags_is_refused_at_once(tag: str) -> None:
    fonts = "".join(tag.format(i) for i in range(500))
    with pytest.raises(parsers.PageError, match="left open"):
        parsers.parse_article(BOX.format("<h1>Kites</h1>", f"<p>{fonts}" + "<p>x" * 9_000), STORY)


@pytest.mark.parametrize(
    "heading",
    [
        "<h3>Related Stories</h3>",
        "<p><strong>Related</strong> stories:</p>",
        "<div>■<b>Related news</b></div>",
        "<table><tr><td>Related reading</td></tr></table>",
    ],
)
def test_related_stories_stand_behind_their_heading(heading: str) -> None:
    link = (
        '<ul><li><a href="/n3/2022/0921/c90000-10150777.html">The string of the kite</a></li></ul>'
    )
    markup = BOX.format("<h1>Kites</h1>", "<p>Nobody related the story of the kites.</p>")
    page = parsers.parse_article(f"{markup}<div>{heading}{link}</div>", STORY)
    assert [story.title for story in page.related] == ["The string of the kite"]


# --- Pictures and what stands beside them -------------------------------------------------------

P1 = "The villagers of Heshan have built a bridge that carries one cart at a time."
P2 = "It opens in October, the county said."
# A story's box in the frames of several years.
FRAMES = {
    "2021": (
        STORY,
        '<div class="d2txtCon"><h1>Kites</h1><div class="origin">(Xinhua) 09:39, September 22, 2022'
        "</div>{}</div>",
    ),
    "2013": (
        "http://en.people.cn/n/2015/0818/c90882-8937797.html",
        '<h1 id="p_title">Kites</h1><div class="wb_1">(Xinhua) 09:20, August 18, 2015</div>'
        '<div id="p_content">{}</div><div class="wb_4">(Editor:Li Lei)</div>',
    ),
    "2008": (
        "http://en.people.cn/90001/90776/90882/7066554.html",
        '<h1 id="p_title">Kites</h1><span id="p_origin">Source:Xinhua</span>'
        '<span id="p_publishtime">08:22, July 14, 2010</span><div id="p_content">{}</div>',
    ),
    "2004": (
        "http://en.people.cn/200506/14/eng20050614_190234.html",
        "<table><tr><td>Home &gt;&gt; Life</td><td>UPDATED: 08:22, June 14, 2005</td></tr><tr><td>"
        "<b>Kites</b></td></tr><tr><td>font size</td></tr><tr><td>{}</td></tr></table>",
    ),
}


def read(template: str, story: str) -> tuple[list[str | None], tuple[str, ...]]:
    """Captions and paragraphs of a story in the frame of a template."""
    url, frame = FRAMES[template]
    page = parsers.parse_article(frame.format(story), url)
    assert page.template == template
    return [image.caption for image in page.images], page.paragraphs


@pytest.mark.parametrize("template", FRAMES)
@pytest.mark.parametrize(
    "story",
    [
        f'<p><img src="/a/1.jpg" align="left">{P1}</p><p>{P2}</p>',
        f'<p><img src="/a/1.jpg" style="margin: 4px; float: right">{P1}</p><p>{P2}</p>',
        f'<p><img src="/a/1.jpg"><br>\u3000\u3000{P1}<br><br>\u3000\u3000{P2}</p>',
        f'<p>{P1}<br><img src="/a/1.jpg"><br>{P2}</p>',
    ],
    ids=["align", "float", "indent", "middle"],
)
def test_text_around_a_picture_is_the_storys(template: str, story: str) -> None:
    assert read(template, story) == ([None], (P1, P2))


VIEW = "A view of the bridge"


@pytest.mark.parametrize("template", FRAMES)
@pytest.mark.parametrize(
    "story",
    [
        f'<p><img src="/a/1.jpg"><br>&nbsp;{VIEW}</p><p>{P1}</p>',
        f'<p><img src="/a/1.jpg" align="left"><br>{VIEW}</p><p>{P1}</p>',
        f'<div style="float: left"><img src="/a/1.jpg" align="left"><br>{VIEW}</div><p>{P1}</p>',
        f'<p><b>No. 1</b><br><img src="/a/1.jpg"><br>{VIEW}</p><p>{P1}</p>',
    ],
    ids=["space", "align", "float", "number"],
)
def test_a_short_line_in_the_pictures_box_is_its_caption(template: str, story: str) -> None:
    captions, paragraphs = read(template, story)
    assert captions == [VIEW]
    assert paragraphs[-1] == P1


@pytest.mark.parametrize("template", FRAMES)
@pytest.mark.parametrize(
    "story",
    [
        f'<p><img src="/a/1.jpg"></p><p>{P1}</p>',
        f'<img src="/a/1.jpg"><br><br>{P1}',
        f'<p>{P1}</p><p><img src="/a/1.jpg"></p><p>{P2}</p><p><img src="/a/2.jpg"></p>',
    ],
    ids=["paragraph", "breaks", "as-many"],
)
def test_paragraphs_beside_pictures_are_the_storys(template: str, story: str) -> None:
    captions, paragraphs = read(template, story)
    assert not any(captions)
    assert paragraphs[0] == P1


@pytest.mark.parametrize(
    "line",
    [
        "Photos of the boy went viral over the weekend, and the police opened an investigation.",
        "A photo of the couple has been forwarded more than 10,000 times.",
        "Satellite images show that the glacier has lost a fifth of its area.",
        "Photos taken on the spot were soon on the Internet.",
        "Video by a passer-by was posted, drawing millions of views.",
    ],
)
def test_a_sentence_about_pictures_is_no_caption(line: str) -> None:
    story = f'<p>{P1}</p><p><img src="/a/1.jpg"></p><p>{line}</p><p>{P2}</p>'
    assert read("2021", story) == ([None], (P1, line, P2))


@pytest.mark.parametrize("template", FRAMES)
@pytest.mark.parametrize(
    "caption",
    [
        "Photo taken on Sept. 21, 2022 shows the bridge.",
        "This undated file photo shows the bridge.",
        "A view of the bridge in Heshan Photo: VCG",
        "Illustration: Li Lei/GT",
        "Photo by Li Lei",
        "图为河山的桥。",
        "▲河山的桥",
        "河山的桥。图/视觉中国",
        "河山的桥。（图片来源：新华社）",
        "河山的桥。张三 摄（影像中国）",
    ],
)
def test_a_caption_says_what_it_is(template: str, caption: str) -> None:
    story = f'<p><img src="/a/1.jpg"></p><p>{caption}</p><p>{P1}</p><p>{P2}</p>'
    assert read(template, story) == ([caption], (P1, P2))


@pytest.mark.parametrize(
    "line",
    [
        f"<em>Editor's note: {P2}</em>",
        "<em>The author is a research fellow of Linhe College.</em>",
        f"{P2} (Contributed by Li Lei. Photos by Ma Long)",
    ],
)
def test_a_note_behind_a_picture_is_no_caption(line: str) -> None:
    captions, paragraphs = read("2021", f'<p>{P1}</p><p><img src="/a/1.jpg"></p><p>{line}</p>')
    assert captions == [None]
    assert len(paragraphs) == 2


def test_captions_above_their_pictures_are_each_ones_own() -> None:
    story = "".join(
        f'<p>Bridge {n} (Photo/Xinhua)</p><p><img src="/a/{n}.jpg"></p>' for n in range(1, 4)
    )
    assert read("2013", story) == ([f"Bridge {n} (Photo/Xinhua)" for n in range(1, 4)], ())


def test_captions_in_the_row_below_are_each_ones_own() -> None:
    table = (
        '<table><tr><td><img src="/a/1.jpg"></td><td><img src="/a/2.jpg"></td></tr>'
        "<tr><td>The bridge</td><td>The tar</td></tr></table>"
    )
    assert read("2013", f"{table}<p>{P1}</p>") == (["The bridge", "The tar"], (P1,))


def test_a_players_poster_is_no_video() -> None:
    player = (
        '<script>showPlayer({id:"/pvservice/xml/2015/8/28/abc.xml",width:"600",height:"400",'
        'pic:"/NMediaFile/a.jpg"});</script>'
    )
    url, frame = FRAMES["2013"]
    page = parsers.parse_article(frame.format(f"{player}<p>{P1}</p>"), url)
    assert [video.url for video in page.videos] == [
        "http://en.people.cn/pvservice/xml/2015/8/28/abc.xml"
    ]


@pytest.mark.parametrize(
    "player",
    [
        '<object><param name="movie" value="/img/player.swf">'
        '<param name="FlashVars" value="auto=1&vcastr_file=/a/b.flv"></object>',
        '<embed src="/img/player.swf" flashvars="file=%2Fa%2Fb.flv&amp;image=/a/b.jpg">',
        '<embed src="/img/player.swf?vcastr_file=/a/b.flv">',
        '<iframe src="/player/index.html?src=http://en.people.cn/a/b.flv&w=600"></iframe>',
    ],
)
def test_the_file_that_a_flash_player_is_given_is_the_video(player: str) -> None:
    url, frame = FRAMES["2013"]
    page = parsers.parse_article(frame.format(f"{player}<p>{P1}</p>"), url)
    assert [video.url for video in page.videos] == ["http://en.people.cn/a/b.flv"]
    assert page.paragraphs == (P1,)


@pytest.mark.parametrize(
    "above",
    [
        '<table align="right"><tr><td><img src="/a/1.jpg"></td></tr><tr><td>A bridge</table>',
        '<p align="center"><img src="/a/1.jpg"><br>A bridge</p>',
        "<p><b>A bridge</b></p>",
    ],
)
def test_a_lead_that_the_story_has_is_told_once(above: str) -> None:
    url, frame = FRAMES["2004"]
    lead = f"<tr><td>{P1}</td></tr><tr><td>font size</td></tr>"
    markup = frame.replace("<tr><td>font size</td></tr>", lead)
    page = parsers.parse_article(markup.format(f"{above}<p>{P1}</p><p>{P2}</p>"), url)
    assert page.paragraphs[-2:] == (P1, P2)
    assert page.paragraphs.count(P1) == 1


def test_writers_stand_before_the_dateline() -> None:
    url, frame = FRAMES["2021"]
    story = f"<p>by Xinhua writers Li Lei, Wang Fei</p><p>BEIJING, Sept. 22 (Xinhua) -- {P1}</p>"
    page = parsers.parse_article(frame.format(story), url)
    article = parsers.merge([page], crawled_at=CRAWLED_AT)
    assert article.authors == ("Li Lei", "Wang Fei")
    assert article.dateline is not None
    assert (article.dateline.place, article.dateline.date) == ("BEIJING", "2022-09-22")


def test_a_subtitle_may_begin_with_by() -> None:
    markup = BOX.format("<h1>Kites</h1><h4>By planting trees, a town finds its past</h4>", P1)
    page = parsers.parse_article(markup, STORY)
    assert page.subtitle == "By planting trees, a town finds its past"
    assert page.authors == ()


@pytest.mark.parametrize("line", ["By staff writer Li Lei", "by xinhua reporter Li Lei"])
def test_writers_below_the_headline_may_have_a_role(line: str) -> None:
    page = parsers.parse_article(BOX.format(f"<h1>Kites</h1><h4>{line}</h4>", P1), STORY)
    assert (page.subtitle, page.authors) == (None, ("Li Lei",))


def test_an_arrow_and_a_link_lead_to_a_related_story() -> None:
    link = '<p>&gt;&gt;&gt;<a href="/n3/2022/0921/c90000-10150777.html">The string</a></p>'
    page = parsers.parse_article(BOX.format("<h1>Kites</h1>", f"<p>{P1}</p>{link}"), STORY)
    assert page.paragraphs == (P1,)
    assert [story.title for story in page.related] == ["The string"]


def test_writers_may_stand_before_the_box_of_the_source() -> None:
    url, frame = FRAMES["2008"]
    line = '<p>By Li Lei&nbsp;&nbsp;<span id="p_origin">(China Daily)</span>'
    markup = frame.replace('<span id="p_origin">Source:Xinhua</span>', line)
    page = parsers.parse_article(markup.replace("</span><div", "</span></p><div").format(P1), url)
    assert (page.source, page.authors) == ("China Daily", ("Li Lei",))
    tools = markup.replace("</span><div", " Email | Print</span></p><div").format(P1)
    assert parsers.parse_article(tools, url).source == "China Daily"
    assert page.published_at == "2010-07-14T08:22:00+08:00"


# --- Chinese writers ---------------------------------------------------------------------------

CHINESE = "http://society.people.com.cn/n1/2019/0615/c1008-31153719.html"
CHINESE_BOX = (
    '<div class="text_title"><h1>桥</h1><h4 class="sub">{}</h4><p class="author">{}</p>'
    '<div class="box01"><div class="fl">2019年06月15日06:58 来源：新华社</div></div></div>'
    '<div class="box_con" id="rwb_zw">{}</div>'
)
C1 = "清晨六点，村民们背着竹篓走过新桥，开始了一天的劳作。"
C2 = "“路修通了，茶叶当天就能运到城里。”村支书说。"


@pytest.mark.parametrize(
    ("line", "authors"),
    [
        ("□ 本报记者 张三", ("张三",)),
        ("经济日报记者 张三 文/图", ("张三",)),
        ("新京报记者 张三 编辑 李四", ("张三",)),
        ("摄影：李四", ()),
    ],
)
def test_the_writers_box_names_writers_alone(line: str, authors: tuple[str, ...]) -> None:
    page = parsers.parse_article(CHINESE_BOX.format("", line, f"<p>{C1}</p>"), CHINESE)
    assert (page.template, page.authors) == ("2016", authors)


@pytest.mark.parametrize("line", ["本报记者 张三", "□ 本报记者 张三", "文/张三 图/李四"])
def test_a_line_of_chinese_writers_is_no_subtitle(line: str) -> None:
    page = parsers.parse_article(CHINESE_BOX.format(line, "", f"<p>{C1}</p>"), CHINESE)
    assert (page.subtitle, page.authors) == (None, ("张三",))


def test_a_chinese_subtitle_may_tell_of_reporters() -> None:
    line = "本报记者走进云岭村"
    page = parsers.parse_article(CHINESE_BOX.format(line, "", f"<p>{C1}</p>"), CHINESE)
    assert (page.subtitle, page.authors) == (line, ())


@pytest.mark.parametrize(
    ("story", "authors"),
    [
        ((C1, f"{C2}（记者 张三 通讯员 李四）"), ("张三", "李四")),
        ((C1, f"{C2}（记者 张三）", "《 人民日报 》（ 2019年06月15日 06 版）"), ("张三",)),
        ((C1, C2, "本报记者 张三"), ("张三",)),
        ((C1, C2, "作者：张三"), ("张三",)),
        ((C1, C2, "文/张三 图/李四"), ("张三",)),
        (("□ 本报记者 张三", C1, C2), ("张三",)),
        (("新华社北京6月15日电 题：大山里的茶香", "新华社记者张三、李四", C1), ("张三", "李四")),
        (("新华社北京6月15日电（记者张三）桥", C1, "（参与采写记者：李四）"), ("张三", "李四")),
        ((f"{C1}（记者 张三）", C2, C1), ()),
        ((C1, "记者：您最难忘的是什么？", "记者：谢谢您"), ()),
        ((C1, f"{C2}（新华社记者 张三 摄）"), ()),
    ],
)
def test_a_chinese_story_may_name_its_writers(
    story: tuple[str, ...], authors: tuple[str, ...]
) -> None:
    told = "".join(f"<p>{line}</p>" for line in story)
    page = parsers.parse_article(CHINESE_BOX.format("", "", told), CHINESE)
    assert (page.paragraphs, page.authors) == (story, authors)


def test_chinese_writers_stand_before_the_dateline() -> None:
    story = f"<p>本报记者 张三</p><p>本报上海6月14日电 {C1}</p>"
    page = parsers.parse_article(CHINESE_BOX.format("", "", story), CHINESE)
    found = parsers.merge([page], crawled_at=CRAWLED_AT).dateline
    assert found is not None
    assert (found.place, found.date, found.agency) == ("上海", "2019-06-14", "本报")


# --- A template that nobody has described ------------------------------------------------------

TEA = (
    "云岭村地处大山深处，过去只有一条羊肠小道通往山外，村民种的茶叶要靠人背马驮才能运出去。",
    "修路成了全村人的心愿。扶贫工作队驻村以后，带领大家修通了水泥路，茶叶当天就能运到县城。",
    "如今，村里建起了茶叶加工厂，注册了商标，还开起了网店，年轻人也陆续回到村里。",
    "村支书说，明年还要建设观光茶园，发展乡村旅游，让更多的人来云岭村品茶观景。",
    "雨停以后，茶农们又背起竹篓上山，赶在天黑以前把最后一批鲜叶采回来，送进村口的厂房。",
    "厂里的灯亮到深夜，第二天一早，头一车茶叶就顺着新修的路下山去了。",
)
TEA_URL = "http://js.people.com.cn/n2/2020/1103/c360300-31900001.html"
TEA_PAGE = (
    "<html><head><title>山村茶叶走出大山--时政--人民网</title></head><body><div><h1>山村茶叶走出大山</h1>"
    "<div>2020年11月03日07:48　来源：人民日报　作者：张晓明</div><div>{}</div></div></body></html>"
)


@pytest.mark.parametrize(
    "story",
    ["".join(f"<p>　　{line}</p>" for line in TEA), "<br><br>".join(f"　　{line}" for line in TEA)],
    ids=["paragraphs", "breaks"],
)
def test_a_short_chinese_paragraph_is_text(story: str) -> None:
    page = parsers.parse_article(TEA_PAGE.format(story), TEA_URL)
    assert page.template == parsers.GENERIC.name
    assert page.title == "山村茶叶走出大山"
    assert page.paragraphs == TEA


def test_headline_and_byline_above_lines_parted_by_breaks_are_no_paragraphs() -> None:
    head = "山村茶叶走出大山<br>2020年11月03日07:48　来源：人民日报<br>"
    markup = re.sub(r"<h1>.*?</div>", "", TEA_PAGE).format(head + "<br>".join(TEA))
    page = parsers.parse_article(markup, TEA_URL)
    assert page.paragraphs == TEA
    assert page.source == "人民日报"


@pytest.mark.parametrize(
    ("printed", "title"),
    [
        ("山村茶叶走出大山--时政--人民网", "山村茶叶走出大山"),
        ("山村茶叶走出大山--社会·法治--人民网", "山村茶叶走出大山"),
        ("山村茶叶走出大山--人民网", "山村茶叶走出大山"),
        ("山村茶叶——走出大山--人民网", "山村茶叶——走出大山"),
        (
            "茶叶--云岭村今年最好的一批春茶走出大山--人民网",
            "茶叶--云岭村今年最好的一批春茶走出大山",
        ),
    ],
)
def test_a_title_without_a_heading_is_without_the_channel(printed: str, title: str) -> None:
    markup = TEA_PAGE.replace("山村茶叶走出大山--时政--人民网", printed).replace("h1>", "b>")
    story = "".join(f"<p>{line}</p>" for line in TEA)
    assert parsers.parse_article(markup.format(story), TEA_URL).title == title


@pytest.mark.parametrize(
    "notice", ["<p>对不起，您要看的内容已经删除。</p>", f"{TEA[0]}<br>返回首页"]
)
def test_a_notice_is_a_page_without_text(notice: str) -> None:
    with pytest.raises(parsers.NotAnArticleError):
        parsers.parse_article(TEA_PAGE.format(notice), TEA_URL)
