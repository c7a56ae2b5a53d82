"""Columns of a customer table into the numbers of a design: rules learnt once, written down, applied anywhere."""
