"""Runs .tflite files under LiteRT and writes their outputs: the oracle of test/integration/tflite.test.ts.

    python tflite_check.py JOBS.json

JOBS.json is a list of {"model": file, "inputs": {name: raw file}, "outputs": {name: raw file to write}}. Raw files hold
little-endian elements in the type and shape of the tensor. A job with "resolver": "reference" runs the reference
kernels; otherwise the interpreter chooses, with its default delegate (XNNPACK). Prints a JSON line per job: the
signature, tensors and operators that LiteRT sees.

Written against ai-edge-litert 2.3.0 and numpy 2.4.6 (bench/peers/litert.txt).
"""

import json
import sys

import numpy as np
from ai_edge_litert.interpreter import Interpreter, OpResolverType

with open(sys.argv[1]) as file:
    jobs = json.load(file)

for job in jobs:
    resolver = OpResolverType.BUILTIN_REF if job.get("resolver") == "reference" else OpResolverType.AUTO
    interpreter = Interpreter(model_path=job["model"], experimental_op_resolver_type=resolver, num_threads=1)
    seen = {
        "model": job["model"],
        "signatures": interpreter.get_signature_list(),
        "operators": [operator["op_name"] for operator in interpreter._get_ops_details()],
    }
    runner = interpreter.get_signature_runner("serving_default")
    details = runner.get_input_details()
    feeds = {
        name: np.fromfile(path, dtype=details[name]["dtype"]).reshape(details[name]["shape"])
        for name, path in job["inputs"].items()
    }
    for name, value in runner(**feeds).items():
        value.tofile(job["outputs"][name])
    seen["outputs"] = {name: list(map(int, detail["shape"])) for name, detail in runner.get_output_details().items()}
    print(json.dumps(seen), flush=True)
