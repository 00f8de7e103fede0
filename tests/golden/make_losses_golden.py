#!/usr/bin/env python3
"""Golden files for the five losses and for the optimisers, each on its own, in double precision.

usage: make_losses_golden.py [OUTPUT_FOLDER]   (PyTorch 1.13, numpy). See network/README.md.
"""

import os
import sys

import numpy as np
import torch
from torch.nn import functional

from golden_file import write_golden

STEPS = 50


def known_entries(function):
    """Sum of `function` over resolved entries, and their number."""

    def loss(x, y):
        known = ~torch.isnan(y)
        return function(x[known], y[known]), int(known.sum())

    return loss


def cross_entropy(x, y):
    """`y` [N, 1]: class index, NaN where there is none."""
    known = ~torch.isnan(y[:, 0])
    total = functional.cross_entropy(x[known], y[known, 0].long(), reduction="sum")
    return total, int(known.sum())


def pearson(x, y):
    """Sum over rows of 1 - cosine of the centred resolved entries; rows without one left out."""
    total, count = torch.zeros((), dtype=torch.float64), 0
    for predicted, label in zip(x, y):
        known = ~torch.isnan(label)
        p, q = predicted[known], label[known]
        if len(q) < 2 or bool((q == q[0]).all()):
            continue
        total = total + 1 - functional.cosine_similarity(p - p.mean(), q - q.mean(), 0, 1e-6)
        count += 1
    return total, count


LOSSES = {
    "bcewithlogits": known_entries(
        lambda x, y: functional.binary_cross_entropy_with_logits(x, y, reduction="sum")
    ),
    "crossentropy": cross_entropy,
    "mse": known_entries(lambda x, y: functional.mse_loss(x, y, reduction="sum")),
    "pearson": pearson,
    "poissonnll": known_entries(
        lambda x, y: functional.poisson_nll_loss(x, y, log_input=True, full=False, reduction="sum")
    ),
}


def floats(array):
    """The nearest float32 values, as doubles: a float program starts from the same numbers."""
    return np.asarray(array).astype(np.float32).astype(np.float64)


def make_labels(kind, rows, tasks, missing, rng):
    if kind == "crossentropy":
        labels = rng.integers(0, tasks, (rows, 1)).astype(np.float64)
    elif kind == "bcewithlogits":
        labels = rng.choice([0.0, 1.0, 0.25], (rows, tasks), p=[0.5, 0.4, 0.1])
    elif kind == "poissonnll":
        labels = rng.poisson(3.0, (rows, tasks)).astype(np.float64)
    else:
        labels = floats(rng.normal(0.0, 2.0, (rows, tasks)))
    if missing:
        labels[rng.random(labels.shape) < 0.3] = np.nan
        labels[1] = np.nan
        if kind == "pearson":
            labels[2, 1:] = np.nan  # one resolved task
            labels[3] = 1.5  # constant
    return labels


def make_losses():
    rng = np.random.default_rng(1715)
    tensors = {}
    for kind, function in LOSSES.items():
        sizes = {"missing": (11, 5), "full": (4, 3), "narrow": (7, 2 if kind == "pearson" else 1)}
        for case, (rows, tasks) in sizes.items():
            logits = floats(rng.normal(0.0, 2.0, (rows, tasks)))
            if case == "missing" and kind in ("bcewithlogits", "crossentropy"):
                logits[0] = [90.0, -90.0, 30.0, -30.0, 0.0]
            labels = make_labels(kind, rows, tasks, case == "missing", rng)
            x = torch.tensor(logits, requires_grad=True)
            total, count = function(x, torch.tensor(labels))
            (total / count).backward()
            name = "%s.%s." % (kind, case)
            tensors[name + "logits"] = logits
            tensors[name + "labels"] = labels
            tensors[name + "sum"] = total.detach().numpy()
            tensors[name + "count"] = np.array(count, dtype=np.int64)
            tensors[name + "loss"] = (total / count).detach().numpy()
            tensors[name + "grad"] = x.grad.numpy()
    return tensors


def make_optimizers():
    """The same gradients for every optimiser: ordinary, tiny, huge, zero and rare ones."""
    rng = np.random.default_rng(1716)
    start = floats(rng.normal(0.0, 1.0, 37))
    gradients = rng.normal(0.0, 1.0, (STEPS, 37)) * 10.0 ** rng.uniform(-3, 1, 37)
    gradients[:, 0] = 0.0
    gradients[:, 1] *= 1e-12
    gradients[:, 2] *= 1e6
    gradients[:, 3] *= rng.random(STEPS) < 0.1
    gradients = floats(gradients)
    made = {
        "sgd": lambda p: torch.optim.SGD([p], lr=0.01),
        "sgd_momentum": lambda p: torch.optim.SGD([p], lr=0.01, momentum=0.9),
        "adam": lambda p: torch.optim.Adam([p], lr=0.003),
    }
    tensors = {"start": start, "gradients": gradients}
    for name, make in made.items():
        parameter = torch.nn.Parameter(torch.tensor(start))
        optimizer = make(parameter)
        path = []
        for gradient in gradients:
            parameter.grad = torch.tensor(gradient)
            optimizer.step()
            path.append(parameter.detach().numpy().copy())
        tensors[name + ".path"] = np.stack(path)
    return tensors


def main():
    folder = os.path.join(os.path.dirname(os.path.abspath(__file__)), "network")
    folder = sys.argv[1] if len(sys.argv) > 1 else folder
    os.makedirs(folder, exist_ok=True)
    made_by = {"made_by": "PyTorch " + torch.__version__}
    write_golden(os.path.join(folder, "losses.safetensors"), make_losses(), made_by)
    write_golden(os.path.join(folder, "optimizers.safetensors"), make_optimizers(), made_by)


if __name__ == "__main__":
    main()
