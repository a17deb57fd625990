"""200 random cases with torchmetrics' answers: classes absent, ties of scores, two classes and many.

    pip install torch==2.15.0 torchmetrics==1.9.0 && python torchmetrics_cases.py > torchmetrics.json

Scores are multiples of 1/16 where a case has ties, so that JSON carries them exactly; otherwise they are rounded to
float32 and written with their shortest decimal form.
"""

import json
import random
import warnings

import torch
import torchmetrics
import torchmetrics.functional.classification as F
from torchmetrics.segmentation import MeanIoU

warnings.filterwarnings("ignore")
random.seed(4)
torch.manual_seed(4)


def plain(value):
    if isinstance(value, torch.Tensor):
        value = value.tolist()
    if isinstance(value, list):
        return [plain(v) for v in value]
    return None if value != value else round(value, 8)


def short(tensor):
    return [float(f"{v:.9g}") for v in tensor.flatten().tolist()]


def probabilities(rows, columns, ties):
    if ties:
        return torch.randint(0, 17, (rows, columns)).float() / 16
    return torch.softmax(torch.randn(rows, columns) * 2, dim=1) if columns > 1 else torch.rand(rows, 1)


def averages(function, *inputs, kinds=("macro", "weighted", "micro"), **options):
    out = {kind: plain(function(*inputs, average=kind, **options)) for kind in kinds}
    out["perClass"] = plain(function(*inputs, average="none", **options))
    return out


def multiclass():
    classes = random.choice([2, 3, 4, 6])
    rows = random.randint(1, 13)
    ties = random.random() < 0.5
    scores = probabilities(rows, classes, ties)
    present = random.sample(range(classes), random.randint(1, classes))
    labels = torch.tensor([random.choice(present) for _ in range(rows)])
    if labels.sum() == 0:  # torchmetrics takes labels that are all 0 for "nothing positive", whatever the class
        labels[:] = classes - 1
    options = {"num_classes": classes}
    thresholds = random.choice([5, 9, 17])
    bins = random.choice([4, 8, 15])
    beta = random.choice([0.5, 2.0])
    predicted = scores.argmax(dim=1)
    answers = {
        "accuracy": plain(F.multiclass_accuracy(scores, labels, average="micro", **options)),
        "precision": averages(F.multiclass_precision, scores, labels, **options),
        "recall": averages(F.multiclass_recall, scores, labels, **options),
        "specificity": averages(F.multiclass_specificity, scores, labels, **options),
        "f1": averages(F.multiclass_f1_score, scores, labels, **options),
        "fBeta": averages(F.multiclass_fbeta_score, scores, labels, beta, **options),
        "iou": averages(F.multiclass_jaccard_index, scores, labels, **options),
        "matthewsCorrelation": plain(F.multiclass_matthews_corrcoef(scores, labels, **options)),
        "cohenKappa": {
            str(weights): plain(F.multiclass_cohen_kappa(predicted, labels, weights=weights, **options))
            for weights in ("none", "linear", "quadratic")
        },
        "confusion": F.multiclass_confusion_matrix(scores, labels, **options).tolist(),
        "auroc": averages(F.multiclass_auroc, scores, labels, kinds=("macro", "weighted"), **options),
        "averagePrecision": averages(
            F.multiclass_average_precision, scores, labels, kinds=("macro", "weighted"), **options
        ),
        "binnedAuroc": averages(
            F.multiclass_auroc, scores, labels, kinds=("macro",), thresholds=thresholds, **options
        ),
        "binnedAveragePrecision": averages(
            F.multiclass_average_precision, scores, labels, kinds=("macro",), thresholds=thresholds, **options
        ),
        "calibration": {
            norm: plain(F.multiclass_calibration_error(scores, labels, n_bins=bins, norm=norm, **options))
            for norm in ("l1", "max", "l2")
        },
    }
    if not ties and classes > 2:  # torch.topk leaves the order of ties open
        answers["top2"] = plain(F.multiclass_accuracy(scores, labels, average="micro", top_k=2, **options))
    curves = {}
    for name, function in (("roc", F.multiclass_roc), ("precisionRecall", F.multiclass_precision_recall_curve)):
        x, y, thresholds_of = function(scores, labels, **options)
        curves[name] = [plain(x[labels[0]]), plain(y[labels[0]]), plain(thresholds_of[labels[0]])]
    return {
        "task": "multiclass", "classes": classes, "scores": short(scores), "labels": labels.tolist(),
        "thresholds": thresholds, "bins": bins, "beta": beta, "curveOf": labels[0].item(), "curves": curves, "answers": answers,
    }


