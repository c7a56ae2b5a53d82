"""Random budget problems of every kind, from seeds."""

from __future__ import annotations

from typing import Any

import numpy as np

import mixcurve as mc
from oracle.cases import Case, Club, total_return

FAMILIES = ("hill", "logistic", "gompertz", "weibull", "richards", "michaelis_menten", "exponential", "power")
CONCAVE_SHARE = 0.2
"""Share of the channels with one of the concave families, the last three."""
STEPS = 240
PLAN_STEPS = 10
"""Current plans are whole tens of steps, so that 70% and 130% of them are whole steps."""
PLAIN = ("free", "0-2x", "±30%")
WIDER = ("groups", "least if on", "set-up", "tied", "prices", "most on", "profit", "ROI floor", "mixed")
KINDS = (*PLAIN, *WIDER)
FEWEST, MOST = 3, 8


def random_case(kind: str, *seed: int) -> Case:
    """Return the problem of a kind that belongs to a seed."""
    rng = np.random.default_rng([KINDS.index(kind), *seed])
    n = int(rng.integers(FEWEST, MOST + 1))
    curves, total = random_curves(rng, n)
    # A power of two keeps whole steps exact in floating point, at any size of money.
    step = 2.0 ** int(rng.integers(-10, 14))
    scale = STEPS * step / total
    current = random_plan(rng, n) * PLAN_STEPS
    words: dict[str, Any] = {"lower": np.zeros(n, dtype=int), "upper": np.full(n, STEPS)}
    words |= {"least_if_on": np.zeros(n, dtype=int), "setup": np.zeros(n, dtype=int), "current": current}
    features = [kind] if kind != "mixed" else mixture(rng)
    case = Case(kind, seed, tuple(rescaled(c, scale) for c in curves), STEPS, step, **words)
    for feature in features:
        case = FEATURES[feature](rng, case)
    return case


def mixture(rng: np.random.Generator) -> list[str]:
    """Return two to five kinds of rules that one problem has at once, in the order in which they are added."""
    some = [k for k in WIDER[:-1] if rng.random() < 0.4]
    return some if len(some) > 1 else ["groups", "set-up", "least if on"]


def random_curves(rng: np.random.Generator, n: int) -> tuple[list[tuple[str, dict[str, float]]], float]:
    """Return curves of about comparable ROI, and a budget of 15 to 40% of twice their summed sizes."""
    curves, sizes = [], np.exp(0.7 * rng.normal(size=n))
    for size in sizes.tolist():
        concave = rng.random() < CONCAVE_SHARE
        family = str(rng.choice(FAMILIES[5:] if concave else FAMILIES[:5]))
        parameters = {"top": size * float(np.exp(0.35 * rng.normal()))}
        for p in mc.curves[family].parameters:
            inside = np.log([p.typical.low, p.typical.high]) if p.unit != "spend" else (-0.3, 0.3)
            drawn = float(np.exp(rng.uniform(*inside)))
            parameters[p.name] = drawn * size if p.unit == "spend" else drawn
        curves.append((family, parameters))
    return curves, float(rng.uniform(0.15, 0.40) * 2 * sizes.sum())


def rescaled(curve: tuple[str, dict[str, float]], scale: float) -> tuple[str, dict[str, float]]:
    """Return the same curve with both money and response counted in another unit."""
    family, parameters = curve
    out = dict(parameters)
    for p in mc.curves[family].parameters:
        out[p.name] *= scale if p.unit == "spend" else 1.0
    out["top"] *= scale
    return family, out


