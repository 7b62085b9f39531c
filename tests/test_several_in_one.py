"""Files that hold a whole stack: TIFFs of several pages, and videos."""

import struct

import cv2
import numpy as np
import pytest
import tifffile

from command import run
from focusstack import Recipe, UnreadableFrame, stack
from focusstack.steps.read import find_pictures, open_source
from picture_files import scene
from truth import rendered

FRAMES = 5


def pictures(channels=3, dtype="uint8", count=FRAMES):
    return [scene(channels=channels, dtype=dtype, seed=k) for k in range(count)]


def all_of(source):
    return [source.read(i).pixels for i in range(len(source))]


def write_pages(path, frames, **settings):
    with tifffile.TiffWriter(path, bigtiff=settings.pop("bigtiff", False)) as tiff:
        for frame in frames:
            tiff.write(frame, photometric="rgb", metadata=None, **settings)
    return path


# ---------------------------------------------------------------- pages


@pytest.mark.parametrize("dtype", ["uint8", "uint16"])
@pytest.mark.parametrize(
    "settings", [{}, {"compression": "deflate"}, {"tile": (32, 32)}, {"bigtiff": True}], ids=str
)
def test_pages_are_frames(tmp_path, dtype, settings):
    frames = pictures(dtype=dtype)
    source = open_source(write_pages(tmp_path / "stack.tif", frames, **settings))
    assert len(source) == FRAMES
    for expected, found in zip(frames, all_of(source), strict=True):
        np.testing.assert_array_equal(found, expected)
    np.testing.assert_array_equal(source.read(3).pixels, frames[3])  # in any order
    assert source.info(3).name.endswith("stack.tif#3")
    assert source.read_reduced(2, 2).shape == (33, 45, 3)


def test_one_file_alone_in_a_folder_is_the_stack(tmp_path):
    write_pages(tmp_path / "stack.tif", pictures())
    assert len(open_source(tmp_path)) == FRAMES
    assert [path.name for path in find_pictures(tmp_path, every=2)] == [
        "stack.tif#0",
        "stack.tif#2",
        "stack.tif#4",
    ]


def test_smaller_pages_are_previews(tmp_path):
    frames = pictures()
    write_pages(tmp_path / "stack.tif", [frames[1][::4, ::4], *frames, frames[0][::4, ::4]])
    source = open_source(tmp_path / "stack.tif")
    assert len(source) == FRAMES
    np.testing.assert_array_equal(source.read(0).pixels, frames[0])


def test_pages_of_another_size_are_named(tmp_path):
    frames = rendered("steps", frames=4, size=(64, 48))[0]
    small, low = frames[1][:24, :32], frames[2][:40]
    path = write_pages(tmp_path / "stack.tif", [frames[0], small, *frames[1:], low])
    recipe = Recipe(method="average", align="none", depth=False)
    result = stack(path, recipe)
    said = [text for text in result.warnings if "left out" in text]
    assert said == [
        f"{path}: page 2 (32 x 24 pixels), page 6 (64 x 40 pixels) are left out, as the frames "
        "have 64 x 48 pixels"
    ]
    assert result.facts["frames"] == 4
    assert said[0].replace(f"{path}", "stack.tif") in result.provenance["warnings"]
    assert "page 2 (32 x 24 pixels)" in run("inspect", path).stderr
    done = run(path, "--every", 2, "-o", tmp_path / "out.png", "--align", "none")
    assert "page 6 (64 x 40 pixels)" in done.stderr


def test_pages_that_are_called_previews_are_left_out_in_silence(tmp_path):
    frames = rendered("steps", frames=3, size=(64, 48))[0]
    path = tmp_path / "stack.tif"
    with tifffile.TiffWriter(path) as tiff:
        for frame in frames:
            tiff.write(frame, photometric="rgb", metadata=None)
            tiff.write(frame[::2, ::2], photometric="rgb", metadata=None, subfiletype=1)
    result = stack(path, Recipe(method="average", align="none", depth=False))
    assert result.facts["frames"] == 3
    assert not result.warnings


def test_many_odd_pages_are_counted(tmp_path):
    frames = rendered("steps", frames=3, size=(64, 48))[0]
    path = write_pages(tmp_path / "stack.tif", [*frames, *[frames[0][:9, :9]] * 12])
    (said,) = stack(path, Recipe(method="average", align="none", depth=False)).warnings
    assert "page 8 (9 x 9 pixels) and 7 more are left out" in said


