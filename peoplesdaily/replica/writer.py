"""Generates a story: its variants of the site's pages, and its invented text.

Variants rotate with a story's ordinal within its template, each at its own period: a small
catalogue has all of them, a large one most combinations.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Literal, TypeVar

from peoplesdaily.items import Dateline, Link
from peoplesdaily.replica import prose
from peoplesdaily.replica.story import (
    HOST,
    Block,
    Byline,
    CaptionStyle,
    Layout,
    Picture,
    Promo,
    Prose,
    Run,
    Story,
    Style,
    TemplateName,
    Video,
)

Form = Literal["prose", "gallery", "pages", "video", "pictures"]
Figure = Literal["none", "plain", "two", "em", "centre", "alternate", "silent", "late"]
Detail = Literal[
    "plain", "inline", "br", "nbsp", "ideographic", "entities", "straight", "zero_width", "subheads"
]

FORMS: tuple[Form, ...] = (
    "prose", "prose", "gallery", "prose", "pages", "prose", "video", "prose", "prose", "pictures",
    "prose",
)  # fmt: skip
FIGURES: tuple[Figure, ...] = (
    "plain", "none", "two", "em", "alternate", "centre", "silent", "late",
)  # fmt: skip
DETAILS: tuple[Detail, ...] = (
    "plain", "inline", "br", "nbsp", "ideographic", "entities", "straight", "zero_width",
    "subheads",
)  # fmt: skip
BYLINES: dict[TemplateName, tuple[Byline, ...]] = {
    "2021": ("link", "plain", "writers", "open", "agency", "writer", "app"),
    "2013": ("plain", "link", "writers", "open", "author_line", "writer", "agency"),
}
PROMOS: tuple[Promo, ...] = ("same_line", "next_line", "next_box", "none", "same_line")

_THEMES_OF = {
    "world": (6, 0, 5, 7, 9),
    "foreign_affairs": (6, 0, 7, 5),
    "business": (5, 1, 0),
    "sports": (4, 9),
    "science": (7, 8, 2),
    "culture": (3, 9, 2),
    "travel": (8, 3, 0, 9),
    "society": (2, 1, 8, 9),
}
_MONTHS = (
    "Jan.", "Feb.", "March", "April", "May", "June", "July", "Aug.", "Sept.", "Oct.", "Nov.",
    "Dec.",
)  # fmt: skip
_LINE_BREAK = Run("", "br")
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """What the catalogue decides about a story before it is generated."""

    seed: str
    ordinal: int
    """Index within its template, newest first."""
    id: str
    template: TemplateName
    channel: str
    label: str
    section: str
    sections: tuple[str, ...]
    published_at: datetime

    @property
    def path(self) -> str:
        """The story's path; ``/n/`` became ``/n3/`` in 2016."""
        day = self.published_at
        root = "n" if day.year < 2016 else "n3"
        return f"/{root}/{day:%Y}/{day:%m%d}/c{self.channel}-{self.id}.html"


def title_of(slot: Slot) -> str:
    """The headline, without generating the rest."""
    return _Draft(slot).title


def write(slot: Slot, related: tuple[Link, ...]) -> Story:
    """Generate the story."""
    return _Draft(slot).story(related)


def _turn(values: tuple[_T, ...], ordinal: int) -> _T:
    return values[ordinal % len(values)]


