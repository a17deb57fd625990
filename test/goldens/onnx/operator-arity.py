"""Records how many inputs and outputs every version of every operator takes: operator-arity.json.

Run: pip install onnx==1.23.2 && python operator-arity.py
"""

import json
import os

import onnx

INFINITE = 2**31 - 1


def bound(number):
    return -1 if number >= INFINITE else number


if __name__ == "__main__":
    rows = sorted(
        f"{schema.domain}|{schema.name}|{schema.since_version}|{schema.min_input}|{bound(schema.max_input)}"
        f"|{schema.min_output}|{bound(schema.max_output)}"
        for schema in onnx.defs.get_all_schemas_with_history()
    )
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "operator-arity.json")
    with open(path, "w") as file:
        json.dump({"tool": f"onnx {onnx.__version__}", "schemas": rows}, file, indent=0)
        file.write("\n")
