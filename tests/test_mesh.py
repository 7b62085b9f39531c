"""Meshes: what other programs read is the surface, in its place, its size and its colours."""

from __future__ import annotations

import json
import struct

import numpy as np
import pytest

from focusstack import InputError, OutputError, Recipe, stack
from focusstack.cli import main
from focusstack.errors import OutputExists, UnknownFormat
from focusstack.steps.write import write_mesh
from focusstack.surface import Heights, Scale, cell_colours, heights, mesh
from focusstack.synthetic import render
from truth import put_stack

trimesh = pytest.importorskip("trimesh", reason="needs trimesh")
SIZE = 400, 300
FRAMES = 5


def slope(sure=1.0):
    """Depths that rise from 0 on the left to the last frame on the right."""
    depth = np.tile(np.linspace(0, FRAMES - 1, SIZE[0], dtype=np.float32), (SIZE[1], 1))
    return depth, np.full_like(depth, sure)


def sloping(scale=None, most=100, **more):
    ground = heights(*slope(), most)
    colours = np.zeros((*ground.depth.shape, 3), np.uint8)
    colours[..., 0] = np.linspace(0, 255, ground.depth.shape[1])
    colours[..., 1] = 128
    return mesh(ground, colours, SIZE, FRAMES, scale or Scale(), **more)


def read_back(path):
    """As an independent reader has it."""
    return trimesh.load(path, force="mesh", process=False)


@pytest.mark.parametrize("near_last", [True, False])
def test_a_metric_ply_has_micrometres_and_the_nearest_on_top(tmp_path, near_last):
    write_mesh(tmp_path / "a.ply", sloping(Scale(50, 2, near_last)))
    got = read_back(tmp_path / "a.ply")
    assert got.extents == pytest.approx([2 * 396, 2 * 296, 50 * 4], rel=0.02)
    assert got.bounds[0, 2] == pytest.approx(0, abs=2)  # the farthest frame
    right = got.vertices[:, 0] > 0
    assert (got.vertices[right, 2].mean() > got.vertices[~right, 2].mean()) == near_last
    assert (got.face_normals[:, 2] > 0).all()  # they look at the lens
    red = got.visual.vertex_colors[:, 0].astype(float)
    assert np.corrcoef(red, got.vertices[:, 0])[0, 1] > 0.99
    assert (got.visual.vertex_colors[:, 1] == 128).all()


def test_a_glb_has_metres_and_linear_colours(tmp_path):
    write_mesh(tmp_path / "a.glb", sloping(Scale(50, 2, True)))
    got = read_back(tmp_path / "a.glb")
    assert got.extents == pytest.approx([792e-6, 592e-6, 200e-6], rel=0.02)
    assert (got.face_normals[:, 2] > 0).all()
    data = (tmp_path / "a.glb").read_bytes()
    assert struct.unpack("<III", data[:12]) == (0x46546C67, 2, len(data))
    long = struct.unpack("<I", data[12:16])[0]
    said = json.loads(data[20 : 20 + long])
    assert said["asset"]["extras"] == {"metric": True}
    view = said["bufferViews"][said["accessors"][1]["bufferView"]]
    start = 20 + long + 8 + view["byteOffset"]
    colours = np.frombuffer(data[start : start + view["byteLength"]], "<u2").reshape(-1, 4) / 65535
    assert colours[:, 1] == pytest.approx(0.2158, abs=1e-3)  # the light of 128 in sRGB
    assert (colours[:, 3] == 1).all()


def test_without_a_scale_a_step_is_a_quarter_of_the_picture_in_all(tmp_path):
    for one in (Scale(), Scale(step_um=3), Scale(pixel_um=3)):
        made = sloping(one)
        assert not made.metric
        assert np.ptp(made.vertices, axis=0) == pytest.approx([396, 296, 100], rel=0.02)
    write_mesh(tmp_path / "a.glb", made)
    assert max(read_back(tmp_path / "a.glb").extents) == pytest.approx(1)
    write_mesh(tmp_path / "a.ply", made)
    assert b"not to scale" in (tmp_path / "a.ply").read_bytes()[:200]


