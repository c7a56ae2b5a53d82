"""From customers to probabilities: features, solver, classifier, inference."""
