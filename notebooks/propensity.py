# %% [markdown]
# # From leads to the list of whom to call
#
# A sales team can call 2,000 of last month's leads. Half of the older leads teach a model, the other half judges it.
# The truth is known, so that we can look whether it is found.

# %%
import numpy as np

import mixcurve as mc

people = mc.simulate_leads(seed=4)
half = np.arange(len(people.table)) % 2 == 0
unused = ["value", "call_cost"]
old = mc.read_customers(people.table[half], label=people.label, key=people.key, exclude=unused)
new = mc.read_customers(people.table[~half], label=people.label, key=people.key, exclude=unused)
print(old.summary)

# %% [markdown]
# Coefficients with their intervals, strongest first, on the scale of the columns as they came.

# %%
model = mc.fit_propensity(old, calibration="platt", seed=1)
print(model.summary)
design = model.recipe.design(old)
table = mc.inference_table(model.fit, design, old.label)
print(table.table.round(3).to_string())
ax = mc.plot_coefficients(table)

# %% [markdown]
# Can the scores be read as probabilities? Judged by leads that the model has not seen.

# %%
probability = model.probability(new)
report = mc.calibration_report(new.label, probability)
print(report.summary)
ax = mc.plot_reliability(report)

# %% [markdown]
# Whom to call: exactly 2,000, with ties broken by the key, so that the same leads are chosen in any order of rows.

# %%
calls = mc.choose_threshold(probability, new.label, capacity=2_000, key=new.key)
print(calls.summary)

# %% [markdown]
# Whom to call if it is money that decides: each lead has a value if won and a cost of the call.

# %%
worth = people.table[~half]
profit = mc.choose_threshold(
    probability, new.label, value=worth["value"], contact_cost=worth["call_cost"], currency="GBP"
)
print(profit.summary)

# %% [markdown]
# Why these leads: what raised and what lowered the log-odds of the first three on the list.

# %%
first = new.features.iloc[np.argsort(-probability)[:3]]
print(mc.explain(model, first).table.to_string())

# %% [markdown]
# Sources differ, and some have few leads. A hierarchy lets each source have coefficients of its own, drawn towards
# what all have in common as far as the data say so.

# %%
posterior = mc.sample_propensity(old, by="source", varying=(), draws=300, seed=1)
print(posterior.status, "-", posterior.message)
print(posterior.spread_table.round(3).to_string())
low, high = posterior.interval(new.features.head(3))
print("90% intervals of the first three:", np.round(low, 3), np.round(high, 3))
