"""Golden values of box conversion, IoU and non-maximum suppression from torchvision.

    pip install torch==2.15.0 torchvision==0.29.2 && python boxes.py > boxes.json
"""

import json
from importlib.metadata import version

import torch
from torchvision.ops import box_convert, box_iou, nms

generator = torch.Generator().manual_seed(7)
corners = torch.rand(24, 2, generator=generator) * 80
sizes = torch.rand(24, 2, generator=generator) * 40
boxes = torch.cat([corners, corners + sizes], dim=1)
scores = torch.rand(24, generator=generator)


def numbers(tensor):
    return [float(value) for value in tensor.flatten()]


print(
    json.dumps(
        {
            "tools": {name: version(name) for name in ("torch", "torchvision")},
            "boxes": numbers(boxes),
            "scores": numbers(scores),
            "xywh": numbers(box_convert(boxes, "xyxy", "xywh")),
            "cxcywh": numbers(box_convert(boxes, "xyxy", "cxcywh")),
            "iou": numbers(box_iou(boxes, boxes)),
            "nms": {str(threshold): nms(boxes, scores, threshold).tolist() for threshold in (0.1, 0.3, 0.5)},
        }
    )
)
