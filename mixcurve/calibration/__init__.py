"""Whether intervals hold the truth as often as they say, and probabilities mean what they say; maps that mend both."""
