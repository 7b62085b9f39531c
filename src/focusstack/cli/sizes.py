"""Amounts of memory as people write them: 800M, 1.5G, 2GiB."""

from __future__ import annotations

import re

import click

_POWERS = {"": 0, "K": 1, "M": 2, "G": 3, "T": 4}
_SIZE = re.compile(r"(\d+(?:\.\d+)?|\.\d+)\s*([KMGT]?)(I?)B?", re.IGNORECASE)


def parse_size(text: str) -> int:
    """Number of bytes that ``text`` stands for.

    K, M, G and T count in thousands (as do KB, MB ...), KiB, MiB, GiB and TiB in 1024s; no unit
    means bytes. Thousands are the smaller reading, so a limit is kept whichever was meant.

    Raises
    ------
    ValueError
        If the text is no amount, or less than one byte.
    """
    match = _SIZE.fullmatch(text.strip())
    if match is None or (match[3] and not match[2]):
        raise ValueError(f"{text!r} is no amount of memory; write 800M, 1.5G or 2GiB")
    size = int(float(match[1]) * (1024 if match[3] else 1000) ** _POWERS[match[2].upper()])
    if size < 1:
        raise ValueError(f"{text!r} is less than one byte")
    return size


def format_size(size: float) -> str:
    """``size`` bytes for people, in thousands: 812 MB, 1.53 GB."""
    for unit in ("bytes", "kB", "MB"):
        if size < 999.5:
            return f"{size:.0f} {unit}"
        size /= 1000
    return f"{size:.2f} GB"


def read_size(_ctx: click.Context, _param: click.Parameter, text: str | None) -> int | None:
    """Callback of an option: :func:`parse_size` with click's kind of error."""
    try:
        return None if text is None else parse_size(text)
    except ValueError as error:
        raise click.BadParameter(str(error)) from error
