"""Labelled pairs of invented stories: the same text, another text, or grey.

A label says whether a reader of the corpus wants both texts. Long stories are the embedded site's
prose; the notes that come out every day with other figures are written here, because nothing is
closer to a duplicate without being one. Equal seeds make equal pairs.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from random import Random

from peoplesdaily.replica import prose


class Label(Enum):
    DUPLICATE = "duplicate"
    GREY = "grey"
    OTHER = "another story"


@dataclass(frozen=True, slots=True)
class Text:
    """What a story says: headline and paragraphs."""

    title: str
    paragraphs: tuple[str, ...]

    @property
    def body(self) -> str:
        return "\n\n".join(self.paragraphs)


@dataclass(frozen=True, slots=True)
class Pair:
    """Two texts, the way from the first to the second, and what that makes of them."""

    kind: str
    label: Label
    first: Text
    second: Text


def _split(words: str) -> list[str]:
    return words.split()


_MONTHS = _split(
    "January February March April May June July August September October November December"
)
_WEEKDAYS = _split("Monday Tuesday Wednesday Thursday Friday")


class _Slots(prose.Facts):
    """The prose's facts, and those of daily notes."""

    def _make(self, kind: str) -> str:
        choice, between = self._rng.choice, self._rng.randint
        match kind:
            case "index":
                return f"{between(2, 9)},{between(100, 999)}.{between(10, 99)}"
            case "change":
                return f"{between(0, 3)}.{between(10, 99)}"
            case "rate":
                return f"6.{between(1000, 9999)}"
            case "degrees":
                return str(between(-9, 34))
            case "medals":
                return str(between(0, 30))
            case "moved":
                return choice(("rose", "fell", "gained", "lost"))
            case "side":
                return choice(("higher", "lower"))
            case "sky":
                return choice(("sunny", "cloudy", "overcast", "clear"))
            case "warning":
                return choice(("blue", "yellow", "orange"))
            case "accident":
                return choice(("a flood", "a train accident", "a mine fire", "a landslide"))
            case "clock":
                return f"{between(0, 23):02}:{between(0, 59):02}"
            case "wind":
                return choice(("north", "northeast", "south", "west"))
            case "周":
                return f"周{choice('一二三四五')}"
            case "城":
                return choice(_CHINESE_HEADS) + choice(_CHINESE_TAILS)
            case "人":
                return choice(_CHINESE_FAMILIES) + choice(_CHINESE_GIVEN)
        return super()._make(kind)


# --- Notes that come out every day ---------------------------------------------------------------

