"""The editions in other languages.

``seen`` says what public sources show of an edition. Unless stated otherwise, hosts come from the
language menu of a real page of 2022 and from crawlers' notes; all other words are plain vocabulary
of the language and unverified. If a byline has an unknown date form, the day comes from the address
or the meta data, and the time is unknown.
"""

from __future__ import annotations

from peoplesdaily.site.editions.model import Calendar, Edition, Names, Words

# Unambiguous date forms; the day always precedes the month.
_NUMERIC = (
    *("%Y-%m-%d", "%Y年%m月%d日", "%Y/%m/%d", "%Y:%m:%d", "%Y.%m.%d"),
    *("%d/%m/%Y", "%d.%m.%Y", "%d-%m-%Y"),
)
_NAMED = ("%d %B %Y", "%d %B, %Y", "%B %d, %Y")
_DAYS = (*_NAMED, *_NUMERIC)

# "BEIJING, 22 septembre (Xinhua) --", "Beijing, 15/06/2018 (El Pueblo en Línea) -", "Пекин, 22
# сентября /Синьхуа/ --": agencies use the same form in all alphabets.
_WIRE = (
    r"(?P<place>[^\W\d_][^\d()/]{0,50}?),?\s+"
    r"(?:(?P<day>\d{1,2})(?:er|º|\.)?\s*(?:de\s+|\s|/)(?P<month>{month}|\d{1,2})\b\.?"
    r"(?:\s*(?:de\s+|del\s+|/|,)?\s*(?P<year>\d{4}))?)"
    r"\s*(?:\((?P<agency>[^()]{2,40})\)|/[^/]{2,40}/)?\s*(?:--+|[—–―]+|-(?=\s))"
)


def _also(*names: str) -> Names:
    """Plausible hosts; no source shows which of them exist (unverified)."""
    domains = ("people.com.cn", "people.cn", "peopledaily.com.cn")
    return tuple(f"{name}.{domain}" for name in names for domain in domains)


FRENCH = Edition(
    language="fr",
    host="french.peopledaily.com.cn",
    aliases=("fr.people.com.cn", "french.people.com.cn"),
    other_hosts=_also("fr", "french"),
    site_names=("le Quotidien du Peuple en ligne", "French.china.org.cn"),
    words=Words(
        by=(r"par",),
        source=(r"source", r"origine"),
        editor=(r"r[ée]dact(?:eur|rice)s?(?:\s+web)?", r"[ée]dit(?:eur|rice)s?(?:\s+web)?"),
        updated=(r"mise? à jour(?:\s+le)?",),
        related=(
            r"articles? (?:connexes?|liés?|similaires?)",
            *(r"(?:à )?lire aussi", r"sur le même (?:sujet|thème)", r"infos? connexes?"),
        ),
        next_page=("suivant", "suivante", "page suivante"),
        end=(r"les plus lus", r"photos", r"dernières nouvelles"),
        tools=(r"imprimer", r"envoyer", r"taille du texte"),
        service=(r"suivez[- ]nous sur .*",),
        between=(r"et",),
        roles=(r"journaliste", r"correspondante?"),
        photo=(r"photo", r"crédit", r"image", r"vidéo"),
        agencies=("Xinhua", "le Quotidien du Peuple en ligne", "Quotidien du Peuple", "CRI"),
    ),
    calendar=Calendar(
        days=_DAYS,
        clocks=("%H:%M", "%Hh%M"),
        months=(
            *(("janvier", "janv"), ("février", "fevrier", "févr"), ("mars",), ("avril", "avr")),
            *(("mai",), ("juin",), ("juillet", "juil"), ("août", "aout"), ("septembre", "sept")),
            *(("octobre", "oct"), ("novembre", "nov"), ("décembre", "decembre", "déc")),
        ),
        weekdays=(r"(?:lun|mar|mercre|jeu|vendre|same)di", r"dimanche"),
        ordinals=("er",),
        at=("à",),
        datelines=(_WIRE,),
    ),
    seen="a channel's directory before the path, /Afrique/n3/2026/0702/c96852-20473397.html",
)

