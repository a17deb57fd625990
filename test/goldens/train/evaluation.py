# Records what PyTorch, torchmetrics and scikit-learn say of a few scores: losses of single samples, accuracy, macro F1,
# calibration error, mean average precision and mean IoU, for tests of `evaluate`.
#
#   python3 -m venv venv && venv/bin/pip install torch==2.15.0 torchmetrics==1.9.0 scikit-learn==1.9.1
#   venv/bin/python test/goldens/train/evaluation.py > test/goldens/train/evaluation.json
import json

import sklearn
import torch
import torch.nn.functional as F
import torchmetrics
from sklearn.metrics import average_precision_score, f1_score
from torchmetrics.functional.classification import multiclass_calibration_error

torch.manual_seed(0)


def flat(values):
    return [float(value) for value in values.flatten().tolist()]


def classification(samples, classes):
    logits = torch.randn(samples, classes) * 2
    labels = torch.randint(0, classes, (samples,))
    probabilities = logits.softmax(1)
    return {
        "logits": flat(logits),
        "probabilities": flat(probabilities),
        "labels": labels.tolist(),
        "loss": flat(F.cross_entropy(logits, labels, reduction="none")),
        "accuracy": float((logits.argmax(1) == labels).float().mean()),
        "macroF1": float(f1_score(labels, logits.argmax(1), average="macro")),
        "calibrationError": float(multiclass_calibration_error(probabilities, labels, classes, n_bins=15)),
    }


def multilabel(samples, classes):
    logits = torch.randn(samples, classes) * 2
    targets = torch.randint(0, 2, (samples, classes))
    probabilities = logits.sigmoid()
    return {
        "logits": flat(logits),
        "probabilities": flat(probabilities),
        "targets": targets.flatten().tolist(),
        "loss": flat(F.binary_cross_entropy_with_logits(logits, targets.float(), reduction="none").mean(1)),
        "macroF1": float(f1_score(targets, probabilities > 0.5, average="macro")),
        "meanAveragePrecision": float(average_precision_score(targets, probabilities, average="macro")),
    }


def segmentation(samples, classes, height, width, ignored):
    logits = torch.randn(samples, classes, height, width)
    labels = torch.randint(0, classes, (samples, height, width))
    labels[:, 0, 0] = ignored
    losses = [float(F.cross_entropy(logits[i : i + 1], labels[i : i + 1], ignore_index=ignored)) for i in range(samples)]
    counted = labels != ignored
    predicted = logits.argmax(1)
    intersections = [((predicted == c) & (labels == c)).sum() for c in range(classes)]
    unions = [(((predicted == c) | (labels == c)) & counted).sum() for c in range(classes)]
    return {
        "dims": [samples, classes, height, width],
        "logits": flat(logits),
        "labels": labels.flatten().tolist(),
        "ignored": ignored,
        "loss": losses,
        "meanLoss": float(F.cross_entropy(logits, labels, ignore_index=ignored)),
        "pixelAccuracy": float((predicted == labels)[counted].float().mean()),
        "meanIoU": float(sum(i / u for i, u in zip(intersections, unions)) / classes),
    }


print(
    json.dumps(
        {
            "tool": f"torch {torch.__version__}, torchmetrics {torchmetrics.__version__}, scikit-learn {sklearn.__version__}",
            "classification": classification(23, 4),
            "multilabel": multilabel(19, 3),
            "segmentation": segmentation(5, 3, 4, 3, 255),
        },
        indent=1,
    )
)