_NOTES: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "market closing": (
        "{country} shares close {side} {weekday}",
        (
            "{country} shares closed {side} on {weekday}, with the main index of the {country} "
            "exchange up or down {change} percent at {index} points.",
            "The index of the smaller board in {country} closed {change2} percent {side2} at "
            "{index2} points.",
            "The turnover of shares on the two boards came to {num}.{small} billion crowns, "
            "against {num2}.{small2} billion crowns on the trading day before.",
            "Shares of {product} makers led the gains, while those of builders and shipping lines "
            "were among the weakest of the day.",
            "An index of young companies that the exchange has kept since its opening {moved} "
            "{change3} percent to end the day at {index3} points.",
        ),
    ),
    "exchange rate": (
        "{country} crown {moved} against the lake dollar {weekday}",
        (
            "The reference rate of the {country} crown {moved} by {small} points to {rate} against "
            "the lake dollar on {weekday}, the exchange of the central bank announced.",
            "On the spot market the crown may move by 2 percent to either side of the reference "
            "rate within a trading day.",
            "The reference rate is made from the offers that banks hand in before the market opens "
            "each morning, weighted by the trade of each bank in the quarter before, and without "
            "the highest and the lowest offer.",
        ),
    ),
    "weather warning": (
        "{country} renews {warning} warning of heavy rain",
        (
            "The weather service of {country} on {weekday} renewed its {warning} warning of heavy "
            "rain for parts of the country.",
            "From {weekday} afternoon to the afternoon after, rain is expected in {town}, {town2}, "
            "{town3} and along the {river}, with up to {num} millimeters in places, the service "
            "said.",
            "Some of these areas may see more than {small} millimeters in an hour, with thunder "
            "and strong gusts.",
            "The service advised local governments to look after drains and dikes, to close open "
            "sites where needed, and to watch slopes for slides.",
            "{country} has a scale of four colors for warnings of rain, of which red is the most "
            "severe, before orange, yellow and blue.",
        ),
    ),
    "city weather": (
        "Weather in the lake cities, {weekday}",
        (
            "The following is the forecast for the cities of the lake country on {weekday}.",
            "{town}: {sky}, {degrees} to {degrees2} degrees, {wind} wind of force {small}. "
            "Dovamere: {sky2}, {degrees3} to {degrees4} degrees, {wind2} wind. "
            "Brenika: {sky3}, {degrees5} to {degrees6} degrees, {wind3} wind. "
            "Galwick: {sky4}, {degrees7} to {degrees8} degrees, {wind4} wind. "
            "Ashepool: {sky5}, {degrees9} to {degrees10} degrees, {wind5} wind.",
            "Readings are taken at noon on the roof of the weather service, and forecasts are "
            "renewed every six hours.",
        ),
    ),
    "medal table": (
        "Medal table of the lake games after {weekday}",
        (
            "The leading teams in the medal table of the lake games after the events of {weekday} "
            "(read as gold, silver, bronze and total):",
            "Lumeria {medals} {medals2} {medals3} {num}, Kestria {medals4} {medals5} {medals6} "
            "{num2}, Ardovia {medals7} {medals8} {medals9} {num3}, Norvania {medals10} {medals11} "
            "{medals12} {num4}, Teluria {medals13} {medals14} {medals15} {num5}.",
            "Teams with equal numbers of gold medals are listed by silver, then by bronze, and by "
            "their names where these are equal as well.",
        ),
    ),
    "earthquake": (
        "{pct}-magnitude quake hits off {country}",
        (
            "An earthquake with a magnitude of {pct} struck {num} kilometers south of {town}, "
            "{country}, at {clock} on {weekday}, the quake office of the lake states said.",
            "Its epicenter, at a depth of {small}.{goals} kilometers, was first put at "
            "{degrees}.{small2} degrees south and {num2}.{small3} degrees east.",
        ),
    ),
    "lottery": (
        "Winning numbers of the {weekday} draw",
        (
            "Nobody matched all the numbers of the lake draw on {weekday}, so that the first prize "
            "of {num} thousand crowns moves on to the next draw.",
            "The numbers drawn were {small}, {small2}, {small3}, {small4} and {small5}, with "
            "{goals} as the extra number. Tickets for the next draw are sold until noon.",
            "Prizes have to be claimed within sixty days at the office that sold the ticket.",
        ),
    ),
    "air quality": (
        "Air in {town} ranks {small}th of lake cities",
        (
            "The air of {town} held {small2} micrograms of fine dust in a cubic meter last month, "
            "{pct} percent {side} than a year before, the office for clean air said on {weekday}.",
            "The office measures at {small3} places, among them a school, a harbor and a park, and "
            "publishes its readings each month.",
            "A reading below 35 counts as good under the rules of the lake states, one below 75 as "
            "fair, and cities above that have to hand in a plan within three months.",
        ),
    ),
    "visit announced": (
        "Foreign minister of {country2} to visit {country}",
        (
            "At the invitation of the foreign minister of {country}, {person} of {country2} will "
            "pay an official visit to {country} from {small} to {small2} of the month, a "
            "spokesperson of the ministry told a press briefing on {weekday}.",
            "The two sides will exchange views on relations between their countries and on "
            "international and regional questions of common concern, the spokesperson said.",
        ),
    ),
    "condolences": (
        "{country} sends condolences to {country2} over {accident}",
        (
            "The president of {country} on {weekday} sent a message of condolence to the president "
            "of {country2} over {accident} near {town2}.",
            "On behalf of the government and the people of {country}, the president expressed deep "
            "sympathy with the families of those who died, and wished the injured an early "
            "recovery.",
        ),
    ),
    "汇率": (
        "{城}克朗对湖元中间价报{rate}",
        (
            "{城}外汇市场{周}公布，当日克朗对湖元汇率中间价报{rate}，较前一交易日变动{small}个基点。",
            "按照规定，即期市场上克朗对湖元的交易价可以在中间价上下百分之二的幅度内浮动。"
            "中间价由各家银行在开市之前报出，去掉最高和最低报价之后加权平均得出，权重由市场根据上一季度的交易量确定。",
        ),
    ),
    "天气": (
        "{城}气象台继续发布暴雨预警",
        (
            "{城}气象台{周}{clock}继续发布暴雨预警：预计今天下午到明天下午，{城2}、{城3}和{城4}等地有大到暴雨，"
            "局部雨量可达{num}毫米，最大小时降雨量{small}毫米。",
            "气象台提醒，各地要注意防范山洪、滑坡等灾害，检查排水设施，必要时停止户外作业，"
            "驾驶人员应当避开积水路段，学校可以根据情况调整上课时间。",
        ),
    ),
}

