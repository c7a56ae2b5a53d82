"""Errors, checks, parameters, arrays and results: what every room above stands on."""
