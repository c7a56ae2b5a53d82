"""What a fitted logistic regression may claim: errors, intervals, effects, and what columns share."""
