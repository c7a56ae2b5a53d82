"""What the rules had never seen: levels and missing values, counted."""

from __future__ import annotations

from typing import Any

import numpy as np

from mixcurve.foundations.errors import Problem
from mixcurve.propensity.features.apply import plain_values
from mixcurve.propensity.features.rules import ColumnRule
from mixcurve.tables.customer_values import levels_of

__all__ = ["unfamiliar_in"]


def unfamiliar_in(rule: ColumnRule, series: Any) -> list[Problem]:
    """Return a warning if a column has levels its rule never saw, and one if it is missing where it never was."""
    remedy = "Fit again if this is to stay"
    if rule.kind != "category":
        count = 0 if rule.missing else int(np.isnan(plain_values(rule, series)).sum())
        what = f"{count} of {len(series)} rows are missing where none ever was, and are imputed"
        return [Problem(what, remedy, column=rule.name, severity="warning", code="unseen-missing")] * (
            count > 0
        )
    codes, texts = levels_of(series)
    known = {*rule.levels, rule.reference}
    stands = "rare" if rule.pooled or rule.reference is None else repr(rule.reference)
    found = []
    if not rule.rare:
        new = [code for code, text in enumerate(texts) if text not in known]
        count = int(np.isin(codes, new).sum())
        what = f"{count} of {len(series)} rows hold a level never seen before, and count as {stands}"
        listed = ", ".join(repr(texts[code]) for code in new[:3]) + (", …" if len(new) > 3 else "")
        found += [Problem(what, remedy, None, None, rule.name, listed, "warning", "unseen-level")] * (
            count > 0
        )
    count = 0 if rule.missing else int((codes < 0).sum())
    what = f"{count} of {len(series)} rows are missing where none ever was, and count as {stands}"
    return found + [Problem(what, remedy, column=rule.name, severity="warning", code="unseen-missing")] * (
        count > 0
    )
