"""What counts as bright is what the frames' colour profile says."""

from __future__ import annotations

import imagecodecs
import numpy as np
import pytest
import tifffile

from focusstack import Recipe, stack
from focusstack.colour import LUMA, luma_shares
from focusstack.steps.read.raw import profile_of

PLAIN = Recipe(
    method="pyramid", align="none", crop=False, clean=False, match_exposure=False, depth=False
)


@pytest.mark.parametrize(
    ("icc", "shares"),
    [
        (b"", LUMA[3]),
        (imagecodecs.cms_profile("srgb"), LUMA[3]),
        (imagecodecs.cms_profile("adobergb"), (0.311, 0.626, 0.063)),
        (profile_of("prophoto"), (0.288, 0.712, 0.0)),
        (imagecodecs.cms_profile("gray", gamma=2.2), LUMA[3]),
        (b"no profile at all, but long enough to be read as one" * 9, LUMA[3]),
        (imagecodecs.cms_profile("adobergb")[:200], LUMA[3]),
    ],
    ids=["none", "srgb", "adobe", "prophoto", "grey", "nonsense", "cut off"],
)
def test_shares_are_those_of_the_primaries(icc, shares):
    found = luma_shares(bytes(icc))
    np.testing.assert_allclose(found, shares, atol=0.004)
    assert found.sum() == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize(("space", "sharp"), [("srgb", 2), ("prophoto", 1)])
def test_blue_that_nobody_sees_decides_nothing(tmp_path, space, sharp):
    """One frame has strong detail in blue, the other some in green. ProPhoto's blue is no light."""
    x, y = np.meshgrid(np.arange(96), np.arange(64))
    detail = np.where((x // 2 + y // 2) % 2, 1.0, -1.0)
    for index, (channel, strength) in enumerate(((2, 0.4), (1, 0.05))):
        frame = np.full((64, 96, 3), 0.5)
        frame[..., channel] += strength * detail
        codes = np.rint(frame * 65535).astype(np.uint16)
        icc = profile_of(space) or None
        tifffile.imwrite(tmp_path / f"{index}.tif", codes, photometric="rgb", iccprofile=icc)
    fused = stack(tmp_path, PLAIN).image.astype(float) / 65535
    strength = fused[16:48, 16:80].std(axis=(0, 1))
    assert strength.argmax() == sharp
    assert strength[3 - sharp] < 0.2 * strength[sharp]
