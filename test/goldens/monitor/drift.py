"""Golden Kolmogorov-Smirnov tests and Laplacians from SciPy.

    pip install scipy==1.17.1 numpy==2.4.6 && python drift.py > drift.json
"""

import json

import numpy as np
import scipy
from scipy.ndimage import laplace
from scipy.stats import ks_2samp, kstwo

random = np.random.default_rng(20250102)


def case(name, a, b):
    result = ks_2samp(a, b, method="asymp")
    return {"name": name, "a": list(map(float, a)), "b": list(map(float, b)), "statistic": float(result.statistic), "pValue": float(result.pvalue)}


def normal(n, mean=0.0, deviation=1.0):
    return np.round(random.normal(mean, deviation, n), 4)


cases = [
    case("one value each", [1], [2]),
    case("equal samples", [1, 2, 3], [1, 2, 3]),
    case("constants", [5] * 20, [5] * 30),
    case("constants apart", [5] * 20, [6] * 30),
    case("few against many", normal(3), normal(200)),
    case("same distribution", normal(120), normal(150)),
    case("shifted", normal(200), normal(150, 0.3)),
    case("far apart", normal(300), normal(300, 1.5)),
    case("wider", normal(250), normal(250, 0, 1.6)),
    case("ties", random.integers(0, 5, 100), random.integers(0, 6, 140)),
    case("half to even", normal(5), normal(5, 0.5)),
    case("large", normal(900), normal(700, 0.05)),
    case("two and three", [1, 4], [2, 3, 5]),
]

survival = [
    [n, d, float(kstwo.sf(d, n))]
    for n in [1, 2, 3, 5, 10, 20, 50, 99, 139, 140, 141, 200, 400, 476, 1000, 5000, 20000, 100000, 100001, 1000000]
    for z in [0.2, 0.4, 0.6, 0.8, 0.868, 0.87, 1.0, 1.2, 1.36, 1.48, 1.49, 1.63, 1.99, 2.01, 3.0, 5.0, 12.0]
    for d in [float(z / np.sqrt(n))]
    if d < 1
]


def picture(height, width):
    grey = random.integers(0, 256, (height, width))
    luma = grey / 255
    return {
        "width": width,
        "height": height,
        "grey": grey.ravel().tolist(),
        "brightness": float(luma.mean()),
        "contrast": float(luma.std()),
        "sharpness": float(laplace(luma, mode="mirror").var()),
    }


pictures = [picture(5, 7), picture(2, 9), picture(12, 12)]
golden = {"scipy": scipy.__version__, "numpy": np.__version__, "cases": cases, "survival": survival, "pictures": pictures}
# SciPy has no p-value for one value each; JSON has no NaN.
print(json.dumps(golden).replace("NaN", "null"))
