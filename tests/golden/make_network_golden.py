#!/usr/bin/env python3
"""Golden files for the whole network: PyTorch in double precision, CPU. See network/README.md.

usage: make_network_golden.py [OUTPUT_FOLDER]   (PyTorch 1.13, numpy)
Prints for each case how far PyTorch's own float run is from its double run.
"""

import copy
import json
import os
import sys

import numpy as np
import torch
from torch import nn

from dropout_masks import check_philox, dropout_mask
from golden_file import write_golden
from reference_network import HIDDEN, RATE, Network, bce, one_hot

STEPS = 50
FIRST_DROPOUT_STREAM = 2
SGD_LR = 0.01
ADAM_LR = 0.003
# Windows and ReLU inputs nearer to a tie than this could fall the other way in float.
POOL_MARGIN = 1e-6
RELU_MARGIN = 1e-5
PATH_RELU_MARGIN = 2e-6  # for each hidden layer: the errors of a path add up through them
PATH_ROWS = 24
# A path that PyTorch's own float run does not follow this closely says nothing about a program.
GRADIENT_FOLLOWED = 5e-5  # but the first batch norm's, which nearly cancel in every network
FOLLOWED = {"sgd_loss": 2e-6, "sgd_weights": 4e-6, "adam_loss": 2e-5}

# name: (num_fc, B, U, K, L, P, S, T, 50-step path?)
CASES = {
    "fc0_odd": (0, 5, 3, 7, 40, 34, 34, 4, True),
    "fc0_one_unit": (0, 3, 1, 5, 8, 4, 4, 1, True),
    "fc0_one_window": (0, 4, 2, 9, 9, 1, 1, 2, True),
    "fc1_odd": (1, 5, 3, 7, 40, 7, 7, 4, True),
    "fc1_overlap": (1, 7, 2, 6, 33, 5, 3, 3, True),
    "fc1_one_window": (1, 4, 3, 11, 11, 1, 1, 1, True),
    "fc1_two_rows": (1, 2, 3, 7, 40, 7, 7, 2, False),
    "fc2_odd": (2, 5, 3, 7, 40, 7, 7, 4, True),
    "fc2_overlap": (2, 9, 4, 8, 37, 7, 3, 5, True),
    "fc2_gaps": (2, 6, 2, 5, 31, 3, 5, 3, True),
    "fc2_one_unit": (2, 3, 1, 6, 9, 2, 2, 1, True),
    "fc2_one_window": (2, 5, 2, 13, 13, 1, 1, 2, True),
    "fc2_two_rows": (2, 2, 3, 7, 40, 7, 7, 4, False),
    "fc3_odd": (3, 5, 2, 7, 40, 7, 7, 3, True),
    "fc3_overlap": (3, 7, 1, 4, 23, 5, 2, 1, True),
    "fc5_odd": (5, 7, 1, 7, 40, 7, 7, 2, True),
    "fc5_units": (5, 5, 2, 5, 26, 4, 5, 3, False),
}


def margins_json(pool, relu):
    """Infinite margins (nothing that could tie) have no number in JSON."""
    return {"pool": pool if np.isfinite(pool) else None, "relu": relu if np.isfinite(relu) else None}


def make_config(name, seed):
    keys = "num_fc batch num_units filter_size input_length pool_size pool_stride num_tasks"
    config = dict(zip(keys.split(), CASES[name][:8]))
    config.update(hidden=HIDDEN, dropout=RATE, seed=seed, criterion="bcewithlogits", step=0)
    return config


def make_data(config, rng):
    """Codes [N, L] with some unknown bases, labels [N, T] with some missing or between 0 and 1."""
    shape = (PATH_ROWS, config["input_length"])
    codes = rng.integers(0, 4, shape).astype(np.uint8)
    codes[rng.random(shape) < 0.03] = 4
    codes[0, 1:4] = 4
    labels = rng.integers(0, 2, (PATH_ROWS, config["num_tasks"])).astype(np.float64)
    labels[rng.random(labels.shape) < 0.1] = 0.25
    labels[rng.random(labels.shape) < 0.15] = np.nan
    labels[0, 0] = 1.0
    if config["num_tasks"] > 1:
        labels[1, -1] = np.nan
    return codes, labels


