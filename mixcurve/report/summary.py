"""A report in a terminal: the same sentences and the same figures as the PDF, as plain text."""

from __future__ import annotations

import textwrap

from mixcurve.report.payload import ReportPayload

__all__ = ["terminal_summary"]

WIDTH = 88
NAME_WIDTH = 28


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
    lines += [*textwrap.wrap(payload.decision.headline, width), ""]
    lines += [f"{card.label}: {card.text} ({card.note})" for card in payload.decision.cards] + [""]
    if payload.plan is not None:
        cells = [payload.plan.columns, *(row.cells for row in payload.plan.rows), payload.plan.total]
        lines += _columns([tuple(cell.split("\n")[0] for cell in row) for row in cells])
        lines += ["", *(line for said in payload.plan.certificate for line in textwrap.wrap(said, width))]
    else:
        rows = [(page.name, page.response.text, page.grade or "not graded") for page in payload.channels]
        lines += _columns([("Channel", f"Incremental {payload.document.response}", "Evidence"), *rows])
    lines += ["", f"{payload.decision.unknown_title}:"]
    for said in payload.decision.unknown:
        lines += textwrap.wrap(said, width, initial_indent="- ", subsequent_indent="  ")
    return "\n".join(line.replace("\u00a0", " ").rstrip() for line in lines)


def _columns(rows: list[tuple[str, ...]]) -> list[str]:
    """Return rows as aligned text: names and evidence to the left, figures to the right."""
    last = len(rows[0]) - 1
    cut = [(_shortened(row[0]), *row[1:]) for row in rows]
    widths = [max(len(row[i]) for row in cut) for i in range(last + 1)]
    return [
        "  ".join(
            cell.ljust(widths[i]) if i in (0, last) else cell.rjust(widths[i]) for i, cell in enumerate(row)
        )
        for row in cut
    ]  # fmt: skip


def _shortened(name: str) -> str:
    return name if len(name) <= NAME_WIDTH else f"{name[: NAME_WIDTH - 1]}…"
