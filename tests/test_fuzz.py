"""A short run of tests/fuzz: damaged files end in pixels or in an error for people."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).with_name("fuzz")))

from mutate import mutated
from reading import Reader, outcome
from seeds import SEEDS

from fuzz import fuzz

FOUND = {
    ("tiff", 1, 1835): "more memory than there is",
    ("tiff", 11, 1787): "a tag with several values where one belongs",
    ("tiff", 11, 6722): "text where a number belongs",
    ("tiff", 12, 3643): "a directory that is followed by itself",
    ("avif", 1, 142): "an error that libavif calls a RuntimeError",
}
"""What longer runs have found: format, seed, number."""


@pytest.fixture(scope="module")
def reader():
    process = Reader()
    yield process
    process.close()


@pytest.mark.parametrize("kind", SEEDS)
def test_what_is_not_damaged_is_read(tmp_path, kind):
    extension, make = SEEDS[kind]
    for number, data in enumerate(make()):
        path = tmp_path / f"{number}{extension}"
        path.write_bytes(data)
        assert outcome(kind, path) == (True, "read"), (kind, number)


@pytest.mark.parametrize("kind", SEEDS)
def test_damage_ends_in_pixels_or_an_error(tmp_path, reader, kind):
    if not SEEDS[kind][1]():
        pytest.skip(f"nothing here writes {kind} (Debian: libheif-examples)")
    tally = fuzz(kind, range(60), 2, tmp_path, reader)
    assert tally.failures == {}
    assert sum(tally.outcomes.values()) == 60


@pytest.mark.parametrize(("kind", "seed", "number"), FOUND)
def test_what_was_found_once_stays_mended(tmp_path, reader, kind, seed, number):
    tally = fuzz(kind, range(number, number + 1), seed, tmp_path, reader)
    assert tally.failures == {}


def test_damage_is_the_same_each_time_and_not_nothing():
    data = bytes(range(256)) * 8
    made = [mutated(data, 1, number) for number in range(200)]
    assert made == [mutated(data, 1, number) for number in range(200)]
    assert sum(one == data for one in made) < 10


def test_a_crash_and_a_hang_are_failures(tmp_path, reader, monkeypatch):
    """The harness itself: a process that dies or says nothing must not pass."""
    (tmp_path / "a.jpg").write_bytes(b"x")
    reader._process.kill()
    reader._process.join()
    fine, said = reader.read("jpeg", tmp_path / "a.jpg")
    assert not fine
    assert "crashes" in said or "hangs" in said
    monkeypatch.setattr("reading.PATIENCE", 0.0)
    assert reader.read("jpeg", tmp_path / "a.jpg")[1].startswith("hangs")
    monkeypatch.undo()
    assert reader.read("jpeg", tmp_path / "a.jpg") == (True, "UnreadableFrame")
