"""Units of work over whole studies: what any grid, any costs and any number of workers come to."""

from __future__ import annotations

import heapq
import random
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from hpsearch.core.identity import Context
from hpsearch.core.values import Params
from hpsearch.dispatch.backlog import Backlog, Pending
from hpsearch.ledger import Standing
from hpsearch.plan import LARGEST_UNIT, CostModel, StudyPlan, unit_seconds
from hpsearch.search import make_searcher
from hpsearch.spec import parse_spec
from hpsearch.trainables import Kinship, Sharing

SHARING = Sharing(steps=("prep",), paths={"": "clf__rounds"}, chooser="clf")


class Nothing:
    """A ledger without results."""

    def standings(self, keys: Sequence[str]) -> Mapping[str, Standing]:
        return {}


def backlog(sizes: tuple[int, int, int], search: str = "", sharing: Sharing = SHARING) -> Backlog:
    """Of a grid of so many settings of a first step, depths, and numbers of rounds."""
    preps, depths, rounds = (list(range(1, size + 1)) for size in sizes)
    spec = parse_spec(
        "trial: {pipeline: {prep: a.Prep, clf: a.Boost}}\ndata: {sklearn: iris}\nmetric: {name: accuracy, mode: max}\n"
        f"space: {{prep__k: {preps}, clf__depth: {depths}, clf__rounds: {rounds}}}\n{search}",
        file="s.yaml",
        folder=Path(),
    )
    plan = StudyPlan.of(spec, Context(what="any"))
    return Backlog(plan, make_searcher(spec.space, spec.search), Nothing(), sharing)


def takes(params: Params) -> float:
    """Twice as long for each depth more: most of the work is in a few trials, which the grid has last."""
    depth, rounds = params["clf__depth"], params["clf__rounds"]
    assert isinstance(depth, int)
    assert isinstance(rounds, int)
    return 0.01 * 2.0**depth * rounds


def known(of: Backlog, speed: float = 1.0) -> CostModel | None:
    """What is learned of a study's every trial."""
    timed = []
    while taken := of.take(0.0):
        timed += [(pending.trial.params, takes(pending.trial.params) / speed) for pending in taken]
    return CostModel.of(timed)


sizes = st.tuples(st.integers(1, 3), st.integers(1, 8), st.integers(1, 30))


@settings(max_examples=60)
@given(
    sizes, st.integers(1, 16), st.sampled_from([None, 1.0, 1e3, 1e5]), st.sampled_from(["", "search: {order: shuffled, seed: 3}"])
)
def test_every_trial_is_leased_once_in_units_that_keep_their_bounds(
    size: tuple[int, int, int], workers: int, speed: float | None, search: str
) -> None:
    model = None if speed is None else known(backlog(size), speed)
    units, keys, after = backlog(size, search), [], Kinship()
    while not units.is_empty:
        left_s = 0.0 if model is None else units.remaining * model.mean_s
        seconds = unit_seconds(left_s, workers)
        taken = units.take(seconds, model, after)
        keys += [pending.trial.key for pending in taken]
        after = taken[-1].kin
        assert 1 <= len(taken) <= LARGEST_UNIT
        assert len({pending.kin.prefixes for pending in taken}) == 1, "a worker holds one setting of the steps at a time"
        if len({pending.kin.fit for pending in taken}) > 1:
            assert model is not None
            assert sum(model.seconds(pending.trial.params) for pending in taken) <= seconds * (1 + 1e-9)
    assert len(keys) == len(set(keys)) == size[0] * size[1] * size[2]


def makespan(units: Backlog, workers: int, model: CostModel | None, seconds: Callable[[Params], float]) -> float:
    """When the last of the workers is done that lease from `units`: by arithmetic."""
    free = [(0.0, worker) for worker in range(workers)]
    after: dict[int, Kinship] = {}
    ended = 0.0
    while not units.is_empty:
        now, worker = heapq.heappop(free)
        target = 0.0 if model is None else unit_seconds(units.remaining * model.mean_s, workers)
        taken: list[Pending] = units.take(target, model, after.get(worker, Kinship()))
        after[worker] = taken[-1].kin
        now += sum(seconds(pending.trial.params) for pending in taken)
        ended = max(ended, now)
        heapq.heappush(free, (now, worker))
    return ended


def test_longest_first_ends_sooner_than_the_grids_own_order() -> None:
    """A grid has its slowest trials last, more often than not: then all but one worker wait for these."""
    size, alone = (1, 9, 3), Sharing()
    total = sum(0.01 * 2.0**depth * rounds for depth in range(1, 10) for rounds in range(1, 4))
    for workers in (2, 4):
        fixed = makespan(backlog(size, sharing=alone), workers, None, takes)
        learned = makespan(backlog(size, sharing=alone), workers, known(backlog(size)), takes)
        least = max(total / workers, takes({"clf__depth": 9, "clf__rounds": 3}))
        assert learned <= 1.1 * least, "about the best that can be"
        assert learned < 0.95 * fixed


def test_a_wrong_estimate_costs_little() -> None:
    rng = random.Random(5)
    noise = {}

    def otherwise(params: Params) -> float:
        return noise.setdefault(str(params), rng.uniform(0.7, 1.4)) * takes(params)

    fixed = makespan(backlog((1, 9, 3), sharing=Sharing()), 2, None, otherwise)
    assert makespan(backlog((1, 9, 3), sharing=Sharing()), 2, known(backlog((1, 9, 3))), otherwise) < fixed


def test_what_the_spec_wants_first_comes_first_however_quick() -> None:
    first = "search: {first: [{prep__k: 1, clf__depth: 2, clf__rounds: 2}, {prep__k: 1, clf__depth: 1, clf__rounds: 1}]}"
    units = backlog((1, 8, 2), first, Sharing())
    model = known(backlog((1, 8, 2)))
    seen = [units.take(0.0, model)[0].trial.params for _ in range(4)]
    assert [params["clf__depth"] for params in seen] == [2, 1, 8, 7]


def test_a_grid_that_is_longer_than_what_is_at_hand_begins_in_its_own_order() -> None:
    """A run that is stopped half way has seen what the grid's order promises."""
    units, model = backlog((1, 8, 200), sharing=Sharing()), known(backlog((1, 8, 30)))
    seen = [units.take(0.0, model)[0].trial.params["clf__rounds"] for _ in range(5)]
    assert seen == [1, 2, 3, 4, 5]


def test_a_path_of_very_many_sizes_is_cut() -> None:
    """Else one worker would hold, and could lose, all of it."""
    units = backlog((1, 1, 1200))
    assert [len(units.take(0.0)) for _ in range(3)] == [LARGEST_UNIT, LARGEST_UNIT, 200]
