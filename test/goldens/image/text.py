"""Text as Pillow (FreeType, its hinting included) draws it with DejaVu Sans Bold: lengths and ink.

    pip install pillow==13.0.0 && python text.py ../../../node_modules/dejavu-fonts-ttf/ttf/DejaVuSans-Bold.ttf > text.json
"""

import base64
import json
import sys

import PIL
from PIL import Image, ImageDraw, ImageFont

cases = []
for text, size in [("person 93 %", 40), ("Ωß Жук", 48), ("&@8ŝg", 64)]:
    font = ImageFont.truetype(sys.argv[1], size, layout_engine=ImageFont.Layout.BASIC)
    width, height = int(font.getlength(text)) + 8, int(size * 1.5)
    image = Image.new("L", (width, height), 0)
    ImageDraw.Draw(image).text((4, size), text, fill=255, font=font, anchor="ls")
    cases.append({"text": text, "size": size, "length": font.getlength(text), "width": width, "height": height,
                  "ink": base64.b64encode(image.tobytes()).decode()})
print(json.dumps({"tool": "Pillow", "version": PIL.__version__, "cases": cases}))
