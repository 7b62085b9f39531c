"""Damaged files through all readers: pixels or an error for people, nothing else.

    python3 dev.py fuzz                            1,000 files of every format
    python3 dev.py fuzz --files 30000              a night's work
    python3 dev.py fuzz --format tiff --seed 7     others, of one format
    python3 dev.py fuzz --format tiff --seed 7 --only 1234     one of them again

A crash, a hang, any other exception, or more memory than small pictures need is a failure; the file
is kept in build/fuzz, and the line that makes it again is printed.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parent)]

from mutate import mutated  # noqa: E402
from reading import Reader  # noqa: E402
from seeds import SEEDS  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]
KEPT = ROOT / "build" / "fuzz"


@dataclass
class Tally:
    """What came of the files of one format."""

    outcomes: Counter[str] = field(default_factory=Counter)
    failures: dict[int, str] = field(default_factory=dict)


def fuzz(kind: str, numbers: range, seed: int, folder: Path, reader: Reader) -> Tally:
    """Read files with these numbers."""
    extension, make = SEEDS[kind]
    files, tally = make(), Tally()
    for number in numbers if files else ():
        path = folder / f"{number}{extension}"
        path.write_bytes(mutated(files[number % len(files)], seed, number))
        fine, said = reader.read(kind, path)
        tally.outcomes[said if fine else "FAILED"] += 1
        if not fine:
            tally.failures[number] = said
            _keep(path, kind, seed)
        path.unlink()
    return tally


def _keep(path: Path, kind: str, seed: int) -> None:
    KEPT.mkdir(parents=True, exist_ok=True)
    (KEPT / f"{kind}-{seed}-{path.name}").write_bytes(path.read_bytes())


def main() -> int:
    """The exit status: 1 if anything failed."""
    options = _options()
    failed = 0
    for kind in options.format or SEEDS:
        begun = time.monotonic()
        only = options.only
        numbers = range(options.files) if only is None else range(only, only + 1)
        with tempfile.TemporaryDirectory() as folder:
            reader = Reader()
            tally = fuzz(kind, numbers, options.seed, Path(folder), reader)
            reader.close()
        failed += len(tally.failures)
        _print(kind, tally, options.seed, time.monotonic() - begun)
    return int(failed > 0)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--files", type=int, default=1000, help="of each format")
    parser.add_argument("--format", choices=list(SEEDS), action="append")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", type=int, help="the number of one file")
    return parser.parse_args()


def _print(kind: str, tally: Tally, seed: int, seconds: float) -> None:
    total = sum(tally.outcomes.values())
    parts = ", ".join(f"{count} {what}" for what, count in tally.outcomes.most_common())
    print(f"{kind:<10}{total:6} files in {seconds:4.0f} s: {parts or 'cannot be made here'}")
    for number, said in list(tally.failures.items())[:5]:
        print(f"    python3 dev.py fuzz --format {kind} --seed {seed} --only {number}")
        print("    " + said.strip().replace("\n", "\n    "))
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
