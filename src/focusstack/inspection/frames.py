"""Each frame in the terms of who took it: px, per cent, degrees, EV."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from focusstack.inspection.logs import LogCurves
from focusstack.inspection.report import FrameReport
from focusstack.model import Transform
from focusstack.stages.place import Placement
from focusstack.steps.read import FrameSource
from focusstack.transform import apply, magnification

SHARPEST_CELLS = 0.05


def describe_frames(
    frames: FrameSource,
    placement: Placement,
    fine: LogCurves,
    brightness: Sequence[float],
    faults: Mapping[int, str],
) -> tuple[FrameReport, ...]:
    """One report per frame, in the order given.

    Parameters
    ----------
    fine : curves of fine detail through all frames that take part, in focus order
    brightness : mean luma per frame, 0..1
    faults : what is wrong with some frames, by index
    """
    place = {i: at for at, i in enumerate(placement.alignment.kept)}
    shares = sharpest_shares(fine)
    reasons = {r.index: r.reason for r in placement.alignment.rejected}
    reports = []
    for i in range(len(frames)):
        at = place.get(i)
        fault = faults.get(i, "")
        exposure, balance = _exposure(placement, i)
        drift, larger, roll = _pose(frames, placement.alignment.transforms[i])
        reports.append(
            FrameReport(
                index=i,
                name=frames.info(i).name,
                drift_px=drift,
                magnification_percent=larger,
                roll_deg=roll,
                sharpest_share=0.0 if at is None else float(shares[at]),
                detail_percent=0.0 if at is None else _detail(fine, at),
                exposure_ev=exposure,
                white_balance_percent=balance,
                brightness_percent=100 * brightness[i],
                left_out=(fault or reasons[i]) if i in reasons else "",
                problem="" if i in reasons else fault,
            )
        )
    return tuple(reports)


def sharpest_shares(fine: LogCurves) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Per frame the share of detailed cells that it shows sharpest."""
    best = fine.best[fine.detailed]
    return np.bincount(best, minlength=len(fine.values)) / max(1, len(best))


def _detail(fine: LogCurves, at: int) -> float:
    """RMS of fine detail in the frame's sharpest twentieth, per cent of full scale."""
    energy = np.sort(np.exp(fine.values[at]))
    sharpest = energy[-max(1, round(SHARPEST_CELLS * len(energy))) :]
    return float(100 * np.sqrt(sharpest.mean()))


def _pose(
    frames: FrameSource, reference_from_frame: Transform | None
) -> tuple[tuple[float, float] | None, float | None, float | None]:
    """Drift of what the reference frame has in its centre, magnification, roll; or nothing."""
    if reference_from_frame is None:
        return None, None, None
    info = frames.info(0)
    frame_from_reference = np.asarray(np.linalg.inv(reference_from_frame), np.float64)
    centre = np.array([[(info.width - 1) / 2, (info.height - 1) / 2]])
    dx, dy = (apply(frame_from_reference, centre) - centre)[0]
    larger = 100 * (magnification(frame_from_reference) - 1)
    roll = np.degrees(np.arctan2(frame_from_reference[1, 0], frame_from_reference[0, 0]))
    return (float(dx), float(dy)), float(larger), float(roll)


def _exposure(placement: Placement, index: int) -> tuple[float | None, float | None]:
    """EV against the reference frame, and the largest relative change of a channel beyond it."""
    gain = placement.gains.get(index)
    if gain is None:
        return None, None
    mean = float(np.exp(np.log(gain).mean()))
    return -float(np.log2(mean)), float(100 * np.abs(mean / gain - 1).max())
