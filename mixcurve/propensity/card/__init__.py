"""Scoring cards: a model as whole points that are added up by hand."""
