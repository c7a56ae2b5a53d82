"""Problems of flighting drawn at random, and their value from the formulas alone."""

from __future__ import annotations

import numpy as np

import mixcurve as mc

LAGS = 208


def hills(rng, channels, slope=(1.0, 5.0), decay=(0.0, 0.8), **words):
    """Return Hill curves of about equal return, and the decay of each channel's geometric carryover."""
    half = np.exp(0.5 * rng.normal(size=channels))
    top = half * np.exp(0.3 * rng.normal(size=channels))
    rows = zip(top.tolist(), half.tolist(), rng.uniform(*slope, channels).tolist())
    fitted = mc.response_from(
        {f"c{i}": ("hill", dict(zip(("top", "half", "slope"), row))) for i, row in enumerate(rows)}, **words
    )
    return fitted, rng.uniform(*decay, channels)


def geometric(fitted, decay):
    return {c: ("geometric", {"decay": float(d)}) for c, d in zip(fitted.channels, decay)}


def simulated(fitted, decay, spend, season=1.0, lags=LAGS):
    """Return the total response of schedules (..., T × C) of Hill curves with geometric carryover and no history."""
    spend = np.asarray(spend, dtype=float)
    periods, channels = spend.shape[-2:]
    season = np.broadcast_to(np.asarray(season, dtype=float), (periods,))
    total = np.zeros(spend.shape[:-2])
    for c in range(channels):
        top, half, slope = fitted.draws[0, c]
        first = (1.0 - decay[c]) / (1.0 - decay[c] ** lags)
        state = np.zeros(total.shape)
        for t in range(periods):
            state = decay[c] * state + first * spend[..., t, c]
            total = total + season[t] * top * state**slope / (half**slope + state**slope)
    return total


def shares(parts, steps):
    """Return all ways to divide ``steps`` among ``parts`` and what is left unspent (ways × parts)."""
    if parts == 0:
        return np.zeros((1, 0), dtype=int)
    out = []
    for first in range(steps + 1):
        rest = shares(parts - 1, steps - first)
        out.append(np.column_stack([np.full(len(rest), first), rest]))
    return np.concatenate(out)
