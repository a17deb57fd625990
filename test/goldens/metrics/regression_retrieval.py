"""Cases of regressions and of searches by embeddings, with the answers of torchmetrics, scikit-learn and SciPy.

    pip install torch==2.15.0 torchmetrics==1.9.0 scikit-learn==1.9.1 scipy
    python regression_retrieval.py > regression-retrieval.json

torchmetrics ranks by score, takes what has none above 0 as not found, and leaves the order of ties open. Items equally far away, of which there are many in the cases
on a grid, are put in the order that Percept takes (those of the label last) before it sees them.
"""

import json
import warnings

import numpy as np
import scipy
import sklearn
import torch
import torchmetrics
import torchmetrics.functional.regression as R
import torchmetrics.functional.retrieval as Q
from sklearn import metrics as sk
from torchmetrics.retrieval import (
    RetrievalHitRate, RetrievalMAP, RetrievalMRR, RetrievalNormalizedDCG, RetrievalPrecision, RetrievalRecall,
    RetrievalRPrecision,
)

warnings.filterwarnings("ignore")
random = np.random.default_rng(7)


def plain(value):
    if isinstance(value, torch.Tensor):
        value = value.tolist()
    if isinstance(value, (list, tuple, np.ndarray)):
        return [plain(v) for v in value]
    value = float(value)
    return None if value != value else value


def score(per_output, average=None):
    per_output = np.atleast_1d(np.asarray(per_output, dtype=np.float64))
    return {"average": plain(per_output.mean() if average is None else average), "perOutput": plain(per_output)}


def regression(rows, outputs, kind):
    actual = random.normal(size=(rows, outputs)) * 3
    predicted = actual + random.normal(size=(rows, outputs))
    if kind == "grid":  # ties of ranks, zeros among the targets
        actual, predicted = np.round(actual), np.round(predicted)
    if kind == "far":  # a mean that is large beside the spread
        actual, predicted = actual + 1e6, predicted + 1e6
    if kind == "float32":
        actual, predicted = actual.astype(np.float32), predicted.astype(np.float32)
    p, t = torch.tensor(predicted, dtype=torch.float64), torch.tensor(actual, dtype=torch.float64)
    columns = [(p[:, i].contiguous(), t[:, i].contiguous()) for i in range(outputs)]
    each = lambda function: [function(a, b) for a, b in columns]
    answers = {
        "meanAbsoluteError": score(each(R.mean_absolute_error), R.mean_absolute_error(p, t)),
        "meanSquaredError": score(each(R.mean_squared_error), R.mean_squared_error(p, t)),
        "rootMeanSquaredError": score(
            each(lambda a, b: R.mean_squared_error(a, b, squared=False)), sk.root_mean_squared_error(t, p)
        ),
        "medianAbsoluteError": score(
            sk.median_absolute_error(t, p, multioutput="raw_values"), sk.median_absolute_error(t, p)
        ),
        "maxError": score(each(lambda a, b: sk.max_error(b, a))),
        "meanAbsolutePercentageError": score(
            each(R.mean_absolute_percentage_error), R.mean_absolute_percentage_error(p, t)
        ),
        "symmetricMeanAbsolutePercentageError": score(
            each(R.symmetric_mean_absolute_percentage_error), R.symmetric_mean_absolute_percentage_error(p, t)
        ),
        "rSquared": {
            **score(sk.r2_score(t, p, multioutput="raw_values"), sk.r2_score(t, p)),
            "varianceWeighted": plain(sk.r2_score(t, p, multioutput="variance_weighted")),
        },
        "pearsonCorrelation": score(each(lambda a, b: scipy.stats.pearsonr(a, b).statistic)),
        "spearmanCorrelation": score(
            each(R.spearman_corrcoef) if kind != "far" else each(lambda a, b: scipy.stats.spearmanr(a, b).statistic)
        ),
    }
    if kind != "far":  # torchmetrics loses digits there
        np.testing.assert_allclose(
            R.pearson_corrcoef(p, t).numpy().reshape(-1), answers["pearsonCorrelation"]["perOutput"], atol=1e-9
        )
        np.testing.assert_allclose(
            R.r2_score(p, t, multioutput="raw_values"), answers["rSquared"]["perOutput"], atol=1e-9
        )
    return {
        "kind": kind, "outputs": outputs, "predicted": plain(predicted.reshape(-1)), "actual": plain(actual.reshape(-1)),
        "answers": answers,
    }