class _Draft:
    """A story being generated. The order of random draws is part of the result."""

    def __init__(self, slot: Slot) -> None:
        self.slot = slot
        self.rng = Random(slot.seed)
        # Stories of New Year's Day have a dateline of the previous year.
        self.new_year = (slot.published_at.month, slot.published_at.day) == (1, 1)
        back = 1 if self.new_year else self.rng.randint(0, 1)
        self.day = slot.published_at - timedelta(days=back)
        themes = _THEMES_OF.get(slot.section, range(len(prose.THEMES)))
        self.theme = prose.THEMES[self.rng.choice(themes)]
        day = f"{_MONTHS[self.day.month - 1]} {self.day.day}, {self.day.year}"
        self.facts = prose.Facts(self.rng, {"day": day})
        self.title = prose.headline(self.theme, self.facts, self.rng)

    def story(self, related: tuple[Link, ...]) -> Story:
        """The finished story."""
        slot, at = self.slot, self.slot.ordinal
        form, figure = self._form(), _turn(FIGURES, at)
        detail, byline = _turn(DETAILS, at), self._byline()
        sheets = self._sheets(form, figure, detail)
        source, authors = self._credited(byline)
        dateline, sheets = self._dated(sheets, source)
        editors, label, separator = self._editors()
        style = Style(
            layout=self._layout(form),
            byline=byline,
            editor_label=label,
            editor_separator=separator,
            promo=_turn(PROMOS, at) if slot.template == "2013" else "none",
            entities=detail == "entities",
            empty_heads=at % 2 == 0,
        )
        first = next(
            (b.paragraphs[0] for sheet in sheets for b in sheet if isinstance(b, Prose)), ""
        )
        kicker, subtitle = self._heads()
        updated = at % 10 == 3
        return Story(
            id=slot.id,
            url=HOST + slot.path,
            template=slot.template,
            title=self.title,
            kicker=kicker,
            subtitle=subtitle,
            breadcrumb=("English", slot.label) if slot.label else ("English",),
            channel=slot.channel,
            source=source,
            authors=authors,
            editors=editors,
            published_at=slot.published_at,
            updated_at=slot.published_at + timedelta(minutes=85) if updated else None,
            dateline=dateline,
            sheets=sheets,
            related=related if at % 3 else (),
            keywords=(*self.theme.keywords, self.facts["town"]) if at % 4 else (),
            description=(first[:140].strip() or None) if at % 4 != 1 else None,
            sections=slot.sections,
            style=style,
            traits=frozenset(
                {
                    f"form:{form}",
                    f"byline:{byline}",
                    f"layout:{style.layout}",
                    f"promo:{style.promo}",
                    f"editor:{label.strip() or 'none'}",
                    *({f"figure:{figure}", f"detail:{detail}"} if form == "prose" else ()),
                    *({"updated"} if updated else ()),
                    *({"kicker"} if kicker else ()),
                    *({"subtitle"} if subtitle else ()),
                    *({"dateline"} if dateline else ()),
                    *({"no body"} if not first else ()),
                    *({"chinese editor"} if set(editors) & set(prose.CHINESE_EDITORS) else ()),
                }
            ),
        )

    def _form(self) -> Form:
        """Photo and Video list only their own kind."""
        form = _turn(FORMS, self.slot.ordinal)
        if self.slot.section == "video":
            return "video"
        if self.slot.section == "photo":
            return form if form in ("gallery", "pictures") else "gallery"
        return form

    def _byline(self) -> Byline:
        if self.new_year:
            return "link"
        return _turn(BYLINES[self.slot.template], self.slot.ordinal)

    def _credited(self, byline: Byline) -> tuple[str, tuple[str, ...]]:
        match byline:
            case "link" | "plain" | "open":
                return "Xinhua", ()
            case "writers":
                names = (prose.person(self.rng) for _ in range(2 + self.slot.ordinal % 2))
                return "People's Daily Online", tuple(dict.fromkeys(names))
            case "writer" | "author_line":
                return "People's Daily Online", (prose.person(self.rng),)
            case "app":
                return "People's Daily App", ()
            case "agency":
                return self.rng.choice(("Global Times", "China Daily", "CGTN")), ()

    def _heads(self) -> tuple[str | None, str | None]:
        """Kicker and subtitle. No source shows a kicker in the 2013 template."""
        turn = self.slot.ordinal % 5
        kicker = turn in (1, 3) and self.slot.template == "2021"
        # The author's line takes the place of the subtitle.
        subtitle = turn in (2, 3) and self._byline() != "author_line"
        return (
            self.rng.choice(prose.KICKERS) if kicker else None,
            self.rng.choice(prose.SUBTITLES).format_map(self.facts) if subtitle else None,
        )

    def _editors(self) -> tuple[tuple[str, ...], str, str]:
        """Names, label and separator of the editor line."""
        turn = self.slot.ordinal % 6
        if turn == 5:
            return (), "", ""
        names = [prose.editor(self.rng)]
        if turn in (1, 2):
            names.append(prose.editor(self.rng))
        if turn == 3:
            names.append(self.rng.choice(prose.CHINESE_EDITORS))
        if self.slot.published_at.year < 2017:
            label, separator = "Editor:", "、" if turn == 2 else ","
        else:
            label, separator = "Editor: " if turn == 4 else "Web editor: ", ", "
        return tuple(dict.fromkeys(names)), label, separator

    def _layout(self, form: Form) -> Layout:
        if self.slot.template == "2021":
            return "text"
        if form in ("gallery", "pictures"):
            return "wide"
        layouts: tuple[Layout, ...] = ("title_id", "column", "wide")
        return _turn(layouts, self.slot.ordinal)

    def _dated(
        self, sheets: tuple[tuple[Block, ...], ...], source: str
    ) -> tuple[Dateline | None, tuple[tuple[Block, ...], ...]]:
        """Put a dateline before the first paragraph of a wire story."""
        at = next((n for n, b in enumerate(sheets[0]) if isinstance(b, Prose)), None)
        if source != "Xinhua" or at is None:
            return None, sheets
        day = self.day
        place = self.facts["town"].upper()
        dash = "—" if self.slot.ordinal % 4 == 3 else "--"
        opening = Run(f"{place}, {_MONTHS[day.month - 1]} {day.day} (Xinhua) {dash} ")
        first = sheets[0][at]
        assert isinstance(first, Prose)
        sheet = (*sheets[0][:at], Prose((opening, *first.runs)), *sheets[0][at + 1 :])
        dateline = Dateline(place=place, date=day.date().isoformat(), agency="Xinhua")
        return dateline, (sheet, *sheets[1:])

    def _sheets(self, form: Form, figure: Figure, detail: Detail) -> tuple[tuple[Block, ...], ...]:
        turn = self.slot.ordinal // len(FORMS)
        match form:
            case "prose":
                return (self._article(figure, detail),)
            case "pages":
                text = self._text(3 * (2 + turn % 2), "plain")
                pictures = self._pictures(len(text) // 3, "plain")
                return tuple(
                    (*text[3 * n : 3 * n + 2], pictures[n], text[3 * n + 2])
                    for n in range(len(pictures))
                )
            case "gallery":
                pictures = self._pictures(2 + turn % 4, "plain")
                opening = self._text(3, "plain") if turn % 2 == 0 else []
                return ((*opening, pictures[0]), *((picture,) for picture in pictures[1:]))
            case "pictures":
                return (tuple(self._pictures(3, "plain")),)
            case "video":
                opening = self._text(3, "plain") if self.slot.ordinal % 3 else []
                return ((*opening, self._video()),)

    def _article(self, figure: Figure, detail: Detail) -> tuple[Block, ...]:
        text: list[Prose] = self._text(self.rng.randint(5, 9), detail)
        match figure:
            case "none":
                return tuple(text)
            case "alternate":
                one, two = self._pictures(2, "plain")
                return (text[0], one, text[1], two, *text[2:])
            case "late":
                return (*text[:2], *self._pictures(1, "plain"), *text[2:])
            case "silent":
                return (*self._pictures(1, "none"), *text)
            case "plain" | "two" | "em" | "centre":
                return (*self._pictures(1, figure), *text)

    def _text(self, count: int, detail: Detail) -> list[Prose]:
        """``count`` paragraphs of body, the lead first."""
        texts = [prose.lead(self.theme, self.facts, self.rng)]
        texts += prose.paragraphs(self.theme, self.facts, self.rng, count - 1)
        if detail == "straight":
            quotes = str.maketrans("“”’", '""\'')
            texts = [text.translate(quotes) for text in texts]
        dress = _DRESS.get(detail)
        made = [Prose(dress(text) if dress else (Run(text),)) for text in texts]
        if detail == "subheads":
            for at, heading in zip((3, 1), self.rng.sample(prose.SUBHEADINGS, 2), strict=True):
                made.insert(at, Prose((Run(heading, "strong"),)))
        return made

    def _pictures(self, count: int, style: CaptionStyle) -> list[Picture]:
        captions = prose.captions(self.facts, self.rng, count + 1)
        return [self._picture(captions[n], captions[n + 1], style) for n in range(count)]

    def _picture(self, caption: str, more: str, style: CaptionStyle) -> Picture:
        if style == "none":
            return Picture(self._file("jpg"), (), None, style)
        # Without a credit only its looks tell a caption from prose, so plain ones always have it.
        credited = style in ("plain", "two") or self.slot.ordinal % 16 < 8
        name = prose.person(self.rng)
        forms = (f"Xinhua/{name}", f"Photo by {name}/Xinhua", f"People's Daily Online/{name}")
        credit = self.rng.choice(forms) if credited else None
        lines = [caption, more] if style == "two" else [caption]
        if credit:
            lines[-1] += f" ({credit})"
        return Picture(self._file("jpg"), tuple(lines), credit, style)

    def _video(self) -> Video:
        source = self.rng.choice(("Kuaishou", "People's Daily Online", "CCTV"))
        credit = f"Video source: {source}" if self.slot.ordinal % 5 != 4 else None
        return Video(self._file("mp4"), (f"({credit})",) if credit else (), credit)

    def _file(self, kind: str) -> str:
        """A media address as the CMS names files; the names changed with 2024."""
        at, rng = self.slot.published_at, self.rng
        if at.year >= 2024:
            letters = "".join(rng.choices("ABCDEFGHJKLMNPQRSTUVWXYZ0123456789", k=10))
            name = f"{int(at.timestamp()) * 1000 + rng.randint(0, 999)}{letters}"
        else:
            name = f"{at:%Y%m%d%H%M}{rng.randint(10, 59)}{rng.randint(10**8, 10**9 - 1)}"
        return f"/NMediaFile/{at:%Y}/{at:%m%d}/FOREIGN{name}.{kind}"


def _inline(text: str) -> tuple[Run, ...]:
    """Put three words into a link, bold type and italics."""
    words = text.split(" ")
    third = len(words) // 3
    if third < 3:
        return (Run(text),)
    tags = (("a", HOST + "/90777/index.html"), ("strong", ""), ("em", ""))
    runs: list[Run] = []
    for n, (tag, href) in enumerate(tags):
        start, end = n * third, (n + 1) * third if n < 2 else len(words)
        runs.append(Run(words[start] + " "))
        runs.append(Run(words[start + 1], tag, href))
        runs.append(Run(" " + " ".join(words[start + 2 : end]) + " "))
    return tuple(runs)


def _broken(text: str) -> tuple[Run, ...]:
    """A line break between sentences, with no white space beside it."""
    parts = text.split(". ")
    runs = [run for part in parts[:-1] for run in (Run(part + "."), _LINE_BREAK)]
    return (*runs, Run(parts[-1]))


def _no_break(text: str) -> tuple[Run, ...]:
    return (Run(text.replace(" the ", "\u00a0the ").replace(". ", ".\u00a0 ")),)


def _ideographic(text: str) -> tuple[Run, ...]:
    return (Run("\u3000\u3000" + text),)


def _zero_width(text: str) -> tuple[Run, ...]:
    return (Run("\ufeff" + text.replace(", ", ",\u200b ") + "\u200b"),)


_DRESS: dict[str, Callable[[str], tuple[Run, ...]]] = {
    "inline": _inline,
    "br": _broken,
    "nbsp": _no_break,
    "ideographic": _ideographic,
    "zero_width": _zero_width,
}
