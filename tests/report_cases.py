"""Tables, fits and plans built by hand from known curves, for the tests of plots and reports."""

from __future__ import annotations

import numpy as np

from mixcurve.budget.problem import Allocation, Budget
from mixcurve.foundations.errors import Problem
from mixcurve.response.carryover import apply_carryover
from mixcurve.response.curves import curves, shape
from mixcurve.response.evidence import Finding, graded
from mixcurve.response.fit.results import CurveFit, EstimateInterval, MixFit
from mixcurve.tables.table import SpendTable

NAMES = (
    "TV",
    "Paid social",
    "Search",
    "Online video",
    "Out of home",
    "Radio",
    "Cinema",
    "Press",
    "Podcasts",
    "Affiliates",
    "Direct mail",
    "Retail media",
)
LONG = "Programmatic display prospecting, third-party audiences (DACH)"
HOSTILE = 'A&B <script> #panic("x") $x$ *b*'

FINDINGS = (
    (),
    (),
    (
        Finding(
            "ceiling_not_seen",
            "The most ever spent is below half-saturation, so the ceiling of the curve is not known.",
            "weak",
        ),
    ),
    (Finding("few_levels", "Spend moved within a narrow range.", "weak"),),
    (
        Finding(
            "constant_spend",
            "Spend hardly changed, so its effect cannot be told from the baseline.",
            "not shown",
        ),
        Finding("correlated", "Its spend moves together with that of TV (correlation 0.93).", "weak"),
    ),
)


def table_and_fit(
    n_channels: int = 5,
    *,
    names=None,
    response_name="orders",
    currency="GBP",
    periods=104,
    size=1.0,
    every="week",
    seed=7,
) -> tuple[SpendTable, MixFit]:
    """Return a table and a fit whose parts add up to its response."""
    rng = np.random.default_rng(seed)
    names = tuple(names or NAMES[:n_channels])
    n_channels = len(names)
    half = 10_000.0 * (1.0 + np.arange(n_channels) % 5)
    top = size * (300.0 + 130.0 * (np.arange(n_channels) * 3 % 7))
    slope = 1.6 + 0.35 * (np.arange(n_channels) % 4)
    spend = (
        half * rng.lognormal(-0.15, 0.45, (periods, n_channels)) * (rng.random((periods, n_channels)) > 0.06)
    )
    carried = np.column_stack([apply_carryover(spend[:, i], "geometric", [0.4]) for i in range(n_channels)])
    parameters = np.stack([top, half, slope], axis=-1)
    contributions = np.column_stack(
        [curves["hill"](carried[:, i], top=top[i], half=half[i], slope=slope[i]) for i in range(n_channels)]
    )
    week = np.arange(periods)
    baseline = size * (2200.0 + 160.0 * np.sin(2 * np.pi * week / 52.0) + 1.5 * week)
    residual = rng.normal(0.0, 55.0 * size, periods)
    response = contributions.sum(axis=1) + baseline + residual
    resamples = parameters * rng.lognormal(0.0, [0.09, 0.12, 0.06], (200, n_channels, 3))
    days = {"day": 1, "week": 7, "month": 30, "year": 365}[every]
    dates = np.datetime64("2024-01-01") + week * np.timedelta64(days, "D")
    seen = np.stack([spend.min(axis=0), spend.max(axis=0)], axis=-1)
    evidence = tuple(graded(name, FINDINGS[i % len(FINDINGS)]) for i, name in enumerate(names))
    intervals = []
    for i, name in enumerate(names):
        bend = float(shape.inflection("hill", {"half": half[i], "slope": slope[i]}))
        opened = bool(evidence[i].findings)
        limits = (bend * 0.55, np.inf if opened else bend * 1.3)
        intervals.append(
            EstimateInterval(name, "inflection", bend, *limits, 0.9, "high" if opened else "", "profile")
        )
    problems = (
        Problem(
            "spend is 0 in 7 of 104 weeks",
            source="weekly.csv",
            column=names[0],
            severity="note",
            code="zero-spend",
        ),
        Problem(
            "the rows were not in the order of their dates",
            "They were sorted",
            source="weekly.csv",
            severity="warning",
            code="unsorted",
        ),
    )
    table = SpendTable(
        dates=dates,
        spend=spend,
        response=response,
        controls=np.empty((periods, 0)),
        channels=names,
        response_name=response_name,
        every=every,
        currency=currency,
        source="weekly.csv",
        sha256="ab" * 32,
        problems=problems,
    )
    fit = MixFit(
        channels=names,
        curve=(curves["hill"],) * n_channels,
        draws=parameters[None],
        resamples=resamples,
        spend_range=seen,
        current=spend[-13:].mean(axis=0),
        evidence=evidence,
        carryover="geometric",
        carryover_parameters=np.full((n_channels, 1), 0.4),
        carryover_length=26,
        dates=dates,
        contributions=contributions,
        baseline=baseline,
        baseline_names=("level", "trend", "season"),
        baseline_parts=np.column_stack(
            [np.full(periods, size * 2200.0), 1.5 * size * week, baseline - size * (2200.0 + 1.5 * week)]
        ),
        residual=residual,
        carried=carried,
        parameter_names=(),
        covariance=np.empty((0, 0)),
        intervals=tuple(intervals),
        rss=float(residual @ residual),
        r_squared=float(1 - residual.var() / response.var()),
        degrees_of_freedom=periods - 4 * n_channels,
        status="converged",
        message="",
        starts=24,
        agreeing_starts=19,
        seed=1,
        every=every,
        currency=currency,
        response_name=response_name,
    )
    return table, fit


