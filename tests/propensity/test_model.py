"""The whole way from a table of customers to probabilities, and back from a file."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import brier_score_loss, roc_auc_score

from mixcurve.foundations.errors import InputError
from mixcurve.foundations.results import load_result
from mixcurve.propensity import model as module
from mixcurve.propensity.classifier import PropensityClassifier
from mixcurve.propensity.drawn_folds import draw_folds
from mixcurve.propensity.model import fit_propensity
from mixcurve.sigmoid import expit, logit
from mixcurve.tables.customers import read_customers


def market(rows: int, seed: int) -> pd.DataFrame:
    """Return customers with numbers, levels, gaps and a label that follows from them."""
    rng = np.random.default_rng(seed)
    visits, plan = rng.poisson(3.0, rows), rng.choice(["free", "paid", "trial"], rows, p=[0.6, 0.3, 0.1])
    income = rng.lognormal(10.0, 0.5, rows)
    z = 0.5 * visits + 0.8 * (plan == "paid") - 0.4 * (income - 25_000) / 12_000 - 3.0
    frame = pd.DataFrame({"id": np.arange(rows), "visits": visits, "plan": plan, "income": income})
    frame.loc[rng.random(rows) < 0.1, "income"] = np.nan
    frame.attrs["score"] = z
    return frame.assign(bought=np.where(rng.random(rows) < expit(z), "yes", "no"))


@pytest.fixture(scope="module")
def customers():
    return read_customers(market(2000, 1), label="bought", key="id")


def test_it_is_the_recipe_and_the_classifier(customers) -> None:
    model = fit_propensity(customers, l2=2.0)
    design = model.recipe.design(customers)
    alone = PropensityClassifier(l2=2.0).fit(design, customers.label)
    assert model.fit.coefficients == pytest.approx(alone.coef_[0], rel=1e-10)
    assert model.score(customers) == pytest.approx(alone.decision_function(design), rel=1e-10)
    assert model.fit.feature_names == model.recipe.names
    assert model.classes == ("no", "yes") and model.key_name == "id"


def test_it_finds_what_was_planted(customers) -> None:
    model = fit_propensity(customers)
    fresh = market(4000, 2)
    p = model.probability(fresh)
    bought = fresh["bought"] == "yes"
    # A tenth of the incomes is missing, which costs what the truth knows of them.
    assert roc_auc_score(bought, p) > roc_auc_score(bought, fresh.attrs["score"]) - 0.015
    assert dict(zip(model.fit.feature_names, model.fit.coefficients))["visits"] == pytest.approx(0.5, abs=0.1)


@pytest.mark.parametrize("calibration", [None, "platt", "beta", "isotonic"])
def test_a_saved_model_scores_the_same(customers, tmp_path, calibration) -> None:
    model = fit_propensity(customers, calibration=calibration)
    again = load_result(model.save(tmp_path / "model.json"))
    fresh = market(300, 3)
    assert np.array_equal(again.score(fresh), model.score(fresh))
    assert again.summary == model.summary
    assert ("Cross-fitted in 5 folds" in model.summary) == (calibration is not None)


def test_a_saved_model_loads_without_scikit_learn(customers, tmp_path) -> None:
    path = fit_propensity(customers, calibration="platt").save(tmp_path / "model.json")
    fresh = tmp_path / "fresh.csv"
    market(20, 3).to_csv(fresh, index=False)
    code = (
        "import sys, pandas as pd; from mixcurve.foundations.results import load_result;"
        f"model = load_result({str(path)!r}); print(model.probability(pd.read_csv({str(fresh)!r})).mean());"
        "assert 'sklearn' not in sys.modules"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert 0 < float(done.stdout) < 1


def test_columns_in_any_order_and_others_beside_them(customers) -> None:
    model = fit_propensity(customers)
    fresh = market(50, 4)
    other = fresh[["income", "bought", "plan", "visits"]].assign(noise="x")
    assert np.array_equal(model.score(other), model.score(fresh))
    with pytest.raises(InputError, match="column 'plan'"):
        model.score(fresh.drop(columns="plan"))


def test_unseen_levels_are_told(customers) -> None:
    model = fit_propensity(customers)
    fresh = market(10, 4).assign(plan="gold")
    assert np.isfinite(model.score(fresh)).all()
    assert "'plan'" in str(model.unfamiliar(fresh)[0])


def test_parts_do_not_matter(customers, monkeypatch) -> None:
    model = fit_propensity(customers)
    fresh = market(101, 5)
    whole = model.score(fresh)
    monkeypatch.setattr(module, "ROWS_AT_ONCE", 10)
    assert model.score(fresh) == pytest.approx(whole, rel=1e-14)
    assert model.score(fresh.iloc[:0]).shape == (0,)


def test_calibration_uses_scores_of_others(customers) -> None:
    """The map is that of scores by folds that did not know them; fitted in the same draw here by hand."""
    model = fit_propensity(customers, l2=0.0, calibration="platt", folds=3, seed=4)
    design, y = model.recipe.design(customers), customers.label
    fold = draw_folds(3, y, None, 4)
    z = np.empty(len(y))
    for k in range(3):
        own = PropensityClassifier(l2=0.0).fit(design[fold != k], y[fold != k])
        z[fold == k] = own.decision_function(design[fold == k])
    slope = PropensityClassifier(l2=0.0).fit(z[:, None], y)
    assert model.calibration.score([1.0, 2.0]) == pytest.approx(
        slope.decision_function([[1.0], [2.0]]), rel=1e-6
    )


def test_prior_comes_after_calibration() -> None:
    """From controls drawn at a fifth, calibrated and corrected, the population's rate comes back."""
    whole = market(12_000, 6)
    drawn = np.random.default_rng(0).random(len(whole)) < np.where(whole["bought"] == "yes", 1.0, 0.2)
    rate = float((whole["bought"] == "yes").mean())
    sample = read_customers(whole[drawn], label="bought", key="id")
    model = fit_propensity(sample, prior=rate, calibration="platt")
    assert model.probability(whole).mean() == pytest.approx(rate, rel=0.06)
    plain = fit_propensity(sample, calibration="platt")
    shift = logit(rate) - logit(sample.base_rate)
    assert model.score(whole) == pytest.approx(plain.score(whole) + shift, abs=1e-7)


