"""Amounts of memory on the command line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from focusstack.cli.sizes import format_size, parse_size


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("800M", 800_000_000),
        ("1.5G", 1_500_000_000),
        ("2GiB", 2 * 1024**3),
        ("2gib", 2 * 1024**3),
        ("512 MiB", 512 * 1024**2),
        ("640kB", 640_000),
        (".5T", 500_000_000_000),
        ("123456789", 123_456_789),
        ("100B", 100),
        (" 3G ", 3_000_000_000),
    ],
)
def test_sizes_are_read(text, size):
    assert parse_size(text) == size


@pytest.mark.parametrize(
    "text", ["", "M", "-1G", "0", "0.1", "1X", "1,5G", "1.5.2G", "2iB", "1GG", "1e9", "G1", "٣G x"]
)
def test_anything_else_is_refused(text):
    with pytest.raises(ValueError, match=r"800M|less than one byte"):
        parse_size(text)


@given(st.integers(1, 10**14))
def test_plain_numbers_are_bytes(size):
    assert parse_size(str(size)) == size


@given(st.integers(1, 9999), st.sampled_from("KMGT"))
def test_a_binary_unit_is_never_smaller(number, unit):
    assert parse_size(f"{number}{unit}iB") > parse_size(f"{number}{unit}")


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (999, "999 bytes"),
        (812_000_000, "812 MB"),
        (1_530_000_000, "1.53 GB"),
        (10**13, "10000.00 GB"),
    ],
)
def test_sizes_are_written_for_people(size, text):
    assert format_size(size) == text
