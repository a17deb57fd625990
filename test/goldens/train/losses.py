# Records what PyTorch computes for every loss: its value, and the gradient with respect to the scores by autograd, in
# float64. Dice, contrastive, ArcFace and softmax focal are no functions of PyTorch: their papers' formulas stand here.
#
#   python3 -m venv venv && venv/bin/pip install torch==2.15.0 torchvision==0.29.2 numpy
#   venv/bin/python test/goldens/train/losses.py > test/goldens/train/losses.json
import json
import math
import sys

import torch
import torchvision
from torch.nn import functional as F

torch.manual_seed(3)
torch.set_default_dtype(torch.float64)
cases = []


def single(*shape):
    """Values that float32 holds exactly."""
    return torch.randn(*shape).float().double()


def flat(tensor):
    return [float(f"{value:.10g}") for value in tensor.detach().flatten().tolist()]


def record(name, options, scores, labels, loss):
    scores = scores.clone().requires_grad_(True)
    value = loss(scores, labels)
    value.backward()
    cases.append(
        {
            "loss": name,
            "options": options,
            "dims": list(scores.shape),
            "scores": flat(scores),
            "labelType": "int64" if labels.dtype == torch.int64 else "float32",
            "labels": labels.flatten().tolist() if labels.dtype == torch.int64 else flat(labels),
            "value": value.item(),
            "gradient": flat(scores.grad),
        }
    )


scores = single(6, 5) * 2
labels = torch.randint(0, 5, (6,))
soft = torch.softmax(single(6, 5), 1).float().double()
weight = [0.5, 2.0, 1.0, 0.25, 3.0]
w = torch.tensor(weight)
maps, mapLabels = single(2, 3, 4, 2), torch.randint(0, 3, (2, 4, 2))
softMaps = torch.rand(2, 3, 4, 2).float().double()

for reduction in ("mean", "sum"):
    extra = {} if reduction == "mean" else {"reduction": "sum"}
    record("crossEntropy", extra, scores, labels, lambda s, t: F.cross_entropy(s, t, reduction=reduction))
    record(
        "crossEntropy",
        {"labelSmoothing": 0.1, "weight": weight, **extra},
        scores,
        labels,
        lambda s, t: F.cross_entropy(s, t, weight=w, label_smoothing=0.1, reduction=reduction),
    )
    record(
        "crossEntropy",
        {"targets": "probabilities", "weight": weight, "labelSmoothing": 0.2, **extra},
        scores,
        soft,
        lambda s, t: F.cross_entropy(s, t, weight=w, label_smoothing=0.2, reduction=reduction),
    )
    ignored = labels.clone()
    ignored[1] = -100
    record(
        "crossEntropy",
        {"ignoreIndex": -100, "weight": weight, "labelSmoothing": 0.1, **extra},
        scores,
        ignored,
        lambda s, t: F.cross_entropy(s, t, weight=w, label_smoothing=0.1, ignore_index=-100, reduction=reduction),
    )
    record("mse", extra, scores, soft, lambda s, t: F.mse_loss(s, t, reduction=reduction))
    record("l1", extra, scores, soft, lambda s, t: F.l1_loss(s, t, reduction=reduction))
    record("huber", {"delta": 0.7, **extra}, scores, soft, lambda s, t: F.huber_loss(s, t, delta=0.7, reduction=reduction))
    record("smoothL1", {"beta": 0.6, **extra}, scores, soft, lambda s, t: F.smooth_l1_loss(s, t, beta=0.6, reduction=reduction))
    record(
        "bceWithLogits",
        {"weight": weight, "posWeight": weight[::-1], **extra},
        scores * 4,
        soft,
        lambda s, t: F.binary_cross_entropy_with_logits(s, t, weight=w, pos_weight=w.flip(0), reduction=reduction),
    )
record("crossEntropy", {"labelSmoothing": 0.1}, maps, mapLabels, lambda s, t: F.cross_entropy(s, t, label_smoothing=0.1))
record("crossEntropy", {"ignoreIndex": 2}, maps, mapLabels, lambda s, t: F.cross_entropy(s, t, ignore_index=2))
record("crossEntropy", {"targets": "probabilities"}, maps, softMaps, lambda s, t: F.cross_entropy(s, t))
record("smoothL1", {"beta": 0}, scores, soft, lambda s, t: F.smooth_l1_loss(s, t, beta=0.0))
record("bceWithLogits", {}, scores, soft, F.binary_cross_entropy_with_logits)
record(
    "bceWithLogits",
    {"targets": "indices"},
    scores,
    labels,
    lambda s, t: F.binary_cross_entropy_with_logits(s, F.one_hot(t, 5).double()),
)

for alpha, gamma in ((0.25, 2.0), (None, 1.5), (0.6, 0.5), (0.3, 0.0), (0.25, 1.0)):
    record(
        "sigmoidFocal",
        {"alpha": alpha, "gamma": gamma},
        scores,
        soft,
        lambda s, t: torchvision.ops.sigmoid_focal_loss(s, t, -1 if alpha is None else alpha, gamma, "mean"),
    )
record(
    "sigmoidFocal",
    {"targets": "indices", "reduction": "sum"},
    scores * 3,
    labels,
    lambda s, t: torchvision.ops.sigmoid_focal_loss(s, F.one_hot(t, 5).double(), reduction="sum"),
)


