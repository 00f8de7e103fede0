"""Writes small PyTorch checkpoints (made with PyTorch 1.13) and what torch.load reads from them.

For NAME.pth, NAME.tsv has one line a tensor: name, type, shape (comma-separated), values in row-major
order (comma-separated, 17 significant digits). checkpoint/tensors.tsv describes the authors' model in
the same way, with the CRC-32 of the values' little-endian bytes instead of the values.
"""

import os
import zlib
from collections import OrderedDict

import torch

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "torch")


def save(name, content):
    torch.save(content, os.path.join(FOLDER, name + ".pth"))


def values_text(tensor):
    integer = not tensor.dtype.is_floating_point
    return ",".join(str(v) if integer else "%.17g" % v for v in tensor.reshape(-1).tolist())


def crc_text(tensor):
    return "%08x" % zlib.crc32(tensor.contiguous().numpy().tobytes())


def write_lines(path, state, text):
    with open(path, "w") as out:
        for name, tensor in state.items():
            shape = ",".join(str(size) for size in tensor.shape)
            kind = str(tensor.dtype).replace("torch.", "")
            out.write("\t".join([name, kind, shape, text(tensor)]) + "\n")


def values_of(name, key=None):
    content = torch.load(os.path.join(FOLDER, name + ".pth"), map_location="cpu")
    state = content[key] if key else content
    write_lines(os.path.join(FOLDER, name + ".tsv"), state, values_text)


def mixed_state():
    torch.manual_seed(3)
    flat = torch.randn(30)
    return OrderedDict(
        plain=torch.randn(2, 3),
        transposed=torch.randn(3, 4).t(),
        strided=torch.randn(4, 6)[1::2, 1::3],
        permuted=torch.randn(2, 3, 4).permute(2, 0, 1),
        shared_front=flat[:10].view(2, 5),
        shared_back=flat[12:],
        expanded=torch.tensor([[1.5], [2.5]]).expand(2, 3),
        parameter=torch.nn.Parameter(torch.randn(3)),
        double=torch.randn(2, 2, dtype=torch.float64) / 3,
        count=torch.tensor(-(2**40) - 1),
        bytes=torch.tensor([0, 127, 255], dtype=torch.uint8),
        empty=torch.zeros(0, 4),
        special=torch.tensor([float("nan"), float("inf"), float("-inf"), -0.0]),
    )


def module_state():
    torch.manual_seed(5)
    module = torch.nn.Sequential(torch.nn.Conv1d(4, 3, 5), torch.nn.BatchNorm1d(3))
    return module, module.state_dict()


def main():
    os.makedirs(FOLDER, exist_ok=True)
    save("mixed", mixed_state())
    values_of("mixed")
    module, state = module_state()
    optimizer = torch.optim.Adam(module.parameters())
    module(torch.randn(2, 4, 9)).sum().backward()
    optimizer.step()
    training = {
        "epoch": 12,
        "loss": 0.625,
        "history": [1, -300, 70000, 2**40, None, True, (1.0, "x")],
        "optimizer_state_dict": optimizer.state_dict(),
        "model_state_dict": module.state_dict(),
    }
    save("training", training)
    values_of("training", "model_state_dict")
    save("half", {"weight": torch.zeros(2).half()})
    save("whole_module", module)
    torch.save(state, os.path.join(FOLDER, "before_1_6.pth"), _use_new_zipfile_serialization=False)
    authors = os.path.join(FOLDER, "..", "checkpoint")
    state = torch.load(os.path.join(authors, "explainn_3tf.pth"), map_location="cpu")
    write_lines(os.path.join(authors, "tensors.tsv"), state, crc_text)


if __name__ == "__main__":
    main()
