"""The still life: a pocket watch's movement on a walnut desk, and a dandelion seed upon it.

Everything is drawn in scene units (see :class:`View`), lit from the upper left.
"""

from __future__ import annotations

import numpy as np

from focusstack.model import FloatImage
from focusstack.synthetic import shapes
from focusstack.synthetic.layers import Layer, Painter, flat_depth, paint
from focusstack.synthetic.scenes import metal, seed
from focusstack.synthetic.scenes.metal import BRASS, GOLD, NICKEL, STEEL
from focusstack.synthetic.shapes import Points
from focusstack.synthetic.view import Patch, View

_WARM = np.array([1.04, 1.0, 0.95], np.float32)
Picture = tuple[FloatImage, FloatImage]

PLATE = (0.30, 0.02)
PLATE_RADIUS = 1.10
RATCHET = (0.70, -0.46)
CROWN = (0.115, -0.535)
CENTRE = (0.16, -0.02)
THIRD = (0.80, 0.30)
BALANCE = (-0.13, 0.50)
BALANCE_RADIUS = 0.37
FOOT = (0.42, 0.78)

_DEPTHS = {
    "desk": 0.90,
    "plate": 0.74,
    "third wheel": 0.66,
    "centre wheel": 0.61,
    "bridge": 0.52,
    "train bridge": 0.46,
    "winding": 0.42,
    "hairspring": 0.37,
    "balance": 0.30,
    "cock": 0.19,
}


def still_life(view: View) -> list[Layer]:
    """All layers, farthest first; near at the bottom of the picture."""

    def around(at: tuple[float, float], reach: float) -> tuple[float, float, float, float]:
        return at[0] - reach, at[1] - reach, at[0] + reach, at[1] + reach

    balance = view.around(*around(BALANCE, 0.46))
    parts = (
        (_desk, "desk", view.whole),
        (_plate, "plate", view.around(*around(PLATE, 1.18))),
        (_third_wheel, "third wheel", view.around(*around(THIRD, 0.33))),
        (_centre_wheel, "centre wheel", view.around(*around(CENTRE, 0.45))),
        (_bridge, "bridge", view.around(-0.70, -1.0, 1.3, 0.06)),
        (_train_bridge, "train bridge", view.around(0.6, 0.1, 1.3, 0.6)),
        (_winding, "winding", view.around(-0.18, -0.90, 1.12, -0.04)),
        (_hairspring, "hairspring", balance),
        (_balance, "balance", balance),
        (_cock, "cock", view.around(-0.3, 0.3, 0.65, 1.0)),
    )
    layers = [
        paint(view, _lit(painter), flat_depth(_DEPTHS[name], 0.01, -0.07), window)
        for painter, name, window in parts
    ]
    return layers + seed.dandelion_seed(view)


def _lit(painter: Painter) -> Painter:
    """The same under a lamp at the upper left, so that the far corner falls into shade."""

    def lit(patch: Patch) -> Picture:
        rgb, alpha = painter(patch)
        square = (patch.x + 0.55) ** 2 + (patch.y + 0.65) ** 2
        light = 0.50 + 0.72 * np.exp(-square / 2.2)
        return np.asarray(rgb * (light[..., None] * _WARM), np.float32), alpha

    return lit


def _desk(patch: Patch) -> Picture:
    """Oiled walnut, the watch's shadow on it, and a screw that nobody misses yet."""
    x, y = patch.x, patch.y
    bend = 0.06 * patch.noise(1, 0.7) + 0.018 * patch.noise(2, 0.16, 5, 0.12)
    across = y * np.cos(0.12) - x * np.sin(0.12) + bend
    phase = 7.5 * across + 0.5 * patch.noise(3, 0.8, 4, 0.12)
    rings = 1 - (phase - np.floor(phase)) ** 2.2
    rings = rings * np.clip((phase - np.floor(phase)) / 0.08, 0, 1)
    fine = max(0.004, 2.0 * patch.pixel)
    pores = patch.noise(4, 1.6 * fine, 24, 0.12) + 0.9 * patch.noise(5, fine, 10, 0.12)
    dark, light = np.array([0.030, 0.013, 0.006]), np.array([0.155, 0.072, 0.030])
    rgb = dark + (light - dark) * (0.22 + 0.62 * rings[..., None])
    rgb = rgb * np.exp(0.24 * pores - 1.1 * np.clip(pores - 0.9, 0, 2))[..., None]
    lamp = 0.55 + 1.15 * np.exp(-((x + 1.2) ** 2 + (y + 0.9) ** 2) / 0.9)
    u, v = x - PLATE[0], y - PLATE[1]
    shade = metal.shadow(shapes.circle(u - 0.07, v - 0.10, 1.17), 0.10, 0.85)
    rgb = (rgb * (lamp * shade)[..., None]).astype(np.float32)
    rgb = _loose_screw(patch, _filings(patch, rgb))
    return rgb, np.ones(rgb.shape[:2], np.float32)


