"""What a picture says about the exposures that it was made of."""

from __future__ import annotations

import struct

import pytest

from focusstack import Recipe, stack
from focusstack.ifd import LONG, RATIONAL, SHORT, Entry, serialise
from focusstack.model import Metadata
from focusstack.result import exposure_facts
from focusstack.steps.read import FileSource
from focusstack.steps.write import jpeg_bytes
from focusstack.synthetic import render


def exif(metres):
    def ratio(over, under):
        return Entry(RATIONAL, 1, struct.pack("<II", over, under))

    details = {33434: ratio(1, 160), 33437: ratio(56, 10), 34855: Entry(SHORT, 1, b"\xc8\0\0\0")}
    if metres is not None:
        details[37382] = ratio(round(metres * 1000), 1000)
    main = {34665: Entry(LONG, 1, struct.pack("<I", 26))}
    return b"II*\0\x08\0\0\0" + serialise(main, "<", 8) + serialise(details, "<", 26)


def shots(folder, distances):
    frames = render("steps", frames=len(distances), size=(160, 120)).frames()
    for index, (pixels, metres) in enumerate(zip(frames, distances, strict=True)):
        data = jpeg_bytes(pixels, Metadata(exif=exif(metres)), 92)
        (folder / f"{index}.jpg").write_bytes(data)
    return folder


def test_the_packet_names_exposure_and_focus_range(tmp_path):
    result = stack(shots(tmp_path, [0.31, 0.32, 0.33, 0.35]), Recipe(depth=False))
    assert result.facts["focus_m"] == (0.31, 0.35)
    result.save(tmp_path / "out.jpg")
    packet = FileSource([tmp_path / "out.jpg"]).read_metadata(0).xmp.decode()
    assert 'focusstack:exposure="1/160 s f/5.6 ISO 200"' in packet
    assert 'focusstack:focus="0.31 m to 0.35 m"' in packet
    assert 'focusstack:frames="4"' in packet


def test_what_is_not_known_is_not_said(tmp_path):
    result = stack(shots(tmp_path, [0.31, None, None, None]), Recipe(depth=False))
    assert "focus_m" not in result.facts
    assert exposure_facts(result.facts) == {"exposure": "1/160 s f/5.6 ISO 200"}
    frames = list(render("steps", frames=3, size=(160, 120)).frames())
    assert exposure_facts(stack(frames, Recipe(depth=False)).facts) == {}


@pytest.mark.parametrize(("seconds", "said"), [(0.5, "0.5 s"), (2.0, "2 s"), (0.004, "1/250 s")])
def test_times_are_written_as_photographers_do(seconds, said):
    assert exposure_facts({"exposure": (seconds, None, None)}) == {"exposure": said}
