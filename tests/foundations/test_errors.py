"""What an error says."""

from __future__ import annotations

import pytest

from mixcurve.foundations.errors import FitError, InputError, MixcurveError, Problem, ReportError


def test_one_base_class():
    assert all(issubclass(kind, MixcurveError) for kind in (InputError, FitError, ReportError))
    assert issubclass(InputError, ValueError)


def test_a_problem_says_where_what_which_and_what_to_do():
    problem = Problem(
        "spend must not be negative", "Book refunds with their spend", "week.csv", 7, "tv", "-3"
    )
    assert (
        str(problem)
        == "week.csv, row 7, column 'tv': spend must not be negative (found -3). Book refunds with their spend."
    )
    assert str(Problem("the file is empty")) == "the file is empty."
    assert str(Problem("the file is empty", source="a.csv")) == "a.csv: the file is empty."


def test_every_problem_is_told_at_once():
    problems = [Problem(f"rule {i} was broken", row=i, code=f"rule-{i}") for i in range(3)]
    error = InputError(problems)
    assert error.problems == tuple(problems) and str(error).startswith("3 problems in the input:")
    assert all(str(p) in str(error) for p in problems)
    assert str(InputError(problems[0])) == str(problems[0]) and InputError("plain").problems == ()


def test_it_can_be_caught_as_the_package_or_as_a_value_error():
    for kind in (MixcurveError, ValueError):
        with pytest.raises(kind, match="plain"):
            raise InputError("plain")
