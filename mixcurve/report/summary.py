"""A report in a terminal: the same sentences and the same figures as the PDF, as plain text."""

from __future__ import annotations

import textwrap

from mixcurve.report.payload import ReportPayload

__all__ = ["terminal_summary"]

WIDTH = 88
LEAST_NAME = 12
GAP = 2
WORTH = 6
"""The column that a terminal has no room for: what each change is worth."""


def terminal_summary(payload: ReportPayload, *, width: int = WIDTH) -> str:
    """Return the headline, the plan or the channels row by row with their evidence, and what is proven.

    Parameters
    ----------
    payload
        Of a spend report.
    width
        Characters per line; names of channels are cut to leave room.
    """
    lines = [payload.document.title, f"{payload.document.client} · {payload.document.period}", ""]
    lines += [*_wrapped(payload.decision.headline, width), ""]
    lines += [f"{card.label}: {card.text} ({card.note})" for card in payload.decision.cards] + [""]
    if payload.plan is not None:
        cells = [payload.plan.columns, *(row.cells for row in payload.plan.rows), payload.plan.total]
        shown = [(*row[:WORTH], *row[WORTH + 1 :]) for row in cells]
        lines += _columns([tuple(cell.split("\n")[0] for cell in row) for row in shown], width)
        lines += ["", *(line for said in payload.plan.certificate for line in _wrapped(said, width))]
    else:
        rows = [(page.name, page.response.text, page.grade or "not graded") for page in payload.channels]
        lines += _columns([("Channel", f"Incremental {payload.document.response}", "Evidence"), *rows], width)
    lines += ["", f"{payload.decision.unknown_title}:"]
    for said in payload.decision.unknown:
        lines += _wrapped(said, width, "- ")
    return "\n".join(line.replace("\u00a0", " ").rstrip() for line in lines)


def _wrapped(said: str, width: int, bullet: str = "") -> list[str]:
    indent = " " * len(bullet)
    return textwrap.wrap(said, width, initial_indent=bullet, subsequent_indent=indent, break_on_hyphens=False)


def _columns(rows: list[tuple[str, ...]], width: int) -> list[str]:
    """Return rows as aligned text: names, cut to the width, and evidence to the left, figures to the right."""
    last = len(rows[0]) - 1
    widths = [max(len(row[i]) for row in rows) for i in range(last + 1)]
    widths[0] = min(widths[0], max(LEAST_NAME, width - sum(widths[1:]) - GAP * last))
    lines = []
    for row in rows:
        name = row[0] if len(row[0]) <= widths[0] else f"{row[0][: widths[0] - 1]}…"
        figures = [cell.rjust(widths[i]) for i, cell in enumerate(row) if 0 < i < last]
        lines.append((" " * GAP).join([name.ljust(widths[0]), *figures, row[last]]))
    return lines
