"""Records single operators in onnxruntime where the backend node cases of onnx are silent: older versions of the standard
operators, unusual attributes, edge cases, and the operators of com.microsoft. Writes operator-cases.json beside this file.

Run: pip install onnx==1.23.2 onnxruntime==1.31.1 && python operator-cases.py

Numbers are those of the element type; NaN and infinities are strings. Where onnxruntime has no kernel the reference
evaluator of onnx answers ("tool": "onnx").
"""

import base64
import json
import os

import numpy as np
import onnx
import onnxruntime as ort
from onnx import TensorProto, helper
from onnx.reference import ReferenceEvaluator

rng = np.random.default_rng(20240805)
cases = []


def floats(*dims, scale=1.0):
    # Two decimals keep the file small.
    return np.round(rng.standard_normal(dims) * scale, 2).astype(np.float32)


def integers(dtype, *dims, low=None, high=None):
    info = np.iinfo(dtype)
    low = info.min if low is None else low
    high = info.max + 1 if high is None else high
    return rng.integers(low, high, size=dims).astype(dtype)


def plain(array):
    if array.dtype.kind == "f":
        return [x if np.isfinite(x) else str(x) for x in array.astype(np.float64).round(7).ravel().tolist()]
    return array.ravel().tolist()


def case(name, op, version, inputs, outputs=1, domain="", tool="onnxruntime", **attributes):
    """`inputs` are arrays, None for one that is left out; `outputs` a number, or names with '' for one left out."""
    names = [f"x{i}" if x is not None else "" for i, x in enumerate(inputs)]
    outs = [f"y{i}" for i in range(outputs)] if isinstance(outputs, int) else outputs
    attributes = {k: v for k, v in attributes.items() if v is not None}
    node = helper.make_node(op, names, outs, domain=domain, **attributes)
    feeds = {n: x for n, x in zip(names, inputs) if x is not None}
    graph = helper.make_graph(
        [node],
        "g",
        [helper.make_tensor_value_info(n, helper.np_dtype_to_tensor_dtype(x.dtype), x.shape) for n, x in feeds.items()],
        [onnx.ValueInfoProto(name=n) for n in outs if n],
    )
    opsets = [helper.make_opsetid("", 17 if domain else version)]
    if domain:
        opsets.append(helper.make_opsetid(domain, version))
    model = helper.make_model(graph, opset_imports=opsets, ir_version=10)
    if tool == "onnxruntime":
        options = ort.SessionOptions()
        options.log_severity_level = 4
        options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
        session = ort.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
        answers = session.run(None, feeds)
    else:
        answers = ReferenceEvaluator(model).run(None, feeds)
    named = [n for n in outs if n]
    record = {
        "name": name,
        "tool": tool,
        "model": base64.b64encode(model.SerializeToString()).decode(),
        "inputs": [{"name": n, "type": x.dtype.name, "dims": list(x.shape), "data": plain(x)} for n, x in feeds.items()],
        "outputs": [
            {"name": n, "type": np.asarray(y).dtype.name, "dims": list(np.asarray(y).shape), "data": plain(np.asarray(y))}
            for n, y in zip(named, answers)
        ],
    }
    cases.append(record)


f32 = np.float32


def scalar(value, dtype=f32):
    return np.array(value, dtype=dtype)


# --- softmax and its kin: axes taken as one until 12
x = floats(2, 3, 4)
for op in ("Softmax", "LogSoftmax", "Hardmax"):
    case(f"{op} 7 default axis", op, 7, [x])
    case(f"{op} 7 axis 2", op, 7, [x], axis=2)
    case(f"{op} 11 negative axis", op, 11, [x], axis=-2)
    case(f"{op} 13 axis 1", op, 13, [x], axis=1)
case("Softmax with infinities", "Softmax", 13, [np.array([[-np.inf, 0, 1], [np.inf, 0, 1]], f32)])
case("Softmax of no rows", "Softmax", 13, [np.zeros((0, 3), f32)])

