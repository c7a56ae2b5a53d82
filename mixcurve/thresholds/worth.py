"""What contacting a person is worth: ``probability × value − cost``, in money or in positives."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.checks import finite_array
from mixcurve.foundations.errors import InputError
from mixcurve.thresholds.people import per_person

__all__ = ["Worth", "cost_matrix", "worth_of"]

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Worth:
    """Value of a positive who is contacted, and cost of a contact, per person (n).

    Parameters
    ----------
    value, cost
        In money, or in positives where no value is known: then 1 and 0.
    money
        Whether they are money.
    even
        Whether they are the same for everybody, so that the probability alone ranks people.
    """

    value: FloatArray
    cost: FloatArray
    money: bool
    even: bool

    def expected(self, probability: FloatArray) -> FloatArray:
        """Return the expected net worth of contacting each person (n)."""
        return probability * self.value - self.cost

    def return_on_cost(self, probability: FloatArray) -> FloatArray:
        """Return the expected value per unit of cost (n): infinite for a free contact, 0 for one without value."""
        gain = probability * self.value
        free = np.where(gain > 0, np.inf, 0.0)
        return np.divide(gain, self.cost, out=free, where=self.cost > 0)


def worth_of(value: npt.ArrayLike | None, contact_cost: npt.ArrayLike | None, rows: int) -> Worth:
    """Return what contacts are worth; scalars hold for everybody, and without a value a positive counts 1.

    Examples
    --------
    >>> worth_of(40.0, [1.0, 2.0], 2).expected(np.array([0.5, 0.01])).tolist()
    [19.0, -1.6]
    """
    if value is None:
        if contact_cost is not None:
            raise InputError(
                "contact_cost needs value, what a positive is worth in the same money. Give value too."
            )
        return Worth(np.ones(rows), np.zeros(rows), False, True)
    worth, worth_even = _amounts("value", value, rows)
    cost, cost_even = _amounts("contact_cost", 0.0 if contact_cost is None else contact_cost, rows)
    if not worth.any():
        raise InputError("value is 0 for everybody. Give at least one person a value above 0.")
    return Worth(worth, cost, True, worth_even and cost_even)


def _amounts(name: str, given: npt.ArrayLike, rows: int) -> tuple[FloatArray, bool]:
    found = finite_array(name, given)
    even = found.ndim == 0
    amounts = np.full(rows, float(found)) if even else per_person(name, found, rows)
    if (amounts < 0).any():
        first = int(np.argmax(amounts < 0))
        place = "" if even else f" at position {first}"
        raise InputError(
            f"{name} must not be negative; found {amounts[first]:g}{place}. Give it as an amount of 0 or more."
        )
    return amounts, even


def cost_matrix(cost: npt.ArrayLike) -> tuple[float, float, float, float]:
    """Return the costs of a true negative, a false positive, a false negative and a true positive.

    Parameters
    ----------
    cost
        ``(false positive, false negative)``, or the matrix ``((true negative, false positive), (false negative, true
        positive))``, rows by outcome, columns by decision.

    Raises
    ------
    InputError
        If a decision that is wrong does not cost more than the one that is right (Elkan 2001, section 1.2).

    Examples
    --------
    >>> cost_matrix((1.0, 8.0))
    (0.0, 1.0, 8.0, 0.0)
    """
    found = finite_array("cost", cost)
    if found.shape == (2,):
        found = np.array([[0.0, found[0]], [found[1], 0.0]])
    if found.shape != (2, 2):
        raise InputError(
            "cost must be (false positive, false negative) or ((true negative, false positive), (false negative, "
            f"true positive)), got shape {found.shape}."
        )
    (right_0, wrong_0), (wrong_1, right_1) = found.tolist()
    for name, wrong, right in (("positive", wrong_0, right_0), ("negative", wrong_1, right_1)):
        if wrong <= right:
            raise InputError(
                f"cost must be higher for a false {name} than for the right decision, got {wrong:g} against {right:g}. "
                "Otherwise one decision is best for everybody."
            )
    return right_0, wrong_0, wrong_1, right_1
