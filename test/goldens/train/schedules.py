# Records the learning rates that torch.optim.lr_scheduler gives, as factors on the optimizer's rate.
#
#   python3 -m venv venv && venv/bin/pip install torch==2.15.0
#   venv/bin/python test/goldens/train/schedules.py > test/goldens/train/schedules.json
import json
import sys
import warnings

import torch
from torch.optim import lr_scheduler as lr

warnings.simplefilter("ignore")
base = 0.4
length = 30


def curve(make, base_rate=base, told=None, unit=base, length=length):
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=base_rate)
    scheduler = make(optimizer)
    rates = []
    for index in range(length):
        rates.append(optimizer.param_groups[0]["lr"] / unit)
        optimizer.step()
        scheduler.step(*([] if told is None else [told[index]]))
    return rates


def plateau(**options):
    return curve(lambda o: lr.ReduceLROnPlateau(o, **options), told=figures, length=len(figures))


def continuous(**options):
    """Told epoch + i / 4 with every batch."""
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=base)
    scheduler = lr.CosineAnnealingWarmRestarts(optimizer, **options)
    rates = []
    for index in range(4 * 10):
        scheduler.step(index / 4)
        rates.append(optimizer.param_groups[0]["lr"] / base)
    return rates


figures = [1.0, 0.8, 0.79995, 0.79, 0.8, 0.81, 0.8, 0.78, 0.9, 0.9, 0.9, 0.9, 0.7, 0.7, 0.7, 0.7, 0.7, 0.7, 0.7, 0.2]
figures += [0.2] * 10


def linear_then_cosine(o):
    warm = lr.LinearLR(o, start_factor=0.1, total_iters=4)
    return lr.SequentialLR(o, [warm, lr.CosineAnnealingLR(o, T_max=20, eta_min=0.02)], milestones=[4])


def three(o):
    parts = [lr.StepLR(o, 3, 0.5), lr.ExponentialLR(o, 0.9), lr.PolynomialLR(o, 10, 2)]
    return lr.SequentialLR(o, parts, milestones=[8, 15])


def one_cycle(length=length, **options):
    return curve(lambda o: lr.OneCycleLR(o, max_lr=base, cycle_momentum=False, **options), length=length)


curves = {
    "step": curve(lambda o: lr.StepLR(o, 4, 0.3)),
    "multi-step": curve(lambda o: lr.MultiStepLR(o, [3, 11, 11, 20], 0.5)),
    "exponential": curve(lambda o: lr.ExponentialLR(o, 0.93)),
    "cosine": curve(lambda o: lr.CosineAnnealingLR(o, 25)),
    "cosine above zero, twice": curve(lambda o: lr.CosineAnnealingLR(o, 12, eta_min=0.04)),
    "restarts": curve(lambda o: lr.CosineAnnealingWarmRestarts(o, 7)),
    "growing restarts": curve(lambda o: lr.CosineAnnealingWarmRestarts(o, 4, T_mult=2, eta_min=0.04)),
    "linear": curve(lambda o: lr.LinearLR(o)),
    "linear down": curve(lambda o: lr.LinearLR(o, start_factor=1.0, end_factor=0.25, total_iters=12)),
    "polynomial": curve(lambda o: lr.PolynomialLR(o, 20, 0.9)),
    "straight polynomial": curve(lambda o: lr.PolynomialLR(o)),
    "warm-up": curve(linear_then_cosine),
    "overlapping warm-up": curve(
        lambda o: lr.ChainedScheduler([lr.LinearLR(o, 0.2, total_iters=6), lr.CosineAnnealingLR(o, 25)])
    ),
    "sequence": curve(three),
}
json.dump(
    {
        "tool": f"torch {torch.__version__}",
        "curves": curves,
        "oneCycle": {
            "default": one_cycle(total_steps=30),
            "linear": one_cycle(total_steps=30, anneal_strategy="linear", pct_start=0.25, div_factor=10),
            "three phases": one_cycle(total_steps=30, three_phase=True, pct_start=0.4, final_div_factor=100),
        },
        "continuousRestarts": continuous(T_0=3, T_mult=2),
        "figures": figures,
        "plateaus": {
            "default": plateau(),
            "patient": plateau(patience=2, factor=0.5),
            "cooling": plateau(patience=1, factor=0.5, cooldown=3, threshold=0.05, threshold_mode="abs"),
            "bounded": plateau(mode="max", patience=3, factor=0.2, min_lr=0.01),
        },
    },
    sys.stdout,
)
