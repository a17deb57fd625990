"""The frozen loop as PyTorch users write it: the backbone without gradients in every step, the head trained; a contestant.

Arguments: IMAGES BATCH SIZE CLASSES THREADS. The figure is images/s of one epoch.
"""

import sys
import time

import torch
import torchvision
from torch import nn

images, batch, size, classes, threads = (int(value) for value in sys.argv[1:6])
torch.set_num_threads(threads)
model = torchvision.models.mobilenet_v2(num_classes=classes, dropout=0.0).eval()
for parameter in model.features.parameters():
    parameter.requires_grad_(False)
optimizer = torch.optim.Adam(model.classifier.parameters())
loss = nn.CrossEntropyLoss()
inputs = torch.rand(batch, 3, size, size)
labels = torch.randint(0, classes, (batch,))


def step():
    optimizer.zero_grad()
    loss(model(inputs), labels).backward()
    optimizer.step()


step()
print("ready", flush=True)
for line in sys.stdin:
    started = time.perf_counter()
    for _ in range(images // batch):
        step()
    print('{"value": %f}' % (images / (time.perf_counter() - started)), flush=True)
