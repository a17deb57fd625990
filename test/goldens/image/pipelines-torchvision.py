"""Records pipelines-torchvision.json: torchvision v2 and its classification preset. pip install torch torchvision pillow"""
import base64
import json
import pathlib

import numpy as np
import PIL
import torch
import torchvision
from PIL import Image
from scene import noise
from torchvision.transforms import InterpolationMode, v2
from torchvision.transforms._presets import ImageClassification

MEAN, STD = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]
IMAGENET = {"color": "rgb", "scale": 1 / 255, "mean": MEAN, "std": STD}
SIZES = [(97, 61), (45, 80), (40, 40)]

# name, filter, torchvision's resize argument, our resize, crop
PIPELINES = [
    ("shorter side, crop", "bilinear", 36, {"mode": "shorter-side", "size": 36}, (32, 32)),
    ("shorter side, bicubic", "bicubic", 36, {"mode": "shorter-side", "size": 36}, (32, 32)),
    ("shorter side, lanczos", "lanczos", 36, {"mode": "shorter-side", "size": 36}, (32, 32)),
    ("shorter side, nearest", "nearest", 36, {"mode": "shorter-side", "size": 36}, (32, 32)),
    ("odd crop", "bilinear", 38, {"mode": "shorter-side", "size": 38}, (31, 29)),
    ("exact, no crop", "bilinear", (24, 33), {"mode": "exact", "width": 33, "height": 24}, None),
    ("enlarged", "bicubic", 90, {"mode": "shorter-side", "size": 90}, (40, 40)),
    ("crop beyond the image", "bilinear", 30, {"mode": "shorter-side", "size": 30}, (64, 36)),
]


def pipeline(resize, filter, crop):
    steps = [v2.Resize(resize, interpolation=getattr(InterpolationMode, filter.upper()), antialias=True)]
    if crop:
        steps.append(v2.CenterCrop((crop[1], crop[0])))
    steps += [v2.ToImage(), v2.ToDtype(torch.float32, scale=True), v2.Normalize(MEAN, STD)]
    return v2.Compose(steps)


# Every so many values, to keep the file small.
STRIDE = 5
cases = []
for width, height in SIZES:
    pixels = noise(width, height, 3)
    image = Image.fromarray(pixels)

    def add(name, spec, tensor, tolerance):
        cases.append({"name": f"{name}, {width} x {height}", "from": [width, height], "spec": spec, "dims": [1, *tensor.shape],
                      "tolerance": tolerance, "data": base64.b64encode(tensor.numpy().astype(np.float32).reshape(-1)[::STRIDE].tobytes()).decode()})

    for name, filter, resize, ours, crop in PIPELINES:
        spec = {**IMAGENET, "resize": {**ours, "filter": filter}}
        if crop:
            spec["crop"] = {"width": crop[0], "height": crop[1]}
        # Pillow 13 may resample columns first, which rounds otherwise; with rows first it is bit-exact.
        add(f"PIL, {name}", spec, pipeline(resize, filter, crop)(image), 1 if ours["mode"] == "exact" else 0)
        if filter != "lanczos" and name in ("shorter side, crop", "shorter side, bicubic", "exact, no crop"):
            tensor = torch.from_numpy(pixels.transpose(2, 0, 1).copy())
            add(f"uint8 tensor, {name}", spec, pipeline(resize, filter, crop)(tensor), 1)
    preset = ImageClassification(crop_size=28, resize_size=32)
    spec = {**IMAGENET, "resize": {"mode": "shorter-side", "size": 32, "filter": "bilinear"}, "crop": {"width": 28, "height": 28}}
    add("ImageClassification preset", spec, preset(image), 0)

tools = {"torchvision": torchvision.__version__, "torch": torch.__version__, "pillow": PIL.__version__}
pathlib.Path(__file__).with_suffix(".json").write_text(json.dumps({"tools": tools, "stride": STRIDE, "cases": cases}, indent=1) + "\n")
