# Records the gradients that PyTorch computes in float64 for single operators: cases with their inputs, the gradient of
# the output that they begin with, and the gradients with respect to every input.
#
#   python3 -m venv venv && venv/bin/pip install torch==2.15.0 numpy
#   venv/bin/python test/goldens/train/gradients.py > test/goldens/train/gradients.json
import json
import math
import sys

import torch
from torch.nn import functional as F

torch.manual_seed(0)
torch.set_num_threads(1)
cases = []


def short(tensor, digits=9):
    return [float(f"{value:.{digits}g}") for value in tensor.detach().flatten().tolist()]


def rand(*dims, low=-2.0, high=2.0):
    """Values that are distinct and not at the kinks of piecewise functions."""
    values = torch.rand(dims, dtype=torch.float64) * (high - low) + low
    return (values * 4096).round() / 4096 + 1 / 8192


def pos(*dims):
    return rand(*dims, low=0.3, high=3.0)


def ints(values):
    return torch.tensor(values, dtype=torch.int64)


def real(value):
    return {"type": "float", "value": value}


def case(op, name, inputs, compute, attributes=None, opset=17, fixed=()):
    """`fixed` are the indices of float inputs that are constants of the model."""
    inputs = [None if value is None else value.clone() for value in inputs]
    for at, value in enumerate(inputs):
        if value is not None and value.is_floating_point() and at not in fixed:
            value.requires_grad_()
    result = compute(*inputs)
    outputs = list(result) if isinstance(result, (tuple, list)) else [result]
    seeds = [rand(*output.shape) for output in outputs]
    sum((output * seed).sum() for output, seed in zip(outputs, seeds)).backward()

    def described(at, value):
        if value is None:
            return None
        kind = str(value.dtype).removeprefix("torch.")
        entry = {"type": "float32" if kind == "float64" else kind, "dims": list(value.shape)}
        entry["data"] = short(value) if value.is_floating_point() else [int(item) for item in value.flatten().tolist()]
        if value.requires_grad:
            entry["gradient"] = short(torch.zeros_like(value) if value.grad is None else value.grad, 8)
        return entry

    cases.append(
        {
            "operator": op,
            "name": name,
            "opset": opset,
            "attributes": attributes or {},
            "inputs": [described(at, value) for at, value in enumerate(inputs)],
            "outputs": [{"dims": list(output.shape), "gradient": short(seed)} for output, seed in zip(outputs, seeds)],
        }
    )


# Functions of one tensor.
unary = {
    "Neg": (torch.neg, rand),
    "Exp": (torch.exp, rand),
    "Log": (torch.log, pos),
    "Sqrt": (torch.sqrt, pos),
    "Reciprocal": (torch.reciprocal, pos),
    "Tanh": (torch.tanh, rand),
    "Sigmoid": (torch.sigmoid, rand),
    "HardSwish": (lambda x: F.hardswish(3 * x / 3), lambda *d: rand(*d, low=-5, high=5)),
    "Erf": (torch.erf, rand),
    "Abs": (torch.abs, rand),
    "Relu": (torch.relu, rand),
    "Identity": (lambda x: x * 1, rand),
}
shapes = {"maps": (2, 3, 4, 3), "vectors": (3, 7), "one value": (1, 1)}
for op, (compute, values) in unary.items():
    for name, dims in shapes.items():
        case(op, name, [values(*dims)], compute)
wide = rand(3, 9, low=-6, high=6)
case("HardSigmoid", "PyTorch's slope", [wide], F.hardsigmoid, {"alpha": 1 / 6, "beta": 0.5})
case("HardSigmoid", "default slope", [wide], lambda x: (0.2 * x + 0.5).clamp(0, 1))
case("HardSigmoid", "steep", [rand(2, 3, 2, 2)], lambda x: (0.75 * x + 0.25).clamp(0, 1), {"alpha": 0.75, "beta": 0.25})
case("LeakyRelu", "default", [rand(3, 4)], lambda x: F.leaky_relu(x, 0.01))
case("LeakyRelu", "steep", [rand(2, 3, 2, 2)], lambda x: F.leaky_relu(x, 0.3), {"alpha": 0.3})
case("LeakyRelu", "negative", [rand(5)], lambda x: F.leaky_relu(x, -0.5), {"alpha": -0.5})
case("Elu", "default", [rand(3, 4)], F.elu)
case("Elu", "alpha 2", [rand(2, 3, 2, 2)], lambda x: F.elu(x, 2.0), {"alpha": real(2)})
case("Elu", "small alpha", [rand(7)], lambda x: F.elu(x, 0.25), {"alpha": 0.25})
prelu = lambda x, s: torch.where(x > 0, x, x * s)
case("PRelu", "per channel", [rand(2, 3, 2, 4), rand(3, 1, 1)], prelu)
case("PRelu", "one slope", [rand(3, 4), rand(1)], prelu)
case("PRelu", "own slopes", [rand(3, 4), rand(3, 4)], prelu)
case("Gelu", "exact", [rand(3, 8)], F.gelu, opset=20)
case("Gelu", "tanh", [rand(3, 8)], lambda x: F.gelu(x, approximate="tanh"), {"approximate": "tanh"}, opset=20)
case("Gelu", "wide", [rand(2, 3, 4, low=-6, high=6)], F.gelu, {"approximate": "none"}, opset=20)
case("Clip", "ReLU6", [rand(3, 9, low=-9, high=9), torch.tensor(0.0).double(), torch.tensor(6.0).double()], lambda x, a, b: x.clamp(0, 6), fixed=(1, 2))
case("Clip", "no minimum", [rand(2, 3, 4), None, torch.tensor(0.5).double()], lambda x, a, b: x.clamp(max=0.5), fixed=(2,))
case("Clip", "no maximum", [rand(2, 3, 4), torch.tensor(-0.5).double()], lambda x, a: x.clamp(min=-0.5), fixed=(1,))
case("Cast", "to float32", [rand(3, 4)], lambda x: x * 1, {"to": 1})
case("Cast", "to float64", [rand(3, 4)], lambda x: x * 1, {"to": 11})
case("Cast", "maps", [rand(2, 3, 2, 2)], lambda x: x * 1, {"to": 11})
for name, dims in shapes.items():
    case("Dropout", name, [rand(*dims)], lambda x: x * 1)

