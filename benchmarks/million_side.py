"""Seconds and memory of reading and ranking a study of very many trials. Runs alone; prints one line of JSON.

python -m benchmarks.million_side make FOLDER --trials 1000000
python -m benchmarks.million_side (sqlite|parquet|export|rank) FOLDER

make     a study's ledger in FOLDER/big, of function trials: three parameters, one score and one more metric each; and mirror.db,
         as a mirror would leave it that has delivered them all
sqlite   reads it into ranked tables. export: writes these to FOLDER/tables. parquet: reads them from there
rank     ranks the tables that were read from the ledger

seconds  of that alone, without imports. peak_mb: the most that the process held
"""

from __future__ import annotations

import argparse
import gc
import json
import random
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import uuid4

from benchmarks.hpsearch_side import peak_rss_mb

if TYPE_CHECKING:
    from hpsearch.ledger import Ledger
    from hpsearch.ledger.folder import StudyFolder
    from hpsearch.tracking.state import MirrorState

T = TypeVar("T")

AT_ONCE = 10_000  # trials in a commit


def main() -> None:
    parser = argparse.ArgumentParser(description="reading and ranking very many trials")
    parser.add_argument("what", choices=["make", "sqlite", "export", "parquet", "rank"])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--trials", type=int, default=1_000_000)
    parser.add_argument("--started", type=float, default=time.time())
    options = parser.parse_args()
    print(json.dumps(told(options.what, options.folder, options.trials)), flush=True)


def told(what: str, folder: Path, trials: int) -> dict[str, Any]:
    from hpsearch.ledger.folder import StudyFolder
    from hpsearch.results import ranking, study_results
    from hpsearch.study import load, load_folder

    big = StudyFolder(folder / "big")
    if what == "make":
        make(big, trials)
        return {"trials": trials}
    if what == "parquet":
        return timed(lambda: load(str(folder / "tables")))[0]
    if what == "sqlite":
        return timed(lambda: load_folder(big))[0]
    if what == "export":
        found = load_folder(big)
        return timed(lambda: found.to_parquet(folder / "tables"))[0]
    taken: list[dict[str, Any]] = []

    def rank(*arguments: Any, **named: Any) -> ranking.Ranking:
        measured, found = timed(lambda: ranking.rank_configs(*arguments, **named))
        taken.append(measured)
        return found

    study_results.rank_configs = rank  # type: ignore[attr-defined]
    load_folder(big)
    return taken[0]


def timed(work: Callable[[], T]) -> tuple[dict[str, Any], T]:
    """What it took, and what it gave."""
    gc.collect()
    started = time.perf_counter()
    found = work()
    return {"seconds": time.perf_counter() - started, "peak_mb": peak_rss_mb()}, found


def make(big: StudyFolder, trials: int) -> None:
    """The ledger and mirror.db, as a run would leave them."""
    from hpsearch.core.clock import SystemClock
    from hpsearch.core.metric import Metric, Mode
    from hpsearch.ledger import Ledger, StudyRecord, StudyState
    from hpsearch.tracking.state import MirrorState

    big.path.mkdir(parents=True)
    context = _context()
    metric = Metric("loss", Mode.MIN)
    study = StudyRecord("big", context.digest, metric, varying=("depth", "kind", "rate"), planned=trials)
    with Ledger.open(big.ledger, clock=SystemClock()) as ledger, closing(MirrorState(big.mirror)) as mirror:
        epoch = ledger.begin_run(study)
        batch: list[Any] = []
        for each in _results(trials):
            batch.append(each)
            if len(batch) == AT_ONCE:
                _keep(ledger, mirror, epoch, batch)
                batch = []
        _keep(ledger, mirror, epoch, batch)
        ledger.end_run(epoch, StudyState.COMPLETED)
    print(f"{trials} trials in {big.path}", file=sys.stderr)


def _keep(ledger: Ledger, mirror: MirrorState, epoch: int, results: list[Any]) -> None:
    from hpsearch.tracking.state import RunState

    ledger.commit(epoch, results=results)
    mirror.record(RunState(each.trial.key, uuid4().hex, 1, each.status.value) for each in results)


def _context() -> Any:
    from hpsearch.core.identity import Context

    return Context(what="benchmark")


def _results(trials: int) -> Iterator[Any]:
    from hpsearch.core.identity import config_id, trial_key
    from hpsearch.core.trial import Evaluation, Trial, TrialResult, Usage

    draw, context = random.Random(0), _context()
    for index in range(trials):
        params = {"rate": draw.random(), "depth": index % 20, "kind": "abcd"[index % 4]}
        trial = Trial(trial_key(context, params, 0), config_id(params), params, 0)
        outcome = Evaluation({"loss": draw.gauss(0.0, 1.0) + params["rate"], "size": float(index % 977)}, ())
        at = 1_700_000_000.0 + index
        yield TrialResult(trial, 1, outcome, at, at + 1.0, Usage(1.0, 1.0, 1 << 28), "w1", "n1")


if __name__ == "__main__":
    main()
