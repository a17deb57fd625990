"""Records random models in which every field of every message of onnx.proto is given, found by reflection, with defaults
given explicitly and numbers at the ends of their ranges: every-field.json.

Run: pip install onnx==1.23.2 && python every-field.py
"""

import base64
import json
import os
import random

import numpy as np
import onnx
from google.protobuf.descriptor import FieldDescriptor as F
from onnx import AttributeProto, TensorProto, helper

TEXTS = ["", "a", "größe", "靴", "x" * 80]
INTS = {F.CPPTYPE_INT32: [0, 1, -1, 2**31 - 1, -(2**31)], F.CPPTYPE_INT64: [0, 7, -1, 2**53 + 1, 2**63 - 1, -(2**63)]}
# Integers that have to be exact numbers here: sizes, versions, devices.
SMALL = {
    "TensorProto.dims", "SparseTensorProto.dims", "OperatorSetIdProto.version", "ShardingSpecProto.device",
    "IntIntListEntryProto.key", "IntIntListEntryProto.value", "Segment.begin", "Segment.end",
    "SimpleShardedDimProto.dim_value", "SimpleShardedDimProto.num_shards", "ShardedDimProto.axis",
}  # fmt: skip
VALUE_FIELDS = {
    AttributeProto.FLOAT: "f", AttributeProto.INT: "i", AttributeProto.STRING: "s", AttributeProto.TENSOR: "t",
    AttributeProto.GRAPH: "g", AttributeProto.SPARSE_TENSOR: "sparse_tensor", AttributeProto.TYPE_PROTO: "tp",
    AttributeProto.FLOATS: "floats", AttributeProto.INTS: "ints", AttributeProto.STRINGS: "strings",
    AttributeProto.TENSORS: "tensors", AttributeProto.GRAPHS: "graphs", AttributeProto.SPARSE_TENSORS: "sparse_tensors",
    AttributeProto.TYPE_PROTOS: "type_protos",
}  # fmt: skip
seen = set()


class Filler:
    def __init__(self, seed):
        self.random = random.Random(seed)
        self.names = 0

    def name(self):
        self.names += 1
        return f"n{self.names}"

    def fill(self, message, depth=0):
        kind = message.DESCRIPTOR.name
        fields = list(message.DESCRIPTOR.fields)
        if kind == "TensorProto":
            return self.tensor(message, depth)
        if kind == "AttributeProto":
            fields = self.attribute_fields(message, fields, depth)
        for oneof in message.DESCRIPTOR.oneofs:
            kept = self.random.choice(list(oneof.fields))
            fields = [field for field in fields if field.containing_oneof is not oneof or field is kept]
        for field in fields:
            self.fill_field(message, field, kind, depth)
        return message

    def fill_field(self, message, field, kind, depth):
        if field.name == "type" and kind == "AttributeProto":
            return
        if depth > 0 and self.random.random() < 0.25 and field.name not in ("name", "values", "indices", "key"):
            return
        if field.cpp_type == F.CPPTYPE_MESSAGE and depth > 5 and kind != "SparseTensorProto":
            return
        seen.add((kind, field.name))
        if field.is_repeated:
            for _ in range(self.random.choice([1, 1, 2])):
                if field.cpp_type == F.CPPTYPE_MESSAGE:
                    self.fill(getattr(message, field.name).add(), depth + 1)
                else:
                    getattr(message, field.name).append(self.scalar(field, kind))
        elif field.cpp_type == F.CPPTYPE_MESSAGE:
            getattr(message, field.name).SetInParent()
            self.fill(getattr(message, field.name), depth + 1)
        else:
            setattr(message, field.name, self.scalar(field, kind))

    def scalar(self, field, kind):
        where = f"{kind}.{field.name}"
        if where in ("AttributeProto.name", "StringStringEntryProto.key", "OperatorSetIdProto.domain"):
            return self.name()
        if where in ("Tensor.elem_type", "SparseTensor.elem_type", "Map.key_type"):
            return self.random.choice([0, 1, 7, 16, 23, 28, 99])
        if where in SMALL:
            return self.random.choice([0, 1, 5, 2**53 - 1])
        if field.type == F.TYPE_STRING:
            return self.random.choice(TEXTS)
        if field.type == F.TYPE_BYTES:
            return self.random.choice([b"", b"text", b"\xff\x00", "größe".encode()])
        if field.cpp_type == F.CPPTYPE_FLOAT:
            return self.random.choice([0.0, -0.0, 1.5, float("inf"), 3.4e38, 1e-45])
        return self.random.choice(INTS[field.cpp_type])

    def attribute_fields(self, message, fields, depth):
        message.type = self.random.choice(list(VALUE_FIELDS))
        if depth > 4 and message.type in (AttributeProto.GRAPH, AttributeProto.GRAPHS):
            message.type = AttributeProto.INTS
        value = VALUE_FIELDS[message.type]
        if self.random.random() < 0.1:
            value = "ref_attr_name"
        seen.add(("AttributeProto", "type"))
        for field in fields:
            if field.name == value and not field.is_repeated:
                self.fill_field(message, field, "AttributeProto", 0 if field.cpp_type != F.CPPTYPE_MESSAGE else depth)
                if field.cpp_type == F.CPPTYPE_MESSAGE and not message.HasField(value):
                    getattr(message, value).SetInParent()
                    self.fill(getattr(message, value), depth + 1)
        others = {*VALUE_FIELDS.values(), "ref_attr_name"} - ({value} if value.endswith("s") and value != "s" else set())
        return [field for field in fields if field.name not in others]

    def tensor(self, message, depth):
        types = [value for name, value in TensorProto.DataType.items()]
        message.data_type = self.random.choice(types)
        message.dims.extend(self.random.choice([[], [3], [2, 5], [0]]))
        count = int(np.prod(list(message.dims), dtype=np.int64))
        form = self.random.choice(["raw", "typed", "typed", "external"])
        self.elements(message, count, form)
        message.name = self.name()
        if self.random.random() < 0.5:
            message.doc_string = self.random.choice(TEXTS)
            seen.add(("TensorProto", "doc_string"))
        if self.random.random() < 0.3:
            self.fill(message.metadata_props.add(), depth + 1)
            seen.add(("TensorProto", "metadata_props"))
        if self.random.random() < 0.1:
            self.fill(message.segment, depth + 1)
            seen.add(("TensorProto", "segment"))
        seen.update(("TensorProto", field) for field in ("dims", "data_type", "name"))
        return message

    def elements(self, message, count, form):
        if form == "external":
            message.data_location = TensorProto.EXTERNAL
            keys = ["location", "offset", "length", "checksum", "basepath"]
            for key in self.random.sample(keys, self.random.randint(1, 5)):
                message.external_data.add(key=key, value="4096" if key in ("offset", "length") else "w.bin")
            seen.update(("TensorProto", field) for field in ("data_location", "external_data"))
            return
        if self.random.random() < 0.2:
            message.data_location = TensorProto.DEFAULT
        data_type = message.data_type
        if data_type == TensorProto.UNDEFINED:
            return
        if data_type == TensorProto.STRING:
            message.string_data.extend(self.random.choice([b"", b"\xff", "靴".encode()]) for _ in range(count))
            seen.add(("TensorProto", "string_data"))
            return
        data = self.random.randbytes(raw_length(data_type, count))
        if form == "raw":
            message.raw_data = data
            seen.add(("TensorProto", "raw_data"))
            return
        field, values = typed(data_type, count, data)
        getattr(message, field).extend(values)
        seen.add(("TensorProto", field))


