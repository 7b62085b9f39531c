"""The stages that the pipeline joins: each carries one or two steps through all frames."""

from focusstack.stages.cleaning import clean_frames
from focusstack.stages.describe import describe
from focusstack.stages.facts import gather_facts
from focusstack.stages.fusing import fuse_frames
from focusstack.stages.keeping import KeptFrames
from focusstack.stages.noise import NoiseSamples, measure_noise
from focusstack.stages.place import align_frames, listed_gains, reuse_alignment
from focusstack.stages.strips import check_spreads

__all__ = [
    "KeptFrames",
    "NoiseSamples",
    "align_frames",
    "check_spreads",
    "clean_frames",
    "describe",
    "fuse_frames",
    "gather_facts",
    "listed_gains",
    "measure_noise",
    "reuse_alignment",
]
