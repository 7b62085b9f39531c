"""What a run says while it works, and how it stops when it is asked to."""

from __future__ import annotations

import threading

import cv2
import numpy as np
import pytest

from focusstack import Cancelled, Recipe, stack
from focusstack.events import (
    FrameFused,
    RunFinished,
    RunStarted,
    StepAdvanced,
    StepFinished,
    StepImage,
    StepStarted,
    Warned,
)
from focusstack.recipe import METHODS
from truth import Headers, assert_same, rendered, small_frames

ANY = pytest.mark.parametrize("method", METHODS)


def events_of(frames, recipe=None, **settings):
    told = []
    result = stack(frames, recipe, observer=told.append, **settings)
    return told, result


@ANY
def test_events_come_in_order_and_add_up(method):
    frames = small_frames()
    told, result = events_of(frames, Recipe(method=method))
    assert isinstance(told[0], RunStarted)
    assert isinstance(told[-1], RunFinished)
    assert (told[0].frames, told[0].width, told[0].height) == (5, 96, 72)
    assert told[0].projected_bytes > 0
    assert told[-1].facts == result.facts
    running, seen = None, []
    for event in told[1:-1]:
        if isinstance(event, StepStarted):
            assert running is None
            running, done, total = event.step, 0, event.total
            seen.append(event.step)
        elif isinstance(event, StepAdvanced):
            done += 1
            assert (event.step, event.done, event.total) == (running, done, total)
        elif isinstance(event, StepFinished):
            assert event.step == running
            assert done == total
            assert event.seconds >= 0
            running = None
        else:
            assert isinstance(event, StepImage | FrameFused | Warned)
    assert running is None
    assert seen[0] == "align"
    assert seen[-1] == "fuse"
    assert len(set(seen)) == len(seen)


def test_each_kept_frame_advances_and_is_shown():
    frames, _ = rendered("plane", frames=9)
    frames[4] = np.zeros_like(frames[4])
    told, result = events_of(frames)
    fused = [e for e in told if isinstance(e, StepAdvanced) and e.step == "fuse"]
    assert fused[-1].total == 8
    names = [e.name for e in told if isinstance(e, StepImage)]
    for kind in ("focus", "aligned"):
        own = [name for name in names if name.startswith(kind)]
        assert own == [f"{kind}_{i:03d}" for i in range(9) if i != 4]
    assert [e.message for e in told if isinstance(e, Warned)] == list(result.warnings)


def test_pictures_of_steps_can_be_drawn():
    pictures = {}

    def draw(event):
        if isinstance(event, StepImage):
            pictures[event.name] = event.make()

    result = stack(small_frames(), Recipe(crop=False), observer=draw)
    assert "depth" in pictures
    assert sum(name.startswith("aligned") for name in pictures) == 5
    for picture in pictures.values():
        assert picture.ndim == 3
        assert picture.shape[2] in (1, 3)
        assert picture.dtype in (np.uint8, np.uint16)
    reference = result.alignment.reference_index
    aligned = pictures[f"aligned_{reference:03d}"]
    np.testing.assert_array_equal(aligned, small_frames()[reference])
    sharpest = np.argmax([pictures[f"focus_{i:03d}"][..., 0] for i in range(5)], axis=0)
    assert np.median(np.abs(sharpest - result.depth)) < 1


def test_facts_are_what_the_run_was():
    frames, _ = rendered("plane", breathing=0.05, drift_px=10.0)
    result = stack(frames)
    facts = result.facts
    assert (facts["frames"], facts["used"]) == (7, 7)
    assert (facts["width"], facts["height"]) == result.alignment.crop[2:]
    assert facts["bits"] == 8
    assert facts["reference_index"] == result.alignment.reference_index
    assert facts["model"] == "similarity"
    assert facts["breathing_percent"] == pytest.approx(5, abs=0.4)
    assert 8 < facts["drift_px"] < 22
    assert set(facts["seconds"]) >= {"align", "fuse"}


class StopAt:
    """Raises at the first event of a kind."""

    def __init__(self, kind):
        self.kind = kind

    def __call__(self, event):
        if isinstance(event, self.kind):
            raise RuntimeError("stop here")


KINDS = [RunStarted, StepStarted, StepAdvanced, StepImage, StepFinished, RunFinished]


@pytest.mark.parametrize("kind", KINDS)
def test_what_an_observer_raises_comes_through(kind):
    with pytest.raises(RuntimeError, match="stop here"):
        stack(small_frames(), observer=StopAt(kind))


def test_nothing_global_is_left_changed():
    before = cv2.getNumThreads(), threading.active_count()
    stack(small_frames())
    with pytest.raises(RuntimeError, match="stop here"):
        stack(small_frames(), observer=StopAt(StepImage))
    assert (cv2.getNumThreads(), threading.active_count()) == before


class CancelAfter:
    """An observer that asks to stop after so many events, and counts what comes then."""

    def __init__(self, count):
        self.count, self.seen, self.wanted = count, 0, threading.Event()

    def __call__(self, event):
        self.seen += 1
        if self.seen == self.count:
            self.wanted.set()


@ANY
def test_a_run_stops_soon_wherever_it_is_asked_to(method):
    frames = small_frames(frames=4)
    told, _ = events_of(frames, Recipe(method=method))
    last = max(k for k, e in enumerate(told) if isinstance(e, StepAdvanced))
    # after the last frame is fused there is nothing left to stop
    for count in range(1, last + 2):
        watch = CancelAfter(count)
        with pytest.raises(Cancelled):
            stack(frames, Recipe(method=method), observer=watch, cancel=watch.wanted)
        frames_of_events = 3
        assert watch.seen <= count + frames_of_events


def test_a_run_that_is_cancelled_before_it_starts_reads_nothing():
    wanted = threading.Event()
    wanted.set()
    with pytest.raises(Cancelled):
        stack(Headers(), cancel=wanted)


def test_a_signal_that_is_never_set_changes_nothing():
    frames = small_frames()
    assert_same(stack(frames), stack(frames, cancel=threading.Event()))