@pytest.mark.parametrize("dtype", ["uint8", "uint16"])
@pytest.mark.parametrize("axes", ["ZYX", "TYX", "ZYXS"])
def test_stacks_of_imagej_are_read(tmp_path, axes, dtype):
    if axes == "ZYXS" and dtype == "uint16":
        dtype = "uint8"  # ImageJ knows colour of 8 bits only
    frames = pictures(3 if "S" in axes else 1, dtype)
    whole = np.stack(frames if "S" in axes else [frame[..., 0] for frame in frames])
    tifffile.imwrite(tmp_path / "i.tif", whole, imagej=True, metadata={"axes": axes})
    source = open_source(tmp_path / "i.tif")
    for expected, found in zip(frames, all_of(source), strict=True):
        np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("byteorder", ["<", ">"])
def test_pictures_behind_one_page_are_found(tmp_path, byteorder):
    """As ImageJ saves stacks of over 4 GB: described once, then nothing but pixels."""
    frames = pictures(1, "uint16")
    whole = np.stack([frame[..., 0] for frame in frames])
    path = tmp_path / "i.tif"
    with tifffile.TiffWriter(path, imagej=True, byteorder=byteorder) as tiff:
        tiff.write(whole, truncate=True, metadata={"axes": "ZYX"})
    with tifffile.TiffFile(path) as tiff:
        assert len(tiff.pages) == 1
    for expected, found in zip(frames, all_of(open_source(path)), strict=True):
        np.testing.assert_array_equal(found, expected)


def test_planes_of_ome_are_frames(tmp_path):
    frames = pictures(1)
    whole = np.stack([frame[..., 0] for frame in frames])
    tifffile.imwrite(tmp_path / "a.ome.tif", whole, metadata={"axes": "ZYX"})
    for expected, found in zip(frames, all_of(open_source(tmp_path / "a.ome.tif")), strict=True):
        np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize(
    ("axes", "said"), [("ZCYX", "5 planes x 2 channels"), ("TZYX", "5 times x 2 planes")]
)
@pytest.mark.parametrize("name", ["a.ome.tif", "imagej.tif"])
def test_more_than_one_stack_in_a_file_is_refused(tmp_path, name, axes, said):
    whole = np.stack([frame[..., 0] for frame in pictures(1, count=10)])
    whole = whole.reshape(5, 2, *whole.shape[1:])
    if name == "imagej.tif" and axes == "TZYX":
        whole, axes = whole[:, :, None], "TZCYX"
    tifffile.imwrite(tmp_path / name, whole, imagej=name[0] == "i", metadata={"axes": axes})
    with pytest.raises(UnreadableFrame, match=said):
        open_source(tmp_path / name)


def test_several_such_files_are_no_stack(tmp_path):
    for name in "ab":
        write_pages(tmp_path / f"{name}.tif", pictures())
    done = run(tmp_path, "-o", tmp_path / "out" / "fused.png")
    assert done.returncode == 3
    assert "a.tif holds several pictures" in done.stderr
    assert "name it alone to stack its pages" in done.stderr


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("stack.tif#5", "stack.tif#5 is not in that file"),
        ("plain.png#0", "plain.png#0 is not in that file"),
        ("gone.tif#0", "gone.tif#0 does not exist"),
    ],
)
def test_what_is_not_there_is_said(tmp_path, name, said):
    write_pages(tmp_path / "stack.tif", pictures())
    cv2.imwrite(str(tmp_path / "plain.png"), pictures()[0])
    done = run(tmp_path / "stack.tif#0", tmp_path / name, "-o", tmp_path / "fused.png")
    assert done.returncode == 3
    assert said in done.stderr
    assert not (tmp_path / "fused.png").exists()


def test_a_file_with_such_a_name_is_a_file(tmp_path):
    frames = pictures()
    write_pages(tmp_path / "stack.tif", frames)
    write_pages(tmp_path / "stack.tif#1", frames[4:])
    source = open_source([tmp_path / "stack.tif#0", tmp_path / "stack.tif#1"])
    np.testing.assert_array_equal(source.read(1).pixels, frames[4])


