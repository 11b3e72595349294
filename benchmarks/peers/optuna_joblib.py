"""A case by Optuna, its trials asked for and told one by one, evaluated in joblib's processes between.

python -m benchmarks.peers.optuna_joblib a

The grid's configurations stand in Optuna's queue, which costs it less than its own GridSampler; the study is in memory.
Optuna's own `n_jobs` means threads: with fits that hold Python's lock they would take turns.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from benchmarks.cases import Work
from benchmarks.cases.work import Params, Scores, key_of, mean_of, who
from benchmarks.peers.script import Found, run_script


def search(work: Work, asked: Any) -> Found:
    import optuna
    from joblib import Parallel, delayed

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    began = time.time()
    study = optuna.create_study(direction="maximize", sampler=optuna.samplers.RandomSampler(seed=0))
    for params in work.configurations:
        study.enqueue_trial(params)
    axes = {name: _distribution(values) for name, values in work.grid.items()}
    waiting: dict[int, Any] = {}

    def trials() -> Iterator[Any]:
        for _ in work.configurations:
            trial = study.ask(axes)
            waiting[trial.number] = trial
            yield delayed(evaluate)(trial.number, work.task, trial.params)

    scores: dict[str, Scores] = {}
    starts: list[tuple[str, float]] = []
    for number, found, worker, at in Parallel(n_jobs=work.jobs, return_as="generator_unordered")(trials()):
        trial = waiting.pop(number)
        study.tell(trial, mean_of(found))
        scores[key_of(trial.params, work.varying)] = found
        starts.append((worker, at))
    ended = time.time()
    return Found(scores, began, ended, starts if work.seconds else ())


def evaluate(number: int, task: Callable[[Params], Scores], params: Params) -> tuple[int, Scores, str, float]:
    at = time.time()
    return number, task(params), who(), at


def _distribution(values: Sequence[Any]) -> Any:
    """An axis as Optuna has it; a range of integers as one, since every trial would look its value up in a list of all."""
    from optuna.distributions import CategoricalDistribution, IntDistribution

    if all(isinstance(value, int) for value in values) and list(values) == list(range(values[0], values[0] + len(values))):
        return IntDistribution(values[0], values[-1])
    return CategoricalDistribution(values)


if __name__ == "__main__":
    run_script("Optuna", ("optuna", "joblib"), search)
