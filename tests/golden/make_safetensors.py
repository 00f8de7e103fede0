"""Writes small safetensors files byte by byte, with nothing but struct, json and numpy."""

import json
import os
import struct

import numpy as np

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "safetensors")


def file_bytes(header_text, data):
    return struct.pack("<Q", len(header_text)) + header_text + data


def padded(text):
    return text + b" " * (-len(text) % 8)


def write(name, content):
    with open(os.path.join(FOLDER, name), "wb") as out:
        out.write(content)


def four_types():
    """All four types in the form our own writer gives them. The test states the same values."""
    arrays = [
        ("linears.0.weight", "F32", np.array([[1.5, -2.25, 0.1], [np.inf, np.nan, -0.0]], "<f4")),
        ("precise", "F64", np.array([0.1, 1e300, -1e-300], "<f8")),
        ("num_batches_tracked", "I64", np.array(-(2**62) + 7, "<i8")),
        ("empty", "F32", np.zeros((0, 3), "<f4")),
        ("bytes", "U8", np.array([0, 1, 255], "u1")),
    ]
    header = {"__metadata__": {"a": "1", "config": '{"x": "\u00e9\\n"}'}}
    data = b""
    for name, kind, array in arrays:
        blob = array.tobytes()
        header[name] = {
            "dtype": kind,
            "shape": list(array.shape),
            "data_offsets": [len(data), len(data) + len(blob)],
        }
        data += blob
    text = json.dumps(header, separators=(",", ":"), ensure_ascii=False).encode("utf-8")
    return file_bytes(padded(text), data)


def other_order():
    """The same rules read otherwise: blanks, escapes, keys and tensors in another order, metadata
    last, no padding, an offset order that is not the header's."""
    text = (
        b'{ "second": {"shape": [2], "data_offsets": [4, 12], "dtype": "F32"},\n'
        b'\t"fir\\u0073t": {"data_offsets": [0, 4], "dtype": "F32", "shape": [1, 1]},'
        b' "__metadata__": {"k": "v"} }'
    )
    return file_bytes(text, np.array([7, 8, 9], "<f4").tobytes())


if __name__ == "__main__":
    os.makedirs(FOLDER, exist_ok=True)
    write("four_types.safetensors", four_types())
    write("other_order.safetensors", other_order())
