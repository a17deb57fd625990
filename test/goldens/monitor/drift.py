"""Golden drift statistics from SciPy and numpy, and image properties from numpy.

    pip install scipy==1.17.1 numpy==2.4.6 && python drift.py > drift.json
"""

import json

import numpy as np
import scipy
from scipy.stats import ks_2samp, kstwo

random = np.random.default_rng(20250102)


def digits(values):
    return [float(f"{v:.6g}") for v in values]


def ks_case(name, reference, values):
    reference, values = digits(reference), digits(values)
    result = ks_2samp(reference, values, method="asymp")
    return {
        "name": name,
        "reference": reference,
        "values": values,
        "statistic": float(result.statistic),
        "pValue": float(result.pvalue),
    }


ks = [
    ks_case("same", random.normal(size=300), random.normal(size=200)),
    ks_case("shifted a little", random.normal(size=400), random.normal(0.15, 1, size=500)),
    ks_case("shifted", random.normal(size=400), random.normal(1, 1, size=100)),
    ks_case("far apart", random.normal(size=50), random.normal(9, 1, size=50)),
    ks_case("ties", random.integers(0, 6, size=200), random.integers(0, 7, size=150)),
    ks_case("equal odd sizes", random.normal(size=25), random.normal(0.5, 1, size=25)),
    ks_case("tiny", [0.1], [0.2, 0.3]),
    ks_case("the same values", [1, 2, 3], [1, 2, 3]),
]

survival = []
for n in [1, 2, 5, 17, 60, 139, 140, 141, 250, 495, 1000, 4000, 20000, 150000]:
    for d in [0.001, 0.003, 0.01, 0.02, 0.03, 0.045, 0.06, 0.08, 0.1, 0.13, 0.17, 0.22, 0.3, 0.4, 0.5, 0.7, 0.9, 0.99, 1]:
        survival.append([n, d, float(kstwo.sf(d, n))])

# PSI with half a count in every bin of both sides.
psi = []
for name, reference, values in [
    ("same", random.normal(size=2000), random.normal(size=500)),
    ("shifted", random.normal(size=2000), random.normal(0.8, 1, size=500)),
    ("an empty bin", random.normal(size=1000), random.uniform(5, 6, size=120)),
]:
    reference, values = digits(reference), digits(values)
    edges = digits(np.quantile(reference, np.arange(1, 10) / 10))
    q = np.bincount(np.searchsorted(edges, reference), minlength=10)
    p = np.bincount(np.searchsorted(edges, values), minlength=10)
    qs = (q + 0.5) / (q.sum() + 5)
    ps = (p + 0.5) / (p.sum() + 5)
    psi.append(
        {
            "name": name,
            "count": len(reference),
            "edges": edges,
            "shares": (q / len(reference)).tolist(),
            "values": values,
            "psi": float(np.sum((ps - qs) * np.log(ps / qs))),
        }
    )

quantile_values = digits(random.gamma(2, size=137))
quantiles = {
    "values": quantile_values,
    "quantiles": np.quantile(quantile_values, np.linspace(0, 1, 21)).tolist(),
    "mean": float(np.mean(quantile_values)),
    "standardDeviation": float(np.std(quantile_values)),
}

images = []
for name, height, width, channels in [("grey", 9, 7, 1), ("rgb", 12, 20, 3), ("rgba", 6, 5, 4), ("thin", 2, 9, 3)]:
    data = random.integers(0, 256, size=(height, width, channels))
    rgb = data[..., :3] @ np.array([0.299, 0.587, 0.114]) if channels > 1 else data[..., 0].astype(float)
    luma = rgb / 255
    laplacian = luma[:-2, 1:-1] + luma[2:, 1:-1] + luma[1:-1, :-2] + luma[1:-1, 2:] - 4 * luma[1:-1, 1:-1]
    images.append(
        {
            "name": name,
            "width": width,
            "height": height,
            "channels": channels,
            "data": data.ravel().tolist(),
            "brightness": float(luma.mean()),
            "contrast": float(luma.std()),
            "sharpness": float(laplacian.var()) if laplacian.size else 0.0,
        }
    )

print(
    json.dumps(
        {
            "tool": "scipy",
            "version": scipy.__version__,
            "numpy": np.__version__,
            "ks": ks,
            "survival": survival,
            "psi": psi,
            "quantiles": quantiles,
            "images": images,
        }
    )
)
