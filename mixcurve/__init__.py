"""mixcurve: response curves that can be trusted, and budgets that are provably the best those curves allow.

>>> import mixcurve as mc
>>> float(mc.curves["hill"](40_000, top=900, half=40_000, slope=2.2))
450.0

Every public name is loaded from its own module when first used, so that ``import mixcurve`` stays light.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mixcurve.budget.certificate import Certificate, ModelCertificate, Verification, verify
    from mixcurve.budget.constraints.infeasible import InfeasibleError
    from mixcurve.budget.constraints.words import Constraints, Group
    from mixcurve.budget.flighting.check import verify_flight
    from mixcurve.budget.flighting.flight import flight
    from mixcurve.budget.flighting.plan import FlightPlan
    from mixcurve.budget.frontier.break_even import BreakEven, break_even
    from mixcurve.budget.frontier.least import BudgetFor, budget_for
    from mixcurve.budget.frontier.result import Frontier
    from mixcurve.budget.frontier.sensitivity import Sensitivity, sensitivity
    from mixcurve.budget.frontier.trace import frontier
    from mixcurve.budget.learning.next_test import next_test
    from mixcurve.budget.learning.results import NextTest
    from mixcurve.budget.learning.stability import plan_stability
    from mixcurve.budget.learning.stability_result import Stability
    from mixcurve.budget.objectives import BeatCurrent, CVaR, MeanMinusRisk, Quantile
    from mixcurve.budget.problem import Allocation, Budget, GroupOutcome, RiskFigures
    from mixcurve.budget.solve import allocate
    from mixcurve.calibration.interval import interval_report
    from mixcurve.calibration.levels import LevelMap
    from mixcurve.calibration.predictive import predictive_report
    from mixcurve.calibration.recalibration import (
        cross_recalibrated,
        recalibrate_intervals,
        recalibrate_predictive,
    )
    from mixcurve.calibration.report import CalibrationReport
    from mixcurve.foundations.errors import FitError, InputError, MixcurveError
    from mixcurve.foundations.parameters import Interval, Parameter
    from mixcurve.plots.autocorrelation import plot_autocorrelation
    from mixcurve.plots.calibration import plot_coverage, plot_levels, plot_pit
    from mixcurve.plots.comparison import plot_comparison, plot_weights
    from mixcurve.plots.curves import plot_curve
    from mixcurve.plots.fitted import plot_fitted
    from mixcurve.plots.flight import plot_flight
    from mixcurve.plots.forecast import plot_forecast
    from mixcurve.plots.frontier import plot_frontier, plot_sensitivity
    from mixcurve.plots.history import plot_history
    from mixcurve.plots.next_test import plot_next_test, plot_stability
    from mixcurve.plots.profiles import plot_profile
    from mixcurve.plots.quantiles import plot_residual_quantiles
    from mixcurve.plots.residuals import plot_residuals
    from mixcurve.plots.waterfall import plot_waterfall
    from mixcurve.report.spend import spend_report
    from mixcurve.response.carryover import carryovers
    from mixcurve.response.checks.forecast import Forecast
    from mixcurve.response.checks.holdout import holdout_forecast, rolling_forecast
    from mixcurve.response.checks.mix_holdout import holdout_mix, rolling_mix
    from mixcurve.response.checks.of_fit import check_residuals
    from mixcurve.response.checks.residual_result import ResidualChecks
    from mixcurve.response.checks.residuals import residual_checks
    from mixcurve.response.checks.scores import ForecastComparison
    from mixcurve.response.curves import Curve, curve, curves
    from mixcurve.response.curves.laws import check_curve
    from mixcurve.response.fit.compare.curves import compare_curves
    from mixcurve.response.fit.compare.results import CurveComparison
    from mixcurve.response.fit.curve.fit import fit_curve
    from mixcurve.response.fit.curve.many import fit_curves
    from mixcurve.response.fit.curve.many_results import CurveFits
    from mixcurve.response.fit.mix.fit import fit_mix
    from mixcurve.response.fit.mix.predict import predict_mix
    from mixcurve.response.fit.mix.result import MixFit
    from mixcurve.response.fit.results import CurveFit
    from mixcurve.response.fitted import response_from
    from mixcurve.response.market import MarketChannel
    from mixcurve.response.simulate import simulate_market
    from mixcurve.tables.spend import read_spend
    from mixcurve.tables.table import SpendTable

__version__ = "0.3.0"

__all__ = [
    "Allocation", "BeatCurrent", "BreakEven", "Budget", "BudgetFor", "CVaR", "CalibrationReport",
    "Certificate", "Constraints", "Curve", "CurveComparison", "CurveFit", "CurveFits", "FitError",
    "FlightPlan", "Forecast", "ForecastComparison", "Frontier", "Group", "GroupOutcome",
    "InfeasibleError", "InputError", "Interval", "LevelMap", "MarketChannel", "MeanMinusRisk", "MixFit",
    "MixcurveError", "ModelCertificate", "NextTest", "Parameter", "Quantile", "ResidualChecks",
    "RiskFigures", "Sensitivity", "SpendTable", "Stability", "Verification", "allocate", "break_even",
    "budget_for", "carryovers", "check_curve", "check_residuals", "compare_curves", "cross_recalibrated",
    "curve", "curves", "fit_curve", "fit_curves", "fit_mix", "flight", "frontier", "holdout_forecast",
    "holdout_mix", "interval_report", "next_test", "plan_stability", "plot_autocorrelation",
    "plot_comparison", "plot_coverage", "plot_curve", "plot_fitted", "plot_flight", "plot_forecast",
    "plot_frontier", "plot_history", "plot_levels", "plot_next_test", "plot_pit", "plot_profile",
    "plot_residual_quantiles", "plot_residuals", "plot_sensitivity", "plot_stability", "plot_waterfall",
    "plot_weights", "predict_mix", "predictive_report", "read_spend", "recalibrate_intervals",
    "recalibrate_predictive", "residual_checks", "response_from", "rolling_forecast", "rolling_mix",
    "sensitivity", "simulate_market", "spend_report", "verify", "verify_flight",
]  # fmt: skip

_HOMES = {
    "mixcurve.budget.certificate": (
        "Certificate",
        "ModelCertificate",
        "Verification",
        "verify",
    ),
    "mixcurve.budget.constraints.infeasible": ("InfeasibleError",),
    "mixcurve.budget.constraints.words": (
        "Constraints",
        "Group",
    ),
    "mixcurve.budget.flighting.check": ("verify_flight",),
    "mixcurve.budget.flighting.flight": ("flight",),
    "mixcurve.budget.flighting.plan": ("FlightPlan",),
    "mixcurve.budget.frontier.break_even": ("BreakEven", "break_even"),
    "mixcurve.budget.frontier.least": (
        "BudgetFor",
        "budget_for",
    ),
    "mixcurve.budget.frontier.result": ("Frontier",),
    "mixcurve.budget.frontier.sensitivity": (
        "Sensitivity",
        "sensitivity",
    ),
    "mixcurve.budget.frontier.trace": ("frontier",),
    "mixcurve.budget.learning.next_test": ("next_test",),
    "mixcurve.budget.learning.results": ("NextTest",),
    "mixcurve.budget.learning.stability": ("plan_stability",),
    "mixcurve.budget.learning.stability_result": ("Stability",),
    "mixcurve.budget.objectives": (
        "BeatCurrent",
        "CVaR",
        "MeanMinusRisk",
        "Quantile",
    ),
    "mixcurve.budget.problem": (
        "Allocation",
        "Budget",
        "GroupOutcome",
        "RiskFigures",
    ),
    "mixcurve.budget.solve": ("allocate",),
    "mixcurve.calibration.interval": ("interval_report",),
    "mixcurve.calibration.levels": ("LevelMap",),
    "mixcurve.calibration.predictive": ("predictive_report",),
    "mixcurve.calibration.recalibration": (
        "cross_recalibrated",
        "recalibrate_intervals",
        "recalibrate_predictive",
    ),
    "mixcurve.calibration.report": ("CalibrationReport",),
    "mixcurve.foundations.errors": (
        "FitError",
        "InputError",
        "MixcurveError",
    ),
    "mixcurve.foundations.parameters": (
        "Interval",
        "Parameter",
    ),
    "mixcurve.plots.autocorrelation": ("plot_autocorrelation",),
    "mixcurve.plots.calibration": (
        "plot_coverage",
        "plot_levels",
        "plot_pit",
    ),
    "mixcurve.plots.comparison": (
        "plot_comparison",
        "plot_weights",
    ),
    "mixcurve.plots.curves": ("plot_curve",),
    "mixcurve.plots.fitted": ("plot_fitted",),
    "mixcurve.plots.flight": ("plot_flight",),
    "mixcurve.plots.forecast": ("plot_forecast",),
    "mixcurve.plots.frontier": (
        "plot_frontier",
        "plot_sensitivity",
    ),
    "mixcurve.plots.history": ("plot_history",),
    "mixcurve.plots.next_test": (
        "plot_next_test",
        "plot_stability",
    ),
    "mixcurve.plots.profiles": ("plot_profile",),
    "mixcurve.plots.quantiles": ("plot_residual_quantiles",),
    "mixcurve.plots.residuals": ("plot_residuals",),
    "mixcurve.plots.waterfall": ("plot_waterfall",),
    "mixcurve.report.spend": ("spend_report",),
    "mixcurve.response.carryover": ("carryovers",),
    "mixcurve.response.checks.forecast": ("Forecast",),
    "mixcurve.response.checks.holdout": (
        "holdout_forecast",
        "rolling_forecast",
    ),
    "mixcurve.response.checks.mix_holdout": (
        "holdout_mix",
        "rolling_mix",
    ),
    "mixcurve.response.checks.of_fit": ("check_residuals",),
    "mixcurve.response.checks.residual_result": ("ResidualChecks",),
    "mixcurve.response.checks.residuals": ("residual_checks",),
    "mixcurve.response.checks.scores": ("ForecastComparison",),
    "mixcurve.response.curves": (
        "Curve",
        "curve",
        "curves",
    ),
    "mixcurve.response.curves.laws": ("check_curve",),
    "mixcurve.response.fit.compare.curves": ("compare_curves",),
    "mixcurve.response.fit.compare.results": ("CurveComparison",),
    "mixcurve.response.fit.curve.fit": ("fit_curve",),
    "mixcurve.response.fit.curve.many": ("fit_curves",),
    "mixcurve.response.fit.curve.many_results": ("CurveFits",),
    "mixcurve.response.fit.mix.fit": ("fit_mix",),
    "mixcurve.response.fit.mix.predict": ("predict_mix",),
    "mixcurve.response.fit.mix.result": ("MixFit",),
    "mixcurve.response.fit.results": ("CurveFit",),
    "mixcurve.response.fitted": ("response_from",),
    "mixcurve.response.market": ("MarketChannel",),
    "mixcurve.response.simulate": ("simulate_market",),
    "mixcurve.tables.spend": ("read_spend",),
    "mixcurve.tables.table": ("SpendTable",),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> Any:
    """Return the public name, loading its module when first asked for (PEP 562)."""
    if name not in _HOME_OF:
        raise AttributeError(f"module 'mixcurve' has no attribute '{name}'")
    value = getattr(import_module(_HOME_OF[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """Return the public names beside what is loaded already."""
    return sorted({*globals(), *__all__})
