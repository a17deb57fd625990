# Records what SciPy and Optuna compute for hyper-parameter searches: Sobol' points and their discrepancy, log densities of
# Parzen estimators, decisions of pruners, PED-ANOVA importances, and the best of 50 trials of TPE for a hundred seeds.
#
#   python3 -m venv venv && venv/bin/pip install optuna==5.0.0 scipy==1.17.1 numpy==2.4.6
#   venv/bin/python test/goldens/train/search.py > test/goldens/train/search.json
import json
import math
import sys
import warnings

import numpy as np
import optuna
import scipy
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.samplers._tpe.parzen_estimator import _ParzenEstimator, _ParzenEstimatorParameters
from optuna.samplers._tpe.sampler import default_weights
from scipy.stats import qmc

optuna.logging.set_verbosity(optuna.logging.ERROR)
warnings.filterwarnings("ignore")


def branin(trial):
    x = trial.suggest_float("x", -5, 10)
    y = trial.suggest_float("y", 0, 15)
    bowl = y - 5.1 / (4 * math.pi**2) * x * x + 5 / math.pi * x - 6
    return bowl * bowl + 10 * (1 - 1 / (8 * math.pi)) * math.cos(x) + 10


weights = [1.0, 1.2, 3.0, 3.2]
scales = [
    [10, 3, 17, 3.5, 1.7, 8],
    [0.05, 10, 17, 0.1, 8, 14],
    [3, 3.5, 1.7, 10, 17, 8],
    [17, 8, 0.05, 10, 0.1, 14],
]
centres = [
    [0.1312, 0.1696, 0.5569, 0.0124, 0.8283, 0.5886],
    [0.2329, 0.4135, 0.8307, 0.3736, 0.1004, 0.9991],
    [0.2348, 0.1451, 0.3522, 0.2883, 0.3047, 0.6650],
    [0.4047, 0.8828, 0.8732, 0.5743, 0.1091, 0.0381],
]


def hartmann(trial):
    x = [trial.suggest_float(f"x{i}", 0, 1) for i in range(6)]
    return -sum(
        w * math.exp(-sum(a * (v - p) ** 2 for a, v, p in zip(scale, x, centre)))
        for w, scale, centre in zip(weights, scales, centres)
    )


def conditional(trial):
    dropout = trial.suggest_float("dropout", 0, 1)
    loss = 2 * (dropout - 0.3) ** 2
    kind = trial.suggest_categorical("net", ["deep", "wide", "plain"])
    if kind == "deep":
        rate = trial.suggest_float("net.deep.rate", 1e-5, 1, log=True)
        layers = trial.suggest_int("net.deep.layers", 1, 8)
        return loss + (math.log10(rate) + 3) ** 2 / 4 + (layers - 5) ** 2 / 10 + 0.1
    if kind == "wide":
        momentum = trial.suggest_float("net.wide.momentum", 0, 1, step=0.05)
        width = trial.suggest_int("net.wide.width", 8, 512, log=True)
        return loss + 4 * (momentum - 0.85) ** 2 + (math.log2(width) - 6) ** 2 / 5
    return loss + 1.5 + trial.suggest_float("net.plain.slope", -2, 2) ** 2


def best_of_50(objective):
    best = []
    for seed in range(100):
        study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=seed))
        study.optimize(objective, n_trials=50)
        best.append(study.best_value)
    return best


def sobol():
    points = qmc.Sobol(d=128, scramble=False).random(64)
    discrepancies = [
        qmc.discrepancy(qmc.Sobol(d=6, scramble=True, rng=seed).random(64)) for seed in range(20)
    ]
    return {
        "points": points.tolist(),
        "scrambledDiscrepancy": {"count": 64, "dims": 6, "median": float(np.median(discrepancies))},
    }