# Arithmetic that broadcasts.
pairs = {
    "same shape": ((2, 3, 2, 2), (2, 3, 2, 2)),
    "per channel": ((2, 3, 2, 4), (3, 1, 1)),
    "both ways": ((3, 1, 4), (2, 1)),
    "scalar on the left": ((), (3, 4)),
}
binary = {
    "Add": (torch.add, rand),
    "Sub": (torch.sub, rand),
    "Mul": (torch.mul, rand),
    "Div": (torch.div, pos),
    "Pow": (torch.pow, pos),
    "Max": (torch.maximum, rand),
    "Min": (torch.minimum, rand),
}
for op, (compute, values) in binary.items():
    for name, (a, b) in pairs.items():
        case(op, name, [values(*a), values(*b)], compute)
number = lambda value: torch.tensor(float(value), dtype=torch.float64)
case("Pow", "square", [rand(3, 4), number(2)], lambda x, e: x**2, fixed=(1,))
case("Pow", "cube of negatives", [rand(3, 4), number(3)], lambda x, e: x**3, fixed=(1,))
case("Pow", "integer exponent", [rand(3, 4), ints(2)], lambda x, e: x**2)
case("Pow", "exponent 0 of 0", [torch.tensor([0.0, 1.0, 2.0]).double(), torch.tensor([0.0, 0.0, 2.0]).double()], torch.pow)
case("Max", "three", [rand(3, 4), rand(4), rand(3, 1)], lambda a, b, c: torch.maximum(torch.maximum(a, b), c))
case("Max", "equal", [torch.ones(3).double(), torch.ones(3).double()], torch.maximum)
for op, scale in (("Sum", 1), ("Mean", 1 / 3)):
    case(op, "three", [rand(3, 4), rand(4), rand(3, 1)], lambda a, b, c: (a + b + c) * scale)
    case(op, "maps", [rand(2, 3, 2, 2), rand(3, 1, 1), rand(1)], lambda a, b, c: (a + b + c) * scale)
    case(op, "one", [rand(3, 4)], lambda a: a * 1)
for name, (a, b) in pairs.items():
    condition = torch.rand(3, 4) > 0.5 if name == "scalar on the left" else torch.rand(*torch.broadcast_shapes(a, b)) > 0.5
    case("Where", name, [condition, rand(*a), rand(*b)], torch.where)

# Reductions and softmax.
for op, compute in (("ReduceMean", torch.mean), ("ReduceSum", torch.sum), ("ReduceMax", torch.amax), ("ReduceMin", torch.amin)):
    for name, dims, axes, keep in (
        ("maps", (2, 3, 4, 3), [2, 3], 1),
        ("negative axis, dropped", (3, 4, 5), [-2], 0),
        ("first axis", (3, 4), [0], 0),
        ("all axes", (3, 4), [0, 1], 0),
    ):
        values = rand(*dims)
        run = lambda x, *_: compute(x, axes, keepdim=keep == 1)
        if op == "ReduceSum":
            case(op, name, [values, ints(axes)], run, {"keepdims": keep})
        else:
            case(op, name, [values], run, {"axes": axes, "keepdims": keep})
            case(op, f"{name}, axes as input", [values, ints(axes)], run, {"keepdims": keep}, opset=18)
case("ReduceSum", "no axes", [rand(3, 4)], lambda x: x.sum().reshape(1, 1))
case("ReduceMean", "no axes", [rand(3, 4)], lambda x: x.mean().reshape(1, 1), opset=18)
case("ReduceSum", "no axes means none", [rand(3, 4)], lambda x: x * 1, {"noop_with_empty_axes": 1})
for op, compute in (("Softmax", F.softmax), ("LogSoftmax", F.log_softmax)):
    for name, dims, axis in (("vectors", (3, 5), -1), ("channels", (2, 3, 2, 2), 1), ("first axis", (4, 3), 0), ("attention", (2, 2, 3, 3), 3)):
        case(op, name, [rand(*dims)], lambda x: compute(x, dim=axis), {"axis": axis})
