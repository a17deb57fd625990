"""Records what onnxruntime.transformers.float16 makes of a small network: float16 constants and casts.

Run with: pip install onnxruntime==1.31.1 onnx==1.23.2 packaging; python float16.py
"""

import base64
import json
import pathlib

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.transformers.float16 import convert_float_to_float16

rng = np.random.default_rng(16)
extreme = np.array([1e6, -7e4, 65504, 65519, 1e-9, -3e-8, 5.97e-8, 6.1e-5, 0, 1 / 3, np.inf, -np.inf], np.float32)
initializers = {
    "conv.weight": (rng.normal(size=(4, 2, 3, 3)) / 4).astype(np.float32),
    "conv.bias": rng.normal(size=4).astype(np.float32),
    "limit": np.float32(3.5),
    "scales": np.array([1, 1, 2, 2], np.float32),
    "fc.weight": (rng.normal(size=(64, 12)) / 8).astype(np.float32),
    "extreme": extreme,
}
nodes = [
    helper.make_node("Conv", ["input", "conv.weight", "conv.bias"], ["conv"], name="conv", kernel_shape=[3, 3]),
    helper.make_node("Relu", ["conv"], ["relu"], name="relu"),
    helper.make_node("Min", ["relu", "limit"], ["least"], name="least"),
    helper.make_node("Resize", ["least", "", "scales"], ["resized"], name="resize", mode="nearest"),
    helper.make_node("MaxPool", ["resized"], ["pooled"], name="pool", kernel_shape=[2, 2], strides=[2, 2]),
    helper.make_node("Flatten", ["pooled"], ["flat"], name="flat"),
    helper.make_node("MatMul", ["flat", "fc.weight"], ["logits"], name="fc"),
    helper.make_node("Mul", ["logits", "extreme"], ["scaled"], name="scale"),
]
graph = helper.make_graph(
    nodes,
    "half",
    [helper.make_tensor_value_info("input", TensorProto.FLOAT, ["N", 2, 6, 6])],
    [
        helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["N", 12]),
        helper.make_tensor_value_info("scaled", TensorProto.FLOAT, ["N", 12]),
    ],
    [numpy_helper.from_array(value, name) for name, value in initializers.items()],
)
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
onnx.checker.check_model(model)
images = rng.normal(size=(3, 2, 6, 6)).astype(np.float32)


def convert(keep):
    half = convert_float_to_float16(onnx.load_from_string(model.SerializeToString()), keep_io_types=keep)
    session = onnxruntime.InferenceSession(half.SerializeToString(), providers=["CPUExecutionProvider"])
    logits = session.run(["logits"], {"input": images if keep else images.astype(np.float16)})[0]
    stored = [(i.name, numpy_helper.to_array(i)) for i in half.graph.initializer]
    return {
        "bits": {name: a.view(np.uint16).ravel().tolist() for name, a in stored if a.dtype == np.float16},
        "float32": sorted(name for name, a in stored if a.dtype == np.float32),
        "logits": logits.astype(float).ravel().tolist(),
    }


golden = {
    "tool": f"onnxruntime.transformers.float16 of onnxruntime {onnxruntime.__version__}, onnx {onnx.__version__}",
    "model": base64.b64encode(model.SerializeToString()).decode(),
    "images": {"dims": list(images.shape), "data": base64.b64encode(images.tobytes()).decode()},
    "keep": convert(True),
    "change": convert(False),
}
pathlib.Path(__file__).with_suffix(".json").write_text(json.dumps(golden) + "\n")
