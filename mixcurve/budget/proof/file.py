"""`load_proof`: a plan or a certificate from a file that anybody may have written, or a sentence on why not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NoReturn

from mixcurve.budget.certificate import Certificate
from mixcurve.budget.problem import Allocation
from mixcurve.budget.proof.certificate import ModelCertificate
from mixcurve.foundations.errors import InputError
from mixcurve.foundations.results import Result, from_plain

__all__ = ["load_fit", "load_proof", "load_saved"]

MOST_BYTES = 2_000_000_000
"""Larger files are refused before they are read: 10,000 draws of 2,000 channels take less."""
DTYPES = {"float64", "int64", "int32", "bool"}
"""What the arrays of a plan, a proof or a fit may hold beside texts (``<U...``) and dates (``datetime64[...]``)."""
LONGEST_TEXT = 10_000
"""Characters that one text of an array may have."""
NOT_A_RESULT = "It must be a file that a certificate, a plan or a fit was saved to with .save(...)."


def load_proof(path: str | Path) -> Allocation | Certificate | ModelCertificate:
    """Return the plan or the certificate that was saved to a file.

    Raises
    ------
    InputError
        If the file is missing, too large, not JSON, cut short, holds what no result holds, or holds another result.
    """
    found = load_saved(path)
    if not isinstance(found, Allocation | Certificate | ModelCertificate):
        raise InputError(
            f"{path} holds a {type(found).__name__}, which is neither a plan nor a certificate. Save "
            "plan.certificate, or the plan."
        )
    return found


def load_fit(path: str | Path) -> Any:
    """Return the fit, or the curves, that were saved to a file."""
    found = load_saved(path)
    wanted = ("channels", "curve", "draws")
    if not all(hasattr(found, name) for name in wanted):
        raise InputError(
            f"{path} holds a {type(found).__name__}, which is no fit. Save the fit with .save(...)."
        )
    return found


def load_saved(path: str | Path) -> Any:
    """Return the result in a file, each thing that could be wrong with it told in a sentence."""
    document = _document(Path(path))
    try:
        _check_arrays(document)
        found = from_plain({"__result__": document})
    except InputError as error:
        raise InputError(f"{path}: {error}") from None
    except RecursionError:
        raise InputError(f"{path} holds results within results without end. {NOT_A_RESULT}") from None
    except MemoryError:
        raise InputError(f"{path} holds more than the memory of this machine. {NOT_A_RESULT}") from None
    except (AttributeError, KeyError, OverflowError, TypeError, ValueError) as error:
        text = str(error).split("\n")[0][:200]
        raise InputError(f"{path} holds something that no result holds ({text}). {NOT_A_RESULT}") from None
    if not isinstance(found, Result):
        raise InputError(f"{path} holds no result. {NOT_A_RESULT}")
    return found


def _document(path: Path) -> dict[str, Any]:
    try:
        if path.stat().st_size > MOST_BYTES:
            raise InputError(
                f"{path} has {path.stat().st_size:,} bytes, more than the {MOST_BYTES:,} that are read."
            )
        document = json.loads(path.read_text(encoding="utf-8"), parse_constant=_refuse_constant)
    except FileNotFoundError:
        raise InputError(f"{path}: there is no such file.") from None
    except OSError as error:
        raise InputError(f"{path} could not be read: {error.strerror or error}.") from None
    except UnicodeDecodeError as error:
        raise InputError(f"{path} is not a text in UTF-8 (byte {error.start:,}). {NOT_A_RESULT}") from None
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise InputError(f"{path} is not whole JSON: {error.msg} at {place}. {NOT_A_RESULT}") from None
    except RecursionError:
        raise InputError(f"{path} holds lists within lists without end. {NOT_A_RESULT}") from None
    except ValueError as error:  # a number with more digits than Python reads
        raise InputError(f"{path} holds something that is no number: {str(error).split(';')[0]}.") from None
    if not isinstance(document, dict) or not isinstance(document.get("type"), str):
        raise InputError(f"{path} holds no result. {NOT_A_RESULT}")
    return document


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} stands where a number is wanted")


def _check_arrays(document: Any) -> None:
    """Refuse arrays whose claimed kind or shape would make NumPy hold what the file does not."""
    pending = [document]
    while pending:
        value = pending.pop()
        if isinstance(value, list):
            pending += [v for v in value if isinstance(v, dict | list)]
        elif isinstance(value, dict):
            if "__array__" in value:
                _check_array(value)
            pending += [v for v in value.values() if isinstance(v, dict | list)]


def _check_array(value: dict[str, Any]) -> None:
    kind, shape, data = value["__array__"], value.get("shape"), value.get("data")
    if not isinstance(kind, str) or not (kind in DTYPES or kind.startswith("datetime64[") or _is_text(kind)):
        raise InputError(f"it holds an array of {kind!r}. {NOT_A_RESULT}")
    if not (isinstance(shape, list) and isinstance(data, list)):
        raise InputError(f"it holds an array without its shape or its data. {NOT_A_RESULT}")
    size = 1
    for n in shape:
        size *= n if isinstance(n, int) and n >= 0 else -1
    if size != len(data):
        raise InputError(
            f"it holds an array of shape {str(shape)[:60]} with {len(data):,} values. {NOT_A_RESULT}"
        )
    if any(isinstance(v, list) for v in data):
        raise InputError(f"it holds an array with lists in it. {NOT_A_RESULT}")


def _is_text(kind: str) -> bool:
    length = kind.removeprefix("<U")
    return length != kind and length.isdecimal() and len(length) < 9 and int(length) <= LONGEST_TEXT