def _filings(patch: Patch, rgb: FloatImage) -> FloatImage:
    """Specks of brass that catch the lamp; out of focus each becomes a disk of light."""
    rng = np.random.default_rng([patch.view.seed, 602])
    flakes = []
    for _ in range(90):
        at = np.array([rng.uniform(-1.6, -0.6), rng.uniform(-1.1, 1.1)])
        angle, length = rng.uniform(0, np.pi), rng.uniform(0.003, 0.014)
        end = at + length * np.array([np.cos(angle), np.sin(angle)])
        flakes.append(shapes.Stroke(np.stack([at, end]), np.full(2, rng.uniform(0.003, 0.006))))
    glitter = 1.2 + 3.0 * np.clip(patch.noise(7, 0.05), 0, 2)
    return metal.over(rgb, GOLD * glitter[..., None], shapes.draw(patch, flakes))


def _loose_screw(patch: Patch, rgb: FloatImage) -> FloatImage:
    at = (-1.20, -0.68)
    x, y = patch.x - at[0], patch.y - at[1]
    cast = shapes.capsule(x - 0.025, y - 0.035, (0, 0), (0.20, 0.11), 0.09)
    rgb = rgb * metal.shadow(cast, 0.03, 0.75)[..., None]
    shaft = shapes.capsule(x, y, (0.03, 0.018), (0.21, 0.118), 0.052)
    along, across = x * 0.874 + y * 0.486, -x * 0.486 + y * 0.874
    thread = 0.75 + 0.35 * np.sin(along * 2 * np.pi / 0.016 + across * 14)
    round_ = 0.25 + 1.6 * np.exp(-(((across + 0.010) / 0.009) ** 2))
    rgb = metal.over(rgb, STEEL * (thread * round_)[..., None], patch.cover(shaft))
    metal.screw(patch, rgb, at, 0.062, 0.9, STEEL, sunk=False)
    return rgb


def _plate(patch: Patch) -> Picture:
    """The gilt main plate with its pearls, inside the polished rim of the case."""
    x, y = patch.x - np.float32(PLATE[0]), patch.y - np.float32(PLATE[1])
    r, angle = np.hypot(x, y), np.arctan2(y, x)
    rgb = BRASS * metal.pearls(patch, x, y, 101, 0.078)[..., None]
    for wheel, radius in ((CENTRE, 0.44), (THIRD, 0.33), (BALANCE, 0.43)):
        well = shapes.circle(patch.x - wheel[0], patch.y - wheel[1], radius)
        rgb = metal.over(rgb, rgb * 0.62, patch.cover(well))
        rgb = rgb * metal.bevel(patch, -well, 0.012)[..., None]
    rgb = rgb * _fallen_light(patch, 0.05, 0.07, 0.72)
    rgb = metal.over(rgb, _case(r, angle), patch.cover(-shapes.circle(x, y, 1.005)))
    groove = np.exp(-(((r - 1.005) / 0.010) ** 2))
    rgb = rgb * (1 - 0.85 * groove)[..., None]
    for a in (2.45, 0.9):
        spot = (PLATE[0] + 0.93 * np.cos(a), PLATE[1] + 0.93 * np.sin(a))
        metal.screw(patch, rgb, spot, 0.045, 0.4 + a)
    return rgb, patch.cover(shapes.circle(x, y, 1.16))


