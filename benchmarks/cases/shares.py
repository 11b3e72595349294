"""Trials of random search whose scores depend on ten parameters: what the tools are asked to take apart. numpy alone."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

N_PARAMETERS = 10
NAMES = tuple(f"x{number}" for number in range(N_PARAMETERS))


def draws(n_trials: int, seed: int = 0) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(n_trials, 10) values from 0 to 1, and (n_trials,) scores: six matter, two of them together, and a tenth is noise."""
    rng = np.random.default_rng(seed)
    x = rng.random((n_trials, N_PARAMETERS))
    signal = 3 * x[:, 0] + 2 * np.sin(6 * x[:, 1]) + 4 * (x[:, 2] - 0.5) * x[:, 3] + x[:, 4] ** 2 + 0.5 * x[:, 5]
    return x, signal + signal.std() / 3 * rng.normal(size=n_trials)
