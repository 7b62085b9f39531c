"""Which format a file is in, by its first bytes; its extension is not asked."""

from __future__ import annotations

from focusstack.ifd import Buffer
from focusstack.steps.read import avif, bmp, heif, jpeg, jxl, png, raw, tiff, webp
from focusstack.steps.read.header import Describing
from focusstack.steps.read.problem import BadPicture

_MAGIC: tuple[tuple[bytes, Describing], ...] = (
    (b"\xff\xd8\xff", jpeg),
    (b"\x89PNG\r\n\x1a\n", png),
    (b"II*\0", tiff),
    (b"MM\0*", tiff),
    (b"II+\0", tiff),
    (b"MM\0+", tiff),
    (b"BM", bmp),
    (b"\xff\x0a", jxl),
    (b"\0\0\0\x0cJXL ", jxl),
)
_READ = "JPEG, PNG, TIFF, BMP, WebP, HEIF, AVIF, JPEG XL and camera RAW are read"
_BRANDS: dict[bytes, Describing] = {
    **dict.fromkeys((b"avif", b"avis"), avif),
    **dict.fromkeys((b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"), heif),
}
"""Of files that begin with an ``ftyp`` box."""
_RAW = (
    (0, b"FUJIFILM"),
    (0, b"IIU\0"),
    (0, b"IIRO"),
    (0, b"IIRS"),
    (0, b"MMOR"),
    (0, b"\0MRM"),
    (0, b"FOVb"),
    (4, b"ftypcrx"),
    (6, b"HEAPCCDR"),
)
_FOREIGN = (
    (0, b"GIF8", "a GIF"),
    (0, b"8BPS", "a Photoshop document"),
    (0, b"%PDF", "a PDF"),
    (0, b"\x76\x2f\x31\x01", "an OpenEXR picture"),
    (4, b"jP  ", "a JPEG 2000 picture"),
    (4, b"ftyp", "a video"),
    (0, b"\x1a\x45\xdf\xa3", "a video"),
)


def format_of(data: Buffer) -> Describing:
    """The module that reads this file.

    Raises
    ------
    BadPicture
        If the file is empty or in no format that is read here.
    """
    head = data[0:16]
    if not head:
        raise BadPicture("is empty (0 bytes)", "copy or export it again, or leave it out")
    if any(head[at:].startswith(magic) for at, magic in _RAW):
        return raw
    for magic, module in _MAGIC:
        if head.startswith(magic):
            return raw if module is tiff and raw.looks_raw(data) else module
    if head[4:8] == b"ftyp" and head[8:12] in _BRANDS:
        return _brand(bytes(data[:64]))
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return webp
    for at, magic, kind in _FOREIGN:
        if head[at:].startswith(magic):
            raise BadPicture(f"is {kind}", f"{_READ}; convert it first")
    raise BadPicture("is not a picture", f"{_READ}; leave this file out")


def _brand(head: bytes) -> Describing:
    """HEIF or AVIF: files that only say that they hold some picture (mif1) say more behind."""
    also = {head[at : at + 4] for at in range(16, min(len(head), head[3]), 4)}
    return avif if head[8:12] in (b"avif", b"avis") or b"avif" in also else heif
