"""The keys of [budget]: what each asks of the optimiser, what is refused and how, and who stays near the present."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mixcurve.budget.constraints.infeasible import InfeasibleError
from mixcurve.budget.constraints.words import Group
from mixcurve.budget.solve import allocate
from mixcurve.cli.job import Job, read_job
from mixcurve.cli.planning import Question, question
from mixcurve.cli.possible import asked_by, refused
from mixcurve.cli.refusals import conflict_problem, stated_by_job
from mixcurve.cli.template import job_text
from mixcurve.cli.wishes import wishes
from mixcurve.foundations.errors import InputError
from mixcurve.foundations.numbers import Numbers
from mixcurve.response.evidence import ChannelEvidence, Grade
from mixcurve.response.fitted import KnownCurves, response_from

HEAD = (
    'client = "A"\n[data]\nfile = "a.csv"\ndate = "w"\nresponse = "orders"\ncurrency = "GBP"\n'
    'channels = ["tv", "search", "social"]\n'
)
LABELS = '\n[report.labels]\ntv = "TV"\n'
GBP = Numbers("en-GB", "GBP")
NOW = {"TV": 1000.0, "search": 500.0, "social": 300.0}

Read = Callable[[str], Job]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    def written(budget: str, rest: str = LABELS) -> Job:
        path = tmp_path / "job.toml"
        path.write_text(f"{HEAD}[budget]\n{budget}\n{rest}", encoding="utf-8")
        return read_job(path)

    return written


def fitted(grades: dict[str, Grade] | None = None) -> KnownCurves:
    hill = {"half": 600.0, "slope": 2.0}
    curves = response_from(
        {name: ("hill", hill | {"top": 100.0 * k}) for k, name in enumerate(NOW, start=1)},
        current=NOW,
        spend_range=dict.fromkeys(NOW, (0.0, 4000.0)),
    )
    found = {name: (grades or {}).get(name, "supported") for name in NOW}
    return replace(curves, evidence=tuple(ChannelEvidence(c, g, ()) for c, g in found.items()))  # type: ignore[arg-type]


def asked(job: Job, grades: dict[str, Grade] | None = None) -> Question:
    return question(job, fitted(grades), GBP)


def planned(job: Job) -> Any:
    """Return the plan of a job, as the pipeline asks for it, or raise what the user is told."""
    found = asked(job)
    try:
        return allocate(
            fitted(), found.total, objective=job.budget["objective"], bounds=found.bounds,  # type: ignore[index]
            current=found.current, hold_weak=False, beyond_seen=True, check_units=False, **found.wanted.words,
        )  # fmt: skip
    except InputError as error:
        raise refused(job, found.wanted, error, GBP) from error


@pytest.mark.parametrize(
    ("budget", "key", "value"),
    [
        ("most_on = 2", "most_on", 2),
        ("value = 12.5\nroi = 1.5", "roi", 1.5),
        ("value = 12.5\nroi = { tv = 1.5 }", "roi", {"TV": 1.5}),
        ("cpa = 20", "cpa", 20),
        ("value = 1\nmroi = 1", "mroi", 1),
        ("value = { tv = 1, search = 2, social = 3 }", "value", {"TV": 1, "search": 2, "social": 3}),
        ("least_if_on = { tv = 200 }", "least_if_on", {"TV": 200}),
        ("[budget.setup_cost]\ntv = 50", "setup_cost", {"TV": 50}),
        ("prices = { tv = [[0, 1.0], [500, 1.2]] }", "prices", {"TV": [(0, 1.0), (500, 1.2)]}),
        ("tied = [{ tv = 2, search = 1 }]", "tied", [{"TV": 2, "search": 1}]),
        ("[[budget.tied]]\ntv = 2\nsearch = 1", "tied", [{"TV": 2, "search": 1}]),
    ],
)
def test_each_key_reaches_the_optimiser_in_labels(read: Read, budget: str, key: str, value: Any) -> None:
    assert wishes(read(budget))[key] == value


def test_groups_reach_the_optimiser(read: Read) -> None:
    text = '[budget.groups.online]\nchannels = ["search", "social"]\nmost = "+10%"\nmost_on = 1\n'
    text += '[budget.groups.all]\nchannels = ["tv", "online"]\nleast = 100\ncpa = 50\n'
    found = wishes(read(text))["groups"]
    assert found["all"].to_dict() == Group(["TV", "online"], least=100, cpa=50).to_dict()
    assert found["online"].to_dict() == Group(["search", "social"], most="+10%", most_on=1).to_dict()
    assert asked_by(asked(read(text)).wanted).groups[0].most == pytest.approx(1.1 * 800)


def test_money_has_a_value_of_one_and_orders_have_none(read: Read) -> None:
    assert wishes(read(""))["value"] is None
    assert wishes(read("", '[report.labels]\norders = "Net revenue"\n'))["value"] == 1.0
    assert read("", '[report.labels]\norders = "Net revenue"\n').response_is_money


def test_the_total_is_what_the_present_costs_with_set_up_costs(read: Read) -> None:
    assert asked(read("setup_cost = { tv = 200, social = 100 }")).total == pytest.approx(2100.0)
    assert asked(read('setup_cost = { tv = 200 }\nchange = "+10%"')).total == pytest.approx(2200.0)


AT_ONCE = [
    ("objective = 'profits'", '[budget] objective must be "response" or "profit"'),
    ("objective = 'profit'", "[budget] objective needs to know what one of the orders is worth"),
    ("roi = 2", "[budget] roi needs to know what one of the orders is worth in money. Under [budget], write"),
    ("groups.a = { channels = ['tv'], mroi = 1 }", "[budget.groups.a] mroi needs to know"),
    ("roi = 0", "[budget] roi must be a number above 0, such as 1.5"),
    ("value = -1", "[budget] value must be what one unit of response is worth in money"),
    ("most_on = 0", "[budget] most_on must be a whole number of channels above 0"),
    ("least_if_on = { tvv = 5 }", "[budget.least_if_on] tvv: there is no channel called 'tvv'. Did you mean 'tv'?"),
    ("setup_cost = { tv = -5 }", "[budget.setup_cost] tv must be an amount per period, such as 5000 (found -5)"),
    ("prices = { tv = [[0]] }", "each item of [budget.prices] tv must be a spend and a price"),
    ("prices = { tv = 3 }", "[budget.prices] tv must be a list of tiers"),
    ("tied = [{ tv = 2 }]", "each item of [budget] tied must be two or more channels with their proportions"),
    ("tied = [{ tv = 2, serch = 1 }]", "[budget] tied: there is no channel called 'serch'"),
    ("tied = { tv = 2 }", "[budget] tied must be a list of proportions"),
    ("groups.a = { channels = ['serch'] }", "[budget.groups.a] channels: there is no channel or group called 'serch'"),
    ("groups.a = { most = 5 }", "[budget.groups.a] channels is missing. Write, for example, channels ="),
    ("groups.a = { channels = ['tv'], mots = 5 }", "there is no key 'mots' in [budget.groups.a]. Did you mean 'most'?"),
    ("groups.a = ['tv']", "[budget.groups] a must be a group, such as { channels ="),
    ("groups.a = { channels = ['tv'], most = '10%' }", "[budget.groups.a] most must be an amount per period"),
    ("groups.a = { channels = ['tv'], least = 9, most = 5 }", "its least of 9 is above its most of 5"),
    ("groups.TV = { channels = ['search'] }", "[budget.groups] TV: a channel has this name, too"),
    ("value = 1\nmroi = { tvv = 1 }", "[budget.mroi] tvv: there is no channel or group called 'tvv'"),
    ("hold_weak = 1", "[budget] hold_weak must be true or false (found 1)"),
]  # fmt: skip


@pytest.mark.parametrize(("budget", "message"), AT_ONCE)
def test_what_is_wrong_by_itself_is_told_with_its_line(read: Read, budget: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        read(budget.replace("'", '"'))
    told = [problem for problem in caught.value.problems if message in str(problem)]
    assert told, f"{message!r} is not in:\n{caught.value}"
    assert all(problem.row is not None and problem.row >= 8 and problem.remedy for problem in told)


WITH_THE_DATA = [
    ("tied = [{ tv = 1, search = 1 }, { tv = 1, social = 2 }]", "[budget] tied: 'TV' is tied twice. Join"),
    ("prices = { tv = [[0, 1.0], [50, 0.8]] }", "[budget.prices] tv: the price falls from 1 to 0.8 at 50"),
    ("prices = { tv = [[9, 1.0]] }", "[budget.prices] tv must begin at spend 0, got [[9, 1.0]]. Put [0, 1.0] first"),
    ("groups.a = { channels = ['b'] }\ngroups.b = { channels = ['a'] }", "is a member of itself (a > b > a)"),
    ("value = { tv = 1 }", "[budget] value says nothing of 'search'"),
    ("least_if_on = { tv = 1_000_000 }", "[budget.least_if_on] tv: this is about a thousand times off"),
    ("total = 1_800_000", "(found 1,800,000). If it is meant, write check_units = false under [budget]"),
    ("[budget.bounds]\ntv = [1, 2]", "[budget.bounds] tv: this is about a thousand times off current spend"),
]  # fmt: skip


@pytest.mark.parametrize(("budget", "message"), WITH_THE_DATA)
def test_what_is_wrong_beside_the_data_is_told_with_its_line(read: Read, budget: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        asked(read(budget.replace("'", '"')))
    assert message in str(caught.value)
    assert all(problem.row is not None and problem.row >= 8 for problem in caught.value.problems)


def test_amounts_that_are_meant_stand(read: Read) -> None:
    assert asked(read("total = 1_800_000\ncheck_units = false")).total == 1_800_000


IMPOSSIBLE = [
    ("groups.a = { channels = ['tv'], least = 2500 }",
     ["the total of £1,800", "a at least £2,500 ([budget.groups.a] least, line 9)"]),
    ("groups.a = { channels = ['tv'], least = 900 }\ngroups.b = { channels = ['a'], most = 100 }",
     ["a at least £900 ([budget.groups.a] least, line 9)", "b at most £100 ([budget.groups.b] most, line 10)"]),
    ("hold = ['tv']\nleast_if_on = { tv = 1500 }",
     ["TV locked at £1,000 ([budget] hold", "TV at least £1,500 if it is on"]),
    ("hold = ['tv', 'search']\ntied = [{ tv = 1, search = 1 }]", ["TV and search tied ([budget] tied, line 10)"]),
    ("hold = ['tv', 'search']\nmost_on = 1", ["at most 1 channel on ([budget] most_on, line 10)"]),
    ("groups.a = { channels = ['tv', 'search'], most_on = 1 }\nhold = ['tv', 'search']", ["at most 1 channel of a on"]),
    ("total = 1000\nsetup_cost = { tv = 500 }\n[budget.bounds]\ntv = [600, 900]",
     ["the total of £1,000 ([budget] total, line 9)", "TV at least £600 ([budget.bounds] tv, line 12)",
      "The others need £1,100: raise"]),
    ("within = '±10%'\ngroups.a = { channels = ['tv'], most = 500 }", ["TV at least £900 ([budget] within, line 9)"]),
]  # fmt: skip


@pytest.mark.parametrize(("budget", "parts"), IMPOSSIBLE)
def test_a_conflict_is_told_before_the_fit_with_keys_lines_and_money(
    read: Read, budget: str, parts: list[str]
) -> None:
    with pytest.raises(InputError) as caught:
        asked(read(budget.replace("'", '"')))
    (problem,) = caught.value.problems
    assert (problem.source, problem.code) == ("job.toml", "job-impossible-budget")
    assert problem.row is not None
    for part in parts:
        assert part in str(problem)


WITH_FLOORS = [
    "value = 1\nroi = 50\n[budget.bounds]\ntv = [500, 600]",
    "value = 1\nroi = { tv = 50 }\n[budget.bounds]\ntv = [500, 600]",
    'value = 1\n[budget.groups.a]\nchannels = ["tv", "search"]\nroi = 50\nleast = 600',
    "cpa = 0.001\n[budget.bounds]\ntv = [500, 600]",
    "cpa = { tv = 0.001 }\n[budget.bounds]\ntv = [500, 600]",
    "value = 1\nmroi = 50\n[budget.bounds]\ntv = [500, 600]",
]


@pytest.mark.parametrize("budget", [budget.replace("'", '"') for budget, _ in IMPOSSIBLE] + WITH_FLOORS)
def test_every_constraint_in_conflict_is_known_by_its_key(
    read: Read, monkeypatch: pytest.MonkeyPatch, budget: str
) -> None:
    """The optimiser's words are matched whole; were one of them changed, a client would read raw figures."""
    seen: list[str] = []

    def recorded(job: Job, conflict: tuple[str, ...], message: str, stated: Any, numbers: Numbers) -> Any:
        assert set(conflict) <= set(stated)
        seen.extend(conflict)
        return conflict_problem(job, conflict, message, stated, numbers)

    monkeypatch.setattr("mixcurve.cli.possible.conflict_problem", recorded)
    with pytest.raises(InputError, match="no plan keeps"):
        planned(read(budget))
    assert seen


