"""The PDF: its standards, its tags, its text, and that it is whole or not there at all."""

from __future__ import annotations

import dataclasses
import io
import re
import warnings
from pathlib import Path
from types import ModuleType
from typing import Any

import pikepdf
import pytest

from mixcurve.foundations.errors import ReportError
from mixcurve.report import pdf as pdf_module
from mixcurve.report.spend import SpendReport, spend_report


@pytest.fixture(scope="module")
def opened(pdf: bytes) -> Any:
    with pikepdf.open(io.BytesIO(pdf)) as document:
        yield document


def structure(node: Any) -> Any:
    """Yield every element of the structure tree."""
    if isinstance(node, pikepdf.Array):
        for child in node:
            yield from structure(child)
    elif isinstance(node, pikepdf.Dictionary):
        if "/S" in node:
            yield node
        if "/K" in node:
            yield from structure(node["/K"])


def test_states_both_standards(opened: Any) -> None:
    meta = opened.open_metadata()
    assert (meta["pdfaid:part"], meta["pdfaid:conformance"]) == ("2", "A")
    assert meta["pdfuaid:part"] == "1"


def test_language_title_date_and_marks(opened: Any, usual: dict[str, Any]) -> None:
    root = opened.Root
    assert str(root.Lang) == "en-GB"
    assert bool(root.MarkInfo.Marked)
    assert bool(root.ViewerPreferences.DisplayDocTitle)
    meta = opened.open_metadata()
    assert usual["client"] in str(meta["dc:title"])
    assert "2026-01-15" in str(meta["xmp:CreateDate"])
    assert usual["agency"] in str(meta["dc:creator"])


def test_every_figure_has_alternative_text(opened: Any, report: SpendReport) -> None:
    figures = [
        str(n.Alt) for n in structure(opened.Root.StructTreeRoot.K) if str(n.S) == "/Figure" and "/Alt" in n
    ]
    bare = [n for n in structure(opened.Root.StructTreeRoot.K) if str(n.S) == "/Figure" and "/Alt" not in n]
    assert not bare
    expected = {report.payload.decision.figure_alt, *(c.alt for c in report.payload.channels)}
    expected |= {report.payload.history.alt, report.payload.plan.figure_alt}
    assert set(figures) == expected


def test_tables_have_header_cells(opened: Any) -> None:
    kinds = [str(n.S) for n in structure(opened.Root.StructTreeRoot.K)]
    assert kinds.count("/Table") == 2
    assert kinds.count("/TH") == 15
    assert {"/H1", "/H2", "/Caption", "/L", "/LI"} <= set(kinds)


def test_bookmarks_name_every_page_and_channel(opened: Any, report: SpendReport) -> None:
    with opened.open_outline() as outline:
        top = [item.title for item in outline.root]
        below = [child.title for item in outline.root for child in item.children]
    payload = report.payload
    assert top == [
        payload.decision.title,
        payload.channels_title,
        payload.plan.title,
        payload.data.title,
        payload.reproduction.title,
    ]
    assert {c.title for c in payload.channels} <= {title.replace("\u200b", "") for title in below}


def test_only_the_report_font_and_embedded(opened: Any) -> None:
    fonts = [
        o for o in opened.objects if isinstance(o, pikepdf.Dictionary) and o.get("/Type") == "/FontDescriptor"
    ]
    assert fonts
    for font in fonts:
        assert "SourceSansPro" in str(font.FontName)
        assert "/FontFile2" in font or "/FontFile3" in font


def test_same_bytes_for_the_same_input(usual: dict[str, Any], pdf: bytes) -> None:
    assert spend_report(**usual).pdf() == pdf


def test_hostile_names_appear_literally(pages: list[str], cases: ModuleType) -> None:
    assert f"Prepared for {cases.HOSTILE} ·" in pages[0]
    whole = " ".join(pages)
    for name in (cases.HOSTILE, cases.LONG, "Käse & Brötchen"):
        assert whole.count(name) > 4


