"""Sensor defects: what stays put on the sensor while the subject moves; pixels in, pixels out."""

from focusstack.steps.clean.defects import Defects, Dust
from focusstack.steps.clean.dust import find_dust, log_luma
from focusstack.steps.clean.fill import Fill
from focusstack.steps.clean.outliers import Outliers

__all__ = ["Defects", "Dust", "Fill", "Outliers", "find_dust", "log_luma"]
