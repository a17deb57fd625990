"""Records what onnxruntime.quantization makes of a small network: scales, zero points and integer weights.

Run with: pip install onnxruntime==1.31.1 onnx==1.23.2 sympy; python static-quantization.py
"""

import base64
import json
import pathlib
import tempfile

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import CalibrationDataReader, CalibrationMethod, QuantFormat, QuantType, quantize_static

rng = np.random.default_rng(2024)


def weight(*shape):
    spread = rng.uniform(0.2, 2.0, (shape[0],) + (1,) * (len(shape) - 1))
    return (rng.normal(size=shape) * spread / np.sqrt(np.prod(shape[1:]))).astype(np.float32)


initializers = {
    "stem.weight": weight(8, 3, 3, 3),
    "stem.bias": weight(8),
    "depthwise.weight": weight(8, 1, 3, 3),
    "depthwise.bias": weight(8),
    "pointwise.weight": weight(8, 8, 1, 1),
    "pointwise.bias": weight(8),
    "down.weight": weight(16, 8, 3, 3),
    "down.bias": weight(16) * np.float32(1e-3),
    "fc.weight": weight(10, 16),
    "fc.bias": weight(10),
}
same = {"kernel_shape": [3, 3], "pads": [1, 1, 1, 1]}
nodes = [
    helper.make_node("Conv", ["input", "stem.weight", "stem.bias"], ["stem"], name="stem", **same),
    helper.make_node("Relu", ["stem"], ["stem.relu"], name="stem_relu"),
    helper.make_node("MaxPool", ["stem.relu"], ["pool"], name="pool", kernel_shape=[2, 2], strides=[2, 2]),
    helper.make_node("Conv", ["pool", "depthwise.weight", "depthwise.bias"], ["dw"], name="depthwise", group=8, **same),
    helper.make_node("Relu", ["dw"], ["dw.relu"], name="dw_relu"),
    helper.make_node("Conv", ["dw.relu", "pointwise.weight", "pointwise.bias"], ["pw"], name="pointwise"),
    helper.make_node("Add", ["pool", "pw"], ["sum"], name="sum"),
    helper.make_node("Relu", ["sum"], ["sum.relu"], name="sum_relu"),
    helper.make_node("Conv", ["sum.relu", "down.weight", "down.bias"], ["down"], name="down", strides=[2, 2], **same),
    helper.make_node("GlobalAveragePool", ["down"], ["mean"], name="mean"),
    helper.make_node("Flatten", ["mean"], ["flat"], name="flat"),
    helper.make_node("Gemm", ["flat", "fc.weight", "fc.bias"], ["logits"], name="fc", transB=1),
]
graph = helper.make_graph(
    nodes,
    "residual",
    [helper.make_tensor_value_info("input", TensorProto.FLOAT, ["N", 3, 12, 12])],
    [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["N", 10])],
    [numpy_helper.from_array(value, name) for name, value in initializers.items()],
)
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
onnx.checker.check_model(model)
images = rng.normal(0.2, 1.0, (6, 3, 12, 12)).astype(np.float32)


class Reader(CalibrationDataReader):
    def __init__(self):
        self.batches = iter([images[:4], images[4:]])

    def get_next(self):
        batch = next(self.batches, None)
        return None if batch is None else {"input": batch}


def quantize(reduce_range):
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder)
        onnx.save(model, path / "float.onnx")
        quantize_static(
            path / "float.onnx",
            path / "int8.onnx",
            Reader(),
            quant_format=QuantFormat.QDQ,
            op_types_to_quantize=["Conv", "Relu", "MaxPool", "Add", "GlobalAveragePool", "Flatten", "Gemm"],
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            per_channel=True,
            reduce_range=reduce_range,
            calibrate_method=CalibrationMethod.MinMax,
        )
        quantized = onnx.load(path / "int8.onnx")
    stored = {initializer.name: numpy_helper.to_array(initializer) for initializer in quantized.graph.initializer}
    activations, weights = {}, {}
    for node in quantized.graph.node:
        if node.op_type == "QuantizeLinear":
            value = node.input[0].removesuffix("_QuantizeLinear_Input")
            activations[value] = {"scale": float(stored[node.input[1]]), "zeroPoint": int(stored[node.input[2]])}
        if node.op_type == "DequantizeLinear" and node.input[0] in stored:
            name = node.input[0].removesuffix("_quantized")
            weights[name] = {
                "values": stored[node.input[0]].ravel().tolist(),
                "scales": stored[node.input[1]].ravel().astype(float).tolist(),
            }
    return {"activations": activations, "weights": weights}


golden = {
    "tool": f"onnxruntime.quantization {onnxruntime.__version__}, onnx {onnx.__version__}, numpy {np.__version__}",
    "settings": "QDQ, MinMax, QUInt8 activations, QInt8 weights, per_channel; 7 bits: reduce_range",
    "model": base64.b64encode(model.SerializeToString()).decode(),
    "images": {"dims": list(images.shape), "data": base64.b64encode(images.tobytes()).decode()},
    "weightBits": {"8": quantize(reduce_range=False), "7": quantize(reduce_range=True)},
}
pathlib.Path(__file__).with_suffix(".json").write_text(json.dumps(golden) + "\n")