RUSSIAN = Edition(
    language="ru",
    host="russian.people.com.cn",
    other_hosts=_also("russian", "ru"),
    site_names=("Жэньминь жибао онлайн", "Жэньминь жибао"),
    words=Words(
        by=(r"автор(?:ы)?",),
        source=(r"источник",),
        editor=(r"(?:веб-)?редактор(?:ы)?",),
        updated=(r"обновлено",),
        related=(
            r"по теме",
            r"(?:похожие|связанные) (?:новости|материалы|статьи)",
            *(r"материалы по теме", r"(?:читайте|смотрите) также"),
        ),
        next_page=("далее", "следующая", "следующая страница", "вперед", "вперёд"),
        end=(r"самое (?:популярное|читаемое)", r"фото"),
        tools=(r"распечатать", r"печать", r"размер шрифта"),
        between=(r"и",),
        roles=(r"корреспонденты?", r"собственный корреспондент"),
        photo=(r"фото(?:графия)?", r"снимок", r"видео"),
        agencies=("Синьхуа", "Агентство Синьхуа", "Жэньминь жибао онлайн", "Жэньминь жибао"),
    ),
    calendar=Calendar(
        days=_DAYS,
        months=(
            *(("января", "январь", "янв"), ("февраля", "февраль", "февр"), ("марта", "март")),
            *(("апреля", "апрель", "апр"), ("мая", "май"), ("июня", "июнь"), ("июля", "июль")),
            *(("августа", "август", "авг"), ("сентября", "сентябрь", "сент")),
            *(("октября", "октябрь", "окт"), ("ноября", "ноябрь", "нояб")),
            *(("декабря", "декабрь", "дек"),),
        ),
        weekdays=(
            *(r"понедельник", r"вторник", r"среда", r"четверг", r"пятница", r"суббота"),
            *(r"воскресенье",),
        ),
        at=("в",),
        datelines=(
            r"(?P<place>[^\W\d_][^\d()/]{0,50}?),?\s+(?P<day>\d{1,2})\s+(?P<month>{month})"
            r"(?:\s+(?P<year>\d{4}))?\s*(?:/(?P<agency>[^/]{2,40})/)\s*(?:--+|[—–―]+|-(?=\s))",
            _WIRE,
        ),
    ),
    seen="host and path alone",
)

ARABIC = Edition(
    language="ar",
    host="arabic.people.com.cn",
    aliases=("arabic.peopledaily.com.cn",),
    other_hosts=_also("arabic"),
    site_names=("صحيفة الشعب اليومية أونلاين", "صحيفة الشعب اليومية"),
    words=Words(
        by=(r"بقلم", r"كتب"),
        source=(r"المصدر",),
        editor=(r"(?:ال)?محرر(?:ون|ين)?", r"تحرير"),
        updated=(r"آخر تحديث", r"تحديث"),
        related=(r"(?:مواضيع|أخبار|مقالات) ذات صلة", r"اقرأ أيضا[ًَ]?"),
        next_page=("التالي", "الصفحة التالية"),
        end=(r"أخبار ساخنة", r"أخبار بصور", r"ملفات خاصة", r"صور ساخنة"),
        tools=(r"حجم الخط", r"اطبع", r"طباعة"),
        between=(r"و",),
        photo=(r"(?:ال)?صور[ةه]?", r"تصوير"),
        agencies=("شينخوا", "صحيفة الشعب اليومية أونلاين", "صحيفة الشعب اليومية"),
    ),
    calendar=Calendar(
        days=("%Y:%m:%d", *_DAYS),
        clocks=("%H:%M",),
        months=(
            *(("يناير",), ("فبراير",), ("مارس",), ("أبريل", "ابريل", "إبريل"), ("مايو",)),
            *(("يونيو", "يونيه"), ("يوليو", "يوليه"), ("أغسطس", "اغسطس"), ("سبتمبر",)),
            *(("أكتوبر", "اكتوبر"), ("نوفمبر",), ("ديسمبر",)),
        ),
        datelines=(
            r"(?:(?P<place>[^\W\d_][^\d()/]{0,40}?)\s+)?(?P<day>\d{1,2})\s+(?P<month>{month})"
            r"(?:\s+(?P<year>\d{4}))?\s*(?:/(?P<agency>[^/]{2,40})/|\((?:[^()]{2,40})\)|/)",
        ),
    ),
    seen="text copies of 2014 and 2021: '2021:03:25.08:53' and the tools behind it, the "
    "breadcrumb, a '(4)' behind the headline, '16 يونيو 2014/صحيفة .../' at the story's head",
)

