"""Budgets by PyMC-Marketing's own `BudgetOptimizer`; run by the Python of its own environment.

    run_pymc_marketing_budget.py PROBLEMS.json

A problem has Hill curves (top, half, slope per channel), a budget, bounds and a current plan. The model handed to the
optimizer is what its documentation asks of a custom model: `channel_data`, its own `hill_function`, a
`channel_contribution` and the total it maximises, with the curves as a posterior of one draw. The next problem's curves
come in by `set_posterior`, its way to solve for many posteriors without compiling again. Options are its defaults:
SLSQP from an equal split, scaled by its gradient and polished. Seconds are those of the processor in `allocate_budget`
alone. A second run starts from the current plan, brought within the bounds.

Prints a JSON list: per problem the plan, seconds and what was said, for both starts; and the seconds spent to compile.
"""

from __future__ import annotations

import json
import sys
import time
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pymc as pm
import pymc.dims as pmd
import xarray as xr
from pymc_marketing.mmm.budget_optimizer import BudgetOptimizer
from pymc_marketing.mmm.transformers import hill_function

PARAMETERS = ("top", "half", "slope")
TOTAL = "total_media_contribution_original_scale"


def posterior(problem: dict[str, Any]) -> xr.DataTree:
    """Return the curves of a problem as a posterior of one draw."""
    names = [f"channel {i}" for i in range(len(problem["top"]))]
    data = {p: (("chain", "draw", "channel"), np.array(problem[p])[None, None, :]) for p in PARAMETERS}
    data["channel_contribution"] = (("chain", "draw", "date", "channel"), np.ones((1, 1, 1, len(names))))
    coords = {"chain": [0], "draw": [0], "date": [0], "channel": names}
    return xr.DataTree.from_dict({"/posterior": xr.Dataset(data, coords=coords)})


def optimizer(problem: dict[str, Any]) -> BudgetOptimizer:
    """Return an optimizer for one period of as many channels as the problem has."""
    names = [f"channel {i}" for i in range(len(problem["top"]))]
    with pm.Model(coords={"date": [0], "channel": names}) as model:
        spend = pmd.Data("channel_data", np.zeros((1, len(names))), dims=("date", "channel"))
        top, half, slope = (pmd.HalfNormal(p, dims="channel") for p in PARAMETERS)
        contribution = pmd.Deterministic("channel_contribution", top * hill_function(spend, slope, half))
        pmd.Deterministic(TOTAL, contribution.sum())
    return BudgetOptimizer(model=model, idata=posterior(problem), num_periods=1, response_variable=TOTAL)


def asked(peer: BudgetOptimizer, problem: dict[str, Any], start: Any) -> dict[str, Any]:
    """Return what the peer finds from one start."""
    names = [f"channel {i}" for i in range(len(problem["top"]))]
    bounds = dict(zip(names, zip(problem["lower"], problem["upper"], strict=True), strict=True))
    began = time.process_time()
    try:
        found = peer.allocate_budget(problem["budget"], budget_bounds=bounds, x0=start)
        plan, said = found.budgets.sel(channel=names).to_numpy().tolist(), str(found.scipy_result.message)
        value = -float(found.scipy_result.fun)
    except Exception as failure:  # noqa: BLE001  a peer's failure of any kind is a failure of the peer
        plan, value, said = None, None, f"{type(failure).__name__}: {failure}"
    return {"plan": plan, "value": value, "seconds": time.process_time() - began, "said": said}


def main() -> None:
    """Solve every problem of the file from both starts."""
    warnings.simplefilter("ignore")
    peers: dict[int, BudgetOptimizer] = {}
    out: dict[str, Any] = {"found": [], "seconds_to_compile": {}}
    for problem in json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")):
        channels, began = len(problem["top"]), time.process_time()
        new = channels not in peers
        if new:
            peers[channels] = optimizer(problem)
        peers[channels].set_posterior(posterior(problem))
        if new:
            asked(peers[channels], problem, None)  # the first call loads what later ones find loaded
            out["seconds_to_compile"][channels] = time.process_time() - began
        within = np.clip(problem["current"], problem["lower"], problem["upper"])
        out["found"].append(
            {
                "equal split": asked(peers[channels], problem, None),
                "current": asked(peers[channels], problem, within),
            }
        )
    print(json.dumps(out))


if __name__ == "__main__":
    main()
