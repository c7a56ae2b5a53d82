"""Posteriors that can be enumerated, and an optimum by brute force that shares no code with the package."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

import mixcurve as mc

HALF = 10.0


def rising(spend, top):
    """Return the response of the curves here, top × spend / (10 + spend)."""
    return top * spend / (HALF + spend)


def curves_of(tops, **words):
    """Return Michaelis-Menten curves with these tops in each draw, by channel."""
    return mc.response_from(
        {name: ("michaelis_menten", {"top": top, "half": HALF}) for name, top in tops.items()}, **words
    )


def best_split(tops, budget):
    """Return the optimum of Σ top_i x_i / (10 + x_i) over Σ x_i = budget by the Lagrange condition, all channels on.

    10 + x_i is proportional to the root of top_i; channels that this would put below 0 are off, by enumeration.
    """
    tops = np.asarray(tops, dtype=float)
    best = 0.0
    for size in range(1, len(tops) + 1):
        for on in itertools.combinations(range(len(tops)), size):
            root = np.sqrt(tops[list(on)])
            if root.sum() == 0:
                continue
            spend = root / root.sum() * (budget + HALF * size) - HALF
            if np.all(spend >= -1e-12):
                best = max(best, float(rising(np.maximum(spend, 0.0), tops[list(on)]).sum()))
    return best


@pytest.fixture
def concave():
    return curves_of


@pytest.fixture
def optimum():
    return best_split
