"""Response curves, carryover, fits and their evidence."""
