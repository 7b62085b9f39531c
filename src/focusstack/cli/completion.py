"""``focusstack completion``: the script that makes a shell complete our arguments."""

from __future__ import annotations

import click

COMPLETE_VARIABLE = "_FOCUSSTACK_COMPLETE"
_INSTALL = {
    "bash": "focusstack completion bash > ~/.local/share/bash-completion/completions/focusstack",
    "zsh": "focusstack completion zsh > ~/.zfunc/_focusstack   (with ~/.zfunc in your fpath)",
    "fish": "focusstack completion fish > ~/.config/fish/completions/focusstack.fish",
}


@click.command(
    "completion",
    short_help="Print the script that makes your shell complete.",
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.argument("shell", type=click.Choice(sorted(_INSTALL)))
@click.pass_context
def completion_command(ctx: click.Context, shell: str) -> None:
    """Print the script that makes SHELL complete options, choices and file names."""
    from click.shell_completion import get_completion_class

    from focusstack.cli.speech import say

    complete = get_completion_class(shell)
    assert complete is not None
    click.echo(complete(ctx.find_root().command, {}, "focusstack", COMPLETE_VARIABLE).source())
    say(f"to install it, once: {_INSTALL[shell]}")
