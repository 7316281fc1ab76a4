"""The Chinese edition's templates of 2016 and 2020, seen on real pages of 2019 and 2022."""

from __future__ import annotations

from peoplesdaily.pages.boxed import BoxedTemplate
from peoplesdaily.pages.template import by_class


class Y2016(BoxedTemplate):
    """``div.text_title`` above ``div.box_con``."""

    era = "2016"
    marks = (
        f"({by_class('box_con')})[1][not({by_class('rm_txt_con')})][not({by_class('d2txtCon')})]"
    )
    title = by_class("text_title") + "//h1"
    above = by_class("text_title") + "//*[contains(@class, 'pre')]"
    below = by_class("text_title") + "//*[contains(@class, 'sub')]"
    writers = by_class("text_title") + "//*[contains(@class, 'author')]"
    byline = by_class("box01") + "/*[contains(@class, 'fl')]"
    body = by_class("box_con")
    editor = by_class("box_con") + "//*[contains(concat(' ', @class, ' '), ' edit ')]"


class Y2020(BoxedTemplate):
    """``div.rm_txt`` with ``div.channel`` (byline) and ``div.rm_txt_con``."""

    era = "2020"
    marks = f"({by_class('rm_txt_con')})[1][not({by_class('d2txtCon')})]"
    title = by_class("rm_txt") + "//h1"
    above = by_class("rm_txt") + "//*[contains(concat(' ', @class, ' '), ' pre ')]"
    below = by_class("rm_txt") + "//*[contains(concat(' ', @class, ' '), ' sub ')]"
    writers = by_class("rm_txt") + "/div/*[contains(concat(' ', @class, ' '), ' author ')]"
    byline = by_class("channel") + "/*[contains(@class, 'col-1-1')]"
    body = by_class("rm_txt_con")
    editor = by_class("rm_txt_con") + "//*[contains(concat(' ', @class, ' '), ' edit ')]"
    # The original headline is in the markup but hidden by the style sheet.
    hidden = " | ".join(by_class(name) for name in ("otitle", "bza", "paper_num"))
