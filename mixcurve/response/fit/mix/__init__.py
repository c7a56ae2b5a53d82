"""The response curves of a whole media mix, with carryover, over a baseline."""
