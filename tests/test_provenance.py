"""What a picture says about how it was made, and making it again."""

import base64
import json
import shutil
import subprocess
import zlib
from pathlib import Path

import cv2
import numpy as np
import pytest

from command import run, run_apart
from focusstack import InputError, Recipe, stack
from focusstack.model import Alignment
from focusstack.provenance import MOST_PACKED, from_json, make_record, pack, unpack
from focusstack.steps.read import SIDECAR, read_provenance
from focusstack.steps.write.xmp import fresh, with_record
from truth import rendered


def write_frames(folder, bits=8):
    folder.mkdir(parents=True)
    for k, frame in enumerate(rendered("steps", frames=4, size=(120, 80), bits=bits)[0]):
        cv2.imwrite(str(folder / f"f{k}.png"), frame[..., ::-1])
    return folder


@pytest.fixture(scope="module")
def made_once(tmp_path_factory):
    folder = tmp_path_factory.mktemp("made")
    done = run(write_frames(folder / "frames"), "-o", folder / "fused.png", "--sidecar")
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture
def made(made_once, tmp_path):
    """A picture with its sidecar, and the frames beside it."""
    shutil.copytree(made_once, tmp_path, dirs_exist_ok=True)
    return tmp_path / "fused.png"


def test_another_process_makes_the_same_picture(made):
    done = run_apart("restack", made)
    assert done.returncode == 0, done.stderr
    assert "made first, bit for bit" in done.stderr


@pytest.mark.parametrize(
    "name", ["fused.png", "fused.jpg", "fused.tif", "fused.webp", "fused.avif"]
)
@pytest.mark.parametrize("bits", [8, 16])
def test_restack_makes_the_same_picture(tmp_path, name, bits):
    frames, out = write_frames(tmp_path / "frames", bits), tmp_path / name
    assert run(frames, "-o", out).returncode == 0
    done = run("restack", out)
    assert done.returncode == 0, done.stderr
    assert "made first, bit for bit" in done.stderr
    again = out.with_name(f"fused-restacked{out.suffix}")
    flags = cv2.IMREAD_UNCHANGED
    np.testing.assert_array_equal(cv2.imread(str(out), flags), cv2.imread(str(again), flags))


def test_a_picture_made_with_a_given_alignment_comes_out_the_same(tmp_path):
    frames = write_frames(tmp_path / "frames")
    first = [frames, "-o", tmp_path / "a.png", "--method", "average"]
    assert run(*first, "--alignment", tmp_path / "places.json").returncode == 0
    places = json.loads((tmp_path / "places.json").read_text())
    places["transforms"][0][0][2] += 1.5  # not what would be found
    places["crop"] = [2, 2, 110, 70]
    (tmp_path / "places.json").write_text(json.dumps(places))
    given = ["--use-alignment", tmp_path / "places.json", "--method", "average"]
    assert run(frames, "-o", tmp_path / "b.png", *given).returncode == 0
    done = run("restack", tmp_path / "b.png")
    assert "bit for bit" in done.stderr


@pytest.mark.parametrize(
    "changes",
    [
        {"order": [99, 1, 2, 3]},
        {"transforms": [[[float("nan")] * 3] * 3] * 4},
        {"transforms": [None] * 4},
        {"transforms": "x"},
        {"reference_index": 7},
        {"crop": [1]},
    ],
)
def test_alignments_that_make_no_sense_are_refused(made, changes):
    sidecar = made.with_name(made.name + SIDECAR)
    lying = damaged(read_provenance(sidecar), given_alignment=True, **changes)
    sidecar.write_text(lying)
    done = run("restack", sidecar, "-o", made.with_name("again.png"))
    assert done.returncode == 3, done.stderr
    assert "damaged" in done.stderr
    assert not made.with_name("again.png").exists()


def test_settings_can_be_changed(made):
    done = run("restack", made, "--set", "method=average", "--set", "clean=false")
    assert done.returncode == 0
    assert "as the settings do" in done.stderr
    record = read_provenance(made.with_name("fused-restacked.png"))
    assert record["recipe"]["method"] == "average"
    assert record["recipe"]["clean"] is False


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("methd=auto", "did you mean 'method'"),
        ("method", "NAME=VALUE"),
        ("sharpness=3", "use 1, 2"),
    ],
)
def test_settings_that_make_no_sense(made, setting, said):
    done = run("restack", made, "--set", setting)
    assert done.returncode == 2
    assert said in done.stderr