def test_a_previews_pixels_are_wider():
    once, twice = (sloping(Scale(50, 2), reduction=by).vertices for by in (1, 2))
    np.testing.assert_allclose(2 * once[:, :2], twice[:, :2])
    np.testing.assert_array_equal(once[:, 2], twice[:, 2])


def test_what_is_not_sure_can_be_left_out(tmp_path):
    depth, sure = slope()
    sure[:, 100:140] = 0.2
    ground = heights(depth, sure, 100)
    colours = np.zeros((*ground.depth.shape, 3), np.uint8)
    whole = mesh(ground, colours, SIZE, FRAMES, Scale())
    cut = mesh(ground, colours, SIZE, FRAMES, Scale(), sure_only=True)
    assert len(whole.vertices) == ground.depth.size
    assert cut.confidence.min() >= 0.5
    assert not ((cut.vertices[:, 0] > -98) & (cut.vertices[:, 0] < -62)).any()
    write_mesh(tmp_path / "cut.ply", cut)
    got = read_back(tmp_path / "cut.ply")
    assert len(got.faces) == len(cut.triangles)
    assert np.ptp(got.vertices[got.faces][..., 0], axis=1).max() < 5  # none across the gap


def test_colours_are_the_means_of_cells_also_at_the_edge():
    pixels = np.random.default_rng(1).integers(0, 256, (7, 10, 3), dtype=np.uint8)
    got = cell_colours(pixels, 4)
    assert got.shape == (2, 3, 3)
    np.testing.assert_allclose(got[1, 2], pixels[4:, 8:].mean((0, 1)), atol=0.5)
    np.testing.assert_array_equal(cell_colours(pixels, 1), pixels)


def test_what_cannot_be_is_refused_and_writes_nothing(tmp_path):
    ground = Heights(np.zeros((4, 4), np.float32), np.zeros((4, 4), np.float32), 1)
    with pytest.raises(InputError, match="nothing is known"):
        mesh(ground, np.zeros((4, 4, 3), np.uint8), (4, 4), 3, Scale())
    for wrong in (0.0, -1.0, float("nan"), float("inf")):
        with pytest.raises(InputError, match="step_um"):
            Scale(step_um=wrong)
    made = sloping()
    with pytest.raises(UnknownFormat):
        write_mesh(tmp_path / "a.obj", made)
    (tmp_path / "a.ply").write_bytes(b"kept")
    with pytest.raises(OutputExists):
        write_mesh(tmp_path / "a.ply", made)
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"kept"]


def test_the_command_line_writes_one(tmp_path, capsys):
    put_stack(tmp_path / "shots", "steps", frames=FRAMES, size=SIZE)
    words = [str(tmp_path / "shots"), "-o", str(tmp_path / "a.png"), "--method", "pyramid"]
    path = tmp_path / "a.ply"
    more = ["--mesh", str(path), "--step-um", "50"]
    assert main([*words, *more]) == 0
    assert "not to scale" in capsys.readouterr().err
    assert main([*words, *more, "--pixel-um", "2", "--nearest", "last", "--overwrite"]) == 0
    assert "not to scale" not in capsys.readouterr().err
    got = read_back(path)
    assert 100 < got.extents[2] < 250
    assert 600 < got.extents[0] <= 800
    colours = got.visual.vertex_colors[:, :3].astype(float)
    assert colours.std() > 5
    assert main([*words, "--step-um", "50", "--overwrite"]) == 2
    assert "--mesh" in capsys.readouterr().err


def test_a_result_without_depth_has_no_mesh(tmp_path):
    frames = [
        frame.astype(np.uint8) for frame in render("steps", frames=3, size=(120, 80)).frames()
    ]
    result = stack(frames, Recipe(method="average", align="none", clean=False, depth=False))
    with pytest.raises(OutputError, match="no depth"):
        result.save_mesh(tmp_path / "a.ply")
