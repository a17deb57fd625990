# Records how PyTorch trains nine stock nets of torchvision and timm: the ONNX file of each, without its weights, and what
# a batch gives: the loss, a digest of the gradient of every parameter, the losses of five steps of plain SGD.
#
# No weights are stored: parameters and images are filled by the rule of builders.py, which both sides compute. In the files
# the weights are inputs of the graph; a reader gives them values as initializers. Half of the files come from
# torch.onnx.export's default exporter, half from the older one (TorchScript) in its training mode. Nothing is dropped.
# Computed in float64, so that the figures are PyTorch's without rounding of its own; `float32` tells how far PyTorch
# is from them in float32 (loss; largest difference of a gradient, relative to its maximum; the loss after the steps).
#
#   python3 -m venv venv && venv/bin/pip install torch==2.15.0 torchvision==0.29.2 timm==1.0.31 onnx==1.23.2 onnxscript numpy
#   venv/bin/python test/goldens/train/stock-nets.py test/goldens/train/stock-nets
import base64
import contextlib
import copy
import gzip
import io
import json
import math
import os
import sys
import tempfile
import warnings

import numpy as np
import onnx
import timm
import torch
import torchvision
from torch.nn import functional as F

warnings.filterwarnings("ignore")
torch.set_num_threads(1)
classes, steps, rate = 10, 5, 1e-3
models = torchvision.models
# Constructor, batch, size of the images, exporter, `filling`. Rounding grows in a deep network of small batches, and the
# signs of a ReLU that it turns change a gradient by far more than it: with networks as they are initialised PyTorch in
# float32 is 5 % from itself in float64. So in networks that normalize over the batch most values stay clear of the kinks
# of their activations: scales of normalizations are near `scale`, within `spread`, their shifts near `shift`. Weights of
# the convolutions in front of them are larger (`gain`), which makes a step of SGD smaller.
plain = {"gain": 1, "spread": 0.5, "scale": 1, "shift": 0}
steady = {"gain": 8, "spread": 0.1, "scale": 0.5, "shift": 1.5}
smooth = {"gain": 8, "spread": 0.1, "scale": 1, "shift": 0}
nets = {
    "resnet18": (lambda: models.resnet18(num_classes=classes), 4, 64, "default", smooth),
    "resnet50": (lambda: models.resnet50(num_classes=classes), 4, 64, "training", steady),
    "mobilenetV2": (lambda: models.mobilenet_v2(num_classes=classes, dropout=0), 4, 64, "training", steady),
    "mobilenetV3Large": (lambda: models.mobilenet_v3_large(num_classes=classes, dropout=0), 4, 64, "default", steady),
    "efficientnetB0": (
        lambda: models.efficientnet_b0(num_classes=classes, dropout=0, stochastic_depth_prob=0),
        4,
        64,
        "default",
        smooth,
    ),
    "squeezenet": (lambda: models.squeezenet1_1(num_classes=classes, dropout=0), 4, 64, "training", plain),
    "vitTiny": (
        lambda: timm.create_model("vit_tiny_patch16_224", num_classes=classes, img_size=64),
        4,
        64,
        "default",
        plain,
    ),
    "convnextAtto": (lambda: timm.create_model("convnext_atto", num_classes=classes), 4, 64, "default", plain),
    "regnetY200MF": (lambda: timm.create_model("regnety_002", num_classes=classes), 4, 64, "training", steady),
}


def hashed(name, count):
    """`count` numbers in [-1, 1) that depend on the name (FNV-1a) and the index."""
    seed = 2166136261
    for byte in name.encode():
        seed = ((seed ^ byte) * 16777619) & 0xFFFFFFFF
    with np.errstate(over="ignore"):
        x = np.arange(count, dtype=np.uint32) + np.uint32(seed)
        for _ in range(2):
            x = (x ^ (x >> np.uint32(16))) * np.uint32(0x45D9F3B)
        x = x ^ (x >> np.uint32(16))
    return x.astype(np.float64) / 2**31 - 1


def fill(name, shape, names, filling):
    values = hashed(name, math.prod(shape))
    layer, _, part = name.rpartition(".")
    if len(shape) == 1:
        normalizes = f"{layer}.running_mean" in names
        if part == "running_var" or part == "weight":
            values = (filling["scale"] if part == "weight" else 1) * (1 + filling["spread"] * values)
        else:
            values = 0.1 * values + (filling["shift"] if normalizes and part == "bias" else 0)
    else:
        # A convolution with a bias of its own is not in front of a normalization.
        gain = filling["gain"] if len(shape) == 4 and f"{layer}.bias" not in names else 1
        values = values * math.sqrt(6 / math.prod(shape[1:])) * gain
    return torch.from_numpy(values.astype(np.float32)).reshape(shape)


