"""Looking closely without a browser: histograms, clipping, what is not to be trusted."""

from __future__ import annotations

import io
import multiprocessing

import numpy as np
import pytest

pytest.importorskip("starlette", reason="needs the extra 'studio'")
pytest.importorskip("httpx", reason="needs httpx")
from hypothesis import given, settings
from hypothesis import strategies as some
from hypothesis.extra import numpy as arrays
from PIL import Image

from focusstack import Recipe
from focusstack.report.overlays import LOST, UNSURE
from focusstack.steps.read import mapped_picture, open_source
from focusstack.studio.holdings import BINS, BRIGHT, DARK, look_into
from focusstack.studio.levels import TILE, level_count
from focusstack.studio.project import Project
from focusstack.studio.regions import Gaps, find_gaps
from focusstack.synthetic import render, write_stack
from test_studio_app import QUICK, STROKE, News, client_of, put_version
from truth import put_stack, write_with_a_gap


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """Deep frames, with a result that knows what veils hide."""
    folder = tmp_path_factory.mktemp("look") / "shots"
    write_stack(render("still-life", frames=6, size=(900, 600), bits=16), folder, "png")
    project = Project(folder)
    assert put_version(project, Recipe())[-1]["state"] == "done"
    return project


@pytest.fixture
def client(project):
    return client_of(project)


def drawn(answer):
    """A tile of an overlay."""
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "image/png"
    return np.asarray(Image.open(io.BytesIO(answer.content)))


def together(client, address, size, level=0):
    """All tiles of an overlay, as one."""
    wide, high = (-(-side // (1 << level)) for side in size)
    return np.vstack(
        [
            np.hstack(
                [
                    drawn(client.get(f"{address}/{level}/{column}_{row}.png"))
                    for column in range(-(-wide // TILE))
                ]
            )
            for row in range(-(-high // TILE))
        ]
    )


@settings(max_examples=60, deadline=None)
@given(
    arrays.arrays(
        some.sampled_from([np.uint8, np.uint16, np.float32]),
        some.tuples(some.integers(1, 9), some.integers(1, 9), some.sampled_from([1, 3])),
    )
)
def test_every_pixel_is_counted_once(pixels):
    held, channels = look_into(pixels), pixels.shape[2]
    full = 1 if pixels.dtype == np.float32 else np.iinfo(pixels.dtype).max
    assert held.counts.sum() == pixels.size
    for channel in range(channels):
        values = pixels[..., channel]
        assert held.dark[channel] == (values <= 0).sum()
        assert held.bright[channel] == (values >= full).sum()
    np.testing.assert_array_equal((held.clipped[0] & DARK) > 0, (pixels <= 0).any(axis=2))
    np.testing.assert_array_equal((held.clipped[0] & BRIGHT) > 0, (pixels >= full).any(axis=2))


def test_a_single_clipped_pixel_shows_at_every_size():
    pixels = np.full((1300, 2050, 3), 100, np.uint8)
    pixels[1299, 2049, 1] = 255
    held = look_into(pixels)
    assert len(held.clipped) == level_count(2050, 1300)
    for bits in held.clipped:
        assert np.count_nonzero(bits) == 1
        assert bits[-1, -1] == BRIGHT


def test_the_histogram_is_of_the_whole_picture_in_its_own_depth(project, client):
    made = mapped_picture(project.version_folder(1) / "picture.tif")
    assert made.dtype == np.uint16
    said = client.get("/api/versions/1/holds").json()
    assert said["white"] == 65535
    for channel in range(3):
        wanted, _ = np.histogram(made[..., channel], BINS, (0, 65536))
        assert said["counts"][channel] == wanted.tolist()
        assert said["bright"][channel] == (made[..., channel] == 65535).sum()
    frame = open_source(project.frames[2]).read(0).pixels
    said = client.get("/api/frames/2/holds").json()
    assert said["dark"] == [int((frame[..., k] == 0).sum()) for k in range(3)]
    assert client.get("/api/frames/77/holds").status_code == 422
    assert client.get("/api/versions/77/holds").status_code == 422


def test_clipping_is_shown_where_values_end(project, client):
    frame = open_source(project.frames[2]).read(0).pixels
    shown = together(client, "/api/frames/2/over/clipping", (900, 600))
    clipped = ((frame == 0) | (frame == 65535)).any(axis=2)
    np.testing.assert_array_equal(shown[..., 3] > 0, clipped)
    assert client.get("/api/frames/2/over/clipping/0/9_9.png").status_code == 422
    assert client.get("/api/frames/2/over/clipping/9/0_0.png").status_code == 422


def test_strokes_count_in_a_results_histogram(tmp_path):
    put_stack(tmp_path / "shots", "steps", frames=3, size=(300, 200))
    project = Project(tmp_path / "shots")
    put_version(project, QUICK)
    client = client_of(project)
    before = client.get("/api/versions/1/holds").json()
    client.post("/api/versions/1/strokes", json=STROKE | {"size": 200})
    after = client.get("/api/versions/1/holds").json()
    assert after["counts"] != before["counts"]
    client.post("/api/versions/1/strokes/undo", json={})
    assert client.get("/api/versions/1/holds").json() == before


def test_regions_are_those_of_the_maps(project, client):
    folder = project.version_folder(1)
    (version,) = client.get("/api/project").json()["versions"]
    assert {"halo", "unsure"} <= set(version["regions"])
    size = version["width"], version["height"]
    shares = client.get("/api/versions/1/holds").json()["shares"]
    maps = {
        "halo": np.load(folder / "lost.npy") > LOST,
        "unsure": np.load(folder / "confidence.npy") < UNSURE,
    }
    for name, region in maps.items():
        shown = together(client, f"/api/versions/1/over/{name}", size)
        np.testing.assert_array_equal(shown[..., 3] > 0, region)
        assert shares[name] == pytest.approx(region.mean(), abs=1e-5)
        small = together(client, f"/api/versions/1/over/{name}", size, 1)
        np.testing.assert_array_equal(small[..., 3] > 0, region[::2, ::2])
    assert maps["unsure"].any()
    assert client.get("/api/versions/1/over/lost/0/0_0.png").status_code == 422


def test_gaps_are_found_where_no_frame_is_sharp(tmp_path):
    folder = write_with_a_gap(tmp_path / "shots")
    project = Project(folder)
    put_version(project, QUICK)
    client = client_of(project)
    assert client.get("/api/versions/1/over/gap/0/0_0.png").status_code == 422
    news, task = News(), Gaps(project.version_folder(1), tuple(project.frames))
    find_gaps(task, news, multiprocessing.get_context("spawn").Event())
    assert news.said == [{"state": "done"}]
    (version,) = client.get("/api/project").json()["versions"]
    assert "gap" in version["regions"]
    shown = together(client, "/api/versions/1/over/gap", (version["width"], version["height"]))
    gap = shown[..., 3] > 0
    assert 0.02 < gap.mean() < 0.4
    depth = np.load(project.version_folder(1) / "depth.npy")
    assert 9 < np.nanmedian(depth[gap]) < 12  # between the frames beside what is missing