_CHINESE_HEADS = _split("青 白 云 石 临 东 南 望 长 清 安 永")
_CHINESE_TAILS = _split("湖城 河镇 桥市 渡口 山镇 林县 泉市 沙洲")
_CHINESE_FAMILIES = _split("林 任 舒 温 柏 简")
_CHINESE_GIVEN = _split("小禾 一舟 远山 知秋 明月 晚晴")
_CHINESE_TITLES = (
    "{城}新渡船载客{num}万人次",
    "{城}老街修复用时{small}个月",
    "{城}果农今年多收{num}吨",
)
_CHINESE_SENTENCES = (
    "{城}到{城2}的电动渡船昨天清晨开航，中断{years}年的水路重新连通。",
    "船上可以坐{num}人，靠岸以后只要{small}分钟就能充满电。",
    "从前，{城2}的商贩要走山路把茶叶运出来，一到冬天大雪封山就断了生意。",
    "“没想到第一天就来了这么多人，”在码头工作了{small}年的{人}说。",
    "疏浚河道花了{num}天，挖出来的沙石铺满了{small}个操场。",
    "票价大约相当于两碗面条，{small}岁以下的孩子不要钱。",
    "{人2}给孙女买了第一张票，她说自己小时候就是坐着船去上学的。",
    "工程师{人3}介绍，旧船烧柴油，水位低的时候开不了。",
    "县里打算明年再添{small}条船，把航线一直延伸到{城3}。",
    "沿岸的老房子也在修，木匠们用的是从拆掉的仓库里找来的梁。",
    "有居民担心游客太多会吵，镇上答应晚上九点以后停航。",
    "图书馆里办了一个小展览，讲的是这条河上一百年来的船。",
    "调查了{num}户人家，有{pct}%的人说愿意再坐一次。",
    "秋天起雾的时候，河湾处有{small}个人轮流值守。",
    "{人}在本子上记着每天的客流，最多的一天超过{num2}人。",
    "学校把第一堂地理课搬到了船上，孩子们一边看水鸟一边画地图。",
    "修船厂的师傅说，新船的底比旧船平，过浅滩不容易搁住。",
    "傍晚的时候，岸边的饭馆坐满了人，鱼汤的香味飘得很远。",
)


def _note(kind: str, rng: Random, series: Mapping[str, str] | None = None) -> Text:
    slots = _Slots(rng, series or {})
    title, paragraphs = _NOTES[kind]
    made = tuple(paragraph.format_map(slots) for paragraph in paragraphs)
    return Text(title.format_map(slots), made)