SPANISH = Edition(
    language="es",
    host="spanish.peopledaily.com.cn",
    aliases=("spanish.people.com.cn",),
    other_hosts=_also("spanish"),
    site_names=("Pueblo en Línea", "Diario del Pueblo"),
    words=Words(
        by=(r"por",),
        source=(r"fuente",),
        editor=(r"(?:editor(?:es|as?)?|redactor(?:es|as?)?)(?:\s+web)?",),
        updated=(r"actualizad[oa](?:\s+el)?",),
        related=(
            r"(?:noticias|artículos) relacionad[oa]s",
            *(r"lea también", r"leer también", r"más noticias"),
        ),
        next_page=("siguiente", "página siguiente"),
        end=(r"lo más (?:leído|visto)", r"fotos"),
        tools=(r"imprimir", r"enviar", r"tamaño (?:de letra|del texto)"),
        service=(r"síg[au](?:e)?nos en .*",),
        between=(r"y", r"e"),
        roles=(r"corresponsal", r"periodista", r"enviad[oa] especial"),
        photo=(r"foto(?:grafía)?s?", r"imagen", r"video", r"vídeo"),
        agencies=("Xinhua", "Pueblo en Línea", "El Pueblo en Línea", "Diario del Pueblo", "CRI"),
    ),
    calendar=Calendar(
        days=("%Y:%m:%d", "%d de %B de %Y", "%d de %B del %Y", *_DAYS),
        months=(
            *(("enero", "ene"), ("febrero", "feb"), ("marzo", "mar"), ("abril", "abr"), ("mayo",)),
            *(("junio", "jun"), ("julio", "jul"), ("agosto", "ago")),
            *(("septiembre", "setiembre", "sept", "sep"), ("octubre", "oct")),
            *(("noviembre", "nov"), ("diciembre", "dic")),
        ),
        weekdays=(r"lunes", r"martes", r"miércoles", r"jueves", r"viernes", r"sábado", r"domingo"),
        ordinals=("º",),
        at=("a las",),
        datelines=(_WIRE,),
    ),
    seen="a text copy of 2018: 'Pueblo en Línea  2018:06:15.16:13', 'español>>China', "
    "'Beijing, 15/06/2018 (El Pueblo en Línea) -'",
)

JAPANESE = Edition(
    language="ja",
    host="j.people.com.cn",
    other_hosts=("j.people.cn", "j.peopledaily.com.cn"),
    site_names=("人民網日本語版--人民日報", "人民網日本語版", "人民網日文版", "人民網"),
    words=Words(
        source=(r"出典", r"情報源", r"提供"),
        editor=(r"(?:責任)?編集(?:者)?",),
        editor_in_brackets=(r"編集",),
        updated=(r"更新(?:日時|時間)?",),
        related=(r"関連(?:記事|ニュース|リンク)",),
        next_page=("次へ", "次のページ", "次ページ"),
        end=(r"アクセスランキング", r"注目フォトニュース", r"コメント"),
        tools=(r"印刷", r"文字サイズ"),
        service=(r"「人民網日本語版」\d{4}年\d{1,2}月\d{1,2}日",),
        roles=(r"記者", r"特派員"),
        photo=(r"写真", r"資料写真", r"撮影", r"画像", r"動画"),
        agencies=("人民網日本語版", "人民網", "新華網", "新華社", "中国新聞網", "CRI"),
    ),
    calendar=Calendar(days=_NUMERIC, clocks=("%H:%M", "%H時%M分")),
    seen="a copy of a page of 2016: '人民網日本語版 2016年08月08日13:20', '人民網日本語版>>中日"
    "フォーカス'; excerpts of 2025: '(編集KM) 「人民網日本語版」2025年9月19日'",
)

