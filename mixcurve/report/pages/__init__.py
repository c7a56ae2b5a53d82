"""The pages of a spend report: facts in, the plain values of the payload out."""
