"""Binary and multilabel answers of torchmetrics that are read off a label's own matrix, or need a beta.

    pip install torch==2.15.0 torchmetrics==1.9.0 && python binary.py > binary.json
"""

import json
import warnings

import torch
import torchmetrics
import torchmetrics.functional.classification as F

warnings.filterwarnings("ignore")
torch.manual_seed(11)


def plain(value):
    return value.tolist() if isinstance(value, torch.Tensor) else value


cases = []
for index in range(16):
    classes, rows = [2, 3, 5][index % 3], [1, 4, 9, 17][index % 4]
    scores = torch.randint(0, 17, (rows, classes)).float() / 16
    targets = (torch.rand(rows, classes) < [0.1, 0.5, 0.9][index % 3]).long()
    beta = [0.5, 2.0][index % 2]
    answers = {
        "fBeta": {
            kind: plain(F.multilabel_fbeta_score(scores, targets, beta=beta, num_labels=classes, average=kind))
            for kind in ("macro", "weighted", "micro")
        },
        "labels": [
            {
                "confusion": plain(F.binary_confusion_matrix(scores[:, c], targets[:, c])),
                "matthewsCorrelation": plain(F.binary_matthews_corrcoef(scores[:, c], targets[:, c])),
                "cohenKappa": plain(F.binary_cohen_kappa(scores[:, c], targets[:, c])),
                "jaccard": plain(F.binary_jaccard_index(scores[:, c], targets[:, c])),
                "fBeta": plain(F.binary_fbeta_score(scores[:, c], targets[:, c], beta=beta)),
            }
            for c in range(classes)
        ],
    }
    answers["fBeta"]["perClass"] = plain(
        F.multilabel_fbeta_score(scores, targets, beta=beta, num_labels=classes, average="none")
    )
    for label in answers["labels"]:
        for name, value in label.items():
            if value != value:
                label[name] = None
    cases.append(
        {"classes": classes, "scores": plain(scores.flatten()), "targets": plain(targets.flatten()), "beta": beta, "answers": answers}
    )
print(json.dumps({"tool": "torchmetrics", "version": torchmetrics.__version__, "torch": torch.__version__, "cases": cases}))
