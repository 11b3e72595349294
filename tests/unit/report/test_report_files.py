"""Figures as files of their own: what the page shows, in the page's light colours."""

from __future__ import annotations

import math
import re
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from matplotlib.font_manager import FontProperties
from matplotlib.image import imread
from matplotlib.textpath import TextPath
from results_builders import Study

from hpsearch.core.errors import InfrastructureError
from hpsearch.report import render, write_figures


def study(*names: str) -> Study:
    rng = np.random.default_rng(0)
    made = Study(varying=names)
    for index in range(16):
        params = {name: float((index // 4**place if place < 2 else index % 3) % 4 + 1) for place, name in enumerate(names)}
        made.add(params, folds=(0.8 + 0.01 * (index % 4) + 0.002 * rng.normal(size=5)).tolist())
    return made


def test_each_figure_is_written_twice(tmp_path: Path) -> None:
    paths = write_figures(study("C", "gamma").results(), tmp_path / "new" / "folder")
    names = [path.stem for path in paths if path.suffix == ".svg"]
    assert names == ["parallel", "importance", "ablation", "score-by-C", "score-by-gamma", "history"]
    assert [path.stem for path in paths if path.suffix == ".png"] == names
    for path in paths:
        if path.suffix == ".svg":
            text = path.read_text(encoding="utf-8")
            ElementTree.fromstring(text)
            assert "#5f666e" in text  # the page's own grey, and none of the stand-ins
            assert "#0" not in text.replace("#000000", "")
        else:
            assert path.read_bytes().startswith(b"\x89PNG")


def test_names_of_parameters_are_no_paths(tmp_path: Path) -> None:
    """Two that differ in what a file's name cannot hold, or in case alone, do not write over one another."""
    paths = write_figures(study("../up", "a/b", "A:b").results(), tmp_path)
    assert {path.parent for path in paths} == {tmp_path}
    assert len({path.name.lower() for path in paths}) == len(paths)
    assert sum(path.name.startswith("score-by-") for path in paths) == 6


def test_nothing_to_show_writes_nothing(tmp_path: Path) -> None:
    assert write_figures(Study().results(), tmp_path) == []


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InfrastructureError, match="the figures cannot be written to"):
        write_figures(study("C", "gamma").results(), tmp_path / "file" / "folder")


LONG = ("preprocessing__columns__regularisation_strength", "clf__gamma_of_the_kernel_function", "clf__estimator")
CLASSES = ("linear_model.LogisticRegression", "svm.SVC", "ensemble.RandomForestClassifier")


def tangled(names: tuple[str, ...] = LONG) -> Study:
    """Every kind of figure, of parameters with long names and values: an interaction, failures, times, scores off the scale."""
    rng, made = np.random.default_rng(1), Study(varying=names)
    for index in range(150):
        strength, width = float(10 ** rng.uniform(-2, 3)), float(10 ** rng.uniform(-5, 0))
        estimator = f"sklearn.{CLASSES[index % 3]}"
        params = dict(zip(names, (strength, width, estimator), strict=True))
        level = 0.97 - 0.006 * (np.log10(strength) - 1.5) ** 2
        level -= 0.05 * abs(np.log10(width) + 3) * (0.5 + 0.1 * np.log10(strength)) ** 2
        if index % 11 == 3:
            made.fail(params)
        else:
            folds = ((0.1 if index in (5, 17) else level) + rng.normal(0, 0.004, 5)).tolist()
            made.add(params, folds=folds, seconds=float(rng.uniform(2, 30)))
    return made


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Of the study above, by their names."""
    return {path.name: path for path in write_figures(tangled().results(), tmp_path_factory.mktemp("files"))}


def texts(path: Path) -> str:
    """What an SVG says, its lines joined."""
    return " ".join(" ".join(ElementTree.fromstring(path.read_text(encoding="utf-8")).itertext()).split())


def test_no_label_is_cut_off(files: dict[str, Path]) -> None:
    """Of a text that is cut off the ink reaches the picture's edge."""
    pictures = [path for name, path in files.items() if name.endswith(".png")]
    assert {path.stem for path in pictures} >= {"importance", "ablation", "together", "failures", "cost", "history", "parallel"}
    for path in pictures:
        grey = imread(path)[:, :, :3].min(axis=2)
        edges = {"left": grey[:, :8], "right": grey[:, -8:], "top": grey[:8], "bottom": grey[-8:]}
        assert {side: float(edge.min()) for side, edge in edges.items() if edge.min() < 1} == {}, path.name


def test_an_svg_holds_its_texts(files: dict[str, Path]) -> None:
    """Each, as wide as it is in the font that the file asks for first."""
    for name, path in files.items():
        if not name.endswith(".svg"):
            continue
        root = ElementTree.fromstring(path.read_text(encoding="utf-8"))
        width, height = (float(part) for part in root.attrib["viewBox"].split()[2:])
        boxes = [box_of(element) for element in root.iter("{http://www.w3.org/2000/svg}text") if element.text]
        assert len(boxes) > 4, name
        assert min(box[0] for box in boxes) >= 0, name
        assert min(box[1] for box in boxes) >= 0, name
        assert max(box[2] for box in boxes) <= width, name
        assert max(box[3] for box in boxes) <= height, name


def box_of(text: ElementTree.Element) -> tuple[float, float, float, float]:
    """Left, top, right, bottom of a text as matplotlib places it."""
    style, transform = text.attrib["style"], text.attrib.get("transform", "")
    size = float(re.search(r"([\d.]+)px", style)[1])  # type: ignore[index]
    moved = re.search(r"translate\(([-\d.]+)[ ,]([-\d.]+)\)", transform)
    turned = re.search(r"rotate\(([-\d.]+)", transform)
    x, y = (float(moved[1]), float(moved[2])) if moved else (float(text.attrib["x"]), float(text.attrib["y"]))
    weight = "bold" if "bold" in style or "700" in style else "normal"
    outline = TextPath((0, 0), text.text or "", size=size, prop=FontProperties(weight=weight)).get_extents()
    length, angle = outline.x1, math.radians(float(turned[1]) if turned else 0.0)
    start = {"middle": -0.5, "end": -1.0}.get((re.search(r"text-anchor: (\w+)", style) or ["", ""])[1], 0.0) * length
    ends = [(x + at * math.cos(angle), y + at * math.sin(angle)) for at in (start, start + length)]
    xs, ys = [end[0] for end in ends], [end[1] for end in ends]
    return min(xs), min(ys) - outline.y1 * math.cos(angle), max(xs), max(ys)


def test_a_file_has_its_question_as_title_and_says_what_its_signs_are(files: dict[str, Path]) -> None:
    """It is looked at where the page's heading and legend are not."""
    said = {name.removesuffix(".svg"): texts(path) for name, path in files.items() if name.endswith(".svg")}
    assert "What does accuracy depend on?" in said["importance"]
    assert "95 % interval" in said["importance"]
    assert "Which must be tuned together?" in said["together"]
    assert "Stronger is better; the best is framed." in said["together"]
    assert "each bar goes from before the change to after it." in said["ablation"]
    for name in ("history", "cost", f"score-by-{LONG[0]}", "parallel"):
        assert all(sign in said[name] for sign in ("best", "may be the best too", "other configurations")), name
    assert "mean over all that the others may be" in said[f"score-by-{LONG[0]}"]
    assert "much worse, off the scale" in said["history"]
    assert "of all configurations" in said["failures"]


def test_labels_of_the_parallel_axes_are_not_crossed_out(files: dict[str, Path]) -> None:
    """Each has the paper behind it."""
    drawing = files["parallel.svg"].read_text(encoding="utf-8")
    labels = len(re.findall(r"<text[^>]*text-anchor: end", drawing))
    assert labels > 8
    assert len(re.findall(r"fill: #ffffff; opacity: 0.75", drawing)) == labels


def test_on_the_page_the_question_is_the_heading_alone() -> None:
    page = render(tangled().results())
    drawings = re.findall(r"<svg.*?</svg>", page, flags=re.DOTALL)
    assert drawings
    assert not any("Would more trials have helped?" in re.sub(r"<svg[^>]*>", "", drawing) for drawing in drawings)


def test_an_importance_that_means_nothing_says_so_in_its_file(tmp_path: Path) -> None:
    rng, noise = np.random.default_rng(1), Study(varying=("a", "b"))
    for _ in range(80):
        noise.add({"a": float(rng.random()), "b": float(rng.random())}, float(rng.random()))
    write_figures(noise.results(), tmp_path)
    assert "Not interpretable: " in texts(tmp_path / "importance.svg")
    write_figures(study("C", "gamma").results(), tmp_path / "readable")
    assert "Not interpretable" not in texts(tmp_path / "readable" / "importance.svg")
