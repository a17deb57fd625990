"""Records what statsmodels and SciPy say of proportions, paired answers and medians of timings.

Run with: pip install statsmodels==0.15.0 scipy==1.17.1; python comparison.py
"""

import json
import pathlib

import numpy as np
import scipy
import statsmodels
from scipy.stats import binomtest, quantile_test
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.proportion import proportion_confint

proportions = []
for right, images in [(0, 20), (20, 20), (913, 1000), (9123, 10000), (1, 3)]:
    for confidence in [0.8, 0.95, 0.99]:
        lower, upper = proportion_confint(right, images, alpha=1 - confidence, method="wilson")
        proportions.append(
            {
                "successes": right,
                "trials": images,
                "confidence": confidence,
                "lower": float(lower),
                "upper": float(upper),
            }
        )

paired = []
for gained, lost in [(0, 0), (0, 1), (5, 0), (3, 12), (7, 7), (40, 61), (150, 190), (1203, 1101), (5200, 4800)]:
    found = mcnemar([[100, lost], [gained, 50]], exact=True)
    assert gained + lost == 0 or np.isclose(found.pvalue, binomtest(gained, gained + lost).pvalue, rtol=1e-9)
    paired.append({"gained": gained, "lost": lost, "p": float(found.pvalue)})

rng = np.random.default_rng(8)
medians = []
for runs in [1, 5, 6, 20, 101]:
    times = np.round(rng.gamma(3, 2, runs), 3)
    for confidence in [0.8, 0.95, 0.99]:
        interval = quantile_test(times, p=0.5).confidence_interval(confidence)
        ends = [None if np.isnan(end) else float(end) for end in interval]
        medians.append({"times": times.tolist(), "confidence": confidence, "lower": ends[0], "upper": ends[1]})

golden = {
    "tool": f"statsmodels {statsmodels.__version__}, scipy {scipy.__version__}, numpy {np.__version__}",
    "proportions": proportions,
    "paired": paired,
    "medians": medians,
}
pathlib.Path(__file__).with_suffix(".json").write_text(json.dumps(golden) + "\n")
