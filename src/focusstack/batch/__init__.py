"""Many stacks: found in folders, made one after the other, gone on with after an interruption."""

from focusstack.batch.elsewhere import Addresses
from focusstack.batch.far import made_by
from focusstack.batch.find import find_stacks
from focusstack.batch.glimpse import (
    COLUMNS,
    ROWS,
    Glimpse,
    quick_pixels,
    sharpness_of,
    take_glimpse,
)
from focusstack.batch.groups import Found, Group
from focusstack.batch.job import DONE, FAILED, Extras, Outcome, StackJob, extra_paths
from focusstack.batch.make import make_stack
from focusstack.batch.names import check_template, result_names
from focusstack.batch.pages import write_index, write_sheets
from focusstack.batch.planfile import read_plan, write_plan
from focusstack.batch.remote import RemoteFolder, is_remote
from focusstack.batch.run import Made, Maker, run_batch
from focusstack.batch.splitting import Splitting

__all__ = [
    "COLUMNS",
    "DONE",
    "FAILED",
    "ROWS",
    "Addresses",
    "Extras",
    "Found",
    "Glimpse",
    "Group",
    "Made",
    "Maker",
    "Outcome",
    "RemoteFolder",
    "Splitting",
    "StackJob",
    "check_template",
    "extra_paths",
    "find_stacks",
    "is_remote",
    "made_by",
    "make_stack",
    "quick_pixels",
    "read_plan",
    "result_names",
    "run_batch",
    "sharpness_of",
    "take_glimpse",
    "write_index",
    "write_plan",
    "write_sheets",
]
