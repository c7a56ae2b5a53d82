"""Budgets with any rows: column generation and branch and bound."""
