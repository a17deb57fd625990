# Records small nets with stochastic depth as PyTorch's exporters write them in training mode, and what they give in eval
# mode, where nothing is dropped.
#
#   python3 -m venv venv && venv/bin/pip install torch==2.15.0 torchvision==0.29.2 timm==1.0.31 onnx==1.23.2 onnxscript numpy
#   venv/bin/python test/goldens/train/stochastic-depth.py > test/goldens/train/stochastic-depth.json
import base64
import contextlib
import io
import json
import sys
import warnings

import onnx
import timm
import torch
import torchvision
from timm.layers import DropPath
from torch import nn
from torchvision.ops import StochasticDepth

warnings.filterwarnings("ignore")
torch.manual_seed(0)
images = torch.randn(3, 3, 4, 4)


class Net(nn.Module):
    def __init__(self, *drops):
        super().__init__()
        self.convs = nn.ModuleList(nn.Conv2d(3, 3, 3, padding=1) for _ in drops)
        self.drops = nn.ModuleList(drops)
        self.fc = nn.Linear(3, 5)

    def forward(self, x):
        for conv, drop in zip(self.convs, self.drops):
            x = x + drop(torch.tanh(conv(x)))
        return self.fc(x.mean((2, 3)))


def export(net, exporter):
    if exporter == "TorchScript":
        buffer = io.BytesIO()
        options = {"training": torch.onnx.TrainingMode.TRAINING, "do_constant_folding": False, "input_names": ["x"]}
        torch.onnx.export(net.train(), (images[:2],), buffer, dynamo=False, dynamic_axes={"x": {0: "N"}}, **options)
        return buffer.getvalue()
    if exporter == "TorchScript, batch of two":
        buffer = io.BytesIO()
        options = {"training": torch.onnx.TrainingMode.TRAINING, "do_constant_folding": False, "input_names": ["x"]}
        torch.onnx.export(net.train(), (images[:2],), buffer, dynamo=False, **options)
        return buffer.getvalue()
    shapes = ({0: torch.export.Dim("batch")},)
    optimize = exporter == "torch.export"
    return torch.onnx.export(
        net.train(), (images[:2],), dynamo=True, verbose=False, dynamic_shapes=shapes, optimize=optimize
    ).model_proto.SerializeToString()


def recorded(net, exporter):
    with contextlib.redirect_stdout(sys.stderr):
        model = onnx.load_from_string(export(net, exporter))
    for node in model.graph.node:
        node.ClearField("metadata_props")
        node.ClearField("doc_string")
    with torch.no_grad():
        scores = net.eval()(images)
    return {
        "model": base64.b64encode(model.SerializeToString()).decode(),
        "scores": [float(f"{value:.9g}") for value in scores.flatten().tolist()],
    }


rows = Net(StochasticDepth(0.2, "row"), DropPath(0.25))
files = {
    name: recorded(rows, name)
    for name in ("TorchScript", "TorchScript, batch of two", "torch.export", "torch.export, not optimized")
}
refused = {
    "one draw for the whole batch": recorded(Net(StochasticDepth(0.2, "batch")), "TorchScript"),
    "one that is not divided by what is kept": recorded(Net(DropPath(0.25, scale_by_keep=False)), "TorchScript"),
}
tool = f"torch {torch.__version__}, torchvision {torchvision.__version__}, timm {timm.__version__}"
flat = [float(f"{value:.9g}") for value in images.flatten().tolist()]
json.dump({"tool": tool, "images": flat, "files": files, "refused": refused}, sys.stdout)
