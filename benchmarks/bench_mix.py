"""Total ROI per channel on 20 simulated markets: error, coverage and seconds, beside PyMC-Marketing.

    python benchmarks/bench_mix.py [--peers] [--reuse] [--markets N] [--setups hill logistic logistic-shares]

The markets and their truth come from `peers/mix_markets.py`: 156 weeks, 6 to 10 channels, curve and carryover unknown.
Ours is `fit_mix` with nothing said but the table. An error is relative to the true ROI, of our estimate and of the
peer's posterior mean; intervals are of 90%; a market is won by the smaller median error. `--peers` fits those markets
that the peer has not fitted yet (minutes each; delete `results/peer_mix/pymc_marketing` to measure afresh), `--reuse`
only reads what is there. Every market is printed, also those that a tool loses or fails on.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from peers.mix_markets import FOLDER, MARKETS, MixMarket, write
from peers.run_pymc_marketing import SETUPS, is_done

import mixcurve as mc
from mixcurve.calibration.binomial import share_interval

PEERS = Path(__file__).resolve().parent / "peers"
PEER_PYTHON = PEERS / ".venv-pymc-marketing" / "bin" / "python"
LEVEL, SECONDS = 0.9, 3.0
"""Level of the intervals; the most that a fit may take on two cores."""


@dataclass(frozen=True)
class Found:
    """ROI and its interval by channel as one tool finds them in one market, and how long it took."""

    roi: np.ndarray
    low: np.ndarray
    high: np.ndarray
    seconds: float
    cpu_seconds: float = 0.0
    note: str = ""


@dataclass(frozen=True)
class Score:
    """How far one tool is from the truth of one or more markets: a value per channel."""

    error: np.ndarray
    covered: np.ndarray
    width: np.ndarray

    @property
    def coverage(self) -> float:
        """The share of intervals that hold the truth."""
        return float(self.covered.mean())


def ours(market: MixMarket) -> Found:
    """Fit one market with nothing said but its table."""
    start, used = time.perf_counter(), time.process_time()
    fit = mc.fit_mix(market.table)
    seconds, cpu_seconds = time.perf_counter() - start, time.process_time() - used
    said = fit.roi_table()
    roi, low, high = (said[name].to_numpy() for name in ("ROI", "ROI low", "ROI high"))
    assert (said["level"] == LEVEL).all()
    return Found(roi, low, high, seconds, cpu_seconds, fit.status)


def theirs(market: MixMarket, setup: str) -> Found | str:
    """Return what the peer found in these data, or why there is nothing."""
    source = FOLDER / f"{market.name}.csv"
    target = FOLDER / "pymc_marketing" / setup / f"{market.name}.json"
    if not is_done(source, target):
        return "not run"
    found = json.loads(target.read_text(encoding="utf-8"))
    if "failed" in found:
        return "failed"
    low, _, high = np.array(found["roi_quantiles"])
    note = f"{found['divergences']} divergences, R-hat {found['worst_rhat']:.2f}"
    took = found["seconds"], found.get("cpu_seconds", 0.0)
    return Found(np.array(found["roi_mean"]), low, high, *took, note)


def run_peer(setup: str, count: int) -> None:
    """Let the peer fit what it has not fitted yet."""
    if not PEER_PYTHON.exists():
        raise SystemExit("The peer is not installed. Run benchmarks/peers/install.sh first.")
    script = PEERS / "run_pymc_marketing.py"
    command = [PEER_PYTHON, script, FOLDER, "--setup", setup, "--markets", str(count)]
    subprocess.run([str(part) for part in command], check=True)


def keep(markets: list[MixMarket], mine: list[Found]) -> None:
    """Write what we found beside the truth, by channel, for a closer look."""
    rows = {
        market.name: {
            "channels": market.truth["channels"],
            "true_roi": market.truth["roi"],
            "roi": found.roi.tolist(),
            "low": found.low.tolist(),
            "high": found.high.tolist(),
            "seconds": found.seconds,
            "status": found.note,
        }
        for market, found in zip(markets, mine, strict=True)
    }
    (FOLDER / "mixcurve.json").write_text(json.dumps(rows, indent=1), encoding="utf-8")


def score(found: Found, market: MixMarket) -> Score:
    """Return errors relative to the true ROI, and whether the intervals hold it."""
    truth = np.array(market.truth["roi"])
    covered = (found.low <= truth) & (truth <= found.high)
    return Score(np.abs(found.roi / truth - 1), covered, (found.high - found.low) / truth)


def pooled(scores: list[Score]) -> Score:
    """Return the channels of several markets as one."""
    return Score(
        *(np.concatenate([getattr(s, name) for s in scores]) for name in ("error", "covered", "width"))
    )


def binomial_interval(covered: np.ndarray) -> str:
    """Return a share with its 95% Wilson interval as text."""
    low, high = share_interval(covered.sum(), len(covered))
    return f"{covered.mean():.1%} ({low:.1%} to {high:.1%})"


def rows_alone(markets: list[MixMarket], mine: list[Found]) -> None:
    """Print a row per market, of mixcurve alone."""
    print(
        "| market | channels | seconds | median error | mean error | coverage | status |\n|---|---|---|---|---|---|---|"
    )
    for market, found in zip(markets, mine, strict=True):
        s = score(found, market)
        print(
            f"| {market.name} | {len(s.error)} | {found.seconds:.2f} | {np.median(s.error):.0%} "
            f"| {s.error.mean():.0%} | {s.coverage:.0%} | {found.note} |"
        )


def rows_beside(markets: list[MixMarket], mine: list[Found], peer: list[Found | str]) -> list[bool]:
    """Print a row per market, mixcurve / peer, and return of each that both fitted whether mixcurve won."""
    print(
        "| market | channels | seconds | median error | mean error | coverage | won by | peer's sampling |"
        "\n|---|---|---|---|---|---|---|---|"
    )
    won = []
    for market, a, b in zip(markets, mine, peer, strict=True):
        if isinstance(b, str):
            print(f"| {market.name} | {len(a.roi)} | {a.seconds:.2f} / {b} | | | | | |")
            continue
        s, t = score(a, market), score(b, market)
        won.append(bool(np.median(s.error) < np.median(t.error)))
        print(
            f"| {market.name} | {len(s.error)} | {a.seconds:.2f} / {b.seconds:.0f} "
            f"| {np.median(s.error):.0%} / {np.median(t.error):.0%} | {s.error.mean():.0%} / {t.error.mean():.0%} "
            f"| {s.coverage:.0%} / {t.coverage:.0%} | {'mixcurve' if won[-1] else 'peer'} | {b.note} |"
        )
    return won


def beside(setup: str, markets: list[MixMarket], mine: list[Found]) -> bool:
    """Print the comparison with one setup of the peer, and return whether mixcurve is ahead in error and coverage."""
    peer = [theirs(market, setup) for market in markets]
    print(f"\nmixcurve / PyMC-Marketing 1.3.0, {setup}\n")
    won = rows_beside(markets, mine, peer)
    both = [(m, a, b) for m, a, b in zip(markets, mine, peer, strict=True) if isinstance(b, Found)]
    if not both:
        return False
    s, t = pooled([score(a, m) for m, a, _ in both]), pooled([score(b, m) for m, _, b in both])
    ratio = np.median([b.seconds / a.seconds for _, a, b in both])
    used = [b.cpu_seconds / a.cpu_seconds for _, a, b in both if b.cpu_seconds]
    closer = abs(s.coverage - LEVEL) < abs(t.coverage - LEVEL)
    smaller = bool(np.median(s.error) < np.median(t.error))
    print(
        f"\n| {len(s.error)} channels of {len(both)} markets | mixcurve | {setup} | target |\n|---|---|---|---|"
    )
    print(
        f"| median error of total ROI | {np.median(s.error):.1%} | {np.median(t.error):.1%} | below the peer's |"
    )
    print(f"| mean error | {s.error.mean():.1%} | {t.error.mean():.1%} | |")
    mine_covers, peer_covers = binomial_interval(s.covered), binomial_interval(t.covered)
    print(
        f"| coverage of the {LEVEL:.0%} interval (95% Wilson) | {mine_covers} | {peer_covers} | nearer {LEVEL:.0%} |"
    )
    print(
        f"| median width of the interval over the true ROI | {np.median(s.width):.2f} | {np.median(t.width):.2f} | |"
    )
    print(f"| markets won, by median error | {sum(won)} | {len(won) - sum(won)} | |")
    print(f"| seconds of the peer over ours, median | {ratio:.0f} × | | |")
    if used:
        print(f"| processor seconds of the peer over ours, median | {np.median(used):.0f} × | | |")
    return smaller and closer and "not run" not in peer


def main() -> int:
    """Measure, print the tables, and return 1 if a target was missed."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument(
        "--peers", action="store_true", help="beside PyMC-Marketing, fitted where it is not yet"
    )
    parser.add_argument(
        "--reuse", action="store_true", help="beside what PyMC-Marketing found before; fits nothing"
    )
    parser.add_argument("--markets", type=int, default=MARKETS, help="only the first so many")
    parser.add_argument("--setups", nargs="+", choices=SETUPS, default=SETUPS, help="which of the peer's")
    asked = parser.parse_args()
    markets = write(count=asked.markets)
    mc.fit_mix(markets[0].table)  # loads the modules
    mine = [ours(market) for market in markets]
    slowest, alone = max(found.seconds for found in mine), pooled(list(map(score, mine, markets)))
    keep(markets, mine)
    rows_alone(markets, mine)
    print(f"\n| {len(alone.error)} channels of {len(markets)} markets | mixcurve | target |\n|---|---|---|")
    print(f"| median error of total ROI | {np.median(alone.error):.1%} | |")
    print(f"| coverage of the {LEVEL:.0%} interval (95% Wilson) | {binomial_interval(alone.covered)} | |")
    print(f"| seconds of the slowest fit | {slowest:.2f} | ≤ {SECONDS:g} |")
    print(f"| seconds of the processor, slowest fit | {max(found.cpu_seconds for found in mine):.2f} | |")
    met = [slowest <= SECONDS]
    for setup in asked.setups if asked.peers or asked.reuse else ():
        if asked.peers and not asked.reuse:
            run_peer(setup, asked.markets)
        met.append(beside(setup, markets, mine))
    return 0 if all(met) else 1


if __name__ == "__main__":
    sys.exit(main())