def test_missing_and_changed_frames_are_named(made):
    (made.parent / "frames" / "f1.png").unlink()
    shutil.copy(made.parent / "frames" / "f0.png", made.parent / "frames" / "f2.png")
    done = run("restack", made)
    assert done.returncode == 3
    assert "missing: f1.png" in done.stderr
    assert "not what they were: f2.png" in done.stderr
    assert not made.with_name("fused-restacked.png").exists()


def test_frames_elsewhere_are_found_when_it_is_said_where(made, tmp_path_factory):
    away = tmp_path_factory.mktemp("away")
    shutil.move(made.parent / "frames", away / "frames")
    assert run("restack", made).returncode == 3
    assert run("restack", made, "--frames", away / "frames").returncode == 0


def test_nothing_is_overwritten(made):
    made.with_name("fused-restacked.png").write_text("mine")
    assert run("restack", made).returncode == 5
    assert run("restack", made, "-o", made).returncode == 5
    assert made.with_name("fused-restacked.png").read_text() == "mine"


def test_the_sidecar_holds_the_same_and_serves_as_well(made):
    sidecar = made.with_name(made.name + SIDECAR)
    assert read_provenance(sidecar) == read_provenance(made)
    picture = cv2.imread(str(made))
    cv2.imwrite(str(made), picture)  # as an editor that drops metadata
    assert read_provenance(made) == read_provenance(sidecar)
    assert run("restack", sidecar).returncode == 0


def test_the_record_names_no_folder_and_no_person(made):
    text = json.dumps(read_provenance(made))
    assert str(made.parent) not in text
    assert Path.home().name + "/" not in text
    assert all("/" not in frame["name"] for frame in read_provenance(made)["frames"])


def test_what_was_left_out_and_why_is_in_it(tmp_path):
    frames = [f.copy() for f in rendered("plane", frames=5, size=(240, 160))[0]]
    frames[2][:] = 128
    for k, frame in enumerate(frames):
        cv2.imwrite(str(tmp_path / f"{k}.png"), frame[..., ::-1])
    record = stack(tmp_path, Recipe(depth=False)).provenance
    assert [r["index"] for r in record["rejected"]] == [2]
    assert any("2.png" in warning for warning in record["warnings"])
    assert str(tmp_path) not in json.dumps(record)
    assert record["gains"][2] is None
    assert record["transforms"][2] is None


def test_a_picture_without_a_record(tmp_path):
    cv2.imwrite(str(tmp_path / "a.png"), np.zeros((20, 30, 3), np.uint8))
    done = run("restack", tmp_path / "a.png")
    assert done.returncode == 3
    assert "no record of how it was made" in done.stderr


def damaged(record, **changes):
    return json.dumps({**record, **changes})


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"frames": [{"name": "../../etc/passwd"}] * 2}, "another folder"),
        ({"frames": [{"name": "a\\b.png"}] * 2}, "another folder"),
        ({"frames": [{"name": ".."}] * 2}, "no name"),
        ({"frames": [3, 4]}, "no name"),
        ({"frames": [{"name": "C:a.png"}] * 2}, "another folder"),
        ({"frames": [{"name": "a" * 5000}] * 2}, "another folder"),
        ({"picture": {"width": "x", "height": 3}}, "no size"),
        ({"frames": []}, "missing"),
        ({"recipe": None}, "missing"),
        ({"picture": 1}, "missing"),
        ({"version": 99}, "update focusstack"),
        ({"format": "other"}, "no record"),
    ],
)
def test_lying_records_are_refused(made, changes, said):
    with pytest.raises(InputError, match="record") as caught:
        from_json(damaged(read_provenance(made), **changes), "a.png")
    assert said in str(caught.value)


