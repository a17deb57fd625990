"""What onnxruntime's own tool makes of a float model, for the same images: FLOAT IMAGES FOLDER → default.onnx, best-*.onnx."""
import sys

import numpy as np
import onnx
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static
from onnxruntime.quantization.shape_inference import quant_pre_process

file, images, folder = sys.argv[1:4]
pixels = np.fromfile(images, np.float32).reshape(-1, 1, 3, 224, 224)
name = onnx.load(file, load_external_data=False).graph.input[0].name


class Reader(CalibrationDataReader):
    def __init__(self):
        self.left = iter(pixels)

    def get_next(self):
        image = next(self.left, None)
        return None if image is None else {name: image}


prepared = f"{folder}/prepared.onnx"
quant_pre_process(file, prepared)
# As the documentation calls it: int8 activations and weights, per tensor.
quantize_static(prepared, f"{folder}/default.onnx", Reader())
# What its fast kernels on x64 are for, in both forms that it writes.
best = {"activation_type": QuantType.QUInt8, "weight_type": QuantType.QInt8, "per_channel": True}
quantize_static(prepared, f"{folder}/best-qdq.onnx", Reader(), quant_format=QuantFormat.QDQ, **best)
quantize_static(prepared, f"{folder}/best-qoperator.onnx", Reader(), quant_format=QuantFormat.QOperator, **best)
