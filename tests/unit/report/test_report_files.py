"""Figures as files of their own: what the page shows, in the page's light colours."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from results_builders import Study

from hpsearch.core.errors import InfrastructureError
from hpsearch.report import write_figures


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
