"""Writes the operator schemas that the reference implementation knows, in a compact form:
packages/onnx/src/graph/operator-schemas.generated.ts.

Run: pip install onnx==1.23.2 onnxruntime==1.31.1 && python operator-schemas.py
(onnxruntime gives the schemas of com.microsoft, onnx all others.)
"""

import collections
import json
import os

import onnx
import onnxruntime
from onnxruntime.capi import onnxruntime_pybind11_state as onnxruntime_state

ELEMENT_TYPES = {"float": "float32", "double": "float64"}
ATTRIBUTE_TYPES = {
    "FLOAT": "f", "INT": "i", "STRING": "s", "TENSOR": "t", "GRAPH": "g", "SPARSE_TENSOR": "p", "TYPE_PROTO": "y",
    "FLOATS": "F", "INTS": "I", "STRINGS": "S", "TENSORS": "T", "GRAPHS": "G", "SPARSE_TENSORS": "P", "TYPE_PROTOS": "Y",
}


def short_type(text):
    """`tensor(float)` becomes `float32`, `seq(tensor(int64))` becomes `seq(int64)`."""
    if text.startswith("tensor("):
        element = text[len("tensor(") : -1]
        return ELEMENT_TYPES.get(element, element)
    head, _, rest = text.partition("(")
    if head == "map":
        key, _, value = rest[:-1].partition(",")
        return f"map({short_type(key.strip())},{short_type(value.strip())})"
    if head == "sparse_tensor":
        return f"sparse({ELEMENT_TYPES.get(rest[:-1], rest[:-1])})"
    return f"{head}({short_type(rest[:-1])})" if rest else ELEMENT_TYPES.get(text, text)


def parameter(formal, constraints):
    type_text = getattr(formal, "type_str", None) or formal.typeStr
    homogeneous = getattr(formal, "is_homogeneous", None)
    if homogeneous is None:
        homogeneous = formal.isHomogeneous
    option = str(formal.option).rsplit(".", 1)[1]
    text = formal.name + ":" + (type_text if type_text in constraints else "=" + short_type(type_text))
    if option == "Optional":
        return text + "?"
    if option == "Variadic":
        arity = getattr(formal, "min_arity", 1)
        return text + "*" + str(arity) + ("" if homogeneous else "~")
    return text


def default(attribute):
    value = getattr(attribute, "default_value", None)
    if value is None or isinstance(value, bytes):
        value = getattr(attribute, "_default_value", value)
    if isinstance(value, bytes):
        value = onnx.AttributeProto.FromString(value)
    if value is None or value.type == onnx.AttributeProto.UNDEFINED:
        return ""
    value = onnx.helper.get_attribute_value(value)
    if isinstance(value, bytes):
        value = value.decode()
    if isinstance(value, float):
        value = float(f"{value:.7g}")
    if isinstance(value, list):
        value = [item.decode() if isinstance(item, bytes) else item for item in value]
    return "=" + json.dumps(value, separators=(",", ":")).replace(" ", "\\u0020")


def line(schema, type_sets):
    constraints = {item.type_param_str for item in schema.type_constraints}
    sets = []
    for item in schema.type_constraints:
        allowed = " ".join(sorted(short_type(text) for text in item.allowed_type_strs))
        sets.append(f"{item.type_param_str}={type_sets.setdefault(allowed, len(type_sets))}")
    attributes = []
    for name, attribute in sorted(schema.attributes.items()):
        kind = ATTRIBUTE_TYPES[str(attribute.type).rsplit(".", 1)[1]]
        attributes.append(name + ":" + kind + ("!" if attribute.required else default(attribute)))
    flags = "!" if schema.deprecated else ""
    parts = [
        f"{schema.name} {schema.since_version}{flags}",
        " ".join(parameter(item, constraints) for item in schema.inputs),
        " ".join(parameter(item, constraints) for item in schema.outputs),
        " ".join(attributes),
        " ".join(sets),
    ]
    return "|".join(parts).rstrip("|")


def schemas():
    found = collections.defaultdict(list)
    for schema in onnx.defs.get_all_schemas_with_history():
        found[schema.domain].append(schema)
    for schema in onnxruntime_state.get_all_operator_schema():
        if schema.domain == "com.microsoft" and schema.name != "SampleOp":
            found[schema.domain].append(schema)
    return found


def main():
    found = schemas()
    type_sets = {}
    domains = {}
    for domain in sorted(found):
        ordered = sorted(found[domain], key=lambda schema: (schema.name, schema.since_version))
        domains[domain] = [line(schema, type_sets) for schema in ordered]
    folder = os.path.dirname(os.path.abspath(__file__))
    path = os.path.join(folder, "../../../packages/onnx/src/graph/operator-schemas.generated.ts")
    with open(path, "w") as file:
        file.write(
            "// Made by test/goldens/onnx/operator-schemas.py from onnx "
            f"{onnx.__version__} and, for com.microsoft, onnxruntime {onnxruntime.__version__}. Do not edit.\n"
            "// One line a schema: `Name version[!deprecated]|inputs|outputs|attributes|type constraints`, read by\n"
            "// operator-schema.ts.\n\n"
            "/** Sets of allowed types, referred to by index. */\n"
            "export const typeSets: readonly string[] = [\n"
        )
        for text in type_sets:
            file.write(f"  {text!r},\n")
        file.write("];\n\n/** The schemas of each domain. */\nexport const operatorSchemas: Readonly<Record<string, string>> = {\n")
        for domain, lines in domains.items():
            text = "\n".join(lines).replace("\\", "\\\\").replace("`", "\\`").replace("${", "\\${")
            file.write(f"  '{domain}': `{text}`,\n")
        file.write("};\n")


if __name__ == "__main__":
    main()