KOREAN = Edition(
    language="ko",
    host="kr.people.com.cn",
    # The first is the Korean edition for readers in China.
    other_hosts=(*_also("korean", "korea"), "kr.people.cn", "kr.peopledaily.com.cn"),
    site_names=("인민망 한국어판", "인민망"),
    words=Words(
        source=(r"출처", r"자료 출처"),
        editor=(r"(?:웹\s*)?(?:편집(?:자)?|에디터)",),
        updated=(r"수정", r"업데이트"),
        related=(r"관련 ?(?:기사|뉴스)",),
        next_page=("다음", "다음 페이지"),
        end=(r"최신뉴스", r"인기뉴스", r"포토"),
        tools=(r"인쇄", r"글자 ?크기"),
        service=(
            r"(?:\S+ )?뉴스 더보기",
            r"기사 제보와 오류 지적이 있을 경우 .*",
            r"<저작권자.*>",
        ),
        origin=(r"원문 출처",),
        roles=(r"기자", r"특파원"),
        photo=(r"사진(?: ?출처)?", r"촬영", r"영상"),
        agencies=("인민망 한국어판", "인민망", "신화망", "신화사", "인민일보", "중국신문망"),
    ),
    calendar=Calendar(
        days=("%B %d, %Y", "%Y년 %m월 %d일", *_NUMERIC),
        clocks=("%H:%M", "%H시 %M분"),
        datelines=(r"\[(?P<agency>[^\[\]\d]{2,30}?) (?P<month>\d{1,2})월 (?P<day>\d{1,2})일\]",),
    ),
    seen="text copies of 2019 and 2025: '12:10, October 17, 2019' in English, '[인민망 한국어판 "
    "10월 17일]' at the story's head, '원문 출처: ...', '(Web editor: ...)', the service lines",
)

GERMAN = Edition(
    language="de",
    host="german.people.com.cn",
    other_hosts=_also("german"),
    site_names=("German.people.cn", "People's Daily Online"),
    words=Words(
        by=(r"von",),
        source=(r"quelle",),
        editor=(r"(?:web-?)?redakteur(?:in|innen|e)?", r"redaktion"),
        updated=(r"aktualisiert(?:\s+am)?",),
        related=(
            r"mehr zum thema",
            *(r"(?:verwandte|ähnliche|weitere) (?:artikel|nachrichten)", r"lesen sie auch"),
        ),
        next_page=("weiter", "nächste", "nächste seite"),
        end=(r"meistgelesen", r"videos?", r"bilder", r"interviews?", r"fachkräfte"),
        tools=(r"drucken", r"schriftgröße"),
        service=(
            r"folgen sie uns auf .*",
            r"german\.people\.cn, die etwas andere china-seite\.",
        ),
        between=(r"und",),
        roles=(r"korrespondent(?:in)?", r"journalist(?:in)?"),
        photo=(r"foto(?:grafie)?", r"bild(?:quelle)?", r"quelle"),
        agencies=("Xinhua", "German.people.cn", "German.china.org.cn", "CRI"),
    ),
    calendar=Calendar(
        days=("%d. %B %Y", *_DAYS),
        clocks=("%H:%M Uhr", "%H:%M"),
        months=(
            *(("januar", "jan"), ("februar", "feb"), ("märz",), ("april", "apr"), ("mai",)),
            *(("juni",), ("juli",), ("august", "aug"), ("september", "sept"), ("oktober", "okt")),
            *(("november", "nov"), ("dezember", "dez")),
        ),
        weekdays=(r"(?:mon|diens|donners|frei|sams|sonn)tag", r"mittwoch"),
        at=("um",),
        datelines=(_WIRE,),
    ),
    seen="text copies of 2019 and 2020: '(German.people.cn)' and 'Sonntag, 26. April 2020' in two "
    "lines, without a time; lists with '[26/04/2020 09:39]'; the promo lines",
)

