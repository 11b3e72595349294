"""The report in a real browser: it fits, it runs, nothing leaves the page, and people who see or click otherwise can use it.

Debian's Chromium, driven by Playwright; axe-core looks for what breaks the web's accessibility rules (WCAG A and AA).
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright
from results_builders import Study

from hpsearch.report import write_report

_WCAG = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}}
WIDTHS, THEMES = (360, 800, 1400), ("light", "dark")
HOSTILE = "</script><script>document.title='taken'</script>\"'"


@dataclass
class Opened:
    """A page, and what went wrong in it."""

    page: Page
    troubles: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)


def many() -> Study:
    """Failures, a conditional parameter, a logarithmic one, a hostile name and hostile values; 64 configurations."""
    rng = np.random.default_rng(0)
    study = Study(varying=("learning_rate", "booster", "rate_drop", HOSTILE))
    for index in range(64):
        rate, booster = float(10 ** rng.uniform(-3, 0)), ("gbtree", "dart")[index % 2]
        params = {
            "learning_rate": rate,
            "booster": booster,
            HOSTILE: ("</script>", "<img src=x onerror=alert(1)>")[index % 4 // 2],
        }
        if booster == "dart":
            params["rate_drop"] = float(rng.uniform(0, 0.5))
        if rate > 0.5:
            study.fail(params)
            continue
        level = 0.9 - 0.05 * (np.log10(rate) + 1.5) ** 2 - 0.1 * float(params.get("rate_drop", 0.0))
        study.add(
            params, folds=(level + rng.normal(0, 0.03) + rng.normal(0, 0.004, 5)).tolist(), seconds=float(rng.uniform(1, 20))
        )
    return study


def one() -> Study:
    study = Study()
    study.add({"C": 1.0}, folds=[0.9, 0.8, 0.85])
    return study


def none() -> Study:
    study = Study()
    study.fail({"C": 1.0})
    study.fail({"C": 2.0})
    return study


def lengthy() -> Study:
    """Names and values as long as those of pipelines; more columns than a narrow window holds."""
    rng = np.random.default_rng(3)
    names = ("clf", "preprocessing__columns__regularisation_strength", "max_depth", "subsample", "colsample_bytree", "gamma")
    study = Study(varying=names)
    for index in range(40):
        clf = ("sklearn.linear_model.LogisticRegression", "lightgbm.LGBMClassifier")[index % 2]
        numbers = rng.uniform(0.1, 1.0, 5).tolist()
        level = 0.7 + 0.15 * (index % 2) + 0.05 * numbers[0] - 0.02 * numbers[1]
        study.add(
            dict(zip(names, (clf, *numbers), strict=True)), folds=(level + rng.normal(0, 0.03) + rng.normal(0, 0.004, 5)).tolist()
        )
    return study


STUDIES = {"many": many, "one": one, "none": none, "lengthy": lengthy}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = chromium()
    with sync_playwright() as driver:
        # As root, in a container, Chromium's own sandbox cannot be.
        started = driver.chromium.launch(executable_path=path, args=["--no-sandbox"] if os.geteuid() == 0 else [])
        yield started
        started.close()


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("reports")
    for name, made in STUDIES.items():
        write_report(made().results(), folder / f"{name}.html", top=10)
    return {name: folder / f"{name}.html" for name in STUDIES}


def chromium() -> str:
    """Where it is; else Debian's package is installed, by root alone."""
    found = shutil.which("chromium")
    if found is None and os.geteuid() == 0 and shutil.which("apt-get"):
        quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for seconds, arguments in ((60, ["update"]), (200, ["install", "-y", "--no-install-recommends", "chromium"])):
            with contextlib.suppress(subprocess.TimeoutExpired):  # within what a test may take
                subprocess.run(["apt-get", "-qq", *arguments], env=quiet, check=False, capture_output=True, timeout=seconds)
        found = shutil.which("chromium")
    if found is None:
        pytest.skip("no chromium, and nobody here who may install Debian's package: apt-get install chromium")
    return found


def opened(browser: Browser, path: Path, *, width: int = 1400, theme: str = "light", script: bool = True) -> Opened:
    context = browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme="dark" if theme == "dark" else "light", java_script_enabled=script
    )
    seen = Opened(context.new_page())
    seen.page.on("console", lambda message: seen.troubles.append(message.text))
    seen.page.on("pageerror", lambda error: seen.troubles.append(str(error)))
    seen.page.on("request", lambda request: seen.asked.append(request.url))
    seen.page.goto(path.as_uri())
    return seen


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", STUDIES)
def test_it_fits_runs_and_can_be_used_by_everyone(
    browser: Browser, reports: dict[str, Path], name: str, width: int, theme: str
) -> None:
    seen = opened(browser, reports[name], width=width, theme=theme)
    try:
        assert seen.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        found = Axe().run(seen.page, options=_WCAG)
        assert found.violations_count == 0, found.generate_report()
        assert seen.troubles == []
        assert all(url.startswith("file:") for url in seen.asked), seen.asked
        assert "taken" not in seen.page.title()
    finally:
        seen.page.context.close()


