"""From a table of customers to a hierarchy: features, groups, and which columns differ between them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.checks import known_name
from mixcurve.foundations.errors import InputError
from mixcurve.propensity.bayes.groups import group_of, without_column
from mixcurve.propensity.bayes.hierarchy import Hierarchy, PropensityPriors, hierarchy
from mixcurve.propensity.features.learn import learn_recipe
from mixcurve.propensity.features.recipe import FeatureRecipe
from mixcurve.tables.customer_table import CustomerTable

__all__ = ["Posed", "posed", "words_of_figures"]

FloatArray = npt.NDArray[np.float64]

CROWDED = 0.5
"""With a group on more than this share of the rows each, hardly a group has two customers: it is an identifier."""


@dataclass(frozen=True, eq=False)
class Posed:
    """A hierarchy, and what its numbers stand for: recipe, groups, and how features were centred and scaled."""

    problem: Hierarchy
    recipe: FeatureRecipe
    groups: tuple[str, ...]
    centre: FloatArray
    scale: FloatArray


def posed(
    customers: CustomerTable,
    *,
    by: str | None,
    varying: Sequence[str] | None,
    priors: PropensityPriors,
    rare_share: float,
    reference: dict[str, str] | None,
) -> Posed:
    """Return the problem of `sample_propensity`; its errors are said there."""
    if customers.label is None:
        raise InputError("customers has no label. Read the table with label='…'.")
    if customers.weights is not None and customers.weight_kind == "survey":
        raise InputError(
            "weights: sampling weights have no likelihood, so that no posterior follows from them. "
            "Use fit_propensity with robust standard errors, or give the weighted columns as features."
        )
    names, codes = _groups(customers, by)
    rest = customers if by is None else without_column(customers, by)
    if not len(rest.features.columns):
        raise InputError("customers has no feature beside the groups. Give more columns.")
    recipe = learn_recipe(rest, rare_share=rare_share, reference=reference)
    if not recipe.names:
        raise InputError(
            "customers has no column that varies, so nothing tells them apart. Give more columns."
        )
    x, centre, scale = _scaled(recipe.design(rest), rest.weights)
    may_vary = _varying(recipe, varying, by)
    problem = hierarchy(x, np.asarray(customers.label), customers.weights, codes, may_vary, priors)
    return Posed(problem, recipe, names, centre, scale)


def words_of_figures(one: Posed, by: str | None) -> tuple[str, ...]:
    """Return what each figure of a draw is, in words: β, log s, v."""
    of = ["the intercept", *(f"the coefficient of {name}" for name in one.recipe.names)]
    varying = [of[j] for j in one.problem.varying]
    spreads = [f"the spread of {what} between groups of {by}" for what in varying]
    own = [f"{what} in {group}" for group in one.groups for what in varying]
    return (*of, *spreads, *own)


def _groups(customers: CustomerTable, by: str | None) -> tuple[tuple[str, ...], npt.NDArray[np.intp]]:
    """Return the names of the groups, and each customer's place among them."""
    if by is None:
        return (), np.zeros(customers.n_rows, dtype=np.intp)
    names, codes = np.unique(group_of(customers, by).astype(str), return_inverse=True)
    names = names.astype(object)
    if len(names) == 1:
        raise InputError(f"by: all customers are of the one group {names[0]!r} of {by!r}. Leave by out.")
    if len(names) > CROWDED * customers.n_rows:
        raise InputError(
            f"by: {by!r} has {len(names):,} groups for {customers.n_rows:,} customers, so it seems to name each one. "
            "Give a column that several customers share."
        )
    return tuple(names.tolist()), np.asarray(codes, dtype=np.intp)


def _scaled(design: FloatArray, weights: FloatArray | None) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return centred and scaled features, centre and scale; a constant feature is all 0 and has scale 0."""
    centre = np.average(design, axis=0, weights=weights)
    away = design - centre
    scale = np.sqrt(np.average(away**2, axis=0, weights=weights))
    scale[scale <= np.finfo(np.float64).eps * np.abs(centre) * np.sqrt(len(design))] = 0.0
    return away / np.where(scale > 0, scale, np.inf), centre, scale


def _varying(recipe: FeatureRecipe, varying: Sequence[str] | None, by: str | None) -> npt.NDArray[np.bool_]:
    """Return which columns of the design belong to a column that may differ between groups, (p,)."""
    if varying is None:
        return np.ones(len(recipe.names), dtype=np.bool_)
    if isinstance(varying, str):
        raise InputError(f"varying must be several names, got the text {varying!r}. Write ({varying!r},).")
    if by is None:
        raise InputError("varying says what differs between groups, but there are none. Give by='…' too.")
    for name in varying:
        known_name("column", name, recipe.column_names)
    return np.array([column in set(varying) for column in recipe.of_column])
