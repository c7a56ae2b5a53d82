"""mixcurve: response curves that can be trusted, and budgets that are provably the best those curves allow.

>>> import mixcurve as mc
>>> float(mc.curves["hill"](40_000, top=900, half=40_000, slope=2.2))
450.0

Every public name is loaded from its own module when first used, so that ``import mixcurve`` stays light.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from mixcurve import homes

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
    from mixcurve.calibration.maps.base import CalibrationMap
    from mixcurve.calibration.maps.cross import cross_fitted_score
    from mixcurve.calibration.maps.fit import fit_map
    from mixcurve.calibration.predictive import predictive_report
    from mixcurve.calibration.probability import calibration_report
    from mixcurve.calibration.recalibration import (
        cross_recalibrated,
        recalibrate_intervals,
        recalibrate_predictive,
    )
    from mixcurve.calibration.report import CalibrationReport
    from mixcurve.foundations.errors import FitError, InputError, MixcurveError
    from mixcurve.foundations.parameters import Interval, Parameter
    from mixcurve.foundations.posterior import load_posterior
    from mixcurve.plots.audience import plot_audience
    from mixcurve.plots.autocorrelation import plot_autocorrelation
    from mixcurve.plots.calibration import plot_coverage, plot_levels, plot_pit
    from mixcurve.plots.coefficients import plot_coefficients
    from mixcurve.plots.comparison import plot_comparison, plot_weights
    from mixcurve.plots.curves import plot_curve
    from mixcurve.plots.drift import plot_drift
    from mixcurve.plots.experiments import plot_experiments
    from mixcurve.plots.fitted import plot_fitted
    from mixcurve.plots.flight import plot_flight
    from mixcurve.plots.forecast import plot_forecast
    from mixcurve.plots.frontier import plot_frontier, plot_sensitivity
    from mixcurve.plots.gains import plot_gains, plot_lift
    from mixcurve.plots.groups import plot_groups
    from mixcurve.plots.history import plot_history
    from mixcurve.plots.next_test import plot_next_test, plot_stability
    from mixcurve.plots.penalty import plot_penalty_path
    from mixcurve.plots.priors import plot_prior_posterior, plot_prior_predictive
    from mixcurve.plots.profiles import plot_profile
    from mixcurve.plots.profit import plot_net_benefit, plot_profit
    from mixcurve.plots.quantiles import plot_residual_quantiles
    from mixcurve.plots.reliability import plot_reliability, plot_segment_calibration
    from mixcurve.plots.residuals import plot_residuals
    from mixcurve.plots.roc import plot_precision_recall, plot_roc
    from mixcurve.plots.sampling import plot_energy, plot_predictive, plot_ranks, plot_trace
    from mixcurve.plots.varying import plot_frequency, plot_path
    from mixcurve.plots.waterfall import plot_waterfall
    from mixcurve.propensity.bayes.build import propensity_model, sample_propensity
    from mixcurve.propensity.bayes.hierarchy import PropensityPriors
    from mixcurve.propensity.bayes.posterior import PropensityPosterior
    from mixcurve.propensity.calibrate import CalibratedClassifier, calibrate
    from mixcurve.propensity.card.build import score_card
    from mixcurve.propensity.card.card import ScoreCard
    from mixcurve.propensity.challenger import ChallengerReport, challenger
    from mixcurve.propensity.classifier import PropensityClassifier
    from mixcurve.propensity.explain.codes import ReasonCodes, explain
    from mixcurve.propensity.features.encoder import FeatureEncoder
    from mixcurve.propensity.features.recipe import FeatureRecipe
    from mixcurve.propensity.fit import LogisticFit
    from mixcurve.propensity.impact import Impact, impact
    from mixcurve.propensity.inference.build import inference_table
    from mixcurve.propensity.inference.table import InferenceTable
    from mixcurve.propensity.lookalike.audience import Audience
    from mixcurve.propensity.lookalike.build import lookalike
    from mixcurve.propensity.model import PropensityModel, fit_propensity
    from mixcurve.propensity.path import PenaltyPath, penalty_path
    from mixcurve.propensity.separation.find import Separation, find_separation
    from mixcurve.propensity.simulate.churn import simulate_churn
    from mixcurve.propensity.simulate.leads import simulate_leads
    from mixcurve.propensity.simulate.lookalike import LookalikeSample, simulate_lookalike
    from mixcurve.propensity.simulate.people import SimulatedPeople
    from mixcurve.propensity.simulate.trials import simulate_trials
    from mixcurve.propensity.stability.fairness import FairnessReport, fairness_slices
    from mixcurve.propensity.stability.index import stability_index
    from mixcurve.propensity.stability.report import StabilityReport, stability
    from mixcurve.propensity.subset.build import best_subset
    from mixcurve.propensity.subset.rule import SubsetRule
    from mixcurve.report.spend import spend_report
    from mixcurve.response.bayes.build import mix_model
    from mixcurve.response.bayes.checks.holdout import validate_posterior
    from mixcurve.response.bayes.compare.posteriors import compare_posteriors
    from mixcurve.response.bayes.compare.stacked import stacked_curves, stacked_response
    from mixcurve.response.bayes.curve.many import sample_curves
    from mixcurve.response.bayes.curve.posterior import CurvePosterior
    from mixcurve.response.bayes.curve.sample import sample_curve
    from mixcurve.response.bayes.experiments.moved import what_experiments_moved
    from mixcurve.response.bayes.experiments.previous import PreviousPosterior, previous_posterior
    from mixcurve.response.bayes.kinds.asked import Organic, ReachFrequency, Treatment
    from mixcurve.response.bayes.kinds.frequency import optimal_frequency
    from mixcurve.response.bayes.learned.learn import prior_against_posterior
    from mixcurve.response.bayes.mix import sample_mix
    from mixcurve.response.bayes.priors.predictive import prior_predictive
    from mixcurve.response.bayes.priors.words import ChannelPrior
    from mixcurve.response.bayes.result.posterior import MixPosterior
    from mixcurve.response.bayes.sample.pymc_model import pymc_model
    from mixcurve.response.bayes.varying.effect import VaryingEffect
    from mixcurve.response.bayes.varying.level import VaryingLevel
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
    from mixcurve.tables.customer_leakage import leakage_warnings
    from mixcurve.tables.customer_table import CustomerTable
    from mixcurve.tables.customers import read_customers
    from mixcurve.tables.experiment_file import read_experiments
    from mixcurve.tables.experiments import CostTarget, LiftTest
    from mixcurve.tables.spend import read_spend
    from mixcurve.tables.table import SpendTable
    from mixcurve.thresholds.auc import AucComparison, AucInterval, auc_interval, compare_auc
    from mixcurve.thresholds.choose import choose_threshold
    from mixcurve.thresholds.curves import RankingCurves, ranking_curves
    from mixcurve.thresholds.cutoffs import Cutoffs, all_cutoffs
    from mixcurve.thresholds.decision import Decision
    from mixcurve.thresholds.net_benefit import NetBenefitCurve, net_benefit_curve
    from mixcurve.thresholds.profit import ProfitCurve, profit_curve
    from mixcurve.thresholds.ties import select_top, stable_hash

__version__ = "0.5.0"

__all__ = [
    "Allocation", "AucComparison", "AucInterval", "Audience", "BeatCurrent", "BreakEven", "Budget", "BudgetFor",
    "CVaR", "CalibratedClassifier", "CalibrationMap", "CalibrationReport", "Certificate", "ChallengerReport",
    "ChannelPrior", "Constraints", "CostTarget", "Curve", "CurveComparison", "CurveFit", "CurveFits",
    "CurvePosterior", "CustomerTable", "Cutoffs", "Decision", "FairnessReport", "FeatureEncoder", "FeatureRecipe",
    "FitError", "FlightPlan", "Forecast", "ForecastComparison", "Frontier", "Group", "GroupOutcome", "Impact",
    "InfeasibleError", "InferenceTable", "InputError", "Interval", "LevelMap", "LiftTest", "LogisticFit",
    "LookalikeSample", "MarketChannel", "MeanMinusRisk", "MixFit", "MixPosterior", "MixcurveError",
    "ModelCertificate", "NetBenefitCurve", "NextTest", "Organic", "Parameter", "PenaltyPath", "PreviousPosterior",
    "ProfitCurve", "PropensityClassifier", "PropensityModel", "PropensityPosterior", "PropensityPriors", "Quantile",
    "RankingCurves", "ReachFrequency", "ReasonCodes", "ResidualChecks", "RiskFigures", "ScoreCard", "Sensitivity",
    "Separation", "SimulatedPeople", "SpendTable", "Stability", "StabilityReport", "SubsetRule", "Treatment",
    "VaryingEffect", "VaryingLevel", "Verification", "all_cutoffs", "allocate", "auc_interval", "best_subset",
    "break_even", "budget_for", "calibrate", "calibration_report", "carryovers", "challenger", "check_curve",
    "check_residuals", "choose_threshold", "compare_auc", "compare_curves", "compare_posteriors",
    "cross_fitted_score", "cross_recalibrated", "curve", "curves", "explain", "fairness_slices", "find_separation",
    "fit_curve", "fit_curves", "fit_map", "fit_mix", "fit_propensity", "flight", "frontier", "holdout_forecast",
    "holdout_mix", "impact", "inference_table", "interval_report", "leakage_warnings", "load_posterior",
    "lookalike", "mix_model", "net_benefit_curve", "next_test", "optimal_frequency", "penalty_path",
    "plan_stability", "plot_audience", "plot_autocorrelation", "plot_coefficients", "plot_comparison",
    "plot_coverage", "plot_curve", "plot_drift", "plot_energy", "plot_experiments", "plot_fitted", "plot_flight",
    "plot_forecast", "plot_frequency", "plot_frontier", "plot_gains", "plot_groups", "plot_history", "plot_levels",
    "plot_lift", "plot_net_benefit", "plot_next_test", "plot_path", "plot_penalty_path", "plot_pit",
    "plot_precision_recall", "plot_predictive", "plot_prior_posterior", "plot_prior_predictive", "plot_profile",
    "plot_profit", "plot_ranks", "plot_reliability", "plot_residual_quantiles", "plot_residuals", "plot_roc",
    "plot_segment_calibration", "plot_sensitivity", "plot_stability", "plot_trace", "plot_waterfall",
    "plot_weights", "predict_mix", "predictive_report", "previous_posterior", "prior_against_posterior",
    "prior_predictive", "profit_curve", "propensity_model", "pymc_model", "ranking_curves", "read_customers",
    "read_experiments", "read_spend", "recalibrate_intervals", "recalibrate_predictive", "residual_checks",
    "response_from", "rolling_forecast", "rolling_mix", "sample_curve", "sample_curves", "sample_mix",
    "sample_propensity", "score_card", "select_top", "sensitivity", "simulate_churn", "simulate_leads",
    "simulate_lookalike", "simulate_market", "simulate_trials", "spend_report", "stability", "stability_index",
    "stable_hash", "stacked_curves", "stacked_response", "validate_posterior", "verify", "verify_flight",
    "what_experiments_moved",
]  # fmt: skip

_HOME_OF = {name: home for home, names in homes.HOMES.items() for name in names}


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
