"""When to spend: schedules over a horizon with carryover, and the proof of how good they are."""