# --- Stories -------------------------------------------------------------------------------------


def _dateline(rng: Random, place: str) -> str:
    return f"{place.upper()}, {rng.choice(_MONTHS)[:3]}. {rng.randint(1, 28)} (Xinhua) -- "


def _story(rng: Random, facts: prose.Facts | None = None, theme: prose.Theme | None = None) -> Text:
    theme = theme or rng.choice(prose.THEMES)
    facts = facts if facts is not None else prose.Facts(rng, {})
    lead = _dateline(rng, facts["town"]) + prose.lead(theme, facts, rng)
    # From a brief of four paragraphs to a feature of fourteen.
    told = prose.paragraphs(theme, facts, rng, rng.randint(3, 13))
    return Text(prose.headline(theme, facts, rng), (lead, *told))


def _chinese_story(rng: Random) -> Text:
    slots = _Slots(rng, {})
    sentences = rng.sample(_CHINESE_SENTENCES, rng.randint(6, 16))
    said = [sentence.format_map(slots) for sentence in sentences]
    cut = [said[at : at + 2] for at in range(0, len(said), 2)]
    return Text(rng.choice(_CHINESE_TITLES).format_map(slots), tuple("".join(p) for p in cut))


# --- From one text to another --------------------------------------------------------------------

_UNIT = re.compile(r"[\u4e00-\u9fff]{1,2}|[^\W_]+(?:['’.,-][^\W_]+)*")


def edited(text: Text, share: float, rng: Random) -> Text:
    """``share`` of the words, all over the text, replaced, left out or followed by another."""
    body = text.body
    found = list(_UNIT.finditer(body))
    chosen = sorted(rng.sample(found, max(1, round(share * len(found)))), key=lambda m: m.start())
    made, at = [], 0
    for match in chosen:
        other = rng.choice(found)[0]
        gap = "" if re.match(r"[\u4e00-\u9fff]", match[0]) else " "
        word = rng.choices((other, "", f"{match[0]}{gap}{other}"), (6, 2, 2))[0]
        made += [body[at : match.start()], word]
        at = match.end()
    return Text(text.title, tuple("".join([*made, body[at:]]).split("\n\n")))


_SENTENCE_END = re.compile(r"(?<=[.!?”。！？])\s*(?=[A-Z“\u4e00-\u9fff])")


def _one_sentence_changed(text: Text, rng: Random) -> Text:
    at = rng.randrange(len(text.paragraphs))
    sentences = _SENTENCE_END.split(text.paragraphs[at])
    chinese = bool(re.search(r"[\u4e00-\u9fff]", text.body))
    fresh = _chinese_story(rng) if chinese else _story(rng)
    new = rng.choice(_SENTENCE_END.split(rng.choice(fresh.paragraphs[1:])))
    sentences[rng.randrange(len(sentences))] = new
    return _with(text, at, ("" if chinese else " ").join(sentences))


def _with(text: Text, at: int, paragraph: str) -> Text:
    return Text(text.title, (*text.paragraphs[:at], paragraph, *text.paragraphs[at + 1 :]))


def _figure_corrected(text: Text, rng: Random) -> Text:
    """One figure of the story's own paragraphs is another one."""
    places = [
        (at, match)
        for at, paragraph in enumerate(text.paragraphs)
        for match in re.finditer(r"\d+", paragraph)
        if at
    ]
    if not places:
        return _one_sentence_changed(text, rng)
    at, match = rng.choice(places)
    said = text.paragraphs[at]
    new = f"{said[: match.start()]}{int(match[0]) + rng.randint(1, 9)}{said[match.end() :]}"
    return _with(text, at, new)


def _new_headline(text: Text, rng: Random) -> Text:
    return Text(_story(rng).title, text.paragraphs)


_STRAIGHT = str.maketrans({"“": '"', "”": '"', "‘": "'", "’": "'", "–": "-"})


