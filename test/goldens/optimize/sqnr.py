"""Records the signal-to-quantization-noise ratios that onnxruntime.quantization.qdq_loss_debug finds in a quantized model.

`alone` is what it finds at the output of each quantized node, taken out of the quantized model with its conversions
(onnx.utils.extract_model) and fed the float model's values. (`nodes_to_quantize` would not do: a converted value is seen
by all its readers, so that Add would get the noise of a Conv that reads the same value.)
Weights and images are coarse fractions, so that all float sums are exact and every runtime computes the same values.

Run with: pip install onnxruntime==1.31.1 onnx==1.23.2 sympy; python sqnr.py
"""

import base64
import json
import logging
import pathlib
import tempfile

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import CalibrationMethod, QuantFormat, QuantType, quantize_static
from onnxruntime.quantization.calibrate import CalibrationDataReader
from onnxruntime.quantization.qdq_loss_debug import (
    collect_activations,
    compute_activation_error,
    compute_signal_to_quantization_noice_ratio,
    compute_weight_error,
    create_activation_matching,
    create_weight_matching,
    modify_model_output_intermediate_tensors,
)

logging.disable(logging.ERROR)
rng = np.random.default_rng(7)


def weight(*shape):
    return (np.clip(np.round(rng.normal(size=shape) * 3), -8, 8) / 8).astype(np.float32)


initializers = {
    "stem.weight": weight(6, 3, 3, 3),
    "stem.bias": weight(6),
    "deep.weight": weight(6, 6, 3, 3),
    "fc.weight": weight(5, 6),
    "fc.bias": weight(5),
}
same = {"kernel_shape": [3, 3], "pads": [1, 1, 1, 1]}
nodes = [
    helper.make_node("Conv", ["input", "stem.weight", "stem.bias"], ["stem"], name="stem", **same),
    helper.make_node("LeakyRelu", ["stem"], ["stem.leaky"], name="leaky", alpha=0.25),
    helper.make_node("Conv", ["stem.leaky", "deep.weight"], ["deep"], name="deep", **same),
    helper.make_node("Add", ["deep", "stem.leaky"], ["sum"], name="sum"),
    helper.make_node("GlobalMaxPool", ["sum"], ["most"], name="pool"),
    helper.make_node("Flatten", ["most"], ["flat"], name="flatten"),
    helper.make_node("Gemm", ["flat", "fc.weight", "fc.bias"], ["logits"], name="fc", transB=1),
]
graph = helper.make_graph(
    nodes,
    "measured",
    [helper.make_tensor_value_info("input", TensorProto.FLOAT, ["N", 3, 8, 8])],
    [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["N", 5])],
    [numpy_helper.from_array(value, name) for name, value in initializers.items()],
)
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
onnx.checker.check_model(model)
batches = [(np.clip(np.round(rng.normal(size=(4, 3, 8, 8)) * 64), -256, 256) / 64).astype(np.float32) for _ in range(3)]


class Reader(CalibrationDataReader):
    def __init__(self):
        self.batches = iter(batches)

    def get_next(self):
        batch = next(self.batches, None)
        return None if batch is None else {"input": batch}


def activations(path):
    modify_model_output_intermediate_tensors(path, path.with_suffix(".augmented.onnx"))
    return collect_activations(str(path.with_suffix(".augmented.onnx")), Reader())


def quantize(folder):
    path = folder / "int8.onnx"
    quantize_static(
        folder / "float.onnx",
        path,
        Reader(),
        quant_format=QuantFormat.QDQ,
        op_types_to_quantize=["Conv", "LeakyRelu", "Add", "Gemm"],
        activation_type=QuantType.QUInt8,
        weight_type=QuantType.QInt8,
        per_channel=True,
        calibrate_method=CalibrationMethod.MinMax,
    )
    return path


def finite(errors):
    """Leaves out values without any error, for which the tool gives a number that stands for infinity."""
    return {name: error for name, error in errors.items() if error < 200}


with tempfile.TemporaryDirectory() as name:
    folder = pathlib.Path(name)
    onnx.save(model, folder / "float.onnx")
    exact = activations(folder / "float.onnx")
    int8 = quantize(folder)
    bytes_of_int8 = int8.read_bytes()
    found = compute_activation_error(create_activation_matching(activations(int8), exact))
    weights = compute_weight_error(create_weight_matching(folder / "float.onnx", int8))
    shaped = onnx.load(folder / "float.onnx")
    shaped.graph.output.extend(helper.make_empty_tensor_value_info(node.output[0]) for node in nodes[:-1])
    inner = [output.name for output in shaped.graph.output]
    session = onnxruntime.InferenceSession(shaped.SerializeToString())
    values = [
        {"input": batch, **dict(zip(inner, session.run(inner, {"input": batch}), strict=True))} for batch in batches
    ]
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    made = {output for node in onnx.load(int8).graph.node for output in node.output}
    alone = {}
    for node in nodes:
        if node.op_type not in ["Conv", "LeakyRelu", "Add", "Gemm"]:
            continue
        inputs = [value for value in node.input if value not in initializers]
        converted = f"{node.output[0]}_DequantizeLinear_Output"
        output = converted if converted in made else node.output[0]
        onnx.utils.extract_model(int8, folder / "node.onnx", inputs, [output], check_model=False)
        session = onnxruntime.InferenceSession(folder / "node.onnx", options)
        after = [session.run([output], {value: batch[value] for value in inputs})[0] for batch in values]
        exact_values = [batch[node.output[0]] for batch in values]
        alone[node.output[0]] = compute_signal_to_quantization_noice_ratio(exact_values, after)

golden = {
    "tool": f"onnxruntime.quantization {onnxruntime.__version__}, onnx {onnx.__version__}, numpy {np.__version__}",
    "float": base64.b64encode(model.SerializeToString()).decode(),
    "int8": base64.b64encode(bytes_of_int8).decode(),
    "batches": {
        "dims": list(batches[0].shape),
        "data": [base64.b64encode(batch.tobytes()).decode() for batch in batches],
    },
    "weights": finite(weights),
    "cumulative": finite({value: errors["xmodel_err"] for value, errors in found.items()}),
    "conversion": finite({value: errors["qdq_err"] for value, errors in found.items()}),
    "alone": finite(alone),
}
pathlib.Path(__file__).with_suffix(".json").write_text(json.dumps(golden) + "\n")
