"""The frames that a command is given."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from focusstack.cli.speech import Voice
from focusstack.errors import InputError

CUT_OFF = 1.1
"""More frames than that many times those that are there: containers may be a little wrong."""
MANY = 300
"""Frames of one file: a video has them soon, and more than a stack needs."""


def find_frames_in(places: Sequence[Path], every: int, voice: Voice) -> list[Path]:
    """Every Nth picture in files and folders.

    Raises
    ------
    InputError
        If there are none.
    """
    from focusstack.places import file_of
    from focusstack.steps.read import find_pictures

    frames = find_pictures(places, every)
    if not frames:
        raise InputError(
            f"{', '.join(map(str, places))}: no pictures directly in there",
            "name the pictures themselves, or the folder that holds them",
        )
    _tell_of_raws(places, voice)
    file = file_of(frames[0])
    if file != frames[0]:
        voice.note(f"stacking {len(frames)} frames of {file}")
        _warn_if_cut_off(file, len(frames) * every, voice)
        if len(frames) > MANY:
            fewer = every * -(-len(frames) // (MANY // 2))
            voice.note(f"--every {fewer} would take about {MANY // 2} of them")
    return frames


def _tell_of_raws(places: Sequence[Path], voice: Voice) -> None:
    from focusstack.steps.read import raws_beside_pictures

    left = raws_beside_pictures(places)
    if left:
        voice.note(
            f"{len(left)} RAW files beside pictures of the same name are left out, such as "
            f"{left[0].name}; name them to stack them instead"
        )


def _warn_if_cut_off(file: Path, found: int, voice: Voice) -> None:
    from focusstack.steps.read import video_frames

    said = video_frames(file)
    if said > CUT_OFF * found:
        voice.warn(f"{file} says it has {said} frames, but ends after {found}: is it complete?")
