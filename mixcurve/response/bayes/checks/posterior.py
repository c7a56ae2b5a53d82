"""All checks of one posterior, and what they say together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.convergence import FEWEST_DRAWS
from mixcurve.foundations.draw_gates import Gated
from mixcurve.foundations.gate import Gate, notes_of
from mixcurve.foundations.results import Result
from mixcurve.response.bayes.checks.conflict import PriorConflict, prior_data_conflict
from mixcurve.response.bayes.checks.loo import FEWEST, LeaveOneOut, leave_one_out, loo_gate
from mixcurve.response.bayes.checks.predictive import PredictiveChecks, check_predictive, row_names
from mixcurve.response.bayes.checks.sampling import SamplingChecks, check_sampling
from mixcurve.response.bayes.model.model import MixModel
from mixcurve.response.bayes.sample.sampled import Sampled

__all__ = ["PosteriorChecks", "check_posterior"]

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class PosteriorChecks(Gated, Result):
    """What all checks of a posterior found; ``loo`` is None where the draws are too few.

    Examples
    --------
    The gates as a table: name, passed, value, limit, parameter, cause, remedy.

    >>> draws = SamplingChecks(
    ...     (Gate("R-hat", True, 1.0, 1.01),), (), (), None, np.array([]), *(np.empty((0, 0)),) * 3
    ... )
    >>> both = PosteriorChecks(draws, PredictiveChecks(()), None, None)
    >>> both.status, both.table.index.tolist()
    ('converged', ['R-hat'])
    """

    sampling: SamplingChecks
    predictive: PredictiveChecks
    conflict: PriorConflict | None
    loo: LeaveOneOut | None

    @property
    def gates(self) -> tuple[Gate, ...]:
        """All of them: of the draws, of the fit, of the prior, of leaving rows out."""
        found = (*self.sampling.gates, *self.predictive.gates)
        found = found if self.conflict is None else (*found, self.conflict.gate)
        return found if self.loo is None else (*found, loo_gate(self.loo))

    @property
    def notes(self) -> tuple[str, ...]:
        """A sentence for each check that did not pass."""
        return notes_of(self.gates)

    @property
    def table(self) -> Any:
        """The gates as a pandas frame."""
        import pandas as pd

        kept = ("passed", "value", "limit", "parameter", "cause", "remedy", "grave")
        rows = [{k: getattr(g, k) for k in kept} for g in self.gates]
        return pd.DataFrame(rows, index=pd.Index([g.name for g in self.gates], name="check"))


def check_posterior(
    model: MixModel,
    sampled: Sampled,
    log_likelihood: FloatArray | None = None,
    *,
    seed: int | None = None,
) -> PosteriorChecks:
    """Run every check that needs no second fit.

    Parameters
    ----------
    model, sampled
        The model and its draws.
    log_likelihood
        (chains × draws × n) or (chains · draws × n), if it is at hand; leave-one-out is left out otherwise.
    seed
        Of replicates and prior draws; that of the draws if not given.
    """
    rng = np.random.default_rng(sampled.seed if seed is None else seed)
    chains, draws, _ = sampled.positions.shape
    table, loo = model.problem.mix.table, None
    if log_likelihood is not None and chains * draws >= FEWEST and draws >= FEWEST_DRAWS:
        density = np.reshape(log_likelihood, (chains, draws, -1))
        loo = leave_one_out(density, row_names(table.dates, table.groups))
    return PosteriorChecks(
        check_sampling(model, sampled),
        check_predictive(model, sampled, seed=rng),
        prior_data_conflict(model, sampled, seed=rng),
        loo,
    )
