"""lmfit's profile interval of the half-saturation of 4-parameter Hill curves; run by the Python of its own environment.

    run_lmfit.py CAMPAIGNS.npz LEVEL

Scaled data, bounds, starts from the data, then `conf_interval` (F test on the profile). Prints seconds and limits.
"""

from __future__ import annotations

import json
import sys
import time
import warnings

import numpy as np
from lmfit import Model, conf_interval


def hill(x: np.ndarray, base: float, top: float, log_half: float, log_slope: float) -> np.ndarray:
    """Return base + top × Hill, on scaled data."""
    distance = np.log(np.maximum(x, 1e-100)) - log_half
    return base + top / (1 + np.exp(-np.clip(np.exp(log_slope) * distance, -600, 600)))


def main() -> None:
    """Fit and profile every campaign of the file."""
    data, level = np.load(sys.argv[1]), float(sys.argv[2])
    out: dict[str, list[float]] = {"seconds": [], "low": [], "high": []}
    for spend, response in zip(data["spend"], data["response"], strict=True):
        x, y = spend / spend.max(), (response - response.mean()) / response.std()
        start = time.perf_counter()
        model = Model(hill)
        parameters = model.make_params(
            base={"value": y.min(), "min": -10, "max": 10},
            top={"value": np.ptp(y), "min": 1e-6, "max": 1e4},
            log_half={"value": float(np.log(np.median(x))), "min": np.log(1e-3), "max": np.log(1e3)},
            log_slope={"value": np.log(2.0), "min": np.log(0.2), "max": np.log(20)},
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            fitted = model.fit(y, parameters, x=x)
            try:
                found = conf_interval(fitted, fitted, p_names=["log_half"], sigmas=[level])["log_half"]
                ends = [found[0][1], found[-1][1]]
            except Exception:  # noqa: BLE001  a peer's failure of any kind is a failure of the peer
                ends = [float("nan")] * 2
        out["seconds"].append(time.perf_counter() - start)
        out["low"].append(float(np.exp(ends[0]) * spend.max()))
        out["high"].append(float(np.exp(ends[1]) * spend.max()))
    print(json.dumps(out))


if __name__ == "__main__":
    main()
