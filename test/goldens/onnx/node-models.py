"""Records the node test models of the reference implementation with the types that it infers: node-models.json.

For every case: the model with the types of its outputs taken away, what onnx.shape_inference makes of it (`free`), what
it makes of it when the small inputs are constants (`bound`, where that differs), and the shapes that the test vectors
really have (`true`). The models stand one after another in `models` (gzip, base64), with their lengths in the rows.

Run: pip install onnx==1.23.2 && python node-models.py
"""

import base64
import gzip
import json
import os

import numpy as np
import onnx
from onnx import numpy_helper, shape_inference
from onnx.backend.test.loader import load_model_tests

TENSOR_TYPES = {number: name.lower() for name, number in onnx.TensorProto.DataType.items()}
TENSOR_TYPES.update({onnx.TensorProto.FLOAT: "float32", onnx.TensorProto.DOUBLE: "float64"})


def type_text(proto):
    """`float32[2,N,?]`, `float32` (unknown rank), `seq(…)`, `optional(…)`, `?`."""
    kind = proto.WhichOneof("value")
    if kind == "tensor_type":
        element = TENSOR_TYPES[proto.tensor_type.elem_type] if proto.tensor_type.elem_type else "?"
        if not proto.tensor_type.HasField("shape"):
            return element
        dims = []
        for dim in proto.tensor_type.shape.dim:
            which = dim.WhichOneof("value")
            dims.append(str(dim.dim_value) if which == "dim_value" else dim.dim_param if which == "dim_param" else "?")
        return f"{element}[{','.join(dims)}]"
    if kind == "sequence_type":
        return f"seq({type_text(proto.sequence_type.elem_type)})"
    if kind == "optional_type":
        return f"optional({type_text(proto.optional_type.elem_type)})"
    return "?"


def inferred(model):
    try:
        result = shape_inference.infer_shapes(model, check_type=False, strict_mode=True, data_prop=True)
    except Exception as error:  # the reference itself refuses some of its cases
        try:
            result = shape_inference.infer_shapes(model, check_type=False, strict_mode=False, data_prop=True)
        except Exception:
            return {"error": str(error)[:120]}
    infos = list(result.graph.value_info) + list(result.graph.output)
    return {info.name: type_text(info.type) for info in infos}


def small(value):
    return isinstance(value, np.ndarray) and value.ndim <= 1 and value.size <= 64 and value.dtype != object


def bound(model, inputs):
    """The model with its small inputs as constants."""
    result = onnx.ModelProto()
    result.CopyFrom(model)
    names = []
    for info, value in zip(model.graph.input, inputs):
        if not small(value) or info.type.WhichOneof("value") != "tensor_type":
            continue
        if info.type.tensor_type.elem_type > 16:
            continue
        tensor = numpy_helper.from_array(value, info.name)
        if tensor.data_type != info.type.tensor_type.elem_type:
            continue
        result.graph.initializer.append(tensor)
        names.append(info.name)
    kept = [info for info in result.graph.input if info.name not in names]
    del result.graph.input[:]
    result.graph.input.extend(kept)
    return result, names


def load(directory, info, number, kind):
    path = os.path.join(directory, f"{kind}_{number}.pb")
    with open(path, "rb") as file:
        content = file.read()
    if info.type.WhichOneof("value") != "tensor_type":
        return None
    return numpy_helper.to_array(onnx.TensorProto.FromString(content))


def true_text(value):
    return ",".join(map(str, value.shape)) if isinstance(value, np.ndarray) else "?"


def cases():
    for case in load_model_tests(kind="node"):
        model = case.model
        inputs, outputs = case.data_sets[0]
        bare = onnx.ModelProto()
        bare.CopyFrom(model)
        bare.ClearField("producer_name")
        bare.graph.name = "g"
        for info in bare.graph.output:
            info.ClearField("type")
        bound_model, names = bound(bare, inputs)
        free = inferred(bare)
        fixed = inferred(bound_model)
        row = {
            "name": case.name,
            "model": bare.SerializeToString(),
            "free": free,
            "true": {info.name: true_text(value) for info, value in zip(model.graph.output, outputs)},
        }
        if names and fixed != free:
            row["bound"] = fixed
            row["constants"] = names
            row["boundModel"] = bound_model.SerializeToString()
        yield row


if __name__ == "__main__":
    rows = sorted(cases(), key=lambda row: row["name"])
    models = []
    for row in rows:
        for key in ("model", "boundModel"):
            if key in row:
                models.append(row[key])
                row[key] = len(row[key])
    def packed(content):
        return base64.b64encode(gzip.compress(content, 9, mtime=0)).decode()

    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "node-models.json")
    with open(path, "w") as file:
        content = {
            "tool": f"onnx {onnx.__version__}",
            "cases": len(rows),
            "rows": packed(json.dumps(rows, separators=(",", ":")).encode()),
            "models": packed(b"".join(models)),
        }
        json.dump(content, file)
        file.write("\n")
    print(len(rows), {key: len(str(value)) for key, value in content.items()}, sum("bound" in row for row in rows))
