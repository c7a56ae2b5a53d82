"""Rounds go on until the draws suffice, drop what diverged, and keep what an interruption leaves."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from mixcurve.foundations.convergence import missing_information
from mixcurve.foundations.rounds import CHANGE, HIGHEST_ACCEPT, Run, in_rounds, joined, too_few
from mixcurve.response.bayes.checks.sampling import gates_of_draws
from mixcurve.response.bayes.checks.words import Coordinate
from mixcurve.response.bayes.sample.sampled import Sampled

DRAWS = 200


def chained(
    memory: float, diverged: frozenset[int] = frozenset(), stops: int | None = None
) -> Callable[..., Run]:
    """Return a sampler: two autoregressions whose rounds named in ``diverged`` hold one divergence."""
    calls: list[tuple[int, float, str]] = []

    def run(within: int, accept: float, stage: str) -> Run:
        number = len(calls)
        calls.append((within, accept, stage))
        if number == stops:
            raise KeyboardInterrupt
        x = np.random.default_rng(number).standard_normal((2, DRAWS, 1))
        for t in range(1, DRAWS):
            x[:, t] = memory * x[:, t - 1] + np.sqrt(1.0 - memory**2) * x[:, t]
        told = np.zeros((2, DRAWS))
        told[0, 7] = number in diverged
        return Run(x, {"diverging": told, "round": np.full((2, DRAWS), float(number))}, False)

    run.calls = calls  # type: ignore[attr-defined]
    return run


def rounds_of(found: Run) -> set[float]:
    return set(found.statistics["round"].ravel().tolist())


def test_four_hundred_independent_draws_do_not_suffice_but_eight_hundred_do() -> None:
    run = chained(0.0)
    found = in_rounds(run, 0, draws=DRAWS, target_accept=0.9)
    assert [stage for _, _, stage in run.calls] == ["sampling", "sampling, round 2"]
    assert found.positions.shape == (2, DRAWS, 1)
    assert rounds_of(found) == {0.0, 1.0}
    assert not found.stopped


def test_what_is_kept_suffices_and_not_only_what_was_drawn() -> None:
    """Two rounds of 1,000 draws do, but every second one of them does not: its memory is 0.49, every third's -0.34."""
    memory, rounds = np.array([0.4, -0.7]), list[Run]()

    def run(within: int, accept: float, stage: str) -> Run:
        x = np.random.default_rng(len(rounds)).standard_normal((2, 500, 2))
        for t in range(1, 500):
            x[:, t] = memory * x[:, t - 1] + np.sqrt(1.0 - memory**2) * x[:, t]
        rounds.append(Run(x, {}, False))
        return rounds[-1]

    found = in_rounds(run, 0, draws=500, target_accept=0.9)
    assert found.positions.shape == (2, 500, 2)
    assert len(rounds) == 3
    assert not too_few(joined(rounds[:2]).positions)
    assert too_few(joined(rounds[:2]).positions[:, ::2], 400.0, 1.01)


@pytest.mark.parametrize(("steps", "rounds"), [(1, 2), (1_000, 1)])
def test_of_cheap_draws_more_are_made(steps: int, rounds: int) -> None:
    """1,000 draws of memory 0.3 are worth 540: enough, but under 0.6 of them; every second of 2,000 is worth 830."""
    made: list[Run] = []

    def run(within: int, accept: float, stage: str) -> Run:
        x = np.random.default_rng(len(made)).standard_normal((2, 500, 1))
        for t in range(1, 500):
            x[:, t] = 0.3 * x[:, t - 1] + np.sqrt(1.0 - 0.3**2) * x[:, t]
        made.append(Run(x, {"n_steps": np.full((2, 500), float(steps))}, False))
        return made[-1]

    in_rounds(run, 0, draws=500, target_accept=0.9)
    assert len(made) == rounds


def test_a_last_round_that_diverges_does_not_spoil_those_that_suffice() -> None:
    """Cheap draws go on after they suffice: 1,000 of memory 0.3 are enough, and the round after them diverges."""
    made: list[Run] = []

    def run(within: int, accept: float, stage: str) -> Run:
        x = np.random.default_rng(len(made)).standard_normal((2, 500, 1))
        for t in range(1, 500):
            x[:, t] = 0.3 * x[:, t - 1] + np.sqrt(1.0 - 0.3**2) * x[:, t]
        told = {"n_steps": np.ones((2, 500)), "diverging": np.full((2, 500), len(made) > 0)}
        made.append(Run(x, told, False))
        return made[-1]

    found = in_rounds(run, 0, draws=500, target_accept=0.9, most=3)
    assert len(made) == 3
    assert not found.statistics["diverging"].any()
    assert np.array_equal(found.positions, made[0].positions)


