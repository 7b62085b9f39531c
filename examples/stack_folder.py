"""Stack a folder of frames and write everything there is to know about it.

python examples/stack_folder.py FRAMES_FOLDER OUTPUT_FOLDER
"""

from __future__ import annotations

import sys
from pathlib import Path

from focusstack import FocusstackError, Recipe, stack
from focusstack.events import Event, StepAdvanced, Warned


def report(event: Event) -> None:
    """An observer: prints what it is told."""
    if isinstance(event, StepAdvanced):
        print(f"\r{event.step}: {event.done} of {event.total}", end="", file=sys.stderr)
    elif isinstance(event, Warned):
        print(f"\nwarning: {event.message}", file=sys.stderr)


def main(frames: str, output: str) -> int:
    """Return the exit code."""
    folder = Path(output)
    try:
        result = stack(frames, Recipe(), observer=report)
        folder.mkdir(parents=True, exist_ok=True)
        result.save(folder / "fused.tif", overwrite=True)
        result.save_depth(folder / "depth.tif", overwrite=True)
        result.save_alignment(folder / "alignment.json", overwrite=True)
    except FocusstackError as error:
        print(f"\n{error}", file=sys.stderr)
        return error.exit_code
    (folder / "recipe.json").write_text(result.recipe.to_json() + "\n", encoding="utf-8")
    used, total = result.facts["used"], result.facts["frames"]
    print(f"\n{used} of {total} frames, {result.image.shape[1]} x {result.image.shape[0]}")
    return 0


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
