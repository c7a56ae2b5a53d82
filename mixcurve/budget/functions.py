"""`Functions`: rising functions of one amount each, evaluated for any list of (function, amount) pairs at once.

Beside value, slope and curvature each gives two slopes that hold it from above on an interval [a, b]:

    F(x) <= F(a) + from_left (x - a)    and    F(x) <= F(b) - from_right (b - x)    for every x in [a, b].

For a curve that is convex up to its inflection z and concave after it: where concave on [a, b] these are F'(a) and
F'(b); where convex, the chord's slope, twice; with z inside, F'(z) and the smaller of F'(b) and the chord's slope (the
average slope from x to b first rises and then falls with x, so its least is at an end). Weighted sums of curves add
their slopes, and money that buys less and less (v concave) multiplies them by v'(a) and v'(b). The distance to F falls
with the square of b - a.
"""