# --- normalization
x, s, b, m, v = floats(2, 3, 2, 2), floats(3), floats(3), floats(3), np.abs(floats(3)) + f32(0.1)
case("BatchNormalization 7", "BatchNormalization", 7, [x, s, b, m, v], epsilon=1e-3)
case("BatchNormalization 9", "BatchNormalization", 9, [x, s, b, m, v])
case("BatchNormalization 14 training", "BatchNormalization", 14, [x, s, b, m, v], 3, training_mode=1, momentum=0.8)
case("BatchNormalization 15 of vectors", "BatchNormalization", 15, [floats(4, 3), s, b, m, v])
case("InstanceNormalization 6, one axis", "InstanceNormalization", 7, [floats(2, 3, 5), s, b], epsilon=1e-2)
case("GroupNormalization 18", "GroupNormalization", 18, [floats(2, 4, 3), floats(2), floats(2)], num_groups=2, tool="onnx")
case("GroupNormalization 21", "GroupNormalization", 21, [floats(2, 4, 3), floats(4), floats(4)], num_groups=2)
case("LayerNormalization with three outputs", "LayerNormalization", 17, [floats(2, 3, 4), floats(3, 4), floats(3, 4)], 3, axis=1)
case("LRN of an even size", "LRN", 13, [floats(4, 4, 2, 1, scale=5)], size=4, alpha=0.05, beta=0.6, bias=1.5, tool="onnx")  # as many images as channels: the evaluator looks no further
case("LpNormalization 1", "LpNormalization", 1, [floats(2, 3)], p=1, axis=0)
case("MeanVarianceNormalization 9", "MeanVarianceNormalization", 9, [floats(2, 3, 2, 2)], axes=[0, 2, 3])

# --- activations
x = np.array([-3, -1, -0.5, -0.0, 0, 0.5, 1, 3, np.nan, np.inf, -np.inf], f32)
for op, attributes in {
    "Relu": {}, "LeakyRelu": {"alpha": 0.2}, "Elu": {"alpha": 1.5}, "Selu": {}, "Celu": {"alpha": 0.7}, "HardSigmoid": {"alpha": 0.3},
    "Softplus": {}, "Softsign": {}, "Sigmoid": {}, "ThresholdedRelu": {"alpha": 0.5}, "Mish": {}, "HardSwish": {},
}.items():
    # Runtimes do not agree on what these give for infinities and NaN.
    finite = x[:8]
    case(f"{op} of signed values", op, 18, [finite], **attributes)
case("Relu keeps NaN", "Relu", 14, [x])
case("Gelu by tanh", "Gelu", 20, [x[:8]], approximate="tanh")
case("Shrink of int8", "Shrink", 9, [np.array([-7, -2, 0, 2, 7], np.int8)], lambd=2.5, bias=1.0)
case("PRelu per channel", "PRelu", 9, [floats(2, 3, 2), floats(3, 1)])
case("Clip 6", "Clip", 7, [floats(6, scale=3)], min=-1.0, max=2.0)
case("Clip 11 without an upper bound", "Clip", 11, [floats(6, scale=3), scalar(0)])
case("Clip 12 of int8", "Clip", 12, [integers(np.int8, 6), scalar(-3, np.int8), scalar(100, np.int8)])
case("Clip 13 with bounds that cross", "Clip", 13, [floats(6, scale=3), scalar(2), scalar(-1)])

