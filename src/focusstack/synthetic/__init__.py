"""Focus stacks with known truth, rendered from procedural scenes.

For the demo, the tests and the documentation: :func:`render` makes a stack, :func:`write_stack`
puts its frames into files. Thin-lens blur with occlusion in linear light, focus breathing, camera
drift, exposure flicker, shot and read noise; everything seeded.
"""

from focusstack.colour import srgb_decode, srgb_encode
from focusstack.synthetic.card import Shoot, write_card
from focusstack.synthetic.files import write_stack
from focusstack.synthetic.scenes import SCENES
from focusstack.synthetic.sensor import noise_sigma
from focusstack.synthetic.stack import SyntheticStack, Truth, render

__all__ = [
    "SCENES",
    "Shoot",
    "SyntheticStack",
    "Truth",
    "noise_sigma",
    "render",
    "srgb_decode",
    "srgb_encode",
    "write_card",
    "write_stack",
]