def _case(r: FloatImage, angle: FloatImage) -> FloatImage:
    """The polished case: a rounded rim that mirrors lamp, room and desk."""
    u = np.clip((r - 1.005) / 0.155, 0, 1)
    inner, outer = np.sin((u / 0.28 - 0.5) * np.pi), np.sin((u - 0.46) / 0.18 * np.pi / 2)
    lean = np.where(u < 0.28, inner, np.where(u < 0.64, outer, 0.25 + 0.5 * (u - 0.64) / 0.36))
    reeds = np.sin(angle * 260)
    lean = lean + np.where(u > 0.66, 0.5 * reeds, 0)
    facing = -lean * np.cos(angle - 4.13)
    lamp = np.clip((facing - 0.30) / 0.22, 0, 1)
    window = np.exp(-(((facing + 0.62) / 0.10) ** 2))
    light = 0.10 + 0.17 * (1 + facing) + 1.15 * lamp * lamp * (3 - 2 * lamp) + 0.45 * window
    desk = np.clip(-facing - 0.2, 0, 1)[..., None] * np.array([0.10, 0.045, 0.015], np.float32)
    light = light * np.where(u > 0.66, 0.75 + 0.25 * reeds, 1)
    for seam in (0.28, 0.65):
        light = light * (1 - 0.8 * np.exp(-(((u - seam) / 0.025) ** 2)))
    return np.asarray(STEEL * light[..., None] * 1.25 + desk, np.float32)


def _fallen_light(patch: Patch, right: float, down: float, strength: float) -> FloatImage:
    """Shadows that the bridges cast on what lies below, a factor (height, width, 1)."""
    x, y = patch.x - np.float32(right), patch.y - np.float32(down)
    bridges = np.minimum(_bridge_shape(x, y), _train_bridge_shape(x, y))
    light = metal.shadow(bridges, 0.045, strength)
    ring = shapes.ring(x - BALANCE[0], y - BALANCE[1], BALANCE_RADIUS, 0.05)
    light = light * metal.shadow(ring, 0.04, 0.45)
    return (light * metal.shadow(_cock_shape(x - 0.03, y - 0.04), 0.07, 0.5))[..., None]


def _wheel(
    patch: Patch, at: tuple[float, float], radius: float, teeth: int, turn: float
) -> tuple[FloatImage, FloatImage]:
    """A brass wheel with five spokes: (rgb, coverage)."""
    x, y = patch.x - np.float32(at[0]), patch.y - np.float32(at[1])
    d = _wheel_shape(x, y, radius, teeth, turn)
    rgb = GOLD * metal.turned(patch, x, y, 131)[..., None] * 0.85
    rgb = rgb * metal.bevel(patch, d, 0.007)[..., None]
    cap = shapes.circle(x, y, 0.10 * radius)
    dome = STEEL * (0.3 + 1.9 * np.exp(-((x + 0.015) ** 2 + (y + 0.02) ** 2) / 0.0009))[..., None]
    rgb = metal.over(rgb, dome, patch.cover(cap))
    under = _wheel_shape(x, y - np.float32(0.012), radius, teeth, turn)
    rgb = metal.over(rgb, GOLD * np.float32(0.16), patch.cover(-d))
    return rgb, patch.cover(np.minimum(d, under))


def _wheel_shape(
    x: FloatImage, y: FloatImage, radius: float, teeth: int, turn: float
) -> FloatImage:
    outer = shapes.gear(x, y, radius, teeth, 0.05 * radius + 0.008, turn)
    r, angle = np.hypot(x, y), np.arctan2(y, x) + np.float32(turn)
    sector = np.pi * 2 / 5
    off = np.abs(np.mod(angle, sector) - sector / 2)
    spoke = 0.13 * radius - r * np.sin(sector / 2 - off)
    hole = np.maximum(np.maximum(r - 0.78 * radius, 0.26 * radius - r), spoke)
    return np.asarray(np.maximum(outer, -hole), np.float32)


def _centre_wheel(patch: Patch) -> Picture:
    rgb, alpha = _wheel(patch, CENTRE, 0.40, 64, 0.1)
    return rgb * _fallen_light(patch, 0.035, 0.05, 0.7), alpha


def _third_wheel(patch: Patch) -> Picture:
    rgb, alpha = _wheel(patch, THIRD, 0.29, 48, 0.4)
    return rgb * _fallen_light(patch, 0.035, 0.05, 0.7), alpha


def _bridge_shape(x: FloatImage, y: FloatImage) -> FloatImage:
    """The barrel bridge: the upper part of the movement."""
    inside = shapes.circle(x - PLATE[0], y - PLATE[1], 0.95)
    wave = y + 0.22 - 0.16 * np.sin(2.6 * x + 0.35)
    notch = -shapes.circle(x - CENTRE[0], y - CENTRE[1], 0.17)
    return np.asarray(np.maximum(np.maximum(inside, 0.9 * wave), notch), np.float32)


