"""Records what onnxruntime makes of a small network of linear layers and a convolution: weight-only 4 bits (RTN) and
dynamic quantization.

Run with: pip install onnxruntime==1.31.1 onnx==1.23.2 onnx-ir sympy; python weight-and-dynamic-quantization.py
"""

import base64
import json
import pathlib
import tempfile

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic
from onnxruntime.quantization.matmul_nbits_quantizer import MatMulNBitsQuantizer

rng = np.random.default_rng(4)


def weight(*shape):
    return (rng.normal(0.05, 1, size=shape) / np.sqrt(shape[-1])).astype(np.float32)


initializers = {
    "conv.weight": weight(5, 2, 3, 3),
    "conv.bias": weight(5),
    "first.weight": weight(80, 48),
    "second.weight": weight(12, 48),
    "second.bias": weight(12),
}
initializers["first.weight"][:, 7] = 0
nodes = [
    helper.make_node("Conv", ["input", "conv.weight", "conv.bias"], ["conv"], name="conv", kernel_shape=[3, 3]),
    helper.make_node("Relu", ["conv"], ["relu"], name="relu"),
    helper.make_node("Flatten", ["relu"], ["flat"], name="flat"),
    helper.make_node("MatMul", ["flat", "first.weight"], ["first"], name="first"),
    helper.make_node("Relu", ["first"], ["hidden"], name="hidden"),
    helper.make_node("Gemm", ["hidden", "second.weight", "second.bias"], ["logits"], name="second", transB=1),
]
graph = helper.make_graph(
    nodes,
    "linear",
    [helper.make_tensor_value_info("input", TensorProto.FLOAT, ["N", 2, 6, 6])],
    [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["N", 12])],
    [numpy_helper.from_array(value, name) for name, value in initializers.items()],
)
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
onnx.checker.check_model(model)
images = rng.normal(size=(3, 2, 6, 6)).astype(np.float32)


def stored(quantized):
    found = {initializer.name: numpy_helper.to_array(initializer) for initializer in quantized.graph.initializer}
    session = onnxruntime.InferenceSession(quantized.SerializeToString(), providers=["CPUExecutionProvider"])
    return found, session.run(["logits"], {"input": images})[0].ravel().astype(float).tolist()


def weights4(block_size, symmetric):
    quantizer = MatMulNBitsQuantizer(onnx.load_from_string(model.SerializeToString()), 4, block_size, symmetric)
    quantizer.process()
    found, logits = stored(quantizer.model.model)
    kinds = {"Q4": "values", "scales": "scales", "zero_points": "zeroPoints"}
    numbers = {
        kinds[suffix]: found[f"first.weight_{suffix}"].ravel().tolist()
        for suffix in kinds
        if f"first.weight_{suffix}" in found
    }
    return {"blockSize": block_size, "symmetric": symmetric, **numbers, "logits": logits}


def dynamic(operators, weight_type, per_channel, reduce_range):
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder)
        onnx.save(model, path / "float.onnx")
        quantize_dynamic(
            path / "float.onnx",
            path / "quantized.onnx",
            op_types_to_quantize=operators,
            weight_type=weight_type,
            per_channel=per_channel,
            reduce_range=reduce_range,
        )
        quantized = onnx.load(path / "quantized.onnx")
    found, logits = stored(quantized)
    weights = {}
    for name in ["conv.weight", "first.weight", "second.weight"]:
        if f"{name}_quantized" in found:
            weights[name] = {
                "values": found[f"{name}_quantized"].ravel().tolist(),
                "scales": found[f"{name}_scale"].ravel().astype(float).tolist(),
                "zeroPoints": found[f"{name}_zero_point"].ravel().tolist(),
            }
    return {"weights": weights, "logits": logits}


golden = {
    "tool": f"onnxruntime {onnxruntime.__version__}, onnx {onnx.__version__}, numpy {np.__version__}",
    "model": base64.b64encode(model.SerializeToString()).decode(),
    "images": {"dims": list(images.shape), "data": base64.b64encode(images.tobytes()).decode()},
    "weights4": [weights4(size, symmetric) for size in [16, 32, 128] for symmetric in [False, True]],
    "dynamic": [
        {"options": {"weightBits": 8, "perChannel": False}, **dynamic(["MatMul"], QuantType.QInt8, False, False)},
        {"options": {"weightBits": 8}, **dynamic(["MatMul"], QuantType.QInt8, True, False)},
        {"options": {"weightBits": 7}, **dynamic(["MatMul"], QuantType.QInt8, True, True)},
        {"options": {"operators": ["Conv"]}, **dynamic(["Conv"], QuantType.QUInt8, False, False)},
    ],
}
pathlib.Path(__file__).with_suffix(".json").write_text(json.dumps(golden) + "\n")
