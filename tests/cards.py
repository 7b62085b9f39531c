"""Folders of stacks that several tests make batches of."""

from __future__ import annotations

from focusstack.cli import main
from truth import put_stack

FOUR = ("ant", "bee", "cat", "dog")


def four_stacks(root, options):
    """``root/card`` with four stacks, and ``root/alone`` with what one process makes of them."""
    for seed, name in enumerate(FOUR):
        put_stack(root / "card" / name, "steps", frames=4, size=(240, 160), seed=seed)
    made_alone(root, options)
    return root


def made_alone(root, options):
    """What one process makes of ``root/card``, in ``root/alone``."""
    assert main(["batch", str(root / "card"), "-o", str(root / "alone"), "-q", *options]) == 0


def entered(folder, monkeypatch, made):
    """A working directory where ``card`` is that of ``made``."""
    monkeypatch.chdir(folder)
    (folder / "card").symlink_to(made / "card")
    return folder
