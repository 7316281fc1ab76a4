"""The template of 2008 to 2013, and its Chinese sister of 2010: parts named by id.

Source: the ids are those that public crawlers of the English edition select on; the boxes around
them are those of real pages of the Chinese edition of 2011 and 2012.
"""

from __future__ import annotations

from peoplesdaily.pages.boxed import BoxedTemplate
from peoplesdaily.pages.document import Document, content, first, select
from peoplesdaily.pages.template import by_class
from peoplesdaily.pages.y2013 import MARKS_2013

_IDS = "//*[@id='p_content' or @id='p_publishtime']"
# Only the Chinese pages write the date as 2011年12月15日 and label the source.
_CHINESE = "//*[@id='p_publishtime' or @id='p_origin'][contains(., '年') or contains(., '来源')]"
_LONGEST_BYLINE = 200


class _ById(BoxedTemplate):
    title = "//*[@id='p_title']"
    above = "//*[@id='p_title']/preceding-sibling::*[1][self::h3 or self::h4]"
    below = "//*[@id='p_title']/following-sibling::*[1][self::h2 or self::h3 or self::h4]"
    writers = "//*[@id='p_title']/following-sibling::p[contains(@class, 'author')]"
    byline = "//*[@id='p_origin'] | //*[@id='p_publishtime']"
    body = f"//*[@id='p_content'] | {by_class('text_img')}"
    editor = "//*[@id='p_editor']"

    def byline_text(self, page: Document) -> str:
        stamp = first(page.root, "//*[@id='p_publishtime']")
        if stamp is not None and not select(page.root, "//*[@id='p_origin']"):
            # The source stands beside the time, in the same line or in the box before it.
            around = content(stamp.getparent())
            if len(around) < _LONGEST_BYLINE:
                return around
        return super().byline_text(page)


class Y2008(_ById):
    """``p_title``, ``p_publishtime``, ``p_navigator``, ``p_content`` of the English edition."""

    era = "2008"
    marks = f"({_IDS})[1][not({_CHINESE})][not({MARKS_2013})][not({by_class('d2txtCon')})]"


class Y2010(_ById):
    """The same ids on the Chinese edition's pages of 2010 to 2012, seen on real pages."""

    era = "2010"
    marks = f"({_IDS})[1][{_CHINESE}][not({MARKS_2013})][not({by_class('d2txtCon')})]"
