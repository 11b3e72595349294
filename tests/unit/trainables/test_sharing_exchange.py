"""Workers that take fitted steps from each other: each fold is fitted once, and every score is that of the trial alone."""

from __future__ import annotations

import pickle
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from step_cases import assert_alike, evaluated, text_of
from threadpoolctl import threadpool_limits
from trainables_builders import RememberingRun, spec_of, trial_of

from hpsearch.core.trial import Evaluation
from hpsearch.dispatch.commons import Commons
from hpsearch.dispatch.messages import Offer, WorkerInfo
from hpsearch.search import make_searcher
from hpsearch.trainables import Exchange, Objective, Prepared, Rows, Turn, build, prepare
from hpsearch.trainables.sharing import exchange as rules
from hpsearch.trainables.sharing.prefixes import Prefixes

SLOW = """
import time

from sklearn.base import BaseEstimator, TransformerMixin


class Slow(TransformerMixin, BaseEstimator):
    def __init__(self, factor=1.0):
        self.factor = factor

    def fit(self, X, y=None):
        time.sleep(0.1)
        return self

    def transform(self, X):
        return X * self.factor
"""
SLOW_STUDY = """
trial: {pipeline: {slow: slow_steps.Slow, clf: sklearn.tree.DecisionTreeClassifier}}
data: {sklearn: iris}
evaluate: {cv: {folds: 4}, metrics: [accuracy]}
metric: {name: accuracy, mode: max}
space: {slow__factor: [1.0, 2.0], clf__max_depth: [1, 2, 3, 4]}
"""


class Node:
    """What the workers of a node have in common; values travel as they do through shared memory."""

    def __init__(self) -> None:
        self._commons = Commons()
        self._lock = threading.Lock()
        self.calls: Counter[str] = Counter()
        self.offers: Counter[str] = Counter()  # by worker

    def worker(self, slot: str) -> Exchange:
        self._commons.join(WorkerInfo(slot, "1", "node", 1))
        return _Threaded(self, slot)

    def ask(self, name: str, *arguments: Any) -> Any:
        with self._lock:
            self.calls[name] += 1
            return getattr(self._commons, name)(*arguments)


class _Threaded:
    def __init__(self, node: Node, slot: str) -> None:
        self._node, self._slot = node, slot
        self._waited = 0

    def claim(self, wanted: Mapping[int, tuple[str, ...]]) -> Turn | None:
        grant = self._node.ask("claim", self._slot, wanted)
        self._waited = 0 if grant is not None else self._waited + 1
        assert self._waited < 100, "nobody waits for what does not come"
        if grant is None or grant.handle is None:
            return None if grant is None else Turn(grant.fold)
        head, buffers = grant.handle
        return Turn(grant.fold, grant.key, pickle.loads(head, buffers=buffers))

    def publish(self, fold: int, key: str, rows: Rows) -> Rows:
        buffers: list[pickle.PickleBuffer] = []
        head = pickle.dumps(rows, protocol=5, buffer_callback=buffers.append)
        handle = head, [memoryview(bytes(buffer.raw())) for buffer in buffers]
        self._node.offers[self._slot] += 1
        self._node.ask("offer", Offer(self._slot, fold, key, handle, rows.nbytes, 2**30))
        taken: Rows = pickle.loads(head, buffers=handle[1])
        return taken

    def withhold(self, fold: int, keys: tuple[str, ...]) -> None:
        self._node.ask("withhold", self._slot, fold, keys)


