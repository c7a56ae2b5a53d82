"""Budgets with nested groups: many single-constraint problems solved side by side, one level after the other."""
