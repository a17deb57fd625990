"""Records preprocess.json: tensors of a Pillow + NumPy pipeline written after torchvision's. pip install pillow numpy"""
import base64
import json
import pathlib

import numpy as np
import PIL
from PIL import Image
from scene import noise

FILTERS = {"bilinear": Image.Resampling.BILINEAR, "nearest": Image.Resampling.NEAREST}
IMAGENET = {"scale": 1 / 255, "mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225]}
PLAIN = {"scale": 1 / 255, "mean": [0.0], "std": [1.0]}

SPECS = {
    "torchvision 16": {"color": "rgb", "resize": {"mode": "shorter-side", "size": 18, "filter": "bilinear"}, "crop": {"width": 16, "height": 16}, **IMAGENET},
    "tensorflow 16": {"color": "rgb", "resize": {"mode": "exact", "width": 16, "height": 16, "filter": "bilinear"}, "scale": 1 / 127.5, "mean": [1, 1, 1], "std": [1, 1, 1]},
    "caffe 16": {"color": "bgr", "resize": {"mode": "exact", "width": 16, "height": 16, "filter": "bilinear"}, "scale": 1, "mean": [103.939, 116.779, 123.68], "std": [1, 1, 1]},
    "gray as it is": {"color": "gray", **PLAIN},
    "gray 12 x 20": {"color": "gray", "resize": {"mode": "exact", "width": 12, "height": 20}, **PLAIN},
    "letterbox": {"color": "rgb", "resize": {"mode": "letterbox", "width": 24, "height": 21, "padValue": 114}, **IMAGENET},
    "shorter side, nearest": {"color": "gray", "resize": {"mode": "shorter-side", "size": 11, "filter": "nearest"}, **PLAIN},
    "crop alone, odd": {"color": "rgb", "crop": {"width": 10, "height": 12}, **IMAGENET},
    "crop beyond the image": {"color": "rgb", "crop": {"width": 40, "height": 22}, **IMAGENET},
}


def run(pixels, spec):
    image = Image.fromarray(pixels).convert("L" if spec["color"] == "gray" else "RGB")
    resize = spec.get("resize")
    if resize:
        code = FILTERS[resize.get("filter", "bilinear")]
        width, height = image.size
        if resize["mode"] == "exact":
            image = image.resize((resize["width"], resize["height"]), code)
        elif resize["mode"] == "shorter-side":
            # torchvision.transforms.functional._compute_resized_output_size
            size = resize["size"]
            longer = int(size * max(width, height) / min(width, height))
            image = image.resize((size, longer) if width <= height else (longer, size), code)
        else:
            factor = min(resize["width"] / width, resize["height"] / height)
            inside = image.resize((round(width * factor), round(height * factor)), code)
            pad = resize.get("padValue", 0)
            image = Image.new(image.mode, (resize["width"], resize["height"]), pad if image.mode == "L" else (pad,) * 3)
            image.paste(inside, ((resize["width"] - inside.size[0]) // 2, (resize["height"] - inside.size[1]) // 2))
    values = np.asarray(image)
    if values.ndim == 2:
        values = values[:, :, None]
    if "crop" in spec:
        # torchvision.transforms.functional.center_crop
        to_width, to_height = spec["crop"]["width"], spec["crop"]["height"]
        height, width = values.shape[:2]
        left, top = max(0, (to_width - width) // 2), max(0, (to_height - height) // 2)
        right, bottom = max(0, (to_width - width + 1) // 2), max(0, (to_height - height + 1) // 2)
        values = np.pad(values, ((top, bottom), (left, right), (0, 0)))
        height, width = values.shape[:2]
        top, left = int(round((height - to_height) / 2.0)), int(round((width - to_width) / 2.0))
        values = values[top : top + to_height, left : left + to_width]
    if spec["color"] == "bgr":
        values = values[:, :, ::-1]
    scaled = (values.astype(np.float64) * spec["scale"] - np.array(spec["mean"])) / np.array(spec["std"])
    return scaled.transpose(2, 0, 1).astype(np.float32)


source = noise(33, 25, 3)
cases = []
for name, spec in SPECS.items():
    tensor = run(source, spec)
    cases.append({"name": name, "spec": spec, "dims": [1, *tensor.shape], "data": base64.b64encode(tensor.tobytes()).decode()})
out = {"tools": {"pillow": PIL.__version__, "numpy": np.__version__}, "input": {"width": 33, "height": 25, "channels": 3, "seed": 1}, "cases": cases}
pathlib.Path(__file__).with_suffix(".json").write_text(json.dumps(out, indent=1) + "\n")
