"""Outputs appear whole or not at all, and are refused before the work starts where they can be."""

from __future__ import annotations

import errno
import json
import os
import resource
import signal
from pathlib import Path

import cv2
import imagecodecs
import numpy as np
import pytest
import tifffile

from focusstack.errors import OutputError, OutputExists, UnknownFormat
from focusstack.model import Alignment, Metadata, Rejection
from focusstack.steps.write import (
    atomic_file,
    check_output,
    write_alignment,
    write_depth,
    write_picture,
)
from picture_files import put, scene


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_the_file_appears_only_when_complete(tmp_path):
    path = tmp_path / "a.bin"
    with atomic_file(path, overwrite=False) as temporary:
        temporary.write_bytes(b"new")
        assert temporary.parent == tmp_path
        assert not path.exists()
    assert path.read_bytes() == b"new"
    assert names(tmp_path) == ["a.bin"]


@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError, SystemExit, MemoryError])
@pytest.mark.parametrize("overwrite", [True, False])
def test_any_exception_leaves_everything_as_it_was(tmp_path, error, overwrite):
    path = put(tmp_path, "a.bin", b"old")

    def write():
        with atomic_file(path, overwrite) as temporary:
            temporary.write_bytes(b"half")
            raise error

    with pytest.raises(error):
        write()
    assert path.read_bytes() == b"old"
    assert names(tmp_path) == ["a.bin"]


def test_a_file_that_appeared_meanwhile_is_not_lost(tmp_path):
    path = tmp_path / "a.bin"

    def write():
        with atomic_file(path, overwrite=False) as temporary:
            temporary.write_bytes(b"ours")
            path.write_bytes(b"theirs")

    with pytest.raises(OutputExists):
        write()
    assert path.read_bytes() == b"theirs"
    assert names(tmp_path) == ["a.bin"]


@pytest.mark.parametrize("appeared", [True, False])
def test_file_systems_without_hard_links(tmp_path, monkeypatch, appeared):
    def refuse(*_args):
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    path = tmp_path / "a.bin"
    if appeared:
        path.write_bytes(b"theirs")
        with pytest.raises(OutputExists), atomic_file(path, overwrite=False):
            pass
        assert path.read_bytes() == b"theirs"
    else:
        with atomic_file(path, overwrite=False) as temporary:
            temporary.write_bytes(b"ours")
        assert path.read_bytes() == b"ours"
    assert names(tmp_path) == ["a.bin"]


def test_permissions_follow_the_umask(tmp_path):
    old = os.umask(0o027)
    try:
        with atomic_file(tmp_path / "a.bin", overwrite=False) as temporary:
            temporary.write_bytes(b"x")
    finally:
        os.umask(old)
    assert (tmp_path / "a.bin").stat().st_mode & 0o777 == 0o640


def test_a_link_stays_a_link(tmp_path):
    (tmp_path / "deep").mkdir()
    real = put(tmp_path / "deep", "real.bin", b"old")
    link = tmp_path / "link.bin"
    link.symlink_to(real)
    with atomic_file(link, overwrite=True) as temporary:
        temporary.write_bytes(b"new")
    assert link.is_symlink()
    assert real.read_bytes() == b"new"


FAILURES = {
    errno.ENOSPC: "disk is full",
    errno.EDQUOT: "disk is full",
    errno.EACCES: "may not be written",
    errno.EROFS: "may not be written",
    errno.EIO: "cannot be written",
}


@pytest.mark.parametrize("code", FAILURES)
@pytest.mark.parametrize("call", ["fsync", "open"])
@pytest.mark.parametrize("kind", ["png", "tif"])
def test_what_the_system_refuses_is_said_and_the_old_file_stays(
    tmp_path, monkeypatch, code, call, kind
):
    path = put(tmp_path, f"a.{kind}", b"old")

    def fail(*_args, **_options):
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, call, fail)
    with pytest.raises(OutputError, match=FAILURES[code]) as caught:
        write_picture(path, scene(), Metadata(), overwrite=True)
    monkeypatch.undo()
    assert str(path) in caught.value.message
    assert path.read_bytes() == b"old"
    assert names(tmp_path) == [f"a.{kind}"]


@pytest.mark.parametrize("kind", ["png", "tif", "jpg", "webp"])
def test_a_write_that_really_runs_out_of_room(tmp_path, kind):
    path = put(tmp_path, f"a.{kind}", b"old")
    noise = np.random.default_rng(0).integers(0, 255, (200, 200, 3), np.uint8)
    old = resource.getrlimit(resource.RLIMIT_FSIZE)
    previous = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, old[1]))
    try:
        with pytest.raises(OutputError, match=rf"a\.{kind}"):
            write_picture(path, noise, Metadata(), overwrite=True)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, old)
        signal.signal(signal.SIGXFSZ, previous)
    assert path.read_bytes() == b"old"
    assert names(tmp_path) == [f"a.{kind}"]