def images(name, batch, size):
    """Images of 8 x 8 squares: with white noise all would look the same to a deep network."""
    squares = torch.from_numpy(hashed(name, batch * 3 * 64).astype(np.float32)).reshape(batch, 3, 8, 8)
    return squares.repeat_interleave(size // 8, 2).repeat_interleave(size // 8, 3)


def number(value):
    return float(f"{float(value):.8g}")


def digest(name, gradient):
    """Largest magnitude, L2 norm, product with the numbers of `hashed`, and six elements."""
    flat = gradient.flatten()
    probe = torch.from_numpy(hashed(f"probe of {name}", len(flat)))
    samples = [flat[at * (len(flat) - 1) // 5] for at in range(6)]
    return [number(value) for value in (flat.abs().max(), flat.norm(), (flat * probe).sum(), *samples)]


def export(model, image, exporter):
    options = {"input_names": ["input"], "output_names": ["logits"]}
    # The exporters print.
    with contextlib.redirect_stdout(sys.stderr), tempfile.NamedTemporaryFile(suffix=".onnx") as file:
        if exporter == "default":
            dynamic = ({0: torch.export.Dim("batch")},)
            # Optimizing would fold the batch normalizations into the convolutions.
            program = torch.onnx.export(
                model.eval(), (image[:2],), dynamo=True, optimize=False, verbose=False, dynamic_shapes=dynamic, **options
            )
            program.save(file.name)
        else:
            torch.onnx.export(
                model.train(),
                (image[:2],),
                file.name,
                dynamo=False,
                training=torch.onnx.TrainingMode.TRAINING,
                do_constant_folding=False,
                dynamic_axes={"input": {0: "batch"}, "logits": {0: "batch"}},
                **options,
            )
        stock = onnx.load(file.name)
    names = set(model.state_dict())
    weights = [value for value in stock.graph.initializer if value.name in names]
    for value in weights:
        stock.graph.initializer.remove(value)
        known = [entry for entry in stock.graph.input if entry.name == value.name]
        if not known:
            stock.graph.input.append(onnx.helper.make_tensor_value_info(value.name, value.data_type, value.dims))
    left = {value.name for value in weights}
    for name, _ in model.named_parameters():
        assert name in left, f"{name} is not in the file"
    for node in stock.graph.node:
        node.ClearField("metadata_props")
        node.ClearField("doc_string")
    stock.graph.ClearField("value_info")
    del stock.metadata_props[:], stock.graph.metadata_props[:]
    return base64.b64encode(gzip.compress(stock.SerializeToString(), 9, mtime=0)).decode()


def train(model, image, labels, steps=steps):
    model.train()
    losses, gradients = [], {}
    for step in range(steps):
        loss = F.cross_entropy(model(image), labels)
        model.zero_grad()
        loss.backward()
        losses.append(loss.item())
        with torch.no_grad():
            for name, value in model.named_parameters():
                if step == 0:
                    gradients[name] = value.grad.double().clone()
                value -= rate * value.grad
    if steps > 1:
        with torch.no_grad():
            losses.append(F.cross_entropy(model(image), labels).item())
    return losses, gradients


def difference(found, expected):
    """Largest difference of a gradient, relative to its maximum; a gradient that is zero but for rounding is left out."""
    largest = max(value.abs().max().item() for value in expected.values())
    worst = 0
    for key, value in expected.items():
        scale = value.abs().max().item()
        if scale > 1e-9 * largest:
            worst = max(worst, (found[key].double() - value).abs().max().item() / scale)
    return worst


def steady_images(model, batch, size, labels):
    """The name of the first images whose gradients do not change when rounding does."""
    for at in range(10):
        name = f"images {at}"
        image = images(name, batch, size)
        _, gradients = train(copy.deepcopy(model).double(), image.double(), labels, 1)
        worst = 0
        for change in [1, 1 + 4e-7]:
            worst = max(worst, difference(train(copy.deepcopy(model), image * change, labels, 1)[1], gradients))
            if worst > 5e-4:
                break
        print(name, worst, file=sys.stderr, flush=True)
        if worst <= 5e-4:
            return name
    raise RuntimeError("no steady images")


def record(make, batch, size, exporter, filling):
    model = make()
    state = {key: value for key, value in model.state_dict().items() if not key.endswith("num_batches_tracked")}
    model.load_state_dict({key: fill(key, value.shape, state, filling) for key, value in state.items()}, strict=False)
    labels = torch.tensor([1, 7, 4, 1, 0, 2, 3, 9])[:batch]
    name = steady_images(model, batch, size, labels)
    image = images(name, batch, size)
    file = export(copy.deepcopy(model), image, exporter)
    single, own = train(copy.deepcopy(model), image, labels)
    losses, gradients = train(model.double(), image.double(), labels)
    off = [abs(single[0] - losses[0]), difference(own, gradients)]
    off.append(max(abs(a / b - 1) for a, b in zip(single, losses)))
    return {
        "tool": f"torch {torch.__version__}, torchvision {torchvision.__version__}, timm {timm.__version__}",
        "exporter": exporter,
        "inputDims": [batch, 3, size, size],
        "filling": {**filling, "images": name},
        "labels": labels.tolist(),
        "float32": [number(value) for value in off],
        "losses": [number(value) for value in losses],
        "gradients": {key: digest(key, value) for key, value in gradients.items()},
        "model": file,
    }


folder = sys.argv[1]
os.makedirs(folder, exist_ok=True)
for name, entry in nets.items():
    if len(sys.argv) > 2 and name not in sys.argv[2:]:
        continue
    recorded = record(*entry)
    print(name, recorded["losses"], recorded["float32"], file=sys.stderr)
    with open(f"{folder}/{name}.json", "w") as file:
        json.dump(recorded, file, separators=(",", ":"))
