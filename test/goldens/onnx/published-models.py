"""Records what the reference implementation infers for the published models of PERCEPT_DATA: published-models.json.

Run: pip install onnx==1.23.2 && python published-models.py FOLDER_OF_MODELS

Per model: the types of all values with the input as declared, and with the batch size 1. Values that are constants are
left out. The list is JSON, compressed with gzip, in base64.
"""

import base64
import gzip
import importlib.util
import json
import math
import os
import sys

import onnx
from onnx import shape_inference

HERE = os.path.dirname(os.path.abspath(__file__))
spec = importlib.util.spec_from_file_location("node_models", os.path.join(HERE, "node-models.py"))
node_models = importlib.util.module_from_spec(spec)
spec.loader.exec_module(node_models)


def types(model):
    for info in model.graph.output:
        info.type.tensor_type.ClearField("shape")
    del model.graph.value_info[:]
    result = shape_inference.infer_shapes(model, strict_mode=True, data_prop=True).graph
    return {info.name: node_models.type_text(info.type) for info in list(result.value_info) + list(result.output)}


def with_batch_one(model):
    constants = {tensor.name for tensor in model.graph.initializer}
    for info in model.graph.input:
        if info.name not in constants:
            info.type.tensor_type.shape.dim[0].dim_value = 1
    return model


if __name__ == "__main__":
    folder = sys.argv[1]
    found = {}
    for directory, _, files in sorted(os.walk(folder)):
        for name in sorted(files):
            if name.endswith(".onnx"):
                path = os.path.join(directory, name)
                found[os.path.relpath(path, folder)] = {
                    "declared": types(onnx.load(path)),
                    "batch1": types(with_batch_one(onnx.load(path))),
                    "parameters": sum(
                        math.prod(tensor.dims) for tensor in onnx.load(path).graph.initializer
                    ),
                }
    packed = gzip.compress(json.dumps(found, separators=(",", ":")).encode(), 9, mtime=0)
    with open(os.path.join(HERE, "published-models.json"), "w") as file:
        json.dump({"tool": f"onnx {onnx.__version__}", "gzip": base64.b64encode(packed).decode()}, file)
        file.write("\n")
