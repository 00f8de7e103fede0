#!/usr/bin/env python3
"""Golden numbers for model/metrics.h from scikit-learn, scipy and numpy -> metrics.json.

usage: make_metrics_golden.py [OUTPUT_FILE]   (scikit-learn 1.2, scipy 1.10, numpy 1.24)
Predictions have heavy ties and labels are missing; null stands for a missing label and for an
undefined metric. Every number that goes in is exactly a float32.
"""

import json
import math
import os
import sys
import warnings

import numpy as np
import scipy.stats
import sklearn.metrics


def both_classes(metric):
    return lambda s, y: metric(y, s) if 0 < y.sum() < len(y) else math.nan


def correlation(metric):
    def value(s, y):
        if len(y) < 2 or np.ptp(s) == 0 or np.ptp(y) == 0:
            return math.nan
        return metric(s, y)[0]

    return value


def r_squared(s, y):
    return sklearn.metrics.r2_score(y, s) if len(y) > 1 and np.ptp(y) > 0 else math.nan


PEARSON = correlation(scipy.stats.pearsonr)
SPEARMAN = correlation(scipy.stats.spearmanr)
ROC = both_classes(sklearn.metrics.roc_auc_score)
PR = both_classes(sklearn.metrics.average_precision_score)


def per_task(metric, scores, labels):
    values = []
    for s, y in zip(scores.T, labels.T):
        known = ~np.isnan(y)
        values.append(float(metric(s[known], y[known])))
    return values


def row(name, values, terms=None):
    terms = np.array(values if terms is None else terms)
    defined = terms[~np.isnan(terms)]
    return {
        "name": name,
        "global": float(defined.mean()) if len(defined) else math.nan,
        "per_task": values,
        "undefined": int(np.isnan(terms).sum()),
    }


def binary(scores, labels):
    return [row("aucROC", per_task(ROC, scores, labels)),
            row("aucPR", per_task(PR, scores, labels))]


def classes(scores, labels):
    known = ~np.isnan(labels[:, 0])
    y = labels[known, 0].astype(int)
    share = sklearn.metrics.accuracy_score(y, scores[known].argmax(axis=1))
    one_hot = np.full(scores.shape, math.nan)
    one_hot[known] = np.eye(scores.shape[1])[y]
    nothing = [math.nan] * scores.shape[1]
    accuracy = {"name": "accuracy", "global": share, "per_task": nothing, "undefined": 0}
    return [accuracy] + binary(scores, one_hot)


def continuous(scores, labels, well_predicted):
    across = per_task(PEARSON, scores.T, labels.T)
    cells = per_task(PEARSON, scores, labels)
    rows = [
        row("Pearson", cells, across if scores.shape[1] > 1 else None),
        row("Pearson-per-task", cells),
        row("Spearman", per_task(SPEARMAN, scores, labels)),
        row("R2", per_task(r_squared, scores, labels)),
    ]
    if well_predicted:
        count = float(np.sum(np.array(across) > 0.75))
        nothing = [math.nan] * scores.shape[1]
        rows.append({"name": "well-predicted", "global": count, "per_task": nothing, "undefined": 0})
    return rows


def drop(labels, share, rng):
    labels = labels.astype(np.float64)
    labels[rng.random(labels.shape) < share] = math.nan
    return labels


def make_cases():
    rng = np.random.default_rng(1717)
    steps = lambda x, size: np.round(x * size) / size  # few values: heavy ties

    labels = drop(rng.integers(0, 2, (157, 5)), 0.2, rng)
    labels[:, 3] = np.where(np.isnan(labels[:, 3]), math.nan, 1.0)  # one class only
    scores = steps(0.4 * np.nan_to_num(labels) + rng.random(labels.shape), 8)
    scores[:, 4] = 0.5  # all equal
    yield "binary", scores, labels, binary(scores, labels)

    labels = drop(rng.random((211, 1)) < 0.05, 0.1, rng)
    scores = rng.normal(0.0, 3.0, labels.shape).astype(np.float32).astype(np.float64)
    yield "binary", scores, labels, binary(scores, labels)

    labels = drop(rng.integers(0, 3, (119, 1)), 0.15, rng)
    scores = steps(rng.random((119, 4)), 4)
    yield "classes", scores, labels, classes(scores, labels)

    labels = drop(steps(rng.normal(0.0, 1.5, (83, 4)), 4), 0.25, rng)
    labels[0, 1:] = math.nan
    labels[1] = 1.25
    labels[:, 2] = np.where(np.isnan(labels[:, 2]), math.nan, -0.75)
    scores = steps(np.nan_to_num(labels) + rng.normal(0.0, 1.0, labels.shape), 4)
    scores[2] = 0.5
    yield "regression", scores, labels, continuous(scores, labels, True)

    labels = drop(steps(rng.normal(5.0, 1.0, (61, 1)), 2), 0.1, rng)
    scores = steps(np.nan_to_num(labels) + rng.normal(0.0, 1.0, labels.shape), 2)
    yield "regression", scores, labels, continuous(scores, labels, False)

    labels = drop(rng.poisson(4.0, (97, 3)), 0.2, rng)
    scores = np.exp(rng.normal(1.0, 0.5, labels.shape)).astype(np.float32).astype(np.float64)
    yield "counts", scores, labels, continuous(scores, labels, False)


def plain(value):
    """NaN as null, arrays as lists."""
    if isinstance(value, np.ndarray):
        return plain(value.tolist())
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items()}
    if isinstance(value, list):
        return [plain(v) for v in value]
    return None if isinstance(value, float) and math.isnan(value) else value


def main():
    folder = os.path.dirname(os.path.abspath(__file__))
    path = sys.argv[1] if len(sys.argv) > 1 else os.path.join(folder, "metrics.json")
    warnings.simplefilter("error")
    cases = [
        plain({"type": kind, "tasks": scores.shape[1], "predictions": scores.reshape(-1),
               "labels": labels.reshape(-1), "rows": rows})
        for kind, scores, labels, rows in make_cases()
    ]
    with open(path, "w") as out:
        out.write("[\n" + ",\n".join(json.dumps(case) for case in cases) + "\n]\n")


if __name__ == "__main__":
    main()
