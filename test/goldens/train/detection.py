# Records what torchvision computes for detectors: default boxes, box coder, SSD's matcher, SSD's loss with its gradient, the
# losses of RetinaNet (divided by the anchors of the batch, as its paper does), SSD's detections from raw outputs, and what
# the extra layers and heads of SSDLite say behind a small backbone.
#
#   python3 -m venv venv && venv/bin/pip install torch==2.15.0 torchvision==0.29.2 numpy
#   venv/bin/python test/goldens/train/detection.py > test/goldens/train/detection.json
import json
import sys
from functools import partial

import torch
import torchvision
from torch.nn import functional as F
from torchvision.models.detection import _utils as det_utils
from torchvision.models.detection.anchor_utils import DefaultBoxGenerator
from torchvision.models.detection.image_list import ImageList
from torchvision.models.detection.ssd import SSD
from torchvision.models.detection.ssdlite import SSDLiteHead, _extra_block
from torchvision.ops import batched_nms, box_iou, sigmoid_focal_loss

torch.manual_seed(11)


def flat(tensor):
    return [float(f"{value:.8g}") for value in tensor.detach().flatten().tolist()]


# Default boxes -------------------------------------------------------------------------------------------------------
cases = []
for options, grids, size in [
    ({"aspect_ratios": [[2], [2, 3]]}, [[3, 4], [2, 2]], (240, 320)),
    ({"aspect_ratios": [[2, 3]] * 3, "min_ratio": 0.2, "max_ratio": 0.95}, [[4, 4], [2, 2], [1, 1]], (320, 320)),
    ({"aspect_ratios": [[3]], "scales": [0.4, 1.3], "clip": False}, [[2, 3]], (200, 300)),
]:
    generator = DefaultBoxGenerator(**options)
    images = ImageList(torch.zeros(1, 3, *size), [size])
    boxes = generator(images, [torch.zeros(1, 1, *grid) for grid in grids])[0]
    scale = torch.tensor([size[1], size[0], size[1], size[0]])
    cases.append({"options": options, "grids": grids, "boxes": flat(boxes / scale)})
default_boxes = cases

# Boxes, anchors, matcher ---------------------------------------------------------------------------------------------
anchors = DefaultBoxGenerator(aspect_ratios=[[2], [2]], min_ratio=0.2, max_ratio=0.7)(
    ImageList(torch.zeros(1, 3, 100, 100), [(100, 100)]), [torch.zeros(1, 1, 4, 4), torch.zeros(1, 1, 2, 2)]
)[0] / 100
corner = torch.rand(7, 2) * 0.7
boxes = torch.cat([corner, corner + 0.05 + torch.rand(7, 2) * 0.25], dim=1)
matcher = det_utils.SSDMatcher(0.5)
matched = matcher(box_iou(boxes, anchors))
coder = det_utils.BoxCoder(weights=(10.0, 10.0, 5.0, 5.0))
encoded = coder.encode_single(boxes[matched.clamp(min=0)], anchors)
offsets = torch.randn(anchors.shape[0], 4) * 3
offsets[0] = torch.tensor([0.0, 0.0, 40.0, 40.0])
decoded = coder.decode_single(offsets, anchors)

# Losses --------------------------------------------------------------------------------------------------------------
classes = 3
count = anchors.shape[0]
labels = torch.tensor([0, 1, 2, 0, 1, 0, 2])
groups = [[0, 1, 2, 3], [4], [], [5, 6]]
targets = []
for group in groups:
    target = torch.zeros(count, 5, dtype=torch.float64)
    if group:
        own = boxes[group]
        found = matcher(box_iou(own, anchors))
        fine = coder.encode_single(own[found.clamp(min=0)], anchors)
        on = found >= 0
        target[on, :4] = fine[on].double()
        target[on, 4] = labels[group][found[on]].double() + 1
    targets.append(target)
targets = torch.stack(targets).float().double()


class Offsets(SSD):
    """SSD.compute_loss without a network: the wanted offsets are those recorded."""

    def __init__(self, neg_to_pos_ratio):
        torch.nn.Module.__init__(self)
        self.neg_to_pos_ratio = neg_to_pos_ratio
        self.box_coder = coder


def ssd_loss(scores, ratio):
    model = Offsets(ratio)
    wanted, found = [], []
    for image, group in enumerate(groups):
        own = boxes[group].double() if group else torch.tensor([[0.0, 0.0, 1.0, 1.0]], dtype=torch.float64)
        wanted.append({"boxes": own, "labels": labels[group] + 1 if group else torch.tensor([0])})
        found.append(matcher(box_iou(boxes[group], anchors)) if group else torch.full((count,), -1))
    outputs = {"bbox_regression": scores[..., :4], "cls_logits": scores[..., 4:]}
    losses = model.compute_loss(wanted, outputs, [anchors.double()] * len(groups), found)
    return losses["bbox_regression"] + losses["classification"]


def retina_loss(scores, target):
    kind = target[..., 4]
    on, valid = kind > 0, kind >= 0
    hit = F.one_hot(kind.clamp(min=0).long(), classes + 1)[..., 1:].double()
    focal = sigmoid_focal_loss(scores[..., 4:], hit, alpha=0.25, gamma=2)
    boxes = (scores[..., :4] - target[..., :4]).abs()
    return (focal[valid].sum() + boxes[on].sum()) / max(1, on.sum().item())


