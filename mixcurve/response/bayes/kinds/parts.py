"""From what a user asks for to the parts of a model, and the table that is left for the rest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from mixcurve.foundations.checks import known_name, number
from mixcurve.foundations.errors import InputError, Problem
from mixcurve.response.bayes.kinds.asked import REFERENCES, Organic, ReachFrequency, Treatment
from mixcurve.response.bayes.kinds.columns import (
    amount_column,
    constant,
    reach_columns,
    relative_size,
    taken_column,
    without,
)
from mixcurve.response.bayes.kinds.organic import OrganicChannel
from mixcurve.response.bayes.kinds.reach import ReachChannel
from mixcurve.response.bayes.kinds.shaped import SHARE, Size, ordered, shaped
from mixcurve.response.bayes.kinds.treatment import TreatmentEffect
from mixcurve.response.bayes.varying.effect import VaryingEffect
from mixcurve.response.bayes.varying.level import VaryingLevel
from mixcurve.response.design.description import SIGNS
from mixcurve.response.fit.mix.basis import ORDERS

if TYPE_CHECKING:
    from mixcurve.response.bayes.model.model import Part
    from mixcurve.tables.table import SpendTable

__all__ = ["VARYING", "other_parts"]

VARYING: dict[str, VaryingEffect | VaryingLevel] = {"effect": VaryingEffect(), "level": VaryingLevel()}
"""What may vary over time, by word, with the usual priors."""


def other_parts(
    table: SpendTable,
    *,
    organic: str | Organic | Sequence[str | Organic] = (),
    reach_frequency: Sequence[ReachFrequency] | Mapping[str, tuple[str, str]] = (),
    treatments: Sequence[Treatment] | Mapping[str, float | str] = (),
    varying: str | VaryingEffect | VaryingLevel | Sequence[str | VaryingEffect | VaryingLevel] = (),
    order: str = ORDERS[0],
) -> tuple[SpendTable, tuple[Part, ...]]:
    """Return the table for the paid channels and the linear part, and the parts for everything else.

    Parameters
    ----------
    table
        From `read_spend`, with the columns of these channels among its controls.
    organic
        Controls that are channels without spend, by name or as `Organic`.
    reach_frequency
        Channels known by reach and frequency: ``{"tv": ("tv_reach", "tv_frequency")}``, or `ReachFrequency` each.
    treatments
        Controls whose effect counts from a reference level: ``{"price": "mean"}``, or `Treatment` each.
    varying
        ``"effect"``, ``"level"``, both in a list, or `VaryingEffect` and `VaryingLevel` with priors of their own.
    order
        Whether carryover goes before the curve, as for the paid channels.

    Returns
    -------
    SpendTable
        Without the controls that parts take, and without the channels by reach and frequency. Warnings are with its
        ``problems``.
    tuple of Part

    Raises
    ------
    InputError
        For an unknown or twice used column, a negative amount, reach or frequency, a column without variation, a prior
        upside down, an unknown word, or no channel left.

    Examples
    --------
    >>> import mixcurve as mc
    >>> table = mc.simulate_market(2, periods=60, price=-1.0).table
    >>> rest, parts = other_parts(table, treatments={"price": "min"}, varying="level")
    >>> rest.control_names, [part.name for part in parts]
    ((), ['price', 'varying level'])
    """
    asked = [Organic(o) if isinstance(o, str) else o for o in _many(organic)]
    reached = _reached(reach_frequency)
    treated = (
        [Treatment(k, v) for k, v in treatments.items()] if isinstance(treatments, Mapping) else treatments
    )
    used = [o.control for o in asked] + [c for r in reached for c in (r.reach, r.frequency)]
    used += [t.control for t in treated]
    _once(used, "column", "organic, reach_frequency and treatments")
    _once([r.channel for r in reached], "channel", "reach_frequency")
    found: list[Problem] = []
    parts: list[Part] = [_organic(table, o, order) for o in asked]
    parts += [_reach(table, r, found) for r in reached]
    parts += [_treatment(table, t, found) for t in treated]
    parts += _varying(varying)
    left = without(table, set(used), {r.channel for r in reached})
    if not left.channels:
        raise InputError(
            "Every channel is given by reach and frequency, so no response curve of spend is left. "
            "Leave at least one channel out of reach_frequency."
        )
    return replace(left, problems=(*left.problems, *found)), tuple(parts)


def _many(asked: Any) -> Sequence[Any]:
    return [asked] if isinstance(asked, (str, Organic, VaryingEffect, VaryingLevel)) else list(asked)


def _reached(asked: Sequence[ReachFrequency] | Mapping[str, tuple[str, str]]) -> list[ReachFrequency]:
    if not isinstance(asked, Mapping):
        return list(asked)
    out = []
    for channel, columns in asked.items():
        if isinstance(columns, str) or len(columns) != 2:
            raise InputError(
                f"reach_frequency of '{channel}' must be the pair (reach column, frequency column), got {columns!r}."
            )
        out.append(ReachFrequency(channel, *columns))
    return out


def _once(names: list[str], what: str, where: str) -> None:
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise InputError(f"The {what} '{twice[0]}' is used more than once in {where}. Use it once.")


def _organic(table: SpendTable, asked: Organic, order: str) -> OrganicChannel:
    name = asked.control
    amount = amount_column(table, "an organic channel", name) / relative_size(table)
    unit = float(amount.max())
    size = Size("share", *ordered(f"share of '{name}'", asked.share or SHARE, positive=True))
    shape = shaped(table, name, asked.curve, asked.carryover, unit, asked.ranges)
    return OrganicChannel(name, amount / unit, shape, size, known_name("order", order, ORDERS))


def _reach(table: SpendTable, asked: ReachFrequency, found: list[Problem]) -> ReachChannel:
    name = asked.channel
    spend = table.spend_of(name)
    if spend.sum() <= 0:
        raise InputError(
            f"There is no spend in {name}, so it has no ROI. Make its reach organic, or leave it out."
        )
    people, often, warnings = reach_columns(table, name, asked.reach, asked.frequency)
    found += warnings
    known_name("meaning of reach", asked.reach_is, ("people", "share"))
    relative = people / relative_size(table) if asked.reach_is == "people" else people
    unit = float(often[people > 0].max())
    if asked.share is not None and asked.roi is not None:
        raise InputError(f"'{name}' has both a share and a roi, which say the same thing. Give one.")
    shape = shaped(table, name, asked.curve, asked.carryover, unit, asked.ranges)
    return ReachChannel(
        name, relative / relative.max(), np.where(people > 0, often, 0.0) / unit, shape, _size(table, asked), spend
    )  # fmt: skip


def _size(table: SpendTable, asked: ReachFrequency) -> Size:
    if asked.roi is None:
        return Size("share", *ordered(f"share of '{asked.channel}'", asked.share or SHARE, positive=True))
    mean = float((table.spend_of(asked.channel) / relative_size(table)).mean())
    return Size("roi", *ordered(f"roi of '{asked.channel}'", asked.roi, positive=True), mean)


def _treatment(table: SpendTable, asked: Treatment, found: list[Problem]) -> TreatmentEffect:
    name = asked.control
    values = taken_column(table, "a treatment", name)
    if constant(values):
        raise InputError(
            f"The treatment '{name}' is {values[0]:g} in every row, so its effect cannot be told from the baseline. "
            "Leave it out of treatments."
        )
    known_name(f"sign of treatment '{name}'", asked.sign, SIGNS)
    if isinstance(asked.reference, str):
        word = known_name("reference level", asked.reference, REFERENCES)
        levels = {"min": values.min(), "mean": values.mean(), "max": values.max()}
        reference = float(levels[word])
    else:
        reference = number(f"the reference of '{name}'", asked.reference)
    if not values.min() <= reference <= values.max():
        what = f"the reference level was never seen, only {values.min():g} to {values.max():g}"
        remedy = "Take a level that was seen, or read the contribution as an extrapolation"
        found.append(
            Problem(what, remedy, table.source, column=name, value=f"{reference:g}", severity="warning",
                    code="unseen-reference")
        )  # fmt: skip
    scale = float(values.std())
    return TreatmentEffect(name, (values - reference) / scale, scale, reference, asked.sign)


def _varying(asked: Any) -> list[Part]:
    out: list[Part] = []
    for one in _many(asked):
        out.append(VARYING[known_name("part that may vary", one, VARYING)] if isinstance(one, str) else one)
    _once([part.name for part in out], "part", "varying")
    return out