def make_network(config, rng):
    """PyTorch's initialisation, then batch norms of both signs; every value is a float."""
    torch.manual_seed(int(rng.integers(1 << 31)))
    net = Network(config)
    with torch.no_grad():
        for norm in [m for m in net.modules() if isinstance(m, nn.BatchNorm1d)]:
            size = norm.weight.shape[0]
            gamma = rng.uniform(0.5, 1.3, size) * np.where(rng.random(size) < 0.4, -1, 1)
            gamma[0] = -abs(gamma[0]) if norm is net.linears[1] else gamma[0]
            norm.weight.copy_(torch.tensor(gamma))
            norm.bias.copy_(torch.tensor(rng.normal(0.0, 0.3, size)))
            norm.running_mean.copy_(torch.tensor(rng.normal(0.0, 0.5, size)))
            norm.running_var.copy_(torch.tensor(rng.uniform(0.5, 2.0, size)))
    return net.double()


def set_masks(net, config, rows, step):
    masks = []
    for i, dropout in enumerate(net.dropouts()):
        mask = dropout_mask(config["seed"], step, FIRST_DROPOUT_STREAM + i, rows,
                            config["num_units"], HIDDEN, RATE)
        dropout.mask = torch.tensor(mask)
        masks.append(mask)
    return masks


def one_step(net, config, codes, labels, step):
    """Forward and backward in training mode; gradients that are 0 by construction are made 0."""
    masks = set_masks(net, config, len(codes), step)
    net.train()
    net.zero_grad()
    units = net.units(one_hot(torch.tensor(codes), net.final.weight.dtype))
    logits = net.final(units)
    loss = bce(logits, torch.tensor(labels))
    loss.backward()
    largest = max(float(p.grad.norm()) for p in net.parameters())
    for name, parameter in net.named_parameters():
        if name in net.idle_biases():
            noise = float(parameter.grad.abs().max()) / largest
            assert net.final.weight.dtype == torch.float32 or noise < 1e-9, (name, noise)
            parameter.grad.zero_()
    return logits, units, loss, masks


def gradients(net):
    return {name: p.grad.detach().clone() for name, p in net.named_parameters()}


def run_path(net, config, data, index, optimizer):
    """Trains on the batches of `index` [50, B]; the losses and the least margins on the way."""
    losses, pools, relus = [], [], []
    for step, rows in enumerate(index):
        loss = one_step(net, config, data[0][rows], data[1][rows], step)[2]
        pool, relu = net.margins()
        pools.append(pool)
        relus.append(relu)
        losses.append(loss.item())
        optimizer.step()
    return np.array(losses), min(pools), min(relus)


def optimizers(net):
    return {"sgd": lambda n: torch.optim.SGD(n.parameters(), lr=SGD_LR),
            "adam": lambda n: torch.optim.Adam(n.parameters(), lr=ADAM_LR)}


def gradient_errors(net, single):
    """|g - g64| / max(|g64|, 1e-3 G) of each parameter tensor (norms; G the largest of them)."""
    exact, other = gradients(net), gradients(single)
    largest = max(float(g.norm()) for g in exact.values())
    return {
        k: float((other[k].double() - g).norm()) / max(float(g.norm()), 1e-3 * largest)
        for k, g in exact.items()
    }


