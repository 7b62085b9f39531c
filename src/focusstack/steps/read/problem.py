"""What is wrong with one picture file, said without its name."""

from __future__ import annotations


class BadPicture(Exception):
    """A file cannot be used; the reader that knows its name turns this into an UnreadableFrame.

    Parameters
    ----------
    reason : str
        A phrase that follows the file's name: ``"is cut off"``.
    hint : str
        What to try.
    """

    def __init__(self, reason: str, hint: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.hint = hint


def cut_off() -> BadPicture:
    """The file ends before its picture does."""
    return BadPicture("is cut off: it ends before its picture does", "copy or export it again")


def damaged(detail: object = "") -> BadPicture:
    """The file contradicts itself."""
    text = " ".join(str(detail).split())[:80]
    return BadPicture(
        f"is damaged{': ' if text else ''}{text}", "copy or export it again, or leave it out"
    )
