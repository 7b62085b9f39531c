"""How well stacks are told from what else is on a card: a table over generated cards.

    python3 benchmarks/split.py [--seeds 1 2 3] [--many 100000]

Each card holds 40 stacks, 10 bursts, 5 panoramas and 5 exposure brackets in random order; the
clock jumps. With ``--many`` it also times the splitting of a folder of so many files, none of which
is looked at.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from collections import Counter
from pathlib import Path

from focusstack.batch import Splitting, find_stacks
from focusstack.synthetic import write_card


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--many", type=int, default=0)
    wanted = parser.parse_args()
    for how in (Splitting(), Splitting(look=False)):
        print_table(wanted.seeds, how)
    if wanted.many:
        print_many(wanted.many)


def print_table(seeds: list[int], how: Splitting) -> None:
    """Precision and recall of whole groups: all of their pictures, no other, and the kind."""
    there, found, right = Counter(), Counter(), Counter()
    pictures, seconds = 0, 0.0
    for seed in seeds:
        with tempfile.TemporaryDirectory() as folder:
            card = Path(folder) / "card"
            truth = {(s.paths, s.kind) for s in write_card(card, seed=seed)}
            started = time.perf_counter()
            groups = find_stacks(card, how).groups
            seconds += time.perf_counter() - started
        pictures += sum(len(paths) for paths, _ in truth)
        for paths, kind in truth:
            there[kind] += 1
            right[kind] += any(g.frames == paths and g.kind in (kind, "unknown") for g in groups)
        found.update(group.kind for group in groups)
    looked = "looked at" if how.look else "by headers alone"
    print(f"\n{looked}: {1000 * seconds / pictures:.1f} ms a picture\n")
    print("| kind | there | right | recall | found | precision |\n|---|---|---|---|---|---|")
    for kind in there:
        exact = f"{right[kind] / found[kind]:.3f}" if found[kind] else "-"
        recall = right[kind] / there[kind]
        print(
            f"| {kind} | {there[kind]} | {right[kind]} | {recall:.3f} | {found[kind]} | {exact} |"
        )


def print_many(count: int) -> None:
    """Time and memory for one folder of many files, copies of one small card."""
    with tempfile.TemporaryDirectory() as folder:
        card = Path(folder) / "card"
        shoots = write_card(Path(folder) / "one", stacks=8, bursts=2, panoramas=1, brackets=1)
        card.mkdir()
        files = [path for shoot in shoots for path in shoot.paths]
        for number in range(count):
            (card / f"IMG_{number:07d}.jpg").hardlink_to(files[number % len(files)])
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        started = time.perf_counter()
        groups = find_stacks(card, Splitting(look=False)).groups
        seconds = time.perf_counter() - started
        more = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
        print(f"\n{count} files, {len(groups)} groups: {seconds:.1f} s, {more:.0f} MiB more memory")


if __name__ == "__main__":
    main()
