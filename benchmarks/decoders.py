"""Which library decodes a format in the least time: ours beside what else comes as a wheel.

    python3 dev.py decoders
    python3 dev.py decoders --megapixels 24

CPU time of one thread, beside that of the first, which is the one that focusstack uses.
"""

from __future__ import annotations

import argparse
import io
import time
from collections.abc import Callable
from dataclasses import dataclass

import cv2
import imagecodecs
import numpy as np
import simplejpeg
import tifffile
from PIL import Image

REPEATS = 5
Decoder = Callable[[bytes], np.ndarray]


@dataclass(frozen=True)
class Contest:
    """One kind of file, and who reads it; the first is what focusstack uses."""

    kind: str
    data: bytes
    rivals: dict[str, Decoder]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--megapixels", type=float, default=12)
    megapixels = parser.parse_args().megapixels
    cv2.setNumThreads(1)
    print("| file | library | CPU ms per MP | of the first | same pixels |\n|---|---|---|---|---|")
    for contest in contests(*picture(megapixels)):
        for line in judged(contest, megapixels):
            print(f"| {line} |", flush=True)


def picture(megapixels: float) -> tuple[np.ndarray, np.ndarray]:
    """Something like a photograph, RGB with 8 and with 16 bits: structure, and grain."""
    height = round((megapixels * 1e6 / 1.5) ** 0.5)
    width, noise = round(height * 1.5), np.random.default_rng(0)
    wave = np.sin(np.arange(width) / 40) * 60 + np.sin(np.arange(height) / 30)[:, None] * 60 + 128
    deep = (wave[..., None] + noise.normal(0, 2, (height, width, 3))) * 257
    deep = np.clip(deep, 0, 65535).astype(np.uint16)
    return (deep >> 8).astype(np.uint8), deep


def contests(plain: np.ndarray, deep: np.ndarray) -> list[Contest]:
    """The files, and who is to read them."""
    jpeg = simplejpeg.encode_jpeg(plain, quality=92, colorsubsampling="422")
    spng, png = imagecodecs.spng_decode, imagecodecs.png_decode
    through_png = {"imagecodecs, libpng": png, "imagecodecs, spng": spng, "OpenCV": by_opencv}
    two = {"tifffile": by_tifffile, "imagecodecs, libtiff": imagecodecs.tiff_decode}
    others = {"OpenCV": by_opencv, "Pillow": by_pillow}
    plainly, packed = two | others, dict(reversed(two.items())) | others
    webp = imagecodecs.webp_encode(plain, level=90)
    return [
        Contest("JPEG", jpeg, jpegs(1)),
        Contest("JPEG at 1/4", jpeg, jpegs(4)),
        Contest("PNG, 8 bits", imagecodecs.png_encode(plain), through_png),
        Contest("PNG, 16 bits", imagecodecs.png_encode(deep), through_png),
        *(
            Contest(
                f"TIFF, {bits} bits, {how or 'not compressed'}",
                tiff(pixels, how),
                packed if how else plainly,
            )
            for bits, pixels, how in (
                (8, plain, None),
                (16, deep, None),
                (16, deep, "lzw"),
                (16, deep, "deflate"),
            )
        ),
        Contest(
            "WebP",
            webp,
            {"imagecodecs": imagecodecs.webp_decode, "OpenCV": by_opencv, "Pillow": by_pillow},
        ),
    ]


def jpegs(scale: int) -> dict[str, Decoder]:
    """Decoders of JPEG, whole or at a reduction through the DCT."""
    reduced = {1: cv2.IMREAD_COLOR_RGB, 4: cv2.IMREAD_REDUCED_COLOR_4}[scale]

    def by_simplejpeg(data: bytes) -> np.ndarray:
        height, width = simplejpeg.decode_jpeg_header(data)[:2]
        least = {"min_height": -(-height // scale), "min_width": -(-width // scale)}
        return np.asarray(
            simplejpeg.decode_jpeg(data, min_factor=scale, **(least if scale > 1 else {}))
        )

    def opencv(data: bytes) -> np.ndarray:
        found = cv2.imdecode(np.frombuffer(data, np.uint8), reduced)
        return found if scale == 1 else found[..., ::-1]

    def pillow(data: bytes) -> np.ndarray:
        image = Image.open(io.BytesIO(data))
        image.draft("RGB", (image.width // scale, image.height // scale))
        return np.asarray(image)

    rivals: dict[str, Decoder] = {"simplejpeg": by_simplejpeg, "OpenCV": opencv, "Pillow": pillow}
    return rivals | ({"imagecodecs": imagecodecs.jpeg8_decode} if scale == 1 else {})


def tiff(pixels: np.ndarray, how: str | None) -> bytes:
    """A TIFF file in memory, compressed as cameras' converters do."""
    file = io.BytesIO()
    predictor = None if how is None else True
    tifffile.imwrite(file, pixels, photometric="rgb", compression=how, predictor=predictor)
    return file.getvalue()


def by_opencv(data: bytes) -> np.ndarray:
    """As it is, but in the order RGB."""
    found = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    return cv2.cvtColor(found, cv2.COLOR_BGR2RGB)


def by_tifffile(data: bytes) -> np.ndarray:
    """In one thread."""
    with tifffile.TiffFile(io.BytesIO(data)) as file:
        return file.pages[0].asarray(maxworkers=1)


def by_pillow(data: bytes) -> np.ndarray:
    """Which knows RGB with 8 bits only."""
    return np.asarray(Image.open(io.BytesIO(data)))


def judged(contest: Contest, megapixels: float) -> list[str]:
    """A line for each that can read it; they take turns, and the least time of each counts."""
    able, found = {}, {}
    for name, decode in contest.rivals.items():
        try:
            found[name] = decode(contest.data)
            able[name] = decode
        except Exception as error:  # whatever a library says of a kind that it does not know
            print(f"<!-- {contest.kind}, {name}: {type(error).__name__} -->")
    best = dict.fromkeys(able, np.inf)
    for _ in range(REPEATS):
        for name, decode in able.items():
            begun = time.process_time()
            decode(contest.data)
            best[name] = min(best[name], time.process_time() - begun)
    first = next(iter(able))
    return [
        f"{contest.kind} | {name} | {1e3 * taken / megapixels:.1f} | {taken / best[first]:.2f}"
        f" | {told(found[first], found[name])}"
        for name, taken in best.items()
    ]


def told(ours: np.ndarray, theirs: np.ndarray) -> str:
    """How another's pixels compare."""
    if ours.shape != theirs.shape or ours.dtype != theirs.dtype:
        return f"{theirs.dtype}, {theirs.shape[1]} x {theirs.shape[0]}"
    most = int(np.abs(ours.astype(int) - theirs).max())
    return "yes" if most == 0 else f"to {most}"


if __name__ == "__main__":
    main()