# ---------------------------------------------------------------- runs


@pytest.fixture(scope="module")
def frames():
    return rendered("steps", frames=6, size=(128, 96))[0]


def test_a_run_over_pages_is_the_run_over_files(tmp_path, frames):
    write_pages(tmp_path / "stack.tif", frames)
    folder = tmp_path / "files"
    folder.mkdir()
    for k, frame in enumerate(frames):
        tifffile.imwrite(folder / f"{k}.tif", frame, photometric="rgb")
    recipe = Recipe(depth=False)
    one, many = stack(tmp_path / "stack.tif", recipe), stack(folder, recipe)
    np.testing.assert_array_equal(one.image, many.image)


def test_a_stack_in_one_file_is_made_again_and_explained(tmp_path, frames):
    write_pages(tmp_path / "stack.tif", frames)
    out = tmp_path / "fused.png"
    done = run(tmp_path / "stack.tif", "--every", 2, "-o", out)
    assert done.returncode == 0, done.stderr
    assert "stacking 3 frames of" in done.stderr
    again = run("restack", out)
    assert "bit for bit" in again.stderr, again.stderr
    assert "stack.tif#" in run("explain", out, 60, 40).stdout
    (tmp_path / "stack.tif").write_bytes((tmp_path / "stack.tif").read_bytes() + b"\0")
    assert "3 frames are not what they were" in run("restack", out, "--overwrite").stderr


def test_the_file_is_not_replaced_by_its_result(tmp_path, frames):
    path = write_pages(tmp_path / "stack.tif", frames)
    before = path.read_bytes()
    done = run(path, "-o", path, "--overwrite")
    assert done.returncode != 0
    assert "is one of the frames" in done.stderr
    assert path.read_bytes() == before


def test_an_inspection_counts_the_file_once(tmp_path, frames):
    path = write_pages(tmp_path / "stack.tif", [*frames, frames[-1]])
    done = run("inspect", path)
    assert done.returncode == 0, done.stderr
    assert "7 tif, 260 kB" in done.stdout
    assert "same file" not in done.stdout


# ---------------------------------------------------------------- videos


def write_video(path, frames, codec, repeat=1):
    height, width = frames[0].shape[:2]
    video = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*codec), 25, (width, height))
    if not video.isOpened():
        pytest.skip(f"this OpenCV writes no {codec}")
    for frame in frames:
        for _ in range(repeat):
            video.write(np.ascontiguousarray(frame[..., ::-1]))
    video.release()
    return path


@pytest.mark.parametrize(
    ("name", "codec"), [("a.avi", "MJPG"), ("a.mp4", "mp4v"), ("a.webm", "VP80")]
)
def test_frames_of_a_video_come_in_any_order(tmp_path, frames, name, codec):
    path = write_video(tmp_path / name, frames, codec)
    source = open_source(path)
    assert len(source) == len(frames)
    in_order = all_of(source)
    for expected, found in zip(frames, in_order, strict=True):
        assert np.abs(found.astype(float) - expected).mean() < 8
    for k in (4, 1, 1, 5, 0):
        np.testing.assert_array_equal(source.read(k).pixels, in_order[k])
    assert source.read_reduced(3, 2).shape == (48, 64, 3)


def kinds_of(path):
    """The frames' coding, as FFmpeg tells it: I, P or B each."""
    video, kinds = cv2.VideoCapture(str(path), cv2.CAP_FFMPEG), ""
    while video.read()[0]:
        kinds += chr(int(video.get(cv2.CAP_PROP_FRAME_TYPE)))
    return kinds


def moving_bar(count=12):
    """Frames whose one bright bar is 5 px farther to the right in each."""
    frames = np.full((count, 48, 80, 3), 40, np.uint8)
    for k, frame in enumerate(frames):
        frame[8:40, 5 * k : 5 * k + 8] = 220
    return list(frames)


@pytest.mark.parametrize("name", ["b.mkv", "b.avi"])
def test_frames_stored_out_of_order_come_as_they_are_shown(tmp_path, name):
    """MPEG-2 as OpenCV's FFmpeg writes it has two B-frames between others."""
    path = write_video(tmp_path / name, moving_bar(), "mpg2")
    if "B" not in kinds_of(path):
        pytest.skip("this OpenCV writes no B-frames")
    source = open_source(path)
    assert len(source) == 12
    for k in (*range(12), 7, 2, 11, 0):
        bar = source.read(k).pixels[24, :, 0] > 130
        assert abs(int(np.argmax(bar)) - 5 * k) <= 1


