"""A job file: every way of being wrong has a message with its line and its remedy; what is right is filled in."""

from __future__ import annotations

import inspect
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from mixcurve.cli.job import Job, read_job
from mixcurve.cli.job_schema import SECTIONS, defaults, job_schema, label
from mixcurve.cli.template import job_text
from mixcurve.foundations.errors import InputError
from mixcurve.tables.periods import Every

SMALL = 'client = "A"\n[data]\nfile = "a.csv"\ndate = "w"\nresponse = "y"\nchannels = ["tv", "search"]\n'

Read = Callable[[str], Job]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    def written(text: str) -> Job:
        path = tmp_path / "job.toml"
        path.write_text(text, encoding="utf-8")
        return read_job(path)

    return written


def test_defaults_are_filled_in(read: Read) -> None:
    job = read(SMALL)
    assert (job.agency, job.data["every"], job.fit["curve"], job.budget) == ("mixcurve", "auto", "hill", None)
    assert job.report_file == job.path.with_suffix(".pdf")
    assert job.data_file == job.path.parent / "a.csv"


def test_paths_start_at_the_job_file(read: Read) -> None:
    job = read(SMALL + '[report]\nfile = "../out/a.pdf"\n')
    assert job.report_file == job.path.parent / "../out/a.pdf"


def test_configuration_has_no_folders_of_this_machine(read: Read) -> None:
    job = read(SMALL.replace("a.csv", "/elsewhere/a.csv") + '[report]\njson = "/x/y.json"\n')
    assert job.configuration["data"]["file"] == "a.csv"
    assert job.configuration["report"]["json"] == "y.json"
    assert job.configuration["budget"] is None


def test_dates_and_whole_numbers_may_be_written_either_way(read: Read) -> None:
    job = read(SMALL + "[fit]\nseason = 3.0\n[report]\ndate = 2026-01-31\n")
    assert (job.fit["season"], type(job.fit["season"]), job.report["date"]) == (3, int, "2026-01-31")


def test_byte_order_mark_and_windows_lines(tmp_path: Path) -> None:
    path = tmp_path / "job.toml"
    path.write_bytes(b"\xef\xbb\xbf" + SMALL.replace("\n", "\r\n").encode())
    assert read_job(path).client == "A"


WRONG = [
    ("[data]", "[dta]", 2, "there is no key 'dta' in the job. Did you mean 'data'?"),
    ('date = "w"', 'dat = "w"', 4, "there is no key 'dat' in [data]. Did you mean 'date'?"),
    (
        'date = "w"',
        'dat = "w"',
        None,
        '[data] date is missing. Write, for example, date = "week" under [data]',
    ),
    (
        'client = "A"',
        'total = 3\nclient = "A"',
        1,
        "there is no key 'total' in the job. It belongs under [budget]",
    ),
    (
        'client = "A"',
        'zzz = 3\nclient = "A"',
        1,
        "there is no key 'zzz' in the job. Take it out. Known here: client",
    ),
    (
        'client = "A"',
        "client = 5",
        1,
        'client must be the client\'s name, such as "Northwind Foods" (found 5)',
    ),
    ('client = "A"', 'client = " "', 1, "client must be the client's name"),
    ('"tv", "search"', '"tv", "tv"', 6, "[data] channels names 'tv' more than once. Name each once"),
    ('"tv", "search"', '"tv", 3', 6, "each item of [data] channels must be the name of a column (found 3)"),
    (
        '["tv", "search"]',
        '"tv"',
        6,
        '[data] channels must be a list of column names, such as ["tv", "search"]',
    ),
    ("[data]", "fit = 3\n[data]", 2, "[fit] must be a section: write [fit] on a line of its own (found 3)"),
]


@pytest.mark.parametrize(("old", "new", "line", "message"), WRONG)
def test_wrong_values(read: Read, old: str, new: str, line: int | None, message: str) -> None:
    check_message(read, SMALL.replace(old, new), line, message)


