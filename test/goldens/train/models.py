# Records stock inference files as PyTorch writes them, small ones, with what PyTorch computes, for fromOnnx: batch
# normalization folded into the convolutions or kept, a softmax at the end, batches of one fixed size or of any size.
#
#   python3 -m venv venv && venv/bin/pip install torch==2.15.0 onnx==1.23.2 onnxscript numpy
#   venv/bin/python test/goldens/train/models.py > test/goldens/train/models.json
import base64
import contextlib
import copy
import io
import json
import sys
import tempfile
import warnings

import onnx
import torch
from torch import nn

warnings.filterwarnings("ignore")
torch.manual_seed(0)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 4, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(4)
        self.conv2 = nn.Conv2d(4, 6, 3, stride=2, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(6)
        self.drop = nn.Dropout(0.3)
        self.fc = nn.Linear(6, 5)

    def forward(self, x):
        x = torch.relu(self.bn1(self.conv1(x)))
        x = torch.relu(self.bn2(self.conv2(x)))
        x = nn.functional.adaptive_avg_pool2d(x, 1)
        return torch.softmax(self.fc(self.drop(x.view(x.shape[0], -1))), 1)


net = Net()
for norm in (net.bn1, net.bn2):
    nn.init.uniform_(norm.weight, 0.5, 1.5)
    nn.init.uniform_(norm.bias, -0.5, 0.5)
    nn.init.uniform_(norm.running_var, 0.5, 1.5)
images = torch.randn(3, 3, 8, 8)


def flat(tensor):
    return [float(f"{value:.9g}") for value in tensor.flatten().tolist()]


def export(training=None, dynamo=False, dynamic=False):
    target = copy.deepcopy(net).eval()
    options = {"input_names": ["image"], "output_names": ["probabilities"]}
    if dynamo:
        if dynamic:
            options["dynamic_shapes"] = {"x": {0: torch.export.Dim("batch")}}
        example = (images[:2] if dynamic else images[:1],)
        program = torch.onnx.export(target, example, dynamo=True, verbose=False, external_data=False, **options)
        with tempfile.NamedTemporaryFile(suffix=".onnx") as file:
            program.save(file.name)
            data = open(file.name, "rb").read()
    else:
        if dynamic:
            options["dynamic_axes"] = {"image": {0: "batch"}, "probabilities": {0: "batch"}}
        if training is not None:
            options.update(training=training, do_constant_folding=False)
        buffer = io.BytesIO()
        torch.onnx.export(target, (images[:1],), buffer, dynamo=False, **options)
        data = buffer.getvalue()
    model = onnx.load_from_string(data)
    for node in list(model.graph.node):
        node.ClearField("metadata_props")
        node.ClearField("doc_string")
    # What the copy computes now: exporting for training runs it once, which moves its running statistics.
    with torch.no_grad():
        probabilities = target.eval()(images)
    return {"model": base64.b64encode(model.SerializeToString()).decode(), "probabilities": flat(probabilities)}


mode = torch.onnx.TrainingMode
# The exporter prints.
with contextlib.redirect_stdout(sys.stderr):
    files = {
        "TorchScript, folded, batch of one": export(),
        "TorchScript, folded, any batch": export(dynamic=True),
        "TorchScript, for training": export(training=mode.TRAINING, dynamic=True),
        "torch.export, batch of one": export(dynamo=True),
        "torch.export, any batch": export(dynamo=True, dynamic=True),
    }
json.dump(
    {
        "tool": f"torch {torch.__version__}, onnx {onnx.__version__}",
        "images": flat(images),
        "files": files,
    },
    sys.stdout,
)
