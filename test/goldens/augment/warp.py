"""Records warp.json: rotation and zoom by exact bilinear sampling in NumPy float64, and by OpenCV's warpAffine. pip install opencv-python-headless numpy"""
import base64
import json
import math
import pathlib

import cv2
import numpy as np
from color import noise

WIDTH, HEIGHT = 31, 22


def smooth():
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    return np.stack([x * 8, y * 11, (x + y) * 4], -1).astype(np.uint8)


def exact(source, forward, fill):
    """Bilinear sampling at the inverse-mapped pixel centres; neighbours outside count as fill."""
    inverse = np.linalg.inv(np.vstack([forward, [0, 0, 1]]))
    padded = np.full((HEIGHT + 4, WIDTH + 4, source.shape[2]), fill, np.float64)
    padded[2:-2, 2:-2] = source
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    sx, sy = (inverse @ np.stack([x.ravel(), y.ravel(), np.ones(x.size)]))[:2]
    sx, sy = np.clip(sx, -2, WIDTH + 0.999) + 2, np.clip(sy, -2, HEIGHT + 0.999) + 2
    left, top = np.floor(sx).astype(int), np.floor(sy).astype(int)
    fx, fy = (sx - left)[:, None], (sy - top)[:, None]
    above = padded[top, left] * (1 - fx) + padded[top, left + 1] * fx
    below = padded[top + 1, left] * (1 - fx) + padded[top + 1, left + 1] * fx
    return np.floor(above * (1 - fy) + below * fy + 0.5).astype(np.uint8).reshape(source.shape)


center = ((WIDTH - 1) / 2, (HEIGHT - 1) / 2)
cases = []
for scene, source in {"noise": noise(WIDTH, HEIGHT, 3, 5), "smooth": smooth()}.items():
    for degrees, scale, fill in [(15, 1, 0), (-37.5, 1, 200), (90, 1, 0), (180, 1, 0), (123, 1, 0), (0, 1.3, 0), (0, 0.7, 50), (0, 1, 0)]:
        forward = cv2.getRotationMatrix2D(center, degrees, scale)
        case = {"scene": scene, "degrees": degrees, "scale": scale, "fill": fill,
                "exact": base64.b64encode(exact(source, forward, fill).tobytes()).decode()}
        if scene == "smooth" and fill == 0:
            warped = cv2.warpAffine(source, forward, (WIDTH, HEIGHT), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)
            case["opencv"] = base64.b64encode(warped.tobytes()).decode()
        cases.append(case)
out = {"tools": {"numpy": np.__version__, "opencv": cv2.__version__}, "width": WIDTH, "height": HEIGHT, "seed": 5, "cases": cases}
pathlib.Path(__file__).with_suffix(".json").write_text(json.dumps(out, indent=1) + "\n")
