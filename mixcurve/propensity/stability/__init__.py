"""Whether people, scores and calibration are still what they were, and alike in all groups."""
