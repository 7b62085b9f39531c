"""All frames of the survey kept at half its size, so that none is read again to judge steps."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from focusstack.colour import srgb_decode
from focusstack.model import FloatImage
from focusstack.steps import veil

HALF = 2


@dataclass
class Glimpses:
    """One byte per value, sRGB-encoded: C/4 bytes per pixel of the survey and frame."""

    frames: list[npt.NDArray[np.uint8]] = field(default_factory=list)

    def keep(self, planar: FloatImage) -> None:
        """Keep a frame, float32 (C, H, W) 0..1."""
        import cv2

        size = _half(planar.shape[2]), _half(planar.shape[1])
        small = [cv2.resize(plane, size, interpolation=cv2.INTER_AREA) for plane in planar]
        codes = np.clip(np.stack(small, axis=2) * np.float32(255) + np.float32(0.5), 0, 255)
        self.frames.append(codes.astype(np.uint8))

    def clear(self) -> None:
        """Forget everything, and give the memory back."""
        self.frames.clear()

    def linear(self, index: int) -> FloatImage:
        """A frame in linear light, float32 (h, w, C)."""
        return _LINEAR[self.frames[index]]

    def judge(self, depth: FloatImage, blur: veil.BlurModel, threads: int = 1) -> veil.StepEvidence:
        """Which steps of ``depth``, float32 (H, W), are real; ``blur`` is in px of its grid."""
        import cv2

        size = self.frames[0].shape[1::-1]
        small = np.asarray(cv2.resize(depth, size, interpolation=cv2.INTER_NEAREST), np.float32)
        count = len(self.frames)
        found = veil.judge_steps(small, self.linear, count, blur.reduced(HALF), threads)
        real = cv2.resize(
            found.real.view(np.uint8), depth.shape[::-1], interpolation=cv2.INTER_NEAREST
        )
        return veil.StepEvidence(found.near_first, real.view(np.bool_))


_LINEAR = np.asarray(srgb_decode(np.arange(256) / 255), np.float32)


def _half(size: int) -> int:
    return max(1, size // HALF)
