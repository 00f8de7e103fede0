#!/usr/bin/env python3
"""Whole epochs of a plain PyTorch program, to be compared with `explainn train`: the network as published,
batches cut from tensors in memory, validation after every epoch. Prints seconds and both losses of each.

usage: pytorch_epoch.py TABLE [--rev-complement] [--num-epochs 1] [--batch-size 100] [--threads 2]

TABLE (plain or .gz) has columns `set`, `seq` and tasks, as `explainn train TABLE --criterion bcewithlogits`
takes it. Reading the table is not timed.
"""

import argparse
import csv
import gzip
import math
import time

import torch
from torch import nn

NOT_TASKS = {"id", "set", "seq", "chrom", "start", "end"}


class Exp(nn.Module):
    def forward(self, x):
        return torch.exp(x)


class Network(nn.Module):
    def __init__(self, length, tasks, units=100, width=19, hidden=100, pool=7):
        super().__init__()
        self.units = units
        pooled = (length - width + 1 - pool) // pool + 1
        self.linears = nn.Sequential(
            nn.Conv1d(4 * units, units, width, groups=units), nn.BatchNorm1d(units), Exp(),
            nn.MaxPool1d(pool, pool), nn.Flatten(), nn.Unflatten(1, (units * pooled, 1)),
            nn.Conv1d(units * pooled, units * hidden, 1, groups=units), nn.BatchNorm1d(units * hidden), nn.ReLU(),
            nn.Dropout(0.3), nn.Conv1d(units * hidden, units, 1, groups=units), nn.BatchNorm1d(units), nn.ReLU(),
            nn.Flatten())
        self.final = nn.Linear(units, tasks)

    def forward(self, x):
        return self.final(self.linears(x.repeat(1, self.units, 1)))


def read_table(path):
    """{set: (one-hot sequences [N, 4, L], labels [N, T])}"""
    rows = {}
    opened = gzip.open(path, "rt") if path.endswith(".gz") else open(path)
    with opened as table:
        for row in csv.DictReader(table, delimiter="\t"):
            labels = [float(v) if v not in ("", "NA") else math.nan for k, v in row.items() if k not in NOT_TASKS]
            rows.setdefault(row["set"], ([], []))
            rows[row["set"]][0].append(list(row["seq"].upper().encode()))
            rows[row["set"]][1].append(labels)
    result = {}
    for name, (sequences, labels) in rows.items():
        letters = torch.tensor(sequences, dtype=torch.uint8)
        x = torch.stack([(letters == ord(base)).float() for base in "ACGT"], dim=1)
        result[name] = (x, torch.tensor(labels))
    return result


def both_strands(x, y):
    return torch.cat([x, x.flip(1, 2)]), torch.cat([y, y])


def known_loss(logits, y):
    """Sum over resolved entries and their number."""
    known = ~torch.isnan(y)
    return nn.functional.binary_cross_entropy_with_logits(logits[known], y[known], reduction="sum"), int(known.sum())


def train_epoch(net, optimizer, x, y, size):
    net.train()
    total, count = 0.0, 0
    for rows in torch.randperm(len(x)).split(size):
        if len(rows) < 2:
            continue
        optimizer.zero_grad()
        loss, known = known_loss(net(x[rows]), y[rows])
        (loss / known).backward()
        optimizer.step()
        total, count = total + loss.item(), count + known
    return total / count


def validation_loss(net, x, y, size):
    net.eval()
    total, count = 0.0, 0
    with torch.no_grad():
        for i in range(0, len(x), size):
            loss, known = known_loss(net(x[i:i + size]), y[i:i + size])
            total, count = total + loss.item(), count + known
    return total / count


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("table")
    parser.add_argument("--rev-complement", action="store_true")
    parser.add_argument("--num-epochs", type=int, default=1)
    parser.add_argument("--batch-size", type=int, default=100)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(1714)
    sets = read_table(options.table)
    if options.rev_complement:
        sets = {name: both_strands(*data) for name, data in sets.items()}
    train, valid = sets["train"], sets["valid"]
    net = Network(train[0].shape[2], train[1].shape[1])
    optimizer = torch.optim.Adam(net.parameters(), lr=0.003)
    print("torch %s, %d threads, %d training and %d validation samples"
          % (torch.__version__, options.threads, len(train[0]), len(valid[0])), flush=True)
    for epoch in range(options.num_epochs):
        start = time.perf_counter()
        loss = train_epoch(net, optimizer, *train, options.batch_size)
        valid_loss = validation_loss(net, *valid, options.batch_size)
        print("epoch %d: %.2f s, train %.5f, validation %.5f"
              % (epoch + 1, time.perf_counter() - start, loss, valid_loss), flush=True)


if __name__ == "__main__":
    main()