PORTUGUESE = Edition(
    language="pt",
    host="portuguese.people.com.cn",
    aliases=("portuguese.people.cn",),
    other_hosts=_also("portuguese"),
    site_names=("Diário do Povo Online", "Diário do Povo"),
    words=Words(
        by=(r"por",),
        source=(r"fonte",),
        editor=(r"(?:editor(?:es|as?)?|redator(?:es|as?)?)(?:\s+web)?",),
        updated=(r"atualizad[oa](?:\s+em)?",),
        related=(
            r"(?:notícias|artigos|matérias) relacionad[oa]s",
            *(r"(?:leia|veja|ler) também", r"leia mais"),
        ),
        next_page=("próximo", "próxima", "próxima página", "seguinte"),
        end=(r"(?:as )?mais lidas", r"fotos"),
        tools=(r"imprimir", r"enviar", r"tamanho da letra"),
        service=(r"siga-nos (?:no|em) .*",),
        between=(r"e",),
        roles=(r"repórter(?:es)?", r"correspondente"),
        photo=(r"foto(?:grafia)?s?", r"imagem", r"vídeo"),
        agencies=("Xinhua", "Diário do Povo Online", "Diário do Povo", "CRI"),
    ),
    calendar=Calendar(
        days=("%d de %B de %Y", *_DAYS),
        clocks=("%Hh%M", "%H:%M"),
        months=(
            *(("janeiro", "jan"), ("fevereiro", "fev"), ("março",), ("abril", "abr"), ("maio",)),
            *(("junho", "jun"), ("julho", "jul"), ("agosto", "ago"), ("setembro", "set")),
            *(("outubro", "out"), ("novembro", "nov"), ("dezembro", "dez")),
        ),
        weekdays=(*(r"(?:segunda|terça|quarta|quinta|sexta)(?:-feira)?", r"sábado", r"domingo"),),
        ordinals=("º",),
        at=("às",),
        datelines=(_WIRE,),
    ),
    seen="a text copy of 2018: 'Fonte: Diário do Povo Online    15.06.2018 15h20', "
    "'Português>>China'",
)

SWAHILI = Edition(
    language="sw",
    host="swahili.people.cn",
    other_hosts=_also("swahili"),
    site_names=("People's Daily Online", "Umma wa China"),
    words=Words(
        by=(r"imeandikwa na", r"na"),
        source=(r"chanzo",),
        editor=(r"(?:m|wa)hariri",),
        updated=(r"imesasishwa",),
        related=(r"habari (?:zinazohusiana|husika)", r"soma (?:pia|zaidi)"),
        next_page=("ifuatayo", "mbele", "ukurasa unaofuata"),
        between=(r"na",),
        photo=(r"picha", r"video"),
        agencies=("Xinhua", "CRI"),
    ),
    calendar=Calendar(
        days=_DAYS,
        months=(
            *(("januari",), ("februari",), ("machi",), ("aprili",), ("mei",), ("juni",)),
            *(("julai",), ("agosti",), ("septemba",), ("oktoba",), ("novemba",), ("desemba",)),
        ),
        weekdays=(r"juma(?:mosi|pili|tatu|nne|tano)", r"alhamisi", r"ijumaa"),
        datelines=(_WIRE,),
    ),
    seen="host and channel ids alone",
)