# --- matrices
a, b = floats(3, 4), floats(4, 5)
case("Gemm 7 with a row", "Gemm", 7, [a, b, floats(5)], alpha=0.5, beta=2.0)
case("Gemm 9 transposed with a column", "Gemm", 9, [np.ascontiguousarray(a.T), np.ascontiguousarray(b.T), floats(3, 1)], transA=1, transB=1)
case("Gemm 11 without bias", "Gemm", 11, [a, b])
case("MatMul of vectors", "MatMul", 13, [floats(4), floats(4)])
case("MatMul of a vector and matrices", "MatMul", 13, [floats(4), floats(2, 4, 3)])
case("MatMul that broadcasts", "MatMul", 13, [floats(2, 1, 3, 4), floats(5, 4, 2)])
case("MatMul over nothing", "MatMul", 13, [np.zeros((2, 0), f32), np.zeros((0, 3), f32)])
case("MatMul of int64 that wraps", "MatMul", 13, [np.array([[2**62, 3]], np.int64), np.array([[2], [5]], np.int64)])
case("Det of a singular matrix", "Det", 11, [np.array([[1, 2], [2, 4]], f32)])
case("Det that swaps rows", "Det", 11, [np.array([[[0, 2, 1], [1, 0, 3], [4, 1, 0]]], f32)])
case("Einsum diagonal", "Einsum", 12, [floats(3, 3)], equation="ii->i")
case("Einsum implicit output", "Einsum", 12, [floats(2, 3), floats(3, 4)], equation="ij, jk")
case("Einsum with an ellipsis", "Einsum", 12, [floats(2, 3, 4), floats(4, 2)], equation="...ij,jk->...ik")
case("Einsum of three", "Einsum", 12, [floats(2, 3), floats(3, 2), floats(2, 2)], equation="ab,bc,cd->ad")

# --- convolutions. Without VNNI the runtime adds pairs of uint8 × int8 in 16 bits, which saturate: int8 weights stay in [-64, 64).
s8 = lambda *dims: integers(np.int8, *dims, low=-64, high=64)
case("Conv of one axis, dilated", "Conv", 11, [floats(1, 2, 9), floats(3, 2, 3), floats(3)], dilations=[2], pads=[3, 1], strides=[2])
case("Conv in groups, uneven pads", "Conv", 11, [floats(2, 4, 5, 6), floats(6, 2, 3, 2)], group=2, pads=[0, 1, 2, 0], strides=[2, 1])
case("Conv of three axes", "Conv", 11, [floats(1, 2, 3, 4, 3), floats(2, 2, 2, 2, 2)], pads=[1, 0, 0, 0, 1, 1])
for mode in ("SAME_UPPER", "SAME_LOWER", "VALID"):
    case(f"Conv {mode} with an even kernel", "Conv", 11, [floats(1, 1, 5, 5), floats(1, 1, 4, 2)], auto_pad=mode, strides=[2, 1])
case("Conv of no images", "Conv", 11, [np.zeros((0, 2, 4, 4), f32), floats(3, 2, 3, 3)])
case("ConvTranspose in groups", "ConvTranspose", 11, [floats(1, 4, 3, 3), floats(4, 2, 3, 2), floats(4)], group=2, strides=[2, 3], pads=[1, 0, 0, 1], output_padding=[1, 2])
case("ConvTranspose dilated", "ConvTranspose", 11, [floats(1, 1, 3, 3), floats(1, 1, 2, 2)], dilations=[2, 2])
case("ConvTranspose to a shape", "ConvTranspose", 11, [floats(1, 1, 3, 3), floats(1, 1, 3, 3)], output_shape=[6, 8], strides=[2, 3])
case("ConvTranspose SAME_LOWER", "ConvTranspose", 11, [floats(1, 1, 3, 4), floats(1, 1, 3, 3)], auto_pad="SAME_LOWER", strides=[2, 2])
case("ConvInteger pads with the zero point", "ConvInteger", 10, [integers(np.uint8, 1, 1, 4, 4), integers(np.uint8, 2, 1, 3, 3), scalar(7, np.uint8), scalar(130, np.uint8)], pads=[1, 1, 1, 1])
case("QLinearConv per channel with bias", "QLinearConv", 10, [
    integers(np.uint8, 1, 3, 5, 5), scalar(0.02), scalar(120, np.uint8), s8(4, 3, 3, 3),
    np.array([0.01, 0.02, 0.005, 0.03], f32), np.zeros(4, np.int8), scalar(0.05), scalar(130, np.uint8), integers(np.int32, 4, low=-500, high=500)], pads=[1, 1, 1, 1], strides=[2, 2])
