"""Each thing that can be wrong with a table, and the whole message that says so."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from mixcurve.foundations.errors import InputError, Problem

NOTHING = "nothing is filled in"


def test_the_clean_table_has_no_problem(clean, csv, read):
    assert read(csv(clean)).problems == ()


def test_missing_column(clean, csv, message):
    assert message(csv(clean), channels=["tv", "serch"]) == (
        "media.csv, column 'serch': there is no such column, wanted as a channel. "
        "Did you mean 'search'? Columns present: week, orders, tv, search, price."
    )


@pytest.mark.parametrize(
    ("column", "value", "expected"),
    [
        ("tv", -5, "spend is negative (found '-5'). Book a refund in the period of the spend it refunds."),
        ("tv", None, f"the value is missing (found an empty cell). Write 0 if nothing was spent; {NOTHING}."),
        ("tv", "n/a", f"the value is missing (found 'n/a'). Write 0 if nothing was spent; {NOTHING}."),
        ("orders", None, f"the value is missing (found an empty cell). Give the value; {NOTHING}."),
        ("price", None, f"the value is missing (found an empty cell). Give the value; {NOTHING}."),
        ("week", None, "the date is missing (found an empty cell). Give the date of the row."),
        ("tv", "lots", "the value is not a number (found 'lots'). Write a number such as 1,200.50."),
        ("tv", "12 MIO", "the value is not a number (found '12 MIO'). Write a number such as 1,200.50."),
        ("tv", "45%", "the value is not a number (found '45%'). Write a number such as 1,200.50."),
        ("tv", "true", "the value is not a number (found 'true'). Write a number such as 1,200.50."),
        ("orders", "inf", "the value is infinite (found 'inf'). Give a finite number."),
        ("orders", "1e999", "the value is infinite (found '1e999'). Give a finite number."),
        (
            "tv",
            "1.200,50 €",
            (
                "the number is not written the en-GB way (found '1.200,50 €'). "
                "Read the file with locale 'de-DE', or write numbers like 1,200.50."
            ),
        ),
        (
            "tv",
            "1\u202f200,50",
            (
                "the number is not written the en-GB way (found '1\\u202f200,50'). "
                "Read the file with locale 'fr-FR', or write numbers like 1,200.50."
            ),
        ),
        (
            "week",
            "soon",
            "the date cannot be read (found 'soon'). Write dates like 31/01/2024 or 2024-01-31.",
        ),
        (
            "week",
            "30/02/2024",
            "the date cannot be read (found '30/02/2024'). Write dates like 31/01/2024 or 2024-01-31.",
        ),
        (
            "week",
            "01/29/2024",
            (
                "the date is not written the en-GB way (found '01/29/2024'). "
                "Read the file with locale 'en-US', or write dates like 31/01/2024 or 2024-01-31."
            ),
        ),
        (
            "week",
            "29/01/24",
            "the year has two digits (found '29/01/24'). Write dates like 31/01/2024 or 2024-01-31.",
        ),
        (
            "week",
            "2024-01-29 14:30",
            "the date has a time of day (found '2024-01-29 14:30'). Add the hours of a day up and give dates only.",
        ),
        (
            "week",
            "45320",
            "the cell holds Excel's number of a day (found '45320'). Format the column as dates in Excel.",
        ),
        (
            "week",
            "0024-01-29",
            "the year is not in 1500 to 2500 (found '0024-01-29'). Check the date of the row.",
        ),
    ],
)
def test_one_bad_cell(clean, csv, message, column, value, expected):
    clean.loc[4, column] = value
    lines = message(csv(clean)).splitlines()
    line = next(line for line in lines if "row 6" in line)
    assert line.removeprefix("- ") == f"media.csv, row 6, column '{column}': {expected}"


def test_every_problem_is_told_at_once(clean, csv, message):
    clean.loc[1, "tv"] = "lots"
    clean.loc[2, "search"] = -3
    clean.loc[3, "orders"] = None
    clean.loc[5, "week"] = clean.loc[4, "week"]
    text = message(csv(clean), controls=["prize"])
    assert text == (
        "6 problems in the input:\n"
        "- media.csv, column 'prize': there is no such column, wanted as a control. "
        "Did you mean 'price'? Columns present: week, orders, tv, search, price.\n"
        "- media.csv, row 5, column 'orders': the value is missing (found an empty cell). "
        "Give the value; nothing is filled in.\n"
        "- media.csv, row 3, column 'tv': the value is not a number (found 'lots'). Write a number such as 1,200.50.\n"
        "- media.csv, row 7, column 'week': the date was there already, in row 6 (found '2024-01-29'). "
        "Keep one row per date, or add them up; if they are regions or brands, name their column: group='region'.\n"
        "- media.csv, row 8, column 'week': 1 week missing before this row: 2024-02-05 (found '2024-02-12'). "
        "Add the missing rows, with spend 0 where nothing was spent; nothing is filled in.\n"
        "- media.csv, row 4, column 'search': spend is negative (found '-3'). "
        "Book a refund in the period of the spend it refunds."
    )


def test_many_problems_of_a_kind_are_listed_whole_and_printed_short(csv, read):
    rows = 510
    frame = pd.DataFrame(
        {
            "week": pd.date_range("2010-01-04", periods=rows, freq="7D").strftime("%Y-%m-%d"),
            "orders": np.arange(rows),
            "tv": [1.5, 2.5, *[None] * 500, *range(8)],
        }
    )
    with pytest.raises(InputError) as caught:
        read(csv(frame), channels=["tv"], controls=[])
    assert [problem.row for problem in caught.value.problems] == list(range(4, 504))
    one = (
        f"column 'tv': the value is missing (found an empty cell). Write 0 if nothing was spent; {NOTHING}.\n"
    )
    assert str(caught.value) == (
        "500 problems in the input:\n"
        f"- media.csv, row 4, {one}- media.csv, row 5, {one}- media.csv, row 6, {one}"
        "- and 497 more rows with the same problem: 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, …"
    )


def test_four_problems_of_a_kind_are_printed_whole():
    text = str(InputError([Problem("bad", row=i, column="a", code="x") for i in range(4)]))
    assert text.count("bad") == 4 and "more rows" not in text


def test_gap_says_which_dates_are_missing(clean, csv, message):
    assert message(csv(clean.drop([3, 4]))) == (
        "media.csv, row 5, column 'week': 2 weeks missing before this row: 2024-01-22, 2024-01-29 "
        "(found '2024-02-05'). "
        "Add the missing rows, with spend 0 where nothing was spent; nothing is filled in."
    )


def test_long_gap_is_named_by_its_ends(clean, csv, message):
    frame = pd.concat(
        [clean, clean.assign(week=pd.to_datetime(clean["week"]).add(pd.Timedelta(weeks=30)).astype(str))]
    )
    assert "18 weeks missing before this row: 2024-03-25 to 2024-07-22 (found" in message(csv(frame))


def test_unsorted_rows_are_sorted_and_said(clean, csv, read):
    table = read(csv(clean.iloc[[0, 2, 1, *range(3, 12)]]))
    assert [str(problem) for problem in table.problems] == [
        (
            "media.csv, row 4, column 'week': 1 row is dated before the row above; the rows were sorted by date "
            "(found '2024-01-08'). Nothing to do, unless the order was meant."
        )
    ]
    assert table.problems[0].severity == "note"
    assert (np.diff(table.dates.astype(int)) == 7).all()
    np.testing.assert_array_equal(table.spend, read(csv(clean)).spend)


def test_duplicate_date_is_an_error_only_within_a_group(clean, csv, read, message):
    both = pd.concat([clean.assign(region="north"), clean.assign(region="south")])
    assert read(csv(both), group="region").n_rows == 24
    assert message(csv(both), controls=[]).count("the date was there already") == 3
    twice = pd.concat([both, both.iloc[[12]]])
    assert message(csv(twice), group="region") == (
        "media.csv, row 26, column 'week': the date was there already in group 'south', in row 14 "
        "(found '2024-01-01'). "
        "Keep one row per date, or add them up; if they are regions or brands, name their column: group='region'."
    )


def test_all_zero_channel_is_an_error(clean, csv, message):
    assert message(csv(clean.assign(tv=0))) == (
        "media.csv, column 'tv': channel 'tv' has no spend on any row. Leave 'tv' out of channels."
    )


def test_constant_channel_is_a_warning(clean, csv, read):
    (problem,) = read(csv(clean.assign(tv=50))).problems
    assert problem.severity == "warning"
    assert str(problem) == (
        "media.csv, column 'tv': channel 'tv' spends 50 on every row, so its effect cannot be told from the baseline. "
        "Leave it out, or bring evidence from an experiment."
    )


def test_constant_response_is_an_error(clean, csv, message):
    assert message(csv(clean.assign(orders=7))) == (
        "media.csv, column 'orders': the response is 7 on every row, so there is nothing to explain. "
        "Check that this is the right column."
    )


def test_constant_control_is_a_warning(clean, csv, read):
    (problem,) = read(csv(clean.assign(price=9))).problems
    assert (problem.severity, str(problem)) == (
        "warning",
        "media.csv, column 'price': the control is 9 on every row, so nothing can be learnt from it. Leave it out.",
    )


def test_too_few_rows_for_the_simplest_model_is_an_error(clean, csv, message):
    assert message(csv(clean.head(6))) == (
        "media.csv: 6 rows for the 6 parameters of the simplest model. "
        "Give more than 9 rows, or model fewer channels and controls."
    )


def test_few_rows_for_a_usual_model_is_a_warning(clean, csv, read):
    (problem,) = read(csv(clean.head(9))).problems
    assert (problem.severity, str(problem)) == (
        "warning",
        (
            "media.csv: 9 rows for the 9 parameters of a usual model. "
            "Give more than 9 rows, or model fewer channels and controls."
        ),
    )
    assert read(csv(clean.head(10))).problems == ()


def test_parameters_given(clean, csv, message, read):
    assert read(csv(clean), parameters=11).problems == ()
    assert message(csv(clean), parameters=12) == (
        "media.csv: 12 rows for the 12 parameters of the model. "
        "Give more than 12 rows, or model fewer channels and controls."
    )


@pytest.mark.parametrize("noise", [1, 14])
def test_channels_that_move_together_are_a_warning(clean, csv, read, noise):
    twin = clean.assign(
        search=[2 * tv + noise * shift for tv, shift in zip(clean["tv"], [0, 4, 3, 0, 0, 3] * 2)]
    )
    (problem,) = read(csv(twin)).problems
    expected = np.corrcoef(twin["tv"].astype(float), twin["search"].astype(float))[0, 1]
    assert (0.98 < expected < 0.99) if noise == 14 else expected > 0.999
    assert (problem.severity, str(problem)) == (
        "warning",
        (
            f"media.csv: spend on 'tv' and 'search' has a correlation of {expected:.3f}, "
            "so their effects cannot be told apart. Join them into one channel, or bring evidence from an experiment."
        ),
    )


def test_channels_below_the_limit_are_no_warning(clean, csv, read):
    noise = np.array([22, 25, -20, -18, 31, -14, 5, 17, -25, 12, 24, -30])
    near = clean.assign(search=clean["tv"].astype(float) + noise + 30)
    correlation = np.corrcoef(near["tv"].astype(float), near["search"].astype(float))[0, 1]
    assert 0.9 < correlation < 0.98
    assert read(csv(near)).problems == ()


def test_wrong_encoding_names_the_byte_and_the_encoding_that_fits(clean, csv, message, read):
    clean["tv"] = [f"£{tv}" for tv in clean["tv"]]
    path = csv(clean, encoding="cp1252")
    offset = path.read_bytes().index(b"\xa3")
    assert message(path) == (
        f"media.csv: the text is not utf-8: byte {offset} on line 2 does not fit (found 0xA3). "
        'Read it with encoding="cp1252", or save the file as UTF-8.'
    )
    assert read(path, encoding="cp1252").currency == "GBP"


def test_utf16_is_named(clean, csv, message, read):
    path = csv(clean, encoding="utf-16")
    assert 'Read it with encoding="utf-16"' in message(path)
    assert read(path, encoding="utf-16").problems == ()


@pytest.mark.parametrize("content", [b"", b" \n\n", b"\xef\xbb\xbf", b",,,\n,,\n"])
def test_empty_file(tmp_path, message, content):
    path = tmp_path / "media.csv"
    path.write_bytes(content)
    assert message(path) == "media.csv: the file is empty. Give a file with a header and one row per period."


def test_header_without_rows(clean, csv, message):
    assert message(csv(clean.head(0))) == (
        "media.csv: there are no rows below the header. Give a header and one row per period."
    )


def test_file_not_found_names_a_file_like_it(clean, csv, message):
    path = csv(clean)
    assert message(path.with_name("mediaa.csv")) == (
        f"mediaa.csv: there is no such file. Did you mean 'media.csv'? Looked in the folder '{path.parent}'."
    )


def test_a_folder_is_not_a_file(tmp_path, message):
    (tmp_path / "folder.csv").mkdir()
    assert message(tmp_path / "folder.csv") == (
        "folder.csv: the file cannot be opened (found Is a directory). Check the path and who may read it."
    )


def test_unknown_file_type(tmp_path, message):
    assert message(tmp_path / "media.xslx") == (
        "media.xslx: there is no way to read a file of type '.xslx'. Did you mean '.xlsx'? "
        "Give one of .csv, .tsv, .txt, .parquet, .pq, .xlsx, .xlsm, or a pandas or polars frame."
    )


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (
            {"locale": "en-UK"},
            "locale must be one of en-GB, en-US, de-DE, fr-FR (found 'en-UK'). Write locale='en-US'.",
        ),
        (
            {"every": "weak"},
            "every must be one of auto, day, week, month, year (found 'weak'). Write every='week'.",
        ),
        ({"layout": "wid"}, "layout must be one of wide, long (found 'wid'). Write layout='wide'."),
        (
            {"encoding": "utf-9"},
            "encoding must be a text encoding Python knows (found 'utf-9'). Write 'utf-8', 'cp1252' or 'utf-16'.",
        ),
        (
            {"channel": "medium"},
            (
                "channel is only for layout='long' (found 'medium'). "
                "Leave it out, or write layout='long' if each row is one channel."
            ),
        ),
        (
            {"layout": "long", "channel": "medium"},
            "spend must name a column when layout='long' (found None). Write spend='…'.",
        ),
        ({"channels": []}, "channels must name at least one channel (found ()). Write channels=['…']."),
        (
            {"channels": ["tv", 3]},
            "channels must be a list of names (found ('tv', 3)). Write channels=['…'].",
        ),
        ({"channels": ["tv", "tv"]}, "channels names 'tv' 2 times. Name each once."),
        (
            {"controls": ["price", "tv"]},
            "'tv' is named as a channel and as a control. Give each column one part only.",
        ),
        (
            {"response": "tv"},
            "'tv' is named as a channel and as the response. Give each column one part only.",
        ),
        (
            {"currency": "pounds"},
            "currency must be an ISO 4217 code of three capitals (found 'pounds'). Write, for example, currency='GBP'.",
        ),
        (
            {"parameters": 0},
            (
                "parameters must be a whole number above 0 (found 0). "
                "Give the number of parameters of the model, or leave it out."
            ),
        ),
        ({"sheet": "Weekly"}, "sheet is only for Excel files (found 'Weekly'). Leave it out."),
    ],
)
def test_wrong_argument(clean, csv, message, change, expected):
    assert message(csv(clean), **change) == expected


def test_a_source_of_the_wrong_kind(message):
    assert (
        message(42)
        == "source must be a path or a pandas or polars frame (found a int). Give a path or a frame."
    )


def test_problems_of_arguments_and_file_are_told_together(clean, csv, message):
    clean.loc[2, "tv"] = -1
    text = message(csv(clean), controls=["price", "price"])
    assert "controls names 'price' 2 times" in text and "row 4, column 'tv': spend is negative" in text


def test_two_columns_of_one_name(tmp_path, clean, csv, message):
    path = csv(clean)
    path.write_text(path.read_text().replace("search,price", "tv,price", 1))
    assert message(path, channels=["tv"], controls=[]) == (
        "media.csv, column 'tv': 2 columns have this name (found columns 3, 4). Give each column a name of its own."
    )


def test_ragged_row(clean, csv, message):
    path = csv(clean)
    lines = path.read_text().splitlines()
    lines[3] += ",5"
    path.write_text("\n".join(lines))
    assert message(path).splitlines()[1] == (
        "- media.csv, row 4: the row has 6 cells where the header has 5 (found '2024-01-15 | 567 | 80 | 9 | 9.9 | 5'). "
        "Put quotes around cells that hold the delimiter, and give every row the same number of cells."
    )


def test_mixed_spacing_names_the_row(clean, csv, message):
    clean.loc[5, "week"] = "2024-02-07"
    assert message(csv(clean)) == (
        "media.csv, row 7, column 'week': the date does not stand a whole number of weeks from the others, "
        "as 2024-02-05 would (found '2024-02-07'). Correct the date, or give exactly one row per week."
    )


def test_spacing_of_no_known_length(clean, csv, message):
    clean["week"] = pd.date_range("2024-01-01", periods=12, freq="14D").strftime("%Y-%m-%d")
    assert message(csv(clean)) == (
        "media.csv, column 'week': most dates are 14 days apart, which is no day, week, calendar month or year. "
        "Give one row per day, week, calendar month or year."
    )


def test_spacing_other_than_asked_for(clean, csv, message):
    assert message(csv(clean), every="day") == (
        "media.csv, column 'week': most dates are a week apart, but every='day'. "
        "Leave every out, or give one row per day."
    )


def test_years_among_days(clean, csv, message):
    clean.loc[3, "week"] = "2024"
    assert (
        "media.csv, row 5, column 'week': this row has only a year where others have a day (found '2024'). "
        "Write every date the same way." in message(csv(clean))
    )


def test_another_currency(clean, csv, message):
    clean["tv"] = [f"£{tv}" for tv in clean["tv"]]
    clean.loc[2, "tv"] = "€80"
    assert message(csv(clean)) == (
        "media.csv, row 4, column 'tv': the amount is not in GBP (found '€80'). "
        "Convert it, so that all amounts are in one currency."
    )
    assert message(csv(clean), currency="EUR").count("the amount is not in EUR") == 3


def test_dollars_are_not_guessed(clean, csv, read):
    clean["tv"] = [f"${tv}" for tv in clean["tv"]]
    table = read(csv(clean))
    assert table.currency is None
    assert str(table.problems[0]) == (
        "media.csv: the mark beside the amounts may mean USD, AUD, CAD, HKD, MXN, NZD, SGD, TWD. "
        "Say which with currency='USD'."
    )
    assert read(csv(clean), currency="AUD").currency == "AUD"


def test_points_that_may_be_thousands_are_a_warning(clean, csv, read):
    clean["tv"] = [
        "1.200",
        "950",
        "3.450",
        "0",
        "2.125",
        "1.750",
        "900",
        "2.500",
        "1.100",
        "1.010",
        "800",
        "2.222",
    ]
    (problem,) = read(csv(clean)).problems
    assert (problem.severity, str(problem)) == (
        "warning",
        (
            "media.csv, column 'tv': every '.' has three digits after it; it was read as a decimal mark, "
            "the en-GB way. "
            "If it separates thousands, read the file with locale 'de-DE'."
        ),
    )
    assert read(csv(clean)).spend_of("tv")[0] == 1.2
    assert read(csv(clean.drop(columns="price")), locale="de-DE", controls=[]).spend_of("tv")[0] == 1200


def test_months_that_may_be_days(clean, csv, read, message):
    months = pd.date_range("2024-01-01", periods=12, freq="MS")
    clean["week"] = months.strftime("%m/%d/%Y")
    (problem,) = read(csv(clean)).problems
    assert (problem.severity, str(problem)) == (
        "warning",
        (
            "media.csv, column 'week': the dates were read the en-GB way, one a day; the en-US way they are "
            "one a month. "
            "If the latter is meant, read the file with locale 'en-US'."
        ),
    )
    assert read(csv(clean), locale="en-US").every == "month"
    two_years = pd.concat([clean, clean.assign(week=(months + pd.DateOffset(years=1)).strftime("%m/%d/%Y"))])
    assert message(csv(two_years)).splitlines()[-1] == (
        "- media.csv, column 'week': the dates are irregular the en-GB way, and exactly one a month the en-US way. "
        "Read the file with locale 'en-US'."
    )


def test_groups_that_cover_different_weeks_are_a_warning(clean, csv, read):
    both = pd.concat([clean.assign(region="north"), clean.assign(region="south").iloc[2:]])
    (problem,) = read(csv(both), group="region").problems
    assert (problem.severity, str(problem)) == (
        "warning",
        (
            "media.csv, column 'region': group 'south' covers 2024-01-15 to 2024-03-18, "
            "the table 2024-01-01 to 2024-03-18. Check that no rows of the group are lost."
        ),
    )
