"""Response curves: the declaration, the registry of built-in curves, and what follows from any curve."""

from mixcurve.response.curves import library
from mixcurve.response.curves.base import Curve, CurveRegistry, curve, curves, resolve_curve

__all__ = ["Curve", "CurveRegistry", "curve", "curves", "library", "resolve_curve"]
