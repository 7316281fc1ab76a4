"""Invented news: people, towns, rivers and events that do not exist.

All texts of the replica are composed of the project's own sentences, so it can be published, and
two runs are equal to the byte. Any likeness to real news is coincidence.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_TOWN_HEADS = _words(
    "Ala Bren Cor Dova Elm Far Gal Hest Iri Jor Kel Lir Mar Nes Ola Pell Quen Ros Sel Tav Ul Ves "
    "Wen Yar Zel Ashe Bryn Cald Dres Esk"
)
_TOWN_TAILS = _words(
    "ba ce dun esk fell gora hollow ika jeva kirk lund mere nova ost pool quay rin stead tona ury "
    "vale wick xa yle zan ford brook haven moor"
)
_GIVEN = _words(
    "Adri Bela Cado Dena Elio Fara Goro Hanu Ilse Jano Kira Lev Mina Nilo Ona Pavo Quill Rena Sami "
    "Tova Uri Vela Wim Yani Zora"
)
_FAMILY = _words(
    "Abrel Bostan Cerun Dalmo Estrin Fenwar Gorlan Hask Ibrin Jessop Kelda Lorran Mestre Norvil "
    "Ostrel Pardo Quillon Rasten Solvik Tremar Umbrel Vandor Westrin Yorrel Zamor"
)
_COUNTRIES = _words(
    "Lumeria Kestria Ardovia Norvania Teluria Maravel Ostland Pelagia Sarvona Veridia Zantara "
    "Corvenia"
)
_PRODUCTS = _words(
    "apples barley blankets bicycles candles carpets cheese clocks figs drums honey kites "
    "lanterns looms mushrooms paper pears pottery sails saffron silk tea walnuts wool"
)
_BODIES = (
    "Institute of Inland Waters",
    "Office for Rural Roads",
    "Guild of Weavers",
    "Weather Service",
    "Chamber of Small Trades",
    "Board of Schools",
    "Harbor Authority",
    "Academy of Crop Science",
    "Union of Choirs",
    "Heritage Trust",
)
_EDITORS = (
    "Adri Solvik",
    "Mina Kelda",
    "Hongmei Ta",
    "Jano Westrin",
    "Liu Wanqiao",
    "Bianji",
    "Zhong Wenlu",
    "Ona Pardo",
)


@dataclass(frozen=True, slots=True)
class Theme:
    """A kind of event: its headlines, leads and further sentences."""

    keywords: tuple[str, ...]
    titles: tuple[str, ...]
    leads: tuple[str, ...]
    middles: tuple[str, ...]


THEMES = (
    Theme(
        ("ferry", "river", "transport"),
        (
            "Night ferry links {town} and {town2} after {years} years",
            "New {river} ferry carries {num},000 travelers in first season",
            "{town} bets on electric ferries as {river} traffic grows {pct} pct",
        ),
        (
            (
                "the first of {small} electric ferries left {town} for {town2} on the {river} at dawn, "
                "ending a gap of {years} years in the service"
            ),
            (
                "boat traffic on the {river} rose by {pct} percent this season, harbor records in {town} "
                "showed, with most passengers bound for {town2}"
            ),
        ),
        (
            (
                "Each vessel seats {num} people and charges its batteries from the pier in {small} "
                "minutes."
            ),
            (
                "The old boats burned diesel and could not sail when the water fell below {small} "
                "decimeters."
            ),
            (
                "Traders in {town2} used to send their {product} by a mountain road that closed every "
                "winter."
            ),
            (
                "Tickets cost about the price of two bowls of noodles, and children under {small} travel "
                "free."
            ),
            (
                "Dredging of the {river} took {num} days and moved enough gravel to cover {num2} playing "
                "fields."
            ),
            "A crew of {small} keeps watch on a bend below {town} where fog gathers in autumn.",
        ),
    ),
    Theme(
        ("harvest", "farming", "village"),
        (
            "Growers near {town} bring in {num} tonnes of {product}",
            "How terraces above {town} saved a harvest of {product}",
            "{product} from {town} find buyers in {num} markets",
        ),
        (
            (
                "farmers on the terraces above {town} finished their harvest of {product} this week, "
                "{small} days earlier than last year"
            ),
            (
                "a cooperative of {num} families in {town} sold its whole stock of {product} within "
                "{small} days of opening an online stall"
            ),
        ),
        (
            (
                "The slopes face south, and a pond dug by hand {years} years ago feeds {num} small "
                "channels."
            ),
            "Cold nights in spring had damaged about {pct} percent of the buds in the lower plots.",
            "Buyers from {town2} now sign contracts before the first leaf shows.",
            (
                "{person}, who left the village at {small} and came back with a degree, runs the drying "
                "sheds."
            ),
            (
                "A sorting line bought second-hand handles {num} crates an hour and needs {small} "
                "people."
            ),
            "Soil tests by the {org} guide how much compost goes on each of the {num2} plots.",
        ),
    ),
    Theme(
        ("school", "education", "children"),
        (
            "Mountain school in {town} opens library of {num} titles",
            "Pupils of {town} send a balloon {small} km into the sky",
            "{town} teacher walks {num} km of paths to reach {small} pupils",
        ),
        (
            (
                "a primary school with {num} pupils in {town} opened a reading room built by parents "
                "over {small} weekends"
            ),
            (
                "{person}, a physics teacher in {town}, launched a weather balloon with {small} of her "
                "pupils and got it back from a field near {town2}"
            ),
        ),
        (
            "The shelves hold {num} books, most of them given by readers in {town2}.",
            "Lessons begin after the bus arrives from the farms along the {river}.",
            "Girls make up {pct} percent of the science club, up from a handful {years} years ago.",
            "The {org} lent a camera and paid for the helium.",
            "Older pupils read aloud to younger ones for {small} minutes before lunch.",
            "A former pupil, {person2}, drew the murals on the stairs during a visit home.",
        ),
    ),
    Theme(
        ("museum", "heritage", "crafts"),
        (
            "{num} kiln pieces go on show in {town} for first time",
            "Weavers of {town} revive a pattern lost for {years} years, with help from {town2}",
            "Museum in {town} rebuilds a mill on the {river} beam by beam",
        ),
        (
            (
                "an exhibition of {num} pots and tiles dug up along the {river} opened in {town}, some of "
                "them shown to the public for the first time"
            ),
            (
                "a workshop in {town} finished the first cloth in a pattern that nobody had woven for "
                "{years} years"
            ),
        ),
        (
            "The glaze holds iron from a pit near {town2}, according to tests by the {org}.",
            "{person} learned the stitch from a photograph and from {num} failed attempts.",
            "Visitors may turn the wheel themselves on {small} days a month.",
            "The oldest piece, a lamp no longer than a hand, was found under a bakery.",
            "Entry is free, and guides offer tours in {small} languages.",
            (
                "About {pct} percent of the timbers could be used again; the rest came from a barn in "
                "{town2}."
            ),
        ),
    ),
    Theme(
        ("football", "running", "match"),
        (
            "{person} wins {town} hill race by {small} seconds",
            "{town} beat {town2} {goals}-0 to reach the lake cup final",
            "Veteran {person} to leave {town} rowing crew after {num} races",
        ),
        (
            (
                "{person} won the hill race of {town} on a muddy course, {small} seconds ahead of "
                "{person2} of {town2}"
            ),
            (
                "a late goal by {person} took {town} into the final of the lake cup in front of {num} "
                "spectators"
            ),
        ),
        (
            "Rain had turned the last {small} kilometers into a stream.",
            (
                "The winner, {small} years old when she first entered, trains on the dikes of the "
                "{river}."
            ),
            "{person2} led until the bridge and then lost a shoe.",
            "A crowd of about {num},000 lined the road from {town2}.",
            "Organizers from the {org} gave every finisher a bag of {product}.",
            "The team has now gone {num2} matches without defeat at home.",
        ),
    ),
    Theme(
        ("trade", "factory", "market"),
        (
            "Exports of {product} from {town} up {pct} pct",
            "Small firms in {town} and {town2} share one robot workshop",
            "{town} {product} fair closes with {num} orders",
        ),
        (
            (
                "shipments of {product} from the port of {town} rose by {pct} percent in the first "
                "{small} weeks of the quarter, the {org} said"
            ),
            "a fair for {product} in {town} closed with {num} orders, most of them from {country}",
        ),
        (
            "{small} workshops share a cutting machine that none of them could have paid for alone.",
            "Freight by rail to {town2} takes {small} hours, half of what it took before the tunnel.",
            "Wages in the district grew by {pct} percent, faster than prices.",
            "An engineer, {person}, wrote the software in the evenings after her shift.",
            "R&D now takes {small} percent of sales, against almost nothing {years} years ago.",
            "Buyers asked for smaller lots & quicker delivery, {person2} of the {org} noted.",
        ),
    ),
    Theme(
        ("talks", "diplomacy", "cooperation"),
        (
            "{country} and {country2} agree on {num} km border rail link at {town}",
            "Lake states meet in {town} to share {river} water data",
            "{country} minister visits {town} for talks on {num} scholarships",
        ),
        (
            (
                "ministers of {country} and {country2} signed an agreement in {town} on a rail link of "
                "{num} kilometers along the {river}"
            ),
            (
                "delegates of {small} lake states agreed in {town} to publish the level of the {river} "
                "every {small} hours"
            ),
        ),
        (
            "The line will have {small} stations and a single customs post at {town2}.",
            "Both sides plan to exchange {num} students a year, {person} told reporters.",
            "Work should begin once the parliament of {country2} has voted.",
            "The {org} will train {num2} surveyors from the region.",
            "Trade between the two countries grew by {pct} percent in the past {small} months.",
            "Earlier rounds of talks, held over {years} years, had ended without a text.",
        ),
    ),
    Theme(
        ("science", "satellite", "research"),
        (
            "Students in {town} build a satellite the size of {num} matchboxes",
            "Sensors under the {river} at {town} hear {num} kinds of fish",
            "{town} lab finds a {product} fiber {small} times stronger than cotton",
        ),
        (
            (
                "a team led by {person} of the {org} has laid {num} microphones in the {river} near "
                "{town} and can tell its fish apart by sound"
            ),
            (
                "students in {town} handed over a satellite that weighs less than {small} kilograms and "
                "took {num} days to build"
            ),
        ),
        (
            "The signal is sent every {small} minutes to a mast in {town2}.",
            "Errors fell to {pct} percent after the team threw out recordings made in storms.",
            "The work was checked by a second group, which used {num} samples of its own.",
            "Power comes from a panel no larger than a tea tray; it survives at temperatures < 0 C.",
            "{person2}, a doctoral student, noticed the pattern while cleaning old data.",
            "The {org} will publish the {num2} recordings next spring.",
        ),
    ),
    Theme(
        ("wetland", "birds", "environment"),
        (
            "Cranes return to {town} wetland, {num} counted",
            "Volunteers plant {num},000 reeds along the {river} at {town}",
            "{town} opens {num}-km path around its lake",
        ),
        (
            (
                "{num} cranes have landed on the wetland outside {town}, the highest count in {years} "
                "years, rangers said"
            ),
            (
                "volunteers from {town} and {town2} planted reeds along {small} kilometers of the "
                "{river} over one weekend"
            ),
        ),
        (
            "Rangers count at sunrise from {small} towers and compare notes by radio.",
            "A paper mill upstream closed {years} years ago, and the water has cleared since.",
            "The path is made of crushed tiles from a demolished hall in {town2}.",
            "Water birds eat what the {product} growers leave in the fields.",
            "Oxygen in the water rose by {pct} percent, a survey of the {org} found.",
            "{person} has photographed the flock on {num2} mornings.",
        ),
    ),
    Theme(
        ("festival", "music", "holiday"),
        (
            "{town} lantern night draws {num},000 visitors",
            "Choirs of {town} and {town2} sing on {small} bridges",
            "In {town}, a {product} parade returns after {years} years",
        ),
        (
            (
                "about {num},000 people walked through {town} on lantern night, the largest crowd in "
                "{years} years"
            ),
            "choirs from {town} and {town2} sang on {small} bridges over the {river} until midnight",
        ),
        (
            "The lamps are made of oiled paper and {product}.",
            "Hotels as far away as {town2} were full, the {org} said.",
            "{person} carried the lead lantern, as her grandfather did {years} years ago.",
            "Streets closed for {small} hours and reopened without an accident.",
            "Stalls sold {num} pots of soup before the first song.",
            "Next year's route will pass the hospital, so that patients can watch, said {person2}.",
        ),
    ),
)

_COMMON = (
    "“We did not expect this many people,” said {person}, who has worked in {town} for {years} years.",
    "“It is a start, not an end,” {person} said. “Ask me again in {small} months.”",
    "{person2} of the {org} called the figures “solid, but not a reason to rest.”",
    "Similar projects are under way in {town2} and in {small} other places on the {river}.",
    "The cost, about {num2} million crowns, was shared by the district and its residents.",
    "A report with the details is due before the end of the {season}.",
    "“My children will see it differently from me – and that is good,” {person2} told visitors.",
    (
        "Not everyone is convinced: a reader’s letter in the {town2} gazette asked who would pay for "
        "repairs."
    ),
    "Local people point to an older plan, dropped {years} years ago for lack of money.",
    "Officials in {country} have asked for the drawings, the {org} said.",
    "The weather stayed dry for all but {small} of the {num2} days.",
    "Work continues on the eastern bank, where {person} leads a crew of {small}.",
    "Of {num} people asked in a survey, {pct} percent said they would come again.",
    "Seen from the tower of {town}, the change is easy to spot: green where there was gray.",
    "“Numbers matter less than habits,” she said — and went back to her desk.",
    "Since {weekday}, a small display at the station of {town2} explains how it was done.",
    "The idea came from {country2}, where {person2} spent {small} years.",
    "A second phase would bring in {town2}, {num} households in all.",
    "Nobody was hurt, and the road to {town2} stayed open.",
    "Until then, {person} keeps a notebook with {num} entries, one for each day.",
)

_CAPTIONS = (
    "{person} looks over the {river} near {town}, {country}, {day}.",
    "People walk along the quay of {town}, {country}, on {day}.",
    "A worker packs {product} at a shed in {town}, {country}, {day}.",
    "This photo taken on {day} shows a street in {town2}, {country}.",
    "Visitors gather in front of the old hall in {town}, {country}, {day}.",
    "{person2} (R) talks with {person} in {town}, {country}, {day}.",
    "Aerial photo shows boats on the {river} at {town2}, {country}, {day}.",
    "Children carry {product} through {town}, {country}, on {day}.",
    "A view of the bridge between {town} and {town2}, {country}, {day}.",
    "Members of a choir rehearse in {town}, {country}, {day}.",
)

SUBHEADINGS = (
    "A slow beginning",
    "What the figures say",
    "Voices from the quay",
    "Next steps",
    "Lessons from the neighbors",
)
KICKERS = ("Replica Stories", "Lake Country Diary", "Invented Places", "Notes from the Quay")
SUBTITLES = (
    "A look at what changed, and what did not, in {town}",
    "Residents of {town2} hope to follow",
    "{num2} people took part, the {org} says",
)
CHINESE_EDITORS = ("林小禾", "任一舟")


class Facts(dict[str, str]):
    """The facts of a story, generated when a sentence first uses them.

    ``{town2}`` is a second town; equal names give equal facts.
    """

    def __init__(self, rng: Random, given: Mapping[str, str]) -> None:
        super().__init__(given)
        self._rng = rng

    def __missing__(self, name: str) -> str:
        value = self._make(name.rstrip("0123456789"))
        self[name] = value
        return value

    def _make(self, kind: str) -> str:
        choice, between = self._rng.choice, self._rng.randint
        match kind:
            case "town":
                return choice(_TOWN_HEADS) + choice(_TOWN_TAILS)
            case "river":
                return choice(_TOWN_HEADS) + choice(("a", "en", "or")) + " River"
            case "person":
                return person(self._rng)
            case "country":
                return choice(_COUNTRIES)
            case "product":
                return choice(_PRODUCTS)
            case "org":
                return f"{choice(_TOWN_HEADS)}{choice(_TOWN_TAILS)} {choice(_BODIES)}"
            case "season":
                return choice(("spring", "summer", "autumn", "winter"))
            case "weekday":
                return choice(("Monday", "Tuesday", "Thursday", "Friday"))
            case "pct":
                return f"{between(2, 79)}.{between(1, 9)}"
            case "goals":
                return str(between(1, 5))
            case "small":
                return str(between(3, 29))
            case "years":
                return str(between(11, 120))
            case "num":
                return str(between(130, 990))
        raise KeyError(kind)


def person(rng: Random) -> str:
    """An invented name."""
    return f"{rng.choice(_GIVEN)} {rng.choice(_FAMILY)}"


def editor(rng: Random) -> str:
    """An invented editor's name."""
    return rng.choice(_EDITORS)


def headline(theme: Theme, facts: Facts, rng: Random) -> str:
    """A headline of the theme."""
    title = rng.choice(theme.titles).format_map(facts)
    return title[0].upper() + title[1:]


def lead(theme: Theme, facts: Facts, rng: Random) -> str:
    """The first sentence, for use after a dateline."""
    sentence = rng.choice(theme.leads).format_map(facts)
    return sentence[0].upper() + sentence[1:] + "."


def paragraphs(theme: Theme, facts: Facts, rng: Random, count: int) -> list[str]:
    """``count`` further paragraphs, without repeated sentences."""
    pool = [*theme.middles, *_COMMON]
    rng.shuffle(pool)
    made = []
    for left in range(count, 0, -1):
        take = max(1, min(rng.randint(1, 3), len(pool) - left + 1))
        made.append(" ".join(pool.pop().format_map(facts) for _ in range(take)))
    return made


def captions(facts: Facts, rng: Random, count: int) -> Sequence[str]:
    """``count`` different captions without a credit."""
    return [text.format_map(facts) for text in rng.sample(_CAPTIONS, count)]
