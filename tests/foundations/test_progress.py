"""Whoever follows a run is told; a bar is drawn only where somebody watches."""

from __future__ import annotations

import io
import sys
from typing import Any

import pytest

from mixcurve.foundations.errors import InputError
from mixcurve.foundations.progress import followed


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_function_is_called_as_it_is() -> None:
    told: list[tuple[str, int, int]] = []
    with followed(lambda *words: told.append(words)) as tell:
        assert tell is not None
        tell("sampling", 1, 2)
    assert told == [("sampling", 1, 2)]


@pytest.mark.parametrize("progress", [None, False])
def test_nobody_is_told(progress: bool | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", Terminal())
    with followed(progress) as tell:
        assert tell is None


@pytest.mark.parametrize(("watched", "drawn"), [(Terminal(), True), (io.StringIO(), False)])
def test_a_bar_is_drawn_on_a_terminal_only(
    watched: io.StringIO, drawn: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stderr", watched)
    with followed(True) as tell:
        assert (tell is not None) == drawn
        if tell is not None:
            tell("sampling [tv]", 5, 10)
    assert ("sampling [tv]" in watched.getvalue()) == drawn
    assert ("5/10" in watched.getvalue()) == drawn


@pytest.mark.parametrize("wrong", [1, "yes", [print]])
def test_anything_else_is_refused(wrong: Any) -> None:
    words = r"progress must be a function of \(stage, done, total\), True"
    with pytest.raises(InputError, match=words), followed(wrong):
        pass
