"""People with a known truth: trials, leads, subscribers, and seed audiences in a universe."""
