"""`MixPosterior`: what sampling a media mix returns."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.posterior import Posterior
from mixcurve.response.fit.mix.result import MixFit

__all__ = ["MixPosterior"]

FloatArray = npt.NDArray[np.float64]


def _none() -> FloatArray:
    return np.empty((0, 0, 0))


@dataclass(frozen=True, eq=False)
class MixPosterior(Posterior, MixFit):
    """A media mix known by draws from its posterior. Satisfies `Fitted`: budgets, plots and reports take it as it is.

    The fields of `MixFit` hold posterior means; ``draws`` and ``resamples`` are the same draws of the curves, so that a
    budget maximises the posterior mean response, and intervals are posterior ones.

    Parameters
    ----------
    positions
        (chains × draws × dimensions): what was sampled; standard normal under the prior.
    coordinates
        The name of each dimension, such as ``"slope[tv]"``.
    prior_parameters
        Draws of the curves' parameters under the prior, shaped as ``draws``.
    gates
        The checks that a result must pass, each with cause and remedy.
    variables, variable_dimensions
        Every named figure (chains × draws × …) in users' units, and its dimensions beyond chain and draw.
    statistics
        Of the sampler, by name (chains × draws).
    log_likelihood
        (chains × draws × n): of a density per unit of the response, or of the probability of a count.
    checked, learned, experiments, others, varying
        `PosteriorChecks`; `LearnedTable`: prior against posterior; `ExperimentReport`; `OtherContributions` of organic
        channels, channels by reach and frequency, and treatments; `SmoothPaths` of what varies. None or empty without.
    sampler, seconds, interrupted, pareto_k
        Which sampler made the draws, the seconds of its stages, whether it was stopped, and a quick mode's Pareto k.
    """

    positions: FloatArray = field(default_factory=_none)
    coordinates: tuple[str, ...] = ()
    prior_parameters: FloatArray = field(default_factory=_none)
    gates: tuple[Any, ...] = ()
    variables: dict[str, FloatArray] = field(default_factory=dict)
    variable_dimensions: dict[str, tuple[str, ...]] = field(default_factory=dict)
    statistics: dict[str, FloatArray] = field(default_factory=dict)
    log_likelihood: FloatArray = field(default_factory=_none)
    sampler: str = ""
    seconds: dict[str, float] = field(default_factory=dict)
    interrupted: bool = False
    pareto_k: float = float("nan")
    checked: Any = None
    learned: Any = None
    experiments: Any = None
    others: Any = None
    varying: tuple[Any, ...] = ()

    @property
    def inference(self) -> Any:
        """The draws as an `xarray.DataTree` that ArviZ reads."""
        from mixcurve.response.bayes.result.tree import inference_tree

        return inference_tree(self)

    def without_draws(self) -> Self:
        """Return the posterior without what its tree holds."""
        shape = self.positions.shape[:2]
        rest = {k: v for k, v in self.statistics.items() if v.shape != shape}
        return replace(self, positions=_none(), log_likelihood=_none(), variables={}, statistics=rest)

    def with_draws(self, tree: Any) -> Self:
        """Return the posterior with what its tree holds."""
        draws, found = tree["posterior"].to_dataset(), tree["sample_stats"].to_dataset()
        return replace(
            self,
            positions=draws["position"].to_numpy(),
            variables={str(k): v.to_numpy() for k, v in draws.data_vars.items() if k != "position"},
            statistics=self.statistics | {str(k): v.to_numpy() for k, v in found.data_vars.items()},
            log_likelihood=tree["log_likelihood"]["response"].to_numpy(),
        )