def test_a_word_that_is_not_known_is_told_as_it_is(read: Read) -> None:
    found = asked(read(""))
    error = InfeasibleError("No plan exists.", ("mars at least 3",), smallest=True)
    assert "mars at least 3" in str(refused(read(""), found.wanted, error, GBP))


def test_numbers_of_a_conflict_are_those_of_the_clients_locale(read: Read) -> None:
    job = read("groups.a = { channels = ['tv'], least = 2500 }".replace("'", '"'))
    with pytest.raises(InputError, match=r"a at least €2\.500\.000"):
        question(job, fitted(), Numbers("de-DE", "EUR", 1000.0))


@pytest.mark.parametrize(
    ("change", "low", "high"),
    [("", 800, 1200), ('change = "-50%"', 400, 1200), ('change = "+50%"', 800, 1800)],
)
def test_a_weak_channel_stays_near_and_moves_with_the_budget(
    read: Read, change: str, low: float, high: float
) -> None:
    found = asked(read(change), {"TV": "weak"})
    assert found.bounds["TV"] == pytest.approx((low, high))
    assert list(found.near) == ["TV"]
    assert "only weakly, so it stays within 20% of its spend now" in found.near["TV"]


@pytest.mark.parametrize("budget", ["hold_weak = false", "[budget.bounds]\ntv = [0, 4000]", 'hold = ["tv"]'])
def test_who_is_named_is_not_held_near(read: Read, budget: str) -> None:
    found = asked(read(budget), {"TV": "weak"})
    assert found.near == {}
    assert found.bounds["TV"] == ((1000.0, 1000.0) if "hold =" in budget else (0.0, 4000.0))


