"""The template of 2008 to 2013 and its Chinese version of 2010: parts marked with ids.

Source of the ids: selectors of public crawlers of the English edition; of the boxes around them:
real pages of the Chinese edition of 2011 and 2012.
"""

from __future__ import annotations

from peoplesdaily.parsers.markup.document import Document, content, parent
from peoplesdaily.parsers.templates.boxed import BoxedTemplate
from peoplesdaily.parsers.templates.y2013 import OWN_2013
from peoplesdaily.site.editions.patterns import patterns_of

_LONGEST_BYLINE = 200


class _ById(BoxedTemplate):
    marks = ("#p_content", "#p_publishtime")
    never = (".d2txtCon", ".rm_txt_con", *OWN_2013)
    title = ("#p_title",)
    above = (":is(h3, h4):has(+ #p_title)",)
    below = ("#p_title + :is(h2, h3, h4)",)
    writers = ('#p_title ~ p[class*="author"]',)
    byline = ("#p_origin", "#p_publishtime")
    body = ("#p_content", ".text_img")
    pictures = (".text_img",)
    editor = ("#p_editor",)

    def byline_text(self, page: Document) -> str:
        stamps, origins = page.find("#p_publishtime"), page.find("#p_origin")
        around = content(parent(stamps[0])) if stamps else ""
        near = 0 < len(around) < _LONGEST_BYLINE
        if near and not origins:
            # The source is next to the time or in the box before it.
            return around
        printed = super().byline_text(page)
        if near:
            # Writers may precede the source.
            before, origin, _ = around.partition(content(origins[0]) or "\n")
            if origin and patterns_of(page.edition).by.match(before):
                return f"{before}{printed}"
        return printed


def _is_chinese(page: Document) -> bool:
    """Only Chinese pages print dates like 2011年12月15日 and label the source."""
    line = "".join(map(content, page.find("#p_publishtime", "#p_origin")))
    return "年" in line or "来源" in line


class Y2008(_ById):
    """``p_title``, ``p_publishtime``, ``p_navigator``, ``p_content`` of the English edition."""

    name = "2008"

    def matches(self, page: Document) -> bool:
        return super().matches(page) and not _is_chinese(page)


class Y2010(_ById):
    """The same ids on the Chinese edition's pages of 2010 to 2012, seen on real pages."""

    name = "2010"

    def matches(self, page: Document) -> bool:
        return super().matches(page) and _is_chinese(page)