def column(page: Page, name: str) -> list[str]:
    """The texts of a column of the ranking, from the top."""
    heads = page.locator("#ranking thead th").all_inner_texts()
    place = [head.strip() for head in heads].index(name) + 1
    return page.locator(f"#ranking tbody td:nth-child({place})").all_inner_texts()


def test_the_ranking_is_sorted_by_click_and_by_keyboard(browser: Browser, reports: dict[str, Path]) -> None:
    """Over all configurations, not over the rows that are shown."""
    page = opened(browser, reports["many"]).page
    head = page.locator("#ranking th", has_text="learning_rate")
    head.get_by_role("button").click()
    assert head.get_attribute("aria-sort") == "ascending"
    lowest = [float(text) for text in column(page, "learning_rate")]
    assert lowest == sorted(lowest)
    assert max(lowest) < 0.01
    page.keyboard.press("Enter")
    assert head.get_attribute("aria-sort") == "descending"
    highest = [float(text) for text in column(page, "learning_rate")]
    assert highest == sorted(highest, reverse=True)
    assert len(highest) == 10
    # What a configuration lacks comes last, whichever way.
    drop = page.locator("#ranking th", has_text="rate_drop")
    for _ in range(2):
        drop.get_by_role("button").click()
        assert "–" not in column(page, "rate_drop")
    page.context.close()


def test_rows_look_the_same_whoever_writes_them(browser: Browser, reports: dict[str, Path]) -> None:
    """The page without its script, and the script's own rows."""
    rows = []
    for script in (False, True):
        page = opened(browser, reports["many"], script=script).page
        rows.append(page.locator("#ranking tbody tr").all_inner_texts())
        page.context.close()
    assert rows[0] == rows[1]


def counted(page: Page) -> tuple[int, int]:
    """How many configurations are selected, and of how many."""
    told = re.search(r"(\d+) selected of (\d+)", page.locator("#selected").inner_text())
    assert told is not None
    return int(told[1]), int(told[2])


def test_a_stretch_of_an_axis_is_selected_by_dragging(browser: Browser, reports: dict[str, Path]) -> None:
    """The count is told, the ranking lists what is selected, and one click brings all back."""
    page = opened(browser, reports["many"]).page
    before = column(page, "Rank")
    assert not page.locator(".static").is_visible()
    axis = page.locator('.axis[aria-label="learning_rate"] .hit')
    axis.scroll_into_view_if_needed()
    box = axis.bounding_box()
    assert box is not None
    middle = box["x"] + box["width"] / 2
    page.mouse.move(middle, box["y"] + box["height"] - 1)
    page.mouse.down()
    page.mouse.move(middle, box["y"] + box["height"] * 0.8, steps=4)
    page.mouse.up()
    selected, of = counted(page)
    assert 0 < selected < of
    shown = [float(text) for text in column(page, "learning_rate")]
    assert 0 < len(shown) <= selected
    assert max(shown) < 0.01
    page.get_by_role("button", name="Clear").click()
    assert "All" in page.locator("#selected").inner_text()
    assert column(page, "Rank") == before
    page.context.close()


def test_an_axis_is_selected_by_keyboard(browser: Browser, reports: dict[str, Path]) -> None:
    """Whoever has no mouse has two sliders; an absent parameter is in no stretch of it."""
    page = opened(browser, reports["many"]).page
    page.get_by_role("slider", name="booster: lowest selected").press("ArrowUp")
    selected, of = counted(page)
    assert set(column(page, "booster")) == {"gbtree"}
    assert 0 < selected < of
    page.keyboard.press("Escape")
    assert "All" in page.locator("#selected").inner_text()
    page.get_by_role("slider", name="rate_drop: highest selected").press("ArrowDown")
    assert set(column(page, "booster")) == {"dart"}
    assert page.get_by_role("slider", name="rate_drop: highest selected").get_attribute("aria-valuetext") != "0.5"
    page.context.close()


def test_without_a_script_there_is_the_picture(browser: Browser, reports: dict[str, Path]) -> None:
    """Where scripts are not allowed nothing that needs one is shown."""
    page = opened(browser, reports["many"], script=False).page
    assert page.locator(".static").is_visible()
    assert not page.locator("#lines").is_visible()
    assert page.locator("#ranking button").count() == 0
    page.context.close()