ADDED = [
    ("currency = 'gbp'", "[data] currency must be a code of three capitals, such as \"GBP\" (found \"gbp\")"),
    ("locale = 'en-UK'", "[data] locale: there is no locale called 'en-UK'. Did you mean 'en-US'?"),
    ("every = 'fortnight'", '[data] every must be "auto", "day", "week", "month" or "year"'),
    ("money_unit = 0", "[data] money_unit must be a number above 0, such as 1000 (found 0)"),
    ("money_unit = inf", "[data] money_unit must be finite (found inf). Give a number"),
    ("layout = 'long'\nspend = 's'", "[data] channel is missing for the long layout. Name the column"),
    ("spend = 's'", '[data] spend is only for the long layout. Write layout = "long"'),
    ("group = 'region'", "[data] has group but no market. Write both"),
    ("[fit]\ncurve = 'hil'", "[fit] curve: there is no curve called 'hil'. Did you mean 'hill'?"),
    ("[fit]\ncarryover = 'geo'", "[fit] carryover: there is no carryover called 'geo'"),
    ("[fit]\nseason = 1.5", "[fit] season must be a whole number of yearly waves, 0 for none (found 1.5)"),
    ("[fit]\nseason = true", "[fit] season must be a whole number of yearly waves, 0 for none (found true)"),
    ("[fit]\nlevel = 90", "[fit] level must be a share from 0.5 to 0.999, such as 0.9 (found 90)"),
    ("[budget]\ntotal = 5\nchange = '+1%'", "[budget] has both total and change. Keep one of them"),
    ("[budget]\nchange = '110%'", '[budget] change must be a change in percent above -100%, such as "+10%" or "-5%"'),
    ("[budget]\ntotal = 0", "[budget] total must be an amount per period above 0, such as 248000 (found 0). Write,"),
    ("[budget]\ntotal = -5", "above 0, such as 248000 (found -5). Write, for example, total = 248000."),
    ("[budget]\nchange = '-100%'", '(found \'-100%\'). Write, for example, change = "+10%".'),
    ("[budget]\nwithin = '30%'", "[budget] within must be \"seen\" (the range of spend seen), or a change"),
    ("[budget]\ncurrent = 'last'", '[budget] current must be "last year", "last 26" (periods), "all", or an amount'),
    ("[budget]\nhold = ['tvv']", "[budget] hold: there is no channel called 'tvv'. Did you mean 'tv'?"),
    ("[budget.bounds]\nserch = [1, 2]", "[budget.bounds] serch: there is no channel called 'serch'. Did you"),
    ("[budget.bounds]\ntv = [2, 1]", "[budget.bounds] tv: the least amount is above the most"),
    ("[budget.bounds]\ntv = [1]", "[budget.bounds] tv must be two amounts, such as [20000, 90000], or a change"),
    ("[budget.bounds]\ntv = '30%'", "[budget.bounds] tv must be two amounts, such as [20000, 90000], or a change"),
    ("[budget]\nhold = ['tv']\n[budget.bounds]\ntv = [1, 2]", "[budget.bounds] tv: 'tv' is also in [budget] hold"),
    ("[budget.current]\ntv = -1", '[budget] current must be "last year"'),
    ("[report]\nfile = 'a.docx'", '[report] file must be the name of a PDF file, such as "reports/northwind.pdf"'),
    ("[report]\naccent = 'blue'", '[report] accent must be a colour, such as "#0b5cab" (found "blue")'),
    ("[report]\ndate = '2026-02-30'", "[report] date is no day of the calendar (found '2026-02-30')"),
    ("[report.labels]\ntvv = 'TV'", "[report.labels] tvv: there is no column called 'tvv'. Did you mean 'tv'?"),
    ("[report.labels]\ntv = 'search'", "[report.labels] tv: another column is called 'search', too"),
    ("[report.labels]\ntv = 5", "[report.labels] tv must be the name to show, such as \"Out of home\" (found 5)"),
    ("[report]\naccent = '#ffff00'", "[report] accent '#ffff00' has contrast"),
]  # fmt: skip


@pytest.mark.parametrize(("added", "message"), ADDED)
def test_wrong_additions(read: Read, added: str, message: str) -> None:
    check_message(read, SMALL + added.replace("'", '"') + "\n", None, message)


def check_message(read: Read, text: str, line: int | None, message: str) -> None:
    with pytest.raises(InputError) as caught:
        read(text)
    told = [problem for problem in caught.value.problems if message in str(problem)]
    assert told, f"{message!r} is not in:\n{caught.value}"
    assert all(problem.source == "job.toml" and problem.row is not None for problem in told)
    assert all(problem.remedy for problem in caught.value.problems), "every problem says what to do"
    if line is not None:
        assert told[0].row == line