def make_case(name, attempt):
    """The tensors of a case, or None where a window or a ReLU is too near to a tie."""
    number = list(CASES).index(name)
    rng = np.random.default_rng([1714, number, attempt])
    config = make_config(name, int(rng.integers(1 << 63, dtype=np.uint64)) * 2 + 1)
    data = make_data(config, rng)
    net = make_network(config, rng)
    start, single = copy.deepcopy(net), copy.deepcopy(net).float()
    rows = config["batch"]
    codes, labels = data[0][:rows], data[1][:rows]
    tensors = {"codes": codes, "labels": labels}
    tensors.update(("init." + k, v.numpy().copy()) for k, v in net.state_dict().items())

    logits, units, loss, masks = one_step(net, config, codes, labels, 0)
    pool, relu = net.margins()
    if pool < POOL_MARGIN or relu < RELU_MARGIN:
        return None
    config["margins"] = margins_json(pool, relu)
    one_step(single, config, codes, labels, 0)
    config["float_run"] = {"gradients": gradient_errors(net, single)}
    if config["batch"] > 2 and any(error > GRADIENT_FOLLOWED for name, error in
                                   config["float_run"]["gradients"].items()
                                   if not name.startswith("linears.1.")):
        return None
    tensors.update(("mask.%d" % i, m.astype(np.uint8)) for i, m in enumerate(masks))
    tensors.update({"train.logits": logits, "train.units": units, "train.loss": loss})
    tensors.update(("grad." + k, g) for k, g in gradients(net).items())
    buffers = dict(net.named_buffers())
    tensors.update(("after." + k, v.clone()) for k, v in buffers.items())
    net.eval()
    with torch.no_grad():
        units = net.units(one_hot(torch.tensor(codes), torch.float64))
    tensors.update({"eval.logits": net.final(units), "eval.units": units})
    if CASES[name][8] and not add_paths(start, config, data, rng, tensors):
        return None
    return {k: to_numpy(v) for k, v in tensors.items()}, config


def add_paths(start, config, data, rng, tensors):
    """Two 50-step paths from `start` over the same batches; False where one is no fair test."""
    index = np.stack([rng.permutation(PATH_ROWS)[: config["batch"]] for _ in range(STEPS)])
    if np.isnan(data[1][index]).all(axis=(1, 2)).any():
        return False
    tensors.update({"path.codes": data[0], "path.labels": data[1],
                    "path.index": index.astype(np.int64)})
    config["path"] = {"steps": STEPS, "sgd_lr": SGD_LR, "adam_lr": ADAM_LR}
    for kind, make in optimizers(start).items():
        net, single = copy.deepcopy(start), copy.deepcopy(start).float()
        net.watch()
        losses, pool, relu = run_path(net, config, data, index, make(net))
        if pool < POOL_MARGIN or relu < PATH_RELU_MARGIN * max(1, config["num_fc"] - 1):
            return False
        config["path"][kind + "_margins"] = margins_json(pool, relu)
        other = run_path(single, config, data, index, make(single))[0]
        weights = net.state_dict()
        errors = {kind + "_loss": float(np.max(np.abs(other - losses) / np.abs(losses))),
                  kind + "_weights": weight_error(weights, single.state_dict())}
        if any(errors[k] > FOLLOWED.get(k, np.inf) for k in errors):
            return False
        config["float_run"].update(errors)
        tensors["path.%s.loss" % kind] = losses
        tensors.update(("path.%s.final.%s" % (kind, k), v) for k, v in weights.items())
    return True


def weight_error(exact, other):
    """The largest |w - w64| / |w64| over the tensors of two state_dicts (norms)."""
    return max(
        float((other[k].double() - w.double()).norm() / max(1e-3, float(w.double().norm())))
        for k, w in exact.items()
    )


def to_numpy(value):
    return value.detach().numpy() if isinstance(value, torch.Tensor) else np.asarray(value)


def main():
    folder = os.path.join(os.path.dirname(os.path.abspath(__file__)), "network")
    folder = sys.argv[1] if len(sys.argv) > 1 else folder
    os.makedirs(folder, exist_ok=True)
    torch.set_num_threads(1)
    check_philox()
    for name in CASES:
        attempt, made = 0, None
        while made is None:
            made = make_case(name, attempt)
            attempt += 1
        tensors, config = made
        metadata = {"config": json.dumps(config, allow_nan=False), "made_by": "PyTorch " + torch.__version__}
        write_golden(os.path.join(folder, name + ".safetensors"), tensors, metadata)
        report = dict(config["float_run"])
        report["gradients"] = max(report["gradients"].values())
        print("%-16s attempt %d, float against double: %s" % (
            name, attempt, ", ".join("%s %.1e" % item for item in report.items())), flush=True)


if __name__ == "__main__":
    main()
