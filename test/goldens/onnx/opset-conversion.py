"""Records models of one operator in old operator sets, with what they compute: opset-conversion.json.

Run: pip install onnx==1.23.2 onnxruntime==1.31.1 numpy && python opset-conversion.py

Outputs are what onnxruntime gives for the model as it is. It does not run operator sets before 7: those outputs are worked
out with numpy. `refused` models have no equivalent in later operator sets.
"""

import base64
import json
import os

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

onnxruntime.set_default_logger_severity(4)
rng = np.random.default_rng(7)


def floats(*dims, dtype=np.float32):
    return np.round(rng.uniform(-2, 2, dims), 3).astype(dtype)


CASES = []


def case(name, op, opset, feeds, attributes=None, constants=None, outputs=1, expected=None, graph=None, order=None):
    constants = constants or {}
    names = order or [*feeds, *constants]
    out = [f"y{index}" for index in range(outputs)]
    nodes = [helper.make_node(op, names, out, name="the_node", **(attributes or {}))]
    made = helper.make_model(
        helper.make_graph(
            nodes,
            "g",
            [
                helper.make_tensor_value_info(key, helper.np_dtype_to_tensor_dtype(array.dtype), array.shape)
                for key, array in feeds.items()
            ],
            [helper.make_empty_tensor_value_info(item) for item in out],
            [numpy_helper.from_array(array, key) for key, array in constants.items()],
        ),
        opset_imports=[helper.make_opsetid("", opset)],
    )
    made.ir_version = 4 if opset < 11 else 7
    CASES.append((name, made, feeds, expected))


x = floats(2, 3, 4)
image = floats(1, 2, 6, 6)

# Opset 6: the second operand lies along an axis of the first.
numbers = {"Add": np.add, "Sub": np.subtract, "Mul": np.multiply, "Div": np.divide}
for op, function in numbers.items():
    b = floats(3)
    case(f"{op}_6_axis", op, 6, {"a": x, "b": b}, {"broadcast": 1, "axis": 1}, expected=[function(x, b[:, None])])
    c = floats(3, 4)
    case(f"{op}_6_suffix", op, 6, {"a": x, "b": c}, {"broadcast": 1}, expected=[function(x, c)])
a, b = x > 0, floats(2, 3) > 0
case("And_6_axis_0", "And", 6, {"a": a, "b": b}, {"broadcast": 1, "axis": 0}, expected=[a & b[:, :, None]])
case("Greater_6_axis", "Greater", 6, {"a": x, "b": floats(3)}, {"broadcast": 1, "axis": -2}, expected=None)
CASES[-1] = (*CASES[-1][:3], [x > CASES[-1][2]["b"][:, None]])
case("Pow_6_scalar", "Pow", 6, {"a": np.abs(x), "b": np.float32([2])}, {"broadcast": 1}, expected=[np.abs(x) ** 2])
slope = np.float32([0.1, 0.5])
case(
    "PRelu_6_per_channel", "PRelu", 6, {"x": image, "slope": slope},
    expected=[np.where(image < 0, image * slope[:, None, None], image)],
)
m, n, c = floats(2, 3), floats(3, 4), floats(4)
case("Gemm_6", "Gemm", 6, {"a": m, "b": n, "c": c}, {"broadcast": 1}, expected=[m @ n + c])
case("Dropout_6_inference", "Dropout", 6, {"x": x}, {"is_test": 1, "ratio": 0.3}, expected=[x])
mean, variance = floats(2), np.abs(floats(2)) + 1
statistics = {"scale": floats(2), "bias": floats(2), "mean": mean, "var": variance}
per = lambda v: v[:, None, None]  # noqa: E731
case(
    "BatchNormalization_6", "BatchNormalization", 6, {"x": image}, {"is_test": 1, "epsilon": 1e-3}, statistics,
    expected=[
        per(statistics["scale"]) * (image - per(mean)) / np.sqrt(per(variance) + np.float32(1e-3)) + per(statistics["bias"])
    ],
)

