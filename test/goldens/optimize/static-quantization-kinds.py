"""Records what onnxruntime.quantization makes of the network of static-quantization.json with other types than its own.

Run with: pip install onnxruntime==1.31.1 onnx==1.23.2 sympy; python static-quantization-kinds.py
"""

import base64
import json
import pathlib
import tempfile

import numpy as np
import onnx
import onnxruntime
from onnx import numpy_helper
from onnxruntime.quantization import CalibrationDataReader, CalibrationMethod, QuantFormat, QuantType, quantize_static

shared = json.loads((pathlib.Path(__file__).parent / "static-quantization.json").read_text())
model = onnx.load_from_string(base64.b64decode(shared["model"]))
pixels = np.frombuffer(base64.b64decode(shared["images"]["data"]), np.float32).reshape(shared["images"]["dims"])


class Reader(CalibrationDataReader):
    def __init__(self):
        self.batches = iter([pixels[:3], pixels[3:]])

    def get_next(self):
        batch = next(self.batches, None)
        return None if batch is None else {"input": batch}


def quantize(activation, per_channel, symmetric):
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder)
        onnx.save(model, path / "float.onnx")
        quantize_static(
            path / "float.onnx",
            path / "quantized.onnx",
            Reader(),
            quant_format=QuantFormat.QDQ,
            op_types_to_quantize=["Conv", "Relu", "MaxPool", "Add", "GlobalAveragePool", "Flatten", "Gemm"],
            activation_type=activation,
            weight_type=QuantType.QInt8,
            per_channel=per_channel,
            calibrate_method=CalibrationMethod.MinMax,
            extra_options={"ActivationSymmetric": symmetric},
        )
        quantized = onnx.load(path / "quantized.onnx")
    stored = {initializer.name: numpy_helper.to_array(initializer) for initializer in quantized.graph.initializer}
    activations, weights, domains = {}, {}, set()
    for node in quantized.graph.node:
        if node.op_type == "QuantizeLinear":
            domains.add(node.domain)
            value = node.input[0].removesuffix("_QuantizeLinear_Input")
            activations[value] = {"scale": float(stored[node.input[1]]), "zeroPoint": int(stored[node.input[2]])}
        if node.op_type == "DequantizeLinear" and node.input[0] in stored:
            name = node.input[0].removesuffix("_quantized")
            weights[name] = {
                "values": stored[node.input[0]].ravel().tolist(),
                "scales": stored[node.input[1]].ravel().astype(float).tolist(),
            }
    return {"domain": domains.pop(), "activations": activations, "weights": weights}


kinds = [
    ({"activations": {"type": "int8"}}, QuantType.QInt8, True, False),
    ({"activations": {"type": "int8", "symmetric": True}}, QuantType.QInt8, True, True),
    ({"activations": {"type": "uint8"}, "perChannel": False}, QuantType.QUInt8, False, False),
    ({"activations": {"type": "uint16"}}, QuantType.QUInt16, True, False),
    ({"activations": {"type": "int16"}}, QuantType.QInt16, True, False),
    ({"activations": {"type": "int16", "symmetric": True}}, QuantType.QInt16, True, True),
]
golden = {
    "tool": f"onnxruntime.quantization {onnxruntime.__version__}, onnx {onnx.__version__}, numpy {np.__version__}",
    "settings": "QDQ, MinMax, QInt8 weights; the network and images are those of static-quantization.json",
    "kinds": [{"options": ours, **quantize(*theirs)} for ours, *theirs in kinds],
}
pathlib.Path(__file__).with_suffix(".json").write_text(json.dumps(golden) + "\n")
