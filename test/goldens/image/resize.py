"""
Records resize.json: Pillow's NEAREST, BILINEAR, BICUBIC and LANCZOS, OpenCV's INTER_AREA (shrinking only); and, for images
that lose more than twice as many rows as columns, what Pillow made of them up to 12.1 (`columnsFirst`: across, then down) and
makes since 13 (`rowsFirst`: down, then across). pip install pillow opencv-python-headless numpy
"""
import base64
import json
import pathlib

import cv2
import numpy as np
import PIL
from PIL import Image
from scene import noise

SIZES = [((37, 23), (16, 9)), ((28, 28), (50, 61)), ((64, 48), (20, 90)), ((200, 5), (7, 5)), ((40, 40), (20, 10)), ((3, 2), (9, 7)), ((51, 33), (50, 32))]
TALL = [((20, 60), (16, 9)), ((12, 40), (30, 25)), ((33, 47), (30, 31))]
FILTERS = {name: getattr(Image.Resampling, name.upper()) for name in ("bilinear", "nearest", "bicubic", "lanczos")}

cases = []
for (width, height), (to_width, to_height) in SIZES:
    for channels in (1, 3):
        source = noise(width, height, channels)
        image = Image.fromarray(source[:, :, 0] if channels == 1 else source)
        results = {name: np.asarray(image.resize((to_width, to_height), code)) for name, code in FILTERS.items()}
        if to_width <= width and to_height <= height:
            results["area"] = cv2.resize(source, (to_width, to_height), interpolation=cv2.INTER_AREA)
        for name, pixels in results.items():
            cases.append({"from": [width, height], "to": [to_width, to_height], "channels": channels, "filter": name,
                          "pixels": base64.b64encode(pixels.tobytes()).decode()})


def text(image):
    return base64.b64encode(np.asarray(image).tobytes()).decode()


tall = []
for (width, height), (to_width, to_height) in TALL:
    image = Image.fromarray(noise(width, height, 3))
    for name, code in FILTERS.items():
        if name == "nearest":
            continue
        rows_first = image.resize((to_width, to_height), code)
        assert rows_first == image.resize((width, to_height), code).resize((to_width, to_height), code)
        columns_first = image.resize((to_width, height), code).resize((to_width, to_height), code)
        assert rows_first != columns_first
        tall.append({"from": [width, height], "to": [to_width, to_height], "filter": name,
                     "columnsFirst": text(columns_first), "rowsFirst": text(rows_first)})

out = {"tools": {"pillow": PIL.__version__, "opencv": cv2.__version__}, "cases": cases, "tall": tall}
pathlib.Path(__file__).with_suffix(".json").write_text(json.dumps(out, indent=1) + "\n")