case("DeformConv in offset groups", "DeformConv", 19, [floats(1, 4, 4, 4), floats(2, 2, 2, 2), floats(1, 16, 3, 3), floats(2), floats(1, 8, 3, 3)], group=2, offset_group=2)

# --- pooling
x = floats(1, 2, 5, 6)
case("MaxPool 8 with indices by column", "MaxPool", 8, [x], 2, kernel_shape=[2, 2], strides=[2, 1], storage_order=1)
case("MaxPool 10 dilated, ceil", "MaxPool", 10, [x], 2, kernel_shape=[2, 3], dilations=[2, 2], strides=[2, 2], ceil_mode=1, pads=[1, 1, 0, 0])
case("MaxPool 12 of int8", "MaxPool", 12, [integers(np.int8, 1, 1, 4, 4)], kernel_shape=[3, 3], pads=[1, 1, 1, 1])
case("MaxPool SAME_LOWER", "MaxPool", 11, [x], kernel_shape=[2, 4], strides=[2, 3], auto_pad="SAME_LOWER")
case("AveragePool 7", "AveragePool", 7, [x], kernel_shape=[3, 2], pads=[1, 0, 1, 1], count_include_pad=1)
case("AveragePool 10 ceil, padding counted", "AveragePool", 10, [x], kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1], ceil_mode=1, count_include_pad=1)
case("AveragePool 19 dilated", "AveragePool", 19, [x], kernel_shape=[2, 2], dilations=[2, 3])
case("LpPool 11", "LpPool", 11, [x], kernel_shape=[2, 3], strides=[1, 2], p=3)
case("GlobalLpPool", "GlobalLpPool", 7, [x], p=1)
case("GlobalMaxPool of one axis", "GlobalMaxPool", 7, [floats(2, 3, 4)])
case("MaxRoiPool", "MaxRoiPool", 7, [floats(2, 2, 6, 6), np.array([[0, 0, 0, 7, 9], [1, 2, 4, 9, 11], [1, 8, 8, 8, 8]], f32)], pooled_shape=[2, 3], spatial_scale=0.5)
rois, images = np.array([[0, 0, 4, 4], [1.5, 2, 3, 5.5], [-2, -2, 8, 7]], f32), np.array([0, 1, 0], np.int64)
case("RoiAlign 10", "RoiAlign", 10, [floats(2, 2, 6, 6), rois, images], output_height=2, output_width=3, sampling_ratio=0, spatial_scale=0.8)
case("RoiAlign 16", "RoiAlign", 16, [floats(2, 2, 6, 6), rois, images], output_height=2, output_width=2, sampling_ratio=2)

# --- resizing
x = floats(1, 1, 4, 5)
case("Upsample 7 nearest", "Upsample", 7, [x], scales=[1.0, 1.0, 2.0, 1.5])
case("Upsample 9 linear", "Upsample", 9, [x, np.array([1, 1, 1.5, 2], f32)], mode="linear")
case("Resize 10 nearest, down", "Resize", 10, [x, np.array([1, 1, 0.6, 0.7], f32)])
case("Resize 10 nearest, up", "Resize", 10, [x, np.array([1, 1, 1.7, 2.5], f32)])
case("Resize 10 linear", "Resize", 10, [x, np.array([1, 1, 0.6, 2], f32)], mode="linear")
none, sizes = np.array([], f32), np.array([1, 1, 7, 3], np.int64)
case("Resize 11 tf_half_pixel_for_nn", "Resize", 11, [x, none, none, sizes], coordinate_transformation_mode="tf_half_pixel_for_nn", nearest_mode="floor")
for mode in ("nearest", "linear", "cubic"):
    for coordinates in ("half_pixel", "pytorch_half_pixel", "align_corners", "asymmetric"):
        case(f"Resize 13 {mode} {coordinates}", "Resize", 13, [x, None, None, sizes], mode=mode, coordinate_transformation_mode=coordinates, nearest_mode="round_prefer_ceil" if mode == "nearest" else None)
