"""Wilson's score interval from SciPy.

    pip install scipy==1.17.1 && python intervals.py > intervals.json
"""

import json

import scipy
from scipy.stats import binomtest

cases = []
for successes, trials in [(0, 1), (1, 1), (3, 10), (10, 10), (0, 50), (913, 1000), (1, 100000)]:
    for confidence in [0.5, 0.95, 0.999]:
        interval = binomtest(successes, trials).proportion_ci(confidence, method="wilson")
        cases.append({"successes": successes, "trials": trials, "confidence": confidence,
                      "lower": float(interval.low), "upper": float(interval.high)})

print(json.dumps({"tool": "scipy", "version": scipy.__version__, "cases": cases}))
