"""What a person may want to do about what was found."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import PurePath

from focusstack.inspection.report import (
    FocusGap,
    FrameReport,
    Job,
    OpenEnd,
    Repeat,
    StackReport,
    Suggestion,
)

SMALL_CROP = 0.7
COARSE = 0.6


def suggestions(report: StackReport, leaner: bool) -> tuple[Suggestion, ...]:
    """Suggestions by weight; ``leaner``: a leaner method would fit in memory."""
    return (
        *_about_memory(report.job, leaner),
        *_about_gaps(report),
        *_about_faults(report.frames),
        *_about_reference(report),
        *_about_repeats(report),
        *_about_order(report),
        *_about_crop(report),
        *_about_motion(report),
    )


def short(report: StackReport, index: int) -> str:
    """A frame's file name without its folder."""
    return PurePath(report.frames[index].name).name


def _about_memory(job: Job, leaner: bool) -> Iterator[Suggestion]:
    if not job.fits:
        yield Suggestion(
            "use the method that needs the least memory"
            if leaner
            else "reduce the frames, or stack them on a machine with more memory",
            f"stacking takes {_gigabytes(job.projected_bytes)}, which is more than there is",
            "--method pyramid" if leaner else "",
        )
    elif job.machine_bytes and job.projected_bytes > 0.5 * job.machine_bytes:
        yield Suggestion(
            "set a limit that leaves room for other programs",
            f"stacking may take {_gigabytes(job.projected_bytes)} of the machine's "
            f"{_gigabytes(job.machine_bytes)}",
            f"--memory {int(0.7 * job.machine_bytes) >> 20}MiB",
        )


def _gigabytes(count: int) -> str:
    return f"{count / 1e9:.1f} GB"


def _about_gaps(report: StackReport) -> Iterator[Suggestion]:
    for gap in report.gaps:
        yield _fill(report, gap)
    for end in report.ends:
        yield _begin_earlier(report, end)
    contrast = report.midway_contrast
    if contrast is not None and contrast < COARSE and not report.gaps:
        yield Suggestion(
            "take the next stack in smaller steps",
            f"half way between two frames only {contrast:.0%} of the contrast is left",
        )


def _fill(report: StackReport, gap: FocusGap) -> Suggestion:
    return Suggestion(
        f"look for frames missing between {short(report, gap.before)} and "
        f"{short(report, gap.after)}, or take them again",
        f"the step is {gap.step:.1f} times its neighbours'",
    )


def _begin_earlier(report: StackReport, end: OpenEnd) -> Suggestion:
    verb = "begin before" if end.end == "first" else "go on after"
    return Suggestion(
        f"{verb} {short(report, end.frame)} next time",
        "sharpness is still rising there",
    )


def _about_faults(frames: Sequence[FrameReport]) -> Iterator[Suggestion]:
    for frame in frames:
        if frame.problem:
            name = PurePath(frame.name).name
            yield Suggestion(f"leave {name} out", frame.problem)


def _about_reference(report: StackReport) -> Iterator[Suggestion]:
    chosen = report.frames[report.reference_index]
    if chosen.problem and report.order:
        good = [
            i for i in report.order if not (report.frames[i].problem or report.frames[i].left_out)
        ]
        if good:
            middle = good[len(good) // 2]
            reason = f"{short(report, report.reference_index)} would be taken: {chosen.problem}"
            text = "choose another reference frame"
            yield Suggestion(text, reason, f"--reference {middle}")


def _about_repeats(report: StackReport) -> Iterator[Suggestion]:
    for repeat in report.repeats:
        first, *others = (short(report, i) for i in repeat.frames)
        yield Suggestion(f"leave {_listed(others)} out", _why(repeat, first))


def _why(repeat: Repeat, first: str) -> str:
    same = {"file": "the same file as", "pixels": "the same picture as"}
    return f"{same.get(repeat.kind, 'focused as')} {first}; it only costs time"


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(names[:3])
    return f"{shown} and {len(names) - 3} more" if len(names) > 3 else shown


def _about_order(report: StackReport) -> Iterator[Suggestion]:
    if report.shuffled:
        yield Suggestion(
            "rename the frames, or name them in the order of focus",
            "they are not in it; stacking puts them right, but is safer without having to guess",
        )


def _about_crop(report: StackReport) -> Iterator[Suggestion]:
    _, _, width, height = report.crop
    covered = width * height / (report.width * report.height)
    if covered < SMALL_CROP:
        reason = f"all frames together cover only {covered:.0%} of the reference frame"
        yield Suggestion("keep the whole reference frame", reason, "--keep-size")


def _about_motion(report: StackReport) -> Iterator[Suggestion]:
    if report.recipe.align != "auto" or report.model not in ("none", "translation"):
        return
    moved = "the frames do not move" if report.model == "none" else "the frames only shift"
    text = "say so when you stack more from the same set-up"
    yield Suggestion(text, moved, f"--align {report.model}")
