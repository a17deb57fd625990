"""Golden scores of classifiers from scikit-learn.

Cases without ties compare everything; `undecided` rows (ties at the top, NaN, infinity) are given to scikit-learn as
the prediction -1, which is no label.

    pip install scikit-learn==1.9.1 numpy==2.4.6 && python classification.py > classification.json
"""

import json
import warnings

import numpy as np
import sklearn
from sklearn.metrics import accuracy_score, confusion_matrix, precision_recall_fscore_support, top_k_accuracy_score

warnings.filterwarnings("ignore")
random = np.random.default_rng(20250101)


def averaged(actual, predicted, classes):
    labels = list(range(classes))
    out = {"precision": {}, "recall": {}, "f1": {}}
    for average in ["macro", "weighted", "micro", None]:
        # Classes that nobody labelled or predicted stay out of the macro mean.
        of = sorted((set(actual) | set(predicted)) - {-1}) if average == "macro" else labels
        values = precision_recall_fscore_support(actual, predicted, labels=of, average=average, zero_division=0)[:3]
        for name, value in zip(out, values):
            out[name][average or "perClass"] = np.asarray(value).tolist()
    return out


def case(name, scores, actual, predicted, ks):
    classes = scores.shape[1]
    report = averaged(actual, predicted, classes)
    report["accuracy"] = accuracy_score(actual, predicted)
    report["confusion"] = confusion_matrix(actual, predicted, labels=list(range(classes))).tolist()
    # Two classes are "binary" to scikit-learn, which then wants one column; counting does not.
    if ks and classes > 2:
        report["topK"] = {str(k): float(top_k_accuracy_score(actual, scores, k=k, labels=list(range(classes)))) for k in ks}
    flat = [None if np.isnan(v) else "inf" if np.isinf(v) else float(v) for v in scores.astype(np.float32).ravel()]
    return {"name": name, "classes": classes, "topK": ks, "scores": flat, "labels": actual.tolist(), "report": report}


def scores_of(n, classes, skill, actual):
    scores = random.normal(size=(n, classes))
    scores[np.arange(n), actual] += skill
    return scores.astype(np.float32)


cases = []
for name, n, classes, skill, ks, present in [
    ("ten classes", 200, 10, 1.5, [1, 2, 5], range(10)),
    ("two classes", 60, 2, 1.0, [1, 2], range(2)),
    ("classes 1 and 4 absent", 80, 6, 2.0, [1, 3], [0, 2, 3, 5]),
    ("always right", 20, 4, 50.0, [1], range(4)),
    ("one sample", 1, 3, 0.0, [1, 2], [2]),
    ("unbalanced", 150, 3, 0.7, [1], [0] * 20 + [1] * 3 + [2]),
]:
    actual = random.choice(list(present), size=n)
    scores = scores_of(n, classes, skill, actual)
    cases.append(case(name, scores, actual, scores.argmax(axis=1), ks))

# A class that is never predicted and one that is never actual: both zero divisions.
actual = np.array([0, 0, 1, 1, 2])
predicted = np.array([0, 3, 0, 0, 3])
cases.append(case("never predicted, never actual", np.eye(4, dtype=np.float32)[predicted], actual, predicted, []))

actual = random.integers(0, 5, size=60)
scores = scores_of(60, 5, 2.0, actual)
predicted = scores.argmax(axis=1)
scores[0] = 0.2
scores[1, 3] = np.nan
scores[2, 4] = np.inf
scores[3] = [1, 3, 3, 0, 0]
predicted[:4] = -1
cases.append(case("undecided rows", scores, actual, predicted, []))

print(json.dumps({"tool": "scikit-learn", "version": sklearn.__version__, "numpy": np.__version__, "cases": cases}))