case("Resize 13 cubic without outside", "Resize", 13, [x, None, None, sizes], mode="cubic", exclude_outside=1, cubic_coeff_a=-0.5)
case("Resize 13 crop", "Resize", 13, [x, np.array([0, 0, -0.2, 0.1, 1, 1, 0.9, 1.3], f32), None, sizes], mode="linear", coordinate_transformation_mode="tf_crop_and_resize", extrapolation_value=9.0)
case("Resize 18 antialiased linear", "Resize", 18, [floats(1, 1, 8, 9), None, None, np.array([3, 4], np.int64)], mode="linear", antialias=1, axes=[2, 3], exclude_outside=1)
case("Resize 18 antialiased cubic", "Resize", 18, [floats(1, 1, 8, 9), None, None, np.array([3, 4], np.int64)], mode="cubic", antialias=1, axes=[2, 3], exclude_outside=1)
case("Resize 19 not larger", "Resize", 19, [x, None, None, np.array([8, 3], np.int64)], mode="linear", axes=[2, 3], keep_aspect_ratio_policy="not_larger")
case("Resize 19 half_pixel_symmetric", "Resize", 19, [x, None, np.array([1, 1, 0.6, 1.3], f32)], mode="linear", coordinate_transformation_mode="half_pixel_symmetric")

# --- sampling and detection
grid = floats(1, 3, 4, 2, scale=0.9)
for mode in ("bilinear", "nearest", "bicubic"):
    for padding in ("zeros", "border", "reflection"):
        case(f"GridSample 16 {mode} {padding}", "GridSample", 16, [floats(1, 2, 4, 5), grid], mode=mode, padding_mode=padding, align_corners=int(padding == "border"))
case("GridSample 20 of three axes", "GridSample", 20, [floats(1, 1, 3, 4, 3), floats(1, 2, 2, 3, 3, scale=0.8)], mode="linear", padding_mode="border")
case("AffineGrid of three axes", "AffineGrid", 20, [floats(1, 3, 4), np.array([1, 1, 2, 3, 2], np.int64)], align_corners=1)
boxes = np.abs(floats(2, 8, 4)) * 4
scores = np.round(rng.random((2, 2, 8)), 1).astype(f32)
case("NonMaxSuppression 10, equal scores", "NonMaxSuppression", 10, [boxes, scores, scalar(5, np.int64), scalar(0.3), scalar(0.2)])
case("NonMaxSuppression of centred boxes", "NonMaxSuppression", 11, [boxes, scores, scalar(3, np.int64), scalar(0.5)], center_point_box=1)
case("NonMaxSuppression of no boxes", "NonMaxSuppression", 11, [np.zeros((1, 0, 4), f32), np.zeros((1, 1, 0), f32), scalar(3, np.int64)])

# --- quantization
x = np.array([-1e9, -2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 3.49, 1e9], f32)
for dtype, zero in ((np.uint8, 3), (np.int8, -4), (np.uint16, 1000), (np.int16, -5)):
    opset = 21 if dtype in (np.uint16, np.int16) else 13
    case(f"QuantizeLinear {opset} ties and limits, {np.dtype(dtype).name}", "QuantizeLinear", opset, [x, scalar(1), scalar(zero, dtype)])
