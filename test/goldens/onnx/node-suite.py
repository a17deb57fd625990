"""Exports the backend node cases of the onnx package: cases.json (names, types, shapes, tolerances) and data.bin
(models and elements, little endian).

Run: pip install onnx==1.23.2 numpy==2.4.6 && python node-suite.py FOLDER
With `--record FILE` instead of the folder: the small cases alone, in one gzip file (node-cases.gz): the length of the
index as 32 bits, the index, the bytes.

A tensor is {"type": number of TensorProto.DataType, "dims", "at": [offset, bytes]} or, for strings, {"strings"}. Elements
narrower than a byte take one byte each: integers as their value, floats as their bits. A sequence is {"items"}, an empty
optional {"none": true}.
"""

import gzip
import json
import os
import struct
import sys

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from onnx.backend.test.loader import load_model_tests

SUB_BYTE_INTEGERS = {
    TensorProto.INT4: np.int8,
    TensorProto.UINT4: np.uint8,
    TensorProto.INT2: np.int8,
    TensorProto.UINT2: np.uint8,
}


# Bytes of model and values together, beyond which a case is not recorded.
LARGEST_RECORDED = 3000


class Blob:
    def __init__(self):
        self.parts = []
        self.size = 0

    def add(self, data):
        offset = self.size
        # Aligned, so that every element type can be viewed in place.
        padding = -len(data) % 16
        self.parts.append(data + bytes(padding))
        self.size += len(data) + padding
        return [offset, len(data)]


def tensor(blob, array, data_type):
    if data_type == TensorProto.STRING:
        texts = [item.decode() if isinstance(item, bytes) else str(item) for item in array.reshape(-1)]
        return {"type": data_type, "dims": list(array.shape), "strings": texts}
    if data_type in SUB_BYTE_INTEGERS:
        array = array.astype(SUB_BYTE_INTEGERS[data_type])
    return {"type": data_type, "dims": list(array.shape), "at": blob.add(np.ascontiguousarray(array).tobytes())}


def value(blob, item):
    if item is None:
        return {"none": True}
    if isinstance(item, (list, tuple)):
        return {"items": [value(blob, inner) for inner in item]}
    if isinstance(item, TensorProto):
        return tensor(blob, numpy_helper.to_array(item), item.data_type)
    array = np.asarray(item)
    if array.dtype.kind in "OUS":
        return tensor(blob, array, TensorProto.STRING)
    return tensor(blob, array, helper.np_dtype_to_tensor_dtype(array.dtype))


def collect(blob, largest=None):
    cases = []
    for case in load_model_tests(kind="node"):
        graph = case.model.graph
        for inputs, outputs in case.data_sets:
            own = Blob()
            record(own, case, graph, inputs, outputs)
            if largest is None or own.size <= largest:
                cases.append(record(blob, case, graph, inputs, outputs))
    cases.sort(key=lambda case: case["name"])
    return {"tool": "onnx", "version": onnx.__version__, "cases": cases}


def record(blob, case, graph, inputs, outputs):
    return {
        "name": case.name,
        "rtol": case.rtol,
        "atol": case.atol,
        "model": blob.add(case.model.SerializeToString(deterministic=True)),
        "inputs": [{"name": info.name, **value(blob, item)} for info, item in zip(graph.input, inputs)],
        "outputs": [{"name": info.name, **value(blob, item)} for info, item in zip(graph.output, outputs)],
    }


def index_of(suite):
    return json.dumps(suite, separators=(",", ":")).encode()


def write_packed(path, suite, blob):
    index = index_of(suite)
    with open(path, "wb") as file:
        file.write(gzip.compress(struct.pack("<I", len(index)) + index + b"".join(blob.parts), 9, mtime=0))


def main(arguments):
    blob = Blob()
    if arguments[0] == "--record":
        suite = collect(blob, LARGEST_RECORDED)
        write_packed(arguments[1], suite, blob)
    else:
        suite = collect(blob)
        os.makedirs(arguments[0], exist_ok=True)
        with open(os.path.join(arguments[0], "data.bin"), "wb") as file:
            file.write(b"".join(blob.parts))
        with open(os.path.join(arguments[0], "cases.json"), "wb") as file:
            file.write(index_of(suite))
    print(f"{len(suite['cases'])} cases, {blob.size} bytes")


if __name__ == "__main__":
    main(sys.argv[1:])
