"""The parameters that XGBoost takes beyond its classes' signatures, which it would otherwise ignore in silence.

Its scikit-learn classes hand any keyword on to the library: a misspelt one changes nothing but a warning. The names are those of
XGBoost 3's parameter reference.
"""

from __future__ import annotations

from collections.abc import Iterable

_SEVERAL = (
    ("learning_rate", "eta"),
    ("gamma", "min_split_loss"),
    ("reg_lambda", "lambda"),
    ("reg_alpha", "alpha"),
    ("random_state", "seed"),
    ("n_jobs", "nthread"),
)
_ALONE = (
    # DART
    "sample_type", "normalize_type", "rate_drop", "one_drop", "skip_drop",
    # linear booster
    "updater", "feature_selector", "top_k",
    # trees
    "refresh_leaf", "process_type", "max_cached_hist_node",
    # objectives
    "num_class", "tweedie_variance_power", "huber_slope", "quantile_alpha", "expectile_alpha",
    "aft_loss_distribution", "aft_loss_distribution_scale",
    "lambdarank_pair_method", "lambdarank_num_pair_per_sample", "lambdarank_normalization",
    "lambdarank_score_normalization", "lambdarank_unbiased", "lambdarank_bias_norm", "ndcg_exp_gain",
    # general
    "seed_per_iteration", "disable_default_eval_metric",
)  # fmt: skip


def xgboost_names() -> Iterable[tuple[str, ...]]:
    """All names of each parameter together, the one of its classes first."""
    return (*_SEVERAL, ("early_stopping_rounds",), *((name,) for name in _ALONE))


def loses_in_xgboost(name: str, own: str, main: str) -> bool:
    """Its classes hand on no parameter that is not set."""
    return False
