"""The page itself: whole, self-contained, inert, small."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from page_reader import Page
from results_builders import Study

from hpsearch.core.errors import InfrastructureError
from hpsearch.report import render, write_report


def study(n: int = 12) -> Study:
    rng = np.random.default_rng(0)
    made = Study(varying=("C", "kernel"))
    for index in range(n):
        made.add({"C": float(10 ** (index % 4 - 1)), "kernel": ("rbf", "poly", "linear")[index // 4 % 3], "i": index},
                 folds=rng.normal(0.9 - 0.01 * (index % 4), 0.005, 5).tolist())  # fmt: skip
    made.fail({"C": -1.0, "kernel": "rbf", "i": -1}, "ValueError", "C must be positive")
    return made


def test_the_page_holds_the_whole_account() -> None:
    """Summary, ranking, a figure for each parameter, failures with their traceback, spec, data."""
    results = study().results()
    page = Page(render(results, top=5))
    best = results.best()
    assert best is not None
    assert "The best of 12 configurations reaches accuracy" in page.text
    assert best.config_id[:8] in page.text
    assert "5 of 12 shown." in page.text
    assert "How does accuracy depend on C?" in page.text
    assert "How does accuracy depend on kernel?" in page.text
    # i, too: it differs from trial to trial, though the record does not name it as varying.
    assert "How does accuracy depend on i?" in page.text
    # Of three parameters; parallel coordinates, the steps to the best, history, and what makes trials fail.
    assert sum(tag == "svg" and attrs.get("class") == "plot" for tag, attrs in page.elements) == 7
    assert "ValueError" in page.text
    assert "Traceback (most recent call last)" in page.text
    assert results.study.spec_text.strip().replace("\n", " ") in page.text
    assert "abc123" in page.text


def test_the_page_asks_nothing_of_a_network_and_runs_nothing_but_its_own_script() -> None:
    """It is opened from disk, mailed, and shown in MLflow's sandboxed frame."""
    html = render(study().results())
    page = Page(html)
    assert not page.tags() & {"iframe", "object", "embed", "link", "base", "form", "img"}
    for tag, attributes in page.elements:
        for name, value in attributes.items():
            assert not name.startswith("on"), name
            if name in ("src", "href", "xlink:href", "action") or (name == "data" and tag == "object"):
                assert (value or "").startswith(("#", "data:text/csv")), value
    assert not re.search(r"url\((?!#)", html)
    assert "@import" not in html
    assert "default-src 'none'" in html
    (_, script) = page.scripts
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}';" in html
    assert not re.search(r"innerHTML|insertAdjacent|document\.write|eval|fetch|XMLHttp|import\(", script)


HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(2)>\"'`{{7*7}}{% raw %}$x^2$&amp;"


def test_hostile_names_and_values_are_text() -> None:
    """Parameter names, values, errors and specs are written by others; each must come out as it went in, as text."""
    made = Study(name="example", varying=(HOSTILE, "b"))
    for index, value in enumerate([HOSTILE, "</style><svg onload=alert(3)>", "--></textarea>", "]]>"]):
        made.add({HOSTILE: value, "b": index}, folds=[0.5 + 0.1 * index, 0.5, 0.6])
    failure = made.fail({HOSTILE: HOSTILE, "b": 9}, HOSTILE, HOSTILE)
    made.trials[-1] = replace(failure, traceback=HOSTILE, node=HOSTILE)
    made.record = replace(
        made.record, name=HOSTILE, description=HOSTILE, spec_text=HOSTILE, dataset=HOSTILE, tags={HOSTILE: HOSTILE},
        metric=replace(made.record.metric, name="accuracy"),
    )  # fmt: skip
    page = Page(render(made.results()))
    clean = Page(render(study().results()))
    assert len(page.scripts) == 2
    assert "<" not in page.scripts[0]
    assert "</script>" in str(json.loads(page.scripts[0]))
    assert page.tags() <= clean.tags() | {"article", "details", "summary", "pre"}
    assert not any(name.startswith("on") for _, attributes in page.elements for name in attributes)
    assert page.text.count("<script>alert(1)</script>") >= 6
    assert "{{7*7}}" in page.text