def _typography(text: Text, rng: Random) -> Text:
    said = [paragraph.translate(_STRAIGHT).replace("--", "—") for paragraph in text.paragraphs]
    if rng.random() < 0.5:
        said[-2:] = [" ".join(said[-2:])]
    return Text(text.title.upper(), tuple(said))


_HEAD = re.compile(r"^(?P<place>[A-Z]+), (?P<month>[A-Z][a-z]{2})\. (?P<day>\d+) \(Xinhua\) -- ")


def _other_dateline(text: Text, rng: Random) -> Text:
    match = _HEAD.match(text.paragraphs[0])
    if match is None:  # a note or a Chinese story, which begin without
        chinese = bool(re.search(r"[\u4e00-\u9fff]", text.body))
        head = "人民网青湖城11月26日电 " if chinese else _dateline(rng, "Dovamere")
        return _with(text, 0, head + text.paragraphs[0])
    place, day = match["place"].title(), match["day"]
    month = next(name for name in _MONTHS if name.startswith(match["month"]))
    head = rng.choice(
        (
            "",
            f"{place}, {month} {day} (Xinhua) — ",
            f"{place.upper()} -- ",
            f"{place} ({rng.choice(('Agencies', 'China Daily'))}) - ",
            f"({month} {day}, {place}, Xinhua) ",
            f"Xinhua, {place}, {day} {month}: ",
        )
    )
    return _with(text, 0, head + text.paragraphs[0][match.end() :])


def _paragraph_dropped(text: Text, rng: Random) -> Text:
    at = rng.randrange(1, len(text.paragraphs))
    return Text(text.title, (*text.paragraphs[:at], *text.paragraphs[at + 1 :]))


def _paragraphs_reordered(text: Text, rng: Random) -> Text:
    rest = list(text.paragraphs[1:])
    rng.shuffle(rest)
    return Text(text.title, (text.paragraphs[0], *rest))


def _cut(low: float, high: float) -> Callable[[Text, Random], Text]:
    def cut(text: Text, rng: Random) -> Text:
        """The first words only, as of a repost that ends with "read more"."""
        length = round(len(text.body) * rng.uniform(low, high))
        return Text(text.title, tuple(text.body[:length].split("\n\n")))

    return cut


def _paragraph_added(text: Text, rng: Random) -> Text:
    chinese = bool(re.search(r"[\u4e00-\u9fff]", text.body))
    fresh = _chinese_story(rng) if chinese else _story(rng)
    return Text(text.title, (*text.paragraphs, rng.choice(fresh.paragraphs[1:])))


def _reposted(text: Text, rng: Random) -> Text:
    """What an editor does in a minute: headline, dateline, a sentence, a few words."""
    text = _other_dateline(_new_headline(text, rng), rng)
    return edited(_one_sentence_changed(text, rng), 0.01, rng)


def _words(share: float) -> Callable[[Text, Random], Text]:
    return lambda text, rng: edited(text, share, rng)


_FROM_STORIES: tuple[tuple[str, Label, Callable[[Text, Random], Text]], ...] = (
    ("new headline", Label.DUPLICATE, _new_headline),
    ("other quotes, dashes, breaks", Label.DUPLICATE, _typography),
    ("other dateline", Label.DUPLICATE, _other_dateline),
    ("one sentence changed", Label.DUPLICATE, _one_sentence_changed),
    ("one figure corrected", Label.DUPLICATE, _figure_corrected),
    ("headline, dateline, sentence", Label.DUPLICATE, _reposted),
    ("paragraph added", Label.DUPLICATE, _paragraph_added),
    ("paragraph dropped", Label.DUPLICATE, _paragraph_dropped),
    ("paragraphs reordered", Label.DUPLICATE, _paragraphs_reordered),
    ("cut to 75 to 95 %", Label.DUPLICATE, _cut(0.75, 0.95)),
    ("5 % of words edited", Label.DUPLICATE, _words(0.05)),
    ("10 % of words edited", Label.DUPLICATE, _words(0.10)),
    ("20 % of words edited", Label.GREY, _words(0.20)),
    ("30 % of words edited", Label.GREY, _words(0.30)),
    ("cut to 45 to 75 %", Label.GREY, _cut(0.45, 0.75)),
    ("short version, 15 to 45 %", Label.OTHER, _cut(0.15, 0.45)),
    ("50 % of words edited", Label.OTHER, _words(0.50)),
)
_FROM_NOTES = _FROM_STORIES[:3]


