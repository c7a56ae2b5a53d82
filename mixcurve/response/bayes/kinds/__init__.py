"""Channels of other kinds: without spend, by reach and frequency, and treatments that are no media."""
