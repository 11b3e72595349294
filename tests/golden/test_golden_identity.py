"""Keys and configuration ids, version 1, held still: if one changes, every result in every ledger is computed again.

The contexts are those of real studies, which test_golden_contexts.py prepares. The values in identity_v1.json were written once
and are never renewed. Where the rule itself must change, a v2 comes beside it: a new KEY_VERSION, a new file, and this one stays.
"""

from __future__ import annotations

import json
import math
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from hpsearch.core.identity import KEY_VERSION, Context, config_id, trial_key
from hpsearch.core.values import canonical, digest

GOLDEN: dict[str, Any] = json.loads(Path(__file__).with_name("identity_v1.json").read_text(encoding="utf-8"))

CONTEXTS: dict[str, Any] = {case["why"]: case["context"] for case in GOLDEN["contexts"]}


def revive(value: Any) -> Any:
    """A value from the JSON file: what JSON has no word for is written {"!": "nan" | "inf" | "-inf"}."""
    if isinstance(value, dict):
        if value.keys() == {"!"}:
            return float(value["!"])
        return {key: revive(item) for key, item in value.items()}
    return [revive(item) for item in value] if isinstance(value, list) else value


def names(section: str) -> list[Any]:
    return [pytest.param(case, id=case["why"]) for case in GOLDEN[section]]


def test_the_version_is_one() -> None:
    assert KEY_VERSION == GOLDEN["version"] == "v1"


@pytest.mark.parametrize("case", names("canonical"))
def test_the_canonical_text_of_a_value(case: dict[str, Any]) -> None:
    assert canonical(revive(case["value"])) == case["text"]
    assert digest(revive(case["value"])) == case["digest"]


@pytest.mark.parametrize("case", names("contexts"))
def test_the_digest_of_a_context(case: dict[str, Any]) -> None:
    assert Context(**revive(case["context"])).digest == case["digest"]


@pytest.mark.parametrize("case", names("trials"))
def test_the_key_and_configuration_id_of_a_trial(case: dict[str, Any]) -> None:
    params = revive(case["params"])
    context = Context(**revive(CONTEXTS[case["context"]]))
    assert trial_key(context, params, case["seed"]) == case["key"]
    assert config_id(params) == case["config_id"]


def test_the_canonical_text_of_keys_that_are_no_texts() -> None:
    # JSON, in which the golden values stand, has no such keys.
    assert canonical({0: 1.0, 1: 5.0, "0": 2.0, "$0": 3.0}) == '{"$$0":3.0,"$0":1.0,"$1":5.0,"0":2.0}'
    assert canonical({None: 1, 0.5: 2, False: 3}) == '{"$0.5":2,"$false":3,"$null":1}'


def test_the_golden_values_are_all_different() -> None:
    # Two cases of one value would hide that a difference no longer counts.
    for section, field in (("canonical", "digest"), ("contexts", "digest"), ("trials", "key")):
        values = [case[field] for case in GOLDEN[section]]
        assert len(set(values)) == len(values), section


def test_another_process_finds_the_same_key_whatever_its_hash_seed() -> None:
    case = {**GOLDEN["trials"][0], "context": CONTEXTS[GOLDEN["trials"][0]["context"]]}
    script = (
        "import json, sys\nfrom hpsearch.core.identity import *\ncase = json.loads(sys.argv[1])\n"
        "print(trial_key(Context(**case['context']), case['params'], case['seed']))"
    )
    for seed in ("0", "1", "4242"):
        done = subprocess.run(
            [sys.executable, "-c", script, json.dumps(case)],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": str(Path(__file__).parents[2])},
            capture_output=True,
            text=True,
            timeout=30,
            check=True,
        )
        assert done.stdout.strip() == case["key"]


def test_every_part_of_a_context_counts() -> None:
    parts = ({}, {"data": 1}, {"splits": 1}, {"fidelity": 1}, {"environment": 1})
    assert len({Context(what="sklearn.svm.SVC", **part).digest for part in parts}) == len(parts)


def test_the_order_of_names_is_nothing() -> None:
    context = Context(what="sklearn.svm.SVC")
    assert trial_key(context, {"C": 1.0, "gamma": 0.1}, 0) == trial_key(context, {"gamma": 0.1, "C": 1.0}, 0)


def test_minus_zero_is_zero_and_a_tuple_is_a_list() -> None:
    assert canonical(-0.0) == canonical(0.0)
    assert canonical((1, (2,))) == canonical([1, [2]])
    assert canonical({"a": -math.inf}) != canonical({"a": math.inf})
