"""Which of a TIFF's pages are frames."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from focusstack.ifd import Buffer
from focusstack.model import Pixels
from focusstack.steps.read.bytesource import as_file
from focusstack.steps.read.problem import BadPicture, cut_off, damaged

_REDUCED = 1
_QUICKER_BY_LIBTIFF = (5, 8, 32946)
"""LZW, Deflate, and Deflate by its older number."""
_OF_A_PICTURE = "YXS"


class SeveralStacks(BadPicture):
    """The pictures in a file are not one stack."""


@dataclass(frozen=True)
class Page:
    """A picture: the page that describes it; where its pixels are, if not in that page."""

    tags: Any
    offset: int | None = None

    def pixels(self, data: Buffer) -> Pixels:
        """As stored, decoded."""
        if self.offset is None:
            quick = self._by_libtiff(data)
            return np.asarray(self.tags.asarray(maxworkers=1)) if quick is None else quick
        raw = data[self.offset : self.offset + self.tags.nbytes]
        if len(raw) < self.tags.nbytes:
            raise cut_off()
        stored = self.tags.dtype.newbyteorder(self.tags.parent.byteorder)
        values = np.frombuffer(raw, stored).reshape(self.tags.shape)
        return values.astype(self.tags.dtype)

    def _by_libtiff(self, data: Buffer) -> Pixels | None:
        """Pixels packed by LZW or Deflate, which it unpacks sooner; None if it cannot.

        It wants the whole file, so one of many pages is not for it.
        """
        import imagecodecs
        import tifffile

        plain = self.tags.planarconfig == tifffile.PLANARCONFIG.CONTIG and not self.tags.is_tiled
        alone = 2 * sum(self.tags.databytecounts) >= len(data)
        if not (plain and alone and self.tags.compression in _QUICKER_BY_LIBTIFF):
            return None
        try:
            pixels = np.asarray(imagecodecs.tiff_decode(data[:], index=self.tags.index))
        except (imagecodecs.TiffError, TypeError, ValueError, IndexError):
            return None  # tifffile reads more of what is odd, and says what is wrong
        alike = pixels.dtype == self.tags.dtype and pixels.shape == self.tags.shape
        return pixels if alike else None


def opened(data: Buffer) -> Any:
    """The file in tifffile's hands, to be closed."""
    import tifffile

    # Unless someone listens, Python would print what tifffile logs about odd tags.
    logger = logging.getLogger("tifffile")
    if not logger.handlers:
        logger.addHandler(logging.NullHandler())
    try:
        return tifffile.TiffFile(as_file(data))
    except (tifffile.TiffFileError, KeyError, TypeError, OSError) as error:
        raise damaged(error) from error


@contextmanager
def understood() -> Iterator[None]:
    """What tifffile raises over tags that make no sense becomes a BadPicture."""
    import tifffile

    try:
        yield
    except (
        tifffile.TiffFileError,
        ArithmeticError,
        AttributeError,
        LookupError,
        MemoryError,
        RuntimeError,
        TypeError,
        ValueError,
    ) as error:
        raise damaged(error) from error


def count(data: Buffer) -> int:
    """How many frames the file holds.

    Raises
    ------
    BadPicture
        If it is damaged.
    SeveralStacks
        If it holds more than one stack.
    """
    with understood(), opened(data) as tiff:
        frames = _frames(tiff)
        if len(frames) > 1:
            _check_axes(tiff)
        return len(frames)


@dataclass(frozen=True)
class OddPage:
    """A page of another size than the frames: its place in the file, from 1, and its size, px."""

    place: int
    width: int
    height: int


def odd_pages(data: Buffer) -> tuple[tuple[int, int], list[OddPage]]:
    """(width, height) of a file's frames, and the pages that are left out for being smaller.

    Those that the file itself calls previews do not count.

    Raises
    ------
    BadPicture
        If it is damaged.
    """
    with understood(), opened(data) as tiff:
        whole = _whole(tiff)
        size = _largest(whole)
        places = {page.offset: place for place, page in enumerate(tiff.pages, 1)}
        odd = [page for page in whole if (page.imagewidth, page.imagelength) != size]
        return size, [OddPage(places[p.offset], p.imagewidth, p.imagelength) for p in odd]


def page_of(tiff: Any, number: int | None) -> Page:
    """A picture by its number; None for the only one, beside which there may be thumbnails."""
    whole = _whole(tiff)
    if number is None:
        if len(whole) > 1 or _holds_more(tiff, whole[0]):
            hint = "name it alone to stack its pages, or split it into one file per frame"
            raise BadPicture("holds several pictures", hint)
        return Page(whole[0])
    frames = _frames(tiff)
    if number >= len(frames):
        raise BadPicture("is not in that file", f"it holds {len(frames)}, counted from 0")
    return frames[number]


def _whole(tiff: Any) -> list[Any]:
    pages: list[Any] = []
    seen: set[int] = set()
    for page in tiff.pages:
        if page.offset in seen:
            raise damaged("its directories lead round in a circle")
        seen.add(page.offset)
        if not int(page.subfiletype) & _REDUCED:
            pages.append(page)
    if not pages:
        raise BadPicture("holds no full-size picture", "develop or export it again")
    if not all(type(side) is int for p in pages for side in (p.imagewidth, p.imagelength)):
        raise damaged("a page has no size")
    return pages


def _frames(tiff: Any) -> list[Page]:
    """All pages of the largest one's size: others cannot be frames of the same stack.

    ImageJ and others put many pictures behind one page; the series knows.
    """
    whole = _whole(tiff)
    first = whole[0]
    if len(whole) == 1 and _holds_more(tiff, first):
        series = tiff.series[0]
        if series.dataoffset is None:
            raise BadPicture("holds several pictures behind one page", "save each as a page")
        pictures = series.size // first.size
        return [Page(first, series.dataoffset + k * first.nbytes) for k in range(pictures)]
    size = _largest(whole)
    return [Page(page) for page in whole if (page.imagewidth, page.imagelength) == size]


def _largest(pages: list[Any]) -> tuple[int, int]:
    """(width, height) of the largest page; of the first of them, if several are as large."""
    sizes = [(page.imagewidth, page.imagelength) for page in pages]
    return max(sizes, key=lambda size: size[0] * size[1])


def _holds_more(tiff: Any, page: Any) -> bool:
    return bool(tiff.is_imagej or tiff.is_shaped) and tiff.series[0].size > page.size


def _check_axes(tiff: Any) -> None:
    """Microscopes' files name their axes: one of them may be the stack's."""
    if not (tiff.is_imagej or tiff.is_ome):
        return
    if len(tiff.series) > 1:
        raise SeveralStacks(f"holds {len(tiff.series)} series", "save each as a file of its own")
    series = tiff.series[0]
    longer = {
        axis: size
        for axis, size in zip(series.axes, series.shape, strict=True)
        if axis not in _OF_A_PICTURE and size > 1
    }
    if len(longer) > 1 or "C" in longer:
        what = " x ".join(f"{size} {_AXES.get(axis, axis)}" for axis, size in longer.items())
        hint = (
            "save one stack of one channel or RGB as a file, or name its pages: FILE#0 FILE#1 ..."
        )
        raise SeveralStacks(f"holds {what}", hint)


_AXES = {"C": "channels", "T": "times", "Z": "planes", "Q": "pictures", "I": "pictures"}