def plan_for(
    fit: MixFit, *, better_share: float | None = 0.97, factor: float = 1.0, status="optimal", shift=0.25
) -> Allocation:
    """Return a plan that moves ``shift`` of every second channel's spend to the others. It need not be the best one."""
    now = np.array(fit.current)
    given = np.where(np.arange(len(now)) % 2 == 0, now * shift, 0.0)
    taken = np.where(np.arange(len(now)) % 2 == 1, now, 0.0)
    plan = (
        (now - given + given.sum() * taken / max(taken.sum(), 1e-9)) * factor
        if len(now) > 1
        else now * factor
    )
    width = [fit.draws[0, i] for i in range(len(now))]
    response = np.array([float(shape.response(c, x, w)) for c, x, w in zip(fit.curve, plan, width)])
    before = np.array([float(shape.response(c, x, w)) for c, x, w in zip(fit.curve, now, width)])
    marginal = np.array([float(shape.marginal(c, x, w)) for c, x, w in zip(fit.curve, plan, width)])
    value, current_value = float(response.sum()), float(before.sum())
    upper = np.array(fit.spend_range[:, 1]) * 1.1
    binding = {
        c: "upper bound" if i == 1 else "lower bound" if i == 2 else "" for i, c in enumerate(fit.channels)
    }
    gain = value - current_value
    spread = max(abs(gain), 1.0)
    beyond = tuple(c for c, x, s in zip(fit.channels, plan, fit.spend_range[:, 1]) if x > s)
    named = lambda values: dict(zip(fit.channels, np.asarray(values).tolist()))  # noqa: E731
    return Allocation(
        channels=fit.channels,
        budget=Budget(fit.channels, float(plan.sum()), np.zeros(len(now)), upper),
        spend=named(plan),
        response=named(response),
        marginal=named(marginal),
        value=value,
        upper_bound=value * (1 + 4e-7),
        gap=4e-7,
        status=status,
        shadow_price=float(marginal.mean()),
        binding=binding,
        unspent=0.0,
        current=named(now),
        current_response=named(before),
        current_value=current_value,
        value_interval=(value * 0.9, value * 1.1),
        gain_interval=None if better_share is None else (gain - 0.7 * spread, gain + 0.8 * spread),
        better_share=better_share,
        level=0.9,
        beyond_seen=beyond,
        certificate=None,
        nodes=17,
        message="",
        every=fit.every,
        currency=fit.currency,
        response_name=fit.response_name,
    )


def one_channel(periods: int = 54) -> tuple[SpendTable, CurveFit]:
    """Return a yearly table of one channel, and a fit that does not show where the curve bends."""
    rng = np.random.default_rng(3)
    spend = rng.uniform(300.0, 1_700.0, periods)
    parameters = np.array([2_600.0, 1_500.0, 1.4])
    fitted = curves["hill"](spend, top=2_600.0, half=1_500.0, slope=1.4)
    residual = rng.normal(0.0, 180.0, periods)
    years = np.array([f"{1907 + i}-01-01" for i in range(periods)], dtype="datetime64[D]")
    table = SpendTable(
        dates=years,
        spend=spend[:, None],
        response=700.0 + fitted + residual,
        controls=np.empty((periods, 0)),
        channels=("advertising",),
        response_name="sales",
        every="year",
        currency="USD",
        source="annual.csv",
        sha256="cd" * 32,
    )
    resamples = parameters * rng.lognormal(0.0, 0.25, (200, 1, 3))
    bend = EstimateInterval("advertising", "inflection", 400.0, 0.0, np.inf, 0.9, "both", "profile")
    finding = Finding("bend_not_seen", "The data do not show where the curve bends.", "weak")
    fit = CurveFit(
        channels=("advertising",),
        curve=(curves["hill"],),
        draws=parameters[None, None],
        resamples=resamples,
        spend_range=np.array([[spend.min(), spend.max()]]),
        current=spend[-4:].mean(keepdims=True),
        evidence=(graded("advertising", (finding,)),),
        baseline=700.0,
        parameter_names=("top", "half", "slope", "baseline"),
        covariance=np.eye(4),
        intervals=(bend,),
        carried=spend[:, None],
        contributions=fitted[:, None],
        residual=residual,
        rss=float(residual @ residual),
        degrees_of_freedom=periods - 4,
        status="converged",
        message="",
        iterations=12,
        every="year",
        currency="USD",
        response_name="sales",
    )
    return table, fit
