"""A training loop as a trial: softmax regression by stochastic gradient descent, on the digits.

hpsearch calls `train` once for each trial. It needs no import of hpsearch: the parameters come by name, and `trial`
offers the data, the seed and a place to report to.
"""

import numpy as np


def train(trial, learning_rate, momentum, batch_size, l2, epochs):
    """Train for some epochs; report after each; return what the trial is ranked by."""
    X, y = trial.data  # shared by all trials of this machine, so it is read-only
    X = X / 16.0  # a new array: pixels from 0..16 to 0..1
    targets = np.eye(10)[y]  # (n, 10), one-hot

    # The split must be the same in every trial, or they could not be compared: a seed of its own, not the trial's.
    order = np.random.default_rng(0).permutation(len(X))
    valid, learn = order[:360], order[360:]

    rng = np.random.default_rng(trial.seed)  # all other randomness follows the trial's seed
    weights = rng.normal(0.0, 0.01, (X.shape[1], 10))
    velocity = np.zeros_like(weights)
    scores = {}

    for epoch in range(1, epochs + 1):
        rng.shuffle(learn)
        for start in range(0, len(learn), batch_size):
            batch = learn[start : start + batch_size]
            error = softmax(X[batch] @ weights) - targets[batch]
            gradient = X[batch].T @ error / len(batch) + l2 * weights
            velocity = momentum * velocity - learning_rate * gradient
            weights = weights + velocity

        probability = softmax(X[valid] @ weights)
        scores = {
            "log_loss": float(-np.mean(np.log(probability[np.arange(len(valid)), y[valid]] + 1e-12))),
            "accuracy": float(np.mean(probability.argmax(axis=1) == y[valid])),
        }
        trial.report(scores, step=epoch)  # a curve in MLflow, and what early stopping would look at

    return scores  # the last epoch's: these rank the configuration


def softmax(logits):
    """Rows of (n, 10) logits as probabilities; the maximum is taken off first, so that exp cannot overflow."""
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)
