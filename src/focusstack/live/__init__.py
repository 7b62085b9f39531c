"""A stack while it is being shot: frames are taken as they arrive in a folder."""

from focusstack.live.arrivals import ORDERS, Arrivals
from focusstack.live.coverage import Coverage, judge_coverage
from focusstack.live.watch import Ends, watch_folder

__all__ = ["ORDERS", "Arrivals", "Coverage", "Ends", "judge_coverage", "watch_folder"]
