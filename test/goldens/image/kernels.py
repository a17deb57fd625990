"""Records kernels.json: what Pillow, torchvision and OpenCV make of one noise image. Needs two environments, and the file of
the first run: `pip install pillow opencv-python-headless numpy` for `kernels.py opencv` (OpenCV 5, and Pillow), then
`pip install torch torchvision` for `kernels.py torchvision`. To record how far versions of OpenCV lie apart, run
`kernels.py opencv4` with OpenCV 4."""
import base64
import json
import pathlib
import sys

import numpy as np
from scene import noise

FILE = pathlib.Path(__file__).with_suffix(".json")
SOURCE = noise(23, 19, 3)
# A turn by 15° about the middle with a little zoom, and the same in perspective.
AFFINE = [0.94, 0.25, -2.1, -0.25, 0.94, 4.2, 0, 0, 1]
PERSPECTIVE = [0.94, 0.25, -2.1, -0.25, 0.94, 4.2, 0.002, -0.003, 1]
RESIZES = [(13, 9), (32, 27), (23, 40), (7, 30)]
KERNELS = {
    "sharpen": (3, 3, [0, -1, 0, -1, 5, -1, 0, -1, 0]),
    "oblong": (5, 3, [0.1, -0.2, 0.3, 0.25, 0.05, 0.07, 0.11, -0.13, 0.17, 0.19, 0.01, 0.02, 0.03, 0.04, 0.05]),
}


def text(pixels):
    return base64.b64encode(np.ascontiguousarray(pixels).tobytes()).decode()


def pillow():
    import PIL
    from PIL import Image

    filters = {"nearest": Image.Resampling.NEAREST, "bilinear": Image.Resampling.BILINEAR, "bicubic": Image.Resampling.BICUBIC, "lanczos": Image.Resampling.LANCZOS}
    image = Image.fromarray(SOURCE)
    cases = [{"filter": name, "size": size, "pixels": text(np.asarray(image.resize(size, code)))} for size in RESIZES for name, code in filters.items()]
    return PIL.__version__, cases


def opencv():
    import cv2

    cv2.setNumThreads(1)
    filters = {"nearest": cv2.INTER_NEAREST, "bilinear": cv2.INTER_LINEAR, "bicubic": cv2.INTER_CUBIC, "lanczos": cv2.INTER_LANCZOS4, "area": cv2.INTER_AREA}
    borders = {"constant": cv2.BORDER_CONSTANT, "replicate": cv2.BORDER_REPLICATE, "reflect": cv2.BORDER_REFLECT, "reflect101": cv2.BORDER_REFLECT_101}
    cases = []

    def add(kind, pixels, **options):
        cases.append({"kind": kind, **options, "pixels": text(pixels)})

    for size in RESIZES:
        for name, code in filters.items():
            # INTER_AREA is an average only where both sides shrink.
            if name != "area" or (size[0] <= 23 and size[1] <= 19):
                add("resize", cv2.resize(SOURCE, size, interpolation=code), filter=name, size=size)
    for border, code in borders.items():
        for name in ("nearest", "bilinear", "bicubic"):
            flags = filters[name] | cv2.WARP_INVERSE_MAP
            for matrix in (AFFINE, PERSPECTIVE):
                call = cv2.warpAffine if matrix is AFFINE else cv2.warpPerspective
                rows = np.array(matrix, np.float64).reshape(3, 3)[: 2 if matrix is AFFINE else 3]
                add("warp", call(SOURCE, rows, (25, 21), flags=flags, borderMode=code, borderValue=(10, 200, 90)), filter=name, border=border, matrix=matrix, size=(25, 21))
        for size in (3, 5, 7, 9):
            add("gaussian", cv2.GaussianBlur(SOURCE, (size, size), 0, borderType=code), size=size, border=border)
            add("box", cv2.boxFilter(SOURCE, -1, (size, size), borderType=code), size=size, border=border)
        for sigma in (0.8, 1.7, 3.0):
            add("gaussian", cv2.GaussianBlur(SOURCE, (0, 0), sigma, borderType=code), sigma=sigma, border=border)
        for name, (width, height, weights) in KERNELS.items():
            kernel = np.array(weights, np.float32).reshape(height, width)
            add("convolve", cv2.filter2D(SOURCE, -1, kernel, borderType=code), width=width, height=height, weights=weights, border=border)
    ys, xs = np.mgrid[0:21, 0:25].astype(np.float32)
    grid = (xs + 3 * np.sin(ys / 4)).astype(np.float32), (ys + 2 * np.cos(xs / 5) - 1).astype(np.float32)
    for name in ("nearest", "bilinear", "bicubic"):
        add("remap", cv2.remap(SOURCE, *grid, filters[name], borderMode=cv2.BORDER_REPLICATE), filter=name, border="replicate")
    return cv2.__version__, cases, [text(axis) for axis in grid]


def torchvision():
    import torch
    from torchvision.transforms import InterpolationMode, v2
    import torchvision as package

    image = torch.from_numpy(SOURCE).permute(2, 0, 1)
    cases = []
    for size in RESIZES:
        for name, mode in (("bilinear", InterpolationMode.BILINEAR), ("bicubic", InterpolationMode.BICUBIC)):
            out = v2.functional.resize(image, [size[1], size[0]], mode, antialias=True)
            cases.append({"filter": name, "size": size, "pixels": text(out.permute(1, 2, 0).numpy())})
    mean, std = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]
    values = v2.functional.normalize(v2.functional.to_dtype(image, torch.float32, scale=True), mean, std)
    return f"{package.__version__} with torch {torch.__version__}", cases, text(values.numpy())


out = json.loads(FILE.read_text()) if FILE.exists() else {"tools": {}}
if sys.argv[1] == "opencv":
    out["tools"]["pillow"], out["pillow"] = pillow()
    out["tools"]["opencv"], out["opencv"], out["grid"] = opencv()
elif sys.argv[1] == "opencv4":
    out["tools"]["opencv4"], cases, _ = opencv()
    out["opencv4"] = [case for case in cases if case["kind"] in ("warp", "remap") and case["border"] == "replicate"]
else:
    out["tools"]["torchvision"], out["torchvision"], out["normalized"] = torchvision()
FILE.write_text(json.dumps(out, indent=0) + "\n")
