"""Optuna's fANOVA of what benchmarks/cases/shares.py draws. Runs alone, where Optuna is; prints one line of JSON.

python -m benchmarks.peers.optuna_fanova 1000

main_s      from a study in memory to the importance of each parameter
main_cpu_s  seconds of a CPU in it
shares      by parameter, parts of one
"""

from __future__ import annotations

import argparse
import json
import time

import optuna

from benchmarks.cases.shares import NAMES, draws


def main() -> None:
    parser = argparse.ArgumentParser(description="Optuna's fANOVA")
    parser.add_argument("trials", type=int)
    parser.add_argument("--started", type=float, default=0.0)
    asked = parser.parse_args()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    ranges = {name: optuna.distributions.FloatDistribution(0.0, 1.0) for name in NAMES}
    study = optuna.create_study()
    for row, score in zip(*draws(asked.trials), strict=True):
        params = dict(zip(NAMES, row.tolist(), strict=True))
        study.add_trial(optuna.trial.create_trial(params=params, distributions=ranges, value=float(score)))
    began, spent = time.perf_counter(), time.process_time()
    shares = optuna.importance.FanovaImportanceEvaluator(seed=0).evaluate(study)
    main_s, main_cpu_s = time.perf_counter() - began, time.process_time() - spent
    told = {"main_s": main_s, "main_cpu_s": main_cpu_s, "shares": {name: float(share) for name, share in shares.items()}}
    print(json.dumps(told), flush=True)


if __name__ == "__main__":
    main()
