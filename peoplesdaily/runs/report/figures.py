"""Figures: SVG by Vega-Lite, drawn when the page is made, so that the page needs no script.

Colours are the page's CSS variables and hatches its patterns, so that one drawing serves light and
dark; each figure is drawn for a phone and for a desktop, and the page shows one of them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from lxml import etree

_NARROW, _WIDE = 328, 720  # px: a phone's page, and a column that a desktop widens a little
_FONT = "Arial, Helvetica, sans-serif"
# Fonts differ from machine to machine: labels may be a little wider than measured.
_PADDING = {"left": 10, "right": 16, "top": 4, "bottom": 0}
_SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"

Spec = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Bucket:
    """A day, a week or a month of runs."""

    label: str
    """``"25 Nov"``; no two buckets share one."""
    runs: int
    bad: int
    new: int
    revisions: int
    middle: float | None
    """Median duration, seconds."""
    longest: float | None
    """Longest duration, seconds."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure, drawn twice."""

    narrow: str
    wide: str


def volume(buckets: list[Bucket]) -> Figure:
    """New articles over time as bars; where nothing ran, a hatched band."""
    rows = [{"at": b.label, "new": b.new, "gap": not b.runs} for b in buckets]

    def spec(width: int) -> Spec:
        x = _time_axis(buckets, width)
        return {
            "layer": [
                _gaps(x),
                {
                    "mark": {"type": "bar", "color": "var(--c1)"},
                    "encoding": {"x": x, "y": _amount("new", "new articles")},
                },
            ],
            "data": {"values": rows},
        }

    return _draw(spec, 190)


def durations(buckets: list[Bucket]) -> Figure:
    """How long runs took: the middle one as a dot on a line, a thin line up to the longest."""
    unit, size = _unit(max((b.longest or 0 for b in buckets), default=0))
    rows = [
        {
            "at": b.label,
            "middle": None if b.middle is None else b.middle / size,
            "longest": None if b.longest is None else b.longest / size,
            "gap": not b.runs,
        }
        for b in buckets
    ]
    spread = "isValid(datum.longest) && datum.longest > datum.middle"
    # Alone among gaps, a dot is all that shows.
    dot = 14 if len(buckets) > 40 else 28

    def spec(width: int) -> Spec:
        x = _time_axis(buckets, width)
        y = _amount("longest", unit)
        return {
            "layer": [
                _gaps(x),
                {
                    "transform": [{"filter": spread}],
                    "mark": {"type": "rule", "color": "var(--c2)", "strokeWidth": 1},
                    "encoding": {"x": x, "y": y, "y2": {"field": "middle"}},
                },
                {
                    "transform": [{"filter": spread}],
                    "mark": {
                        "type": "tick",
                        "color": "var(--c2)",
                        "thickness": 2,
                        "orient": "horizontal",
                        "width": {"band": 0.7},
                    },
                    "encoding": {"x": x, "y": y},
                },
                {
                    "mark": {
                        "type": "line",
                        "color": "var(--c1)",
                        "strokeWidth": 2,
                        "invalid": "break-paths-show-domains",
                        "point": {"color": "var(--c1)", "size": dot},
                    },
                    "encoding": {"x": x, "y": _amount("middle", unit)},
                },
            ],
            "data": {"values": rows},
        }

    return _draw(spec, 190)


