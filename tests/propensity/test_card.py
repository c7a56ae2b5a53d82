"""Scoring cards: whole points, a total that means what it says, little ranking lost."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mixcurve.foundations.errors import InputError
from mixcurve.foundations.results import load_result
from mixcurve.propensity.card.bands import band_of, band_words, cuts
from mixcurve.propensity.card.build import score_card
from mixcurve.propensity.fit import fit_logistic
from mixcurve.sigmoid import expit


def people(seed=0, n=6000):
    rng = np.random.default_rng(seed)
    X = pd.DataFrame({
        "visits": rng.poisson(4, n).astype(float), "spend": rng.lognormal(5, 1, n), "member": rng.random(n) < 0.3,
    }).astype(float)  # fmt: skip
    z = 0.3 * X.visits + 0.5 * np.log(X.spend) + 0.8 * X.member - 5.0
    return X, rng.random(n) < expit(z)


def made(**words):
    X, y = people()
    fit = fit_logistic(X.to_numpy(), y.astype(float), names=list(X.columns))
    return score_card(fit, X, y, **words), X, y


def test_points_are_whole_and_add_up():
    card, X, _ = made()
    assert all(p.dtype == np.int64 and p.min() == 0 for p in card.points)
    assert 95 <= card.most <= 105
    table = card.table.set_index(["feature", "band"])["points"]
    one = X.iloc[[7]]
    by_hand = table["member", f"{one.member.iloc[0]:g}"]
    for name in ("visits", "spend"):
        j = card.names.index(name)
        by_hand += table[name, card.bands[j][int(band_of(one[name].to_numpy(), card.edges[j])[0])]]
    assert card.total(one)[0] == by_hand


def test_totals_mean_what_they_say():
    card, X, y = made()
    p = card.probability(X)
    assert p.mean() == pytest.approx(y.mean(), abs=1e-9)
    high, low = card.lookup["probability"].iloc[-1], card.lookup["probability"].iloc[0]
    assert high > low
    odds = np.exp(card.intercept + card.per_point * np.array([0.0, card.points_to_double]))
    assert odds[1] == pytest.approx(2 * odds[0])


def test_little_ranking_is_lost_and_it_is_told():
    card, _, _ = made()
    assert card.auc.difference < 0.02
    assert f"{card.auc.second.auc:.3f}" in card.summary
    coarse, _, _ = made(bands=2, most=2)
    assert coarse.auc.second.auc < card.auc.second.auc


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=60), st.integers(2, 8))
def test_bands_cover_all_values_once(values, bands):
    x = np.array(values)
    edges = cuts(x, bands)
    assert len(edges) < bands
    assert (np.diff(edges) > 0).all()
    assert len(band_words(edges)) == len(edges) + 1
    assert set(band_of(x, edges)) <= set(range(len(edges) + 1))


def test_a_card_is_kept(tmp_path):
    card, X, _ = made()
    again = load_result(card.save(tmp_path / "card.json"))
    assert (again.total(X) == card.total(X)).all()
    assert again.table.equals(card.table)


def test_out_of_range_words_are_refused():
    with pytest.raises(InputError, match="at least 2"):
        made(bands=1)
    with pytest.raises(InputError, match="model must be"):
        score_card("rule", *people())
