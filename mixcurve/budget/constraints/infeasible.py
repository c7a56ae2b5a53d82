"""`InfeasibleError`: no plan exists, and the constraints that together leave none."""

from __future__ import annotations

from mixcurve.foundations.errors import InputError

__all__ = ["InfeasibleError"]


class InfeasibleError(InputError):
    """No plan keeps all constraints.

    Attributes
    ----------
    conflict
        Constraints, in words, that no plan keeps together; without any one of them there would be such a plan.
    smallest
        Whether it is proven that no smaller set of the constraints is in conflict.

    Examples
    --------
    >>> InfeasibleError("No plan exists.", ("tv at least 60", "budget of 50"), smallest=True).conflict
    ('tv at least 60', 'budget of 50')
    """

    def __init__(self, message: str, conflict: tuple[str, ...], *, smallest: bool) -> None:
        super().__init__(message)
        self.conflict = conflict
        self.smallest = smallest
