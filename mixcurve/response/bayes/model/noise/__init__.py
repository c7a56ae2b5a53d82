"""The families of noise of a Bayesian mix: what is left of the response once channels and baseline are known."""
