"""Who in a universe is like a seed audience, how sure that is, and how quality falls as the audience grows."""