def test_weak_bounds_give_way_to_what_is_asked(read: Read) -> None:
    found = asked(read('groups.a = { channels = ["tv"], most = 500 }'), {"TV": "weak"})
    assert found.bounds["TV"][0] == pytest.approx(500.0, rel=1e-3)
    assert "widened for TV" in found.notes[0]


def test_weak_bounds_are_those_of_the_optimiser(read: Read) -> None:
    curves = fitted({"TV": "weak"})
    for change in ("", 'change = "-30%"', 'change = "+30%"'):
        found = question(read(change), curves, GBP)
        plan = allocate(curves, found.total)
        place = plan.channels.index("TV")
        assert found.bounds["TV"] == pytest.approx((plan.budget.lower[place], plan.budget.upper[place]))


def test_what_the_plan_keeps(read: Read) -> None:
    plan = planned(
        read(
            'value = 25\nobjective = "profit"\nmost_on = 2\nsetup_cost = { tv = 100 }\nleast_if_on = { search = 300 }\n'
            'groups.online = { channels = ["search", "social"], most = "+10%" }'
        )
    )
    assert plan.status == "optimal"
    assert len(plan.on) <= 2
    assert plan.spend["search"] == 0 or plan.spend["search"] >= 300 * (1 - 1e-9)
    assert plan.groups[0].money <= 880 * (1 + 1e-9)
    assert sum(plan.money.values()) + plan.unspent == pytest.approx(plan.budget.total)
    assert plan.profit == pytest.approx(25 * sum(plan.response.values()) - sum(plan.money.values()))