case("GlobalMaxPool", "square", [rand(2, 3, 4, 4)], lambda x: x.amax((2, 3), keepdim=True))
case("GlobalMaxPool", "oblong", [rand(2, 3, 2, 5)], lambda x: x.amax((2, 3), keepdim=True))
case("GlobalMaxPool", "sequence", [rand(2, 3, 5)], lambda x: x.amax(2, keepdim=True))
case("GlobalAveragePool", "square", [rand(2, 3, 4, 4)], lambda x: x.mean((2, 3), keepdim=True))

# Layout.
case("Concat", "channels", [rand(2, 3, 2, 2), rand(2, 1, 2, 2), rand(2, 2, 2, 2)], lambda *x: torch.cat(x, 1), {"axis": 1})
case("Concat", "negative axis", [rand(3, 2), rand(3, 4)], lambda *x: torch.cat(x, -1), {"axis": -1})
case("Concat", "one", [rand(3, 2)], lambda x: x * 1, {"axis": 0})
case("Split", "equal parts", [rand(2, 6, 2)], lambda x: x.chunk(3, 1), {"axis": 1})
case("Split", "given parts", [rand(2, 6), ints([1, 3, 2])], lambda x, s: x.split([1, 3, 2], -1), {"axis": -1})
case("Split", "num_outputs", [rand(7, 2)], lambda x: x.split([3, 3, 1]), {"num_outputs": 3}, opset=18)
case("Slice", "inside", [rand(4, 5), ints([1, 2]), ints([3, 5])], lambda x, *_: x[1:3, 2:5])
case("Slice", "axes and steps", [rand(2, 3, 7), ints([1]), ints([100]), ints([-1]), ints([2])], lambda x, *_: x[:, :, 1::2])
case("Slice", "backwards", [rand(3, 5), ints([-1]), ints([-100]), ints([1]), ints([-1])], lambda x, *_: x.flip(1))
case("Slice", "backwards by 2", [rand(3, 6), ints([4]), ints([0]), ints([1]), ints([-2])], lambda x, *_: x[:, [4, 2]])
case("Slice", "negative starts", [rand(3, 6), ints([-4]), ints([-1]), ints([1])], lambda x, *_: x[:, -4:-1])
case("Slice", "steps on two axes", [rand(2, 7, 8), ints([0, 1]), ints([7, 8]), ints([1, 2]), ints([3, 2])], lambda x, *_: x[:, 0:7:3, 1:8:2])
case("Transpose", "reversed", [rand(2, 3, 4)], lambda x: x.permute(2, 1, 0))
case("Transpose", "heads", [rand(2, 3, 2, 4)], lambda x: x.permute(0, 2, 1, 3), {"perm": [0, 2, 1, 3]})
case("Transpose", "cycle", [rand(2, 3, 4)], lambda x: x.permute(1, 2, 0), {"perm": [1, 2, 0]})
case("Squeeze", "axes", [rand(2, 1, 3, 1), ints([1, -1])], lambda x, a: x.reshape(2, 3))
case("Squeeze", "all", [rand(2, 1, 3, 1)], lambda x: x.reshape(2, 3))
case("Squeeze", "one axis", [rand(1, 3), ints([0])], lambda x, a: x.reshape(3))
case("Unsqueeze", "one axis", [rand(2, 3), ints([1])], lambda x, a: x.reshape(2, 1, 3))
case("Unsqueeze", "two axes", [rand(2, 3), ints([0, -1])], lambda x, a: x.reshape(1, 2, 3, 1))
case("Unsqueeze", "scalar", [rand(), ints([0])], lambda x, a: x.reshape(1))
case("Flatten", "maps", [rand(2, 3, 2, 2)], lambda x: x.reshape(2, 12))
case("Reshape", "split axis", [rand(2, 6), ints([0, 2, -1])], lambda x, s: x.reshape(2, 2, 3))
case("Expand", "class token", [rand(1, 1, 4), ints([3, 1, 4])], lambda x, s: x.expand(3, 1, 4))
case("Expand", "more axes", [rand(3, 1), ints([2, 3, 4])], lambda x, s: x.expand(2, 3, 4))
case("Expand", "the other way", [rand(2, 3, 4), ints([3, 1])], lambda x, s: x * 1)
pad = lambda mode, *sizes: lambda x, *_: F.pad(x, sizes, mode=mode)
case("Pad", "constant", [rand(2, 3, 4), ints([0, 1, 2, 0, 0, 1])], pad("constant", 2, 1, 1, 0))
case("Pad", "cut", [rand(2, 3, 5), ints([0, -1, -2, 0, 0, 1])], pad("constant", -2, 1, -1, 0))
case("Pad", "reflect", [rand(1, 2, 4, 5), ints([0, 0, 1, 2, 0, 0, 3, 1])], pad("reflect", 2, 1, 1, 3), {"mode": "reflect"})
case("Pad", "edge", [rand(1, 2, 3, 4), ints([0, 0, 2, 1, 0, 0, 0, 3])], pad("replicate", 1, 3, 2, 0), {"mode": "edge"})
case("Pad", "axes", [rand(2, 3, 4), ints([1, 2]), None, ints([-1])], pad("constant", 1, 2), opset=18)

