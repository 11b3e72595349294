"""One configuration, found by what a user has copied from somewhere."""

from __future__ import annotations

import pytest
from results_builders import Study

from hpsearch.core.errors import SpecError
from hpsearch.results import StudyResults, show


@pytest.fixture
def results() -> StudyResults:
    study = Study()
    study.add({"C": 1, "kernel": "rbf"}, folds=[0.5, 0.7], seed=0)
    study.add({"C": 1, "kernel": "rbf"}, folds=[0.6, 0.8], seed=1)
    study.add({"C": 2, "kernel": "rbf"}, folds=[0.4, 0.4], seed=0)
    study.fail({"C": 2, "kernel": "rbf"}, "ValueError", "C is even", seed=1)
    return study.results()


def test_a_configuration_by_the_beginning_of_its_id(results: StudyResults) -> None:
    """All its trials, with every fold."""
    view = show(results, str(results.configs["config_id"].iloc[0])[:6])
    assert (view.rank, view.n_ranked, view.params["C"], view.chosen) == (1, 1, 1, "")
    assert [trial.seed for trial in view.trials] == [0, 1]
    assert [fold.scores["accuracy"] for fold in view.trials[1].folds] == [0.6, 0.8]
    assert view.trials[0].folds[1].n_train == 80


@pytest.mark.parametrize("cut", [slice(0, 12), slice(3, 12), slice(0, None)])
def test_a_trial_by_its_key_with_or_without_the_version(results: StudyResults, cut: slice) -> None:
    """That trial alone, with its error."""
    key = str(results.trials["trial_key"].iloc[3])
    view = show(results, key[cut])
    assert (view.chosen, view.rank, len(view.trials)) == (key, None, 1)
    assert (view.trials[0].error_type, view.trials[0].error) == ("ValueError", "C is even")
    assert "train.py" in view.trials[0].traceback


def test_an_ambiguous_beginning_lists_what_it_could_mean(results: StudyResults) -> None:
    """Guessing would show the wrong one."""
    with pytest.raises(SpecError, match=r"'v1:' begins more than one configuration or trial of example: v1:"):
        show(results, "v1:")


def test_an_unknown_beginning_names_the_nearest(results: StudyResults) -> None:
    """One digit mistyped."""
    full = str(results.configs["config_id"].iloc[0])
    typo = full[:7] + ("0" if full[7] != "0" else "1")
    with pytest.raises(SpecError, match=rf"no configuration or trial of example begins with '{typo}'; did you mean {full}\?"):
        show(results, typo)
    with pytest.raises(SpecError, match="nothing has been recorded yet"):
        show(Study().results(), "abc")
    with pytest.raises(SpecError, match="begins with ''"):
        show(results, "")
