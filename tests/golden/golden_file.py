"""Writes golden files in the safetensors format (F64, I64 and U8 tensors, metadata as strings)."""

import json
import struct

import numpy as np

_TYPES = {"float64": "F64", "int64": "I64", "uint8": "U8"}


def write_golden(path, tensors, metadata):
    """`tensors`: name -> numpy array, written in the order given; `metadata`: name -> string."""
    header = {"__metadata__": metadata}
    blobs = []
    offset = 0
    for name, array in tensors.items():
        array = np.asarray(array)
        kind = array.dtype.newbyteorder("<")
        blob = array.astype(kind).tobytes()
        header[name] = {
            "dtype": _TYPES[array.dtype.name],
            "shape": list(array.shape),
            "data_offsets": [offset, offset + len(blob)],
        }
        blobs.append(blob)
        offset += len(blob)
    text = json.dumps(header, separators=(",", ":")).encode("ascii")
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as out:
        out.write(struct.pack("<Q", len(text)))
        out.write(text)
        for blob in blobs:
            out.write(blob)
