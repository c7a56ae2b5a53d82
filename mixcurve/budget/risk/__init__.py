"""Plans that weigh the risk: the mean over the worst draws, a quantile, the share of draws in which a plan wins."""
