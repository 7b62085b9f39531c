"""Bad input, end to end: one clear line, the right exit code, no half file, inputs untouched."""

import errno
import hashlib
import os
import resource
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

import focusstack
from command import run_apart
from focusstack.cli import main
from focusstack.events import RunStarted, StepStarted
from focusstack.recipe import METHODS
from focusstack.synthetic import render, write_stack

SIZE = (192, 144)


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    """Seven small frames as PNG, so that their pixels are exact."""
    folder = tmp_path_factory.mktemp("good")
    write_stack(render("steps", frames=7, size=SIZE, drift_px=1), folder, "png")
    return folder


@pytest.fixture
def here(tmp_path, monkeypatch, good):
    """The working directory, with a good stack in ``frames``."""
    monkeypatch.chdir(tmp_path)
    shutil.copytree(good, tmp_path / "frames")
    return tmp_path


@pytest.fixture
def refused(here, capsys):
    """Runs a command line that must fail; returns what was said."""

    def check(code, *args, names=""):
        before = snapshot(here)
        assert main([str(arg) for arg in args]) == code
        out, err = capsys.readouterr()
        lines = err.splitlines()
        errors = [line for line in lines if line.startswith("focusstack: error: ")]
        assert len(errors) == 1
        assert names in errors[0]
        assert "internal error" not in err
        assert "Traceback" not in err
        assert not out
        assert snapshot(here) == before
        return err

    return check


