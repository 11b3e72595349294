"""A study drawn today is drawn the same tomorrow, elsewhere, and by another Python."""

from __future__ import annotations

from hpsearch.core.seeds import DEFAULT_SEED, derived_seed


def test_derived_seeds_hold_still() -> None:
    assert derived_seed(7, 0) == 0xEA33CFDEC91189D9
    assert derived_seed(7, 1) == 0x26A2D7F8C794E363
    assert derived_seed("study", 7) == 0x4ACC9BADA434ABBB


def test_neighbours_share_nothing() -> None:
    seeds = {derived_seed(study, index) for study in range(30) for index in range(100)}
    assert len(seeds) == 3000


def test_parts_do_not_run_together() -> None:
    assert derived_seed(1, 23) != derived_seed(12, 3)
    assert derived_seed(1, 2) != derived_seed(2, 1)


def test_a_seed_fits_where_libraries_take_64_bits() -> None:
    assert all(0 <= derived_seed(index) < 2**64 for index in range(100))


def test_a_trial_without_repeats_has_seed_0() -> None:
    assert DEFAULT_SEED == 0
