# %% [markdown]
# # A budget that nobody can beat
#
# Curves from a simulated market, whose truth is known. We ask for the best plan, give constraints as a planner has
# them, look at what more budget would bring, when to spend it, and which test would change the plan most.

# %%
import mixcurve as mc

market = mc.simulate_market(channels=5, seed=7)
mix = mc.fit_mix(market.table, curve="hill", carryover="geometric")
budget = float(mix.current.sum())
for evidence in mix.evidence:
    print(f"{evidence.channel:12} {evidence.grade}")

# %% [markdown]
# The plan says what it may not touch: channels whose curve the data show weakly stay near their current spend, and no
# channel leaves the range of spend that was seen.

# %%
plan = mc.allocate(mix, budget)
print(plan.message)
print(plan.table.round(0).to_string())
print(plan.held)

# %% [markdown]
# Both are switches. What a free plan promises is often more, and rests on less.

# %%
free = mc.allocate(mix, budget, hold_weak=False, beyond_seen=True)
print(f"{plan.value:,.0f} with what the data show, {free.value:,.0f} without these bounds")
print("beyond the spend seen:", free.beyond_seen)

# %% [markdown]
# Groups, a least amount for a channel that is on at all, what it costs to be on, and at most four channels. The proof
# holds with all of it, and `verify` shares no code with the solver.

# %%
planned = mc.allocate(
    mix,
    1.1 * budget,
    groups={
        "screen": mc.Group(["tv", "video"], most="+15%"),
        "online": mc.Group(["search", "social"], least="-20%"),
    },
    least_if_on={"out_of_home": 15_000},
    setup_cost={"video": 2_000},
    most_on=4,
    hold_weak=False,
)
print(planned.message)
print(planned.groups_table.round(0).to_string())
print(mc.verify(planned, mix))

# %% [markdown]
# What cannot be kept is refused before anything is solved, with the smallest set that is in conflict.

# %%
try:
    mc.allocate(
        mix,
        budget,
        groups={"search pair": mc.Group(["search", "social"], most=10_000)},
        bounds={"search": (12_000, 40_000)},
    )
except mc.InfeasibleError as error:
    print(error)

# %% [markdown]
# Outcome against budget, with the budgets at which a channel switches on.

# %%
curve = mc.frontier(mix, hold_weak=False)
print(curve.switch_table.round(0).to_string())
mc.plot_frontier(curve)

# %% [markdown]
# Pulse or spread? The schedule, the best even spread beside it, and what is proven of both.

# %%
half_year = mc.flight(mix, budget=26 * budget, periods=26)
print(half_year.verdict)
mc.plot_flight(half_year)

# %% [markdown]
# What is it worth to know more? Each channel's curve, and a test of it, in response a week.

# %%
tests = mc.next_test(mix, budget, seed=1)
print(tests.message)
mc.plot_next_test(tests)

# %% [markdown]
# How much of the plan is luck: the best plan of each draw, and a plan for the worst tenth of them.

# %%
stability = mc.plan_stability(mix, budget)
print(stability.table.round(2).to_string())
careful = mc.allocate(mix, budget, objective=mc.CVaR(0.1), hold_weak=False)
print(careful.message)
