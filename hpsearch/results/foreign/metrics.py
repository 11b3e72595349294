"""Which metric counts, and whether more of it is better: as asked, as a study of ours told, or as its name says."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from hpsearch.core.errors import SpecError
from hpsearch.core.metric import Metric, Mode
from hpsearch.core.names import did_you_mean, listed

_SYSTEM = "system/"  # what MLflow measures of the machine
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
# A word of a name, in lower case.
_LESS = re.compile(
    r"err(or)?s?|loss(es)?|logloss|(cross)?entropy|bce|nll|r?mse|mae|s?mape|r?msle|medae|rms|brier|deviance|perplexity|ppl|costs?"
    r"|regret|risk|wer|cer|fid|kl|divergence|distance|inertia|latency|time|seconds|duration|fpr|fnr|misclassification|aic|bic"
)
_MORE = re.compile(
    r"acc(uracy)?|auc|auroc|auprc|roc|f|precision|recall|sensitivity|specificity|scores?|r|rewards?|returns?|likelihood|bleu|rouge"
    r"|meteor|ndcg|mrr|m?ap|mcc|kappa|m?iou|dice|jaccard|silhouette|variance|gain|profit|revenue|throughput|tpr|tnr|gini|psnr|ssim"
    r"|correlation|pearson|spearman|elo|wins?"
)


def mode_of(name: str) -> Mode | None:
    """Which way a metric goes by the words of its name: rmse, val_loss, neg_log_loss; None where they do not say."""
    words = [word.lower() for word in _WORDS.findall(name)]
    turned = bool({"neg", "negative"} & set(words))
    if any(map(_LESS.fullmatch, words)):
        return Mode.MAX if turned else Mode.MIN
    if any(map(_MORE.fullmatch, words)):
        return Mode.MIN if turned else Mode.MAX
    return None


def choose(
    finished: Sequence[Collection[str]], logged: Collection[str], *, asked: str | None, mode: str | None, place: str
) -> tuple[Metric, str]:
    """The metric to rank by, and how its direction was told, in a sentence; "" where somebody said it.

    Args:
        finished: of each run that has finished, the names of its metrics. logged: of all runs.
        asked: the metric's name; without, the only one that all finished runs have, or that there is at all.
        mode: "min" or "max"; without, the name must tell.
        place: what was asked to be read ("mlflow:churn"), to begin a message with.

    Raises:
        SpecError: no such metric, none at all, or several; a direction that is none, or that nothing tells.
    """
    names = sorted(name for name in logged if not name.startswith(_SYSTEM))
    if mode is not None and mode not in list(Mode):
        raise SpecError(f"{place}: mode = {mode!r}: a metric is to be small or large; write mode=min or mode=max")
    if asked is not None and asked not in logged:
        there = f"there are {listed(names, 20)}{did_you_mean(asked, names)}" if names else "they have logged none"
        raise SpecError(f"{place}: no run has the metric {asked!r}; {there}")
    if asked is None:
        asked = _only(finished, names, place)
    if mode is not None:
        return Metric(asked, Mode(mode)), ""
    told = mode_of(asked)
    if told is None:
        raise SpecError(
            f"{place}: the name {asked!r} does not say whether more or less of it is better; "
            f'write "{place}?metric={asked}&mode=min", or mode=max'
        )
    more = "less" if told is Mode.MIN else "more"
    return Metric(asked, told), f"That {more} {asked} is better is read from its name; mode=min or mode=max says it."


def _only(finished: Sequence[Collection[str]], names: Sequence[str], place: str) -> str:
    if not names:
        raise SpecError(f"{place}: no run has logged a metric: there is nothing to rank by")
    common = [name for name in names if finished and all(name in run for run in finished)]
    found = common if len(common) == 1 else names
    if len(found) > 1:
        example = (common or names)[0]
        all_have = f"; all finished runs have {listed(common, 20)}" if common and len(common) < len(names) else ""
        raise SpecError(
            f'{place}: its runs have several metrics, {listed(names, 20)}{all_have}; say which counts: "{place}?metric={example}"'
        )
    return found[0]