case("QuantizeLinear 10", "QuantizeLinear", 10, [floats(2, 5, scale=4), scalar(0.03), scalar(128, np.uint8)])
case("QuantizeLinear 13 by a negative axis", "QuantizeLinear", 13, [floats(2, 3, 2, scale=4), np.array([0.1, 0.02, 0.3], f32), np.array([0, 100, 200], np.uint8)], axis=-2)
case("QuantizeLinear 21 in blocks", "QuantizeLinear", 21, [floats(2, 6, scale=4), np.abs(floats(2, 2)) + f32(0.1), integers(np.int8, 2, 2, low=-5, high=5)], axis=1, block_size=3)
case("DequantizeLinear 10 of int32", "DequantizeLinear", 10, [integers(np.int32, 5), scalar(0.5)])
case("DequantizeLinear 13 by axis", "DequantizeLinear", 13, [integers(np.int8, 2, 3), np.array([0.1, 0.2, 0.3], f32), np.array([1, -2, 3], np.int8)], axis=1)
case("DequantizeLinear 21 in blocks, the last one short", "DequantizeLinear", 21, [integers(np.uint16, 5, 2), np.abs(floats(2, 2)), integers(np.uint16, 2, 2)], axis=0, block_size=3)
case("DequantizeLinear 19 to float16", "DequantizeLinear", 19, [integers(np.int8, 4), np.array(0.1, np.float16), scalar(3, np.int8)])
case("DynamicQuantizeLinear", "DynamicQuantizeLinear", 11, [floats(3, 4, scale=3)], 3)
case("DynamicQuantizeLinear of positive values", "DynamicQuantizeLinear", 11, [np.abs(floats(6)) + f32(1)], 3)
case("DynamicQuantizeLinear of zeros", "DynamicQuantizeLinear", 11, [np.zeros(3, f32)], 3)
case("MatMulInteger with zero points of columns", "MatMulInteger", 10, [integers(np.uint8, 3, 4), s8(4, 2), scalar(12, np.uint8), np.array([3, -5], np.int8)])
case("QLinearMatMul with scales of columns", "QLinearMatMul", 10, [
    integers(np.uint8, 3, 4), scalar(0.02), scalar(100, np.uint8), s8(4, 2), np.array([0.01, 0.04], f32), np.zeros(2, np.int8), scalar(0.05), scalar(128, np.uint8)])

# --- recurrent layers: [steps, batch, input], hidden size 3
X, lengths = floats(4, 2, 2), np.array([4, 2], np.int32)
h0 = floats(2, 2, 3)
for op, gates in (("RNN", 1), ("GRU", 3), ("LSTM", 4)):
    W, R, B = floats(2, gates * 3, 2), floats(2, gates * 3, 3), floats(2, gates * 6)
    outputs = 3 if op == "LSTM" else 2
    case(f"{op} in both directions", op, 14, [X, W, R, B, lengths, h0] + ([floats(2, 2, 3)] if op == "LSTM" else []), outputs, direction="bidirectional", hidden_size=3)
    case(f"{op} backwards, clipped", op, 14, [X, W[:1], R[:1], B[:1]], outputs, direction="reverse", clip=0.6, hidden_size=3)
case("RNN with other functions", "RNN", 7, [X, floats(2, 3, 2), floats(2, 3, 3)], 2, direction="bidirectional", hidden_size=3, activations=["LeakyRelu", "Affine"], activation_alpha=[0.1, 0.7], activation_beta=[0.2])
case("GRU linear before reset", "GRU", 14, [X, floats(1, 9, 2), floats(1, 9, 3), floats(1, 18)], 2, hidden_size=3, linear_before_reset=1)
case("GRU with other functions", "GRU", 14, [X, floats(1, 9, 2), floats(1, 9, 3), floats(1, 18)], 2, hidden_size=3, activations=["HardSigmoid", "Softsign"], activation_alpha=[0.3], activation_beta=[0.4])
case("LSTM with peepholes", "LSTM", 14, [X, floats(1, 12, 2), floats(1, 12, 3), floats(1, 24), lengths, h0[:1], floats(1, 2, 3), floats(1, 9)], 3, hidden_size=3)
case("LSTM with coupled gates", "LSTM", 14, [X, floats(1, 12, 2), floats(1, 12, 3)], 3, hidden_size=3, input_forget=1)
case("LSTM without the first output", "LSTM", 14, [X, floats(1, 12, 2), floats(1, 12, 3)], ["", "", "c"], hidden_size=3)
case("LSTM batch first", "LSTM", 14, [floats(1, 3, 2), floats(1, 12, 2), floats(1, 12, 3)], 2, hidden_size=3, layout=1, tool="onnx")

