"""A program as a trial: a logistic regression on two noisy moons, by gradient descent, in plain Python.

hpsearch starts it once for each trial and it knows nothing of hpsearch: options come on the command line, and what it
reports are lines of JSON in the file that HPSEARCH_REPORT names. Started by hand it prints them:

    python command_example.py --rate 0.5 --features 3
"""

import argparse
import json
import math
import os
import random

EPOCHS = 20


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--rate", type=float, required=True)
    options.add_argument("--decay", type=float, default=0.0)
    options.add_argument("--features", type=int, default=3, help="the highest power of a coordinate")
    options.add_argument("--optimizer", choices=["plain", "momentum"], default="plain")
    options.add_argument("--momentum", type=float, default=0.0, help="given where the optimizer has one")
    asked = options.parse_args()

    # The data must be the same in every trial, or they could not be compared: a seed of its own, not the trial's.
    data = moons(random.Random(0), 400)
    learn, valid = data[:300], data[300:]

    dice = random.Random(int(os.environ.get("HPSEARCH_SEED", "0")))  # all other randomness follows the trial's seed
    weights = [dice.gauss(0, 0.1) for _ in inputs(0, 0, asked.features)]
    speed = [0.0] * len(weights)

    for epoch in range(1, EPOCHS + 1):
        dice.shuffle(learn)
        for x, y, label in learn:
            point = inputs(x, y, asked.features)
            error = chance(weights, point) - label
            for i, value in enumerate(point):
                speed[i] = asked.momentum * speed[i] - asked.rate * (error * value + asked.decay * weights[i])
                weights[i] += speed[i]
        report(step=epoch, **scores(weights, valid, asked.features))


def report(**values):
    line = json.dumps(values)
    if "HPSEARCH_REPORT" in os.environ:
        with open(os.environ["HPSEARCH_REPORT"], "a") as file:  # append: each line is one report
            file.write(line + "\n")
    else:
        print(line)


def scores(weights, points, features):
    chances = [(chance(weights, inputs(x, y, features)), label) for x, y, label in points]
    return {
        "log_loss": -sum(math.log(max(p if label else 1 - p, 1e-12)) for p, label in chances) / len(chances),
        "accuracy": sum((p > 0.5) == label for p, label in chances) / len(chances),
    }


def inputs(x, y, features):
    return [1.0] + [coordinate**power for power in range(1, features + 1) for coordinate in (x, y)]


def chance(weights, point):
    score = sum(weight * value for weight, value in zip(weights, point, strict=True))
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, score))))


def moons(dice, count):
    """(x, y, 0 or 1): two half circles that reach into one another, with noise."""
    found = []
    for index in range(count):
        angle, label = math.pi * dice.random(), index % 2
        x, y = (math.cos(angle), math.sin(angle)) if label else (1 - math.cos(angle), 0.5 - math.sin(angle))
        found.append((x + dice.gauss(0, 0.15), y + dice.gauss(0, 0.15), label))
    return found


if __name__ == "__main__":
    main()