ITALIAN = Edition(
    language="it",
    host="italian.people.cn",
    other_hosts=_also("italian", "it"),
    site_names=("Quotidiano del Popolo Online", "Quotidiano del Popolo"),
    words=Words(
        by=(r"di", r"a cura di"),
        source=(r"fonte",),
        editor=(r"redat(?:tor[ei]|trice)(?:\s+web)?", r"editor[ei]?"),
        updated=(r"aggiornat[oa](?:\s+il)?",),
        related=(r"(?:notizie|articoli) correlat[ei]", r"leggi anche"),
        next_page=("successivo", "successiva", "avanti", "pagina successiva"),
        end=(r"i più letti", r"foto"),
        between=(r"e", r"ed"),
        roles=(r"corrispondente", r"giornalista"),
        photo=(r"foto(?:grafia)?", r"immagine", r"video"),
        agencies=("Xinhua", "Quotidiano del Popolo Online", "Quotidiano del Popolo", "CRI"),
    ),
    calendar=Calendar(
        days=_DAYS,
        clocks=("%H:%M", "%H.%M"),
        months=(
            *(("gennaio", "gen"), ("febbraio", "feb"), ("marzo", "mar"), ("aprile", "apr")),
            *(("maggio", "mag"), ("giugno", "giu"), ("luglio", "lug"), ("agosto", "ago")),
            *(("settembre", "sett", "set"), ("ottobre", "ott"), ("novembre", "nov")),
            *(("dicembre", "dic"),),
        ),
        weekdays=(r"(?:lune|marte|mercole|giove|vener)dì", r"sabato", r"domenica"),
        ordinals=("º", "°"),
        at=("alle", "ore"),
        datelines=(_WIRE,),
    ),
    seen="that there is one, 2021; hosts by the habit of the others, unverified",
)

KAZAKH = Edition(
    language="kk",
    host="kazakh.people.cn",
    site_names=("People's Daily Online",),
    words=Words(
        source=(r"дерек ?көзі",),
        editor=(r"редактор(?:лар)?(?:ы)?",),
        updated=(r"жаңартылды",),
        related=(r"ұқсас жаңалықтар", r"тақырып бойынша"),
        next_page=("келесі", "келесі бет"),
        between=(r"және",),
        photo=(r"фото", r"сурет"),
        agencies=("Синьхуа", "Жэньминь жибао"),
    ),
    calendar=Calendar(
        days=("%Y жылғы %d %B", *_DAYS),
        months=(
            *(("қаңтар",), ("ақпан",), ("наурыз",), ("сәуір",), ("мамыр",), ("маусым",)),
            *(("шілде",), ("тамыз",), ("қыркүйек",), ("қазан",), ("қараша",), ("желтоқсан",)),
        ),
        datelines=(_WIRE,),
    ),
    seen="that there is one in Cyrillic letters, 2021; its host by the habit of the others, "
    "unverified",
)

THAI = Edition(
    language="th",
    host="thai.people.cn",
    other_hosts=_also("thai"),
    site_names=("People's Daily Online",),
    words=Words(
        source=(r"แหล่งที่มา", r"ที่มา"),
        editor=(r"บรรณาธิการ",),
        updated=(r"อัปเดต",),
        related=(r"ข่าวที่เกี่ยวข้อง",),
        next_page=("ถัดไป", "หน้าถัดไป"),
        between=(r"และ",),
        photo=(r"ภาพ(?:ถ่าย)?", r"ที่มาภาพ"),
        agencies=("Xinhua", "ซินหัว"),
    ),
    calendar=Calendar(
        # Dates with years of the Buddhist calendar are not parsed.
        days=_DAYS,
        months=(
            *(("มกราคม",), ("กุมภาพันธ์",), ("มีนาคม",), ("เมษายน",), ("พฤษภาคม",), ("มิถุนายน",)),
            *(("กรกฎาคม",), ("สิงหาคม",), ("กันยายน",), ("ตุลาคม",), ("พฤศจิกายน",)),
            *(("ธันวาคม",),),
        ),
    ),
    seen="that there is one, 2022; hosts by the habit of the others, unverified",
)