def _same_event(rng: Random) -> tuple[Text, Text]:
    """Two reporters on one event: the same facts, a quarter of the statements in common."""
    theme = rng.choice(prose.THEMES)
    facts = prose.Facts(rng, {})
    leads = rng.sample(theme.leads, 2)
    told = prose.paragraphs(theme, facts, rng, 16)
    shared, own = told[:2], (told[2:8], told[8:14])
    texts = []
    for lead, paragraphs in zip(leads, own, strict=True):
        head = _dateline(rng, facts["town"]) + lead.format_map(facts) + "."
        said = rng.sample(paragraphs + shared, len(paragraphs + shared))
        texts.append(Text(prose.headline(theme, facts, rng), (head, *said)))
    return texts[0], texts[1]


def _same_mould(rng: Random) -> tuple[Text, Text]:
    """The same sentences with other names and figures throughout: another event."""
    theme, seed = rng.choice(prose.THEMES), rng.random()
    said = [prose.lead(theme, _Kept(), Random(seed))]
    said += prose.paragraphs(theme, _Kept(), Random(seed), 1 + int(9 * seed))
    texts = []
    for _ in range(2):
        facts = prose.Facts(rng, {})
        told = tuple(paragraph.format_map(facts) for paragraph in said)
        texts.append(Text(prose.headline(theme, facts, rng), told))
    return texts[0], texts[1]


class _Kept(prose.Facts):
    """Leaves every slot as it is."""

    def __init__(self) -> None:
        super().__init__(Random(0), {})

    def __missing__(self, name: str) -> str:
        return f"{{{name}}}"


def labelled(stories: int, seed: int = 1) -> Iterator[Pair]:
    """Pairs of every kind, ``stories`` of each kind (of notes: that many of each sort of note).

    Which story is the first of a pair differs from kind to kind, so that all first texts together
    are also a corpus of unrelated stories.
    """
    rng = Random(seed)
    for kind, label, change in _FROM_STORIES:
        for number in range(stories):
            text = _chinese_story(rng) if number % 6 == 5 else _story(rng)
            yield Pair(kind, label, text, change(text, rng))
    for kind, label, change in _FROM_NOTES:
        for number in range(stories):
            text = _note(list(_NOTES)[number % len(_NOTES)], rng)
            yield Pair(f"daily note, {kind}", label, text, change(text, rng))
    others: dict[str, Callable[[], tuple[Text, Text]]] = {
        "unrelated": lambda: (_story(rng), _story(rng)),
        "one event, two stories": lambda: _same_event(rng),
        "same sentences, other names": lambda: _same_mould(rng),
    }
    for note in _NOTES:
        others[f"another day's {note}"] = lambda note=note: tuple(series(note, 2, rng))  # type: ignore[misc]
    for kind, make in others.items():
        for _ in range(stories):
            yield Pair(kind, Label.OTHER, *make())


def series(note: str, days: int, rng: Random) -> list[Text]:
    """One sort of note on ``days`` days: about one place, and only what happened differs."""
    place = _Slots(rng, {})
    same = {name: place[name] for name in ("country", "town", "product", "城")}
    return [_note(note, rng, same) for _ in range(days)]


def story(rng: Random) -> Text:
    """A story that has nothing to do with any other."""
    return _story(rng)
