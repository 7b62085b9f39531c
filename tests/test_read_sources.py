"""Which frames make up a stack, from files, folders and arrays, and whether they fit together."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from focusstack.errors import FrameMismatch, InputError, TooFewFrames, UnreadableFrame
from focusstack.model import FrameInfo
from focusstack.steps.read import FrameSource, check_frames, find_pictures, open_source
from picture_files import encoded, jpeg, put, scene


def touch(folder, *names):
    for name in names:
        (folder / name).touch()


def test_folders_are_sorted_naturally(tmp_path):
    touch(tmp_path, "img10.jpg", "img2.jpg", "IMG1.JPG", "img02b.png", "a.tif")
    names = [path.name for path in find_pictures(tmp_path)]
    assert names == ["a.tif", "IMG1.JPG", "img2.jpg", "img02b.png", "img10.jpg"]


def test_only_visible_pictures_directly_in_the_folder_count(tmp_path):
    touch(tmp_path, "a.jpg", ".b.jpg", "._a.jpg", "notes.txt", "c.xcf", "Thumbs.db")
    (tmp_path / "sub").mkdir()
    touch(tmp_path / "sub", "d.jpg")
    assert [path.name for path in find_pictures([tmp_path])] == ["a.jpg"]


def test_given_files_keep_their_order_and_come_once(tmp_path):
    touch(tmp_path, "2.jpg", "1.jpg", "10.jpg")
    two, ten = tmp_path / "2.jpg", tmp_path / "10.jpg"
    again = tmp_path / ".." / tmp_path.name / "2.jpg"
    names = [path.name for path in find_pictures([ten, str(two), again, tmp_path])]
    assert names == ["10.jpg", "2.jpg", "1.jpg"]


def test_a_broken_link_in_a_folder_is_not_passed_over(tmp_path):
    touch(tmp_path, "1.jpg")
    (tmp_path / "2.jpg").symlink_to(tmp_path / "nowhere.jpg")
    source = open_source(tmp_path)
    assert len(source) == 2
    with pytest.raises(UnreadableFrame, match=r"2\.jpg does not exist"):
        source.info(1)


def test_an_empty_folder_has_no_pictures(tmp_path):
    assert find_pictures(tmp_path) == []


def test_a_folder_that_cannot_be_listed(tmp_path, monkeypatch):
    def refuse(_self):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "iterdir", refuse)
    with pytest.raises(UnreadableFrame, match="Permission denied"):
        find_pictures(tmp_path)


def test_files_are_read_from_many_threads(tmp_path):
    for index in range(6):
        put(tmp_path, f"{index}.png", encoded(scene(seed=index), "PNG"))
    source = open_source(tmp_path)
    assert isinstance(source, FrameSource)
    with ThreadPoolExecutor(4) as pool:
        frames = list(pool.map(source.read, [0, 1, 2, 3, 4, 5] * 3))
    for at, frame in enumerate(frames):
        np.testing.assert_array_equal(frame.pixels, scene(seed=at % 6))


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float32"])
@pytest.mark.parametrize("shape", [(9, 7), (9, 7, 1), (9, 7, 3)])
def test_arrays_are_not_copied(dtype, shape):
    array = np.zeros(shape, dtype)
    source = open_source([array, array])
    frame = source.read(1)
    assert frame.pixels.shape == (9, 7, 3 if shape[-1] == 3 else 1)
    assert np.shares_memory(frame.pixels, array)
    assert frame.info.name == "array 1"
    assert source.read_reduced(0, 4).shape == (3, 2, frame.info.channels)


def test_a_four_dimensional_array_is_a_stack():
    stack = np.stack([scene(seed=1), scene(seed=2)])
    source = open_source(stack)
    assert len(source) == 2
    np.testing.assert_array_equal(source.read(1).pixels, stack[1])


def test_array_alpha_is_reported_and_left_out():
    array = np.dstack([scene(), scene(channels=1)])
    source = open_source([array])
    assert source.info(0).has_alpha
    np.testing.assert_array_equal(source.read(0).pixels, array[:, :, :3])


def test_doubles_become_floats():
    source = open_source([np.full((4, 5), 0.5)])
    assert source.info(0).dtype == np.float32
    assert source.read(0).pixels.dtype == np.float32


BAD_ARRAYS = {
    "int64": np.zeros((4, 5), np.int64),
    "bool": np.zeros((4, 5), bool),
    "shape": np.zeros((4, 5, 2), np.uint8),
    "shape (2,": np.zeros((2, 3, 4, 5), np.uint8),
    "shape (0,": np.zeros((0, 5, 3), np.uint8),
    "float values": np.full((4, 5), 200.0, np.float32),
    "from nan": np.full((4, 5), np.nan, np.float32),
}


@pytest.mark.parametrize("what", BAD_ARRAYS)
def test_bad_arrays_are_named_by_position(what):
    with pytest.raises(InputError) as caught:
        open_source([scene(), BAD_ARRAYS[what]])
    assert "array 1" in caught.value.message
    assert what in caught.value.message


@pytest.mark.parametrize("source", [3, None, [1, 2], [scene(), "a.jpg"], np.zeros((4, 5))])
def test_what_is_no_stack_is_refused(source):
    with pytest.raises(InputError):
        open_source(source)


def test_a_source_passes_through():
    source = open_source([scene()])
    assert open_source(source) is source


def info(name, width=90, height=66, channels=3, dtype="uint8"):
    return FrameInfo(name, width, height, channels, np.dtype(dtype))


MISMATCHES = {
    "91 x 66": (info("odd", width=91), "same size"),
    "66 x 90": (info("odd", width=66, height=90), "turned"),
    "16-bit": (info("odd", dtype="uint16"), "bit depth"),
    "32-bit float": (info("odd", dtype="float32"), "bit depth"),
    "grey": (info("odd", channels=1), "grey"),
}


@pytest.mark.parametrize("what", MISMATCHES)
@pytest.mark.parametrize("position", [0, 1, 3])
def test_the_odd_frame_out_is_named_wherever_it_is(what, position):
    odd, hint = MISMATCHES[what]
    infos = [info("one"), info("two"), info("three")]
    infos.insert(position, odd)
    with pytest.raises(FrameMismatch) as caught:
        check_frames(infos)
    assert caught.value.message.startswith(f"odd is {what}")
    assert "one is" in caught.value.message
    assert hint in caught.value.hint


def test_frames_that_fit_pass():
    check_frames([info("one"), info("two")])


@pytest.mark.parametrize(("infos", "what"), [([], "no frames"), ([info("one")], "one frame: one")])
def test_too_few_frames(infos, what):
    with pytest.raises(TooFewFrames, match=what):
        check_frames(infos)


def test_a_jpeg_source_keeps_no_pixels(tmp_path):
    source = open_source(put(tmp_path, "a.jpg", jpeg(scene())))
    first, second = source.read(0), source.read(0)
    assert not np.shares_memory(first.pixels, second.pixels)


def test_importing_loads_no_codec():
    code = (
        "import sys, focusstack.steps.read, focusstack.steps.write\n"
        "print(sorted({'cv2', 'tifffile', 'imagecodecs', 'simplejpeg', 'PIL'} & set(sys.modules)))"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert result.stdout.strip() == "[]"
