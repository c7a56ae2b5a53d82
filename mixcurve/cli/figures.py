"""Numbers on the terminal: written out, the way the job's locale writes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mixcurve.foundations.numbers import MINUS, Numbers

if TYPE_CHECKING:
    from mixcurve.cli.job import Job

__all__ = ["amount", "cash", "counted_in", "moved", "numbers_of"]

_MANY_DIGITS = 1000.0


def numbers_of(job: Job, currency: str | None) -> Numbers:
    """Return how the job's report writes numbers, so that the terminal writes them likewise."""
    return Numbers(job.report["locale"] or job.data["locale"], currency, float(job.data["money_unit"]))


def amount(value: float, numbers: Numbers) -> str:
    """Return a number with thousands marked and no more digits than say something.

    Examples
    --------
    >>> amount(12345.6, Numbers()), amount(12.3456, Numbers("de-DE")), amount(-5000.0, Numbers("de-DE"))
    ('12,346', '12,35', '−5.000')
    """
    many = abs(value) >= _MANY_DIGITS
    body = numbers.written(abs(value)) if many else f"{abs(value):.4g}".replace(".", numbers.style.decimal)
    return f"{MINUS if value < 0 else ''}{body}"


def cash(value: float, numbers: Numbers) -> str:
    """Return an amount in the unit of the table as money.

    Examples
    --------
    >>> cash(86.278, Numbers("en-GB", "GBP", 1000.0))
    '£86,278'
    """
    whole = value * numbers.money_unit
    return f"{MINUS if whole < 0 else ''}{numbers.with_currency(amount(abs(whole), numbers))}"


def moved(before: float, after: float, numbers: Numbers) -> str:
    """Return a change as an amount and, where there was something before, in percent.

    Examples
    --------
    >>> moved(1000.0, 1250.0, Numbers()), moved(0.0, 5.0, Numbers()), moved(80.0, 60.0, Numbers())
    ('+250 (+25%)', '+5', '−20 (−25%)')
    """
    change = after - before
    sign = "+" if change > 0 else MINUS
    share = f" ({sign}{numbers.share(abs(change) / before)})" if before > 0 else ""
    return f"{sign}{amount(abs(change), numbers)}{share}"


def counted_in(numbers: Numbers) -> str:
    """Return what the amounts of a table are counted in.

    Examples
    --------
    >>> counted_in(Numbers("en-GB", "USD", 1000.0)), counted_in(Numbers())
    ('1,000 USD', 'money')
    """
    unit = "" if numbers.money_unit == 1.0 else f"{amount(numbers.money_unit, numbers)} "
    return f"{unit}{numbers.currency or 'money'}"