# Indexing.
case("Gather", "one row", [rand(2, 5, 3), ints(0)], lambda x, i: x[:, 0], {"axis": 1})
case("Gather", "last row", [rand(2, 5, 3), ints([-1])], lambda x, i: x[:, [-1]], {"axis": 1})
case("Gather", "embedding with repeats", [rand(6, 3), ints([[1, 4, 1], [0, 1, 5]])], lambda x, i: x[i])
case("Gather", "inner axis", [rand(2, 4, 3), ints([3, 0, 3, -1, 2])], lambda x, i: x[:, i], {"axis": -2})
case("GatherElements", "rows", [rand(4, 3), ints([[0, 1, 2], [3, 1, 0]])], lambda x, i: x.gather(0, i))
case("GatherElements", "columns with repeats", [rand(2, 4), ints([[0, 0, 3], [1, 2, 1]])], lambda x, i: x.gather(1, i), {"axis": 1})
case("GatherElements", "inner axis", [rand(2, 3, 2), ints([[[0, 2]], [[1, 1]]])], lambda x, i: x.gather(1, i), {"axis": -2})
case("GatherND", "elements", [rand(3, 4), ints([[0, 1], [2, 3], [0, 1]])], lambda x, i: x[i[:, 0], i[:, 1]])
case("GatherND", "rows", [rand(3, 4, 2), ints([[[0], [2]], [[0], [1]]])], lambda x, i: x[i[..., 0]])
case("GatherND", "batch", [rand(2, 3, 4), ints([[1], [2]])], lambda x, i: x[torch.arange(2), i[:, 0]], {"batch_dims": 1})
case("GatherND", "two batch axes", [rand(2, 3, 4), ints([[[0], [3], [1]], [[2], [2], [0]]])], lambda x, i: x.gather(2, i)[..., 0], {"batch_dims": 2})
case("ScatterND", "rows", [rand(4, 3), ints([[1], [3]]), rand(2, 3)], lambda x, i, u: x.index_put((i[:, 0],), u))
case("ScatterND", "elements", [rand(3, 4), ints([[0, 1], [2, 3]]), rand(2)], lambda x, i, u: x.index_put((i[:, 0], i[:, 1]), u))
case("ScatterND", "add", [rand(4, 3), ints([[1], [1], [3]]), rand(3, 3)], lambda x, i, u: x.index_put((i[:, 0],), u, accumulate=True), {"reduction": "add"})
case("ScatterElements", "rows", [rand(3, 3), ints([[1, 0, 2], [0, 2, 1]]), rand(2, 3)], lambda x, i, u: x.scatter(0, i, u))
case("ScatterElements", "columns", [rand(2, 5), ints([[1, 3], [0, 4]]), rand(2, 2)], lambda x, i, u: x.scatter(1, i, u), {"axis": -1})
case("ScatterElements", "add", [rand(2, 5), ints([[1, 1], [0, 4]]), rand(2, 2)], lambda x, i, u: x.scatter_add(1, i, u), {"axis": 1, "reduction": "add"})

# Normalization.
for name, dims, axis, bias in (("tokens", (2, 3, 8), -1, True), ("two axes", (2, 3, 4), 1, True), ("without bias", (4, 6), -1, False)):
    inner = dims[axis:]
    inputs = [rand(*dims), rand(*inner)] + ([rand(*inner)] if bias else [])
    case("LayerNormalization", name, inputs, lambda x, w, b=None: F.layer_norm(x, inner, w, b, 1e-3), {"axis": axis, "epsilon": 1e-3})
for name, dims in (("maps", (2, 3, 4, 3)), ("sequence", (2, 3, 7)), ("one image", (1, 2, 3, 3))):
    case("InstanceNormalization", name, [rand(*dims), rand(dims[1]), rand(dims[1])], lambda x, w, b: F.instance_norm(x, weight=w, bias=b, eps=1e-4), {"epsilon": 1e-4})
for name, dims, groups in (("maps", (2, 6, 3, 2), 3), ("sequence", (2, 4, 5), 2), ("one group", (2, 4, 2, 2), 1)):
    case("GroupNormalization", name, [rand(*dims), rand(dims[1]), rand(dims[1])], lambda x, w, b: F.group_norm(x, groups, w, b, 1e-4), {"num_groups": groups, "epsilon": 1e-4}, opset=21)
case("GroupNormalization", "scale per group", [rand(2, 6, 2, 2), rand(3), rand(3)], lambda x, w, b: F.group_norm(x, 3, w.repeat_interleave(2), b.repeat_interleave(2), 1e-5), {"num_groups": 3}, opset=18)