def softmax_focal(s, t, gamma, alpha=None):
    log_p = F.log_softmax(s, 1).gather(1, t.unsqueeze(1)).squeeze(1)
    terms = -((1 - log_p.exp()) ** gamma) * log_p
    return (terms if alpha is None else terms * alpha[t]).mean()


for gamma in (2.0, 1.0, 0.5, 3.5, 0.0):
    record("softmaxFocal", {"gamma": gamma}, scores, labels, lambda s, t: softmax_focal(s, t, gamma))
record("softmaxFocal", {"alpha": weight}, scores, labels, lambda s, t: softmax_focal(s, t, 2.0, w))
record("softmaxFocal", {}, maps, mapLabels, lambda s, t: softmax_focal(s, t, 2.0))


def dice(s, t, activation, batch, smooth=1e-5):
    p = torch.softmax(s, 1) if activation == "softmax" else torch.sigmoid(s)
    if t.dtype == torch.int64:
        t = F.one_hot(t, s.shape[1]).movedim(-1, 1).double()
    axes = [axis for axis in range(s.ndim) if axis != 1 and (batch or axis != 0)]
    ratio = (2 * (p * t).sum(axes) + smooth) / (p.sum(axes) + t.sum(axes) + smooth)
    return 1 - ratio.mean()


record("dice", {}, maps, mapLabels, lambda s, t: dice(s, t, "softmax", False))
record("dice", {"batch": True, "smooth": 1}, maps, mapLabels, lambda s, t: dice(s, t, "softmax", True, 1))
record(
    "dice",
    {"activation": "sigmoid", "targets": "probabilities"},
    maps,
    softMaps,
    lambda s, t: dice(s, t, "sigmoid", False),
)
record("dice", {"batch": True}, scores, labels, lambda s, t: dice(s, t, "softmax", True))


def distil(s, t, temperature, alpha):
    teacher, hard = t[:, :-1], t[:, -1].long()
    soft_loss = F.kl_div(
        F.log_softmax(s / temperature, 1), F.log_softmax(teacher / temperature, 1), reduction="batchmean", log_target=True
    )
    return alpha * temperature**2 * soft_loss + (1 - alpha) * F.cross_entropy(s, hard)


packed = torch.cat([single(6, 5) * 3, labels.double().unsqueeze(1)], 1)
record("distillation", {}, scores, packed, lambda s, t: distil(s, t, 4, 0.9))
record("distillation", {"temperature": 2.5, "alpha": 0.4}, scores, packed, lambda s, t: distil(s, t, 2.5, 0.4))

embeddings = single(8, 4)
instances = torch.tensor([0, 1, 2, 0, 1, 2, 0, 3])


def triplets(s, t, mining, margin):
    with torch.no_grad():
        distance = torch.stack([F.pairwise_distance(row.expand_as(s), s) for row in s])
    anchors, positives, negatives = [], [], []
    for a in range(len(t)):
        same = [p for p in range(len(t)) if p != a and t[p] == t[a]]
        other = [n for n in range(len(t)) if t[n] != t[a]]
        if mining == "hard" and same and other:
            same = [max(same, key=lambda p: distance[a, p])]
            other = [min(other, key=lambda n: distance[a, n])]
        for p in same:
            for n in other:
                anchors.append(a), positives.append(p), negatives.append(n)
    return F.triplet_margin_loss(s[anchors], s[positives], s[negatives], margin=margin)


for mining in ("all", "hard"):
    for margin in (1.0, 0.3):
        record(
            "tripletMargin",
            {"mining": mining, "margin": margin},
            embeddings,
            instances,
            lambda s, t: triplets(s, t, mining, margin),
        )


def contrastive(s, t, temperature):
    z = F.normalize(s, dim=1)
    total, count = 0, 0
    for i in range(len(t)):
        others = [j for j in range(len(t)) if j != i]
        log_p = dict(zip(others, F.log_softmax(z[others] @ z[i] / temperature, 0)))
        positives = [j for j in others if t[j] == t[i]]
        if positives:
            total = total - sum(log_p[j] for j in positives) / len(positives)
            count += 1
    return total / count


record("contrastive", {}, embeddings, instances, lambda s, t: contrastive(s, t, 0.5))
record("contrastive", {"temperature": 0.1}, embeddings, torch.arange(8) % 4, lambda s, t: contrastive(s, t, 0.1))


def arc_face(s, t, margin, scale):
    right = s.gather(1, t.unsqueeze(1))
    theta = torch.acos(right)
    moved = torch.where(theta < math.pi - margin, torch.cos(theta + margin), right - margin * math.sin(margin))
    return F.cross_entropy(scale * s.scatter(1, t.unsqueeze(1), moved), t)


cosines = (torch.rand(6, 5) * 1.9 - 0.95).float().double()
cosines[0, labels[0]] = torch.tensor(-0.96875)
record("arcFace", {}, cosines, labels, lambda s, t: arc_face(s, t, 0.5, 64))
record("arcFace", {"margin": 0.3, "scale": 8}, cosines, labels, lambda s, t: arc_face(s, t, 0.3, 8))

json.dump({"tool": f"torch {torch.__version__}, torchvision {torchvision.__version__}", "cases": cases}, sys.stdout)
