"""Every example of docs/import.md gives the spec that stands below it, and the configurations that its file means."""

from __future__ import annotations

import re
from itertools import product

import pytest
from foreign_files import grid, imported, same
from harness import ROOT

BLOCKS = re.findall(r"```yaml\n(.*?)```", (ROOT / "docs" / "import.md").read_text(encoding="utf-8"), flags=re.DOTALL)
EXAMPLES = list(zip(BLOCKS[::2], BLOCKS[1::2], strict=True))
FILES = ("sweep.yaml", "experiment.yaml", "config.yaml")
TENTHS = (0.5, 0.6, 0.7, 0.8, 0.9)
MEANT: list[list[dict[str, object]]] = [
    [{"lr": lr, "momentum": m, "optimizer.name": o} for lr, m, o in product((0.0001, 0.001, 0.01), TENTHS, ("adam", "sgd"))],
    [{"lr": lr, "momentum": m} for lr, m in product((0.01, 0.02, 0.03, 0.04, 0.05), TENTHS)],
    [{"global_batch_size": 64, "layers": n, "optimizer.rate": rate} for n, rate in product((1, 2, 3), (0.0001, 0.001, 0.01))],
]


def test_each_system_has_one() -> None:
    assert len(EXAMPLES) == len(FILES) == len(MEANT)


@pytest.mark.parametrize(("example", "file"), list(zip(EXAMPLES, FILES, strict=True)), ids=["wandb", "katib", "determined"])
def test_an_example_becomes_what_stands_below_it(example: tuple[str, str], file: str) -> None:
    assert imported(example[0], file=file).text == example[1]


@pytest.mark.parametrize(("example", "meant"), list(zip(EXAMPLES, MEANT, strict=True)), ids=["wandb", "katib", "determined"])
def test_an_example_plans_to_what_its_file_means(example: tuple[str, str], meant: list[dict[str, object]]) -> None:
    assert same(grid(example[0]), meant)
