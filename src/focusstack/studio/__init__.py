"""The local web app: a person's frames, results and choices, in the browser."""

from focusstack.studio.serve import serve

__all__ = ["serve"]