def distances(queries, gallery, kind):
    if kind == "euclidean":
        return np.sqrt(((queries[:, None] - gallery[None]) ** 2).sum(-1))
    unit = lambda rows: rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-300)
    return 1 - unit(queries) @ unit(gallery).T


def retrieval(kind, roles, grid, action):
    items, dimensions, classes = int(random.integers(12, 30)), int(random.integers(2, 6)), int(random.integers(3, 7))
    labels = random.integers(0, classes, items)
    centers = random.normal(size=(classes, dimensions))
    embeddings = centers[labels] + random.normal(size=(items, dimensions)) * 0.8
    if grid:
        # Multiples of a vector have one angle only up to rounding: on a grid, lengths are the same for Euclidean only.
        embeddings = np.round(embeddings)
    embeddings = embeddings.astype(np.float32).astype(np.float64)
    labels[0] = 99  # nothing of its label
    split = items // 3
    query = list(range(items)) if roles == "both" else list(range(split))
    gallery = list(range(items)) if roles == "both" else list(range(split, items))
    if roles == "both":
        role = ["both"] * items
    else:
        role = ["query"] * split + ["gallery"] * (items - split)
    far = distances(embeddings[query], embeddings[gallery], kind)
    preds, target, indexes = [], [], []
    for row, q in enumerate(query):
        kept = [(far[row, column], labels[g] == labels[q]) for column, g in enumerate(gallery) if g != q]
        kept.sort(key=lambda pair: (pair[0], pair[1]))
        for rank, (_, relevant) in enumerate(kept):
            preds.append(1 / (1 + rank))
            target.append(bool(relevant))
            indexes.append(row)
    inputs = torch.tensor(preds), torch.tensor(target), torch.tensor(indexes)
    run = lambda metric, **options: plain(metric(empty_target_action=action, **options)(inputs[0], inputs[1], indexes=inputs[2]))
    answers = {
        "meanAveragePrecision": run(RetrievalMAP),
        "meanReciprocalRank": run(RetrievalMRR),
        "rPrecision": run(RetrievalRPrecision),
        "normalizedDcg": run(RetrievalNormalizedDCG),
        "atK": {
            str(k): {
                "hitRate": run(RetrievalHitRate, top_k=k),
                "recall": run(RetrievalRecall, top_k=k),
                "precision": run(RetrievalPrecision, top_k=k),
                "normalizedDcg": run(RetrievalNormalizedDCG, top_k=k),
            }
            for k in (1, 5, 40)
        },
    }
    return {
        "distance": kind, "dimensions": dimensions, "emptyTargetAction": action, "embeddings": plain(embeddings.reshape(-1)),
        "labels": labels.tolist(), "roles": role, "answers": answers,
    }


cases = {
    "regression": [
        regression(rows, outputs, kind)
        for kind in ("plain", "grid", "far", "float32")
        for rows, outputs in ((9, 1), (24, 3))
    ],
    "retrieval": [
        retrieval(kind, roles, grid, action)
        for kind, grid in (("cosine", False), ("euclidean", False), ("euclidean", True))
        for roles in ("both", "apart")
        for action in ("neg", "pos", "skip")
    ],
}
versions = {"torchmetrics": torchmetrics.__version__, "torch": torch.__version__, "scikit-learn": sklearn.__version__, "scipy": scipy.__version__}
print(json.dumps({"tool": "torchmetrics", "versions": versions, **cases}))
