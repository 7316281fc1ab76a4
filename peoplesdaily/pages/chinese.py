"""The Chinese edition's templates of 2016 and 2020, seen on real pages of 2019 and 2022."""

from __future__ import annotations

from peoplesdaily.pages.boxed import BoxedTemplate
from peoplesdaily.pages.document import Document


class Y2016(BoxedTemplate):
    """``div.text_title`` above ``div.box_con``."""

    era = "2016"
    title = (".text_title h1",)
    above = (".text_title .pre",)
    below = (".text_title .sub",)
    writers = (".text_title .author",)
    byline = (".box01 >.fl",)
    body = (".box_con",)
    editor = (".box_con .edit",)

    def matches(self, page: Document) -> bool:
        return page.has(".box_con") and not page.has(".rm_txt_con", ".d2txtCon")


class Y2020(BoxedTemplate):
    """``div.rm_txt`` with ``div.channel`` (byline) and ``div.rm_txt_con``."""

    era = "2020"
    title = (".rm_txt h1",)
    above = (".rm_txt .pre",)
    below = (".rm_txt .sub",)
    writers = (".rm_txt ./div/*[contains(concat(' ', @class, ' '), ' author ')]",)
    byline = (".channel >.col-1-1",)
    body = (".rm_txt_con",)
    editor = (".rm_txt_con .edit",)
    # The original headline is in the markup but hidden by the style sheet.
    hidden = (".otitle", ".bza", ".paper_num")

    def matches(self, page: Document) -> bool:
        return page.has(".rm_txt_con") and not page.has(".d2txtCon")
