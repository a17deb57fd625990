"""
Records kernels-pixels.json: what OpenCV makes of the images that the kernels without resampling are tried on.
pip install opencv-python-headless numpy
"""
import base64
import json
import pathlib

import cv2
import numpy as np
from scene import noise

cv2.setNumThreads(1)


def text(array):
    return base64.b64encode(np.ascontiguousarray(array).tobytes()).decode()


def color_cube(first_step):
    """16 x 16 x 16 colours as 64 x 64 pixels; the first channel is the fastest."""
    index = np.arange(4096)
    return np.stack([index % 16 * first_step, index // 16 % 16 * 17, index // 256 * 17], -1).astype(np.uint8).reshape(64, 64, 3)


def swap(image):
    """HLS <-> HSL."""
    return image[..., [0, 2, 1]]


moves = []
for channels in (1, 3, 4):
    image = noise(33, 25, channels)
    moves.append({
        "channels": channels,
        "flip horizontal": text(cv2.flip(image, 1)),
        "flip vertical": text(cv2.flip(image, 0)),
        "transpose": text(cv2.transpose(image)),
        "rotate90 1": text(cv2.rotate(image, cv2.ROTATE_90_CLOCKWISE)),
        "rotate90 2": text(cv2.rotate(image, cv2.ROTATE_180)),
        "rotate90 3": text(cv2.rotate(image, cv2.ROTATE_90_COUNTERCLOCKWISE)),
        "crop": text(image[4:20, 7:30]),
    })

borders = {
    "constant": cv2.BORDER_CONSTANT, "replicate": cv2.BORDER_REPLICATE, "reflect": cv2.BORDER_REFLECT,
    "reflect101": cv2.BORDER_REFLECT_101, "wrap": cv2.BORDER_WRAP,
}
small = noise(9, 7, 3)
pads = {mode: text(cv2.copyMakeBorder(small, 3, 5, 4, 2, code, value=(10, 20, 30))) for mode, code in borders.items()}
wide = {mode: text(cv2.copyMakeBorder(small, 16, 0, 0, 20, code, value=(10, 20, 30))) for mode, code in borders.items()}

photo = noise(33, 25, 3)
table = np.array([(i * 7 + 13) % 256 for i in range(256)], np.uint8)
tables = np.stack([np.array([(i * k + 5) % 256 for i in range(256)], np.uint8) for k in (3, 5, 11)], -1)
matrix = np.array([[0.393, 0.769, 0.189, 0], [0.349, 0.686, -0.168, 12.5], [-0.272, 0.534, 1.131, -20]], np.float32)

cube = color_cube(17)
polar = color_cube(11)
conversions = {
    "rgbToHsv": text(cv2.cvtColor(cube, cv2.COLOR_RGB2HSV)),
    "hsvToRgb": text(cv2.cvtColor(polar, cv2.COLOR_HSV2RGB)),
    "rgbToHsl": text(swap(cv2.cvtColor(cube, cv2.COLOR_RGB2HLS))),
    "hslToRgb": text(cv2.cvtColor(np.ascontiguousarray(swap(polar)), cv2.COLOR_HLS2RGB)),
    "rgbToLab": text(cv2.cvtColor(cube, cv2.COLOR_RGB2Lab)),
    "labToRgb": text(cv2.cvtColor(cv2.cvtColor(cube, cv2.COLOR_RGB2Lab), cv2.COLOR_Lab2RGB)),
    "rgbToGray": text(cv2.cvtColor(cube, cv2.COLOR_RGB2GRAY)),
}

sums, squares = cv2.integral2(photo, sdepth=cv2.CV_32S, sqdepth=cv2.CV_64F)
mean, std = cv2.meanStdDev(photo)
golden = {
    "tool": f"OpenCV {cv2.__version__}",
    "moves": moves,
    "pads": pads,
    "widePads": wide,
    "lut": text(cv2.LUT(photo, table)),
    "channelLut": text(cv2.LUT(photo, tables[None])),
    "scaleShift": text(cv2.convertScaleAbs(photo, alpha=1.3, beta=7.25)),
    "colorMatrix": text(cv2.transform(photo, matrix)),
    "conversions": conversions,
    "histogram": [cv2.calcHist([photo], [c], None, [256], [0, 256]).reshape(-1).astype(int).tolist() for c in range(3)],
    "mean": mean.reshape(-1).tolist(),
    "std": std.reshape(-1).tolist(),
    "integral": sums[::5, ::4].reshape(-1).tolist(),
    "integralOfSquares": squares[::5, ::4].reshape(-1).tolist(),
}
pathlib.Path(__file__).with_suffix(".json").write_text(json.dumps(golden))
