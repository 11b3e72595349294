"""Functions over the unit cube whose shares are known, and draws to learn them from."""

from __future__ import annotations

import numpy as np

from hpsearch.results.sensitivity.features import Feature, Features
from hpsearch.results.statistics import Floats


def draws(places: Floats) -> Features:
    features = (Feature(f"x{index}", (), 0.0, 1.0, log=False, is_number=True) for index in range(places.shape[1]))
    return Features(tuple(features), places)


def uniform(n: int, n_features: int, seed: int = 0) -> Floats:
    return np.random.default_rng(seed).random((n, n_features))


def ishigami(places: Floats) -> Floats:
    """T. Ishigami and T. Homma (1990), a = 7, b = 0.1: S1 .314, S2 .442, S3 0; S13 .244."""
    x, y, z = (np.pi * (2 * places[:, column] - 1) for column in range(3))
    return np.asarray(np.sin(x) + 7 * np.sin(y) ** 2 + 0.1 * z**4 * np.sin(x))


def sobol_g(places: Floats) -> Floats:
    """A. Saltelli and I. M. Sobol' (1995) with a = 0, 1, 4.5, 9."""
    a = np.array([0.0, 1.0, 4.5, 9.0])
    return np.asarray(np.prod((np.abs(4 * places[:, :4] - 2) + a) / (1 + a), axis=1))


def sobol_g_shares() -> tuple[list[float], dict[tuple[int, int], float]]:
    partial = 1 / 3 / (1 + np.array([0.0, 1.0, 4.5, 9.0])) ** 2
    whole = float(np.prod(1 + partial) - 1)
    pairs = {(a, b): float(partial[a] * partial[b]) / whole for a in range(4) for b in range(a + 1, 4)}
    return (partial / whole).tolist(), pairs


def branin(places: Floats) -> Floats:
    """F. H. Branin (1972), over x from -5 to 10 and y from 0 to 15: waves in x, a valley that needs both."""
    x, y = 15 * places[:, 0] - 5, 15 * places[:, 1]
    valley = y - 5.1 / (4 * np.pi**2) * x**2 + 5 / np.pi * x - 6
    return np.asarray(valley**2 + 10 * (1 - 1 / (8 * np.pi)) * np.cos(x) + 10)
