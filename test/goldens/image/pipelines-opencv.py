"""Records pipelines-opencv.json: OpenCV's blobFromImage and Keras' preprocess_input modes. pip install opencv-python-headless numpy pillow"""
import base64
import json
import pathlib

import cv2
import numpy as np
import PIL
from PIL import Image
from scene import noise

CAFFE = [103.939, 116.779, 123.68]
SIZES = [(61, 47), (20, 33)]

# Every so many values, to keep the file small.
STRIDE = 3
cases = []
for width, height in SIZES:
    pixels = noise(width, height, 3)
    bgr = np.ascontiguousarray(pixels[:, :, ::-1])

    def add(name, spec, tensor, tolerance):
        cases.append({"name": f"{name}, {width} x {height}", "from": [width, height], "spec": spec, "dims": list(tensor.shape),
                      "tolerance": tolerance, "data": base64.b64encode(np.ascontiguousarray(tensor, np.float32).reshape(-1)[::STRIDE].tobytes()).decode()})

    # Pillow 13 resamples the columns of the taller image first, which rounds otherwise.
    keras = 0 if width > height else 1
    for side in (24, 40):
        exact = {"mode": "exact", "width": side, "height": side, "filter": "bilinear"}
        plain = {"color": "bgr", "resize": {**exact, "antialias": False}, "scale": 1, "mean": CAFFE, "std": [1, 1, 1]}
        # blobFromImage resizes with INTER_LINEAR, which is not antialiased.
        add(f"blobFromImage caffe {side}", plain, cv2.dnn.blobFromImage(bgr, 1, (side, side), CAFFE), 1)
        tf = {**plain, "color": "rgb", "scale": 1 / 127.5, "mean": [1, 1, 1]}
        add(f"blobFromImage tf {side}", tf, cv2.dnn.blobFromImage(bgr, 1 / 127.5, (side, side), (127.5,) * 3, swapRB=True), 1)
        nhwc = {**tf, "layout": "NHWC"}
        add(f"blobFromImage tf NHWC {side}", nhwc, cv2.dnn.blobFromImage(bgr, 1 / 127.5, (side, side), (127.5,) * 3, swapRB=True).transpose(0, 2, 3, 1), 1)

        # keras.applications.imagenet_utils.preprocess_input, after load_img(interpolation="bilinear")
        resized = np.asarray(Image.fromarray(pixels).resize((side, side), Image.Resampling.BILINEAR), np.float32)
        antialiased = {**plain, "resize": exact}
        caffe = resized[:, :, ::-1] - np.array(CAFFE, np.float32)
        add(f"Keras caffe {side}", antialiased, caffe.transpose(2, 0, 1)[None], keras)
        scaled = resized / np.float32(127.5) - 1
        add(f"Keras tf {side}", {**tf, "resize": exact, "layout": "NHWC"}, scaled[None], keras)
        unit = resized / np.float32(255)
        spec = {"color": "rgb", "resize": exact, "scale": 1 / 255, "mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225]}
        torch = (unit - np.array(spec["mean"], np.float32)) / np.array(spec["std"], np.float32)
        add(f"Keras torch {side}", spec, torch.transpose(2, 0, 1)[None], keras)

tools = {"opencv": cv2.__version__, "pillow": PIL.__version__, "numpy": np.__version__}
pathlib.Path(__file__).with_suffix(".json").write_text(json.dumps({"tools": tools, "stride": STRIDE, "cases": cases}, indent=1) + "\n")
