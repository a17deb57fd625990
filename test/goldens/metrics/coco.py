"""Random images with pycocotools' answers: crowds, every size of object, ties of scores, absent classes, more
detections than count.

    pip install pycocotools numpy && python coco.py > coco.json
"""

import contextlib
import io
import json
from importlib.metadata import version

import numpy as np
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

random = np.random.default_rng(5)
CLASSES = 4


def box():
    size = random.choice([12, 50, 150]) * random.uniform(0.6, 1.6, 2)
    return np.round(np.concatenate([random.uniform(0, 400, 2), size]), 2)


def scene(images, objects, detections, absent, ties):
    truth, found = [], []
    classes = [c for c in range(CLASSES) if c != absent]
    for image in range(1, images + 1):
        for _ in range(random.integers(0, objects + 1)):
            b = box()
            area = float(b[2] * b[3] * random.choice([1, 1, 0.6]))
            crowd = int(random.random() < 0.1)
            truth.append({"id": len(truth) + 1, "image_id": image, "category_id": int(random.choice(classes)),
                          "bbox": b.tolist(), "area": round(area, 3), "iscrowd": crowd})
        near = [t for t in truth if t["image_id"] == image]
        for _ in range(random.integers(0, detections + 1)):
            if near and random.random() < 0.75:
                target = near[random.integers(len(near))]
                jitter = random.normal(0, 0.08, 4) * target["bbox"][2]
                b, c = np.round(np.array(target["bbox"]) + jitter, 2), target["category_id"]
                b[2:] = np.maximum(b[2:], 1)
            else:
                b, c = box(), int(random.integers(CLASSES))
            score = random.integers(1, 9) / 8 if ties else round(float(random.random()), 6)
            found.append({"image_id": image, "category_id": c, "bbox": b.tolist(), "score": float(score)})
    return truth, found


def evaluate(images, truth, found):
    with contextlib.redirect_stdout(io.StringIO()):
        coco = COCO()
        coco.dataset = {"images": [{"id": i} for i in range(1, images + 1)], "annotations": truth,
                        "categories": [{"id": c} for c in range(CLASSES)]}
        coco.createIndex()
        results = coco.loadRes([dict(f) for f in found])
        run = COCOeval(coco, results, "bbox")
        run.evaluate()
        run.accumulate()
        run.summarize()
    precision = run.eval["precision"][:, :, :, 0, 2]
    per_class = [None if (precision[:, :, c] == -1).all() else float(precision[:, :, c].mean()) for c in range(CLASSES)]
    curve = next(c for c in range(CLASSES) if per_class[c] is not None)
    return {"stats": [None if s == -1 else float(s) for s in run.stats], "perClass": per_class, "curveOf": curve,
            "curve": precision[0, :, curve].tolist(), "curveScores": run.eval["scores"][0, :, curve, 0, 2].tolist()}


cases = []
for images, objects, detections, absent, ties in [
    (6, 5, 8, None, False), (8, 4, 12, 2, False), (5, 6, 10, None, True), (1, 1, 2, 0, False), (3, 3, 0, None, False),
    (2, 40, 170, None, True), (10, 2, 4, 3, True), (4, 8, 20, 1, False),
]:
    truth, found = scene(images, objects, detections, absent, ties)
    if not found:
        found = [{"image_id": 1, "category_id": 0, "bbox": [0.0, 0.0, 5.0, 5.0], "score": 0.5}]
    answers = evaluate(images, truth, found)
    strip = lambda entry: {key: value for key, value in entry.items() if key != "id"}
    cases.append({"images": images, "truth": [strip(t) for t in truth], "detections": found, "answers": answers})

print(json.dumps({"tool": "pycocotools", "version": version("pycocotools"), "classes": CLASSES, "cases": cases}))
