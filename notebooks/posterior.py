# %% [markdown]
# # A posterior that says what it knows
#
# The same market as a Bayesian analyst sees it: what is assumed beforehand, what the data teach, what a lift test
# adds, and a budget that maximises the posterior mean. The truth is known, so that we can look whether it is found.

# %%
import mixcurve as mc

market = mc.simulate_market(["tv", "search", "radio"], periods=130, noise=0.03, seed=4)
truth = dict(zip(market.truth.channels, market.truth.roi.ravel()))
priors = {"*": {"half_life": (0.5, 4)}, "radio": {"contribution": (0.01, 0.2)}}

# %% [markdown]
# What these priors expect of the response, before any of it is looked at.

# %%
model = mc.mix_model(market.table, priors=priors)
expected = mc.prior_predictive(model, seed=1)
print(expected.table.round(3).to_string())
ax = mc.plot_prior_predictive(expected)

# %% [markdown]
# Four chains. Every check that does not pass would be told here, with its cause and a remedy.

# %%
post = mc.sample_mix(market.table, priors=priors, draws=500, seed=1)
print(post.status, "-", post.message)
print(post.roi_table().round(3).to_string())
print("true ROI:", {name: round(float(value), 3) for name, value in truth.items()})

# %% [markdown]
# What came from the data, and what only repeats the prior.

# %%
print(post.learned.summary)
ax = mc.plot_prior_posterior(post.learned)

# %% [markdown]
# A posterior is a mix like any other: the budget comes with its proof.

# %%
plan = mc.allocate(post, budget=float(post.current.sum()))
print(plan.message)
print(plan.table.round(1).to_string())
assert mc.verify(plan, post).ok