def test_every_problem_is_told_at_once(read: Read) -> None:
    with pytest.raises(InputError) as caught:
        read('clent = "A"\n[data]\nfile = 3\ndate = "w"\nchannels = []\n[fit]\ncurv = "hill"\n')
    told = str(caught.value)
    for part in (
        "'clent'",
        "client is missing",
        "[data] file",
        "response is missing",
        "[data] channels",
        "'curv'",
    ):
        assert part in told


@pytest.mark.parametrize(
    ("text", "line", "remedy"),
    [
        ("client = Northwind\n", 1, "Put text in quotes"),
        ('a = 1\nclient = "C:\\data"\n', 2, "Write the folders of a path with / instead of \\"),
        ('client = "A"\nclient = "B"\n', 2, "Write each key and each section once"),
        ('client = "A"\n[data\n', 2, "Put text in quotes"),
    ],
)
def test_broken_toml_names_its_line(read: Read, text: str, line: int, remedy: str) -> None:
    with pytest.raises(InputError) as caught:
        read(text)
    (problem,) = caught.value.problems
    assert problem.row == line
    assert remedy in problem.remedy
    assert "the file is not TOML" in problem.what


def test_missing_file_names_its_neighbour(read: Read, tmp_path: Path) -> None:
    read(SMALL)
    with pytest.raises(InputError, match=r"there is no such job file.*Did you mean 'job\.toml'"):
        read_job(tmp_path / "jbo.toml")
    with pytest.raises(InputError, match="a folder, not a job file"):
        read_job(tmp_path)
    (tmp_path / "latin.toml").write_bytes('client = "A"\n# Größe'.encode("latin-1"))
    with pytest.raises(InputError, match=r"latin\.toml, row 2: the job file is not UTF-8"):
        read_job(tmp_path / "latin.toml")


def test_schema_is_a_schema_and_agrees_with_what_it_describes() -> None:
    from mixcurve.response.design.description import TRENDS
    from mixcurve.response.fit.mix.fit import fit_mix

    schema = job_schema()
    Draft202012Validator.check_schema(schema)
    fitted = inspect.signature(fit_mix).parameters
    for key, value in defaults("fit").items():
        assert fitted[key].default == value, key
    assert schema["properties"]["fit"]["properties"]["trend"]["enum"] == list(TRENDS)
    assert schema["properties"]["data"]["properties"]["every"]["enum"] == list(Every.__args__)


def test_every_key_says_what_is_expected() -> None:
    for section in SECTIONS:
        for key, entry in job_schema()["properties"][section]["properties"].items():
            assert entry["description"].endswith("."), label([section, key])
            assert entry["expected"], label([section, key])
            assert "default" in entry or "examples" in entry, label([section, key])


def test_template_names_every_key_and_its_examples_are_right(read: Read) -> None:
    text = job_text({}, {}, "job.toml")
    bare = "\n".join(
        line.removeprefix("# ") if " = " in line or line.startswith("# [") else line
        for line in text.split("\n")
    )
    everything = "\n".join(line for line in bare.split("\n") if " = " in line or line.startswith("["))
    everything = everything.replace("'# key ='", "")
    document = tomllib.loads(
        "\n".join(line for line in everything.split("\n") if not line.startswith("A line"))
    )
    for section in SECTIONS:
        assert set(document[section]) == set(job_schema()["properties"][section]["properties"])
    assert not list(Draft202012Validator(job_schema()).iter_errors(document))


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('holidays = "ZZ"', "[fit] holidays must be a country code such as 'GB' or 'DE-BY', got 'ZZ'"),
        ('holidays = "DE-XX"', "[fit] holidays has no part 'XX' of 'DE'"),
        ('trend = "wavy"', "[fit] trend must be"),
        ('noise = "poison"', "[fit] noise must be"),
    ],
)
def test_what_the_model_cannot_be_is_said_with_its_line(read: Read, line: str, message: str) -> None:
    with pytest.raises(InputError) as raised:
        read(SMALL + f"[fit]\n{line}\n")
    assert message in str(raised.value)


def test_the_model_of_a_job_is_read(read: Read) -> None:
    job = read(SMALL + '[fit]\nholidays = "DE-BY"\ntrend = "local level"\nerrors = "autocorrelated"\n')
    assert (job.fit["holidays"], job.fit["trend"], job.fit["noise"]) == ("DE-BY", "local level", "gaussian")