def _bridge(patch: Patch) -> Picture:
    """Nickel with Geneva stripes, polished edges, jewels and blued screws."""
    d = _bridge_shape(patch.x, patch.y)
    rgb = NICKEL * metal.stripes(patch, 151, 0.55, 0.135)[..., None]
    for wheel, radius in ((RATCHET, 0.40), (CROWN, 0.25)):
        cast = shapes.circle(patch.x - wheel[0] - 0.03, patch.y - wheel[1] - 0.045, radius - 0.02)
        rgb = rgb * metal.shadow(cast, 0.035, 0.75)[..., None]
    x, y = patch.x - np.float32(PLATE[0]), patch.y - np.float32(PLATE[1])
    text = metal.lettering(patch, x, y, "FOCUSSTACK     SEVENTEEN JEWELS", 0.880, 0.055, -1.91)
    rgb = metal.over(rgb, GOLD * np.float32(0.16), text)
    for at, turn in (((-0.40, -0.46), 0.3), ((1.10, -0.31), 1.2)):
        metal.screw(patch, rgb, at, 0.050, turn)
    metal.jewel(patch, rgb, (-0.19, -0.35), 0.050)
    return _slab(patch, rgb, d, 0.020, NICKEL)


def _slab(patch: Patch, rgb: FloatImage, d: FloatImage, edge: float, colour: FloatImage) -> Picture:
    """Give a plate its polished edge."""
    band = patch.cover(-d - np.float32(edge))
    rgb = metal.over(rgb, np.broadcast_to(colour, rgb.shape), band)
    return rgb * metal.bevel(patch, d, edge)[..., None], patch.cover(d)


def _train_bridge_shape(x: FloatImage, y: FloatImage) -> FloatImage:
    end = shapes.circle(x - THIRD[0], y - THIRD[1], 0.115)
    arm = shapes.capsule(x, y, THIRD, (1.12, 0.42), 0.15)
    foot = shapes.circle(x - 1.10, y - 0.42, 0.13)
    return _melt(_melt(end, arm, 0.06), foot, 0.08)


def _melt(a: FloatImage, b: FloatImage, width: float) -> FloatImage:
    """Union of two shapes with a fillet."""
    h = np.clip(0.5 + (b - a) / (2 * width), 0, 1)
    return np.asarray(b + h * (a - b) - width * h * (1 - h), np.float32)


def _train_bridge(patch: Patch) -> Picture:
    d = _train_bridge_shape(patch.x, patch.y)
    rgb = NICKEL * metal.stripes(patch, 161, 0.55, 0.135)[..., None]
    metal.jewel(patch, rgb, THIRD, 0.046)
    metal.screw(patch, rgb, (1.12, 0.42), 0.055, 2.6)
    return _slab(patch, rgb, d, 0.018, NICKEL)


def _winding(patch: Patch) -> Picture:
    """The ratchet wheel, snailed, and the crown wheel that drives it, polished smooth."""
    x, y = patch.x - np.float32(RATCHET[0]), patch.y - np.float32(RATCHET[1])
    d = shapes.gear(x, y, 0.375, 46, 0.036, 0.0)
    rgb = STEEL * metal.turned(patch, x, y, 171, twist=5.0)[..., None] * 1.15
    rgb = rgb * metal.bevel(patch, d, 0.010)[..., None]
    rim = np.exp(-((shapes.ring(x, y, 0.325, 0.0) / 0.005) ** 2))
    rgb = rgb * (1 - 0.6 * rim)[..., None]
    metal.screw(patch, rgb, RATCHET, 0.105, 0.75)
    alpha = patch.cover(d)
    x, y = patch.x - np.float32(CROWN[0]), patch.y - np.float32(CROWN[1])
    d = shapes.gear(x, y, 0.218, 27, 0.036, 0.02)
    # Black polish: a mirror that shows nothing but the soft lamp.
    sheen = 0.585 - 0.425 * np.tanh((x * 0.8 + y + 0.03) / 0.10)
    smooth = STEEL * np.asarray(sheen, np.float32)[..., None]
    smooth = smooth * metal.bevel(patch, d, 0.010)[..., None]
    metal.screw(patch, smooth, CROWN, 0.062, 2.2)
    cover = patch.cover(d)
    return metal.over(rgb, smooth, cover), np.maximum(alpha, cover)


