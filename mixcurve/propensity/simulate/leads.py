"""`simulate_leads`: business leads with categories, gaps, a value if won and a cost to call."""

from __future__ import annotations

import numpy as np

from mixcurve.foundations.checks import generator, number
from mixcurve.propensity.simulate.people import SimulatedPeople, count_of
from mixcurve.sigmoid import expit

__all__ = ["simulate_leads"]

INDUSTRY = {"retail": (0.30, 0.0), "software": (0.25, 0.5), "manufacturing": (0.20, -0.2), "finance": (0.15, 0.3),
            "public sector": (0.08, -0.6), "agriculture": (0.015, 0.1), "mining": (0.005, 0.1)}  # fmt: skip
SOURCE = {
    "website": (0.40, 0.0),
    "webinar": (0.25, 0.4),
    "trade fair": (0.20, 0.2),
    "bought list": (0.15, -0.9),
}
"""Share of leads, and log-odds against the first level."""
NUMBERS = {"log_employees": 0.25, "pages_viewed": 0.06, "emails_opened": 0.15, "days_since_contact": -0.02}
DEMO, INTERCEPT = 1.1, -4.2
MISSING = {"log_employees": 0.12, "pages_viewed": 0.05}
VALUE_PER_EMPLOYEE, CALL = 90.0, (25.0, 60.0)
"""Pounds: margin of a won lead per root of its employees; cost of a call to a small and to a large firm."""
LARGE = np.log(250.0)


def simulate_leads(seed: int = 0, leads: int = 20_000, *, missing: float = 1.0) -> SimulatedPeople:
    """Return business leads: two categories with rare levels, numbers with gaps, value and cost per lead, whether won.

    Gaps do not depend on the outcome. Value (margin if won) and cost of a call, in pounds, are columns beside the
    features.

    Parameters
    ----------
    seed
        Of the draw.
    leads
        How many.
    missing
        Multiplies the share of gaps (12% of firm sizes, 5% of pages viewed); 0 leaves none.

    Returns
    -------
    SimulatedPeople
        Key ``"lead"``, label ``"won"``; the frame also has ``"value"`` and ``"call_cost"``.

    Examples
    --------
    >>> people = simulate_leads(seed=1, leads=500)
    >>> people.table["industry"].nunique() > 4
    True
    """
    import pandas as pd

    n, rng = count_of("leads", leads, 10), generator(seed)
    number("missing", missing, low=0.0, high=1.0 / max(MISSING.values()))
    columns: dict[str, np.ndarray] = {}
    log_odds = np.full(n, INTERCEPT)
    truth: dict[str, float] = {}
    for name, levels in (("industry", INDUSTRY), ("source", SOURCE)):
        drawn = rng.choice(len(levels), n, p=[share for share, _ in levels.values()])
        columns[name] = np.array(list(levels), dtype=object)[drawn]
        log_odds += np.array([effect for _, effect in levels.values()])[drawn]
        truth |= {f"{name}: {level}": effect for level, (_, effect) in list(levels.items())[1:]}
    columns["log_employees"] = rng.normal(4.0, 1.3, n)
    columns["pages_viewed"] = rng.poisson(8, n).astype(float)
    columns["emails_opened"] = rng.poisson(3, n).astype(float)
    columns["days_since_contact"] = np.floor(rng.exponential(30, n))
    columns["asked_for_demo"] = rng.random(n) < 0.15
    truth |= NUMBERS | {"asked_for_demo": DEMO}
    log_odds += sum(b * columns[name] for name, b in NUMBERS.items()) + DEMO * columns["asked_for_demo"]
    employees = columns["log_employees"].copy()
    for name, share in MISSING.items():
        columns[name] = np.where(rng.random(n) < share * missing, np.nan, columns[name])
    frame = pd.DataFrame({"lead": [f"lead-{k:06d}" for k in range(n)]} | columns)
    frame["value"] = np.round(VALUE_PER_EMPLOYEE * np.exp(employees / 2.0), 2)
    frame["call_cost"] = np.where(employees < LARGE, *CALL)
    frame["won"] = (rng.random(n) < expit(log_odds)).astype(np.int64)
    return SimulatedPeople(frame, "lead", "won", tuple(columns), truth, INTERCEPT, log_odds, seed)
