"""
Records formats.json: colour spaces, depths, profiles, animations and containers as they come in practice, with the
pixels that Pillow (16 bits: the known samples) makes of them. pip install pillow pillow-heif tifffile imagecodecs numpy
"""
import base64
import io
import json
import pathlib
import struct

import numpy as np
import PIL
import pillow_heif
import tifffile
from PIL import Image, ImageCms
from png_writer import png
from scene import gradient, noise

WIDTH, HEIGHT = 24, 18
rgb = gradient(WIDTH, HEIGHT)
photo = Image.fromarray(rgb)
rgba = np.dstack([rgb, noise(WIDTH, HEIGHT, 1)])
deep = noise(WIDTH, HEIGHT, 4).astype(np.uint16) * 256 + noise(WIDTH, HEIGHT, 4, seed=9)


def save(image, kind, **options):
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def tiff(samples, **options):
    out = io.BytesIO()
    tifffile.imwrite(out, samples, **options)
    return out.getvalue()


def s15(*values):
    return b"".join(struct.pack(">i", round(value * 65536)) for value in values)


def profile(name, primaries, gamma):
    """A version 2 matrix profile (ICC.1:2001-04) with D50-adapted primaries and a gamma curve."""
    text = name.encode()
    curve = b"curv" + struct.pack(">IIH", 0, 1, round(gamma * 256)) + b"\0\0"
    tags = {
        b"desc": b"desc" + struct.pack(">II", 0, len(text) + 1) + text + bytes(1 + 4 + 4 + 2 + 1 + 67),
        b"cprt": b"text" + bytes(4) + b"CC0\0",
        b"wtpt": b"XYZ " + bytes(4) + s15(0.9642, 1.0, 0.8249),
        b"rXYZ": b"XYZ " + bytes(4) + s15(*primaries[0]),
        b"gXYZ": b"XYZ " + bytes(4) + s15(*primaries[1]),
        b"bXYZ": b"XYZ " + bytes(4) + s15(*primaries[2]),
        b"rTRC": curve, b"gTRC": curve, b"bTRC": curve,
    }
    at = 128 + 4 + 12 * len(tags)
    table, body = b"", b""
    for tag, data in tags.items():
        data += bytes(-len(data) % 4)
        table += tag + struct.pack(">II", at + len(body), len(data))
        body += data
    head = struct.pack(">I4s4s4s4s4s", at + len(body), b"none", b"\x02\x10\0\0", b"mntr", b"RGB ", b"XYZ ")
    head += struct.pack(">6H", 2026, 1, 1, 0, 0, 0) + b"acsp" + bytes(28) + s15(0.9642, 1.0, 0.8249)
    return head.ljust(128, b"\0") + struct.pack(">I", len(tags)) + table + body


P3 = profile("Display P3", [(0.5151, 0.2412, -0.0011), (0.2919, 0.6922, 0.0419), (0.1572, 0.0666, 0.7841)], 2.2)
ADOBE = profile("Adobe RGB (1998)", [(0.6097, 0.3111, 0.0195), (0.2053, 0.6257, 0.0609), (0.1492, 0.0632, 0.7446)], 563 / 256)


def to_srgb(image, icc):
    source = ImageCms.ImageCmsProfile(io.BytesIO(icc))
    return ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode="RGB")


def frames(count):
    return [Image.fromarray(np.roll(rgb, 3 * i, 1)) for i in range(1, count + 1)]


def without_adobe(jpeg):
    at = jpeg.index(b"\xff\xee")
    return jpeg[:at] + jpeg[at + 2 + struct.unpack(">H", jpeg[at + 2 : at + 4])[0] :]


def partial_gif():
    """A first frame smaller than the screen, with a transparent colour in it."""
    indices = (np.arange(8 * 6).reshape(6, 8) % 4).astype(np.uint8)
    frame = Image.fromarray(indices, "P")
    frame.putpalette([255, 0, 0, 0, 255, 0, 0, 0, 255, 9, 9, 9])
    data = save(frame, "GIF", transparency=3)
    at = data.index(b"\x2c")
    data = data[:6] + struct.pack("<HH", 12, 10) + data[10:at + 1] + struct.pack("<HH", 3, 2) + data[at + 5 :]
    screen = np.zeros((10, 12, 4), np.uint8)
    colors = np.array([[255, 0, 0, 255], [0, 255, 0, 255], [0, 0, 255, 255], [0, 0, 0, 0]], np.uint8)
    screen[2:8, 3:11] = colors[indices]
    return data, screen


cases = []


def add(name, data, pixels, **facts):
    pixels = np.asarray(pixels)
    if pixels.ndim == 2:
        pixels = pixels[:, :, None]
    depth = 16 if pixels.dtype == np.uint16 else 8
    cases.append({
        "name": name, "width": pixels.shape[1], "height": pixels.shape[0], "channels": pixels.shape[2], "depth": depth,
        "probe": {"bitDepth": depth, "alpha": False, "frames": 1, **facts},
        "file": base64.b64encode(data).decode(), "pixels": base64.b64encode(pixels.tobytes()).decode()})


