"""The spend table: what comes in, checked."""

from __future__ import annotations

from mixcurve.tables.table import SpendTable

__all__ = ["SpendTable"]
