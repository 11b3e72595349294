"""hpsearch's importance of what benchmarks/cases/shares.py draws. Runs alone; prints one line of JSON.

python -m benchmarks.importance_side 1000

main_s      from a study's tables to the shares of each parameter, with their intervals
pairs_s     the same with those of all pairs
main_cpu_s  seconds of a CPU in the first
shares      by parameter, parts of one
"""

from __future__ import annotations

import argparse
import json
import time

from benchmarks.cases.shares import NAMES, draws
from hpsearch.core.metric import Mode
from hpsearch.results.foreign import Asked, ForeignRun, results_of_runs


def main() -> None:
    parser = argparse.ArgumentParser(description="hpsearch's importance")
    parser.add_argument("trials", type=int)
    parser.add_argument("--started", type=float, default=0.0)
    asked = parser.parse_args()
    runs = [
        ForeignRun(
            run_id=f"run{number}",
            status="FINISHED",
            started_at=float(number),
            ended_at=float(number + 1),
            params={name: repr(value) for name, value in zip(NAMES, row.tolist(), strict=True)},
            metrics={"score": float(score)},
            tags={},
        )
        for number, (row, score) in enumerate(zip(*draws(asked.trials), strict=True))
    ]
    results = results_of_runs("shares", runs, Asked("shares", "score", Mode.MAX))
    import sklearn.ensemble  # noqa: F401  # the peer has imported its own by now, too

    began, spent = time.perf_counter(), time.process_time()
    table = results.importance(order=1).table
    main_s, main_cpu_s = time.perf_counter() - began, time.process_time() - spent
    began = time.perf_counter()
    results.importance(order=2)
    pairs_s = time.perf_counter() - began
    shares = {name: float(share) for name, share in zip(table["term"], table["share"], strict=True) if name in NAMES}
    print(json.dumps({"main_s": main_s, "main_cpu_s": main_cpu_s, "pairs_s": pairs_s, "shares": shares}), flush=True)


if __name__ == "__main__":
    main()
