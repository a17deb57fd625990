"""Records every model of the ONNX backend tests, as the reference implementation writes them: backend-models.br.

The file is Brotli over records of a 4-byte little-endian length and as many bytes: first a JSON manifest with the tool
and the name of every model, then the models. Models of the same bytes are recorded once.

Run: pip install onnx==1.23.2 brotli==1.2.1 && python backend-models.py
"""

import json
import os
import pathlib
import struct
import warnings

import brotli
import onnx
from onnx.backend.test.loader import load_model_tests

warnings.filterwarnings("ignore")


def node_models():
    """The models of the node cases, which are made in memory."""
    for case in load_model_tests(kind="node"):
        yield case.name, case.model.SerializeToString()


def files():
    """The models that the package has as files."""
    folder = pathlib.Path(onnx.__file__).parent / "backend" / "test" / "data"
    for path in sorted(folder.rglob("*.onnx")):
        yield str(path.relative_to(folder)), path.read_bytes()


def record(data):
    return struct.pack("<I", len(data)) + data


if __name__ == "__main__":
    models = {}
    for name, data in [*node_models(), *files()]:
        models.setdefault(data, name)
    manifest = {"tool": f"onnx {onnx.__version__}", "names": list(models.values())}
    content = b"".join(record(data) for data in [json.dumps(manifest).encode(), *models])
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "backend-models.br")
    with open(path, "wb") as file:
        file.write(brotli.compress(content, quality=11, lgwin=24))
    print(f"{len(models)} models")
