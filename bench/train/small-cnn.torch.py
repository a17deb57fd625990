"""The same small CNN, batch size and optimizer in PyTorch eager mode; a contestant of train/small-cnn."""

import sys
import time

import torch
from torch import nn

width1, width2, hidden, batch, steps, threads = (int(value) for value in sys.argv[1:7])
torch.set_num_threads(threads)
torch.manual_seed(0)

model = nn.Sequential(
    nn.Conv2d(1, width1, 3, padding=1, bias=False), nn.BatchNorm2d(width1), nn.ReLU(), nn.MaxPool2d(2),
    nn.Conv2d(width1, width2, 3, padding=1, bias=False), nn.BatchNorm2d(width2), nn.ReLU(), nn.MaxPool2d(2),
    nn.Flatten(), nn.Linear(width2 * 49, hidden), nn.ReLU(), nn.Linear(hidden, 10),
)
optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
loss = nn.CrossEntropyLoss()
images = torch.rand(batch, 1, 28, 28)
labels = torch.randint(0, 10, (batch,))


def run(count):
    started = time.perf_counter()
    for _ in range(count):
        optimizer.zero_grad()
        loss(model(images), labels).backward()
        optimizer.step()
    return count * batch / (time.perf_counter() - started)


run(5)
print("ready", flush=True)
for line in sys.stdin:
    print('{"value": %f}' % run(steps), flush=True)
