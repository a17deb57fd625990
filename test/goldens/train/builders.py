# Records what torchvision and timm compute with the architectures of builders/, and how they initialise them.
#
# No weights are stored: parameters and the image are filled by a rule that both sides compute (`fill`). For every
# architecture: the number of parameters, the shape, mean and deviation of each parameter as it is initialised, and the
# logits of one image with the filled parameters. The CIFAR ResNets, which neither library has, are written out here
# after the paper (He et al. 2016, §4.2, shortcuts of kind A).
#
#   python3 -m venv venv && venv/bin/pip install torch==2.15.0 torchvision==0.29.2 timm==1.0.31 numpy
#   venv/bin/python test/goldens/train/builders.py > test/goldens/train/builders.json
import json
import math
import sys

import numpy as np
import timm
import torch
import torchvision
from torch import nn

torch.set_num_threads(2)


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


def fill(name, shape):
    values = hashed(name, math.prod(shape))
    if name.endswith("running_var") or (name.endswith("weight") and len(shape) == 1):
        values = 1 + 0.5 * values
    elif len(shape) == 1:
        values = 0.1 * values
    elif name != "input":
        values = values * math.sqrt(6 / math.prod(shape[1:]))
    return torch.from_numpy(values.astype(np.float32)).reshape(shape)


class CifarBlock(nn.Module):
    def __init__(self, inner, outer, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(inner, outer, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(outer)
        self.conv2 = nn.Conv2d(outer, outer, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(outer)
        self.added = outer - inner

    def forward(self, x):
        residual = self.bn2(self.conv2(torch.relu(self.bn1(self.conv1(x)))))
        if self.added:
            half = self.added // 2
            x = nn.functional.pad(x[:, :, ::2, ::2], (0, 0, 0, 0, half, half))
        return torch.relu(residual + x)


class CifarResnet(nn.Module):
    def __init__(self, depth, classes):
        super().__init__()
        count = (depth - 2) // 6
        self.conv1 = nn.Conv2d(3, 16, 3, 1, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(16)
        stage = lambda inner, outer: nn.Sequential(
            *[
                CifarBlock(inner if i == 0 else outer, outer, 2 if i == 0 and inner != outer else 1)
                for i in range(count)
            ]
        )
        self.layer1, self.layer2, self.layer3 = stage(16, 16), stage(16, 32), stage(32, 64)
        self.fc = nn.Linear(64, classes)
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")

    def forward(self, x):
        x = self.layer3(self.layer2(self.layer1(torch.relu(self.bn1(self.conv1(x))))))
        return self.fc(x.mean((2, 3)))


def cifar_stem():
    model = torchvision.models.resnet18(num_classes=10)
    model.conv1 = nn.Conv2d(3, 64, 3, 1, 1, bias=False)
    nn.init.kaiming_normal_(model.conv1.weight, mode="fan_out", nonlinearity="relu")
    model.maxpool = nn.Identity()
    return model


models = torchvision.models
architectures = {
    "resnet18": (lambda classes: models.resnet18(num_classes=classes), 96),
    "resnet18 with the CIFAR stem": (lambda classes: cifar_stem(), 32),
    "resnet34": (lambda classes: models.resnet34(num_classes=classes), 96),
    "resnet50": (lambda classes: models.resnet50(num_classes=classes), 96),
    "cifarResnet 20": (lambda classes: CifarResnet(20, classes), 32),
    "cifarResnet 32": (lambda classes: CifarResnet(32, classes), 32),
    "cifarResnet 44": (lambda classes: CifarResnet(44, classes), 32),
    "cifarResnet 56": (lambda classes: CifarResnet(56, classes), 32),
    "mobilenetV2": (lambda classes: models.mobilenet_v2(num_classes=classes), 96),
    "mobilenetV3Large": (lambda classes: models.mobilenet_v3_large(num_classes=classes), 96),
    "mobilenetV3Small": (lambda classes: models.mobilenet_v3_small(num_classes=classes), 96),
    "efficientnetB0": (lambda classes: models.efficientnet_b0(num_classes=classes), 96),
    "squeezenet": (lambda classes: models.squeezenet1_1(num_classes=classes), 96),
    "vitTiny": (lambda classes: timm.create_model("vit_tiny_patch16_224", num_classes=classes), 224),
}


def multiply_accumulates(model, image):
    total = [0]

    def count(module, _, output):
        weights = module.weight
        if isinstance(module, nn.Conv2d):
            total[0] += output.numel() * math.prod(weights.shape[1:])
        else:
            total[0] += output.numel() * weights.shape[1]

    hooks = [
        module.register_forward_hook(count) for module in model.modules() if isinstance(module, (nn.Conv2d, nn.Linear))
    ]
    with torch.no_grad():
        model(image)
    for hook in hooks:
        hook.remove()
    return total[0]


def record(make, size):
    torch.manual_seed(0)
    model = make(10).eval()
    state = {name: value for name, value in model.state_dict().items() if not name.endswith("num_batches_tracked")}
    initial = {
        name: [list(value.shape), float(f"{value.mean():.4g}"), float(f"{value.std(correction=0):.4g}")]
        for name, value in state.items()
    }
    model.load_state_dict({name: fill(name, value.shape) for name, value in state.items()}, strict=False)
    image = fill("input", (1, 3, size, size))
    with torch.no_grad():
        logits = model(image)
    return {
        "size": size,
        "parameters": sum(value.numel() for value in model.parameters()),
        "multiplyAccumulates": multiply_accumulates(model, image),
        "logits": [float(f"{value:.9g}") for value in logits.flatten().tolist()],
        "initial": initial,
    }


def layer_decay():
    from timm.optim import param_groups_layer_decay

    model = timm.create_model("vit_tiny_patch16_224", num_classes=10)
    names = {id(value): name for name, value in model.named_parameters()}
    groups = param_groups_layer_decay(
        model, weight_decay=0.05, layer_decay=0.75, no_weight_decay_list=model.no_weight_decay()
    )
    return {
        names[id(value)]: [float(f"{group['lr_scale']:.9g}"), group["weight_decay"]]
        for group in groups
        for value in group["params"]
    }


json.dump(
    {
        "tool": f"torch {torch.__version__}, torchvision {torchvision.__version__}, timm {timm.__version__}",
        "architectures": {name: record(*entry) for name, entry in architectures.items()},
        "layerDecay": layer_decay(),
    },
    sys.stdout,
)
