"""Who recovers ROI on the simulated markets: one row per tool and setup, from what each left in the folder.

    python benchmarks/peers/market_recovery.py [FOLDER]

Reads `FOLDER/TOOL/SETUP/market_01.json` and so on, as `run_pymc_marketing.py` and `run_meridian.py` write them:
`roi_mean` and `roi_quantiles` (5%, 50%, 95%) by channel, beside the truth in `FOLDER/market_01.json`. Any tool that
writes the same joins the table. An error is relative to the true ROI, of the posterior mean and of the median;
intervals are of 90%, their coverage with its 95% Wilson interval. Results of other data than the folder's are left out.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

sys.path.append(str(Path(__file__).resolve().parents[1]))
from peers.run_pymc_marketing import is_done

from mixcurve.calibration.binomial import share_interval

FOLDER = Path(__file__).resolve().parents[1] / "results" / "peer_mix"


@dataclass(frozen=True)
class Recovery:
    """How far one tool is from the truth: arrays over the channels of all markets that it fitted."""

    name: str
    of_mean: np.ndarray
    of_median: np.ndarray
    covered: np.ndarray
    width: np.ndarray
    markets: int
    failed: int
    seconds: float
    worst_rhat: float
    divergent: int

    def row(self) -> str:
        """Return the row of the table."""
        low, high = share_interval(self.covered.sum(), len(self.covered))
        coverage = f"{self.covered.mean():.1%} ({low:.1%} to {high:.1%})"
        return (
            f"| {self.name} | {self.markets} ({self.failed} failed) | {len(self.covered)} "
            f"| {np.median(self.of_mean):.1%} | {self.of_mean.mean():.1%} | {np.median(self.of_median):.1%} "
            f"| {coverage} | {np.median(self.width):.2f} | {self.worst_rhat:.2f} | {self.divergent} "
            f"| {self.seconds:.0f} |"
        )


def results(folder: Path, setup: Path) -> Iterator[tuple[np.ndarray, dict[str, Any]]]:
    """Yield the true ROI and what was found, for each market whose data are those of the folder."""
    for target in sorted(setup.glob("market_*.json")):
        if is_done(folder / f"{target.stem}.csv", target):
            truth = json.loads((folder / target.name).read_text(encoding="utf-8"))
            yield np.array(truth["roi"]), json.loads(target.read_text(encoding="utf-8"))


def recovery(folder: Path, setup: Path) -> Recovery | None:
    """Return how well one setup recovers ROI, or None where it fitted nothing."""
    pairs = list(results(folder, setup))
    fits = [(truth, found) for truth, found in pairs if "failed" not in found]
    if not fits:
        return None
    parts: dict[str, list[np.ndarray]] = {"of_mean": [], "of_median": [], "covered": [], "width": []}
    for truth, found in fits:
        low, median, high = np.array(found["roi_quantiles"])
        parts["of_mean"].append(np.abs(np.array(found["roi_mean"]) / truth - 1.0))
        parts["of_median"].append(np.abs(median / truth - 1.0))
        parts["covered"].append((low <= truth) & (truth <= high))
        parts["width"].append((high - low) / truth)
    return Recovery(
        name=f"{setup.parent.name}, {setup.name}", markets=len(fits), failed=len(pairs) - len(fits),
        seconds=float(np.median([found["seconds"] for _, found in fits])),
        worst_rhat=max(found["worst_rhat"] for _, found in fits),
        divergent=sum(found["divergences"] > 0 for _, found in fits),
        **{name: np.concatenate(each) for name, each in parts.items()},
    )  # fmt: skip


def table(folder: Path = FOLDER) -> str:
    """Return the table of all that was fitted."""
    found = [recovery(folder, setup) for setup in sorted(folder.glob("*/*/"))]
    heads = ("tool, setup", "markets", "channels", "median error of the mean", "mean error of the mean",
             "median error of the median", "coverage of the 90% interval (95% Wilson)", "median width over true ROI",
             "worst R-hat", "markets with divergences", "seconds, median")  # fmt: skip
    rows = [each.row() for each in found if each is not None]
    return "\n".join([f"| {' | '.join(heads)} |", "|" + "---|" * len(heads), *rows])


if __name__ == "__main__":
    asked = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    asked.add_argument("folder", nargs="?", type=Path, default=FOLDER)
    print(table(asked.parse_args().folder))