# CMYK: Adobe's files are inverted; Pillow, libvips and browsers take every CMYK JPEG for one of them.
cmyk = photo.convert("CMYK")
adobe = save(cmyk, "JPEG", quality=95)
add("jpeg-cmyk-adobe", adobe, Image.open(io.BytesIO(adobe)).convert("RGB"))
add("jpeg-cmyk-plain", without_adobe(adobe), Image.open(io.BytesIO(without_adobe(adobe))).convert("RGB"))
add("tiff-cmyk", save(cmyk, "TIFF"), cmyk.convert("RGB"))

# 16 bits.
add("png-gray-16", png(deep[:, :, :1], 16, 0), deep[:, :, :1])
add("png-rgb-16", png(deep[:, :, :3], 16, 2), deep[:, :, :3])
add("png-rgba-16", png(deep, 16, 6), deep, alpha=True)
add("png-rgb-16-interlaced", png(deep[:, :, :3], 16, 2, interlaced=True), deep[:, :, :3])
add("tiff-gray-16", tiff(deep[:, :, 0], photometric="minisblack"), deep[:, :, :1])
add("tiff-rgb-16", tiff(deep[:, :, :3], photometric="rgb"), deep[:, :, :3])
add("tiff-rgb-16-deflate", tiff(deep[:, :, :3], photometric="rgb", compression="deflate"), deep[:, :, :3])
add("tiff-rgba-16", tiff(deep, photometric="rgb", extrasamples=["unassalpha"]), deep, alpha=True)

# Other TIFFs.
add("tiff-lzw", save(photo, "TIFF", compression="tiff_lzw"), rgb)
add("tiff-deflate-tiled", tiff(rgb, photometric="rgb", tile=(16, 16), compression="deflate"), rgb)
add("tiff-planar", tiff(np.ascontiguousarray(rgb.transpose(2, 0, 1)), photometric="rgb", planarconfig="separate"), rgb)
add("tiff-bilevel", save(photo.convert("1"), "TIFF"), photo.convert("1").convert("L"), bitDepth=1)
palette = photo.quantize(32)
add("tiff-palette", save(palette, "TIFF"), palette.convert("RGB"))
add("tiff-rgba", tiff(rgba, photometric="rgb", extrasamples=["unassalpha"]), rgba, alpha=True)
add("tiff-pages", save(photo, "TIFF", save_all=True, append_images=frames(3)), rgb, frames=4)

# Profiles.
for name, icc in (("p3", P3), ("adobe-rgb", ADOBE)):
    jpeg = save(photo, "JPEG", quality=95, subsampling=0, icc_profile=icc)
    add(f"jpeg-icc-{name}", jpeg, to_srgb(Image.open(io.BytesIO(jpeg)).convert("RGB"), icc))
    add(f"png-icc-{name}", save(photo, "PNG", icc_profile=icc), to_srgb(photo, icc))
    add(f"webp-icc-{name}", save(photo, "WEBP", lossless=True, icc_profile=icc), to_srgb(photo, icc))
    add(f"tiff-icc-{name}", save(photo, "TIFF", icc_profile=icc), to_srgb(photo, icc))
add("png-icc-alpha", save(Image.fromarray(rgba), "PNG", icc_profile=P3), np.dstack([np.asarray(to_srgb(photo, P3)), rgba[:, :, 3]]), alpha=True)

# Animations: the first frame.
add("gif-animated", save(palette, "GIF", save_all=True, append_images=frames(3)), palette.convert("RGB"), frames=4)
data, screen = partial_gif()
add("gif-partial-frame", data, screen, alpha=True)
add("gif-interlaced", save(palette, "GIF", interlace=1), palette.convert("RGB"))
add("png-animated", save(photo, "PNG", save_all=True, append_images=frames(2)), rgb, frames=3)
add("webp-animated", save(photo, "WEBP", save_all=True, append_images=frames(4), lossless=True), rgb, frames=5)
avif_frames = save(photo, "AVIF", save_all=True, append_images=frames(2), quality=100, subsampling="4:4:4")
add("avif-animated", avif_frames, Image.open(io.BytesIO(avif_frames)).convert("RGB"), frames=3)

# Alpha.
add("webp-alpha", save(Image.fromarray(rgba), "WEBP", lossless=True, exact=True), rgba, alpha=True)
webp = save(Image.fromarray(rgba), "WEBP", quality=95)
add("webp-lossy-alpha", webp, Image.open(io.BytesIO(webp)).convert("RGBA"), alpha=True)
avif = save(Image.fromarray(rgba), "AVIF", quality=100, subsampling="4:4:4")
add("avif-alpha", avif, Image.open(io.BytesIO(avif)).convert("RGBA"), alpha=True)

# What only some runtimes decode.
add("bmp-rgb", save(photo, "BMP"), rgb)
add("bmp-palette", save(palette, "BMP"), palette.convert("RGB"))
pillow_heif.register_heif_opener()
large = Image.fromarray(gradient(64, 48))
heic = save(large, "HEIF", quality=90)
add("heic", heic, Image.open(io.BytesIO(heic)).convert("RGB"))
versions = {"pillow": PIL.__version__, "pillow_heif": pillow_heif.__version__, "tifffile": tifffile.__version__}
pathlib.Path(__file__).with_suffix(".json").write_text(json.dumps({"tools": versions, "cases": cases}, indent=1) + "\n")
