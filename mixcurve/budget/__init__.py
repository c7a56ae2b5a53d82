"""The best plan and the proof of it."""