def snapshot(folder: Path):
    """Every file below ``folder`` with what is in it."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def frame(here: Path, index: int) -> Path:
    return sorted((here / "frames").iterdir())[index]


def pixels(path) -> np.ndarray:
    return cv2.imread(str(path), cv2.IMREAD_UNCHANGED)


def fill(here: Path, pictures) -> None:
    """Replace the frames by ``pictures``."""
    shutil.rmtree(here / "frames")
    (here / "frames").mkdir()
    for index, picture in enumerate(pictures):
        assert cv2.imwrite(str(here / "frames" / f"f{index:02d}.png"), picture)


def test_good_input_is_stacked(here, capsys):
    assert main(["frames", "-o", "out.png", "--depth", "d.tif", "--alignment", "a.json"]) == 0
    out, err = capsys.readouterr()
    assert out.splitlines() == ["out.png", "d.tif", "a.json"]
    assert "frames     7 of 7" in err
    assert all((here / name).exists() for name in out.splitlines())


def test_an_empty_folder(here, refused, capsys):
    (here / "empty").mkdir()
    refused(3, "empty", "-o", "out.png", names="empty")
    assert main(["-i", "empty", "-o", "out.png"]) == 0
    assert capsys.readouterr().err.startswith("nothing to do")


def test_a_missing_file(refused):
    refused(3, "frames", "nowhere.jpg", "-o", "out.png", names="nowhere.jpg")


def test_a_missing_folder(refused):
    refused(3, "-i", "nowhere", "-o", "out.png", names="nowhere")


def test_one_frame(here, refused):
    refused(3, frame(here, 0), "-o", "out.png")


@pytest.mark.parametrize("content", [b"", b"Dear diary,\n", b"\xff\xd8", b"\x89PNG\r\n\x1a\n"])
def test_a_file_that_is_no_picture(here, refused, content):
    bad = here / "frames" / "frame_03.jpg"
    bad.write_bytes(content)
    refused(3, "frames", "-o", "out.png", names="frame_03.jpg")
    refused(3, "-i", "frames", "-o", "out.png", names="frame_03.jpg")


@pytest.mark.parametrize("kept", [0.1, 0.5, 0.97])
def test_a_truncated_jpeg(here, refused, kept):
    fill(here, [pixels(frame(here, i)) for i in range(3)])
    whole = cv2.imencode(".jpg", pixels(frame(here, 1)))[1].tobytes()
    (here / "frames" / "f01.jpg").write_bytes(whole[: int(len(whole) * kept)])
    refused(3, "frames", "-o", "out.png", names="f01.jpg")


def test_two_sizes(here, refused):
    fill(here, [np.zeros((40, 60, 3), np.uint8), np.zeros((40, 62, 3), np.uint8)])
    said = refused(3, "frames", "-o", "out.png", names="f01.png")
    assert "62" in said


def test_mixed_bit_depths(here, refused):
    fill(here, [np.zeros((40, 60, 3), np.uint8), np.zeros((40, 60, 3), np.uint16)])
    said = refused(3, "frames", "-o", "out.png", names="f01.png")
    assert "16" in said


def test_grey_and_colour(here, refused):
    fill(here, [np.zeros((40, 60, 3), np.uint8), np.zeros((40, 60), np.uint8)])
    refused(3, "frames", "-o", "out.png", names="f01.png")


def read_only_folder(here: Path) -> Path:
    """A folder that refuses files, even from root."""
    if os.geteuid():
        (here / "locked").mkdir(mode=0o555)
        return here / "locked"
    return Path("/sys/kernel")


def test_a_read_only_folder(here, refused):
    folder = read_only_folder(here)
    if not folder.is_dir():
        pytest.skip("no folder that refuses root")
    refused(5, "frames", "-o", folder / "out.png", names="out.png")
    refused(5, "frames", "-o", "out.png", "--depth", folder / "d.tif", names="d.tif")


@pytest.mark.parametrize("more", [[], ["--overwrite"]])
def test_an_output_that_is_a_frame(here, refused, more):
    path = frame(here, 2)
    refused(5, "frames", "-o", path, *more, names=path.name)
    refused(5, "-i", "frames", "-o", path, names=path.name)
    link = here / "link.png"
    link.symlink_to(path)
    refused(5, "frames", "-o", link, *more, names="link.png")


def test_a_full_disk(here, refused, monkeypatch):
    def full(_descriptor):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    refused(5, "frames", "-o", "out.png", names="out.png")
    (here / "out.png").write_text("old")
    refused(5, "-i", "frames", "-o", "out.png", names="out.png")


def test_a_limit_on_file_sizes(here):
    def limit():
        resource.setrlimit(resource.RLIMIT_FSIZE, (5000, 5000))

    before = snapshot(here)
    done = run_apart("frames", "-o", "out.png", preexec_fn=limit)
    assert done.returncode == 5
    assert "out.png" in done.stderr
    assert "Traceback" not in done.stderr
    assert snapshot(here) == before


@pytest.mark.parametrize("name", ["out.xyz", "out", "out.gif", "out.json"])
def test_an_unknown_extension(refused, name):
    said = refused(5, "frames", "-o", name, names=name)
    assert ".tif" in said


@pytest.mark.parametrize("size", ["4", "0", "-1"])
@pytest.mark.parametrize("option", ["-g", "-l"])
def test_impossible_kernels(refused, option, size):
    said = refused(2, "-i", "frames", "-o", "out.png", option, size, names=size)
    assert "odd" in said


def test_a_reference_beyond_the_stack(refused):
    refused(2, "frames", "-o", "out.png", "--reference", "7", names="7")


def test_too_little_memory(refused):
    said = refused(6, "frames", "-o", "out.png", "--memory", "100k")
    assert "try:" in said


@pytest.mark.parametrize("how", [[], ["--method", "laplacian", "--align", "none"]])
def test_pure_black_frames(here, how):
    fill(here, [np.zeros((40, 60, 3), np.uint8)] * 4)
    assert main(["frames", "-o", "out.png", "--depth", "d.tif", *how]) == 0
    assert pixels("out.png").shape == (40, 60, 3)
    assert not pixels("out.png").any()
    assert np.isnan(pixels("d.tif")).all()


def test_key_points_in_pure_black_frames(here, capsys):
    fill(here, [np.zeros((40, 60, 3), np.uint8)] * 4)
    assert main(["frames", "-o", "out.png", "--method", "laplacian"]) == 0
    assert "no frame has detail to align on" in capsys.readouterr().err
    assert not pixels("out.png").any()


@pytest.mark.parametrize("method", METHODS)
def test_the_same_frame_ten_times(here, method):
    picture = pixels(frame(here, 3))
    fill(here, [picture] * 10)
    assert main(["frames", "-o", "out.png", "--method", method]) == 0
    assert pixels("out.png").shape == picture.shape
    assert np.abs(pixels("out.png").astype(int) - picture).max() <= 1


def tiny(side: int, count: int = 3):
    rng = np.random.default_rng(side)
    return [rng.integers(0, 255, (side, side, 3), np.uint8) for _ in range(count)]


@pytest.mark.parametrize("side", [1, 7])
def test_frames_of_a_few_pixels(here, refused, side):
    fill(here, tiny(side))
    said = refused(3, "frames", "-o", "out.png", names=f"{side}x{side}")
    assert "8x8" in said


@pytest.mark.parametrize("method", METHODS)
def test_the_smallest_frames(here, method):
    fill(here, tiny(8))
    assert main(["frames", "-o", "out.png", "--method", method, "--align", "none"]) == 0
    assert pixels("out.png").shape == (8, 8, 3)


def test_frames_of_different_things(here, refused):
    fill(here, tiny(200, count=4))
    refused(4, "frames", "-o", "out.png", names="of 4 frames")


def test_shuffled_frames(here, capsys):
    order = [3, 0, 6, 2, 5, 1, 4]
    shuffled = [frame(here, index) for index in order]
    assert main(["frames", "-o", "sorted.png"]) == 0
    assert "order" not in capsys.readouterr().err
    assert main([*map(str, shuffled), "-o", "shuffled.png"]) == 0
    assert any("order" in line for line in warnings(capsys))
    one, other = pixels("sorted.png"), pixels("shuffled.png")
    height, width = (min(one.shape[i], other.shape[i]) for i in (0, 1))
    assert min(height / one.shape[0], width / one.shape[1]) > 0.97
    difference = cv2.absdiff(one[:height, :width], other[:height, :width])
    assert difference.mean() < 2


def warnings(capsys):
    lines = capsys.readouterr().err.splitlines()
    return [line for line in lines if line.startswith("warning: ")]


@pytest.fixture
def when(monkeypatch):
    """Does something as soon as the run says an event of which ``wanted`` is true."""
    real = focusstack.stack

    def arrange(wanted, act):
        def stack(source, recipe, *, observer, **settings):
            def watch(event):
                if wanted(event):
                    act()
                observer(event)

            return real(source, recipe, observer=watch, **settings)

        monkeypatch.setattr(focusstack, "stack", stack)

    return arrange


@pytest.mark.parametrize("moment", ["start", "align", "fuse"])
@pytest.mark.parametrize("index", [0, 6])
def test_a_frame_removed_while_running(here, capsys, when, monkeypatch, moment, index):
    monkeypatch.setattr("focusstack.plan.KEPT_BYTES", 0)  # as with frames too large to be kept
    monkeypatch.setattr("focusstack.plan.KEPT_SHARE", 0)
    lost = frame(here, index)

    def wanted(event):
        if moment == "start":
            return isinstance(event, RunStarted)
        return isinstance(event, StepStarted) and event.step == moment

    when(wanted, lambda: lost.unlink(missing_ok=True))
    assert main(["frames", "-o", "out.png"]) == 3
    _, err = capsys.readouterr()
    assert lost.name in err
    assert "Traceback" not in err
    assert sorted(path.name for path in here.iterdir()) == ["frames"]


def test_a_frame_removed_once_all_are_read_does_no_harm(here, when):
    def wanted(event):
        return isinstance(event, StepStarted) and event.step == "fuse"

    when(wanted, lambda: frame(here, 0).unlink())
    assert main(["frames", "-o", "out.png"]) == 0
    assert (here / "out.png").exists()


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    """Frames that take a while."""
    folder = tmp_path_factory.mktemp("large")
    rng = np.random.default_rng(1)
    picture = cv2.GaussianBlur(rng.integers(0, 255, (1200, 1600, 3), np.uint8), (0, 0), 2)
    for index in range(12):
        cv2.imwrite(str(folder / f"f{index:02d}.png"), picture)
    return folder


@pytest.mark.parametrize(
    "moment", ["stacking", "align: started", "align: 3 of", "fuse: started", "fuse: 5 of", "write:"]
)
def test_ctrl_c_at_any_moment(tmp_path, large, moment):
    command = [sys.executable, "-m", "focusstack", "-v", str(large), "-o", "out.png"]
    if not moment.startswith(("stacking", "align")):
        command += ["--align", "none", "--method", "pyramid"]  # to be there sooner
    process = subprocess.Popen(
        command,
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    lines = []
    for line in process.stderr:
        lines.append(line)
        if line.startswith(moment):
            process.send_signal(signal.SIGINT)
            break
    lines += process.stderr.readlines()
    process.communicate(timeout=60)
    left = [path.name for path in tmp_path.iterdir()]
    assert "Traceback" not in "".join(lines)
    if moment != "write:":
        assert (process.returncode, left) == (130, []), lines
        assert lines[-1] == "stopped; nothing was written\n"
    elif left:
        # It was too late to stop anything: the picture is whole.
        assert left == ["out.png"]
        assert pixels(tmp_path / "out.png").shape == (1200, 1600, 3)
    else:
        assert lines[-1] == "stopped; nothing was written\n"
