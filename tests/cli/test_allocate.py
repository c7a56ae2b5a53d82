"""`allocate`: a plan in the terminal, in JSON, and in files whose proof can be verified alone."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

Invoke = Callable[..., Result]

WIDER = """\
value = 40
setup_cost = { tv = 900 }
least_if_on = { search = 2000 }
groups.all = { channels = ["tv", "search"], most = "+5%" }
"""


def wider(folder: Path) -> None:
    path = folder / "job.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("[budget]\n", f"[budget]\n{WIDER}"), encoding="utf-8")


def test_a_plan_is_shown_with_its_proof(invoke: Invoke, folder: Path) -> None:
    result = invoke("allocate", "job.toml")
    assert result.exit_code == 0, result.stderr
    for part in ("GBP a week", "tv", "search", "Total", "Proof checked: no plan within these bounds"):
        assert part in result.stdout
    assert "Set-up costs" not in result.stdout
    assert all(len(line) <= 80 for line in result.stdout.splitlines())
    assert sorted(p.name for p in folder.iterdir()) == ["job.toml", "weekly.csv"], "nothing is written"


@pytest.mark.parametrize("wide", [False, True])
def test_what_is_saved_is_verified_alone(invoke: Invoke, folder: Path, wide: bool) -> None:
    if wide:
        wider(folder)
    made = invoke(
        "allocate", "job.toml", "--save", "plan.json", "--certificate", "out/plan.cert.json", "--json"
    )
    assert made.exit_code == 0, made.stderr
    told = json.loads(made.stdout)
    assert told["files"] == {"plan": "plan.json", "certificate": str(Path("out/plan.cert.json"))}
    for file in told["files"].values():
        checked = json.loads(invoke("verify", file, "--json").stdout)
        assert (checked["status"], checked["channels"]) == ("ok", 2)
        assert checked["value"] == pytest.approx(told["plan"]["value"])
    forged = json.loads((folder / "plan.json").read_text(encoding="utf-8"))
    forged["value"] *= 1.1
    (folder / "plan.json").write_text(json.dumps(forged), encoding="utf-8")
    assert invoke("verify", "plan.json").exit_code == 1


def test_money_of_groups_and_set_up_costs_adds_up(invoke: Invoke, folder: Path) -> None:
    wider(folder)
    told = json.loads(invoke("allocate", "job.toml", "--json").stdout)["plan"]
    rows = told["channels"].values()
    assert sum(row["plan"] + row["setup_cost"] for row in rows) + told["unspent"] == pytest.approx(
        told["total"]
    )
    group = told["groups"]["all"]
    assert group["money"] == pytest.approx(told["total"] - told["unspent"])
    assert group["most"] == pytest.approx(1.05 * (sum(row["current"] for row in rows) + 900))
    assert group["binding"] == "most"
    assert told["profit"] == pytest.approx(40 * told["value"] - group["money"])
    shown = invoke("allocate", "job.toml")
    assert "Set-up costs" in shown.stdout
    assert "no plan that keeps all this brings more" in " ".join(shown.stdout.split())
    assert "stays unspent: all is at its most" in shown.stderr


def test_profit_is_told_as_money(invoke: Invoke, folder: Path) -> None:
    wider(folder)
    text = (folder / "job.toml").read_text(encoding="utf-8")
    (folder / "job.toml").write_text(
        text.replace("value = 40", 'value = 40\nobjective = "profit"'), encoding="utf-8"
    )
    shown = " ".join(invoke("allocate", "job.toml").stdout.split())
    assert "of profit a week from these channels" in shown
    assert "The plan brings £" in shown


def test_a_job_without_a_budget_is_refused(invoke: Invoke, folder: Path) -> None:
    text = (folder / "job.toml").read_text(encoding="utf-8")
    (folder / "job.toml").write_text(text.replace('[budget]\nchange = "+10%"\n', ""), encoding="utf-8")
    refused = invoke("allocate", "job.toml")
    assert refused.exit_code == 2
    assert "the job asks for no plan. Write [budget] on a line of its own" in refused.stderr


def test_a_file_that_cannot_be_written_is_refused_before_any_work(
    invoke: Invoke, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mixcurve.cli.pipeline.read_table", None)
    refused = invoke("allocate", "job.toml", "--save", ".")
    assert refused.exit_code == 2
    assert "this is a folder, not a file" in refused.stderr


def test_an_impossible_budget_names_its_keys_before_the_fit(
    invoke: Invoke, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mixcurve.cli.pipeline._fit", None)
    text = (folder / "job.toml").read_text(encoding="utf-8")
    text = text.replace("[budget]\n", '[budget]\ngroups.a = { channels = ["tv"], least = 90000 }\n')
    (folder / "job.toml").write_text(text, encoding="utf-8")
    for command in ("check", "report", "allocate"):
        refused = invoke(command, "job.toml")
        assert refused.exit_code == 2, refused.exception
        assert (
            "line 16: no plan keeps all of this together: tv at most £34,997 ([budget] within)"
            in refused.stderr
        )
        assert "a at least £90,000 ([budget.groups.a] least, line 16)" in refused.stderr


def test_check_tells_what_is_asked_beside_bounds(invoke: Invoke, folder: Path) -> None:
    wider(folder)
    shown = " ".join(invoke("check", "job.toml").stdout.split())
    for part in (
        "One whose curve they show only weakly will stay within 20% of it, moved with the total.",
        "search: nothing, or at least £2k a week.",
        "To be on at all costs £900 for tv a week, beside spend.",
        "all (tv, search): at most £",
    ):
        assert part in shown
    told = json.loads(invoke("check", "job.toml", "--json").stdout)["plan"]
    assert told["groups"]["all"]["channels"] == ["tv", "search"]
    assert told["objective"] == "response"
