"""Records what PyTorch computes for the losses of distillation, in float64: their values, and by autograd the gradients
with respect to what the student gives. Knowledge distillation (Hinton et al. 2015), hints through a 1x1 regressor (FitNets),
attention transfer (formula of the authors' code, github.com/szagoruyko/attention-transfer) and relational distillation
(formulas of the authors' code, github.com/lenscloth/RKD), and bilinear resizing with antialiasing.

Run with: pip install torch==2.15.0 numpy; python distillation.py > distillation.json
"""

import json
import sys

import torch
from torch.nn import functional as F

torch.manual_seed(11)
torch.set_default_dtype(torch.float64)
cases = []


def single(*shape):
    """Values that float32 holds exactly."""
    return torch.randn(*shape).float().double()


def flat(tensor):
    return [float(f"{value:.10g}") for value in tensor.detach().flatten().tolist()]


def shaped(tensor):
    return {"dims": list(tensor.shape), "data": flat(tensor)}


def record(kind, options, student, teacher, loss, **more):
    student = student.clone().requires_grad_(True)
    value = loss(student, teacher)
    value.backward()
    case = {
        "kind": kind,
        "options": options,
        "student": shaped(student),
        "teacher": shaped(teacher),
        "value": value.item(),
        "gradient": flat(student.grad),
    }
    cases.append({**case, **{name: make() for name, make in more.items()}})


def knowledge(temperature, alpha, labels):
    def loss(scores, teacher):
        soft = F.kl_div(
            F.log_softmax(scores / temperature, 1),
            F.log_softmax(teacher / temperature, 1),
            reduction="batchmean",
            log_target=True,
        )
        return alpha * temperature**2 * soft + (1 - alpha) * F.cross_entropy(scores, labels)

    return loss


def attention(student, teacher):
    def at(x):
        return F.normalize(x.pow(2).mean(1).view(x.size(0), -1))

    return (at(student) - at(teacher)).pow(2).mean()


def pdist(e, eps=1e-12):
    square = e.pow(2).sum(dim=1)
    res = (square.unsqueeze(1) + square.unsqueeze(0) - 2 * e @ e.t()).clamp(min=eps).sqrt()
    res = res.clone()
    res[range(len(e)), range(len(e))] = 0
    return res


def distance(student, teacher):
    t_d = pdist(teacher)
    t_d = t_d / t_d[t_d > 0].mean()
    d = pdist(student)
    d = d / d[d > 0].mean()
    return F.smooth_l1_loss(d, t_d, reduction="mean")


def angle(student, teacher):
    def angles(e):
        e = F.normalize(e.unsqueeze(0) - e.unsqueeze(1), p=2, dim=2)
        return torch.bmm(e, e.transpose(1, 2)).view(-1)

    return F.smooth_l1_loss(angles(student), angles(teacher), reduction="mean")


def resized(x, size):
    return F.interpolate(x, size=size, mode="bilinear", align_corners=False, antialias=True)


for temperature, alpha in ((4, 0.9), (1, 0.5), (20, 1), (2.5, 0)):
    labels = torch.randint(0, 7, (6,))
    record(
        "knowledge",
        {"temperature": temperature, "alpha": alpha, "labels": labels.tolist()},
        single(6, 7) * 3,
        single(6, 7) * 3,
        knowledge(temperature, alpha, labels),
    )

# A hint whose regressor has the weights that follow; feature maps of one size and of two.
for teacher_size in ((4, 3), (8, 6), (5, 7), (2, 2)):
    weight = single(5, 3, 1, 1).requires_grad_(True)
    bias = single(5).requires_grad_(True)
    record(
        "hint",
        {},
        single(4, 3, 4, 3),
        single(4, 5, *teacher_size),
        lambda s, t: F.mse_loss(F.conv2d(s, weight, bias), resized(t, (4, 3))),
        weight=lambda: {**shaped(weight), "gradient": flat(weight.grad)},
        bias=lambda: {**shaped(bias), "gradient": flat(bias.grad)},
    )
record("hint", {}, single(4, 3, 4, 3), single(4, 3, 4, 3), F.mse_loss)
record("hint", {}, single(4, 6), single(4, 6), F.mse_loss)

record("attention", {}, single(4, 3, 4, 3), single(4, 5, 4, 3), attention)
dead = single(3, 2, 3, 3)
dead[1] = 0
record("attention", {}, dead, single(3, 4, 3, 3), attention)

for shape, width in (((6, 4), 7), ((2, 3), 3), ((9, 2), 5)):
    record("distance", {}, single(*shape), single(shape[0], width), distance)
    record("angle", {}, single(*shape) * 2, single(shape[0], width), angle)
# Far apart: Huber's linear part.
far = single(6, 4)
far[0] *= 30
record("distance", {}, far, single(6, 3), distance)

sizes = []
for source, target in (((8, 6), (4, 3)), ((5, 7), (4, 3)), ((3, 3), (7, 5)), ((32, 32), (20, 24))):
    x = single(1, 2, *source)
    sizes.append({"source": shaped(x), "target": shaped(resized(x, target))})

json.dump({"tool": f"torch {torch.__version__}", "cases": cases, "resized": sizes}, sys.stdout)