def test_a_hostile_metric_is_text_in_the_figures_too() -> None:
    """The axis title goes through matplotlib, whose own mathematics must not choke on it."""
    made = Study(replace(Study().record.metric, name="$\\frac{<b>"))
    for c in (1, 2, 3):
        made.add({"C": c}, 0.1 * c)
    page = Page(render(made.results()))
    assert "b" not in page.tags()
    assert "$\\frac{<b>" in page.text


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("naïve ΔΣ", "ΔΣ"),
        ("学習率", "高"),
        ("\x00\x1b[31m", "\x07"),
        ("name", "\ud800"),
        ("\u202egnp", "\u202egnp"),
        ("a" * 3000, "a" * 9999),
    ],
)
def test_any_text_makes_a_page(name: str, value: str, tmp_path: Path) -> None:
    """Scripts matplotlib's font lacks, control characters, lone surrogates, endless names."""
    made = Study(varying=(name,))
    for index, text in enumerate((value, "b", "c")):
        made.add({name: text}, 0.5 + 0.1 * index)
    write_report(made.results(), tmp_path / "report.html")
    assert "\x00" not in (tmp_path / "report.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("empty", [True, False])
def test_a_study_without_a_ranking_has_a_page_that_says_why(empty: bool) -> None:
    """Opened during the first minute, or after everything failed."""
    made = Study()
    if not empty:
        made.fail({"C": 1}, "ValueError", "no")
        made.fail({"C": 2}, "ValueError", "no")
    page = Page(render(made.results()))
    assert ("No trial has been recorded yet." if empty else "No trial has completed: 2 FAILED.") in page.text
    assert "table" not in page.tags()
    assert page.text.count("No trial has") == 1


def test_one_split_shows_no_interval_and_no_best_set() -> None:
    """Nothing on the page may suggest a certainty that is not there."""
    made = Study()
    for c in (1, 2, 3):
        made.add({"C": c}, 0.1 * c)
    text = Page(render(made.results())).text
    assert "± se" not in text
    assert "cannot be told apart" not in text
    assert "no standard error and no best set" in text


def test_the_same_results_give_the_same_page() -> None:
    """A report under version control changes when the study does."""
    assert render(study().results()) == render(study().results())


def test_ids_on_the_page_are_unique() -> None:
    """Two figures that share an id would draw each other's marks."""
    ids = [attributes["id"] for _, attributes in Page(render(study().results())).elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    referred = re.findall(r'(?:href="#|url\(#)([^")]+)', render(study().results()))
    assert set(referred) <= set(ids)


def test_figures_bring_no_style_sheet_of_their_own() -> None:
    """A `<style>` inside an inline SVG holds for the whole page, and would restyle every figure after it."""
    assert render(study().results()).count("<style") == 1


def test_a_thousand_trials_stay_under_a_megabyte_and_a_half() -> None:
    """It is an attachment, and an artifact of every run."""
    rng, made = np.random.default_rng(0), Study(varying=tuple(f"p{index}" for index in range(10)))
    for score in rng.normal(0.9, 0.02, 1000):
        made.add({f"p{index}": float(rng.uniform()) for index in range(10)}, folds=rng.normal(score, 0.01, 3).tolist())
    assert len(render(made.results()).encode()) < 1_500_000


def test_the_file_is_replaced_whole(tmp_path: Path) -> None:
    """A browser that reloads while it is written sees the old page or the new one; no draft is left behind."""
    path = tmp_path / "new" / "report.html"
    write_report(study(4).results(), path)
    write_report(study(8).results(), path)
    assert "The best of 8 configurations" in path.read_text(encoding="utf-8")
    assert [file.name for file in path.parent.iterdir()] == ["report.html"]


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    """A file where the folder should be."""
    (tmp_path / "file").write_text("")
    with pytest.raises(InfrastructureError, match=r"the report cannot be written to .*file/report.html"):
        write_report(study(4).results(), tmp_path / "file" / "report.html")


def test_what_ray_calls_a_node_is_not_counted() -> None:
    """A local Ray has a new id at each start: five resumed runs on one laptop are not five nodes."""
    made = study()
    made.trials = [replace(trial, node=f"{index:056x}") for index, trial in enumerate(made.trials)]
    assert "node" not in Page(render(made.results())).text


def test_a_configuration_of_an_earlier_form_of_the_spec_is_marked() -> None:
    made = study(4)
    marked = Page(render(made.results(asked=lambda params: params["i"] < 3)))
    assert marked.text.count("†") == 2  # beside it, and below the table
    assert "1 of 4 ranked configurations is of an earlier form of the spec" in marked.text
    assert "†" not in Page(render(made.results())).text