def test_on_paper_there_is_nothing_to_click(browser: Browser, reports: dict[str, Path]) -> None:
    """The picture in the widget's place, no links to data."""
    page = opened(browser, reports["many"], width=800).page
    page.emulate_media(media="print")
    assert page.locator(".static").is_visible()
    assert not page.locator("#lines").is_visible()
    assert not page.locator("a.data").first.is_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.pdf().startswith(b"%PDF")
    page.context.close()


def test_the_data_of_a_figure_is_kept_as_csv(browser: Browser, reports: dict[str, Path]) -> None:
    page = opened(browser, reports["many"]).page
    link = page.locator("figure", has_text="How does accuracy depend on learning_rate?").locator("a.data")
    with page.expect_download() as kept:
        link.click()
    assert kept.value.suggested_filename == "score-by-learning_rate.csv"
    header, *rows = kept.value.path().read_text(encoding="utf-8").splitlines()
    assert header == "learning_rate,accuracy,in_best_set"
    assert len(rows) == len(unquote(str(link.get_attribute("href"))).splitlines()) - 1 > 50
    page.context.close()


# Of texts within an element: those that reach beyond its left or right edge.
_BEYOND = """(box, texts) => {
  const edge = box.getBoundingClientRect();
  return [...box.querySelectorAll(texts)].filter((text) => {
    const at = text.getBoundingClientRect();
    return at.width > 0 && (at.left < edge.left - 0.5 || at.right > edge.right + 0.5);
  }).map((text) => text.textContent);
}"""


def beyond(page: Page, box: str, texts: str) -> list[str]:
    found: list[str] = page.locator(box).first.evaluate(f"(box) => ({_BEYOND})(box, {texts!r})")
    return found


@pytest.mark.parametrize("width", [900, 1400])
@pytest.mark.parametrize("script", [True, False])
def test_no_label_of_the_parallel_axes_is_cut_off(browser: Browser, reports: dict[str, Path], width: int, script: bool) -> None:
    """Neither where it can be asked nor in the picture of it; and a label that lies on lines has a halo."""
    page = opened(browser, reports["lengthy"], width=width, script=script).page
    box = ".stage" if script else ".static .plot"
    labels = page.locator(f"{box} text")
    assert labels.count() > 12
    assert beyond(page, box, "text") == []
    halo = labels.first.evaluate("(text) => [getComputedStyle(text).paintOrder, getComputedStyle(text).strokeWidth]")
    assert halo[0].startswith("stroke")
    assert halo[1] != "0px"
    page.context.close()


@pytest.mark.parametrize("width", [400, 900])
def test_no_label_reaches_beyond_its_figure(browser: Browser, reports: dict[str, Path], width: int) -> None:
    page = opened(browser, reports["lengthy"], width=width).page
    figures = page.locator("figure:has(.plot)")
    assert figures.count() >= 5
    for place in range(figures.count()):
        found = figures.nth(place).evaluate(f"(box) => ({_BEYOND})(box, 'text')")
        assert found == [], figures.nth(place).locator("h3").inner_text()
    page.context.close()


def test_on_a_phone_the_table_of_shares_fits(browser: Browser, reports: dict[str, Path]) -> None:
    """Its head and its bars are seen whole, and a word is not broken that has room."""
    for width in (360, 400):
        page = opened(browser, reports["lengthy"], width=width).page
        shares = page.locator(".scroll", has=page.locator(".shares"))
        assert shares.evaluate("(box) => box.scrollWidth <= box.clientWidth")
        row = page.locator(".shares tr", has_text="unexplained").locator("th")
        assert (
            row.evaluate(
                "(cell) => { const r = document.createRange(); r.selectNodeContents(cell); return r.getClientRects().length }"
            )
            == 1
        )
        assert page.locator(".shares tbody td.wide").first.evaluate("(cell) => cell.clientWidth") >= 80
        page.context.close()


def test_a_wide_window_shows_the_whole_ranking(browser: Browser, reports: dict[str, Path]) -> None:
    """The table is as wide as it needs; in a narrower window it scrolls in its own box."""
    seen = {}
    for width in (800, 1440):
        page = opened(browser, reports["lengthy"], width=width).page
        ranking = page.locator("#ranking")
        seen[width] = ranking.evaluate("(box) => box.scrollWidth <= box.clientWidth")
        last = page.locator("#ranking tbody td:last-child").first.bounding_box()
        box = ranking.bounding_box()
        assert last is not None
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
        if width == 1440:
            assert last["x"] + last["width"] <= box["x"] + box["width"]
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        page.context.close()
    assert seen == {800: False, 1440: True}
