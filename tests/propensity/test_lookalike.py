"""Seed audiences: probabilities mean what they say where they may, and are refused where they may not."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from mixcurve.foundations.errors import InputError
from mixcurve.foundations.results import load_result
from mixcurve.propensity.fit import fit_logistic
from mixcurve.propensity.lookalike.build import lookalike
from mixcurve.propensity.simulate.lookalike import simulate_lookalike


def groups(seed=0, seeds=2000, universe=20_000, share=0.0, apart=1.2, p=4):
    """Return seeds, a universe of which a share is like them, and who is."""
    rng = np.random.default_rng(seed)
    mean = np.zeros(p)
    mean[:2] = apart / np.sqrt(2)
    like = rng.random(universe) < share
    return rng.normal(size=(seeds, p)) + mean, rng.normal(size=(universe, p)) + np.outer(like, mean), like


def test_drawing_controls_changes_nothing_but_is_put_back():
    seeds, universe, _ = groups()
    whole = lookalike(seeds, universe, controls_per_seed=100)
    some = lookalike(seeds, universe, controls_per_seed=3)
    assert (whole.controls, some.controls) == (20_000, 6000)
    plain = fit_logistic(np.vstack([seeds, universe]), np.append(np.ones(2000), np.zeros(20_000)))
    assert whole.probability(universe) == pytest.approx(plain.probability(universe), abs=2e-3)
    # The base rate of seeds and universe together is restored, within the error of the drawing.
    everyone = np.vstack([seeds, universe])
    assert some.probability(everyone).mean() == pytest.approx(2000 / 22_000, rel=0.05)


def test_hidden_seeds_are_counted_in():
    share = 0.3
    seeds, universe, like = groups(share=share, universe=20_000)
    found = lookalike(seeds, universe, how="contaminated", share=share)
    p = found.probability(universe)
    assert p.mean() == pytest.approx(share, abs=0.02)
    # Calibrated against who is really like the seeds, in tenths of people.
    order = np.argsort(p)
    for part in np.array_split(order, 10):
        error = np.sqrt(p[part].mean() * (1 - p[part].mean()) / len(part))
        assert abs(like[part].mean() - p[part].mean()) < 4 * error + 0.02
    # Taking the hidden for others bends the scores.
    naive = lookalike(seeds, universe)
    slope = np.polyfit(found.score(universe), naive.score(universe), 1)[0]
    assert slope < 0.9


def test_an_unknown_share_is_estimated_where_people_stand_apart():
    seeds, universe, like = groups(share=0.2, apart=9.0)
    found = lookalike(seeds, universe, how="positive-unlabelled")
    assert found.labelled.holds
    assert found.share == pytest.approx(0.2, abs=0.02)
    known = 2000 / (2000 + like.sum())
    assert found.labelled.low - 0.02 < known < found.labelled.high + 0.02
    p = found.probability(universe)
    assert (p[like].mean() > 0.9) and (p[~like].mean() < 0.05)


def test_where_people_overlap_scores_only_rank():
    seeds, universe, like = groups(share=0.2, apart=1.0)
    found = lookalike(seeds, universe, how="positive-unlabelled")
    assert found.ranking_only
    assert "does not hold" in found.summary
    with pytest.raises(InputError, match="how='contaminated'"):
        found.probability(universe)
    assert found.score(universe)[like].mean() > found.score(universe)[~like].mean()


def test_quality_falls_with_size_and_is_told_on_people_held_out():
    sample = simulate_lookalike(seed=1, universe=30_000, seeds=3000)
    found = lookalike(sample.X[:3000], sample.X[3000:], controls_per_seed=10)
    assert found.auc.low < 0.74 < found.auc.high + 0.01
    curve = found.curve
    assert (np.diff(curve.reached) >= 0).all()
    assert curve.reached[-1] == 1.0
    assert curve.lift[-1] == pytest.approx(1.0)
    assert curve.size[-1] == 30_000
    # At each size, the share of fresh people like seeds with a score that high.
    fresh = simulate_lookalike(seed=2, universe=10, seeds=20_000)
    reached = (found.score(fresh.X[:20_000])[:, None] >= curve.threshold).mean(axis=0)
    assert (np.abs(reached - curve.reached) < 4 * np.sqrt(0.25 / 3000)).all()


def test_frames_may_have_their_columns_in_any_order():
    seeds, universe, _ = groups(seeds=200, universe=1000)
    a = pd.DataFrame(seeds, columns=list("abcd"))
    b = pd.DataFrame(universe, columns=list("abcd"))
    assert lookalike(a, b[list("dcba")]).score(b[:5]) == pytest.approx(lookalike(a, b).score(b[:5]))
    with pytest.raises(InputError, match="lacks the column"):
        lookalike(a, b[list("abc")])


def test_an_audience_is_kept(tmp_path):
    seeds, universe, _ = groups(seeds=200, universe=1000)
    found = lookalike(seeds, universe)
    again = load_result(found.save(tmp_path / "audience.json"))
    assert again.probability(universe) == pytest.approx(found.probability(universe))
    assert again.curve.table.equals(found.curve.table)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ({"how": "contaminated"}, "share goes with"),
        ({"share": 0.2}, "share goes with"),
        ({"how": "contaminated", "share": 1.0}, "between 0 and 1"),
        ({"how": "magic"}, "magic"),
        ({"controls_per_seed": 0}, "controls_per_seed"),
    ],
)
def test_words_outside_their_rule_are_refused(words, told):
    seeds, universe, _ = groups(seeds=50, universe=100)
    with pytest.raises(InputError, match=told):
        lookalike(seeds, universe, **words)
