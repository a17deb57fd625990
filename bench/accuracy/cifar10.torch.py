"""The same recipe in PyTorch: reads what cifar10.ts wrote (images, order, shifts, first weights), trains, prints the accuracy."""
import json
import sys
import time

import numpy as np
import torch
from torch import nn

folder, epochs, threads = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
torch.set_num_threads(threads)
recipe = json.load(open(f"{folder}/recipe.json"))


class Block(nn.Module):
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


class Resnet20(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 16, 3, 1, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(16)

        def stage(inner, outer):
            return nn.Sequential(*[
                Block(inner if i == 0 else outer, outer, 2 if i == 0 and inner != outer else 1) for i in range(3)
            ])

        self.layer1, self.layer2, self.layer3 = stage(16, 16), stage(16, 32), stage(32, 64)
        self.fc = nn.Linear(64, 10)

    def forward(self, x):
        x = self.layer3(self.layer2(self.layer1(torch.relu(self.bn1(self.conv1(x))))))
        return self.fc(x.mean((2, 3)))


def pictures(name):
    pixels = np.fromfile(f"{folder}/{name}.pixels", np.uint8).reshape(-1, 32, 32, 3)
    return pixels, torch.tensor(json.load(open(f"{folder}/{name}.labels.json")))


mean, std = (np.array(recipe[key], np.float32) for key in ("mean", "std"))


def normalized(pixels):
    x = (pixels.astype(np.float32) / 255 - mean) / std
    return torch.from_numpy(np.ascontiguousarray(x.transpose(0, 3, 1, 2)))


train, train_labels = pictures("train")
test, test_labels = pictures("test")
padded = np.pad(train, ((0, 0), (4, 4), (4, 4), (0, 0)))
order = np.fromfile(f"{folder}/order.i32", np.int32).reshape(-1, len(train))
shifts = np.fromfile(f"{folder}/shifts.u8", np.uint8).reshape(-1, len(train), 3)
model = Resnet20()
weights = np.fromfile(f"{folder}/weights.f32", np.float32)
state, offset = model.state_dict(), 0
for name, dims in recipe["weights"]:
    count = int(np.prod(dims))
    state[name].copy_(torch.from_numpy(weights[offset : offset + count].reshape(dims)))
    offset += count

optimizer = torch.optim.SGD(
    model.parameters(), recipe["learningRate"], momentum=recipe["momentum"], weight_decay=recipe["weightDecay"]
)
schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, epochs)
loss_of = nn.CrossEntropyLoss()
batch = recipe["batch"]
started = time.time()
for epoch in range(epochs):
    model.train()
    losses = []
    for first in range(0, len(train), batch):
        chosen = order[epoch, first : first + batch]
        images = np.empty((len(chosen), 32, 32, 3), np.uint8)
        for at, index in enumerate(chosen):
            dx, dy, flip = shifts[epoch, index]
            image = padded[index, dy : dy + 32, dx : dx + 32]
            images[at] = image[:, ::-1] if flip else image
        loss = loss_of(model(normalized(images)), train_labels[chosen])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item() * len(chosen))
    schedule.step()
    print(f"epoch {epoch + 1}: loss {sum(losses) / len(train):.4f}", file=sys.stderr)
seconds = time.time() - started
model.eval()
with torch.no_grad():
    right = sum(
        (model(normalized(test[i : i + 500])).argmax(1) == test_labels[i : i + 500]).sum().item()
        for i in range(0, len(test), 500)
    )
print(json.dumps({"accuracy": right / len(test), "seconds": seconds}))