def _spiral(turns: float, inner: float, outer: float) -> Points:
    angle = np.linspace(0, 2 * np.pi * turns, int(90 * turns))
    r = inner + (outer - inner) * angle / angle[-1]
    return np.stack([BALANCE[0] + r * np.cos(angle), BALANCE[1] + r * np.sin(angle)], 1)


def _hairspring(patch: Patch) -> Picture:
    points = _spiral(11.5, 0.045, 0.235)
    alpha = shapes.draw(patch, [shapes.Stroke(points, np.full(len(points), 0.0048))])
    angle = np.arctan2(patch.y - BALANCE[1], patch.x - BALANCE[0])
    shine = 0.35 + 2.6 * np.maximum(np.cos(2 * angle - 1.2), 0) ** 4
    rgb = np.array([0.05, 0.11, 0.36], np.float32) * shine[..., None]
    return rgb.astype(np.float32), alpha


def _balance(patch: Patch) -> Picture:
    """The balance: a gold ring with two arms and weight screws around it."""
    x, y = patch.x - np.float32(BALANCE[0]), patch.y - np.float32(BALANCE[1])
    rim = shapes.ring(x, y, BALANCE_RADIUS, 0.052)
    turn = 0.45
    arm = shapes.capsule(
        x,
        y,
        (-0.36 * np.cos(turn), -0.36 * np.sin(turn)),
        (0.36 * np.cos(turn), 0.36 * np.sin(turn)),
        0.042,
    )
    hub = shapes.circle(x, y, 0.06)
    d = np.minimum(np.minimum(rim, _melt(arm, hub, 0.03)), _weights(x, y))
    rgb = GOLD * metal.turned(patch, x, y, 181)[..., None] * 1.1
    rgb = rgb * metal.bevel(patch, d, 0.008)[..., None]
    rgb = metal.over(rgb, STEEL * 1.3 + 0 * rgb, patch.cover(shapes.circle(x, y, 0.022)))
    return rgb, patch.cover(d)


def _weights(x: FloatImage, y: FloatImage) -> FloatImage:
    """Sixteen screws on the outside of the balance's rim."""
    step = np.pi / 8
    r, angle = np.hypot(x, y), np.arctan2(y, x)
    local = np.mod(angle, step) - step / 2
    across = np.abs(r * np.sin(local))
    head = np.maximum(np.abs(r - BALANCE_RADIUS - 0.056) - 0.017, across - 0.021)
    neck = np.maximum(np.abs(r - BALANCE_RADIUS - 0.03) - 0.02, across - 0.009)
    return np.asarray(np.minimum(head, neck), np.float32)


def _cock_shape(x: FloatImage, y: FloatImage) -> FloatImage:
    table = shapes.circle(x - BALANCE[0], y - BALANCE[1], 0.095)
    arm = shapes.capsule(x, y, BALANCE, FOOT, 0.12)
    foot = shapes.circle(x - FOOT[0], y - FOOT[1], 0.19)
    return _melt(_melt(table, arm, 0.05), foot, 0.14)


def _cock(patch: Patch) -> Picture:
    """The balance cock: engraved scrolls, a capped jewel and the regulator's steel."""
    d = _cock_shape(patch.x, patch.y)
    rgb = GOLD * metal.brushed(patch, 191, 0.55)[..., None] * 0.80
    x, y = patch.x - np.float32(FOOT[0]), patch.y - np.float32(FOOT[1])
    r, angle = np.hypot(x, y), np.arctan2(y, x)
    petal = np.abs(r - 0.125 - 0.030 * np.cos(6 * angle + 0.5)) - 0.0045
    leaf = np.abs(r - 0.085 - 0.018 * np.cos(6 * angle + 3.6)) - 0.003
    border = np.abs(d + 0.034) - 0.003
    cut = patch.cover(np.minimum(np.minimum(petal, leaf), border))
    nx, ny = metal.slope(np.minimum(np.minimum(petal, leaf), border))
    groove = 0.18 + 0.9 * np.clip(nx * 0.55 + ny * 0.83, 0, 1)
    rgb = metal.over(rgb, rgb * groove[..., None], cut)
    metal.jewel(patch, rgb, BALANCE, 0.050)
    metal.screw(patch, rgb, FOOT, 0.062, 1.9)
    return _slab(patch, rgb, d, 0.016, GOLD)
