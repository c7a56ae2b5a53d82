"""`spend_report`: from a table, a fit and a plan to the payload, and from there to the PDF."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from mixcurve.foundations.errors import InputError, ReportError
from mixcurve.foundations.numbers import Numbers, Units
from mixcurve.foundations.results import write_whole
from mixcurve.plots.changes import ChangesData, changes_data
from mixcurve.plots.data import CurveData, curve_data
from mixcurve.plots.history import HistoryData, history_data
from mixcurve.plots.marginals import MarginalsData, marginals_data
from mixcurve.report import wording
from mixcurve.report.facts import LEVEL, ChannelFacts, estimate
from mixcurve.report.gather import channel_facts, marginal_step, plan_facts, present_spend
from mixcurve.report.money_names import names_money
from mixcurve.report.pages.channels import channel_page
from mixcurve.report.pages.data import data_page, quality_card
from mixcurve.report.pages.decision import data_decision, plan_decision, refused_decision
from mixcurve.report.pages.plan import plan_page
from mixcurve.report.pages.reproduction import reproduction_page
from mixcurve.report.payload import Document, History, ReportPayload, Tag
from mixcurve.report.theme import GRADE_COLOURS, Theme
from mixcurve.response.fit.results import CurveFit, MixFit
from mixcurve.response.fitted import Fitted, response_draws

if TYPE_CHECKING:
    from mixcurve.budget.problem import Allocation
    from mixcurve.tables.table import SpendTable

__all__ = ["SpendReport", "spend_report"]

LEAST_RESPONSE = 1e-6
"""Share of the mean response below which a count is written as none."""
LEAST_MONEY = 1e-12
"""Share of the mean response below which an amount of money is written as none: the return of one unit is small."""
LEAST_SPEND = 1e-9
"""Share of the largest spend seen below which spend is written as none: what the search for a plan leaves."""


@dataclass(frozen=True, eq=False)
class SpendReport:
    """A report ready to be written: the payload, and the numbers behind its figures."""

    payload: ReportPayload
    theme: Theme
    units: Units
    step: float
    curves: tuple[CurveData, ...]
    changes: ChangesData | None
    marginals: MarginalsData | None
    history: HistoryData | None

    def to_dict(self) -> dict[str, Any]:
        """Return the payload as plain values."""
        return self.payload.to_dict()

    def figures(self) -> dict[str, bytes]:
        """Return the figures as SVG, by the file name that the templates use."""
        from mixcurve.report.figures import figures_of

        return figures_of(self)

    def pdf(self) -> bytes:
        """Return the report as PDF/A-2a and PDF/UA-1, the same bytes for the same input."""
        from mixcurve.report.pdf import check_payload, compile_pdf

        # Before anything is drawn: a figure would drop a character that the font lacks, and only warn.
        check_payload(self.payload)
        return compile_pdf(self.payload, self.figures())

    def write_pdf(self, path: str | Path) -> Path:
        """Write the PDF whole or not at all, and return its path; a failure leaves a previous file as it was."""
        return write_whole(path, self.pdf())


def spend_report(
    table: SpendTable,
    fit: Fitted,
    plan: Allocation | None = None,
    *,
    client: str,
    agency: str = "mixcurve",
    title: str | None = None,
    theme: Theme | None = None,
    locale: str = "en-GB",
    config: Mapping[str, Any] | None = None,
    command: str | None = None,
    seed: int | None = None,
    created: datetime.date | None = None,
    money_unit: float = 1.0,
    response_is_money: bool | None = None,
) -> SpendReport:
    """Return the client report on spend, response and the best budget.

    Parameters
    ----------
    table
        The data that the fit was made from.
    fit
        Any fit with one or more channels.
    plan
        The allocation to report; without one the first page says what the data show.
    client, agency, title
        Names as they are to be printed; any text is taken literally.
    theme
        Colours and footer.
    locale
        How numbers are written: ``"en-GB"``, ``"en-US"``, ``"de-DE"`` or ``"fr-FR"``. Sentences are English.
    config, command, seed
        What the reproducibility page lists; paths are cut to file names.
    created
        The date of the report, today if not given. Give it to have the same bytes on another day.
    money_unit
        How much currency one unit of the data is, such as 1000 for a table in thousands.
    response_is_money
        Whether the response is money. If not given it is when its name says revenue, sales, turnover, Umsatz and so on.

    Raises
    ------
    InputError
        If the table, the fit and the plan do not speak of the same channels.
    ReportError
        If the plan's proof does not hold.

    Examples
    --------
    >>> import numpy as np
    >>> from mixcurve import SpendTable, allocate, response_from
    >>> table = SpendTable(
    ...     dates=np.array(["2024-01-01", "2024-01-08"], dtype="datetime64[D]"),
    ...     spend=np.array([[30e3, 10e3], [20e3, 15e3]]),
    ...     response=np.array([700.0, 500.0]),
    ...     controls=np.empty((2, 0)),
    ...     channels=("tv", "radio"),
    ... )
    >>> curve = ("hill", {"top": 900, "half": 40_000, "slope": 2.2})
    >>> known = response_from({"tv": curve, "radio": curve}, current={"tv": 30e3, "radio": 10e3})
    >>> report = spend_report(table, known, allocate(known, 40_000), client="Acme")
    >>> report.payload.decision.kind, len(report.payload.channels)
    ('test', 2)
    """
    _check(table, fit, plan)
    if plan is not None and plan.status == "infeasible":
        refused, plan = plan, None
    else:
        refused = None
    chosen = theme or Theme()
    numbers = Numbers(locale, fit.currency or table.currency, money_unit)
    units = _units(table, fit, numbers, response_is_money)
    channels = channel_facts(fit, plan)
    step = marginal_step(channels, response_is_money=units.response_is_money, money_unit=money_unit)
    curves = tuple(curve_data(fit, name, plan=plan) for name in fit.channels)
    pages = tuple(
        channel_page(f, d, c.name, units, step) for f, d, c in zip(channels, curves, fit.curve, strict=True)
    )
    present = present_spend(table, fit, np.array([c.current for c in channels]))
    if plan is not None:
        found = plan_facts(fit, plan, verified=_verified(fit, plan), present=present)
        decision = plan_decision(channels, found, units, wording.drawn(fit, units), step)
        planned = plan_page(channels, found, units, step)
    else:
        quality = quality_card(table, fit, units)
        decision = data_decision(channels, _total(fit), units, step, quality, present=present)
        decision = refused_decision(decision, refused.message) if refused is not None else decision
        planned = None
    past = history_data(fit, table, plan=plan) if isinstance(fit, MixFit | CurveFit) else None
    payload = ReportPayload(
        document=_document(table, units, chosen, client, agency, title or _title(plan or refused), created),
        decision=decision,
        channels_title=wording.channels_title(channels),
        channels=pages,
        history=_history(past, channels, units) if past else None,
        plan=planned,
        data=data_page(table, fit, channels, units, has_plan=plan is not None),
        reproduction=reproduction_page(table, config=config, command=command, seed=seed, level=LEVEL),
    )
    changes = changes_data(plan) if plan is not None else None
    marginals = marginals_data(fit, plan) if plan is not None and plan.spend else None
    if marginals is not None and plan is not None and plan.objective != "response":
        marginals = replace(marginals, price=0.0)  # it counts what is maximised, the figure response
    return SpendReport(payload, chosen, units, step, curves, changes, marginals, past)


def _check(table: SpendTable, fit: Fitted, plan: Allocation | None) -> None:
    unknown = [c for c in fit.channels if c not in table.channels]
    if unknown and len(fit.channels) > 1:
        raise InputError(
            f"The fit has channels that the table lacks: {', '.join(unknown)}. Give the table it was fitted to."
        )
    if plan is not None and set(plan.channels) != set(fit.channels):
        raise InputError(
            "The plan and the fit have different channels. Give the plan that was made from this fit."
        )


def _verified(fit: Fitted, plan: Allocation) -> bool:
    """Return whether the plan came with a proof, which then holds; a proof that does not hold is never reported."""
    if plan.certificate is None:
        return False
    from mixcurve.budget.certificate import verify

    checked = verify(plan, fit)
    if not checked.ok:
        raise ReportError(
            f"The plan's proof does not hold: {'; '.join(checked.reasons)}. Allocate again from this fit."
        )
    return True


def _units(table: SpendTable, fit: Fitted, numbers: Numbers, said: bool | None) -> Units:
    is_money = names_money(fit.response_name) if said is None else said
    mean = float(np.abs(table.response).mean())
    return Units(
        numbers,
        fit.every,
        fit.response_name,
        is_money,
        (LEAST_MONEY if is_money else LEAST_RESPONSE) * mean,
        LEAST_SPEND * float(table.spend.max(initial=0.0)),
    )


def _history(past: HistoryData, channels: tuple[ChannelFacts, ...], units: Units) -> History:
    return History(
        title=wording.history_title(units),
        caption=wording.history_caption(units, all_shown=all(past.shown)),
        alt=wording.history_alt(channels, units),
        dates=tuple(np.datetime_as_string(past.dates, unit="D").tolist()),
        channels=past.channels,
        baseline=tuple(past.baseline.tolist()),
        contributions=tuple(tuple(row) for row in past.contributions.T.tolist()),
        observed=tuple(past.observed.tolist()),
        shown=past.shown,
    )


def _total(fit: Fitted) -> Any:
    current = np.asarray(fit.current)
    sample = response_draws(fit, current, fit.resamples).sum(axis=1) if len(fit.resamples) else np.empty(0)
    return estimate(float(response_draws(fit, current).mean(axis=0).sum()), sample)


def _title(plan: Allocation | None) -> str:
    return "Spend response and budget plan" if plan is not None else "Spend response"


def _document(
    table: SpendTable,
    units: Units,
    theme: Theme,
    client: str,
    agency: str,
    title: str,
    created: datetime.date | None,
) -> Document:
    language, _, region = units.numbers.locale.partition("-")
    period = f"{wording.period_of(table.dates, table.every)} · {wording.rows_of(table, units)}"
    tidy = {
        name: " ".join(text.split())
        for name, text in (("client", client), ("agency", agency), ("title", title))
    }
    return Document(
        **tidy,
        period=period,
        footer=theme.footer or f"{tidy['title']} · {period}",
        language="en",
        region=region if language == "en" else None,
        locale=units.numbers.locale,
        currency=units.numbers.currency,
        every=units.every,
        response=units.label,
        created=(created or datetime.date.today()).isoformat(),
        accent=theme.accent,
        current=theme.current,
        tags=tuple(Tag(grade, *colours) for grade, colours in GRADE_COLOURS.items()),
    )
