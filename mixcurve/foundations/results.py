"""Frozen results: read-only arrays, a dictionary of plain values, files that load without running code."""

from __future__ import annotations

import json
import os
import re
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, fields
from importlib import import_module
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np

from mixcurve.foundations.errors import InputError, Problem

__all__ = ["Result", "from_plain", "load_result", "register_codec", "to_plain", "write_whole"]

_ARRAY, _RESULT, _TUPLE, _NUMBER, _CODEC = "__array__", "__result__", "__tuple__", "__number__", "__value__"
OWN_MODULE = re.compile(re.escape(__name__.partition(".")[0]) + r"(\.[a-z][a-z_]*)+")
_CODECS: dict[str, tuple[type, Callable[[Any], Any], Callable[[Any], Any]]] = {}


def register_codec(name: str, kind: type, encode: Callable[[Any], Any], decode: Callable[[Any], Any]) -> None:
    """Let results hold values of ``kind``: ``encode`` gives plain values, ``decode`` the value back."""
    _CODECS[name] = (kind, encode, decode)


@dataclass(frozen=True, eq=False)
class Result:
    """Base of every result: a frozen dataclass whose arrays are read-only.

    ``to_dict`` gives plain values that JSON can hold (arrays with their dtype, not-finite numbers by name);
    ``from_dict`` gives the same result back. ``save`` and ``load_result`` do the same with a file.
    """

    _classes: ClassVar[dict[str, type[Result]]] = {}

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        Result._classes[cls.__name__] = cls

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, np.ndarray) and value.flags.writeable:
                frozen = value.copy()
                frozen.flags.writeable = False
                object.__setattr__(self, field.name, frozen)

    def to_dict(self) -> dict[str, Any]:
        """Return the result as plain values for JSON, with its class under ``"type"`` and where that is defined."""
        kind = {"type": type(self).__name__, "module": type(self).__module__}
        return kind | {f.name: to_plain(getattr(self, f.name)) for f in fields(self)}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Self:
        """Return the result that ``to_dict`` described."""
        result = from_plain({_RESULT: data})
        if not isinstance(result, cls):
            raise InputError(f"This holds a {type(result).__name__}, not a {cls.__name__}.")
        return result

    def save(self, path: str | Path) -> Path:
        """Write the result to a JSON file, whole or not at all, and return its path."""
        text = json.dumps(self.to_dict(), ensure_ascii=False, allow_nan=False, indent=1)
        return write_whole(path, text.encode())


def to_plain(value: Any) -> Any:
    """Return ``value`` as what JSON can hold, in a form that `from_plain` reads back exactly."""
    if isinstance(value, Result):
        return {_RESULT: value.to_dict()}
    if isinstance(value, np.ndarray):
        cells = np.datetime_as_string(value) if value.dtype.kind == "M" else value
        data = [to_plain(v) for v in cells.ravel().tolist()]
        return {_ARRAY: str(value.dtype), "shape": list(value.shape), "data": data}
    if isinstance(value, np.generic):
        return to_plain(value.item())
    if isinstance(value, float) and not np.isfinite(value):
        return {_NUMBER: repr(value)}
    if isinstance(value, tuple):
        return {_TUPLE: [to_plain(v) for v in value]}
    if isinstance(value, list):
        return [to_plain(v) for v in value]
    if isinstance(value, dict):
        return {str(k): to_plain(v) for k, v in value.items()}
    if value is None or isinstance(value, (str, int, float, bool)):
        return value
    for name, (kind, encode, _) in _CODECS.items():
        if isinstance(value, kind):
            return {_CODEC: name, "data": to_plain(encode(value))}
    raise TypeError(f"A result cannot hold a {type(value).__name__}.")


def from_plain(value: Any) -> Any:
    """Return what `to_plain` was given."""
    if isinstance(value, list):
        return [from_plain(v) for v in value]
    if not isinstance(value, dict):
        return value
    if _ARRAY in value:
        return np.array([from_plain(v) for v in value["data"]], dtype=value[_ARRAY]).reshape(value["shape"])
    if _NUMBER in value:
        return float(value[_NUMBER])
    if _CODEC in value:
        return _CODECS[value[_CODEC]][2](from_plain(value["data"]))
    if _TUPLE in value:
        return tuple(from_plain(v) for v in value[_TUPLE])
    if _RESULT in value:
        data = dict(value[_RESULT])
        name, module = data.pop("type", None), str(data.pop("module", ""))
        if name not in Result._classes and OWN_MODULE.fullmatch(module):
            _define(module)
        if name not in Result._classes:
            raise InputError(
                f"Unknown kind of result '{name}'. It was written by another version of mixcurve."
            )
        return Result._classes[name](**{k: from_plain(v) for k, v in data.items()})
    return {k: from_plain(v) for k, v in value.items()}


def _define(module: str) -> None:
    """Import a module of this package, so that its results are known; one that is gone stays unknown."""
    try:
        import_module(module)
    except ModuleNotFoundError:
        return


def load_result(path: str | Path) -> Any:
    """Return the result that ``Result.save`` wrote to ``path``."""
    return from_plain({_RESULT: json.loads(Path(path).read_text(encoding="utf-8"))})


def write_whole(path: str | Path, content: bytes) -> Path:
    """Write ``content`` to ``path`` whole or not at all: a failure leaves the previous file as it was.

    The bytes go to a temporary file in the same folder, which then replaces the target in one step.
    """
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        os.chmod(temporary, 0o644)
        os.replace(temporary, target)
    finally:
        Path(temporary).unlink(missing_ok=True)  # gone already unless something failed
    return target


register_codec("problem", Problem, vars, lambda data: Problem(**data))
