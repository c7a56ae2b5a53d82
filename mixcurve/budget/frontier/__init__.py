"""Outcome against budget: the frontier, the least budget for a response, break-even, sensitivity."""
