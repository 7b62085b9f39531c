"""Alignment against rendered stacks whose motion is known."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from focusstack import AlignmentError, Recipe, stack
from focusstack.colour import srgb_encode
from focusstack.transform import magnification, shift
from truth import EVEN, STILL, alignment_errors, rendered

BAR_PX = 0.15
"""Mean error over frames and grid: what blurs nothing visibly, three times what is usual."""


def aligned(frames, warned=(), **settings):
    """The alignment of a stack, whose warnings must be as told."""
    # nothing here looks at the picture, so it may be fused in any way and from a dirty sensor
    settings = {"method": "average", "clean": False, **settings}
    result = stack(frames, Recipe(depth=False, **settings))
    assert len(result.warnings) == len(warned), result.warnings
    for warning, words in zip(result.warnings, warned, strict=True):
        assert words in warning
    return result.alignment


def mean_error(alignment, transforms, frame):
    errors = alignment_errors(alignment, transforms, frame.shape[1], frame.shape[0])
    return np.mean(list(errors.values()))


def assert_right(alignment, transforms, frame, bar=BAR_PX):
    assert mean_error(alignment, transforms, frame) <= bar


# ---------------------------------------------------------------- what moves


@pytest.mark.parametrize("scene", ["plane", "steps"])
@pytest.mark.parametrize(
    "motion",
    [
        {},
        {"breathing": 0.0},
        {"breathing": 0.08},
        {"drift_px": 20.0},
        {"roll_deg": 1.0},
        {"flicker": 0.15, "white_balance": 0.05},
        {"iso": 1600},
        {"vignette": 0.5, "dust": 6},
        {"far_first": True},
        {"channels": 1},
        {"bits": 16},
        {"size": (233, 311)},
        {"frames": 2, "breathing": 0.01},
    ],
    ids=str,
)
def test_frames_are_put_where_they_belong(scene, motion):
    frames, truth = rendered(scene, **motion)
    alignment = aligned(frames)
    assert_right(alignment, truth.transforms, frames[0])
    assert alignment.rejected == ()
    assert alignment.order == tuple(range(len(frames)))
    assert alignment.kept == alignment.order


def test_aligning_is_far_better_than_not_aligning():
    frames, truth = rendered("steps")
    still = aligned(frames, align="none")
    assert mean_error(still, truth.transforms, frames[0]) > 10 * BAR_PX


def test_a_stack_reduced_for_alignment_is_right_at_full_size():
    # alignment looks at smaller copies of large frames; enlarging is quicker than rendering
    small, truth = rendered("plane", size=(450, 300), frames=3)
    scale = 4
    frames = [cv2.resize(f, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC) for f in small]
    # resizing keeps the corners of the picture in place, not the centres of its corner pixels
    full = np.array([[scale, 0, (scale - 1) / 2], [0, scale, (scale - 1) / 2], [0, 0, 1]])
    transforms = [full @ t @ np.linalg.inv(full) for t in truth.transforms]
    alignment = aligned(frames)
    assert_right(alignment, transforms, frames[0], bar=scale * BAR_PX)


@pytest.mark.parametrize("scene", ["plane", "steps"])
def test_turning_the_stack_round_changes_nothing(scene):
    frames, truth = rendered(scene)
    forward = aligned(frames, reference=2)
    backward = aligned(frames[::-1], reference=len(frames) - 3)
    for a, b in zip(forward.transforms, backward.transforms[::-1], strict=True):
        np.testing.assert_allclose(a, b, atol=0.05)
    assert_right(backward, truth.transforms[::-1], frames[0])


@pytest.mark.parametrize("scene", ["plane", "steps"])
@pytest.mark.parametrize("iso", [0, 100, 800])
def test_what_does_not_move_is_not_moved(scene, iso):
    frames, _ = rendered(scene, iso=iso, **STILL)
    alignment = aligned(frames)
    assert alignment.model == "none"
    for transform in alignment.transforms:
        np.testing.assert_array_equal(transform, np.eye(3))
    assert alignment.crop == (0, 0, 300, 200)


def test_the_same_frame_ten_times_is_not_moved():
    frames, _ = rendered("steps")
    alignment = aligned([frames[3]] * 10)
    for transform in alignment.transforms:
        np.testing.assert_array_equal(transform, np.eye(3))


def windows(frames, truth, offsets, size):
    """Parts of frames, each cut out at its own place, and where they then belong."""
    parts, transforms = [], []
    reference = truth.reference_index
    for frame, true, (x, y) in zip(frames, truth.transforms, offsets, strict=True):
        parts.append(np.ascontiguousarray(frame[y : y + size[1], x : x + size[0]]))
        transforms.append(np.linalg.inv(shift(*offsets[reference])) @ true @ shift(x, y))
    return parts, transforms


@pytest.mark.parametrize("at", [0, 3])
@pytest.mark.parametrize("by", [(30, 0), (0, 20), (-25, 15)])
def test_a_jump_by_a_tenth_of_the_frame_is_found(by, at):
    frames, truth = rendered("steps", size=(380, 280))
    offsets = [(40, 40)] * len(frames)
    offsets[at:] = [(40 + by[0], 40 + by[1])] * (len(frames) - at)
    if at == 0:
        offsets[1:] = [(40, 40)] * (len(frames) - 1)
    parts, transforms = windows(frames, truth, offsets, (300, 200))
    alignment = aligned(parts)
    assert alignment.rejected == ()
    assert_right(alignment, transforms, parts[0])


# ---------------------------------------------------------------- order


SHUFFLES = [
    ("plane", 9),
    ("plane", 12),
    ("steps", 9),
    ("steps", 14),
    ("still-life", 12),
]


@pytest.mark.parametrize(("scene", "count"), SHUFFLES)
@pytest.mark.parametrize("seed", [1, 2])
def test_shuffled_frames_are_put_in_order(scene, count, seed):
    frames, truth = rendered(scene, frames=count)
    mixed = np.random.default_rng(seed).permutation(count)
    alignment = aligned([frames[i] for i in mixed], warned=["not in focus order"])
    assert_right(alignment, [truth.transforms[i] for i in mixed], frames[0], bar=2 * BAR_PX)
    found = mixed[list(alignment.order)]
    if found[0] > found[-1]:
        found = found[::-1]
    # neighbours in focus may look alike enough to change places
    assert np.abs(found - np.arange(count)).max() <= 1, found


@pytest.mark.parametrize("scene", ["plane", "steps", "still-life", "flat"])
@pytest.mark.parametrize("count", [2, 3, 4, 5, 9, 14])
def test_frames_in_order_are_left_in_order(scene, count):
    frames, _ = rendered(scene, frames=count, size=(210, 140))
    for given in (frames, frames[::-1]):
        assert aligned(given).order == tuple(range(count))


# ---------------------------------------------------------------- what does not belong


def intruder(kind, shape):
    if kind == "foreign":
        return rendered("still-life", frames=9, seed=7)[0][4]
    if kind == "noise":
        return np.random.default_rng(0).integers(0, 256, shape).astype(np.uint8)
    return np.full(shape, {"black": 0, "white": 255}[kind], np.uint8)


@pytest.mark.parametrize("scene", ["plane", "steps"])
@pytest.mark.parametrize("at", [0, 4, 8])
@pytest.mark.parametrize("kind", ["foreign", "noise", "black", "white"])
def test_a_frame_that_does_not_belong_is_left_out(scene, kind, at):
    frames, truth = rendered(scene, frames=9, seed=2)
    frames[at] = intruder(kind, frames[0].shape)
    alignment = aligned(frames, warned=[f"left out array {at}"])
    assert alignment.transforms[at] is None
    assert [(r.index, r.name) for r in alignment.rejected] == [(at, f"array {at}")]
    assert alignment.rejected[0].reason
    assert alignment.order == tuple(range(9))
    assert alignment.kept == tuple(i for i in range(9) if i != at)
    assert alignment.reference_index != at
    assert_right(alignment, truth.transforms, frames[0])


def test_two_strangers_in_a_row_are_bridged():
    frames, truth = rendered("steps", frames=9, seed=2)
    frames[4], frames[5] = (rendered("still-life", frames=9, seed=7)[0][i] for i in (3, 4))
    alignment = aligned(frames, warned=["left out array 4", "left out array 5"])
    assert_right(alignment, truth.transforms, frames[0], bar=0.2)


def test_a_wanted_reference_that_does_not_belong_is_an_error():
    frames, _ = rendered("steps", frames=9, seed=2)
    frames[4] = intruder("foreign", frames[0].shape)
    with pytest.raises(AlignmentError, match="frame 4"):
        stack(frames, Recipe(reference=4))


def test_frames_of_different_scenes_make_no_picture():
    frames = [rendered(scene, seed=9)[0][3] for scene in ("plane", "steps", "still-life")]
    with pytest.raises(AlignmentError) as error:
        stack(frames)
    assert error.value.hint


@pytest.mark.parametrize("level", [0, 77, 255])
def test_frames_with_nothing_in_them_are_stacked_as_they_are(level):
    frames = [np.full((60, 80, 3), level, np.uint8)] * 4
    result = stack(frames)
    assert len(result.warnings) == 1
    assert "no frame has detail" in result.warnings[0]
    np.testing.assert_array_equal(result.image, frames[0])
    for transform in result.alignment.transforms:
        np.testing.assert_array_equal(transform, np.eye(3))


# ---------------------------------------------------------------- models


def linear_part(transform):
    return transform[:2, :2] / transform[2, 2]


@pytest.mark.parametrize("model", ["none", "translation", "similarity", "affine", "homography"])
def test_a_model_that_was_asked_for_is_obeyed(model):
    frames, _ = rendered("steps", drift_px=6.0)
    alignment = aligned(frames, align=model, reference="middle")
    assert alignment.model == model
    moved = 0
    for transform in alignment.transforms:
        linear = linear_part(transform)
        if model != "homography":
            np.testing.assert_array_equal(transform[2], [0, 0, 1])
        if model in ("none", "translation"):
            np.testing.assert_array_equal(linear, np.eye(2))
        if model == "none":
            np.testing.assert_array_equal(transform, np.eye(3))
        if model == "similarity":
            np.testing.assert_allclose(
                linear @ linear.T, np.linalg.det(linear) * np.eye(2), atol=1e-9
            )
            assert np.linalg.det(linear) > 0
        moved += not np.array_equal(transform, np.eye(3))
    assert moved == (0 if model == "none" else len(frames) - 1)


@pytest.mark.parametrize("model", ["similarity", "affine", "auto"])
def test_models_that_can_tell_breathing_tell_it(model):
    frames, truth = rendered("plane", breathing=0.05)
    alignment = aligned(frames, align=model)
    assert_right(alignment, truth.transforms, frames[0])
    found = magnification(alignment.transforms[-1]) / magnification(alignment.transforms[0])
    true = magnification(truth.transforms[-1]) / magnification(truth.transforms[0])
    assert found == pytest.approx(true, abs=0.002)


def test_a_pure_shift_is_called_a_translation():
    frames, truth = rendered("plane", breathing=0.0, roll_deg=0.0, drift_px=6.0)
    alignment = aligned(frames)
    assert alignment.model in ("translation", "similarity")
    assert_right(alignment, truth.transforms, frames[0])
    shifts = aligned(frames, align="translation")
    assert_right(shifts, truth.transforms, frames[0])


@pytest.mark.parametrize("align", ["auto", "similarity", "translation", "homography", "none"])
@pytest.mark.parametrize(
    ("reference", "index"), [("first", 0), ("middle", 3), ("last", 6), (0, 0), (5, 5), (6, 6)]
)
def test_the_reference_stays_where_it_is(reference, index, align):
    frames, _ = rendered("steps", size=(150, 100))
    alignment = aligned(frames, reference=reference, align=align)
    assert alignment.reference_index == index
    np.testing.assert_array_equal(alignment.transforms[index], np.eye(3))


def test_the_reference_left_to_choice_is_near_the_middle():
    frames, _ = rendered("plane", breathing=0.06)
    assert aligned(frames).reference_index in (2, 3, 4)


# ---------------------------------------------------------------- key points


def keystoned(frames, strength=0.03):
    """Frames each seen in another perspective, and the homographies back to the first one."""
    height, width = frames[0].shape[:2]
    corners = np.float32([[0, 0], [width - 1, 0], [width - 1, height - 1], [0, height - 1]])
    pictures, transforms = [], []
    for k, frame in enumerate(frames):
        inset = np.float32([[k, 0.5 * k], [-k, 0], [0, -0.4 * k], [0, 0]]) * strength * width / 6
        back = cv2.getPerspectiveTransform(corners, corners + inset)
        # pixels of the new frame are fetched from where ``back`` sends them
        flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
        pictures.append(cv2.warpPerspective(frame, back, (width, height), flags=flags))
        transforms.append(back.astype(np.float64))
    return pictures, transforms


@pytest.mark.parametrize("reference", ["first", "middle", None])
def test_homographies_straighten_a_keystone(reference):
    frames, _ = rendered("steps", size=(600, 420), frames=5, **STILL)
    pictures, transforms = keystoned(frames)
    # None: what the original method prefers, the first frame and homographies
    alignment = aligned(pictures, method="laplacian", reference=reference)
    assert alignment.model == "homography"
    assert_right(alignment, transforms, frames[0], bar=0.5)


def test_homographies_from_any_reference_and_either_side():
    frames, truth = rendered("steps", size=(420, 300), frames=5)
    for reference in (0, 2, 4):
        alignment = aligned(frames, align="homography", reference=reference)
        # key points of defocused frames are found to about a third of a pixel
        assert_right(alignment, truth.transforms, frames[0], bar=0.5)


def test_a_stranger_among_key_points_is_left_out():
    frames, truth = rendered("steps", size=(420, 300), frames=5)
    frames[3] = rendered("still-life", frames=9, seed=7, size=(420, 300))[0][4]
    alignment = aligned(frames, warned=["left out array 3"], align="homography", reference="first")
    assert alignment.transforms[3] is None
    assert_right(alignment, truth.transforms, frames[0], bar=0.5)


def test_the_same_stack_gives_the_same_transforms_again():
    frames, _ = rendered("steps")
    for align in ("auto", "homography"):
        first, second = (aligned(frames, align=align) for _ in range(2))
        for a, b in zip(first.transforms, second.transforms, strict=True):
            np.testing.assert_array_equal(a, b)


def test_flicker_does_not_disturb():
    still, _ = rendered("steps", **EVEN)
    flickering, _ = rendered("steps", flicker=0.15, white_balance=0.05)
    a, b = aligned(still, reference=3), aligned(flickering, reference=3)
    for one, other in zip(a.transforms, b.transforms, strict=True):
        np.testing.assert_allclose(one, other, atol=0.05)


# ---------------------------------------------------------------- bad and missing frames


@pytest.mark.parametrize("scene", ["plane", "steps"])
@pytest.mark.parametrize("at", [1, 4])
def test_a_shaken_frame_is_left_out(scene, at):
    frames, truth = rendered(scene, frames=9)
    frames[at] = cv2.blur(frames[at], (13, 5))
    alignment = aligned(frames, warned=[f"left out array {at}: it is blurred all over"])
    assert [r.index for r in alignment.rejected] == [at]
    assert_right(alignment, truth.transforms, frames[0])


def test_a_shaken_frame_stays_if_it_was_named_as_reference():
    frames, _ = rendered("plane", frames=9)
    frames[4] = cv2.blur(frames[4], (13, 5))
    alignment = aligned(frames, reference=4)
    assert alignment.kept == tuple(range(9))


@pytest.mark.parametrize("kept", [(0, 2, 4, 6, 8, 10), (0, 1, 4, 5, 6, 9, 10)], ids=str)
def test_missing_frames_cost_no_precision(kept):
    frames, truth = rendered("plane", frames=11, blur_px=1.0)
    alignment = aligned([frames[i] for i in kept])
    assert_right(alignment, [truth.transforms[i] for i in kept], frames[0])


@pytest.mark.parametrize("scene", ["plane", "steps"])
@pytest.mark.parametrize("at", [3, 6])
def test_swapped_neighbours_change_places(scene, at):
    frames, truth = rendered(scene, frames=9)
    order = list(range(9))
    order[at], order[at + 1] = order[at + 1], order[at]
    alignment = aligned([frames[i] for i in order], warned=["not in focus order"])
    assert alignment.order == tuple(order)
    assert_right(alignment, [truth.transforms[i] for i in order], frames[0])


def test_a_shuffled_stack_that_breathes_is_put_in_order_by_magnification():
    # blurred at both ends alike, so that sharpness alone could begin anywhere
    frames, _ = rendered("plane", frames=10, breathing=0.1)
    mixed = np.random.default_rng(4).permutation(10)
    alignment = aligned([frames[i] for i in mixed], warned=["not in focus order"])
    found = [int(mixed[i]) for i in alignment.order]
    assert found in (list(range(10)), list(range(9, -1, -1)))


# ---------------------------------------------------------------- precision


@pytest.mark.parametrize(
    ("scene", "bar"), [("plane", 0.02), ("steps", 0.017), ("still-life", 0.028)]
)
def test_small_errors_do_not_add_up_along_the_stack(scene, bar):
    frames, truth = rendered(scene, frames=9, breathing=0.04, size=(750, 500))
    alignment = aligned(frames)
    # far ends of the stack share nothing that is in focus: all rests on the steps between, and
    # slopes that are out of focus seem to move at each of them, always the same way
    assert_right(alignment, truth.transforms, frames[0], bar=bar)


def test_bright_things_that_blur_do_not_feign_a_magnification():
    # a white disk on black: in encoded values its edge creeps outwards as it blurs
    y, x = np.mgrid[:240, :320]
    disk = (np.hypot(x - 159.5, y - 119.5) < 60).astype(np.float32) * 0.9 + 0.02
    light = np.stack([cv2.GaussianBlur(disk, (0, 0), 1 + 0.5 * k) for k in range(6)])
    frames = [np.uint8(np.rint(255 * srgb_encode(one))) for one in light]
    alignment = aligned(frames, align="similarity")
    found = [magnification(t) for t in alignment.transforms]
    assert max(found) / min(found) < 1.008