# --- signals
case("DFT 17 along axis 2", "DFT", 17, [floats(1, 2, 7, 1)], axis=2, onesided=1)
case("DFT 20 cut short", "DFT", 20, [floats(1, 9, 2), scalar(6, np.int64), scalar(1, np.int64)])
case("DFT 20 inverse of a padded signal", "DFT", 20, [floats(1, 5, 2), scalar(8, np.int64)], inverse=1)
case("STFT with a window", "STFT", 17, [floats(1, 16, 1), scalar(4, np.int64), np.abs(floats(8))])
for op in ("HannWindow", "HammingWindow", "BlackmanWindow"):
    case(f"{op} symmetric", op, 17, [scalar(7, np.int64)], periodic=0)
case("MelWeightMatrix", "MelWeightMatrix", 17, [scalar(6, np.int64), scalar(32, np.int64), scalar(8000, np.int64), scalar(20), scalar(4000)])

# --- losses
x, t, w = floats(3, 4, 2), integers(np.int64, 3, 2, low=0, high=4), np.abs(floats(4))
t[0, 1] = 2
case("SoftmaxCrossEntropyLoss 12", "SoftmaxCrossEntropyLoss", 12, [x, t, w], 2, ignore_index=2)
case("NegativeLogLikelihoodLoss 13, sum", "NegativeLogLikelihoodLoss", 13, [x, t, w], reduction="sum")

# --- trees: two with two leaves each, one of a single leaf
tensor = helper.make_tensor
for aggregate, name in enumerate(("average", "sum", "minimum", "maximum")):
    # onnxruntime takes 1 for LOGISTIC and 2 for SOFTMAX; the standard has them the other way round.
    for transform in ((0, 3) if name == "sum" else (0,)):
        case(f"TreeEnsemble {name}, post_transform {transform}", "TreeEnsemble", 5, [floats(4, 2)], domain="ai.onnx.ml",
            n_targets=2, aggregate_function=aggregate, post_transform=transform, tree_roots=[0, 1, 2],
            nodes_featureids=[0, 1, 0], nodes_modes=tensor("m", TensorProto.UINT8, [3], [0, 3, 1]),
            nodes_splits=tensor("s", TensorProto.FLOAT, [3], [0.1, -0.2, 0.3]),
            nodes_truenodeids=[0, 2, 4], nodes_falsenodeids=[1, 3, 4], nodes_trueleafs=[1, 1, 1], nodes_falseleafs=[1, 1, 1],
            leaf_targetids=[0, 1, 0, 0, 1], leaf_weights=tensor("w", TensorProto.FLOAT, [5], [0.5, -1.5, 2.5, -0.25, 0.75]))