def parzen():
    """Log densities of the kernels over a mixed space, of 0, 1, 6 and 40 observations."""
    # Of equal observations only the last reaches to the next value, so the order of equals counts: that of the trials.
    unstable = np.argsort
    np.argsort = lambda values, **how: unstable(values, **{**how, "kind": "stable"})
    space = {
        "rate": FloatDistribution(1e-4, 1, log=True),
        "share": FloatDistribution(-1, 2),
        "stepped": FloatDistribution(0, 1, step=0.25),
        "layers": IntDistribution(1, 9),
        "width": IntDistribution(4, 300, log=True),
        "kind": CategoricalDistribution(["a", "b", "c"]),
    }
    rng = np.random.RandomState(3)

    def draw(count):
        return {
            "rate": np.exp(rng.uniform(math.log(1e-4), 0, count)),
            "share": rng.uniform(-1, 2, count),
            "stepped": rng.randint(0, 5, count) * 0.25,
            "layers": rng.randint(1, 10, count).astype(float),
            "width": np.round(np.exp(rng.uniform(math.log(4), math.log(300), count))),
            "kind": rng.randint(0, 3, count).astype(float),
        }

    cases = []
    for count in [0, 1, 6, 40]:
        observed, asked = draw(count), draw(8)
        parameters = _ParzenEstimatorParameters(
            prior_weight=1.0,
            consider_magic_clip=True,
            consider_endpoints=False,
            weights=default_weights,
            multivariate=True,
        )
        densities = _ParzenEstimator(observed, space, parameters).log_pdf(asked)
        rows = lambda columns: [dict(zip(columns, map(float, row))) for row in zip(*columns.values())]
        cases.append({"observed": rows(observed), "asked": rows(asked), "logDensities": densities.tolist()})
    np.argsort = unstable
    return cases


def pruners():
    """Learning curves of 60 trials, and after which step each pruner ends them (None: never)."""
    rng = np.random.RandomState(5)
    curves = []
    for _ in range(60):
        floor, speed = rng.uniform(0, 1), rng.uniform(0.05, 1)
        curve = [floor + math.exp(-speed * step) + rng.normal() * 0.03 for step in range(1, 28)]
        curves.append([round(float(value), 6) for value in curve])
    curves[17][4] = float("nan")
    asked = {
        "median": optuna.pruners.MedianPruner(),
        "medianLate": optuna.pruners.MedianPruner(n_startup_trials=8, n_warmup_steps=6, interval_steps=3, n_min_trials=4),
        "halving": optuna.pruners.SuccessiveHalvingPruner(min_resource=1, reduction_factor=3),
        "halvingLate": optuna.pruners.SuccessiveHalvingPruner(
            min_resource=2, reduction_factor=4, min_early_stopping_rate=1, bootstrap_count=3
        ),
    }
    ended = {}
    for name, pruner in asked.items():
        for direction in ["minimize", "maximize"]:
            study = optuna.create_study(direction=direction, pruner=pruner)
            ends = []

            def objective(trial):
                for step, value in enumerate(curves[trial.number], start=1):
                    trial.report(value, step)
                    if trial.should_prune():
                        ends.append(step)
                        raise optuna.TrialPruned()
                ends.append(None)
                return curves[trial.number][-1]

            study.optimize(objective, n_trials=len(curves))
            ended[f"{name}:{direction}"] = ends
    bands = optuna.pruners.HyperbandPruner(min_resource=1, max_resource=27, reduction_factor=3)
    bands._try_initialization(optuna.create_study())
    values = [[None if math.isnan(value) else value for value in curve] for curve in curves]
    return {"curves": values, "ended": ended, "brackets": bands._trial_allocation_budgets}


def importance():
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=1))
    study.optimize(conditional, n_trials=150)
    return {
        "trials": [{"values": trial.params, "value": trial.value} for trial in study.trials],
        "importances": optuna.importance.get_param_importances(study),
    }


record = {
    "optuna": optuna.__version__,
    "scipy": scipy.__version__,
    "best": {
        "branin": best_of_50(branin),
        "hartmann": best_of_50(hartmann),
        "conditional": best_of_50(conditional),
    },
    "sobol": sobol(),
    "parzen": parzen(),
    "pruners": pruners(),
    "importance": importance(),
}
json.dump(record, sys.stdout, allow_nan=False)