class Fitted:
    """How often each step was fitted to each fold after the same steps; a fit takes so long that others come meanwhile."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, seconds: float = 0.0) -> None:
        self.times: Counter[str] = Counter()
        self.fail: Callable[[], None] = lambda: None
        whole = Prefixes._fitted

        def counted(prefixes: Prefixes, before: Any, name: str, *rest: Any) -> Any:
            self.times[name] += 1
            self.fail()
            time.sleep(seconds)
            return whole(prefixes, before, name, *rest)

        monkeypatch.setattr(Prefixes, "_fitted", counted)


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    with threadpool_limits(1):
        yield


def by_workers(prepared: Prepared, text: str, folder: Path, exchanges: list[Exchange]) -> Mapping[str, Evaluation]:
    """Each worker takes the next trial when it is through with the last."""
    spec = spec_of(text, folder)
    configurations = make_searcher(prepared.program.sharing.ordered(spec.space), spec.search).ask(1000)
    trials = [trial_of(prepared, params, seed) for params in configurations for seed in spec.repeat.seeds]
    lock, found = threading.Lock(), dict[str, Evaluation]()

    # One after the other: importing is the process's, and a real worker has a process of its own.
    objectives = [build(prepared.program, prepared.table, exchange=exchange) for exchange in exchanges]

    def work(objective: Objective) -> None:
        while True:
            with lock:
                if not trials:
                    return
                trial = trials.pop(0)
            objective.expect([trial])
            evaluation = objective.evaluate(trial, RememberingRun(folder))
            with lock:
                found[trial.key] = evaluation

    with ThreadPoolExecutor(len(exchanges)) as pool:
        for each in [pool.submit(work, objective) for objective in objectives]:
            each.result()
    return found


def slow_study(folder: Path) -> Prepared:
    (folder / "slow_steps.py").write_text(SLOW)
    return prepare(spec_of(SLOW_STUDY, folder))


@pytest.mark.parametrize("name", ["sampled kernels", "left out", "documents", "columns", "frames through"])
@pytest.mark.parametrize("workers", [2, 3])
def test_nobody_fits_what_another_has_fitted_or_is_at(
    name: str, workers: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Numbers, texts, a table with categories, frames from step to step; however quick a step is."""
    text = text_of(name, tmp_path)
    prepared = prepare(spec_of(text, tmp_path))
    alone = evaluated(prepared, text, tmp_path, together=False)
    monkeypatch.setattr(rules, "_MESSAGE_S", 0.0)
    monkeypatch.setattr(rules, "_COPIED_BYTES_PER_S", float("inf"))
    counted = Fitted(monkeypatch, seconds=0.002)
    evaluated(prepared, text, tmp_path, together=True)
    by_one = dict(counted.times)
    counted.times.clear()
    node = Node()
    shared = by_workers(prepared, text, tmp_path, [node.worker(f"w{place}") for place in range(workers)])
    assert_alike(shared, alone)
    assert node.calls["offer"]
    # What is left out takes no time and is handed to nobody: each worker passes it for itself.
    assert {name: times for name, times in counted.times.items() if name != "scale"} == {
        name: times for name, times in by_one.items() if name != "scale"
    }


def test_two_workers_divide_the_folds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    prepared = slow_study(tmp_path)
    counted = Fitted(monkeypatch)
    node = Node()
    found = by_workers(prepared, SLOW_STUDY, tmp_path, [node.worker("v"), node.worker("w")])
    assert counted.times == {"slow": 2 * 4}
    assert sum(node.offers.values()) == 2 * 4
    assert min(node.offers.values()) >= 2, "each fitted about half of them"
    for evaluation in found.values():
        assert sum(split.fit_s for split in evaluation.splits) >= 4 * 0.1, "as one that found them in its own memory"