# Pooling, convolution, resizing.
for name, dims, kernel, stride, padding, ceil, include in (
    ("2x2", (2, 3, 4, 6), (2, 2), (2, 2), (0, 0), False, False),
    ("overlapping with pads", (2, 2, 5, 6), (3, 3), (2, 1), (1, 1), False, False),
    ("pads count", (2, 2, 5, 6), (3, 3), (2, 1), (1, 1), False, True),
    ("ceil mode", (1, 2, 6, 5), (3, 2), (2, 2), (0, 0), True, False),
    ("ceil mode, pads count", (1, 2, 6, 6), (3, 3), (2, 2), (1, 1), True, True),
    ("gaps", (1, 2, 7, 7), (2, 2), (3, 3), (0, 0), False, False),
):
    case(
        "AveragePool",
        name,
        [rand(*dims)],
        lambda x: F.avg_pool2d(x, kernel, stride, padding, ceil, include),
        {"kernel_shape": list(kernel), "strides": list(stride), "pads": [*padding, *padding], "ceil_mode": int(ceil), "count_include_pad": int(include)},
        opset=19,
    )
for name, dims, weights, stride, padding, added, dilation, groups in (
    ("stride 1", (2, 3, 4, 5), (3, 2, 3, 3), (1, 1), (1, 1), (0, 0), (1, 1), 1),
    ("stride 2, output padding", (2, 3, 3, 4), (3, 2, 3, 3), (2, 2), (1, 1), (1, 1), (1, 1), 1),
    ("up by 2", (1, 4, 3, 3), (4, 3, 2, 2), (2, 2), (0, 0), (0, 0), (1, 1), 1),
    ("groups", (2, 4, 3, 3), (4, 1, 3, 2), (2, 1), (1, 0), (0, 0), (1, 1), 2),
    ("dilations", (1, 2, 4, 4), (2, 3, 2, 3), (1, 2), (0, 1), (0, 0), (2, 1), 1),
    ("depthwise", (1, 3, 3, 4), (3, 1, 3, 3), (2, 2), (1, 1), (1, 0), (1, 1), 3),
):
    bias = rand(weights[1] * groups)
    case(
        "ConvTranspose",
        name,
        [rand(*dims), rand(*weights), bias],
        lambda x, w, b: F.conv_transpose2d(x, w, b, stride, padding, added, groups, dilation),
        {"strides": list(stride), "pads": [*padding, *padding], "output_padding": list(added), "dilations": list(dilation), "group": groups},
    )
case("Conv", "dilations and groups", [rand(2, 4, 6, 6), rand(6, 2, 3, 2), rand(6)], lambda x, w, b: F.conv2d(F.pad(x, (1, 0, 2, 1)), w, b, (2, 1), 0, (1, 2), 2), {"pads": [2, 1, 1, 0], "strides": [2, 1], "dilations": [1, 2], "group": 2})
case("MaxPool", "overlapping", [rand(2, 2, 6, 7)], lambda x: F.max_pool2d(x, 3, 2, 1), {"kernel_shape": [3, 3], "strides": [2, 2], "pads": [1, 1, 1, 1]})
resize = lambda scale, mode, **more: lambda x, *_: F.interpolate(x, scale_factor=scale, mode=mode, **more)
none = None
nearest = {"mode": "nearest", "coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"}
scales = lambda *values: torch.tensor([1.0, 1.0, *values]).double()
case("Resize", "nearest, up by 2", [rand(1, 2, 3, 4), none, scales(2, 2)], resize(2, "nearest"), nearest, fixed=(2,))
case("Resize", "nearest, to sizes", [rand(1, 2, 4, 5), none, none, ints([1, 2, 7, 3])], lambda x, *_: F.interpolate(x, size=(7, 3), mode="nearest"), nearest)
case("Resize", "nearest, half pixel", [rand(1, 2, 5, 4), none, none, ints([1, 2, 8, 3])], lambda x, *_: F.interpolate(x, size=(8, 3), mode="nearest-exact"), {"mode": "nearest", "nearest_mode": "round_prefer_ceil"})
case("Resize", "linear, up by 2", [rand(1, 2, 3, 4), none, scales(2, 2)], resize(2, "bilinear", align_corners=False), {"mode": "linear", "coordinate_transformation_mode": "half_pixel"}, fixed=(2,))
case("Resize", "linear, corners aligned", [rand(2, 1, 3, 4), none, none, ints([2, 1, 5, 7])], lambda x, *_: F.interpolate(x, size=(5, 7), mode="bilinear", align_corners=True), {"mode": "linear", "coordinate_transformation_mode": "align_corners"})
case("Resize", "linear, down", [rand(1, 2, 7, 6), none, none, ints([1, 2, 3, 4])], lambda x, *_: F.interpolate(x, size=(3, 4), mode="bilinear", align_corners=False), {"mode": "linear", "coordinate_transformation_mode": "pytorch_half_pixel"})
case("Resize", "cubic", [rand(1, 2, 4, 4), none, none, ints([1, 2, 7, 6])], lambda x, *_: F.interpolate(x, size=(7, 6), mode="bicubic", align_corners=False), {"mode": "cubic", "cubic_coeff_a": -0.75, "coordinate_transformation_mode": "half_pixel"})

