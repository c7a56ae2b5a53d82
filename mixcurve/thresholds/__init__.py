"""Whom to contact: every cut-off of a score from one sort, every policy one decision with a shadow price."""