MALAY = Edition(
    language="ms",
    host="malay.people.cn",
    other_hosts=_also("malay"),
    site_names=("People's Daily Online",),
    words=Words(
        by=(r"oleh",),
        source=(r"sumber",),
        editor=(r"penyunting", r"editor"),
        updated=(r"dikemas ?kini",),
        related=(r"berita (?:berkaitan|lain)", r"baca juga"),
        next_page=("seterusnya", "halaman seterusnya"),
        between=(r"dan",),
        photo=(r"foto", r"gambar", r"video"),
        agencies=("Xinhua",),
    ),
    calendar=Calendar(
        days=_DAYS,
        months=(
            *(("januari", "jan"), ("februari", "feb"), ("mac",), ("april", "apr"), ("mei",)),
            *(("jun",), ("julai", "jul"), ("ogos",), ("september", "sept"), ("oktober", "okt")),
            *(("november", "nov"), ("disember", "dis")),
        ),
        weekdays=(r"isnin", r"selasa", r"rabu", r"khamis", r"jumaat", r"sabtu", r"ahad"),
        datelines=(_WIRE,),
    ),
    seen="that there is one, 2022; hosts by the habit of the others, unverified",
)

GREEK = Edition(
    language="el",
    host="www.greek.people.cn",
    aliases=("greek.people.cn",),
    other_hosts=("greek.people.com.cn", "www.greek.people.com.cn"),
    site_names=("People's Daily Online", "Η Λαϊκή Ημερησία"),
    words=Words(
        by=(r"από (?:τον|την|τους)", r"από", r"του", r"της"),
        source=(r"πηγή",),
        editor=(r"συντάκτ(?:ης|ρια|ες)", r"επιμέλεια", r"σύνταξη"),
        updated=(r"(?:τελευταία )?ενημέρωση", r"ενημερώθηκε"),
        related=(r"σχετικ(?:ά|ές|ό) (?:άρθρα|ειδήσεις|νέα|άρθρο)", r"διαβάστε (?:επίσης|ακόμη)"),
        next_page=("επόμενη", "επόμενο", "επόμενη σελίδα"),
        between=(r"και",),
        photo=(r"φωτο(?:γραφί(?:α|ες))?", r"εικόνα", r"βίντεο"),
        agencies=("Xinhua", "Σινχουά", "People's Daily Online"),
    ),
    calendar=Calendar(
        days=_DAYS,
        months=(
            *(("ιανουαρίου", "ιανουάριος", "ιαν"), ("φεβρουαρίου", "φεβρουάριος", "φεβ")),
            *(("μαρτίου", "μάρτιος", "μαρ"), ("απριλίου", "απρίλιος", "απρ")),
            *(("μαΐου", "μαίου", "μάιος", "μαϊ"), ("ιουνίου", "ιούνιος", "ιουν")),
            *(("ιουλίου", "ιούλιος", "ιουλ"), ("αυγούστου", "αύγουστος", "αυγ")),
            *(("σεπτεμβρίου", "σεπτέμβριος", "σεπ"), ("οκτωβρίου", "οκτώβριος", "οκτ")),
            *(("νοεμβρίου", "νοέμβριος", "νοε"), ("δεκεμβρίου", "δεκέμβριος", "δεκ")),
        ),
        weekdays=(
            *(r"δευτέρα", r"τρίτη", r"τετάρτη", r"πέμπτη", r"παρασκευή", r"σάββατο", r"κυριακή"),
        ),
        at=("στις",),
        datelines=(_WIRE,),
    ),
    seen="a crawler of 2023 selects div.w1000.d2txtCon.cf and .origin.cf on its pages",
)

VIETNAMESE = Edition(
    language="vi",
    host="vietnamese.people.cn",
    other_hosts=_also("vietnamese"),
    site_names=("People's Daily Online",),
    words=Words(
        by=(r"tác giả",),
        source=(r"nguồn",),
        editor=(r"biên tập(?: viên)?",),
        updated=(r"cập nhật(?: lúc)?",),
        related=(r"(?:tin|bài)(?: bài)? liên quan", r"đọc thêm"),
        next_page=("trang sau", "tiếp", "tiếp theo"),
        between=(r"và",),
        photo=(r"ảnh", r"hình ảnh", r"video"),
        agencies=("Tân Hoa Xã", "Xinhua", "Nhân Dân Nhật báo"),
    ),
    calendar=Calendar(
        days=("ngày %d tháng %m năm %Y", "%d tháng %m năm %Y", "%d tháng %m, %Y", *_NUMERIC),
        clocks=("%H:%M", "%Hh%M"),
        at=("lúc",),
    ),
    seen="that there is one, 2025; hosts by the habit of the others, unverified",
)

