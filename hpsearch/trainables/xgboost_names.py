"""The parameters that XGBoost takes beyond its classes' signatures, which it would otherwise ignore in silence.

Its scikit-learn classes hand any keyword on to the library: a misspelt one changes nothing but a warning. The names are those of
XGBoost 3's parameter reference.
"""

from __future__ import annotations

# A library's name → the one that its classes have. Both at once would contradict each other.
ALIASES = {
    "eta": "learning_rate",
    "min_split_loss": "gamma",
    "lambda": "reg_lambda",
    "alpha": "reg_alpha",
    "seed": "random_state",
    "nthread": "n_jobs",
}

EXTRA = frozenset(
    {
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
    }
)  # fmt: skip

KNOWN = EXTRA | frozenset(ALIASES)


def is_xgboost(estimator: object) -> bool:
    """Whether any class the estimator is made of is XGBoost's. Asks by name: xgboost is imported only by specs that name it."""
    return any(base.__module__.split(".")[0] == "xgboost" for base in type(estimator).__mro__)
