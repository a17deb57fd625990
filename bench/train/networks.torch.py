"""The networks of networks.ts in PyTorch eager mode; a contestant.

Arguments: NETWORK BATCH STEPS THREADS speed|memory. The figure is images/s, or the process's peak memory in MiB.
"""

import resource
import sys
import time

import torch
import torchvision
from torch import nn

name, mode = sys.argv[1], sys.argv[5]
batch, steps, threads = (int(value) for value in sys.argv[2:5])
torch.set_num_threads(threads)
torch.manual_seed(0)


def resnet18_cifar():
    model = torchvision.models.resnet18(num_classes=10)
    model.conv1 = nn.Conv2d(3, 64, 3, padding=1, bias=False)
    model.maxpool = nn.Identity()
    return model, (3, 32, 32), 10


def mobilenetv2():
    return torchvision.models.mobilenet_v2(num_classes=1000, dropout=0.0), (3, 224, 224), 1000


model, image, classes = {"resnet18-cifar": resnet18_cifar, "mobilenetv2": mobilenetv2}[name]()
model.train()
optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9, weight_decay=5e-4)
loss = nn.CrossEntropyLoss()
images = torch.rand(batch, *image)
labels = torch.randint(0, classes, (batch,))


def run(count):
    started = time.perf_counter()
    for _ in range(count):
        optimizer.zero_grad()
        loss(model(images), labels).backward()
        optimizer.step()
    if mode == "memory":
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return count * batch / (time.perf_counter() - started)


run(2)
print("ready", flush=True)
for line in sys.stdin:
    print('{"value": %f}' % run(steps), flush=True)
