"""`simulate_trials`: trials of a software product, whose probabilities are calibrated by construction."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.checks import generator
from mixcurve.propensity.simulate.people import SimulatedPeople, count_of
from mixcurve.sigmoid import expit

__all__ = ["simulate_trials"]

FloatArray = npt.NDArray[np.float64]

ENGAGED, ENGAGED_LOGIT, OTHER_LOGIT = 0.2511, (0.023, 0.245), (-2.482, 0.236)
"""The share of engaged users, and mean and deviation of log-odds among them and among the others: a base rate of 18.6%,
an AUC of 0.79, a Brier score of 0.116 and a quarter of users at a probability of 0.35 or more."""
BEHAVIOUR = {
    "invited_team": (0.82, 0.70, 0.25),
    "connected_integration": (0.61, 0.55, 0.18),
    "active_beyond_day_14": (0.55, 0.85, 0.35),
    "early_support_ticket": (-0.47, 0.15, 0.30),
    "no_file_imports": (-0.39, 0.20, 0.55),
    "single_user_no_team_features": (-0.33, 0.20, 0.50),
}
"""Planted coefficient, and how many do so among engaged users and among the others."""
PROFILE = {
    "from_referral": (0.20, 0.24),
    "from_search": (0.05, 0.38),
    "company_email": (0.15, 0.55),
    "mobile_first": (-0.15, 0.30),
    "used_template": (0.12, 0.45),
    "watched_tour": (0.08, 0.50),
    "set_profile_picture": (0.05, 0.35),
    "region_emea": (-0.05, 0.40),
    "region_apac": (-0.08, 0.20),
    "desktop_app": (0.10, 0.33),
}
"""Coefficient and share of users, alike in both kinds."""
USAGE = {
    "log_sessions": 0.45,
    "log_minutes": 0.40,
    "log_projects": 0.35,
    "log_tasks": 0.30,
    "log_comments": 0.25,
    "log_exports": 0.20,
    "log_searches": 0.15,
    "log_days_to_first_project": -0.30,
}
"""Coefficient per standard deviation of a log count among users of one kind."""


def simulate_trials(seed: int = 0, users: int = 22_400) -> SimulatedPeople:
    r"""Return trial users of a software product: 24 features, log-odds linear in them, whether they subscribed.

    Log-odds are drawn first: of a quarter of users from :math:`N(0.023, 0.245^2)`, of the rest from
    :math:`N(-2.482, 0.236^2)`. What users do (0 or 1) and who they are is drawn beside them. How much they use the
    product is drawn too and then moved, for each user along the coefficients by the least amount, until the sum of
    coefficient times feature is the log-odds drawn. So a logistic regression on the features is exactly right.

    Parameters
    ----------
    seed
        Of the draw.
    users
        How many.

    Returns
    -------
    SimulatedPeople
        Key ``"user"``, label ``"subscribed"``.

    Examples
    --------
    >>> people = simulate_trials(seed=1, users=1000)
    >>> len(people.features), people.coefficients["invited_team"]
    (24, 0.82)
    """
    import pandas as pd

    n, rng = count_of("users", users, 10), generator(seed)
    engaged = rng.random(n) < ENGAGED
    log_odds = np.where(engaged, rng.normal(*ENGAGED_LOGIT, n), rng.normal(*OTHER_LOGIT, n))
    columns: dict[str, FloatArray] = {}
    for name, (_, often, seldom) in BEHAVIOUR.items():
        columns[name] = (rng.random(n) < np.where(engaged, often, seldom)).astype(np.float64)
    for name, (_, share) in PROFILE.items():
        columns[name] = (rng.random(n) < share).astype(np.float64)
    planted = {name: one[0] for name, one in (BEHAVIOUR | PROFILE).items()} | USAGE
    intercept = _intercept()
    left = log_odds - intercept - sum(planted[name] * column for name, column in columns.items())
    slopes = np.array(list(USAGE.values()))
    usage = rng.normal(size=(n, len(slopes)))
    usage += np.outer(left - usage @ slopes, slopes / (slopes @ slopes))
    columns |= dict(zip(USAGE, usage.T))
    subscribed = (rng.random(n) < expit(log_odds)).astype(np.int64)
    keys = [f"u{k:07d}" for k in range(n)]
    frame = pd.DataFrame({"user": keys} | columns | {"subscribed": subscribed})
    return SimulatedPeople(frame, "user", "subscribed", tuple(columns), planted, intercept, log_odds, seed)


def _intercept() -> float:
    """Return the intercept at which usage has a mean of 0 over all users."""
    mean = ENGAGED * ENGAGED_LOGIT[0] + (1 - ENGAGED) * OTHER_LOGIT[0]
    mean -= sum(c * (ENGAGED * often + (1 - ENGAGED) * seldom) for c, often, seldom in BEHAVIOUR.values())
    return mean - sum(c * share for c, share in PROFILE.values())