def test_chart_text_can_be_selected(pages: list[str], report: SpendReport) -> None:
    whole = " ".join(pages)
    assert whole.count("Incremental orders a week") >= 5
    assert "no week seen" in whole
    page = report.payload.channels[0]
    assert page.planned is not None
    assert f"now {report.units.spend(page.current, 3)}" in whole
    assert f"plan {report.units.spend(page.planned, 3)}" in whole


def test_every_sentence_of_the_payload_is_printed(pages: list[str], report: SpendReport) -> None:
    payload = report.payload
    whole = "".join("".join(pages).split()).replace("-", "")
    said = [
        payload.decision.headline,
        *payload.decision.unknown,
        *payload.plan.certificate,
        *payload.data.caveats,
    ]
    said += [s for c in payload.channels for s in c.sentences]
    said += [f.text for f in (*payload.data.facts, *payload.reproduction.facts)]
    for sentence in said:
        assert "".join(sentence.split()).replace("-", "") in whole


def test_no_folder_of_a_machine_is_printed(pages: list[str]) -> None:
    assert "acme.toml" in pages[-1]
    assert "jobs" not in " ".join(pages)


def test_a_failing_compile_leaves_the_old_file(
    report: SpendReport, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "acme.pdf"
    target.write_bytes(b"the previous report")
    broken = {**pdf_module._templates(), "main.typ": b"#panic()"}
    monkeypatch.setattr(pdf_module, "_templates", lambda: broken)
    with pytest.raises(ReportError, match="The PDF could not be made: panicked"):
        report.write_pdf(target)
    assert target.read_bytes() == b"the previous report"
    assert [p.name for p in tmp_path.iterdir()] == ["acme.pdf"]


def test_a_figure_without_alternative_text_is_refused(report: SpendReport) -> None:
    pages = tuple(dataclasses.replace(c, alt="") for c in report.payload.channels)
    with pytest.raises(ReportError, match="alt"):
        pdf_module.compile_pdf(dataclasses.replace(report.payload, channels=pages), report.figures())


def test_a_missing_glyph_is_named_before_anything_is_written(usual: dict[str, Any], tmp_path: Path) -> None:
    made = spend_report(**{**usual, "client": "可口可乐"})
    with pytest.raises(ReportError, match=r"cannot write '可' .U.53EF, CJK .* in the client '可口可乐'"):
        made.write_pdf(tmp_path / "a.pdf")
    assert not list(tmp_path.iterdir())


def test_every_missing_glyph_is_named_with_its_source_and_no_warning_leaks(cases: ModuleType) -> None:
    table, fit = cases.table_and_fit(names=["电视", "Radio"], response_name="売上")
    made = spend_report(table, fit, client="可口可乐", agency="東京")
    with warnings.catch_warnings(record=True) as leaked, pytest.raises(ReportError) as caught:
        made.pdf()
    assert not leaked
    said = str(caught.value)
    for source in (
        "the column label '电视'",
        "the client '可口可乐'",
        "the agency '東京'",
        "the response's label '売上'",
    ):
        assert source in said
    assert "[report.labels]" in said
    assert "a week" not in said.replace("\u00a0", " "), "a sentence that quotes a name is not another problem"


def test_raw_names_that_cannot_be_printed_are_escaped_where_they_are_quoted(
    cases: ModuleType, read_pages: Any
) -> None:
    table, fit = cases.table_and_fit(2)
    config = {"data": {"channels": ["電視", "radio"]}, "report": {"labels": {"電視": "TV"}}}
    pages = read_pages(spend_report(table, fit, client="Acme", config=config).pdf())
    assert "\\u96fb\\u8996, radio" in pages[-1]
    assert "report.labels.\\u96fb\\u8996" in "".join(pages[-1].split("\n"))


def test_long_words_are_copied_without_hidden_characters(cases: ModuleType, read_pages: Any) -> None:
    long = "paid_social_prospecting_thirdparty_audiences_dach_" * 2
    table, fit = cases.table_and_fit(names=[long, "Radio"])
    config = {"report": {"labels": {long: "x"}}}
    made = spend_report(table, fit, cases.plan_for(fit), client="Acme", config=config).pdf()
    whole = "".join(read_pages(made))
    assert "\u200b" not in whole
    assert f"report.labels.{long}" in whole.replace(" ", "").replace("\u00ad", "")


def test_small_amounts_are_not_printed_as_nothing(cases: ModuleType, read_pages: Any) -> None:
    from mixcurve import allocate, response_from

    table, _ = cases.table_and_fit(2, currency=None)
    table = dataclasses.replace(table, spend=table.spend / table.spend.max(), currency=None)
    hill = {"top": 9e3, "half": 0.4, "slope": 1.5}
    known = response_from(
        dict.fromkeys(table.channels, ("hill", hill)),
        current={c: float(table.spend[:, i].mean()) for i, c in enumerate(table.channels)},
        response_name="y",
    )
    plan = allocate(known, float(known.current.sum()))
    made = spend_report(table, known, plan, client="Acme")
    assert made.step <= 0.05 * float(known.current.sum())
    price = made.payload.decision.cards[3]
    assert price.label == "Marginal cost per y"
    assert re.search("[1-9]", price.text)


def test_money_that_stays_unspent_is_on_the_first_page(cases: ModuleType, read_pages: Any) -> None:
    from mixcurve import allocate

    table, fit = cases.table_and_fit(3)
    now = dict(zip(fit.channels, fit.current.tolist(), strict=True))
    total = 10.0 * sum(now.values())
    bounds = {c: (0.0, 2.0 * x) for c, x in now.items()}
    plan = allocate(fit, total, bounds=bounds, beyond_seen=True)
    made = spend_report(table, fit, plan, client="Acme")
    pages = read_pages(made.pdf())
    assert "stays unspent: TV, Paid social and Search are at their upper bounds." in pages[0]
    assert "More budget brings nothing" in pages[0]
    assert made.payload.decision.cards[0].note.endswith("unspent")
    assert not any(card.text == "not known" for card in made.payload.decision.cards)
    assert "shadow price" not in " ".join(pages).lower()


def test_a_smaller_budget_says_what_is_kept(cases: ModuleType) -> None:
    from mixcurve import allocate

    table, fit = cases.table_and_fit(3)
    made = spend_report(table, fit, allocate(fit, 0.5 * float(fit.current.sum())), client="Acme")
    cards = {card.label.replace("\u00a0", " "): card for card in made.payload.decision.cards}
    assert cards["Orders kept"].note == "with 50% of present spend"
    assert 0.0 < cards["Orders kept"].value < 1.0
    assert cards["Change of orders a week"].value < 0.0


def test_one_channel_with_a_plan_has_no_split(cases: ModuleType, read_pages: Any) -> None:
    from mixcurve import allocate

    table, fit = cases.one_channel()
    pages = read_pages(spend_report(table, fit, allocate(fit, float(fit.current[0])), client="Acme").pdf())
    assert "Keep spend on advertising at" in pages[0]
    assert "split" not in " ".join(pages)
    assert "held" not in pages[0]
    assert "beats" in pages[0]
    assert "0% of" not in pages[0]


def test_a_missing_glyph_in_a_chart_is_found(cases: ModuleType, usual: dict[str, Any]) -> None:
    figures = {"curve-0.svg": '<svg xmlns="http://www.w3.org/2000/svg"><text>Kanal 電</text></svg>'.encode()}
    with pytest.raises(ReportError, match="'Kanal 電'"):
        pdf_module.compile_pdf(spend_report(**usual).payload, figures)


@pytest.mark.parametrize("count", [1, 2, 12])
def test_any_number_of_channels(cases: ModuleType, read_pages: Any, count: int) -> None:
    table, fit = cases.table_and_fit(count, response_name="revenue", size=900.0)
    plan = cases.plan_for(fit, better_share=0.6, factor=1.15)
    made = spend_report(table, fit, plan, client="Acme", locale="de-DE")
    pages = read_pages(made.pdf())
    assert pages[0].count("Test spending") == 1
    assert all(len(page.split()) > 60 for page in pages), "a page is nearly empty"


def test_one_yearly_channel_without_a_plan(cases: ModuleType, read_pages: Any) -> None:
    table, fit = cases.one_channel()
    made = spend_report(
        table, fit, client="Lydia", money_unit=1_000.0, response_is_money=True, locale="en-US"
    )
    pages = read_pages(made.pdf())
    assert "What the data show" in pages[0]
    assert "The data do not show where the curve bends." in pages[0]
    assert "inflection $" not in " ".join(pages)
    assert "54 years" in pages[0]


def test_a_budget_that_no_plan_meets(cases: ModuleType, read_pages: Any) -> None:
    table, fit = cases.table_and_fit(2)
    none: dict[str, float] = {}
    plan = dataclasses.replace(
        cases.plan_for(fit), status="infeasible", spend=none, response=none, marginal=none, binding={},
        message="the least spends add up to more than the budget.",
    )  # fmt: skip
    pages = read_pages(spend_report(table, fit, plan, client="Acme").pdf())
    assert (
        "No plan meets this budget and its bounds. The least spends add up to more than the budget."
        in pages[0]
    )
    assert "What is proven" not in " ".join(pages)


def test_curves_from_elsewhere_have_no_intervals_and_say_so(cases: ModuleType, read_pages: Any) -> None:
    from mixcurve import allocate, response_from

    table, _ = cases.table_and_fit(2)
    hill = {"top": 900.0, "half": 40_000.0, "slope": 2.2}
    known = response_from(
        dict.fromkeys(table.channels, ("hill", hill)), current=dict.fromkeys(table.channels, 3e4)
    )
    pages = read_pages(spend_report(table, known, allocate(known, 6e4), client="Acme").pdf())
    assert "no interval could be computed" in pages[0]
    assert "(no interval computed)" in pages[0]
    assert "An independent check" in " ".join(pages)


def test_pinkham_does_not_show_a_bend(shared_data: Path, read_pages: Any) -> None:
    from mixcurve import fit_mix, read_spend

    path = shared_data / "lydia_pinkham" / "lydia_pinkham_annual.csv"
    table = read_spend(
        path, date="year", response="sales_kusd", channels=["advertising_kusd"], every="year", currency="USD"
    )
    fit = fit_mix(table, starts=8, resamples=30, seed=1)
    made = spend_report(
        table, fit, client="Lydia Pinkham", money_unit=1_000.0, response_is_money=True, locale="en-US"
    )
    pages = read_pages(made.pdf())
    assert "The data do not show where the curve bends." in pages[0]
    assert "54 years" in pages[0]
    assert made.payload.channels[0].bend is None
    assert "inflection $" not in " ".join(pages)
    assert "$" in made.payload.channels[0].response.text


def test_robyn_revenue_in_millions(shared_data: Path, read_pages: Any) -> None:
    from mixcurve import allocate, fit_mix, read_spend

    path = shared_data / "robyn" / "dt_simulated_weekly.csv"
    channels = ["tv_S", "ooh_S", "print_S", "facebook_S", "search_S"]
    table = read_spend(path, date="DATE", response="revenue", channels=channels, currency="EUR")
    fit = fit_mix(table, starts=4, resamples=10, season=1, seed=1)
    plan = allocate(fit, float(fit.current.sum()))
    pages = read_pages(spend_report(table, fit, plan, client="Robyn").pdf())
    assert "of revenue a week (90% interval" in pages[0]
    assert "€1.82m a week on average" in " ".join(pages)
    assert not re.search(r"\de[-+]?\d", " ".join(pages).split("SHA-256")[0])
