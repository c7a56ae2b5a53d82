"""The operations a tape can hold, by number; see `mixcurve.response.bayes.vectors.record`."""

from __future__ import annotations

__all__ = [
    "ADD", "CONVOLVE", "DIVIDE", "EXP", "EXPIT", "EXPM1", "FLOOR", "GATHER", "LOG", "LOG1P", "LOG_GAMMA", "MATVEC",
    "MULTIPLY", "PLACE", "SCATTER", "SEGMENT_SUM", "SOFTPLUS", "SQUARE", "SUBTRACT", "TANH",
]  # fmt: skip

(
    ADD, SUBTRACT, MULTIPLY, DIVIDE,
    EXP, LOG, LOG1P, EXPM1, TANH, EXPIT, SOFTPLUS, FLOOR, SQUARE, LOG_GAMMA,
    GATHER, SCATTER, SEGMENT_SUM, MATVEC, CONVOLVE, PLACE,
) = range(20)  # fmt: skip
