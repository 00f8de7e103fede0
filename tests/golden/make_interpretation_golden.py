#!/usr/bin/env python3
"""What interpretation must find in the original authors' model -> interpretation.json.

usage: make_interpretation_golden.py CHECKPOINT SEQUENCES [OUTPUT_FILE]   (PyTorch 1.13, numpy 1.24)
CHECKPOINT: explainn_3tf.pth, SEQUENCES: sequences.fa. All sequences count as well predicted, on both
strands. Computed in double precision from the definition, window by window, one filter at a time.
Refuses data with a window so near a threshold that single precision could decide otherwise.
"""

import json
import os
import sys

import numpy as np
import torch

POOL, STRIDE, EPS = 7, 7, 1e-5
CLOSE = 2e-5  # relative to the threshold


def read_fasta(path):
    sequences = []
    with open(path, encoding="ascii") as lines:
        for line in lines:
            if line.startswith(">"):
                sequences.append("")
            else:
                sequences[-1] += line.strip()
    return sequences


def reverse_complement(sequence):
    return sequence.translate(str.maketrans("ACGT", "TGCA"))[::-1]


def one_hot(sequences):
    x = np.zeros((len(sequences), 4, len(sequences[0])))
    for i, sequence in enumerate(sequences):
        for j, letter in enumerate(sequence):
            if letter in "ACGT":
                x[i, "ACGT".index(letter), j] = 1
    return x


def norm(state, name, channels, y):
    mean, var, gamma, beta = (
        state[f"{name}.{key}"][channels].reshape(1, -1, 1)
        for key in ("running_mean", "running_var", "weight", "bias")
    )
    return (y - mean) / torch.sqrt(var + EPS) * gamma + beta


def unit(state, u, x):
    """Activations [N, n] and outputs [N] of one unit."""
    h = state["linears.6.weight"].shape[0] // state["linears.0.weight"].shape[0]
    own, hidden = slice(u, u + 1), slice(u * h, (u + 1) * h)
    conv = torch.nn.functional.conv1d
    y = conv(x, state["linears.0.weight"][own], state["linears.0.bias"][own])
    activations = torch.exp(norm(state, "linears.1", own, y))
    y = torch.nn.functional.max_pool1d(activations, POOL, STRIDE).transpose(1, 2)  # [N, Q, 1]
    y = conv(y, state["linears.6.weight"][hidden], state["linears.6.bias"][hidden])
    y = torch.relu(norm(state, "linears.7", hidden, y))
    y = conv(y, state["linears.10.weight"][own], state["linears.10.bias"][own])
    y = torch.relu(norm(state, "linears.11", own, y))
    return activations[:, 0].numpy(), y[:, 0, 0].numpy()


def interpret(activations, outputs, weights, x, width):
    maximum = activations.max()
    threshold = maximum / 2
    site = activations > threshold
    assert (np.abs(activations / threshold - 1) > CLOSE).all(), "a window too near the threshold"
    counts = np.zeros((width, 4), dtype=int)
    for row, start in np.argwhere(site):
        counts += x[row, :, start : start + width].T.astype(int)
    median = np.median(outputs[site.any(axis=1)])
    return {
        "max_activation": maximum,
        "sites": int(site.sum()),
        "active": int(site.any(axis=1).sum()),
        "letters": counts.tolist(),
        "median_output": median,
        "median_importance": (weights * median).tolist(),
    }


def main():
    here = os.path.dirname(os.path.abspath(__file__))
    output = sys.argv[3] if len(sys.argv) > 3 else os.path.join(here, "interpretation.json")
    state = {k: v.double() for k, v in torch.load(sys.argv[1], map_location="cpu").items()}
    forward = read_fasta(sys.argv[2])
    x = one_hot(forward + [reverse_complement(s) for s in forward])
    weights = state["final.weight"].numpy()  # [T, U]
    filters = state["linears.0.weight"]
    lines = []
    for u in range(filters.shape[0]):
        activations, outputs = unit(state, u, torch.from_numpy(x))
        result = interpret(activations, outputs, weights[:, u], x, filters.shape[2])
        lines.append(json.dumps(result, separators=(",", ":")))
    with open(output, "w", encoding="ascii") as out:
        out.write("[\n" + ",\n".join(lines) + "\n]\n")


if __name__ == "__main__":
    main()
