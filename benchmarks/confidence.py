"""Is the depth as sure as it says? Claimed confidence beside the share that was right.

    python3 dev.py confidence                         nine kinds of synthetic stacks, seeds 1 and 2
    python3 dev.py confidence --seeds 7 --kinds sparse steps
    python3 dev.py confidence DIR...                  stacks in folders, see benchmarks/known.py

Textured pixels whose depth is given, by claimed confidence; right is who lies within one frame of
the truth. A row per stack, with what it claims to 85 to 95 %; the error is the mean difference of
claim and truth, range by range. Then all ranges, every stack as heavy as any other.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import numpy.typing as npt
from known import Known, textured, wanted

EDGES = np.array([0.45, 0.55, 0.65, 0.75, 0.85, 0.95, 0.99, 1.001])
SURE = 4
"""Index of the range from 85 to 95 %."""

Sums = npt.NDArray[np.float64]


def sums_of(known: Known) -> tuple[Sums, float, float]:
    """Pixels, claimed and right ones, (3, ranges); share given a depth; share of those right."""
    result, fused, depth = known.stacked()
    assert result.depth is not None
    assert result.confidence is not None
    use = textured(fused)
    given = use & np.isfinite(result.depth)
    right = np.abs(result.depth[given] - depth[given]) <= 1
    claimed = result.confidence[given]
    at = np.digitize(claimed, EDGES) - 1
    ones = np.ones_like(claimed)
    sums = [np.bincount(at, what, len(EDGES) - 1) for what in (ones, claimed, right)]
    return np.array(sums), float(given.sum() / use.sum()), float(right.mean())


def line(name: str, sums: Sums, given: float, right: float) -> str:
    """One stack's row."""
    count, claimed, true = sums[:, SURE]
    error = float(np.abs(sums[1] - sums[2]).sum() / sums[0].sum())
    sure = f"{claimed / count:.1%} | {true / count:.1%}" if count else "- | -"
    share = count / sums[0].sum()
    return f"| {name} | {given:.1%} | {right:.1%} | {share:.1%} | {sure} | {error:.3f} |"


def print_ranges(every: list[Sums]) -> None:
    """All stacks together, range by range, each as heavy as any other."""
    total = np.sum([sums / sums[0].sum() for sums in every], axis=0) / len(every)
    print("\n| claimed | share of pixels | mean claim | right |\n|---|---|---|---|")
    for k, (low, high) in enumerate(pairwise(EDGES)):
        count, claimed, true = total[:, k]
        shares = f"{claimed / count:.1%} | {true / count:.1%}" if count else "- | -"
        print(f"| {low:.0%} to {min(high, 1):.0%} | {count:.1%} | {shares} |")


def main() -> None:
    """Print both tables, the first line by line as it is known."""
    stacks, every = wanted(__doc__), []
    print("| stack | given a depth | right | claimed 85 to 95 % | mean claim | right | error |")
    print("|---|---|---|---|---|---|---|")
    for known in stacks:
        sums, given, right = sums_of(known)
        every.append(sums)
        print(line(known.name, sums, given, right), flush=True)
    print_ranges(every)


if __name__ == "__main__":
    main()