def test_draws_that_hang_together_need_more_but_not_for_ever() -> None:
    run = chained(0.95)
    found = in_rounds(run, 0, draws=DRAWS, target_accept=0.9, most=4)
    assert len(run.calls) == 4
    assert found.positions.shape == (2, DRAWS, 1)


def test_a_round_that_diverged_is_not_kept_and_the_next_aims_higher() -> None:
    run = chained(0.0, frozenset({0, 1}))
    found = in_rounds(run, 0, draws=DRAWS, target_accept=0.9)
    assert [round(accept, 4) for _, accept, _ in run.calls] == [0.9, 0.98, 0.996, 0.996]
    assert rounds_of(found) == {2.0, 3.0}
    assert not found.statistics["diverging"].any()


def test_steps_that_are_close_already_become_closer_after_a_divergence() -> None:
    run = chained(0.0, frozenset({0, 1}))
    found = in_rounds(run, 0, draws=DRAWS, target_accept=0.992)
    assert [round(accept, 5) for _, accept, _ in run.calls][:3] == [0.992, 0.9984, 0.999]
    assert not found.statistics["diverging"].any()


def test_where_every_round_diverges_the_last_one_says_so() -> None:
    found = in_rounds(chained(0.0, frozenset(range(9))), 0, draws=DRAWS, target_accept=0.5, most=3)
    assert rounds_of(found) == {2.0}
    assert found.statistics["diverging"].sum() == 1


def test_a_divergence_is_seen_however_few_draws_are_kept() -> None:
    found = in_rounds(chained(0.95, frozenset({5})), 0, draws=DRAWS, target_accept=HIGHEST_ACCEPT, most=6)
    assert found.positions.shape == (2, DRAWS, 1)
    assert found.statistics["diverging"].sum() == 1


def test_coordinates_are_learned_from_all_rounds() -> None:
    run = chained(0.0, frozenset({0}))
    in_rounds(run, 0, lambda so_far: so_far.positions.shape[1], draws=DRAWS, target_accept=0.9)
    assert [within for within, _, _ in run.calls] == [0, DRAWS, 2 * DRAWS]


@pytest.mark.parametrize(("diverged", "kept"), [((), {0.0}), ((0,), {0.0})])
def test_an_interruption_keeps_what_there_is(diverged: tuple[int, ...], kept: set[float]) -> None:
    found = in_rounds(chained(0.0, frozenset(diverged), stops=1), 0, draws=DRAWS, target_accept=0.9)
    assert found.stopped
    assert rounds_of(found) == kept


def test_an_interruption_before_anything_is_told_on() -> None:
    with pytest.raises(KeyboardInterrupt):
        in_rounds(chained(0.0, stops=0), 0, draws=DRAWS, target_accept=0.9)


def test_thinning_does_not_hide_that_the_energy_moves_slowly() -> None:
    """Energies of memory 0.9 have an E-BFMI of 2 (1 - 0.9) = 0.2, however few of the draws are kept."""
    rounds: list[str] = []

    def run(within: int, accept: float, stage: str) -> Run:
        rounds.append(stage)
        x = np.random.default_rng(len(rounds)).standard_normal((2, 2000))
        for t in range(1, 2000):
            x[:, t] = 0.9 * x[:, t - 1] + np.sqrt(1.0 - 0.9**2) * x[:, t]
        stuck = np.linspace(0.0, 1.0, 2000) * np.ones((2, 1))
        return Run(stuck[..., None], {"energy": x + 50.0 * len(rounds)}, False)

    found = in_rounds(run, 0, draws=2000, target_accept=0.9, most=4)
    energy, change = found.statistics["energy"], found.statistics[CHANGE]
    assert energy.shape == change.shape == (2, 2000)
    assert missing_information(energy, change) == pytest.approx([0.2, 0.2], abs=0.05)
    assert (missing_information(energy) > 0.4).all()
    which = (Coordinate(0, "slope[tv]", "the slope of tv"),)
    checks = gates_of_draws(which, Sampled(found.positions, "nutpie", 1, found.statistics))
    assert not next(g for g in checks.gates if g.name == "E-BFMI").passed


def test_what_suffices() -> None:
    draws = np.random.default_rng(0).standard_normal((4, 500, 3))
    assert not too_few(draws)
    assert too_few(draws[:, :100])
    apart = draws.copy()
    apart[0, :, 2] += 0.5
    assert too_few(apart)
    stuck = draws.copy()
    stuck[..., 1] = 1.0
    assert too_few(stuck)
