"""Records models as the reference implementation writes them, with what they hold: models.json.

Run: pip install onnx==1.23.1 && python models.py
"""

import base64
import json
import os

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

NUMERIC = {
    "float32": (TensorProto.FLOAT, [0.0, -1.5, 3.4e38, 1e-45]),
    "float64": (TensorProto.DOUBLE, [0.0, -1.5, 1e300, 5e-324]),
    "float16": (TensorProto.FLOAT16, [0.0, -1.5, 65504.0, 6e-8]),
    "int8": (TensorProto.INT8, [0, -128, 127, -1]),
    "uint8": (TensorProto.UINT8, [0, 128, 255, 1]),
    "int16": (TensorProto.INT16, [0, -32768, 32767, -1]),
    "uint16": (TensorProto.UINT16, [0, 32768, 65535, 1]),
    "int32": (TensorProto.INT32, [0, -(2**31), 2**31 - 1, -1]),
    "uint32": (TensorProto.UINT32, [0, 2**31, 2**32 - 1, 1]),
    "int64": (TensorProto.INT64, [0, -(2**63), 2**63 - 1, -1]),
    "uint64": (TensorProto.UINT64, [0, 2**63, 2**64 - 1, 1]),
    "bool": (TensorProto.BOOL, [False, True, True, False]),
}


def plain(name, array):
    """Values as JSON can hold them exactly: integers as text, floats as the hexadecimal of their bits."""
    if name.startswith("float"):
        return [element.tobytes()[::-1].hex() for element in array]
    return [str(int(element)) for element in array]


def initializers():
    tensors, expected = [], {}
    for name, (data_type, values) in NUMERIC.items():
        array = np.array(values, dtype=helper.tensor_dtype_to_np_dtype(data_type))
        for form in ("raw", "typed"):
            raw = form == "raw"
            content = array.tobytes() if raw else values
            tensor = helper.make_tensor(f"{name}_{form}", data_type, [2, 2], content, raw=raw)
            assert np.array_equal(numpy_helper.to_array(tensor), array.reshape(2, 2))
            tensors.append(tensor)
            expected[tensor.name] = {"type": name, "dims": [2, 2], "values": plain(name, array)}
    tensors.append(helper.make_tensor("string_typed", TensorProto.STRING, [2], ["grün".encode(), b""]))
    expected["string_typed"] = {"type": "string", "dims": [2], "values": ["grün", ""]}
    tensors.append(helper.make_tensor("scalar", TensorProto.FLOAT, [], [7.0]))
    expected["scalar"] = {"type": "float32", "dims": [], "values": plain("float32", np.array([7.0], np.float32))}
    tensors.append(helper.make_tensor("empty", TensorProto.FLOAT, [0, 3], []))
    expected["empty"] = {"type": "float32", "dims": [0, 3], "values": []}
    return tensors, expected


def opaque_initializers():
    external = TensorProto(name="external", data_type=TensorProto.FLOAT, dims=[1000])
    external.data_location = TensorProto.EXTERNAL
    external.external_data.add(key="location", value="weights.bin")
    return [
        helper.make_tensor("bfloat16", TensorProto.BFLOAT16, [2], [1.0, -2.0]),
        helper.make_tensor("float8", TensorProto.FLOAT8E4M3FN, [2], [1.0, -2.0]),
        helper.make_tensor("int4", TensorProto.INT4, [3], [1, -2, 3]),
        external,
        helper.make_tensor("not_utf8", TensorProto.STRING, [1], [b"\xff\xfe"]),
    ]


def everything():
    tensors, expected = initializers()
    opaque = opaque_initializers()
    inner = helper.make_graph(
        [helper.make_node("Identity", ["x"], ["inner_y"])],
        "then",
        [],
        [helper.make_tensor_value_info("inner_y", TensorProto.FLOAT, None)],
    )
    node = helper.make_node("Custom", ["x", "", "float32_raw"], ["y", ""], name="custom", domain="org.example")
    node.attribute.extend(
        [
            helper.make_attribute("a_float", 0.1),
            helper.make_attribute("a_zero", 0.0),
            helper.make_attribute("an_int", -(2**53) + 1),
            helper.make_attribute("a_string", "größe"),
            helper.make_attribute("a_tensor", helper.make_tensor("inside", TensorProto.INT64, [1], [5])),
            helper.make_attribute("a_graph", inner),
            helper.make_attribute("floats", [0.5, -2.0]),
            helper.make_attribute("ints", [1, -1, 0]),
            helper.make_attribute("strings", ["a", "b"]),
            helper.make_attribute("no_ints", [], attr_type=onnx.AttributeProto.INTS),
            helper.make_attribute("opaque_ints", [2**63 - 1]),
            helper.make_attribute("opaque_tensors", [helper.make_tensor("t", TensorProto.FLOAT, [1], [1.0])]),
            helper.make_attribute("opaque_bytes", b"\xff"),
        ]
    )
    node.metadata_props.add(key="origin", value="python")
    graph = helper.make_graph(
        [node],
        "everything",
        [
            helper.make_tensor_value_info("x", TensorProto.FLOAT, ["N", 3, None, 0]),
            helper.make_tensor_sequence_value_info("sequence", TensorProto.FLOAT, ["N"]),
            helper.make_tensor_value_info("float8_in", TensorProto.FLOAT8E5M2, [1]),
        ],
        [
            helper.make_tensor_value_info("y", TensorProto.BFLOAT16, None),
            helper.make_tensor_value_info("scalar_out", TensorProto.INT64, []),
        ],
        initializer=tensors + opaque,
        doc_string="a graph",
        value_info=[onnx.ValueInfoProto(name="untyped")],
        sparse_initializer=[
            helper.make_sparse_tensor(
                helper.make_tensor("sparse", TensorProto.FLOAT, [1], [3.0]),
                helper.make_tensor("sparse_indices", TensorProto.INT64, [1], [2]),
                [4],
            )
        ],
    )
    model = helper.make_model(
        graph,
        producer_name="golden",
        producer_version="1",
        domain="org.example.models",
        model_version=3,
        doc_string="a model",
        opset_imports=[helper.make_opsetid("ai.onnx", 17), helper.make_opsetid("org.example", 2)],
        functions=[
            helper.make_function(
                "org.example", "Custom", ["a"], ["b"], [helper.make_node("Identity", ["a"], ["b"])], [helper.make_opsetid("", 17)]
            )
        ],
    )
    model.ir_version = 8
    helper.set_model_props(model, {"percept.labels": "not ours", "autor": "Jürgen"})
    return {
        "bytes": base64.b64encode(model.SerializeToString()).decode(),
        "initializers": expected,
        "opaque": [tensor.name for tensor in opaque],
    }


if __name__ == "__main__":
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "models.json")
    with open(path, "w") as file:
        json.dump({"tool": f"onnx {onnx.__version__}", "everything": everything()}, file, indent=1, ensure_ascii=False)
        file.write("\n")
