"""Records the ranges, scales and zero points that onnxruntime.quantization's calibrators find on shared batches.

The batches are given to `collect_data` one after another, which is how its histograms grow and its averages move;
`batches: all` gives them in one call. The spread of the images grows from batch to batch, so that histograms must widen.
Weights and images are coarse fractions, so that all sums are exact and every runtime computes the same values.

Run with: pip install onnxruntime==1.31.1 onnx==1.23.2 sympy; python calibrators.py
"""

import base64
import contextlib
import io
import json
import pathlib
import tempfile

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization.calibrate import CalibrationDataReader, CalibrationMethod, create_calibrator
from onnxruntime.quantization.quant_utils import compute_scale_zp, get_qmin_qmax_for_qType

rng = np.random.default_rng(6)


def weight(*shape):
    return (np.clip(np.round(rng.normal(size=shape) * 3), -8, 8) / 8).astype(np.float32)


initializers = {
    "stem.weight": weight(6, 3, 3, 3),
    "stem.bias": weight(6),
    "deep.weight": weight(8, 6, 3, 3),
    "fc.weight": weight(5, 8),
}
same = {"kernel_shape": [3, 3], "pads": [1, 1, 1, 1]}
nodes = [
    helper.make_node("Conv", ["input", "stem.weight", "stem.bias"], ["stem"], **same),
    helper.make_node("Relu", ["stem"], ["stem.relu"]),
    helper.make_node("Conv", ["stem.relu", "deep.weight"], ["deep"], **same),
    helper.make_node("LeakyRelu", ["deep"], ["deep.leaky"], alpha=0.25),
    helper.make_node("GlobalMaxPool", ["deep.leaky"], ["most"]),
    helper.make_node("Flatten", ["most"], ["flat"]),
    helper.make_node("Gemm", ["flat", "fc.weight"], ["logits"], transB=1),
]
graph = helper.make_graph(
    nodes,
    "calibrated",
    [helper.make_tensor_value_info("input", TensorProto.FLOAT, ["N", 3, 10, 10])],
    [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["N", 5])],
    [numpy_helper.from_array(value, name) for name, value in initializers.items()],
)
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
onnx.checker.check_model(model)

spreads = [0.5, 1.0, 0.8, 2.5, 1.5]
batches = [
    (np.clip(np.round((spread * rng.standard_t(4, (4, 3, 10, 10)) + 0.1) * 256), -8192, 8192) / 256).astype(np.float32)
    for spread in spreads
]


class Reader(CalibrationDataReader):
    def __init__(self, some):
        self.batches = iter(some)

    def get_next(self):
        batch = next(self.batches, None)
        return None if batch is None else {"input": batch}


def calibrate(method, options, together=False):
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()):
        path = pathlib.Path(folder)
        onnx.save(model, path / "float.onnx")
        calibrator = create_calibrator(
            path / "float.onnx", None, str(path / "augmented.onnx"), method, extra_options=options
        )
        for part in [batches] if together else [[batch] for batch in batches]:
            calibrator.collect_data(Reader(part))
        data = calibrator.compute_data()
    values = {}
    for name, found in data.items():
        low, high = (np.asarray(end, dtype=np.float32).reshape(()) for end in found.range_value)
        kinds = {}
        for kind in ["UINT8", "INT8", "UINT16", "INT16"]:
            for symmetric in [False, True]:
                ends = get_qmin_qmax_for_qType(getattr(TensorProto, kind), symmetric=symmetric)
                zero_point, scale = compute_scale_zp(low, high, *ends, symmetric)
                key = kind.lower() + (" symmetric" if symmetric else "")
                kinds[key] = {"scale": float(scale), "zeroPoint": int(zero_point)}
        values[name] = {"range": [float(low), float(high)], "kinds": kinds}
    return values


minmax, percentile, entropy = CalibrationMethod.MinMax, CalibrationMethod.Percentile, CalibrationMethod.Entropy
cases = [
    ({"method": "min-max"}, minmax, {}, False),
    ({"method": "min-max", "symmetric": True}, minmax, {"symmetric": True}, False),
    ({"method": "moving-average"}, minmax, {"moving_average": True}, False),
    (
        {"method": "moving-average", "constant": 0.3},
        minmax,
        {"moving_average": True, "averaging_constant": 0.3},
        False,
    ),
    ({"method": "moving-average", "batches": "all"}, minmax, {"moving_average": True}, True),
    ({"method": "percentile"}, percentile, {"symmetric": False}, False),
    ({"method": "percentile", "percentile": 99}, percentile, {"symmetric": False, "percentile": 99}, False),
    ({"method": "percentile", "symmetric": True}, percentile, {}, False),
    (
        {"method": "percentile", "percentile": 99.5, "symmetric": True, "bins": 500},
        percentile,
        {"percentile": 99.5, "num_bins": 500},
        False,
    ),
    ({"method": "entropy"}, entropy, {}, False),
    ({"method": "entropy", "bins": 256}, entropy, {"num_bins": 256}, False),
    ({"method": "entropy", "bins": 512, "quantizedBins": 64}, entropy, {"num_bins": 512, "num_quantized_bins": 64}, False),
]
golden = {
    "tool": f"onnxruntime.quantization {onnxruntime.__version__}, onnx {onnx.__version__}, numpy {np.__version__}",
    "model": base64.b64encode(model.SerializeToString()).decode(),
    "batches": {
        "dims": list(batches[0].shape),
        "data": [base64.b64encode(batch.tobytes()).decode() for batch in batches],
    },
    "cases": [
        {"method": ours, "values": calibrate(method, options, together)} for ours, method, options, together in cases
    ],
}
pathlib.Path(__file__).with_suffix(".json").write_text(json.dumps(golden) + "\n")
