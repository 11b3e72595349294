"""The dashboard imports as it is, and no panel of it stays empty because its metric has never existed."""

from __future__ import annotations

import json
import re
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
import yaml

FOLDER = Path(__file__).parents[3] / "dashboards"


@pytest.fixture(scope="module")
def dashboard() -> Any:
    return json.loads((FOLDER / "ray_cluster.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def exported() -> set[str]:
    """Every metric name that the installed Ray can export, as far as its agent, autoscaler and binaries tell."""
    import ray
    from prometheus_client import CollectorRegistry
    from ray.autoscaler._private.prom_metrics import AutoscalerPrometheusMetrics
    from ray.dashboard.modules.reporter.reporter_agent import METRICS_GAUGES

    names = {f"ray_{name}" for name in METRICS_GAUGES}
    registry = CollectorRegistry()
    AutoscalerPrometheusMetrics("session", registry)
    names |= {sample.name for family in registry.collect() for sample in family.samples} | {
        family.name for family in registry.collect()
    }
    # What the C++ parts export has its name as a string in them; a counter's `_total` is added on export.
    binary = (Path(ray.__file__).parent / "core/src/ray/raylet/raylet").read_bytes()
    names.add("ray_actors")  # its text is the tail of a longer one there, so that no end stands before it
    for name in re.findall(rb"\x00([a-z][a-z0-9_]{3,60})(?=\x00)", binary):
        names |= {f"ray_{name.decode()}", f"ray_{name.decode()}_total"}
    return names


def expressions(dashboard: Any) -> list[str]:
    return [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]


def metrics(expression: str) -> set[str]:
    return set(re.findall(r"\b(?:ray|autoscaler|hpsearch)_[a-z0-9_]+", expression))


def test_every_metric_exists_in_ray(dashboard: Any, exported: set[str]) -> None:
    used = set().union(*map(metrics, expressions(dashboard)))
    assert len(used) > 12
    assert used - exported == set()


def test_a_metric_that_ray_lacks_would_be_noticed(exported: set[str]) -> None:
    assert {"ray_tune_trials", "ray_node_cpu_used", "hpsearch_trials_total"} & exported == set()


def test_the_variables_are_those_that_are_used(dashboard: Any) -> None:
    declared = {variable["name"] for variable in dashboard["templating"]["list"]}
    used = set(re.findall(r"\$\{?(\w+)", json.dumps(dashboard["panels"])))
    assert used == declared == {"datasource", "session", "node"}


def test_two_clusters_on_one_prometheus_are_not_added_up(dashboard: Any) -> None:
    for expression in expressions(dashboard):
        series = len(re.findall(r"\b(?:ray|autoscaler)_\w+\{", expression))
        assert expression.count('SessionName=~"$session"') == series > 0, expression


def test_panels_have_ids_of_their_own_and_do_not_overlap(dashboard: Any) -> None:
    panels = dashboard["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    for a, b in combinations([panel["gridPos"] for panel in panels], 2):
        apart = a["x"] + a["w"] <= b["x"] or b["x"] + b["w"] <= a["x"] or a["y"] + a["h"] <= b["y"] or b["y"] + b["h"] <= a["y"]
        assert apart, (a, b)
    assert all(panel["gridPos"]["x"] + panel["gridPos"]["w"] <= 24 for panel in panels)


def test_each_panel_says_what_it_shows_and_in_which_unit(dashboard: Any) -> None:
    for panel in dashboard["panels"]:
        assert len(panel["description"]) > 10, panel["title"]
        assert panel["fieldConfig"]["defaults"]["unit"], panel["title"]


def test_brackets_of_each_query_are_closed(dashboard: Any) -> None:
    for expression in expressions(dashboard):
        for opening, closing in ("()", "{}", "[]"):
            assert expression.count(opening) == expression.count(closing), expression
        assert expression.count('"') % 2 == 0, expression


def test_prometheus_finds_its_targets_in_rays_own_file() -> None:
    config = yaml.safe_load((FOLDER / "prometheus.yml").read_text(encoding="utf-8"))
    (job,) = config["scrape_configs"]
    from ray._private.ray_constants import PROMETHEUS_SERVICE_DISCOVERY_FILE

    assert job["file_sd_configs"] == [{"files": [f"/tmp/ray/{PROMETHEUS_SERVICE_DISCOVERY_FILE}"]}]
    assert "static_configs" not in job
