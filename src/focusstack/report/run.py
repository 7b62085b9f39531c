"""How the result came about: facts, times, and how to make it again."""

from __future__ import annotations

import platform
from collections.abc import Iterator, Mapping
from html import escape
from importlib.metadata import PackageNotFoundError, version

from focusstack.execute import peak_bytes
from focusstack.report.words import plural, seconds, short, size
from focusstack.result import StackResult
from focusstack.steps.write import software

LIBRARIES = {"numpy": "NumPy", "opencv-python-headless": "OpenCV", "tifffile": "tifffile"}


def run_section(result: StackResult, command: str) -> str:
    """HTML of the section; ``command`` repeats the run, or is empty if Python was used."""
    again = command or python_code(result)
    title = "The command" if command else "In Python"
    return f"""<div class="run"><div><h3>Facts</h3><dl class="facts">{_facts(result)}</dl></div>
<div><h3>Time</h3>{_times(result.facts["seconds"])}</div>
<div class="code"><h3>{title}{_copy_button("command", title)}</h3>
<pre id="command" tabindex="0">{escape(again)}</pre></div>
<div class="code"><h3>The recipe{_copy_button("recipe", "the recipe")}</h3>
<pre id="recipe" tabindex="0">{escape(result.recipe.to_json())}</pre></div></div>
<p id="heard" class="heard" role="status"></p>"""


def python_code(result: StackResult) -> str:
    """What repeats a run that did not come from the command line."""
    paths = [str(path) for path in result.inputs]
    lines = ["from focusstack import Recipe, stack", ""]
    lines += [f"frames = {paths!r}"] if paths else []
    lines += ['recipe = Recipe.from_json("""', result.recipe.to_json(), '""")']
    return "\n".join([*lines, "result = stack(frames, recipe)"])


def _copy_button(target: str, what: str) -> str:
    return (
        f'<button type="button" data-copy="{target}" aria-label="Copy {what.lower()}">Copy</button>'
    )


def _facts(result: StackResult) -> str:
    rows = [(name, value) for name, value in _pairs(result) if value]
    return "".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in rows)


def _pairs(result: StackResult) -> Iterator[tuple[str, str]]:
    facts, recipe = result.facts, result.recipe
    yield "Frames", f"{facts['used']} of {facts['frames']}"
    channels = "grey" if result.image.shape[2] == 1 else "colour"
    yield "Size", f"{facts['width']} × {facts['height']} px, {facts['bits']} bits, {channels}"
    yield "Method", recipe.method
    yield "Reference", f"frame {facts['reference_index']}, {short(facts['reference_name'])}"
    yield "Motion", str(facts["model"])
    yield "Drift", f"up to {facts['drift_px']:.1f} px"
    yield "Breathing", f"up to {facts['breathing_percent']:.2f} %"
    repaired = [
        plural(facts["hot_pixels"], "hot pixel") if facts["hot_pixels"] else "",
        plural(facts["dust_spots"], "spot of dust", "spots of dust") if facts["dust_spots"] else "",
    ]
    yield "Repaired", ", ".join(filter(None, repaired))
    yield "Retouched", plural(len(result.strokes), "stroke") if result.strokes else ""
    peak = max(facts["peak_bytes"] or 0, peak_bytes() or 0)
    yield "Peak memory", size(peak) if peak else ""
    yield "Software", software()
    yield "Libraries", ", ".join(_versions())
    yield "Python", f"{platform.python_version()} on {platform.system()} {platform.machine()}"


def _versions() -> Iterator[str]:
    for package, name in LIBRARIES.items():
        try:
            yield f"{name} {version(package)}"
        except PackageNotFoundError:
            continue


def _times(spent: Mapping[str, float]) -> str:
    longest = max(spent.values(), default=0) or 1
    rows = "".join(
        f'<span>{escape(step)}</span><i style="width:{100 * took / longest:.1f}%"></i>'
        f"<b>{seconds(took)}</b>"
        for step, took in spent.items()
    )
    total = f"<span>in all</span><span></span><b>{seconds(sum(spent.values()))}</b>"
    return f'<div class="times">{rows}{total}</div>'