BITS = {
    TensorProto.FLOAT: 32, TensorProto.UINT8: 8, TensorProto.INT8: 8, TensorProto.UINT16: 16, TensorProto.INT16: 16,
    TensorProto.INT32: 32, TensorProto.INT64: 64, TensorProto.BOOL: 8, TensorProto.FLOAT16: 16, TensorProto.DOUBLE: 64,
    TensorProto.UINT32: 32, TensorProto.UINT64: 64, TensorProto.COMPLEX64: 64, TensorProto.COMPLEX128: 128,
    TensorProto.BFLOAT16: 16, TensorProto.FLOAT8E4M3FN: 8, TensorProto.FLOAT8E4M3FNUZ: 8, TensorProto.FLOAT8E5M2: 8,
    TensorProto.FLOAT8E5M2FNUZ: 8, TensorProto.UINT4: 4, TensorProto.INT4: 4, TensorProto.FLOAT4E2M1: 4,
    TensorProto.FLOAT8E8M0: 8, TensorProto.UINT2: 2, TensorProto.INT2: 2, TensorProto.FLOAT6E2M3: 6,
    TensorProto.FLOAT6E3M2: 6,
}  # fmt: skip


def raw_length(data_type, count):
    return (count * BITS[data_type] + 7) // 8


def typed(data_type, count, data):
    """The elements in the typed field that the format asks for."""
    if data_type in (TensorProto.FLOAT, TensorProto.COMPLEX64):
        return "float_data", [float(index) / 3 for index in range(len(data) // 4)]
    if data_type in (TensorProto.DOUBLE, TensorProto.COMPLEX128):
        return "double_data", [float(index) / 3 for index in range(len(data) // 8)]
    if data_type == TensorProto.INT64:
        return "int64_data", np.frombuffer(data, np.int64).tolist()
    if data_type in (TensorProto.UINT64, TensorProto.UINT32):
        return "uint64_data", np.frombuffer(data, np.uint64 if data_type == TensorProto.UINT64 else np.uint32).tolist()
    if data_type in (TensorProto.FLOAT6E2M3, TensorProto.FLOAT6E3M2):
        return "int32_data", [(7 * index + 5) % 64 for index in range(count)]
    kinds = {TensorProto.INT32: np.int32, TensorProto.INT16: np.int16, TensorProto.INT8: np.int8}
    kind = kinds.get(data_type, np.uint16 if BITS[data_type] == 16 else np.uint8)
    return "int32_data", np.frombuffer(data, kind).tolist()


def all_fields():
    """Every field of every message that a model can hold."""
    found, todo = set(), [onnx.ModelProto.DESCRIPTOR]
    while todo:
        message = todo.pop()
        for field in message.fields:
            if (message.name, field.name) not in found:
                found.add((message.name, field.name))
                if field.cpp_type == F.CPPTYPE_MESSAGE:
                    todo.append(field.message_type)
    return found


if __name__ == "__main__":
    models = [Filler(seed).fill(onnx.ModelProto()).SerializeToString(deterministic=True) for seed in range(60)]
    models = [data for data in models if len(data) < 12_000]
    missing = all_fields() - seen
    assert not missing, missing
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "every-field.json")
    with open(path, "w") as file:
        content = {"tool": f"onnx {onnx.__version__}", "models": [base64.b64encode(data).decode() for data in models]}
        json.dump(content, file, indent=1)
        file.write("\n")
    print(len(models), "models,", len(seen), "fields")
