"""Effectiveness and level that change smoothly over time."""
