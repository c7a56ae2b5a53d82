"""Runs a tape forwards and backwards: the log density and its gradient, called from Python."""

from __future__ import annotations

from mixcurve.foundations.bayes.compiled import CompiledDensity
from mixcurve.response.bayes.vectors.kernel import block, kernel
from mixcurve.response.bayes.vectors.tape import Program

__all__ = ["Density"]


class Density(CompiledDensity):
    """A program with memory of its own; `again` gives another one for another thread."""

    def __init__(self, program: Program) -> None:
        self.program = program
        super().__init__(kernel().address, program.dimensions, block(program))

    def again(self) -> Density:
        """Return the same density with memory of its own."""
        return Density(self.program)