@pytest.mark.parametrize(
    "packed",
    ["", "AAAA", "not base64!", base64.b64encode(zlib.compress(b"[" * 100_000)).decode()],
)
def test_records_that_cannot_be_unpacked(packed):
    with pytest.raises(InputError, match=r"a\.jpg"):
        unpack(packed, "a.jpg")


def test_a_record_that_unpacks_to_gigabytes_is_cut():
    bomb = zlib.compress(b" " * (64 << 20), 9)
    with pytest.raises(InputError, match="damaged"):
        unpack(base64.b64encode(bomb).decode(), "a.jpg")


@pytest.mark.parametrize("count", [100, 300, 700])
def test_records_of_long_stacks_fit_into_a_jpeg(count):
    rng = np.random.default_rng(0)
    transforms = tuple(np.eye(3) + rng.normal(0, 0.01, (3, 3)) for _ in range(count))
    order = tuple(range(count))
    places = Alignment(transforms, 0, (0, 0, 9, 9), (), order, "similarity", (9, 9))
    names = [f"IMG_{k:04d}.jpg" for k in range(count)]
    gains = [tuple(rng.random(3)) for _ in range(count)]
    image = np.zeros((9, 9, 3), np.uint8)
    record = make_record(image, Recipe(), places, names, (), gains, (), False)
    for frame in record["frames"]:
        frame["sha256"] = rng.bytes(32).hex()
    packed = pack(record)
    assert 0 < len(packed) <= MOST_PACKED
    assert unpack(packed, "a.jpg")["frames"] == record["frames"]


def test_a_record_that_is_too_long_is_said(tmp_path, monkeypatch):
    monkeypatch.setattr("focusstack.provenance.MOST_PACKED", 100)
    result = stack(rendered("plane", frames=3, size=(90, 60))[0], Recipe(depth=False))
    assert any("sidecar" in warning for warning in result.save(tmp_path / "a.png"))
    with pytest.raises(InputError, match="no record"):
        read_provenance(tmp_path / "a.png")


def test_frames_without_a_hash_are_said_to_be_taken_as_they_are(made):
    sidecar = made.with_name(made.name + SIDECAR)
    record = json.loads(sidecar.read_text())
    del record["frames"][1]["sha256"]
    sidecar.write_text(json.dumps(record))
    done = run("restack", sidecar)
    assert done.returncode == 0, done.stderr
    assert "no hash of f1.png: taken as they are now" in done.stderr
    assert "no hash" not in run("restack", made, "--overwrite").stderr


def test_a_picture_that_was_edited_is_said_to_be(made):
    exiftool = shutil.which("exiftool")
    if exiftool is None:
        pytest.skip("needs exiftool to carry the record over")
    edited, cropped = made.with_name("edited.png"), made.with_name("cropped.png")
    picture = cv2.imread(str(made))
    cv2.imwrite(str(cropped), picture[:40, :50])
    picture[10:20, 10:20] = 0
    cv2.imwrite(str(edited), picture)
    for path, said in ((edited, "has been edited"), (cropped, "cropped or scaled")):
        copy = [exiftool, "-q", "-overwrite_original", "-tagsfromfile", made, "-xmp", path]
        subprocess.run(list(map(str, copy)), check=True)
        done = run("restack", path)
        assert done.returncode == 0
        assert said in done.stderr
    done = run("explain", cropped, 1, 1)
    assert done.returncode == 3
    assert "not as large" in done.stderr


def test_a_record_survives_another_program(made):
    exiftool = shutil.which("exiftool")
    if exiftool is None:
        pytest.skip("needs exiftool to edit a tag")
    before = read_provenance(made)
    command = [exiftool, "-q", "-overwrite_original", "-XMP-dc:Title=A title", str(made)]
    subprocess.run(command, check=True)
    assert read_provenance(made) == before


def test_a_second_record_takes_the_place_of_the_first():
    packet = with_record(with_record(fresh("focusstack", {}), "Zmlyc3Q="), "c2Vjb25k")
    assert packet.count(b"focusstack:Record") == 1
    assert b"c2Vjb25k" in packet


def test_xmp_that_is_no_rdf_is_left_alone():
    assert with_record(b"<x:xmpmeta/>", "AAAA") is None
