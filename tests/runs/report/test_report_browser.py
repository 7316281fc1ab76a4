"""The report in a real browser: Chromium, headless, from the file system, as a reader opens it.

Screenshots are kept in ``tests/artefacts/``.
"""

from __future__ import annotations

import base64
import json
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from helpers import fake_history as invented
from helpers.crawls import ROOT
from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.keys import Keys

from peoplesdaily.runs import report
from peoplesdaily.runs.manifest import Failure, Manifest

NOW = datetime(2026, 11, 25, 3, 50, tzinfo=UTC)
HOUR = timedelta(hours=1)
ARTEFACTS = ROOT / "tests" / "artefacts"
PHONE, TABLET, DESKTOP = 360, 768, 1280
FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    # Shared memory is scarce in containers.
    "--disable-dev-shm-usage",
    # They would take their width from the page, as on no phone.
    "--hide-scrollbars",
)
BROWSER = next(filter(None, map(shutil.which, ("chromium", "google-chrome"))), None)
DRIVER = shutil.which("chromedriver")

pytestmark = pytest.mark.skipif(
    not (BROWSER and DRIVER) and not os.environ.get("REQUIRE_BROWSER"),
    reason="needs chromium and chromedriver (Debian: chromium, chromium-driver)",
)


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[webdriver.Chrome]:
    options = webdriver.ChromeOptions()
    assert BROWSER and DRIVER, "REQUIRE_BROWSER is set, but there is no chromium or no chromedriver"
    options.binary_location = BROWSER
    for flag in (*FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('chromium')}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(DRIVER))
    # What Chromium's own first page loads is not ours.
    driver.get("about:blank")
    driver.get_log("browser")
    driver.get_log("performance")
    try:
        yield driver
    finally:
        driver.quit()