def turned(path, quarters):
    """The same MP4, to be shown turned clockwise: the matrix of its track header says so."""
    data, one = bytearray(path.read_bytes()), 1 << 16
    at = data.index(b"tkhd") + 4 + 40
    cosine, sine = [(1, 0), (0, 1), (-1, 0), (0, -1)][quarters]
    parts = (cosine * one, sine * one, 0, -sine * one, cosine * one, 0, 0, 0, 1 << 30)
    assert struct.unpack_from(">9i", data, at)[::4] == (one, one, 1 << 30)
    struct.pack_into(">9i", data, at, *parts)
    out = path.with_name(f"turned{quarters}.mp4")
    out.write_bytes(data)
    return out


@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_a_video_comes_upright(tmp_path, frames, quarters):
    plain = write_video(tmp_path / "a.mp4", frames, "mp4v")
    path = turned(plain, quarters)
    expected, source = all_of(open_source(plain)), open_source(path)
    for lying, upright in zip(expected, all_of(source), strict=True):
        np.testing.assert_array_equal(upright, np.rot90(lying, -quarters))
    info = source.info(0)
    assert (info.width, info.height) == ((96, 128) if quarters % 2 else (128, 96))
    assert source.read_reduced(1, 2).shape[:2] == ((64, 48) if quarters % 2 else (48, 64))
    result = stack(path, Recipe(method="average", align="none", depth=False, clean=False))
    assert result.image.shape[:2] == (info.height, info.width)


def test_a_video_is_stacked_and_made_again(tmp_path, frames):
    path = write_video(tmp_path / "rack.avi", frames, "MJPG", repeat=2)
    out = tmp_path / "fused.jpg"
    done = run(path, "--every", 2, "-o", out, "--sidecar")
    assert done.returncode == 0, done.stderr
    assert "stacking 6 frames of" in done.stderr
    assert "bit for bit" in run("restack", out).stderr


def test_many_frames_of_a_video_are_advised_against(tmp_path):
    frame = np.random.default_rng(0).integers(0, 255, (16, 24, 3)).astype(np.uint8)
    path = write_video(tmp_path / "long.avi", [frame], "MJPG", repeat=310)
    done = run("inspect", path, "--every", 310)
    assert "--every" not in done.stderr
    done = run(path, "-o", tmp_path / "out.jpg", "--align", "none", "--method", "average")
    assert "note: --every 3 would take about 150 of them" in done.stderr


def test_a_broken_video_is_an_error_with_its_name(tmp_path, frames):
    path = write_video(tmp_path / "rack.avi", frames, "MJPG")
    path.write_bytes(b"RIFF" + bytes(3000))
    for broken in (path, tmp_path / "none.mp4"):
        done = run(broken, "-o", tmp_path / "out.jpg")
        assert done.returncode == 3
        assert broken.name in done.stderr
        assert "Traceback" not in done.stderr


@pytest.mark.parametrize(("name", "codec"), [("a.avi", "MJPG"), ("a.mkv", "mp4v")])
def test_a_video_that_is_cut_off_is_said_to_be(tmp_path, frames, name, codec):
    path = write_video(tmp_path / name, frames, codec, repeat=10)
    data = path.read_bytes()
    path.write_bytes(data[: len(data) * 6 // 10])
    done = run(path, "-o", tmp_path / "out.jpg", "--align", "none", "--method", "average")
    assert done.returncode == 0, done.stderr
    assert "says it has 60 frames, but ends after" in done.stderr
    lines = done.stderr.splitlines()
    assert not [line for line in lines if "@ 0x" in line or "WARN" in line]  # of FFmpeg or OpenCV


def test_a_video_beside_pictures_is_said_to_be_one(tmp_path, frames):
    path = write_video(tmp_path / "rack.mp4", frames, "mp4v")
    cv2.imwrite(str(tmp_path / "a.png"), frames[0])
    done = run(tmp_path / "a.png", path, "-o", tmp_path / "out.jpg")
    assert done.returncode == 3
    assert "is a video" in done.stderr
