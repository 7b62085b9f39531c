"""The aligned frames as layers, read back by another library than the one that wrote them."""

import io
import shutil
import subprocess
import sys

import cv2
import numpy as np
import pytest
import tifffile
from psd_tools.constants import Tag
from psd_tools.psd.layer_and_mask import LayerInfoBlock
from psd_tools.psd.tagged_blocks import TaggedBlocks

from command import run
from focusstack import InputError, MemoryLimitError, OutputError, Recipe, save_layers, stack
from focusstack.model import Metadata
from focusstack.steps.write import layered, write_picture
from picture_files import exif, icc, jpeg
from truth import rendered

HEAD = b"Adobe Photoshop Document Data Block\0"
SIZE = 160, 120


def layers_in(path):
    """Names, top first, and pixels by name, as psd-tools finds them in the TIFF."""
    with tifffile.TiffFile(path) as tiff:
        data = bytes(tiff.pages[0].tags[37724].value)
        assert tiff.byteorder == ">"  # what psd-tools reads
    assert data.startswith(HEAD)
    blocks = TaggedBlocks.read(io.BytesIO(data[len(HEAD) :]), version=1, padding=4)
    if Tag.LAYER_16 in blocks:
        info, depth = blocks.get_data(Tag.LAYER_16), 16
    else:
        info, depth = LayerInfoBlock.read(io.BytesIO(blocks.get_data(Tag.LAYER))), 8
    found = {}
    for record, channels in zip(info.layer_records, info.channel_image_data, strict=True):
        height, width = record.bottom - record.top, record.right - record.left
        name = record.tagged_blocks.get_data(Tag.UNICODE_LAYER_NAME)
        stored = ">u2" if depth == 16 else "u1"
        planes = {
            int(about.id): np.frombuffer(
                channel.get_data(width, height, depth, version=1), stored
            ).reshape(height, width)
            for about, channel in zip(record.channel_info, channels, strict=True)
        }
        found[str(name).rstrip()] = planes
    return list(found)[::-1], found


def layer_count(path):
    """As exiftool counts them, in either byte order: it steps through all of them."""
    exiftool = shutil.which("exiftool")
    if exiftool is None:
        pytest.skip("exiftool is not installed")
    command = [exiftool, "-Photoshop:LayerRectangles", "-s3", path]
    done = subprocess.run(command, capture_output=True, text=True)
    rectangles = done.stdout.strip().split(", ")
    assert len(set(rectangles)) == 1, rectangles
    return len(rectangles)


def frames_in(folder, bits):
    """Frames whose EXIF is big-endian, and so are results then."""
    folder.mkdir()
    for k, frame in enumerate(rendered("steps", frames=4, size=SIZE, bits=bits)[0]):
        metadata = Metadata(exif(1, False, SIZE))
        write_picture(folder / f"blatt_{k}_ä.png", frame, metadata)
    return folder


@pytest.mark.parametrize("bits", [8, 16])
def test_the_fused_picture_lies_over_its_frames(tmp_path, bits):
    folder = frames_in(tmp_path / "frames", bits)
    result = stack(folder, Recipe(depth=False, reference=1))
    out = tmp_path / "layers.tif"
    assert save_layers(result, out) == []
    names, found = layers_in(out)
    assert names == ["fused", *(f"blatt_{k}_ä.png" for k in range(4))]
    for k in range(3):
        np.testing.assert_array_equal(found["fused"][k], result.image[..., k])
    x, y, width, height = result.alignment.crop
    reference = cv2.imread(str(folder / "blatt_1_ä.png"), cv2.IMREAD_UNCHANGED)[..., ::-1]
    cropped = reference[y : y + height, x : x + width]
    for k in range(3):
        np.testing.assert_array_equal(found["blatt_1_ä.png"][k], cropped[..., k])


