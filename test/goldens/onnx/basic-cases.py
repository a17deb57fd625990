"""Records arithmetic, casts, reductions, movement and loops in onnxruntime where the backend node cases of onnx are silent:
older versions, negative axes and indices, integers that wrap, empty tensors. Writes basic-cases.gz beside this file, in the
format of node-suite.py.

Run: pip install onnx==1.23.2 onnxruntime==1.31.1 numpy==2.4.6 && python basic-cases.py
"""

import importlib.util
import os

import numpy as np
import onnx
import onnxruntime as ort
from onnx import TensorProto, helper, parser

here = os.path.dirname(os.path.abspath(__file__))
spec = importlib.util.spec_from_file_location("node_suite", os.path.join(here, "node-suite.py"))
suite = importlib.util.module_from_spec(spec)
spec.loader.exec_module(suite)

rng = np.random.default_rng(20260101)
blob = suite.Blob()
cases = []


class Case:
    rtol = 1e-6
    atol = 1e-7


def record(name, model, inputs):
    options = ort.SessionOptions()
    options.log_severity_level = 4
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = ort.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    outputs = session.run(None, {info.name: value for info, value in zip(model.graph.input, inputs)})
    case = Case()
    case.name, case.model = "basic_" + name.replace(" ", "_"), model
    cases.append(suite.record(blob, case, model.graph, inputs, outputs))