def bars(rows: list[tuple[str, float, str]]) -> Figure:
    """Horizontal bars, each with its value in words.

    :param rows: name, length and words of a bar.
    """
    values = [{"name": n, "n": i, "long": long, "words": w} for i, (n, long, w) in enumerate(rows)]
    top = max((row[1] for row in rows), default=0) or 1

    def spec(width: int) -> Spec:
        limit = 130 if width < _WIDE else 200
        y = {
            "field": "n",
            "type": "ordinal",
            "axis": {
                "title": None,
                "domain": False,
                "ticks": False,
                "labelLimit": limit,
                # Names may repeat once they are cut; their numbers do not.
                "labelExpr": "data('rows')[datum.value].name",
                "labelOverlap": False,
            },
        }
        # Room for the words behind the longest bar.
        x = {
            "field": "long",
            "type": "quantitative",
            "scale": {"domain": [0, top * (1.45 if width < _WIDE else 1.18)]},
            "axis": None,
        }
        return {
            "layer": [
                {"mark": {"type": "bar", "color": "var(--c1)", "height": 14}},
                {
                    "mark": {
                        "type": "text",
                        "align": "left",
                        "dx": 5,
                        "fontSize": 12,
                        "color": "var(--text)",
                    },
                    "encoding": {"text": {"field": "words", "type": "nominal"}},
                },
            ],
            "encoding": {"x": x, "y": y},
            "data": {"name": "rows", "values": values},
            # A name as long as it may be, and wider than measured.
            "padding": {**_PADDING, "left": limit // 8},
        }

    return _draw(spec, {"step": 24})


def _gaps(x: Spec) -> Spec:
    return {
        "transform": [{"filter": "datum.gap"}],
        "mark": {"type": "bar", "fill": "url(#hatch)"},
        "encoding": {
            "x": {**x, "bandPosition": 0.5},
            "y": {"value": 0},
            "y2": {"value": "height"},
        },
    }


def _time_axis(buckets: list[Bucket], width: int) -> Spec:
    """An axis of bands with as many labels as fit."""
    labels = [bucket.label for bucket in buckets]
    room = (width - 60) // (7 * max((len(label) for label in labels), default=1) + 12)
    step = max(1, -(-len(labels) // max(1, room)))
    return {
        "field": "at",
        "type": "ordinal",
        "sort": None,
        "scale": {"domain": labels, "paddingInner": 0.15, "paddingOuter": 0},
        "axis": {
            # The newest always has its label.
            "values": labels[::-1][::step],
            "title": None,
            "labelAngle": 0,
            "labelPadding": 6,
            "labelOverlap": False,
            "ticks": True,
        },
    }


def _amount(name: str, title: str) -> Spec:
    return {
        "field": name,
        "type": "quantitative",
        "scale": {"zero": True, "nice": True},
        "axis": {
            "title": title,
            "tickCount": 4,
            "grid": True,
            "domain": False,
            "ticks": False,
            "titleAngle": 0,
            "titleAlign": "left",
            "titleAnchor": "end",
            "titleY": -16,
            "titleX": 0,
        },
    }


def _unit(longest: float) -> tuple[str, int]:
    for unit, size in (("hours", 3600), ("minutes", 60)):
        if longest >= 2 * size:
            return unit, size
    return "seconds", 1


_LOOK: Spec = {
    "background": None,
    "font": _FONT,
    # The page describes each figure and has its table; a label a mark would be a flood.
    "aria": False,
    "view": {"stroke": None},
    "axis": {
        "labelColor": "var(--text)",
        "titleColor": "var(--muted)",
        "gridColor": "var(--line)",
        "domainColor": "var(--muted)",
        "tickColor": "var(--muted)",
        "labelFontSize": 12,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
    },
}


def _draw(spec: Callable[[int], Spec], height: int | Spec) -> Figure:
    def one(width: int) -> str:
        return _svg(
            {
                "$schema": _SCHEMA,
                "width": width,
                "height": height,
                "padding": _PADDING,
                "autosize": {"type": "fit-x", "contains": "padding"},
                "config": _LOOK,
                **spec(width),
            }
        )

    return Figure(one(_NARROW), one(_WIDE))


def _svg(spec: Spec) -> str:
    drawn = etree.fromstring(_converter()(spec).encode())
    # As wide as its column: the view box keeps the proportions.
    for size in ("width", "height"):
        drawn.attrib.pop(size, None)
    drawn.set("aria-hidden", "true")
    drawn.set("focusable", "false")
    return str(etree.tostring(drawn, encoding="unicode"))


@cache
def _converter() -> Callable[[Spec], str]:
    # Here, because it takes its time and only this command needs it.
    import vl_convert

    convert: Callable[[Spec], str] = vl_convert.vegalite_to_svg
    return convert
