"""Records decode.json: small files of every kind and the pixels that Pillow reads from them. pip install pillow numpy"""
import base64
import io
import json
import pathlib
import struct

import numpy as np
import PIL
from PIL import Image, ImageCms, ImageOps, features
from png_writer import png
from scene import gradient, noise

WIDTH, HEIGHT = 21, 13


def save(image, kind, **options):
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


rng = noise(WIDTH, HEIGHT, 4)
deep = rng.astype(np.uint16) * 256 + noise(WIDTH, HEIGHT, 4, seed=9)
palette = (b"PLTE", bytes(range(48, 96)))
files = {
    "png-gray-1": png(rng[:, :, :1] >> 7, 1, 0),
    "png-gray-2": png(rng[:, :, :1] >> 6, 2, 0),
    "png-gray-4": png(rng[:, :, :1] >> 4, 4, 0),
    "png-gray-8": png(rng[:, :, :1], 8, 0),
    "png-gray-16": png(deep[:, :, :1], 16, 0),
    "png-rgb-8": png(rng[:, :, :3], 8, 2),
    "png-rgb-16": png(deep[:, :, :3], 16, 2),
    "png-palette-1": png(rng[:, :, :1] >> 7, 1, 3, extra=[palette]),
    "png-palette-4": png(rng[:, :, :1] >> 4, 4, 3, extra=[palette]),
    "png-palette-alpha": png(rng[:, :, :1] >> 4, 4, 3, extra=[palette, (b"tRNS", bytes([0, 128, 255]))]),
    "png-gray-key": png(rng[:, :, :1], 8, 0, extra=[(b"tRNS", struct.pack(">H", int(rng[0, 0, 0])))]),
    "png-rgb-key": png(rng[:, :, :3], 8, 2, extra=[(b"tRNS", struct.pack(">HHH", *(int(v) for v in rng[0, 0, :3])))]),
    "png-gray-alpha-8": png(rng[:, :, :2], 8, 4),
    "png-rgba-8": png(rng, 8, 6),
    "png-rgba-16": png(deep, 16, 6),
    "png-gray-1-interlaced": png(rng[:, :, :1] >> 7, 1, 0, interlaced=True),
    "png-palette-4-interlaced": png(rng[:, :, :1] >> 4, 4, 3, interlaced=True, extra=[palette]),
    "png-rgb-8-interlaced": png(rng[:, :, :3], 8, 2, interlaced=True),
    "png-rgba-16-interlaced": png(deep, 16, 6, interlaced=True),
}
photo = Image.fromarray(gradient(WIDTH, HEIGHT))
files |= {
    "jpeg-420": save(photo, "JPEG", quality=92),
    "jpeg-444": save(photo, "JPEG", quality=92, subsampling=0),
    "jpeg-progressive": save(photo, "JPEG", quality=92, progressive=True),
    "jpeg-gray": save(photo.convert("L"), "JPEG", quality=92),
    "gif": save(photo.quantize(64), "GIF"),
    "webp-lossless": save(photo, "WEBP", lossless=True),
    "webp-lossy": save(photo, "WEBP", quality=90),
    "webp-alpha": save(Image.fromarray(rng), "WEBP", lossless=True, exact=True),
    "tiff-rgb": save(photo, "TIFF"),
    "tiff-gray-16": save(Image.fromarray(deep[:, :, 0]), "TIFF"),
}
srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
files["png-profile"] = save(photo, "PNG", icc_profile=srgb)
files["jpeg-profile"] = save(photo, "JPEG", quality=92, icc_profile=srgb)
if features.check("avif"):
    files["avif"] = save(photo, "AVIF", quality=95, subsampling="4:4:4")
for orientation in range(1, 9):
    exif = Image.Exif()
    exif[0x0112] = orientation
    files[f"jpeg-orientation-{orientation}"] = save(photo, "JPEG", quality=95, subsampling=0, exif=exif)
    files[f"png-orientation-{orientation}"] = save(photo, "PNG", exif=exif)
    files[f"tiff-orientation-{orientation}"] = save(photo, "TIFF", tiffinfo={0x0112: orientation})
    files[f"webp-orientation-{orientation}"] = save(photo, "WEBP", lossless=True, exif=exif)
    if features.check("avif"):  # last: Pillow takes the orientation out of exif here and writes it as a transform
        files[f"avif-turned-{orientation}"] = save(photo, "AVIF", quality=95, subsampling="4:4:4", exif=exif)

cases = []
for name, data in files.items():
    image = ImageOps.exif_transpose(Image.open(io.BytesIO(data)))
    gray = image.mode in ("1", "L", "LA", "I;16", "I;16B", "I")
    alpha = "A" in image.mode or "transparency" in image.info
    if name.endswith("gray-16"):
        pixels = np.stack([rng[:, :, 0]] * 3 + [np.full_like(rng[:, :, 0], 255)], -1)  # high bytes: Pillow keeps 16 bits
    else:
        pixels = np.asarray(image.convert("RGBA"))
    shown = pixels if alpha else pixels[:, :, :1] if gray else pixels[:, :, :3]
    cases.append({"name": name, "width": shown.shape[1], "height": shown.shape[0], "channels": shown.shape[2],
                  "file": base64.b64encode(data).decode(), "pixels": base64.b64encode(shown.tobytes()).decode()})

out = {"tools": {"pillow": PIL.__version__, "libjpeg_turbo": features.version("libjpeg_turbo")}, "cases": cases}
pathlib.Path(__file__).with_suffix(".json").write_text(json.dumps(out, indent=1) + "\n")