def troubled() -> list[Manifest]:
    """Runs of two sections with everything that can be wrong, and texts that want to be markup."""
    evil = "<script>document.title='hacked'</script><img src=x onerror=document.title='hacked'>"
    found = []
    for number in range(60):
        at = NOW - (number + 5) * HOUR
        found.append(invented.run(at, spider="world", pid=number))
        other = invented.run(at, spider="business", pid=number)
        if number < 3:
            url = f"javascript:document.title='hacked'//{'long' * 60}"
            other = replace(
                other, exit_code=76, outcome="redesign", problems=(evil, "w" * 900),
                failures=(Failure(url=url, kind=evil, reason=evil),
                          Failure(url=f"http://x/{'y' * 500}", kind="404", reason="gone" * 80)),
                duplicates_by_source={evil: 3, "nospaces" * 30: 2},
                fields={**other.fields, evil: replace(other.fields["2021"], covered={evil: 2})},
            )  # fmt: skip
        if number == 3:
            other = replace(other, state="running").kill()
        found.append(other)
    return found


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Reports on: a long past, no past, one run, trouble, three years."""
    written = {}
    for name, days, past, articles in (
        ("usual", 60, invented.past(NOW, 70), 70),
        ("empty", 60, [], 0),
        ("one", 60, [invented.run(NOW - HOUR)], 0),
        ("trouble", 60, troubled(), 9),
        ("years", 1095, invented.past(NOW, 1095, every=timedelta(days=2)), 420),
    ):
        output = tmp_path_factory.mktemp(name)
        invented.put(output, past)
        if articles:
            invented.index(output, NOW, articles)
        written[name] = output / "report.html"
        written[name].write_text(report.make(output, NOW, days), encoding="utf-8")
    return written


Show = Callable[..., webdriver.Chrome]


@pytest.fixture
def show(browser: webdriver.Chrome, pages: dict[str, Path]) -> Iterator[Show]:
    """Open a page at a width, light or dark; afterwards, nothing was amiss and nobody asked."""
    opened: set[str] = set()

    def open_(name: str, width: int = DESKTOP, scheme: str = "light") -> webdriver.Chrome:
        address = pages[name].as_uri()
        opened.add(address)
        size = {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": width < TABLET}
        browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        feature = {"name": "prefers-color-scheme", "value": scheme}
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [feature]})
        browser.get(address)
        return browser

    yield open_
    assert [entry["message"] for entry in browser.get_log("browser")] == []
    events = [json.loads(e["message"])["message"] for e in browser.get_log("performance")]
    asked = {e["params"]["request"]["url"].partition("#")[0] for e in events
             if e["method"] == "Network.requestWillBeSent"}  # fmt: skip
    assert asked == opened


ALL = ("usual", "empty", "one", "trouble", "years")


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("width", [320, PHONE, DESKTOP])
def test_nothing_is_wider_than_the_page(name: str, width: int, show: Show) -> None:
    page = show(name, width)

    wide = page.execute_script("""
        document.querySelectorAll('details').forEach(each => each.open = true);
        const room = document.documentElement.clientWidth;
        return [document.documentElement.scrollWidth - room].concat(
          [...document.body.querySelectorAll('*')].filter(each => !each.closest('.scroll')
            && each.getBoundingClientRect().right > room + 1).map(each => each.outerHTML))
    """)
    assert wide == [0]


@pytest.mark.parametrize("name", ["usual", "one", "trouble", "years"])
@pytest.mark.parametrize("width", [PHONE, TABLET])
def test_labels_of_figures_neither_touch_nor_shrink(name: str, width: int, show: Show) -> None:
    figures = show(name, width).execute_script("""
        const figures = [...document.querySelectorAll('figure svg')];
        return figures.filter(svg => svg.clientWidth).map(svg =>
          [...svg.querySelectorAll('text')].filter(text => text.textContent.trim()).map(text => {
            const box = text.getBoundingClientRect();
            const scale = text.getScreenCTM().a;
            return {words: text.textContent, left: box.left, right: box.right, top: box.top,
                    bottom: box.bottom, size: parseFloat(getComputedStyle(text).fontSize) * scale};
          }))
    """)

    assert len(figures) >= 3
    for texts in figures:
        assert len(texts) >= 2
        for number, one in enumerate(texts):
            assert one["size"] >= 11, one
            assert one["left"] >= 0 and one["right"] <= width, one
            for other in texts[number + 1 :]:
                apart = (
                    one["right"] <= other["left"] or other["right"] <= one["left"]
                    # Boxes are as high as the line, letters are not.
                    or one["bottom"] - 3 <= other["top"] or other["bottom"] - 3 <= one["top"]
                )  # fmt: skip
                assert apart, (one, other)


@pytest.mark.parametrize("name", ["usual", "trouble", "years"])
def test_cells_of_the_calendar_hold_their_numbers(name: str, show: Show) -> None:
    cut = show(name, PHONE).execute_script("""
        const range = document.createRange();
        return [...document.querySelectorAll('.calendar td, .calendar tbody th')].filter(cell => {
          range.selectNodeContents(cell);
          return range.getBoundingClientRect().width > cell.getBoundingClientRect().width + 1;
        }).map(cell => cell.outerHTML)
    """)
    assert cut == []


# Relative luminance and contrast as WCAG 2.2 defines them, of every text against what is behind
# it; behind hatched cells is the stripe.
CONTRAST = """
    document.querySelectorAll('details').forEach(each => each.open = true);
    const probe = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
    const rgba = colour => { probe.clearRect(0, 0, 1, 1); probe.fillStyle = colour;
      probe.fillRect(0, 0, 1, 1); return probe.getImageData(0, 0, 1, 1).data; };
    const light = colour => { const [r, g, b] = [...rgba(colour)].slice(0, 3).map(v => v / 255)
      .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
      return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
    const behind = each => { for (; each; each = each.parentElement) {
      const style = getComputedStyle(each);
      if (style.backgroundImage != 'none') return style.getPropertyValue('--line');
      if (rgba(style.backgroundColor)[3] == 255) return style.backgroundColor; }
      return 'white'; };
    const found = {};
    for (const each of document.body.querySelectorAll('*')) {
      const texts = [...each.childNodes].filter(node => node.nodeType == Node.TEXT_NODE);
      if (!texts.some(node => node.textContent.trim())) continue;
      if (!each.getClientRects().length || each.closest('.skip')) continue;
      const style = getComputedStyle(each);
      const [a, b] = [each.namespaceURI.includes('svg') ? style.fill : style.color, behind(each)];
      const [high, low] = [light(a), light(b)].sort((x, y) => y - x);
      found[a + ' on ' + b] = (high + 0.05) / (low + 0.05);
    }
    return found;
"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["usual", "empty", "trouble"])
def test_every_text_has_contrast(name: str, scheme: str, show: Show) -> None:
    pairs = show(name, DESKTOP, scheme).execute_script(CONTRAST)

    assert len(pairs) > (2 if name == "empty" else 8)
    assert {pair: ratio for pair, ratio in pairs.items() if ratio < 4.5} == {}


def test_dark_is_dark_and_light_is_light(show: Show) -> None:
    colour = "return getComputedStyle(document.body).backgroundColor"
    bar = "return getComputedStyle(document.querySelector('figure .wide path[fill*=\"c1\"]')).fill"

    seen = {
        scheme: [show("usual", scheme=scheme).execute_script(script) for script in (colour, bar)]
        for scheme in ("light", "dark")
    }

    assert seen["light"][0] == "rgb(255, 255, 255)"
    assert sum(json.loads(f"[{seen['dark'][0][4:-1]}]")) < 100
    assert seen["light"][1] != seen["dark"][1], "figures follow"


@pytest.mark.parametrize("name", ALL)
def test_the_page_can_be_heard_and_walked(name: str, show: Show) -> None:
    page = show(name)
    facts: dict[str, Any] = page.execute_script("""
        const all = path => [...document.querySelectorAll(path)];
        const ids = all('[id]').map(each => each.id);
        return {
          lang: document.documentElement.lang, title: document.title,
          scripts: document.scripts.length, mains: all('main').length,
          headings: all('h1, h2, h3').map(each => +each.tagName[1]),
          doubled: ids.filter((id, at) => ids.indexOf(id) != at),
          astray: all('a[href^="#"]').filter(each =>
            !document.getElementById(each.getAttribute('href').slice(1))).length,
          unnamed: all('[aria-labelledby]').filter(each =>
            !document.getElementById(each.getAttribute('aria-labelledby')).textContent.trim()).length,
          bare: all('th:not([scope])').length,
          silent: all('figure svg:not([aria-hidden=true])').length,
          untold: all('figure').filter(each => !each.querySelector('figcaption').textContent.trim()
            || !each.parentElement.querySelector('details table tbody tr')).length,
          unreachable: all('.scroll:not([tabindex="0"][aria-label])').length,
        }
    """)

    headings = facts.pop("headings")
    assert headings[0] == 1 and headings.count(1) == 1
    assert all(b <= a + 1 for a, b in pairwise(headings))
    assert facts.pop("title").endswith("– peoplesdaily report, 2026-11-25 03:50 UTC")
    assert facts == {
        "lang": "en", "scripts": 0, "mains": 1, "doubled": [], "astray": 0, "unnamed": 0,
        "bare": 0, "silent": 0, "untold": 0, "unreachable": 0,
    }  # fmt: skip


def test_the_keyboard_reaches_everything_and_shows_where_it_is(show: Show) -> None:
    page = show("usual")
    wanted = page.execute_script(
        "return document.querySelectorAll('a[href], summary, [tabindex=\"0\"]').length"
    )
    hidden = page.execute_script("""
        const closed = 'details:not([open]) :is(a[href], [tabindex="0"])';
        return document.querySelectorAll(closed).length
    """)
    reached = set()
    for _ in range(wanted - hidden):
        page.switch_to.active_element.send_keys(Keys.TAB)
        at, outline = page.execute_script("""
            const each = document.activeElement;
            const number = [...document.querySelectorAll('*')].indexOf(each);
            return [number, getComputedStyle(each).outlineStyle]
        """)
        reached.add(at)
        assert outline != "none"
    assert len(reached) == wanted - hidden

    page.execute_script("document.querySelector('#volume summary').focus()")
    page.switch_to.active_element.send_keys(Keys.ENTER)
    assert page.execute_script("return document.querySelector('#volume details').open")


def test_texts_that_want_to_be_markup_stay_texts(show: Show) -> None:
    page = show("trouble")

    assert "hacked" not in page.title
    assert "<script>document.title" in page.find_element("tag name", "body").text
    assert page.execute_script("return document.querySelectorAll('img, script').length") == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [PHONE, DESKTOP])
@pytest.mark.parametrize("name", ["usual", "one", "trouble"])
def test_pictures_for_people(name: str, width: int, scheme: str, show: Show) -> None:
    """Whole pages as pictures, which nobody but a person can judge."""
    page = show(name, width, scheme)

    shot = page.execute_cdp_cmd("Page.captureScreenshot", {"captureBeyondViewport": True})
    ARTEFACTS.mkdir(exist_ok=True)
    picture = ARTEFACTS / f"report-{name}-{width}-{scheme}.png"
    picture.write_bytes(base64.b64decode(shot["data"]))

    data = picture.read_bytes()
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    assert int.from_bytes(data[16:20], "big") == width
    height = page.execute_script("return document.documentElement.scrollHeight")
    assert int.from_bytes(data[20:24], "big") == height > 700
