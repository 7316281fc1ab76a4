"""The English and Chinese editions, whose pages mix both languages."""

from __future__ import annotations

from peoplesdaily.site.editions.model import Calendar, Edition, Words

MONTHS = (
    *(("january", "jan"), ("february", "feb"), ("march", "mar"), ("april", "apr"), ("may",)),
    *(("june", "jun"), ("july", "jul"), ("august", "aug"), ("september", "sept", "sep")),
    *(("october", "oct"), ("november", "nov"), ("december", "dec")),
)

CHINESE = Edition(
    language="zh",
    host="www.people.com.cn",
    aliases=("people.com.cn", "www.people.cn", "people.cn"),
    # One channel per host: politics.people.com.cn, society.people.com.cn, js.people.com.cn.
    domains=("people.com.cn", "people.cn"),
    site_names=("人民网",),
    words=Words(
        source=(r"来源",),
        editor=(r"(?:实习|见习|值班|网络|责任|本期)?编辑", r"责编", r"实习生"),
        editor_in_brackets=(r"(?:责任)?编辑(?=\s)", r"责编(?=\s)"),
        service=(
            r"(?:扫描|扫一扫|长按|识别).{0,20}二维码.{0,30}",
            # The headline in the original outlet.
            r"[(（]?原标题\s*[:：].{1,60}",
            r"分享让更多人看到",
            r"更多精彩[^，。]{0,12}请(?:下载|关注|点击|登录)[^，。]{0,20}",
            r"【?点击[^，。]{0,12}(?:进入|查看|观看)[^，。]{0,20}[>＞»】]+",
        ),
        origin=(r"(?:文章|稿件|本文)?来源",),
        updated=(r"更新时间",),
        related=(r"相关(?:新闻|阅读|链接|报道)", r"关于.{1,30}的新闻"),
        next_page=("下一页",),
    ),
    calendar=Calendar(
        days=("%Y年%m月%d日", "%Y-%m-%d"),
        # 人民网上海12月15日电: agency, place, day. 中新网11月3日电 has no place; not 电话.
        datelines=(
            r"据?(?P<agency>人民网|人民日报|新华社|新华网|中新社|中新网|中国新闻网|央视网|光明网|本报|本网"
            r"|[\u4e00-\u9fff]{2,4}日报)"
            r"\s?(?P<place>[\u4e00-\u9fff、]{2,12}?|)(?:(?P<year>\d{4})年)?"
            r"(?P<month>\d{1,2})月(?P<day>\d{1,2})日专?[电讯](?![话视子商影文力竞动台])",
        ),
    ),
    seen="real pages of 2011 to 2022",
)

ENGLISH = Edition(
    language="en",
    host="en.people.cn",
    # All four serve the same paths; the last is the oldest (articles of 2000).
    aliases=("english.people.com.cn", "english.people.cn", "english.peopledaily.com.cn"),
    # The party's news, in English on a host of its own.
    other_hosts=("english.cpc.people.com.cn",),
    site_names=("People's Daily Online", "People's Daily", "People's Daily Online - English"),
    # "About People's Daily Online", in every footer, and a service page of 2019.
    not_articles=frozenset({"9716018", "8347260"}),
    glued=True,
    words=Words(
        by=(r"text by", r"written by", r"story by", r"by"),
        source=(r"source", r"from"),
        editor=(r"(?:(?:web|copy|chief|senior|executive|responsible)\s+)?editors?",),
        updated=(r"(?:last\s+)?updated?(?:\s+(?:at|on))?",),
        related=(
            r"related (?:stor(?:y|ies)|readings?|news|articles?|coverage|links?)",
            r"related",
            *(r"see also", r"more stories", r"read more", r"also read", r"further reading"),
        ),
        next_page=("next", "next page"),
        origin=(r"source",),
    ),
    calendar=Calendar(
        days=("%B %d, %Y", "%d %B %Y", "%d %B, %Y", "%Y-%m-%d"),
        months=MONTHS,
        weekdays=(r"(?:mon|tues?|wednes|thurs?|fri|satur|sun)(?:day)?",),
        ordinals=("st", "nd", "rd", "th"),
        at=("at",),
        datelines=(
            r"(?P<place>[^\W\d_][\w'’.\-/ ]*?(?:,\s+(?!{month}\b)[^\W\d_][\w'’.\- ]*){0,2}?)"
            r"(?:(?:\s*,\s*|\s+)(?P<month>{month})\b\.?\s*(?P<day>\d{1,2})"
            r"(?:\s*,\s*(?P<year>\d{4}))?)?"
            r"\s*(?:\((?P<agency>[^()]{2,40})\))?\s*(?:--+|[—–―]+|(?<=\))\s*-|-(?=\s))",
        ),
    ),
    seen="text copies of about 45 pages of 2000 to 2026",
)

ENGLISH_CHINESE = (ENGLISH, CHINESE)
