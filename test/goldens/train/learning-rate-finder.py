# Records what the learning rate finder of fastai suggests for recorded losses, and how it smooths them.
#
#   python3 -m venv venv && venv/bin/pip install fastai==2.8.12 torch==2.15.0
#   venv/bin/python test/goldens/train/learning-rate-finder.py > test/goldens/train/learning-rate-finder.json
import json
import math
import random
import sys
from importlib.metadata import version
from types import SimpleNamespace

import torch
from fastai.callback.schedule import SchedExp, minimum, steep, valley
from fastai.learner import AvgSmoothLoss

torch.set_default_dtype(torch.float64)


def curve(steps, start, end, shape, noise, seed):
    """Losses of a training whose rate rises from start to end, made up."""
    random.seed(seed)
    schedule = SchedExp(start, end)
    rates = [schedule(i / steps) for i in range(steps)]
    return rates, [shape(rate) * (1 + random.gauss(0, noise)) for rate in rates]


def basin(rate):
    """Flat, then falling, then exploding: what most networks do."""
    return 0.4 + 1.9 / (1 + (rate / 2e-3) ** 0.9) + (rate / 0.4) ** 2


def two_basins(rate):
    x = math.log10(rate)
    return 2 - 0.7 * math.exp(-((x + 5) ** 2) * 2) - 1.2 * math.exp(-((x + 1.5) ** 2)) + (rate / 0.8) ** 2


curves = {
    "basin": curve(100, 1e-7, 10, basin, 0, 0),
    "noisy basin": curve(100, 1e-7, 10, basin, 0.05, 1),
    "very noisy basin": curve(200, 1e-6, 1, basin, 0.2, 2),
    "two basins": curve(100, 1e-7, 1, two_basins, 0.01, 3),
    "falling to the end": curve(60, 1e-5, 1e-2, basin, 0.01, 4),
    "rising": curve(60, 1e-1, 10, basin, 0.01, 5),
    "few steps": curve(20, 1e-5, 1, basin, 0, 6),
}
recorded = {}
for name, (rates, raw) in curves.items():
    smooth = AvgSmoothLoss()
    smooth.reset()
    smooth.val = smooth.val.double()
    losses = []
    best = math.inf
    for loss in raw:
        smooth.accumulate(SimpleNamespace(loss=torch.tensor(loss), yb=()))
        losses.append(float(smooth.value))
        # LRFinder.after_batch
        best = min(best, losses[-1])
        if losses[-1] > 4 * best:
            break
    steps = len(rates)
    # Learner.lr_find
    kept = slice(steps // 10, -5)
    lrs = torch.tensor(rates[: len(losses)])[kept]
    seen = torch.tensor(losses)[kept]
    recorded[name] = {
        "steps": steps,
        "rates": rates[: len(losses)],
        "raw": raw[: len(losses)],
        "losses": losses,
        "valley": valley(lrs, seen, steps)[0],
        "steepest": float(steep(lrs, seen, steps)[0]),
        "minimum": float(minimum(lrs, seen, steps)[0]),
    }
json.dump({"fastai": version("fastai"), "torch": torch.__version__, "curves": recorded}, sys.stdout)