def test_frames_lie_where_they_belong(tmp_path):
    """As OpenCV moves them by the transforms that were found."""
    folder = frames_in(tmp_path / "frames", 8)
    result = stack(folder, Recipe(depth=False, reference=0, match_exposure=False))
    save_layers(result, tmp_path / "a.tif")
    found = layers_in(tmp_path / "a.tif")[1]
    x, y, width, height = result.alignment.crop
    onto_canvas = np.array([[1, 0, -x], [0, 1, -y], [0, 0, 1.0]])
    for k, transform in enumerate(result.alignment.transforms):
        frame = cv2.imread(str(folder / f"blatt_{k}_ä.png"))[..., 1]
        matrix = onto_canvas @ transform
        moved = cv2.warpPerspective(frame, matrix, (width, height), flags=cv2.INTER_CUBIC)
        off = np.abs(found[f"blatt_{k}_ä.png"][1].astype(float) - moved)[8:-8, 8:-8]
        assert off.mean() < 1, k


def test_what_a_frame_does_not_cover_is_transparent(tmp_path):
    folder = frames_in(tmp_path / "frames", 8)
    result = stack(folder, Recipe(depth=False, crop=False, reference=0))
    save_layers(result, tmp_path / "a.tif")
    found = layers_in(tmp_path / "a.tif")[1]
    assert -1 not in found["fused"]
    assert -1 not in found["blatt_0_ä.png"]
    mask = found["blatt_3_ä.png"][-1]
    assert set(np.unique(mask)) == {0, 255}
    assert 0.5 < (mask == 255).mean() < 1


def test_other_programs_see_the_fused_picture_and_the_layers(tmp_path):
    folder = frames_in(tmp_path / "frames", 16)
    result = stack(folder, Recipe(depth=False))
    save_layers(result, tmp_path / "a.tif")
    flat = cv2.imread(str(tmp_path / "a.tif"), cv2.IMREAD_UNCHANGED)[..., ::-1]
    np.testing.assert_array_equal(flat, result.image)
    assert layer_count(tmp_path / "a.tif") == 5


def test_metadata_goes_with_it(tmp_path):
    folder = tmp_path / "frames"
    folder.mkdir()
    for k, frame in enumerate(rendered("steps", frames=3, size=SIZE)[0]):
        (folder / f"{k}.jpg").write_bytes(jpeg(frame, exif=exif(1, True, SIZE), icc_profile=icc()))
    save_layers(stack(folder, Recipe(depth=False)), tmp_path / "a.tif")
    with tifffile.TiffFile(tmp_path / "a.tif") as tiff:
        assert tiff.pages[0].tags[34675].value == icc()
        assert tiff.pages[0].tags[271].value == "Acme"


def test_arrays_need_their_source(tmp_path):
    frames = rendered("steps", frames=3, size=SIZE)[0]
    result = stack(frames, Recipe(depth=False))
    with pytest.raises(InputError, match="the layers are 3 frames, but there are 0"):
        save_layers(result, tmp_path / "a.tif")
    save_layers(result, tmp_path / "a.tif", source=frames)
    assert layer_count(tmp_path / "a.tif") == 4


def test_the_command_line_writes_them(tmp_path):
    folder = frames_in(tmp_path / "frames", 8)
    done = run(folder, "-o", tmp_path / "a.jpg", "--layers", tmp_path / "l.tif")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [str(tmp_path / "a.jpg"), str(tmp_path / "l.tif")]
    assert len(layers_in(tmp_path / "l.tif")[0]) == 5


def test_what_does_not_fit_is_refused_before_work(tmp_path):
    frames = rendered("steps", frames=3, size=SIZE)[0]
    result = stack(frames, Recipe(depth=False))
    with pytest.raises(MemoryLimitError, match="the layers need"):
        save_layers(result, tmp_path / "a.tif", source=frames, memory=100_000)
    with pytest.raises(OutputError, match="names no format"):
        save_layers(result, tmp_path / "a.png", source=frames)
    assert list(tmp_path.iterdir()) == []


def test_more_than_a_tiff_holds_leaves_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(layered, "MOST_BYTES", 100_000)
    frames = rendered("steps", frames=3, size=SIZE)[0]
    with pytest.raises(OutputError, match=r"4 layers take 0\.0 GB"):
        save_layers(stack(frames, Recipe(depth=False)), tmp_path / "a.tif", source=frames)
    assert list(tmp_path.iterdir()) == []


def test_without_the_extra_the_pip_line_is_said(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "psdtags", None)
    frames = rendered("steps", frames=3, size=SIZE)[0]
    with pytest.raises(OutputError, match=r"pip install 'focusstack\[layers\]'"):
        save_layers(stack(frames, Recipe(depth=False)), tmp_path / "a.tif", source=frames)
