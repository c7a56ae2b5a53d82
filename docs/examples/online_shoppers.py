"""A whole propensity job on a public table: who of an online shop's visitors buys (Sakar et al. 2018, CC BY 4.0).

    python docs/examples/online_shoppers.py online_shoppers_intention.csv FOLDER

`PageValues` is considered apart. Web analytics computes it from the transactions that followed a page view, so that a
visit that ends in a sale raises the value of its own pages: for a decision during the visit it may know what it is to
predict. The report is written twice, with it and without, and says what the difference is worth.
"""

from __future__ import annotations

import sys
from pathlib import Path

import matplotlib as mpl

mpl.use("Agg")

import numpy as np

import mixcurve as mc

CODES = ("OperatingSystems", "Browser", "Region", "TrafficType")
"""Numbers without an order."""
DOUBTFUL = "PageValues"
CAPACITY = 1_000


def read(path: Path, exclude: tuple[str, ...]) -> tuple[mc.CustomerTable, mc.CustomerTable]:
    """Return the visitors to learn from and those to judge by, every third one."""
    import pandas as pd

    frame = pd.read_csv(path)
    held = np.arange(len(frame)) % 3 == 2
    learn, judge = (
        mc.read_customers(
            part, label="Revenue", segments=["VisitorType"], kinds=dict.fromkeys(CODES, "category"), exclude=exclude
        )
        for part in (frame[~held].reset_index(drop=True), frame[held].reset_index(drop=True))
    )  # fmt: skip
    return learn, judge


def report(path: Path, folder: Path, exclude: tuple[str, ...]) -> tuple[str, np.ndarray, mc.CustomerTable]:
    """Write the pictures of one job, and return its text, the probabilities of those held out, and who they are."""
    learn, judge = read(path, exclude)
    model = mc.fit_propensity(learn, calibration="beta", seed=1)
    p = model.probability(judge)
    table = mc.inference_table(model.fit, model.recipe.design(learn), learn.label)
    calibrated = mc.calibration_report(judge.label, p)
    decision = mc.choose_threshold(p, judge.label, capacity=CAPACITY, ties="hash")
    drift = mc.stability(model, learn, judge)
    slices = mc.fairness_slices(p, judge.label, judge.segments["VisitorType"], threshold=decision.threshold)
    name = "without" if exclude else "with"
    pictures = {
        "coefficients": mc.plot_coefficients(table),
        "reliability": mc.plot_reliability(calibrated),
        "gains": mc.plot_gains(mc.ranking_curves(p, judge.label)),
    }
    for what, ax in pictures.items():
        ax.figure.savefig(folder / f"{what}, {name} {DOUBTFUL}.png", dpi=110)
    parts = [
        learn.summary,
        model.summary,
        calibrated.summary,
        decision.summary,
        drift.summary,
        slices.summary,
    ]
    warned = [str(w) for w in mc.leakage_warnings(learn)] or ["No column alone separates the classes."]
    return "\n\n".join([f"## {name} {DOUBTFUL}", *parts, *warned]), p, judge


def main(path: Path, folder: Path) -> str:
    """Write both reports into the folder and return their text."""
    folder.mkdir(parents=True, exist_ok=True)
    (full, p, judge), (bare, without, _) = (report(path, folder, e) for e in ((), (DOUBTFUL,)))
    difference = mc.compare_auc(p, without, judge.label)
    text = "\n\n".join([full, bare, f"## what {DOUBTFUL} is worth", difference.summary]) + "\n"
    (folder / "report.md").write_text(text, encoding="utf-8")
    return text


if __name__ == "__main__":
    sys.stdout.write(main(Path(sys.argv[1]), Path(sys.argv[2])))
