"""Pictures of sampling: chains of the worst parameters, their ranks, the energy, and posterior predictive p-values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from mixcurve.calibration.binomial import share_interval
from mixcurve.foundations.checks import number
from mixcurve.foundations.errors import InputError
from mixcurve.foundations.gate import MOST_R_HAT
from mixcurve.plots.comparison import COLOURS
from mixcurve.plots.message import framed, legend_above, say, settle
from mixcurve.plots.style import PALETTE, Palette, styled
from mixcurve.response.bayes.checks.predictive import EXTREME, PredictiveChecks
from mixcurve.response.bayes.checks.sampling import SamplingChecks

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_energy", "plot_predictive", "plot_ranks", "plot_trace", "rank_data"]

FloatArray = npt.NDArray[np.float64]

WIDTH, HEIGHT = 6.69, 2.4
ROW, HEAD = 0.3, 1.0
"""Inches: the height of a row of p-values, and what title and axis need."""
BINS = 20
"""Of a rank plot, as Vehtari et al. (2021) draw them."""
BAND = 0.95
"""Level of the band of a bin's share."""
MOST_POINTS = 500
"""Draws of a chain that a trace shows: more cannot be told apart at this width."""
ENERGY_BINS = 40


def plot_trace(
    checks: SamplingChecks, which: int = 0, *, ax: Axes | None = None, palette: Palette = PALETTE
) -> Axes:
    """Draw the chains of one of the worst parameters: they should overlap, and go up and down quickly.

    ``checks.worst_draws`` holds the numbers, in prior standard deviations from the prior's middle.

    Parameters
    ----------
    checks
        From `check_sampling`.
    which
        0 for the worst parameter, 1 for the next, and so on.
    ax
        Axes to draw on; those of a new figure if not given.
    palette
        Colours.

    Raises
    ------
    InputError
        If there is no such parameter.
    """
    values = _chains(checks, which)
    step = max(1, values.shape[1] // MOST_POINTS)
    with styled():
        axes = framed(ax, WIDTH, HEIGHT, palette)
        for c, chain in enumerate(values):
            place = np.arange(1, len(chain) + 1)[::step]
            axes.plot(
                place, chain[::step], color=_colour(c, palette), linewidth=0.6, alpha=0.8, label=_chain(c)
            )
        axes.set_xlim(1, max(2, values.shape[1]))
        axes.set_xlabel("Draw", color=palette.muted, size=9)
        unit = say(
            axes, _message(checks, which), "Prior standard deviations from the prior's middle", palette
        )
        legend_above(axes, unit, palette)
        settle(axes, ax)
    return axes


def rank_data(checks: SamplingChecks, which: int = 0) -> Any:
    """Return a pandas frame: for each chain (column) the share of its draws in each of 20 bins of ranks among all.

    ``low`` and ``high`` hold 95% of the shares if chains agree and draws are independent.
    """
    import pandas as pd
    from scipy import stats

    values = _chains(checks, which)
    chains, draws = values.shape
    rank = (stats.rankdata(values, axis=None).reshape(chains, draws) - 0.5) / values.size
    bins = np.minimum((rank * BINS).astype(int), BINS - 1)
    counts = np.stack([np.bincount(b, minlength=BINS) for b in bins])
    low, high = share_interval(draws / BINS, draws, BAND)
    frame = pd.DataFrame({_chain(c): counts[c] / draws for c in range(chains)})
    frame.index = pd.Index((np.arange(BINS) + 0.5) / BINS, name="rank")
    return frame.assign(low=float(low), high=float(high))


def plot_ranks(
    checks: SamplingChecks, which: int = 0, *, ax: Axes | None = None, palette: Palette = PALETTE
) -> Axes:
    """Draw how the ranks of each chain's draws are spread: evenly, where chains agree. `rank_data` has the numbers.

    Parameters and errors are those of `plot_trace`.

    References
    ----------
    Vehtari, Gelman, Simpson, Carpenter and Bürkner (2021), Bayesian Analysis 16, 667-718.
    """
    data = rank_data(checks, which)
    with styled():
        axes = framed(ax, WIDTH, HEIGHT, palette)
        axes.axhspan(data["low"].iloc[0], data["high"].iloc[0], color=palette.unseen, linewidth=0, zorder=0)
        edges = np.linspace(0.0, 1.0, BINS + 1)
        most = 0.0
        for c, name in enumerate(data.columns[:-2]):
            share = data[name].to_numpy()
            most = max(most, float(share.max()))
            style: dict[str, Any] = {"color": _colour(c, palette), "linewidth": 1.2, "label": name}
            axes.stairs(share, edges, **style)
        axes.set(xlim=(0.0, 1.0), ylim=(0.0, 1.15 * max(most, float(data["high"].iloc[0]))))
        axes.set_xlabel("Rank among the draws of all chains", color=palette.muted, size=9)
        unit = say(axes, _message(checks, which), "Share of each chain's draws; grey: 95% if even", palette)
        legend_above(axes, unit, palette)
        settle(axes, ax)
    return axes


def plot_energy(checks: SamplingChecks, *, ax: Axes | None = None, palette: Palette = PALETTE) -> Axes:
    """Draw the energy over all draws and its change from draw to draw: about as wide, where the sampler moves freely.

    Parameters
    ----------
    checks
        From `check_sampling`, of a sampler that has energies.
    ax
        Axes to draw on; those of a new figure if not given.
    palette
        Colours.

    Raises
    ------
    InputError
        If the sampler has no energies, such as a quick mode.
    """
    if not checks.energy.size:
        raise InputError("checks hold no energies: their sampler has none. Sample with quick=False.")
    gate = next((g for g in checks.gates if g.name == "E-BFMI"), None)
    level = (checks.energy - checks.energy.mean(axis=1, keepdims=True)).ravel()
    change = (checks.energy_change if checks.energy_change.size else np.diff(checks.energy, axis=1)).ravel()
    reach = float(np.abs(np.concatenate([level, change])).max()) or 1.0
    edges = np.linspace(-reach, reach, ENERGY_BINS + 1)
    with styled():
        axes = framed(ax, WIDTH, HEIGHT, palette)
        for values, colour, name in (
            (level, palette.dots, "energy less its mean"),
            (change, palette.current, "change"),
        ):
            axes.stairs(
                np.histogram(values, edges)[0] / len(values), edges, color=colour, linewidth=1.5, label=name
            )
        axes.set(xlim=(-reach, reach), ylim=(0.0, None))
        axes.set_xlabel("Energy", color=palette.muted, size=9)
        free = gate is None or gate.passed
        worst = f" (E-BFMI {gate.value:.2f})" if gate is not None else ""
        message = f"The sampler moves {'freely' if free else 'too slowly'} between levels of energy{worst}"
        unit = say(axes, message, "Share of the draws", palette)
        legend_above(axes, unit, palette)
        settle(axes, ax)
    return axes


def plot_predictive(checks: PredictiveChecks, *, ax: Axes | None = None, palette: Palette = PALETTE) -> Axes:
    """Draw the posterior predictive p-value of each statistic of the residuals; those out of the ordinary in vermilion.

    ``checks.table`` holds the numbers.

    Parameters
    ----------
    checks
        From `check_predictive`.
    ax
        Axes to draw on; those of a new figure if not given.
    palette
        Colours.
    """
    rows = checks.checks
    failed = [c.name for c in rows if not c.gate.passed]
    with styled():
        axes = framed(ax, WIDTH, HEAD + ROW * len(rows), palette)
        axes.grid(axis="y", visible=False)
        axes.grid(axis="x", color=palette.grid, linewidth=0.7)
        for end in ((0.0, EXTREME), (1.0 - EXTREME, 1.0)):
            axes.axvspan(*end, color=palette.current, alpha=0.35, linewidth=0)
        for y, one in enumerate(rows):
            colour = palette.current if one.name in failed else palette.accent
            axes.plot(
                [one.p_value], [y], "o", color=colour, markersize=6.0, markeredgecolor="white", clip_on=False
            )
        axes.set(xlim=(0.0, 1.0), ylim=(len(rows) - 0.4, -0.6))
        axes.set_yticks(range(len(rows)), [c.name for c in rows])
        axes.set_xlabel(
            "Share of replicated data in which the statistic is larger", color=palette.muted, size=9
        )
        told = f"The data differ from replicated ones in the {' and the '.join(failed)}"
        say(
            axes,
            told if failed else "Replicated data look like the data",
            "Posterior predictive p-value",
            palette,
        )
        settle(axes, ax)
    return axes


def _chains(checks: SamplingChecks, which: int) -> FloatArray:
    kept = len(checks.worst)
    number("which", which, low=0, high=kept - 1, remedy=f"Draws of the {kept} worst parameters are kept.")
    return checks.worst_draws[:, :, int(which)]


def _message(checks: SamplingChecks, which: int) -> str:
    place = int(checks.worst[int(which)])
    words = checks.words[place]
    if checks.convergence is None:
        return f"Draws of {words}"
    r_hat, size = checks.convergence.r_hat[place], checks.convergence.bulk[place]
    agree = "agree on" if r_hat < MOST_R_HAT else "do not agree on"
    return f"Chains {agree} {words} (R-hat {r_hat:.3f}, effective draws {np.nan_to_num(size):.0f})"


def _chain(place: int) -> str:
    return f"chain {place + 1}"


def _colour(place: int, palette: Palette) -> str:
    return (palette.accent, *COLOURS)[place % (1 + len(COLOURS))]