def test_weights_of_the_table_are_used() -> None:
    frame = market(600, 7).assign(people=np.random.default_rng(0).integers(1, 4, 600))
    weighted = read_customers(frame, label="bought", key="id", weights="people")
    repeated = frame.loc[np.repeat(frame.index, frame["people"])].assign(people=1)
    names = ["visits", "plan", "income"]
    one = fit_propensity(weighted, rare_share=0.0)
    other = fit_propensity(read_customers(repeated[[*names, "bought"]], label="bought"), rare_share=0.0)
    apart = np.abs(one.score(frame) - other.score(frame))
    # The recipe's medians are those of rows, so only what is known everywhere is compared.
    assert np.median(apart[frame["income"].notna()]) < 1e-2
    assert one.fit.weight_sum == frame["people"].sum() and one.fit.rows == 600


def test_wrong_tables_are_refused() -> None:
    frame = market(100, 8)
    with pytest.raises(InputError, match="no label"):
        fit_propensity(read_customers(frame.drop(columns="bought"), key="id"))


def test_telco_churn_reaches_what_is_asked(shared_data) -> None:
    """5-fold AUC of at least 0.845, Brier of at most 0.1356, calibration slope within 0.95 and 1.05.

    Means of three draws of the folds: one draw moves the AUC by 0.0005, as much as it lies above what is asked.
    """
    frame = pd.read_csv(shared_data / "telco_churn" / "wa_churn.csv")
    asked = {"label": "churn", "exclude": ("rownames",)}
    y = read_customers(frame, **asked).label
    found = []
    for seed in range(3):
        z, fold = np.empty(len(y)), draw_folds(5, y, None, seed)
        for k in range(5):
            z[fold == k] = fit_propensity(read_customers(frame[fold != k], **asked)).score(frame[fold == k])
        slope = PropensityClassifier(l2=0.0).fit(z[:, None], y).coef_[0, 0]
        found.append((roc_auc_score(y, z), brier_score_loss(y, expit(z)), slope))
    auc, brier, slope = np.mean(found, axis=0)
    assert auc >= 0.845
    assert brier <= 0.1356
    assert 0.95 <= slope <= 1.05
