"""Exports the backend node cases of the onnx package: cases.json (names, types, shapes, tolerances) and data.bin
(models and elements, little endian).

Run: pip install onnx==1.23.2 && python node-suite.py FOLDER

A tensor is {"type": number of TensorProto.DataType, "dims", "at": [offset, bytes]} or, for strings, {"strings"}. Elements
narrower than a byte take one byte each: integers as their value, floats as their bits. A sequence is {"items"}, an empty
optional {"none": true}.
"""

import json
import os
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


def main(folder):
    os.makedirs(folder, exist_ok=True)
    blob = Blob()
    cases = []
    for case in load_model_tests(kind="node"):
        graph = case.model.graph
        for inputs, outputs in case.data_sets:
            cases.append(
                {
                    "name": case.name,
                    "rtol": case.rtol,
                    "atol": case.atol,
                    "model": blob.add(case.model.SerializeToString(deterministic=True)),
                    "inputs": [{"name": info.name, **value(blob, item)} for info, item in zip(graph.input, inputs)],
                    "outputs": [{"name": info.name, **value(blob, item)} for info, item in zip(graph.output, outputs)],
                }
            )
    cases.sort(key=lambda case: case["name"])
    with open(os.path.join(folder, "data.bin"), "wb") as file:
        file.write(b"".join(blob.parts))
    with open(os.path.join(folder, "cases.json"), "w") as file:
        json.dump({"tool": "onnx", "version": onnx.__version__, "cases": cases}, file, separators=(",", ":"))
    print(f"{len(cases)} cases, {blob.size} bytes")


if __name__ == "__main__":
    main(sys.argv[1])
