"""The rule of k features: which few features do nearly as well as all."""
