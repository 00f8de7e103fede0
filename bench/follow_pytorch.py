#!/usr/bin/env python3
"""Does `explainn train` learn what PyTorch learns? Trains the same network in PyTorch on the same table, from
the same initial weights, with the same batches and dropout masks (all recomputed here from their definitions),
and prints both loss paths, then PyTorch's spread over other initial weights, orders and masks.

usage: follow_pytorch.py TABLE LOSSES_TSV EPOCHS [OTHER_SEEDS]

TABLE has columns `set`, `seq` and tasks; LOSSES_TSV is what
  explainn train TABLE -o DIR --criterion bcewithlogits --num-epochs EPOCHS --patience 0
wrote with its default sizes. PyTorch 1.13 and numpy; about 0.2 s a step of 100.
"""

import csv
import gzip
import json
import math
import os
import sys

import numpy as np
import torch

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "tests", "golden"))
from dropout_masks import check_philox, dropout_mask, philox4x32_10  # noqa: E402
from reference_network import Network, bce, one_hot  # noqa: E402

SIZES = dict(num_fc=2, num_units=100, filter_size=19, pool_size=7, pool_stride=7)
BATCH, LR, SEED = 100, 0.003, 1714
NOT_TASKS = {"id", "set", "seq", "chrom", "start", "end"}


def read_table(path):
    codes, labels, sets = [], [], []
    code = np.full(256, 4, np.uint8)
    code[[ord(c) for c in "ACGTacgt"]] = [0, 1, 2, 3] * 2
    with gzip.open(path, "rt") as table:
        for row in csv.DictReader(table, delimiter="\t"):
            codes.append(code[np.frombuffer(row["seq"].encode(), np.uint8)])
            labels.append([float(v) if v not in ("", "NA") else math.nan
                           for k, v in row.items() if k not in NOT_TASKS])
            sets.append(row["set"])
    return np.array(codes), np.array(labels, np.float32), np.array(sets)


def words(seed, block, step, stream):
    key = [seed & 0xFFFFFFFF, seed >> 32]
    block = np.asarray(block, np.uint64)
    low, high = block & np.uint64(0xFFFFFFFF), block >> np.uint64(32)
    return philox4x32_10([low, high, np.full_like(low, step), np.full_like(low, stream)], key)


def uniform_fan_in(shape, fan_in, seed, tensor):
    count = int(np.prod(shape))
    random = np.stack(words(seed, np.arange((count + 3) // 4), tensor, 0), axis=1).reshape(-1)[:count]
    unit = (random >> np.uint64(8)).astype(np.float64) / 16777216.0
    return ((2 * unit - 1) / math.sqrt(fan_in)).astype(np.float32).reshape(shape)


def initialise(net, seed):
    """Tensor numbers are places in the state_dict without the counters of batches."""
    state = net.state_dict()
    names = [name for name in state if not name.endswith("num_batches_tracked")]
    for number, name in enumerate(names):
        layer = name.rsplit(".", 1)[0]
        if layer + ".running_mean" in state:
            continue
        fan_in = int(np.prod(state[layer + ".weight"].shape[1:]))
        state[name].copy_(torch.from_numpy(uniform_fan_in(tuple(state[name].shape), fan_in, seed, number)))


def permutation(size, seed, epoch):
    """The Feistel network of kernels/base/permutation.h over all places at once."""
    half = 1
    while 1 << (2 * half) < size:
        half += 1
    mask = np.uint64((1 << half) - 1)
    value = np.arange(size, dtype=np.uint64)
    todo = np.ones(size, bool)
    while todo.any():
        left, right = value[todo] >> np.uint64(half), value[todo] & mask
        for turn in range(6):
            random = words(seed, right | np.uint64(turn << 32), epoch, 1)[0]
            left, right = right, left ^ (random & mask)
        value[todo] = (left << np.uint64(half)) | right
        todo = value >= size
    return value.astype(np.int64)


def batches(order):
    ends = list(range(BATCH, len(order), BATCH)) + [len(order)]
    if len(ends) > 1 and ends[-1] - ends[-2] == 1:
        del ends[-2]
    begin = 0
    for end in ends:
        yield order[begin:end]
        begin = end


def validation_loss(net, codes, labels):
    net.eval()
    total, count = 0.0, 0
    with torch.no_grad():
        for i in range(0, len(codes), 256):
            y = torch.from_numpy(labels[i:i + 256])
            known = int((~torch.isnan(y)).sum())
            if known:
                total += float(bce(net.final(net.units(one_hot(torch.from_numpy(codes[i:i + 256]), torch.float32))), y)) * known
            count += known
    net.train()
    return total / count


def train(table, epochs, seed):
    codes, labels, sets = table
    rows, valid = np.flatnonzero(sets == "train"), np.flatnonzero(sets == "valid")
    net = Network(dict(SIZES, input_length=codes.shape[1], num_tasks=labels.shape[1]))
    initialise(net, seed)
    optimizer = torch.optim.Adam(net.parameters(), lr=LR)
    path, step = [], 0
    for epoch in range(epochs):
        total, count = 0.0, 0
        for batch in batches(rows[permutation(len(rows), seed, epoch)]):
            mask = dropout_mask(seed, step, 2, len(batch), SIZES["num_units"], 100, 0.3)
            net.dropouts()[0].mask = torch.from_numpy(mask)
            y = torch.from_numpy(labels[batch])
            optimizer.zero_grad()
            loss = bce(net.final(net.units(one_hot(torch.from_numpy(codes[batch]), torch.float32))), y)
            loss.backward()
            for name, parameter in net.named_parameters():
                if name in net.idle_biases():
                    parameter.grad.zero_()  # exactly 0; PyTorch's rounding noise would let them drift
            optimizer.step()
            known = int((~torch.isnan(y)).sum())
            total, count, step = total + float(loss) * known, count + known, step + 1
        path.append((total / count, validation_loss(net, codes[valid], labels[valid])))
        print("seed %d epoch %d: train %.5f validation %.5f" % (seed, epoch + 1, *path[-1]), flush=True)
    return path


def main():
    check_philox()
    table, epochs = read_table(sys.argv[1]), int(sys.argv[3])
    others = int(sys.argv[4]) if len(sys.argv) > 4 else 2
    ours = [tuple(map(float, line.split("\t")[1:])) for line in open(sys.argv[2]).read().splitlines()[1:]]
    same = train(table, epochs, SEED)
    spread = [train(table, epochs, SEED + 1 + i) for i in range(others)]
    report = []
    for epoch in range(epochs):
        row = {"epoch": epoch + 1}
        for i, name in enumerate(["train", "validation"]):
            row[name] = {"explainn": ours[epoch][i], "pytorch_same_start": same[epoch][i],
                         "pytorch_other_seeds": [other[epoch][i] for other in spread]}
        report.append(row)
    print(json.dumps(report, indent=1))


if __name__ == "__main__":
    main()
