# %% [markdown]
# # A first response curve
#
# One campaign: what each week's spend brought. We fit an S-shaped curve, ask what the data show of it, and look at a
# campaign whose data show much less.

# %%
import numpy as np

import mixcurve as mc

rng = np.random.default_rng(1)
spend = rng.uniform(0, 90_000, 104)
truth = {"top": 900.0, "half": 40_000.0, "slope": 2.5}
orders = 200 + mc.curves["hill"](spend, **truth) + 40 * rng.standard_normal(104)

# %%
fit = mc.fit_curve(spend, orders, curve="hill", channel="tv", currency="GBP", response_name="orders")
for name, value in fit.parameters.items():
    print(f"{name:10} {value:12,.1f}  ± {fit.standard_errors[name]:,.1f}")

# %% [markdown]
# The standard errors are one answer. The profile intervals are a better one: they need not be symmetric, and they may
# stay open.

# %%
print(fit.interval_table.round(3).to_string())
for interval in (i for i in fit.intervals if i.method == "profile" and not i.closed):
    print(f"{interval.name}: the data leave the {interval.open_side} side open")
print(fit.evidence[0].grade, [finding.sentence for finding in fit.evidence[0].findings])

# %% [markdown]
# The same campaign, had nobody ever spent more than £25,000 in a week: the ceiling was never near, and mixcurve says so.

# %%
low = spend < 25_000
short = mc.fit_curve(spend[low], orders[low], curve="hill")
print(short.evidence[0].grade)
for finding in short.evidence[0].findings:
    print("-", finding.sentence)

# %% [markdown]
# A picture: estimate, bands, dots, and the grey zone that no week has seen.

# %%
from mixcurve.plots.curves import plot_curve  # noqa: E402

axes = plot_curve(fit, "tv")
