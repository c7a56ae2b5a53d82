"""Logistic regression to the last digit: Newton's method over blocks of rows."""