# From opset 7 on.
case("BatchNormalization_7", "BatchNormalization", 7, {"x": image}, {"epsilon": 1e-3, "momentum": 0.8}, statistics)
case("BatchNormalization_9", "BatchNormalization", 9, {"x": image}, {}, statistics)
case("AveragePool_7", "AveragePool", 7, {"x": image}, {"kernel_shape": [3, 3], "pads": [1, 1, 1, 1], "strides": [2, 2]})
case("AveragePool_10_ceil", "AveragePool", 10, {"x": image}, {"kernel_shape": [3, 3], "strides": [2, 2], "ceil_mode": 1})
case("MaxPool_7", "MaxPool", 7, {"x": image}, {"kernel_shape": [2, 2], "strides": [2, 2]})
case("MaxPool_8_indices", "MaxPool", 8, {"x": image}, {"kernel_shape": [2, 2], "strides": [2, 2]}, outputs=2)
case("LpPool_2", "LpPool", 7, {"x": image}, {"kernel_shape": [2, 2], "p": 2})
case("Conv_7", "Conv", 7, {"x": image}, {"pads": [1, 1, 1, 1]}, {"w": floats(3, 2, 3, 3), "b": floats(3)})
case("ConvTranspose_7", "ConvTranspose", 7, {"x": image}, {"strides": [2, 2]}, {"w": floats(2, 2, 3, 3)})
case("Gemm_7", "Gemm", 7, {"a": m, "b": n, "c": floats(1, 4)}, {"alpha": 0.5, "beta": 2.0})
case("Dropout_7", "Dropout", 7, {"x": x}, {"ratio": 0.7})
case("Dropout_10", "Dropout", 10, {"x": x}, {})
case("Upsample_7_nearest", "Upsample", 7, {"x": image}, {"scales": [1.0, 1.0, 2.0, 1.5], "mode": "nearest"})
case("Upsample_7_linear", "Upsample", 7, {"x": image}, {"scales": [1.0, 1.0, 2.0, 2.0], "mode": "linear"})
case("Upsample_9_nearest", "Upsample", 9, {"x": image}, {"mode": "nearest"}, {"scales": np.float32([1, 1, 3, 2])})
case("Resize_10_nearest_up", "Resize", 10, {"x": image}, {"mode": "nearest"}, {"scales": np.float32([1, 1, 1.7, 2])})
case("Resize_10_nearest_down", "Resize", 10, {"x": image}, {"mode": "nearest"}, {"scales": np.float32([1, 1, 0.6, 0.6])})
case("Resize_10_linear_up", "Resize", 10, {"x": image}, {"mode": "linear"}, {"scales": np.float32([1, 1, 2, 2])})
case("Resize_10_linear_down", "Resize", 10, {"x": image}, {"mode": "linear"}, {"scales": np.float32([1, 1, 0.5, 0.6])})
case(
    "Resize_11_sizes", "Resize", 11, {"x": image}, {"mode": "linear", "coordinate_transformation_mode": "align_corners"},
    {"roi": np.float32([]), "scales": np.float32([]), "sizes": np.int64([1, 2, 9, 4])},
)
case(
    "Resize_11_cubic", "Resize", 11, {"x": image}, {"mode": "cubic", "coordinate_transformation_mode": "half_pixel"},
    {"roi": np.float32([]), "scales": np.float32([1, 1, 1.5, 2])},
)
case("Slice_7", "Slice", 7, {"x": x}, {"starts": [0, -3], "ends": [1, 9000], "axes": [0, 2]})
case("Slice_1_no_axes", "Slice", 9, {"x": x}, {"starts": [1, 0], "ends": [2, -1]})
case("TopK_7", "TopK", 7, {"x": x}, {"k": 2, "axis": -1}, outputs=2)
case("TopK_10", "TopK", 10, {"x": x}, {"axis": 2}, {"k": np.int64([3])}, outputs=2)
case("Clip_7", "Clip", 7, {"x": x}, {"min": -0.5, "max": 1.0})
case("Clip_7_max_only", "Clip", 7, {"x": x}, {"max": 0.25})
case("Clip_7_float16", "Clip", 7, {"x": floats(2, 3, dtype=np.float16)}, {"min": 0.0, "max": 1.0})
case("Pad_7_constant", "Pad", 7, {"x": x}, {"pads": [0, 1, 0, 0, 0, 2], "value": 1.5})
case("Pad_7_reflect", "Pad", 7, {"x": x}, {"pads": [0, 1, 1, 0, 1, 2], "mode": "reflect"})
case("Pad_11_edge", "Pad", 11, {"x": x}, {"mode": "edge"}, {"pads": np.int64([0, 1, 1, 0, 0, 2])})
for op in ["Softmax", "LogSoftmax", "Hardmax"]:
    case(f"{op}_7_default", op, 7, {"x": x}, {})
    case(f"{op}_11_axis_0", op, 11, {"x": x}, {"axis": 0})
    case(f"{op}_12_last", op, 12, {"x": x}, {"axis": -1})
    case(f"{op}_7_image", op, 7, {"x": image}, {"axis": 1})