@pytest.mark.parametrize("kind", ["png", "tif"])
def test_ctrl_c_inside_an_encoder_leaves_nothing(tmp_path, monkeypatch, kind):
    def interrupt(*_args, **_options):
        raise KeyboardInterrupt

    monkeypatch.setattr(imagecodecs, "png_encode", interrupt)
    monkeypatch.setattr(tifffile, "imwrite", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_picture(tmp_path / f"a.{kind}", scene(), Metadata(), overwrite=False)
    assert names(tmp_path) == []


def check(path, inputs=(), overwrite=False, kind="picture"):
    check_output(path, inputs=list(inputs), overwrite=overwrite, kind=kind)


def test_a_good_destination_passes_and_its_folder_is_made(tmp_path):
    check(tmp_path / "new" / "deep" / "a.JPG")
    assert names(tmp_path / "new" / "deep") == []


KINDS = [
    ("picture", ".bmp", ".webp"),
    ("picture", "", ".tif"),
    ("depth", ".jpg", ".png"),
    ("alignment", ".txt", ".json"),
]


@pytest.mark.parametrize(("kind", "extension", "known"), KINDS)
def test_unknown_extensions_name_the_known_ones(tmp_path, kind, extension, known):
    with pytest.raises(UnknownFormat) as caught:
        check(tmp_path / f"a{extension}", kind=kind)
    assert known in caught.value.hint


def test_a_folder_is_no_file(tmp_path):
    (tmp_path / "a.jpg").mkdir()
    with pytest.raises(OutputError, match="is a folder"):
        check(tmp_path / "a.jpg", overwrite=True)


def test_an_existing_file_needs_overwrite(tmp_path):
    path = put(tmp_path, "a.jpg", b"old")
    with pytest.raises(OutputExists, match="--overwrite"):
        check(path)
    check(path, overwrite=True)
    assert path.read_bytes() == b"old"


def test_an_input_is_never_an_output(tmp_path, monkeypatch):
    frame = put(tmp_path, "a.jpg", b"frame")
    (tmp_path / "link.jpg").symlink_to(frame)
    os.link(frame, tmp_path / "twin.jpg")
    monkeypatch.chdir(tmp_path)
    for path in (frame, tmp_path / "link.jpg", tmp_path / "twin.jpg", Path("a.jpg")):
        with pytest.raises(OutputError, match="one of the frames"):
            check(path, inputs=[put(tmp_path, "b.jpg", b""), frame], overwrite=True)


def test_a_folder_that_cannot_be_made_or_written(tmp_path):
    blocker = put(tmp_path, "file", b"")
    with pytest.raises(OutputError):
        check(blocker / "a.jpg")
    with pytest.raises(OutputError):
        check(blocker / "deeper" / "a.jpg")
    if Path("/proc/self").is_dir():
        with pytest.raises(OutputError):
            check(Path("/proc/self/a.jpg"))


def test_a_read_only_folder(tmp_path, monkeypatch):
    real = os.open

    def refuse(path, flags, *rest, **options):
        if flags & os.O_CREAT:
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return real(path, flags, *rest, **options)

    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(OutputError, match="may not be written"):
        check(tmp_path / "a.jpg")


def depth_map():
    depth = np.linspace(0, 11, 40 * 30, dtype=np.float32).reshape(30, 40)
    depth[3:5, 7] = np.nan
    return depth


@pytest.mark.parametrize("extension", [".tif", ".tiff"])
def test_a_depth_tiff_is_exact_for_other_programs(tmp_path, extension):
    path = tmp_path / f"depth{extension}"
    write_depth(path, depth_map(), frames=12, overwrite=False)
    for found in (cv2.imread(str(path), cv2.IMREAD_UNCHANGED), tifffile.imread(path)):
        assert found.dtype == np.float32
        np.testing.assert_array_equal(found, depth_map())


def test_a_depth_preview_spans_sixteen_bits(tmp_path):
    path = tmp_path / "depth.png"
    write_depth(path, depth_map(), frames=12, overwrite=False)
    found = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    expected = np.rint(np.nan_to_num(depth_map()).astype(np.float64) / 11 * 65535)
    assert found.dtype == np.uint16
    np.testing.assert_allclose(found, expected, atol=1)
    assert (found[3:5, 7] == 0).all()


def test_a_depth_preview_of_one_frame_is_black(tmp_path):
    write_depth(tmp_path / "d.png", np.zeros((2, 3), np.float32), frames=1, overwrite=False)
    assert not cv2.imread(str(tmp_path / "d.png"), cv2.IMREAD_UNCHANGED).any()


@pytest.mark.parametrize("frames", [2, 12])
def test_depth_is_not_changed_and_not_written_over(tmp_path, frames):
    depth = depth_map()
    path = put(tmp_path, "d.tif", b"old")
    with pytest.raises(OutputExists):
        write_depth(path, depth, frames=frames, overwrite=False)
    np.testing.assert_array_equal(depth, depth_map())
    assert path.read_bytes() == b"old"


def test_alignment_json_holds_everything(tmp_path):
    shift = np.array([[1, 0, 0.1], [0, 1, -2.5], [0, 0, 1]], np.float64)
    alignment = Alignment(
        (np.eye(3), None, shift),
        0,
        (1, 2, 30, 40),
        (Rejection(1, "b.jpg", "too blurred"),),
        (2, 1, 0),
        "similarity",
        (64, 48),
    )
    path = tmp_path / "a.json"
    write_alignment(path, alignment, ["a.jpg", "b.jpg", "ü.jpg"], overwrite=False)
    assert json.loads(path.read_text(encoding="utf-8")) == {
        "format": "focusstack-alignment",
        "version": 1,
        "size": [64, 48],
        "reference_index": 0,
        "model": "similarity",
        "crop": [1, 2, 30, 40],
        "order": [2, 1, 0],
        "frames": ["a.jpg", "b.jpg", "ü.jpg"],
        "transforms": [np.eye(3).tolist(), None, shift.tolist()],
        "reasons": [None, "too blurred", None],
        "rejected": [{"index": 1, "name": "b.jpg", "reason": "too blurred"}],
    }


def test_alignment_survives_numpy_integers(tmp_path):
    crop = tuple(np.int64(value) for value in (0, 0, 5, 5))
    alignment = Alignment((np.eye(3),), np.int64(0), crop, order=(np.int64(0),))
    write_alignment(tmp_path / "a.json", alignment, ["a"], overwrite=False)
    assert json.loads((tmp_path / "a.json").read_text())["crop"] == [0, 0, 5, 5]
