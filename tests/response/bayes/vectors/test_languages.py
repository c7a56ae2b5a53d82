"""Every operation says the same on the tape, on NumPy and in PyTensor, and the tape's gradient is that of its value."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from scipy import special

from mixcurve.foundations.arrays import SMALLEST
from mixcurve.response.bayes.vectors.rows import DrawVectors
from mixcurve.response.bayes.vectors.run import Density
from mixcurve.response.bayes.vectors.tape import Program, Recorder

FloatArray = npt.NDArray[np.float64]
Says = Callable[[Any, Any], Any]
STEP = 1e-5
RNG = np.random.default_rng(5)
MATRIX = RNG.normal(size=(4, 6))
SIGNAL, WEIGHT = RNG.gamma(2.0, size=(2, 7)), RNG.gamma(2.0, size=(2, 3))
BLOCKS = [0, 3, 7]

UNARY: dict[str, Callable[[FloatArray], FloatArray]] = {
    "exp": np.exp, "log": np.log, "log1p": np.log1p, "expm1": np.expm1, "tanh": np.tanh, "expit": special.expit,
    "softplus": lambda z: np.logaddexp(0.0, z), "floor": np.array, "log_gamma": special.gammaln,
}  # fmt: skip
BINARY: dict[str, Callable[[Any, Any], Any]] = {
    "sum": lambda a, b: a + b,
    "difference": lambda a, b: a - b,
    "product": lambda a, b: a * b,
    "quotient": lambda a, b: a / b,
}
SIZES = [(6, 6), (2, 6), (6, 2), (3, 6), (6, 3), (1, 6), (6, 1), (1, 1)]
"""Equal, each element of the one in a row, and one number."""
MOVES: dict[str, tuple[int, Says]] = {
    "negative": (4, lambda xp, z: -z),
    "square": (4, lambda xp, z: z**2),
    "power of a vector": (4, lambda xp, z: z**1.7),
    "vector as a power": (4, lambda xp, z: 3.0**z),
    "power by another": (4, lambda xp, z: z[0:2] ** z[2:4]),
    "number on the left": (4, lambda xp, z: (1.0 + z) * (2.0 - z) * (3.0 / z) * (4.0 * z)),
    "array on the left": (4, lambda xp, z: np.arange(8.0) - z),
    "slices": (6, lambda xp, z: z[1:3] * z[4:] + z[-2:]),
    "with itself": (4, lambda xp, z: z * z + z / (z + z) - z),
    "gather with duplicates": (4, lambda xp, z: xp.gather(z * z, [3, 0, 0, 3, 3, 1])),
    "scatter with duplicates": (6, lambda xp, z: xp.scatter(z * z, [2, 0, 2, 2, 4, 0], 5)),
    "segments": (6, lambda xp, z: xp.segment_sum(z * z, 3)),
    "sum of all": (6, lambda xp, z: xp.sum(z * z)),
    "concatenate": (6, lambda xp, z: xp.concatenate([z[4:], np.array([7.0, 8.0]), z[:3] * z[1:4]])),
    "matvec": (6, lambda xp, z: xp.matvec(MATRIX, z * z)),
    "convolve a varying signal": (14, lambda xp, z: xp.convolve(z * z, WEIGHT, BLOCKS, 2)),
    "convolve by varying weights": (6, lambda xp, z: xp.convolve(SIGNAL, z * z, BLOCKS, 2)),
    "convolve both": (20, lambda xp, z: xp.convolve(z[:14], z[14:], BLOCKS, 2)),
    "more lags than rows of a block": (18, lambda xp, z: xp.convolve(z[:8], z[8:], [0, 3, 4], 2)),
}


def weighted(xp: Any, says: Says, z: Any) -> Any:
    """Return the sum of the values by unlike weights, so that none can stand in for another."""
    found = says(xp, z)
    return xp.sum(found * (1.0 + np.arange(found.size) ** 1.3))


def recorded(says: Says, size: int) -> Program:
    recorder = Recorder()
    return recorder.program(weighted(recorder, says, recorder.position(size)))


def slope_by_differences(density: Density, x: FloatArray) -> FloatArray:
    step = STEP * np.eye(len(x))
    return np.array([(density(x + e)[0] - density(x - e)[0]) / (2 * STEP) for e in step])


def agree(says: Says, size: int, *, among: FloatArray | None = None) -> None:
    """Assert that the languages agree at positive positions, and that the gradient is right."""
    draws = among if among is not None else np.random.default_rng(size).uniform(0.2, 1.8, (3, size))
    density, xp = Density(recorded(says, size)), DrawVectors()
    tape = np.array([density(x)[0] for x in draws])
    rows = weighted(xp, says, xp.position(draws)).values[:, 0]
    np.testing.assert_allclose(rows, tape, rtol=1e-11, atol=1e-11)
    np.testing.assert_allclose(in_pytensor(says, draws), tape, rtol=1e-11, atol=1e-11)
    for x in draws:
        slope = density(x)[1].copy()
        numeric = slope_by_differences(density, x)
        np.testing.assert_allclose(slope, numeric, rtol=1e-6, atol=1e-7 * (1 + np.abs(numeric).max()))


def in_pytensor(says: Says, draws: FloatArray) -> FloatArray:
    pytensor = pytest.importorskip("pytensor")
    from mixcurve.response.bayes.vectors.symbolic import SymbolicVectors

    xp, variable = SymbolicVectors(), pytensor.tensor.dvector("z")
    value = weighted(xp, says, xp.position(variable, draws.shape[1])).variable
    run = pytensor.function([variable], value, mode="FAST_COMPILE")
    return np.array([np.ravel(run(x))[0] for x in draws])


@pytest.mark.parametrize("name", UNARY)
def test_functions_of_one_vector(name: str) -> None:
    agree(lambda xp, z: getattr(xp, name)(z), 5)


@pytest.mark.parametrize("name", UNARY)
def test_functions_are_those_of_numpy_and_scipy(name: str) -> None:
    recorder = Recorder()
    density = Density(recorder.program(getattr(recorder, name)(recorder.position(1))))
    for x in (1e-3, 0.3, 1.0, 2.5, 30.0):
        assert density(np.array([x]))[0] == pytest.approx(
            float(UNARY[name](np.array(x))), rel=1e-13, abs=1e-15
        )


@pytest.mark.parametrize("name", ["exp", "expit", "softplus", "tanh", "expm1"])
def test_functions_of_negative_values(name: str) -> None:
    agree(lambda xp, z: getattr(xp, name)(z), 3, among=np.array([[-8.0, -0.5, -1e-3], [-3.0, -20.0, 0.1]]))


@pytest.mark.parametrize("sizes", SIZES, ids=str)
@pytest.mark.parametrize("name", BINARY)
def test_two_vectors_the_shorter_repeated_in_a_row(name: str, sizes: tuple[int, int]) -> None:
    a, b = sizes
    does = BINARY[name]
    agree(lambda xp, z: does(z[:a], z[a:]), a + b)
    xp, x = DrawVectors(), np.random.default_rng(1).uniform(0.2, 1.8, a + b)
    size = max(sizes)
    by_hand = does(np.repeat(x[:a], size // a), np.repeat(x[a:], size // b))
    z = xp.position(x)
    np.testing.assert_allclose(does(z[:a], z[a:]).values[0], by_hand, rtol=1e-15)


@pytest.mark.parametrize("name", MOVES)
def test_arrangements(name: str) -> None:
    size, says = MOVES[name]
    agree(says, size)


@hypothesis_settings(max_examples=40)
@given(
    st.integers(1, 4), st.integers(1, 4), st.sampled_from(list(BINARY)), st.booleans(), st.integers(0, 2**31)
)
def test_any_repetition_has_the_gradient_of_its_value(
    short: int, times: int, name: str, flipped: bool, seed: int
) -> None:
    does, long = BINARY[name], short * times

    def says(xp: Any, z: Any) -> Any:
        a, b = z[:short], z[short:]
        return does(b, a) if flipped else does(a, b)

    density = Density(recorded(says, short + long))
    x = np.random.default_rng(seed).uniform(0.3, 2.0, short + long)
    slope = density(x)[1].copy()
    np.testing.assert_allclose(slope, slope_by_differences(density, x), rtol=1e-5, atol=1e-5)


def test_a_wrong_operation_is_caught() -> None:
    class Wrong(DrawVectors):
        """Repeats the whole vector instead of each element in a row."""

        def binary(self, code: int, left: Any, right: Any) -> Any:
            a, b = self._values(left), self._values(right)
            size = max(a.shape[1], b.shape[1])
            return super().binary(code, *(self._of(np.tile(v, size // v.shape[1])) for v in (a, b)))

    x, xp = np.array([[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]]), Wrong()
    density = Density(recorded(lambda xp, z: z[:2] * z[2:], 6))
    wrong = weighted(xp, lambda xp, z: z[:2] * z[2:], xp.position(x)).values[0, 0]
    assert wrong != pytest.approx(density(x[0])[0], rel=1e-3)
    right = density(x[0])[1].copy()
    assert not np.allclose(1.001 * right, slope_by_differences(density, x[0]), rtol=1e-6, atol=0.0)


def test_convolution_is_that_of_numpy_within_each_block() -> None:
    xp = DrawVectors()
    found = xp.convolve(SIGNAL, WEIGHT, BLOCKS, 2).values.reshape(2, 7)
    for c in range(2):
        for first, stop in ((0, 3), (3, 7)):
            own = np.convolve(SIGNAL[c, first:stop], WEIGHT[c])[: stop - first]
            np.testing.assert_allclose(found[c, first:stop], own, rtol=1e-14)


@pytest.mark.parametrize("name", ["log", "floor"])
def test_below_the_floor_the_value_stays_and_the_gradient_is_nought(name: str) -> None:
    recorder = Recorder()
    density = Density(recorder.program(getattr(recorder, name)(recorder.position(1))))
    value, slope = density(np.array([-1.0]))
    assert value == (pytest.approx(np.log(SMALLEST)) if name == "log" else SMALLEST)
    assert slope.tolist() == [0.0]
    assert density(np.array([0.5]))[1].tolist() == [2.0 if name == "log" else 1.0]


def test_the_slope_of_log_gamma_is_the_digamma_function() -> None:
    recorder = Recorder()
    density = Density(recorder.program(recorder.log_gamma(recorder.position(1))))
    for x in (1e-6, 0.01, 0.5, 1.4616321449683622, 3.0, 9.999, 10.001, 1e3, 1e8):
        assert density(np.array([x]))[1][0] == pytest.approx(special.digamma(x), rel=1e-12, abs=1e-14)


def test_functions_hold_far_out() -> None:
    recorder = Recorder()
    z = recorder.position(2)
    density = Density(recorder.program(recorder.sum(recorder.softplus(z) + recorder.expit(z))))
    value, slope = density(np.array([-800.0, 800.0]))
    assert value == pytest.approx(801.0)
    assert slope.tolist() == [0.0, 1.0]


def test_a_named_matrix_can_be_replaced_and_the_first_program_stays() -> None:
    recorder = Recorder()
    z = recorder.position(6)
    moved = recorder.matvec(MATRIX, z, "one") + recorder.matvec(np.ones((4, 1)), 1.0, "other")
    program = recorder.program(recorder.sum(moved**2))
    x, other = np.linspace(-1, 1, 6), np.arange(24.0).reshape(4, 6)
    changed = program.with_matrices(one=other, other=np.full((4, 1), 2.0))
    value, slope = Density(changed)(x)
    assert value == pytest.approx(float(((other @ x + 2.0) ** 2).sum()), rel=1e-13)
    np.testing.assert_allclose(slope, 2.0 * other.T @ (other @ x + 2.0), rtol=1e-13)
    assert Density(program)(x)[0] == pytest.approx(float(((MATRIX @ x + 1.0) ** 2).sum()), rel=1e-13)


def test_a_density_can_be_run_again_and_by_another() -> None:
    density = Density(recorded(MOVES["convolve both"][1], 20))
    x, y = (np.random.default_rng(k).uniform(0.2, 1.8, 20) for k in (1, 2))
    first, slope = density(x)
    slope = slope.copy()
    density.again()(y)
    density(y)
    assert density(x)[0] == first
    np.testing.assert_array_equal(density(x)[1], slope)


@pytest.mark.parametrize("sizes", [(2, 5), (5, 2), (4, 6), (3, 4)], ids=str)
@pytest.mark.parametrize("name", BINARY)
def test_vectors_that_do_not_go_together_are_refused(name: str, sizes: tuple[int, int]) -> None:
    a, b = sizes
    recorder, xp = Recorder(), DrawVectors()
    with pytest.raises(ValueError, match=f"Vectors of {a} and {b} values do not go together"):
        BINARY[name](recorder.position(a), np.ones(b))
    with pytest.raises(ValueError, match="broadcast"):
        BINARY[name](xp.position(np.ones(a)), np.ones(b))


def test_a_slice_with_steps_is_refused_on_the_tape() -> None:
    with pytest.raises(ValueError, match="without steps"):
        Recorder().position(6)[::2]
