"""Many campaigns: recovery, what pooling is worth, campaigns with little or nothing to say, batches, refusals."""

from __future__ import annotations

import numpy as np
import pytest

import mixcurve as mc
from mixcurve import InputError
from mixcurve.response.bayes.curve import stages as stages_module
from mixcurve.response.bayes.curve.many import sample_curves

QUICK = {"by": "name", "spend": "spend", "response": "sales", "draws": 300, "tune": 200, "seed": 3}


@pytest.fixture(scope="module")
def world(simulated):
    return simulated(12, 16, 4, noise=0.2)


@pytest.fixture(scope="module")
def post(world):
    return sample_curves(world.table, **QUICK)


def test_truth_is_recovered(world, post):
    assert post.channels == tuple(f"c{i}" for i in range(12))
    inside = 0
    for i, name in enumerate(post.channels):
        for figure, truth in (("half", world.half[i]), ("slope", world.slope[i]), ("roi", world.roi[i])):
            one = post.interval(name, figure, level=0.99)
            inside += one.low < truth < one.high
    # Of 36 intervals of 99%, four or more miss with a probability below 0.001.
    assert inside > 32
    assert post.statistics["diverging"].sum() == 0


def test_pooling_beats_fits_of_each_alone(world, post):
    fits = mc.fit_curves(world.table, by="name", spend="spend", response="sales")
    own = fits.parameters[:, fits.parameter_names.index("half")]
    pooled = np.median(post.draws[:, :, 1], axis=0)
    error = {name: np.abs(np.log(v / world.half)) for name, v in (("own", own), ("pooled", pooled))}
    assert np.sqrt((error["pooled"] ** 2).mean()) < 0.7 * np.sqrt((error["own"] ** 2).mean())
    own, pooled = (v[:, i] for v, i in ((fits.parameters, 3), (np.median(post.draws, axis=0), 2)))
    assert np.abs(np.log(pooled / world.slope)).mean() < 0.7 * np.abs(np.log(own / world.slope)).mean()


def test_table_shows_own_fit_beside_pooled(world, post):
    table = post.shrinkage_table
    fits = mc.fit_curves(world.table, by="name", spend="spend", response="sales")
    own = table.xs("half", level="parameter")["own"]
    np.testing.assert_allclose(own, fits.table["half"], rtol=1e-4)
    slope = table.xs("slope", level="parameter")
    away = (np.log(slope["own"]) - np.log(slope["population"])).abs()
    drawn = (np.log(slope["pooled"]) - np.log(slope["population"])).abs()
    assert (drawn < away).mean() > 0.8
    assert slope["from own data"].between(0, 1).all()
    assert post.table.shape[0] == 12


def test_budgets_and_arviz_take_it(post):
    plan = mc.allocate(post, budget=float(post.current.sum()))
    assert plan.status in ("optimal", "gap")
    tree = post.inference
    assert tree["posterior"]["half"].sizes == {"chain": 4, "draw": 300, "campaign": 12}
    assert "population slope spread" in tree["posterior"]
    assert tree["log_likelihood"]["response"].shape == (4, 300, 12 * 16)


def test_campaigns_with_little_borrow_and_broken_ones_fail_alone(simulated):
    world = simulated(6, 16, 4)
    name, spend, sales = (
        world.table[k].astype(object if k == "name" else float) for k in ("name", "spend", "sales")
    )
    keep = np.ones(96, dtype=bool)
    keep[1:16] = False  # one row of c0 is left
    spend[0] = 5_000.0
    sales[20] = np.nan  # c1
    spend[33] = -1.0  # c2
    spend[48:64] = 0.0  # c3
    found = sample_curves({"name": name[keep], "spend": spend[keep], "sales": sales[keep]}, **QUICK)
    assert found.channels == ("c0", "c4", "c5")
    assert dict(found.failed) == {
        "c1": "has a missing or infinite value", "c2": "has negative spend", "c3": "has no spend",
    }  # fmt: skip
    assert found.evidence[0].has("few_rows") and found.evidence[0].has("borrowed")
    assert found.evidence[0].grade == "not shown"
    assert found.information[0, 1] < 0.1
    assert np.isnan(found.own[0]).all()
    alone = found.interval("c0", "slope")
    others = found.typical[0, 1]
    assert alone.low < others < alone.high
    assert "c1 was left out: it has a missing or infinite value." in found.summary


def test_batches_agree_with_all_together(world, post, monkeypatch):
    monkeypatch.setattr(stages_module, "BATCH", 3)
    told = []
    found = sample_curves(
        world.table,
        **QUICK,
        together=6,
        progress=lambda stage, done, total: told.append((stage, done, total)),
    )
    assert found.channels == post.channels
    assert any("campaigns 10 to 12 of 12" in stage for stage, *_ in told)
    ours, theirs = (np.log(p.draws[:, :, 1]) for p in (found, post))
    gap = np.abs(ours.mean(axis=0) - theirs.mean(axis=0)) / theirs.std(axis=0)
    assert gap.mean() < 0.25
    ratio = ours.std(axis=0) / theirs.std(axis=0)
    # The first stage knows the population from half as many campaigns, so the others' intervals are a little wider.
    assert 0.8 < np.median(ratio) < 1.8
    assert found.coordinates == () and found.log_likelihood.size == 0


def test_stopping_keeps_the_campaigns_so_far(world, monkeypatch):
    monkeypatch.setattr(stages_module, "BATCH", 3)

    def told(stage, done, total):
        if "campaigns 7 to 9" in stage:
            raise KeyboardInterrupt

    first = stages_module.sample_campaigns

    def stopping(model, **options):
        if model.known is not None:
            raise KeyboardInterrupt
        return first(model, **options)

    monkeypatch.setattr(stages_module, "sample_campaigns", stopping)
    found = sample_curves(world.table, **QUICK, together=6)
    assert len(found) == 6 and found.interrupted
    assert set(found.channels) | {name for name, _ in found.failed} == {f"c{i}" for i in range(12)}
    assert "was not reached" in found.failed[0][1]


def test_campaigns_without_effect_are_told(simulated):
    world = simulated(4, 20, 9)
    rng = np.random.default_rng(0)
    sales = world.table["sales"].copy()
    sales[:20] = 60.0 + rng.normal(0, 10.0, 20)
    found = sample_curves({**world.table, "sales": sales}, **QUICK)
    assert found.evidence[0].grade == "not shown"


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"by": "nam"}, "Did you mean 'name'"),
        ({"spend": "spent"}, "There is no column called 'spent'"),
        ({"family": "binomial"}, "exposures and family='binomial' go together"),
        ({"family": "poisson", "weights": "spend"}, "weights do not go with"),
        ({"current": {"c99": 1.0}}, "There is no campaign (current) called 'c99'"),
        ({"priors": {"half": (3, 1)}}, "the lower first"),
        ({"together": 1}, "together must be in"),
        ({"progress": 1}, "progress must be a function of (stage, done, total), True for a bar"),
    ],
)
def test_refusals(world, changes, sentence):
    with pytest.raises(InputError) as caught:
        sample_curves(world.table, **(QUICK | changes))
    assert sentence in str(caught.value)


def test_no_campaign_at_all(world):
    with pytest.raises(InputError, match=r"No campaign can be sampled; the first, 'c0', has no spend\."):
        sample_curves({**world.table, "spend": np.zeros(192)}, **QUICK)