URDU = Edition(
    language="ur",
    host="urdu.people.cn",
    other_hosts=_also("urdu"),
    site_names=("People's Daily Online",),
    words=Words(
        source=(r"ذریعہ", r"ماخذ"),
        editor=(r"ایڈیٹر", r"مدیر"),
        updated=(r"اپ ?ڈیٹ",),
        related=(r"متعلقہ (?:خبریں|مضامین)",),
        next_page=("اگلا", "اگلا صفحہ"),
        between=(r"اور",),
        photo=(r"تصویر", r"فوٹو"),
        agencies=("شنہوا", "Xinhua"),
    ),
    calendar=Calendar(
        days=_DAYS,
        months=(
            *(("جنوری",), ("فروری",), ("مارچ",), ("اپریل",), ("مئی",), ("جون",), ("جولائی",)),
            *(("اگست",), ("ستمبر",), ("اکتوبر",), ("نومبر",), ("دسمبر",)),
        ),
    ),
    seen="that there is one, 2025; hosts by the habit of the others, unverified",
)

HINDI = Edition(
    language="hi",
    host="hindi.people.cn",
    other_hosts=_also("hindi"),
    site_names=("People's Daily Online",),
    words=Words(
        source=(r"स्रोत",),
        editor=(r"(?:संपादक|सम्पादक)",),
        updated=(r"अपडेट",),
        related=(r"(?:संबंधित|सम्बन्धित) (?:समाचार|खबरें|लेख)",),
        next_page=("अगला", "अगला पृष्ठ"),
        between=(r"और",),
        photo=(r"फोटो", r"तस्वीर", r"चित्र"),
        agencies=("शिन्हुआ", "Xinhua"),
    ),
    calendar=Calendar(
        days=_DAYS,
        months=(
            *(("जनवरी",), ("फरवरी", "फ\u093cरवरी"), ("मार्च",), ("अप्रैल",), ("मई",), ("जून",)),
            *(("जुलाई",), ("अगस्त",), ("सितंबर", "सितम्बर"), ("अक्टूबर", "अक्तूबर")),
            *(("नवंबर", "नवम्बर"), ("दिसंबर", "दिसम्बर")),
        ),
    ),
    seen="that there is one, 2025; hosts by the habit of the others, unverified",
)


def _minority(language: str, host: str, *other_hosts: str) -> Edition:
    """An edition for a nationality of China: Chinese labels and date forms of the CMS."""
    return Edition(
        language=language,
        host=host,
        other_hosts=other_hosts,
        site_names=("人民网",),
        words=Words(editor=(r"责任编辑", r"责编", r"编辑"), next_page=("下一页",)),
        calendar=Calendar(days=_NUMERIC),
        seen="the host in the language menu of a real page of 2022",
    )


MINORITIES = (
    _minority("bo", "tibet.people.com.cn", "tibet.people.cn", "tibet.cpc.people.com.cn"),
    _minority("mn-Mong", "mongol.people.com.cn", "mongol.people.cn"),
    _minority("ug", "uyghur.people.com.cn", "uyghur.people.cn"),
    # In Arabic script, unlike the foreign edition.
    _minority("kk-Arab", "kazakh.people.com.cn"),
    _minority("za", "sawcuengh.people.com.cn", "sawcuengh.people.cn"),
    _minority("ii", "yi.people.com.cn", "yi.people.cn"),
)

FOREIGN = (
    *(FRENCH, RUSSIAN, ARABIC, SPANISH, JAPANESE, KOREAN, GERMAN, PORTUGUESE, SWAHILI, ITALIAN),
    *(KAZAKH, THAI, MALAY, GREEK, VIETNAMESE, URDU, HINDI),
)