def random_plan(rng: np.random.Generator, n: int) -> np.ndarray:
    """Return tens of steps per channel, at least one each, that add up to all the money."""
    shares = rng.dirichlet(np.full(n, 2.0)) * (STEPS // PLAN_STEPS - n)
    plan = 1 + shares.astype(int)
    plan[int(np.argmax(shares))] += STEPS // PLAN_STEPS - int(plan.sum())
    return plan


def free(rng: np.random.Generator, case: Case) -> Case:
    return case


def twice(rng: np.random.Generator, case: Case) -> Case:
    return with_words(case, upper=2 * case.current)


def narrow(rng: np.random.Generator, case: Case) -> Case:
    return with_words(case, lower=case.current * 7 // 10, upper=case.current * 13 // 10)


def groups(rng: np.random.Generator, case: Case) -> Case:
    """Two or three groups apart, one of them with a group inside, and in half the problems one around two of them.

    The limits lie around the current plan, which keeps them.
    """
    order, cuts = rng.permutation(case.n), int(rng.integers(2, 4))
    parts = [tuple(sorted(p.tolist())) for p in np.array_split(order, cuts)]
    wanted = [p for p in parts if len(p) > 1 or rng.random() < 0.3]
    wanted += [p[:-1] for p in parts[:1] if len(p) > 2]
    if cuts == 3 and rng.random() < 0.5:
        wanted.append(tuple(sorted(parts[0] + parts[1])))
    tied = [set(c) for c, _ in case.tied]
    whole = [p for p in wanted if all(c <= set(p) or not c & set(p) for c in tied)]
    made = []
    for i, inside in enumerate(dict.fromkeys(whole)):
        now = int((case.current + case.setup)[list(inside)].sum())
        least = int(now * rng.uniform(0.3, 1.0)) if rng.random() < 0.5 else 0
        most = int(np.ceil(now * rng.uniform(1.0, 1.5))) if rng.random() < 0.8 else None
        most_on = (
            int(rng.integers(1, len(inside) + 1)) if case.kind == "mixed" and rng.random() < 0.2 else None
        )
        made.append(Club(f"group {i}", inside, 0 if most_on else least, most, most_on))
    return with_words(case, clubs=tuple(made))


def least_if_on(rng: np.random.Generator, case: Case) -> Case:
    least = rng.integers(case.steps // 20, case.steps * 3 // 10, case.n) * (rng.random(case.n) < 0.7)
    return with_words(case, least_if_on=least)


def setup(rng: np.random.Generator, case: Case) -> Case:
    cost = rng.integers(1, case.steps // 10, case.n) * (rng.random(case.n) < 0.7)
    loose = tuple(with_club(c, least=0) for c in case.clubs)
    return with_words(case, setup=cost, clubs=loose)


def tied(rng: np.random.Generator, case: Case) -> Case:
    """One pair, or a pair and a triple, that no group tears apart and that have no rules of their own."""
    order = rng.permutation(case.n).tolist()
    sets = [tuple(sorted(order[:2]))] + ([tuple(sorted(order[2:5]))] if case.n > 5 else [])
    whole = [
        s for s in sets if all(set(s) <= set(c.channels) or not set(s) & set(c.channels) for c in case.clubs)
    ]
    pairs = tuple((s, tuple(rng.integers(1, 4, len(s)).tolist())) for s in whole)
    inside = [i for s in whole for i in s]
    clear = np.isin(np.arange(case.n), inside)
    return with_words(case, tied=pairs, least_if_on=np.where(clear, 0, case.least_if_on))


def prices(rng: np.random.Generator, case: Case) -> Case:
    tiers = {}
    for i in np.flatnonzero(rng.random(case.n) < 0.6).tolist():
        starts = np.sort(rng.choice(np.arange(1, case.steps // 2), int(rng.integers(1, 3)), replace=False))
        rising = np.cumprod(rng.uniform(1.05, 1.6, len(starts)))
        tiers[i] = ((0, 1.0), *zip(starts.tolist(), rising.tolist()))
    return with_words(case, tiers=tiers)


def most_on(rng: np.random.Generator, case: Case) -> Case:
    return with_words(
        case, most_on=int(rng.integers(1, case.n)), clubs=tuple(with_club(c, least=0) for c in case.clubs)
    )


def profit(rng: np.random.Generator, case: Case) -> Case:
    worth = rng.uniform(1.0, 4.0) * rng.uniform(0.5, 2.0, case.n)
    return with_words(case, worth=worth, profit=True)


def roi_floor(rng: np.random.Generator, case: Case) -> Case:
    """A floor on the return of the whole, or of a group, around that of the current plan; no money is ever required."""
    clubs = tuple(with_club(c, least=0) for c in case.clubs)
    now = total_return(case, case.current * case.step) / case.total
    floor = float(now * rng.uniform(0.8, 2.0))
    if clubs and rng.random() < 0.5:
        return with_words(case, clubs=(with_club(clubs[0], roi=floor), *clubs[1:]))
    return with_words(case, roi=floor, clubs=clubs)


def with_words(case: Case, **words: Any) -> Case:
    return Case(**{**vars(case), **words})


def with_club(club: Club, **words: Any) -> Club:
    return Club(**{**vars(club), **words})


FEATURES = dict(
    zip(KINDS, (free, twice, narrow, groups, least_if_on, setup, tied, prices, most_on, profit, roi_floor))
)
