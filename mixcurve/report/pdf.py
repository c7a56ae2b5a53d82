"""Payload and figures in, PDF out: static Typst templates, and everything else as data."""

from __future__ import annotations

import datetime
import shutil
import tempfile
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any, Literal

from mixcurve.foundations.errors import ReportError
from mixcurve.plots.style import FONT, FONT_FILES
from mixcurve.report.glyphs import check_glyphs, report_font_files, strings_of, texts_of_svg
from mixcurve.report.payload import ReportPayload

__all__ = ["STANDARDS", "check_payload", "compile_pdf"]

STANDARDS: tuple[Literal["a-2a"], Literal["ua-1"]] = ("a-2a", "ua-1")
"""PDF/A-2a and PDF/UA-1: a missing alternative text, title or glyph is then an error and not an oversight."""
TEMPLATES = {
    "main.typ": "spend_report.typ",
    "look.typ": "look.typ",
    "parts.typ": "parts.typ",
    "pages.typ": "pages.typ",
}
"""The name Typst knows each template by, and its file."""


@cache
def _templates() -> dict[str, bytes]:
    folder = files("mixcurve.report") / "templates"
    return {name: (folder / file).read_bytes() for name, file in TEMPLATES.items()}


def check_payload(payload: ReportPayload) -> None:
    """Raise if a text of the payload cannot be printed, naming where it came from.

    Raises
    ------
    ReportError
        Naming every name that the font cannot write.
    """
    document = payload.document
    names = {page.name: "the column label" for page in payload.channels}
    names |= {document.response: "the response's label"}
    names |= {fact.text: "the controls" for fact in payload.data.facts if fact.label == "Controls"}
    names |= {
        text: f"the {name}"
        for name, text in (
            ("title", document.title),
            ("agency", document.agency),
            ("client", document.client),
        )
    }
    check_glyphs(strings_of(payload.to_dict()), names=names)


def compile_pdf(payload: ReportPayload, figures: Mapping[str, bytes]) -> bytes:
    """Return the report as PDF: the same bytes for the same payload and figures.

    Parameters
    ----------
    payload
        Every number and sentence.
    figures
        SVG by file name, as the templates call them.

    Raises
    ------
    ReportError
        If a text holds a character that the font lacks, Typst is not installed, or it refuses the document.
    """
    check_payload(payload)
    for figure in figures.values():
        check_glyphs(texts_of_svg(figure))
    try:
        import typst
    except ImportError:
        raise ReportError(
            "A PDF needs Typst. Install the report extra: pip install 'mixcurve[report]'."
        ) from None
    created = datetime.datetime.fromisoformat(payload.document.created).replace(tzinfo=datetime.UTC)
    with tempfile.TemporaryDirectory() as folder:
        # Only these weights, and each once: the font package holds every face twice, in two formats.
        for path in report_font_files().values():
            shutil.copy(path, folder)
        fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[folder])
        weights = {f.weight for f in fonts.fonts() if f.family == FONT and f.style == "normal"}
        if not weights >= set(FONT_FILES):
            raise ReportError(
                f"The font {FONT} does not resolve in weights {sorted(set(FONT_FILES) - weights)}."
            )
        try:
            # Its annotations know one file only; the package takes several by name.
            compiled: Any = typst.compile_with_warnings
            made, warnings = compiled(
                {**_templates(), **figures},
                font_paths=fonts,
                ignore_system_fonts=True,
                sys_inputs={"payload": payload.to_json()},
                format="pdf",
                pdf_standards=list(STANDARDS),
                timestamp=created,
            )
        except typst.TypstError as error:
            hints = " ".join(error.hints)
            raise ReportError(f"The PDF could not be made: {error.message} {hints}".strip()) from error
    if warnings:
        raise ReportError(f"The PDF would not look as it should: {'; '.join(w.message for w in warnings)}.")
    assert isinstance(made, bytes)
    return made
