"""What is counted as said of noise: where nothing is said, and where something is, it is counted so."""

from __future__ import annotations

import numpy as np

from benchmarks import claims


def test_runs_made_up_are_read_as_a_study() -> None:
    found = claims.study_of(
        [({"x": 1, "k": "a"}, 0.5), ({"x": 1, "k": "a"}, 0.7), ({"x": 2, "k": "b"}, 0.1), ({"x": 2, "k": "b"}, 0.2)]
    )
    assert (found.n_ranked, found.basis.n, found.basis.over) == (2, 2, "repeats")
    assert found.metric.is_better(0.1, 0.2)
    assert len(claims.study_of([({"x": 1}, 0.5), ({"x": 2}, None)]).failures) == 1


def test_what_is_named_is_counted() -> None:
    """Two parameters that act together, and two that do not."""
    rng = np.random.default_rng(0)
    for together in (1.0, 0.0):
        rows = [
            ({"a": a, "b": b}, a + b + 4 * together * (a - 1) * (b - 1) + 0.01 * float(rng.normal()))
            for a in range(3)
            for b in range(3)
            for _ in range(3)
        ]
        assert claims.named(claims.study_of(rows))[0] is bool(together)


def test_every_table_has_its_percents() -> None:
    assert set(claims.of_pairs((2, 2, 2), 2, 2)) == {"some pair is named", "by its own interval"}
    assert all(0 <= value <= 100 for value in claims.of_noise(30, 2, 2).values())
    assert set(claims.of_advice(2, 2)) == {"wider", "finer"}