def multilabel():
    classes = random.choice([1, 1, 2, 4])
    rows = random.randint(2, 16)
    scores = probabilities(rows, classes, random.random() < 0.5)
    labels = (torch.rand(rows, classes) < random.choice([0.2, 0.5, 0.8])).long()
    if labels.sum() == 0:
        labels[0, 0] = 1
    options = {"num_labels": classes}
    ranked = ("macro", "weighted", "micro")
    answers = {
        "exactMatch": plain(F.multilabel_exact_match(scores, labels, **options)) if classes > 1 else None,
        "accuracy": None, "precision": None, "recall": None, "specificity": None, "f1": None,
        "calibration": None,
    }
    if classes > 1:
        for name, function in (
            ("accuracy", F.multilabel_accuracy), ("precision", F.multilabel_precision),
            ("recall", F.multilabel_recall), ("specificity", F.multilabel_specificity), ("f1", F.multilabel_f1_score),
        ):
            answers[name] = averages(function, scores, labels, **options)
        answers["auroc"] = averages(F.multilabel_auroc, scores, labels, kinds=ranked, **options)
        answers["averagePrecision"] = averages(F.multilabel_average_precision, scores, labels, kinds=ranked, **options)
    else:
        flat, truth = scores.flatten(), labels.flatten()
        for name, function in (
            ("accuracy", F.binary_accuracy), ("precision", F.binary_precision), ("recall", F.binary_recall),
            ("specificity", F.binary_specificity), ("f1", F.binary_f1_score), ("auroc", F.binary_auroc),
            ("averagePrecision", F.binary_average_precision),
        ):
            answers[name] = {"perClass": [plain(function(flat, truth))]}
        answers["calibration"] = {
            norm: plain(F.binary_calibration_error(flat, truth, n_bins=8, norm=norm)) for norm in ("l1", "max", "l2")
        }
    return {
        "task": "multilabel", "classes": classes, "scores": short(scores), "labels": labels.flatten().tolist(),
        "bins": 8, "answers": {key: value for key, value in answers.items() if value is not None},
    }


def segmentation():
    classes = random.choice([2, 3, 5])
    ignore = random.choice([None, 0, 255])
    height, width, images = random.randint(1, 4), random.randint(1, 5), random.randint(1, 3)
    present = random.sample(range(classes), random.randint(1, classes))
    actual = torch.tensor([[random.choice(present) for _ in range(height * width)] for _ in range(images)])
    predicted = torch.where(torch.rand(actual.shape) < 0.7, actual, torch.randint(0, classes, actual.shape))
    answers = {}
    if ignore is None:
        per_image = MeanIoU(num_classes=classes, input_format="index")
        for guess, truth in zip(predicted, actual):
            per_image.update(guess.reshape(1, height, width), truth.reshape(1, height, width))
        answers["meanIoUPerImage"] = plain(per_image.compute())
    if ignore == 255:
        actual[0, 0] = 255
    options = {"num_classes": classes, "ignore_index": ignore}
    answers["iou"] = {
        average: plain(F.multiclass_jaccard_index(predicted.flatten(), actual.flatten(), average=average, **options))
        for average in ("macro", "micro")
    }
    return {
        "task": "segmentation", "classes": classes, "ignoreIndex": ignore, "predicted": predicted.tolist(),
        "actual": actual.tolist(), "answers": answers,
    }


cases = [multiclass() for _ in range(120)] + [multilabel() for _ in range(50)] + [segmentation() for _ in range(30)]
print(json.dumps({"tool": "torchmetrics", "version": torchmetrics.__version__, "torch": torch.__version__, "cases": cases}))
