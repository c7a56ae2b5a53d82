"""One response curve, for one campaign or for each of thousands."""
