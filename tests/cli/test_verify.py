"""`verify` says what a saved certificate proves, and in a sentence what is wrong with any other file."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import Result

import mixcurve as mc
from mixcurve.budget.certificate import ModelCertificate
from mixcurve.budget.model import Model, Row
from mixcurve.budget.objectives import CVaR
from mixcurve.budget.proof.trees import BoxTree, TreeProof
from mixcurve.budget.solution import Solution

Invoke = Callable[..., Result]
CURVES = {
    name: ("hill", {"top": 100.0 + 20 * k, "half": 50.0, "slope": 3.0})
    for k, name in enumerate(("tv", "radio", "web"))
}


@pytest.fixture(scope="module")
def plain() -> Any:
    known = mc.response_from(CURVES)
    return mc.allocate(known, 120).certificate.with_curves(known)


@pytest.fixture(scope="module")
def whole() -> ModelCertificate:
    """A proof by hand: 3 michaelis_menten channels, alike in 4 draws, a budget of 3, best at 1 each: 3 x 0.5."""
    one, none = np.ones(3), np.zeros(3)
    model = Model(
        ("tv", "radio", "web"), (mc.curves["michaelis_menten"],) * 3, np.ones((4, 3, 2)), np.full(4, 0.25),
        np.arange(3), one, one, 0.0, none, 3.0 * one, np.zeros(3, dtype=bool), none,
        (Row("total", "total", one, none, none, 3.0),), {},
    )  # fmt: skip
    first = np.array([-1])
    # At the price 0.25, the slope of x / (1 + x) at 1, each channel's maximum is 0.5 - 0.25.
    proof = TreeProof(
        BoxTree(first, np.zeros(1), first, first, np.array([1.5])), np.array([[0.25]]), np.zeros((0, 0))
    )
    return ModelCertificate(model, Solution(one, 1.5, 1.5, 1, proof))


def saved(result: Any, folder: Path, name: str = "plan.cert.json") -> Path:
    return result.save(folder / name)


def edited(path: Path, *way: Any, to: Any) -> Path:
    document = json.loads(path.read_text(encoding="utf-8"))
    place = document
    for step in way[:-1]:
        place = place[step]
    place[way[-1]] = to
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


def unspaced(text: str) -> str:
    """Return the text without blanks and line ends, which fall anywhere in a long path."""
    return "".join(text.split())


def test_a_plain_certificate(invoke: Invoke, plain: Any, tmp_path: Path) -> None:
    result = invoke("verify", saved(plain, tmp_path))
    assert result.exit_code == 0, result.stderr
    for part in (
        "plan.cert.json holds.",
        "3 channels",
        "The plan is worth",
        "less than 0.0001% more",
        "Checked in",
    ):
        assert unspaced(part) in unspaced(result.stdout)
    assert result.stderr == ""


def test_a_certificate_of_a_model(invoke: Invoke, whole: ModelCertificate, tmp_path: Path) -> None:
    result = invoke("verify", saved(whole, tmp_path))
    assert result.exit_code == 0, result.stderr
    for part in (
        "3 channels, 4 draws, 1 constraint, 1 box",
        "is worth 1.5 (mean response)",
        "is worth more than 1.5",
    ):
        assert unspaced(part) in unspaced(result.stdout)


def test_json(invoke: Invoke, whole: ModelCertificate, tmp_path: Path) -> None:
    told = json.loads(invoke("verify", saved(whole, tmp_path), "--json").stdout)
    assert (told["status"], told["exit_code"], told["objective"]) == ("ok", 0, "response")
    assert told["value"] == pytest.approx(1.5)
    assert told["bound"] == pytest.approx(1.5)
    assert told["gap"] <= 1e-7
    assert told["reasons"] == []


def test_a_false_proof_exits_with_1(invoke: Invoke, whole: ModelCertificate, tmp_path: Path) -> None:
    path = edited(saved(whole, tmp_path), "solution", "__result__", "bound", to=1.4)
    result = invoke("verify", path)
    assert result.exit_code == 1
    assert "the upper bound is 1.5" in result.stderr
    assert "does not hold" in result.stdout
    told = json.loads(invoke("verify", path, "--json").stdout)
    assert (told["status"], told["exit_code"]) == ("not proven", 1)
    assert any("the certificate claims 1.4" in reason for reason in told["reasons"])


def test_an_unproven_bound_is_null_in_json(invoke: Invoke, whole: ModelCertificate, tmp_path: Path) -> None:
    path = edited(saved(whole, tmp_path), "model", "__result__", "worth", "data", to=[1.0, -1.0, 1.0])
    told = json.loads(invoke("verify", path, "--json").stdout)
    assert told["bound"] is None
    assert told["value"] is None
    assert told["reasons"] == ["model.worth must be finite and at least 0"]


def test_risk_is_named(invoke: Invoke, whole: ModelCertificate, tmp_path: Path) -> None:
    result = invoke("verify", saved(replace(whole, objective=CVaR(0.25)), tmp_path))
    assert "mean over the worst 25% of the draws" in " ".join(result.stdout.split())


def test_least_money_is_told_as_money(invoke: Invoke, whole: ModelCertificate, tmp_path: Path) -> None:
    """For a response of 1.5 the same plan needs the least: at the price 4 of response, 4 x 1.5 - 3 (2 - 1)."""
    none = np.zeros(3)
    target = Row("total", "target", none, -np.ones(3), none, -1.5)
    model = replace(whole.model, worth=none, money_cost=1.0, rows=(target,))
    proof = replace(
        whole.solution.proof,
        multiplier=np.array([[4.0]]),
        tree=replace(whole.solution.proof.tree, bound=np.array([-3.0])),
    )
    cheapest = ModelCertificate(model, Solution(np.ones(3), -3.0, -3.0, 1, proof))
    result = invoke("verify", saved(cheapest, tmp_path))
    assert result.exit_code == 0, result.stderr
    assert "reaches its target with 3 of money" in result.stdout
    assert "needs less than 3" in result.stdout


def test_a_fit_beside_it(invoke: Invoke, plain: Any, tmp_path: Path) -> None:
    known = mc.response_from(CURVES)
    bare = saved(replace(plain, curve=(), parameters=None), tmp_path, "bare.json")
    refused = invoke("verify", bare)
    assert refused.exit_code == 2
    assert "does not hold its curves" in refused.stderr
    assert invoke("verify", bare, "--fit", saved(known, tmp_path, "fit.json")).exit_code == 0
    other = mc.response_from(CURVES | {"tv": ("hill", {"top": 120.0, "half": 50.0, "slope": 3.1})})
    result = invoke("verify", saved(plain, tmp_path), "--fit", saved(other, tmp_path, "other.json"))
    assert result.exit_code == 1
    assert "curves are not the fit's" in result.stderr
    wrong = invoke("verify", bare, "--fit", bare)
    assert wrong.exit_code == 2
    assert "which is no fit" in wrong.stderr


def test_a_saved_plan(invoke: Invoke, plain: Any, tmp_path: Path) -> None:
    known = mc.response_from(CURVES)
    plan = mc.allocate(known, 120)
    path = saved(replace(plan, certificate=plain), tmp_path, "plan.json")
    assert invoke("verify", path).exit_code == 0
    lied = invoke("verify", edited(path, "value", to=plan.value * 1.1))
    assert lied.exit_code == 1
    assert "the allocation's value or upper bound is not the certificate's" in lied.stderr


def deep(levels: int) -> str:
    return "[" * levels + "]" * levels


def array(**changes: Any) -> dict[str, Any]:
    return {"__array__": "float64", "shape": [1], "data": [1.0]} | changes


def bytes_of(content: str | bytes) -> bytes:
    return content if isinstance(content, bytes) else content.encode()


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("", "is not whole JSON"),
        ('{"type": "Certificate", "total": 1', "is not whole JSON"),
        (b"\xff\xfe\x00", "is not a text in UTF-8"),
        ("[]", "holds no result"),
        ("{}", "holds no result"),
        ('{"type": 5}', "holds no result"),
        (deep(100_000), "without end"),
        ('{"type": "Certificate", "total": NaN}', "NaN stands where a number is wanted"),
        ('{"type": "Certificate", "total": ' + "9" * 5_000 + "}", "no number"),
        ('{"type": "Certificate"}', "holds something that no result holds"),
        ('{"type": "Certificate", "colour": 1}', "holds something that no result holds"),
        ('{"type": "Invoice"}', "Unknown kind of result 'Invoice'"),
        ('{"type": "CVaR", "tail": 0.1}', "holds a CVaR, which is neither a plan nor a certificate"),
        ('{"type": "CVaR", "tail": 7}', "tail must be in"),
        (json.dumps({"type": "Certificate", "a": array(__array__="object")}), "an array of 'object'"),
        (json.dumps({"type": "Certificate", "a": array(__array__="<U999999999")}), "an array of '<U999999999'"),
        (json.dumps({"type": "Certificate", "a": array(shape=[10**12])}), "an array of shape [1000000000000]"),
        (json.dumps({"type": "Certificate", "a": array(shape=[-1])}), "an array of shape [-1]"),
        (json.dumps({"type": "Certificate", "a": array(shape="x")}), "without its shape or its data"),
        (json.dumps({"type": "Certificate", "a": array(data=[[1.0]])}), "with lists in it"),
        (json.dumps({"type": "Certificate", "a": array(data=["x"])}), "holds something that no result holds"),
        (json.dumps({"type": "Certificate", "a": array(data=[10**400])}), "holds something that no result holds"),
        (json.dumps({"type": "Certificate", "a": {"__value__": "shell", "data": 1}}), "no result holds"),
        (json.dumps({"type": "Certificate", "a": {"__value__": "curve", "data": "hil"}}), "Did you mean 'hill'?"),
    ],
)  # fmt: skip
def test_files_that_are_no_proof(invoke: Invoke, tmp_path: Path, content: str | bytes, text: str) -> None:
    path = tmp_path / "plan.cert.json"
    path.write_bytes(bytes_of(content))
    result = invoke("verify", path)
    assert result.exit_code == 2, result.output
    assert text in result.stderr
    assert "Traceback" not in result.stderr


def test_results_within_results_without_end(invoke: Invoke, tmp_path: Path) -> None:
    inner: dict[str, Any] = {"type": "CVaR", "tail": 0.1}
    for _ in range(300):
        inner = {"type": "CVaR", "tail": {"__result__": inner}}
    path = tmp_path / "deep.json"
    path.write_text(json.dumps(inner), encoding="utf-8")
    result = invoke("verify", path)
    assert result.exit_code == 2
    assert "deep.json" in result.stderr


def test_missing_files_and_folders(invoke: Invoke, tmp_path: Path) -> None:
    assert "there is no such file" in invoke("verify", tmp_path / "none.json").stderr
    result = invoke("verify", tmp_path)
    assert result.exit_code == 2
    assert "could not be read" in result.stderr


def numbers(document: Any, way: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the way to every number of a document."""
    if isinstance(document, dict):
        return [found for key, value in document.items() for found in numbers(value, (*way, key))]
    if isinstance(document, list):
        return [found for key, value in enumerate(document) for found in numbers(value, (*way, key))]
    return [way] if isinstance(document, int | float) and not isinstance(document, bool) else []


ANYTHING = (-7, 1e300, "x", None, [], {}, True, {"__number__": "nan"}, {"__number__": "-inf"})


@pytest.mark.parametrize(("kind", "turn"), [("whole", 0), ("whole", 4), ("plain", 2)])
def test_any_number_may_be_replaced_by_anything(
    invoke: Invoke, tmp_path: Path, request: pytest.FixtureRequest, kind: str, turn: int
) -> None:
    """Whatever stands in the place of a number, the file is refused, found false, or true for a good reason."""
    text = saved(request.getfixturevalue(kind), tmp_path).read_text(encoding="utf-8")
    ways = numbers(json.loads(text))
    assert len(ways) > 40
    path = tmp_path / "edited.json"
    for k, way in enumerate(ways):
        path.write_text(text, encoding="utf-8")
        result = invoke("verify", edited(path, *way, to=ANYTHING[(k + turn) % len(ANYTHING)]), "--json")
        assert result.exception is None or isinstance(result.exception, SystemExit), (way, result.exception)
        told = json.loads(result.stdout)
        assert told["exit_code"] == result.exit_code
        assert result.exit_code in (0, 1, 2), way
        if result.exit_code == 0:
            assert told["value"] <= told["bound"] * (1 + 1e-7)
