"""Records resize.json: Pillow's BILINEAR and NEAREST, OpenCV's INTER_AREA (shrinking only). pip install pillow opencv-python-headless numpy"""
import base64
import json
import pathlib

import cv2
import numpy as np
import PIL
from PIL import Image
from scene import noise

SIZES = [((37, 23), (16, 9)), ((28, 28), (50, 61)), ((64, 48), (20, 90)), ((200, 5), (7, 5)), ((40, 40), (20, 10)), ((3, 2), (9, 7)), ((51, 33), (50, 32))]
FILTERS = {"bilinear": Image.Resampling.BILINEAR, "nearest": Image.Resampling.NEAREST}

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

out = {"tools": {"pillow": PIL.__version__, "opencv": cv2.__version__}, "cases": cases}
pathlib.Path(__file__).with_suffix(".json").write_text(json.dumps(out, indent=1) + "\n")