def test_every_stated_constraint_of_a_job_has_a_key_that_exists(read: Read) -> None:
    job = read(
        "most_on = 2\ntied = [{ tv = 2, search = 1 }]\nleast_if_on = { tv = 5 }\ncpa = 99\n"
        'groups.a = { channels = ["tv", "social"], least = 5, most = 2000, cpa = 80 }'
    )
    found = asked(job)
    schema = set(job.budget or {})
    for one in stated_by_job(job, asked_by(found.wanted), found.wanted.rules, GBP).values():
        assert one.path[0] in schema
    assert np.all([np.isfinite(pair).all() for pair in found.bounds.values()])


def test_the_examples_of_the_template_are_one_job(tmp_path: Path) -> None:
    """Every line of the block of further wishes, taken together, is read; two wrong names in it are not."""
    text = job_text({}, {}, "job.toml")
    lines = text.split("\n")
    first = lines.index("# Further wishes, an example of each; all money is per period.")
    block = [line.removeprefix("# ") for line in lines[first + 1 :][: lines[first + 1 :].index("")]]
    assert len(block) == 12
    assert max(map(len, block)) < 110
    head = HEAD.replace('"TV"', '"tv"') + "[budget]\n"
    path = tmp_path / "job.toml"
    path.write_text(head + "\n".join(block), encoding="utf-8")
    assert wishes(read_job(path))["groups"]["digital"].channels == ("search", "social")
    path.write_text(
        head + "\n".join(block).replace('"search", "social"', '"serch", "scial"'), encoding="utf-8"
    )
    with pytest.raises(InputError, match="2 problems"):
        read_job(path)
