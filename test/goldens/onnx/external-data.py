"""Records a model with external data as the reference implementation saves it: external-data.json.

Run: pip install onnx==1.23.2 && python external-data.py
"""

import base64
import json
import os
import pathlib
import tempfile

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

VALUES = {
    "a": np.arange(2048, dtype=np.float32).reshape(32, 64),
    "b": np.arange(-1024, 1024, dtype=np.int16),
    "small": np.array([1.5], dtype=np.float32),
}


def model():
    graph = helper.make_graph(
        [
            helper.make_node("Identity", ["a"], ["x"]),
            helper.make_node("Constant", [], ["c"], value=numpy_helper.from_array(VALUES["a"] * 2, "constant")),
        ],
        "external",
        [],
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [32, 64])],
        initializer=[numpy_helper.from_array(array, name) for name, array in VALUES.items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)])


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "model.onnx"
        onnx.save_model(
            model(), path, save_as_external_data=True, location="weights.bin", size_threshold=1024, convert_attribute=True
        )
        content = {
            "tool": f"onnx {onnx.__version__}",
            "model": base64.b64encode(path.read_bytes()).decode(),
            "weights": base64.b64encode((pathlib.Path(folder) / "weights.bin").read_bytes()).decode(),
        }
    out = os.path.join(os.path.dirname(os.path.abspath(__file__)), "external-data.json")
    with open(out, "w") as file:
        json.dump(content, file, indent=1)
        file.write("\n")
