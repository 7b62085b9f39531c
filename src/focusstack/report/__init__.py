"""One HTML page about a finished run: pictures, plots, facts, and how to do it again."""

from focusstack.report.save import save_report

__all__ = ["save_report"]
