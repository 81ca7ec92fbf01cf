"""Long runs of the simulator: `python -m tests.simulator --steps N --seed S [--runs R]`."""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter

from tests.simulator.world import PromiseBroken, run


def main() -> int:
    """Run seeds S, S+1 ... and print what happened; 1 if a promise was broken, naming the seed."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulator", description=__doc__)
    parser.add_argument("--steps", type=int, default=10_000, help="steps a run")
    parser.add_argument("--seed", type=int, default=1, help="seed of the first run")
    parser.add_argument("--runs", type=int, default=1, help="how many seeds, one after another")
    options = parser.parse_args()
    for seed in range(options.seed, options.seed + options.runs):
        began = time.monotonic()
        try:
            counts: Counter[str] = run(seed, options.steps).counts
        except PromiseBroken as broken:
            print(f"seed {seed}, {options.steps} steps: BROKEN: {broken}")
            return 1
        told = ", ".join(f"{what} {count}" for what, count in sorted(counts.items()))
        print(f"seed {seed}, {options.steps} steps, {time.monotonic() - began:.1f} s: all promises held ({told})")
    return 0


if __name__ == "__main__":
    sys.exit(main())
