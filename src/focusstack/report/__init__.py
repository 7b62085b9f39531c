"""One HTML page about a finished run: pictures, plots, facts, and how to do it again."""

from focusstack.report.inline import photograph
from focusstack.report.save import save_report
from focusstack.report.words import plural, seconds

__all__ = ["photograph", "plural", "save_report", "seconds"]
