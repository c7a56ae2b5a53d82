"""Maps from the scores a model gives to log-odds that mean what they say."""
