"""The page as a browser shows it: on a telephone, in the dark, on paper, and without the net."""

from __future__ import annotations

import re
import shutil
import threading
import unicodedata
from collections.abc import Iterator
from contextlib import suppress
from io import BytesIO
from pathlib import Path

import psutil
import pytest
from playwright.sync_api import Browser, Page, sync_playwright
from playwright.sync_api import Error as PlaywrightError
from pypdf import PdfReader

from bot.renderings.web_page import web_page
from tests.golden.weeks import WEEKS

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
CLOSES_WITHIN_SECONDS = 60

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine"),
]

# Relative luminance and contrast as WCAG 2 defines them, computed where the colours are known.
CONTRASTS = """() => {
  const channel = c => (c /= 255) <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  const light = rgb => { const [r, g, b] = rgb.match(/[\\d.]+/g).map(Number);
    return 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b); };
  const ratio = (a, b) => (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  const paper = light(getComputedStyle(document.querySelector('main')).backgroundColor);
  const found = [...document.querySelectorAll('main *')].filter(e => e.textContent.trim() &&
    !e.closest('svg')).map(e => ratio(light(getComputedStyle(e).color), paper));
  const cells = [...document.querySelectorAll('svg rect[class^=h]')].map(r => ratio(
    light(getComputedStyle(r).fill), light(getComputedStyle(r.nextElementSibling).fill)));
  return Math.min(...found, ...cells);
}"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    driver = sync_playwright().start()
    opened = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
    yield opened
    # One that does not go when it is asked would hold up the whole run.
    by_force = threading.Timer(CLOSES_WITHIN_SECONDS, end_browsers)
    by_force.start()
    with suppress(PlaywrightError):
        opened.close()
        driver.stop()
    by_force.cancel()


def end_browsers() -> None:
    for child in psutil.Process().children(recursive=True):
        with suppress(psutil.Error):
            if child.name().startswith(("chrom", "google-chrome", "node")):
                child.kill()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(offline=True)
    yield context.new_page()
    context.close()


def in_one_form(text: str) -> str:
    """A printed page may give 日 as the radical that looks like it."""
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text))


def show(page: Page, name: str, folder: Path, locale: str = "zh-CN") -> None:
    file = folder / "digest.html"
    file.write_text(web_page(WEEKS[name](locale).document), "utf-8")
    page.goto(file.as_uri())


@pytest.mark.parametrize("width", [320, 390, 760, 761, 1200])
@pytest.mark.parametrize("locale", ["zh-CN", "en"])
def test_nothing_sticks_out_sideways(page: Page, tmp_path: Path, width: int, locale: str) -> None:
    page.set_viewport_size({"width": width, "height": 800})

    show(page, "busy", tmp_path, locale)

    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_word_stands_out_from_its_ground(page: Page, tmp_path: Path, scheme: str) -> None:
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")

    show(page, "busy", tmp_path)

    assert page.evaluate(CONTRASTS) >= 4.5


@pytest.mark.parametrize(
    ("name", "most"), [("quiet", 1), ("nothing", 1), ("one_small_group", 1), ("busy", 1)]
)
def test_all_but_the_annex_prints_on_one_page(
    page: Page, tmp_path: Path, name: str, most: int
) -> None:
    show(page, name, tmp_path)

    printed = PdfReader(BytesIO(page.pdf(prefer_css_page_size=True))).pages[:most]

    last_line = WEEKS[name]("zh-CN").document.closing[-1]
    text = "".join(one.extract_text() for one in printed)
    assert in_one_form(last_line) in in_one_form(text)


def test_it_asks_for_nothing_and_complains_of_nothing(page: Page, tmp_path: Path) -> None:
    asked: list[str] = []
    complaints: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: complaints.append(message.text))

    show(page, "busy", tmp_path)

    assert [url for url in asked if not url.startswith("file:")] == []
    assert len(asked) == 1
    assert complaints == []
