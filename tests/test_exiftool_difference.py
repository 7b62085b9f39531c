"""What exiftool sees in a result that it did not see in the reference frame, tag by tag."""

import json
import shutil
import subprocess

import cv2
import pytest
import tifffile

from command import run
from picture_files import exif, icc, jpeg
from truth import rendered

EXIFTOOL = shutil.which("exiftool")
pytestmark = pytest.mark.skipif(EXIFTOOL is None, reason="exiftool is not installed")
SIZE = 160, 120
WRITTEN = (
    "-IPTC:Keywords=ant",
    "-IPTC:Keywords+=beetle",
    "-IPTC:By-line=Ada",
    "-IPTC:Caption-Abstract=A beetle",
    "-XMP-xmp:Rating=4",
    "-XMP-dc:Subject=ant",
    "-EXIF:LensModel=Macro 100",
    "-EXIF:Artist=Ada",
    "-EXIF:Copyright=Ada 2026",
    "-EXIF:UserComment=hello",
    "-EXIF:DateTimeOriginal=2026:01:02 03:04:05",
    "-GPSAltitude=12.5",
    "-EXIF:Orientation#=6",
)
TURNED = {"Composite:ImageSize", "IFD0:Orientation"}
SAID = {
    *("IFD0:ImageDescription", "IFD0:Software"),
    *("XMP-focusstack:Frames", "XMP-focusstack:Method", "XMP-focusstack:Record"),
}
PIXELS = {"ExifIFD:ExifImageWidth", "ExifIFD:ExifImageHeight"}
NEW_THUMBNAIL = {
    f"IFD1:{tag}" for tag in ("Compression", "ThumbnailImage", "ThumbnailLength", "ThumbnailOffset")
}
SHAPE = {
    f"IFD0:{tag}"
    for tag in ("ImageWidth", "ImageHeight", "RowsPerStrip", "StripByteCounts", "StripOffsets")
}
SAMPLES = {
    f"IFD0:{tag}"
    for tag in (
        *("BitsPerSample", "PhotometricInterpretation", "SamplesPerPixel", "PlanarConfiguration"),
    )
}
PACKED = {"IFD0:Compression"}
PREDICTED = {"IFD0:Predictor"}
RESOLUTION = {"IFD0:XResolution", "IFD0:YResolution", "IFD0:ResolutionUnit"}
JFIF = {f"JFIF:{tag}" for tag in ("JFIFVersion", "ResolutionUnit", "XResolution", "YResolution")}
IPTC = {f"{tag}" for tag in ("ApplicationRecordVersion", "By-line", "Caption-Abstract", "Keywords")}
UPRIGHT = TURNED | SAID | PIXELS
DIFFERENT = {
    ("jpg", "jpg"): UPRIGHT | NEW_THUMBNAIL,
    ("tif", "tif"): TURNED | SAID | SHAPE | PACKED | PREDICTED,
    ("jpg", "tif"): UPRIGHT
    | (NEW_THUMBNAIL - {"IFD1:Compression"})
    | (SHAPE | SAMPLES | PACKED | PREDICTED | RESOLUTION | JFIF),
    ("tif", "jpg"): TURNED | SAID | SHAPE | SAMPLES | PACKED | JFIF,
    ("jpg", "png"): UPRIGHT | NEW_THUMBNAIL | JFIF,
    ("jpg", "avif"): UPRIGHT | (NEW_THUMBNAIL - {"IFD1:Compression"}) | JFIF,
    ("jpg", "webp"): UPRIGHT | NEW_THUMBNAIL | JFIF,
}
"""All that differs: the picture was turned upright and has another size, the stack is described,
the thumbnail is new, and each format stores pixels in its own way."""


@pytest.fixture(scope="module")
def frames(tmp_path_factory):
    """Folders of frames with all kinds of metadata, by extension."""
    made = {}
    for extension in ("jpg", "tif"):
        folder = made[extension] = tmp_path_factory.mktemp(extension)
        for k, frame in enumerate(rendered("steps", frames=3, size=SIZE)[0]):
            path = folder / f"f{k}.{extension}"
            if extension == "jpg":
                path.write_bytes(jpeg(frame, exif=exif(6, True, SIZE), icc_profile=icc()))
            else:
                tifffile.imwrite(
                    path, frame, photometric="rgb", iccprofile=icc(), metadata=None, software=False
                )
        subprocess.run(
            [EXIFTOOL, "-q", "-q", "-m", "-overwrite_original", *WRITTEN, folder], check=True
        )
    return made


def tags_of(path):
    """Everything but what is about the file on the disk and how its format is built."""
    done = subprocess.run(
        [EXIFTOOL, "-j", "-G1", "-a", "-struct", path], capture_output=True, text=True, check=True
    )
    tags = json.loads(done.stdout)[0]
    about_file = (
        "SourceFile",
        "System:",
        "File:",
        "ExifTool:",
        "PNG:",
        "RIFF:",
        "QuickTime:",
        "Meta:",
    )
    return {tag: value for tag, value in tags.items() if not tag.startswith(about_file)}


def stacked(frames, out):
    options = ["--method", "average", "--align", "none", "--reference", 1]
    done = run(frames, "-o", out, *options)
    assert done.returncode == 0, done.stderr
    return done.stderr


@pytest.mark.parametrize(("given", "made"), DIFFERENT)
def test_only_what_must_differ_does(frames, tmp_path, given, made):
    out = tmp_path / f"out.{made}"
    said = stacked(frames[given], out)
    before, after = tags_of(frames[given] / f"f1.{given}"), tags_of(out)
    changed = {tag for tag in before | after if before.get(tag) != after.get(tag)}
    lost = {f"IPTC:{tag}" for tag in IPTC} if made in ("png", "webp", "avif") else set()
    assert changed == DIFFERENT[given, made] | lost
    assert ("no place for IPTC" in said) == bool(lost)


@pytest.mark.parametrize("extension", ["jpg", "png"])
def test_the_thumbnail_shows_the_fused_picture(frames, tmp_path, extension):
    out = tmp_path / f"out.{extension}"
    stacked(frames["jpg"], out)
    done = subprocess.run([EXIFTOOL, "-b", "-ThumbnailImage", out], capture_output=True, check=True)
    (tmp_path / "small.jpg").write_bytes(done.stdout)
    small = cv2.imread(str(tmp_path / "small.jpg")).astype(float)
    whole = cv2.imread(str(out), cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION)
    expected = cv2.resize(whole, small.shape[1::-1], interpolation=cv2.INTER_AREA)
    assert max(small.shape) == 160
    assert abs(small - expected).mean() < 4


@pytest.mark.parametrize("kilobytes", [30, 62])
def test_the_photographers_xmp_comes_first(frames, tmp_path, kilobytes):
    for path in frames["jpg"].iterdir():
        shutil.copy(path, tmp_path)
    words = "word " * (kilobytes * 200)
    subprocess.run(
        [
            EXIFTOOL,
            "-q",
            "-q",
            "-m",
            "-overwrite_original",
            f"-XMP-dc:Description={words}",
            tmp_path,
        ],
        check=True,
    )
    out = tmp_path / "out" / "out.jpg"
    said = stacked(tmp_path, out)
    tags = tags_of(out)
    assert tags["XMP-dc:Description"].strip() == words.strip()
    assert tags["XMP-xmp:Rating"] == 4
    recorded = "XMP-focusstack:Record" in tags
    assert recorded == (kilobytes == 30)
    assert ("leaves no room" in said) == (not recorded)
    assert ("--sidecar" in said) == (not recorded)
