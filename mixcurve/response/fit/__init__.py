"""Fits by batched variable projection."""
