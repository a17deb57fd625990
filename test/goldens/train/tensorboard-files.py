# Records the event files that TensorBoard's own writer makes of a run and of one that went on, what its EventAccumulator
# reads from them, and its checksums of some bytes. A test compares our files with them byte by byte.
#
#   python3 -m venv venv && venv/bin/pip install tensorboard==2.21.0 protobuf==7.36.2 numpy==2.4.6
#   venv/bin/python test/goldens/train/tensorboard-files.py > test/goldens/train/tensorboard-files.json
import base64
import io
import json
import os
import struct
import tempfile
import zlib

import numpy as np
import tensorboard
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.compat.proto.event_pb2 import Event, SessionLog
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.plugins.text.summary_v2 import text_pb
from tensorboard.summary.writer.record_writer import RecordWriter, masked_crc32c


class Kept(io.BytesIO):
    def close(self):
        pass


def png():
    """A PNG of 3 × 2 pixels, RGB."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\0" + bytes([row * 40 + i for i in range(9)]) for row in range(2))
    header = struct.pack(">IIBBBBB", 3, 2, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def scalars(values):
    return Summary(value=[Summary.Value(tag=tag, simple_value=value) for tag, value in values.items()])


def file_of(events):
    kept = Kept()
    writer = RecordWriter(kept)
    for event in events:
        writer.write(event.SerializeToString())
    writer.flush()
    return kept.getvalue()


at = 1700000000.25
picture = png()
metrics = [
    {"trainLoss": 1.5, "validation/accuracy": 0.0, "learningRate": 1e-3},
    {"trainLoss": 0.7, "validation/accuracy": 0.625, "learningRate": 1e-4},
    {"trainLoss": float("nan"), "validation/accuracy": 0.75, "learningRate": 1e-5},
]
params = {"optimizer": "adam", "a|b": "1"}
table = "| name | value |\n| --- | --- |\n| optimizer | adam |\n| a\\|b | 1 |"
image = Summary.Image(height=2, width=3, colorspace=3, encoded_image_string=picture)

first = [
    Event(wall_time=at, file_version="brain.Event:2"),
    Event(wall_time=at, step=0, summary=text_pb("params", table)),
    *[Event(wall_time=at, step=step, summary=scalars(values)) for step, values in zip([0, 1, 300], metrics)],
    Event(wall_time=at, step=300, summary=Summary(value=[Summary.Value(tag="plots/loss.png", image=image)])),
]
second = [
    Event(wall_time=at, file_version="brain.Event:2"),
    Event(wall_time=at, step=1, session_log=SessionLog(status=SessionLog.START)),
    Event(wall_time=at, step=1, summary=scalars({"trainLoss": 0.5})),
    Event(wall_time=at, step=2**40, summary=scalars({"trainLoss": 0.25})),
]
files = {
    "events.out.tfevents.1700000000.percept": file_of(first),
    "events.out.tfevents.1700000001.percept": file_of(second),
}


def reading(names):
    with tempfile.TemporaryDirectory() as folder:
        for name in names:
            with open(os.path.join(folder, name), "wb") as file:
                file.write(files[name])
        accumulator = EventAccumulator(folder).Reload()
        tags = accumulator.Tags()
        return {
            "scalars": {
                tag: [[event.step, None if np.isnan(event.value) else event.value] for event in accumulator.Scalars(tag)]
                for tag in tags["scalars"]
            },
            "text": {
                tag: accumulator.Tensors(tag)[0].tensor_proto.string_val[0].decode() for tag in tags["tensors"]
            },
            "images": {tag: [[e.step, e.width, e.height] for e in accumulator.Images(tag)] for tag in tags["images"]},
        }


rng = np.random.default_rng(0)
samples = [rng.integers(0, 256, size, dtype=np.uint8).tobytes() for size in [0, 1, 3, 8, 64, 257]]
print(
    json.dumps(
        {
            "tool": f"tensorboard {tensorboard.__version__}",
            "seconds": at,
            "params": params,
            "metrics": [{k: None if np.isnan(v) else v for k, v in values.items()} for values in metrics],
            "picture": base64.b64encode(picture).decode(),
            "files": {name: base64.b64encode(data).decode() for name, data in files.items()},
            "readFirst": reading(list(files)[:1]),
            "readBoth": reading(list(files)),
            "checksums": [[base64.b64encode(data).decode(), int(masked_crc32c(data))] for data in samples],
        },
        indent=1,
    )
)