def test_seconds_of_waiting_are_taken_from_a_trial(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a trial took, with what moved from or to others, is what its own fits and scores take."""
    prepared = slow_study(tmp_path)
    whole = RememberingRun(tmp_path)
    trial = trial_of(prepared, {"slow__factor": 1.0, "clf__max_depth": 1})

    class Late(_Threaded):
        asked = 0

        def claim(self, wanted: Mapping[int, tuple[str, ...]]) -> Turn | None:
            self.asked += 1
            return None if self.asked % 4 else super().claim(wanted)

    node = Node()
    node.worker("v")
    objective = build(prepared.program, prepared.table, exchange=Late(node, "v"))
    objective.expect([trial])
    start = time.monotonic()
    evaluation = objective.evaluate(trial, whole)
    elapsed = time.monotonic() - start
    own = sum(split.fit_s + split.score_s for split in evaluation.splits)
    assert evaluation.moved_s < -0.2, "three waits of 20 ms a fold"
    assert elapsed + evaluation.moved_s == pytest.approx(own, abs=0.1)
    assert not evaluation.shared, "it fitted all for itself"


def test_a_step_that_fails_leaves_nobody_waiting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    prepared = slow_study(tmp_path)
    trial = trial_of(prepared, {"slow__factor": 1.0, "clf__max_depth": 1})
    counted = Fitted(monkeypatch)
    node = Node()
    first, second = (build(prepared.program, prepared.table, exchange=node.worker(slot)) for slot in "vw")

    def fail() -> None:
        raise MemoryError("just now")

    counted.fail = fail
    first.expect([trial])
    with pytest.raises(MemoryError):
        first.evaluate(trial, RememberingRun(tmp_path))
    counted.fail = lambda: None
    second.expect([trial])
    evaluation = second.evaluate(trial, RememberingRun(tmp_path))
    assert_alike({"": evaluation}, {"": build(prepared.program, prepared.table).evaluate(trial, RememberingRun(tmp_path))})


def test_quick_steps_are_asked_about_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A study of scalers is not slowed down by talk."""
    monkeypatch.setattr(rules, "_MESSAGE_S", 10.0)  # quick as against it, on however busy a machine
    text = text_of("columns", tmp_path)
    node = Node()
    found = by_workers(prepare(spec_of(text, tmp_path)), text, tmp_path, [node.worker("v")])
    assert len(found) > 4
    assert node.calls == {"claim": 1, "withhold": 1}


@pytest.mark.parametrize("scorer", ["accuracy", "own_scorers:looks"])
def test_where_a_scorer_sees_the_pipeline_every_worker_fits_its_own(scorer: str, tmp_path: Path) -> None:
    (tmp_path / "own_scorers.py").write_text("def looks(estimator, X, y):\n    return float(estimator.steps[0][1].factor)\n")
    (tmp_path / "slow_steps.py").write_text(SLOW)
    text = SLOW_STUDY.replace("[accuracy]", f'["{scorer}"]').replace("name: accuracy", f'name: "{scorer}"')
    prepared = prepare(spec_of(text, tmp_path))
    node = Node()
    by_workers(prepared, text, tmp_path, [node.worker("v"), node.worker("w")])
    assert bool(node.calls) is (scorer == "accuracy")


ARRAY = np.arange(12.0).reshape(4, 3)


@pytest.mark.parametrize(
    ("X", "given"),
    [
        pytest.param(ARRAY, True, id="C order"),
        pytest.param(np.asfortranarray(ARRAY), True, id="Fortran order"),
        pytest.param(ARRAY[:, ::2], False, id="every other column of an array"),
        pytest.param(ARRAY.astype(object), False, id="Python objects"),
        pytest.param(sparse.csr_matrix(ARRAY), True, id="sparse"),
        pytest.param(sparse.coo_array(ARRAY), False, id="sparse by coordinates"),
        pytest.param(pd.DataFrame({"a": [1.0], "b": pd.Categorical(["x"])}), True, id="frame"),
        pytest.param(pd.DataFrame({"a": [1.0], "b": pd.Series([{}], dtype=object)}), False, id="frame of objects"),
        pytest.param(pd.Series(["a text"], dtype="str"), True, id="texts"),
        pytest.param(pd.Series(["a text"], dtype=object), False, id="texts as objects"),
        pytest.param([[1.0], [2.0]], False, id="lists"),
    ],
)
def test_rows_are_given_where_they_come_back_as_they_are(X: Any, *, given: bool) -> None:
    rows = Rows(X, X, (10.0,))
    assert rows.is_worth_giving is given
    if given and isinstance(X, np.ndarray):
        back = pickle.loads(pickle.dumps(rows, protocol=5))
        assert back.X_train.strides == X.strides


def test_rows_are_given_where_that_costs_less_than_a_twentieth_of_the_fit() -> None:
    X = np.zeros(10_000_000 // 8)  # twice 10 MB: 20 ms at 1 GB/s, and 1 ms to tell
    assert not Rows(X, X, (9.0, 0.41)).is_worth_giving
    assert Rows(X, X, (0.0, 0.43)).is_worth_giving


def test_what_no_worker_could_keep_is_not_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "CACHE_BYTES", 2 * ARRAY.nbytes - 1)
    assert not Rows(ARRAY, ARRAY, (10.0,)).is_worth_giving