# More functions of one tensor, and of the rest of the operators.
inside = lambda *dims: rand(*dims, low=-0.9, high=0.9)
outside = lambda *dims: rand(*dims, low=1.2, high=3.0)
more = {
    "Softplus": (rand, F.softplus, {}),
    "Softsign": (rand, F.softsign, {}),
    "Mish": (rand, F.mish, {}),
    "Selu": (rand, F.selu, {}),
    "Celu": (rand, lambda x: F.celu(x, 1.7), {"alpha": real(1.7)}),
    "ThresholdedRelu": (rand, lambda x: x * (x > 0.7), {"alpha": real(0.7)}),
    "Shrink": (rand, lambda x: F.hardshrink(x, 0.6), {"lambd": real(0.6)}),
    "Sin": (rand, torch.sin, {}),
    "Cos": (rand, torch.cos, {}),
    "Tan": (inside, torch.tan, {}),
    "Sinh": (rand, torch.sinh, {}),
    "Cosh": (rand, torch.cosh, {}),
    "Asin": (inside, torch.asin, {}),
    "Acos": (inside, torch.acos, {}),
    "Atan": (rand, torch.atan, {}),
    "Asinh": (rand, torch.asinh, {}),
    "Acosh": (outside, torch.acosh, {}),
    "Atanh": (inside, torch.atanh, {}),
}
for op, (values, compute, attributes) in more.items():
    opset = 18 if op == "Mish" else 17
    for name, dims in shapes.items():
        case(op, name, [values(*dims)], compute, attributes, opset=opset)
for name, dims in shapes.items():
    case("CastLike", name, [rand(*dims), rand(1)], lambda x, _: x * 1, opset=19, fixed=(1,))
more_reductions = {
    "ReduceL1": (rand, lambda x, axes, keepdim: x.abs().sum(axes, keepdim)),
    "ReduceL2": (rand, lambda x, axes, keepdim: (x**2).sum(axes, keepdim).sqrt()),
    "ReduceLogSum": (pos, lambda x, axes, keepdim: x.sum(axes, keepdim).log()),
    "ReduceLogSumExp": (rand, torch.logsumexp),
    "ReduceSumSquare": (rand, lambda x, axes, keepdim: (x**2).sum(axes, keepdim)),
    "ReduceProd": (rand, lambda x, axes, keepdim: x.prod(axes[0], True) if len(axes) == 1 else x.prod(axes[1], True).prod(axes[0], True)),
}
for op, (values, compute) in more_reductions.items():
    for name, dims, axes, keep in (
        ("maps", (2, 3, 2, 3), [2, 3], 1),
        ("negative axis, dropped", (3, 4, 2), [-2], 0),
        ("two axes apart", (2, 3, 2), [0, 2], 0),
    ):
        def run(x, *_):
            result = compute(x, axes, True)
            return result if keep else result.reshape([size for at, size in enumerate(dims) if at not in [a % len(dims) for a in axes]])

        x = values(*dims)
        case(op, name, [x], run, {"axes": axes, "keepdims": keep})
        case(op, f"{name}, axes as input", [x, ints(axes)], run, {"keepdims": keep}, opset=18)
