"""The Chinese edition's templates of 2016 and 2020, seen on real pages of 2019 and 2022.

Channels vary them. In each row, the places of real pages come first; the others are selectors of
public crawlers of 2016 to 2024 for single channels (capital, health, leaders, renshi, theory).
"""

from __future__ import annotations

from peoplesdaily.parsers.templates.boxed import BoxedTemplate
from peoplesdaily.parsers.templates.y2013 import OWN_2013


class Y2016(BoxedTemplate):
    """``div.text_title`` above ``div.box_con#rwb_zw``."""

    name = "2016"
    marks = (
        *(".box_con", "#rwb_zw", ".box_text", ".artDet", ".txt_content", ".pic_content"),
        ".text_c .show_text",
    )
    never = (".rm_txt_con", ".d2txtCon", "#p_content", "#p_publishtime", *OWN_2013)
    title = (
        *(".text_title h1", ".tit-ld h1", ".tit-ld h2", ".p2j_text h1", ".text_c h1"),
        *(".articleCont h1", ".articleCont h2", ".txt_content h1", ".pic_content h1"),
    )
    above = (".text_title .pre", ".text_c > h3")
    below = (".text_title .sub", ".text_c > h2")
    writers = (".text_title .author", ".p2j_text > .author", ".text_c > .author")
    byline = (
        *(".box01 > .fl", ".tit-ld p", ".p2j_text > h2", ".text_c > .sou", ".artOri"),
        ".txt_content .day",
    )
    body = (
        *(".box_con", "#rwb_zw", ".box_text", ".artDet", ".text_c .show_text", ".txt_content .txt"),
        # Photo channel: pictures and one caption.
        ".pic_content",
    )
    editor = (
        *(".box_con .edit", "#rwb_zw .edit", ".text_con .edit", ".p2j_text .edit"),
        *(".p2j_text ~ .edit", ".text_c .edit", ".txt_content .edit"),
        *(".articleCont .editor", ".pic_content .edit"),
    )
    notes = (".bza",)
    hidden = (".otitle", ".paper_num", ".zdfy")
    pictures = (".box_pic", ".pic_content")


class Y2020(BoxedTemplate):
    """``div.rm_txt`` with ``div.channel`` (byline) and ``div.rm_txt_con``."""

    name = "2020"
    marks = (".rm_txt_con",)
    never = (".d2txtCon",)
    title = (".rm_txt h1", "#newstit", ".context-box h1")
    above = (".rm_txt .pre",)
    below = (".rm_txt .sub",)
    writers = (".rm_txt > div > .author", ".context-box > .author")
    byline = (".channel > .col-1-1",)
    body = (".rm_txt_con",)
    editor = (".rm_txt_con .edit", ".rm_txt .edit", ".context-box .edit")
    notes = (".bza",)
    # The original headline is in the markup, but hidden by CSS.
    hidden = (".otitle", ".paper_num", ".zdfy")
    pictures = (".box_pic",)
