"""The best plan under each of many beliefs, with a proven bound on every other plan's value under the same belief."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mixcurve.budget.functions import draw_functions
from mixcurve.budget.learning.beliefs import Beliefs
from mixcurve.budget.learning.telling import Tell
from mixcurve.budget.model import Model
from mixcurve.response.curves.derivatives import unit_marginal

__all__ = ["Optima", "Optimiser", "expected", "responses"]

FloatArray = npt.NDArray[np.float64]
IndexArray = npt.NDArray[np.intp]

STEPS = 160
TOGETHER = 128


@dataclass(frozen=True, eq=False)
class Optima:
    """For B beliefs: the best plan found (B × n), its value under the belief (B,), and what no plan exceeds (B,)."""

    amount: FloatArray
    value: FloatArray
    bound: FloatArray


def expected(model: Model, beliefs: Beliefs, spend: FloatArray) -> FloatArray:
    """Return what belief b expects of the plan ``spend[b]`` (B × C, in the order of the model) (B,)."""
    total = np.zeros(len(spend))
    for c, chosen in enumerate(model.curve):
        tiers = model.prices.get(model.channels[c])
        bought = spend[:, c] if tiers is None else tiers.volume(spend[:, c])
        top, *shape = (model.draws[:, c, k] for k in range(len(chosen.names)))
        for row, weight in enumerate(beliefs.rows[c]):
            mine = np.flatnonzero(beliefs.pick[:, c] == row)
            used = np.flatnonzero(weight)
            with np.errstate(over="ignore", under="ignore"):
                unit = chosen.unit(bought[mine, None], [s[used] for s in shape])
            total[mine] += model.worth[c] * (unit @ (top[used] * weight[used]))
    return total


def responses(model: Model, channel: int, spend: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return a channel's response and marginal response in each draw at each spend (k,): (D × k) each."""
    chosen = model.curve[channel]
    top, *shape = (model.draws[:, channel, k, None] for k in range(len(chosen.names)))
    tiers = model.prices.get(model.channels[channel])
    bought, rate = spend, np.ones_like(spend)
    if tiers is not None:
        bought = tiers.volume(spend)
        rate = 1.0 / tiers.price[np.searchsorted(tiers.start, spend, side="right") - 1]
    value, slope = unit_marginal(chosen, np.broadcast_to(bought, (len(model.draws), len(spend))), shape)
    return top * value, top * slope * rate


class Optimiser:
    """Solves one model under many beliefs."""

    def __init__(self, model: Model, tolerance: float) -> None:
        self.model, self.tolerance = model, tolerance
        self.total = next(r.limit for r in model.rows if r.kind == "total")
        free = self.total - model.lower.sum()
        self.step = free / STEPS
        draws, channels = len(model.draws), len(model.channels)
        self.nodes = np.minimum(
            model.lower[:, None] + self.step * np.arange(STEPS + 1),
            np.maximum(model.upper, model.lower)[:, None],
        )
        functions = draw_functions(model)
        self.tables = []
        for c in range(channels):
            node = np.repeat(self.nodes[model.cell[c]][None], draws, axis=0)
            found = functions.tabulated(np.arange(draws) * channels + c, node)
            self.tables.append([model.worth[c] * t for t in (found.value, found.from_left, found.from_right)])

    def best(self, beliefs: Beliefs, tell: Tell | None = None) -> Optima:
        """Return the best plans; ``tell`` is told of each problem solved."""
        n = self.model.cells
        amount, bound = np.empty((len(beliefs), n)), np.empty(len(beliefs))
        mixed = [[row @ t for t in table] for row, table in zip(beliefs.rows, self.tables, strict=True)]
        for start in range(0, len(beliefs), TOGETHER):
            part = slice(start, min(start + TOGETHER, len(beliefs)))
            value, left, right = (self._cells(mixed, beliefs.pick[part], k) for k in range(3))
            amount[part], bound[part] = self._solved(value, left, right)
            if tell is not None:
                tell.solved(part.stop - part.start)
        return Optima(amount, expected(self.model, beliefs, self.model.spend(amount)), bound)

    def _cells(self, mixed, pick, k):
        out = np.zeros((len(pick), self.model.cells, mixed[0][k].shape[1]))
        for c, tables in enumerate(mixed):
            out[:, self.model.cell[c]] += tables[k][pick[:, c]]
        return out

    def _solved(self, value, left, right):
        n = value.shape[1]
        width = np.diff(self.nodes, axis=1)
        ok = np.concatenate([np.ones((n, 1), bool), width > 0], axis=1)
        plan = _programme(np.where(ok, value, -np.inf), 0)
        picked = plan[1]
        amount = self.nodes[np.arange(n), picked]
        slope = np.maximum(left, 0)
        at = np.clip(picked, 0, STEPS - 1)
        price = np.median(np.take_along_axis(slope, at[..., None], 2)[..., 0], axis=1)
        g0 = value[..., :-1] - price[:, None, None] * self.nodes[:, :-1]
        g1 = value[..., 1:] - price[:, None, None] * self.nodes[:, 1:]
        rise, fall = left - price[:, None, None], right - price[:, None, None]
        with np.errstate(all="ignore"):
            x = (g1 - g0 - fall * width) / (rise - fall)
            top = np.where(rise - fall > 1e-300, g0 + rise * np.clip(x, 0, width), g0)
        top = np.maximum(np.maximum(g0, g1), top)
        top = np.where(ok[:, 1:], top, -np.inf)
        top[..., 0] = np.maximum(top[..., 0], g0[..., 0])
        bound = price * self.total + _programme(top, n)[0]
        return amount, bound


def _programme(gain, slack):
    b, n, g = gain.shape
    size = STEPS + 1
    best = np.zeros((b, size))
    came = np.zeros((b, n, size), dtype=np.intp)
    for c in range(n):
        new = np.full((b, size), -np.inf)
        for j in range(min(g, size)):
            cand = best[:, : size - j] + gain[:, c, j, None]
            better = cand > new[:, j:]
            new[:, j:] = np.where(better, cand, new[:, j:])
            came[:, c, j:][better] = j
        best = new
    picked = np.zeros((b, n), dtype=np.intp)
    at = np.full(b, size - 1)
    best = np.maximum.accumulate(best, axis=1)
    at = np.argmax(best >= best[:, -1:], axis=1)
    for c in range(n - 1, -1, -1):
        picked[:, c] = came[np.arange(b), c, at]
        at = at - picked[:, c]
    return best[:, -1], picked