losses = []
for name, columns, options in [("ssdLoss", classes + 1, {}), ("ssdLoss", classes + 1, {"negativesPerPositive": 1}), ("retinaLoss", classes, {})]:
    scores = (torch.randn(len(groups), count, 4 + columns) * 1.5).float().double().requires_grad_(True)
    target = targets.clone()
    if name == "retinaLoss":
        target[:, ::9, 4] = torch.where(target[:, ::9, 4] == 0, -1.0, target[:, ::9, 4])
        value = retina_loss(scores, target)
    else:
        value = ssd_loss(scores, options.get("negativesPerPositive", 3))
    value.backward()
    losses.append(
        {
            "loss": name,
            "options": options,
            "dims": list(scores.shape),
            "scores": flat(scores),
            "targets": flat(target),
            "value": value.item(),
            "gradient": flat(scores.grad),
        }
    )

# Detections ----------------------------------------------------------------------------------------------------------
detections = []
for kind, columns in (("softmax", classes + 1), ("sigmoid", classes)):
    for score_threshold, nms_threshold, limit in ((0.3, 0.45, 200), (0.2, 0.3, 12)):
        output = torch.randn(2, count, 4 + columns)
        output[..., 4:] *= 1.5
        images = []
        for row in output:
            found = coder.decode_single(row[:, :4], anchors).clamp(0, 1)
            scores = torch.softmax(row[:, 4:], -1)[:, 1:] if kind == "softmax" else torch.sigmoid(row[:, 4:])
            candidates = [(label, scores[:, label] > score_threshold) for label in range(classes)]
            theirs = torch.cat([found[mask] for _, mask in candidates])
            sure = torch.cat([scores[mask, label] for label, mask in candidates])
            kinds = torch.cat([torch.full((int(mask.sum()),), label) for label, mask in candidates])
            keep = batched_nms(theirs, sure, kinds, nms_threshold)[:limit]
            images.append({"boxes": flat(theirs[keep]), "scores": flat(sure[keep]), "labels": kinds[keep].tolist()})
        detections.append(
            {
                "kind": kind,
                "options": {"scoreThreshold": score_threshold, "iouThreshold": nms_threshold, "maxDetections": limit},
                "dims": list(output.shape),
                "output": flat(output),
                "images": images,
            }
        )

# The network behind a backbone ------------------------------------------------------------------------------------------
# Two strided convolutions stand for the backbone. Values follow from the place of the parameter in the list and the index.
norm = partial(torch.nn.BatchNorm2d, eps=0.001, momentum=0.03)
stem = [torch.nn.Conv2d(3, 6, 3, 2, 1, bias=False), torch.nn.Conv2d(6, 10, 3, 2, 1, bias=False)]
extra = _extra_block(10, 8, norm)
head = SSDLiteHead([6, 10, 8], [2, 1, 3], classes + 1, norm)
names = [("c0.weight", stem[0].weight), ("c1.weight", stem[1].weight)]


def name_block(ours, block):
    names.append((f"{ours}.weight", block[0].weight))
    for field in ("weight", "bias", "running_mean", "running_var"):
        names.append((f"{ours}.norm.{field}", getattr(block[1], field)))


for place in range(3):
    name_block(f"extras.0.{place}", extra[place])
for level in range(3):
    for kind, module in (("boxes", head.regression_head), ("classes", head.classification_head)):
        block = module.module_list[level]
        name_block(f"heads.{level}.{kind}.0", block[0])
        names.append((f"heads.{level}.{kind}.1.weight", block[1].weight))
        names.append((f"heads.{level}.{kind}.1.bias", block[1].bias))
with torch.no_grad():
    for place, (name, parameter) in enumerate(names):
        wave = torch.sin(torch.arange(parameter.numel(), dtype=torch.float64) * 0.37 + place)
        values = 1 + 0.5 * wave if name.endswith("running_var") else 0.4 * wave
        parameter.copy_(values.reshape(parameter.shape).float())
    image = torch.sin(torch.arange(2 * 3 * 20 * 28, dtype=torch.float64) * 0.11).reshape(2, 3, 20, 28).float()
    extra.eval(), head.eval()
    fine = F.relu(stem[0](image))
    coarse = F.relu(stem[1](fine))
    said = head([fine, coarse, extra(coarse)])
    detected = torch.cat([said["bbox_regression"], said["cls_logits"]], dim=2)
network = {
    "parameters": [name for name, _ in names],
    "inputDims": list(image.shape),
    "anchorsPerPosition": [2, 1, 3],
    "outputDims": list(detected.shape),
    # Every 7th number.
    "output": flat(detected.flatten()[::7]),
}

json.dump(
    {
        "tool": f"torch {torch.__version__}, torchvision {torchvision.__version__}",
        "defaultBoxes": default_boxes,
        "anchors": flat(anchors),
        "boxes": flat(boxes),
        "matches": matched.tolist(),
        "encoded": flat(encoded),
        "offsets": flat(offsets),
        "decoded": flat(decoded),
        "losses": losses,
        "detections": detections,
        "network": network,
    },
    sys.stdout,
)
