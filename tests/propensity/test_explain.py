"""Reason codes add up, and say what they mean."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from mixcurve.foundations.errors import InputError
from mixcurve.foundations.results import load_result
from mixcurve.propensity.classifier import PropensityClassifier
from mixcurve.propensity.explain.codes import explain
from mixcurve.propensity.model import fit_propensity
from mixcurve.propensity.simulate.leads import simulate_leads
from mixcurve.tables.customers import read_customers


@pytest.fixture(scope="module")
def leads():
    people = simulate_leads(3, 4000)
    frame = people.table[[*people.features, "won"]]
    return fit_propensity(read_customers(frame, label="won"), l2=1.0), frame.drop(columns="won")


def test_parts_add_up_to_the_score(leads):
    model, frame = leads
    codes = explain(model, frame)
    assert codes.score == pytest.approx(model.uncalibrated_score(frame), abs=1e-10)
    assert codes.contributions.sum(axis=1) + codes.average == pytest.approx(codes.score, abs=1e-10)
    # Over the people of the fit, the parts of each column cancel.
    assert codes.contributions.mean(axis=0) == pytest.approx(0.0, abs=1e-9)


def test_levels_of_a_column_are_one_reason(leads):
    model, frame = leads
    codes = explain(model, frame)
    assert set(codes.columns) <= set(frame.columns)
    k = codes.columns.index("industry")
    changed = frame.copy()
    changed["industry"] = "software"
    difference = explain(model, changed).contributions - codes.contributions
    assert np.abs(np.delete(difference, k, axis=1)).max() < 1e-12


def test_the_strongest_reasons_come_first_and_in_words(leads):
    model, frame = leads
    codes = explain(model, frame, top=2)
    for i in (0, 17, 400):
        parts = codes.contributions[i]
        order = np.argsort(-parts)
        assert codes.raising[i, 0] == order[0]
        assert codes.lowering[i, 0] == order[-1]
        name = codes.columns[order[0]]
        assert codes.raising_words[i, 0].startswith(f"{name} is ")
        assert f"{np.exp(parts[order[0]]):.3g} times" in codes.raising_words[i, 0]
    missing = np.flatnonzero(frame["log_employees"].isna())
    every = explain(model, frame.iloc[missing], top=7)
    said = [
        w
        for row in (*every.raising_words, *every.lowering_words)
        for w in row
        if w.startswith("log_employees")
    ]
    assert said
    assert all("is missing" in w for w in said)


def test_an_average_person_has_no_reasons():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(300, 2))
    model = PropensityClassifier().fit(X, rng.random(300) < 0.5)
    codes = explain(model, model.fit_.centre[None, :])
    assert codes.of(0) == "as the average person"
    assert (codes.raising == -1).all()


def test_many_people_have_reasons_without_sentences(leads):
    model, frame = leads
    many = pd.concat([frame] * 15, ignore_index=True)
    codes = explain(model, many)
    assert codes.table["raises 1"].isin([*codes.columns, ""]).all()
    with pytest.raises(InputError, match="fewer at once"):
        codes.of(0)


def test_codes_are_kept_and_strange_models_refused(leads, tmp_path):
    model, frame = leads
    codes = explain(model, frame.head(20))
    again = load_result(codes.save(tmp_path / "codes.json"))
    assert again.of(3) == codes.of(3)
    with pytest.raises(InputError, match="PropensityModel"):
        explain("model", frame)