# --- com.microsoft
ms = "com.microsoft"
u8 = lambda *dims: integers(np.uint8, *dims)
z = lambda value, dtype=np.uint8: scalar(value, dtype)
case("Gelu", "Gelu", 1, [floats(5)], domain=ms)
case("BiasGelu", "BiasGelu", 1, [floats(2, 5), floats(5)], domain=ms)
case("FastGelu", "FastGelu", 1, [floats(2, 5), floats(5)], domain=ms)
case("QuickGelu", "QuickGelu", 1, [floats(5)], domain=ms, alpha=1.3)
case("FusedConv", "FusedConv", 1, [floats(1, 2, 4, 4), floats(3, 2, 3, 3), floats(3)], domain=ms, activation="LeakyRelu", activation_params=[0.3])
case("FusedConv with an addend", "FusedConv", 1, [floats(1, 2, 4, 4), floats(3, 2, 3, 3), floats(3), floats(1, 3, 2, 2)], domain=ms, activation="Relu")
case("FusedGemm", "FusedGemm", 1, [floats(2, 3), floats(3, 4), floats(4)], domain=ms, activation="LeakyRelu", activation_alpha=0.2)
case("FusedMatMul", "FusedMatMul", 1, [floats(2, 4, 3), floats(2, 5, 4)], domain=ms, alpha=0.5, transA=1, transB=1)
case("SkipLayerNormalization", "SkipLayerNormalization", 1, [floats(1, 2, 4), floats(1, 2, 4), floats(4), floats(4), floats(4)], ["y", "", "", "sum"], domain=ms)
pair = [u8(2, 3), scalar(0.02), z(120), u8(3), scalar(0.03), z(90), scalar(0.05), z(128)]
case("QLinearAdd", "QLinearAdd", 1, pair, domain=ms)
case("QLinearMul", "QLinearMul", 1, pair, domain=ms)
case("QLinearConcat", "QLinearConcat", 1, [scalar(0.05), z(128), u8(1, 2), scalar(0.02), z(100), u8(1, 3), scalar(0.1), z(150)], domain=ms, axis=1)
one = [u8(1, 2, 4, 4), scalar(0.02), z(120), scalar(0.01), z(128)]
case("QLinearGlobalAveragePool", "QLinearGlobalAveragePool", 1, one, domain=ms)
case("QLinearAveragePool", "QLinearAveragePool", 1, one, domain=ms, kernel_shape=[3, 3], pads=[1, 1, 1, 1])
case("QLinearSigmoid", "QLinearSigmoid", 1, [u8(9), scalar(0.03), z(120), scalar(1 / 256), z(0)], domain=ms)
case("QLinearLeakyRelu", "QLinearLeakyRelu", 1, [u8(9), scalar(0.03), z(120), scalar(0.02), z(100)], domain=ms, alpha=0.2)
case("QLinearSoftmax", "QLinearSoftmax", 1, [u8(2, 5), scalar(0.03), z(120), scalar(1 / 256), z(0)], domain=ms, axis=1, opset=13)
case("QGemm", "QGemm", 1, [u8(2, 3), scalar(0.02), z(120), s8(4, 3), np.array([0.01, 0.02, 0.03, 0.04], f32), np.zeros(4, np.int8), integers(np.int32, 4, low=-99, high=99), scalar(0.05), z(128)], domain=ms, transB=1)
case("QGemm to real numbers", "QGemm", 1, [u8(2, 3), scalar(0.02), z(120), u8(3, 4), scalar(0.01), z(110)], domain=ms, alpha=0.5)
case("MatMulIntegerToFloat", "MatMulIntegerToFloat", 1, [u8(2, 3), u8(3, 2), scalar(0.02), np.array([0.01, 0.03], f32), z(100), np.array([120, 130], np.uint8), floats(2)], domain=ms)
case("DynamicQuantizeMatMul", "DynamicQuantizeMatMul", 1, [floats(2, 3), s8(3, 2), scalar(0.03), z(2, np.int8), floats(2)], domain=ms)

here = os.path.dirname(os.path.abspath(__file__))
with open(os.path.join(here, "operator-cases.json"), "w") as file:
    head = {"onnxruntime": ort.__version__, "onnx": onnx.__version__}
    file.write(json.dumps(head)[:-1] + ', "cases": [\n')
    file.write(",\n".join(json.dumps(record, separators=(",", ":")) for record in cases))
    file.write("\n]}\n")
print(f"{len(cases)} cases")
