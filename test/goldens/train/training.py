# Records what PyTorch computes for a small variant of smallCnn: loss and gradients of one batch, five steps of SGD with
# momentum and of Adam, both with weight decay, the running statistics, and pooling of equal values.
#
#   python3 -m venv venv && venv/bin/pip install torch==2.15.0 numpy
#   venv/bin/python test/goldens/train/training.py > test/goldens/train/training.json
import json
import sys

import torch
from torch import nn

torch.manual_seed(0)
torch.set_num_threads(1)


def rounded(tensor):
    return [float(f"{value:.9g}") for value in tensor.detach().flatten().tolist()]


class SmallCnn(nn.Module):
    """smallCnn({ classes: 4, size: 8, width: 3 }), its parameters under the same names."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 3, 3, padding=1, bias=False)
        self.norm1 = nn.BatchNorm2d(3)
        self.conv2 = nn.Conv2d(3, 6, 3, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(6)
        self.hidden = nn.Linear(24, 15)
        self.classifier = nn.Linear(15, 4)

    def forward(self, x):
        x = nn.functional.max_pool2d(torch.relu(self.norm1(self.conv1(x))), 2)
        x = nn.functional.max_pool2d(torch.relu(self.norm2(self.conv2(x))), 2)
        return self.classifier(torch.relu(self.hidden(x.flatten(1))))


names = {
    "conv1.weight": "conv1.weight",
    "norm1.weight": "conv1.norm.weight",
    "norm1.bias": "conv1.norm.bias",
    "norm1.running_mean": "conv1.norm.runningMean",
    "norm1.running_var": "conv1.norm.runningVariance",
    "conv2.weight": "conv2.weight",
    "norm2.weight": "conv2.norm.weight",
    "norm2.bias": "conv2.norm.bias",
    "norm2.running_mean": "conv2.norm.runningMean",
    "norm2.running_var": "conv2.norm.runningVariance",
    "hidden.weight": "hidden.weight",
    "hidden.bias": "hidden.bias",
    "classifier.weight": "classifier.weight",
    "classifier.bias": "classifier.bias",
}


def state(model):
    return {names[key]: rounded(value) for key, value in model.state_dict().items() if key in names}


start = SmallCnn()
for norm in (start.norm1, start.norm2):
    nn.init.uniform_(norm.weight, 0.5, 1.5)
    nn.init.uniform_(norm.bias, -0.5, 0.5)
weights = {key: value.clone() for key, value in start.state_dict().items()}
images = torch.randn(5, 6, 1, 8, 8)
labels = torch.randint(0, 4, (5, 6))


def steps(make_optimizer, smoothing=0.0):
    model = SmallCnn()
    model.load_state_dict(weights)
    optimizer = make_optimizer(model.parameters())
    losses = []
    for batch, target in zip(images, labels):
        loss = nn.functional.cross_entropy(model(batch), target, label_smoothing=smoothing)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(float(f"{loss.item():.9g}"))
    return {"losses": losses, "state": state(model)}


def first_gradients():
    model = SmallCnn()
    model.load_state_dict(weights)
    loss = nn.functional.cross_entropy(model(images[0]), labels[0])
    loss.backward()
    return {
        "loss": float(f"{loss.item():.9g}"),
        "gradients": {names[key]: rounded(value.grad) for key, value in model.named_parameters()},
    }


json.dump(
    {
        "tool": f"torch {torch.__version__}",
        "state": state(start),
        "images": [rounded(batch) for batch in images],
        "labels": labels.tolist(),
        "first": first_gradients(),
        "optimizers": {
            "sgd": steps(lambda p: torch.optim.SGD(p, lr=0.05, momentum=0.9, weight_decay=0.01)),
            "nesterov": steps(lambda p: torch.optim.SGD(p, lr=0.05, momentum=0.9, nesterov=True)),
            "plain": steps(lambda p: torch.optim.SGD(p, lr=0.1)),
            "adam": steps(lambda p: torch.optim.Adam(p, lr=0.01, weight_decay=0.01), smoothing=0.1),
        },
    },
    sys.stdout,
)