case("Squeeze_7", "Squeeze", 7, {"x": floats(1, 3, 1)}, {"axes": [0]})
case("Squeeze_11_all", "Squeeze", 11, {"x": floats(1, 3, 1)}, {})
case("Unsqueeze_7", "Unsqueeze", 7, {"x": x}, {"axes": [0, 4]})
case("Split_7", "Split", 7, {"x": x}, {"axis": 1, "split": [1, 2]}, outputs=2)
case("Split_11_equal", "Split", 11, {"x": x}, {"axis": 2}, outputs=2)
case("Split_13_equal", "Split", 13, {"x": x}, {"axis": 2}, outputs=4)
for op in ["Sum", "Mean", "Max", "Min", "Prod", "L1", "L2", "SumSquare", "LogSumExp"]:
    case(f"Reduce{op}_7", f"Reduce{op}", 7, {"x": x}, {"axes": [0, 2], "keepdims": 0})
    case(f"Reduce{op}_13_all", f"Reduce{op}", 12 if op == "Sum" else 13, {"x": x}, {})
case("ReduceMean_17_keep", "ReduceMean", 17, {"x": x}, {"axes": [-1]})
case("ReduceLogSum_11", "ReduceLogSum", 11, {"x": np.abs(x)}, {"axes": [1]})
case("ArgMax_7", "ArgMax", 7, {"x": x}, {"axis": 1})
case("ArgMin_11", "ArgMin", 11, {"x": x}, {"axis": -1, "keepdims": 0})
case("Cast_7", "Cast", 7, {"x": x}, {"to": TensorProto.INT32})
case("Reshape_7", "Reshape", 7, {"x": x}, {}, {"s": np.int64([0, -1])})
case("CumSum_11", "CumSum", 11, {"x": x}, {"reverse": 1}, {"axis": np.int32(1)})
case("ConstantOfShape_9", "ConstantOfShape", 9, {"s": np.int64([2, 3])}, {"value": helper.make_tensor("v", TensorProto.FLOAT, [1], [4.0])})
case("Gather_7", "Gather", 7, {"x": x}, {"axis": 1}, {"i": np.int64([2, 0])})
case("GatherND_11", "GatherND", 11, {"x": x}, {}, {"i": np.int64([[0, 1], [1, 2]])})
case(
    "OneHot_9", "OneHot", 9, {"i": np.int64([0, 2, 1])}, {"axis": 1},
    {"depth": np.int64([3]), "values": np.float32([0.5, 2.0])},
)
case("PRelu_7", "PRelu", 7, {"x": image}, {}, {"slope": floats(2, 1, 1)})
case("PRelu_9", "PRelu", 9, {"x": x}, {}, {"slope": floats(4)})
case("Scatter_9", "Scatter", 9, {"x": floats(3, 3)}, {"axis": 0}, {"i": np.int64([[1, 0, 2]]), "u": floats(1, 3)})
case("ScatterND_11", "ScatterND", 11, {"x": floats(4, 2)}, {}, {"i": np.int64([[3], [1]]), "u": floats(2, 2)})
case("DepthToSpace_7", "DepthToSpace", 7, {"x": floats(1, 8, 2, 3)}, {"blocksize": 2})
case("Max_7", "Max", 8, {"a": x, "b": floats(4)}, {})
case("Sum_8", "Sum", 8, {"a": x, "b": floats(3, 1)}, {})
case("Flatten_7", "Flatten", 7, {"x": x}, {"axis": 2})
case("Concat_7", "Concat", 7, {"a": x, "b": floats(2, 1, 4)}, {"axis": 1})
case("Tile_7", "Tile", 7, {"x": x}, {}, {"r": np.int64([1, 2, 1])})
case("Expand_8", "Expand", 8, {"x": floats(3, 1)}, {}, {"s": np.int64([2, 3, 4])})
case("Where_9", "Where", 9, {"c": x > 0, "a": x, "b": floats(4)}, {})
case("LeakyRelu_7", "LeakyRelu", 7, {"x": x}, {"alpha": 0.3})
case("Elu_7", "Elu", 7, {"x": x}, {"alpha": 0.7})
case("HardSigmoid_7", "HardSigmoid", 7, {"x": x}, {"alpha": 0.3})
case("InstanceNormalization_7", "InstanceNormalization", 7, {"x": image}, {}, {"s": floats(2), "b": floats(2)})
case("LRN_7", "LRN", 7, {"x": image}, {"size": 3, "alpha": 0.2})
case("GlobalAveragePool_7", "GlobalAveragePool", 7, {"x": image}, {})
case("Transpose_7", "Transpose", 7, {"x": x}, {"perm": [2, 0, 1]})
case("Shape_7", "Shape", 7, {"x": x}, {})
case("Equal_7", "Equal", 7, {"a": np.int32([1, 2]), "b": np.int32([1, 3])}, {})
case("Pow_7", "Pow", 7, {"a": np.abs(x), "b": floats(4)}, {})
case("Mod_10", "Mod", 10, {"a": np.int64([7, -7]), "b": np.int64([3, 3])}, {})
case("QuantizeLinear_10", "QuantizeLinear", 10, {"x": x}, {}, {"s": np.float32(0.05), "z": np.uint8(7)})
case("DequantizeLinear_10", "DequantizeLinear", 10, {"x": np.uint8([0, 7, 200])}, {}, {"s": np.float32(0.05), "z": np.uint8(7)})
case(
    "RoiAlign_10", "RoiAlign", 10, {"x": image}, {"output_height": 2, "output_width": 2, "spatial_scale": 0.5, "sampling_ratio": 2},
    {"rois": np.float32([[0, 0, 8, 8], [2, 2, 9, 7]]), "batch": np.int64([0, 0])},
)
case("GridSample_16", "GridSample", 16, {"x": image}, {"mode": "bilinear"}, {"grid": np.clip(floats(1, 3, 3, 2) / 2, -1, 1)})
case("GridSample_16_bicubic", "GridSample", 16, {"x": image}, {"mode": "bicubic"}, {"grid": np.clip(floats(1, 3, 3, 2) / 2, -1, 1)})
case("GRU_7", "GRU", 7, {"x": floats(4, 1, 3)}, {"hidden_size": 2}, {"w": floats(1, 6, 3), "r": floats(1, 6, 2)}, outputs=2)
case("LSTM_7", "LSTM", 7, {"x": floats(4, 1, 3)}, {"hidden_size": 2}, {"w": floats(1, 8, 3), "r": floats(1, 8, 2)}, outputs=3)
case("DFT_17", "DFT", 17, {"x": floats(2, 4, 5, 1)}, {"axis": 2})
case("NonMaxSuppression_10", "NonMaxSuppression", 10, {"boxes": np.float32([[[0, 0, 1, 1], [0, 0.1, 1, 1.1], [0, 10, 1, 11]]]), "scores": np.float32([[[0.9, 0.75, 0.6]]])}, {}, {"n": np.int64([3]), "t": np.float32([0.5])})

