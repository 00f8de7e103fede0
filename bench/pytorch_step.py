#!/usr/bin/env python3
"""Time of one training step and of inference of ExplaiNN in PyTorch: the network as published (the input
repeated once a unit, grouped convolutions), eager mode, CPU. The twin of bench/train_step.cpp.

usage: pytorch_step.py [batch] [units] [filter] [length] [tasks] [threads] [seconds]
"""

import json
import statistics
import sys
import time

import torch
from torch import nn


class Exp(nn.Module):
    def forward(self, x):
        return torch.exp(x)


def published_network(units, width, length, tasks, hidden=100, pool=7):
    pooled = (length - width + 1 - pool) // pool + 1
    linears = nn.Sequential(
        nn.Conv1d(4 * units, units, width, groups=units), nn.BatchNorm1d(units), Exp(),
        nn.MaxPool1d(pool, pool), nn.Flatten(), nn.Unflatten(1, (units * pooled, 1)),
        nn.Conv1d(units * pooled, units * hidden, 1, groups=units), nn.BatchNorm1d(units * hidden), nn.ReLU(),
        nn.Dropout(0.3), nn.Conv1d(units * hidden, units, 1, groups=units), nn.BatchNorm1d(units), nn.ReLU(),
        nn.Flatten())
    return linears, nn.Linear(units, tasks)


def measure(seconds, work):
    start = time.perf_counter()
    while time.perf_counter() - start < seconds / 10:
        work()
    times = []
    start = time.perf_counter()
    while time.perf_counter() - start < seconds or len(times) < 5:
        begin = time.perf_counter()
        work()
        times.append(time.perf_counter() - begin)
    return {"median": statistics.median(times), "least": min(times), "runs": len(times)}


def main():
    standard = [100, 100, 19, 200, 50, torch.get_num_threads(), 5]
    given = [int(a) for a in sys.argv[1:]]
    batch, units, width, length, tasks, threads, seconds = given + standard[len(given):]
    torch.set_num_threads(threads)
    torch.manual_seed(1)
    linears, final = published_network(units, width, length, tasks)
    bases = torch.randint(0, 4, (batch, length))
    x = nn.functional.one_hot(bases, 4).permute(0, 2, 1).float().contiguous()
    y = torch.randint(0, 2, (batch, tasks)).float()
    optimizer = torch.optim.Adam(list(linears.parameters()) + list(final.parameters()), lr=0.003)
    criterion = nn.BCEWithLogitsLoss()

    def forward():
        return final(linears(x.repeat(1, units, 1)))

    def step():
        optimizer.zero_grad()
        criterion(forward(), y).backward()
        optimizer.step()

    def infer():
        with torch.no_grad():
            forward()

    train = measure(seconds, step)
    linears.eval()
    inference = measure(seconds, infer)
    print(json.dumps({
        "program": "PyTorch " + torch.__version__ + " (published network, eager)", "batch": batch, "units": units,
        "filter": width, "length": length, "tasks": tasks, "threads": threads,
        "train_ms": train["median"] * 1e3, "train_least_ms": train["least"] * 1e3, "train_runs": train["runs"],
        "infer_ms": inference["median"] * 1e3, "infer_least_ms": inference["least"] * 1e3,
        "infer_runs": inference["runs"]}))


if __name__ == "__main__":
    main()
