# Records the weights that PyTorch's and timm's optimizers make of the same random gradients, after 5 and 20 steps, in
# float64: every optimizer and its variants, clipping, parameter groups, and averages of weights.
#
#   python3 -m venv venv && venv/bin/pip install torch==2.15.0 torchvision==0.29.2 timm==1.0.31
#   venv/bin/python test/goldens/train/optimizers.py > test/goldens/train/optimizers.json
import json
import sys

import timm
import torch
from timm.optim.lamb import Lamb
from timm.optim.lion import Lion
from timm.utils import ModelEmaV3
from timm.utils.agc import adaptive_clip_grad
from torch import nn
from torch.optim.swa_utils import AveragedModel

torch.manual_seed(5)
shapes = {"conv.weight": (3, 2, 2, 2), "conv.bias": (3,), "head.weight": (4, 5), "head.bias": (4,)}
steps = 20
start = {name: torch.randn(shape).double() for name, shape in shapes.items()}
# Some gradients are large, so that clipping has something to do.
gradients = [
    {name: (torch.randn(shape) * (3 if step % 4 == 0 else 0.3)).double() for name, shape in shapes.items()}
    for step in range(steps)
]


def flat(tensor):
    return [float(f"{value:.10g}") for value in tensor.detach().flatten().tolist()]


class Holder(nn.Module):
    """The parameters, their dots written as underscores."""

    def __init__(self):
        super().__init__()
        for name, value in start.items():
            self.register_parameter(name.replace(".", "_"), nn.Parameter(value.clone()))


def run(make, before=None, average=None):
    model = Holder()
    parameters = {name: getattr(model, name.replace(".", "_")) for name in shapes}
    optimizer = make(parameters)
    averaged, update = average(model) if average else (model, None)
    recorded = {}
    for step in range(1, steps + 1):
        for name, parameter in parameters.items():
            parameter.grad = gradients[step - 1][name].clone()
        if before:
            before(list(parameters.values()))
        optimizer.step()
        if update:
            update(step)
        if step in (5, steps):
            module = averaged.module if averaged is not model else model
            recorded[str(step)] = {name: flat(getattr(module, name.replace(".", "_"))) for name in shapes}
    return recorded


def all_of(cls, **options):
    return lambda p: cls(list(p.values()), **options)


def ema(model):
    averaged = ModelEmaV3(model, decay=0.9)
    return averaged, lambda step: averaged.update(model)


def swa(model):
    averaged = AveragedModel(model)
    averaged.update_parameters(model)

    def update(step):
        if step <= 4:
            averaged.n_averaged.zero_()
        if step <= 4 or (step - 4) % 3 == 0:
            averaged.update_parameters(model)

    return averaged, update


def grouped(p):
    return torch.optim.AdamW(
        [
            {"params": [p["conv.weight"]], "lr": 0.001},
            {"params": [p["conv.bias"]], "lr": 0.001, "weight_decay": 0},
            {"params": [p["head.weight"]], "weight_decay": 0.5},
            {"params": [p["head.bias"]], "weight_decay": 0},
        ],
        lr=0.01,
        weight_decay=0.1,
    )


optim = torch.optim
plain = all_of(optim.SGD, lr=0.1)
cases = {
    "sgd": run(plain),
    "sgd momentum": run(all_of(optim.SGD, lr=0.05, momentum=0.9, weight_decay=0.01)),
    "sgd dampening": run(all_of(optim.SGD, lr=0.05, momentum=0.9, dampening=0.3)),
    "sgd nesterov": run(all_of(optim.SGD, lr=0.05, momentum=0.9, nesterov=True, weight_decay=0.01)),
    "adam": run(all_of(optim.Adam)),
    "adam decay": run(all_of(optim.Adam, lr=0.02, betas=(0.8, 0.95), eps=1e-6, weight_decay=0.1)),
    "adam amsgrad": run(all_of(optim.Adam, lr=0.01, amsgrad=True)),
    "adamw": run(all_of(optim.AdamW)),
    "adamw decay": run(all_of(optim.AdamW, lr=0.02, weight_decay=0.3, amsgrad=True)),
    "adamw groups": run(grouped),
    "rmsprop": run(all_of(optim.RMSprop)),
    "rmsprop momentum": run(all_of(optim.RMSprop, lr=0.005, alpha=0.9, momentum=0.8, weight_decay=0.01)),
    "rmsprop centered": run(all_of(optim.RMSprop, lr=0.005, eps=1e-3, momentum=0.5, centered=True)),
    "adagrad": run(all_of(optim.Adagrad)),
    "adagrad decay": run(
        all_of(optim.Adagrad, lr=0.1, lr_decay=0.05, initial_accumulator_value=0.2, weight_decay=0.01)
    ),
    "lion": run(all_of(Lion)),
    "lion decay": run(all_of(Lion, lr=0.003, betas=(0.8, 0.95), weight_decay=0.5)),
    "lamb": run(all_of(Lamb, weight_decay=0.01)),
    "lamb adapted": run(all_of(Lamb, lr=0.02, weight_decay=0, max_grad_norm=None, always_adapt=True)),
    "clip norm": run(plain, lambda p: nn.utils.clip_grad_norm_(p, 1.5)),
    "clip value": run(plain, lambda p: nn.utils.clip_grad_value_(p, 0.5)),
    "clip adaptive": run(plain, lambda p: adaptive_clip_grad(p, 0.05)),
    "ema": run(plain, average=ema),
    "swa": run(plain, average=swa),
}

json.dump(
    {
        "tool": f"torch {torch.__version__}, timm {timm.__version__}",
        "shapes": shapes,
        "start": {name: flat(value) for name, value in start.items()},
        "gradients": [{name: flat(value) for name, value in step.items()} for step in gradients],
        "cases": cases,
    },
    sys.stdout,
)
