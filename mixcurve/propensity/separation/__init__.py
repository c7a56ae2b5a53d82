"""Whether the classes are separated, so that no estimate exists, and by which columns."""
