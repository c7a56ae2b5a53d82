"""What to test next, and how stable a plan is."""