REFUSED = []


def refused(name, op, opset, feeds, attributes=None, constants=None, outputs=1):
    case(name, op, opset, feeds, attributes, constants, outputs, expected=[])
    REFUSED.append((name, CASES.pop()[1]))


refused("Dropout_6_training", "Dropout", 6, {"x": x}, {"ratio": 0.3})
refused("BatchNormalization_7_per_activation", "BatchNormalization", 7, {"x": image}, {"spatial": 0}, statistics)
refused("Resize_10_unknown_scales", "Resize", 10, {"x": image, "scales": np.float32([1, 1, 2, 2])}, {"mode": "nearest"})
refused("Resize_10_mixed", "Resize", 10, {"x": image}, {"mode": "nearest"}, {"scales": np.float32([1, 1, 2, 0.5])})
refused(
    "GroupNormalization_18", "GroupNormalization", 18, {"x": floats(1, 4, 3, 3)}, {"num_groups": 2},
    {"s": floats(2), "b": floats(2)},
)


def plain(array):
    array = np.asarray(array)
    return {
        "type": str(array.dtype),
        "dims": list(array.shape),
        "data": base64.b64encode(np.ascontiguousarray(array).tobytes()).decode(),
    }


if __name__ == "__main__":
    rows = []
    for name, made, feeds, expected in CASES:
        if expected is None:
            session = onnxruntime.InferenceSession(made.SerializeToString(), providers=["CPUExecutionProvider"])
            expected = session.run(None, feeds)
        rows.append(
            {
                "name": name,
                "model": base64.b64encode(made.SerializeToString()).decode(),
                "feeds": {key: plain(array) for key, array in feeds.items()},
                "outputs": [plain(item) for item in expected],
            }
        )
    refusals = [{"name": name, "model": base64.b64encode(made.SerializeToString()).decode()} for name, made in REFUSED]
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "opset-conversion.json")
    with open(path, "w") as file:
        tool = f"onnx {onnx.__version__}, onnxruntime {onnxruntime.__version__}, numpy {np.__version__}"
        json.dump({"tool": tool, "cases": rows, "refused": refusals}, file, indent=0)
        file.write("\n")