case("ReduceProd", "zeros", [torch.tensor([[0.0, 2, 3], [0, 0, 5], [1, 2, 4]]).double()], lambda x, *_: x.prod(1), {"axes": [1], "keepdims": 0})
case("Tile", "rows", [rand(2, 3), ints([3, 1])], lambda x, r: x.repeat(3, 1))
case("Tile", "both axes", [rand(2, 3), ints([2, 2])], lambda x, r: x.repeat(2, 2))
case("Tile", "maps", [rand(1, 2, 3, 2), ints([2, 1, 1, 3])], lambda x, r: x.repeat(2, 1, 1, 3))
crd = {"blocksize": 2, "mode": "CRD"}
case("DepthToSpace", "CRD", [rand(2, 8, 2, 3)], lambda x: F.pixel_shuffle(x, 2), crd)
case("DepthToSpace", "CRD by 3", [rand(1, 9, 2, 1)], lambda x: F.pixel_shuffle(x, 3), {"blocksize": 3, "mode": "CRD"})
dcr = lambda x, b: x.reshape(x.shape[0], b, b, x.shape[1] // b // b, *x.shape[2:]).permute(0, 3, 4, 1, 5, 2).reshape(x.shape[0], x.shape[1] // b // b, x.shape[2] * b, x.shape[3] * b)
case("DepthToSpace", "DCR", [rand(2, 8, 2, 3)], lambda x: dcr(x, 2), {"blocksize": 2})
std = lambda x, b: x.reshape(x.shape[0], x.shape[1], x.shape[2] // b, b, x.shape[3] // b, b).permute(0, 3, 5, 1, 2, 4).reshape(x.shape[0], x.shape[1] * b * b, x.shape[2] // b, x.shape[3] // b)
for name, dims, b in (("by 2", (2, 3, 4, 2), 2), ("by 3", (1, 2, 3, 6), 3), ("one channel", (2, 1, 2, 2), 2)):
    case("SpaceToDepth", name, [rand(*dims)], lambda x: std(x, b), {"blocksize": b})
case("Trilu", "upper", [rand(3, 4)], torch.triu)
case("Trilu", "lower, shifted", [rand(2, 4, 3), ints(1)], lambda x, k: torch.tril(x, 1), {"upper": 0})
case("Trilu", "upper, shifted back", [rand(4, 4), ints(-2)], lambda x, k: torch.triu(x, -2))
case("CumSum", "rows", [rand(3, 4), ints(1)], lambda x, a: x.cumsum(1))
case("CumSum", "reversed", [rand(3, 4), ints(0)], lambda x, a: x.flip(0).cumsum(0).flip(0), {"reverse": 1})
case("CumSum", "exclusive", [rand(2, 3, 4), ints(-1)], lambda x, a: x.cumsum(-1) - x, {"exclusive": 1})

# What a network is mostly made of.
case("Flatten", "vectors", [rand(3, 4)], lambda x: x * 1)
case("Flatten", "axis 2", [rand(2, 3, 2, 2)], lambda x: x.reshape(6, 4), {"axis": 2})
case("Reshape", "joined axes", [rand(2, 3, 4), ints([0, -1])], lambda x, s: x.reshape(2, 12))
case("Reshape", "to a vector", [rand(2, 3), ints([6])], lambda x, s: x.reshape(6))
case("GlobalAveragePool", "oblong", [rand(2, 3, 2, 5)], lambda x: x.mean((2, 3), keepdim=True))
case("GlobalAveragePool", "sequence", [rand(2, 3, 5)], lambda x: x.mean(2, keepdim=True))
case("Gemm", "linear layer", [rand(3, 4), rand(5, 4), rand(5)], lambda a, b, c: a @ b.T + c, {"transB": 1})
case("Gemm", "alpha and beta", [rand(3, 4), rand(4, 2), rand(3, 2)], lambda a, b, c: 0.5 * a @ b + 2 * c, {"alpha": 0.5, "beta": real(2)})
case("Gemm", "both transposed, no bias", [rand(4, 3), rand(2, 4)], lambda a, b: a.T @ b.T, {"transA": 1, "transB": 1})
case("MatMul", "matrices", [rand(3, 4), rand(4, 2)], torch.matmul)
case("MatMul", "heads", [rand(2, 3, 4, 5), rand(2, 3, 5, 4)], torch.matmul)
case("MatMul", "one matrix for all", [rand(2, 3, 4), rand(4, 5)], torch.matmul)
case("Conv", "same padding", [rand(2, 3, 5, 6), rand(4, 3, 3, 3), rand(4)], lambda x, w, b: F.conv2d(x, w, b, 1, 1), {"pads": [1, 1, 1, 1]})
case("Conv", "depthwise, stride 2", [rand(2, 4, 6, 6), rand(4, 1, 3, 3)], lambda x, w: F.conv2d(x, w, None, 2, 1, 1, 4), {"pads": [1, 1, 1, 1], "strides": [2, 2], "group": 4})
case("Conv", "1x1", [rand(2, 6, 4, 4), rand(3, 6, 1, 1)], lambda x, w: F.conv2d(x, w))
case("MaxPool", "2x2", [rand(2, 3, 4, 6)], lambda x: F.max_pool2d(x, 2), {"kernel_shape": [2, 2], "strides": [2, 2]})
case("MaxPool", "ceil mode", [rand(1, 2, 6, 5)], lambda x: F.max_pool2d(x, (3, 2), 2, ceil_mode=True), {"kernel_shape": [3, 2], "strides": [2, 2], "ceil_mode": 1})
for name, dims in (("maps", (2, 3, 4, 3)), ("vectors", (6, 4)), ("sequence", (3, 2, 5))):
    c = dims[1]
    inputs = [rand(*dims), rand(c), rand(c), rand(c), pos(c)]
    case("BatchNormalization", name, inputs, lambda x, w, b, *_: F.batch_norm(x, None, None, w, b, True, 0.1, 1e-3), {"epsilon": 1e-3}, fixed=(3, 4))

# Quantization for training: the model quantizes and dequantizes again.
def fake_quantize(name, x, scale, zero, low, high, axis=None, dtype=torch.int8):
    def compute(x, s, z):
        if axis is None:
            return torch.fake_quantize_per_tensor_affine(x.float(), float(s), int(z), low, high).double()
        return torch.fake_quantize_per_channel_affine(x.float(), s.float(), z.int(), axis, low, high).double()

    scale = torch.tensor(scale, dtype=torch.float64)
    attributes = {} if axis is None else {"axis": axis}
    case("QuantizeLinear", name, [x, scale, torch.tensor(zero, dtype=dtype)], compute, attributes, fixed=(1,))


fake_quantize("int8 activations", rand(3, 9, low=-6, high=6), 0.03, 5, -128, 127)
fake_quantize("uint8 activations", rand(2, 3, 4, low=-3, high=9), 0.02, 40, 0, 255, dtype=torch.uint8)
fake_quantize("weights per channel", rand(3, 2, 3, 3), [0.01, 0.02, 0.005], [0, 0, 0], -128, 127, axis=0)

# One axis and three; operators that sum over neighbours or by equations.
case("Conv", "sequence", [rand(2, 4, 7), rand(6, 2, 3), rand(6)], lambda x, w, b: F.conv1d(F.pad(x, (2, 1)), w, b, 2, 0, 2, 2), {"pads": [2, 1], "strides": [2], "dilations": [2], "group": 2})
case("Conv", "volume", [rand(1, 2, 4, 5, 3), rand(3, 2, 2, 3, 2), rand(3)], lambda x, w, b: F.conv3d(x, w, b, (2, 1, 2), (1, 1, 0)), {"pads": [1, 1, 0, 1, 1, 0], "strides": [2, 1, 2]})
case("Conv", "volume, groups and dilations", [rand(2, 4, 4, 5, 6), rand(4, 2, 2, 2, 3)], lambda x, w: F.conv3d(x, w, None, (1, 2, 1), (0, 1, 2), (2, 1, 2), 2), {"pads": [0, 1, 2, 0, 1, 2], "strides": [1, 2, 1], "dilations": [2, 1, 2], "group": 2})
case("ConvTranspose", "sequence", [rand(2, 3, 5), rand(3, 2, 4), rand(2)], lambda x, w, b: F.conv_transpose1d(x, w, b, 2, 1, 1), {"pads": [1, 1], "strides": [2], "output_padding": [1]})
case("MaxPool", "sequence", [rand(2, 3, 9)], lambda x: F.max_pool1d(x, 3, 2, 1), {"kernel_shape": [3], "strides": [2], "pads": [1, 1]})
case("AveragePool", "sequence", [rand(2, 3, 9)], lambda x: F.avg_pool1d(x, 2, 2, 1, count_include_pad=False), {"kernel_shape": [2], "strides": [2], "pads": [1, 1]})
case("Pad", "wrap", [rand(1, 2, 4, 5), ints([0, 0, 1, 2, 0, 0, 3, 5])], lambda x, p: F.pad(x, (2, 5, 1, 3), mode="circular"), {"mode": "wrap"}, opset=19)
for name, equation, *dims in (
    ("matrices", "ij,jk->ik", (3, 4), (4, 2)),
    ("attention", "bhid,bhjd->bhij", (2, 2, 3, 4), (2, 2, 5, 4)),
    ("outer product, no arrow", "i,j", (3,), (4,)),
    ("three factors", "bi,ijk,bk->bj", (2, 3), (3, 4, 2), (2, 2)),
    ("sum of one", "ijk->kj", (2, 3, 4)),
    ("a letter summed alone", "ij,k->i", (2, 3), (4,)),
):
    case("Einsum", name, [rand(*shape) for shape in dims], lambda *x: torch.einsum(equation, *x), {"equation": equation})
for name, dims, size, alpha, beta, bias in (
    ("maps", (2, 5, 3, 2), 3, 0.5, 0.75, 1.0),
    ("other constants", (1, 6, 2, 2), 3, 0.1, 0.5, 2.0),
    ("size beyond the channels", (2, 3, 4, 1), 5, 0.2, 1.0, 0.5),
):
    def lrn(x):
        before, after = (size - 1) // 2, size // 2
        squares = F.pad((x * x).unsqueeze(1), (0, 0, 0, 0, before, after))
        sums = sum(squares[:, 0, at : at + x.shape[1]] for at in range(size))
        return x / (bias + alpha / size * sums) ** beta

    case("LRN", name, [rand(*dims)], lrn, {"size": size, "alpha": real(alpha), "beta": real(beta), "bias": real(bias)})
for name, dims, axis, p in (("vectors", (3, 5), -1, 2), ("channels", (2, 3, 2, 2), 1, 2), ("order 1", (3, 4), 1, 1)):
    case("LpNormalization", name, [rand(*dims)], lambda x: F.normalize(x, p, axis), {"axis": axis, "p": p})
for name, dims, k, axis, largest in (("rows", (3, 6), 2, -1, 1), ("smallest", (4, 3), 3, 0, 0), ("maps", (2, 5, 3), 4, 1, 1)):
    attributes = {"axis": axis, "largest": largest}
    case("TopK", name, [rand(*dims), ints([k])], lambda x, _: tuple(part.double() for part in x.topk(k, axis, largest == 1)), attributes)

json.dump({"tool": f"torch {torch.__version__}", "cases": cases}, sys.stdout, separators=(",", ":"))