def op(name, operator, version, inputs, outputs=1, **attributes):
    names = [f"x{i}" if x is not None else "" for i, x in enumerate(inputs)]
    outs = [f"y{i}" for i in range(outputs)]
    node = helper.make_node(operator, names, outs, **attributes)
    given = [(n, x) for n, x in zip(names, inputs) if x is not None]
    graph = helper.make_graph(
        [node],
        "g",
        [helper.make_tensor_value_info(n, element_type(x), x.shape) for n, x in given],
        [onnx.ValueInfoProto(name=n) for n in outs],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", version)], ir_version=10)
    record(f"{operator} {version} {name}", model, [x for _, x in given])


def element_type(array):
    if array.dtype.kind == "O":
        return TensorProto.STRING
    return helper.np_dtype_to_tensor_dtype(array.dtype)


def text(name, source, inputs):
    record(name, parser.parse_model(source), inputs)


def floats(*dims):
    return rng.standard_normal(dims).astype(np.float32)


def ints(*values):
    return np.array(values, np.int64)


i32, i64, u64, f64, f16 = np.int32, np.int64, np.uint64, np.float64, np.float16

# Arithmetic: integers wrap, division is cut towards zero, 64 bits are exact.
large32, small32 = np.array([2**31 - 1, -(2**31), 123456789], i32), np.array([3, 2, 987654321], i32)
large64, small64 = np.array([2**63 - 1, -(2**63), 2**53 + 1], i64), np.array([2, 3, 5], i64)
for operator in ["Add", "Sub", "Mul"]:
    op("wraps int32", operator, 14, [large32, small32])
    op("wraps int64", operator, 14, [large64, small64])
    op("broadcasts", operator, 7, [floats(2, 1, 3), floats(4, 1)])
op("cut int32", "Div", 14, [np.array([7, -7, 7, -7], i32), np.array([2, 2, -2, -2], i32)])
op("cut int64", "Div", 14, [np.array([2**62 + 1, -(2**62) - 1], i64), np.array([3, 3], i64)])
op("by zero", "Div", 14, [np.array([1, -1, 0], np.float32), np.zeros(3, np.float32)])
for dtype in [i32, i64, np.int8]:
    op(f"signs {dtype.__name__}", "Mod", 13, [np.array([7, -7, 7, -7], dtype), np.array([3, 3, -3, -3], dtype)])
    op(f"fmod {dtype.__name__}", "Mod", 13, [np.array([7, -7, 7, -7], dtype), np.array([3, 3, -3, -3], dtype)], fmod=1)
op("fmod float", "Mod", 13, [np.array([5.5, -5.5, 0.1], np.float32), np.array([2, 2, 0.03], np.float32)], fmod=1)
op("int64", "Pow", 15, [np.array([3, -2, 10], i64), np.array([5, 3, 18], i64)])
op("int32 by float", "Pow", 15, [np.array([4, 9, 2], i32), np.array([0.5, 0.5, 3], np.float32)])
op("edges", "Pow", 15, [np.array([1, -1, 0, -8, 2], f64), np.array([np.nan, np.inf, 0, 1 / 3, -1074], f64)])
op("ties", "Round", 11, [np.array([0.5, 1.5, 2.5, -0.5, -1.5, -2.5, 0.49999997], np.float32)])
op("int64", "Abs", 13, [np.array([-(2**62) - 1, 5], i64)])
op("int32", "Sign", 13, [np.array([-3, 0, 9], i32)])
op("NaN", "Max", 13, [np.array([1, np.nan, 3], np.float32), np.array([2, 2, np.nan], np.float32)])
op("int64", "Min", 13, [np.array([2**53 + 1, -1], i64), np.array([2**53, 0], i64), np.array([7], i64)])
op("three", "Sum", 13, [floats(2, 3), floats(3), floats(2, 1)])
op("three", "Mean", 13, [floats(2, 3), floats(3), floats(1)])
op("infinite", "IsInf", 20, [np.array([np.inf, -np.inf, np.nan, 1], np.float32)], detect_negative=0)
op("uint64", "BitShift", 11, [np.array([2**63 + 5, 1], u64), np.array([1, 63], u64)], direction="LEFT")
op("int64", "Equal", 13, [np.array([2**53 + 1, 4], i64), np.array([2**53, 4], i64)])
op("strings", "Equal", 19, [np.array(["a", "b"], object), np.array(["a", "c"], object)])
op("int32", "Less", 13, [np.array([[1], [5]], i32), np.array([2, 5], i32)])
op("broadcasts", "Where", 16, [np.array([[True], [False]]), floats(3), floats(2, 1)])
op("strings", "Where", 16, [np.array([True, False]), np.array(["a", "b"], object), np.array(["c", "d"], object)])

# Casts.
edges = np.array([0.0, -0.0, 1.9, -1.9, 100.5, np.nan, np.inf, -np.inf, 1e-40, 65519.996, 65520], np.float32)
for to in [TensorProto.FLOAT16, TensorProto.DOUBLE, TensorProto.BOOL]:
    op(f"float to {to}", "Cast", 13, [edges], to=to)
for to in [TensorProto.INT8, TensorProto.UINT8, TensorProto.INT32, TensorProto.INT64, TensorProto.UINT16]:
    op(f"float to {to}", "Cast", 13, [np.array([0.9, 1.9, 100.5, 126.99], np.float32)], to=to)
    op(f"int64 wraps to {to}", "Cast", 13, [np.array([300, -300, 2**40 + 7, -1], i64)], to=to)
op("double to float16", "Cast", 13, [np.array([1 + 2**-11, 1 + 3 * 2**-11, 2**-25, 3 * 2**-26], f64)], to=10)
op("int64 to float", "Cast", 13, [np.array([2**53 + 1, 16777217, -16777219], i64)], to=1)
op("uint64 to double", "Cast", 13, [np.array([2**64 - 1, 2**63 + 1025], u64)], to=11)
op("texts to float", "Cast", 13, [np.array(["1.5", "-2e3", "NaN", "INF", "-inf", "+7"], object)], to=1)
op("texts to int64", "Cast", 13, [np.array(["12", "-9007199254740993"], object)], to=7)
op("int64 to texts", "Cast", 13, [np.array([9007199254740993, -5], i64)], to=8)
op("like", "CastLike", 15, [floats(3) * 9, np.zeros(1, i32)])

# Reductions, with axes as attributes and as inputs.
x = floats(2, 3, 4)
for operator in ["Sum", "Mean", "Prod", "Max", "Min", "L1", "L2", "SumSquare", "LogSum", "LogSumExp"]:
    data = np.abs(x) + 0.1 if operator == "LogSum" else x
    op("all", f"Reduce{operator}", 11, [data], keepdims=0)
    op("negative axes", f"Reduce{operator}", 11, [data], axes=[-1, 0], keepdims=1)
    op("axes given", f"Reduce{operator}", 18, [data, ints(1)], keepdims=0)
    op("nothing to do", f"Reduce{operator}", 18, [data], noop_with_empty_axes=1)
op("axes given", "ReduceSum", 13, [x, ints(-2, 2)], keepdims=1)
op("int64", "ReduceSum", 13, [np.array([[2**50 + 1, 2], [3, 4]], i64), ints(1)])
op("int32", "ReduceMax", 18, [np.array([[5, -7], [3, 9]], i32), ints(0)])
op("int32", "ReduceMean", 18, [np.array([[5, -8], [4, 9]], i32), ints(1)])
tied = np.array([[1, 3, 3], [2, 2, 0]], np.float32)
for operator in ["ArgMax", "ArgMin"]:
    op("first of equals", operator, 13, [tied], axis=1)
    op("last of equals", operator, 13, [tied], axis=-1, select_last_index=1, keepdims=0)
    op("axis 0", operator, 11, [tied])
for exclusive in [0, 1]:
    for reverse in [0, 1]:
        op(f"{exclusive}{reverse}", "CumSum", 14, [x, np.array(-2, i64)], exclusive=exclusive, reverse=reverse)
op("int64", "CumSum", 14, [np.array([2**53, 1, 1], i64), np.array(0, i64)])

# Shapes and movement.
op("zero and open", "Reshape", 14, [x, ints(0, -1)])
op("zeros allowed", "Reshape", 14, [floats(0, 3), ints(3, 0)], allowzero=1)
op("to no axes", "Reshape", 14, [floats(1), np.array([], i64)])
for axis in [0, 2, -1]:
    op(f"axis {axis}", "Flatten", 13, [x], axis=axis)
op("axes", "Squeeze", 11, [floats(1, 3, 1)], axes=[-1])
op("all", "Squeeze", 13, [floats(1, 3, 1)])
op("axes", "Unsqueeze", 11, [floats(3, 2)], axes=[-1, 0])
op("axes given", "Unsqueeze", 13, [floats(3, 2), ints(-2)])
op("part", "Shape", 15, [x], start=-2, end=10)
op("reverse", "Transpose", 13, [x])
op("lower rank", "Expand", 13, [floats(3, 1), ints(2, 1, 4)])
op("keeps what is wider", "Expand", 13, [floats(3, 4), ints(1)])
op("no copies", "Tile", 13, [floats(2, 3), ints(2, 0)])
op("negative axis", "Concat", 13, [floats(2, 1), floats(2, 3)], axis=-1)
op("with nothing", "Concat", 13, [floats(0, 3), floats(2, 3)], axis=0)
op("attribute", "Split", 11, [floats(2, 6)], outputs=3, axis=1, split=[1, 2, 3])
op("even", "Split", 13, [floats(2, 6)], outputs=3, axis=-1)
op("last one shorter", "Split", 18, [floats(7)], outputs=3, num_outputs=3)
far = 2**31 - 1
op("attributes", "Slice", 1, [x], starts=[0, -2], ends=[1, far], axes=[0, 2])
op("backwards", "Slice", 13, [x, ints(-1, far), ints(-far, 0), ints(1, 2), ints(-1, -2)])
op("beyond", "Slice", 13, [x, ints(-100, 5), ints(100, 100), ints(0, 2)])
op("nothing", "Slice", 13, [x, ints(2), ints(1), ints(1)])
op("steps", "Slice", 10, [floats(10), ints(1), ints(9), ints(0), ints(3)])
p = floats(3, 4)
op("attributes", "Pad", 2, [p], pads=[1, 0, 0, 2], value=1.5)
op("crops", "Pad", 13, [p, ints(-1, 1, 0, -2), np.array(9, np.float32)])
for mode in ["reflect", "edge"]:
    op(mode, "Pad", 13, [p, ints(2, 3, 1, 0)], mode=mode)
op("wrap", "Pad", 19, [p, ints(2, 3, 1, 5)], mode="wrap")
op("axes", "Pad", 18, [p, ints(1, 2), None, ints(-1)], mode="edge")
op("int64", "Pad", 13, [ints(1, 2), ints(1, 1), np.array(2**53 + 1, i64)])
op("columns first", "DepthToSpace", 13, [floats(1, 8, 2, 3)], blocksize=2, mode="CRD")
op("depth first", "DepthToSpace", 13, [floats(1, 8, 2, 3)], blocksize=2)
op("blocks", "SpaceToDepth", 13, [floats(2, 1, 4, 6)], blocksize=2)
op("time first", "ReverseSequence", 10, [floats(4, 3), ints(1, 4, 2)], time_axis=0, batch_axis=1)
op("above", "Trilu", 14, [floats(2, 3, 4), np.array(1, i64)])
op("below", "Trilu", 14, [floats(3, 3), np.array(-1, i64)], upper=0)

# Indices.
op("negative", "Gather", 13, [x, np.array([[-1, 0], [1, -3]], i64)], axis=1)
op("scalar", "Gather", 13, [x, np.array(1, i32)], axis=2)
op("negative", "GatherElements", 13, [p, np.array([[-1, 0], [2, 1]], i64)], axis=0)
op("batches", "GatherND", 13, [x, np.array([[[2], [0]], [[1], [-1]]], i64)], batch_dims=1)
op("blocks", "GatherND", 13, [x, np.array([[1, 2], [0, -1]], i64)])
op("old name", "Scatter", 9, [p, np.array([[0, 2]], i64), floats(1, 2)], axis=1)
for reduction in ["none", "add", "mul", "max", "min"]:
    indices = np.array([[0, 1, 2], [1, 2, 3]] if reduction == "none" else [[0, -1, 0], [1, 1, 2]], i64)
    op(reduction, "ScatterElements", 18, [p, indices, floats(2, 3)], axis=1, reduction=reduction)
    places = np.array([[0], [2]] if reduction == "none" else [[0], [-3]], i64)
    op(reduction, "ScatterND", 18, [p, places, floats(2, 4)], reduction=reduction)
op("flat and short", "Compress", 11, [p, np.array([False, True, True])])
op("axis", "Compress", 11, [p, np.array([True, False, True])], axis=-2)
op("places", "NonZero", 13, [np.array([[1, 0], [0, -2]], i32)])
op("out of range", "OneHot", 11, [ints(-1, 0, 5), np.array(3, i64), np.array([2, 7], np.float32)], axis=0)
op("attribute", "TopK", 9, [p], outputs=2, k=2)
op("input", "TopK", 10, [p, ints(2)], outputs=2, axis=0)
op("smallest", "TopK", 11, [tied, ints(2)], outputs=2, largest=0)
op("int64", "TopK", 11, [ints(2**53, 2**53 + 1, 5), ints(2)], outputs=2)
repeated = np.array([3, 1, 3, 2, 1], np.float32)
op("sorted", "Unique", 11, [repeated], outputs=4)
op("as they come", "Unique", 11, [repeated], outputs=4, sorted=0)
op("axis", "Unique", 11, [np.array([[1, 0, 1], [2, 3, 2]], np.float32)], outputs=4, axis=1)
op("strings", "Unique", 11, [np.array(["b", "a", "b"], object)], outputs=4)

# Made from nothing.
op("diagonal", "EyeLike", 9, [np.zeros((2, 4), i32)], k=1, dtype=1)
op("down", "Range", 11, [np.array(5, i32), np.array(-4, i32), np.array(-3, i32)])
op("floats", "Range", 11, [np.array(0, np.float32), np.array(1, np.float32), np.array(0.3, np.float32)])
op("empty", "Range", 11, [np.array(1, i64), np.array(1, i64), np.array(1, i64)])
op("inference", "Dropout", 7, [p], outputs=1)
op("inference", "Dropout", 13, [p, np.array(0.3, np.float32)], outputs=2)

# Graphs inside of nodes.
text("If captures", """<ir_version: 10, opset_import: ["": 17]>
g (bool c, float[2] x) => (float[2] y) {
  y = If (c) <
    then_branch = t () => (float[2] a) { a = Add (x, x) },
    else_branch = e () => (float[2] b) { b = Neg (x) }
  >
}""", [np.array(False), floats(2)])
for count, going in [(5, True), (0, True), (5, False)]:
    text(f"Loop {count} {going}", """<ir_version: 10, opset_import: ["": 17]>
g (int64 m, bool c, float[2] x) => (float[2] y, float[n,2] s) {
  y, s = Loop (m, c, x) <
    body = b (int64 i, bool go, float[2] v) => (bool next, float[2] w, float[2] out) {
      limit = Constant <value: tensor = float {20}> ()
      w = Add (v, x)
      total = ReduceSum <keepdims = 0> (w)
      next = Less (total, limit)
      out = Identity (v)
    }
  >
}""", [np.array(count, i64), np.array(going), np.array([3, 1], np.float32)])
text("Scan both ways", """<ir_version: 10, opset_import: ["": 17]>
g (float[2] s, float[3,2] a, float[2,3] b) => (float[2] t, float[2,3] o, float[3,2] r) {
  t, o, r = Scan <num_scan_inputs = 2, scan_input_axes = [0, 1], scan_input_directions = [0, 1],
    scan_output_axes = [1, 0], scan_output_directions = [0, 1],
    body = c (float[2] u, float[2] p, float[2] q) => (float[2] v, float[2] d, float[2] e) {
      v = Add (u, p)
      d = Mul (v, q)
      e = Sub (v, q)
    }> (s, a, b)
}""", [floats(2), floats(3, 2), floats(2, 3)])
text("sequences", """<ir_version: 10, opset_import: ["": 17]>
g (float[2] a, float[2] b, int64 at) => (float[n] y, int64 length, float[2] last) {
  s0 = SequenceConstruct (a, b)
  s1 = SequenceInsert (s0, b, at)
  s2 = SequenceErase (s1)
  length = SequenceLength (s2)
  minus = Constant <value: tensor = int64 {-1}> ()
  last = SequenceAt (s1, minus)
  y = ConcatFromSequence <axis = 0> (s2)
}""", [floats(2), floats(2), np.array(-2, i64)])
text("function with defaults", """<ir_version: 10, opset_import: ["": 17, "own": 1]>
g (float[3] x) => (float[3] y, float[3] z) {
  y = own.Scaled <slope = 0.5> (x)
  z = own.Scaled (x)
}
<domain: "own", opset_import: ["": 17]>
Scaled <slope: float = 0.25> (x) => (y) { y = LeakyRelu <alpha: float = @slope> (x) }""", [floats(3)])

cases.sort(key=lambda case: case["name"])
suite.write_packed(
    os.path.join(here, "basic-cases.gz"),
    {"tool": "onnxruntime", "version": ort.__version__, "cases": cases},
    blob,
)
print(f"{len(cases)} cases")
