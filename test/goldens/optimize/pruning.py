"""Records what torch.nn.utils.prune keeps of a few weights, and which N:M patterns ASP's rule chooses.

NVIDIA's ASP (apex.contrib.sparsity, sparse_masklib.mn_1d_best) takes of every m weights in a row the pattern of n with the
largest sum of magnitudes, rows running along the input channels (a convolution's weights are turned to [kh, kw, O, I] first).
That rule is written down here in numpy, pattern by pattern.

Run with: pip install torch==2.15.0 numpy==2.4.6; python pruning.py
"""

import base64
import itertools
import json
import pathlib

import numpy as np
import torch
from torch.nn.utils import prune

torch.manual_seed(2024)


def modules():
    """Fresh layers with the same weights."""
    made = {
        "conv1": torch.nn.Conv2d(3, 16, 3),
        "conv2": torch.nn.Conv2d(16, 24, 3),
        "depthwise": torch.nn.Conv2d(24, 24, 3, groups=24),
        "grouped": torch.nn.Conv2d(24, 16, 3, groups=2),
        "fc": torch.nn.Linear(16, 10),
    }
    for name, module in made.items():
        module.weight.data = weights[name].clone()
    return made


shapes = {
    "conv1": (16, 3, 3, 3),
    "conv2": (24, 16, 3, 3),
    "depthwise": (24, 1, 3, 3),
    "grouped": (16, 12, 3, 3),
    "fc": (10, 16),
}
weights = {name: torch.randn(shape) * (0.2 + index / 4) for index, (name, shape) in enumerate(shapes.items())}


def packed(mask):
    return base64.b64encode(np.packbits(np.asarray(mask, dtype=bool).reshape(-1), bitorder="little")).decode()


def masks_of(made):
    return {name: packed(module.weight_mask) for name, module in made.items()}


cases = []
for sparsity in (0.0, 0.3, 0.5, 0.85):
    made = modules()
    for module in made.values():
        prune.l1_unstructured(module, "weight", sparsity)
    cases.append({"rule": "local", "sparsity": sparsity, "masks": masks_of(made)})
    made = modules()
    prune.global_unstructured(
        [(module, "weight") for module in made.values()], pruning_method=prune.L1Unstructured, amount=sparsity
    )
    cases.append({"rule": "global", "sparsity": sparsity, "masks": masks_of(made)})

structured = []
for norm in (1, 2):
    for ratio in (0.25, 0.4, 0.625):
        made = modules()
        kept = {}
        for name, module in made.items():
            prune.ln_structured(module, "weight", ratio, n=norm, dim=0)
            kept[name] = [at for at, channel in enumerate(module.weight_mask) if channel.any()]
        structured.append({"criterion": f"l{norm}", "ratio": ratio, "kept": kept})


def best_patterns(rows, n, m):
    patterns = np.array([p for p in itertools.product((0, 1), repeat=m) if sum(p) == n])
    groups = np.abs(rows.reshape(-1, m))
    return patterns[np.argmax(groups @ patterns.T, axis=1)].reshape(rows.shape)


patterns = []
for n, m in ((2, 4), (4, 8), (1, 4)):
    found = {}
    for name, weight in weights.items():
        value = weight.numpy().astype(np.float64)
        if value.shape[1] % m != 0:
            continue
        if value.ndim == 4:
            turned = value.transpose(2, 3, 0, 1)
            mask = best_patterns(turned.reshape(-1, turned.shape[-1]), n, m).reshape(turned.shape).transpose(2, 3, 0, 1)
        else:
            mask = best_patterns(value, n, m)
        found[name] = packed(mask)
    patterns.append({"n": n, "m": m, "masks": found})

golden = {
    "tool": f"torch {torch.__version__} (torch.nn.utils.prune), numpy {np.__version__} (ASP's rule)",
    "weights": {
        name: {"dims": list(weight.shape), "data": base64.b64encode(weight.numpy().tobytes()).decode()}
        for name, weight in weights.items()
    },
    "unstructured": cases,
    "structured": structured,
    "patterns": patterns,
}
path = pathlib.Path(__file__).with_name("pruning.json")
path.write_text(json.dumps(golden, indent=2) + "\n")
