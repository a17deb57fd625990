"""Records color.json: Pillow's ImageEnhance on noise. pip install pillow numpy"""
import base64
import json
import pathlib

import numpy as np
import PIL
from PIL import Image, ImageEnhance

TOOLS = {"brightness": ImageEnhance.Brightness, "contrast": ImageEnhance.Contrast, "saturation": ImageEnhance.Color}


def noise(width, height, channels, seed):
    """The same generator as in the test: Numerical Recipes' 32-bit one, high byte."""
    state, values = seed, []
    for _ in range(width * height * channels):
        state = (state * 1664525 + 1013904223) % 2**32
        values.append(state >> 24)
    return np.array(values, np.uint8).reshape(height, width, channels)


cases = []
for channels in (1, 3):
    source = noise(32, 24, channels, 5)
    image = Image.fromarray(source[:, :, 0] if channels == 1 else source)
    for name, tool in TOOLS.items():
        for factor in (0, 0.3, 0.77, 1, 1.4, 3.3):
            pixels = np.asarray(tool(image).enhance(factor))
            cases.append({"transform": name, "factor": factor, "channels": channels, "pixels": base64.b64encode(pixels.tobytes()).decode()})
out = {"tools": {"pillow": PIL.__version__}, "width": 32, "height": 24, "seed": 5, "cases": cases}
pathlib.Path(__file__).with_suffix(".json").write_text(json.dumps(out, indent=1) + "\n")
