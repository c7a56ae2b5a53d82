"""`simulate_churn`: subscribers over two periods, contacted by a rule and then by a score."""

from __future__ import annotations

import numpy as np

from mixcurve.foundations.checks import generator, number
from mixcurve.propensity.simulate.people import SimulatedPeople, count_of
from mixcurve.sigmoid import expit

__all__ = ["simulate_churn"]

PLAN = {"monthly": (0.55, 0.0), "yearly": (0.35, -1.2), "student": (0.10, 0.4)}
REGION = {"north": (0.4, 0.0), "south": (0.35, 0.15), "islands": (0.25, 0.3)}
NUMBERS = {"tenure_months": -0.03, "support_calls": 0.35, "price": 0.04, "usage_hours": -0.05}
INTERCEPT = -1.6
PERIODS = ("2025-01-01", "2025-07-01")
DAYS = 181
CONTACTED = 0.10
"""The share of each period that is contacted."""


def simulate_churn(seed: int = 0, subscribers: int = 20_000, *, drift: float = 0.0) -> SimulatedPeople:
    """Return subscribers of two half-years: plan, region, dates, usage, whether they left, and who was contacted.

    Half of the rows belong to the first half-year, in which 10% were contacted by a rule (the newest subscribers), half
    to the second, in which the 10% of the highest log-odds were. A contact changes nothing here: that a scored list
    holds more who leave is selection, not effect.

    Parameters
    ----------
    seed
        Of the draw.
    subscribers
        How many, over both periods.
    drift
        By how many deviations usage falls and support calls rise in the second period; 0 for none.

    Returns
    -------
    SimulatedPeople
        Key ``"subscriber"``, label ``"left"``; the frame also has ``"date"``, ``"joined"``, ``"period"`` and
        ``"contacted"``. Features are plan, region and numbers.

    Examples
    --------
    >>> people = simulate_churn(seed=1, subscribers=1000)
    >>> people.table.groupby("period")["contacted"].mean().tolist()
    [0.1, 0.1]
    """
    import pandas as pd

    n, rng = count_of("subscribers", subscribers, 20), generator(seed)
    number("drift", drift, low=-5.0, high=5.0)
    later = np.arange(n) >= n // 2
    columns: dict[str, np.ndarray] = {}
    log_odds = np.full(n, INTERCEPT)
    truth: dict[str, float] = {}
    for name, levels in (("plan", PLAN), ("region", REGION)):
        drawn = rng.choice(len(levels), n, p=[share for share, _ in levels.values()])
        columns[name] = np.array(list(levels), dtype=object)[drawn]
        log_odds += np.array([effect for _, effect in levels.values()])[drawn]
        truth |= {f"{name}: {level}": effect for level, (_, effect) in list(levels.items())[1:]}
    columns["tenure_months"] = np.floor(rng.exponential(20.0, n)) + 1.0
    columns["support_calls"] = rng.poisson(1.2 + 1.1 * max(drift, 0.0) * later).astype(float)
    columns["price"] = rng.choice([9.0, 15.0, 29.0], n, p=[0.5, 0.35, 0.15])
    columns["usage_hours"] = rng.gamma(3.0, 4.0, n) * np.exp(-0.3 * drift * later)
    log_odds += sum(b * columns[name] for name, b in NUMBERS.items())
    start = np.where(later, np.datetime64(PERIODS[1]), np.datetime64(PERIODS[0]))
    date = start + rng.integers(0, DAYS, n).astype("timedelta64[D]")
    frame = pd.DataFrame({"subscriber": [f"s{k:07d}" for k in range(n)], "date": date} | columns)
    frame["joined"] = date - (columns["tenure_months"] * 30).astype("timedelta64[D]")
    frame["period"] = np.where(later, "after", "before")
    frame["contacted"] = _contacted(later, columns["tenure_months"], log_odds, rng)
    frame["left"] = (rng.random(n) < expit(log_odds)).astype(np.int64)
    features = (*PLAN_REGION, *NUMBERS)
    return SimulatedPeople(frame, "subscriber", "left", features, truth | NUMBERS, INTERCEPT, log_odds, seed)


PLAN_REGION = ("plan", "region")


def _contacted(
    later: np.ndarray, tenure: np.ndarray, log_odds: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Return who is contacted: the newest in the first period, the highest log-odds in the second."""
    found = np.zeros(len(later), dtype=bool)
    for part, rank in ((~later, tenure + 1e-3 * rng.random(len(later))), (later, -log_odds)):
        rows = np.flatnonzero(part)
        found[rows[np.argsort(rank[rows])[: round(CONTACTED * len(rows))]]] = True
    return found
