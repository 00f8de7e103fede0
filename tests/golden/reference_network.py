"""The original ExplaiNN network in PyTorch, with dropout masks given from outside.

Same layers and state_dict names as the published one; the input is repeated once per unit.
"""

import torch
from torch import nn

HIDDEN = 100
RATE = 0.3


class Exponential(nn.Module):
    def forward(self, x):
        return torch.exp(x)


class GivenDropout(nn.Module):
    """Dropout that applies `mask` ([B, U, H], bool) in training and nothing in evaluation."""

    mask = None

    def forward(self, x):
        if not self.training:
            return x
        kept = self.mask.reshape(x.shape).to(x.dtype)
        return x * kept / (1.0 - RATE)


class Network(nn.Module):
    """`c`: num_fc, num_units, filter_size, input_length, pool_size, pool_stride, num_tasks."""

    def __init__(self, c):
        super().__init__()
        u, k, h = c["num_units"], c["filter_size"], HIDDEN
        n = c["input_length"] - k + 1
        q = (n - c["pool_size"]) // c["pool_stride"] + 1
        self.num_units = u
        self.relu_inputs = []
        self.pool_inputs = None
        front = [
            nn.Conv1d(4 * u, u, k, groups=u),
            nn.BatchNorm1d(u),
            Exponential(),
            nn.MaxPool1d(c["pool_size"], c["pool_stride"]),
            nn.Flatten(),
        ]
        unsqueeze = nn.Unflatten(1, (-1, 1))
        self.linears_bg = nn.ModuleList()
        self.last_linear = nn.Sequential()
        if c["num_fc"] == 1:
            front += [unsqueeze, *self.dense(q, 1), nn.Flatten()]
        elif c["num_fc"] >= 2:
            front += [unsqueeze, *self.dense(q, h)]
        if c["num_fc"] == 2:
            front += [GivenDropout(), *self.dense(h, 1), nn.Flatten()]
        elif c["num_fc"] > 2:
            for _ in range(c["num_fc"] - 2):
                self.linears_bg.append(nn.Sequential(GivenDropout(), *self.dense(h, h)))
            self.last_linear = nn.Sequential(GivenDropout(), *self.dense(h, 1), nn.Flatten())
        self.linears = nn.Sequential(*front)
        self.final = nn.Linear(u, c["num_tasks"])
        self.watch()

    def dense(self, inputs, outputs):
        """One linear map a unit (a grouped convolution of width 1), batch norm, ReLU."""
        u = self.num_units
        linear = nn.Conv1d(u * inputs, u * outputs, 1, groups=u)
        return [linear, nn.BatchNorm1d(u * outputs), nn.ReLU()]

    def watch(self):
        """Keeps what pooling and the ReLUs were given, to measure how far they are from a tie.

        Again for a deep copy: its hooks still speak to the network that it was copied from.
        """
        for module in self.modules():
            module._forward_hooks.clear()
            if isinstance(module, nn.ReLU):
                module.register_forward_hook(lambda m, x, y: self.relu_inputs.append(x[0].detach()))
            if isinstance(module, nn.MaxPool1d):
                module.register_forward_hook(self.keep_pool_input)

    def keep_pool_input(self, pool, inputs, _):
        self.pool_inputs = inputs[0].detach().unfold(2, pool.kernel_size, pool.stride)

    def units(self, x):
        """One-hot sequences [B, 4, L] -> unit outputs [B, U]."""
        self.relu_inputs = []
        x = self.linears(x.repeat(1, self.num_units, 1))
        for block in self.linears_bg:
            x = block(x)
        return self.last_linear(x)

    def dropouts(self):
        """In the order in which they are applied: stream 2, 3, .."""
        return [m for m in self.modules() if isinstance(m, GivenDropout)]

    def idle_biases(self):
        """Names of the biases that a batch norm cancels: their gradient is exactly 0."""
        return [
            name + ".bias" for name, m in self.named_modules() if isinstance(m, nn.Conv1d)
        ]

    def margins(self):
        """(least relative gap of the two largest in a pool window, least |ReLU input|)."""
        pool = relu = float("inf")
        if self.pool_inputs.shape[-1] > 1:
            top = torch.topk(self.pool_inputs, 2, dim=-1).values
            pool = float(((top[..., 0] - top[..., 1]) / top[..., 0]).min())
        for x in self.relu_inputs:
            relu = min(relu, float(x.abs().min()))
        return pool, relu


def one_hot(codes, dtype):
    """Codes [B, L] (4: unknown, a zero column) -> [B, 4, L]."""
    return torch.stack([(codes == base).to(dtype) for base in range(4)], dim=1)


def bce(logits, labels):
    """Sum over resolved entries / their number (NaN: unresolved)."""
    known = ~torch.isnan(labels)
    loss = nn.functional.binary_cross_entropy_with_logits(
        logits[known], labels[known].to(logits.dtype), reduction="sum"
    )
    return loss / known.sum()
