"""`PropensityPosterior`: a logistic regression known by draws, whose coefficients may differ between groups."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.checks import number
from mixcurve.foundations.draw_gates import Gated
from mixcurve.foundations.errors import Problem
from mixcurve.foundations.gate import Gate
from mixcurve.foundations.posterior import Posterior
from mixcurve.propensity.bayes.groups import group_of
from mixcurve.propensity.bayes.hierarchy import PropensityPriors
from mixcurve.propensity.features.recipe import FeatureRecipe
from mixcurve.propensity.newton.blocks import spans
from mixcurve.sigmoid import expit, logit
from mixcurve.tables.customer_table import CustomerTable
from mixcurve.tables.customer_values import frame_of

__all__ = ["PropensityPosterior"]

FloatArray = npt.NDArray[np.float64]
Told = Callable[[FloatArray], FloatArray]

ROWS_AT_ONCE = 2_000
"""Customers whose probabilities under all draws are held at a time: 16 MB for 1,000 draws."""
DESIGN_ROWS = 100_000
"""Customers whose design is made at a time."""
DRAWS_TO_SCORE = 1_000
"""Of a posterior's draws, spread evenly: the mean of so many has 3% of the posterior's own deviation as its error."""


def _none() -> FloatArray:
    return np.empty((0, 0, 0))


@dataclass(frozen=True, eq=False)
class PropensityPosterior(Gated, Posterior):
    """A logistic regression by group, known by draws from its posterior.

    A group's log-odds of a customer x are ``θ_g · x``, ``θ_g = β + v_g``, ``v_gk ~ Normal(0, s_k)``; see
    `sample_propensity`. It holds no customers. ``save`` writes ``.nc``, ``.zarr`` or ``.json``; `load_posterior` reads
    the first two, `load_result` the last.

    Parameters
    ----------
    recipe
        How columns become features.
    by, groups, rows_by_group
        What divides the customers (None: nothing), the groups' names, and how many customers of each were learned from.
    varying
        Which of intercept (0) and features (from 1) differ between groups, (k,).
    centre, scale
        (p,), by which features were centred and scaled; a scale of 0 marks a constant one.
    label_name, classes
        What is predicted, and the two values it had; the probability is that of the second.
    base_rate
        Share of the second class in the sample, which the prior of the intercept is about.
    priors
        What was believed before the data.
    positions
        (chains × draws × q + k + G k): β, log s and v, of centred and scaled features, one after the other.
    statistics
        Of the sampler, by name (chains × draws).
    gates
        The checks that a result must pass, each with cause and remedy.
    level
        Of all intervals that are asked for without one.
    sampler, seed, seconds, interrupted
        Which sampler made the draws, from which seed, in how long, and whether it was stopped.
    source, sha256, warnings
        Where the customers came from, the digest of that, and what was doubtful about them.
    """

    recipe: FeatureRecipe
    by: str | None
    groups: tuple[str, ...]
    rows_by_group: npt.NDArray[np.intp]
    varying: npt.NDArray[np.intp]
    centre: FloatArray
    scale: FloatArray
    label_name: str
    classes: tuple[Any, Any]
    base_rate: float
    priors: PropensityPriors
    positions: FloatArray = field(default_factory=_none)
    statistics: dict[str, FloatArray] = field(default_factory=dict)
    gates: tuple[Gate, ...] = ()
    level: float = 0.9
    sampler: str = "nutpie"
    seed: int = 0
    seconds: float = 0.0
    interrupted: bool = False
    source: str = ""
    sha256: str = ""
    warnings: tuple[Problem, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Intercept and features, (q,)."""
        return ("intercept", *self.recipe.names)

    @property
    def summary(self) -> str:
        """What was learned from what, and whether the draws can be trusted, in a few sentences."""
        rows, chains = int(self.rows_by_group.sum()), self.positions.shape[0]
        of = "" if self.by is None else f" in {len(self.groups)} groups by {self.by}"
        return (
            f"Bayesian logistic regression of {self.label_name} = {self.classes[1]!r} on {len(self.recipe.names)} "
            f"features: {rows:,} rows{of}, {self.base_rate:.4g} positive, {chains} chains of "
            f"{self.positions.shape[1]:,} draws. {self.message}"
        )

    def coefficients(self, group: str | None = None, *, seed: int = 0) -> FloatArray:
        """Return draws of intercept and coefficients on the scale of the features as given, (chains · draws, q).

        Parameters
        ----------
        group
            One of ``groups``; another name is a group never seen, whose deviations are drawn from their spread. None:
            β, what groups have in common.
        seed
            Of those draws.
        """
        theta = self._scaled(group, np.arange(self._flat.shape[0]), seed)
        slopes = np.divide(theta[:, 1:], self.scale, out=np.zeros_like(theta[:, 1:]), where=self.scale > 0)
        return np.column_stack([theta[:, 0] - slopes @ self.centre, slopes])

    def probability(self, source: Any, *, draws: int = DRAWS_TO_SCORE, seed: int = 0) -> FloatArray:
        """Return the probability of each customer, (n,): the posterior mean.

        Parameters
        ----------
        source
            A `CustomerTable`, a pandas or polars frame or a pyarrow Table, with the columns of the model, and the one
            that names groups, in any order. A customer of a group never seen gets the wider uncertainty of one.
        draws
            How many draws to average over.
        seed
            For groups never seen.

        Raises
        ------
        InputError
            When a column is not there or holds something of another kind; all of them are named.
        """
        return self._by_rows(source, draws, seed, lambda p: p.mean(axis=1)[:, None])[:, 0]

    def interval(
        self, source: Any, *, level: float | None = None, draws: int = DRAWS_TO_SCORE, seed: int = 0
    ) -> tuple[FloatArray, FloatArray]:
        """Return the ends of the posterior interval of each customer's probability, (n,) each; see `probability`.

        It is of the probability itself, not of what the customer will do.
        """
        ends = self.tails(level)
        found = self._by_rows(source, draws, seed, lambda p: np.asarray(np.quantile(p, ends, axis=1).T))
        return found[:, 0], found[:, 1]

    def score(self, source: Any, *, draws: int = DRAWS_TO_SCORE, seed: int = 0) -> FloatArray:
        """Return the log-odds of the mean probability of each customer, (n,)."""
        return logit(self.probability(source, draws=draws, seed=seed))

    @property
    def table(self) -> Any:
        """A pandas frame of what groups have in common; see `coefficient_table`."""
        from mixcurve.propensity.bayes.tables import coefficient_table

        return coefficient_table(self)

    @property
    def group_table(self) -> Any:
        """A pandas frame of each group's own coefficients; see `group_table`."""
        from mixcurve.propensity.bayes.tables import group_table

        return group_table(self)

    @property
    def spread_table(self) -> Any:
        """A pandas frame of how far groups differ, and how far they were pooled; see `spread_table`."""
        from mixcurve.propensity.bayes.tables import spread_table

        return spread_table(self)

    @property
    def inference(self) -> Any:
        """The draws as an `xarray.DataTree` that ArviZ reads."""
        from mixcurve.propensity.bayes.tree import inference_tree

        return inference_tree(self)

    def without_draws(self) -> Self:
        """Return the posterior without what its tree holds."""
        return replace(self, positions=_none(), statistics={})

    def with_draws(self, tree: Any) -> Self:
        """Return the posterior with what its tree holds."""
        found = tree["sample_stats"].to_dataset()
        return replace(
            self,
            positions=tree["posterior"]["position"].to_numpy(),
            statistics={str(k): v.to_numpy() for k, v in found.data_vars.items()},
        )

    def tails(self, level: float | None) -> tuple[float, float]:
        """Return the two quantiles of a central interval."""
        inside = self.level if level is None else number("level", level, low=0.0, high=1.0, open_low=True)
        return (1.0 - inside) / 2.0, (1.0 + inside) / 2.0

    @property
    def _flat(self) -> FloatArray:
        return self.positions.reshape(-1, self.positions.shape[-1])

    def _scaled(self, group: str | None, chosen: npt.NDArray[np.intp], seed: int) -> FloatArray:
        """Return θ of a group for centred and scaled features, (chosen, q)."""
        q, k, flat = len(self.names), len(self.varying), self._flat[chosen]
        theta = flat[:, :q].copy()
        if group is None or not k:
            return theta
        if group in self.groups:
            at = q + k + self.groups.index(group) * k
            theta[:, self.varying] += flat[:, at : at + k]
        else:
            rng = np.random.default_rng([seed, *group.encode()])
            theta[:, self.varying] += np.exp(flat[:, q : q + k]) * rng.standard_normal((len(flat), k))
        return theta

    def _by_rows(self, source: Any, draws: int, seed: int, told: Told) -> FloatArray:
        """Return what ``told`` makes of the probabilities (rows × draws), for all rows."""
        wanted = min(int(number("draws", draws, low=1)), len(self._flat))
        chosen = np.linspace(0, len(self._flat) - 1, wanted).round().astype(np.intp)
        frame = source.features if isinstance(source, CustomerTable) else frame_of(source)
        group = np.full(len(frame), "", dtype=object) if self.by is None else group_of(source, self.by)
        thetas = {
            name: self._scaled(None if self.by is None else str(name), chosen, seed) for name in set(group)
        }
        parts = [
            self._of_block(frame.iloc[span], group[span], thetas, told)
            for span in spans(len(frame), DESIGN_ROWS)
        ]
        return np.concatenate(parts) if parts else np.empty((0, 2))

    def _of_block(
        self, frame: Any, group: npt.NDArray[Any], thetas: Mapping[str, FloatArray], told: Told
    ) -> FloatArray:
        x = (self.recipe.design(frame) - self.centre) / np.where(self.scale > 0, self.scale, np.inf)
        out: FloatArray | None = None
        for name in set(group):
            theta, rows = thetas[name], np.flatnonzero(group == name)
            for span in spans(len(rows), ROWS_AT_ONCE):
                found = told(expit(x[rows[span]] @ theta[:, 1:].T + theta[:, 0]))
                out = np.empty((len(x), found.shape[1])) if out is None else out
                out[rows[span]] = found
        assert out is not None
        return out
