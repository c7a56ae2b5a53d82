"""Proofs of an upper bound, and their independent check."""
